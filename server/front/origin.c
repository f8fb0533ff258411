#include "server/front/origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char http[] = "http://";
static const char https[] = "https://";

/* What follows `scheme`, or NULL. */
static const char *after_scheme(const char *origin, const char *scheme)
{
    size_t length = strlen(scheme);

    return strncmp(origin, scheme, length) == 0 ? origin + length : NULL;
}

static bool is_origin(const char *entry, size_t length)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789.-:[]_";
    const char *host = after_scheme(entry, https);

    if (host == NULL)
        host = after_scheme(entry, http);
    return host != NULL && host < entry + length &&
           strspn(host, allowed) == length - (size_t)(host - entry);
}

/* The next entry of a list, without blanks; false at the end. */
static bool next_entry(const char **list, const char **entry, size_t *length)
{
    if (**list == '\0')
        return false;
    *list += strspn(*list, " ");
    *entry = *list;
    *length = strcspn(*list, ",");
    *list += *length;
    *list += **list == ',';
    while (*length > 0 && (*entry)[*length - 1] == ' ')
        (*length)--;
    return true;
}

bool chat__origins_init(struct chat__origins *origins, const char *list,
                        char *message, size_t message_size)
{
    const char *rest = list;
    const char *entry;
    size_t length;

    origins->list = NULL;
    if (list == NULL)
        return true;
    while (next_entry(&rest, &entry, &length)) {
        if (is_origin(entry, length))
            continue;
        snprintf(message, message_size,
                 "'%.*s' is no origin such as https://chat.example.org",
                 (int)length, entry);
        return false;
    }
    origins->list = strdup(list);
    if (origins->list != NULL)
        return true;
    snprintf(message, message_size, "out of memory");
    return false;
}

void chat__origins_release(struct chat__origins *origins)
{
    free(origins->list);
    origins->list = NULL;
}

static bool is_listed(const char *list, const char *origin)
{
    const char *entry;
    size_t length;

    while (next_entry(&list, &entry, &length))
        if (strlen(origin) == length && memcmp(origin, entry, length) == 0)
            return true;
    return false;
}

/*
 * A server without TLS may stand behind a proxy that has it, so both schemes
 * name it; with TLS a page that came without is another origin.
 */
static bool is_same(const char *origin, const char *host, bool tls)
{
    const char *named = after_scheme(origin, https);

    if (named == NULL && !tls)
        named = after_scheme(origin, http);
    return named != NULL && host != NULL && strcasecmp(named, host) == 0;
}

bool chat__origins_allow(const struct chat__origins *origins,
                         const char *origin, const char *host, bool tls)
{
    if (origin == NULL)
        return true;
    if (origins->list != NULL)
        return is_listed(origins->list, origin);
    return is_same(origin, host, tls);
}
