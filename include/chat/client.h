/*
 * libchatclient: a client of the chat.v1 protocol.
 *
 * A handle (chat_client) is one signed-in connection to one server, kept up
 * by the library: it reconnects by itself, resumes every room without a gap
 * or a duplicate, and sends again what was not acknowledged, each message at
 * most once in the log.
 *
 * Model
 *   The network runs on one thread of the library, shared by all handles of
 *   the process, started with the first and joined with the last. Calls only
 *   queue work and return; results come back as events. An event is handed to
 *   the handler inside chat_client_dispatch, on the thread that called it.
 *   chat_client_fd is readable while events wait, so a handle fits poll, any
 *   event loop, or the blocking chat_client_wait. While a program leaves some
 *   thousands of events waiting, the library stops reading from the server.
 *
 * Order
 *   CHAT_EVENT_ENTRY comes in strict order of seq in each room, without a gap
 *   or a duplicate, over reconnects and restarts of the server. Messages of
 *   one room are sent in the order of the calls; a temporary refusal by the
 *   server can let one that was under way behind it pass.
 *
 * Threads
 *   Every function may be called from any thread and inside a handler, also
 *   chat_client_free, after which no thread may use the handle. Two threads
 *   must not dispatch one handle at once (STATE). A child of fork() must not
 *   use handles of its parent.
 *
 * Strings and structures
 *   Strings are NUL-terminated UTF-8. What the library hands to a handler is
 *   valid until the handler returns, belongs to the library, and is not to be
 *   changed. Text from other users is as they sent it: make it safe before a
 *   terminal shows it. Event structures may grow at their end in a later
 *   version; do not copy them by value or take their size.
 *
 * Errors
 *   Functions return CHAT_OK or a negative chat_error; chat_strerror has the
 *   text. Limits are those of docs/protocol.md, "Names and limits".
 *
 * The library writes nothing to standard output or error, leaves signal
 * handlers as they are, and blocks only in chat_client_wait, in
 * chat_client_free (up to the end of a running step of the network thread), in
 * the first chat_client_connect (thread start), and, with an outbox file, in
 * chat_send and what is kept with its messages (chat_send_mentioning,
 * chat_edit, chat_delete, chat_react) and in chat_client_free for a write of it
 * to disk; the settings that name a file read it. It takes no proxy from the
 * environment, and follows no redirect.
 *
 * libwebsockets is used inside. A program that uses it too keeps the log level
 * that it has set; at the default level it logs nothing while handles are
 * connected. SIGPIPE's disposition is put back after a moment in which the
 * first chat_client_connect lets libwebsockets ignore it.
 */
#ifndef CHAT_CLIENT_H
#define CHAT_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CHAT_API __attribute__((visibility("default")))
#else
#define CHAT_API
#endif

#define CHAT_VERSION_MAJOR 0
#define CHAT_VERSION_MINOR 1
#define CHAT_VERSION_PATCH 0

/** Bytes of a key with its NUL, see chat_send. */
#define CHAT_KEY_SIZE 65

/**
 * Tell the version of the library that runs.
 *
 * Returns a text such as "0.1.0"; the header's own version is that of
 * CHAT_VERSION_MAJOR, CHAT_VERSION_MINOR and CHAT_VERSION_PATCH.
 */
CHAT_API const char *chat_version(void);

