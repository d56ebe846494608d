//! Limits at the door: at the limit, just past it, far past it.

#![allow(clippy::unwrap_used)]

use satchel_core::docs::Doc;
use satchel_core::domain::authority::Home;
use satchel_core::domain::ids::*;
use satchel_core::domain::kinds::client;
use satchel_core::domain::limits;
use satchel_core::domain::patch::Patch;
use satchel_core::sync::device::Transport;
use satchel_core::sync::device::identity::{enrol, parse_link};
use satchel_core::sync::wire::{Down, Frame, Item, Outcome, RecordKey, Up, paths, unpack};
use satchel_tests::harness::{Office, Probe, group};

fn code_of(frames: &[Frame<Down>]) -> String {
    match &frames[0].message {
        Down::Refused(denied) => denied.code.clone(),
        _ => String::new(),
    }
}

/// What becomes of a client whose one change is `change`.
fn pushed(office: &Office, probe: &mut Probe, changes: Vec<Vec<u8>>) -> Outcome {
    let (id, record) = (GroupId(office.ids.fresh()), RecordKey { id: RecordId(office.ids.fresh()), generation: 0 });
    let mut frame = group(id, office.now());
    let Up::Group(made) = &mut frame.message else { unreachable!() };
    made.items.push(Item::Create { record, kind: "client".into(), homes: vec![Home::Client(record.id)] });
    made.items.push(Item::Changes { record, n: u32::try_from(changes.len()).unwrap() });
    frame.blobs = changes;
    probe.queue(frame);
    probe.push(&*office.ids).unwrap().remove(&id).unwrap()
}

fn with_name(probe: &Probe, office: &Office, length: usize) -> Vec<Vec<u8>> {
    let patch = Patch::new().set(client::NAME, "x".repeat(length));
    Doc::create(&client::KIND, &patch, &probe.actor(), office.now()).unwrap().1
}

#[test]
fn a_text_field_holds_64_kib_and_not_a_byte_more() {
    let office = Office::open();
    let mut probe = office.probe(office.cast.anna);
    let at = with_name(&probe, &office, 64 * 1024);
    assert_eq!(pushed(&office, &mut probe, at), Outcome::Accepted);
    for length in [64 * 1024 + 1, 2 * 1024 * 1024] {
        // Our own documents refuse such a value; it is written by hand.
        let patch = Patch::new().set(client::NAME, "x".repeat(length));
        assert!(Doc::create(&client::KIND, &patch, &probe.actor(), office.now()).is_err());
        let change = by_hand(&probe, |doc| {
            use automerge::transaction::Transactable;
            doc.put(automerge::ROOT, "name", "x".repeat(length)).unwrap();
        });
        assert_eq!(pushed(&office, &mut probe, vec![change]), Outcome::Refused("too_large".into()));
    }
}

fn by_hand(probe: &Probe, work: impl FnOnce(&mut automerge::AutoCommit)) -> Vec<u8> {
    let mut doc = automerge::AutoCommit::new().with_actor(automerge::ActorId::from(&probe.actor()[..]));
    work(&mut doc);
    doc.commit();
    doc.get_last_local_change().unwrap().raw_bytes().to_vec()
}

#[test]
fn a_change_holds_ten_thousand_operations_and_not_one_more() {
    use automerge::transaction::Transactable;
    let office = Office::open();
    let mut probe = office.probe(office.cast.anna);
    // One operation makes the text, the others its letters.
    let typed = |probe: &Probe, n: usize| {
        by_hand(probe, |doc| {
            let note = doc.put_object(automerge::ROOT, "note", automerge::ObjType::Text).unwrap();
            doc.splice_text(&note, 0, 0, &"x".repeat(n)).unwrap();
        })
    };
    let limit = usize::try_from(limits::OPERATIONS_PER_CHANGE).unwrap();
    let at = typed(&probe, limit - 1);
    assert_eq!(pushed(&office, &mut probe, vec![at]), Outcome::Accepted);
    for n in [limit, limit * 20] {
        let past = typed(&probe, n);
        assert_eq!(pushed(&office, &mut probe, vec![past]), Outcome::Refused("too_large".into()));
    }
}

#[test]
fn long_pasted_notes_are_split_and_arrive_whole() {
    let office = Office::open();
    let phone = office.ready(office.cast.anna, "phone");
    let firm = phone.client("Альфа");
    let text = "длинная заметка ".repeat(3_000);
    phone.types(firm, client::NOTE, text.clone());
    phone.sync();
    assert_eq!(office.ready(office.cast.anna, "laptop").text(firm, client::NOTE), text);
    assert!(phone.try_type(firm, client::NOTE, "я".repeat(200_000)).is_err());
    assert_eq!(phone.text(firm, client::NOTE), text);
}

#[test]
fn only_plain_single_changes_come_in() {
    use automerge::transaction::Transactable;
    let office = Office::open();
    let mut probe = office.probe(office.cast.anna);
    let mut doc = automerge::AutoCommit::new().with_actor(automerge::ActorId::from(&probe.actor()[..]));
    doc.put(automerge::ROOT, "source", "длинный повтор ".repeat(400)).unwrap();
    let whole = doc.save();
    let mut change = doc.get_last_local_change().unwrap().clone();
    let deflated = change.bytes().to_vec();
    assert_ne!(deflated, change.raw_bytes(), "the library deflates this one");
    for bytes in [whole, deflated, b"nonsense".to_vec(), Vec::new()] {
        assert_eq!(pushed(&office, &mut probe, vec![bytes]), Outcome::Refused("refused_malformed".into()));
    }
    assert_eq!(pushed(&office, &mut probe, vec![change.raw_bytes().to_vec()]), Outcome::Accepted);
}

