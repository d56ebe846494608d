-- The first changes of a record, all in one (rule 11), zstd. Their rows remain, with empty bytes.
CREATE TABLE snapshot (
    org INTEGER NOT NULL,
    record BLOB NOT NULL,
    generation INTEGER NOT NULL,
    n_changes INTEGER NOT NULL,
    stamps BLOB NOT NULL,
    bytes BLOB NOT NULL
);
CREATE UNIQUE INDEX snapshot_of ON snapshot (org, record);
-- A record that does not fold is not looked at again before it has so many changes.
ALTER TABLE record ADD COLUMN fold_from INTEGER NOT NULL DEFAULT 0;
