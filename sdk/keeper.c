#include "sdk/keeper.h"

#include "sdk/outbox_file.h"
#include "sdk/saved.h"
#include "sdk/thread.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A late save that failed is tried again, at first after so long. */
#define RETRY_FIRST_MS 500
#define RETRY_LAST_MS  30000

struct chat__keeper {
    pthread_mutex_t mutex; /* one save at a time, newest last */
    struct chat__outbox_file file;
    char *url;
    pthread_t thread;

    pthread_mutex_t *session_mutex; /* guards all below */
    struct chat__session *session;
    pthread_cond_t wanted;
    bool dirty;
    bool stopping;
    uint64_t retry_ms; /* the last save failed: wait so long, 0: it did not */
};

/* ---- saving ---- */

/* What could not be written is to be written later. */
static void note_result(struct chat__keeper *keeper, bool written)
{
    uint64_t longer = 2 * keeper->retry_ms;

    pthread_mutex_lock(keeper->session_mutex);
    if (written)
        keeper->retry_ms = 0;
    else if (keeper->retry_ms == 0)
        keeper->retry_ms = RETRY_FIRST_MS;
    else
        keeper->retry_ms = longer < RETRY_LAST_MS ? longer : RETRY_LAST_MS;
    keeper->dirty = keeper->dirty || !written;
    pthread_mutex_unlock(keeper->session_mutex);
}

/* Writes the present content and `extra`. With keeper->mutex, and only it. */
static int save(struct chat__keeper *keeper, const struct chat__item *extra)
{
    struct chat__buffer buffer;
    int result = CHAT_ERROR_MEMORY;
    bool was_dirty;

    chat__buffer_init(&buffer, CHAT__SAVED_BYTES_MAX);
    pthread_mutex_lock(keeper->session_mutex);
    chat__saved_encode(&buffer, keeper->url,
                       chat__session_credentials(keeper->session),
                       chat__session_outbox(keeper->session), extra);
    was_dirty = keeper->dirty || extra == NULL;
    keeper->dirty = false;
    pthread_mutex_unlock(keeper->session_mutex);
    if (!buffer.failed)
        result =
            chat__outbox_file_save(&keeper->file, buffer.data, buffer.length);
    if (buffer.data != NULL)
        explicit_bzero(buffer.data, buffer.length);
    chat__buffer_release(&buffer);
    /* A message that could not be kept was not taken: nothing is due for it. */
    if (result == CHAT_OK || was_dirty)
        note_result(keeper, result == CHAT_OK);
    return result;
}

static int check(struct chat__keeper *keeper, const struct chat__item *item)
{
    int result;

    pthread_mutex_lock(keeper->session_mutex);
    result = chat__session_check(keeper->session, item);
    pthread_mutex_unlock(keeper->session_mutex);
    return result;
}

int chat__keeper_submit(struct chat__keeper *keeper, struct chat__item *item)
{
    int result;

    pthread_mutex_lock(&keeper->mutex);
    result = check(keeper, item);
    if (result == CHAT_OK)
        result = save(keeper, item);
    if (result == CHAT_OK) {
        pthread_mutex_lock(keeper->session_mutex);
        result = chat__session_submit(keeper->session, item);
        /* Closed meanwhile: the file must not keep it. */
        if (result != CHAT_OK)
            chat__keeper_changed(keeper);
        pthread_mutex_unlock(keeper->session_mutex);
    }
    pthread_mutex_unlock(&keeper->mutex);
    return result;
}

void chat__keeper_changed(struct chat__keeper *keeper)
{
    keeper->dirty = true;
    pthread_cond_signal(&keeper->wanted);
}

/* ---- the thread ---- */

/* After a failure: lets time pass, unless the end comes. With the mutex. */
static void wait_for_retry(struct chat__keeper *keeper)
{
    uint64_t due = chat__thread_now() + keeper->retry_ms;
    struct timespec time = {
        .tv_sec = (time_t)(due / 1000),
        .tv_nsec = (long)(due % 1000) * 1000000,
    };

    while (!keeper->stopping && chat__thread_now() < due)
        pthread_cond_timedwait(&keeper->wanted, keeper->session_mutex, &time);
}

/* Waits for something to write; false: nothing more will come. */
static bool wait_dirty(struct chat__keeper *keeper, bool *last)
{
    bool dirty;

    pthread_mutex_lock(keeper->session_mutex);
    if (keeper->retry_ms > 0)
        wait_for_retry(keeper);
    while (!keeper->dirty && !keeper->stopping)
        pthread_cond_wait(&keeper->wanted, keeper->session_mutex);
    dirty = keeper->dirty;
    *last = keeper->stopping;
    pthread_mutex_unlock(keeper->session_mutex);
    return dirty;
}

static void *run(void *argument)
{
    struct chat__keeper *keeper = argument;
    bool last = false;

    /* At the end a save that fails is not tried again. */
    while (!last && wait_dirty(keeper, &last)) {
        pthread_mutex_lock(&keeper->mutex);
        save(keeper, NULL);
        pthread_mutex_unlock(&keeper->mutex);
    }
    return NULL;
}

/* ---- life ---- */

static int load(struct chat__keeper *keeper)
{
    struct chat__buffer buffer;
    int result;

    chat__buffer_init(&buffer, CHAT__SAVED_BYTES_MAX);
    result = chat__outbox_file_load(&keeper->file, &buffer);
    if (result == CHAT_OK && buffer.length > 0) {
        pthread_mutex_lock(keeper->session_mutex);
        result = chat__saved_decode(buffer.data, buffer.length, keeper->url,
                                    chat__session_credentials(keeper->session),
                                    chat__session_outbox(keeper->session));
        pthread_mutex_unlock(keeper->session_mutex);
    }
    if (buffer.data != NULL)
        explicit_bzero(buffer.data, buffer.length);
    chat__buffer_release(&buffer);
    return result;
}

static void release(struct chat__keeper *keeper)
{
    chat__outbox_file_close(&keeper->file);
    pthread_cond_destroy(&keeper->wanted);
    pthread_mutex_destroy(&keeper->mutex);
    free(keeper->url);
    free(keeper);
}

/* By the clock of chat__thread_now. */
static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

int chat__keeper_new(struct chat__keeper **result, const char *path,
                     const char *url, struct chat__session *session,
                     pthread_mutex_t *mutex)
{
    struct chat__keeper *keeper = calloc(1, sizeof(*keeper));
    int error = CHAT_ERROR_MEMORY;

    if (keeper == NULL)
        return CHAT_ERROR_MEMORY;
    keeper->file.lock = -1;
    keeper->session = session;
    keeper->session_mutex = mutex;
    pthread_mutex_init(&keeper->mutex, NULL);
    init_condition(&keeper->wanted);
    keeper->url = strdup(url);
    if (keeper->url != NULL)
        error = chat__outbox_file_open(&keeper->file, path);
    if (error == CHAT_OK)
        error = load(keeper);
    if (error == CHAT_OK &&
        !chat__thread_start(&keeper->thread, "chat-keeper", run, keeper))
        error = CHAT_ERROR_SYSTEM;
    if (error != CHAT_OK) {
        release(keeper);
        return error;
    }
    *result = keeper;
    return CHAT_OK;
}

void chat__keeper_free(struct chat__keeper *keeper)
{
    if (keeper == NULL)
        return;
    pthread_mutex_lock(keeper->session_mutex);
    keeper->stopping = true;
    pthread_cond_signal(&keeper->wanted);
    pthread_mutex_unlock(keeper->session_mutex);
    pthread_join(keeper->thread, NULL);
    release(keeper);
}
