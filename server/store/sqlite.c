#include "server/store/sqlite.h"

#include "server/store/sqlite_private.h"
#include "server/store/sqlite_schema.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

void chat__sqlite_finish(struct chat__sqlite *store,
                         const struct chat__sqlite_job *job,
                         enum chat__store_result result)
{
    *job->result = result;
    store->options.sink.post(store->options.sink.context, job->completion);
}

void chat__sqlite_note(struct chat__sqlite *store,
                       struct chat__sqlite_connection *connection,
                       const char *what, bool worked)
{
    if (worked == !connection->failing)
        return;
    connection->failing = !worked;
    if (store->options.report == NULL)
        return;
    char message[2 * CHAT__SQLITE_MESSAGE_BYTES];
    if (worked)
        snprintf(message, sizeof message, "can %s %s again", what,
                 store->file.path);
    else
        snprintf(message, sizeof message, "cannot %s %s: %s", what,
                 store->file.path, connection->failure);
    store->options.report(store->options.report_context, message);
}

/* ---- operations: they only queue */

static struct chat__sqlite *self(struct chat__store *store)
{
    return (struct chat__sqlite *)store;
}

static void submit(struct chat__sqlite *store, struct chat__sqlite_queue *queue,
                   struct chat__sqlite_job *job)
{
    job->otherwise = CHAT__STORE_FAILED;
    if (!chat__sqlite_queue_push(queue, job))
        chat__sqlite_finish(store, job, CHAT__STORE_BUSY);
}

/* A job for a request of any type: they share the names of these members. */
#define JOB(request_, work_)                                                   \
    {                                                                          \
        .work = (work_), .request = (request_),                                \
        .completion = &(request_)->completion, .result = &(request_)->result   \
    }

/* Its key is looked for by adding it; all else that may refuse comes before. */
static bool is_one_plain_entry(const struct chat__store_append *request)
{
    return request->create_epoch == NULL && request->count == 1 &&
           request->entries[0].fold == CHAT__FOLD_NONE;
}

static void append(struct chat__store *store,
                   struct chat__store_append *request)
{
    struct chat__sqlite_job job = JOB(request, chat__sqlite_append);
    for (size_t i = 0; i < request->count; i++)
        job.weight += request->entries[i].length;
    job.refuses_first = is_one_plain_entry(request);
    submit(self(store), &self(store)->writer.queue, &job);
}

/* Other credentials make tokens; a token mostly needs a look only. */
static void sign_in(struct chat__store *store,
                    struct chat__store_sign_in *request)
{
    struct chat__sqlite *sqlite = self(store);
    bool reads = request->credential == CHAT__STORE_TOKEN;
    struct chat__sqlite_job job =
        JOB(request, reads ? chat__sqlite_sign_in_token : chat__sqlite_sign_in);
    submit(sqlite, reads ? &sqlite->reads : &sqlite->writer.queue, &job);
}

/*
 * The operations of which there is no more to say than whose work they are.
 * All of them refuse before they write.
 */
