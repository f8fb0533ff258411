/*
 * Passwords: argon2id on threads of their own. Each hash takes its 19 MiB and
 * some 20 ms on purpose, so the threads are few and what waits for them is
 * bounded: beyond it a job is BUSY at once.
 *
 * chat__password_submit is called on one thread; completions go to the sink.
 */
#ifndef CHAT_SERVER_ACCOUNT_PASSWORD_H
#define CHAT_SERVER_ACCOUNT_PASSWORD_H

#include "server/account/account.h"

#define CHAT__PASSWORD_THREADS     2
#define CHAT__PASSWORD_WAITING_MAX 64

/* The least that OWASP's password storage cheat sheet asks of argon2id. */
#define CHAT__PASSWORD_MEMORY_KIB 19456
#define CHAT__PASSWORD_PASSES     2
#define CHAT__PASSWORD_LANES      1

struct chat__passwords;

/* NULL when there are no threads, random bytes or memory. */
struct chat__passwords *
chat__passwords_new(const struct chat__completion_sink *sink);

/* Finishes what waits, posts every completion, then frees. */
void chat__passwords_free(struct chat__passwords *passwords);

/* As struct chat__accounts wants it; `context` is a struct chat__passwords. */
void chat__password_submit(void *context, struct chat__password_job *job);

#endif