/** What functions return, and what failed; chat_strerror() describes it. */
typedef enum chat_error {
    CHAT_OK = 0,
    /* from the library */
    CHAT_ERROR_MEMORY = -1,     /**< no memory */
    CHAT_ERROR_ARGUMENT = -2,   /**< an argument breaks its contract */
    CHAT_ERROR_STATE = -3,      /**< not now: see the function */
    CHAT_ERROR_FULL = -4,       /**< the outbox or the request queue is full */
    CHAT_ERROR_NETWORK = -5,    /**< no connection, or it broke */
    CHAT_ERROR_TLS = -6,        /**< the server's certificate is not trusted */
    CHAT_ERROR_TIMEOUT = -7,    /**< no answer in time */
    CHAT_ERROR_PROTOCOL = -8,   /**< the peer does not speak chat.v1 */
    CHAT_ERROR_SYSTEM = -9,     /**< a file, thread or descriptor failed */
    CHAT_ERROR_CANCELLED = -10, /**< taken back, or the handle disconnected */
    /* from the server */
    CHAT_ERROR_BAD_REQUEST = -20,
    CHAT_ERROR_UNAUTHORIZED = -21,
    CHAT_ERROR_FORBIDDEN = -22,
    CHAT_ERROR_NOT_FOUND = -23,
    CHAT_ERROR_NAME_TAKEN = -24,
    CHAT_ERROR_KEY_CONFLICT = -25,
    CHAT_ERROR_EPOCH_CHANGED = -26,
    CHAT_ERROR_TOO_LARGE = -27,
    CHAT_ERROR_RATE_LIMITED = -28,
    CHAT_ERROR_BUSY = -29,
    CHAT_ERROR_STORAGE = -30,
    CHAT_ERROR_VERSION = -31,
    CHAT_ERROR_SERVER = -32 /**< a code that this version does not know */
} chat_error;

/**
 * Describe an error.
 *
 * Returns a short English text; never NULL, also for unknown numbers.
 */
CHAT_API const char *chat_strerror(int error);

/** A handle: one signed-in connection to one server. */
typedef struct chat_client chat_client;

/**
 * Where a handle stands.
 *
 * See CHAT_EVENT_STATE.
 */
typedef enum chat_state {
    CHAT_STATE_IDLE = 0,       /**< chat_client_connect was not called yet */
    CHAT_STATE_CONNECTING = 1, /**< a connection attempt is under way */
    CHAT_STATE_ONLINE = 2,     /**< signed in; requests are answered */
    CHAT_STATE_WAITING = 3,    /**< lost; a new attempt comes in retry_ms */
    CHAT_STATE_CLOSED = 4      /**< for good: refused, or disconnected */
} chat_state;

/** What an event is, and which member of its union has more. */
typedef enum chat_event_type {
    CHAT_EVENT_STATE = 1, /**< the handle's state changed: `state` */
    CHAT_EVENT_ROOM = 2,  /**< joined, left, reset or read elsewhere: `room` */
    CHAT_EVENT_ENTRY = 3, /**< the next entry of a room's log: `entry` */
    CHAT_EVENT_HISTORY = 4,   /**< a page that was asked for: `history` */
    CHAT_EVENT_ROOMS = 5,     /**< a page of public rooms: `rooms` */
    CHAT_EVENT_SENT = 6,      /**< a message is durable: `sent` */
    CHAT_EVENT_FAILED = 7,    /**< a request failed for good: `failed` */
    CHAT_EVENT_TYPING = 8,    /**< somebody writes: `typing` */
    CHAT_EVENT_MEMBERS = 9,   /**< a page of a room's members: `members` */
    CHAT_EVENT_PRESENCE = 10, /**< users came, went or changed: `presence` */
    CHAT_EVENT_DONE = 11      /**< a request without a result succeeded */
} chat_event_type;

/** What an entry of a room's log is. */
typedef enum chat_entry_kind {
    CHAT_ENTRY_OTHER = 0, /**< of a newer server; see `json` */
    CHAT_ENTRY_MESSAGE = 1,
    CHAT_ENTRY_JOIN = 2,
    CHAT_ENTRY_LEAVE = 3,
    CHAT_ENTRY_EDIT = 4,
    CHAT_ENTRY_DELETE = 5,
    CHAT_ENTRY_REACT = 6,
    CHAT_ENTRY_TOPIC = 7,
    CHAT_ENTRY_INVITE = 8,
    CHAT_ENTRY_KICK = 9,
    CHAT_ENTRY_BAN = 10,
    CHAT_ENTRY_ROLE = 11
} chat_entry_kind;

