#include "server/bus/redis_reply.h"

#include <hiredis/read.h>
#include <stdlib.h>
#include <string.h>

struct chat__redis_reader {
    struct chat__redis_limits limits;
    redisReader *reader;
    size_t bytes; /* of the reply that is being read */
    size_t elements;
    bool overflowed;
};

bool chat__redis_reply_is(const struct chat__redis_reply *reply,
                          const char *text)
{
    return reply->kind == CHAT__REDIS_TEXT && reply->length == strlen(text) &&
           memcmp(reply->bytes, text, reply->length) == 0;
}

void chat__redis_reply_free(struct chat__redis_reply *reply)
{
    if (reply == NULL)
        return;
    for (size_t i = 0; i < reply->count; i++)
        chat__redis_reply_free(reply->elements[i]);
    free(reply->elements);
    free(reply);
}

/* ---- what hiredis makes ---- */

/* Charges the limits, then takes memory, and puts the reply into its array. */
static struct chat__redis_reply *make(const redisReadTask *task,
                                      enum chat__redis_kind kind, size_t length)
{
    struct chat__redis_reader *reader = task->privdata;
    struct chat__redis_reply *reply = NULL;

    reader->bytes += length;
    reader->elements++;
    reader->overflowed = reader->overflowed ||
                         reader->bytes > reader->limits.bytes_max ||
                         reader->elements > reader->limits.elements_max;
    if (!reader->overflowed)
        reply = calloc(1, sizeof *reply + length + 1);
    if (reply == NULL)
        return NULL;
    reply->kind = kind;
    reply->length = length;
    if (task->parent != NULL) {
        struct chat__redis_reply *array = task->parent->obj;

        array->elements[task->idx] = reply;
    }
    return reply;
}

static void *make_text(const redisReadTask *task, char *bytes, size_t length)
{
    struct chat__redis_reply *reply = make(
        task,
        task->type == REDIS_REPLY_ERROR ? CHAT__REDIS_ERROR : CHAT__REDIS_TEXT,
        length);

    if (reply != NULL)
        memcpy(reply->bytes, bytes, length);
    return reply;
}

static void *make_array(const redisReadTask *task, int count)
{
    struct chat__redis_reader *reader = task->privdata;
    struct chat__redis_reply *reply;

    if (count < 0 ||
        (size_t)count > reader->limits.elements_max - reader->elements) {
        reader->overflowed = true;
        return NULL;
    }
    reply = make(task, CHAT__REDIS_ARRAY, 0);
    if (reply == NULL || count == 0)
        return reply;
    /* hiredis forgets it when this fails, unless it is in an array already. */
    reply->elements = calloc((size_t)count, sizeof(struct chat__redis_reply *));
    if (reply->elements == NULL) {
        if (task->parent == NULL)
            free(reply);
        return NULL;
    }
    reply->count = (size_t)count;
    return reply;
}

static void *make_integer(const redisReadTask *task, long long value)
{
    struct chat__redis_reply *reply = make(task, CHAT__REDIS_INTEGER, 0);

    if (reply != NULL)
        reply->integer = value;
    return reply;
}

static void *make_nil(const redisReadTask *task)
{
    return make(task, CHAT__REDIS_NIL, 0);
}

static void free_object(void *reply)
{
    chat__redis_reply_free(reply);
}

static redisReplyObjectFunctions functions = {
    .createString = make_text,
    .createArray = make_array,
    .createInteger = make_integer,
    .createNil = make_nil,
    .freeObject = free_object,
};

/* ---- the reader ---- */

struct chat__redis_reader *
chat__redis_reader_new(const struct chat__redis_limits *limits)
{
    struct chat__redis_reader *reader = calloc(1, sizeof *reader);

    if (reader == NULL)
        return NULL;
    reader->limits = *limits;
    reader->reader = redisReaderCreateWithFunctions(&functions);
    if (reader->reader == NULL) {
        free(reader);
        return NULL;
    }
    reader->reader->privdata = reader;
    return reader;
}

void chat__redis_reader_free(struct chat__redis_reader *reader)
{
    if (reader == NULL)
        return;
    redisReaderFree(reader->reader);
    free(reader);
}

bool chat__redis_reader_feed(struct chat__redis_reader *reader,
                             const char *bytes, size_t length)
{
    size_t held = reader->reader->len - reader->reader->pos;

    if (length > reader->limits.bytes_max ||
        held > reader->limits.bytes_max - length) {
        reader->overflowed = true;
        return false;
    }
    return redisReaderFeed(reader->reader, bytes, length) == REDIS_OK;
}

bool chat__redis_reader_next(struct chat__redis_reader *reader,
                             struct chat__redis_reply **reply)
{
    void *next = NULL;

    *reply = NULL;
    if (redisReaderGetReply(reader->reader, &next) != REDIS_OK)
        return false;
    *reply = next;
    if (next != NULL)
        reader->bytes = reader->elements = 0;
    return true;
}

bool chat__redis_reader_overflowed(const struct chat__redis_reader *reader)
{
    return reader->overflowed;
}
