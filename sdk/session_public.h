/*
 * Parsed forms of the wire to the public ones of client.h. The public forms
 * borrow strings from the parsed ones, and keep what has no string on the
 * wire, the digits of user ids, in storage of their own.
 *
 * Pure. Storage is the caller's; what is allocated goes with _release.
 */
#ifndef CHAT_SDK_SESSION_PUBLIC_H
#define CHAT_SDK_SESSION_PUBLIC_H

#include "chat/client.h"
#include "protocol/event.h"
#include "protocol/reply.h"
#include "sdk/slices.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAT__USER_ID_SIZE (CHAT__USER_ID_BYTES_MAX + 1)

/* The digits of the ids in one entry. */
struct chat__entry_digits {
    char from[CHAT__USER_ID_SIZE];
    char with[CHAT__USER_ID_SIZE];
    char user[CHAT__USER_ID_SIZE];
    char mentions[CHAT__MENTIONS_MAX][CHAT__USER_ID_SIZE];
    const char *mention_list[CHAT__MENTIONS_MAX];
};

/* Writes the digits, and returns them. */
const char *chat__public_id(uint64_t id, char digits[CHAT__USER_ID_SIZE]);

/* Both members NULL for nobody. */
chat_person chat__public_person(const struct chat__person *person,
                                char digits[CHAT__USER_ID_SIZE]);

chat_role chat__public_role(enum chat__role role);
chat_presence_state chat__public_presence(enum chat__presence presence);

/* `user_id` is the session's own. */
void chat__public_entry(chat_entry *entry, const struct chat__event *event,
                        uint64_t user_id, struct chat__entry_digits *digits,
                        const char *bytes, size_t length);

struct chat__public_entry {
    chat_entry entry;
    struct chat__entry_digits digits;
};

/* A page for the program. */
struct chat__public_page {
    struct chat__public_entry *entries;
    const chat_entry **pointers;
    size_t count;
    chat_change *changes;
    const chat_change **change_pointers;
    size_t change_count;
    chat_reaction *reactions;
    const chat_reaction **reaction_pointers;
    char (*ids)[CHAT__USER_ID_SIZE];
    const char **id_pointers;
};

/*
 * The entries of a page up to `last`, and the changes of the messages among
 * them. `slices` has as many elements as the page has entries. CHAT_OK,
 * CHAT_ERROR_MEMORY, CHAT_ERROR_PROTOCOL (an entry cannot be read); always to
 * be released.
 */
int chat__public_page_init(struct chat__public_page *public_page,
                           const struct chat__page *page,
                           const struct chat__slice *slices, uint64_t last,
                           uint64_t user_id);
void chat__public_page_release(struct chat__public_page *public_page);

#endif
