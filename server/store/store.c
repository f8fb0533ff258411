#include "server/store/store.h"

#include <stdlib.h>

void chat__store_append_release(struct chat__store_append *request)
{
    free(request->duplicates);
    request->duplicates = NULL;
    request->duplicate_count = 0;
}

void chat__store_open_room_release(struct chat__store_open_room *request)
{
    free(request->topic);
    free(request->members);
    request->topic = NULL;
    request->members = NULL;
    request->member_count = 0;
}

static void release_change(struct chat__change *change)
{
    for (size_t i = 0; i < change->reaction_count; i++) {
        free((void *)change->reactions[i].emoji);
        free((void *)change->reactions[i].users);
    }
    free(change->reactions);
    free((void *)change->text);
}

void chat__store_read_log_release(struct chat__store_read_log *request)
{
    for (size_t i = 0; i < request->change_count; i++)
        release_change(&request->changes[i]);
    free(request->changes);
    free(request->entries);
    free(request->arena);
    request->changes = NULL;
    request->change_count = 0;
    request->entries = NULL;
    request->arena = NULL;
    request->count = 0;
}

void chat__store_sign_in_release(struct chat__store_sign_in *request)
{
    free(request->memberships);
    free(request->invites);
    request->memberships = NULL;
    request->membership_count = 0;
    request->invites = NULL;
    request->invite_count = 0;
}

void chat__store_list_rooms_release(struct chat__store_list_rooms *request)
{
    for (size_t i = 0; i < request->count; i++)
        free(request->rows[i].topic);
    free(request->rows);
    request->rows = NULL;
    request->count = 0;
}

void chat__store_list_users_release(struct chat__store_list_users *request)
{
    free(request->rows);
    request->rows = NULL;
    request->count = 0;
}

void chat__store_heads_release(struct chat__store_heads *request)
{
    free(request->heads);
    request->heads = NULL;
    request->count = 0;
}

void chat__store_room_heads_release(struct chat__store_room_heads *request)
{
    free(request->heads);
    request->heads = NULL;
    request->count = 0;
}

void chat__store_idle_guests_release(struct chat__store_idle_guests *request)
{
    free(request->memberships);
    request->memberships = NULL;
    request->count = 0;
}

void chat__store_list_members_release(struct chat__store_list_members *request)
{
    free(request->rows);
    request->rows = NULL;
    request->count = 0;
}