/** What a member may do in a room. */
typedef enum chat_role {
    CHAT_ROLE_NONE = 0,
    CHAT_ROLE_MEMBER = 1,
    CHAT_ROLE_MODERATOR = 2,
    CHAT_ROLE_OWNER = 3
} chat_role;

/** What others see of whether a user is there. */
typedef enum chat_presence_state {
    CHAT_PRESENCE_OFFLINE = 0,
    CHAT_PRESENCE_ONLINE = 1,
    CHAT_PRESENCE_AWAY = 2,
    CHAT_PRESENCE_DND = 3
} chat_presence_state;

/** A user, as entries and events name one. */
typedef struct chat_person {
    const char *id; /**< NULL: not there */
    const char *name;
} chat_person;

/**
 * One entry of a room's log.
 *
 * seq runs 1, 2, 3 and so on in a room, without gaps.
 */
typedef struct chat_entry {
    chat_entry_kind kind;
    uint64_t seq;
    uint64_t number;       /**< of the message among messages, else 0 */
    int64_t time_ms;       /**< since the epoch, the server's clock */
    const char *user_id;   /**< who did it; never NULL */
    const char *user_name; /**< the name at that time; never NULL */
    const char *key;       /**< the sender's key; never NULL */
    const char *text;      /**< MESSAGE, EDIT; NULL once deleted or else */
    uint64_t reply_to;     /**< seq, 0: none */
    int deleted;           /**< MESSAGE, EDIT: the text was erased */
    int own;               /**< by this handle's user */
    const char *json;      /**< the entry as the server sent it */
    size_t json_length;
    const char *const *mentions; /**< MESSAGE: `mention_count` user ids */
    size_t mention_count;
    int mentions_me;    /**< MESSAGE: this handle's user is among them */
    uint64_t ref;       /**< EDIT, DELETE, REACT: the message's seq */
    const char *emoji;  /**< REACT */
    int on;             /**< REACT, BAN */
    chat_person with;   /**< JOIN by chat_dm: the other user */
    chat_person user;   /**< INVITE, KICK, BAN, ROLE: whom it is about */
    const char *reason; /**< KICK, BAN: NULL for none */
    const char *topic;  /**< TOPIC: "" for none, else NULL */
    chat_role role;     /**< ROLE */
} chat_entry;

/** One emoji on a message, and who has it on. */
typedef struct chat_reaction {
    const char *emoji;
    const char *const *users; /**< `count` user ids */
    size_t count;
} chat_reaction;

/**
 * How later entries left a message of a page.
 *
 * Skip CHAT_EVENT_ENTRY about
 * `ref` up to and with `upto`, apply those above.
 */
typedef struct chat_change {
    uint64_t ref;
    uint64_t upto;
    uint64_t edit;    /**< seq of the newest edit, 0: none */
    const char *text; /**< the newest edit's; NULL: none, or see `edit` */
    int deleted;
    const chat_reaction *const *reactions; /**< those that are on, all */
    size_t reaction_count;
} chat_change;

/** CHAT_EVENT_STATE: the state of the handle changed. */
typedef struct chat_state_event {
    chat_state state;
    int error;           /**< why, CHAT_OK when there is no trouble */
    const char *detail;  /**< for people; never NULL, maybe empty */
    uint64_t retry_ms;   /**< WAITING: until the next attempt */
    const char *user_id; /**< ONLINE: who we are, else NULL */
    const char *user_name;
} chat_state_event;

/** What happened to a room. */
typedef enum chat_room_change {
    CHAT_ROOM_JOINED = 1,  /**< member now, or found to be one at sign-in */
    CHAT_ROOM_LEFT = 2,    /**< no member any more; no entries follow */
    CHAT_ROOM_RESET = 3,   /**< the log began anew: forget what you have */
    CHAT_ROOM_READ = 4,    /**< the read marker moved, here or elsewhere */
    CHAT_ROOM_INVITED = 5, /**< one may join it: `by` */
    CHAT_ROOM_REMOVED = 6  /**< as LEFT, by a kick or a ban: `by` */
} chat_room_change;

