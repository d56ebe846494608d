//! Verdicts, and what is rebuilt because of them (rule 12).

use uuid::Uuid;

use super::fixture::*;
use crate::docs::Doc;
use crate::docs::change::inspect;
use crate::domain::authority::*;
use crate::domain::ids::*;
use crate::domain::kinds::client;
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

    let receipt = Receipt { proposal, group, record: id, accepted: false, by: user_id(2), at: device.now };
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
    let states: Vec<_> = device.store.outbox().unwrap().into_iter().map(|entry| (entry.id, entry.state, entry.code)).collect();
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
    device.judge(vec![(sent[1].0.id, Outcome::Confirm(Err(code.clone()))), (sent[2].0.id, Outcome::DependsOn(first.0))]);
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
