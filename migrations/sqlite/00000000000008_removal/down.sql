ALTER TABLE members DROP COLUMN counts;
DROP TABLE removed_rooms;
DROP INDEX sanctions_by_room;
DROP INDEX mentions_by_room;
DROP INDEX guests_by_age;
ALTER TABLE users DROP COLUMN erased;
DROP INDEX rooms_by_maker;
ALTER TABLE rooms DROP COLUMN unused_since;
ALTER TABLE rooms DROP COLUMN start;
