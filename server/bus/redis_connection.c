#include "server/bus/redis_connection.h"

#include "server/bus/redis_transport.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICK_MS    500
#define WHY_BYTES  128
#define SIGN_BYTES 4096
#define WORDS_MAX  8

struct pending {
    struct pending *next;
    unsigned int replies;
    uint64_t sent_ms;
    chat__redis_done *done;
    void *context;
};

struct chat__redis_connection {
    struct chat__redis_connection_options options;
    struct chat__redis_transport *transport;
    struct chat__redis_reader *reader;
    struct pending *first;
    struct pending **last;
    size_t pending_count;
    uv_timer_t timer; /* the next try, or the next look at it */
    bool open;        /* there is a transport that carries */
    bool ready;
    bool closing;
    bool broken; /* to be told at the next turn of the timer */
    unsigned int tries;
    uint64_t opened_ms;
    uint64_t pinged_ms;
    char why[WHY_BYTES];
};

/* ---- commands ---- */

void chat__redis_command(struct chat__buffer *buffer, size_t count,
                         const char *const *words, const size_t *lengths)
{
    const char *arguments[WORDS_MAX];
    char *bytes = NULL;
    int length;

    for (size_t i = 0; i < count && i < WORDS_MAX; i++)
        arguments[i] = words[i];
    length = count > WORDS_MAX ? -1
                               : redisFormatCommandArgv(&bytes, (int)count,
                                                        arguments, lengths);
    if (length < 0) {
        buffer->failed = true;
        return;
    }
    chat__buffer_append(buffer, bytes, (size_t)length);
    explicit_bzero(bytes, (size_t)length);
    redisFreeCommand(bytes);
}

void chat__redis_error_word(const struct chat__redis_reply *reply,
                            char word[CHAT__REDIS_WORD_BYTES])
{
    size_t length = 0;

    while (length < reply->length && length + 1 < CHAT__REDIS_WORD_BYTES &&
           reply->bytes[length] >= 'A' && reply->bytes[length] <= 'Z') {
        word[length] = reply->bytes[length];
        length++;
    }
    word[length] = '\0';
}

bool chat__redis_connection_send(struct chat__redis_connection *connection,
                                 const struct chat__buffer *commands,
                                 unsigned int replies, chat__redis_done *done,
                                 void *context)
{
    struct pending *pending;

    if (!connection->open || connection->broken || commands->failed ||
        connection->pending_count >= CHAT__REDIS_COMMANDS_MAX)
        return false;
    pending = malloc(sizeof *pending);
    if (pending == NULL ||
        !chat__redis_transport_write(connection->transport, commands->data,
                                     commands->length)) {
        free(pending);
        return false;
    }
    *pending = (struct pending){
        .replies = replies,
        .sent_ms = uv_now(connection->options.loop),
        .done = done,
        .context = context,
    };
    *connection->last = pending;
    connection->last = &pending->next;
    connection->pending_count++;
    return true;
}

/* The oldest has its last reply; NULL: it never will. */
static void finish_first(struct chat__redis_connection *connection,
                         const struct chat__redis_reply *reply)
{
    struct pending *pending = connection->first;

    connection->first = pending->next;
    if (connection->first == NULL)
        connection->last = &connection->first;
    connection->pending_count--;
    if (pending->done != NULL)
        pending->done(pending->context, reply);
    free(pending);
}

uint64_t
chat__redis_connection_waits(const struct chat__redis_connection *connection)
{
    return connection->first == NULL
               ? 0
               : uv_now(connection->options.loop) - connection->first->sent_ms;
}

/* ---- its life ---- */

static void on_try(uv_timer_t *timer);

static uint64_t draw_wait(struct chat__redis_connection *connection)
{
    uint64_t most = CHAT__REDIS_BACKOFF_BASE_MS;
    uint32_t chance;

    for (unsigned int i = 0;
         i < connection->tries && most < CHAT__REDIS_BACKOFF_MAX_MS; i++)
        most *= 2;
    if (most > CHAT__REDIS_BACKOFF_MAX_MS)
        most = CHAT__REDIS_BACKOFF_MAX_MS;
    if (!connection->options.fill(NULL, &chance, sizeof chance))
        return most;
    return chance % (most + 1);
}

