//! Edits that arrive after access ended: each case of rule 20.
#![allow(clippy::unwrap_used)]

mod support;

use chrono::Duration;
use satchel_core::domain::authority::{EndedBy, Home};
use satchel_core::domain::clock::Clock;
use satchel_core::domain::ids::RecordId;
use satchel_core::domain::kinds::{client, interaction, person};
use satchel_core::domain::order::Order;
use satchel_core::domain::patch::Patch;
use satchel_core::sync::wire::*;
use support::*;

/// Anna's client, moved to Boris while her phone was away.
fn moved_away() -> (World, Device, Device, Device, RecordId) {
    let w = World::new();
    let (mut anna, mut boris, mut boss) = (w.device(w.anna), w.device(w.boris), w.device(w.boss));
    let (id, create) = anna.new_client("Ромашка");
    anna.must_push(&create);
    anna.pull();
    boss.move_client(id, w.anna, w.boris);
    boris.pull();
    (w, anna, boris, boss, id)
}

fn proposal_of(outcome: &Outcome) -> satchel_core::domain::ids::ProposalId {
    match outcome {
        Outcome::SetAside(proposal) => *proposal,
        other => panic!("not set aside: {other:?}"),
    }
}

#[test]
fn an_edit_after_a_transfer_waits_for_the_new_person_and_goes_in_as_its_author_made_it() {
    let (w, mut anna, mut boris, mut boss, id) = moved_away();
    let edit = anna.edit_city(id, "Київ");
    let proposal = proposal_of(&anna.push_one(&edit));
    assert_eq!(anna.push_one(&edit), Outcome::SetAside(proposal), "delivered again it is the same proposal");
    for device in [&mut boris, &mut boss] {
        device.pull();
        let [waiting] = device.proposals.as_slice() else { panic!("{:?}", device.proposals) };
        assert_eq!((waiting.id, waiting.record.id, waiting.client), (proposal, id, id));
        assert_eq!((waiting.author, waiting.device), (w.anna, anna.id));
        assert_eq!((waiting.accepted, waiting.creates), (None, false));
        assert_eq!(waiting.changes, edit.blobs);
        assert_eq!(device.read(id, &client::KIND).get(client::CITY), None, "not merged before the decision");
    }
    let mut clara = w.device(w.clara);
    clara.pull();
    assert!(clara.proposals.is_empty() && !clara.was_sent("Київ"));
    assert_eq!(clara.order(Order::AcceptProposal { proposal }).1, refused("not_found"));

    let (_, outcome) = boris.order(Order::AcceptProposal { proposal });
    assert!(matches!(outcome, Outcome::Applied(_)), "{outcome:?}");
    boris.pull();
    assert_eq!(boris.read(id, &client::KIND).get(client::CITY).unwrap(), "Київ");
    assert!(boris.records[&id].chunks.contains(&edit.blobs[0]), "the original change, byte for byte");
    assert_eq!(boris.proposals[0].accepted, Some(true));
    assert!(boris.last.authors.iter().any(|author| author.device == anna.id && author.user == w.anna));
    anna.pull();
    let [receipt] = anna.receipts.as_slice() else { panic!("{:?}", anna.receipts) };
    assert_eq!((receipt.proposal, receipt.group), (proposal, edit.message.id));
    assert_eq!((receipt.accepted, receipt.by), (true, w.boris));
    assert_eq!(boris.order(Order::DeclineProposal { proposal, picked: Vec::new() }).1, refused("already_decided"));
}

#[test]
fn a_declined_edit_is_left_out_and_its_author_hears_of_it() {
    let (w, mut anna, mut boris, mut boss, id) = moved_away();
    let edit = anna.edit_city(id, "Київ");
    let proposal = proposal_of(&anna.push_one(&edit));
    let (_, outcome) = boss.order(Order::DeclineProposal { proposal, picked: Vec::new() });
    assert!(matches!(outcome, Outcome::Applied(_)), "{outcome:?}");
    boris.pull();
    assert!(!boris.holds("Київ"));
    anna.pull();
    assert_eq!(anna.receipts.iter().map(|it| (it.accepted, it.by)).collect::<Vec<_>>(), [(false, w.boss)]);
    // What builds on it has nothing to stand on any more.
    let (mut away, record) = (anna.clone(), boris.records[&id].clone());
    away.records.insert(id, record);
    away.records.get_mut(&id).unwrap().chunks.extend(edit.blobs.clone());
    let next = away.edit_city(id, "Львів");
    assert_ne!(away.push_one(&next), Outcome::Accepted);
}

