#include "tests/simulation/link.h"

#include "protocol/limits.h"
#include "server/core/connection.h"
#include "tests/simulation/model.h"
#include "tests/simulation/program.h"

#include <stdlib.h>
#include <string.h>

/* An end that is cut hears of it so late at most; or never, when its peer is
 * silent: then its own time-outs have to find out. */
#define NEWS_MS 500

#define SLOW_READ_MS 4000

/* What a gateway says instead of an answer. */
static const char gateway_error[] =
    "{\"message\": \"Internal server error\", \"connectionId\":\"x\"}";

/* What a server of a later version says beside the rest. */
static const char later_event[] =
    "{\"event\":\"later\",\"room\":\"lobby\",\"what\":[1,{\"a\":null}]}\n";
static const char later_member[] = "\"later\":{\"a\":[1,2]},";

/* ---- the server's front ---- */

static void front_send(void *handle, const char *objects, size_t length,
                       enum chat__delivery delivery);
static void front_deliver(void *handle, struct chat__frame *frame);
static void front_close(void *handle, unsigned int code, const char *reason);

/* Frames are made for a server, not for a link. */
static struct simulation *current;

static struct chat__frame *front_frame(const char *objects, size_t length,
                                       enum chat__delivery delivery)
{
    model_leaves(current, objects, length);
    return chat__frame_new(objects, length,
                           delivery == CHAT__DELIVERY_DROPPABLE);
}

static const struct chat__front_operations front = {
    .send = front_send,
    .frame = front_frame,
    .deliver = front_deliver,
    .frame_release = chat__frame_release,
    .close = front_close,
};

static void begin_close(struct link *link, unsigned int code)
{
    link->closing = true;
    link->close_code = code;
    server_touched(link->server);
}

/* As the front does. */
static void check(struct link *link, enum chat__output_result result)
{
    if (result == CHAT__OUTPUT_OK)
        return;
    chat__output_discard(&link->output);
    if (!link->closing)
        begin_close(link, 4008);
}

static void front_send(void *handle, const char *objects, size_t length,
                       enum chat__delivery delivery)
{
    struct link *link = handle;
    unsigned int replies = model_leaves(current, objects, length);

    if (link->closing)
        return;
    if (replies > link->unanswered)
        model_violation(current, "more replies than requests on link %u",
                        link->number);
    link->unanswered -= replies;
    check(link, chat__output_send(&link->output, objects, length,
                                  delivery == CHAT__DELIVERY_DROPPABLE));
    server_touched(link->server);
}

static void front_deliver(void *handle, struct chat__frame *frame)
{
    struct link *link = handle;

    if (!link->closing)
        check(link, chat__output_deliver(&link->output, frame));
}

static void front_close(void *handle, unsigned int code, const char *reason)
{
    struct link *link = handle;

    (void)reason;
    if (link->closing)
        return;
    /* An operator may have asked for it before the drain. */
    if (link->server->state == SERVER_DRAINING && link->unanswered > 0 &&
        code != CHAT__CLOSE_KICKED)
        model_violation(current,
                        "a server that drains closes link %u with %u requests "
                        "unanswered",
                        link->number, link->unanswered);
    begin_close(link, code);
}

/* ---- on the way ---- */

static int64_t delay_of(struct link *link)
{
    struct simulation *simulation = link->simulation;
    uint64_t delay_ms = (uint64_t)simulation->plan.delay_ms;

    if (simulation->healed && delay_ms > 40)
        delay_ms = 40;
    return (int64_t)simulation_draw(simulation, delay_ms + 1);
}

/* Puts a frame on its way; takes the bytes over. */
static void carry(struct link *link, enum event_kind kind, int64_t *last,
                  char *bytes, size_t length)
{
    struct simulation *simulation = link->simulation;
    int64_t at = simulation->now + delay_of(link);

    if (link->broken ||
        (simulation->plan.gateway &&
         (link->blocked_until > simulation->now ||
          simulation_fault(simulation, simulation->plan.drop)))) {
        free(bytes);
        return;
    }
    if (!simulation->plan.gateway) {
        if (at < link->blocked_until)
            at = link->blocked_until;
        if (at < *last)
            at = *last;
    }
    if (at > *last)
        *last = at;
    schedule_put(&simulation->schedule, (struct event){.at = at,
                                                       .kind = kind,
                                                       .subject = link,
                                                       .bytes = bytes,
                                                       .length = length});
}

