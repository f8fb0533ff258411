/*
 * A small table of emoji by name, for completion and reactions. Each is one
 * grapheme cluster in the form that Unicode calls fully qualified.
 */
#ifndef CHAT_CLIENT_MODEL_EMOJI_H
#define CHAT_CLIENT_MODEL_EMOJI_H

#include <stdbool.h>
#include <stddef.h>

struct chat__emoji {
    const char *name; /* without colons */
    const char *emoji;
};

/* The most used ones come first. */
size_t chat__emoji_count(void);
const struct chat__emoji *chat__emoji_at(size_t index);

/*
 * What is meant by "name", ":name", ":name:", the start of one, or an emoji
 * itself, which is handed back; NULL: none.
 */
const char *chat__emoji_find(const char *text);

/* Whether a name begins so; a colon before it does not matter. */
bool chat__emoji_begins_with(const struct chat__emoji *emoji,
                             const char *prefix);

#endif
