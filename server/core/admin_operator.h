/*
 * The account in whose name an operator acts in rooms. It is made when it is
 * first needed, with no password, and known by its register key, which no
 * client can have: a key of the protocol has no '.'.
 *
 * Its name is kept from others from the start, so it is `operator` unless
 * somebody had that name before; then a number follows it.
 */
#ifndef CHAT_SERVER_CORE_ADMIN_OPERATOR_H
#define CHAT_SERVER_CORE_ADMIN_OPERATOR_H

#include "server/core/sign_in.h"
#include "server/core/user.h"

#define CHAT__OPERATOR_NAME         "operator"
#define CHAT__OPERATOR_REGISTER_KEY ".operator"

/* Left alone until `found` has run. */
struct chat__admin_operator {
    struct chat__core *core;
    void (*found)(struct chat__admin_operator *search,
                  enum chat__store_result result);
    struct chat__user *user; /* out, when OK: referenced, for the caller */

    unsigned int number; /* behind the name; 0: none */
    unsigned int tries;
    char name[CHAT__USER_NAME_BYTES_MAX + 1];
    char skeleton[CHAT__SKELETON_SIZE];
    struct chat__store_find_account account;
    struct chat__store_sign_in sign_in;
    struct chat__sign_in in_flight;
};

/* The caller has filled in core and found. */
void chat__admin_operator_find(struct chat__admin_operator *search);

/* Keeps the name from others; false when it has no skeleton. */
bool chat__admin_reserve_name(struct chat__core *core);
bool chat__admin_is_reserved(const struct chat__core *core,
                             const char *skeleton);

#endif
