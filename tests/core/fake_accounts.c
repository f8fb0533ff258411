#include "tests/core/fake_accounts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "hash:"

static bool skeleton(void *context, const char *name,
                     char text[CHAT__SKELETON_SIZE])
{
    (void)context;
    snprintf(text, CHAT__SKELETON_SIZE, "%s", name);
    for (char *at = text; *at != '\0'; at++)
        *at = *at == '1' ? 'l' : (char)tolower((unsigned char)*at);
    return true;
}

static enum chat__password_result verify(struct fake_accounts *accounts,
                                         const struct chat__password_job *job)
{
    if (job->against == NULL) {
        accounts->dummies++;
        return CHAT__PASSWORD_WRONG;
    }
    return strcmp(job->against + strlen(PREFIX), job->password) == 0
               ? CHAT__PASSWORD_RIGHT
               : CHAT__PASSWORD_WRONG;
}

static void complete(struct fake_accounts *accounts,
                     struct chat__password_job *job)
{
    *accounts->in_core = true;
    job->completion.run(&job->completion);
    *accounts->in_core = false;
}

static void submit(void *context, struct chat__password_job *job)
{
    struct fake_accounts *accounts = context;

    /* Room for one more is kept for the one that is BUSY. */
    job->result = accounts->waiting + 1 < FAKE_JOBS_MAX ? CHAT__PASSWORD_RIGHT
                                                        : CHAT__PASSWORD_BUSY;
    if (accounts->waiting < FAKE_JOBS_MAX)
        accounts->jobs[accounts->waiting++] = job;
}

void fake_accounts_init(struct fake_accounts *accounts, bool *in_core)
{
    *accounts = (struct fake_accounts){
        .interface = {skeleton, submit, accounts},
        .in_core = in_core,
    };
}

void fake_accounts_complete(struct fake_accounts *accounts)
{
    struct chat__password_job *job = accounts->jobs[0];

    accounts->waiting--;
    memmove(accounts->jobs, accounts->jobs + 1,
            accounts->waiting * sizeof(struct chat__password_job *));
    if (accounts->fails)
        job->result = CHAT__PASSWORD_FAILED;
    else if (job->result != CHAT__PASSWORD_BUSY && job->make)
        snprintf(job->hash, sizeof(job->hash), PREFIX "%.100s", job->password);
    else if (job->result != CHAT__PASSWORD_BUSY)
        job->result = verify(accounts, job);
    complete(accounts, job);
}
