#include "tests/sdk/events.h"

#include "tests/sdk/peer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const states[] = {"idle", "connecting", "online", "waiting",
                                     "closed"};
static const char *const changes[] = {"",     "joined",  "left",   "reset",
                                      "read", "invited", "removed"};

static void print(char *line, size_t size, const chat_event *event)
{
    switch (event->type) {
    case CHAT_EVENT_STATE:
        snprintf(line, size, "%s %d %s", states[event->u.state.state],
                 event->u.state.error, event->u.state.detail);
        break;
    case CHAT_EVENT_ROOM:
        snprintf(line, size, "%s %s %llu", changes[event->u.room.change],
                 event->room, (unsigned long long)event->u.room.head);
        break;
    case CHAT_EVENT_ENTRY:
        snprintf(line, size, "entry %s %llu %.100s", event->room,
                 (unsigned long long)event->u.entry.seq,
                 event->u.entry.text != NULL ? event->u.entry.text : "-");
        break;
    case CHAT_EVENT_HISTORY:
        snprintf(line, size, "history %s %zu", event->room,
                 event->u.history.count);
        break;
    case CHAT_EVENT_SENT:
        snprintf(line, size, "sent %s %llu", event->u.sent.key,
                 (unsigned long long)event->u.sent.seq);
        break;
    case CHAT_EVENT_FAILED:
        snprintf(line, size, "failed %d", event->u.failed.error);
        break;
    case CHAT_EVENT_MEMBERS:
        snprintf(line, size, "members %s %zu", event->room,
                 event->u.members.count);
        break;
    case CHAT_EVENT_PRESENCE:
        snprintf(line, size, "presence %s %zu", event->room,
                 event->u.presence.count);
        break;
    case CHAT_EVENT_DONE:
        snprintf(line, size, "done %llu", (unsigned long long)event->request);
        break;
    default:
        snprintf(line, size, "event %d", (int)event->type);
        break;
    }
}

static void on_event(chat_client *client, const chat_event *event,
                     void *user_data)
{
    struct events *events = user_data;

    (void)client;
    events->lines =
        realloc(events->lines, (events->count + 1) * sizeof(*events->lines));
    assert_non_null(events->lines);
    print(events->lines[events->count++], sizeof(*events->lines), event);
}

void events_watch(struct events *events, chat_client *client)
{
    memset(events, 0, sizeof(*events));
    events->client = client;
    assert_int_equal(chat_client_set_handler(client, on_event, events),
                     CHAT_OK);
}

void events_forget(struct events *events)
{
    free(events->lines);
    memset(events, 0, sizeof(*events));
}

const char *events_until(struct events *events, const char *start)
{
    for (;;) {
        while (events->taken < events->count) {
            const char *line = events->lines[events->taken++];

            if (strncmp(line, start, strlen(start)) == 0)
                return line;
        }
        if (chat_client_wait(events->client, PEER_PATIENCE_S * 1000) <= 0)
            fail_msg("no event \"%s\"", start);
    }
}
