DROP TABLE search;
DELETE FROM documents;
DELETE FROM indexed;
CREATE VIRTUAL TABLE search USING fts5 (text, room, content = '', tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);
