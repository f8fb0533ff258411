#include "client/model/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUN_MAX   32 /* entries; by their seqs, so that no end ever moves */
#define NAMES_MAX 6  /* of those that did the same; more are counted */

/* What became of one person in a run. */
enum outcome { JOINED, LEFT, WENT_AGAIN, CAME_BACK, OUTCOMES };

static const char *const verbs[OUTCOMES] = {"joined", "left", "came and went",
                                            "left and came back"};

struct group {
    const char *names[NAMES_MAX];
    size_t count;
};

/* ---- runs ---- */

bool chat__begins_day(struct chat__room_log *log, size_t index)
{
    return index == 0 || chat__room_log_item(log, index)->day !=
                             chat__room_log_item(log, index - 1)->day;
}

uint64_t chat__seq_before(struct chat__room_log *log, size_t index)
{
    while (index > 0) {
        uint64_t seq = chat__room_log_item(log, --index)->seq;
        if (seq != 0) {
            return seq;
        }
    }
    return 0;
}

bool chat__begins_new(struct chat__room_log *log, size_t index)
{
    uint64_t seq = chat__room_log_item(log, index)->seq;
    uint64_t before;

    if (log->mark == 0 || seq <= log->mark) {
        return false;
    }
    before = chat__seq_before(log, index);
    return before != 0 ? before <= log->mark : log->first <= log->mark + 1;
}

static bool comes_or_goes(struct chat__room_log *log, size_t index)
{
    enum chat__item_kind kind = chat__room_log_item(log, index)->kind;

    return kind == CHAT__ITEM_JOIN || kind == CHAT__ITEM_LEAVE;
}

/* An item is in the run of the one before it. */
static bool goes_on(struct chat__room_log *log, size_t index)
{
    return index > 0 && comes_or_goes(log, index) &&
           comes_or_goes(log, index - 1) &&
           chat__room_log_item(log, index)->seq % RUN_MAX != 0 &&
           !chat__begins_day(log, index) && !chat__begins_new(log, index);
}

size_t chat__fold_start(struct chat__room_log *log, size_t index)
{
    while (goes_on(log, index)) {
        index--;
    }
    return index;
}

size_t chat__fold_end(struct chat__room_log *log, size_t index)
{
    size_t count = chat__room_log_count(log);

    do {
        index++;
    } while (index < count && goes_on(log, index));
    return index;
}

/* ---- what a run says ---- */

static bool is_same_person(const struct chat__item *a,
                           const struct chat__item *b)
{
    return a->author == b->author && strcmp(chat__safe_string(&a->name),
                                            chat__safe_string(&b->name)) == 0;
}

/* The nearest item of the same person behind `index`; `end`: there is none. */
static size_t next_of_person(struct chat__room_log *log, size_t index,
                             size_t end)
{
    const struct chat__item *item = chat__room_log_item(log, index);

    do {
        index++;
    } while (index < end &&
             !is_same_person(item, chat__room_log_item(log, index)));
    return index;
}

static bool is_first_of_person(struct chat__room_log *log, size_t start,
                               size_t index)
{
    const struct chat__item *item = chat__room_log_item(log, index);

    while (start < index &&
           !is_same_person(item, chat__room_log_item(log, start))) {
        start++;
    }
    return start == index;
}

/* `index` is the person's first item in the run. */
static enum outcome outcome_of(struct chat__room_log *log, size_t index,
                               size_t end)
{
    bool came = chat__room_log_item(log, index)->kind == CHAT__ITEM_JOIN;
    size_t last = index, next;
    bool is_here;

    while ((next = next_of_person(log, last, end)) < end) {
        last = next;
    }
    is_here = chat__room_log_item(log, last)->kind == CHAT__ITEM_JOIN;
    if (came) {
        return is_here ? JOINED : WENT_AGAIN;
    }
    return is_here ? CAME_BACK : LEFT;
}

static void sort(struct chat__room_log *log, size_t start, size_t end,
                 struct group *groups)
{
    size_t i;

    for (i = start; i < end; i++) {
        if (is_first_of_person(log, start, i)) {
            struct group *group = &groups[outcome_of(log, i, end)];
            if (group->count < NAMES_MAX) {
                group->names[group->count] =
                    chat__safe_string(&chat__room_log_item(log, i)->name);
            }
            group->count++;
        }
    }
}

/* "a", "a and b", "a, b and c", "a, b, c, d, e and 7 others". */
static void write_names(FILE *stream, const struct group *group)
{
    size_t shown = group->count > NAMES_MAX ? NAMES_MAX - 1 : group->count;
    size_t i;

    for (i = 0; i < shown; i++) {
        const char *between = i + 1 == group->count ? " and " : ", ";
        fprintf(stream, "%s%s", i == 0 ? "" : between, group->names[i]);
    }
    if (shown < group->count) {
        fprintf(stream, " and %zu others", group->count - shown);
    }
}

/* To be freed; NULL without memory. */
static char *describe(struct chat__room_log *log, size_t start, size_t end)
{
    struct group groups[OUTCOMES] = {{.count = 0}};
    char *text = NULL;
    size_t size, i;
    FILE *stream = open_memstream(&text, &size);

    if (stream == NULL) {
        return NULL;
    }
    sort(log, start, end, groups);
    for (i = 0; i < OUTCOMES; i++) {
        if (groups[i].count > 0) {
            fputs(ftell(stream) == 0 ? "" : "; ", stream);
            write_names(stream, &groups[i]);
            fprintf(stream, " %s", verbs[i]);
        }
    }
    if (fclose(stream) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

static bool is_mixed(struct chat__room_log *log, size_t start, size_t end)
{
    enum chat__item_kind kind = chat__room_log_item(log, start)->kind;

    while (start < end && chat__room_log_item(log, start)->kind == kind) {
        start++;
    }
    return start < end;
}

/* A run that begins with the same item and is as long says the same. */
void chat__fold(struct chat__room_log *log, size_t start)
{
    struct chat__item *item = chat__room_log_item(log, start);
    size_t end = chat__fold_end(log, start);
    char *text;

    if (item->folded == end - start) {
        return;
    }
    chat__safe_text_release(&item->fold);
    item->folded = end - start;
    item->mixed = is_mixed(log, start, end);
    item->lines_width = 0;
    if (item->folded > 1) {
        text = describe(log, start, end);
        chat__safe_text_init(&item->fold, text, CHAT__SAFE_LINE);
        free(text);
    }
}

const struct chat__safe_text *chat__fold_text(const struct chat__item *start)
{
    return start->fold.length > 0 ? &start->fold : &start->text;
}
