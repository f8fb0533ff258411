#include "client/model/sentence.h"

/* "ann removed bob", and the reason if there is one. */
static bool with_reason(const struct chat__entry *entry, const char *verb,
                        struct chat__safe_text *text)
{
    bool has_reason = entry->detail != NULL && *entry->detail != '\0';

    return chat__safe_text_format(text, "%s %s %s%s%s", entry->user_name, verb,
                                  entry->subject, has_reason ? ": " : "",
                                  has_reason ? entry->detail : "");
}

static bool about_topic(const struct chat__entry *entry,
                        struct chat__safe_text *text)
{
    if (entry->detail == NULL || *entry->detail == '\0') {
        return chat__safe_text_format(text, "%s took the topic away",
                                      entry->user_name);
    }
    return chat__safe_text_format(text, "%s set the topic: %s",
                                  entry->user_name, entry->detail);
}

bool chat__sentence(const struct chat__entry *entry,
                    struct chat__safe_text *text)
{
    const char *name = entry->user_name;

    switch (entry->kind) {
    case CHAT__ITEM_JOIN:
        return chat__safe_text_format(text, "%s joined", name);
    case CHAT__ITEM_LEAVE:
        return chat__safe_text_format(text, "%s left", name);
    case CHAT__ITEM_MEET:
        return chat__safe_text_format(text, "%s began to talk with %s", name,
                                      entry->subject);
    case CHAT__ITEM_TOPIC:
        return about_topic(entry, text);
    case CHAT__ITEM_INVITE:
        return with_reason(entry, "invited", text);
    case CHAT__ITEM_KICK:
        return with_reason(entry, "removed", text);
    case CHAT__ITEM_BAN:
        return with_reason(entry, entry->on ? "banned" : "lifted the ban of",
                           text);
    case CHAT__ITEM_ROLE:
        return chat__safe_text_format(text, "%s made %s %s", name,
                                      entry->subject, entry->detail);
    default:
        return chat__safe_text_format(
            text, "%s did something that needs a newer chat-tui", name);
    }
}
