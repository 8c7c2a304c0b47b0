-- Rooms and users can be removed, and no number may come back: it stands in sessions, in what waits to be written, in the
-- names of direct rooms. The tables are made anew because SQLite cannot change a key. A room's first event has the
-- seq after `start`. `unused_since` is in age time, and NULL while someone uses the room.
CREATE TABLE rooms_new (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    topic TEXT NOT NULL,
    created_by BIGINT REFERENCES users (id),
    created_at BIGINT NOT NULL,
    start BIGINT NOT NULL DEFAULT 0,
    unused_since BIGINT
);
INSERT INTO rooms_new (id, name, kind, topic, created_by, created_at)
    SELECT id, name, kind, topic, created_by, created_at FROM rooms;
DROP TABLE rooms;
ALTER TABLE rooms_new RENAME TO rooms;
CREATE INDEX rooms_by_name ON rooms (name);
CREATE UNIQUE INDEX rooms_seen_by_all ON rooms (name) WHERE kind = 'public';
CREATE UNIQUE INDEX rooms_direct ON rooms (name) WHERE kind = 'direct';
CREATE INDEX rooms_by_maker ON rooms (created_by);

-- Rooms start above every seq of the rooms that were removed before them, so that no cursor of an earlier room of the same
-- name can be taken for one of theirs.
CREATE TABLE removed_rooms (
    above BIGINT NOT NULL
);
INSERT INTO removed_rooms (above) VALUES (0);

CREATE TABLE users_new (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    name_key TEXT UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('guest', 'account', 'bot')),
    role TEXT NOT NULL CHECK (role IN ('admin', 'member', 'guest')),
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    password TEXT,
    erased BOOLEAN NOT NULL DEFAULT FALSE
);
INSERT INTO users_new (id, name, name_key, kind, role, created_at, seen_at, password, erased)
    SELECT id, name, name_key, kind, role, created_at, seen_at, password, name_key IS NULL AND name = 'deleted-' || id FROM users;
DROP TABLE users;
ALTER TABLE users_new RENAME TO users;
CREATE INDEX guests_by_age ON users (seen_at) WHERE kind = 'guest' AND NOT erased;

-- To remove a user, SQLite looks for rows that refer to them, and without an index reads the whole log. An index by author would
-- cost every message a page, so these two references go. This is how SQLite's manual takes a reference out of a table that
-- is too large to copy (sqlite.org/lang_altertable.html, 7).
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'by_user BIGINT NOT NULL REFERENCES users (id)', 'by_user BIGINT NOT NULL')
    WHERE type = 'table' AND name = 'events';
UPDATE sqlite_schema SET sql = replace(sql, 'user_id BIGINT NOT NULL REFERENCES users (id)', 'user_id BIGINT NOT NULL')
    WHERE type = 'table' AND name = 'reactions';
PRAGMA writable_schema = RESET;

-- The same for rooms.
CREATE INDEX mentions_by_room ON mentions (room_id);
CREATE INDEX sanctions_by_room ON sanctions (room_id) WHERE room_id IS NOT NULL;

-- Whether the room counts towards how many its member may be in. A direct room counts for the user who opened it, and for
-- the other one from their first message on.
ALTER TABLE members ADD COLUMN counts BOOLEAN NOT NULL DEFAULT TRUE;
UPDATE members SET counts = FALSE WHERE EXISTS (
    SELECT 1 FROM rooms WHERE rooms.id = members.room_id AND rooms.kind = 'direct' AND rooms.created_by <> members.user_id
) AND NOT EXISTS (
    SELECT 1 FROM events WHERE events.room_id = members.room_id AND events.by_user = members.user_id AND events.kind = 'message'
);