/**
 * CHAT_EVENT_ROOM: a room was joined, left, reset or read elsewhere.
 *
 * After JOINED and RESET the next CHAT_EVENT_ENTRY of the
 * room is head + 1; older ones come by chat_history. A server that was restored
 * from a backup resets its rooms: their logs may have grown since, up to head,
 * by what nobody here has seen. JOINED comes once for
 * each room of the user, and again in answer to chat_join and chat_dm; a
 * reconnect does not repeat it. INVITED comes once for each invitation that is
 * open; one that is taken back or declined ends in REMOVED or LEFT.
 */
typedef struct chat_room_event {
    chat_room_change change;
    uint64_t head;     /**< the newest seq */
    uint64_t read;     /**< the read marker */
    uint64_t unread;   /**< messages behind the marker */
    uint64_t members;  /**< after chat_join, else 0 */
    const char *topic; /**< NULL: none or not known */
    uint64_t mentions; /**< of one's own, behind the marker */
    chat_role role;    /**< after chat_join, else NONE */
    chat_person by;    /**< INVITED, REMOVED */
} chat_room_event;

/**
 * CHAT_EVENT_HISTORY: consecutive entries, oldest first.
 *
 * Of a room that one
 * is in, never newer ones than CHAT_EVENT_ENTRY has brought.
 */
typedef struct chat_history_event {
    const chat_entry *const *entries; /**< `count` pointers */
    size_t count;
    uint64_t first; /**< the oldest seq that the room still has */
    uint64_t head;
    int more; /**< the direction that was asked for goes on */
    const chat_change *const *changes; /**< of the messages in it, by ref */
    size_t change_count;
} chat_history_event;

/** One room of a page of public rooms. */
typedef struct chat_room_summary {
    const char *room;
    const char *topic; /**< NULL: none */
    uint64_t members;
} chat_room_summary;

/** CHAT_EVENT_ROOMS: a page of public rooms, by name. */
typedef struct chat_rooms_event {
    const chat_room_summary *const *rooms; /**< `count` pointers */
    size_t count;
    int more; /**< ask again with `after` the last name */
} chat_rooms_event;

/** Which list chat_members asks for. */
typedef enum chat_member_list {
    CHAT_MEMBERS = 0,
    CHAT_MEMBERS_INVITED = 1, /**< for moderators and owners */
    CHAT_MEMBERS_BANNED = 2   /**< for moderators and owners */
} chat_member_list;

/** One user of a list of chat_members. */
typedef struct chat_member {
    const char *user_id;
    const char *user_name;
    chat_role role; /**< NONE of INVITED and BANNED */
    chat_presence_state presence;
} chat_member;

/** CHAT_EVENT_MEMBERS: a page of a room's members, by id. */
typedef struct chat_members_event {
    chat_member_list list;
    const chat_member *const *members; /**< `count` pointers */
    size_t count;
    int more; /**< ask again with `after` the last id */
} chat_members_event;

/** Whether one user is there. */
typedef struct chat_user_presence {
    const char *user_id;
    chat_presence_state state;
} chat_user_presence;

/**
 * CHAT_EVENT_PRESENCE: users came, went or changed.
 *
 * It comes only in rooms of at most 100 members.
 */
typedef struct chat_presence_event {
    const chat_user_presence *const *users; /**< `count` pointers */
    size_t count;
} chat_presence_event;

/**
 * CHAT_EVENT_SENT: a message or a change is durable.
 *
 * It is what chat_send, chat_edit, chat_delete, chat_react or a request of
 * moderators asked for, as entry `seq`; 0 when it was so already and made no
 * entry.
 */
typedef struct chat_sent_event {
    const char *key;
    uint64_t seq;
    int64_t time_ms;
} chat_sent_event;

