#include "server/account/password.h"

#include <argon2.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define SALT_BYTES 16
#define HASH_BYTES 32

struct chat__passwords {
    struct chat__completion_sink sink;
    pthread_mutex_t mutex; /* guards what is below */
    pthread_cond_t arrived;
    struct chat__password_job *waiting[CHAT__PASSWORD_WAITING_MAX]; /* a ring */
    size_t first;
    size_t count;
    bool closed;
    /* Never changes: the hash that no password has. */
    char nobody[CHAT__PASSWORD_HASH_SIZE];
    pthread_t threads[CHAT__PASSWORD_THREADS];
    size_t thread_count;
};

/* ---- the work ---- */

static bool make_hash(const char *password, size_t length,
                      char hash[CHAT__PASSWORD_HASH_SIZE])
{
    unsigned char salt[SALT_BYTES];

    return getrandom(salt, sizeof(salt), 0) == (ssize_t)sizeof(salt) &&
           argon2id_hash_encoded(
               CHAT__PASSWORD_PASSES, CHAT__PASSWORD_MEMORY_KIB,
               CHAT__PASSWORD_LANES, password, length, salt, sizeof(salt),
               HASH_BYTES, hash, CHAT__PASSWORD_HASH_SIZE) == ARGON2_OK;
}

static enum chat__password_result verify(const char *hash,
                                         const struct chat__password_job *job)
{
    switch (argon2id_verify(hash, job->password, strlen(job->password))) {
    case ARGON2_OK:
        return CHAT__PASSWORD_RIGHT;
    case ARGON2_VERIFY_MISMATCH:
        return CHAT__PASSWORD_WRONG;
    default:
        return CHAT__PASSWORD_FAILED;
    }
}

static enum chat__password_result work(const struct chat__passwords *passwords,
                                       struct chat__password_job *job)
{
    if (job->make)
        return make_hash(job->password, strlen(job->password), job->hash)
                   ? CHAT__PASSWORD_RIGHT
                   : CHAT__PASSWORD_FAILED;
    if (job->against != NULL)
        return verify(job->against, job);
    (void)verify(passwords->nobody, job);
    return CHAT__PASSWORD_WRONG;
}

static struct chat__password_job *take(struct chat__passwords *passwords)
{
    struct chat__password_job *job = NULL;

    pthread_mutex_lock(&passwords->mutex);
    while (passwords->count == 0 && !passwords->closed)
        pthread_cond_wait(&passwords->arrived, &passwords->mutex);
    if (passwords->count > 0) {
        job = passwords->waiting[passwords->first];
        passwords->first = (passwords->first + 1) % CHAT__PASSWORD_WAITING_MAX;
        passwords->count--;
    }
    pthread_mutex_unlock(&passwords->mutex);
    return job;
}

static void *run(void *context)
{
    struct chat__passwords *passwords = context;
    struct chat__password_job *job;

    while ((job = take(passwords)) != NULL) {
        job->result = work(passwords, job);
        passwords->sink.post(passwords->sink.context, &job->completion);
    }
    return NULL;
}

void chat__password_submit(void *context, struct chat__password_job *job)
{
    struct chat__passwords *passwords = context;
    bool taken;

    pthread_mutex_lock(&passwords->mutex);
    taken = passwords->count < CHAT__PASSWORD_WAITING_MAX;
    if (taken) {
        size_t last = passwords->first + passwords->count++;

        passwords->waiting[last % CHAT__PASSWORD_WAITING_MAX] = job;
        pthread_cond_signal(&passwords->arrived);
    }
    pthread_mutex_unlock(&passwords->mutex);
    if (!taken) {
        job->result = CHAT__PASSWORD_BUSY;
        passwords->sink.post(passwords->sink.context, &job->completion);
    }
}

/* ---- life ---- */

static bool make_nobody(struct chat__passwords *passwords)
{
    char password[HASH_BYTES];

    return getrandom(password, sizeof(password), 0) ==
               (ssize_t)sizeof(password) &&
           make_hash(password, sizeof(password), passwords->nobody);
}

static bool create_threads(struct chat__passwords *passwords)
{
    while (passwords->thread_count < CHAT__PASSWORD_THREADS) {
        if (pthread_create(&passwords->threads[passwords->thread_count], NULL,
                           run, passwords) != 0)
            return false;
        passwords->thread_count++;
    }
    return true;
}

/* Signals are the loop's. */
static bool start_threads(struct chat__passwords *passwords)
{
    sigset_t all, before;
    bool started;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    started = create_threads(passwords);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

struct chat__passwords *
chat__passwords_new(const struct chat__completion_sink *sink)
{
    struct chat__passwords *passwords = calloc(1, sizeof(*passwords));

    if (passwords == NULL)
        return NULL;
    passwords->sink = *sink;
    pthread_mutex_init(&passwords->mutex, NULL);
    pthread_cond_init(&passwords->arrived, NULL);
    if (!make_nobody(passwords) || !start_threads(passwords)) {
        chat__passwords_free(passwords);
        return NULL;
    }
    return passwords;
}

void chat__passwords_free(struct chat__passwords *passwords)
{
    if (passwords == NULL)
        return;
    pthread_mutex_lock(&passwords->mutex);
    passwords->closed = true;
    pthread_cond_broadcast(&passwords->arrived);
    pthread_mutex_unlock(&passwords->mutex);
    for (size_t i = 0; i < passwords->thread_count; i++)
        pthread_join(passwords->threads[i], NULL);
    pthread_cond_destroy(&passwords->arrived);
    pthread_mutex_destroy(&passwords->mutex);
    free(passwords);
}
