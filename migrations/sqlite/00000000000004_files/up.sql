-- Files that people uploaded. Their content is in the data folder, by the hash of what is kept of it.
CREATE TABLE files (
    id TEXT NOT NULL PRIMARY KEY,
    owner_id BIGINT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    size BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    content TEXT NOT NULL,
    width BIGINT,
    height BIGINT,
    -- The content of the smaller image, and its type.
    thumb TEXT,
    thumb_type TEXT,
    created_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX files_of_owner ON files (owner_id);
CREATE INDEX files_by_content ON files (content);
CREATE INDEX files_by_thumb ON files (thumb) WHERE thumb IS NOT NULL;
CREATE INDEX files_by_age ON files (created_at);

-- Which messages bear them.
CREATE TABLE message_files (
    file_id TEXT NOT NULL REFERENCES files (id),
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    seq BIGINT NOT NULL,
    PRIMARY KEY (file_id, room_id, seq)
) WITHOUT ROWID;
CREATE INDEX files_of_message ON message_files (room_id, seq);

-- Contents that may have no file any more, to be taken off the disk.
CREATE TABLE discarded (
    content TEXT NOT NULL PRIMARY KEY
) WITHOUT ROWID;