static void let_go(struct chat__redis_connection *connection)
{
    chat__redis_transport_close(connection->transport);
    connection->transport = NULL;
    connection->open = connection->ready = false;
    while (connection->first != NULL)
        finish_first(connection, NULL);
    chat__redis_reader_free(connection->reader);
    connection->reader = NULL;
}

/* The connection has ended: what waits is told, and it will be tried anew. */
static void lose(struct chat__redis_connection *connection, const char *why)
{
    uint64_t now = uv_now(connection->options.loop);

    if (connection->ready &&
        now - connection->opened_ms >= CHAT__REDIS_STABLE_MS)
        connection->tries = 0;
    connection->broken = false;
    let_go(connection);
    uv_timer_start(&connection->timer, on_try, draw_wait(connection), 0);
    if (connection->tries < UINT16_MAX)
        connection->tries++;
    connection->options.lost(connection->options.context, why);
}

static void on_broken(uv_timer_t *timer)
{
    struct chat__redis_connection *connection = timer->data;

    lose(connection, connection->why);
}

void chat__redis_connection_break(struct chat__redis_connection *connection,
                                  const char *why)
{
    if (connection->transport == NULL || connection->broken ||
        connection->closing)
        return;
    snprintf(connection->why, sizeof connection->why, "%s", why);
    connection->broken = true;
    connection->ready = false;
    uv_timer_start(&connection->timer, on_broken, 0, 0);
}

/* ---- signing in ---- */

static void send_words(struct chat__redis_connection *connection, size_t count,
                       const char *const *words, chat__redis_done *done)
{
    struct chat__buffer commands;

    chat__buffer_init(&commands, SIGN_BYTES);
    chat__redis_command(&commands, count, words, NULL);
    if (!chat__redis_connection_send(connection, &commands, 1, done,
                                     connection))
        chat__redis_connection_break(connection, "out of memory");
    if (commands.data != NULL)
        explicit_bzero(commands.data, commands.length);
    chat__buffer_release(&commands);
}

/* False: it was refused, and that ends the connection. */
static bool was_fine(struct chat__redis_connection *connection,
                     const struct chat__redis_reply *reply, const char *what)
{
    char word[CHAT__REDIS_WORD_BYTES], why[WHY_BYTES];

    if (reply == NULL)
        return false;
    if (reply->kind != CHAT__REDIS_ERROR)
        return true;
    chat__redis_error_word(reply, word);
    snprintf(why, sizeof why, "it refuses %s: %s", what, word);
    chat__redis_connection_break(connection, why);
    return false;
}

static void on_authenticated(void *context,
                             const struct chat__redis_reply *reply)
{
    was_fine(context, reply, "user or password");
}

static void on_selected(void *context, const struct chat__redis_reply *reply)
{
    was_fine(context, reply, "the database");
}

static void on_first_pong(void *context, const struct chat__redis_reply *reply)
{
    struct chat__redis_connection *connection = context;

    if (!was_fine(connection, reply, "PING") || connection->broken)
        return;
    connection->ready = true;
    connection->opened_ms = uv_now(connection->options.loop);
    connection->options.ready(connection->options.context);
}

static void sign_in(struct chat__redis_connection *connection)
{
    const struct chat__redis_url *url = connection->options.url;
    const char *const with_user[] = {"AUTH", url->user, url->password};
    const char *const alone[] = {"AUTH", url->password};
    const char *const ping[] = {"PING"};
    char database[8];
    const char *const select[] = {"SELECT", database};

    snprintf(database, sizeof database, "%u", url->database);
    if (*url->user != '\0')
        send_words(connection, 3, with_user, on_authenticated);
    else if (*url->password != '\0')
        send_words(connection, 2, alone, on_authenticated);
    if (url->database != 0)
        send_words(connection, 2, select, on_selected);
    send_words(connection, 1, ping, on_first_pong);
}

