-- The names of private rooms are unique only among the rooms that their members see: nobody can find out by making a
-- room that another of that name exists. The table is made anew because SQLite cannot drop a constraint.
CREATE TABLE rooms_new (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    topic TEXT NOT NULL,
    created_by BIGINT REFERENCES users (id),
    created_at BIGINT NOT NULL
);
INSERT INTO rooms_new SELECT id, name, kind, topic, created_by, created_at FROM rooms;
DROP TABLE rooms;
ALTER TABLE rooms_new RENAME TO rooms;
CREATE INDEX rooms_by_name ON rooms (name);
CREATE UNIQUE INDEX rooms_seen_by_all ON rooms (name) WHERE kind = 'public';
CREATE UNIQUE INDEX rooms_direct ON rooms (name) WHERE kind = 'direct';

CREATE INDEX invites_by_room ON invites (room_id);

-- Earlier epochs of the log: in each room, up to which seq a cursor of that epoch means the same event now.
CREATE TABLE lineage (
    log TEXT NOT NULL,
    room_id BIGINT NOT NULL,
    head BIGINT NOT NULL,
    -- Later epochs have larger numbers.
    number BIGINT NOT NULL,
    PRIMARY KEY (log, room_id)
) WITHOUT ROWID;

-- The index has a word for the room of each message, so that a search asks for the searcher's rooms in it. It is filled
-- from the log again.
DROP TABLE search;
DELETE FROM documents;
DELETE FROM indexed;
CREATE VIRTUAL TABLE search USING fts5 (text, room, content = '', tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);
