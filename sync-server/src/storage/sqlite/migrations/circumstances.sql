-- What people are told about edits and access: who, why, since when.
ALTER TABLE user_home ADD COLUMN cause BLOB;
ALTER TABLE user_home ADD COLUMN given BLOB;
ALTER TABLE client_parent ADD COLUMN cause BLOB;
-- The device's last stretch without contact, how wrong its clock is, and when it last held all there was for it.
ALTER TABLE device ADD COLUMN away_since INTEGER;
ALTER TABLE device ADD COLUMN back_at INTEGER;
ALTER TABLE device ADD COLUMN skew INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN acked_at INTEGER;
ALTER TABLE change ADD COLUMN away_since INTEGER;
ALTER TABLE change ADD COLUMN skew INTEGER NOT NULL DEFAULT 0;
ALTER TABLE proposal ADD COLUMN ended BLOB;
ALTER TABLE proposal ADD COLUMN picked BLOB;
ALTER TABLE proposal ADD COLUMN away_since INTEGER;
ALTER TABLE proposal ADD COLUMN skew INTEGER NOT NULL DEFAULT 0;
