#include "client/model/typing.h"

#include <stdio.h>
#include <string.h>

static void remove_at(struct chat__typing *typing, size_t index)
{
    chat__safe_text_release(&typing->people[index].name);
    typing->count--;
    memmove(&typing->people[index], &typing->people[index + 1],
            (typing->count - index) * sizeof(typing->people[0]));
}

static size_t find(const struct chat__typing *typing, const char *user_id)
{
    size_t i;

    for (i = 0; i < typing->count; i++) {
        if (strcmp(typing->people[i].id, user_id) == 0) {
            break;
        }
    }
    return i;
}

void chat__typing_release(struct chat__typing *typing)
{
    while (typing->count > 0) {
        remove_at(typing, typing->count - 1);
    }
}

void chat__typing_add(struct chat__typing *typing, const char *user_id,
                      const char *user_name, int64_t now_ms)
{
    size_t index = find(typing, user_id);
    struct chat__typist *typist;

    if (index == CHAT__TYPING_PEOPLE_MAX ||
        strlen(user_id) >= sizeof(typist->id)) {
        return;
    }
    typist = &typing->people[index];
    if (index == typing->count) {
        if (!chat__safe_text_init(&typist->name, user_name, CHAT__SAFE_LINE)) {
            return;
        }
        snprintf(typist->id, sizeof(typist->id), "%s", user_id);
        typing->count++;
    }
    typist->until_ms = now_ms + CHAT__TYPING_LIVES_MS;
}

void chat__typing_remove(struct chat__typing *typing, const char *user_id)
{
    size_t index = find(typing, user_id);

    if (index < typing->count) {
        remove_at(typing, index);
    }
}

bool chat__typing_expire(struct chat__typing *typing, int64_t now_ms)
{
    bool any = false;
    size_t i = typing->count;

    while (i > 0) {
        if (typing->people[--i].until_ms <= now_ms) {
            remove_at(typing, i);
            any = true;
        }
    }
    return any;
}

int64_t chat__typing_wait(const struct chat__typing *typing, int64_t now_ms)
{
    int64_t wait = -1;
    size_t i;

    for (i = 0; i < typing->count; i++) {
        int64_t left = typing->people[i].until_ms - now_ms;
        left = left < 0 ? 0 : left;
        if (wait < 0 || left < wait) {
            wait = left;
        }
    }
    return wait;
}

bool chat__typing_describe(const struct chat__typing *typing,
                           struct chat__safe_text *text)
{
    const struct chat__typist *people = typing->people;

    switch (typing->count) {
    case 0:
        return chat__safe_text_format(text, "%s", "");
    case 1:
        return chat__safe_text_format(text, "%s is typing",
                                      chat__safe_string(&people[0].name));
    case 2:
        return chat__safe_text_format(text, "%s and %s are typing",
                                      chat__safe_string(&people[0].name),
                                      chat__safe_string(&people[1].name));
    default:
        return chat__safe_text_format(text, "%zu people are typing",
                                      typing->count);
    }
}
