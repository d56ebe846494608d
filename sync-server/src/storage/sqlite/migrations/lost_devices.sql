-- Orders to empty a device. One that was withdrawn stays as a trace of it.
CREATE TABLE wipe (
    org INTEGER NOT NULL,
    device BLOB NOT NULL,
    command BLOB NOT NULL,
    by BLOB,
    ordered_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    rescue INTEGER NOT NULL,
    rescued_at INTEGER,
    withdrawn_at INTEGER,
    done_at INTEGER,
    PRIMARY KEY (org, device, command)
) WITHOUT ROWID;
-- Things a supervisor should look at. Ids only.
CREATE TABLE alert (
    org INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    what BLOB NOT NULL,
    account BLOB NOT NULL,
    device BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (org, seq)
) WITHOUT ROWID;
-- Days a device may be out of contact before it locks itself; refresh tokens live as long.
ALTER TABLE organisation ADD COLUMN lease_days INTEGER NOT NULL DEFAULT 30;
