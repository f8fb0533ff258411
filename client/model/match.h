/* Comparing what is typed with names; the case of letters does not matter. */
#ifndef CHAT_CLIENT_MODEL_MATCH_H
#define CHAT_CLIENT_MODEL_MATCH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The bytes at the start of `text` that are `prefix`; 0: it begins otherwise.
 * An empty prefix has none.
 */
size_t chat__match_length(const char *text, const char *prefix);

/* Whether a text begins so; each does with an empty prefix. */
bool chat__begins_with(const char *text, const char *prefix);

bool chat__is_same_name(const char *a, const char *b);

/* As strcmp; only names that are the same byte for byte are equal. */
int chat__compare_names(const char *a, const char *b);

/* Whether a word may end here: at the end, a space, or a sign. */
bool chat__ends_word(const char *text);

#endif
