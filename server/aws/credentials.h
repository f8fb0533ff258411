/*
 * The keys with which AWS is asked, found where AWS's own libraries find them:
 * in the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
 * AWS_SESSION_TOKEN) or, without those, by asking the container's agent:
 * AWS_CONTAINER_CREDENTIALS_RELATIVE_URI on 169.254.170.2, or
 * AWS_CONTAINER_CREDENTIALS_FULL_URI with AWS_CONTAINER_AUTHORIZATION_TOKEN or
 * its _FILE. Over plain http only the container's own addresses and the
 * loopback are asked. What the agent gives is asked for again before it ends.
 *
 * The environment is read by new, a token's file (a few hundred bytes that
 * the container's agent renews) before each question.
 *
 * Loop thread only.
 */
#ifndef CHAT_SERVER_AWS_CREDENTIALS_H
#define CHAT_SERVER_AWS_CREDENTIALS_H

#include <stddef.h>
#include <uv.h>

/* With its end. AWS promises no length for a token. */
#define CHAT__CREDENTIAL_BYTES_MAX 8192

struct chat__http;

struct chat__credentials {
    char access_key_id[128];
    char secret_access_key[256];
    char token[CHAT__CREDENTIAL_BYTES_MAX]; /* "": none is needed */
};

struct chat__credential_options {
    uv_loop_t *loop;
    struct chat__http *http; /* borrowed until close */
    /* The container gave none; it is asked again. */
    void (*report)(const char *why);
};

struct chat__credential_source;

/*
 * NULL, with a sentence in `message`, when the environment names no source, or
 * one that may not be asked.
 */
struct chat__credential_source *
chat__credential_source_new(const struct chat__credential_options *options,
                            char *message, size_t message_size);

/*
 * Those of now, to be used before control returns to the loop; NULL while the
 * container has not given any, or those that it gave have ended.
 */
const struct chat__credentials *
chat__credentials_now(const struct chat__credential_source *source);

/* NULL is fine. The loop must run until it has closed a handle. */
void chat__credential_source_close(struct chat__credential_source *source);

#endif
