/*
 * Grapheme clusters (UAX #29) and the terminal cells that they take.
 *
 * A width is what every terminal agrees on, which is the sum over the code
 * points of a cluster: joined emoji, presentation selectors and skin tones are
 * where terminals differ, so text_safe.h takes them out of what is shown.
 *
 * Pure functions over UTF-8. A byte that is no UTF-8 counts as one cluster of
 * one cell.
 */
#ifndef CHAT_CLIENT_MODEL_WIDTH_H
#define CHAT_CLIENT_MODEL_WIDTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAT__REPLACEMENT 0xFFFD

/*
 * Reads one code point and returns its bytes. Bytes that are no UTF-8 are
 * read one by one as CHAT__REPLACEMENT. `length` must not be 0.
 */
size_t chat__code_point(const char *text, size_t length, int32_t *code_point);

/* Whether a text is UTF-8 to its end, as the wire wants it; NUL is not. */
bool chat__is_utf8(const char *text, size_t length);

/* 0, 1 or 2 cells. */
size_t chat__code_point_width(int32_t code_point);

/* The bytes of the first cluster; 0 for an empty text. */
size_t chat__cluster_length(const char *text, size_t length);

/* The start of the cluster that ends at or holds the byte before `offset`. */
size_t chat__cluster_before(const char *text, size_t offset);

/* Cells of a text without line ends. */
size_t chat__text_width(const char *text, size_t length);

/* How many bytes of a text fit `cells`, in whole clusters. */
size_t chat__text_fit(const char *text, size_t length, size_t cells);

#endif
