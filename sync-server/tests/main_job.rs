//! Push, pull and orders as devices meet them.
#![allow(clippy::unwrap_used)]

mod support;

use chrono::Duration;
use satchel_core::domain::authority::{ClientAuthority, EndedBy, Home, Level};
use satchel_core::domain::clock::Clock;
use satchel_core::domain::kinds::{client, interaction, saved_view};
use satchel_core::domain::order::{Mark, Move, Order};
use satchel_core::domain::patch::Patch;
use satchel_core::sync::wire::*;
use support::*;

#[test]
fn a_client_reaches_his_reps_other_device_and_the_supervisor_and_nobody_else() {
    let w = World::new();
    let (mut phone, mut laptop) = (w.device(w.anna), w.device(w.anna));
    let (mut boss, mut boris, mut clara, mut dora) =
        (w.device(w.boss), w.device(w.boris), w.device(w.clara), w.device(w.dora));
    let (id, group) = phone.new_client("Маркер");
    phone.must_push(&group);
    for device in [&mut phone, &mut laptop, &mut boss, &mut boris, &mut clara, &mut dora] {
        device.pull();
    }
    for device in [&phone, &laptop, &boss] {
        assert_eq!(device.read(id, &client::KIND).get(client::NAME).unwrap(), "Маркер");
        let authority = device.records[&id].authority.client.unwrap();
        assert_eq!(authority, ClientAuthority { responsible: w.anna, department: w.north });
    }
    for device in [&boris, &clara, &dora] {
        assert!(!device.was_sent("Маркер"));
        assert!(!device.homes.contains_key(&Home::Client(id)));
    }
}

#[test]
fn conv_3_an_edit_reaches_the_other_device_as_one_change_and_nothing_follows() {
    let w = World::new();
    let (mut phone, mut laptop) = (w.device(w.anna), w.device(w.anna));
    let (id, group) = phone.new_client("Ромашка");
    phone.must_push(&group);
    laptop.pull();
    let edit = phone.edit_city(id, "Київ");
    phone.must_push(&edit);
    laptop.pull_page();
    let [sent] = laptop.last.records.as_slice() else { panic!("{:?}", laptop.last.records) };
    assert!(!sent.full && sent.n == 1);
    assert_eq!(laptop.last.authors, [Author { device: phone.id, name: "phone".into(), user: w.anna }]);
    assert_eq!(laptop.read(id, &client::KIND).get(client::CITY).unwrap(), "Київ");
    let before = laptop.cursor.clone();
    assert!(!laptop.pull_page());
    assert!(laptop.last.records.is_empty() && laptop.last.granted.is_empty());
    assert_eq!(laptop.cursor, before);
}

#[test]
fn a_push_repeated_any_number_of_times_gives_one_state() {
    let w = World::new();
    let mut phone = w.device(w.anna);
    let (id, create) = phone.new_client("Ромашка");
    let edit = phone.edit_city(id, "Київ");
    assert_eq!(phone.push(&[create.clone(), edit.clone()]), [Outcome::Accepted, Outcome::Accepted]);
    let counts = w.storage.counts().unwrap();
    for _ in 0..3 {
        assert_eq!(phone.push(&[create.clone(), edit.clone()]), [Outcome::Duplicate, Outcome::Duplicate]);
    }
    // The same changes in a group of another id are known by their hashes.
    let again = phone.group(edit.message.items.clone(), edit.blobs.clone());
    assert_eq!(phone.push_one(&again), Outcome::Accepted);
    assert_eq!(w.storage.counts().unwrap(), counts);
}

#[test]
fn a_lost_answer_is_no_clone_and_a_clone_gets_an_incarnation_of_its_own() {
    let w = World::new();
    let mut phone = w.device(w.anna);
    let (id, create) = phone.new_client("Ромашка");
    let hello = phone.hello(true, false);
    let mut twin = phone.clone();
    phone.exchange(hello.clone(), std::slice::from_ref(&create)).unwrap();
    // The answer was lost: the same push once more.
    let heard = phone.exchange(hello, std::slice::from_ref(&create)).unwrap();
    assert_eq!((heard.welcome.incarnation, heard.verdicts), (None, vec![Outcome::Duplicate]));
    assert_eq!(phone.push_counter, 1);

    let edit = twin.edit_city(id, "Київ");
    let hello = twin.hello(true, false);
    let heard = twin.exchange(hello, std::slice::from_ref(&edit)).unwrap();
    assert_eq!(heard.welcome.incarnation, Some(1));
    assert!(heard.verdicts.is_empty());
    twin.incarnation = 1;
    // Rebased under the new actor it goes in, and the original is not disturbed.
    twin.pull();
    let edit = twin.edit_city(id, "Київ");
    twin.must_push(&edit);
    let edit = phone.edit_city(id, "Львів");
    phone.must_push(&edit);
}

