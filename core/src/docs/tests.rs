//! What merging must and must not do.

use chrono::{DateTime, Utc};

use super::change::{ChangeError, inspect, is_birth, parse};
use super::check::ShapeError;
use super::*;
use crate::domain::ids::{DeviceId, EntryId};
use crate::domain::kind::Kind;
use crate::domain::kinds::client;
use crate::domain::limits::OPERATIONS_PER_CHANGE;
use crate::domain::patch::Patch;
use crate::domain::value::{Entry, Value};

fn shape(kind: Option<&Kind>, bytes: &[u8]) -> Result<(), ShapeError> {
    super::check::shape(kind, &parse(bytes).unwrap().1)
}

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn actor(n: u8) -> [u8; 20] {
    crate::domain::authority::actor_bytes(DeviceId(uuid::Uuid::from_bytes([n; 16])), 1)
}

fn romashka() -> (Doc, Vec<Vec<u8>>) {
    let patch = Patch::new()
        .set(client::NAME, "Ромашка".to_owned())
        .set(client::CITY, "Київ".to_owned())
        .set(client::NOTE, "Звонить утром".to_owned());
    Doc::create(&client::KIND, &patch, &actor(1), at()).unwrap()
}

fn copy(doc: &mut Doc) -> Doc {
    Doc::load(&doc.changes().concat()).unwrap()
}

fn merge(a: &mut Doc, b: &mut Doc) {
    let (from_a, from_b) = (a.changes(), b.changes());
    a.apply(&from_b).unwrap();
    b.apply(&from_a).unwrap();
}

#[test]
fn edits_of_different_fields_merge_silently() {
    let (mut a, _) = romashka();
    let mut b = copy(&mut a);
    a.edit(&client::KIND, &Patch::new().set(client::CITY, "Львів".to_owned()), &actor(1), at()).unwrap();
    b.edit(&client::KIND, &Patch::new().set(client::SOURCE, "выставка".to_owned()), &actor(2), at()).unwrap();
    merge(&mut a, &mut b);
    let record = a.read(&client::KIND).unwrap();
    assert_eq!(record, b.read(&client::KIND).unwrap());
    assert_eq!(record.get(client::CITY).unwrap(), "Львів");
    assert_eq!(record.get(client::SOURCE).unwrap(), "выставка");
    assert!(record.competing.is_empty());
}

#[test]
fn edits_of_one_field_keep_both_values_until_somebody_picks() {
    let (mut a, _) = romashka();
    let mut b = copy(&mut a);
    a.edit(&client::KIND, &Patch::new().set(client::CITY, "Львів".to_owned()), &actor(1), at()).unwrap();
    b.edit(&client::KIND, &Patch::new().set(client::CITY, "Одеса".to_owned()), &actor(2), at()).unwrap();
    merge(&mut a, &mut b);
    let record = a.read(&client::KIND).unwrap();
    assert_eq!(record, b.read(&client::KIND).unwrap());
    let competing = &record.competing["city"];
    assert_eq!(competing.len(), 2);
    assert_eq!(Some(&competing[0].value), record.values.get("city"));
    assert!(competing.iter().any(|one| one.actor == actor(1)) && competing.iter().any(|one| one.actor == actor(2)));

    let shown = record.get(client::CITY).unwrap();
    let changes = a.edit(&client::KIND, &Patch::new().set(client::CITY, shown), &actor(1), at()).unwrap();
    assert_eq!(changes.len(), 1, "picking the shown value settles it too");
    b.apply(&changes).unwrap();
    assert!(b.read(&client::KIND).unwrap().competing.is_empty());
}

