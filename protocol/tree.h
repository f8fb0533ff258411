/*
 * The cJSON tree of bytes that the guard has accepted, in one block: its
 * nodes, then its strings. cJSON's own parser takes an allocation for each
 * node, key and string, and reads every byte again with more care than is due.
 *
 * The tree is read with cJSON's functions. It must not be changed, nor freed
 * by cJSON_Delete: the root is the block, and free() is enough.
 */
#ifndef CHAT_PROTOCOL_TREE_H
#define CHAT_PROTOCOL_TREE_H

#include <cjson/cJSON.h>
#include <stddef.h>

/* `values` is what the guard has counted. NULL when memory is short. */
cJSON *chat__tree_build(const char *bytes, size_t length, size_t values);

#endif