#[test]
fn a_request_holds_a_thousand_changes_and_not_one_more() {
    let office = Office::open();
    let probe = office.probe(office.cast.anna);
    let ask = |n: usize| {
        let mut frames = vec![Frame::bare(Up::Hello(probe.hello(Some(GroupId(office.ids.fresh())), false)))];
        frames.extend((0..n).map(|_| group(GroupId(office.ids.fresh()), office.now())));
        code_of(&probe.ask(&frames).unwrap())
    };
    assert_eq!(ask(limits::CHANGES_PER_PUSH + 1), "too_large");
    assert_eq!(ask(limits::CHANGES_PER_PUSH * 5), "too_large");
    assert_eq!(ask(limits::CHANGES_PER_PUSH), "");
}

#[test]
fn a_body_that_unpacks_past_the_limit_is_refused_without_unpacking_it() {
    let office = Office::open();
    let line = office.line();
    for megabytes in [9, 2_000] {
        let zeros = std::io::repeat(0);
        let body = zstd::encode_all(std::io::Read::take(zeros, megabytes * 1024 * 1024), 1).unwrap();
        assert!(body.len() < limits::BODY_BYTES);
        let answer = line.post(paths::SYNC, None, "application/octet-stream", &body).unwrap();
        assert_eq!(code_of(&unpack::<Down>(&answer).unwrap()), "too_large");
    }
    let answer = line.post(paths::SYNC, None, "application/octet-stream", b"nonsense").unwrap();
    assert_eq!(code_of(&unpack::<Down>(&answer).unwrap()), "malformed");
}

#[test]
fn one_bad_group_never_holds_up_the_others() {
    let office = Office::open();
    let mut probe = office.probe(office.cast.anna);
    let mut ids = Vec::new();
    for n in 0..3 {
        let (id, record) = (GroupId(office.ids.fresh()), RecordId(office.ids.fresh()));
        let mut frame = group(id, office.now());
        let patch = Patch::new().set(client::NAME, format!("Фирма {n}"));
        probe.create(&mut frame, &client::KIND, record, Home::Client(record), &patch).unwrap();
        if n == 1 {
            frame.blobs[0] = b"nonsense".to_vec();
        }
        probe.queue(frame);
        ids.push(id);
    }
    let outcomes = probe.push(&*office.ids).unwrap();
    let outcomes: Vec<&Outcome> = ids.iter().map(|id| &outcomes[id]).collect();
    assert_eq!(outcomes, [&Outcome::Accepted, &Outcome::Refused("refused_malformed".into()), &Outcome::Accepted]);
}

#[test]
fn passwords_and_links_are_limited() {
    let office = Office::open();
    let enrol = |link: &str, password: &str| {
        let link = parse_link(link).unwrap();
        enrol(&*office.line(), &link, password, "phone").map(|_| ()).map_err(|error| error.code())
    };
    let refused = |code: &str| Err(code.to_owned());
    let link = office.link(office.cast.anna);
    assert_eq!(enrol(&link, "short"), refused("password_too_short"));
    assert_eq!(enrol(&link, "correct horse"), Ok(()));
    assert_eq!(enrol(&link, "correct horse"), refused("link_used"));
    let late = office.link(office.cast.anna);
    office.clock.forward(chrono::Duration::minutes(16));
    assert_eq!(enrol(&late, "correct horse"), refused("link_expired"));
    assert_eq!(enrol(&office.link(office.cast.anna), "wrong horse"), refused("wrong_password"));
    assert_eq!(enrol("http://office.test/join/AAAAAAAAAAAAAAAAAAAAAA", "correct horse"), refused("link_unknown"));
}

#[test]
fn a_counter_near_its_end_is_not_let_in() {
    // A change that claims to start far above what the record holds would make the next edit of anybody panic.
    let office = Office::open();
    let mut probe = office.probe(office.cast.anna);
    let (id, record) = (GroupId(office.ids.fresh()), RecordId(office.ids.fresh()));
    let mut frame = group(id, office.now());
    probe
        .create(
            &mut frame,
            &client::KIND,
            record,
            Home::Client(record),
            &Patch::new().set(client::NAME, "Альфа".into()),
        )
        .unwrap();
    probe.queue(frame);
    assert_eq!(probe.push(&*office.ids).unwrap()[&id], Outcome::Accepted);
    let expanded = automerge::ExpandedChange {
        operations: Vec::new(),
        actor_id: automerge::ActorId::from(&probe.actor()[..]),
        hash: None,
        seq: 2,
        start_op: std::num::NonZeroU64::new(u64::from(u32::MAX) - 5).unwrap(),
        time: 0,
        author: None,
        message: None,
        deps: Vec::new(),
        extra_bytes: Vec::new(),
    };
    let change = automerge::Change::from(expanded).raw_bytes().to_vec();
    let id = GroupId(office.ids.fresh());
    let mut frame = group(id, office.now());
    let Up::Group(made) = &mut frame.message else { unreachable!() };
    made.items.push(Item::Changes { record: RecordKey { id: record, generation: 0 }, n: 1 });
    frame.blobs.push(change);
    probe.queue(frame);
    assert_eq!(probe.push(&*office.ids).unwrap()[&id], Outcome::Refused("refused_malformed".into()));
}