/** CHAT_EVENT_FAILED: a request failed for good. */
typedef struct chat_failed_event {
    int error;
    const char *detail; /**< for people; never NULL */
    const char *key;    /**< of what has one in its CHAT_EVENT_SENT, or NULL */
} chat_failed_event;

/**
 * CHAT_EVENT_TYPING: somebody writes.
 *
 * It lives 6 seconds unless repeated.
 */
typedef struct chat_typing_event {
    const char *user_id;
    const char *user_name;
} chat_typing_event;

/** What happened. */
typedef struct chat_event {
    chat_event_type type;
    uint64_t request; /**< the request that it answers, 0: none */
    const char *room; /**< NULL when it is not about one room */
    union {
        chat_state_event state;
        chat_room_event room;
        chat_entry entry;
        chat_history_event history;
        chat_rooms_event rooms;
        chat_sent_event sent;
        chat_failed_event failed;
        chat_typing_event typing;
        chat_members_event members;
        chat_presence_event presence;
    } u;
} chat_event;

/** What a program gives to chat_client_set_handler. */
typedef void (*chat_event_handler)(chat_client *client, const chat_event *event,
                                   void *user_data);

/* ---- life of a handle ---- */

/**
 * Make a handle for a server.
 *
 * The `url` is ws:// or wss://, host, optional port, path, such as
 * "ws://127.0.0.1:7100/ws". Nothing is sent before chat_client_connect. The
 * caller frees with chat_client_free.
 *
 * Errors: ARGUMENT (not such a URL), MEMORY, SYSTEM (no descriptor).
 */
CHAT_API int chat_client_new(chat_client **client, const char *url);

/**
 * Free a handle.
 *
 * Ends the connection without waiting for the server. Events that wait are
 * dropped. Messages that were not acknowledged are in the outbox file, if
 * there is one. NULL is fine. Inside a handler of this handle the memory goes
 * when the dispatch returns.
 */
CHAT_API void chat_client_free(chat_client *client);

/**
 * Name the function that gets the events.
 *
 * It is called in chat_client_dispatch, once for each event, in order. Without
 * a handler (NULL) events are dropped when they are dispatched.
 *
 * Errors: ARGUMENT.
 */
CHAT_API int chat_client_set_handler(chat_client *client,
                                     chat_event_handler handler,
                                     void *user_data);

/**
 * Connect, and stay connected.
 *
 * The connection is kept up until chat_client_disconnect, or until the server
 * refuses for good. While the handle is WAITING it makes the next attempt at
 * once.
 *
 * Errors: ARGUMENT, STATE (connecting, online or closed already), TLS (the
 * certificates to trust cannot be read), MEMORY, SYSTEM (no thread or
 * descriptors, or more than 1,000 handles).
 */
CHAT_API int chat_client_connect(chat_client *client);

/**
 * Close the connection for good.
 *
 * The handle becomes CLOSED. Requests that wait fail with CANCELLED, messages
 * too unless there is an outbox file.
 *
 * Errors: ARGUMENT.
 */
CHAT_API int chat_client_disconnect(chat_client *client);

/* ---- settings ----
 *
 * A setting is made before chat_client_connect.
 *
 * Errors: ARGUMENT (the value breaks its limits), STATE (it is too late).
 */

/**
 * Sign in as a guest.
 *
 * The display `name` has 1 to 32 characters. The default is the guest of the
 * outbox file, else one with a name of the library's making. A handle stays
 * the same user across reconnects, and across processes by its outbox file as
 * long as the name is the same.
 */
CHAT_API int chat_client_set_guest(chat_client *client, const char *name);

/**
 * Sign in with a token of an earlier session.
 *
 * See chat_client_token. It is this user or nobody: when the server does not
 * know the token, the handle is CLOSED with UNAUTHORIZED. A token in the
 * outbox file makes place for the guest instead.
 */
CHAT_API int chat_client_set_token(chat_client *client, const char *token);

