#include "sdk/session_private.h"

#include "protocol/frame.h"
#include "protocol/json.h"

#include <stdio.h>

/* One object of a frame: its tree, and the bytes it was read from. */
struct object {
    bool first; /* not from the successor */
    const cJSON *json;
    const char *bytes;
    size_t length;
};

static void bad_frame(struct chat__session *session,
                      const struct object *object,
                      const struct chat__error *error)
{
    bool memory = error->code == CHAT__ERROR_BUSY;

    if (!object->first)
        chat__session_successor_failed(session);
    else
        chat__session_drop(session,
                           memory ? CHAT_ERROR_MEMORY : CHAT_ERROR_PROTOCOL,
                           error->message);
}

static struct chat__room *find_page(const struct chat__session *session,
                                    uint32_t id)
{
    for (size_t i = 0; i < session->rooms.count; i++) {
        if (session->rooms.list[i]->timeline.page_id == id)
            return session->rooms.list[i];
    }
    return NULL;
}

/* Who waits for a reply. */
struct waiting {
    enum chat__action action;
    struct chat__room *room;
    struct chat__item *item;
};

/* On the successor only its hello waits. */
static bool find_successor_hello(const struct chat__session *session,
                                 uint32_t id, struct waiting *waiting)
{
    waiting->action = CHAT__ACTION_HELLO;
    return session->successor.phase == CHAT__SUCCESSOR_SIGNING_IN &&
           session->successor.hello_id == id;
}

/* False: nobody; the request became unsure meanwhile. */
static bool find_waiting(const struct chat__session *session, bool first,
                         uint32_t id, struct waiting *waiting)
{
    if (id == 0)
        return false;
    if (!first)
        return find_successor_hello(session, id, waiting);
    if (id == session->hello_id) {
        waiting->action = CHAT__ACTION_HELLO;
        return true;
    }
    if (id == session->ping.id) {
        waiting->action = CHAT__ACTION_PING;
        return true;
    }
    waiting->room = find_page(session, id);
    if (waiting->room != NULL) {
        waiting->action = CHAT__ACTION_HISTORY;
        return true;
    }
    waiting->item = chat__outbox_find(&session->outbox, id);
    if (waiting->item != NULL)
        waiting->action = waiting->item->request.action;
    return waiting->item != NULL;
}

static void hand_reply(struct chat__session *session,
                       const struct waiting *waiting,
                       const struct chat__reply *reply,
                       const struct chat__slice *slices)
{
    if (!reply->ok && reply->error.code == CHAT__ERROR_HELLO_REQUIRED &&
        waiting->action != CHAT__ACTION_HELLO) {
        chat__session_unsure(session);
        if (chat__session_is_open(session))
            chat__session_sign_in(session);
    } else if (waiting->room != NULL) {
        chat__session_page_reply(session, waiting->room, reply, slices);
    } else if (waiting->item != NULL) {
        chat__session_item_reply(session, waiting->item, reply, slices);
    } else if (waiting->action == CHAT__ACTION_HELLO) {
        chat__session_hello_reply(session, reply);
    } else {
        chat__session_ping_reply(session, reply);
    }
}

/* The successor is signed in, or it is not to be. */
static void hand_successor_reply(struct chat__session *session,
                                 const struct chat__reply *reply)
{
    if (!reply->ok) {
        chat__session_successor_failed(session);
        return;
    }
    chat__session_succeed(session);
    chat__session_hello_reply(session, reply);
}

/* The page of a reply, if it is one that has a page. */
static const struct chat__page *page_of(const struct chat__reply *reply)
{
    if (reply->ok && (reply->action == CHAT__ACTION_JOIN ||
                      reply->action == CHAT__ACTION_DM))
        return &reply->body.join.page;
    if (reply->ok && reply->action == CHAT__ACTION_HISTORY)
        return &reply->body.history.page;
    return NULL;
}

/* No server decides how long a request waits, within reason. */
static void bound_retry(struct chat__error *error)
{
    if (error->retry_ms > CHAT__RETRY_MAX_MS)
        error->retry_ms = CHAT__RETRY_MAX_MS;
}

/* False: the bytes do not hold the entries that the tree has. */
static bool slice_page(const struct chat__reply *reply,
                       const struct object *object,
                       struct chat__slice slices[CHAT__PAGE_ENTRIES_MAX])
{
    const struct chat__page *page = page_of(reply);

