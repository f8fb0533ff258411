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

void chat__store_read_log_release(struct chat__store_read_log *request)
{
    free(request->entries);
    free(request->arena);
    request->entries = NULL;
    request->arena = NULL;
    request->count = 0;
}

void chat__store_sign_in_release(struct chat__store_sign_in *request)
{
    free(request->memberships);
    request->memberships = NULL;
    request->membership_count = 0;
}

void chat__store_list_rooms_release(struct chat__store_list_rooms *request)
{
    for (size_t i = 0; i < request->count; i++)
        free(request->rows[i].topic);
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
