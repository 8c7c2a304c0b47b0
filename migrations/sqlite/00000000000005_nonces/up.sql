-- Sending is idempotent for ever: the same author's same nonce is the same message. The index of nonces lags behind the
-- log, because in the log's order it touches one page a room, and in its own one page a message: up to which seq each room
-- is in it stands in `nonces_until`, and what is behind that the writer remembers.
CREATE TABLE nonces (
    by_user BIGINT NOT NULL,
    nonce TEXT NOT NULL,
    room_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (by_user, nonce)
) WITHOUT ROWID;
CREATE TABLE nonces_until (
    room_id INTEGER NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL
);
INSERT INTO nonces (by_user, nonce, room_id, seq)
    SELECT by_user, nonce, room_id, seq FROM events WHERE nonce IS NOT NULL ORDER BY by_user, nonce;
INSERT INTO nonces_until (room_id, seq) SELECT room_id, max(seq) FROM events GROUP BY room_id;
DROP INDEX events_by_nonce;