#[test]
fn edits_that_build_on_one_another_are_one_proposal_decided_as_a_whole() {
    let (_, mut anna, mut boris, _, id) = moved_away();
    let first = anna.edit_city(id, "Київ");
    let second = anna.edit(id, &client::KIND, &Patch::new().set(client::SOURCE, "выставка".into()));
    let proposal = proposal_of(&anna.push_one(&first));
    assert_eq!(proposal_of(&anna.push_one(&second)), proposal);
    boris.pull();
    assert_eq!(boris.proposals.len(), 1);
    assert_eq!(boris.proposals[0].changes, [first.blobs.clone(), second.blobs.clone()].concat());
    boris.order(Order::AcceptProposal { proposal });
    boris.pull();
    let record = boris.read(id, &client::KIND);
    assert_eq!(
        (record.get(client::CITY).unwrap(), record.get(client::SOURCE).unwrap()),
        ("Київ".into(), "выставка".into())
    );
    anna.pull();
    assert_eq!(anna.receipts.len(), 2, "one for each group");
}

#[test]
fn a_late_group_of_several_records_is_set_aside_and_taken_in_as_one() {
    let (_, mut anna, mut boris, _, id) = moved_away();
    let card = anna.edit_city(id, "Київ");
    let (person_id, new_person) = anna.new_person(id, "Иванова");
    let items = [card.message.items.clone(), new_person.message.items.clone()].concat();
    let both = anna.group(items, [card.blobs.clone(), new_person.blobs.clone()].concat());
    proposal_of(&anna.push_one(&both));
    boris.pull();
    assert_eq!(boris.proposals.len(), 2);
    let creation = boris.proposals.iter().find(|proposal| proposal.creates).unwrap().clone();
    assert_eq!((creation.record.id, creation.kind.as_str()), (person_id, "person"));
    boris.order(Order::AcceptProposal { proposal: creation.id });
    boris.pull();
    assert!(boris.proposals.iter().all(|proposal| proposal.accepted == Some(true)));
    assert_eq!(boris.read(id, &client::KIND).get(client::CITY).unwrap(), "Київ");
    assert_eq!(boris.read(person_id, &person::KIND).get(person::NAME).unwrap(), "Иванова");
}

#[test]
fn an_edit_of_a_record_whose_creation_waits_joins_it() {
    let (_, mut anna, mut boris, _, id) = moved_away();
    let (person_id, new_person) = anna.new_person(id, "Иванова");
    let edit = anna.edit(person_id, &person::KIND, &Patch::new().set(person::POSITION, "бухгалтер".into()));
    let proposal = proposal_of(&anna.push_one(&new_person));
    assert_eq!(proposal_of(&anna.push_one(&edit)), proposal);
    boris.pull();
    boris.order(Order::AcceptProposal { proposal });
    boris.pull();
    assert_eq!(boris.read(person_id, &person::KIND).get(person::POSITION).unwrap(), "бухгалтер");
    assert_eq!(boris.records[&person_id].authority.created_by, Some(anna.user));
}

#[test]
fn a_planned_interaction_taken_in_late_is_the_new_persons_to_do() {
    let (w, mut anna, mut boris, _, id) = moved_away();
    let (call, planned) = anna.new_interaction(id, "Позвонить");
    let proposal = proposal_of(&anna.push_one(&planned));
    boris.order(Order::AcceptProposal { proposal });
    boris.pull();
    assert_eq!(boris.records[&call].authority.assigned, Some(w.boris));
}

#[test]
fn after_the_purge_was_acknowledged_an_edit_is_refused_and_audited() {
    let (w, mut anna, _, _, id) = moved_away();
    let edit = anna.edit_city(id, "Київ");
    anna.pull();
    anna.pull();
    assert_eq!(anna.push_one(&edit), refused("no_access"));
    let rows = w.storage.audit_rows(20).unwrap();
    let late = rows.iter().filter(|row| row.action == "late_edit_refused").collect::<Vec<_>>();
    assert_eq!(late.len(), 1);
    assert_eq!(
        (late[0].user, late[0].device, late[0].subject.as_slice()),
        (Some(w.anna), Some(anna.id), &id.bytes()[..])
    );
}

