#include "server/front/gateway_greeting.h"

#include <stdlib.h>
#include <string.h>

struct chat__greeting {
    struct chat__table_link link;
    struct chat__greeting *previous;
    struct chat__greeting *next;
    int64_t due_ms;
    struct chat__greetings_options options; /* while the directory is asked */
    struct chat__directory_read read;
    char topic[CHAT__TOPIC_SIZE];
    char id[];
};

static struct chat__greeting *greeting_of(struct chat__table_link *link)
{
    return CHAT__CONTAINER(link, struct chat__greeting, link);
}

static struct chat__greeting *find(const struct chat__greetings *greetings,
                                   const char *id)
{
    struct chat__table_link *link =
        chat__table_find(&greetings->by_id, chat__hash_string(0, id));

    while (link != NULL && strcmp(greeting_of(link)->id, id) != 0)
        link = chat__table_next(link);
    return link != NULL ? greeting_of(link) : NULL;
}

static void take_out(struct chat__greetings *greetings,
                     struct chat__greeting *greeting)
{
    chat__table_remove(&greetings->by_id, &greeting->link);
    if (greeting->previous != NULL)
        greeting->previous->next = greeting->next;
    else
        greetings->first = greeting->next;
    if (greeting->next != NULL)
        greeting->next->previous = greeting->previous;
    else
        greetings->last = greeting->previous;
}

void chat__greetings_add(struct chat__greetings *greetings, const char *id,
                         int64_t now_ms)
{
    size_t size = strlen(id) + 1;
    struct chat__greeting *greeting;

    if (greetings->by_id.count == CHAT__GATEWAY_GREETINGS_MAX ||
        find(greetings, id) != NULL)
        return;
    greeting = calloc(1, sizeof *greeting + size);
    if (greeting == NULL)
        return;
    memcpy(greeting->id, id, size);
    if (!chat__table_insert(&greetings->by_id, &greeting->link,
                            chat__hash_string(0, id))) {
        free(greeting);
        return;
    }
    greeting->due_ms = now_ms + CHAT__GATEWAY_HELLO_MS;
    greeting->previous = greetings->last;
    if (greetings->last != NULL)
        greetings->last->next = greeting;
    else
        greetings->first = greeting;
    greetings->last = greeting;
}

void chat__greetings_forget(struct chat__greetings *greetings, const char *id)
{
    struct chat__greeting *greeting = find(greetings, id);

    if (greeting == NULL)
        return;
    take_out(greetings, greeting);
    free(greeting);
}

static void session_read(struct chat__completion *completion)
{
    struct chat__greeting *greeting =
        CHAT__CONTAINER(completion, struct chat__greeting, read.completion);
    const struct chat__greetings_options *options = &greeting->options;

    (*options->outstanding)--;
    if (greeting->read.result == CHAT__STORE_OK &&
        chat__directory_session(&greeting->read) == NULL)
        options->silent(options->context, greeting->id);
    chat__directory_read_release(&greeting->read);
    free(greeting);
}

void chat__greetings_expire(struct chat__greetings *greetings, int64_t now_ms,
                            int64_t wall_ms)
{
    struct chat__directory *directory = greetings->options.directory;

    while (greetings->first != NULL && greetings->first->due_ms <= now_ms) {
        struct chat__greeting *greeting = greetings->first;

        take_out(greetings, greeting);
        chat__topic_of_connection(greeting->topic, greeting->id);
        greeting->options = greetings->options;
        greeting->read = (struct chat__directory_read){
            .completion.run = session_read,
            .topic = greeting->topic,
            .now_ms = wall_ms,
        };
        (*greetings->options.outstanding)++;
        directory->operations->read(directory, &greeting->read);
    }
}

void chat__greetings_release(struct chat__greetings *greetings)
{
    while (greetings->first != NULL) {
        struct chat__greeting *greeting = greetings->first;

        take_out(greetings, greeting);
        free(greeting);
    }
    chat__table_release(&greetings->by_id);
}
