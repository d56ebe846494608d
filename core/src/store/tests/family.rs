//! What lives under a client is out of sight while he lies in the trash, and comes back with him.

use chrono::Duration;
use rstest::rstest;

use super::fixture::*;
use crate::docs::{Doc, TRASHED};
use crate::domain::authority::{Home, actor_bytes};
use crate::domain::ids::*;
use crate::domain::interactions::Viewed;
use crate::domain::kinds::{client, interaction, person};
use crate::domain::patch::Patch;
use crate::domain::value::Value;
use crate::store::Store;
use crate::store::interactions::HistoryFilter;
use crate::store::lists::ListQuery;
use crate::store::trash::TrashQuery;
use crate::store::write::{GroupDraft, Touched, Write};
use crate::sync::wire::*;

const KINDS: [&str; 2] = ["person", "interaction"];

/// A client with a person, a plan and a call that happened; another person of his lies in the trash herself.
fn family(device: &Bag) -> RecordId {
    let id = device.client("Ромашка");
    let named = |name: &str| Patch::new().set(person::NAME, name.to_owned());
    device.create("person", Some(id), named("Ґалаґан"));
    let (gone, _) = device.create("person", Some(id), named("Прежняя"));
    device.interaction(id, "planned", 0);
    device.interaction(id, "held", -3);
    trash(device, gone, true);
    while device.store.index_pending(100).unwrap() > 0 {}
    id
}

fn trash(device: &Bag, id: RecordId, trashed: bool) -> Touched {
    let patch = Patch::new().set_key(TRASHED, Value::Bool(trashed));
    let draft = GroupDraft { at: device.now, writes: vec![Write::Edit { id, patch }] };
    device.store.act(&draft, &device.ids).unwrap().touched
}

/// How many rows lists have, what is on today's desk, and what search finds of the person and of the plan.
fn in_sight(device: &Bag, store: &Store) -> (Vec<u64>, u64, u64, usize) {
    while store.index_pending(100).unwrap() > 0 {}
    let total =
        |kind: &str| store.list(&ListQuery { kind: kind.to_owned(), limit: 10, ..ListQuery::default() }).unwrap().total;
    let viewed = Viewed::at(device.now, chrono_tz::UTC);
    let desk = store.workload(user_id(1), &viewed, device.now - Duration::days(30)).unwrap();
    let today = store.planned_for(user_id(1), None, None, 0, 10).unwrap().total;
    let found = ["ґалаґан", "planned"].map(|words| store.search(words, 10).unwrap().len());
    (KINDS.map(total).to_vec(), today, desk.n_open + desk.n_held, found.iter().sum())
}

#[test]
fn they_leave_lists_today_and_search_with_him_and_come_back_with_him() {
    let device = Bag::new();
    let id = family(&device);
    let before = in_sight(&device, &device.store);
    assert_eq!(before, (vec![1, 2], 1, 2, 2));
    let touched = trash(&device, id, true);
    assert!(KINDS.iter().all(|kind| touched.kinds.contains(*kind)), "lists of them are asked for again");
    assert_eq!(in_sight(&device, &device.store), (vec![0, 0], 0, 0, 0));

    // The trash has him with what is his; she who went by herself stands beside him.
    let bin = device.store.trash(&TrashQuery { limit: 10, ..TrashQuery::default() }).unwrap();
    assert_eq!(bin.rows.iter().map(|row| (row.title.as_str(), row.n_under)).collect::<Vec<_>>().len(), 2);
    assert_eq!(bin.rows.iter().find(|row| row.id == id).unwrap().n_under, 3);

    // His own card shows them all the same, and says when somebody was last in touch.
    assert_eq!(device.store.rows_under(id, "person").unwrap().len(), 1);
    assert_eq!(device.store.planned_with(id).unwrap().len(), 1);
    assert_eq!(device.store.history(id, &HistoryFilter::default(), 0, 10).unwrap().total, 1);
    assert!(device.store.row(id).unwrap().unwrap().get(client::LAST_CONTACT).is_some());

    // What is written meanwhile stays with him.
    let plan = device.store.planned_with(id).unwrap()[0].id;
    device.edit(plan, Patch::new().set(interaction::SUBJECT, "planned anew".to_owned())).unwrap();
    device.interaction(id, "planned", 2);
    assert_eq!(in_sight(&device, &device.store), (vec![0, 0], 0, 0, 0));

    let touched = trash(&device, id, false);
    assert!(KINDS.iter().all(|kind| touched.kinds.contains(*kind)));
    assert_eq!(in_sight(&device, &device.store), (vec![1, 3], 2, 3, 3));
}

#[test]
fn undo_brings_them_back_as_it_brings_him_back() {
    let device = Bag::new();
    let id = family(&device);
    let before = in_sight(&device, &device.store);
    trash(&device, id, true);
    device.store.undo(device.now, &device.ids).unwrap();
    assert_eq!(in_sight(&device, &device.store), before);
}

#[test]
fn views_made_anew_know_them() {
    let device = Bag::new();
    let id = family(&device);
    trash(&device, id, true);
    device.store.rebuild_views().unwrap();
    assert_eq!(in_sight(&device, &device.store), (vec![0, 0], 0, 0, 0));
    trash(&device, id, false);
    device.store.rebuild_views().unwrap();
    assert_eq!(in_sight(&device, &device.store), (vec![1, 2], 1, 2, 2));
}

/// Whichever comes first, in one page or in two.
#[rstest]
fn they_follow_a_client_who_was_trashed_elsewhere(#[values(false, true)] child_first: bool, #[values(1, 2)] pages: u8) {
    let device = Bag::new();
    let other = actor_bytes(DeviceId(uuid::Uuid::from_bytes([0xee; 16])), 1);
    let made = |kind, patch: &Patch| Doc::create(kind, patch, &other, device.now).unwrap().1;
    let (id, child) = (RecordId(device.ids.fresh()), RecordId(device.ids.fresh()));
    let home = Home::Client(id);
    let of_client =
        made(&client::KIND, &Patch::new().set(client::NAME, "Чужой".to_owned()).set_key(TRASHED, Value::Bool(true)));
    let of_child = made(&person::KIND, &Patch::new().set(person::NAME, "Ґалаґан".to_owned()));
    let mut records = vec![(full(id, "client", vec![home], &of_client), of_client)];
    let person = (full(child, "person", vec![home], &of_child), of_child);
    if child_first {
        records.insert(0, person)
    } else {
        records.push(person)
    }
    device.take_page(Page { granted: vec![granted(home)], ..Page::default() }, Vec::new());
    match pages {
        1 => {
            let (records, blobs): (Vec<_>, Vec<_>) = records.into_iter().unzip();
            device.take_page(Page { records, ..Page::default() }, blobs.concat());
        }
        _ => {
            for (record, blobs) in records {
                device.take_page(Page { records: vec![record], ..Page::default() }, blobs);
            }
        }
    }
    assert!(device.store.row(id).unwrap().unwrap().trashed);
    let row = device.store.row(child).unwrap().unwrap();
    assert_eq!((row.trashed, row.with_client), (false, true));
    assert_eq!(in_sight(&device, &device.store).0, [0, 0]);
}