#[test]
fn the_page_cursor_does_not_judge_only_the_acknowledgement_does() {
    let (_, mut anna, _, _, id) = moved_away();
    let edit = anna.edit_city(id, "Київ");
    anna.pull();
    // It has heard of the loss and has not said yet that it purged.
    assert!(matches!(anna.push_one(&edit), Outcome::SetAside(_)));
}

#[test]
fn each_device_answers_for_its_own_purge() {
    let w = World::new();
    let (mut phone, mut laptop, mut boss) = (w.device(w.anna), w.device(w.anna), w.device(w.boss));
    let (id, create) = phone.new_client("Ромашка");
    phone.must_push(&create);
    laptop.pull();
    boss.move_client(id, w.anna, w.boris);
    phone.pull();
    phone.pull();
    let edit = laptop.edit_city(id, "Київ");
    assert!(matches!(laptop.push_one(&edit), Outcome::SetAside(_)));
    assert_eq!(w.office.devices(Some(w.anna)).unwrap().iter().map(|device| device.n_purges).sum::<u32>(), 1);
}

#[test]
fn an_edit_after_undo_took_the_client_back_waits_too() {
    let w = World::new();
    let (mut anna, mut boris, mut boss) = (w.device(w.anna), w.device(w.boris), w.device(w.boss));
    let (id, create) = anna.new_client("Ромашка");
    anna.must_push(&create);
    let order = boss.move_client(id, w.anna, w.boris);
    boris.pull();
    let edit = boris.edit_city(id, "Київ");
    boss.order(Order::Undo { command: order });
    assert!(matches!(boris.push_one(&edit), Outcome::SetAside(_)));
    anna.pull();
    assert_eq!(anna.proposals.len(), 1);
}

#[test]
fn a_client_given_back_before_the_device_came_takes_its_edits_at_once() {
    let (w, mut anna, mut boris, mut boss, id) = moved_away();
    let edit = anna.edit_city(id, "Київ");
    boss.move_client(id, w.boris, w.anna);
    assert_eq!(anna.push_one(&edit), Outcome::Accepted);
    boris.pull();
    assert!(!boris.was_sent("Київ"));
}

#[test]
fn proposals_follow_their_client_to_the_next_person() {
    let (w, mut anna, mut boris, mut boss, id) = moved_away();
    let edit = anna.edit_city(id, "Київ");
    let proposal = proposal_of(&anna.push_one(&edit));
    let mut clara = w.device(w.clara);
    clara.pull();
    boss.move_client(id, w.boris, w.clara);
    clara.pull();
    assert_eq!(clara.proposals.iter().map(|it| it.id).collect::<Vec<_>>(), [proposal]);
    assert_eq!(boris.order(Order::AcceptProposal { proposal }).1, refused("not_found"));
    assert!(matches!(clara.order(Order::AcceptProposal { proposal }).1, Outcome::Applied(_)));
}

fn given_for_a_week() -> (World, Device, Device, RecordId, RecordId) {
    let w = World::new();
    let (mut anna, mut clara) = (w.device(w.anna), w.device(w.clara));
    let (id, create) = anna.new_client("Ромашка");
    let (call, planned) = anna.new_interaction(id, "Позвонить");
    anna.push(&[create, planned]);
    anna.redirect(call, w.anna, w.clara, w.clock.now() + Duration::days(7));
    clara.pull();
    (w, anna, clara, id, call)
}

#[test]
fn work_done_under_a_grant_that_ran_out_by_itself_is_taken_in_until_the_purge() {
    let (w, mut anna, mut clara, id, call) = given_for_a_week();
    let result = Patch::new().set(interaction::RESULT, "Договорились".into());
    let edit = clara.edit(call, &interaction::KIND, &result);
    let later = clara.edit(call, &interaction::KIND, &Patch::new().set(interaction::EFFORT, 15));
    w.clock.forward(Duration::days(8));
    assert_eq!(clara.push_one(&edit), Outcome::Accepted);
    clara.pull();
    let [revoked] = clara.revoked.as_slice() else { panic!("{:?}", clara.revoked) };
    assert_eq!((revoked.home, revoked.ended_by, revoked.by), (Home::Client(id), EndedBy::Itself, None));
    clara.pull();
    assert_eq!(clara.push_one(&later), refused("no_access"));
    anna.pull();
    let record = anna.read(call, &interaction::KIND);
    assert_eq!(
        (record.get(interaction::RESULT).unwrap(), record.get(interaction::EFFORT)),
        ("Договорились".into(), None)
    );
}

