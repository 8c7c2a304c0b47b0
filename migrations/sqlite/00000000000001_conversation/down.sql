DROP TABLE events;
DROP TABLE members;
DROP TABLE rooms;
DROP TABLE logins;
DROP TABLE users;
DROP TABLE meta;