#[test]
fn picking_a_value_deletes_nothing_whichever_it_is() {
    for picked in ["Львів", "Одеса"] {
        let (mut a, _) = romashka();
        let mut b = copy(&mut a);
        a.edit(&client::KIND, &Patch::new().set(client::CITY, "Львів".to_owned()), &actor(1), at()).unwrap();
        b.edit(&client::KIND, &Patch::new().set(client::CITY, "Одеса".to_owned()), &actor(2), at()).unwrap();
        merge(&mut a, &mut b);
        let changes =
            a.edit(&client::KIND, &Patch::new().set(client::CITY, picked.to_owned()), &actor(1), at()).unwrap();
        assert_eq!(changes.len(), 1);
        assert_eq!(shape(Some(&client::KIND), &changes[0]), Ok(()), "the server takes it");
        b.apply(&changes).unwrap();
        let record = b.read(&client::KIND).unwrap();
        assert_eq!((record.get(client::CITY).unwrap().as_str(), record.competing.len()), (picked, 0));
    }
}

#[test]
fn an_entry_two_people_took_away_stays_away_without_a_delete() {
    let (mut a, _) = romashka();
    let id = EntryId(uuid::Uuid::from_u128(5));
    let phone = |value: &str| Patch::new().entry("phones", id, Value::Text(value.to_owned()), "work");
    let mut gone = Patch::new();
    gone.push_entry("phones", Entry { id, value: Box::new(Value::Empty), label: String::new(), removed: true });
    a.edit(&client::KIND, &phone("112"), &actor(1), at()).unwrap();
    let mut b = copy(&mut a);
    let mut c = copy(&mut a);
    a.edit(&client::KIND, &gone, &actor(1), at()).unwrap();
    b.edit(&client::KIND, &gone, &actor(2), at()).unwrap();
    c.edit(&client::KIND, &phone("113"), &actor(3), at()).unwrap();
    merge(&mut a, &mut b);
    merge(&mut a, &mut c);
    for change in a.edit(&client::KIND, &gone, &actor(1), at()).unwrap() {
        assert_eq!(shape(Some(&client::KIND), &change), Ok(()));
    }
    let record = a.read(&client::KIND).unwrap();
    assert!(record.competing.is_empty() && !record.values.contains_key("phones"));
}

#[test]
fn two_equal_values_are_no_conflict() {
    let (mut a, _) = romashka();
    let mut b = copy(&mut a);
    for (doc, n) in [(&mut a, 1), (&mut b, 2)] {
        doc.edit(&client::KIND, &Patch::new().set(client::CITY, "Львів".to_owned()), &actor(n), at()).unwrap();
    }
    merge(&mut a, &mut b);
    assert!(a.read(&client::KIND).unwrap().competing.is_empty());
}

#[test]
fn phones_added_on_two_devices_are_both_there() {
    let (mut a, _) = romashka();
    let mut b = copy(&mut a);
    for (doc, n) in [(&mut a, 1u8), (&mut b, 2)] {
        let id = EntryId(uuid::Uuid::from_bytes([n; 16]));
        let patch = Patch::new().entry("phones", id, Value::Text(format!("+38044000000{n}")), "work");
        doc.edit(&client::KIND, &patch, &actor(n), at()).unwrap();
    }
    merge(&mut a, &mut b);
    let phones = a.read(&client::KIND).unwrap().get(client::PHONES).unwrap();
    assert_eq!(phones.iter().map(|phone| phone.value.as_str()).collect::<Vec<_>>(), ["+380440000001", "+380440000002"]);
}

#[test]
fn an_edit_concurrent_with_a_removal_goes_to_review() {
    let (mut a, _) = romashka();
    let id = EntryId(uuid::Uuid::from_bytes([7; 16]));
    a.edit(&client::KIND, &Patch::new().entry("phones", id, Value::Text("111".into()), ""), &actor(1), at()).unwrap();
    let mut b = copy(&mut a);
    let mut removal = Patch::new();
    removal.push_entry("phones", Entry { id, value: Box::new(Value::Empty), label: String::new(), removed: true });
    a.edit(&client::KIND, &removal, &actor(1), at()).unwrap();
    assert!(a.read(&client::KIND).unwrap().get(client::PHONES).is_none());
    b.edit(&client::KIND, &Patch::new().entry("phones", id, Value::Text("222".into()), ""), &actor(2), at()).unwrap();
    merge(&mut a, &mut b);
    assert_eq!(a.read(&client::KIND).unwrap().competing[&format!("phones/{id}")].len(), 2);
}

