-- The audit as a chain: each row's hash covers the one before it, and the end of the chain is sealed.
ALTER TABLE audit ADD COLUMN hash BLOB NOT NULL DEFAULT x'';
CREATE TABLE audit_seal (
    org INTEGER NOT NULL,
    n INTEGER NOT NULL,
    head BLOB NOT NULL,
    seal BLOB NOT NULL,
    PRIMARY KEY (org)
) WITHOUT ROWID;
-- Rows of before the chain get their hash once.
CREATE TRIGGER audit_is_not_edited BEFORE UPDATE ON audit WHEN length(old.hash) > 0
BEGIN SELECT raise(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT raise(ABORT, 'the audit is append-only'); END;