#[test]
fn a_bad_group_never_blocks_the_rest() {
    let w = World::new();
    let (mut phone, mut boris) = (w.device(w.anna), w.device(w.boris));
    let (id, create) = phone.new_client("Ромашка");
    phone.must_push(&create);
    let (theirs, group) = boris.new_client("Чужой");
    boris.must_push(&group);

    let good = phone.edit_city(id, "Київ");
    phone.records.insert(theirs, boris.records[&theirs].clone());
    let foreign = phone.edit_city(theirs, "Львів");
    let unknown = {
        let (_, mut group) = phone.new_client("Никакой");
        group.message.items.remove(0);
        group
    };
    let mut broken = phone.edit_city(id, "Одеса");
    broken.blobs[0].push(0);
    let (other, create) = phone.new_client("Лютик");
    let outcomes = phone.push(&[foreign, good, unknown, broken, create]);
    // What is not yours and what does not exist look the same (VIS-2).
    assert_eq!(
        outcomes,
        [
            refused("no_access"),
            Outcome::Accepted,
            refused("no_access"),
            refused("refused_malformed"),
            Outcome::Accepted
        ]
    );
    let mut laptop = w.device(w.anna);
    laptop.pull();
    assert!(laptop.records.contains_key(&other));
    assert_eq!(laptop.read(id, &client::KIND).get(client::CITY).unwrap(), "Київ");
}

#[test]
fn a_group_waits_for_what_it_builds_on() {
    let w = World::new();
    let mut phone = w.device(w.anna);
    let (id, create) = phone.new_client("Ромашка");
    let edit = phone.edit_city(id, "Київ");
    let mut after = phone.edit_city(id, "Львів");
    after.message.depends_on = vec![edit.message.id.0];
    phone.must_push(&create);
    assert_eq!(phone.push_one(&after), Outcome::MissingDependencies);
    assert_eq!(phone.push(&[edit, after]), [Outcome::Accepted, Outcome::Accepted]);

    let mut foreign = phone.group(Vec::new(), Vec::new());
    foreign.message.items = vec![Item::Changes { record: RecordKey { id, generation: 0 }, n: 7 }];
    let mut follows = phone.edit_city(id, "Одеса");
    follows.message.depends_on = vec![foreign.message.id.0];
    let outcomes = phone.push(&[foreign.clone(), follows]);
    assert_eq!(outcomes, [refused("refused_malformed"), Outcome::DependsOn(foreign.message.id.0)]);
}

#[test]
fn a_moved_client_leaves_one_rep_and_reaches_the_other_with_his_history() {
    let w = World::new();
    let (mut anna, mut boris, mut boss) = (w.device(w.anna), w.device(w.boris), w.device(w.boss));
    let (id, create) = anna.new_client("Ромашка");
    let (call, planned) = anna.new_interaction(id, "Позвонить");
    assert_eq!(anna.push(&[create, planned]), [Outcome::Accepted, Outcome::Accepted]);
    for device in [&mut anna, &mut boris, &mut boss] {
        device.pull();
    }
    boss.move_client(id, w.anna, w.boris);
    for device in [&mut anna, &mut boris, &mut boss] {
        device.pull();
    }
    assert!(anna.records.is_empty());
    let [revoked] = anna.revoked.as_slice() else { panic!("{:?}", anna.revoked) };
    assert_eq!((revoked.home, revoked.now_with, revoked.by), (Home::Client(id), Some(w.boris), Some(w.boss)));
    assert_eq!(revoked.ended_by, EndedBy::Somebody);
    assert_eq!(boris.read(call, &interaction::KIND).get(interaction::SUBJECT).unwrap(), "Позвонить");
    assert_eq!(boris.records[&call].authority.assigned, Some(w.boris));
    assert_eq!(boss.records[&call].authority.assigned, Some(w.boris));
    assert_eq!(boss.records[&call].authority.hand_overs.len(), 1);
    assert_eq!(boss.records[&id].authority.client.unwrap().responsible, w.boris);
    // The office's list shows who has not purged yet, and then that he has.
    let waits = |user| w.office.devices(Some(user)).unwrap()[0].n_purges;
    assert_eq!(waits(w.anna), 1);
    anna.pull();
    assert_eq!(waits(w.anna), 0);
}

