//! A snapshot is put together with what is held; what has no verdict stays by itself (rule 11).

use super::fixture::*;
use crate::docs::snapshot::{Made, is_snapshot};
use crate::docs::stamps::{Arrival, pack};
use crate::docs::{Doc, Hash};
use crate::domain::authority::Home;
use crate::domain::ids::*;
use crate::domain::kinds::client;
use crate::domain::patch::Patch;
use crate::store::StoreError;
use crate::store::documents;
use crate::sync::wire::{Outcome, Page, PageRecord};

struct Shown {
    bag: Bag,
    id: RecordId,
    /// What the server has taken in, in order.
    acknowledged: Vec<Vec<u8>>,
}

impl Shown {
    /// A client with some acknowledged edits.
    fn with_edits(n: usize) -> Self {
        let bag = Bag::new();
        let id = bag.client("Ромашка");
        for at in 0..n {
            bag.edit(id, Patch::new().set(client::ADDRESS, format!("Садова, {at}"))).unwrap();
        }
        let acknowledged = bag.sent().into_iter().flat_map(|(_, blobs)| blobs).collect();
        bag.accept_all();
        Self { bag, id, acknowledged }
    }

    fn chunks(&self) -> Vec<u8> {
        self.bag.store.read(|conn| Ok(documents::find(conn, self.id)?.unwrap().chunks)).unwrap()
    }

    fn hashes(&self) -> Vec<Hash> {
        let mut doc = Doc::load(&self.chunks()).unwrap();
        let mut hashes: Vec<Hash> = doc.made().into_iter().map(|made| made.hash).collect();
        hashes.sort_unstable();
        hashes
    }

    fn n_unsent(&self) -> i64 {
        self.bag.store.read(|conn| Ok(conn.query_row("SELECT count(*) FROM unsent", [], |row| row.get(0))?)).unwrap()
    }

    /// The record in full: a snapshot of the first `n` changes and the others by themselves.
    fn page(&self, changes: &[Vec<u8>], n: usize) -> (PageRecord, Vec<Vec<u8>>) {
        let mut doc = Doc::load(&changes[..n].concat()).unwrap();
        let arrival = |made: &Made| {
            Some(Arrival { received_at: made.at + chrono::Duration::seconds(7), away_since: None, skew: -3 })
        };
        let mut blobs = vec![doc.snapshot().unwrap(), pack(&doc.made(), arrival)];
        blobs.extend_from_slice(&changes[n..]);
        let page = full(self.id, "client", vec![Home::Client(self.id)], &blobs);
        (PageRecord { folded: u32::try_from(n).unwrap(), ..page }, blobs)
    }

    fn take(&self, page: PageRecord, blobs: Vec<Vec<u8>>) {
        self.bag.take_page(Page { records: vec![page], ..Page::default() }, blobs);
    }
}

#[test]
fn off_1_what_a_snapshot_does_not_hold_stays() {
    let shown = Shown::with_edits(8);
    shown.bag.edit(shown.id, Patch::new().set(client::CITY, "Львів".to_owned())).unwrap();
    let (before, unsent, sent) = (shown.hashes(), shown.n_unsent(), shown.bag.sent());
    // The server's snapshot is older than what is held, one change comes by itself, two more are not sent at all.
    let (mut page, mut blobs) = shown.page(&shown.acknowledged[..7], 6);
    shown.take(page.clone(), blobs.clone());
    assert!(is_snapshot(&shown.chunks()));
    assert_eq!((shown.hashes(), shown.n_unsent()), (before.clone(), unsent));
    assert_eq!(shown.bag.sent(), sent, "it goes up as it was written");
    let row = shown.bag.store.record(shown.id).unwrap().row;
    assert_eq!(
        (row.get(client::CITY).as_deref(), row.get(client::ADDRESS).as_deref()),
        (Some("Львів"), Some("Садова, 7"))
    );
    // Once more, and one change of it by itself: nothing is held twice.
    let size = shown.chunks().len();
    shown.take(page.clone(), blobs.clone());
    (page.folded, page.full, page.n) = (0, false, 1);
    blobs = vec![shown.acknowledged[2].clone()];
    shown.take(page, blobs);
    assert_eq!((shown.hashes(), shown.chunks().len()), (before, size));
}

