/*
 * How chatctl shows what others have written, and numbers.
 *
 * Text from outside is shown as it is where a terminal only draws it; bytes of
 * controls, of what steers the direction or joins invisibly, and bytes that are
 * no UTF-8 become \xNN, and so does the backslash, so that what is shown names
 * one text only. A mark at the start would combine with what stands before it
 * and is shown so too.
 */
#ifndef CHAT_SERVER_CHATCTL_TEXT_H
#define CHAT_SERVER_CHATCTL_TEXT_H

#include "protocol/buffer.h"

#include <stddef.h>
#include <stdint.h>

/* Appends the text, made safe. */
void chatctl_text(struct chat__buffer *buffer, const char *text);

/* Columns that a text takes in a terminal, once it was made safe. */
size_t chatctl_text_width(const char *text, size_t length);

/* Such as "3 min", "1.2 MiB". */
void chatctl_text_duration(struct chat__buffer *buffer, uint64_t seconds);
void chatctl_text_bytes(struct chat__buffer *buffer, uint64_t bytes);

/* JSON in ASCII: what is beyond becomes \u escapes. */
void chatctl_text_json(struct chat__buffer *buffer, const char *json,
                       size_t length);

/* To standard error, `chatctl: ...` and a line's end. */
void chatctl_complain(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
