//! Who is shown what: nobody gets a byte of what is not his, and cannot even tell whether it exists.

#![allow(clippy::unwrap_used)]

use satchel_core::domain::authority::Home;
use satchel_core::domain::ids::*;
use satchel_core::domain::kinds::{business_region, client};
use satchel_core::domain::order::{Command, Move, Order};
use satchel_core::domain::patch::Patch;
use satchel_core::store::outbox::ItemState;
use satchel_core::sync::device::{SyncError, Transport, identity};
use satchel_core::sync::wire::{Credential, Down, Frame, Item, Outcome, RecordKey, Up, pack, paths};
use satchel_tests::harness::{Office, Probe, group};
use satchel_tests::tap;

#[test]
fn a_reps_device_is_never_sent_a_byte_of_a_client_he_does_not_work_with() {
    let office = Office::open();
    let (anna, taras) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.taras, "phone"));
    let firm = anna.client("Маркер-Чужой");
    anna.person(firm, "Человек Маркер-Чужой");
    anna.log(firm, "разговор Маркер-Чужой");
    let own = taras.client("Маркер-Свой");
    anna.sync();
    taras.sync();
    anna.types(firm, client::CITY, "город Маркер-Чужой");
    anna.sync();
    taras.sync();
    let laptop = office.ready(office.cast.taras, "laptop");
    let sent: Vec<Vec<u8>> = taras.line.received().into_iter().chain(laptop.line.received()).collect();
    let holds = |needle: &[u8]| sent.iter().any(|bytes| tap::holds(bytes, needle));
    assert!(holds("Маркер-Свой".as_bytes()), "the tap finds what is there");
    assert!(!holds("Маркер-Чужой".as_bytes()));
    assert!(holds(own.bytes()) && !holds(firm.bytes()));
}

/// What a stranger is answered about a record of Anna's, and about one that is not there at all.
fn asked_about(office: &Office, stranger: &mut Probe, record: RecordId) -> Vec<String> {
    let to = stranger.identity.user.id;
    let mut answers = Vec::new();
    let orders = [
        Order::MoveClients { moves: vec![Move { client: record, from: office.cast.anna }], to, reason: "other".into() },
        Order::RedirectInteraction {
            interaction: record,
            from: office.cast.anna,
            to,
            comment: String::new(),
            until: office.now() + chrono::Duration::days(1),
        },
        Order::AcceptProposal { proposal: ProposalId(record.0) },
        Order::Undo { command: CommandId(record.0) },
    ];
    for order in orders {
        let command =
            Command { id: CommandId(office.ids.fresh()), at: office.now(), order, builds_on: vec![], confirmed: None };
        let body = pack(&[Frame::bare(command.clone())]).unwrap();
        let access = stranger.identity.tokens.as_ref().unwrap().access.clone();
        let rehearsed = office.line().post(paths::REHEARSE, Some(&access), "application/octet-stream", &body).unwrap();
        let rehearsed = String::from_utf8_lossy(&tap::plain(&rehearsed)).into_owned();
        answers.push(rehearsed.replace(&record.to_string(), "it"));
        let id = GroupId(office.ids.fresh());
        let mut frame = group(id, office.now());
        let Up::Group(group) = &mut frame.message else { unreachable!() };
        group.items.push(Item::Command(command));
        stranger.queue(frame);
        answers.push(format!("{:?}", stranger.push(&*office.ids).unwrap()[&id]));
    }
    // A card made by hand for a record that may exist, and a person put under it.
    for (kind, home) in [("client", Home::Client(record)), ("person", Home::Client(record))] {
        let id = GroupId(office.ids.fresh());
        let mut frame = group(id, office.now());
        let new = if kind == "client" { record } else { RecordId(office.ids.fresh()) };
        let kind = office.registry.kind(kind).unwrap();
        if kind.key == "person" {
            stranger.create(&mut frame, kind, new, home, &Patch::new()).unwrap();
            stranger.queue(frame);
            answers.push(format!("{:?}", stranger.push(&*office.ids).unwrap()[&id]));
        } else {
            let Up::Group(group) = &mut frame.message else { unreachable!() };
            let foreign = anna_change(office);
            group.items.push(Item::Changes { record: RecordKey { id: new, generation: 0 }, n: 1 });
            frame.blobs.push(foreign);
            stranger.queue(frame);
            answers.push(format!("{:?}", stranger.push(&*office.ids).unwrap()[&id]));
        }
    }
    answers
}

fn anna_change(office: &Office) -> Vec<u8> {
    let patch = Patch::new().set(client::NAME, "подделка".to_owned());
    let (_, changes) = satchel_core::docs::Doc::create(&client::KIND, &patch, &[9; 20], office.now()).unwrap();
    changes[0].clone()
}

use satchel_core::domain::ids::IdSource;

#[test]
fn not_yours_and_does_not_exist_are_answered_alike() {
    let office = Office::open();
    let anna = office.ready(office.cast.anna, "phone");
    let firm = anna.client("Альфа");
    let visit = anna.plan(firm, "визит");
    anna.sync();
    for user in [office.cast.taras, office.cast.maria] {
        let mut stranger = office.probe(user);
        stranger.pull().unwrap();
        let nothing = asked_about(&office, &mut stranger, RecordId(office.ids.fresh()));
        assert_eq!(asked_about(&office, &mut stranger, firm), nothing);
        assert_eq!(asked_about(&office, &mut stranger, visit), nothing);
    }
    assert_eq!(anna.text(firm, client::NAME), "Альфа");
}