/**
 * Sign in to an account.
 *
 * The password is kept in memory only until the server has given a token, and
 * never in the outbox file. A wrong name or password closes the handle with
 * UNAUTHORIZED.
 */
CHAT_API int chat_client_set_login(chat_client *client, const char *user,
                                   const char *password);

/**
 * Make an account, and sign in to it.
 *
 * The name is as chat_client_set_guest has it, and like no other account's;
 * the password has 8 to 256 bytes. The handle is CLOSED with NAME_TAKEN when
 * there is such an account already.
 *
 * Errors: SYSTEM (no random numbers).
 */
CHAT_API int chat_client_set_register(chat_client *client, const char *user,
                                      const char *password);

/**
 * Name the program to the server.
 *
 * What it calls itself, such as "builder/1.2", has 1 to 64 bytes.
 */
CHAT_API int chat_client_set_agent(chat_client *client, const char *agent);

/**
 * Trust the certificates of a PEM file instead of the system's.
 *
 * The server's certificate and name are always verified.
 *
 * Errors: TLS (the file cannot be read or holds no certificate), MEMORY.
 */
CHAT_API int chat_client_set_ca_file(chat_client *client, const char *path);

/**
 * Bound the outbox.
 *
 * It holds messages until they are acknowledged. Defaults: 1,000 messages,
 * 1 MiB; at most 10,000 and 8 MiB. Beyond them chat_send returns FULL.
 */
CHAT_API int chat_client_set_outbox_limits(chat_client *client, size_t messages,
                                           size_t bytes);

/**
 * Keep the outbox, and who the user is, in a file.
 *
 * The file has mode 0600 and is replaced atomically; beside it is a ".lock"
 * file. What is in it already is sent, as the same user. With it, messages
 * survive chat_client_disconnect: they are left to the next process and do not
 * fail.
 *
 * Errors: STATE (it is too late, a file was set, or another handle or process
 * has this one), PROTOCOL (not such a file, or one for another URL), SYSTEM,
 * MEMORY.
 */
CHAT_API int chat_client_set_outbox_file(chat_client *client, const char *path);

/* ---- events ---- */

/**
 * Get a descriptor that is readable while events wait.
 *
 * Only poll it: reading, writing and closing are the library's. It is the same
 * for the handle's life.
 *
 * Returns the descriptor, or a negative chat_error.
 *
 * Errors: ARGUMENT.
 */
CHAT_API int chat_client_fd(const chat_client *client);

/**
 * Hand waiting events to the handler.
 *
 * They come in order. It never blocks, and is not to be nested in a handler.
 *
 * Returns how many they were, or a negative chat_error.
 *
 * Errors: ARGUMENT, STATE (inside a handler, or another thread dispatches).
 */
CHAT_API int chat_client_dispatch(chat_client *client);

/**
 * Wait for events, and hand them to the handler.
 *
 * It waits up to `timeout_ms`; -1: for ever.
 *
 * Returns as chat_client_dispatch; 0 after the time, and when a signal handler
 * of the program ran.
 *
 * Errors: ARGUMENT, STATE (inside a handler, or another thread dispatches),
 * SYSTEM.
 */
CHAT_API int chat_client_wait(chat_client *client, int timeout_ms);

/**
 * Tell the state of a handle.
 *
 * Events of it may still be on their way to the handler.
 *
 * Returns the state that it is in now.
 */
CHAT_API chat_state chat_client_state(const chat_client *client);

/**
 * Copy the session's token.
 *
 * With it a later process can go on as the same user, see
 * chat_client_set_token; keep it secret. 65 bytes are enough for every
 * `token`.
 *
 * Errors: STATE (there is none yet), ARGUMENT (`size` is too small).
 */
CHAT_API int chat_client_token(const chat_client *client, char *token,
                               size_t size);

