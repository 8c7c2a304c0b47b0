ALTER TABLE members DROP COLUMN counts;
DROP TABLE removed_rooms;
DROP INDEX guests_by_age;
DROP INDEX rooms_by_maker;
ALTER TABLE rooms DROP COLUMN unused_since;
ALTER TABLE rooms DROP COLUMN start;
