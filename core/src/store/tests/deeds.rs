//! Edits given with an order: all of it or nothing, each follow-up for itself, and back together.

use super::fixture::*;
use crate::domain::authority::Role;
use crate::domain::ids::*;
use crate::domain::kind::Registry;
use crate::domain::kinds::client;
use crate::domain::order::{Move, Order};
use crate::domain::patch::Patch;
use crate::store::deeds::Deed;
use crate::store::undo::Action;
use crate::store::write::{GroupDraft, Write};
use crate::store::{Store, StoreError};

fn city(id: RecordId, name: &str) -> Write {
    Write::Edit { id, patch: Patch::new().set(client::CITY, name.to_owned()) }
}

fn cities(store: &Store, ids: &[RecordId]) -> Vec<Option<String>> {
    ids.iter().map(|id| store.row(*id).unwrap().unwrap().get(client::CITY)).collect()
}

fn moved(id: RecordId) -> Order {
    let moves = vec![Move { client: id, from: user_id(1) }];
    Order::MoveClients { moves, to: user_id(2), reason: "holiday".to_owned() }
}

#[test]
fn dur_3_an_order_that_cannot_be_given_leaves_no_edit_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (ids, alone) = (Counting::default(), identity(Role::Rep, None));
    let store = Store::create(&folder.path().join("a.satchel"), &KEY, Registry::built_in(), &alone).unwrap();
    let (id, at) = (RecordId(ids.fresh()), chrono::DateTime::from_timestamp(1_790_000_000, 0).unwrap());
    let patch = Patch::new().set(client::NAME, "Ромашка".to_owned());
    let make = Write::Create { kind: "client".to_owned(), id, client: None, patch };
    store.act(&GroupDraft { at, writes: vec![make] }, &ids).unwrap();
    let deed = Deed { at, edits: vec![city(id, "Київ")], order: moved(id), confirmed: None, then: Vec::new() };
    assert!(matches!(store.do_deed(&deed, &ids), Err(StoreError::WrongState)), "nobody to give it to");
    assert_eq!(cities(&store, &[id]), [None]);
    assert_eq!(store.undo(at, &ids).unwrap().what, Action::Create, "nothing is remembered of it");
}

#[test]
fn rule_3_what_goes_with_an_order_is_taken_back_with_it_and_with_nothing_else() {
    let device = Bag::new();
    let [first, second, third] = ["Ромашка", "Василёк", "Астра"].map(|name| device.client(name));
    let nobody = RecordId(device.ids.fresh());
    let then = vec![city(second, "Львів"), city(nobody, "Полтава"), city(third, "Одеса")];
    let deed =
        Deed { at: device.now, edits: vec![city(first, "Київ")], order: moved(first), confirmed: None, then };
    let before = device.sent().len();
    let (command, _) = device.store.do_deed(&deed, &device.ids).unwrap();
    let named = |names: [&str; 3]| names.map(|name| Some(name.to_owned()));
    assert_eq!(cities(&device.store, &[first, second, third]), named(["Київ", "Львів", "Одеса"]));
    assert_eq!(device.sent().len(), before + 4, "an edit, the order and two that follow, each for itself");
    assert_eq!(device.store.undo(device.now, &device.ids).unwrap().what, Action::Order(command));
    let undone = device.store.undo_along(command, device.now, &device.ids).unwrap();
    assert_eq!((undone.n_records, undone.kept.len()), (3, 0));
    assert_eq!(cities(&device.store, &[first, second, third]), [None, None, None]);
    assert_eq!(device.sent().len(), before + 7);
}