#[test]
fn notes_of_two_people_merge_letter_by_letter() {
    let (mut a, _) = romashka();
    let mut b = copy(&mut a);
    let note = |text: &str| Patch::new().set(client::NOTE, text.to_owned());
    a.edit(&client::KIND, &note("Звонить утром до девяти"), &actor(1), at()).unwrap();
    b.edit(&client::KIND, &note("Важно: Звонить утром"), &actor(2), at()).unwrap();
    merge(&mut a, &mut b);
    assert_eq!(a.read(&client::KIND).unwrap().get(client::NOTE).unwrap(), "Важно: Звонить утром до девяти");
}

#[test]
fn a_stale_form_is_told_what_changed_meanwhile() {
    let (mut doc, _) = romashka();
    let mut patch = Patch::new().set(client::CITY, "Львів".to_owned());
    patch.seen.insert("city".into(), Value::Text("Київ".into()));
    assert!(doc.changed_meanwhile(&client::KIND, &patch).unwrap().is_empty());
    doc.edit(&client::KIND, &Patch::new().set(client::CITY, "Одеса".to_owned()), &actor(2), at()).unwrap();
    let changed = doc.changed_meanwhile(&client::KIND, &patch).unwrap();
    assert_eq!(changed["city"], Value::Text("Одеса".into()));
}

#[test]
fn conv_2_replaying_the_changes_gives_the_same_record() {
    let (mut doc, first) = romashka();
    let more = doc.edit(&client::KIND, &Patch::new().clear(client::CITY), &actor(1), at()).unwrap();
    let mut replayed = Doc::load(&[first, more].concat().concat()).unwrap();
    assert_eq!(replayed.read(&client::KIND).unwrap(), doc.read(&client::KIND).unwrap());
    assert_eq!(replayed.heads(), doc.heads());
    assert!(doc.read(&client::KIND).unwrap().get(client::CITY).is_none());
}

#[test]
fn a_text_field_declared_later_is_born_the_same_on_every_device() {
    mod later {
        crate::kind! { client, title: NAME, home: OwnClient, {
            /// Name.
            NAME: String = text("name");
            /// Declared later.
            DIARY: String = note("diary");
        } }
    }
    let (mut a, _) = romashka();
    let mut b = copy(&mut a);
    let from_a = a.edit(&later::KIND, &Patch::new().set(later::DIARY, "один".into()), &actor(1), at()).unwrap();
    let from_b = b.edit(&later::KIND, &Patch::new().set(later::DIARY, "два".into()), &actor(2), at()).unwrap();
    assert_eq!(from_a[0], from_b[0]);
    assert!(is_birth(&later::KIND, &from_a[0]) && !is_birth(&client::KIND, &from_a[0]));
    merge(&mut a, &mut b);
    let text = a.read(&later::KIND).unwrap().get(later::DIARY).unwrap();
    assert!(text.contains("один") && text.contains("два"), "{text}");
}

#[test]
fn long_pasted_text_is_split_below_the_limit() {
    let text = "ы".repeat(25_000);
    let (mut doc, changes) =
        Doc::create(&client::KIND, &Patch::new().set(client::NOTE, text.clone()), &actor(1), at()).unwrap();
    assert_eq!(changes.len(), 4);
    for change in &changes {
        assert!(inspect(change).unwrap().n_ops <= OPERATIONS_PER_CHANGE);
        shape(Some(&client::KIND), change).unwrap();
    }
    assert_eq!(doc.read(&client::KIND).unwrap().get(client::NOTE).unwrap(), text);
}

