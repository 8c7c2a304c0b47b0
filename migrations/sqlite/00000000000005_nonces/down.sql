CREATE UNIQUE INDEX events_by_nonce ON events (by_user, nonce) WHERE nonce IS NOT NULL;
DROP TABLE nonces_until;
DROP TABLE nonces;
