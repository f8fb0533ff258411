/* The cache of cache.h: commands on the connection that publishes. */
#include "server/bus/redis_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Behind the prefix, which has no colon: no two prefixes share a key. */
#define KEY_MARK "cache:"

/* One more than is allowed shows that there are too many. */
#define MEMBERS_ASKED (CHAT__CACHE_MEMBERS_MAX + 1)

#define COMMAND_BYTES_MAX (CHAT__CACHE_VALUE_BYTES_MAX + 4096)

#define WORDS_MAX 5

typedef void judge_function(struct chat__redis_cache_call *call,
                            const struct chat__redis_reply *reply);

struct chat__redis_cache_call {
    struct chat__redis_cache_call *next;
    struct chat__redis *redis;
    uint64_t due_ms;
    bool answered; /* and only its reply is to come */
    chat__cache_done *done;
    void *context;
    judge_function *judge; /* answers by a reply; NULL: there is none */
    char key[];            /* with the prefix */
};

/* ---- answers ---- */

static void answer(struct chat__redis_cache_call *call,
                   enum chat__cache_result result,
                   const struct chat__cache_value *values, size_t count)
{
    call->answered = true;
    if (call->done != NULL)
        call->done(call->context, result, values, count);
}

/* Of what is asked for, not of what is changed. */
static void answer_read(struct chat__redis_cache_call *call,
                        enum chat__cache_result result,
                        const struct chat__cache_value *values, size_t count)
{
    struct chat__redis_counts *counts = &call->redis->counts;

    counts->cache_found += result == CHAT__CACHE_FOUND;
    counts->cache_missing += result == CHAT__CACHE_MISSING;
    counts->cache_unknown += result == CHAT__CACHE_UNKNOWN;
    answer(call, result, values, count);
}

/* What was sealed for this key; false: what else stands there is refused. */
static bool unseal(struct chat__redis_cache_call *call, enum chat__seal_use use,
                   const struct chat__redis_reply *reply,
                   struct chat__cache_value *value)
{
    const unsigned char *seal;

    if (reply->kind != CHAT__REDIS_TEXT || reply->length < CHAT__SEAL_BYTES)
        return false;
    seal = (const unsigned char *)reply->bytes;
    value->bytes = reply->bytes + CHAT__SEAL_BYTES;
    value->length = reply->length - CHAT__SEAL_BYTES;
    return chat__seal_holds(call->redis->sealer, use, call->key, value->bytes,
                            value->length, seal);
}

/* ---- what replies mean ---- */

static void judge_get(struct chat__redis_cache_call *call,
                      const struct chat__redis_reply *reply)
{
    struct chat__cache_value value;

    if (reply == NULL || reply->kind == CHAT__REDIS_ERROR) {
        answer_read(call, CHAT__CACHE_UNKNOWN, NULL, 0);
    } else if (reply->kind == CHAT__REDIS_NIL) {
        answer_read(call, CHAT__CACHE_MISSING, NULL, 0);
    } else if (unseal(call, CHAT__SEAL_VALUE, reply, &value)) {
        answer_read(call, CHAT__CACHE_FOUND, &value, 1);
    } else {
        call->redis->counts.refused++;
        answer_read(call, CHAT__CACHE_UNKNOWN, NULL, 0);
    }
}

/* Members that no task has put there are left out. */
static size_t unseal_all(struct chat__redis_cache_call *call,
                         const struct chat__redis_reply *reply,
                         struct chat__cache_value *values)
{
    size_t count = 0;

    for (size_t i = 0; i < reply->count; i++) {
        if (unseal(call, CHAT__SEAL_MEMBER, reply->elements[i], &values[count]))
            count++;
        else
            call->redis->counts.refused++;
    }
    return count;
}

