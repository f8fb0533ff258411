/*
 * Every statement of the store. Parameters and columns are in the order in
 * which the functions that use them bind and read.
 */
#include "server/store/sqlite.h"
#include "server/store/sqlite_connection.h"

#define TEXT_OF_VALUE(value) #value
#define TEXT_OF(macro)       TEXT_OF_VALUE(macro)

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
    [CHAT__SQLITE_ROOM_TOPIC] =
        "UPDATE rooms SET topic = nullif(?, '') WHERE id = ?",
    [CHAT__SQLITE_ROOM_STANDINGS] =
        "SELECT user, role FROM members WHERE room = ? ORDER BY user",
    [CHAT__SQLITE_ROOM_MEMBERS] =
        "SELECT m.user, u.name, m.role FROM members m"
        " CROSS JOIN users u ON u.id = m.user"
        " WHERE m.room = ? AND m.user > ? AND m.role BETWEEN 1 AND 3"
        " ORDER BY m.user",
    [CHAT__SQLITE_ROOM_INVITED] =
        "SELECT m.user, u.name, m.role FROM members m"
        " INDEXED BY members_invited CROSS JOIN users u ON u.id = m.user"
        " WHERE m.room = ? AND m.user > ? AND m.role = 4 ORDER BY m.user",
    [CHAT__SQLITE_ROOM_BANNED] =
        "SELECT m.user, u.name, m.role FROM members m"
        " INDEXED BY members_banned CROSS JOIN users u ON u.id = m.user"
        " WHERE m.room = ? AND m.user > ? AND m.role = 5 ORDER BY m.user",
    [CHAT__SQLITE_ROOMS_PUBLIC] =
        "SELECT name, topic, members FROM rooms"
        " WHERE private = 0 AND name >= ? ORDER BY name",
    [CHAT__SQLITE_ROOMS_ALL] =
        "SELECT name, topic, members, private, head, n, last_ts FROM rooms"
        " WHERE name >= ? ORDER BY name",

    [CHAT__SQLITE_ENTRY_INSERT] =
        "INSERT INTO entries (room, seq, user, n, ts, key, digest, bytes)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (key, user, room) DO NOTHING",
    [CHAT__SQLITE_ENTRY_BY_KEY] = "SELECT seq, ts, digest FROM entries"
                                  " WHERE room = ? AND user = ? AND key = ?",
    [CHAT__SQLITE_ENTRY_N] = "SELECT n FROM entries WHERE room = ? AND seq = ?",
    [CHAT__SQLITE_ENTRY_BYTES] =
        "SELECT id, bytes FROM entries WHERE room = ? AND seq = ?",
    [CHAT__SQLITE_ENTRY_OVERWRITE] =
        "UPDATE entries SET bytes = ? WHERE id = ?",
    [CHAT__SQLITE_ENTRIES_FORWARD] =
        "SELECT seq, bytes FROM entries"
        " WHERE room = ? AND seq BETWEEN ? AND ? ORDER BY seq",
    [CHAT__SQLITE_ENTRIES_BACKWARD] =
        "SELECT seq, bytes FROM entries"
        " WHERE room = ? AND seq BETWEEN ? AND ? ORDER BY seq DESC",

    /* A message is what `n` counts. */
    [CHAT__SQLITE_MESSAGE_GET] =
        "SELECT e.user, c.deleted IS 1, e.n > coalesce((SELECT p.n"
        " FROM entries p WHERE p.room = e.room AND p.seq = e.seq - 1), 0)"
        " FROM entries e"
        " LEFT JOIN changes c ON c.room = e.room AND c.ref = e.seq"
        " WHERE e.room = ? AND e.seq = ?",
    [CHAT__SQLITE_CHANGE_SET] =
        "INSERT INTO changes (room, ref, deleted) VALUES (?, ?, ?)"
        " ON CONFLICT (room, ref) DO UPDATE SET deleted = excluded.deleted"
        " WHERE deleted <> excluded.deleted",
    [CHAT__SQLITE_CHANGES] =
        "SELECT c.ref, c.deleted, e.seq, e.bytes FROM changes c"
        " LEFT JOIN entries e ON e.room = c.room AND e.seq ="
        " (SELECT max(seq) FROM edits d WHERE d.room = c.room AND d.ref = "
        "c.ref)"
        " WHERE c.room = ? AND c.ref BETWEEN ? AND ? ORDER BY c.ref",
    [CHAT__SQLITE_EDIT_INSERT] =
        "INSERT INTO edits (room, ref, seq) VALUES (?, ?, ?)",
    [CHAT__SQLITE_EDITS] = "SELECT seq FROM edits WHERE room = ? AND ref = ?",
    [CHAT__SQLITE_EDITS_COUNT] =
        "SELECT count(*) FROM edits WHERE room = ? AND ref = ?",
    [CHAT__SQLITE_EDITS_DELETE] =
        "DELETE FROM edits WHERE room = ? AND ref = ?",
    [CHAT__SQLITE_REACTION_INSERT] =
        "INSERT INTO reactions (room, ref, emoji, user, seq, place)"
        " VALUES (?1, ?2, ?3, ?4, ?5, coalesce((SELECT place FROM reactions"
        " WHERE room = ?1 AND ref = ?2 AND emoji = ?3 LIMIT 1), ?5))"
        " ON CONFLICT (room, ref, emoji, user) DO NOTHING",
    [CHAT__SQLITE_REACTION_DELETE] =
        "DELETE FROM reactions"
        " WHERE room = ? AND ref = ? AND emoji = ? AND user = ?",
    [CHAT__SQLITE_REACTION_COUNTS] =
        "SELECT count(*), count(DISTINCT emoji), total(emoji = ?3),"
        " total(emoji = ?3 AND user = ?4)"
        " FROM reactions WHERE room = ?1 AND ref = ?2",
    [CHAT__SQLITE_REACTIONS] =
        "SELECT ref, emoji, user FROM reactions"
        " WHERE room = ? AND ref BETWEEN ? AND ? ORDER BY ref, place, seq",
    [CHAT__SQLITE_REACTIONS_DELETE] =
        "DELETE FROM reactions WHERE room = ? AND ref = ?",

    [CHAT__SQLITE_STANDING_GET] =
        "SELECT role FROM members WHERE room = ? AND user = ?",
    [CHAT__SQLITE_STANDING_SET] =
        "INSERT INTO members (room, user, role, set_by, read, read_n)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (room, user) DO UPDATE"
        " SET role = excluded.role, set_by = excluded.set_by,"
        " read = excluded.read, read_n = excluded.read_n",
    [CHAT__SQLITE_STANDING_ROLE] =
        "UPDATE members SET role = ? WHERE room = ? AND user = ?",
    [CHAT__SQLITE_STANDING_DELETE] =
        "DELETE FROM members WHERE room = ? AND user = ?",
    [CHAT__SQLITE_MEMBER_MARKER] =
        "SELECT m.room, m.read, m.read_n, r.head FROM rooms r"
        " CROSS JOIN members m ON m.room = r.id AND m.user = ?"
        " WHERE r.name = ? AND m.role BETWEEN 1 AND 3",
    [CHAT__SQLITE_MEMBER_MARK] =
        "UPDATE members SET read = ?, read_n = ? WHERE room = ? AND user = ?",

    [CHAT__SQLITE_MENTION_INSERT] =
        "INSERT OR IGNORE INTO mentions (user, room, seq)"
        " SELECT user, room, ? FROM members"
        " WHERE room = ? AND user = ? AND role BETWEEN 1 AND 3",
    [CHAT__SQLITE_MENTIONS_COUNT] =
        "SELECT count(*) FROM mentions WHERE user = ? AND room = ?",
    [CHAT__SQLITE_MENTIONS_DELETE] =
        "DELETE FROM mentions WHERE user = ? AND room = ? AND seq <= ?",

    [CHAT__SQLITE_USER_GET] =
        "SELECT name, guest_key IS NOT NULL, rooms_rev, seen,"
        " coalesce(skeleton, ''), rooms, banned FROM users WHERE id = ?",
    [CHAT__SQLITE_USER_BY_GUEST_KEY] =
        "SELECT id FROM users WHERE guest_key = ?",
    [CHAT__SQLITE_USER_INSERT] =
        "INSERT INTO users (name, seen, guest_key, skeleton, password,"
        " register_key, registered) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [CHAT__SQLITE_USER_BAN] = "UPDATE users SET banned = ? WHERE id = ?",
    [CHAT__SQLITE_USERS_ALL] =
        "SELECT id, name, guest_key IS NOT NULL, rooms, seen, banned"
        " FROM users WHERE id > ? ORDER BY id",
    [CHAT__SQLITE_USER_SEEN] =
        "UPDATE users SET seen = ?1 WHERE id = ?2 AND seen < ?1",
    [CHAT__SQLITE_USER_PROVED] =
        "SELECT 1 FROM users WHERE id = ?1 AND (?2 IS NULL OR password = ?2)",
    [CHAT__SQLITE_USER_PASSWORD] =
        "UPDATE users SET password = ?1 WHERE id = ?2"
        " AND skeleton IS NOT NULL AND (?3 IS NULL OR password = ?3)",
    [CHAT__SQLITE_USER_ROOMS_CHANGED] =
        "UPDATE users SET rooms_rev = rooms_rev + 1, rooms = rooms + ?"
        " WHERE id = ?",
    /*
     * CROSS JOIN fixes the order of the loops: a user has 500 rooms at most,
     * and walking all rooms by name would save only that sort.
     */
    [CHAT__SQLITE_USER_MEMBERSHIPS] =
        "SELECT r.name, m.role, m.read, m.read_n,"
        " (SELECT count(*) FROM mentions x"
        " WHERE x.user = m.user AND x.room = m.room)"
        " FROM members m INDEXED BY members_joined"
        " CROSS JOIN rooms r ON r.id = m.room"
        " WHERE m.user = ? AND m.role BETWEEN 1 AND 3 ORDER BY r.name",
    [CHAT__SQLITE_USER_INVITES] =
        "SELECT r.name, u.id, u.name FROM members m"
        " INDEXED BY members_inviting"
        " CROSS JOIN rooms r ON r.id = m.room"
        " CROSS JOIN users u ON u.id = m.set_by"
        " WHERE m.user = ? AND m.role = 4 ORDER BY r.name LIMIT ?",
    [CHAT__SQLITE_USER_HEADS] =
        "SELECT r.name, r.epoch, r.head, r.last_ts FROM members m"
        " INDEXED BY members_joined"
        " CROSS JOIN rooms r ON r.id = m.room"
        " WHERE m.user = ? AND m.role BETWEEN 1 AND 3"
        " AND r.last_ts >= ? AND r.name > ? ORDER BY r.name",
    [CHAT__SQLITE_ACCOUNT_GET] =
        "SELECT id, password, register_key, registered FROM users"
        " WHERE skeleton = ?",
    [CHAT__SQLITE_GUESTS_IDLE] =
        "SELECT u.id, u.name, r.name FROM users u INDEXED BY users_idle"
        " CROSS JOIN members m INDEXED BY members_joined"
        " ON m.user = u.id AND m.role BETWEEN 1 AND 3"
        " CROSS JOIN rooms r ON r.id = m.room"
        " WHERE u.guest_key IS NOT NULL AND u.rooms > 0 AND u.seen < ?"
        " LIMIT ?",

    [CHAT__SQLITE_TOKEN_GET] =
        "SELECT user, expires FROM tokens WHERE hash = ?",
    [CHAT__SQLITE_TOKEN_SET] =
        "INSERT INTO tokens (hash, user, expires) VALUES (?, ?, ?)"
        " ON CONFLICT (hash) DO UPDATE"
        " SET user = excluded.user, expires = excluded.expires",
    [CHAT__SQLITE_TOKEN_SLIDE] =
        "UPDATE tokens SET expires = ?1 WHERE hash = ?2 AND expires < ?1",
    [CHAT__SQLITE_TOKEN_DELETE] =
        "DELETE FROM tokens WHERE user = ? AND hash = ?",
    [CHAT__SQLITE_TOKENS_DELETE] = "DELETE FROM tokens WHERE user = ?",
    [CHAT__SQLITE_TOKENS_PURGE] =
        "DELETE FROM tokens WHERE hash IN"
        " (SELECT hash FROM tokens WHERE expires <= ? LIMIT 8)",

    /* Writes the file's first page as it is. */
    [CHAT__SQLITE_PROBE] =
        "PRAGMA application_id = " TEXT_OF(CHAT__SQLITE_APPLICATION_ID),
};
