#include "server/store/dynamodb_fold.h"

#include "protocol/event.h"
#include "protocol/json.h"

#include <stdlib.h>
#include <string.h>

/* ---- life ---- */

static void release_reaction(struct chat__reaction *reaction)
{
    free((void *)reaction->emoji);
    free((void *)reaction->users);
}

void chat__dynamodb_change_release(struct chat__change *change)
{
    for (size_t i = 0; i < change->reaction_count; i++)
        release_reaction(&change->reactions[i]);
    free(change->reactions);
    free((void *)change->text);
    change->reactions = NULL;
    change->reaction_count = 0;
    change->text = NULL;
}

void chat__dynamodb_fold_release(struct chat__dynamodb_fold *fold)
{
    chat__dynamodb_change_release(&fold->change);
    free(fold->edits);
    fold->edits = NULL;
    fold->edit_count = 0;
}

/* ---- reactions ---- */

static struct chat__reaction *find_reaction(const struct chat__change *change,
                                            const char *emoji)
{
    for (size_t i = 0; i < change->reaction_count; i++)
        if (strcmp(change->reactions[i].emoji, emoji) == 0)
            return &change->reactions[i];
    return NULL;
}

static struct chat__reaction *add_reaction(struct chat__change *change,
                                           const char *emoji)
{
    struct chat__reaction *reactions = reallocarray(
        change->reactions, change->reaction_count + 1, sizeof *reactions);
    char *copy = strdup(emoji);
    if (reactions != NULL)
        change->reactions = reactions;
    if (reactions == NULL || copy == NULL) {
        free(copy);
        return NULL;
    }
    reactions[change->reaction_count] = (struct chat__reaction){.emoji = copy};
    return &reactions[change->reaction_count++];
}

/* The index among those who have it on, or their count. */
static size_t find_reactor(const struct chat__reaction *reaction, uint64_t user)
{
    size_t i = 0;
    while (i < reaction->user_count && reaction->users[i] != user)
        i++;
    return i;
}

static bool react_on(struct chat__change *change, const char *emoji,
                     uint64_t user)
{
    struct chat__reaction *reaction = find_reaction(change, emoji);
    if (reaction == NULL)
        reaction = add_reaction(change, emoji);
    if (reaction == NULL)
        return false;
    if (find_reactor(reaction, user) < reaction->user_count)
        return true;
    uint64_t *users = reallocarray((void *)reaction->users,
                                   reaction->user_count + 1, sizeof *users);
    if (users == NULL)
        return false;
    users[reaction->user_count++] = user;
    reaction->users = users;
    return true;
}

/* An emoji that nobody has on any more loses its place. */
static void react_off(struct chat__change *change, const char *emoji,
                      uint64_t user)
{
    struct chat__reaction *reaction = find_reaction(change, emoji);
    if (reaction == NULL)
        return;
    size_t at = find_reactor(reaction, user);
    if (at == reaction->user_count)
        return;
    uint64_t *users = (uint64_t *)(void *)reaction->users;
    reaction->user_count--;
    memmove(&users[at], &users[at + 1],
            (reaction->user_count - at) * sizeof *users);
    if (reaction->user_count > 0)
        return;
    size_t index = (size_t)(reaction - change->reactions);
    release_reaction(reaction);
    change->reaction_count--;
    memmove(reaction, reaction + 1,
            (change->reaction_count - index) * sizeof *reaction);
}

/* ---- an entry ---- */

/* The text of an edit on the heap; NULL where it has been erased. */
static bool read_text(const struct chat__store_entry *entry, char **text)
{
    struct chat__event event;
    struct chat__error error;
    cJSON *json = chat__json_parse(entry->bytes, entry->length, &error);
    bool worked = true;
    *text = NULL;
    if (json != NULL && chat__event_parse(&event, json, &error) &&
        event.text != NULL) {
        *text = strdup(event.text);
        worked = *text != NULL;
    }
    chat__json_free(json);
    return worked;
}

static bool edit(struct chat__dynamodb_fold *fold,
                 const struct chat__store_entry *entry)
{
    uint64_t *edits =
        reallocarray(fold->edits, fold->edit_count + 1, sizeof *edits);
    char *text;
    if (edits == NULL)
        return false;
    fold->edits = edits;
    if (!read_text(entry, &text))
        return false;
    edits[fold->edit_count++] = entry->seq;
    free((void *)fold->change.text);
    fold->change.text = text;
    fold->change.edit = entry->seq;
    return true;
}

