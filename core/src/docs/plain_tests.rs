//! Reading without loading says what Automerge says, or nothing.

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::docs::Doc;
use crate::docs::change::birth_change;
use crate::domain::authority::actor_bytes;
use crate::domain::ids::DeviceId;
use crate::domain::kinds::{client, interaction};
use crate::domain::patch::Patch;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + second, 0).unwrap()
}

fn actor(n: usize) -> [u8; 20] {
    actor_bytes(DeviceId(Uuid::from_bytes([n as u8; 16])), 1)
}

fn phone(id: u8, value: &str, removed: bool) -> Value {
    let id = EntryId(Uuid::from_bytes([id; 16]));
    Value::Entries(vec![Entry {
        id,
        value: Box::new(Value::Text(value.to_owned())),
        label: "work".to_owned(),
        removed,
    }])
}

fn loaded(kind: &Kind, chunks: &[u8]) -> Option<(Record, Vec<Hash>)> {
    let mut doc = Doc::load(chunks).ok()?;
    Some((doc.read(kind).ok()?, doc.heads()))
}

fn full_card() -> Patch {
    let mut patch = Patch::new()
        .set(client::NAME, "ТОВ «Ромашка»".to_owned())
        .set(client::CITY, "Київ".to_owned())
        .set(client::ADDRESS, "вул. Садова, 5".to_owned())
        .set(client::NOTE, "Звонить утром 🙂 e\u{301}".to_owned());
    patch.set.insert("phones".to_owned(), phone(7, "+380 44 123", false));
    patch
}

#[test]
fn a_creation_with_later_edits_is_read_without_loading_it() {
    let (mut doc, mut chunks) = Doc::create(&client::KIND, &full_card(), &actor(1), at(0)).unwrap();
    for (n, patch) in [
        Patch::new().set(client::CITY, "Львів".to_owned()),
        Patch::new().set_key("phones", phone(7, "+380 44 999", false)),
        Patch::new().set_key("phones", phone(9, "044 1", false)),
        Patch::new().set_key("phones", phone(7, "", true)),
        Patch::new().set_key(TRASHED, Value::Bool(true)),
        Patch::new().set_key("city", Value::Empty),
        Patch::new().set(client::NOTE, "Звонить утром 🙂 e\u{301}, лучше дважды".to_owned()),
    ]
    .iter()
    .enumerate()
    {
        chunks.extend(doc.edit(&client::KIND, patch, &actor(1 + n % 2), at(n as i64)).unwrap());
        let plain = read_plain(Some(&client::KIND), &chunks.concat()).expect("plain");
        assert_eq!(plain, loaded(&client::KIND, &chunks.concat()).unwrap(), "after edit {n}");
    }
    let visit = Patch::new().set(interaction::SUBJECT, "Звонок".to_owned()).set(interaction::STARTS_AT, at(5));
    let (_, chunks) = Doc::create(&interaction::KIND, &visit, &actor(3), at(0)).unwrap();
    let plain = read_plain(Some(&interaction::KIND), &chunks.concat()).expect("plain");
    assert_eq!(plain, loaded(&interaction::KIND, &chunks.concat()).unwrap());
}

