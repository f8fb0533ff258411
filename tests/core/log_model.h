/*
 * What a room's log means, told apart from the core: who stood to the room how
 * at each entry, which messages were deleted, and whether docs/protocol.md
 * allowed the entry there.
 */
#ifndef CHAT_TESTS_CORE_LOG_MODEL_H
#define CHAT_TESTS_CORE_LOG_MODEL_H

#include "tests/core/fake_store.h"

/* Users 1 to LOG_MODEL_USERS - 1. */
#define LOG_MODEL_USERS 8

/*
 * Fails the test at the first entry that should not be there, or when the
 * store's standings are others than the log's. `owned`: who made the room
 * owns it.
 */
void log_model_check(const struct fake_store *store, const char *room,
                     bool owned);

#endif
