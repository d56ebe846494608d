-- Who is away and who stands in. A rowid table: the distribution of a large absence is longer than a page.
CREATE TABLE absence (
    org INTEGER NOT NULL,
    id BLOB NOT NULL,
    account BLOB NOT NULL,
    stage INTEGER NOT NULL,
    -- When the clock turns it next.
    due_at INTEGER,
    changed_seq INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE UNIQUE INDEX absence_id ON absence (org, id);
CREATE INDEX absence_of ON absence (org, account);
CREATE INDEX absence_due ON absence (org, due_at) WHERE due_at IS NOT NULL;
-- Everybody an absence was ever told to: they also learn that it is no more their business.
CREATE TABLE absence_told (
    org INTEGER NOT NULL,
    absence BLOB NOT NULL,
    account BLOB NOT NULL,
    PRIMARY KEY (org, absence, account)
) WITHOUT ROWID;
CREATE INDEX assignment_person ON assignment (org, assigned);
CREATE INDEX client_responsible ON client (org, responsible);
