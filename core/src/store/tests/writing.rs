//! The write path.

use super::fixture::*;
use crate::domain::authority::{Home, Role};
use crate::domain::ids::*;
use crate::domain::kind::Registry;
use crate::domain::kinds::{business_region, client, interaction};
use crate::domain::patch::Patch;
use crate::domain::value::Value;
use crate::store::StoreError;
use crate::store::outbox::ItemState;
use crate::store::write::{GroupDraft, Write};
use crate::sync::wire::{Item, Outcome};

#[test]
fn dur_1_what_was_saved_survives_a_power_cut_with_its_place_in_the_outbox() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    device.edit(id, Patch::new().set(client::CITY, "Львів".to_owned())).unwrap();
    let (_folder, store) = device.after_power_cut(Registry::built_in());
    let stored = store.record(id).unwrap();
    assert_eq!(stored.row.title, "Ромашка");
    assert_eq!(stored.record.get(client::CITY).unwrap(), "Львів");
    assert!(stored.row.unsent);
    assert!(stored.unsent_fields.contains("city") && stored.unsent_fields.contains("name"));
    assert_eq!(store.outbox().unwrap(), device.store.outbox().unwrap());
    assert_eq!(store.outbox().unwrap().len(), 2);
}

#[test]
fn dur_3_a_group_is_there_whole_or_not_at_all() {
    let device = Bag::new();
    let client_id = RecordId(device.ids.fresh());
    let make = Write::Create {
        kind: "client".to_owned(),
        id: client_id,
        client: None,
        patch: Patch::new().set(client::NAME, "Ромашка".to_owned()),
    };
    let bad = Write::Create {
        kind: "person".to_owned(),
        id: RecordId(device.ids.fresh()),
        client: Some(client_id),
        patch: Patch::new().set_key("no_such_field", Value::Bool(true)),
    };
    assert!(
        matches!(device.write(vec![make.clone(), bad]), Err(StoreError::BadValue(field)) if field == "no_such_field")
    );
    assert!(device.store.row(client_id).unwrap().is_none());
    assert!(device.store.outbox().unwrap().is_empty());
    assert!(device.store.grants(Home::Client(client_id)).unwrap().is_empty());

    let good = Write::Create {
        kind: "person".to_owned(),
        id: RecordId(device.ids.fresh()),
        client: Some(client_id),
        patch: Patch::new(),
    };
    device.write(vec![make, good]).unwrap();
    let sent = device.sent();
    assert_eq!(sent.len(), 1);
    let shape: Vec<bool> = sent[0].0.items.iter().map(|item| matches!(item, Item::Create { .. })).collect();
    assert_eq!(shape, [true, false, true, false]);
}

#[test]
fn a_field_that_changed_meanwhile_comes_back() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    device.edit(id, Patch::new().set(client::CITY, "Львів".to_owned())).unwrap();
    let mut stale = Patch::new().set(client::CITY, "Одеса".to_owned()).set(client::SOURCE, "выставка".to_owned());
    stale.seen.insert("city".to_owned(), Value::Empty);
    match device.edit(id, stale.clone()) {
        Err(StoreError::ChangedMeanwhile { record, fields }) => {
            assert_eq!(record, id);
            assert_eq!(fields["city"], Value::Text("Львів".to_owned()));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(device.store.record(id).unwrap().record.get(client::SOURCE), None);
    stale.seen.insert("city".to_owned(), Value::Text("Львів".to_owned()));
    device.edit(id, stale).unwrap();
    assert_eq!(device.store.record(id).unwrap().record.get(client::CITY).unwrap(), "Одеса");
}

#[test]
fn an_acknowledged_edit_is_no_longer_marked() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    assert!(device.store.row(id).unwrap().unwrap().unsent);
    assert_eq!(device.store.sync_facts().unwrap().n_waiting, 1);
    device.accept_all();
    assert!(!device.store.row(id).unwrap().unwrap().unsent);
    assert!(device.store.outbox().unwrap().is_empty());
    assert_eq!(device.store.sync_facts().unwrap().n_waiting, 0);
}

#[test]
fn a_form_saved_twice_makes_no_second_group() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    let patch = Patch::new().set(client::CITY, "Львів".to_owned());
    device.edit(id, patch.clone()).unwrap();
    let draft = GroupDraft { at: device.now, writes: vec![Write::Edit { id, patch }] };
    assert_eq!(device.store.write_group(&draft, &device.ids).unwrap().group, None);
}