#[test]
fn a_grant_that_ran_out_never_made_more_possible_than_it_did() {
    let (w, _, mut clara, id, _) = given_for_a_week();
    let card = clara.edit_city(id, "Київ");
    w.clock.forward(Duration::days(8));
    assert_eq!(clara.push_one(&card), refused("no_access"));
}

#[test]
fn work_on_an_interaction_that_somebody_took_back_waits_for_a_decision() {
    let (w, mut anna, mut clara, _, call) = given_for_a_week();
    let edit = clara.edit(call, &interaction::KIND, &Patch::new().set(interaction::RESULT, "Договорились".into()));
    let mut boss = w.device(w.boss);
    boss.redirect(call, w.clara, w.anna, w.clock.now() + Duration::days(7));
    assert!(matches!(clara.push_one(&edit), Outcome::SetAside(_)));
    anna.pull();
    assert_eq!(anna.proposals.len(), 1);
}

#[test]
fn what_he_could_write_before_and_may_only_read_now_waits_for_a_decision() {
    let w = World::new();
    let (mut anna, mut boss) = (w.device(w.anna), w.device(w.boss));
    let (id, create) = anna.new_client("Ромашка");
    let (call, planned) = anna.new_interaction(id, "Позвонить");
    anna.push(&[create, planned]);
    anna.pull();
    let edit = anna.edit_city(id, "Київ");
    boss.move_client(id, w.anna, w.boris);
    boss.redirect(call, w.boris, w.anna, w.clock.now() + Duration::days(7));
    assert!(matches!(anna.push_one(&edit), Outcome::SetAside(_)));
}

#[test]
fn after_a_set_aside_the_actor_never_writes_that_record_again() {
    let (w, mut anna, _, mut boss, id) = moved_away();
    let before = anna.records[&id].clone();
    let edit = anna.edit_city(id, "Київ");
    assert!(matches!(anna.push_one(&edit), Outcome::SetAside(_)));
    boss.move_client(id, w.boris, w.anna);
    // A device that forgot its set-aside edit and reuses the actor would give two changes one number.
    anna.records.insert(id, before.clone());
    let forked = anna.edit_city(id, "Львів");
    assert_eq!(anna.push_one(&forked), refused("refused_malformed"));
    anna.records.insert(id, before);
    anna.incarnation = 1;
    let rebased = anna.edit_city(id, "Львів");
    assert_eq!(anna.push_one(&rebased), Outcome::Accepted);
}

#[test]
fn of_a_client_that_came_and_went_between_two_contacts_nothing_is_sent_but_its_loss() {
    let w = World::new();
    let (mut anna, mut boris, mut boss) = (w.device(w.anna), w.device(w.boris), w.device(w.boss));
    let (id, create) = anna.new_client("Ромашка");
    anna.must_push(&create);
    anna.pull();
    boris.pull();
    let n_purges = |user| w.office.devices(Some(user)).unwrap()[0].n_purges;
    boss.move_client(id, w.anna, w.boris);
    boss.move_client(id, w.boris, w.anna);
    assert_eq!((n_purges(w.anna), n_purges(w.boris)), (0, 1), "what came back is not waited for");
    // Whether an answer with the client was long on its way only the device knows: it is asked to purge all the same.
    boris.pull();
    assert!(boris.revoked.len() == 1 && !boris.was_sent("Ромашка"));
    boris.pull();
    assert_eq!(n_purges(w.boris), 0);
}

#[test]
fn a_later_loss_that_was_never_felt_does_not_close_the_door_on_an_earlier_one() {
    let (w, mut anna, _, mut boss, id) = moved_away();
    let edit = anna.edit_city(id, "Київ");
    anna.pull();
    anna.purged.clear();
    // Told of the loss, nothing said of purging yet; the client comes and goes once more meanwhile.
    let interaction = {
        let mut boris = w.device(w.boris);
        boris.pull();
        let (call, planned) = boris.new_interaction(id, "Позвонить");
        boris.must_push(&planned);
        call
    };
    boss.redirect(interaction, w.boris, w.anna, w.clock.now() + Duration::days(1));
    w.clock.forward(Duration::days(2));
    anna.pull();
    assert_eq!(anna.revoked.len(), 2);
    assert!(matches!(anna.push_one(&edit), Outcome::SetAside(_)));
}