static void judge_members(struct chat__redis_cache_call *call,
                          const struct chat__redis_reply *reply)
{
    struct chat__cache_value *values = NULL;
    size_t count = 0;

    if (reply != NULL && reply->kind == CHAT__REDIS_ARRAY &&
        reply->count <= CHAT__CACHE_MEMBERS_MAX)
        values = calloc(reply->count + 1, sizeof *values);
    if (values == NULL) {
        answer_read(call, CHAT__CACHE_UNKNOWN, NULL, 0);
        return;
    }
    count = unseal_all(call, reply, values);
    answer_read(call, count > 0 ? CHAT__CACHE_FOUND : CHAT__CACHE_MISSING,
                values, count);
    free(values);
}

static void judge_change(struct chat__redis_cache_call *call,
                         const struct chat__redis_reply *reply)
{
    bool made = reply != NULL && reply->kind != CHAT__REDIS_ERROR &&
                reply->kind != CHAT__REDIS_NIL;

    answer(call, made ? CHAT__CACHE_FOUND : CHAT__CACHE_UNKNOWN, NULL, 0);
}

/* ---- calls that wait ---- */

static void on_turn(uv_timer_t *timer);

static void put(struct chat__redis_cache_calls *calls,
                struct chat__redis_cache_call *call)
{
    call->next = NULL;
    *calls->last = call;
    calls->last = &call->next;
}

static struct chat__redis_cache_call *
take(struct chat__redis_cache_calls *calls)
{
    struct chat__redis_cache_call *call = calls->first;

    if (call == NULL)
        return NULL;
    calls->first = call->next;
    if (calls->first == NULL)
        calls->last = &calls->first;
    return call;
}

/* It leaves the lists, with its answer if it had none. */
static void finish(struct chat__redis_cache_call *call,
                   const struct chat__redis_reply *reply)
{
    if (!call->answered)
        call->judge(call, reply);
    call->redis->cache.count--;
    free(call);
}

static void set_timer(struct chat__redis_cache *cache, uint64_t now)
{
    const struct chat__redis_cache_call *call = cache->sent.first;
    uint64_t wait = UINT64_MAX;

    while (call != NULL && call->answered)
        call = call->next;
    if (call != NULL)
        wait = call->due_ms > now ? call->due_ms - now : 0;
    if (cache->refused.first != NULL)
        wait = 0;
    if (wait != UINT64_MAX && !cache->closed)
        uv_timer_start(&cache->timer, on_turn, wait, 0);
}

static void clear(struct chat__redis_cache_calls *calls)
{
    calls->first = NULL;
    calls->last = &calls->first;
}

/* Calls that these answers cause have their turn later. */
static void finish_refused(struct chat__redis_cache *cache)
{
    struct chat__redis_cache_call *call = cache->refused.first, *next;

    clear(&cache->refused);
    for (; call != NULL; call = next) {
        next = call->next;
        finish(call, NULL);
    }
}

static void on_turn(uv_timer_t *timer)
{
    struct chat__redis *redis = timer->data;
    struct chat__redis_cache *cache = &redis->cache;
    struct chat__redis_cache_call *call;
    uint64_t now = uv_now(redis->options.loop);

    finish_refused(cache);
    for (call = cache->sent.first; call != NULL && call->due_ms <= now;
         call = call->next)
        if (!call->answered)
            call->judge(call, NULL);
    set_timer(cache, now);
}

/* Replies come in the order of what was sent. */
static void on_reply(void *context, const struct chat__redis_reply *reply)
{
    struct chat__redis *redis = context;

    finish(take(&redis->cache.sent), reply);
}

/* ---- to ask ---- */

static struct chat__redis *redis_of(struct chat__cache *cache)
{
    return CHAT__CONTAINER(cache, struct chat__redis, cache.base);
}

/* NULL: it is closed, the key is too long, or memory is short. */
static struct chat__redis_cache_call *
make_call(struct chat__redis *redis, const char *key, judge_function *judge,
          chat__cache_done *done, void *context)
{
    const char *prefix = redis->options.prefix;
    size_t size = strlen(prefix) + strlen(KEY_MARK) + strlen(key) + 1;
    struct chat__redis_cache_call *call;

    if (redis->cache.closed || strlen(key) > CHAT__CACHE_KEY_BYTES_MAX)
        return NULL;
    call = calloc(1, sizeof *call + size);
    if (call == NULL)
        return NULL;
    snprintf(call->key, size, "%s" KEY_MARK "%s", prefix, key);
    call->redis = redis;
    call->judge = judge;
    call->done = done;
    call->context = context;
    call->due_ms = uv_now(redis->options.loop) + CHAT__CACHE_PATIENCE_MS;
    return call;
}

