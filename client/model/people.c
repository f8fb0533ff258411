#include "client/model/people.h"
#include "client/model/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_MIN 16

void chat__people_release(struct chat__people *people)
{
    size_t i;

    for (i = 0; i < people->count; i++) {
        chat__safe_text_release(&people->data[i].name);
    }
    free(people->data);
    memset(people, 0, sizeof(*people));
}

/* ---- order ---- */

static bool is_before(const struct chat__person *a,
                      const struct chat__person *b)
{
    int order;

    if (a->rank != b->rank) {
        return a->rank > b->rank;
    }
    order = chat__compare_names(chat__safe_string(&a->name),
                                chat__safe_string(&b->name));
    return order != 0 ? order < 0 : strcmp(a->id, b->id) < 0;
}

/* Where a person who is not among them belongs. */
static size_t place_for(const struct chat__people *people,
                        const struct chat__person *person)
{
    size_t low = 0, high = people->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_before(&people->data[middle], person)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* There must be room. */
static void insert(struct chat__people *people,
                   const struct chat__person *person)
{
    size_t place = place_for(people, person);
    struct chat__person *data = people->data + place;

    memmove(data + 1, data, (people->count - place) * sizeof(*data));
    *data = *person;
    people->count++;
    people->members += person->rank != CHAT__RANK_NONE;
}

/* Takes a person out; the caller owns the name then. */
static struct chat__person take_out(struct chat__people *people,
                                    struct chat__person *place)
{
    struct chat__person person = *place;
    size_t index = (size_t)(place - people->data);

    people->count--;
    people->members -= person.rank != CHAT__RANK_NONE;
    memmove(place, place + 1, (people->count - index) * sizeof(*place));
    return person;
}

/* ---- changes ---- */

struct chat__person *chat__people_find(const struct chat__people *people,
                                       const char *id)
{
    size_t i;

    for (i = 0; i < people->count; i++) {
        if (strcmp(people->data[i].id, id) == 0) {
            return &people->data[i];
        }
    }
    return NULL;
}

static bool reserve(struct chat__people *people)
{
    size_t capacity =
        people->capacity == 0 ? CAPACITY_MIN : people->capacity * 2;
    struct chat__person *data;

    if (people->count >= CHAT__PEOPLE_MAX) {
        return false;
    }
    if (people->count < people->capacity) {
        return true;
    }
    data = reallocarray(people->data, capacity, sizeof(*data));
    if (data == NULL) {
        return false;
    }
    people->data = data;
    people->capacity = capacity;
    return true;
}

static bool is_same(const struct chat__person *known,
                    const struct chat__safe_text *name, enum chat__rank rank)
{
    return (rank == CHAT__RANK_NONE || known->rank == rank) &&
           strcmp(chat__safe_string(&known->name), chat__safe_string(name)) ==
               0;
}

bool chat__people_put(struct chat__people *people, const char *id,
                      const char *name, enum chat__rank rank)
{
    struct chat__person *known = chat__people_find(people, id);
    struct chat__person person = {.rank = rank};

    if (strlen(id) >= sizeof(person.id) ||
        !chat__safe_text_init(&person.name, name, CHAT__SAFE_LINE)) {
        return false;
    }
    if (known != NULL && is_same(known, &person.name, rank)) {
        chat__safe_text_release(&person.name);
        return true;
    }
    if (known != NULL) {
        struct chat__person old = take_out(people, known);
        chat__safe_text_release(&old.name);
        person.presence = old.presence;
        person.rank = rank == CHAT__RANK_NONE ? old.rank : rank;
    } else if (!reserve(people)) {
        chat__safe_text_release(&person.name);
        return false;
    }
    snprintf(person.id, sizeof(person.id), "%s", id);
    insert(people, &person);
    return true;
}

void chat__people_leave(struct chat__people *people, const char *id)
{
    struct chat__person *known = chat__people_find(people, id);

    if (known != NULL && known->rank != CHAT__RANK_NONE) {
        struct chat__person person = take_out(people, known);
        person.rank = CHAT__RANK_NONE;
        person.presence = CHAT__PRESENCE_OFFLINE;
        insert(people, &person);
    }
}

void chat__people_set_presence(struct chat__people *people, const char *id,
                               enum chat__presence presence)
{
    struct chat__person *known = chat__people_find(people, id);

    if (known != NULL) {
        known->presence = presence;
    }
}

void chat__people_forget_members(struct chat__people *people)
{
    while (people->members > 0) {
        struct chat__person person = take_out(people, &people->data[0]);
        person.rank = CHAT__RANK_NONE;
        person.presence = CHAT__PRESENCE_OFFLINE;
        insert(people, &person);
    }
}

/* ---- who is meant ---- */

/* Bytes at the start of a text that name a person by id alone: "#17". */
static size_t match_id(const char *text, const struct chat__person *person)
{
    size_t length = strlen(person->id);

    if (*text != '#' || strncmp(text + 1, person->id, length) != 0 ||
        !chat__ends_word(text + 1 + length)) {
        return 0;
    }
    return 1 + length;
}

/* The same by name, by name#id, or by id. */
static size_t match_person(const char *text, const struct chat__person *person)
{
    size_t name = chat__match_length(text, chat__safe_string(&person->name));
    size_t id;

    if (name == 0) {
        return match_id(text, person);
    }
    id = match_id(text + name, person);
    if (id > 0) {
        return name + id;
    }
    return chat__ends_word(text + name) ? name : 0;
}

size_t chat__people_match(const struct chat__people *people, const char *text,
                          size_t *length, const struct chat__person **person)
{
    size_t found = 0, i;

    *length = 0;
    for (i = 0; i < people->count; i++) {
        size_t bytes = match_person(text, &people->data[i]);
        if (bytes > *length) {
            *length = bytes;
            *person = &people->data[i];
            found = 0;
        }
        found += bytes > 0 && bytes == *length;
    }
    return found;
}

bool chat__people_is_ambiguous(const struct chat__people *people,
                               const struct chat__person *person)
{
    const char *name = chat__safe_string(&person->name);
    size_t i;

    for (i = 0; i < people->count; i++) {
        const char *other = chat__safe_string(&people->data[i].name);
        if (&people->data[i] != person && chat__is_same_name(other, name)) {
            return true;
        }
    }
    return false;
}

/* ---- mentions ---- */

static size_t add_id(const char *ids[CHAT__MENTIONS_MAX], size_t count,
                     const char *id)
{
    size_t i = 0;

    while (i < count && strcmp(ids[i], id) != 0) {
        i++;
    }
    if (i == count && count < CHAT__MENTIONS_MAX) {
        ids[count++] = id;
    }
    return count;
}

/* Adds all whom the text behind an '@' means; `length` gets its bytes. */
static size_t add_named(const struct chat__people *people, const char *text,
                        const char *ids[CHAT__MENTIONS_MAX], size_t count,
                        size_t *length)
{
    const struct chat__person *person;
    size_t i;

    if (chat__people_match(people, text, length, &person) == 0) {
        return count;
    }
    for (i = 0; i < people->count; i++) {
        if (match_person(text, &people->data[i]) == *length) {
            count = add_id(ids, count, people->data[i].id);
        }
    }
    return count;
}

size_t chat__people_mentioned(const struct chat__people *people,
                              const char *text,
                              const char *ids[CHAT__MENTIONS_MAX])
{
    const char *at = text;
    size_t count = 0, length;

    while ((at = strchr(at, '@')) != NULL) {
        bool begins = at == text || chat__ends_word(at - 1);
        at++;
        if (begins) {
            count = add_named(people, at, ids, count, &length);
            at += length;
        }
    }
    return count;
}