#[test]
fn inspection_reads_what_automerge_wrote() {
    let (mut doc, first) = romashka();
    let second = doc.edit(&client::KIND, &Patch::new().set(client::CITY, "Львів".to_owned()), &actor(2), at()).unwrap();
    let (a, b) = (inspect(&first[0]).unwrap(), inspect(&second[0]).unwrap());
    assert_eq!((a.actor.as_slice(), a.seq, a.start_op), (actor(1).as_slice(), 1, 1));
    assert_eq!((b.actor.as_slice(), b.seq, b.start_op), (actor(2).as_slice(), 1, a.max_op() + 1));
    assert_eq!(b.deps, [a.hash]);
    assert_eq!(doc.max_op(), b.max_op());
}

#[test]
fn compressed_and_foreign_chunks_are_malformed() {
    use automerge::{AutoCommit, ROOT, transaction::Transactable};
    let mut am = AutoCommit::new();
    am.put(ROOT, "name", "а".repeat(5_000)).unwrap();
    let mut change = am.get_last_local_change().unwrap();
    assert_eq!(inspect(&change.bytes()), Err(ChangeError::Malformed));
    assert!(inspect(change.raw_bytes()).is_ok());
    assert_eq!(inspect(&am.save()), Err(ChangeError::Malformed));
    assert_eq!(inspect(b"nonsense"), Err(ChangeError::Malformed));
    assert_eq!(inspect(&[]), Err(ChangeError::Malformed));
}

#[test]
fn too_many_operations_are_counted_before_they_are_expanded() {
    use automerge::{AutoCommit, ObjType, ROOT, transaction::Transactable};
    let with_ops = |n: usize| {
        let mut am = AutoCommit::new();
        let text = am.put_object(ROOT, "note", ObjType::Text).unwrap();
        am.splice_text(&text, 0, 0, &"a".repeat(n)).unwrap();
        am.get_last_local_change().unwrap().raw_bytes().to_vec()
    };
    let limit = usize::try_from(OPERATIONS_PER_CHANGE).unwrap();
    assert!(inspect(&with_ops(limit - 1)).is_ok());
    assert_eq!(inspect(&with_ops(limit)), Err(ChangeError::TooManyOperations));
    assert_eq!(inspect(&with_ops(limit * 100)), Err(ChangeError::TooManyOperations));
}

#[test]
fn shapes_that_would_lose_or_leak_are_refused() {
    use automerge::{AutoCommit, ObjType, ROOT, transaction::Transactable};
    let change = |edit: &dyn Fn(&mut AutoCommit)| {
        let mut am = AutoCommit::new();
        edit(&mut am);
        let bytes = am.get_last_local_change().unwrap().raw_bytes().to_vec();
        shape(Some(&client::KIND), &bytes)
    };
    assert_eq!(change(&|am| am.put(ROOT, "name", 5).unwrap()), Err(ShapeError::WrongType));
    assert_eq!(change(&|am| am.put(ROOT, "note", "плоский").unwrap()), Err(ShapeError::WrongType));
    assert_eq!(change(&|am| am.put(ROOT, "phones", "123").unwrap()), Err(ShapeError::WrongType));
    assert_eq!(change(&|am| drop(am.put_object(ROOT, "phones", ObjType::List).unwrap())), Err(ShapeError::WrongType));
    assert_eq!(change(&|am| am.put(ROOT, "name", "x".repeat(64 * 1024 + 1)).unwrap()), Err(ShapeError::ValueTooLong));
    assert_eq!(change(&|am| am.put(ROOT, "k".repeat(257), 1).unwrap()), Err(ShapeError::KeyTooLong));
    assert_eq!(change(&|am| am.put(ROOT, "of_a_newer_version", 5).unwrap()), Ok(()));
    assert_eq!(
        change(&|am| {
            am.put(ROOT, "name", "x").unwrap();
            am.commit();
            am.delete(ROOT, "name").unwrap();
        }),
        Err(ShapeError::Deletes)
    );
    assert_eq!(
        change(&|am| {
            let map = am.put_object(ROOT, "x.1", ObjType::Map).unwrap();
            am.put_object(map, "deeper", ObjType::Map).unwrap();
        }),
        Err(ShapeError::TooDeep)
    );
}
