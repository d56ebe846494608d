//! Verdicts, and what is rebuilt because of them (rule 12).

use uuid::Uuid;

use super::fixture::*;
use crate::docs::Doc;
use crate::docs::change::inspect;
use crate::domain::authority::*;
use crate::domain::ids::*;
use crate::domain::kinds::{client, interaction};
use crate::domain::order::{Move, Order};
use crate::domain::patch::Patch;
use crate::domain::value::Value;
use crate::store::outbox::ItemState;
use crate::store::write::Write;
use crate::sync::wire::*;

fn actor_of(blobs: &[Vec<u8>]) -> (DeviceId, u32) {
    actor_device(&inspect(&blobs[0]).unwrap().actor).unwrap()
}

#[test]
fn a_refusal_takes_out_one_edit_and_keeps_the_others_under_a_new_actor() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    device.accept_all();
    let refused = device.edit(id, Patch::new().set(client::CITY, "Львів".to_owned())).unwrap();
    let kept = device.edit(id, Patch::new().set(client::SOURCE, "выставка".to_owned())).unwrap();
    let note = device.edit(id, Patch::new().set(client::NOTE, "звонить утром".to_owned())).unwrap();
    let before = actor_of(&device.sent()[1].1);
    device.judge(vec![(refused, Outcome::Refused("read_only".to_owned()))]);

    let record = device.store.record(id).unwrap().record;
    assert_eq!(record.get(client::CITY), None);
    assert_eq!(record.get(client::SOURCE).unwrap(), "выставка");
    assert_eq!(record.get(client::NOTE).unwrap(), "звонить утром");
    let sent = device.sent();
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|(group, _)| group.id != kept && group.id != note), "a sent id stands for the old changes");
    let after = actor_of(&sent[0].1);
    assert_eq!(after.0, before.0);
    assert!(after.1 > before.1);
    // What goes up builds only on what the server has.
    let base = device.store.read(|conn| Ok(crate::store::documents::find(conn, id)?.unwrap().chunks)).unwrap();
    assert!(Doc::load(&base).is_ok());
}

#[test]
fn a_set_aside_edit_keeps_what_was_typed_until_it_is_decided() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    device.accept_all();
    let mut patch = Patch::new().set(client::CITY, "Львів".to_owned());
    patch.seen.insert("city".to_owned(), Value::Empty);
    let group = device.edit(id, patch).unwrap();
    let proposal = ProposalId(Uuid::from_bytes([5; 16]));
    device.judge(vec![(group, Outcome::SetAside(proposal))]);
    assert_eq!(device.store.record(id).unwrap().record.get(client::CITY), None);
    let entry = device.store.outbox_entry(group).unwrap();
    assert_eq!(entry.state, ItemState::SetAside);
    assert_eq!(entry.writes[0].values["city"], Value::Text("Львів".to_owned()));
    assert_eq!(device.store.notices().unwrap()[0].values["city"], Value::Text("Львів".to_owned()));

    let receipt =
        Receipt { proposal, group, record: id, accepted: false, by: user_id(2), at: device.now, picked: Vec::new() };
    device.take_page(Page { receipts: vec![receipt], ..Page::default() }, Vec::new());
    assert!(device.store.outbox().unwrap().is_empty());
    let notices = device.store.notices().unwrap();
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0].what, "edit_declined");
    assert!(notices[0].values.is_empty());
}

#[test]
fn a_refused_making_takes_everything_built_on_it_into_the_tray() {
    let device = Bag::new();
    let id = RecordId(device.ids.fresh());
    let patch = Patch::new().set(client::NAME, "Ромашка".to_owned());
    let made = device.write(vec![Write::Create { kind: "client".to_owned(), id, client: None, patch }]).unwrap();
    let edit = device.edit(id, Patch::new().set(client::CITY, "Львів".to_owned())).unwrap();
    device.judge(vec![(made, Outcome::Refused("no_access".to_owned()))]);
    assert!(device.store.row(id).unwrap().is_none());
    let states: Vec<_> =
        device.store.outbox().unwrap().into_iter().map(|entry| (entry.id, entry.state, entry.code)).collect();
    assert_eq!(
        states,
        [(made, ItemState::Refused, "no_access".to_owned()), (edit, ItemState::Refused, "depends_on".to_owned())]
    );
    assert!(device.sent().is_empty());
    // Tried again in order, both come back.
    device.store.retry(made, device.now, &device.ids).unwrap();
    device.store.retry(edit, device.now, &device.ids).unwrap();
    assert_eq!(device.store.record(id).unwrap().record.get(client::CITY).unwrap(), "Львів");
}

