#include "tests/core/log_model.h"

#include "tests/core/world.h"

#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX 4096

struct model {
    const char *room;
    bool owned;
    enum chat__role roles[LOG_MODEL_USERS];
    uint64_t authors[ENTRIES_MAX]; /* of messages that are there; else 0 */
};

/* One entry, taken apart. */
struct reading {
    const cJSON *json;
    uint64_t seq;
    uint64_t from;
    uint64_t about; /* `user` or `with`, 0: nobody */
    uint64_t ref;
    bool on;
};

static uint64_t person(const cJSON *json, const char *key)
{
    const cJSON *id = cJSON_GetObjectItem(cJSON_GetObjectItem(json, key), "id");

    return id == NULL ? 0 : strtoull(cJSON_GetStringValue(id), NULL, 10);
}

static bool is(const struct reading *entry, const char *event)
{
    return strcmp(
               cJSON_GetStringValue(cJSON_GetObjectItem(entry->json, "event")),
               event) == 0;
}

static bool is_moderator(enum chat__role role)
{
    return role == CHAT__ROLE_MODERATOR || role == CHAT__ROLE_OWNER;
}

static int owners(const struct model *model)
{
    int count = 0;

    for (int i = 0; i < LOG_MODEL_USERS; i++)
        count += model->roles[i] == CHAT__ROLE_OWNER;
    return count;
}

/* ---- the users ---- */

static void apply_join(struct model *model, const struct reading *entry)
{
    enum chat__role *own = &model->roles[entry->from];

    assert_int_not_equal(*own, CHAT__ROLE_BANNED);
    if (entry->about != 0) {
        assert_memory_equal(model->room, "dm.", 3);
        assert_false(chat__role_is_member(*own) &&
                     chat__role_is_member(model->roles[entry->about]));
        *own = model->roles[entry->about] = CHAT__ROLE_MEMBER;
        return;
    }
    assert_false(chat__role_is_member(*own));
    *own =
        entry->seq == 1 && model->owned ? CHAT__ROLE_OWNER : CHAT__ROLE_MEMBER;
}

static void apply_leave(struct model *model, const struct reading *entry)
{
    enum chat__role *own = &model->roles[entry->from];

    assert_true(chat__role_is_member(*own) || *own == CHAT__ROLE_INVITED);
    *own = CHAT__ROLE_NONE;
}

static void apply_invite(struct model *model, const struct reading *entry)
{
    enum chat__role *other = &model->roles[entry->about];

    assert_int_equal(*other, CHAT__ROLE_NONE);
    *other = CHAT__ROLE_INVITED;
}

static void apply_removal(struct model *model, const struct reading *entry)
{
    enum chat__role own = model->roles[entry->from];
    enum chat__role *other = &model->roles[entry->about];

    assert_true(is_moderator(own));
    assert_true(own == CHAT__ROLE_OWNER ? *other != CHAT__ROLE_OWNER
                                        : !is_moderator(*other));
    if (is(entry, "kick")) {
        assert_true(chat__role_is_member(*other) ||
                    *other == CHAT__ROLE_INVITED);
        *other = CHAT__ROLE_NONE;
    } else {
        assert_int_equal(*other == CHAT__ROLE_BANNED, !entry->on);
        *other = entry->on ? CHAT__ROLE_BANNED : CHAT__ROLE_NONE;
    }
}

static void apply_role(struct model *model, const struct reading *entry)
{
    enum chat__role *other = &model->roles[entry->about];
    enum chat__role role;

    assert_int_equal(model->roles[entry->from], CHAT__ROLE_OWNER);
    assert_true(chat__role_is_member(*other));
    assert_true(entry->about != entry->from || owners(model) > 1);
    assert_true(chat__role_from_name(
        cJSON_GetStringValue(cJSON_GetObjectItem(entry->json, "role")), &role));
    assert_int_not_equal(*other, role);
    *other = role;
}

/* ---- the messages ---- */

static void apply_change(struct model *model, const struct reading *entry)
{
    uint64_t author;

    assert_true(entry->ref > 0 && entry->ref < entry->seq);
    author = model->authors[entry->ref];
    assert_int_not_equal(author, 0);
    if (is(entry, "edit"))
        assert_int_equal(author, entry->from);
    if (!is(entry, "delete"))
        return;
    assert_true(author == entry->from ||
                is_moderator(model->roles[entry->from]));
    model->authors[entry->ref] = 0;
}

/* ---- the log ---- */

static void apply(struct model *model, const struct reading *entry)
{
    if (is(entry, "join")) {
        apply_join(model, entry);
        return;
    }
    if (is(entry, "leave")) {
        apply_leave(model, entry);
        return;
    }
    assert_true(chat__role_is_member(model->roles[entry->from]));
    if (is(entry, "message"))
        model->authors[entry->seq] = entry->from;
    else if (is(entry, "invite"))
        apply_invite(model, entry);
    else if (is(entry, "kick") || is(entry, "ban"))
        apply_removal(model, entry);
    else if (is(entry, "role"))
        apply_role(model, entry);
    else if (is(entry, "topic"))
        assert_true(is_moderator(model->roles[entry->from]));
    else
        apply_change(model, entry);
}

void log_model_check(const struct fake_store *store, const char *room,
                     bool owned)
{
    struct model model = {.room = room, .owned = owned};
    uint64_t head = fake_store_head(store, room);

    assert_true(head < ENTRIES_MAX);
    for (uint64_t seq = 1; seq <= head; seq++) {
        cJSON *json = cJSON_Parse(fake_store_bytes(store, room, seq));
        const cJSON *ref = cJSON_GetObjectItem(json, "ref");
        struct reading entry = {
            .json = json,
            .seq = seq,
            .from = person(json, "from"),
            .about = person(json, "user") + person(json, "with"),
            .ref = ref == NULL ? 0 : (uint64_t)cJSON_GetNumberValue(ref),
            .on = cJSON_IsTrue(cJSON_GetObjectItem(json, "on")),
        };

        assert_true(entry.from < LOG_MODEL_USERS);
        assert_true(entry.about < LOG_MODEL_USERS);
        apply(&model, &entry);
        cJSON_Delete(json);
    }
    for (uint64_t user = 1; user < LOG_MODEL_USERS; user++)
        assert_int_equal(fake_store_role(store, room, user), model.roles[user]);
}
