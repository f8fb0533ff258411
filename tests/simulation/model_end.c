#include "tests/simulation/model.h"

#include "server/core/connection.h"
#include "tests/simulation/link.h"

#include <stdlib.h>
#include <string.h>

/* ---- after each pass ---- */

void model_check_bounds(const struct link *link)
{
    const struct chat__connection *connection = link->connection;
    size_t limit =
        link->simulation->plan.slow_readers && !link->simulation->healed
            ? CHAT__OUTPUT_CROWDED_BYTES_MAX
            : CHAT__OUTPUT_BYTES_MAX;

    if (connection == NULL)
        return;
    if (link->output.charge + link->output.in_library > limit)
        model_violation(link->simulation, "%u bytes wait for link %u",
                        link->output.charge, link->number);
    if (connection->operation_count > CHAT__CONNECTION_OPERATIONS_MAX)
        model_violation(link->simulation, "%u operations of link %u",
                        connection->operation_count, link->number);
    if (connection->subscription_count > ROOMS_MAX)
        model_violation(link->simulation, "%u subscriptions of link %u",
                        connection->subscription_count, link->number);
    if (connection->core->waiting_bytes > CHAT__WAITING_BYTES_MAX ||
        connection->core->resume_bytes > CHAT__RESUME_BYTES_TOTAL_MAX)
        model_violation(link->simulation, "a core holds too much");
}

/* ---- at the end ---- */

/* The record whose key an entry has; NULL: a later server's entry. */
static struct record *find_record(struct simulation *simulation,
                                  const char *bytes)
{
    const char *key = strstr(bytes, "\"key\":\"");
    unsigned long number;
    char *end;

    if (key == NULL)
        model_violation(simulation, "an entry without a key: %s", bytes);
    if (key[7] != 'k')
        return NULL;
    number = strtoul(key + 8, &end, 10);
    /* A guest's expiry draws its key. */
    if (end == key + 8 || *end != '"')
        return NULL;
    if (number >= simulation->record_count)
        model_violation(simulation, "an entry that nobody sent: %s", bytes);
    return &simulation->records[number];
}

/*
 * A request may be on its way twice: by a gateway, or by a connection to
 * another server that broke. Refusals are not kept, so the second copy is
 * judged anew, when its sender may be a member again.
 */
static bool may_have_copies(const struct plan *plan)
{
    return plan->gateway || plan->servers > 1 || plan->drains;
}

static bool ends_once(const struct record *record)
{
    return record->kind == RECORD_SEND || record->kind == RECORD_ENTRY;
}

static void check_once(struct simulation *simulation, unsigned int room,
                       uint64_t seq)
{
    const char *bytes =
        fake_store_bytes(simulation->disk, simulation_rooms[room], seq);
    struct record *record = find_record(simulation, bytes);

    if (record == NULL)
        return;
    if (++record->seen > 1 || record->room != room)
        model_violation(simulation, "a key that came twice: %s", bytes);
    if (ends_once(record) && record->state == RECORD_REFUSED &&
        !may_have_copies(&simulation->plan))
        model_violation(simulation, "it was refused for good: %s", bytes);
    if (ends_once(record) && record->state == RECORD_DONE &&
        record->seq != seq &&
        (record->seq != 0 || !may_have_copies(&simulation->plan)))
        model_violation(simulation, "it was acked as %llu: %s",
                        (unsigned long long)record->seq, bytes);
}

static void check_records(struct simulation *simulation)
{
    uint64_t last[PROGRAMS_MAX][ROOMS_MAX] = {0};

    for (unsigned int i = 0; i < simulation->record_count; i++) {
        const struct record *record = &simulation->records[i];
        uint64_t *before = &last[record->program][record->room];

        if (record->state == RECORD_WAITS)
            model_violation(simulation, "k%u has no end", i);
        if (!ends_once(record) || record->state != RECORD_DONE ||
            record->seq == 0)
            continue;
        if (record->seen != 1)
            model_violation(simulation, "k%u was acked, and is in no log", i);
        if (record->kind != RECORD_SEND)
            continue;
        /* One in flight at a time keeps the order of the calls. */
        if (simulation->plan.in_flight == 1 && record->seq < *before)
            model_violation(simulation, "k%u overtook another", i);
        *before = record->seq;
    }
}

/* The disk has what was appended, but for what a delete erases. */
static void check_bytes(const struct simulation *simulation, unsigned int room,
                        uint64_t seq)
{
    const struct log_entry *entry = &simulation->logs[room].entries[seq - 1];
    const char *bytes =
        fake_store_bytes(simulation->disk, simulation_rooms[room], seq);

    if (!entry->erased && strcmp(bytes, entry->bytes) != 0)
        model_violation(simulation, "%s has become %s", entry->bytes, bytes);
    if (entry->erased && (strstr(bytes, ",\"deleted\":true") == NULL ||
                          strstr(bytes, "\"text\":") != NULL ||
                          strstr(bytes, "\"mentions\":") != NULL))
        model_violation(simulation, "deleted, but not erased: %s", bytes);
}

static void check_log(struct simulation *simulation, unsigned int room)
{
    const struct log *log = &simulation->logs[room];
    const char *name = simulation_rooms[room];

    if (fake_store_head(simulation->disk, name) != log->count)
        model_violation(simulation, "%s has entries that nobody made", name);
    for (uint64_t seq = 1; seq <= log->count; seq++) {
        check_bytes(simulation, room, seq);
        check_once(simulation, room, seq);
    }
    for (uint64_t user = 1; log->count > 0 && user < LOG_USERS; user++)
        if (fake_store_role(simulation->disk, name, user) != log->roles[user])
            model_violation(simulation,
                            "user %llu does not stand to %s as its "
                            "log says",
                            (unsigned long long)user, name);
}

void model_check_logs(struct simulation *simulation)
{
    for (unsigned int room = 0; room < ROOMS_MAX; room++)
        check_log(simulation, room);
    check_records(simulation);
}
