-- The latest changes of each record, and per home the sum over its records (rule 23).
ALTER TABLE record ADD COLUMN heads BLOB NOT NULL DEFAULT x'';
CREATE TABLE home_digest (
    org INTEGER NOT NULL,
    home BLOB NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (org, home)
) WITHOUT ROWID;