/* ---- requests ----
 *
 * A request may be made in any state but CLOSED. Offline it waits, up to 256
 * of them beside the outbox, and it is repeated after a reconnect. `request`,
 * which may be NULL, gets a number that the answering event carries. A request
 * that fails for good ends in CHAT_EVENT_FAILED; temporary refusals are
 * retried inside.
 *
 * Errors: ARGUMENT, STATE (the handle is CLOSED), FULL (too many wait), MEMORY,
 * SYSTEM (no random numbers).
 */

/** What chat_join may be told, joined by |. */
enum {
    CHAT_JOIN_CREATE = 1, /**< make the room if it does not exist */
    CHAT_JOIN_PRIVATE = 2 /**< ... and let it be private */
};

/**
 * Become a member of a room.
 *
 * One is, until chat_leave. Answered by CHAT_EVENT_ROOM (JOINED), then
 * CHAT_EVENT_HISTORY with the newest `limit` entries (0 to 200) up to JOINED's
 * head. Joining a room that one is in is fine. `flags` are of CHAT_JOIN_CREATE
 * and CHAT_JOIN_PRIVATE.
 */
CHAT_API int chat_join(chat_client *client, const char *room,
                       unsigned int flags, unsigned int limit,
                       uint64_t *request);

/**
 * Stop being a member of a room.
 *
 * Answered by CHAT_EVENT_ROOM (LEFT).
 */
CHAT_API int chat_leave(chat_client *client, const char *room,
                        uint64_t *request);

/**
 * Open the private room of oneself and another user.
 *
 * Answered as chat_join: the event names the room.
 */
CHAT_API int chat_dm(chat_client *client, const char *user_id,
                     unsigned int limit, uint64_t *request);

/**
 * Ask for older entries of a room.
 *
 * Up to `limit` (1 to 200) entries before the seq `before` (0: the newest that
 * CHAT_EVENT_ENTRY has brought). Answered by CHAT_EVENT_HISTORY.
 */
CHAT_API int chat_history(chat_client *client, const char *room,
                          uint64_t before, unsigned int limit,
                          uint64_t *request);

/**
 * List public rooms.
 *
 * Those whose name begins with `prefix` (NULL: all), behind the name `after`
 * (NULL: from the first). Answered by CHAT_EVENT_ROOMS.
 */
CHAT_API int chat_rooms(chat_client *client, const char *prefix,
                        const char *after, uint64_t *request);

/**
 * List who is in a room.
 *
 * Those behind the user id `after` (NULL: from the first). Answered by
 * CHAT_EVENT_MEMBERS, at most 100 at a time.
 */
CHAT_API int chat_members(chat_client *client, const char *room,
                          chat_member_list list, const char *after,
                          uint64_t *request);

/**
 * Change the account's password.
 *
 * Other sessions of the user end. Answered by CHAT_EVENT_DONE, or
 * CHAT_EVENT_FAILED: UNAUTHORIZED when `old_password` is wrong.
 */
CHAT_API int chat_password(chat_client *client, const char *old_password,
                           const char *new_password, uint64_t *request);

/**
 * End the session's token.
 *
 * With `all`, every token of the user. Answered by CHAT_EVENT_DONE; then the
 * handle is CLOSED. The outbox file forgets the token.
 */
CHAT_API int chat_logout(chat_client *client, int all, uint64_t *request);

/* ---- messages ----
 *
 * It is kept in the outbox and sent, in order, until the server has it or
 * refuses it; then CHAT_EVENT_SENT or CHAT_EVENT_FAILED comes with its key.
 * `key`, CHAT_KEY_SIZE bytes or NULL, gets the key that the entry will carry.
 *
 * Errors: ARGUMENT, STATE (the handle is CLOSED), FULL (the outbox is), MEMORY,
 * SYSTEM (no random numbers, or the outbox file could not be written: it was
 * not taken).
 */

/**
 * Send a message.
 *
 * The `text` has 1 to 4,000 characters, 8 KiB at most. `reply_to` is a seq of
 * the room, or 0.
 */
CHAT_API int chat_send(chat_client *client, const char *room, const char *text,
                       uint64_t reply_to, char *key);

