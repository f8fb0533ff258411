/*
 * What entries change beside the log: how users stand, who is mentioned, the
 * list of rooms; and the folds, in dynamodb_fold_project.c.
 */
#include "server/store/dynamodb_private.h"

#include "protocol/event.h"
#include "protocol/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Unread mentions of a user in a room are counted up to this. */
#define MENTIONS_MAX 1000

/* All that a batch changes for one user: one item, one write of each kind. */
struct user_change {
    uint64_t user;
    enum chat__role role;
    uint64_t at; /* 0: stands as before */
    uint64_t revisions;
    uint64_t base; /* 0: the marker stays */
    uint64_t base_n;
    uint64_t by;
    size_t by_entry; /* whose event has the inviter's name */
    uint64_t *mentions;
    size_t mention_count;
};

struct project {
    struct chat__dynamodb_group group;
    struct chat__dynamodb_projection what;
    struct user_change *users;
    size_t user_count;
    size_t user_capacity;
    bool listed; /* what the list of rooms shows has changed */
};

/* ---- gathering ---- */

static struct user_change *change_of(struct project *project, uint64_t user)
{
    for (size_t i = 0; i < project->user_count; i++)
        if (project->users[i].user == user)
            return &project->users[i];
    if (project->user_count == project->user_capacity) {
        size_t capacity = project->user_capacity * 2 + 8;
        struct user_change *users =
            reallocarray(project->users, capacity, sizeof *users);
        if (users == NULL)
            return NULL;
        project->users = users;
        project->user_capacity = capacity;
    }
    struct user_change *change = &project->users[project->user_count++];
    *change = (struct user_change){.user = user};
    return change;
}

/* A user has two lists of rooms: joined ones, and invitations. */
static bool is_same_list(enum chat__role before, enum chat__role after)
{
    return chat__role_is_member(before) == chat__role_is_member(after) &&
           (before == CHAT__ROLE_INVITED) == (after == CHAT__ROLE_INVITED);
}

/* A member who gets another role keeps the read marker. */
static bool gather_standing(struct project *project, size_t index,
                            const struct chat__store_standing *standing,
                            enum chat__role before)
{
    const struct chat__store_entry *entry = &project->what.entries[index];
    struct user_change *change;
    if (standing->role == before)
        return true;
    change = change_of(project, standing->user);
    if (change == NULL)
        return false;
    change->role = standing->role;
    change->at = entry->seq;
    if (is_same_list(before, standing->role))
        return true;
    project->listed = true;
    change->revisions++;
    if (standing->role == CHAT__ROLE_NONE)
        return true;
    change->base = entry->seq;
    change->base_n = entry->n;
    change->by = entry->user;
    change->by_entry = index;
    return true;
}

static bool gather_mention(struct project *project, uint64_t user, uint64_t seq)
{
    struct user_change *change = change_of(project, user);
    uint64_t *mentions;
    if (change == NULL)
        return false;
    mentions = reallocarray(change->mentions, change->mention_count + 1,
                            sizeof *mentions);
    if (mentions == NULL)
        return false;
    mentions[change->mention_count++] = seq;
    change->mentions = mentions;
    return true;
}

static bool gather(struct project *project)
{
    const enum chat__role *before = project->what.before;
    for (size_t i = 0; i < project->what.count; i++) {
        const struct chat__store_entry *entry = &project->what.entries[i];
        for (size_t j = 0; j < entry->standing_count; j++)
            if (!gather_standing(project, i, &entry->standings[j], *before++))
                return false;
        for (size_t j = 0; j < entry->mention_count; j++)
            if (!gather_mention(project, entry->mentions[j], entry->seq))
                return false;
        project->listed = project->listed || entry->topic != NULL;
    }
    /* Of private rooms the list has no more than the name. */
    project->listed = project->what.begins ||
                      (project->listed && !project->what.room->private_room);
    return true;
}

/* ---- the user's item ---- */

static void begin_user(struct project *project,
                       struct chat__dynamodb_body *body, uint64_t user)
{
    const struct chat__dynamodb_room *room = project->what.room;
    char what[CHAT__ROOM_NAME_BYTES_MAX + 8];
    snprintf(what, sizeof what, "room:%s", room->name);
    chat__dynamodb_body_begin(body, room->store->prefix, "users");
    chat__write_object(&body->writer, "Key");
    chat__dynamodb_number(&body->writer, "user", user);
    chat__dynamodb_string(&body->writer, "what", what);
    chat__write_object_end(&body->writer);
}

/* The inviter's name, as it was then. */
static void write_by(struct project *project, struct chat__writer *writer,
                     const struct user_change *change)
{
    const struct chat__store_entry *entry =
        &project->what.entries[change->by_entry];
    struct chat__event event;
    struct chat__error error;
    cJSON *json = chat__json_parse(entry->bytes, entry->length, &error);
    const char *name = NULL;
    if (json != NULL && chat__event_parse(&event, json, &error))
        name = event.from.name;
    chat__dynamodb_number(writer, ":by", change->by);
    chat__dynamodb_string(writer, ":by_name", name == NULL ? "" : name);
    chat__json_free(json);
}

