#include "client/model/completion.h"
#include "client/model/width.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define ADDED_BYTES_MAX 512

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

enum chat__completion_kind
chat__completion_kind(const struct chat__completion *completion,
                      const struct chat__input_line *input)
{
    const char *text = chat__input_text(input);
    size_t start =
        goes_on(completion, input) ? completion->start : word_start(input);

    if (*text == '/' && text[1] != '/') {
        return start == 0 ? CHAT__COMPLETE_COMMAND : CHAT__COMPLETE_ROOM;
    }
    return CHAT__COMPLETE_NAME;
}

void chat__candidates_add(struct chat__candidates *candidates, const char *text)
{
    if (candidates->count < CHAT__COMPLETION_MAX) {
        candidates->texts[candidates->count++] = text;
    }
}

static bool begins_with(const char *text, const char *prefix)
{
    size_t text_left = strlen(text), prefix_left = strlen(prefix);

    while (prefix_left > 0 && text_left > 0) {
        int32_t a, b;
        size_t a_bytes = chat__code_point(text, text_left, &a);
        size_t b_bytes = chat__code_point(prefix, prefix_left, &b);
        if (utf8proc_tolower(a) != utf8proc_tolower(b)) {
            return false;
        }
        text += a_bytes;
        text_left -= a_bytes;
        prefix += b_bytes;
        prefix_left -= b_bytes;
    }
    return prefix_left == 0;
}

static bool begin(struct chat__completion *completion,
                  const struct chat__input_line *input)
{
    size_t start = word_start(input);

    chat__completion_release(completion);
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
        matches += begins_with(candidates->texts[i], completion->word);
    }
    return matches == 1;
}

/* The candidate after the last one that was offered; NULL at the end. */
static const char *advance(struct chat__completion *completion,
                           const struct chat__candidates *candidates)
{
    while (completion->next < candidates->count) {
        const char *text = candidates->texts[completion->next++];
        if (begins_with(text, completion->word)) {
            return text;
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
    enum chat__completion_kind kind = chat__completion_kind(completion, input);
    bool again = goes_on(completion, input);
    const char *text;

    if (!again && !begin(completion, input)) {
        return false;
    }
    text = advance(completion, candidates);
    if (text != NULL) {
        bool address = kind == CHAT__COMPLETE_NAME && completion->start == 0;
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
