/*
 * How the log left its messages: the items of `folds`, and the texts that
 * deletions erased.
 */
#include "server/verify/tables_private.h"

#include <stdlib.h>
#include <string.h>

static struct chat__dynamodb_fold *fold_of(struct chat__verify_log *log,
                                           uint64_t ref)
{
    size_t low = 0;
    size_t high = log->fold_count;
    struct chat__dynamodb_fold *folds;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (log->folds[middle].change.ref < ref)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < log->fold_count && log->folds[low].change.ref == ref)
        return &log->folds[low];
    folds = chat__verify_grow(log->tables, log->folds, log->fold_count,
                              &log->fold_capacity, sizeof *folds);
    if (folds == NULL)
        return NULL;
    log->folds = folds;
    memmove(&folds[low + 1], &folds[low],
            (log->fold_count++ - low) * sizeof *folds);
    folds[low] = (struct chat__dynamodb_fold){.change.ref = ref};
    return &folds[low];
}

bool chat__verify_fold_entry(struct chat__verify_log *log,
                             const struct chat__store_entry *entry)
{
    struct chat__dynamodb_fold *fold;

    if (entry->fold == CHAT__FOLD_NONE)
        return true;
    if (entry->ref == 0 || entry->ref >= entry->seq)
        FIND(log->tables, "bytes", log->name, entry->seq,
             "it is about %llu, which was not there yet",
             (unsigned long long)entry->ref);
    fold = fold_of(log, entry->ref);
    return fold != NULL && chat__dynamodb_fold_apply(fold, entry);
}

/* ---- erased texts ---- */

static int by_seq(const void *a, const void *b)
{
    const struct chat__verify_text *one = a;
    const struct chat__verify_text *other = b;

    return (one->seq > other->seq) - (one->seq < other->seq);
}

static void check_text(struct chat__verify_log *log, uint64_t seq)
{
    struct chat__verify_text wanted = {.seq = seq};
    const struct chat__verify_text *text =
        log->text_count == 0 ? NULL
                             : bsearch(&wanted, log->texts, log->text_count,
                                       sizeof wanted, by_seq);

    if (text == NULL)
        FIND(log->tables, "change", log->name, seq,
             "an entry is about it, and it is no message");
    else if (!text->erased)
        FIND(log->tables, "change", log->name, seq,
             "it was deleted, and its text is there");
}

static void check_erased(struct chat__verify_log *log,
                         const struct chat__dynamodb_fold *fold)
{
    if (!fold->change.deleted)
        return;
    check_text(log, fold->change.ref);
    for (size_t i = 0; i < fold->edit_count; i++)
        check_text(log, fold->edits[i]);
}

/* ---- the items ---- */

static bool is_same(struct chat__verify_log *log,
                    const struct chat__dynamodb_fold *one,
                    const struct chat__dynamodb_fold *other)
{
    struct chat__buffer a;
    struct chat__buffer b;
    bool same;

    chat__buffer_init(&a, SIZE_MAX / 2);
    chat__buffer_init(&b, SIZE_MAX / 2);
    chat__dynamodb_fold_write(one, &a);
    chat__dynamodb_fold_write(other, &b);
    if (a.failed || b.failed)
        log->tables->failed = true;
    same = a.length == b.length && memcmp(a.data, b.data, a.length) == 0;
    chat__buffer_release(&a);
    chat__buffer_release(&b);
    return same;
}

static void check_item(struct chat__verify_log *log,
                       const struct chat__dynamodb_fold *by_log,
                       const cJSON *item)
{
    uint64_t ref = by_log->change.ref;
    struct chat__dynamodb_fold kept;

    if (!chat__dynamodb_fold_read(&kept, ref, item)) {
        FIND(log->tables, "change", log->name, ref, "its fold is unreadable");
        return;
    }
    if (kept.change.upto < by_log->change.upto)
        FIND(log->tables, "change", log->name, ref,
             "its fold has what was up to %llu, and the log has %llu",
             (unsigned long long)kept.change.upto,
             (unsigned long long)by_log->change.upto);
    else if (kept.change.upto > by_log->change.upto ||
             !is_same(log, &kept, by_log))
        FIND(log->tables, "change", log->name, ref,
             "its fold is not what the log makes of it");
    chat__dynamodb_fold_release(&kept);
}

/* Items and folds are both by ref. */
static size_t look_item(struct chat__verify_log *log, const cJSON *item,
                        size_t next)
{
    uint64_t ref = chat__dynamodb_get_number(item, "ref");

    for (; next < log->fold_count && log->folds[next].change.ref < ref; next++)
        FIND(log->tables, "change", log->name, log->folds[next].change.ref,
             "entries are about it, and it has no fold");
    if (next < log->fold_count && log->folds[next].change.ref == ref) {
        check_item(log, &log->folds[next], item);
        return next + 1;
    }
    FIND(log->tables, "change", log->name, ref,
         "it has a fold, and no entry is about it");
    return next;
}

static cJSON *ask_folds(struct chat__verify_log *log, uint64_t after)
{
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;

    chat__dynamodb_body_begin(&body, log->tables->store->prefix, "folds");
    chat__dynamodb_expression(&body, "KeyConditionExpression",
                              "#room = :room AND #ref > :after");
    chat__write_object(writer, "ExpressionAttributeValues");
    chat__dynamodb_string(writer, ":room", log->name);
    chat__dynamodb_number(writer, ":after", after);
    chat__write_object_end(writer);
    chat__write_bool(writer, "ConsistentRead", true);
    return chat__verify_ask(log->tables, "Query", &body);
}

void chat__verify_table_folds(struct chat__verify_log *log)
{
    size_t next = 0;
    uint64_t after = 0;
    bool more = true;

    while (more && !log->tables->failed) {
        cJSON *json = ask_folds(log, after);
        const cJSON *item;

        cJSON_ArrayForEach(item,
                           cJSON_GetObjectItemCaseSensitive(json, "Items"))
        {
            next = look_item(log, item, next);
            after = chat__dynamodb_get_number(item, "ref");
        }
        more =
            cJSON_GetObjectItemCaseSensitive(json, "LastEvaluatedKey") != NULL;
        cJSON_Delete(json);
    }
    for (; next < log->fold_count && !log->tables->failed; next++)
        FIND(log->tables, "change", log->name, log->folds[next].change.ref,
             "entries are about it, and it has no fold");
    for (size_t i = 0; i < log->fold_count; i++)
        check_erased(log, &log->folds[i]);
}