/* Who has waited in vain for one answer does not wait for the next. */
static bool answers(const struct chat__redis *redis)
{
    return redis->signed_in && redis->cache.count < CHAT__CACHE_CALLS_MAX &&
           chat__redis_connection_waits(redis->commands) <
               CHAT__CACHE_PATIENCE_MS;
}

/* Takes over the call and the commands. */
static bool ask(struct chat__redis_cache_call *call,
                struct chat__buffer *commands, unsigned int replies)
{
    struct chat__redis *redis = call->redis;
    struct chat__redis_cache *cache = &redis->cache;

    if (answers(redis) && chat__redis_connection_send(redis->commands, commands,
                                                      replies, on_reply, redis))
        put(&cache->sent, call);
    else
        put(&cache->refused, call);
    cache->count++;
    chat__buffer_release(commands);
    if (cache->refused.first != NULL ||
        !uv_is_active((const uv_handle_t *)&cache->timer))
        set_timer(cache, uv_now(redis->options.loop));
    return true;
}

/* What is written, with its seal before it; failed when it cannot be. */
static void seal(struct chat__buffer *sealed,
                 const struct chat__redis_cache_call *call,
                 enum chat__seal_use use, const void *bytes, size_t length)
{
    const size_t most = use == CHAT__SEAL_MEMBER ? CHAT__CACHE_MEMBER_BYTES_MAX
                                                 : CHAT__CACHE_VALUE_BYTES_MAX;
    unsigned char mark[CHAT__SEAL_BYTES];

    chat__buffer_init(sealed, CHAT__SEAL_BYTES + most);
    if (call->redis->sealer == NULL || length > most ||
        !chat__seal_make(call->redis->sealer, use, call->key, bytes, length,
                         mark)) {
        sealed->failed = true;
        return;
    }
    chat__buffer_append(sealed, mark, sizeof mark);
    chat__buffer_append(sealed, bytes, length);
}

/* A command that has the sealed bytes as its word `at`. */
static void sealed_command(struct chat__buffer *commands,
                           const struct chat__buffer *sealed, size_t count,
                           const char **words, size_t at)
{
    size_t lengths[WORDS_MAX];

    if (sealed->failed) {
        commands->failed = true;
        return;
    }
    words[at] = sealed->data;
    for (size_t i = 0; i < count; i++)
        lengths[i] = i == at ? sealed->length : strlen(words[i]);
    chat__redis_command(commands, count, words, lengths);
}

static bool ask_plainly(struct chat__redis_cache_call *call, size_t count,
                        const char *const *words)
{
    struct chat__buffer commands;

    chat__buffer_init(&commands, COMMAND_BYTES_MAX);
    chat__redis_command(&commands, count, words, NULL);
    return ask(call, &commands, 1);
}

static bool get(struct chat__cache *cache, const char *key,
                chat__cache_done *done, void *context)
{
    struct chat__redis_cache_call *call =
        make_call(redis_of(cache), key, judge_get, done, context);

    return call != NULL &&
           ask_plainly(call, 2, (const char *const[]){"GET", call->key});
}

static bool set(struct chat__cache *cache, const char *key, const void *bytes,
                size_t length, uint32_t expiry_ms, chat__cache_done *done,
                void *context)
{
    struct chat__redis_cache_call *call =
        make_call(redis_of(cache), key, judge_change, done, context);
    struct chat__buffer commands, sealed;
    char expiry[16];
    const char *words[] = {"SET", NULL, NULL, "PX", expiry};

    if (call == NULL)
        return false;
    words[1] = call->key;
    snprintf(expiry, sizeof expiry, "%" PRIu32, expiry_ms);
    chat__buffer_init(&commands, COMMAND_BYTES_MAX);
    seal(&sealed, call, CHAT__SEAL_VALUE, bytes, length);
    sealed_command(&commands, &sealed, 5, words, 2);
    chat__buffer_release(&sealed);
    return ask(call, &commands, 1);
}