#define OPERATION(name_, queue_)                                               \
    static void name_(struct chat__store *store,                               \
                      struct chat__store_##name_ *request)                     \
    {                                                                          \
        struct chat__sqlite_job job = JOB(request, chat__sqlite_##name_);      \
        job.refuses_first = true;                                              \
        submit(self(store), &self(store)->queue_, &job);                       \
    }

OPERATION(find_key, reads)
OPERATION(open_room, reads)
OPERATION(read_log, reads)
OPERATION(find_message, reads)
OPERATION(find_account, reads)
OPERATION(find_user, reads)
OPERATION(idle_guests, reads)
OPERATION(list_members, reads)
OPERATION(list_rooms, reads)
OPERATION(heads, reads)
OPERATION(list_users, reads)
OPERATION(end_tokens, writer.queue)
OPERATION(keep_session, writer.queue)
OPERATION(mark_read, writer.queue)
OPERATION(set_banned, writer.queue)
OPERATION(probe, writer.queue)

struct chat__sqlite_statistics
chat__sqlite_statistics(const struct chat__store *store)
{
    const struct chat__sqlite *sqlite = (const struct chat__sqlite *)store;
    const struct chat__sqlite_counters *counters = &sqlite->counters;
    return (struct chat__sqlite_statistics){
        .commits = atomic_load(&counters->commits),
        .writes = atomic_load(&counters->writes),
        .failures = atomic_load(&counters->failures),
        .reads = atomic_load(&counters->reads),
        .checkpoints = atomic_load(&counters->checkpoints),
        .erasures = atomic_load(&counters->erasures),
        .wal_pages = atomic_load(&counters->wal_pages),
        .failing = atomic_load(&counters->failing),
    };
}

/* ---- SQLite itself */

/*
 * Nothing asks how much memory SQLite has, and counting it takes a lock at
 * each allocation. Refused, without harm, where SQLite is in use already.
 */
static void set_up_sqlite(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* ---- closing */

/*
 * Leaves one file without a WAL behind. What cannot be moved now is at open,
 * where a crash may have left text that was erased.
 */
static bool move_wal(struct chat__sqlite *store)
{
    struct chat__sqlite_connection *connection = &store->checkpoint.connection;
    int code = sqlite3_wal_checkpoint_v2(
        connection->database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (code != SQLITE_OK)
        chat__sqlite_connection_fail(connection, code);
    chat__sqlite_note(store, connection, "checkpoint", code == SQLITE_OK);
    return code == SQLITE_OK;
}

static void close_connections(struct chat__sqlite *store)
{
    for (size_t i = 0; i < CHAT__SQLITE_READERS; i++)
        chat__sqlite_connection_close(&store->readers[i].connection);
    chat__sqlite_connection_close(&store->checkpoint.connection);
    chat__sqlite_connection_close(&store->writer.connection);
}

static void release_parts(struct chat__sqlite *store)
{
    chat__sqlite_queue_release(&store->reads);
    chat__sqlite_queue_release(&store->writer.queue);
    pthread_cond_destroy(&store->checkpoint.wanted_or_stopping);
    pthread_mutex_destroy(&store->checkpoint.mutex);
    pthread_mutex_destroy(&store->checkpoint.pass);
    free(store->writer.group);
}

static void stop_readers(struct chat__sqlite *store, size_t count)
{
    chat__sqlite_queue_close(&store->reads);
    for (size_t i = 0; i < count; i++)
        pthread_join(store->readers[i].thread, NULL);
}

static void stop_writer(struct chat__sqlite *store)
{
    chat__sqlite_queue_close(&store->writer.queue);
    pthread_join(store->writer.thread, NULL);
}

static void stop_checkpoint(struct chat__sqlite *store)
{
    chat__sqlite_checkpoint_stop(store);
    pthread_join(store->checkpoint.thread, NULL);
}

/* Readers first: they hand work to the writer, and it to the checkpointer. */
static void close_store(struct chat__store *base)
{
    struct chat__sqlite *store = self(base);
    stop_readers(store, CHAT__SQLITE_READERS);
    stop_writer(store);
    stop_checkpoint(store);
    move_wal(store);
    close_connections(store);
    release_parts(store);
    chat__sqlite_file_close(&store->file);
    free(store);
}

static const struct chat__store_operations operations = {
    .append = append,
    .find_key = find_key,
    .open_room = open_room,
    .read_log = read_log,
    .sign_in = sign_in,
    .find_message = find_message,
    .find_account = find_account,
    .find_user = find_user,
    .end_tokens = end_tokens,
    .keep_session = keep_session,
    .idle_guests = idle_guests,
    .list_members = list_members,
    .mark_read = mark_read,
    .list_rooms = list_rooms,
    .heads = heads,
    .list_users = list_users,
    .set_banned = set_banned,
    .probe = probe,
    .close = close_store,
};

/* ---- opening */

/* All that needs memory but no file. */
static bool init_parts(struct chat__sqlite *store)
{
    struct chat__sqlite_writer *writer = &store->writer;
    struct chat__sqlite_checkpoint *checkpoint = &store->checkpoint;
    writer->group = calloc(CHAT__SQLITE_GROUP_JOBS_MAX, sizeof *writer->group);
    if (writer->group == NULL)
        return false;
    if (pthread_mutex_init(&checkpoint->pass, NULL) != 0)
        goto no_pass;
    if (pthread_mutex_init(&checkpoint->mutex, NULL) != 0)
        goto no_mutex;
    if (!chat__sqlite_checkpoint_init_condition(checkpoint))
        goto no_condition;
    if (!chat__sqlite_queue_init(&writer->queue, CHAT__SQLITE_QUEUE_MAX))
        goto no_writes;
    if (!chat__sqlite_queue_init(&store->reads, CHAT__SQLITE_QUEUE_MAX))
        goto no_reads;
    return true;

no_reads:
    chat__sqlite_queue_release(&writer->queue);
no_writes:
    pthread_cond_destroy(&checkpoint->wanted_or_stopping);
no_condition:
    pthread_mutex_destroy(&checkpoint->mutex);
no_mutex:
    pthread_mutex_destroy(&checkpoint->pass);
no_pass:
    free(writer->group);
    return false;
}

static bool open_reader(struct chat__sqlite_connection *connection,
                        const char *path)
{
    return chat__sqlite_connection_open(connection, path) &&
           chat__sqlite_connection_execute(
               connection,
               "PRAGMA query_only = ON;"
               "PRAGMA cell_size_check = ON;" CHAT__SQLITE_CACHE_PRAGMA) &&
           chat__sqlite_connection_prepare(connection);
}

/* A connection that has read nothing does not know that there is a WAL. */
static bool open_checkpoint(struct chat__sqlite_connection *connection,
                            const char *path)
{
    return chat__sqlite_connection_open(connection, path) &&
           chat__sqlite_connection_execute(
               connection, "SELECT count(*) FROM sqlite_schema");
}

static bool open_connections(struct chat__sqlite *store,
                             const struct chat__sqlite_message *message)
{
    const char *path = store->file.path;
    struct chat__sqlite_connection *connection = &store->writer.connection;
    if (!chat__sqlite_connection_open(connection, path))
        goto failed;
    if (!chat__sqlite_schema_open(connection, path, message))
        return false;
    for (size_t i = 0; i < CHAT__SQLITE_READERS; i++) {
        connection = &store->readers[i].connection;
        if (!open_reader(connection, path))
            goto failed;
    }
    connection = &store->checkpoint.connection;
    if (open_checkpoint(connection, path))
        return true;

failed:
    return chat__sqlite_refuse(message, "cannot open %s: %s", path,
                               connection->failure);
}

static bool start_readers(struct chat__sqlite *store)
{
    for (size_t i = 0; i < CHAT__SQLITE_READERS; i++) {
        struct chat__sqlite_reader *reader = &store->readers[i];
        reader->store = store;
        if (pthread_create(&reader->thread, NULL, chat__sqlite_reader_run,
                           reader) != 0) {
            stop_readers(store, i);
            return false;
        }
        pthread_setname_np(reader->thread, "chat-reader");
    }
    return true;
}

static bool start_threads(struct chat__sqlite *store)
{
    if (pthread_create(&store->checkpoint.thread, NULL,
                       chat__sqlite_checkpoint_run, store) != 0)
        return false;
    pthread_setname_np(store->checkpoint.thread, "chat-checkpoint");
    if (pthread_create(&store->writer.thread, NULL, chat__sqlite_writer_run,
                       store) != 0)
        goto no_writer;
    pthread_setname_np(store->writer.thread, "chat-writer");
    if (!start_readers(store))
        goto no_readers;
    return true;

no_readers:
    stop_writer(store);
no_writer:
    stop_checkpoint(store);
    return false;
}

/* Signals are for the thread that opens the store, never for ours. */
static bool start(struct chat__sqlite *store,
                  const struct chat__sqlite_message *message)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = start_threads(store);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started || chat__sqlite_refuse(message, "cannot start a thread");
}

struct chat__store *
chat__sqlite_open(const struct chat__sqlite_options *options, char *text,
                  size_t text_size)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const struct chat__sqlite_message message = {text, text_size};
    struct chat__sqlite *store = calloc(1, sizeof *store);
    pthread_once(&once, set_up_sqlite);
    if (store == NULL || !init_parts(store)) {
        chat__sqlite_refuse(&message, "memory is short");
        goto no_parts;
    }
    store->store.operations = &operations;
    store->options = *options;
    if (!chat__sqlite_file_open(&store->file, options->path, &message))
        goto no_file;
    if (!open_connections(store, &message))
        goto no_threads;
    if (!move_wal(store))
        chat__sqlite_checkpoint_erase(store);
    if (!start(store, &message))
        goto no_threads;
    return &store->store;

no_threads:
    close_connections(store);
    chat__sqlite_file_close(&store->file);
no_file:
    release_parts(store);
no_parts:
    free(store);
    return NULL;
}
