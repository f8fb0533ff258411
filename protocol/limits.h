/*
 * Every size that the wire protocol names, in one place. docs/protocol.md,
 * section "Names and limits", is the source; a size that a stranger controls
 * is checked against its limit before memory is taken for it.
 */
#ifndef CHAT_PROTOCOL_LIMITS_H
#define CHAT_PROTOCOL_LIMITS_H

#define CHAT__PROTOCOL_VERSION 1
#define CHAT__SUBPROTOCOL      "chat.v1"

/* Frames and objects, in bytes. A client frame is one object. */
#define CHAT__FRAME_BYTES_MAX  (30 * 1024)
#define CHAT__OBJECT_BYTES_MAX (28 * 1024)

/* JSON, checked before the parser allocates. */
#define CHAT__JSON_DEPTH_MAX        8
#define CHAT__JSON_VALUES_MAX       8192
#define CHAT__JSON_KEYS_MAX         512 /* in one object */
#define CHAT__JSON_NUMBER_BYTES_MAX 63

/* Integers travel as JSON numbers, exact below 2^53. */
#define CHAT__INTEGER_MAX ((UINT64_C(1) << 53) - 1)

/* Names, in bytes unless the name says otherwise. */
#define CHAT__ROOM_NAME_BYTES_MAX     64
#define CHAT__USER_NAME_BYTES_MAX     128
#define CHAT__USER_NAME_GRAPHEMES_MAX 32
#define CHAT__KEY_BYTES_MAX           64
#define CHAT__EPOCH_BYTES_MAX         32
#define CHAT__TOKEN_BYTES_MAX         64
#define CHAT__AGENT_BYTES_MAX         64
#define CHAT__PREFIX_BYTES_MAX        64
#define CHAT__USER_ID_BYTES_MAX       20 /* the digits of a uint64_t */

/* What users write. */
#define CHAT__TEXT_CHARACTERS_MAX  4000
#define CHAT__TEXT_BYTES_MAX       (8 * 1024)
#define CHAT__TEXT_JSON_BYTES_MAX  (10 * 1024) /* escaped, as writer.h does */
#define CHAT__TOPIC_CHARACTERS_MAX 250         /* also a reason */
#define CHAT__TOPIC_BYTES_MAX      1000
#define CHAT__EMOJI_BYTES_MAX      32
#define CHAT__PASSWORD_BYTES_MIN   8
#define CHAT__PASSWORD_BYTES_MAX   256

/* Counts. */
#define CHAT__USER_ROOMS_MAX       500
#define CHAT__PAGE_ENTRIES_MAX     200
#define CHAT__PAGE_ENTRIES_DEFAULT 50
#define CHAT__ROOMS_PAGE_MAX       100
#define CHAT__MEMBERS_PAGE_MAX     100
#define CHAT__INVITES_MAX          100         /* in hello's ok */
#define CHAT__INVITES_BYTES_MAX    (20 * 1024) /* there: rooms need place too */
#define CHAT__MENTIONS_MAX         20          /* in a message */
#define CHAT__EDITS_MAX            1000        /* of a message */
#define CHAT__REACTIONS_MAX        500         /* on a message, that are on */
#define CHAT__REACTION_KINDS_MAX   50          /* of emoji on a message */
#define CHAT__PRESENCE_ROOM_MAX    100 /* members of a room that hears of it */
#define CHAT__RESUME_ENTRIES_MAX   1000
#define CHAT__RESUME_BYTES_MAX     (4 * 1024 * 1024)
#define CHAT__HELD_ENTRIES_MAX     1000
#define CHAT__IN_FLIGHT_MAX        64

/* Times, in milliseconds. */
#define CHAT__HELLO_TIMEOUT_MS    10000
#define CHAT__REPLY_TIMEOUT_MS    35000
#define CHAT__GAP_WAIT_MS         300
#define CHAT__PING_INTERVAL_MS    25000
#define CHAT__PEER_SILENCE_MAX_MS 90000
#define CHAT__TYPING_INTERVAL_MS  3000
#define CHAT__PRESENCE_GATHER_MS  1000
#define CHAT__PRESENCE_OFFLINE_MS 15000
#define CHAT__BACKOFF_BASE_MS     500
#define CHAT__BACKOFF_MAX_MS      30000

#endif
