/* What other tasks publish: told apart, checked, handed on. */
#include "server/bus/redis_private.h"

#include <stdio.h>
#include <string.h>

/* A packet with the words around it, and some more ahead. */
#define REPLY_BYTES_MAX    (2 * CHAT__PACKET_BYTES_MAX)
#define REPLY_ELEMENTS_MAX 16

/* ---- packets ---- */

static struct chat__redis_peer *find_peer(struct chat__redis *redis,
                                          uint64_t task)
{
    struct chat__redis_peer *oldest = redis->peers;

    for (size_t i = 0; i < redis->peer_count; i++) {
        if (redis->peers[i].task == task)
            return &redis->peers[i];
        if (redis->peers[i].used < oldest->used)
            oldest = &redis->peers[i];
    }
    if (redis->peer_count < CHAT__REDIS_PEERS_MAX)
        oldest = &redis->peers[redis->peer_count++];
    *oldest = (struct chat__redis_peer){.task = task};
    return oldest;
}

/* False when it came before, or one that was made after it did. */
static bool is_new(struct chat__redis *redis,
                   const struct chat__packet_reader *reader)
{
    struct chat__redis_peer *peer = find_peer(redis, reader->task);

    peer->used = ++redis->peer_uses;
    if (reader->number <= peer->number)
        return false;
    peer->number = reader->number;
    return true;
}

static void hand_on(struct chat__redis *redis,
                    struct chat__packet_reader *reader)
{
    struct chat__packet_notice notice;
    enum chat__packet_result result;

    while ((result = chat__packet_next(reader, &notice)) != CHAT__PACKET_END) {
        if (result == CHAT__PACKET_REFUSED) {
            redis->counts.refused++;
            return;
        }
        if (result == CHAT__PACKET_UNKNOWN) {
            redis->counts.ignored++;
            continue;
        }
        redis->counts.received++;
        redis->options.sink.notice(redis->options.sink.context, &notice.notice);
    }
}

/* Others' packets come from now on at the latest; before, some may not have. */
static void begin_to_hear(struct chat__redis *redis)
{
    const struct chat__bus_notice missed = {.kind = CHAT__BUS_MISSED};

    redis->heard = true;
    chat__redis_settle(redis, NULL);
    redis->options.sink.notice(redis->options.sink.context, &missed);
}

static void hear_itself(struct chat__redis *redis)
{
    redis->heard_ms = uv_now(redis->options.loop);
    if (!redis->heard)
        begin_to_hear(redis);
}

static void take_packet(struct chat__redis *redis, const char *bytes,
                        size_t length)
{
    struct chat__packet_reader reader;
    enum chat__packet_result result = chat__packet_open(
        &reader, bytes, length, redis->sealer, redis->channel);

    if (result == CHAT__PACKET_UNKNOWN)
        redis->counts.ignored++;
    else if (result != CHAT__PACKET_OK || !is_new(redis, &reader))
        redis->counts.refused++;
    else if (reader.task == redis->task)
        hear_itself(redis);
    else
        hand_on(redis, &reader);
}

/* ---- the connection ---- */

/* "message", the channel, the packet. */
static bool on_push(void *context, const struct chat__redis_reply *reply)
{
    struct chat__redis *redis = context;
    const struct chat__redis_reply *bytes;

    if (reply->kind != CHAT__REDIS_ARRAY || reply->count != 3 ||
        !chat__redis_reply_is(reply->elements[0], "message"))
        return false;
    bytes = reply->elements[2];
    if (chat__redis_reply_is(reply->elements[1], redis->channel) &&
        bytes->kind == CHAT__REDIS_TEXT)
        take_packet(redis, bytes->bytes, bytes->length);
    else
        redis->counts.refused++;
    return true;
}

static void on_subscribed(void *context, const struct chat__redis_reply *reply)
{
    struct chat__redis *redis = context;
    char word[CHAT__REDIS_WORD_BYTES], why[80];

    if (reply == NULL)
        return;
    if (reply->kind == CHAT__REDIS_ARRAY) {
        redis->subscribed = true;
        chat__redis_stand(redis);
        return;
    }
    chat__redis_error_word(reply, word);
    snprintf(why, sizeof why, "it refuses SUBSCRIBE: %s", word);
    chat__redis_connection_break(redis->listener, why);
}

static void on_ready(void *context)
{
    struct chat__redis *redis = context;
    const char *const words[] = {"SUBSCRIBE", redis->channel};
    struct chat__buffer command;

    chat__buffer_init(&command, 256);
    chat__redis_command(&command, 2, words, NULL);
    if (!chat__redis_connection_send(redis->listener, &command, 1,
                                     on_subscribed, redis))
        chat__redis_connection_break(redis->listener, "out of memory");
    chat__buffer_release(&command);
}

static void on_lost(void *context, const char *why)
{
    struct chat__redis *redis = context;

    redis->counts.lost += redis->subscribed;
    redis->subscribed = redis->heard = false;
    chat__redis_settle(redis, why);
}

bool chat__redis_listener_start(struct chat__redis *redis)
{
    const struct chat__redis_connection_options options = {
        .loop = redis->options.loop,
        .url = &redis->options.url,
        .tls = redis->tls,
        .limits = {.bytes_max = REPLY_BYTES_MAX,
                   .elements_max = REPLY_ELEMENTS_MAX},
        .fill = redis->options.fill,
        .ready = on_ready,
        .lost = on_lost,
        .push = on_push,
        .context = redis,
    };

    redis->listener = chat__redis_connection_new(&options);
    return redis->listener != NULL;
}
