//! Looking a database over, and rescuing what a damaged file still holds (DUR-5).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::fixture::*;
use crate::domain::ids::*;
use crate::domain::kind::Registry;
use crate::domain::kinds::client;
use crate::domain::patch::Patch;
use crate::store::checkup::Checkup;
use crate::store::outbox::ItemState;
use crate::store::{Store, StoreError};
use crate::sync::wire::Item;

const PAGE: usize = 4096;

fn check(bag: &Bag) -> Checkup {
    bag.store.check_up(&|_, _| {}).unwrap()
}

fn tamper(bag: &Bag, sql: &str) {
    bag.store.write(|tx| Ok(tx.execute_batch(sql)?)).unwrap();
}

#[test]
fn a_sound_database_has_nothing_to_find_and_says_how_far_the_look_is() {
    let bag = Bag::new();
    for n in 0..1_200 {
        bag.client(&format!("Ромашка {n}"));
    }
    let told = RefCell::new(Vec::new());
    let found = bag.store.check_up(&|done, of| told.borrow_mut().push((done, of))).unwrap();
    assert_eq!(found, Checkup::default());
    assert_eq!(*told.borrow(), [(500, 1_200), (1_000, 1_200), (1_200, 1_200)]);
}

#[test]
fn dur_5_view_rows_other_than_their_records_are_found_and_made_again() {
    let bag = Bag::new();
    let ids: Vec<RecordId> = (0..8).map(|n| bag.client(&format!("Ромашка {n}"))).collect();
    bag.interaction(ids[3], "planned", 2);
    let before: Vec<_> = ids.iter().map(|id| bag.store.row(*id).unwrap()).collect();
    tamper(
        &bag,
        "UPDATE v_client SET f_name = 'Лютик' WHERE n = 1; DELETE FROM v_client WHERE n = 2;
         UPDATE v_client SET f_next_contact = 5 WHERE n = 4; UPDATE v_client SET n = 9999 WHERE n = 6;",
    );
    // The row that went astray is missed in its place and is one too many in its new one.
    assert_eq!(check(&bag), Checkup { n_views: 5, ..Checkup::default() });
    let after: Vec<_> = ids.iter().map(|id| bag.store.row(*id).unwrap()).collect();
    assert_eq!(after, before);
    assert_eq!(check(&bag), Checkup::default());
}

#[test]
fn dur_5_a_record_that_cannot_be_read_is_set_aside_and_fetched_and_the_others_stay() {
    let bag = Bag::new();
    let (torn, sound) = (bag.client("Ромашка"), bag.client("Лютик"));
    tamper(&bag, "UPDATE documents SET chunks = x'00' WHERE n = 1");
    assert_eq!(check(&bag), Checkup { n_records: 1, ..Checkup::default() });
    assert_eq!(bag.store.to_fetch().unwrap(), [torn].into());
    assert_eq!(bag.store.record(sound).unwrap().row.title, "Лютик");
}

#[test]
fn dur_5_damaged_pages_are_told_of_and_nothing_is_changed_by_looking() {
    let bag = Bag::new();
    for n in 0..50 {
        bag.client(&format!("Ромашка {n}"));
    }
    let (path, last) = closed(bag);
    spoil(&path.1, last);
    let store = Store::open(&path.1, &KEY, Registry::built_in()).unwrap();
    assert!(store.check_up(&|_, _| panic!("nothing else is looked at")).unwrap().n_pages > 0);
}

