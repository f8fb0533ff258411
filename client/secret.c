#include "client/secret.h"
#include "client/model/width.h"

#include <stdio.h>
#include <string.h>

/* docs/protocol.md, "Names and limits". */
#define PASSWORD_BYTES_MIN 8

static const char *const prompts[][CHAT__SECRET_STEPS] = {
    [CHAT__SECRET_NONE] = {""},
    [CHAT__SECRET_LOGIN] = {"password"},
    [CHAT__SECRET_REGISTER] = {"new password", "new password again"},
    [CHAT__SECRET_CHANGE] = {"old password", "new password",
                             "new password again"},
};

static const size_t steps[] = {
    [CHAT__SECRET_LOGIN] = 1,
    [CHAT__SECRET_REGISTER] = 2,
    [CHAT__SECRET_CHANGE] = 3,
};

const char *chat__secret_prompt(const struct chat__secret *secret)
{
    return prompts[secret->purpose][secret->step];
}

void chat__secret_end(struct chat__secret *secret)
{
    explicit_bzero(secret, sizeof(*secret));
}

void chat__secret_begin(struct chat__secret *secret,
                        enum chat__secret_purpose purpose, const char *name)
{
    chat__secret_end(secret);
    secret->purpose = purpose;
    snprintf(secret->name, sizeof(secret->name), "%s", name);
}

bool chat__secret_type(struct chat__secret *secret, const char *text,
                       size_t length)
{
    char *typed = secret->typed[secret->step];
    size_t had = strlen(typed);

    if (had + length >= CHAT__PASSWORD_BYTES) {
        return false;
    }
    memcpy(typed + had, text, length);
    typed[had + length] = '\0';
    return true;
}

void chat__secret_erase(struct chat__secret *secret, bool all)
{
    char *typed = secret->typed[secret->step];
    size_t length = strlen(typed);
    size_t kept = all || length == 0 ? 0 : chat__cluster_before(typed, length);

    explicit_bzero(typed + kept, CHAT__PASSWORD_BYTES - kept);
}

/* Whether what is typed is a new password, and which time it is. */
static size_t times_typed(const struct chat__secret *secret)
{
    size_t first = secret->purpose == CHAT__SECRET_CHANGE ? 1 : 0;

    if (secret->purpose == CHAT__SECRET_LOGIN || secret->step < first) {
        return 0;
    }
    return secret->step - first + 1;
}

enum chat__secret_result chat__secret_accept(struct chat__secret *secret)
{
    const char *typed = secret->typed[secret->step];
    size_t times = times_typed(secret);

    if (strlen(typed) < (times == 1 ? PASSWORD_BYTES_MIN : 1)) {
        chat__secret_erase(secret, true);
        return CHAT__SECRET_SHORT;
    }
    if (times == 2 && strcmp(typed, secret->typed[secret->step - 1]) != 0) {
        chat__secret_erase(secret, true);
        secret->step--;
        chat__secret_erase(secret, true);
        return CHAT__SECRET_DIFFERENT;
    }
    if (secret->step + 1 < steps[secret->purpose]) {
        secret->step++;
        return CHAT__SECRET_NEXT;
    }
    return CHAT__SECRET_READY;
}