#[test]
fn undo_gives_a_client_back_and_the_device_gets_it_anew() {
    let w = World::new();
    let (mut anna, mut boss) = (w.device(w.anna), w.device(w.boss));
    let (id, create) = anna.new_client("Ромашка");
    anna.must_push(&create);
    anna.pull();
    boss.pull();
    let order = boss.move_client(id, w.anna, w.boris);
    let (_, outcome) = boss.order(Order::Undo { command: order });
    assert!(matches!(outcome, Outcome::Applied(_)), "{outcome:?}");
    // The device was away all along: the gap is shown, the record comes again in full.
    anna.pull();
    let granted = anna.last.granted.iter().find(|granted| granted.home == Home::Client(id)).unwrap();
    assert!(granted.anew);
    assert!(anna.last.records.iter().any(|record| record.record.id == id && record.full));
    assert!(anna.records.contains_key(&id) && anna.revoked.is_empty());
    let (_, outcome) = boss.order(Order::Undo { command: order });
    assert_eq!(outcome, Outcome::Confirm(Err("changed_meanwhile_by_office".into())));
}

#[test]
fn the_second_of_two_contradicting_moves_comes_back_for_confirmation() {
    let w = World::new();
    let (mut anna, mut boss, mut admin) = (w.device(w.anna), w.device(w.boss), w.device(w.admin));
    let (id, create) = anna.new_client("Ромашка");
    anna.must_push(&create);
    boss.move_client(id, w.anna, w.boris);
    let moves = vec![Move { client: id, from: w.anna }];
    let (_, group) = admin.command(Order::MoveClients { moves, to: w.clara, reason: "other".into() });
    let expected = Outcome::Confirm(Err("changed_meanwhile_by_office".into()));
    assert_eq!(admin.push_one(&group), expected);
    assert_eq!(admin.push_one(&group), expected, "asked again it is judged again");
}

#[test]
fn an_order_is_applied_once_whatever_the_number_of_deliveries() {
    let w = World::new();
    let (mut anna, mut boss) = (w.device(w.anna), w.device(w.boss));
    let (id, create) = anna.new_client("Ромашка");
    anna.must_push(&create);
    let moves = vec![Move { client: id, from: w.anna }];
    let (_, group) = boss.command(Order::MoveClients { moves, to: w.boris, reason: "other".into() });
    let first = boss.push_one(&group);
    let head = w.storage.head().unwrap();
    assert_eq!(boss.push_one(&group), first);
    let another_group = boss.group(group.message.items.clone(), Vec::new());
    assert_eq!(boss.push_one(&another_group), first);
    assert_eq!(w.storage.head().unwrap(), head);
}

#[test]
fn a_plan_that_differs_from_the_confirmed_one_waits_for_a_second_confirmation() {
    let w = World::new();
    let (mut anna, mut boss) = (w.device(w.anna), w.device(w.boss));
    let (id, create) = anna.new_client("Ромашка");
    anna.must_push(&create);
    let moves = vec![Move { client: id, from: w.anna }];
    let order = Order::MoveClients { moves, to: w.boris, reason: "other".into() };
    let (_, group) = boss.confirmed(order.clone(), Some(Mark::default()));
    let Outcome::Confirm(Ok(plan)) = boss.push_one(&group) else { panic!("not sent back") };
    let (_, group) = boss.confirmed(order, Some(plan.mark()));
    assert_eq!(plan_of(&boss.push_one(&group)).events, plan.events);
}

#[test]
fn a_rehearsal_says_what_the_order_then_does_and_changes_nothing() {
    let w = World::new();
    let (mut anna, mut boss) = (w.device(w.anna), w.device(w.boss));
    let (id, create) = anna.new_client("Ромашка");
    let (_, planned) = anna.new_interaction(id, "Позвонить");
    anna.push(&[create, planned]);
    let moves = vec![Move { client: id, from: w.anna }];
    let order = Order::MoveClients { moves, to: w.clara, reason: "holiday".into() };
    let (_, group) = boss.command(order);
    let Item::Command(command) = group.message.items[0].clone() else { panic!() };
    let head = w.storage.head().unwrap();
    let answer = w.office.rehearse(&boss.tokens.access, &pack(&[Frame::bare(command)]).unwrap()).unwrap();
    let answer: RehearsalAnswer = unpack(&answer).unwrap().pop().unwrap().message;
    assert_eq!(w.storage.head().unwrap(), head);
    assert_eq!(answer.people, {
        let mut people = vec![(w.anna, 0, 1), (w.clara, 1, 0)];
        people.sort();
        people
    });
    // Clara's devices are not the boss's to know of; Anna's are.
    assert_eq!(answer.devices.iter().map(|device| device.id).collect::<Vec<_>>(), [anna.id]);
    assert_eq!(plan_of(&boss.push_one(&group)), &answer.plan.unwrap());
}

