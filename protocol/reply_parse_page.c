#include "protocol/member.h"
#include "protocol/reply_codec.h"

#include <stdlib.h>

/* Entries are events with a seq, each one more than the one before. */
static bool check_entries(const cJSON *entries, struct chat__error *error)
{
    uint64_t last = 0;
    const cJSON *entry;

    cJSON_ArrayForEach(entry, entries)
    {
        uint64_t seq = 0;

        if (!chat__member_element(entry, error) ||
            !chat__member_seq(entry, "seq", &seq, error))
            return chat__member_within("entries", error);
        if (last != 0 && seq != last + 1) {
            chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                            "entries: a hole or a repetition in seq");
            return false;
        }
        last = seq;
    }
    return true;
}

static bool parse_users(struct chat__reaction *reaction, const cJSON *json,
                        struct chat__error *error)
{
    const cJSON *list = NULL;
    const cJSON *element;
    uint64_t *users;

    if (!chat__json_array(json, "users", CHAT__JSON_REQUIRED, &list, error))
        return false;
    users = chat__reply_allocate(list, sizeof(*users), error);
    if (users == NULL)
        return false;
    reaction->users = users;
    cJSON_ArrayForEach(element, list)
    {
        if (!chat__json_is_id(element, &users[reaction->user_count])) {
            chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                            "users: user ids expected");
            return false;
        }
        reaction->user_count++;
    }
    return true;
}

static bool parse_reactions(struct chat__change *change, const cJSON *json,
                            struct chat__error *error)
{
    const cJSON *list = NULL;
    const cJSON *element;

    if (!chat__json_array(json, "reactions", CHAT__JSON_OPTIONAL, &list, error))
        return false;
    if (list == NULL)
        return true;
    change->reactions =
        chat__reply_allocate(list, sizeof(*change->reactions), error);
    if (change->reactions == NULL)
        return false;
    cJSON_ArrayForEach(element, list)
    {
        struct chat__reaction *reaction =
            &change->reactions[change->reaction_count++];

        if (!chat__member_element(element, error) ||
            !chat__member_emoji(element, &reaction->emoji, error) ||
            !parse_users(reaction, element, error))
            return chat__member_within("reactions", error);
    }
    return true;
}

static bool parse_change(struct chat__change *change, const cJSON *json,
                         uint64_t last, struct chat__error *error)
{
    if (!chat__member_element(json, error) ||
        !chat__member_seq(json, "ref", &change->ref, error) ||
        !chat__member_seq(json, "upto", &change->upto, error) ||
        !chat__json_bool(json, "deleted", CHAT__JSON_OPTIONAL, &change->deleted,
                         error) ||
        !chat__json_uint(json, "edit", CHAT__JSON_OPTIONAL, CHAT__INTEGER_MAX,
                         &change->edit, error) ||
        !chat__json_string(json, "text", CHAT__JSON_OPTIONAL, &change->text,
                           error) ||
        !parse_reactions(change, json, error))
        return false;
    if (change->ref <= last)
        chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                        "ref: out of order or twice");
    return change->ref > last;
}

static bool parse_changes(struct chat__page *page, const cJSON *json,
                          struct chat__error *error)
{
    const cJSON *list = NULL;
    const cJSON *element;
    uint64_t last = 0;

    if (!chat__json_array(json, "changes", CHAT__JSON_REQUIRED, &list, error))
        return false;
    page->changes = chat__reply_allocate(list, sizeof(*page->changes), error);
    if (page->changes == NULL)
        return false;
    cJSON_ArrayForEach(element, list)
    {
        struct chat__change *change = &page->changes[page->change_count++];

        if (!parse_change(change, element, last, error))
            return chat__member_within("changes", error);
        last = change->ref;
    }
    return true;
}

bool chat__page_parse(struct chat__page *page, const cJSON *json,
                      struct chat__error *error)
{
    if (!chat__json_array(json, "entries", CHAT__JSON_REQUIRED,
                          &page->entries_json, error) ||
        !check_entries(page->entries_json, error))
        return false;
    page->entry_count = (size_t)cJSON_GetArraySize(page->entries_json);
    return parse_changes(page, json, error) &&
           chat__reply_count(json, "first", &page->first, error) &&
           chat__reply_count(json, "head", &page->head, error) &&
           chat__reply_more(json, &page->more, error);
}

static void release_reactions(struct chat__change *change)
{
    for (size_t i = 0; i < change->reaction_count; i++)
        free((void *)change->reactions[i].users);
    free(change->reactions);
}

void chat__page_release(struct chat__page *page)
{
    for (size_t i = 0; i < page->change_count; i++)
        release_reactions(&page->changes[i]);
    free(page->changes);
}
