DROP TABLE discarded;
DROP TABLE message_files;
DROP TABLE files;