#[test]
fn somebody_given_one_interaction_adds_and_works_on_it_and_edits_nothing_else() {
    let w = World::new();
    let (mut anna, mut clara) = (w.device(w.anna), w.device(w.clara));
    let (id, create) = anna.new_client("Ромашка");
    let (call, planned) = anna.new_interaction(id, "Позвонить");
    let (other, second) = anna.new_interaction(id, "Письмо");
    anna.push(&[create, planned, second]);
    anna.redirect(call, w.anna, w.clara, w.clock.now() + Duration::days(7));
    clara.pull();
    assert_eq!(clara.records.len(), 3);
    assert_eq!(clara.homes[&Home::Client(id)][0].level, Level::Add);
    let result = Patch::new().set(interaction::RESULT, "Договорились".into());
    let edit = clara.edit(call, &interaction::KIND, &result);
    clara.must_push(&edit);
    let (_, new) = clara.new_interaction(id, "Ещё звонок");
    clara.must_push(&new);
    let card = clara.edit_city(id, "Київ");
    let foreign = clara.edit(other, &interaction::KIND, &result);
    let (_, person) = clara.new_person(id, "Иванова");
    assert_eq!(
        clara.push(&[card, foreign, person]),
        [refused("read_only"), refused("read_only"), refused("read_only")]
    );
    anna.pull();
    assert_eq!(anna.records[&call].authority.assigned, Some(w.clara));
    assert_eq!(anna.read(call, &interaction::KIND).get(interaction::RESULT).unwrap(), "Договорились");
}

#[test]
fn catalogues_are_everybodys_to_read_and_the_supervisors_to_write() {
    use satchel_core::domain::kinds::business_region;
    let w = World::new();
    let (mut anna, mut boss, mut clara) = (w.device(w.anna), w.device(w.boss), w.device(w.clara));
    let patch = Patch::new().set(business_region::NAME, "Полесье".into());
    let (_, refused_one) = anna.create(&business_region::KIND, |_| Home::Organisation, &patch);
    assert_eq!(anna.push_one(&refused_one), refused("read_only"));
    let (id, create) = boss.create(&business_region::KIND, |_| Home::Organisation, &patch);
    boss.must_push(&create);
    clara.pull();
    assert_eq!(clara.read(id, &business_region::KIND).get(business_region::NAME).unwrap(), "Полесье");
}

#[test]
fn vis_4_a_creation_goes_only_into_homes_of_its_kind() {
    let w = World::new();
    let mut anna = w.device(w.anna);
    let (id, create) = anna.new_client("Ромашка");
    anna.must_push(&create);
    let patch = Patch::new().set(client::NAME, "Обман".into());
    for home in [Home::Organisation, Home::User(w.anna), Home::Client(id), Home::Department(w.north)] {
        let (_, create) = anna.create(&client::KIND, |_| home, &patch);
        assert_eq!(anna.push_one(&create), refused("no_access"), "{home:?}");
    }
    // A view of one's own goes to nobody else, where he would find it among his.
    let named = Patch::new().set(saved_view::NAME, "Мои".into());
    let (_, planted) = anna.create(&saved_view::KIND, |_| Home::User(w.boris), &named);
    assert_eq!(anna.push_one(&planted), refused("refused_malformed"));
    let (_, own) = anna.create(&saved_view::KIND, |_| Home::User(w.anna), &named);
    anna.must_push(&own);
    // A client's id that is taken is not told apart from one that is not his.
    let (_, mut again) = anna.new_client("Снова");
    for item in &mut again.message.items {
        match item {
            Item::Create { record, homes, .. } => (record.id, *homes) = (id, vec![Home::Client(id)]),
            Item::Changes { record, .. } => record.id = id,
            Item::Command(_) => {}
        }
    }
    let mut boris = w.device(w.boris);
    assert_eq!(boris.push_one(&again), refused("no_access"));
}
