//! The store on a disk: migrations, two processes at once, what survives.
#![allow(clippy::unwrap_used)]

mod support;

use std::sync::Arc;

use satchel_core::domain::kinds::client;
use satchel_core::sync::wire::Outcome;
use satchel_server::storage::sqlite::SqliteStorage;
use satchel_server::storage::{Storage, StorageError};
use support::*;

#[test]
fn what_was_acknowledged_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.sqlite");
    let w = World::on(Arc::new(SqliteStorage::open(&file).unwrap()));
    let mut phone = w.device(w.anna);
    let (id, create) = phone.new_client("Ромашка");
    phone.must_push(&create);
    let counts = w.storage.counts().unwrap();

    let again = SqliteStorage::open(&file).unwrap();
    assert_eq!(again.counts().unwrap(), counts);
    assert_eq!(again.organisation().unwrap().unwrap().id, w.organisation);
    let mut laptop = w.device(w.anna);
    laptop.pull();
    assert_eq!(laptop.read(id, &client::KIND).get(client::NAME).unwrap(), "Ромашка");
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.sqlite");
    drop(SqliteStorage::open(&file).unwrap());
    let conn = rusqlite::Connection::open(&file).unwrap();
    conn.pragma_update(None, "user_version", 99).unwrap();
    drop(conn);
    assert!(matches!(SqliteStorage::open(&file), Err(StorageError::Newer { have: 99, .. })));
    let conn = rusqlite::Connection::open(&file).unwrap();
    assert_eq!(conn.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).unwrap(), 99);
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.sqlite");
    std::fs::write(&file, "not a database at all, but long enough to look at ".repeat(50)).unwrap();
    let before = std::fs::read(&file).unwrap();
    assert!(matches!(SqliteStorage::open(&file), Err(StorageError::Database(_))));
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn the_command_line_writes_while_the_server_runs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.sqlite");
    let w = World::on(Arc::new(SqliteStorage::open(&file).unwrap()));
    let mut phone = w.device(w.anna);
    phone.pull();
    let other = SqliteStorage::open(&file).unwrap();
    let before = other.head().unwrap();
    let (_, create) = phone.new_client("Ромашка");
    phone.must_push(&create);
    assert_eq!(other.head().unwrap(), before + 1);
    assert!(other.touched_after(before).unwrap().contains(&w.anna));
    assert!(!other.touched_after(before).unwrap().contains(&w.clara));
    other.revoke_device(phone.id, None, chrono::Utc::now()).unwrap();
    let hello = phone.hello(false, true);
    assert_eq!(phone.exchange(hello, &[]).map(|_| ()).unwrap_err().code, "revoked");
}

#[test]
fn every_table_is_keyed_by_organisation_first_and_holds_integers_and_bytes_only() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.sqlite");
    drop(SqliteStorage::open(&file).unwrap());
    let conn = rusqlite::Connection::open(&file).unwrap();
    let mut columns = conn
        .prepare(
            "SELECT m.name, c.name, c.type, c.cid FROM sqlite_master m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
        )
        .unwrap();
    let columns = columns
        .query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, i64>(3)?))
        })
        .unwrap();
    let mut n_tables = 0;
    for column in columns {
        let (table, name, holds, cid) = column.unwrap();
        assert!(matches!(holds.as_str(), "INTEGER" | "BLOB"), "{table}.{name} {holds}");
        if cid == 0 {
            assert_eq!(name, "org", "{table}");
            n_tables += 1;
        }
    }
    assert!(n_tables > 20);
}

#[test]
fn hints_reach_only_those_who_see_something_of_what_changed() {
    let w = World::new();
    let told: Arc<std::sync::Mutex<Vec<satchel_core::domain::ids::UserId>>> = Arc::default();
    let hears = told.clone();
    let (mut phone, mut boss) = (w.device(w.anna), w.device(w.boss));
    w.office.on_commit(Box::new(move |users| hears.lock().unwrap().extend(users)));
    let (id, create) = phone.new_client("Ромашка");
    phone.must_push(&create);
    let mut expected = vec![w.anna, w.boss, w.admin];
    expected.sort();
    assert_eq!(std::mem::take(&mut *told.lock().unwrap()), expected);
    boss.move_client(id, w.anna, w.clara);
    // Who loses it is told as well, and so are the supervisors on both sides.
    let mut expected = vec![w.anna, w.boss, w.admin, w.clara, w.dora];
    expected.sort();
    assert_eq!(std::mem::take(&mut *told.lock().unwrap()), expected);
    phone.pull();
    assert!(told.lock().unwrap().is_empty());
}

/// [DUR-3] Rights and order are judged before anything is written; what only applying shows is found with half of the
/// group in the log already. Here a record's history has gone bad on the disk.
#[test]
fn dur_3_a_group_refused_halfway_leaves_nothing_of_itself() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.sqlite");
    let w = World::on(Arc::new(SqliteStorage::open(&file).unwrap()));
    let mut phone = w.device(w.anna);
    let (good, create) = phone.new_client("Ромашка");
    phone.must_push(&create);
    let (bad, create) = phone.new_client("Лютик");
    phone.must_push(&create);
    let conn = rusqlite::Connection::open(&file).unwrap();
    conn.execute("UPDATE change SET bytes = x'00' WHERE record = ?", [bad.bytes()]).unwrap();
    let kept = || {
        let count = |table: &str| -> i64 {
            conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
        };
        let seq: i64 = conn.query_row("SELECT seq FROM organisation", [], |row| row.get(0)).unwrap();
        (["record", "change", "writer", "log", "doc_home"].map(count), seq)
    };
    let before = kept();

    let city = phone.edit_city(good, "Київ");
    let (person, made) = phone.new_person(good, "Иванова");
    let other = phone.edit_city(bad, "Львів");
    let parts = [&city, &made, &other];
    let items = parts.map(|part| part.message.items.clone()).concat();
    let together = phone.group(items, parts.map(|part| part.blobs.clone()).concat());
    assert_eq!(phone.push_one(&together), refused("refused_malformed"));
    assert_eq!(kept(), before);
    let mut laptop = w.device(w.anna);
    laptop.pull();
    assert!(laptop.read(good, &client::KIND).get(client::CITY).is_none());
    assert!(!laptop.records.contains_key(&person));
    assert!(w.storage.examine(false).unwrap().iter().all(|found| found.at == bad.to_string()));

    // By itself what was refused with it is good, and comes as new.
    assert_eq!(phone.push(&[city, made]), [Outcome::Accepted, Outcome::Accepted]);
    laptop.pull();
    assert_eq!(laptop.read(good, &client::KIND).get(client::CITY).unwrap(), "Київ");
    assert!(laptop.records.contains_key(&person));
}
