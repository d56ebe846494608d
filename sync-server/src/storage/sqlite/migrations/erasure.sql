-- Orders to erase what is personal in a record; withdrawn and done ones stay as a trace of it. Ids only.
CREATE TABLE erasure (
    org INTEGER NOT NULL,
    record BLOB NOT NULL,
    command BLOB NOT NULL,
    by BLOB,
    ordered_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    withdrawn_at INTEGER,
    done_at INTEGER,
    PRIMARY KEY (org, record, command)
) WITHOUT ROWID;
CREATE INDEX erasure_due ON erasure (org, due_at) WHERE withdrawn_at IS NULL AND done_at IS NULL;
-- People whose set-aside edits went with an erasure: their devices forget what they typed.
CREATE TABLE erased_for (
    org INTEGER NOT NULL,
    account BLOB NOT NULL,
    seq INTEGER NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (org, account, seq, record)
) WITHOUT ROWID;
-- The transaction with which a record's generation began (rule 10).
ALTER TABLE record ADD COLUMN generation_seq INTEGER NOT NULL DEFAULT 0;
-- What was erased still stands in unused parts of the file.
ALTER TABLE organisation ADD COLUMN scrub_due INTEGER NOT NULL DEFAULT 0;