    if (page == NULL)
        return true;
    return page->entry_count <= CHAT__PAGE_ENTRIES_MAX &&
           chat__slices_of_entries(object->bytes, object->length, slices,
                                   CHAT__PAGE_ENTRIES_MAX) == page->entry_count;
}

static void receive_reply(struct chat__session *session,
                          const struct object *object)
{
    struct chat__slice slices[CHAT__PAGE_ENTRIES_MAX];
    struct waiting waiting = {.action = CHAT__ACTION_COUNT};
    struct chat__reply reply = {0};
    struct chat__error error;
    uint32_t id;

    if (!chat__reply_parse_id(object->json, &id, &error)) {
        bad_frame(session, object, &error);
        return;
    }
    if (!find_waiting(session, object->first, id, &waiting))
        return;
    reply.action = waiting.action;
    if (!chat__reply_parse(&reply, object->json, &error)) {
        bad_frame(session, object, &error);
    } else if (!object->first) {
        hand_successor_reply(session, &reply);
    } else if (!slice_page(&reply, object, slices)) {
        chat__session_drop(session, CHAT_ERROR_PROTOCOL,
                           "a page that cannot be read");
    } else {
        bound_retry(&reply.error);
        hand_reply(session, &waiting, &reply, slices);
    }
    chat__reply_release(&reply);
}

/* A successor that ends before it has begun is only one that failed. */
static void note_drain(struct chat__session *session,
                       const struct object *object,
                       const struct chat__event *event)
{
    if (object->first)
        chat__session_drain_notice(session, event);
    else
        chat__session_successor_failed(session);
}

static void note_close(struct chat__session *session,
                       const struct object *object,
                       const struct chat__event *event)
{
    struct chat__close_notice *notice = &session->notice;

    if (!object->first)
        return;
    notice->code = (unsigned)event->code;
    notice->retry_ms = event->has_retry ? event->retry_ms : 0;
    snprintf(notice->message, sizeof(notice->message), "%s",
             event->message != NULL ? event->message : "");
}

static void receive_event(struct chat__session *session,
                          const struct object *object)
{
    struct chat__event event;
    struct chat__error error;

    if (!chat__event_parse(&event, object->json, &error))
        bad_frame(session, object, &error);
    else if (event.kind == CHAT__EVENT_CLOSE)
        note_close(session, object, &event);
    else if (event.kind == CHAT__EVENT_DRAIN)
        note_drain(session, object, &event);
    else if (event.seq > 0)
        chat__session_entry(session, &event, object->bytes, object->length);
    else
        chat__session_notice(session, &event);
}

static void receive_object(struct chat__session *session, bool first,
                           const char *bytes, size_t length)
{
    struct object object = {.first = first, .bytes = bytes, .length = length};
    struct chat__error error;
    cJSON *json = chat__json_parse(bytes, length, &error);

    if (json == NULL) {
        bad_frame(session, &object, &error);
        return;
    }
    object.json = json;
    if (chat__json_member(json, "reply") != NULL)
        receive_reply(session, &object);
    else if (chat__json_member(json, "event") != NULL)
        receive_event(session, &object);
    else if (first)
        chat__session_unsure(session);
    else
        chat__session_successor_failed(session);
    chat__json_free(json);
}

/* Does a transport of this attempt still mean anything? */
static bool is_alive(const struct chat__session *session, uint64_t attempt)
{
    return chat__session_is_open(session) &&
           (attempt == session->attempt ||
            (chat__session_is_handing_over(session) &&
             attempt == session->successor.attempt));
}

void chat__session_transport_receive(struct chat__session *session,
                                     uint64_t attempt, const char *bytes,
                                     size_t length, uint64_t now)
{
    const char *object;
    size_t object_length;

    session->now = now;
    if (attempt == session->attempt)
        session->last_frame = now;
    while (is_alive(session, attempt) &&
           chat__frame_next(&bytes, &length, &object, &object_length)) {
        receive_object(session, attempt == session->attempt, object,
                       object_length);
        if (session->starved && chat__session_is_open(session))
            chat__session_drop(session, CHAT_ERROR_MEMORY, "no memory");
    }
}

void chat__session_receive(struct chat__session *session, const char *bytes,
                           size_t length, uint64_t now)
{
    chat__session_transport_receive(session, session->attempt, bytes, length,
                                    now);
}
