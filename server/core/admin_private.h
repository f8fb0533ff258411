/*
 * One act of an operator while it is worked on: admin_act.c begins and ends it
 * and acts on users, admin_find.c finds who is meant, admin_room.c acts in
 * rooms. It waits for one answer of the store at a time, and frees itself when
 * it ends by finish, refuse or fail, each once.
 */
#ifndef CHAT_SERVER_CORE_ADMIN_PRIVATE_H
#define CHAT_SERVER_CORE_ADMIN_PRIVATE_H

#include "server/core/admin.h"
#include "server/core/admin_operator.h"

struct chat__admin_work {
    struct chat__admin_act *act;
    struct chat__core *core;
    struct chat__store_find_user find;
    struct chat__store_find_account account;
    char skeleton[CHAT__SKELETON_SIZE];
    struct chat__store_end_tokens end;
    struct chat__store_set_banned ban;
    struct chat__admin_operator search;
};

void chat__admin_finish(struct chat__admin_work *work);
void chat__admin_refuse(struct chat__admin_work *work,
                        enum chat__error_code code, const char *message);
/* By what a store's result other than OK means about a user. */
void chat__admin_fail(struct chat__admin_work *work,
                      enum chat__store_result result);

/* Finds who is meant, then acts: matches[0] is the user, work->find is read. */
void chat__admin_find(struct chat__admin_work *work);
/* 0 for what is no id. */
uint64_t chat__admin_id(const char *who);
void chat__admin_act(struct chat__admin_work *work);

void chat__admin_act_in_room(struct chat__admin_work *work);

#endif