static void ask_standing(struct project *project,
                         const struct user_change *change)
{
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;
    bool base = change->base != 0;
    begin_user(project, &body, change->user);
    chat__dynamodb_expression(
        &body, "UpdateExpression",
        base ? "SET #role = :role, #at = :at, #base = :base,"
               " #base_n = :base_n, #by = :by, #by_name = :by_name"
               " ADD #revision :more"
             : "SET #role = :role, #at = :at ADD #revision :more");
    chat__dynamodb_expression(&body, "ConditionExpression",
                              "attribute_not_exists(#at) OR #at < :at");
    chat__write_object(writer, "ExpressionAttributeValues");
    chat__dynamodb_number(writer, ":role", (uint64_t)change->role);
    chat__dynamodb_number(writer, ":at", change->at);
    chat__dynamodb_number(writer, ":more", change->revisions);
    if (base) {
        chat__dynamodb_number(writer, ":base", change->base);
        chat__dynamodb_number(writer, ":base_n", change->base_n);
        write_by(project, writer, change);
    }
    chat__write_object_end(writer);
    chat__dynamodb_group_ask(&project->group, "UpdateItem", &body, NULL, NULL);
}

static void ask_mentions(struct project *project,
                         const struct user_change *change)
{
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;
    begin_user(project, &body, change->user);
    chat__dynamodb_expression(&body, "UpdateExpression", "ADD #mentions :seqs");
    chat__dynamodb_expression(
        &body, "ConditionExpression",
        "attribute_not_exists(#mentions) OR size(#mentions) < :most");
    chat__write_object(writer, "ExpressionAttributeValues");
    chat__dynamodb_numbers(writer, ":seqs", change->mentions,
                           change->mention_count);
    chat__dynamodb_number(writer, ":most", MENTIONS_MAX);
    chat__write_object_end(writer);
    chat__dynamodb_group_ask(&project->group, "UpdateItem", &body, NULL, NULL);
}

/* ---- the list of rooms ---- */

static void ask_listing(struct project *project)
{
    const struct chat__dynamodb_room *room = project->what.room;
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;
    chat__dynamodb_body_begin(&body, room->store->prefix, "rooms");
    chat__write_object(writer, "Item");
    chat__dynamodb_string(writer, "list",
                          room->private_room ? "private" : "public");
    chat__dynamodb_string(writer, "room", room->name);
    chat__dynamodb_string(writer, "topic", room->topic);
    chat__dynamodb_number(writer, "members", chat__dynamodb_room_members(room));
    chat__dynamodb_number(writer, "at", room->head);
    chat__write_object_end(writer);
    chat__dynamodb_expression(&body, "ConditionExpression",
                              "attribute_not_exists(#at) OR #at < :at");
    chat__write_object(writer, "ExpressionAttributeValues");
    chat__dynamodb_number(writer, ":at", room->head);
    chat__write_object_end(writer);
    chat__dynamodb_group_ask(&project->group, "PutItem", &body, NULL, NULL);
}

/* ---- all of it ---- */

static void projected(struct chat__dynamodb_group *group)
{
    struct project *project = CHAT__CONTAINER(group, struct project, group);
    for (size_t i = 0; i < project->user_count; i++)
        free(project->users[i].mentions);
    free(project->users);
    project->what.done(project->what.context,
                       chat__dynamodb_result(group->worst));
    free(project);
}

void chat__dynamodb_project(const struct chat__dynamodb_projection *projection)
{
    struct project *project = calloc(1, sizeof *project);
    if (project == NULL) {
        projection->done(projection->context, CHAT__STORE_FAILED);
        return;
    }
    project->what = *projection;
    chat__dynamodb_group_begin(&project->group, projection->room->store,
                               projected);
    if (!gather(project)) {
        chat__dynamodb_group_fail(&project->group);
    } else {
        for (size_t i = 0; i < project->user_count; i++) {
            if (project->users[i].at != 0)
                ask_standing(project, &project->users[i]);
            if (project->users[i].mention_count > 0)
                ask_mentions(project, &project->users[i]);
        }
        if (project->listed)
            ask_listing(project);
        chat__dynamodb_project_folds(&project->group, projection->room,
                                     projection->entries, projection->count);
    }
    chat__dynamodb_group_end(&project->group);
}

/* ---- how users stood before ---- */

static enum chat__role role_before(const struct chat__dynamodb_room *room,
                                   const struct chat__store_standing *standings,
                                   size_t count, uint64_t user)
{
    for (size_t i = count; i > 0; i--)
        if (standings[i - 1].user == user)
            return standings[i - 1].role;
    return chat__dynamodb_room_role(room, user);
}

bool chat__dynamodb_standings_before(const struct chat__dynamodb_room *room,
                                     const struct chat__store_entry *entries,
                                     size_t count, enum chat__role **before)
{
    size_t most = count * CHAT__STORE_STANDINGS_MAX + 1;
    struct chat__store_standing *standings = calloc(most, sizeof *standings);
    size_t at = 0;
    *before = calloc(most, sizeof **before);
    if (standings == NULL || *before == NULL) {
        free(standings);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < entries[i].standing_count; j++) {
            standings[at] = entries[i].standings[j];
            (*before)[at] =
                role_before(room, standings, at, standings[at].user);
            at++;
        }
    free(standings);
    return true;
}
