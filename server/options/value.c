#include "server/options/value.h"

#include "server/ops/log.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_BYTES_MAX 32

/* Each reads one kind: NULL, or what is wrong. */
typedef const char *value_function(void *member, const char *value);

static const char *read_string(void *member, const char *value)
{
    char **string = member;
    char *copy;

    if (*value == '\0')
        return "must not be empty";
    copy = strdup(value);
    if (copy == NULL)
        return "found no memory";
    free(*string);
    *string = copy;
    return NULL;
}

static bool parse_number(uint32_t *number, const char *value, uint32_t smallest,
                         uint32_t largest)
{
    char *end;
    unsigned long found;

    errno = 0;
    found = strtoul(value, &end, 10);
    if (!isdigit((unsigned char)*value) || *end != '\0' || errno != 0 ||
        found < smallest || found > largest)
        return false;
    *number = (uint32_t)found;
    return true;
}

static const char *read_switch(void *member, const char *value)
{
    bool on = strcmp(value, "on") == 0;

    if (!on && strcmp(value, "off") != 0)
        return "must be on or off";
    *(bool *)member = on;
    return NULL;
}

static const char *read_share(void *member, const char *value)
{
    char *end;
    double share = strtod(value, &end);

    /* No sign, no "inf", no hexadecimal. */
    if (!isdigit((unsigned char)*value) || *end != '\0' ||
        strpbrk(value, "xX") != NULL || share > 1)
        return "must be a number from 0 to 1, such as 0.01";
    *(double *)member = share;
    return NULL;
}

static const char *read_level(void *member, const char *value)
{
    return chat__log_level_from_name(value, member)
               ? NULL
               : "must be error, warning, info or debug";
}

/* Goes into labels of metrics and JSON as it is. */
static const char *read_word(void *member, const char *value)
{
    size_t length = strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-");

    if (length == 0 || length > WORD_BYTES_MAX || value[length] != '\0')
        return "must be a word of a-z, 0-9 and -, of 32 characters at most";
    return read_string(member, value);
}

static bool is_numeric_address(const char *address, bool bracketed)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    return inet_pton(bracketed ? AF_INET6 : AF_INET, address, bytes) == 1;
}

static const char *read_listen(void *member, const char *value)
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
        !parse_number(&port, colon + 1, 0, UINT16_MAX))
        return wrong;
    listen->port = (uint16_t)port;
    return read_string(&listen->address, address);
}

static const char *read_listen_or_off(void *member, const char *value)
{
    struct chat__listen_or_off *listen = member;

    listen->off = strcmp(value, "off") == 0;
    return listen->off ? NULL : read_listen(&listen->at, value);
}

static bool read_number(const struct chat__option *option, void *member,
                        const char *value, char wrong[CHAT__VALUE_WRONG_BYTES])
{
    if (parse_number(member, value, option->smallest, option->largest))
        return true;
    snprintf(wrong, CHAT__VALUE_WRONG_BYTES,
             "must be a whole number from %" PRIu32 " to %" PRIu32,
             option->smallest, option->largest);
    return false;
}

bool chat__value_read(const struct chat__option *option, void *member,
                      const char *value, char wrong[CHAT__VALUE_WRONG_BYTES])
{
    static value_function *const functions[] = {
        [CHAT__OPTION_STRING] = read_string,
        [CHAT__OPTION_WORD] = read_word,
        [CHAT__OPTION_LIST] = read_string,
        [CHAT__OPTION_LISTEN] = read_listen,
        [CHAT__OPTION_LISTEN_OR_OFF] = read_listen_or_off,
        [CHAT__OPTION_SHARE] = read_share,
        [CHAT__OPTION_SWITCH] = read_switch,
        [CHAT__OPTION_LEVEL] = read_level,
    };
    const char *reason;

    if (option->kind == CHAT__OPTION_NUMBER)
        return read_number(option, member, value, wrong);
    reason = functions[option->kind](member, value);
    if (reason != NULL)
        snprintf(wrong, CHAT__VALUE_WRONG_BYTES, "%s", reason);
    return reason == NULL;
}

/* The compiler asks for a line of each kind in these two. */
size_t chat__value_size(const struct chat__option *option)
{
    switch (option->kind) {
    case CHAT__OPTION_COMMAND:
    case CHAT__OPTION_CONFIG:
        break;
    case CHAT__OPTION_STRING:
    case CHAT__OPTION_WORD:
    case CHAT__OPTION_LIST:
        return sizeof(char *);
    case CHAT__OPTION_LISTEN:
        return sizeof(struct chat__listen);
    case CHAT__OPTION_LISTEN_OR_OFF:
        return sizeof(struct chat__listen_or_off);
    case CHAT__OPTION_NUMBER:
        return sizeof(uint32_t);
    case CHAT__OPTION_SHARE:
        return sizeof(double);
    case CHAT__OPTION_SWITCH:
        return sizeof(bool);
    case CHAT__OPTION_LEVEL:
        return sizeof(enum chat__log_level);
    }
    return 0;
}

void chat__value_release(const struct chat__option *option, void *member)
{
    switch (option->kind) {
    case CHAT__OPTION_STRING:
    case CHAT__OPTION_WORD:
    case CHAT__OPTION_LIST:
        free(*(char **)member);
        break;
    case CHAT__OPTION_LISTEN:
        free(((struct chat__listen *)member)->address);
        break;
    case CHAT__OPTION_LISTEN_OR_OFF:
        free(((struct chat__listen_or_off *)member)->at.address);
        break;
    case CHAT__OPTION_COMMAND:
    case CHAT__OPTION_CONFIG:
    case CHAT__OPTION_NUMBER:
    case CHAT__OPTION_SHARE:
    case CHAT__OPTION_SWITCH:
    case CHAT__OPTION_LEVEL:
        break;
    }
}
