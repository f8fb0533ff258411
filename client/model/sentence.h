/* What is said of an entry that is no message: "ann banned bob: spam". */
#ifndef CHAT_CLIENT_MODEL_SENTENCE_H
#define CHAT_CLIENT_MODEL_SENTENCE_H

#include "client/model/room_log.h"

/* One line; false without memory. */
bool chat__sentence(const struct chat__entry *entry,
                    struct chat__safe_text *text);

#endif
