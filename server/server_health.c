/*
 * Whether this server should be sent clients, and the pages that its operator
 * looks at. The store is asked by a write that changes nothing: whenever
 * somebody looks, and until it works again once it has failed, but never more
 * than once a second, one at a time.
 */
#include "server/server_private.h"

#include "server/server_dynamodb.h"
#include "server/store/sqlite.h"

#include <string.h>

#define PROBE_INTERVAL_MS 1000

/* A store that takes longer for its answer is as good as gone. */
#define PROBE_PATIENCE_MS 5000

static void on_probed(struct chat__completion *completion)
{
    struct chat__server_health *health =
        (struct chat__server_health *)((char *)completion -
                                       offsetof(struct chat__server_health,
                                                probe.completion));

    health->probing = false;
}

static int64_t monotonic_ms(void)
{
    return (int64_t)(uv_hrtime() / 1000000);
}

static void probe_store(struct chat__server *server)
{
    struct chat__server_health *health = &server->health;
    int64_t now = monotonic_ms();

    if (health->probing || now - health->probed_ms < PROBE_INTERVAL_MS)
        return;
    health->probing = true;
    health->probed_ms = now;
    health->probe.completion.run = on_probed;
    server->store->operations->probe(server->store, &health->probe);
}

static const char *tables_detail(const struct chat__server *server)
{
    const char *problem = chat__server_dynamodb_problem(server->dynamodb);

    if (problem == NULL && server->health.probe.result != CHAT__STORE_OK)
        return "the last write to the tables failed";
    return problem;
}

static const char *store_detail(const struct chat__server *server)
{
    const struct chat__server_health *health = &server->health;

    if (health->probing &&
        monotonic_ms() - health->probed_ms >= PROBE_PATIENCE_MS)
        return "the database does not answer";
    if (server->dynamodb != NULL)
        return tables_detail(server);
    if (chat__sqlite_statistics(server->store).failing)
        return "the last write to the database failed; see `store` in the log";
    return NULL;
}

static void look(struct chat__server *server)
{
    struct chat__health *record = &server->health.record;
    struct chat__core_counts counts = chat__core_counts(server->core);
    int64_t now_ms = chat__server_wall_ms(NULL);

    chat__health_set(record, CHAT__HEALTH_DRAINING,
                     server->draining ? "the server stops" : NULL, now_ms);
    chat__health_set(record, CHAT__HEALTH_STORE, store_detail(server), now_ms);
    chat__health_set(record, CHAT__HEALTH_LOBBY,
                     counts.lobby_failed ? "the room cannot be made" : NULL,
                     now_ms);
    chat__health_set(record, CHAT__HEALTH_FULL,
                     chat__front_is_full(server->front) ? "--max-connections"
                                                        : NULL,
                     now_ms);
    chat__health_set(record, CHAT__HEALTH_REDIS,
                     chat__server_redis_detail(server), now_ms);
}

void chat__server_health_tick(struct chat__server *server)
{
    look(server);
    if (!chat__health_is_ready(&server->health.record))
        probe_store(server);
}

bool chat__server_is_ready(void *context)
{
    struct chat__server *server = context;

    probe_store(server);
    look(server);
    return chat__health_is_ready(&server->health.record);
}

static bool is_path(const char *path, size_t length, const char *name)
{
    return strlen(name) == length && memcmp(path, name, length) == 0;
}

bool chat__server_page(void *context, const char *path, size_t length,
                       struct chat__ops_page *page)
{
    struct chat__server *server = context;

    if (is_path(path, length, "/metrics")) {
        page->type = CHAT__METRICS_TYPE;
        chat__server_write_metrics(server, &page->body);
        return true;
    }
    if (!is_path(path, length, "/readyz"))
        return false;
    page->status = chat__server_is_ready(server) ? 200 : 503;
    page->type = "application/json";
    chat__health_write(&server->health.record, &page->body);
    return true;
}
