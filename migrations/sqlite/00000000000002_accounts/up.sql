-- An account has a password, as an argon2id hash in the PHC format. A guest has none.
ALTER TABLE users ADD COLUMN password TEXT;
CREATE INDEX logins_by_user ON logins (user_id);

-- Who may enter a private room and has not yet.
CREATE TABLE invites (
    user_id BIGINT NOT NULL REFERENCES users (id),
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    by_user BIGINT NOT NULL REFERENCES users (id),
    at BIGINT NOT NULL,
    PRIMARY KEY (user_id, room_id)
) WITHOUT ROWID;

-- Mutes and bans in force, in a room or (room_id NULL) on the whole server. A ban from the server also holds
-- for every name of that look (name_key) and may hold for a network (address, in CIDR notation).
CREATE TABLE sanctions (
    id INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('mute', 'ban')),
    user_id BIGINT REFERENCES users (id),
    room_id BIGINT REFERENCES rooms (id),
    name_key TEXT,
    address TEXT,
    until BIGINT,
    reason TEXT,
    at BIGINT NOT NULL
);
CREATE INDEX sanctions_by_user ON sanctions (user_id);
CREATE INDEX sanctions_by_name ON sanctions (name_key) WHERE name_key IS NOT NULL;

-- What moderators, admins and the operator did. Only ever added to; names are kept as they were.
CREATE TABLE audit (
    id INTEGER NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    room TEXT,
    reason TEXT
);
CREATE INDEX audit_by_time ON audit (at);

-- Codes with which one may register once, kept only as hashes.
CREATE TABLE invitation_codes (
    code_hash BLOB NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
