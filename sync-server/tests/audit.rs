//! [AUD-1] The audit is append-only, and whoever edits, removes, moves or cuts off rows is found.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::Connection;
use satchel_core::domain::clock::Clock;
use satchel_core::domain::ids::DeviceId;
use satchel_server::storage::sqlite::SqliteStorage;
use satchel_server::storage::{Audit, AuditHead, Storage, Tampering};
use support::*;
use uuid::Uuid;

const NO_TRIGGERS: &str = "DROP TRIGGER audit_is_not_edited; DROP TRIGGER audit_is_not_deleted;";

struct Kept {
    _folder: tempfile::TempDir,
    file: PathBuf,
    storage: Arc<SqliteStorage>,
}

impl Kept {
    /// An organisation with nine audit rows.
    fn new() -> Self {
        Self::with("looked")
    }

    fn with(action: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("server.sqlite");
        let storage = Arc::new(SqliteStorage::open(&file).unwrap());
        let w = World::on(storage.clone());
        while w.storage.verify_audit(None).unwrap().head.n < 9 {
            let n = w.storage.verify_audit(None).unwrap().head.n;
            let device = DeviceId(Uuid::from_u128(u128::from(n)));
            let row = Audit {
                at: w.clock.now(),
                user: Some(w.anna),
                device: Some(device),
                action: action.to_owned(),
                subject: vec![u8::try_from(n).unwrap()],
            };
            w.storage.audit(&row).unwrap();
        }
        Self { _folder: folder, file, storage }
    }

    /// Somebody with the file in his hands.
    fn tamper(&self, sql: &str) {
        let conn = Connection::open(&self.file).unwrap();
        conn.execute_batch(NO_TRIGGERS).unwrap();
        conn.execute_batch(sql).unwrap();
    }

    fn found(&self) -> Option<Tampering> {
        self.storage.verify_audit(None).unwrap().tampering
    }
}

#[test]
fn aud_1_an_untouched_audit_holds() {
    let kept = Kept::new();
    assert_eq!(kept.found(), None);
    assert_eq!(kept.storage.verify_audit(None).unwrap().head.n, 9);
}

#[test]
fn aud_1_rows_can_be_neither_edited_nor_deleted_through_the_database() {
    let kept = Kept::new();
    let conn = Connection::open(&kept.file).unwrap();
    for sql in ["UPDATE audit SET at = 0 WHERE n = 3", "DELETE FROM audit WHERE n = 3", "DELETE FROM audit"] {
        let error = conn.execute(sql, []).unwrap_err();
        assert!(error.to_string().contains("append-only"), "{sql}: {error}");
    }
    assert_eq!(kept.found(), None);
}

#[test]
fn aud_1_an_edit_of_any_column_is_found_and_the_row_named() {
    for column in
        ["at = at + 1", "account = NULL", "device = NULL", "action = x'41'", "subject = x''", "hash = zeroblob(32)"]
    {
        let kept = Kept::new();
        kept.tamper(&format!("UPDATE audit SET {column} WHERE n = 9"));
        assert_eq!(kept.found(), Some(Tampering::Altered(9)), "{column}");
    }
    let kept = Kept::new();
    kept.tamper("UPDATE audit SET at = at + 1 WHERE n = 4");
    assert_eq!(kept.found(), Some(Tampering::Altered(4)));
}

#[test]
fn aud_1_a_deleted_row_is_found_and_named() {
    let kept = Kept::new();
    kept.tamper("DELETE FROM audit WHERE n = 4");
    assert_eq!(kept.found(), Some(Tampering::Missing(4)));
    // Closing the gap by renumbering shows as well: the number is part of what is hashed.
    kept.tamper_again("UPDATE audit SET n = n - 1 WHERE n > 4");
    assert_eq!(kept.found(), Some(Tampering::Altered(4)));
}

#[test]
fn aud_1_rows_in_another_order_are_found() {
    let kept = Kept::new();
    kept.tamper("UPDATE audit SET n = 100 WHERE n = 8; UPDATE audit SET n = 8 WHERE n = 9; UPDATE audit SET n = 9 WHERE n = 100;");
    assert_eq!(kept.found(), Some(Tampering::Altered(8)));
}

#[test]
fn aud_1_a_tail_that_was_cut_off_is_found() {
    let kept = Kept::new();
    kept.tamper("DELETE FROM audit WHERE n > 6");
    assert_eq!(kept.found(), Some(Tampering::Truncated { from: 7, to: 9 }));
    // Without the secret nobody can seal the shorter chain.
    kept.tamper_again("UPDATE audit_seal SET n = 6, head = (SELECT hash FROM audit WHERE n = 6)");
    assert_eq!(kept.found(), Some(Tampering::Seal));
    kept.tamper_again("DELETE FROM audit_seal");
    assert_eq!(kept.found(), Some(Tampering::Seal));
}