/* ---- whether it lives ---- */

static void on_pong(void *context, const struct chat__redis_reply *reply)
{
    was_fine(context, reply, "PING");
}

static void on_tick(uv_timer_t *timer)
{
    struct chat__redis_connection *connection = timer->data;
    const char *const ping[] = {"PING"};
    uint64_t now = uv_now(connection->options.loop);

    if (chat__redis_connection_waits(connection) >=
        CHAT__REDIS_ANSWER_TIMEOUT_MS) {
        lose(connection, "it does not answer");
        return;
    }
    if (!connection->ready ||
        now - connection->pinged_ms < CHAT__REDIS_PING_INTERVAL_MS)
        return;
    connection->pinged_ms = now;
    send_words(connection, 1, ping, on_pong);
}

/* ---- what the transport tells ---- */

static void on_opened(void *context)
{
    struct chat__redis_connection *connection = context;

    connection->open = true;
    connection->pinged_ms = uv_now(connection->options.loop);
    uv_timer_start(&connection->timer, on_tick, TICK_MS, TICK_MS);
    sign_in(connection);
}

static bool take_reply(struct chat__redis_connection *connection,
                       const struct chat__redis_reply *reply)
{
    if (connection->options.push != NULL && connection->ready &&
        connection->options.push(connection->options.context, reply))
        return true;
    if (connection->first == NULL)
        return false;
    if (--connection->first->replies == 0)
        finish_first(connection, reply);
    return true;
}

static void on_received(void *context, const char *bytes, size_t length)
{
    struct chat__redis_connection *connection = context;
    struct chat__redis_reply *reply = NULL;
    bool fine = !connection->broken &&
                chat__redis_reader_feed(connection->reader, bytes, length);

    if (connection->broken)
        return;
    while (fine && !connection->broken) {
        fine = chat__redis_reader_next(connection->reader, &reply);
        if (!fine || reply == NULL)
            break;
        fine = take_reply(connection, reply);
        chat__redis_reply_free(reply);
    }
    if (!fine)
        chat__redis_connection_break(
            connection, chat__redis_reader_overflowed(connection->reader)
                            ? "it says more than is taken"
                            : "it does not speak as a Redis does");
}

static void on_ended(void *context, const char *why)
{
    lose(context, why);
}

static const struct chat__redis_transport_events events = {
    .opened = on_opened,
    .received = on_received,
    .ended = on_ended,
};

static void on_try(uv_timer_t *timer)
{
    struct chat__redis_connection *connection = timer->data;
    const struct chat__redis_transport_options options = {
        .loop = connection->options.loop,
        .host = connection->options.url->host,
        .port = connection->options.url->port,
        .tls = connection->options.tls,
        .events = &events,
        .context = connection,
    };

    connection->reader = chat__redis_reader_new(&connection->options.limits);
    if (connection->reader != NULL)
        connection->transport = chat__redis_transport_open(&options);
    if (connection->transport == NULL)
        lose(connection, "out of memory");
}

struct chat__redis_connection *
chat__redis_connection_new(const struct chat__redis_connection_options *options)
{
    struct chat__redis_connection *connection = calloc(1, sizeof *connection);

    if (connection == NULL)
        return NULL;
    connection->options = *options;
    connection->last = &connection->first;
    uv_timer_init(options->loop, &connection->timer);
    connection->timer.data = connection;
    uv_timer_start(&connection->timer, on_try, 0, 0);
    return connection;
}

bool chat__redis_connection_is_ready(
    const struct chat__redis_connection *connection)
{
    return connection->ready;
}

bool chat__redis_connection_is_idle(
    const struct chat__redis_connection *connection)
{
    return connection->first == NULL;
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void chat__redis_connection_close(struct chat__redis_connection *connection)
{
    if (connection == NULL)
        return;
    connection->closing = true;
    let_go(connection);
    uv_close((uv_handle_t *)&connection->timer, on_closed);
}
