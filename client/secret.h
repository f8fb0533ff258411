/*
 * Passwords while they are typed: never shown, never in a history, and
 * overwritten when they are not needed any more. Used by zeroing; for one
 * thread.
 */
#ifndef CHAT_CLIENT_SECRET_H
#define CHAT_CLIENT_SECRET_H

#include "client/session.h"

enum chat__secret_purpose {
    CHAT__SECRET_NONE,
    CHAT__SECRET_LOGIN,    /* the password */
    CHAT__SECRET_REGISTER, /* the password, and again */
    CHAT__SECRET_CHANGE    /* the old one, the new one, and again */
};

#define CHAT__SECRET_STEPS 3

struct chat__secret {
    enum chat__secret_purpose purpose;
    char name[CHAT__NAME_BYTES]; /* LOGIN, REGISTER: of the account */
    char typed[CHAT__SECRET_STEPS][CHAT__PASSWORD_BYTES];
    size_t step;
};

/* What is to be typed now; "" for nothing. */
const char *chat__secret_prompt(const struct chat__secret *secret);

void chat__secret_begin(struct chat__secret *secret,
                        enum chat__secret_purpose purpose, const char *name);

/* False when it is longer than a password may be. */
bool chat__secret_type(struct chat__secret *secret, const char *text,
                       size_t length);

/* Takes back the last character, or all of this step. */
void chat__secret_erase(struct chat__secret *secret, bool all);

enum chat__secret_result {
    CHAT__SECRET_NEXT,     /* there is another step */
    CHAT__SECRET_READY,    /* all are typed */
    CHAT__SECRET_SHORT,    /* too short for a new one; typed anew */
    CHAT__SECRET_DIFFERENT /* not the same twice; typed anew */
};

/* Enter. */
enum chat__secret_result chat__secret_accept(struct chat__secret *secret);

/* Overwrites all. */
void chat__secret_end(struct chat__secret *secret);

#endif
