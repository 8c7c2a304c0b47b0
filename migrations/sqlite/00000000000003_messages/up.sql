-- What an event is about: of a message the one it answers, of an edit, a deletion, a reaction or a pin its message.
ALTER TABLE events ADD COLUMN target BIGINT;
-- How a message stands now. Its `text` is always the newest; nothing keeps the older ones.
ALTER TABLE events ADD COLUMN edited_at BIGINT;
ALTER TABLE events ADD COLUMN deleted_at BIGINT;
ALTER TABLE events ADD COLUMN pinned_at BIGINT;
CREATE INDEX events_by_target ON events (room_id, target) WHERE target IS NOT NULL AND kind <> 'message';

CREATE TABLE reactions (
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    seq BIGINT NOT NULL,
    emoji TEXT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id),
    event_seq BIGINT NOT NULL,
    PRIMARY KEY (room_id, seq, emoji, user_id)
) WITHOUT ROWID;

-- Whom messages name, to count what a user has not read.
CREATE TABLE mentions (
    user_id BIGINT NOT NULL REFERENCES users (id),
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    seq BIGINT NOT NULL,
    PRIMARY KEY (user_id, room_id, seq)
) WITHOUT ROWID;

ALTER TABLE members ADD COLUMN notify TEXT NOT NULL DEFAULT 'all';

-- The search index. It lags behind the log: up to which seq each room is in it stands in `indexed`. It holds no
-- texts, and is told them again to take them out.
CREATE TABLE indexed (
    room_id BIGINT NOT NULL PRIMARY KEY REFERENCES rooms (id),
    seq BIGINT NOT NULL
) WITHOUT ROWID;
CREATE TABLE documents (
    id INTEGER NOT NULL PRIMARY KEY,
    room_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    UNIQUE (room_id, seq)
);
CREATE VIRTUAL TABLE search USING fts5 (text, content = '', tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);
