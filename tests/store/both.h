/* One suite for the file and for the fake: what is true of every store. */
#ifndef CHAT_TESTS_STORE_BOTH_H
#define CHAT_TESTS_STORE_BOTH_H

#include "tests/store/harness.h"

#define BOTH(name_)                                                            \
    {#name_ " (file)", name_, harness_setup, harness_teardown, NULL},          \
    {                                                                          \
#name_ " (fake)", name_, harness_setup_fake, harness_teardown, NULL    \
    }

#endif
