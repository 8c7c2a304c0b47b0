-- The index has words in one normal form, each with its room in front, so that a search walks the rooms of the searcher
-- alone. It has no positions: whether words follow each other is seen in the text. It is filled from the log again.
DROP TABLE search;
DELETE FROM documents;
DELETE FROM indexed;
CREATE VIRTUAL TABLE search USING fts5 (text, content = '', detail = none, columnsize = 0, tokenize = 'ascii');
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);