static bool remove_key(struct chat__cache *cache, const char *key,
                       chat__cache_done *done, void *context)
{
    struct chat__redis_cache_call *call =
        make_call(redis_of(cache), key, judge_change, done, context);

    return call != NULL &&
           ask_plainly(call, 2, (const char *const[]){"DEL", call->key});
}

/* A set that nobody gave an end would stay for ever: both or neither. */
static bool add_member(struct chat__cache *cache, const char *key,
                       const void *bytes, size_t length, uint32_t expiry_ms,
                       chat__cache_done *done, void *context)
{
    struct chat__redis_cache_call *call =
        make_call(redis_of(cache), key, judge_change, done, context);
    struct chat__buffer commands, sealed;
    char expiry[16];
    const char *words[] = {"SADD", NULL, NULL};

    if (call == NULL)
        return false;
    words[1] = call->key;
    snprintf(expiry, sizeof expiry, "%" PRIu32, expiry_ms);
    chat__buffer_init(&commands, COMMAND_BYTES_MAX);
    chat__redis_command(&commands, 1, (const char *const[]){"MULTI"}, NULL);
    seal(&sealed, call, CHAT__SEAL_MEMBER, bytes, length);
    sealed_command(&commands, &sealed, 3, words, 2);
    chat__buffer_release(&sealed);
    chat__redis_command(&commands, 3,
                        (const char *const[]){"PEXPIRE", call->key, expiry},
                        NULL);
    chat__redis_command(&commands, 1, (const char *const[]){"EXEC"}, NULL);
    return ask(call, &commands, 4);
}

static bool remove_member(struct chat__cache *cache, const char *key,
                          const void *bytes, size_t length,
                          chat__cache_done *done, void *context)
{
    struct chat__redis_cache_call *call =
        make_call(redis_of(cache), key, judge_change, done, context);
    struct chat__buffer commands, sealed;
    const char *words[] = {"SREM", NULL, NULL};

    if (call == NULL)
        return false;
    words[1] = call->key;
    chat__buffer_init(&commands, COMMAND_BYTES_MAX);
    seal(&sealed, call, CHAT__SEAL_MEMBER, bytes, length);
    sealed_command(&commands, &sealed, 3, words, 2);
    chat__buffer_release(&sealed);
    return ask(call, &commands, 1);
}

/* Unlike SMEMBERS it gives no more than is asked for. */
static bool members(struct chat__cache *cache, const char *key,
                    chat__cache_done *done, void *context)
{
    struct chat__redis_cache_call *call =
        make_call(redis_of(cache), key, judge_members, done, context);
    char count[16];

    if (call == NULL)
        return false;
    snprintf(count, sizeof count, "%d", MEMBERS_ASKED);
    return ask_plainly(call, 3,
                       (const char *const[]){"SRANDMEMBER", call->key, count});
}

/* ---- life ---- */

static const struct chat__cache_operations operations = {
    .get = get,
    .set = set,
    .remove = remove_key,
    .add_member = add_member,
    .remove_member = remove_member,
    .members = members,
};

void chat__redis_cache_init(struct chat__redis *redis)
{
    struct chat__redis_cache *cache = &redis->cache;

    cache->base.operations = &operations;
    clear(&cache->sent);
    clear(&cache->refused);
    uv_timer_init(redis->options.loop, &cache->timer);
    cache->timer.data = redis;
}

void chat__redis_cache_close(struct chat__redis *redis)
{
    struct chat__redis_cache *cache = &redis->cache;

    cache->closed = true;
    finish_refused(cache);
    uv_close((uv_handle_t *)&cache->timer, NULL);
}
