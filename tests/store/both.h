/*
 * One suite for the file, the tables and the fake: what is true of every store.
 * BOTH leaves the tables out, where they promise less: docs/dynamodb.md,
 * "Differences".
 */
#ifndef CHAT_TESTS_STORE_BOTH_H
#define CHAT_TESTS_STORE_BOTH_H

#include "tests/store/harness.h"

#define BOTH(name_)                                                            \
    {#name_ " (file)", name_, harness_setup, harness_teardown, NULL},          \
    {                                                                          \
#name_ " (fake)", name_, harness_setup_fake, harness_teardown, NULL    \
    }

#define ALL(name_)                                                             \
    BOTH(name_),                                                               \
    {                                                                          \
#name_ " (tables)", name_, harness_setup_tables, harness_teardown,     \
            NULL                                                               \
    }

#endif