#[test]
fn a_refused_edit_is_taken_out_again_above_a_snapshot() {
    let shown = Shown::with_edits(8);
    let group = shown.bag.edit(shown.id, Patch::new().set(client::CITY, "Львів".to_owned())).unwrap();
    shown.bag.edit(shown.id, Patch::new().set(client::SOURCE, "сайт".to_owned())).unwrap();
    let (page, blobs) = shown.page(&shown.acknowledged, 9);
    shown.take(page, blobs);
    shown.bag.judge(vec![(group, Outcome::Refused("read_only".to_owned()))]);
    let row = shown.bag.store.record(shown.id).unwrap().row;
    assert_eq!((row.get(client::CITY), row.get(client::SOURCE).as_deref()), (None, Some("сайт")));
    assert_eq!((row.get(client::ADDRESS).as_deref(), shown.n_unsent()), (Some("Садова, 7"), 1));
}

#[test]
fn own_changes_in_a_snapshot_are_acknowledged_and_not_written_again() {
    let shown = Shown::with_edits(2);
    let group = shown.bag.edit(shown.id, Patch::new().set(client::CITY, "Львів".to_owned())).unwrap();
    let last = shown.bag.edit(shown.id, Patch::new().set(client::SOURCE, "сайт".to_owned())).unwrap();
    let all: Vec<Vec<u8>> =
        shown.acknowledged.iter().cloned().chain(shown.bag.sent().into_iter().flat_map(|(_, blobs)| blobs)).collect();
    // The answer to the first of the two was lost, and the server has folded it since.
    let (page, blobs) = shown.page(&all[..4], 4);
    shown.take(page, blobs);
    assert_eq!(shown.n_unsent(), 1);
    shown.bag.judge(vec![(group, Outcome::Duplicate), (last, Outcome::Refused("read_only".to_owned()))]);
    let row = shown.bag.store.record(shown.id).unwrap().row;
    assert_eq!((row.get(client::CITY).as_deref(), row.get(client::SOURCE)), (Some("Львів"), None));
    assert_eq!(shown.hashes().len(), 4);
}

#[test]
fn a_device_folds_by_itself_and_still_knows_when_each_change_came() {
    let shown = Shown::with_edits(5);
    shown.bag.store.fold_from(3).unwrap();
    let (page, blobs) = shown.page(&shown.acknowledged, 2);
    shown.take(page, blobs);
    let bag = &shown.bag;
    bag.edit(shown.id, Patch::new().set(client::CITY, "Львів".to_owned())).unwrap();
    let parts = || documents::split(&shown.chunks()).unwrap().len();
    assert_eq!(parts(), 2, "a snapshot of what is acknowledged, and the edit that is not");
    for n in 0..4 {
        bag.edit(shown.id, Patch::new().set(client::SOURCE, format!("сайт {n}"))).unwrap();
    }
    assert_eq!(parts(), 6, "what has no verdict is not folded, however much it is");
    let hashes: Vec<Hash> = shown.acknowledged.iter().map(|change| documents::hash(change)).collect();
    let stamp = |n: usize| bag.store.stamp(shown.id, &hashes[n]).unwrap();
    assert_eq!((stamp(0).received_at, stamp(1).skew), (Some(bag.now + chrono::Duration::seconds(7)), -3));
    assert!(!stamp(4).unsent);
    // Another snapshot, of the server's, takes its place; what it does not hold is known as before.
    let (page, blobs) = shown.page(&shown.acknowledged[..1], 1);
    shown.take(page, blobs);
    assert_eq!((stamp(0).skew, stamp(1).skew), (-3, -3));
    assert_eq!(shown.hashes().len(), 11);
}

#[test]
fn dur_5_a_snapshot_that_is_not_what_it_is_said_to_be_sets_the_record_aside() {
    for broken in 0..3 {
        let shown = Shown::with_edits(5);
        shown.bag.store.set_aside(&[shown.id].into()).unwrap();
        let (mut page, mut blobs) = shown.page(&shown.acknowledged, 4);
        match broken {
            0 => page.folded = 5,
            1 => blobs[0][30] ^= 1,
            _ => blobs[0] = shown.acknowledged.concat(),
        }
        shown.take(page, blobs);
        assert!(matches!(shown.bag.store.record(shown.id), Err(StoreError::RecordDamaged(_))), "case {broken}");
        let (page, blobs) = shown.page(&shown.acknowledged, 4);
        shown.take(page, blobs);
        assert_eq!(shown.bag.store.record(shown.id).unwrap().row.get(client::NAME).as_deref(), Some("Ромашка"));
    }
}