#[test]
fn what_is_not_plain_is_left_to_automerge() {
    let (mut doc, chunks) = Doc::create(&client::KIND, &full_card(), &actor(1), at(0)).unwrap();
    let with = |more: Vec<Vec<u8>>| [chunks.concat(), more.concat()].concat();
    let mut other = Doc::load(&chunks.concat()).unwrap();
    let mine = doc.edit(&client::KIND, &Patch::new().set(client::CITY, "Одеса".to_owned()), &actor(1), at(1)).unwrap();
    let theirs =
        other.edit(&client::KIND, &Patch::new().set(client::CITY, "Рівне".to_owned()), &actor(2), at(1)).unwrap();
    assert!(read_plain(Some(&client::KIND), &with([mine.clone(), theirs].concat())).is_none(), "competing values");
    assert!(read_plain(Some(&client::KIND), &mine.concat()).is_none(), "something before it is missing");
    assert!(read_plain(Some(&client::KIND), &with(chunks.clone())).is_none(), "twice the same change");
    let middle = Patch::new().set(client::NOTE, "Звонить вечером 🙂 e\u{301}".to_owned());
    let middle = other.edit(&client::KIND, &middle, &actor(2), at(2)).unwrap();
    assert!(read_plain(Some(&client::KIND), &with(middle)).is_none(), "text edited in the middle");
    assert!(read_plain(Some(&client::KIND), &with(vec![birth_change("x.note")])).is_none(), "two beginnings");
    let mut broken = with(mine);
    let last = broken.len() - 1;
    broken[last] ^= 1;
    assert!(read_plain(Some(&client::KIND), &broken).is_none(), "a checksum that does not fit");
}

#[test]
fn a_record_is_in_line_only_where_everybody_knew_all_before() {
    let kind = &client::KIND;
    let (mut doc, first) = Doc::create(kind, &full_card(), &actor(1), at(0)).unwrap();
    let mut other = Doc::load(&first.concat()).unwrap();
    let mine = doc.edit(kind, &Patch::new().set(client::CITY, "Одеса".to_owned()), &actor(1), at(1)).unwrap();
    let theirs = other.edit(kind, &Patch::new().set(client::ADDRESS, "Рівне".to_owned()), &actor(2), at(1)).unwrap();
    let line = [first.concat(), mine.concat()].concat();
    assert_eq!(read_in_line(kind, &line), loaded(kind, &line).map(|(record, _)| record));
    let fork = [line, theirs.concat()].concat();
    assert!(read_plain(Some(kind), &fork).is_some(), "fields that do not compete are plain");
    assert!(read_in_line(kind, &fork).is_none(), "neither knew of the other");
}

#[test]
fn a_change_that_replaces_what_is_not_there_is_not_in_line() {
    let kind = &client::KIND;
    let (mut doc, first) = Doc::create(kind, &full_card(), &actor(1), at(0)).unwrap();
    let mut chunks = first.concat();
    for city in ["Одеса", "Рівне"] {
        let edit = doc.edit(kind, &Patch::new().set(client::CITY, city.to_owned()), &actor(1), at(1)).unwrap();
        chunks.extend(edit.concat());
    }
    let bytes = doc.changes();
    let forged = forged_on(&bytes, |change| {
        for op in &mut change.operations {
            op.pred =
                [automerge::legacy::OpId::new(999, &automerge::ActorId::from(&actor(1)[..]))].into_iter().collect();
        }
    });
    assert!(read_in_line(kind, &chunks).is_some());
    assert!(read_in_line(kind, &forged).is_none(), "operation 999 is nowhere");
    let again = forged_on(&bytes, |change| change.start_op = std::num::NonZeroU64::MIN);
    assert!(read_in_line(kind, &again).is_none(), "numbers that were used");
}

/// The chunks with the last change made anew as `forge` leaves it.
fn forged_on(changes: &[Vec<u8>], forge: impl FnOnce(&mut automerge::ExpandedChange)) -> Vec<u8> {
    let (last, before) = changes.split_last().unwrap();
    let mut expanded = automerge::Change::try_from(last.as_slice()).unwrap().decode();
    forge(&mut expanded);
    let forged: automerge::Change = expanded.into();
    [before.concat(), forged.raw_bytes().to_vec()].concat()
}

#[derive(Clone, Debug)]
enum Step {
    /// A device edits a field.
    Edit(usize, usize, u8),
    /// One device takes over all another has.
    Merge(usize, usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..3usize, 0..7usize, any::<u8>()).prop_map(|(who, what, value)| Step::Edit(who, what, value % 4)),
        3 => (0..3usize, 0..3usize).prop_map(|(to, from)| Step::Merge(to, from)),
    ];
    prop::collection::vec(step, 0..16)
}

