/*
 * Every statement of the store. Parameters and columns are in the order in
 * which the functions that use them bind and read.
 */
#include "server/store/sqlite_connection.h"

const char *const chat__sqlite_texts[CHAT__SQLITE_STATEMENT_COUNT] = {
    [CHAT__SQLITE_BEGIN_READ] = "BEGIN",
    [CHAT__SQLITE_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [CHAT__SQLITE_COMMIT] = "COMMIT",
    [CHAT__SQLITE_ROLLBACK] = "ROLLBACK",
    [CHAT__SQLITE_SAVEPOINT] = "SAVEPOINT request",
    [CHAT__SQLITE_SAVEPOINT_RELEASE] = "RELEASE request",
    [CHAT__SQLITE_SAVEPOINT_ROLLBACK] = "ROLLBACK TO request",

    [CHAT__SQLITE_ROOM_FIND] = "SELECT id, head FROM rooms WHERE name = ?",
    [CHAT__SQLITE_ROOM_GET] =
        "SELECT id, epoch, topic, private, head, n, first, last_ts"
        " FROM rooms WHERE name = ?",
    [CHAT__SQLITE_ROOM_INSERT] =
        "INSERT INTO rooms (name, epoch, private) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO NOTHING",
    [CHAT__SQLITE_ROOM_ADVANCE] =
        "UPDATE rooms SET head = ?, n = ?, last_ts = ?, members = members + ?"
        " WHERE id = ?",
    [CHAT__SQLITE_ROOM_MEMBERS] =
        "SELECT user, role FROM members WHERE room = ? ORDER BY user",
    [CHAT__SQLITE_ROOMS_PUBLIC] =
        "SELECT name, topic, members FROM rooms"
        " WHERE private = 0 AND name >= ? ORDER BY name",

    [CHAT__SQLITE_ENTRY_INSERT] =
        "INSERT INTO entries (room, seq, user, n, ts, key, digest, bytes)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (room, user, key) DO NOTHING",
    [CHAT__SQLITE_ENTRY_BY_KEY] = "SELECT seq, ts, digest FROM entries"
                                  " WHERE room = ? AND user = ? AND key = ?",
    [CHAT__SQLITE_ENTRY_N] = "SELECT n FROM entries WHERE room = ? AND seq = ?",
    [CHAT__SQLITE_ENTRIES_FORWARD] =
        "SELECT seq, bytes FROM entries"
        " WHERE room = ? AND seq BETWEEN ? AND ? ORDER BY seq",
    [CHAT__SQLITE_ENTRIES_BACKWARD] =
        "SELECT seq, bytes FROM entries"
        " WHERE room = ? AND seq BETWEEN ? AND ? ORDER BY seq DESC",

    [CHAT__SQLITE_MEMBER_ROLE] =
        "UPDATE members SET role = ? WHERE room = ? AND user = ?",
    [CHAT__SQLITE_MEMBER_INSERT] =
        "INSERT INTO members (role, room, user, read, read_n)"
        " VALUES (?, ?, ?, ?, ?)",
    [CHAT__SQLITE_MEMBER_DELETE] =
        "DELETE FROM members WHERE room = ? AND user = ?",
    [CHAT__SQLITE_MEMBER_MARKER] =
        "SELECT m.room, m.read, m.read_n, r.head FROM rooms r"
        " CROSS JOIN members m ON m.room = r.id AND m.user = ?"
        " WHERE r.name = ?",
    [CHAT__SQLITE_MEMBER_MARK] =
        "UPDATE members SET read = ?, read_n = ? WHERE room = ? AND user = ?",

    [CHAT__SQLITE_USER_GET] =
        "SELECT name, guest_key IS NOT NULL, rooms_rev FROM users WHERE id = ?",
    [CHAT__SQLITE_USER_BY_GUEST_KEY] =
        "SELECT id FROM users WHERE guest_key = ?",
    [CHAT__SQLITE_USER_INSERT_GUEST] =
        "INSERT INTO users (name, guest_key) VALUES (?, ?)",
    [CHAT__SQLITE_USER_ROOMS_CHANGED] =
        "UPDATE users SET rooms_rev = rooms_rev + 1 WHERE id = ?",
    /*
     * CROSS JOIN fixes the order of the loops: a user has 500 rooms at most,
     * and walking all rooms by name would save only that sort.
     */
    [CHAT__SQLITE_USER_MEMBERSHIPS] =
        "SELECT r.name, m.role, m.read, m.read_n FROM members m"
        " CROSS JOIN rooms r ON r.id = m.room"
        " WHERE m.user = ? ORDER BY r.name",
    [CHAT__SQLITE_USER_HEADS] =
        "SELECT r.name, r.epoch, r.head, r.last_ts FROM members m"
        " CROSS JOIN rooms r ON r.id = m.room"
        " WHERE m.user = ? AND r.last_ts >= ? AND r.name > ? ORDER BY r.name",

    [CHAT__SQLITE_TOKEN_GET] =
        "SELECT user, expires FROM tokens WHERE hash = ?",
    [CHAT__SQLITE_TOKEN_SET] =
        "INSERT INTO tokens (hash, user, expires) VALUES (?, ?, ?)"
        " ON CONFLICT (hash) DO UPDATE"
        " SET user = excluded.user, expires = excluded.expires",
    [CHAT__SQLITE_TOKEN_SLIDE] =
        "UPDATE tokens SET expires = ?1 WHERE hash = ?2 AND expires < ?1",
    [CHAT__SQLITE_TOKENS_PURGE] =
        "DELETE FROM tokens WHERE hash IN"
        " (SELECT hash FROM tokens WHERE expires <= ? LIMIT 8)",
};
