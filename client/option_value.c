#include "client/option_value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool set_number(int *member, const char *text, int largest)
{
    char *end;
    long value;

    errno = 0;
    value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 0 ||
        value > largest) {
        return false;
    }
    *member = (int)value;
    return true;
}

static bool set_flag(bool *member, const char *text)
{
    *member = text == NULL || strcmp(text, "on") == 0;
    return *member || strcmp(text, "off") == 0;
}

static bool set_text(const char **member, const char *text)
{
    *member = text;
    return *text != '\0';
}

bool chat__option_set(struct chat__options *options,
                      const struct chat__option *option, const char *text,
                      char problem[CHAT__OPTION_PROBLEM_BYTES])
{
    void *member = (char *)options + option->member;

    switch (option->kind) {
    case CHAT__OPTION_FLAG:
        snprintf(problem, CHAT__OPTION_PROBLEM_BYTES, "takes on or off");
        return set_flag(member, text);
    case CHAT__OPTION_NUMBER:
        snprintf(problem, CHAT__OPTION_PROBLEM_BYTES,
                 "takes a number from 0 to %d", option->largest);
        return set_number(member, text, option->largest);
    case CHAT__OPTION_ROOM:
        text += *text == '#';
        break;
    case CHAT__OPTION_TEXT:
    case CHAT__OPTION_URL:
    case CHAT__OPTION_COMMAND:
        break;
    }
    snprintf(problem, CHAT__OPTION_PROBLEM_BYTES, "needs a value");
    return set_text(member, text);
}