#[test]
fn aud_1_an_audit_thrown_away_altogether_is_found() {
    let kept = Kept::new();
    kept.tamper("DELETE FROM audit");
    assert_eq!(kept.found(), Some(Tampering::Truncated { from: 1, to: 9 }));
    kept.tamper_again("DELETE FROM audit_seal");
    assert_eq!(kept.found(), Some(Tampering::Seal));
}

#[test]
fn aud_1_a_head_noted_elsewhere_finds_even_a_chain_that_is_whole() {
    let kept = Kept::new();
    let noted = kept.storage.verify_audit(None).unwrap().head;
    assert_eq!(noted.to_string().parse::<AuditHead>().unwrap(), noted);
    // Whoever has the secret makes a chain that is whole and sealed, but it is another one.
    let other = Kept::with("listened");
    assert_eq!(other.found(), None);
    let verdict = other.storage.verify_audit(Some(&noted)).unwrap();
    assert_eq!(verdict.tampering, Some(Tampering::Rewritten(9)));
    let longer = AuditHead { n: 12, hash: noted.hash };
    let verdict = other.storage.verify_audit(Some(&longer)).unwrap();
    assert_eq!(verdict.tampering, Some(Tampering::Truncated { from: 10, to: 12 }));
}

#[test]
fn aud_1_rows_of_before_the_chain_are_chained_by_the_migration() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.sqlite");
    let conn = Connection::open(&file).unwrap();
    conn.execute_batch(include_str!("../src/storage/sqlite/schema.sql")).unwrap();
    conn.execute_batch(
        "INSERT INTO organisation (org, id, name, language, secret, seq, epoch)
         VALUES (1, randomblob(16), x'41', x'656e', randomblob(32), 0, 1);
         INSERT INTO audit (org, n, at, action, subject) VALUES (1, 1, 5, x'41', x''), (1, 2, 6, x'42', x'00'),
         (1, 3, 7, x'43', x'');
         PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(conn);
    let storage = SqliteStorage::open(&file).unwrap();
    let verdict = storage.verify_audit(None).unwrap();
    assert_eq!((verdict.head.n, verdict.tampering), (3, None));
    let conn = Connection::open(&file).unwrap();
    conn.execute("UPDATE audit SET at = 0 WHERE n = 2", []).unwrap_err();
    conn.execute_batch(NO_TRIGGERS).unwrap();
    conn.execute("UPDATE audit SET at = 0 WHERE n = 2", []).unwrap();
    assert_eq!(storage.verify_audit(None).unwrap().tampering, Some(Tampering::Altered(2)));
}

impl Kept {
    /// The same somebody, once more.
    fn tamper_again(&self, sql: &str) {
        Connection::open(&self.file).unwrap().execute_batch(sql).unwrap();
    }
}

/// A row's hash as anybody who has read the description can make it.
fn hash_of(conn: &Connection, n: i64) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    let organisation: Vec<u8> = conn.query_row("SELECT id FROM organisation", [], |row| row.get(0)).unwrap();
    let before: Option<Vec<u8>> =
        conn.query_row("SELECT max(hash) FROM audit WHERE n = ?1", [n - 1], |row| row.get(0)).unwrap();
    conn.query_row("SELECT at, account, device, action, subject FROM audit WHERE n = ?1", [n], |row| {
        let mut digest = Sha256::new_with_prefix(b"satchel audit row");
        digest.update(&organisation);
        digest.update(before.clone().unwrap_or(vec![0; 32]));
        digest.update(n.to_be_bytes());
        digest.update(row.get::<_, i64>(0)?.to_be_bytes());
        for column in [1, 2] {
            let id: Option<Vec<u8>> = row.get(column)?;
            digest.update([u8::from(id.is_some())]);
            digest.update(id.unwrap_or_default());
        }
        for column in [3, 4] {
            let text: Vec<u8> = row.get(column)?;
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text);
        }
        Ok(digest.finalize().to_vec())
    })
    .unwrap()
}

#[test]
fn aud_1_an_edited_row_with_a_fitting_hash_breaks_the_chain_behind_it() {
    let kept = Kept::new();
    kept.tamper("UPDATE audit SET action = x'41' WHERE n = 4");
    let conn = Connection::open(&kept.file).unwrap();
    let rehash = |n: i64| {
        conn.execute("UPDATE audit SET hash = ?1 WHERE n = ?2", rusqlite::params![hash_of(&conn, n), n]).unwrap();
    };
    rehash(4);
    assert_eq!(kept.found(), Some(Tampering::Altered(5)));
    // All the way to the end the chain is whole again, but nobody without the secret can seal it.
    (5..=9).for_each(rehash);
    assert_eq!(kept.found(), Some(Tampering::Seal));
}