/* `prefix` is put in at `offset` of the copy. */
static char *copy_with(const char *bytes, size_t length, const char *prefix,
                       size_t offset)
{
    size_t more = strlen(prefix);
    char *copy = malloc(length + more + 1);

    if (copy == NULL)
        abort();
    memcpy(copy, bytes, offset);
    memcpy(copy + offset, prefix, more);
    memcpy(copy + offset + more, bytes + offset, length - offset);
    copy[length + more] = '\0';
    return copy;
}

static unsigned int copies(const struct link *link)
{
    struct simulation *simulation = link->simulation;

    return simulation->plan.gateway &&
                   simulation_fault(simulation, simulation->plan.duplicate)
               ? 2
               : 1;
}

static void to_client(struct link *link, const char *bytes, size_t length)
{
    struct simulation *simulation = link->simulation;
    const char *prefix = "";

    if (link->server->later_version && simulation_chance(simulation, 100) &&
        length + sizeof(later_event) <= CHAT__FRAME_BYTES_MAX)
        prefix = later_event;
    for (unsigned int i = copies(link); i > 0; i--)
        carry(link, EVENT_TO_CLIENT, &link->to_client,
              copy_with(bytes, length, prefix, 0), length + strlen(prefix));
}

void link_send(struct link *link, const char *bytes, size_t length)
{
    struct simulation *simulation = link->simulation;
    const char *prefix = "";

    if (simulation->plan.gateway &&
        simulation_fault(simulation, simulation->plan.unsure)) {
        to_client(link, gateway_error, sizeof(gateway_error) - 1);
        if (simulation_chance(simulation, 500))
            return;
    }
    if (simulation->plan.later_version && simulation_chance(simulation, 300) &&
        length + sizeof(later_member) <= CHAT__FRAME_BYTES_MAX)
        prefix = later_member;
    for (unsigned int i = copies(link); i > 0; i--)
        carry(link, EVENT_TO_SERVER, &link->to_server,
              copy_with(bytes, length, prefix, 1), length + strlen(prefix));
}

/* Unmasked text frames, as server/front/frame.c makes them. */
enum chat__output_written link_write(void *handle, const unsigned char *bytes,
                                     size_t length)
{
    struct link *link = handle;
    struct simulation *simulation = link->simulation;
    const unsigned char *end = bytes + length;
    char *object_copy; /* with a NUL */

    while (bytes < end) {
        size_t header = bytes[1] <= 125 ? 2 : 4;
        size_t payload =
            header == 2 ? bytes[1] : (size_t)bytes[2] << 8 | bytes[3];

        object_copy = copy_with((const char *)bytes + header, payload, "", 0);
        model_stream_sent(link, object_copy, payload);
        free(object_copy);
        to_client(link, (const char *)bytes + header, payload);
        bytes += header + payload;
    }
    if (!link->slow || !simulation_fault(simulation, 500))
        return CHAT__OUTPUT_WRITTEN;
    simulation_after(simulation,
                     1 + (int64_t)simulation_draw(simulation, SLOW_READ_MS),
                     EVENT_WRITABLE, link, 0);
    return CHAT__OUTPUT_KEPT;
}

/* ---- its life ---- */

struct link *link_new(struct program *program)
{
    struct simulation *simulation = program->simulation;
    struct link *link = calloc(1, sizeof(*link));

    if (link == NULL)
        abort();
    current = simulation;
    link->simulation = simulation;
    link->number = ++simulation->link_count;
    link->next = simulation->links;
    simulation->links = link;
    link->program = program;
    link->attempt = chat__session_attempt(program->session);
    link->server = server_choose(simulation);
    link->slow =
        simulation->plan.slow_readers && simulation_chance(simulation, 500);
    link->blocked_until = program->blocked_until;
    link->to_server = simulation->now + delay_of(link);
    if (!simulation->healed && link->blocked_until > link->to_server)
        link->to_server = link->blocked_until;
    link->to_client = link->to_server;
    simulation_after(simulation, link->to_server - simulation->now, EVENT_OPEN,
                     link, 0);
    return link;
}

