/*
 * docs/protocol.md, "Changes": what a page says of its messages is the fold of
 * the log up to `upto`, and a program that folds pages and entries as that
 * chapter says has at the end what the log says.
 */
#include "tests/simulation/log.h"
#include "tests/simulation/model.h"
#include "tests/simulation/program.h"

#include <stdlib.h>
#include <string.h>

/* The program's own fold of a message, which it may not have. */
static struct held *held_at(struct view *view, uint64_t seq)
{
    if (seq > view->held_count) {
        uint64_t count = seq * 2;

        view->held = realloc(view->held, count * sizeof(*view->held));
        if (view->held == NULL)
            abort();
        memset(view->held + view->held_count, 0,
               (count - view->held_count) * sizeof(*view->held));
        view->held_count = count;
    }
    return &view->held[seq - 1];
}

void model_fold_forget(struct view *view)
{
    free(view->held);
    view->held = NULL;
    view->held_count = 0;
}

/* ---- entries ---- */

void model_fold_entry(struct program *program, unsigned int room,
                      const chat_entry *entry)
{
    struct view *view = &program->views[room];
    struct log_entry about = {
        .from = strtoull(entry->user_id, NULL, 10),
        .text = log_digest(entry->text),
        .on = entry->on != 0,
    };
    struct held *held;

    if (entry->kind == CHAT_ENTRY_MESSAGE)
        held_at(view, entry->seq)->message = true;
    if (entry->kind == CHAT_ENTRY_EDIT)
        about.kind = CHAT__EVENT_EDIT;
    else if (entry->kind == CHAT_ENTRY_DELETE)
        about.kind = CHAT__EVENT_DELETE;
    else if (entry->kind == CHAT_ENTRY_REACT)
        about.kind = CHAT__EVENT_REACT;
    else
        return;
    if (entry->kind == CHAT_ENTRY_REACT)
        about.emoji = log_find_emoji(entry->emoji);
    held = held_at(view, entry->ref);
    if (entry->seq > held->fold.upto)
        log_fold_entry(&held->fold, &about, entry->seq);
}

/* ---- pages ---- */

static struct fold fold_of(const struct log *log, const chat_change *change)
{
    struct fold fold = {.upto = change->upto,
                        .changed = true,
                        .edit = change->edit,
                        .text = log_digest(change->text),
                        .deleted = change->deleted != 0};

    /* The entry has it. */
    if (change->text == NULL && change->edit > 0 &&
        change->edit <= log->count && log->entries[change->edit - 1].long_text)
        fold.text = log->entries[change->edit - 1].text;
    for (size_t i = 0; i < change->reaction_count; i++) {
        const chat_reaction *reaction = change->reactions[i];
        unsigned int emoji = log_find_emoji(reaction->emoji);

        for (size_t j = 0; emoji < EMOJI_COUNT && j < reaction->count; j++)
            fold.on[emoji] |=
                1U << (strtoull(reaction->users[j], NULL, 10) % LOG_USERS);
    }
    return fold;
}

/*
 * A page from before the room was left and joined again is too old to be
 * folded: what came in between is in no page and no entry of the program.
 */
static bool is_usable(const struct view *view, uint64_t upto)
{
    return view->joined && upto >= view->since;
}

/* The program had entries behind `upto` before the page came. */
static void take_change(struct program *program, unsigned int room,
                        const chat_change *change)
{
    const struct log *log = &program->simulation->logs[room];
    struct view *view = &program->views[room];
    struct fold fold = fold_of(log, change);
    struct fold due = log_fold(log, change->ref, change->upto);
    uint64_t seq = change->upto > view->since ? change->upto : view->since;

    if (change->upto > log->count || !due.changed ||
        !log_fold_same(&fold, &due))
        model_violation(program->simulation,
                        "program %u: the change of %llu in %s, up to %llu, is "
                        "not what the log says",
                        program->number, (unsigned long long)change->ref,
                        simulation_rooms[room],
                        (unsigned long long)change->upto);
    if (!is_usable(view, change->upto))
        return;
    while (++seq <= view->shown)
        if (log->entries[seq - 1].ref == change->ref)
            log_fold_entry(&fold, &log->entries[seq - 1], seq);
    held_at(view, change->ref)->fold = fold;
}

static const chat_change *find_change(const chat_history_event *page,
                                      uint64_t ref)
{
    for (size_t i = 0; i < page->change_count; i++)
        if (page->changes[i]->ref == ref)
            return page->changes[i];
    return NULL;
}

void model_fold_page(struct program *program, unsigned int room,
                     const chat_history_event *page)
{
    const struct log *log = &program->simulation->logs[room];
    struct view *view = &program->views[room];

    for (size_t i = 0; i < page->count; i++) {
        const chat_entry *entry = page->entries[i];
        const chat_change *change = find_change(page, entry->seq);

        if (entry->kind != CHAT_ENTRY_MESSAGE)
            continue;
        if (change == NULL && log_fold(log, entry->seq, page->head).changed)
            model_violation(program->simulation,
                            "a page up to %llu is silent about %llu of %s",
                            (unsigned long long)page->head,
                            (unsigned long long)entry->seq,
                            simulation_rooms[room]);
        if (change != NULL && change->deleted != entry->deleted)
            model_violation(program->simulation,
                            "a page has another text than change of %llu in %s",
                            (unsigned long long)entry->seq,
                            simulation_rooms[room]);
        if (is_usable(view, page->head))
            held_at(view, entry->seq)->message = true;
    }
    for (size_t i = 0; i < page->change_count; i++)
        take_change(program, room, page->changes[i]);
}

/* ---- at the end ---- */

void model_fold_check(const struct program *program, unsigned int room)
{
    const struct log *log = &program->simulation->logs[room];
    const struct view *view = &program->views[room];

    for (uint64_t seq = 1; seq <= view->held_count; seq++) {
        const struct held *held = &view->held[seq - 1];
        uint64_t upto =
            held->fold.upto > view->shown ? held->fold.upto : view->shown;
        struct fold due = log_fold(log, seq, upto);

        if (held->message && !log_fold_same(&held->fold, &due))
            model_violation(program->simulation,
                            "program %u has another %llu of %s than the log",
                            program->number, (unsigned long long)seq,
                            simulation_rooms[room]);
    }
}