#[test]
fn missing_dependencies_send_the_whole_chain_once_and_then_give_up() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    device.accept_all();
    let group = device.edit(id, Patch::new().set(client::CITY, "Львів".to_owned())).unwrap();
    assert_eq!(device.sent()[0].1.len(), 1);
    device.judge(vec![(group, Outcome::MissingDependencies)]);
    assert_eq!(device.sent()[0].1.len(), 2);
    device.judge(vec![(group, Outcome::MissingDependencies)]);
    assert_eq!(device.store.outbox_entry(group).unwrap().code, "missing_dependencies");
}

#[test]
fn a_clone_writes_its_unsent_edits_again_under_its_own_incarnation() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    device.accept_all();
    let group = device.edit(id, Patch::new().set(client::CITY, "Львів".to_owned())).unwrap();
    let made = device.client("Новая");
    device.sent();
    let welcome = Welcome {
        lease_days: crate::domain::limits::LEASE_DAYS,
        held: false,
        protocol: 1,
        now: device.now,
        epoch: 1,
        tokens: None,
        incarnation: Some(7),
        push_counter: 0,
        devices: None,
    };
    let received = device.store.welcomed(&welcome, &[], device.now, &device.ids).unwrap();
    assert!(received.reincarnated);
    let sent = device.sent();
    assert_eq!(sent.len(), 2);
    assert_ne!(sent[0].0.id, group);
    assert_eq!(actor_of(&sent[0].1).1, 7);
    assert_eq!(device.store.outgoing(&Default::default(), &device.ids).unwrap().incarnation, 7);
    assert_eq!(device.store.record(id).unwrap().record.get(client::CITY).unwrap(), "Львів");
    assert!(device.store.record(made).is_ok());
}

#[test]
fn an_edit_that_comes_back_before_its_verdict_is_acknowledged_by_that() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    let sent = device.sent();
    let page = Page { records: vec![full(id, "client", vec![Home::Client(id)], &sent[0].1)], ..Page::default() };
    device.take_page(page, sent[0].1.clone());
    assert!(!device.store.row(id).unwrap().unwrap().unsent);
    let refused = device.edit(id, Patch::new().set(client::CITY, "Львів".to_owned())).unwrap();
    device.judge(vec![(refused, Outcome::Refused("read_only".to_owned()))]);
    assert_eq!(device.store.record(id).unwrap().row.title, "Ромашка");
    device.judge(vec![(sent[0].0.id, Outcome::Duplicate)]);
    assert_eq!(device.store.outbox().unwrap().len(), 1);
}

#[test]
fn commands_build_on_what_they_name_and_come_back_for_confirmation() {
    let device = Bag::of(Role::Supervisor, crate::domain::kind::Registry::built_in());
    let id = device.client("Ромашка");
    let order = |to| Order::MoveClients {
        moves: vec![Move { client: id, from: user_id(1) }],
        to: user_id(to),
        reason: "holiday".to_owned(),
    };
    let queue = |order| device.store.queue_command(order, None, device.now, &device.ids).unwrap().0;
    let (first, second) = (queue(order(2)), queue(order(3)));
    let undo = queue(Order::Undo { command: first });
    let sent = device.sent();
    assert_eq!(sent.len(), 4);
    assert_eq!(sent[1].0.depends_on, [sent[0].0.id.0]);
    let built_on = |id| device.store.command(id).unwrap().command.unwrap().builds_on;
    assert_eq!(built_on(second), [first]);
    assert_eq!(built_on(undo), [first]);
    assert_eq!(device.store.pending_commands_on(id).unwrap().len(), 2);

    let code = "changed_meanwhile_by_office".to_owned();
    device
        .judge(vec![(sent[1].0.id, Outcome::Confirm(Err(code.clone()))), (sent[2].0.id, Outcome::DependsOn(first.0))]);
    let entry = device.store.command(first).unwrap();
    assert_eq!((entry.state, entry.refusal), (ItemState::NeedsConfirmation, Some(code)));
    assert_eq!(device.store.command(second).unwrap().state, ItemState::DependsOn);
    assert_eq!(device.store.sync_facts().unwrap().n_attention, 1);

    let (again, _) = device.store.replace_command(first, order(2), None, device.now, &device.ids).unwrap();
    assert_eq!(built_on(second), [again]);
    let sent = device.sent();
    assert_eq!(sent.len(), 4);
    device.judge(vec![(sent[1].0.id, Outcome::Applied(Default::default()))]);
    assert_eq!(device.store.command(again).unwrap().state, ItemState::Applied);
    device.store.withdraw(sent[2].0.id, device.now, &device.ids).unwrap();
    assert_eq!(device.store.command(second).unwrap().state, ItemState::Withdrawn);
}

