/*
 * What a client missed while it was away, read before hello's reply so that
 * the reply can say what follows it.
 */
#include "server/core/actions/actions.h"

#include "server/core/room.h"
#include "server/core/tail.h"

#include <stdlib.h>
#include <string.h>

/* A piece of what is missed in one room. */
#define PIECE_BYTES (256 * 1024)

static void read_next(struct chat__hello_operation *hello);

static void truncate_missed(struct chat__hello_operation *hello, size_t length)
{
    hello->operation.core->resume_bytes -= hello->missed.length - length;
    chat__buffer_truncate(&hello->missed, length);
    hello->missed.failed = false;
}

void chat__hello_resume_release(struct chat__hello_operation *hello)
{
    truncate_missed(hello, 0);
    chat__buffer_release(&hello->missed);
    chat__store_read_log_release(&hello->read);
    for (size_t i = 0; i < hello->resume_count; i++)
        chat__room_release(hello->resumes[i].room);
    free(hello->resumes);
}

/* It counts as not resumed: the client pages the room. */
static void give_up(struct chat__hello_operation *hello,
                    struct chat__resume *resume)
{
    truncate_missed(hello, resume->offset);
    chat__room_release(resume->room);
    resume->room = NULL;
}

static bool append_piece(struct chat__hello_operation *hello)
{
    struct chat__core *core = hello->operation.core;
    struct chat__buffer *missed = &hello->missed;
    size_t before = missed->length;

    for (size_t i = 0; i < hello->read.count; i++) {
        chat__buffer_append(missed, hello->read.entries[i].bytes,
                            hello->read.entries[i].length);
        chat__buffer_append_byte(missed, '\n');
    }
    core->resume_bytes += missed->length - before;
    return !missed->failed &&
           core->resume_bytes <= CHAT__RESUME_BYTES_TOTAL_MAX;
}

static void piece_read(struct chat__completion *completion)
{
    struct chat__hello_operation *hello = CHAT__CONTAINER(
        completion, struct chat__hello_operation, read.completion);
    struct chat__resume *resume = &hello->resumes[hello->resume_at];
    struct chat__store_read_log *read = &hello->read;

    chat__operation_hears(&hello->operation);
    if (hello->operation.connection == NULL) {
        chat__operation_end(&hello->operation);
        return;
    }
    if (read->result != CHAT__STORE_OK || read->count == 0 ||
        !append_piece(hello)) {
        give_up(hello, resume);
    } else {
        resume->next = read->entries[read->count - 1].seq + 1;
        resume->length = hello->missed.length - resume->offset;
    }
    chat__store_read_log_release(read);
    read_next(hello);
}

static void read_piece(struct chat__hello_operation *hello,
                       const struct chat__resume *resume)
{
    hello->read = (struct chat__store_read_log){
        .completion.run = piece_read,
        .room = resume->room->name,
        .from = resume->next,
        .to = resume->to,
        .limit = CHAT__RESUME_ENTRIES_MAX,
        .bytes_max = PIECE_BYTES,
    };
    chat__operation_asks(&hello->operation);
    chat__tail_read_log(resume->room, &hello->read);
}

static void read_next(struct chat__hello_operation *hello)
{
    for (; hello->resume_at < hello->resume_count; hello->resume_at++) {
        struct chat__resume *resume = &hello->resumes[hello->resume_at];

        if (resume->length == 0)
            resume->offset = hello->missed.length;
        if (resume->room != NULL && resume->next <= resume->to) {
            read_piece(hello, resume);
            return;
        }
    }
    chat__hello_finish(hello);
}

static bool is_listed(const struct chat__hello_operation *hello,
                      const struct chat__room *room)
{
    for (size_t i = 0; i < hello->resume_count; i++)
        if (hello->resumes[i].room == room)
            return true;
    return false;
}

static bool can_resume(const struct chat__hello_operation *hello,
                       const struct chat__room *room,
                       const struct chat__position *position)
{
    return room != NULL && room->state == CHAT__ROOM_READY &&
           chat__user_membership(hello->operation.user, room) != NULL &&
           strcmp(room->epoch, position->epoch) == 0 &&
           position->seq <= room->head && position->seq + 1 >= room->first &&
           room->head - position->seq <= CHAT__RESUME_ENTRIES_MAX &&
           !is_listed(hello, room);
}

static void add_resume(struct chat__hello_operation *hello,
                       const struct chat__position *position)
{
    struct chat__room *room =
        chat__room_find(hello->operation.core, position->room);
    struct chat__resume *resume = &hello->resumes[hello->resume_count];

    if (can_resume(hello, room, position)) {
        chat__room_hold(room);
        resume->room = room;
        resume->missed = room->head - position->seq;
        resume->next = position->seq + 1;
        resume->to = room->head;
    }
    hello->resume_count++;
}

void chat__hello_resume(struct chat__hello_operation *hello)
{
    const struct chat__hello *request = &hello->operation.request.body.hello;

    if (request->resume_count > 0)
        hello->resumes = calloc(request->resume_count, sizeof(*hello->resumes));
    /* Without memory nothing is resumed, which is an answer too. */
    if (hello->resumes != NULL)
        for (size_t i = 0; i < request->resume_count; i++)
            add_resume(hello, &request->resume[i]);
    read_next(hello);
}
