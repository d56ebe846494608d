-- Every table is keyed by organisation first. Integers and bytes only: nothing is ordered or folded as text here.
CREATE TABLE organisation (
    org INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    name BLOB NOT NULL,
    language BLOB NOT NULL,
    public_url BLOB,
    secret BLOB NOT NULL,
    seq INTEGER NOT NULL,
    epoch INTEGER NOT NULL
);
CREATE TABLE department (
    org INTEGER NOT NULL,
    id BLOB NOT NULL,
    name BLOB NOT NULL,
    parent BLOB,
    changed_seq INTEGER NOT NULL,
    PRIMARY KEY (org, id)
) WITHOUT ROWID;
CREATE TABLE account (
    org INTEGER NOT NULL,
    id BLOB NOT NULL,
    name BLOB NOT NULL,
    role INTEGER NOT NULL,
    department BLOB NOT NULL,
    active INTEGER NOT NULL,
    password BLOB,
    changed_seq INTEGER NOT NULL,
    -- The last transaction of which this person sees something, and the last that changed authority for him.
    touched_seq INTEGER NOT NULL,
    authority_seq INTEGER NOT NULL,
    PRIMARY KEY (org, id)
) WITHOUT ROWID;
CREATE TABLE device (
    org INTEGER NOT NULL,
    id BLOB NOT NULL,
    account BLOB NOT NULL,
    name BLOB NOT NULL,
    key BLOB NOT NULL,
    enrolled_at INTEGER NOT NULL,
    contact_at INTEGER,
    revoked_at INTEGER,
    app BLOB,
    n_unsent INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (org, id)
) WITHOUT ROWID;
CREATE INDEX device_of ON device (org, account);
-- Incarnations of a device, each with its own push counter (rule 9).
CREATE TABLE incarnation (
    org INTEGER NOT NULL,
    device BLOB NOT NULL,
    incarnation INTEGER NOT NULL,
    push_counter INTEGER NOT NULL,
    push_id BLOB,
    PRIMARY KEY (org, device, incarnation)
) WITHOUT ROWID;
CREATE TABLE link (
    org INTEGER NOT NULL,
    hash BLOB NOT NULL,
    account BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    device BLOB,
    failures INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (org, hash)
) WITHOUT ROWID;
CREATE TABLE family (
    org INTEGER NOT NULL,
    id BLOB NOT NULL,
    device BLOB NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (org, id)
) WITHOUT ROWID;
CREATE INDEX family_of ON family (org, device);
CREATE TABLE refresh (
    org INTEGER NOT NULL,
    hash BLOB NOT NULL,
    family BLOB NOT NULL,
    until INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (org, hash)
) WITHOUT ROWID;
CREATE TABLE access (
    org INTEGER NOT NULL,
    hash BLOB NOT NULL,
    family BLOB NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (org, hash)
) WITHOUT ROWID;
CREATE INDEX access_until ON access (org, until);