#[test]
fn dur_5_wherever_one_page_is_damaged_every_unsent_edit_is_rescued() {
    let bag = Bag::new();
    let ids: Vec<RecordId> = (0..48).map(|n| bag.client(&format!("Ромашка {n}"))).collect();
    bag.accept_all();
    let note = "Склад за углом, звонить за час. ".repeat(8);
    for (n, id) in ids.iter().enumerate().filter(|(n, _)| n % 3 == 0) {
        bag.edit(*id, Patch::new().set(client::CITY, format!("Львів {n}")).set(client::NOTE, note.clone())).unwrap();
    }
    for n in 0..12 {
        bag.client(&format!("Новый {n}"));
    }
    let unsent = chunks(&bag);
    assert_eq!(unsent.len(), 16 + 12);
    let owners: BTreeMap<usize, String> = bag
        .store
        .read(|conn| {
            let mut statement = conn.prepare("SELECT pageno, name FROM dbstat")?;
            let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)? as usize, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .unwrap();
    let ((folder, path), last) = closed(bag);
    let sound = std::fs::read(&path).unwrap();
    let mut rescued = BTreeMap::new();
    // Of every table the first page and the last; and those nobody owns.
    let mut pages: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    (1..=last).for_each(|page| pages.entry(owners.get(&page).map_or("", String::as_str)).or_default().push(page));
    let some = |own: &Vec<usize>| BTreeSet::from([own[0], own[own.len() - 1]]);
    for page in pages.values().flat_map(some) {
        std::fs::write(&path, &sound).unwrap();
        spoil(&path, page);
        let owner = owners.get(&page).map_or("", String::as_str);
        // Without these there is nobody the edits could be sent for.
        let lost = ["sqlite_schema", "state", "users"].contains(&owner);
        match Store::rescue(&path, &KEY, &format!("{page}"), &Counting::default()) {
            Err(StoreError::Damaged(_)) if lost => {
                let mut touched = sound.clone();
                spoil_bytes(&mut touched, page);
                assert!(std::fs::read(&path).unwrap() == touched, "page {page} of {owner}: the file is left alone");
                continue;
            }
            outcome => {
                let count = outcome.unwrap_or_else(|error| panic!("page {page} of {owner}: {error:?}"));
                rescued.entry(owner.to_owned()).or_insert(count);
            }
        }
        let store = Store::open(&path, &KEY, Registry::built_in()).unwrap();
        assert!(store.check_pages().unwrap().is_empty());
        let bag = Bag { folder: tempfile::tempdir().unwrap(), store, ids: Counting::default(), now: at() };
        assert_eq!(chunks(&bag), unsent, "page {page} of {owner}");
        assert!(bag.store.outbox().unwrap().iter().all(|item| item.state == ItemState::Waiting));
        assert!(folder.path().join(format!("a.satchel.damaged-{page}")).exists());
        assert!(bag.store.check_due(at()).unwrap().is_some() || bag.store.comparable().unwrap().is_none());
    }
    for owner in ["documents", "outbox", "outbox_writes", "unsent"] {
        assert!(rescued.contains_key(owner), "a page of {owner} was among them: {rescued:?}");
    }
    assert_eq!(rescued["outbox"].n_records, 60, "the records do not suffer with the outbox");
    assert!(rescued["documents"].n_torn == 1 && rescued["outbox"].n_unsent >= 28, "{rescued:?}");
}

#[test]
fn dur_5_a_kill_before_the_rescued_file_is_in_its_place_is_made_up_for_at_the_next_opening() {
    let bag = Bag::new();
    bag.client("Ромашка");
    let ((folder, path), _) = closed(bag);
    let rescued = folder.path().join("a.satchel.rescued");
    std::fs::copy(&path, &rescued).unwrap();
    std::fs::write(&path, b"damaged beyond all reading").unwrap();
    std::fs::write(folder.path().join("a.satchel-wal"), b"the log of the damaged one").unwrap();
    let store = Store::open(&path, &KEY, Registry::built_in()).unwrap();
    assert_eq!(store.outbox().unwrap().len(), 1);
    assert!(!rescued.exists());
}

fn at() -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// Every change that is to go up, by its record.
fn chunks(bag: &Bag) -> BTreeSet<(RecordId, Vec<u8>)> {
    let mut all = BTreeSet::new();
    for (group, blobs) in bag.sent() {
        let mut blobs = blobs.into_iter();
        for item in &group.items {
            if let Item::Changes { record, n } = item {
                all.extend(blobs.by_ref().take(*n as usize).map(|blob| (record.id, blob)));
            }
        }
    }
    all
}

/// The file of a bag that was switched off, all of it in one file, and the number of its last page.
fn closed(bag: Bag) -> ((tempfile::TempDir, std::path::PathBuf), usize) {
    let Bag { folder, store, .. } = bag;
    let path = store.path().to_owned();
    store.maintain(|conn| Ok(conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)).unwrap();
    drop(store);
    let last = std::fs::read(&path).unwrap().len() / PAGE;
    ((folder, path), last)
}

fn spoil(path: &Path, page: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    spoil_bytes(&mut bytes, page);
    std::fs::write(path, bytes).unwrap();
}

fn spoil_bytes(bytes: &mut [u8], page: usize) {
    bytes[(page - 1) * PAGE + 1_000..][..200].fill(0);
}
