/*
 * The only way for text from outside to reach the terminal.
 *
 * A chat__safe_text is made from untrusted bytes and can be shown as it is:
 *   - valid UTF-8 without C0 (but '\n' in a text), DEL, C1, bidi controls,
 *     invisible, private or unassigned characters; each stands there as a
 *     visible one, U+2400 pictures or U+FFFD;
 *   - a mark has a base, and at most CHAT__SAFE_MARKS_MAX marks follow one;
 *   - every cluster is as wide in one terminal as in the next: emoji lose
 *     their joiners, selectors and skin tones, so a family is shown as its
 *     members.
 * Drawing takes this type and no other, so the compiler sees what was missed.
 *
 * Owned by whoever initialised it.
 */
#ifndef CHAT_CLIENT_MODEL_TEXT_SAFE_H
#define CHAT_CLIENT_MODEL_TEXT_SAFE_H

#include <stdbool.h>
#include <stddef.h>

/* What is behind this is cut off, and an ellipsis says so. */
#define CHAT__SAFE_INPUT_BYTES_MAX (16 * 1024)

/* Marks on a base, and parts of a cluster such as a family of emoji. */
#define CHAT__SAFE_MARKS_MAX 8
#define CHAT__SAFE_PARTS_MAX 8

/* Enough for any one cluster made safe, with its NUL. */
#define CHAT__SAFE_CLUSTER_BYTES 96

struct chat__safe_text {
    char *bytes; /* NUL-terminated; NULL when zeroed or released */
    size_t length;
};

enum chat__safe_kind {
    CHAT__SAFE_LINE, /* one line: a line end becomes visible */
    CHAT__SAFE_TEXT  /* '\n' ends a line */
};

/* False without memory; `safe` is empty then. `untrusted` NULL is "". */
bool chat__safe_text_init(struct chat__safe_text *safe, const char *untrusted,
                          enum chat__safe_kind kind);

void chat__safe_text_release(struct chat__safe_text *safe);

/* A safe text of one line for a formatted string; false without memory. */
bool chat__safe_text_format(struct chat__safe_text *safe, const char *format,
                            ...) __attribute__((format(printf, 2, 3)));

/* Never NULL. */
const char *chat__safe_string(const struct chat__safe_text *safe);

/*
 * One cluster, as chat__cluster_length finds it, made safe as part of a line.
 * Returns the bytes written to `safe`, which holds CHAT__SAFE_CLUSTER_BYTES.
 */
size_t chat__safe_cluster(const char *cluster, size_t length, char *safe);

#endif
