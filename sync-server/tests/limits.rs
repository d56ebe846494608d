//! Limits at the door: at each, just past it and far past it.
#![allow(clippy::unwrap_used)]

mod support;

use std::io::Read as _;

use satchel_core::docs::Doc;
use satchel_core::domain::clock::Clock;
use satchel_core::domain::kinds::client;
use satchel_core::domain::limits::*;
use satchel_core::domain::patch::Patch;
use satchel_core::domain::value::Value;
use satchel_core::sync::wire::*;
use support::*;

fn denied(office: &satchel_server::Office, body: &[u8]) -> String {
    match unpack::<Down>(&office.sync(body)).unwrap().remove(0).message {
        Down::Refused(denied) => denied.code,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_body_past_its_limit_is_refused_packed_or_unpacked() {
    let w = World::new();
    assert_eq!(denied(&w.office, &vec![0; BODY_BYTES]), "malformed");
    assert_eq!(denied(&w.office, &vec![0; BODY_BYTES + 1]), "too_large");
    // A few kilobytes that unpack to far more.
    let bomb = zstd::encode_all(std::io::repeat(0).take(BODY_BYTES as u64 * 8), 3).unwrap();
    assert!(bomb.len() < 8192);
    assert_eq!(denied(&w.office, &bomb), "too_large");
    assert_eq!(denied(&w.office, b""), "malformed");
}

#[test]
fn a_push_of_too_many_changes_is_refused_as_a_whole() {
    let w = World::new();
    let mut phone = w.device(w.anna);
    let (id, create) = phone.new_client("Ромашка");
    phone.must_push(&create);
    let mut doc = phone.doc(id);
    let mut edits = Vec::new();
    for n in 0..CHANGES_PER_PUSH + 1 {
        let patch = Patch::new().set(client::CITY, format!("Город {n}"));
        edits.extend(doc.edit(&client::KIND, &patch, &phone.actor(), w.clock.now()).unwrap());
    }
    let record = RecordKey { id, generation: 0 };
    let group =
        |chunks: &[Vec<u8>]| phone.group(vec![Item::Changes { record, n: chunks.len() as u32 }], chunks.to_vec());
    let (at, past) = (group(&edits[..CHANGES_PER_PUSH]), group(&edits));
    let hello = phone.hello(true, false);
    assert_eq!(phone.exchange(hello, &[past]).map(|_| ()).unwrap_err().code, "too_large");
    assert_eq!(phone.push_one(&at), Outcome::Accepted);
}

/// A client made of one change with so many fields.
fn client_with_fields(phone: &Device, n: u64) -> Vec<Vec<u8>> {
    let patch = Patch::new().set(client::NAME, "Ромашка".into());
    let (mut doc, chunks) = Doc::create(&client::KIND, &patch, &phone.actor(), phone.clock.now()).unwrap();
    let made = satchel_core::docs::change::inspect(&chunks[0]).unwrap().n_ops;
    drop(doc.heads());
    let mut am = automerge::AutoCommit::new();
    am.set_actor(automerge::ActorId::from(phone.actor().as_slice()));
    for n in 0..n.max(made) {
        automerge::transaction::Transactable::put(&mut am, automerge::ROOT, format!("x.{n}"), 1).unwrap();
    }
    am.commit();
    vec![am.get_last_local_change().unwrap().raw_bytes().to_vec()]
}

#[test]
fn operations_of_a_change_are_counted() {
    let w = World::new();
    let mut phone = w.device(w.anna);
    for (n, expected) in [
        (OPERATIONS_PER_CHANGE, Outcome::Accepted),
        (OPERATIONS_PER_CHANGE + 1, refused("too_large")),
        (OPERATIONS_PER_CHANGE * 5, refused("too_large")),
    ] {
        let chunks = client_with_fields(&phone, n);
        let (_, mut group) = phone.new_client("Ромашка");
        group.blobs = chunks;
        assert_eq!(phone.push_one(&group), expected, "{n}");
    }
}

#[test]
fn values_and_keys_are_measured() {
    let w = World::new();
    let mut phone = w.device(w.anna);
    let (id, create) = phone.new_client("Ромашка");
    phone.must_push(&create);
    let mut edited = |key: &str, length: usize| {
        let mut am = automerge::AutoCommit::load(&phone.records[&id].chunks.concat()).unwrap();
        am.set_actor(automerge::ActorId::from(phone.actor().as_slice()));
        automerge::transaction::Transactable::put(&mut am, automerge::ROOT, key, "x".repeat(length)).unwrap();
        am.commit();
        let change = am.get_last_local_change().unwrap().raw_bytes().to_vec();
        let record = RecordKey { id, generation: 0 };
        let group = phone.group(vec![Item::Changes { record, n: 1 }], vec![change.clone()]);
        let outcome = phone.push_one(&group);
        if outcome == Outcome::Accepted {
            phone.records.get_mut(&id).unwrap().chunks.push(change);
        }
        outcome
    };
    assert_eq!(edited("city", 64 * 1024), Outcome::Accepted);
    assert_eq!(edited("city", 64 * 1024 + 1), refused("too_large"));
    assert_eq!(edited("city", 640 * 1024), refused("too_large"));
    assert_eq!(edited(&"k".repeat(KEY_BYTES), 1), Outcome::Accepted, "keys of a newer version pass");
    assert_eq!(edited(&"k".repeat(KEY_BYTES + 1), 1), refused("too_large"));
    assert_eq!(edited(&"k".repeat(KEY_BYTES * 10), 1), refused("too_large"));
}

#[test]
fn a_field_of_the_wrong_type_is_refused_and_missing_fields_are_not() {
    let w = World::new();
    let mut phone = w.device(w.anna);
    let (_, nameless) = phone.create(
        &client::KIND,
        satchel_core::domain::authority::Home::Client,
        &Patch::new().set(client::CITY, "Київ".into()),
    );
    assert_eq!(phone.push_one(&nameless), Outcome::Accepted);
    let (_, odd) = phone.create(
        &client::KIND,
        satchel_core::domain::authority::Home::Client,
        &Patch::new().set_key("status", Value::Text("made up".into())),
    );
    assert_eq!(phone.push_one(&odd), Outcome::Accepted, "choices are for forms");

    let mut am = automerge::AutoCommit::new();
    am.set_actor(automerge::ActorId::from(phone.actor().as_slice()));
    automerge::transaction::Transactable::put(&mut am, automerge::ROOT, "name", 7).unwrap();
    am.commit();
    let (_, mut typed) = phone.new_client("Ромашка");
    typed.blobs = vec![am.get_last_local_change().unwrap().raw_bytes().to_vec()];
    assert_eq!(phone.push_one(&typed), refused("refused_malformed"));
}

#[test]
fn a_change_of_another_actor_or_out_of_order_is_refused() {
    let w = World::new();
    let (mut phone, boris) = (w.device(w.anna), w.device(w.boris));
    let (id, create) = phone.new_client("Ромашка");
    phone.must_push(&create);
    let record = RecordKey { id, generation: 0 };
    let push = |phone: &mut Device, chunk: Vec<u8>| {
        let group = phone.group(vec![Item::Changes { record, n: 1 }], vec![chunk]);
        phone.push_one(&group)
    };
    let edit_as = |actor: &[u8]| {
        let patch = Patch::new().set(client::CITY, "Київ".into());
        phone.doc(id).edit(&client::KIND, &patch, actor, w.clock.now()).unwrap().remove(0)
    };
    let (foreign, unknown) = (edit_as(&boris.actor()), edit_as(&[7; 20]));
    assert_eq!(push(&mut phone, foreign), refused("refused_malformed"));
    assert_eq!(push(&mut phone, unknown), refused("refused_malformed"));

    let first = phone.edit_city(id, "Київ");
    let second = phone.edit_city(id, "Львів");
    assert_eq!(phone.push_one(&second), Outcome::MissingDependencies);
    phone.must_push(&first);
    phone.must_push(&second);

    // The birth change of a text field is anybody's (rule 6).
    let birth = satchel_core::docs::change::birth_change("note");
    assert_eq!(push(&mut phone, birth), Outcome::Accepted);
    let other = satchel_core::docs::change::birth_change("name");
    assert_eq!(push(&mut phone, other), refused("refused_malformed"));
}

#[test]
fn compressed_chunks_are_refused() {
    let w = World::new();
    let mut phone = w.device(w.anna);
    let mut am = automerge::AutoCommit::new();
    am.set_actor(automerge::ActorId::from(phone.actor().as_slice()));
    automerge::transaction::Transactable::put(&mut am, automerge::ROOT, "city", "x".repeat(4000)).unwrap();
    am.commit();
    let packed = am.get_last_local_change().unwrap().bytes().to_vec();
    assert!(packed.len() < 1000);
    let (_, mut group) = phone.new_client("Ромашка");
    group.blobs = vec![packed];
    assert_eq!(phone.push_one(&group), refused("refused_malformed"));
    group.blobs = vec![am.save()];
    group.message.id = satchel_core::domain::ids::GroupId(uuid::Uuid::from_u128(1));
    assert_eq!(phone.push_one(&group), refused("refused_malformed"));
}

#[test]
fn an_operation_counter_near_its_end_is_refused() {
    let w = World::new();
    let mut phone = w.device(w.anna);
    let (id, create) = phone.new_client("Ромашка");
    phone.must_push(&create);
    // A change that builds on nothing and starts far ahead.
    let far = {
        let mut am = automerge::AutoCommit::new();
        am.set_actor(automerge::ActorId::from(phone.actor().as_slice()));
        for n in 0..50 {
            automerge::transaction::Transactable::put(&mut am, automerge::ROOT, "city", n.to_string()).unwrap();
            am.commit();
        }
        am.get_last_local_change().unwrap().raw_bytes().to_vec()
    };
    let record = RecordKey { id, generation: 0 };
    let group = phone.group(vec![Item::Changes { record, n: 1 }], vec![far]);
    assert_ne!(phone.push_one(&group), Outcome::Accepted);
}

#[test]
fn nonsense_is_answered_with_a_refusal_and_never_with_a_panic() {
    let w = World::new();
    let phone = w.device(w.anna);
    let good = pack(&[Frame::bare(Up::Hello(phone.hello(false, true)))]).unwrap();
    for cut in 0..good.len() {
        denied(&w.office, &good[..cut]);
    }
    let only_group = Frame { message: Up::Group(phone.group(Vec::new(), Vec::new()).message), blobs: Vec::new() };
    assert_eq!(denied(&w.office, &pack(&[only_group]).unwrap()), "malformed");
    let twice = [Frame::bare(Up::Hello(phone.hello(false, true))), Frame::bare(Up::Hello(phone.hello(false, true)))];
    assert_eq!(denied(&w.office, &pack(&twice).unwrap()), "malformed");
}
