/*
 * Whether a tree is, to the last field, the one that cJSON's own parser makes
 * of the same bytes. Tests and fuzzers hold protocol/tree.c to it.
 */
#ifndef CHAT_TESTS_PROTOCOL_SAME_TREE_H
#define CHAT_TESTS_PROTOCOL_SAME_TREE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

bool is_tree_of(const cJSON *tree, const char *bytes, size_t length);

#endif
