/*
 * Keys that were used before: a request that repeats one gets the entry that
 * it made, whatever has become of the room and its user since.
 *
 * The store finds a repetition when it is to append it (append.c). What makes
 * no entry never gets there, so the store is asked for its key before it is
 * answered. That costs a read for each refusal; the rate of writes bounds it.
 *
 * What is looked up has left its room's queue, and later requests may overtake
 * it. That is fine: it will make no entry, so the order of the log is without
 * it, and replies come in any order. It was judged at a durable head, and the
 * store sees every entry up to there; should the same key make one meanwhile,
 * by a request that came later, either answer is true.
 *
 * It still counts among what its connection and the core have unanswered
 * (action.c), and a store with too many reads says BUSY. The room's bound does
 * not count it, lest strangers keep members from writing.
 */
#ifndef CHAT_SERVER_CORE_KEY_H
#define CHAT_SERVER_CORE_KEY_H

#include "server/core/append.h"

/* Answers with the entry that the key made, if for this very body. */
void chat__key_repeated(struct chat__operation *operation,
                        const struct chat__store_keyed *entry);

/*
 * Answers as above, or with the outcome of a new key, NONE or REFUSED; or with
 * CURRENT, whatever the key. Where other servers have appended meanwhile it is
 * found out anew, once.
 */
void chat__key_look_up(struct chat__operation *operation,
                       const struct chat__outcome *outcome);

#endif