#[test]
fn edits_of_a_set_aside_making_go_up_as_they_are() {
    let device = Bag::new();
    let client_id = device.client("Ромашка");
    device.accept_all();
    let patch = Patch::new().set(interaction::SUBJECT, "звонок".to_owned());
    let (id, made) = device.create("interaction", Some(client_id), patch);
    let edit = device.edit(id, Patch::new().set(interaction::RESULT, "договорились".to_owned())).unwrap();
    let before = device.sent();
    device.judge(vec![(made, Outcome::SetAside(ProposalId(Uuid::from_bytes([5; 16]))))]);
    assert!(device.store.row(id).unwrap().is_none());
    let sent = device.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].0.id, &sent[0].1), (edit, &before[1].1));
    device.judge(vec![(edit, Outcome::SetAside(ProposalId(Uuid::from_bytes([6; 16]))))]);
    let outbox = device.store.outbox().unwrap();
    assert_eq!(outbox[1].writes[0].values["result"], Value::Text("договорились".to_owned()));
}

#[test]
fn taking_back_a_client_takes_what_was_made_under_it_into_the_tray() {
    let device = Bag::new();
    let patch = Patch::new().set(client::NAME, "Ромашка".to_owned());
    let (id, made) = device.create("client", None, patch);
    let call = device.interaction(id, "held", -1);
    device.store.withdraw(made, device.now, &device.ids).unwrap();
    assert!(device.store.row(id).unwrap().is_none() && device.store.row(call).unwrap().is_none());
    let outbox = device.store.outbox().unwrap();
    assert_eq!((outbox.len(), outbox[0].state, outbox[0].code.as_str()), (1, ItemState::Refused, "depends_on"));
    assert!(device.sent().is_empty());
}

#[test]
fn an_order_built_on_one_taken_back_stands_alone() {
    let device = Bag::of(Role::Supervisor, crate::domain::kind::Registry::built_in());
    let id = device.client("Ромашка");
    device.accept_all();
    let order = |to| {
        let moves = vec![Move { client: id, from: user_id(1) }];
        Order::MoveClients { moves, to: user_id(to), reason: "holiday".to_owned() }
    };
    let queue = |order| device.store.queue_command(order, None, device.now, &device.ids).unwrap().0;
    let (first, second) = (queue(order(2)), queue(order(3)));
    let group = device.store.command(first).unwrap().id;
    device.store.withdraw(group, device.now, &device.ids).unwrap();
    let sent = device.sent();
    assert_eq!((sent.len(), sent[0].0.depends_on.len()), (1, 0));
    assert!(device.store.command(second).unwrap().command.unwrap().builds_on.is_empty());
}

#[test]
fn a_new_generation_replaces_the_record_and_unsent_edits_are_written_on_top() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    device.accept_all();
    let group = device.edit(id, Patch::new().set(client::CITY, "Львів".to_owned())).unwrap();
    device.judge(vec![(group, Outcome::Refused("stale_generation".to_owned()))]);
    let other = actor_bytes(DeviceId(Uuid::from_bytes([0xee; 16])), 1);
    let patch = Patch::new().set(client::NAME, "Без имени".to_owned());
    let changes = Doc::create(&client::KIND, &patch, &other, device.now).unwrap().1;
    let mut record = full(id, "client", vec![Home::Client(id)], &changes);
    record.record.generation = 1;
    device.take_page(Page { records: vec![record], ..Page::default() }, changes);
    let stored = device.store.record(id).unwrap();
    assert_eq!(stored.row.title, "Без имени");
    assert_eq!(stored.record.get(client::CITY).unwrap(), "Львів");
    let sent = device.sent();
    assert!(matches!(sent[0].0.items[0], Item::Changes { record, .. } if record.generation == 1));
}
