-- A server restored from a backup (rule 24): held until its admin has looked at what devices know and it does not.
ALTER TABLE organisation ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
-- The epoch in which a device was enrolled or has brought back what it held.
ALTER TABLE device ADD COLUMN returned INTEGER NOT NULL DEFAULT 0;
UPDATE device SET returned = (SELECT o.epoch FROM organisation o WHERE o.org = device.org);
CREATE TABLE held_item (
    org INTEGER NOT NULL,
    n INTEGER NOT NULL,
    what INTEGER NOT NULL,
    subject BLOB NOT NULL,
    value BLOB NOT NULL,
    by BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (org, n)
) WITHOUT ROWID;
CREATE UNIQUE INDEX held_item_of ON held_item (org, what, subject, value);
