DROP TABLE search;
DELETE FROM documents;
DELETE FROM indexed;
CREATE VIRTUAL TABLE search USING fts5 (text, content = '', tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);
DROP TABLE lineage;
DROP INDEX rooms_by_name;
DROP INDEX rooms_seen_by_all;
DROP INDEX rooms_direct;
