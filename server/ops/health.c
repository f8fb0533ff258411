#include "server/ops/health.h"

#include "protocol/writer.h"

#include <stddef.h>
#include <time.h>

static const char *const names[CHAT__HEALTH_REASON_COUNT] = {
    [CHAT__HEALTH_DRAINING] = "draining", [CHAT__HEALTH_STORE] = "store",
    [CHAT__HEALTH_LOBBY] = "lobby",       [CHAT__HEALTH_FULL] = "full",
    [CHAT__HEALTH_REDIS] = "redis",
};

void chat__health_set(struct chat__health *health,
                      enum chat__health_reason reason, const char *detail,
                      int64_t now_ms)
{
    if (detail != NULL && health->reasons[reason].detail == NULL)
        health->reasons[reason].since_ms = now_ms;
    health->reasons[reason].detail = detail;
}

static bool has_any(const struct chat__health *health, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (health->reasons[i].detail != NULL)
            return true;
    return false;
}

bool chat__health_is_ready(const struct chat__health *health)
{
    return !has_any(health, 0, CHAT__HEALTH_DEGRADED);
}

static void write_time(struct chat__writer *writer, const char *key,
                       int64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm utc;
    char text[48];

    gmtime_r(&seconds, &utc);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    chat__write_string(writer, key, text);
}

static void write_reasons(struct chat__writer *writer, const char *name,
                          const struct chat__health *health, size_t from,
                          size_t to)
{
    chat__write_array(writer, name);
    for (size_t i = from; i < to; i++) {
        if (health->reasons[i].detail == NULL)
            continue;
        chat__write_object(writer, NULL);
        chat__write_string(writer, "name", names[i]);
        write_time(writer, "since", health->reasons[i].since_ms);
        chat__write_string(writer, "detail", health->reasons[i].detail);
        chat__write_object_end(writer);
    }
    chat__write_array_end(writer);
}

void chat__health_write(const struct chat__health *health,
                        struct chat__buffer *buffer)
{
    struct chat__writer writer;

    chat__writer_init(&writer, buffer);
    chat__write_object(&writer, NULL);
    chat__write_bool(&writer, "ready", chat__health_is_ready(health));
    write_reasons(&writer, "reasons", health, 0, CHAT__HEALTH_DEGRADED);
    if (has_any(health, CHAT__HEALTH_DEGRADED, CHAT__HEALTH_REASON_COUNT))
        write_reasons(&writer, "degraded", health, CHAT__HEALTH_DEGRADED,
                      CHAT__HEALTH_REASON_COUNT);
    chat__write_object_end(&writer);
    chat__buffer_append_byte(buffer, '\n');
}