#[test]
fn a_revoked_device_gets_nothing_more_and_keeps_what_it_has() {
    let office = Office::open();
    let (anna, olena) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.olena, "laptop"));
    let firm = anna.client("Альфа");
    anna.sync();
    olena.sync();
    olena.order(Order::RevokeDevice { device: anna.id, wipe: None });
    olena.sync();
    anna.types(firm, client::CITY, "Львів");
    anna.line.take_log();
    assert!(matches!(anna.try_sync(), Err(SyncError::Revoked)));
    for one in anna.line.take_log() {
        assert_eq!(tap::change_bytes(&one.received), 0);
        let frames = tap::down(&one.received).unwrap();
        assert!(frames.iter().all(|frame| matches!(frame.message, Down::Refused(_))));
    }
    assert!(anna.store().sync_facts().unwrap().revoked);
    assert_eq!(anna.waiting(ItemState::Waiting).len(), 1, "what was typed stays readable");
    // No token of hers opens anything, nor does her password on that device.
    assert!(anna.sign_in(satchel_tests::harness::PASSWORD).is_err());
    assert!(identity::link(anna.store(), &*anna.line, office.now()).is_err());
    // Her other devices go on working.
    assert_eq!(office.ready(office.cast.anna, "laptop").text(firm, client::NAME), "Альфа");
}

#[test]
fn only_supervisors_and_owners_revoke_a_device() {
    let office = Office::open();
    let (anna, bohdan) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.bohdan, "phone"));
    let maria = office.ready(office.cast.maria, "laptop");
    for device in [&bohdan, &maria] {
        device.order(Order::RevokeDevice { device: anna.id, wipe: None });
        device.sync();
        assert_eq!(device.waiting(ItemState::Refused)[0].code, "not_found");
    }
    anna.sync();
}

#[test]
fn everybody_sees_the_catalogues_and_only_supervisors_write_them() {
    let office = Office::open();
    let (anna, olena) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.olena, "laptop"));
    let region = olena.add("business_region", None, Patch::new().set(business_region::NAME, "Захід".to_owned()));
    olena.sync();
    anna.sync();
    assert_eq!(anna.text(region, business_region::NAME), "Захід");
    assert!(anna.try_type(region, business_region::NAME, "Восток".into()).is_err());
    let mut probe = office.probe(office.cast.anna);
    probe.pull().unwrap();
    let verdict = probe.edit_by_hand(&office, region, Patch::new().set(business_region::NAME, "Восток".to_owned()));
    assert_eq!(verdict, Outcome::Refused("read_only".into()));
}

#[test]
fn a_device_cannot_write_in_anothers_name() {
    let office = Office::open();
    let anna = office.ready(office.cast.anna, "phone");
    let firm = anna.client("Альфа");
    anna.sync();
    // Bohdan's probe pushes a change whose actor is Anna's phone, for a client of his own.
    let mut probe = office.probe(office.cast.bohdan);
    let actor = satchel_core::domain::authority::actor_bytes(anna.id, 0);
    let patch = Patch::new().set(client::NAME, "от чужого имени".to_owned());
    let (_, changes) = satchel_core::docs::Doc::create(&client::KIND, &patch, &actor, office.now()).unwrap();
    let (id, record) = (GroupId(office.ids.fresh()), RecordKey { id: RecordId(office.ids.fresh()), generation: 0 });
    let mut frame = group(id, office.now());
    let Up::Group(made) = &mut frame.message else { unreachable!() };
    made.items.push(Item::Create { record, kind: "client".into(), homes: vec![Home::Client(record.id)] });
    made.items.push(Item::Changes { record, n: 1 });
    frame.blobs = changes;
    probe.queue(frame);
    assert_eq!(probe.push(&*office.ids).unwrap()[&id], Outcome::Refused("refused_malformed".into()));
    assert!(!office.auditor().held.records.contains_key(&record.id));
    assert!(office.auditor().held.records.contains_key(&firm));
}

#[test]
fn an_access_token_dies_after_ten_minutes_and_a_stolen_refresh_token_ends_its_family() {
    let office = Office::open();
    let probe = office.probe(office.cast.anna);
    let hello = |credential| {
        let mut hello = probe.hello(None, true);
        hello.credential = credential;
        probe.ask(&[Frame::bare(Up::Hello(hello))]).unwrap()
    };
    let tokens = probe.identity.tokens.clone().unwrap();
    let refused = |frames: Vec<Frame<Down>>| match &frames[0].message {
        Down::Refused(denied) => denied.code.clone(),
        _ => String::new(),
    };
    assert_eq!(refused(hello(Credential::Access(tokens.access.clone()))), "");
    office.clock.forward(chrono::Duration::minutes(11));
    assert_eq!(refused(hello(Credential::Access(tokens.access.clone()))), "signed_out");
    // A refresh token without the device's signature is worth nothing.
    assert_eq!(refused(hello(Credential::Refresh(tokens.refresh.clone(), String::new()))), "signed_out");
    assert_eq!(refused(hello(Credential::Access("guessed".into()))), "signed_out");
}