/**
 * Send a message to the notice of some users.
 *
 * As chat_send, and tells up to 20 users, by their ids, that it is for them.
 */
CHAT_API int chat_send_mentioning(chat_client *client, const char *room,
                                  const char *text, uint64_t reply_to,
                                  const char *const *mentions, size_t count,
                                  char *key);

/**
 * Change the text of one's own message.
 *
 * The message is that at the seq `ref`.
 */
CHAT_API int chat_edit(chat_client *client, const char *room, uint64_t ref,
                       const char *text, char *key);

/**
 * Delete a message.
 *
 * The message is that at the seq `ref`: one's own. Moderators may delete every
 * message.
 */
CHAT_API int chat_delete(chat_client *client, const char *room, uint64_t ref,
                         char *key);

/**
 * Put an emoji on a message, or take it off.
 *
 * The message is that at the seq `ref`, whoever wrote it.
 */
CHAT_API int chat_react(chat_client *client, const char *room, uint64_t ref,
                        const char *emoji, int on, char *key);

/* ---- moderation ----
 *
 * Who may do what is in docs/protocol.md. The request is answered by
 * CHAT_EVENT_SENT with its number, which `request`, if it is not NULL, gets,
 * or by CHAT_EVENT_FAILED. It is not kept in the outbox file. A `reason` may be
 * NULL.
 *
 * Errors: ARGUMENT, STATE (the handle is CLOSED), FULL (too many wait), MEMORY,
 * SYSTEM (no random numbers).
 */

/**
 * Set the topic of a room.
 *
 * "" takes it away.
 */
CHAT_API int chat_topic(chat_client *client, const char *room,
                        const char *topic, uint64_t *request);

/** Invite a user to a room. */
CHAT_API int chat_invite(chat_client *client, const char *room,
                         const char *user_id, uint64_t *request);

/**
 * Take a user out of a room.
 *
 * Who is kicked may come back, see chat_ban.
 */
CHAT_API int chat_kick(chat_client *client, const char *room,
                       const char *user_id, const char *reason,
                       uint64_t *request);

/**
 * Keep a user out of a room, or lift that.
 *
 * With `on` 0 the ban is lifted.
 */
CHAT_API int chat_ban(chat_client *client, const char *room,
                      const char *user_id, int on, const char *reason,
                      uint64_t *request);

/** Make a user a member, moderator or owner of a room. */
CHAT_API int chat_set_role(chat_client *client, const char *room,
                           const char *user_id, chat_role role,
                           uint64_t *request);

/* ---- what has no answer of its own ---- */

/**
 * Take back a message that was not handed to the connection yet.
 *
 * It ends in CHAT_EVENT_FAILED with CANCELLED.
 *
 * Errors: ARGUMENT, STATE (it is too late), MEMORY.
 */
CHAT_API int chat_send_cancel(chat_client *client, const char *key);

/**
 * Move the read marker.
 *
 * It goes to `seq`, and never back. The latest call of a room wins while
 * offline. CHAT_EVENT_ROOM (READ) tells when it has moved.
 *
 * Errors: ARGUMENT, STATE (the handle is CLOSED), FULL (too many wait), MEMORY.
 */
CHAT_API int chat_read(chat_client *client, const char *room, uint64_t seq);

/**
 * Say that the user writes.
 *
 * At most once in 3 seconds goes out, and nothing while offline or of a room
 * that one is not in.
 *
 * Errors: ARGUMENT, STATE (the handle is CLOSED).
 */
CHAT_API int chat_typing(chat_client *client, const char *room);

/**
 * Say whether the user is there.
 *
 * What others see is ONLINE, AWAY or DND. It is told again after a reconnect.
 *
 * Errors: ARGUMENT (another state), STATE (the handle is CLOSED), FULL (too
 * many wait), MEMORY.
 */
CHAT_API int chat_presence(chat_client *client, chat_presence_state state);

#ifdef __cplusplus
}
#endif

#endif
