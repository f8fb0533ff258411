#include "server/options_value.h"

#include "server/ops/log.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CONNECTIONS_MAX  1000000
#define MILLISECONDS_MAX 1000

const char *chat__value_string(void *member, const char *value)
{
    char **string = member;

    if (*value == '\0')
        return "must not be empty";
    free(*string);
    *string = strdup(value);
    return *string == NULL ? "found no memory" : NULL;
}

static bool parse_count(uint32_t *count, const char *value,
                        unsigned long smallest, unsigned long largest)
{
    char *end;
    unsigned long number;

    errno = 0;
    number = strtoul(value, &end, 10);
    if (!isdigit((unsigned char)*value) || *end != '\0' || errno != 0 ||
        number < smallest || number > largest)
        return false;
    *count = (uint32_t)number;
    return true;
}

const char *chat__value_connections(void *member, const char *value)
{
    return parse_count(member, value, 1, CONNECTIONS_MAX)
               ? NULL
               : "must be a whole number from 1 to a million";
}

const char *chat__value_optional_count(void *member, const char *value)
{
    return parse_count(member, value, 0, CONNECTIONS_MAX)
               ? NULL
               : "must be a whole number from 0 to a million";
}

const char *chat__value_milliseconds(void *member, const char *value)
{
    return parse_count(member, value, 0, MILLISECONDS_MAX)
               ? NULL
               : "must be a whole number from 0 to 1000";
}

const char *chat__value_switch(void *member, const char *value)
{
    bool on = strcmp(value, "on") == 0;

    if (!on && strcmp(value, "off") != 0)
        return "must be on or off";
    *(bool *)member = on;
    return NULL;
}

const char *chat__value_level(void *member, const char *value)
{
    return chat__log_level_from_name(value, member)
               ? NULL
               : "must be error, warning, info or debug";
}

static bool is_numeric_address(const char *address, bool bracketed)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    return inet_pton(bracketed ? AF_INET6 : AF_INET, address, bytes) == 1;
}

const char *chat__value_listen(void *member, const char *value)
{
    static const char wrong[] = "must be ADDRESS:PORT with a numeric address, "
                                "such as 127.0.0.1:7100 or [::1]:7100";
    struct chat__listen *listen = member;
    bool bracketed = *value == '[';
    const char *colon = strrchr(value, ':');
    const char *end = colon;
    char address[INET6_ADDRSTRLEN];
    uint32_t port;

    if (colon == NULL || (bracketed && (colon < value + 2 || colon[-1] != ']')))
        return wrong;
    if (bracketed) {
        value++;
        end--;
    }
    if ((size_t)(end - value) >= sizeof address)
        return wrong;
    memcpy(address, value, (size_t)(end - value));
    address[end - value] = '\0';
    if (!is_numeric_address(address, bracketed) ||
        !parse_count(&port, colon + 1, 0, UINT16_MAX))
        return wrong;
    listen->port = (uint16_t)port;
    return chat__value_string(&listen->address, address);
}
