-- Clients that were made twice: which one stayed, who said so, when, by which order.
ALTER TABLE client ADD COLUMN merged_into BLOB;
ALTER TABLE client ADD COLUMN merged_by BLOB;
ALTER TABLE client ADD COLUMN merged_at INTEGER;
ALTER TABLE client ADD COLUMN merged_command BLOB;
-- Records that came to another client with a merged one, or were made for it afterwards: they go back with it.
CREATE TABLE merged_record (
    org INTEGER NOT NULL,
    client BLOB NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (org, client, record)
) WITHOUT ROWID;
CREATE INDEX merged_record_of ON merged_record (org, record);
