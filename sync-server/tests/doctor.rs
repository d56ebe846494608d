//! Looking at everything stored: what does not fit together is named, and put right where it can be.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::Connection;
use satchel_server::storage::sqlite::{SqliteStorage, restore, verify};
use satchel_server::storage::{Storage, StorageError};
use support::*;

fn with_records() -> (tempfile::TempDir, PathBuf, Arc<SqliteStorage>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.sqlite");
    let storage = Arc::new(SqliteStorage::open(&file).unwrap());
    let w = World::on(storage.clone());
    let mut phone = w.device(w.anna);
    for name in ["Ромашка", "Лютик"] {
        let (id, create) = phone.new_client(name);
        phone.must_push(&create);
        phone.pull();
        let edit = phone.edit_city(id, "Львів");
        phone.must_push(&edit);
        phone.pull();
    }
    (folder, file, storage)
}

fn codes(storage: &SqliteStorage, fix: bool) -> Vec<(&'static str, bool)> {
    storage.examine(fix).unwrap().into_iter().map(|found| (found.code, found.fixed)).collect()
}

fn sums(conn: &Connection) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut all = conn.prepare("SELECT home, digest FROM home_digest ORDER BY home").unwrap();
    let all = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    all.map(Result::unwrap).collect()
}

#[test]
fn wrong_heads_and_sums_are_found_and_made_again_from_the_changes() {
    let (_folder, file, storage) = with_records();
    assert!(codes(&storage, false).is_empty());
    let conn = Connection::open(&file).unwrap();
    let kept = sums(&conn);
    assert_eq!(kept.len(), 2);
    conn.execute_batch("UPDATE home_digest SET digest = zeroblob(16); UPDATE record SET heads = zeroblob(32)").unwrap();
    let found = codes(&storage, false);
    assert_eq!(found.iter().filter(|one| **one == ("heads", false)).count(), 2);
    assert_eq!(found.iter().filter(|one| **one == ("digest", false)).count(), 2);
    assert!(codes(&storage, true).iter().all(|(_, fixed)| *fixed));
    assert!(codes(&storage, false).is_empty());
    assert_eq!(sums(&conn), kept);
}

#[test]
fn what_hangs_in_the_air_is_named() {
    for (sql, code) in [
        ("DELETE FROM record WHERE id = (SELECT min(id) FROM record)", "change_without_record"),
        ("DELETE FROM doc_home WHERE record = (SELECT min(id) FROM record)", "record_without_home"),
        ("UPDATE change SET bytes = x'00' WHERE record = (SELECT min(id) FROM record)", "record_unreadable"),
        ("DELETE FROM audit_seal", "audit"),
    ] {
        let (_folder, file, storage) = with_records();
        let conn = Connection::open(&file).unwrap();
        conn.execute_batch(sql).unwrap();
        let found = codes(&storage, true);
        assert!(found.contains(&(code, false)), "{sql}: {found:?}");
    }
}

#[test]
fn a_clock_behind_what_is_stored_or_wrong_by_the_word_of_most_devices_is_named() {
    let (_folder, file, storage) = with_records();
    let clock = |now| -> Vec<String> {
        storage.examine_clock(now).unwrap().into_iter().map(|one| format!("{} {}", one.code, one.at)).collect()
    };
    let latest: i64 =
        Connection::open(&file).unwrap().query_row("SELECT max(contact_at) FROM device", [], |row| row.get(0)).unwrap();
    let now = chrono::DateTime::from_timestamp_millis(latest).unwrap();
    assert!(clock(now).is_empty() && clock(now - chrono::Duration::seconds(50)).is_empty());
    let behind = clock(now - chrono::Duration::hours(2));
    for what in ["audit", "contact", "record"] {
        assert!(behind.iter().any(|one| one.starts_with(&format!("clock_behind {what} "))), "{behind:?}");
    }
    let conn = Connection::open(&file).unwrap();
    let n: i64 = conn.query_row("SELECT count(*) FROM device", [], |row| row.get(0)).unwrap();
    for copy in 0..3 - n {
        conn.execute_batch(&format!(
            "CREATE TEMP TABLE other AS SELECT * FROM device LIMIT 1;
             UPDATE other SET id = randomblob(16);
             INSERT INTO device SELECT * FROM other; DROP TABLE other; -- {copy}"
        ))
        .unwrap();
    }
    conn.execute_batch("UPDATE device SET skew = -400").unwrap();
    assert_eq!(clock(now), ["clock_fast 3 of 3 devices"]);
    conn.execute_batch("UPDATE device SET skew = 0 WHERE id = (SELECT min(id) FROM device)").unwrap();
    assert!(clock(now).is_empty(), "two devices are not enough");
}

#[test]
fn dur_7_a_backup_holds_what_was_acknowledged_and_is_never_written_over_anything() {
    let (folder, _, storage) = with_records();
    let backup = folder.path().join("backup.sqlite");
    storage.backup(&backup).unwrap();
    let bytes = std::fs::read(&backup).unwrap();
    assert!(verify(&backup).unwrap().is_empty());
    assert_eq!(std::fs::read(&backup).unwrap(), bytes, "looking at a backup changes nothing of it");
    assert!(matches!(storage.backup(&backup), Err(StorageError::File(_))));
    assert_eq!(SqliteStorage::open(&backup).unwrap().counts().unwrap(), storage.counts().unwrap());
    // A damaged one is told.
    let conn = Connection::open(&backup).unwrap();
    conn.execute_batch("UPDATE change SET bytes = x'00'").unwrap();
    drop(conn);
    assert_eq!(verify(&backup).unwrap().len(), 2);
    std::fs::write(&backup, "not a database at all, but long enough to look at ".repeat(50)).unwrap();
    verify(&backup).unwrap_err();
}

#[test]
fn dur_7_a_restore_begins_another_epoch_held_and_keeps_what_stood_there() {
    let (folder, file, storage) = with_records();
    let backup = folder.path().join("backup.sqlite");
    storage.backup(&backup).unwrap();
    let before = storage.organisation().unwrap().unwrap();
    let at = chrono::DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    assert!(matches!(restore(&backup, &file, at), Err(StorageError::InUse)));
    assert_eq!(storage.organisation().unwrap().unwrap().epoch, before.epoch);
    let n = storage.counts().unwrap();
    drop(storage);

    let epoch = restore(&backup, &file, at).unwrap();
    let restored = SqliteStorage::open(&file).unwrap();
    let after = restored.organisation().unwrap().unwrap();
    assert!(after.held && after.epoch == epoch && epoch > before.epoch);
    assert_eq!(restored.counts().unwrap(), n);
    assert_eq!(restored.verify_audit(None).unwrap().tampering, None);
    assert_eq!(restored.audit_rows(1).unwrap()[0].action, "server_restored");
    drop(restored);
    // The same backup once more is another epoch again.
    let again = restore(&backup, &file, at + chrono::Duration::seconds(5)).unwrap();
    assert!(again > epoch);
    let kept = std::fs::read_dir(folder.path()).unwrap().flatten();
    assert_eq!(kept.filter(|one| one.file_name().to_string_lossy().contains(".before-restore-")).count(), 2);
    // And one over a file that is damaged.
    std::fs::write(&file, "not a database at all, but long enough to look at ".repeat(50)).unwrap();
    let log = folder.path().join("server.sqlite-wal");
    std::fs::write(&log, "a log of the damaged file").unwrap();
    restore(&backup, &file, at + chrono::Duration::seconds(9)).unwrap();
    assert!(!log.exists());
    assert_eq!(SqliteStorage::open(&file).unwrap().counts().unwrap(), n);
}
