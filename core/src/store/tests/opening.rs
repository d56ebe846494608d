//! Opening, and files that cannot be opened.

use super::fixture::*;
use crate::domain::authority::Role;
use crate::domain::kind::Registry;
use crate::store::{DatabaseKey, Store, StoreError};

#[test]
fn a_second_opening_is_refused_while_the_first_lives() {
    let device = Bag::new();
    let path = device.store.path().to_owned();
    assert!(matches!(Store::open(&path, &KEY, Registry::built_in()), Err(StoreError::InUse)));
    drop(device.store);
    assert!(Store::open(&path, &KEY, Registry::built_in()).is_ok());
}

#[test]
fn a_missing_file_is_never_made_by_opening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.satchel");
    assert!(matches!(Store::open(&path, &KEY, Registry::built_in()), Err(StoreError::Missing(_))));
    assert!(!path.exists());
}

#[test]
fn a_database_is_never_written_over() {
    let device = Bag::new();
    let path = device.store.path().to_owned();
    drop(device.store);
    let again = Store::create(&path, &KEY, Registry::built_in(), &identity(Role::Rep, None));
    assert!(matches!(again, Err(StoreError::Exists(_))));
}

#[test]
fn wrong_key_damage_and_foreign_files_are_told_apart() {
    let device = Bag::new();
    device.client("Ромашка");
    let path = device.store.path().to_owned();
    drop(device.store);
    let other = DatabaseKey([8; 32]);
    assert!(matches!(Store::open(&path, &other, Registry::built_in()), Err(StoreError::WrongKey)));

    let mut bytes = std::fs::read(&path).unwrap();
    bytes[2000..2100].fill(0);
    std::fs::write(&path, &bytes).unwrap();
    assert!(matches!(Store::open(&path, &KEY, Registry::built_in()), Err(StoreError::Damaged(_))));

    std::fs::write(&path, b"SQLite format 3\0 and so on").unwrap();
    assert!(matches!(Store::open(&path, &KEY, Registry::built_in()), Err(StoreError::NotADatabase)));
}

#[test]
fn a_newer_schema_is_left_alone() {
    let device = Bag::new();
    device.store.maintain(|conn| Ok(conn.pragma_update(None, "user_version", 99)?)).unwrap();
    let path = device.store.path().to_owned();
    drop(device.store);
    let opened = Store::open(&path, &KEY, Registry::built_in());
    assert!(matches!(opened, Err(StoreError::Newer { found: 99, .. })));
}

#[test]
fn nothing_readable_stands_in_the_file() {
    let device = Bag::new();
    device.client("Ромашка-маркер");
    let wal = std::fs::read(device.folder.path().join("a.satchel-wal")).unwrap();
    let bytes = std::fs::read(device.store.path()).unwrap();
    for bytes in [wal, bytes] {
        assert!(!bytes.windows(12).any(|part| part == &"Ромашка".as_bytes()[..12]));
    }
}

#[test]
fn dur_6_a_full_disk_refuses_the_edit_and_keeps_the_rest() {
    let device = Bag::new();
    let kept = device.client("Сохранённый");
    let pages: i64 =
        device.store.maintain(|conn| Ok(conn.query_row("PRAGMA page_count", [], |row| row.get(0))?)).unwrap();
    device
        .store
        .maintain(|conn| Ok(conn.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?))
        .unwrap();
    let long = "ж".repeat(30_000);
    let mut refused = None;
    for _ in 0..5 {
        let patch = crate::domain::patch::Patch::new().set(crate::domain::kinds::client::SOURCE, long.clone());
        let id = crate::domain::ids::RecordId(crate::domain::ids::IdSource::fresh(&device.ids));
        let write = crate::store::write::Write::Create { kind: "client".to_owned(), id, client: None, patch };
        if let Err(error) = device.write(vec![write]) {
            refused = Some((error, id));
            break;
        }
    }
    let (error, id) = refused.expect("five records do not fit");
    assert!(matches!(error, StoreError::DiskFull), "{error:?}");
    assert!(device.store.row(id).unwrap().is_none());
    assert_eq!(device.store.row(kept).unwrap().unwrap().title, "Сохранённый");
}
