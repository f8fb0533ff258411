/* What the checks of a database find, printed as lines or as JSON. */
#ifndef CHAT_SERVER_CHATCTL_FINDINGS_H
#define CHAT_SERVER_CHATCTL_FINDINGS_H

#include "protocol/writer.h"
#include "server/verify/verify.h"

/* `context` is not looked at. */
void chatctl_print_finding(void *context,
                           const struct chat__verify_finding *finding);
void chatctl_print_finding_json(void *context,
                                const struct chat__verify_finding *finding);

/* A line with one object; the buffer is the caller's, and is released. */
void chatctl_object_begin(struct chat__writer *writer,
                          struct chat__buffer *buffer);
void chatctl_object_print(struct chat__writer *writer);

#endif
