/*
 * Why requests do not work, as a sentence that says what to do. The first
 * problem stands until its table works again, then the next may be told.
 */
#include "server/store/dynamodb_private.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *error; /* NULL: any other */
    const char *what;
    const char *remedy;
} problems[] = {
    {"ResourceNotFoundException", "there is no such table",
     "make the tables, by chatd --create-tables or the templates, or say by "
     "--table-prefix how their names begin"},
    {"AccessDeniedException", "access is denied",
     "the task's role must allow it"},
    {"UnrecognizedClientException", "the credentials are not known",
     "they must be of the account that has the tables"},
    {"ExpiredTokenException", "the credentials have expired",
     "see why they were not renewed"},
    {"InvalidSignatureException", "the signature is refused",
     "see that the secret key and this machine's clock are right"},
    {NULL, "requests are refused", "see that this version made the table"},
};

static void set_problem(struct chat__dynamodb *store, const char *table,
                        const char *what, const char *remedy)
{
    if (store->problem_table != NULL)
        return;
    store->problem_table = table;
    snprintf(store->problem, sizeof store->problem, "DynamoDB, %s%s: %s; %s",
             store->prefix, table, what, remedy);
    if (store->options.report != NULL)
        store->options.report(store->problem);
}

void chat__dynamodb_refused(struct chat__dynamodb *store, const char *table,
                            const char *error)
{
    size_t i = 0;

    while (problems[i].error != NULL &&
           (error == NULL || strcmp(problems[i].error, error) != 0))
        i++;
    set_problem(store, table, problems[i].what, problems[i].remedy);
}

void chat__dynamodb_unanswered(struct chat__dynamodb *store, const char *table)
{
    set_problem(store, table, "it does not answer, or fails",
                "if this lasts, see that the endpoint can be reached");
}

void chat__dynamodb_worked(struct chat__dynamodb *store, const char *table)
{
    if (store->problem_table != NULL &&
        strcmp(store->problem_table, table) == 0)
        store->problem_table = NULL;
}

const char *chat__dynamodb_problem(const struct chat__store *base)
{
    const struct chat__dynamodb *store = (const struct chat__dynamodb *)base;

    return store->problem_table == NULL ? NULL : store->problem;
}
