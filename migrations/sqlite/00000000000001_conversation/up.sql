-- Facts about the database itself: `log` is the id that cursors belong to.
CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- `name_key` is the look of the name; it is NULL once the name was released to someone else.
CREATE TABLE users (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('guest', 'account', 'bot')),
    role TEXT NOT NULL CHECK (role IN ('admin', 'member', 'guest')),
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);

-- A stored credential. Only the hash of a token is ever kept.
CREATE TABLE logins (
    token_hash BLOB NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id),
    client TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE rooms (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('public', 'private', 'direct')),
    topic TEXT NOT NULL,
    created_by BIGINT REFERENCES users (id),
    created_at BIGINT NOT NULL
);

CREATE TABLE members (
    user_id BIGINT NOT NULL REFERENCES users (id),
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    role TEXT NOT NULL CHECK (role IN ('owner', 'moderator', 'member')),
    read_seq BIGINT NOT NULL,
    joined_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, room_id)
) WITHOUT ROWID;
CREATE INDEX members_by_room ON members (room_id);

-- The log. Its key is (room, seq), so a room's newest page lies together and an append
-- touches one page a room. `text` is a message's text or a topic; `detail` is JSON for other kinds.
CREATE TABLE events (
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_user BIGINT NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL,
    text TEXT,
    nonce TEXT,
    detail TEXT,
    PRIMARY KEY (room_id, seq)
) WITHOUT ROWID;
-- Sending is idempotent for ever: the same author's same nonce is the same message.
CREATE UNIQUE INDEX events_by_nonce ON events (by_user, nonce) WHERE nonce IS NOT NULL;