void link_open(struct link *link)
{
    const struct chat__peer nobody = {0};
    struct server *server = link->server;

    if (link->program->link != link)
        return;
    if (server == NULL || server->state != SERVER_UP) {
        program_closed(link->program, link, 0);
        return;
    }
    link->connection = chat__core_connect(server->core, &front, link, &nobody);
    if (link->connection == NULL)
        abort();
    link->heard = link->simulation->now;
    chat__output_init(&link->output, &server->pool, link);
    simulation_trace(link->simulation, "open", link->number, server->number,
                     NULL, 0);
    server_touched(server);
    program_connected(link->program);
}

void link_arrive(struct link *link, const char *bytes, size_t length)
{
    if (link->connection == NULL || link->closing ||
        link_is_deaf(link, &link->server_deaf))
        return;
    link->heard = link->simulation->now;
    if (strstr(bytes, "\"id\":") != NULL)
        link->unanswered++;
    model_stream_asked(link, bytes);
    chat__core_receive(link->connection, bytes, length, NULL);
    server_touched(link->server);
}

/* Of what was under way when it broke only the first frames arrive. */
bool link_is_deaf(const struct link *link, bool *deaf)
{
    if (link->broken && simulation_chance(link->simulation, 300))
        *deaf = true;
    return *deaf;
}

void link_break(struct link *link)
{
    link->broken = true;
    link_lost(link);
    if (link->program->link == link && simulation_chance(link->simulation, 800))
        simulation_after(link->simulation,
                         (int64_t)simulation_draw(link->simulation, NEWS_MS),
                         EVENT_CLIENT_CLOSED, link, 0);
}

void link_lost(struct link *link)
{
    if (link->connection == NULL)
        return;
    simulation_trace(link->simulation, "lost", link->number, 0, NULL, 0);
    chat__core_disconnect(link->connection, 0, NULL);
    link->connection = NULL;
    chat__output_release(&link->output);
    server_touched(link->server);
}

void link_abandon(struct link *link)
{
    struct simulation *simulation = link->simulation;

    if (simulation->healed || simulation_chance(simulation, 700))
        simulation_after(simulation,
                         (int64_t)simulation_draw(simulation, NEWS_MS),
                         EVENT_SERVER_CLOSED, link, 0);
}

/* What is under way arrives, or does not. */
void link_cut(struct link *link)
{
    struct simulation *simulation = link->simulation;

    simulation_trace(simulation, "cut", link->number, 0, NULL, 0);
    if (simulation_chance(simulation, 700))
        simulation_after(simulation,
                         (int64_t)simulation_draw(simulation, NEWS_MS),
                         EVENT_CLIENT_CLOSED, link, 0);
    if (simulation_chance(simulation, 700))
        simulation_after(simulation,
                         (int64_t)simulation_draw(simulation, NEWS_MS),
                         EVENT_SERVER_CLOSED, link, 0);
    link->broken = true;
}

void link_block(struct link *link, int64_t for_ms)
{
    link->blocked_until = link->simulation->now + for_ms;
}

/* ---- the server's end ---- */

/* Everything has left: the client hears the code behind it. */
static void close_now(struct link *link)
{
    struct simulation *simulation = link->simulation;
    int64_t at = simulation->now + delay_of(link);

    if (at < link->to_client)
        at = link->to_client;
    if (!link->broken)
        simulation_after(simulation, at - simulation->now, EVENT_CLIENT_CLOSED,
                         link, link->close_code);
    link_lost(link);
}

void link_flush(struct link *link)
{
    check(link, chat__output_flush(&link->output));
    if (link->closing && chat__output_is_empty(&link->output))
        close_now(link);
}

void link_writable(struct link *link)
{
    if (link->connection == NULL)
        return;
    check(link, chat__output_writable(&link->output));
    server_touched(link->server);
}

void link_expire(struct server *server)
{
    struct simulation *simulation = server->simulation;

    for (struct link *link = simulation->links; link != NULL; link = link->next)
        if (link->server == server && link->connection != NULL &&
            simulation->now - link->heard > CHAT__PEER_SILENCE_MAX_MS)
            link_break(link);
}

void link_free(struct link *link)
{
    if (link->connection != NULL)
        model_violation(link->simulation, "link %u does not end", link->number);
    free(link);
}
