#include "client/model/completion.h"
#include "client/model/command.h"
#include "client/model/match.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDED_BYTES_MAX   512
#define COMMAND_BYTES_MAX 32

void chat__completion_release(struct chat__completion *completion)
{
    free(completion->word);
    memset(completion, 0, sizeof(*completion));
}

static bool goes_on(const struct chat__completion *completion,
                    const struct chat__input_line *input)
{
    return completion->word != NULL && completion->length == input->length &&
           completion->cursor == input->cursor;
}

static size_t word_start(const struct chat__input_line *input)
{
    const char *text = chat__input_text(input);
    size_t start = input->cursor;

    while (start > 0 && strchr(" \t\n", text[start - 1]) == NULL) {
        start--;
    }
    return start;
}

/* The command whose argument is being written; NULL: none, or unknown. */
static const struct chat__command *command_of(const char *text)
{
    size_t length = strcspn(text, " \t\n");
    char name[COMMAND_BYTES_MAX];

    if (length >= sizeof(name)) {
        return NULL;
    }
    memcpy(name, text, length);
    name[length] = '\0';
    return chat__command_find(name);
}

static enum chat__completion_kind kind_of_text(const char *word, size_t length)
{
    if (*word == '@') {
        return CHAT__COMPLETE_MENTION;
    }
    return *word == ':' && length > 1 ? CHAT__COMPLETE_EMOJI
                                      : CHAT__COMPLETE_NAME;
}

/* The second word of a command, and all behind it. */
static enum chat__completion_kind kind_of_argument(const char *text,
                                                   size_t start, size_t cursor)
{
    const struct chat__command *command = command_of(text);

    if (command == NULL) {
        return CHAT__COMPLETE_NOTHING;
    }
    switch (command->takes) {
    case CHAT__TAKES_ROOM:
        return CHAT__COMPLETE_ROOM;
    case CHAT__TAKES_INVITE:
        return CHAT__COMPLETE_INVITE;
    case CHAT__TAKES_PERSON:
        if (start == strlen(command->name) + 2) {
            return CHAT__COMPLETE_PERSON;
        }
        return command->id == CHAT__COMMAND_ROLE ? CHAT__COMPLETE_ROLE
                                                 : CHAT__COMPLETE_NOTHING;
    case CHAT__TAKES_EMOJI:
        return CHAT__COMPLETE_EMOJI;
    case CHAT__TAKES_COMMAND:
        return CHAT__COMPLETE_HELP;
    case CHAT__TAKES_TEXT:
        return kind_of_text(text + start, cursor - start);
    default:
        return CHAT__COMPLETE_NOTHING;
    }
}

enum chat__completion_kind
chat__completion_kind(const struct chat__completion *completion,
                      const struct chat__input_line *input)
{
    const char *text = chat__input_text(input);
    size_t start = word_start(input);

    if (goes_on(completion, input)) {
        return completion->kind;
    }
    if (*text != '/' || text[1] == '/') {
        return kind_of_text(text + start, input->cursor - start);
    }
    return start == 0 ? CHAT__COMPLETE_COMMAND
                      : kind_of_argument(text, start, input->cursor);
}

void chat__candidates_init(struct chat__candidates *candidates,
                           enum chat__completion_kind kind,
                           const struct chat__completion *completion,
                           const struct chat__input_line *input)
{
    size_t start = word_start(input);

    candidates->count = 0;
    candidates->copied = 0;
    candidates->kind = kind;
    if (goes_on(completion, input)) {
        snprintf(candidates->word, sizeof(candidates->word), "%s",
                 completion->word);
    } else {
        snprintf(candidates->word, sizeof(candidates->word), "%.*s",
                 (int)(input->cursor - start), chat__input_text(input) + start);
    }
}

void chat__candidates_release(struct chat__candidates *candidates)
{
    while (candidates->copied > 0) {
        free(candidates->copies[--candidates->copied]);
    }
    candidates->count = 0;
}

void chat__candidates_add(struct chat__candidates *candidates, const char *text,
                          const char *insert)
{
    if (candidates->count < CHAT__COMPLETION_MAX &&
        chat__begins_with(text, candidates->word)) {
        candidates->inserts[candidates->count] = insert;
        candidates->texts[candidates->count++] = text;
    }
}

void chat__candidates_add_format(struct chat__candidates *candidates,
                                 const char *format, ...)
{
    size_t count = candidates->count;
    va_list arguments;
    char *copy;
    int length;

    va_start(arguments, format);
    length = vasprintf(&copy, format, arguments);
    va_end(arguments);
    if (length < 0) {
        return;
    }
    chat__candidates_add(candidates, copy, NULL);
    if (candidates->count == count) {
        free(copy);
    } else {
        candidates->copies[candidates->copied++] = copy;
    }
}

static bool begin(struct chat__completion *completion,
                  enum chat__completion_kind kind,
                  const struct chat__input_line *input)
{
    size_t start = word_start(input);

    chat__completion_release(completion);
    completion->kind = kind;
    completion->start = start;
    completion->word =
        strndup(chat__input_text(input) + start, input->cursor - start);
    return completion->word != NULL;
}

static bool is_only_one(const struct chat__completion *completion,
                        const struct chat__candidates *candidates)
{
    size_t matches = 0, i;

    for (i = 0; i < candidates->count; i++) {
        matches += chat__begins_with(candidates->texts[i], completion->word);
    }
    return matches == 1;
}

/*
 * What to insert for the candidate after the last one that was offered; NULL
 * at the end.
 */
static const char *advance(struct chat__completion *completion,
                           const struct chat__candidates *candidates)
{
    while (completion->next < candidates->count) {
        size_t next = completion->next++;
        if (chat__begins_with(candidates->texts[next], completion->word)) {
            return candidates->inserts[next] == NULL
                       ? candidates->texts[next]
                       : candidates->inserts[next];
        }
    }
    completion->next = 0;
    return NULL;
}

static void put(struct chat__completion *completion,
                struct chat__input_line *input, const char *text,
                const char *end)
{
    char added[ADDED_BYTES_MAX];

    snprintf(added, sizeof(added), "%s%s", text, end);
    chat__input_replace(input, completion->start, added);
    completion->length = input->length;
    completion->cursor = input->cursor;
}

bool chat__completion_next(struct chat__completion *completion,
                           struct chat__input_line *input,
                           const struct chat__candidates *candidates)
{
    bool again = goes_on(completion, input);
    const char *text;

    if (!again && !begin(completion, candidates->kind, input)) {
        return false;
    }
    text = advance(completion, candidates);
    if (text != NULL) {
        bool address =
            candidates->kind == CHAT__COMPLETE_NAME && completion->start == 0;
        put(completion, input, text, address ? ": " : " ");
        if (is_only_one(completion, candidates)) {
            chat__completion_release(completion);
        }
        return true;
    }
    if (again) {
        put(completion, input, completion->word, "");
        return true;
    }
    return false;
}