fn patch_of(what: usize, value: u8) -> Patch {
    let text = ["", "а", "Берег", "вулиця"][usize::from(value)].to_owned();
    match what {
        0 => Patch::new().set(client::CITY, text),
        1 => Patch::new().set(client::ADDRESS, text),
        2 => Patch::new().set_key("phones", phone(value % 2, &text, value == 3)),
        3 => Patch::new().set_key(TRASHED, Value::Bool(value < 2)),
        4 => Patch::new().set(client::NOTE, format!("Звонить утром 🙂 e\u{301}{}", "я".repeat(value.into()))),
        5 => Patch::new().set(client::NOTE, text),
        _ => Patch::new().set_key("contact_every", if value == 0 { Value::Empty } else { Value::Int(value.into()) }),
    }
}

fn played(steps: &[Step]) -> Vec<Doc> {
    let (_, first) = Doc::create(&client::KIND, &full_card(), &actor(1), at(0)).unwrap();
    let mut docs: Vec<Doc> = (0..3).map(|_| Doc::load(&first.concat()).unwrap()).collect();
    for (second, step) in (1..).zip(steps) {
        match *step {
            Step::Edit(who, what, value) => {
                docs[who].edit(&client::KIND, &patch_of(what, value), &actor(who + 1), at(second)).unwrap();
            }
            Step::Merge(to, from) if to != from => {
                let changes = docs[from].changes();
                docs[to].apply(&changes).unwrap();
            }
            Step::Merge(..) => {}
        }
    }
    docs
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// [CONV-1] Whichever way a device reads a record, it shows the same.
    #[test]
    fn conv_1_reading_without_loading_equals_loading(steps in steps()) {
        for mut doc in played(&steps) {
            let chunks = doc.changes().concat();
            if let Some(plain) = read_plain(Some(&client::KIND), &chunks) {
                prop_assert_eq!(Some(plain), loaded(&client::KIND, &chunks));
            }
        }
    }

    /// What the server takes without loading it is what devices load, whatever a hostile one made of the last change.
    #[test]
    fn what_is_in_line_loads(steps in steps(), at in any::<prop::sample::Index>(), from in any::<prop::sample::Index>(), how in 0..7u8) {
        let mut docs = played(&steps);
        let changes = docs[0].changes();
        let chunks = forged_on(&changes, |change| {
            let n = change.operations.len();
            let one = at.index(n.max(1));
            let spare = change.operations.get(from.index(n.max(1))).cloned();
            match (how, change.operations.get_mut(one), spare) {
                (0, ..) => change.start_op = std::num::NonZeroU64::new(1 + at.index(40) as u64).unwrap(),
                (1, ..) => change.seq = 1 + from.index(4) as u64,
                (2, ..) => change.deps.clear(),
                (3, Some(op), Some(spare)) => op.pred = spare.pred,
                (4, Some(op), Some(spare)) => op.obj = spare.obj,
                (5, Some(op), Some(spare)) => op.key = spare.key,
                (6, Some(op), Some(spare)) => op.action = spare.action,
                _ => {}
            }
        });
        if let Some(record) = read_in_line(&client::KIND, &chunks) {
            prop_assert_eq!(Some(record), loaded(&client::KIND, &chunks).map(|(record, _)| record));
        }
    }

    /// Bytes changed on the way, and changes left out, are never read as something else.
    #[test]
    fn damage_is_left_to_automerge(steps in steps(), at in any::<prop::sample::Index>(), with in 1..=255u8, drop in 0..4usize) {
        let mut docs = played(&steps);
        let mut changes = docs[0].changes();
        if drop < changes.len() {
            changes.remove(drop);
        } else {
            let one = at.index(changes.len());
            let place = at.index(changes[one].len());
            changes[one][place] ^= with;
        }
        let chunks = changes.concat();
        if let Some(plain) = read_plain(Some(&client::KIND), &chunks) {
            prop_assert_eq!(Some(plain), loaded(&client::KIND, &chunks));
        }
    }
}