CREATE TABLE record (
    org INTEGER NOT NULL,
    id BLOB NOT NULL,
    generation INTEGER NOT NULL,
    kind BLOB NOT NULL,
    created_by BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    auth_seq INTEGER NOT NULL,
    max_op INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    n_changes INTEGER NOT NULL,
    open INTEGER NOT NULL,
    PRIMARY KEY (org, id)
) WITHOUT ROWID;
CREATE INDEX record_auth ON record (org, auth_seq);
-- Kept for ever (rule 11). A rowid table: blobs over a kilobyte spill out of WITHOUT ROWID ones.
CREATE TABLE change (
    org INTEGER NOT NULL,
    record BLOB NOT NULL,
    generation INTEGER NOT NULL,
    hash BLOB NOT NULL,
    actor BLOB NOT NULL,
    actor_seq INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    max_op INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    bytes BLOB NOT NULL
);
CREATE UNIQUE INDEX change_hash ON change (org, record, hash);
CREATE UNIQUE INDEX change_order ON change (org, record, seq, ordinal);
CREATE TABLE writer (
    org INTEGER NOT NULL,
    record BLOB NOT NULL,
    actor BLOB NOT NULL,
    last_seq INTEGER NOT NULL,
    PRIMARY KEY (org, record, actor)
) WITHOUT ROWID;
-- Which records a transaction touched: what a pull walks along.
CREATE TABLE log (
    org INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (org, seq, record)
) WITHOUT ROWID;
CREATE TABLE doc_home (
    org INTEGER NOT NULL,
    home BLOB NOT NULL,
    record BLOB NOT NULL,
    added_seq INTEGER NOT NULL,
    removed_seq INTEGER,
    PRIMARY KEY (org, home, record, added_seq)
) WITHOUT ROWID;
CREATE INDEX doc_home_of ON doc_home (org, record);
CREATE INDEX doc_home_removed ON doc_home (org, removed_seq) WHERE removed_seq IS NOT NULL;
CREATE TABLE user_home (
    org INTEGER NOT NULL,
    account BLOB NOT NULL,
    home BLOB NOT NULL,
    reason BLOB NOT NULL,
    added_seq INTEGER NOT NULL,
    level INTEGER NOT NULL,
    until INTEGER,
    removed_seq INTEGER,
    ended_by INTEGER,
    by BLOB,
    now_with BLOB,
    ended_at INTEGER,
    PRIMARY KEY (org, account, home, reason, added_seq)
) WITHOUT ROWID;
CREATE INDEX user_home_of ON user_home (org, home);
CREATE INDEX user_home_until ON user_home (org, until) WHERE until IS NOT NULL AND removed_seq IS NULL;
CREATE TABLE client (
    org INTEGER NOT NULL,
    id BLOB NOT NULL,
    responsible BLOB NOT NULL,
    department BLOB NOT NULL,
    PRIMARY KEY (org, id)
) WITHOUT ROWID;
CREATE TABLE client_parent (
    org INTEGER NOT NULL,
    client BLOB NOT NULL,
    department BLOB NOT NULL,
    added_seq INTEGER NOT NULL,
    removed_seq INTEGER,
    by BLOB,
    ended_at INTEGER,
    PRIMARY KEY (org, client, department, added_seq)
) WITHOUT ROWID;
CREATE INDEX client_parent_of ON client_parent (org, department);
CREATE TABLE assignment (
    org INTEGER NOT NULL,
    interaction BLOB NOT NULL,
    client BLOB NOT NULL,
    assigned BLOB NOT NULL,
    PRIMARY KEY (org, interaction)
) WITHOUT ROWID;
CREATE INDEX assignment_of ON assignment (org, client, assigned);
CREATE TABLE hand_over (
    org INTEGER NOT NULL,
    interaction BLOB NOT NULL,
    ordinal INTEGER NOT NULL,
    giver BLOB NOT NULL,
    taker BLOB NOT NULL,
    by BLOB NOT NULL,
    at INTEGER NOT NULL,
    comment BLOB NOT NULL,
    command BLOB NOT NULL,
    PRIMARY KEY (org, interaction, ordinal)
) WITHOUT ROWID;
-- What became of each group, so that a repeated delivery gets the same answer.
CREATE TABLE push_group (
    org INTEGER NOT NULL,
    id BLOB NOT NULL,
    account BLOB NOT NULL,
    device BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    detail BLOB NOT NULL,
    PRIMARY KEY (org, id)
) WITHOUT ROWID;
CREATE TABLE command (
    org INTEGER NOT NULL,
    id BLOB NOT NULL,
    account BLOB NOT NULL,
    applied_at INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    plan BLOB NOT NULL,
    PRIMARY KEY (org, id)
) WITHOUT ROWID;
-- A late edit of one record, set aside. Edits that arrived together or build on one another share a chain.
CREATE TABLE proposal (
    org INTEGER NOT NULL,
    id BLOB NOT NULL,
    chain BLOB NOT NULL,
    record BLOB NOT NULL,
    generation INTEGER NOT NULL,
    kind BLOB NOT NULL,
    client BLOB NOT NULL,
    author BLOB NOT NULL,
    device BLOB NOT NULL,
    at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    homes BLOB,
    touched_seq INTEGER NOT NULL,
    accepted INTEGER,
    by BLOB,
    decided_at INTEGER,
    PRIMARY KEY (org, id)
) WITHOUT ROWID;
CREATE INDEX proposal_record ON proposal (org, record);
CREATE INDEX proposal_client ON proposal (org, client);
CREATE INDEX proposal_chain ON proposal (org, chain);
CREATE INDEX proposal_touched ON proposal (org, touched_seq);
CREATE TABLE proposal_group (
    org INTEGER NOT NULL,
    proposal BLOB NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (org, proposal, id)
) WITHOUT ROWID;
CREATE INDEX proposal_group_id ON proposal_group (org, id);
CREATE TABLE proposal_change (
    org INTEGER NOT NULL,
    proposal BLOB NOT NULL,
    ordinal INTEGER NOT NULL,
    hash BLOB NOT NULL,
    actor BLOB NOT NULL,
    actor_seq INTEGER NOT NULL,
    max_op INTEGER NOT NULL,
    bytes BLOB NOT NULL
);
CREATE UNIQUE INDEX proposal_change_order ON proposal_change (org, proposal, ordinal);
-- Homes a device lost and what it said of purging them (rule 20).
CREATE TABLE purge (
    org INTEGER NOT NULL,
    device BLOB NOT NULL,
    home BLOB NOT NULL,
    revoked INTEGER NOT NULL,
    ended_by INTEGER NOT NULL,
    level INTEGER NOT NULL,
    acked_at INTEGER,
    PRIMARY KEY (org, device, home, revoked)
) WITHOUT ROWID;
-- Ids only, never names or values.
CREATE TABLE audit (
    org INTEGER NOT NULL,
    n INTEGER NOT NULL,
    at INTEGER NOT NULL,
    account BLOB,
    device BLOB,
    action BLOB NOT NULL,
    subject BLOB NOT NULL,
    PRIMARY KEY (org, n)
) WITHOUT ROWID;
