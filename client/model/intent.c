#include "client/model/intent.h"
#include "client/model/emoji.h"
#include "client/model/width.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS          "r reply  e edit  d delete  + react  g quoted  Esc"
#define OFFERED_MAX   8
#define OFFERED_BYTES 512
#define QUOTED_CELLS  200

void chat__intent_release(struct chat__intent *intent)
{
    free(intent->draft);
    memset(intent, 0, sizeof(*intent));
}

bool chat__intent_takes_keys(const struct chat__intent *intent)
{
    return intent->kind == CHAT__INTENT_SELECT ||
           intent->kind == CHAT__INTENT_DELETE;
}

static void set_line(struct chat__input_line *input, const char *text)
{
    chat__input_edit(input, CHAT__EDIT_CLEAR);
    chat__input_insert(input, text, strlen(text));
}

bool chat__intent_begin(struct chat__intent *intent,
                        enum chat__intent_kind kind, uint64_t seq,
                        struct chat__input_line *input, const char *text)
{
    if (text != NULL && !intent->drafted) {
        intent->draft = strdup(chat__input_text(input));
        if (intent->draft == NULL) {
            return false;
        }
        intent->drafted = true;
    }
    if (text != NULL) {
        set_line(input, text);
    }
    intent->kind = kind;
    intent->seq = seq;
    return true;
}

void chat__intent_end(struct chat__intent *intent,
                      struct chat__input_line *input)
{
    if (intent->drafted) {
        set_line(input, intent->draft);
    }
    chat__intent_release(intent);
}

/* ---- what it says ---- */

/* "1 👍  2 ❤", or those whose name begins so: "👀 eyes". */
static void write_offers(const char *typed, char *offers, size_t size)
{
    bool by_name = *typed != '\0' && strcmp(typed, ":") != 0;
    size_t length = 0, made = 0, i;

    offers[0] = '\0';
    for (i = 0; i < chat__emoji_count() && made < OFFERED_MAX; i++) {
        const struct chat__emoji *emoji = chat__emoji_at(i);
        char digit[2] = {(char)('1' + made), '\0'};
        if (chat__emoji_begins_with(emoji, typed)) {
            made++;
            length += (size_t)snprintf(offers + length, size - length,
                                       "%s%s %s", made == 1 ? "" : "  ",
                                       by_name ? emoji->emoji : digit,
                                       by_name ? emoji->name : emoji->emoji);
        }
    }
}

const char *chat__intent_offer(char digit)
{
    if (digit < '1' || digit >= '1' + OFFERED_MAX) {
        return NULL;
    }
    return chat__emoji_at((size_t)(digit - '1'))->emoji;
}

/* The verb, whose it is, and its first line. */
static bool describe_message(const char *what, const struct chat__item *item,
                             struct chat__safe_text *text)
{
    const char *body = chat__safe_string(&item->text);
    size_t length = strcspn(body, "\n");

    length = length > item->body ? item->body : length;
    length = chat__text_fit(body, length, QUOTED_CELLS);
    return chat__safe_text_format(text, "%s %s: %.*s", what,
                                  chat__safe_string(&item->name), (int)length,
                                  body);
}

static bool describe_reaction(const char *typed, struct chat__safe_text *text)
{
    char offers[OFFERED_BYTES];

    write_offers(typed, offers, sizeof(offers));
    return chat__safe_text_format(text, "react: %s",
                                  *offers == '\0' ? "no such emoji" : offers);
}

bool chat__intent_describe(const struct chat__intent *intent,
                           const struct chat__room_log *log, const char *typed,
                           struct chat__safe_text *text)
{
    const struct chat__item *item = chat__room_log_find(log, intent->seq);

    memset(text, 0, sizeof(*text));
    if (intent->kind == CHAT__INTENT_NONE) {
        return true;
    }
    if (item == NULL) {
        return chat__safe_text_format(text, "an older message");
    }
    switch (intent->kind) {
    case CHAT__INTENT_SELECT:
        return chat__safe_text_format(text, "%s", KEYS);
    case CHAT__INTENT_REPLY:
        return describe_message("reply to", item, text);
    case CHAT__INTENT_EDIT:
        return describe_message("edit", item, text);
    case CHAT__INTENT_DELETE:
        return chat__safe_text_format(
            text, "delete this message of %s?  y deletes, other keys do not",
            chat__safe_string(&item->name));
    case CHAT__INTENT_REACT:
        return describe_reaction(typed, text);
    default:
        return describe_message("on", item, text);
    }
}

/* ---- which message ---- */

bool chat__is_selectable(const struct chat__item *item)
{
    return item->kind == CHAT__ITEM_MESSAGE && item->seq != 0 && !item->deleted;
}

uint64_t chat__select_before(const struct chat__room_log *log, uint64_t seq)
{
    size_t i = seq == 0 ? log->entries.count : chat__room_log_place(log, seq);

    while (i > 0) {
        if (chat__is_selectable(&log->entries.data[--i])) {
            return log->entries.data[i].seq;
        }
    }
    return 0;
}

uint64_t chat__select_behind(const struct chat__room_log *log, uint64_t seq)
{
    size_t i = chat__room_log_place(log, seq + 1);

    for (; i < log->entries.count; i++) {
        if (chat__is_selectable(&log->entries.data[i])) {
            return log->entries.data[i].seq;
        }
    }
    return 0;
}

uint64_t chat__select_newest(const struct chat__room_log *log, bool own)
{
    uint64_t seq = chat__select_before(log, 0);

    while (seq != 0 && chat__room_log_find(log, seq)->own != own) {
        seq = chat__select_before(log, seq);
    }
    return seq;
}
