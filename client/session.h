/* A handle of the library, made from the command line. */
#ifndef CHAT_CLIENT_SESSION_H
#define CHAT_CLIENT_SESSION_H

#include "client/model/text_safe.h"
#include "client/options.h"

#include <chat/client.h>
#include <stddef.h>

/* A password of 256 bytes, the most that a server takes, with its NUL. */
#define CHAT__PASSWORD_BYTES 257

/* A display name of 128 bytes with its NUL. */
#define CHAT__NAME_BYTES 129

/* Who signs in. `name` empty: a guest, of a name that the library makes. */
struct chat__identity {
    enum chat__identity_kind {
        CHAT__IDENTITY_GUEST,
        CHAT__IDENTITY_LOGIN,   /* to an account, by `password` */
        CHAT__IDENTITY_REGISTER /* the account is made */
    } kind;
    char name[CHAT__NAME_BYTES];
    char password[CHAT__PASSWORD_BYTES];
    char token[CHAT_KEY_SIZE]; /* not empty: of a session that was begun */
};

/*
 * Who the command line says. The password is what the command prints, or is
 * asked for on the terminal, so before anything is drawn. False: there is
 * none, or the name is too long, and it has been said on standard error.
 */
bool chat__session_identify(struct chat__identity *identity,
                            const struct chat__options *options);

/* Overwrites the secrets. */
void chat__session_forget(struct chat__identity *identity);

/*
 * Makes a handle and sets it up, without an outbox file and without
 * connecting. On failure returns the error, and `why` says it; the caller
 * releases that. The caller frees the handle.
 */
int chat__session_new(chat_client **client, const struct chat__options *options,
                      const struct chat__identity *identity,
                      struct chat__safe_text *why);

/*
 * Says on standard error that no handle could be made, releases `why`, and
 * returns the exit status for it.
 */
int chat__session_give_up(int error, struct chat__safe_text *why);

/* Says on standard error what went wrong with something from outside. */
void chat__session_complain(const char *what, const char *detail);

#endif
