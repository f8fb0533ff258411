#include "sdk/network.h"

#include "sdk/thread.h"

#include <libwebsockets.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#define LOG_LEVEL_DEFAULT (LLL_ERR | LLL_WARN | LLL_NOTICE)

/* Read buffer of the thread: one whole frame of the protocol fits. */
#define SERVICE_BUFFER_BYTES (32 * 1024)

struct chat__network {
    struct lws_context *context;
    pthread_t thread;
    lws_sorted_usec_list_t timer;
    bool silenced;
    pthread_mutex_t mutex; /* the list and the flags below */
    pthread_cond_t left;
    struct chat__member *members;
    size_t count;
    bool stopping;
};

/* Guards the start and the stop of the one network. Never on its thread. */
static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;
static struct chat__network *running;

/* ---- what libwebsockets shares with the process ---- */

static int log_level(void)
{
    int level = 0;

    for (int bit = 1; bit < 1 << LLL_COUNT; bit <<= 1) {
        if (lwsl_visible(bit))
            level |= bit;
    }
    return level;
}

static void silence(struct chat__network *network)
{
    network->silenced = log_level() == LOG_LEVEL_DEFAULT;
    if (network->silenced)
        lws_set_log_level(0, NULL);
}

static void unsilence(const struct chat__network *network)
{
    if (network->silenced && log_level() == 0)
        lws_set_log_level(LOG_LEVEL_DEFAULT, NULL);
}

static struct lws_context *create_context(void)
{
    struct lws_context_creation_info info = {0};
    struct lws_context *context;
    struct sigaction before;

    info.port = CONTEXT_PORT_NO_LISTEN;
    info.gid = (gid_t)-1;
    info.uid = (uid_t)-1;
    info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.pt_serv_buf_size = SERVICE_BUFFER_BYTES;
    /* Each member has a socket, its successor, and one that says good-bye. */
    info.fd_limit_per_thread = 3 * CHAT__MEMBERS_MAX + 8;
    sigaction(SIGPIPE, NULL, &before);
    context = lws_create_context(&info);
    sigaction(SIGPIPE, &before, NULL);
    return context;
}

/* ---- the thread ---- */

/* The member behind `member`, or the first for NULL. */
static struct chat__member *member_after(struct chat__network *network,
                                         const struct chat__member *member)
{
    struct chat__member *next;

    pthread_mutex_lock(&network->mutex);
    next = member != NULL ? member->next : network->members;
    pthread_mutex_unlock(&network->mutex);
    return next;
}

/* Members join at the head; only this thread takes them out. */
static void take_out(struct chat__network *network, struct chat__member *member)
{
    struct chat__member **link = &network->members;

    while (*link != member)
        link = &(*link)->next;
    *link = member->next;
    network->count--;
}

/* Lets those go who want to leave; true: the thread is to end. */
static bool release_leavers(struct chat__network *network)
{
    struct chat__member *member;
    struct chat__member *next;
    bool stopping;

    pthread_mutex_lock(&network->mutex);
    for (member = network->members; member != NULL; member = next) {
        next = member->next;
        if (!member->leaving)
            continue;
        member->end(member);
        take_out(network, member);
        member->leaving = false;
        pthread_cond_broadcast(&network->left);
    }
    stopping = network->stopping;
    pthread_mutex_unlock(&network->mutex);
    return stopping;
}

static uint64_t step_members(struct chat__network *network)
{
    uint64_t due = UINT64_MAX;
    struct chat__member *member;

    for (member = member_after(network, NULL); member != NULL;
         member = member_after(network, member)) {
        uint64_t now = chat__thread_now();

        if (atomic_exchange(&member->woken, false) || member->due <= now)
            member->step(member, now);
        /* Who is woken already cannot end the wait by being woken again. */
        if (atomic_load(&member->woken))
            due = 0;
        if (member->due < due)
            due = member->due;
    }
    return due;
}

/*
 * The timer only ends the wait: the members look at the clock themselves. It
 * may run just before the library begins to wait, which would then be a wait
 * without end, so it says so by the way that also ends a wait to come.
 */
static void on_timer(lws_sorted_usec_list_t *timer)
{
    const struct chat__network *network =
        lws_container_of(timer, struct chat__network, timer);

    lws_cancel_service(network->context);
}

static void set_timer(struct chat__network *network, uint64_t due)
{
    uint64_t now = chat__thread_now();
    lws_usec_t wait = due > now ? (lws_usec_t)(due - now) * 1000 : 1;

    if (due == UINT64_MAX)
        lws_sul_cancel(&network->timer);
    else
        lws_sul_schedule(network->context, 0, &network->timer, on_timer, wait);
}

static void *run(void *argument)
{
    struct chat__network *network = argument;

    while (!release_leavers(network)) {
        set_timer(network, step_members(network));
        lws_service(network->context, 0);
    }
    /* One pass without waiting, so that close frames can go out. */
    lws_service(network->context, -1);
    lws_sul_cancel(&network->timer);
    lws_context_destroy(network->context);
    return NULL;
}

/* ---- start and stop ---- */

static struct chat__network *network_start(void)
{
    struct chat__network *network = calloc(1, sizeof(*network));

    if (network == NULL)
        return NULL;
    pthread_mutex_init(&network->mutex, NULL);
    pthread_cond_init(&network->left, NULL);
    silence(network);
    network->context = create_context();
    if (network->context != NULL &&
        chat__thread_start(&network->thread, "chat-network", run, network))
        return network;
    if (network->context != NULL)
        lws_context_destroy(network->context);
    unsilence(network);
    pthread_cond_destroy(&network->left);
    pthread_mutex_destroy(&network->mutex);
    free(network);
    return NULL;
}

static void network_stop(struct chat__network *network)
{
    pthread_mutex_lock(&network->mutex);
    network->stopping = true;
    lws_cancel_service(network->context);
    pthread_mutex_unlock(&network->mutex);
    pthread_join(network->thread, NULL);
    unsilence(network);
    pthread_cond_destroy(&network->left);
    pthread_mutex_destroy(&network->mutex);
    free(network);
}

static bool add_member(struct chat__network *network,
                       struct chat__member *member)
{
    bool room;

    pthread_mutex_lock(&network->mutex);
    room = network->count < CHAT__MEMBERS_MAX;
    if (room) {
        member->network = network;
        member->next = network->members;
        member->due = UINT64_MAX;
        network->members = member;
        network->count++;
        chat__network_wake(member);
    }
    pthread_mutex_unlock(&network->mutex);
    return room;
}

bool chat__network_join(struct chat__member *member)
{
    bool joined;

    pthread_mutex_lock(&registry);
    if (running == NULL)
        running = network_start();
    joined = running != NULL && add_member(running, member);
    pthread_mutex_unlock(&registry);
    return joined;
}

void chat__network_leave(struct chat__member *member)
{
    struct chat__network *network = member->network;
    bool last;

    pthread_mutex_lock(&registry);
    pthread_mutex_lock(&network->mutex);
    member->leaving = true;
    chat__network_wake(member);
    while (member->leaving)
        pthread_cond_wait(&network->left, &network->mutex);
    last = network->count == 0;
    pthread_mutex_unlock(&network->mutex);
    if (last) {
        network_stop(network);
        running = NULL;
    }
    pthread_mutex_unlock(&registry);
}

void chat__network_wake(struct chat__member *member)
{
    if (!atomic_exchange(&member->woken, true))
        lws_cancel_service(member->network->context);
}

void chat__network_step_soon(struct chat__member *member)
{
    atomic_store(&member->woken, true);
}

struct lws_context *chat__network_context(const struct chat__member *member)
{
    return member->network->context;
}
