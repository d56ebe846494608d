//! Tables that hold something not in a document, with their forward-only migrations. View tables are not here: they
//! are made from the declarations ([`super::views`]).

use rusqlite::{Connection, TransactionBehavior};

use super::error::StoreError;

/// One step per landed schema; never edited after it landed.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE state (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE drafts (key TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;

    -- A record: its raw change chunks one after the other. `homes` are those this device sees, 17 bytes each.
    CREATE TABLE documents (
        n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, generation INTEGER NOT NULL, kind TEXT NOT NULL,
        client BLOB, homes BLOB NOT NULL, damaged INTEGER NOT NULL DEFAULT 0, heads BLOB NOT NULL, chunks BLOB NOT NULL);
    CREATE INDEX documents_damaged ON documents (n) WHERE damaged <> 0;
    CREATE INDEX documents_homeless ON documents (n) WHERE length(homes) = 0;
    CREATE TABLE record_homes (home BLOB NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (home, n)) WITHOUT ROWID;
    -- Changes of records that the server has not acknowledged.
    CREATE TABLE unsent (record BLOB NOT NULL, hash BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (record, hash))
        WITHOUT ROWID;
    CREATE INDEX unsent_seq ON unsent (seq);
    CREATE TABLE authority (
        n INTEGER PRIMARY KEY, created_by BLOB, received_at INTEGER, responsible BLOB, department BLOB,
        assigned BLOB, hand_overs BLOB);

    CREATE TABLE users (id BLOB PRIMARY KEY, name TEXT NOT NULL, sort BLOB NOT NULL, role TEXT NOT NULL,
        department BLOB NOT NULL, active INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE departments (id BLOB PRIMARY KEY, name TEXT NOT NULL, parent BLOB) WITHOUT ROWID;
    CREATE TABLE grants (home BLOB NOT NULL, reason BLOB NOT NULL, level INTEGER NOT NULL, until INTEGER,
        PRIMARY KEY (home, reason)) WITHOUT ROWID;
    CREATE TABLE authors (device BLOB PRIMARY KEY, name TEXT NOT NULL, user BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE devices (id BLOB PRIMARY KEY, owner BLOB NOT NULL, device BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE proposals (id BLOB PRIMARY KEY, client BLOB NOT NULL, received_at INTEGER NOT NULL,
        decided INTEGER NOT NULL, state BLOB NOT NULL) WITHOUT ROWID;

    -- Groups of edits and commands in the one order in which they go to the server.
    CREATE TABLE outbox (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, command_id BLOB UNIQUE, at INTEGER NOT NULL,
        state INTEGER NOT NULL, code TEXT NOT NULL DEFAULT '', depends_on BLOB NOT NULL, command BLOB, plan BLOB,
        refusal TEXT, proposal BLOB, sent INTEGER NOT NULL DEFAULT 0, whole_chain INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX outbox_state ON outbox (state, seq);
    CREATE TABLE outbox_writes (
        seq INTEGER NOT NULL, pos INTEGER NOT NULL, record BLOB NOT NULL, generation INTEGER NOT NULL,
        kind TEXT NOT NULL, creates INTEGER NOT NULL, client BLOB, homes BLOB NOT NULL, patch BLOB NOT NULL,
        chunks BLOB NOT NULL, PRIMARY KEY (seq, pos));
    CREATE INDEX outbox_writes_record ON outbox_writes (record);
    -- Homes lost whose unsent edits still wait for a verdict, and purges the server has not been told of.
    CREATE TABLE losses (home BLOB PRIMARY KEY, number INTEGER NOT NULL, revoked BLOB NOT NULL,
        n_accepted INTEGER NOT NULL DEFAULT 0, n_set_aside INTEGER NOT NULL DEFAULT 0,
        n_refused INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
    CREATE TABLE purge_acks (home BLOB NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (home, number)) WITHOUT ROWID;

    CREATE TABLE notices (
        id INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT NOT NULL, at INTEGER NOT NULL, params BLOB NOT NULL,
        client BLOB, record BLOB, kind TEXT NOT NULL, group_id BLOB, vals BLOB NOT NULL);

    -- Which view tables stand, made from which declaration. `rank` orders kinds in search.
    CREATE TABLE view_kinds (kind TEXT PRIMARY KEY, rank INTEGER NOT NULL, hash BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE search_dirty (n INTEGER PRIMARY KEY);
", "
    -- When changes reached the server, for those that did not come with the record's making. Records held from before
    -- this was told are not `stamped`.
    CREATE TABLE stamps (record BLOB NOT NULL, hash BLOB NOT NULL, received_at INTEGER NOT NULL, away_since INTEGER,
        skew INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (record, hash)) WITHOUT ROWID;
    ALTER TABLE documents ADD COLUMN stamped INTEGER NOT NULL DEFAULT 1;
    UPDATE documents SET stamped = 0;
    -- What became of one's own edits that were not simply taken in (OFF-1): keys of fields, never values.
    CREATE TABLE receipts (
        id INTEGER PRIMARY KEY AUTOINCREMENT, group_id BLOB NOT NULL, record BLOB NOT NULL, kind TEXT NOT NULL,
        client BLOB, creates INTEGER NOT NULL, made_at INTEGER NOT NULL, at INTEGER, state INTEGER NOT NULL,
        code TEXT NOT NULL DEFAULT '', fields BLOB NOT NULL, ended BLOB, answered_by BLOB, answered_at INTEGER,
        picked BLOB, UNIQUE (group_id, record));
    INSERT INTO receipts (group_id, record, kind, client, creates, made_at, state, code, fields)
        SELECT o.id, w.record, w.kind, w.client, w.creates, o.at, CASE o.state WHEN 4 THEN 0 ELSE 1 END, o.code, x'80'
        FROM outbox o JOIN outbox_writes w ON w.seq = o.seq WHERE o.state IN (3, 4) AND o.command_id IS NULL
        ORDER BY o.seq, w.pos;
    -- For orders sent back: the refusal met, with whom it expected and whom it found.
    ALTER TABLE outbox ADD COLUMN met BLOB;
", "
    -- What was found other than the server has it and put right.
    CREATE TABLE repairs (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, what TEXT NOT NULL,
        n INTEGER NOT NULL);
", "
    -- Who is away and who stands in, as far as it is this person's business.
    CREATE TABLE absences (id BLOB PRIMARY KEY, person BLOB NOT NULL, stage INTEGER NOT NULL, absence BLOB NOT NULL);
    CREATE INDEX absences_person ON absences (person);
    -- Losses of a home held only in somebody's place: the end of the cover is told once, not client by client.
    ALTER TABLE losses ADD COLUMN cover INTEGER NOT NULL DEFAULT 0;
", "
    -- What this person did last, so that he can take it back: fields as they were before and as he left them.
    CREATE TABLE undo (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, command BLOB);
    CREATE TABLE undo_writes (undo INTEGER NOT NULL, pos INTEGER NOT NULL, record BLOB NOT NULL, kind TEXT NOT NULL,
        creates INTEGER NOT NULL, was BLOB NOT NULL, became BLOB NOT NULL, PRIMARY KEY (undo, pos)) WITHOUT ROWID;
    CREATE INDEX undo_writes_record ON undo_writes (record);
", "
    -- `documents.chunks` may begin with a snapshot of the first changes; when those reached the server, packed.
    CREATE TABLE snapshot_stamps (record BLOB PRIMARY KEY, packed BLOB NOT NULL);
", "
    -- Imports: what is known of each, the file while it is read, what its rows wrote, and which were not taken.
    CREATE TABLE imports (id BLOB PRIMARY KEY, at INTEGER NOT NULL, state BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE import_blocks (import BLOB NOT NULL, n INTEGER NOT NULL, bytes BLOB NOT NULL, UNIQUE (import, n));
    CREATE TABLE import_writes (seq INTEGER PRIMARY KEY AUTOINCREMENT, import BLOB NOT NULL, row INTEGER NOT NULL,
        record BLOB NOT NULL, kind TEXT NOT NULL, did BLOB NOT NULL);
    CREATE INDEX import_writes_import ON import_writes (import, seq);
    CREATE INDEX import_writes_record ON import_writes (record);
    CREATE TABLE import_rejects (seq INTEGER PRIMARY KEY, import BLOB NOT NULL, row INTEGER NOT NULL,
        why TEXT NOT NULL, kind TEXT NOT NULL, field TEXT NOT NULL, taken INTEGER NOT NULL, cells BLOB NOT NULL);
    CREATE INDEX import_rejects_import ON import_rejects (import, row);
", "
    -- For clients that were made twice: which one stayed, who said so, and by which order.
    ALTER TABLE authority ADD COLUMN merged BLOB;
    CREATE INDEX authority_merged ON authority (n) WHERE merged IS NOT NULL;
", "
    -- Columns of fields the organisation made, still to be filled from documents after the record numbered `after`.
    -- A row without a kind says that definitions changed in the transaction that runs.
    CREATE TABLE field_fill (kind TEXT NOT NULL, field TEXT NOT NULL, after INTEGER NOT NULL,
        PRIMARY KEY (kind, field)) WITHOUT ROWID;
    CREATE INDEX documents_custom ON documents (n) WHERE kind = 'custom_field';
", "
    -- Records opened on this device lately.
    CREATE TABLE opened (record BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
"];

/// The schema this build writes.
pub fn known() -> i64 {
    MIGRATIONS.len() as i64
}

/// Brings the file to the newest schema.
///
/// # Errors
/// `Newer` for a file of a later version, which is left as it is.
pub fn migrate(conn: &mut Connection) -> Result<(), StoreError> {
    migrate_to(conn, known())
}

/// Brings the file to an earlier schema, no further.
///
/// # Errors
/// `Newer` for a file of a later version than this build's.
pub fn migrate_to(conn: &mut Connection, wanted: i64) -> Result<(), StoreError> {
    let found: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known() {
        return Err(StoreError::Newer { found, known: known() });
    }
    for (step, sql) in MIGRATIONS
        .iter()
        .enumerate()
        .take(usize::try_from(wanted).unwrap_or(0))
        .skip(usize::try_from(found).unwrap_or(0))
    {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", step as i64 + 1)?;
        tx.commit()?;
    }
    Ok(())
}