#[test]
fn catalogues_are_written_by_supervisors_only() {
    let patch = Patch::new().set(business_region::NAME, "Север".to_owned());
    for (role, allowed) in [(Role::Rep, false), (Role::Supervisor, true), (Role::Admin, true)] {
        let device = Bag::of(role, Registry::built_in());
        let id = RecordId(device.ids.fresh());
        let write = Write::Create { kind: "business_region".to_owned(), id, client: None, patch: patch.clone() };
        assert_eq!(device.write(vec![write]).is_ok(), allowed, "{role:?}");
    }
}

#[test]
fn somebody_elses_client_is_not_there() {
    let device = Bag::new();
    let foreign = RecordId(device.ids.fresh());
    let write = Write::Create {
        kind: "interaction".to_owned(),
        id: RecordId(device.ids.fresh()),
        client: Some(foreign),
        patch: Patch::new(),
    };
    assert!(matches!(device.write(vec![write]), Err(StoreError::NotFound)));
    assert!(matches!(device.edit(foreign, Patch::new()), Err(StoreError::NotFound)));
}

#[test]
fn contacts_of_a_client_follow_its_interactions() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    let held = device.interaction(id, "held", -3);
    device.interaction(id, "held", -9);
    let planned = device.interaction(id, "planned", 4);
    let contacts = || {
        let row = device.store.row(id).unwrap().unwrap();
        let days = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| (at - device.now).num_days());
        (days(row.get(client::LAST_CONTACT)), days(row.get(client::NEXT_CONTACT)))
    };
    assert_eq!(contacts(), (Some(-3), Some(4)));
    device.edit(planned, Patch::new().set(interaction::STATE, "cancelled".to_owned())).unwrap();
    device.edit(held, Patch::new().set_key("trashed", Value::Bool(true))).unwrap();
    assert_eq!(contacts(), (Some(-9), None));
}

#[test]
fn without_a_server_nothing_waits_to_be_sent() {
    let folder = tempfile::tempdir().unwrap();
    let identity = identity(Role::Admin, None);
    let path = folder.path().join("local.satchel");
    let store = crate::store::Store::create(&path, &KEY, Registry::built_in(), &identity).unwrap();
    let ids = Counting::default();
    let id = RecordId(ids.fresh());
    let patch = Patch::new().set(client::NAME, "Ромашка".to_owned());
    let writes = vec![Write::Create { kind: "client".to_owned(), id, client: None, patch }];
    let written = store.write_group(&GroupDraft { at: chrono::Utc::now(), writes }, &ids).unwrap();
    assert_eq!(written.group, None);
    assert!(!store.row(id).unwrap().unwrap().unsent);
    assert!(store.outbox().unwrap().is_empty());
    assert!(store.record(id).unwrap().may_edit);
}

#[test]
fn a_withdrawn_edit_leaves_the_record_as_it_was() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    device.accept_all();
    let group = device.edit(id, Patch::new().set(client::CITY, "Львів".to_owned())).unwrap();
    device.edit(id, Patch::new().set(client::SOURCE, "выставка".to_owned())).unwrap();
    device.store.withdraw(group, device.now, &device.ids).unwrap();
    let stored = device.store.record(id).unwrap();
    assert_eq!(stored.record.get(client::CITY), None);
    assert_eq!(stored.record.get(client::SOURCE).unwrap(), "выставка");
    assert_eq!(device.store.outbox().unwrap().len(), 1);
}

#[test]
fn a_refused_item_is_tried_again_with_its_values() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    device.accept_all();
    let group = device.edit(id, Patch::new().set(client::CITY, "Львів".to_owned())).unwrap();
    device.judge(vec![(group, Outcome::Refused("read_only".to_owned()))]);
    assert_eq!(device.store.record(id).unwrap().record.get(client::CITY), None);
    let entry = device.store.outbox_entry(group).unwrap();
    assert_eq!((entry.state, entry.code.as_str()), (ItemState::Refused, "read_only"));
    assert_eq!(entry.writes[0].values["city"], Value::Text("Львів".to_owned()));
    assert_eq!(device.store.notices().unwrap()[0].what, "edit_refused");
    device.store.retry(group, device.now, &device.ids).unwrap();
    assert_eq!(device.store.record(id).unwrap().record.get(client::CITY).unwrap(), "Львів");
    assert_eq!(device.store.outbox().unwrap().len(), 1);
    assert!(device.store.notices().unwrap().is_empty());
}
