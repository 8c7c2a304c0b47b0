DROP TABLE invitation_codes;
DROP TABLE audit;
DROP TABLE sanctions;
DROP TABLE invites;
DROP INDEX logins_by_user;
ALTER TABLE users DROP COLUMN password;
