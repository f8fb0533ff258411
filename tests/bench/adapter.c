#include "tests/bench/adapter.h"

#include <string.h>

static const struct adapter *const ADAPTERS[] = {
    &adapter_chat, &adapter_irc, &adapter_json, &adapter_nats, &adapter_plain,
};

const struct adapter *adapter_find(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof(ADAPTERS) / sizeof(*ADAPTERS); i++) {
        if (strcmp(ADAPTERS[i]->name, name) == 0)
            return ADAPTERS[i];
    }
    return NULL;
}
