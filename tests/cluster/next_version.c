/*
 * What a later version may write into the log that this one shares with it:
 * every entry has a key more, `next`, and a message "/poll ..." is an entry of
 * a kind that is not known here. Linked into chatd_next in place of two of the
 * product's functions (the linker's --wrap), so the product knows nothing of
 * it.
 */
#include "protocol/event.h"
#include "server/core/batch.h"

#include <string.h>

#define NEXT_KEY "\"next\":{\"version\":2,\"of\":[true,null]}"
#define POLL     "/poll "

static const char known[] = "{\"event\":\"leave\"";
static const char later[] = "{\"event\":\"poll\"";

void __real_chat__send_check(const struct chat__operation *operation,
                             const struct chat__view *view,
                             struct chat__outcome *outcome);
void __wrap_chat__send_check(const struct chat__operation *operation,
                             const struct chat__view *view,
                             struct chat__outcome *outcome);
void __real_chat__event_encode(const struct chat__event *event,
                               struct chat__buffer *buffer);
void __wrap_chat__event_encode(const struct chat__event *event,
                               struct chat__buffer *buffer);

/* A poll is no message: it has no number and does not count. */
void __wrap_chat__send_check(const struct chat__operation *operation,
                             const struct chat__view *view,
                             struct chat__outcome *outcome)
{
    __real_chat__send_check(operation, view, outcome);
    if (outcome->verdict == CHAT__VERDICT_ENTRY &&
        strncmp(outcome->event.text, POLL, strlen(POLL)) == 0)
        outcome->event.kind = CHAT__EVENT_UNKNOWN;
}

/* The kind is replaced in what an entry without a body of its own is. */
static void encode_poll(const struct chat__event *event,
                        struct chat__buffer *buffer)
{
    struct chat__event plain = *event;
    struct chat__buffer made;

    plain.kind = CHAT__EVENT_LEAVE;
    chat__buffer_init(&made, CHAT__OBJECT_BYTES_MAX);
    __real_chat__event_encode(&plain, &made);
    buffer->failed = buffer->failed || made.failed;
    if (!buffer->failed) {
        chat__buffer_append_string(buffer, later);
        chat__buffer_append(buffer, made.data + strlen(known),
                            made.length - strlen(known));
    }
    chat__buffer_release(&made);
}

void __wrap_chat__event_encode(const struct chat__event *event,
                               struct chat__buffer *buffer)
{
    if (event->kind == CHAT__EVENT_UNKNOWN)
        encode_poll(event, buffer);
    else
        __real_chat__event_encode(event, buffer);
    if (event->seq == 0 || buffer->failed)
        return;
    chat__buffer_truncate(buffer, buffer->length - 1);
    chat__buffer_append_string(buffer, "," NEXT_KEY "}");
}
