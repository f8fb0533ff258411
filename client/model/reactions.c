#include "client/model/reactions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t chat__person_number(const char *user_id)
{
    return strtoull(user_id, NULL, 10);
}

void chat__reactions_release(struct chat__reactions *reactions)
{
    size_t i;

    for (i = 0; i < reactions->count; i++) {
        free(reactions->kinds[i].people);
    }
    free(reactions->kinds);
    memset(reactions, 0, sizeof(*reactions));
}

static struct chat__reaction *find(const struct chat__reactions *reactions,
                                   const char *emoji)
{
    size_t i;

    for (i = 0; i < reactions->count; i++) {
        if (strcmp(reactions->kinds[i].emoji, emoji) == 0) {
            return &reactions->kinds[i];
        }
    }
    return NULL;
}

/* The person's place among those of an emoji; their count: not there. */
static size_t place_of(const struct chat__reaction *reaction, uint64_t person)
{
    size_t i = 0;

    while (i < reaction->count && reaction->people[i] != person) {
        i++;
    }
    return i;
}

/*
 * The emoji's place, made when there is none; NULL: none was made. It is no
 * longer than an emoji may be.
 */
static struct chat__reaction *find_or_add(struct chat__reactions *reactions,
                                          const char *emoji)
{
    struct chat__reaction *found = find(reactions, emoji);
    struct chat__reaction *kinds;

    if (found != NULL) {
        return found;
    }
    kinds =
        reallocarray(reactions->kinds, reactions->count + 1, sizeof(*kinds));
    if (kinds == NULL) {
        return NULL;
    }
    reactions->kinds = kinds;
    found = &kinds[reactions->count++];
    memset(found, 0, sizeof(*found));
    memcpy(found->emoji, emoji, strlen(emoji) + 1);
    return found;
}

static void drop_empty(struct chat__reactions *reactions)
{
    size_t i;

    for (i = 0; i < reactions->count; i++) {
        struct chat__reaction *kind = &reactions->kinds[i];
        if (kind->count == 0) {
            free(kind->people);
            reactions->count--;
            memmove(kind, kind + 1, (reactions->count - i) * sizeof(*kind));
            return;
        }
    }
}

static bool put_on(struct chat__reactions *reactions, const char *emoji,
                   uint64_t person)
{
    struct chat__reaction *reaction = find_or_add(reactions, emoji);
    uint64_t *people;

    if (reaction == NULL) {
        return false;
    }
    if (place_of(reaction, person) < reaction->count) {
        return true;
    }
    people =
        reallocarray(reaction->people, reaction->count + 1, sizeof(*people));
    if (people == NULL) {
        drop_empty(reactions);
        return false;
    }
    reaction->people = people;
    people[reaction->count++] = person;
    reactions->people++;
    return true;
}

static void take_off(struct chat__reactions *reactions, const char *emoji,
                     uint64_t person)
{
    struct chat__reaction *reaction = find(reactions, emoji);
    size_t place;

    if (reaction == NULL) {
        return;
    }
    place = place_of(reaction, person);
    if (place < reaction->count) {
        reaction->count--;
        memmove(reaction->people + place, reaction->people + place + 1,
                (reaction->count - place) * sizeof(*reaction->people));
        reactions->people--;
        drop_empty(reactions);
    }
}

bool chat__reactions_set(struct chat__reactions *reactions, const char *emoji,
                         uint64_t person, bool on)
{
    bool known = find(reactions, emoji) != NULL;

    if (!on) {
        take_off(reactions, emoji, person);
        return true;
    }
    if (*emoji == '\0' || strlen(emoji) >= CHAT__EMOJI_BYTES ||
        reactions->people >= CHAT__REACTION_PEOPLE_MAX ||
        (!known && reactions->count >= CHAT__REACTION_KINDS_MAX)) {
        return true;
    }
    return put_on(reactions, emoji, person);
}

bool chat__reactions_has(const struct chat__reactions *reactions,
                         const char *emoji, uint64_t person)
{
    const struct chat__reaction *reaction = find(reactions, emoji);

    return reaction != NULL && place_of(reaction, person) < reaction->count;
}

size_t chat__reactions_bytes(const struct chat__reactions *reactions)
{
    return reactions->count * sizeof(struct chat__reaction) +
           reactions->people * sizeof(uint64_t);
}

/* To be freed; NULL without memory. */
static char *write_line(const struct chat__reactions *reactions, uint64_t me)
{
    char *line = NULL;
    size_t size, i;
    FILE *stream = open_memstream(&line, &size);

    if (stream == NULL) {
        return NULL;
    }
    for (i = 0; i < reactions->count; i++) {
        const struct chat__reaction *reaction = &reactions->kinds[i];
        bool own = place_of(reaction, me) < reaction->count;
        fprintf(stream, own ? "%s[%s %zu]" : "%s%s %zu", i == 0 ? "" : "  ",
                reaction->emoji, reaction->count);
    }
    if (fclose(stream) != 0) {
        free(line);
        return NULL;
    }
    return line;
}

bool chat__reactions_describe(const struct chat__reactions *reactions,
                              uint64_t me, struct chat__safe_text *text)
{
    char *line;
    bool made;

    memset(text, 0, sizeof(*text));
    if (reactions->count == 0) {
        return true;
    }
    line = write_line(reactions, me);
    made = line != NULL && chat__safe_text_init(text, line, CHAT__SAFE_LINE);
    free(line);
    return made;
}