bool chat__dynamodb_fold_apply(struct chat__dynamodb_fold *fold,
                               const struct chat__store_entry *entry)
{
    bool worked = true;
    switch (entry->fold) {
    case CHAT__FOLD_EDIT:
        worked = edit(fold, entry);
        break;
    case CHAT__FOLD_DELETE:
        chat__dynamodb_change_release(&fold->change);
        fold->change.edit = 0;
        fold->change.deleted = true;
        break;
    case CHAT__FOLD_REACT_ON:
        worked = react_on(&fold->change, entry->emoji, entry->user);
        break;
    case CHAT__FOLD_REACT_OFF:
        react_off(&fold->change, entry->emoji, entry->user);
        break;
    case CHAT__FOLD_NONE:
        break;
    }
    fold->change.upto = entry->seq;
    return worked;
}

/* ---- the item ---- */

void chat__dynamodb_fold_write(const struct chat__dynamodb_fold *fold,
                               struct chat__buffer *buffer)
{
    const struct chat__change *change = &fold->change;
    struct chat__writer writer;
    chat__writer_init(&writer, buffer);
    chat__write_object(&writer, NULL);
    chat__write_bool(&writer, "deleted", change->deleted);
    chat__write_uint(&writer, "edit", change->edit);
    chat__write_string(&writer, "text", change->text);
    chat__write_array(&writer, "edits");
    for (size_t i = 0; i < fold->edit_count; i++)
        chat__write_uint(&writer, NULL, fold->edits[i]);
    chat__write_array_end(&writer);
    chat__write_object(&writer, "reactions");
    for (size_t i = 0; i < change->reaction_count; i++) {
        chat__write_array(&writer, change->reactions[i].emoji);
        for (size_t j = 0; j < change->reactions[i].user_count; j++)
            chat__write_uint(&writer, NULL, change->reactions[i].users[j]);
        chat__write_array_end(&writer);
    }
    chat__write_object_end(&writer);
    chat__write_object_end(&writer);
}

static uint64_t read_uint(const cJSON *number)
{
    return cJSON_IsNumber(number) && number->valuedouble > 0
               ? (uint64_t)number->valuedouble
               : 0;
}

static bool read_edits(struct chat__dynamodb_fold *fold, const cJSON *list)
{
    const cJSON *element;
    fold->edits =
        calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(uint64_t));
    if (fold->edits == NULL)
        return false;
    cJSON_ArrayForEach(element, list) fold->edits[fold->edit_count++] =
        read_uint(element);
    return true;
}

static bool read_reactions(struct chat__change *change, const cJSON *object)
{
    const cJSON *list;
    const cJSON *user;
    cJSON_ArrayForEach(list, object)
    {
        cJSON_ArrayForEach(user, list)
        {
            if (!react_on(change, list->string, read_uint(user)))
                return false;
        }
    }
    return true;
}

static bool read_value(struct chat__dynamodb_fold *fold, const cJSON *value)
{
    const char *text =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(value, "text"));
    fold->change.deleted =
        cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(value, "deleted"));
    fold->change.edit =
        read_uint(cJSON_GetObjectItemCaseSensitive(value, "edit"));
    if (text != NULL && (fold->change.text = strdup(text)) == NULL)
        return false;
    return read_edits(fold, cJSON_GetObjectItemCaseSensitive(value, "edits")) &&
           read_reactions(&fold->change,
                          cJSON_GetObjectItemCaseSensitive(value, "reactions"));
}

bool chat__dynamodb_fold_read(struct chat__dynamodb_fold *fold, uint64_t ref,
                              const cJSON *item)
{
    const char *text = chat__dynamodb_get_string(item, "fold");
    *fold = (struct chat__dynamodb_fold){.change.ref = ref};
    if (item == NULL)
        return true;
    fold->change.upto = chat__dynamodb_get_number(item, "at");
    cJSON *value = text == NULL ? NULL : cJSON_Parse(text);
    bool worked = value != NULL && read_value(fold, value);
    cJSON_Delete(value);
    if (!worked)
        chat__dynamodb_fold_release(fold);
    return worked;
}
