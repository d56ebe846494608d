//! What is tried on without a document, and what is not.

use chrono::{DateTime, Utc};
use satchel_core::docs::change;
use satchel_core::domain::authority::actor_bytes;
use satchel_core::domain::ids::DeviceId;
use satchel_core::domain::kinds::interaction;
use satchel_core::domain::patch::Patch;
use uuid::Uuid;

use super::*;
use crate::push::Change;

const KIND: &Kind = &interaction::KIND;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + second, 0).unwrap()
}

fn actor(n: u8) -> [u8; 20] {
    actor_bytes(DeviceId(Uuid::from_bytes([n; 16])), 1)
}

fn changes(chunks: Vec<Vec<u8>>) -> Vec<Change> {
    let look = |bytes: Vec<u8>| {
        let (info, parsed) = change::parse(&bytes).unwrap();
        Change { info, bytes, parsed, birth: false, flaw: None }
    };
    chunks.into_iter().map(look).collect()
}

fn place(text: &str) -> Patch {
    Patch::new().set(interaction::SUBJECT, text.to_owned())
}

fn state(text: &str) -> Patch {
    let (field, _) = KIND.open_when.unwrap();
    Patch::new().set_key(field, Value::Text(text.to_owned()))
}

#[test]
fn edits_one_after_another_are_tried_on_without_a_document() {
    let (_, open) = KIND.open_when.unwrap();
    let (mut doc, first) = Doc::create(KIND, &state(open), &actor(1), at(0)).unwrap();
    let mut copy = Copy::new(0, 0, Held::Line(0, Vec::new()));
    assert_eq!(copy.try_on(KIND, &changes(first)).open, Ok(true));
    let moved = changes(doc.edit(KIND, &place("Зустріч"), &actor(2), at(1)).unwrap());
    assert_eq!(copy.try_on(KIND, &moved).open, Ok(true));
    let done = changes(doc.edit(KIND, &state("done"), &actor(1), at(2)).unwrap());
    let preview = copy.try_on(KIND, &done);
    assert_eq!((preview.open, preview.before.len()), (Ok(false), 2));
    assert!(matches!(copy.held, Held::Line(3, _)), "nothing was loaded");
}

#[test]
fn edits_that_did_not_know_of_one_another_are_tried_on_with_a_document() {
    let (_, open) = KIND.open_when.unwrap();
    let (mut doc, first) = Doc::create(KIND, &state(open), &actor(1), at(0)).unwrap();
    let mut other = Doc::load(&first.concat()).unwrap();
    let mut copy = Copy::new(0, 1, Held::Line(1, first.concat()));
    let mine = changes(doc.edit(KIND, &state("done"), &actor(1), at(1)).unwrap());
    let theirs = changes(other.edit(KIND, &place("Зустріч"), &actor(2), at(1)).unwrap());
    assert_eq!(copy.try_on(KIND, &mine).open, Ok(false));
    assert_eq!(copy.try_on(KIND, &theirs).open, Ok(false));
    let Held::Doc(mut held) = copy.held else { panic!("two lines") };
    assert_eq!(held.heads().len(), 2);
}

#[test]
fn a_long_history_is_made_a_document_that_is_kept() {
    let (mut doc, first) = Doc::create(KIND, &place("0"), &actor(1), at(0)).unwrap();
    let mut copy = Copy::new(0, 1, Held::Line(1, first.concat()));
    for n in 1..=IN_LINE {
        let edit = changes(doc.edit(KIND, &place(&n.to_string()), &actor(1), at(n as i64)).unwrap());
        assert_eq!(copy.try_on(KIND, &edit).open, Ok(false));
    }
    assert!(matches!(copy.held, Held::Doc(_)));
    let id = RecordId(Uuid::from_u128(1));
    let taken = HashMap::from([(id, copy.applied.clone())]);
    let workshop = Workshop::new(1);
    workshop.keep(Copies(HashMap::from([(id, copy)])), &taken);
    assert_eq!(workshop.kept().docs[&id].n_changes, 1 + IN_LINE as u64);
}

#[test]
fn what_does_not_fit_is_refused_either_way() {
    let (mut doc, first) = Doc::create(KIND, &place("0"), &actor(1), at(0)).unwrap();
    let lost = doc.edit(KIND, &place("1"), &actor(1), at(1)).unwrap();
    let last = changes(doc.edit(KIND, &place("2"), &actor(1), at(2)).unwrap());
    let mut copy = Copy::new(0, 1, Held::Line(1, first.concat()));
    let alone = copy.try_on(KIND, &last).open;
    let mut loaded = Held::Doc(Box::new(Doc::load(&first.concat()).unwrap()));
    assert_eq!(alone, loaded.try_on(KIND, &last), "{} bytes are missing", lost.concat().len());
}
