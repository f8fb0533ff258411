#include "sdk/keeper.h"

#include "sdk/outbox_file.h"
#include "sdk/saved.h"
#include "sdk/thread.h"

#include <stdlib.h>
#include <string.h>

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
};

/* ---- saving ---- */

/* Writes the present content and `extra`. With keeper->mutex, and only it. */
static int save(struct chat__keeper *keeper, const struct chat__item *extra)
{
    struct chat__buffer buffer;
    int result = CHAT_ERROR_MEMORY;

    chat__buffer_init(&buffer, CHAT__SAVED_BYTES_MAX);
    pthread_mutex_lock(keeper->session_mutex);
    chat__saved_encode(&buffer, keeper->url,
                       chat__session_credentials(keeper->session),
                       chat__session_outbox(keeper->session), extra);
    keeper->dirty = false;
    pthread_mutex_unlock(keeper->session_mutex);
    if (!buffer.failed)
        result =
            chat__outbox_file_save(&keeper->file, buffer.data, buffer.length);
    if (buffer.data != NULL)
        explicit_bzero(buffer.data, buffer.length);
    chat__buffer_release(&buffer);
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

/* Waits for something to write; false: nothing more will come. */
static bool wait_dirty(struct chat__keeper *keeper)
{
    bool dirty;

    pthread_mutex_lock(keeper->session_mutex);
    while (!keeper->dirty && !keeper->stopping)
        pthread_cond_wait(&keeper->wanted, keeper->session_mutex);
    dirty = keeper->dirty;
    pthread_mutex_unlock(keeper->session_mutex);
    return dirty;
}

static void *run(void *argument)
{
    struct chat__keeper *keeper = argument;

    while (wait_dirty(keeper)) {
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
    pthread_cond_init(&keeper->wanted, NULL);
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
