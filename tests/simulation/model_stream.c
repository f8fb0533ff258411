#include "tests/simulation/model.h"

#include "tests/simulation/link.h"
#include "tests/simulation/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * What a server sends over one connection, before a network touches it: of a
 * room that hello named, the entries behind the client's position or behind
 * the named head, each once, in order.
 *
 * A join, a leave or a membership lets the stream of a room begin anew where
 * the next entry says; expected[room] is 0 then.
 */

static uint64_t number_behind(const char *at, const char *name)
{
    const char *found = at == NULL ? NULL : strstr(at, name);

    return found == NULL ? 0 : strtoull(found + strlen(name), NULL, 10);
}

/* The first object about the room in a list; NULL: there is none. */
static const char *find_room(const char *list, unsigned int room)
{
    char name[40];

    snprintf(name, sizeof(name), "{\"room\":\"%s\"", simulation_rooms[room]);
    return list == NULL ? NULL : strstr(list, name);
}

static void see_resume(struct link *link, const char *frame)
{
    unsigned int place = link->hello_count++ % HELLOS_MAX;
    const char *list = strstr(frame, "\"resume\":");

    link->hellos[place] = number_behind(frame, "\"id\":");
    for (unsigned int room = 0; room < ROOMS_MAX; room++)
        link->streams[room].positions[place] =
            number_behind(find_room(list, room), "\"seq\":");
}

void model_stream_asked(struct link *link, const char *frame)
{
    bool changes = strstr(frame, "\"action\":\"join\"") != NULL ||
                   strstr(frame, "\"action\":\"leave\"") != NULL ||
                   strstr(frame, "\"action\":\"dm\"") != NULL;

    if (strstr(frame, "\"action\":\"hello\"") != NULL)
        see_resume(link, frame);
    /* The answers of several may cross. */
    for (unsigned int room = 0; changes && room < ROOMS_MAX; room++)
        link->streams[room].loose = true;
}

static void see_hello(struct link *link, const char *line)
{
    uint64_t id = number_behind(line, "{\"reply\":");
    unsigned int place = 0;

    while (place < HELLOS_MAX && link->hellos[place] != id)
        place++;
    if (place == HELLOS_MAX)
        model_violation(link->simulation, "a hello that nobody said");
    for (unsigned int room = 0; room < ROOMS_MAX; room++) {
        struct stream *stream = &link->streams[room];
        const char *named = find_room(strstr(line, "\"rooms\":["), room);
        const char *resumed =
            named == NULL ? NULL : strstr(named, "\"resumed\":");

        stream->loose = false;
        stream->expected = 0;
        if (resumed == NULL)
            continue;
        stream->expected = number_behind(named, "\"head\":") + 1;
        if (strncmp(resumed, "\"resumed\":true", 14) == 0)
            stream->expected = stream->positions[place] + 1;
    }
}

static void see_event(struct link *link, const char *line)
{
    const char *name = strstr(line, ",\"room\":\"");
    struct stream *stream;
    unsigned int room;
    uint64_t seq;

    if (name == NULL)
        return;
    name += 9;
    room = simulation_room(name, strcspn(name, "\""));
    if (room == ROOMS_MAX)
        return;
    stream = &link->streams[room];
    name += strlen(simulation_rooms[room]);
    if (strncmp(line, "{\"event\":\"membership\"", 21) == 0)
        stream->loose = true;
    if (strncmp(name, "\",\"seq\":", 8) != 0)
        return;
    seq = strtoull(name + 8, NULL, 10);
    model_check_sight(link->simulation, link->program->user, room, seq);
    if (stream->expected != 0 && !stream->loose && seq != stream->expected)
        model_violation(
            link->simulation, "link %u gets entry %llu of %s, due was %llu",
            link->number, (unsigned long long)seq, simulation_rooms[room],
            (unsigned long long)stream->expected);
    stream->expected = seq + 1;
}

/* The answer to one, that is. */
static bool is_hello(const char *line)
{
    const char *behind_id = strchr(line, ',');

    return strncmp(line, "{\"reply\":", 9) == 0 && behind_id != NULL &&
           strncmp(behind_id, ",\"ok\":{\"user\":", 14) == 0;
}

void model_stream_sent(struct link *link, const char *objects, size_t length)
{
    const char *end = objects + length;

    while (objects < end) {
        if (strncmp(objects, "{\"event\":", 9) == 0)
            see_event(link, objects);
        else if (is_hello(objects))
            see_hello(link, objects);
        objects =
            (const char *)memchr(objects, '\n', (size_t)(end - objects)) + 1;
    }
}
