//! Absences on the small office: who may record one, what comes and goes with it.

use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;

use super::absence::*;
use super::authority::*;
use super::cover::{missing, turn};
use super::decide::{OfficeView, shown_to};
use super::decide_tests::*;
use super::ids::*;
use super::order::*;

const SECOND: u8 = 21;
const AWAY: u8 = 70;

fn record(n: u8) -> RecordId {
    RecordId(id(n))
}

fn home(n: u8) -> Home {
    Home::Client(record(n))
}

fn given(list: &[(u8, u8)]) -> Vec<StandIn> {
    list.iter().map(|(item, to)| StandIn { record: record(*item), to: user(*to) }).collect()
}

fn days(n: i64) -> DateTime<Utc> {
    now() + Duration::days(n)
}

fn away(from: i64, until: Option<i64>, clients: &[(u8, u8)], interactions: &[(u8, u8)]) -> Order {
    Order::RecordAbsence {
        absence: AbsenceId(id(AWAY)),
        person: user(ANNA),
        reason: "illness".into(),
        from: days(from),
        until: until.map(days),
        clients: given(clients),
        interactions: given(interactions),
    }
}

fn dismissed(clients: &[(u8, u8)], interactions: &[(u8, u8)]) -> Order {
    match away(0, None, clients, interactions) {
        Order::RecordAbsence { absence, person, from, until, clients, interactions, .. } => {
            Order::RecordAbsence { absence, person, reason: DISMISSAL.into(), from, until, clients, interactions }
        }
        other => other,
    }
}

fn office() -> Small {
    let mut office = Small::open();
    office.give(SECOND, ANNA);
    office
}

impl Small {
    fn absence_now(&self) -> &Absence {
        &self.absences[&AbsenceId(id(AWAY))]
    }

    fn pass(&mut self, day: i64) {
        let due: Vec<Absence> = self.absences.values().cloned().collect();
        for absence in due {
            if let Some(plan) = turn(self, &absence, days(day)) {
                self.apply(&plan);
            }
        }
    }

    fn covers(&self, who: u8, client: u8) -> bool {
        let reason = Reason::Substitute(AbsenceId(id(AWAY)));
        self.grants
            .iter()
            .any(|(at, whose, grant)| *at == home(client) && *whose == user(who) && grant.reason == reason)
    }

    fn assigned(&self) -> UserId {
        self.interactions[&record(VISIT)].assigned
    }

    fn end_visit(&mut self) {
        self.interactions.get_mut(&record(VISIT)).unwrap().open = false;
    }
}

#[test]
fn cover_adds_the_substitute_and_leaves_the_absent_persons_access() {
    let mut office = office();
    office.order(NORTH_HEAD, 1, away(0, Some(7), &[(CLIENT, BOHDAN), (SECOND, SOUTHERNER)], &[])).unwrap();
    assert!(office.covers(BOHDAN, CLIENT) && office.covers(SOUTHERNER, SECOND));
    assert!(!office.covers(BOHDAN, SECOND));
    assert!(office.is_sound(), "Anna stays responsible");
    assert_eq!(office.assigned(), user(ANNA), "only what was named is handed over");
}

#[test]
fn cover_begins_and_ends_with_the_clock() {
    let mut office = office();
    office.order(NORTH_HEAD, 1, away(2, Some(7), &[(CLIENT, BOHDAN)], &[(VISIT, BOHDAN)])).unwrap();
    assert!(!office.covers(BOHDAN, CLIENT));
    office.pass(1);
    assert!(!office.covers(BOHDAN, CLIENT));
    office.pass(2);
    assert!(office.covers(BOHDAN, CLIENT));
    assert_eq!(office.assigned(), user(BOHDAN));
    let until = office.grants.iter().find(|(_, who, _)| *who == user(BOHDAN)).unwrap().2.until;
    assert_eq!(until, Some(days(7)));
    office.pass(7);
    assert_eq!(office.absence_now().stage, Stage::Over);
    assert!(office.grants.iter().all(|(_, who, _)| *who != user(BOHDAN)));
    assert_eq!(office.assigned(), user(ANNA), "what is still open goes back");
}

#[test]
fn what_was_done_stays_with_who_did_it() {
    let mut office = office();
    office.order(NORTH_HEAD, 1, away(0, Some(7), &[], &[(VISIT, BOHDAN)])).unwrap();
    office.end_visit();
    office.pass(7);
    assert_eq!(office.assigned(), user(BOHDAN));
    assert!(office.grants.iter().all(|(_, who, _)| *who != user(BOHDAN)), "his view of the client ends all the same");
}

#[test]
fn what_the_substitute_passed_on_goes_back_as_well() {
    let mut office = office();
    office.order(NORTH_HEAD, 1, away(0, Some(7), &[], &[(VISIT, BOHDAN)])).unwrap();
    office.order(BOHDAN, 2, redirect(BOHDAN, SOUTHERNER)).unwrap();
    office.pass(7);
    assert_eq!(office.assigned(), user(ANNA));
    assert!(office.grants.iter().all(|(_, who, _)| *who == user(ANNA)));
}

#[test]
fn an_absence_nobody_lived_through_leaves_no_trace() {
    let mut office = office();
    office.order(NORTH_HEAD, 1, away(2, Some(7), &[(CLIENT, BOHDAN)], &[(VISIT, BOHDAN)])).unwrap();
    let before = (office.grants.clone(), office.interactions.clone());
    office.pass(30);
    assert_eq!(office.absence_now().stage, Stage::Over);
    assert_eq!((office.grants, office.interactions), before);
}

#[test]
fn only_those_who_supervise_a_person_record_his_absence() {
    for (by, may) in [(NORTH_HEAD, true), (ADMIN, true), (SOUTH_HEAD, false), (BOHDAN, false), (ANNA, false)] {
        let recorded = office().order(by, by, away(0, Some(7), &[(CLIENT, BOHDAN)], &[]));
        assert_eq!(recorded.is_ok(), may, "by {by}: {recorded:?}");
    }
    let mut office = office();
    office.order(NORTH_HEAD, 1, away(0, None, &[(CLIENT, BOHDAN)], &[])).unwrap();
    let absence = AbsenceId(id(AWAY));
    for order in [Order::EndAbsence { absence }, Order::WithdrawAbsence { absence }, Order::FinishDismissal { absence }]
    {
        assert_eq!(office.order(SOUTH_HEAD, 2, order), Err(Refusal::NotFound), "a foreign absence looks like none");
    }
}

#[test]
fn two_absences_of_one_person_do_not_overlap_and_an_end_lies_after_the_beginning() {
    let mut office = office();
    assert_eq!(office.order(NORTH_HEAD, 1, away(3, Some(3), &[], &[])), Err(Refusal::Period));
    assert_eq!(office.order(NORTH_HEAD, 1, away(-5, Some(-1), &[], &[])), Err(Refusal::Period));
    office.order(NORTH_HEAD, 1, away(3, Some(5), &[], &[])).unwrap();
    let other = |from, until| match away(from, until, &[], &[]) {
        Order::RecordAbsence { person, reason, from, until, clients, interactions, .. } => {
            Order::RecordAbsence { absence: AbsenceId(id(71)), person, reason, from, until, clients, interactions }
        }
        other => other,
    };
    assert_eq!(office.order(NORTH_HEAD, 2, other(4, None)), Err(Refusal::Overlaps));
    office.order(NORTH_HEAD, 2, other(5, Some(9))).unwrap();
}

#[test]
fn what_cannot_be_given_is_left_out_with_the_reason() {
    let mut office = office();
    office.give(SECOND, BOHDAN);
    let plan = office
        .order(NORTH_HEAD, 1, away(0, Some(7), &[(CLIENT, BOHDAN), (SECOND, SOUTHERNER)], &[(VISIT, ANNA)]))
        .unwrap();
    assert_eq!(
        plan.refused,
        [
            (record(SECOND), Refusal::Expected { expected: user(ANNA), found: user(BOHDAN) }),
            (record(VISIT), Refusal::Nothing)
        ]
    );
    assert_eq!(office.absence_now().clients, given(&[(CLIENT, BOHDAN)]));
}

#[test]
fn an_open_absence_ends_when_he_is_back_and_late_edits_still_count() {
    let mut office = office();
    office.order(NORTH_HEAD, 1, away(0, None, &[(CLIENT, BOHDAN)], &[(VISIT, BOHDAN)])).unwrap();
    office.pass(100);
    assert!(office.covers(BOHDAN, CLIENT));
    let plan = office.order(NORTH_HEAD, 2, Order::EndAbsence { absence: AbsenceId(id(AWAY)) }).unwrap();
    let by_itself = |event: &Event| matches!(event, Event::GrantEnded { by_itself: true, .. });
    assert_eq!(plan.events.iter().filter(|event| by_itself(event)).count(), 2, "{plan:?}");
    assert_eq!(office.assigned(), user(ANNA));
    assert!(!office.covers(BOHDAN, CLIENT));
}

#[test]
fn taking_an_absence_back_ends_access_by_somebody_and_reports_what_was_done() {
    let mut office = office();
    office.order(NORTH_HEAD, 1, away(0, Some(7), &[(CLIENT, BOHDAN)], &[(VISIT, BOHDAN)])).unwrap();
    office.end_visit();
    let plan = office.order(NORTH_HEAD, 2, Order::Undo { command: CommandId(id(1)) }).unwrap();
    assert_eq!(plan.refused, [(record(VISIT), Refusal::Done)]);
    assert!(plan.events.iter().all(|event| !matches!(event, Event::GrantEnded { by_itself: true, .. })));
    assert!(!office.covers(BOHDAN, CLIENT));
    assert_eq!(office.absence_now().stage, Stage::Withdrawn);
    assert_eq!(office.assigned(), user(BOHDAN), "what was done stays");
}

#[test]
fn a_change_moves_only_what_differs_and_a_second_author_is_asked_again() {
    let mut office = office();
    office.order(NORTH_HEAD, 1, away(0, Some(7), &[(CLIENT, BOHDAN), (SECOND, BOHDAN)], &[(VISIT, BOHDAN)])).unwrap();
    let change = |revision, until| Order::ChangeAbsence {
        absence: AbsenceId(id(AWAY)),
        revision,
        from: now(),
        until: Some(days(until)),
        clients: given(&[(CLIENT, BOHDAN), (SECOND, SOUTHERNER)]),
        interactions: given(&[(VISIT, SOUTHERNER)]),
    };
    let plan = office.order(NORTH_HEAD, 2, change(0, 7)).unwrap();
    assert!(office.covers(SOUTHERNER, SECOND) && !office.covers(BOHDAN, SECOND) && office.covers(BOHDAN, CLIENT));
    assert_eq!(office.assigned(), user(SOUTHERNER));
    let about_first = |event: &&Event| matches!(event, Event::GrantGiven { home: at, .. } if *at == home(CLIENT));
    let again = plan
        .events
        .iter()
        .filter(about_first)
        .filter(|event| matches!(event, Event::GrantGiven { reason: Reason::Substitute(_), .. }));
    assert_eq!(again.count(), 0, "who stays is not touched");
    assert_eq!(office.order(ADMIN, 3, change(0, 9)), Err(Refusal::AbsenceChanged));

    // A later end reaches everybody who stands in.
    office.order(ADMIN, 4, change(1, 9)).unwrap();
    let untils: Vec<_> = office.grants.iter().filter(|(_, who, _)| *who != user(ANNA)).map(|one| one.2.until).collect();
    assert!(untils.len() == 3 && untils.iter().all(|until| *until == Some(days(9))), "{untils:?}");

    office.order(ADMIN, 5, Order::Undo { command: CommandId(id(4)) }).unwrap();
    assert_eq!(office.absence_now().until, Some(days(7)));
    assert!(office.covers(SOUTHERNER, SECOND));
}

#[test]
fn a_client_moved_for_good_is_covered_no_more_and_its_move_can_be_undone() {
    let mut office = office();
    office.order(NORTH_HEAD, 1, away(0, Some(7), &[(CLIENT, BOHDAN), (SECOND, BOHDAN)], &[(VISIT, BOHDAN)])).unwrap();
    office.order(NORTH_HEAD, 2, move_to(ANNA, SOUTHERNER)).unwrap();
    assert!(!office.covers(BOHDAN, CLIENT) && office.covers(BOHDAN, SECOND));
    assert_eq!(office.assigned(), user(SOUTHERNER), "what was handed over with it goes along");
    let mut later = office.clone();
    later.pass(7);
    assert_eq!(later.assigned(), user(SOUTHERNER), "and does not go back to somebody who has the client no more");

    office.order(NORTH_HEAD, 3, Order::Undo { command: CommandId(id(2)) }).unwrap();
    assert!(office.covers(BOHDAN, CLIENT) && office.covers(BOHDAN, SECOND));
    assert_eq!(office.assigned(), user(BOHDAN));
    office.pass(7);
    assert_eq!(office.assigned(), user(ANNA));
}

#[test]
fn vis_2_whoever_takes_a_client_back_learns_nothing_of_what_else_was_covered_there() {
    let mut office = Small::open();
    office.give(SECOND, SOUTHERNER);
    office.order(NORTH_HEAD, 1, move_to(ANNA, SOUTHERNER)).unwrap();
    let person = user(SOUTHERNER);
    let absence = match away(0, Some(7), &[(CLIENT, BOHDAN), (SECOND, BOHDAN)], &[]) {
        Order::RecordAbsence { absence, reason, from, until, clients, interactions, .. } => {
            Order::RecordAbsence { absence, person, reason, from, until, clients, interactions }
        }
        other => other,
    };
    office.order(SOUTH_HEAD, 2, absence).unwrap();
    // Her own order may be taken back although the client is another department's by now; that ends a cover there.
    let plan = office.order(NORTH_HEAD, 3, Order::Undo { command: CommandId(id(1)) }).unwrap();
    let names = |plan: &Plan| format!("{plan:?}").contains(&format!("{:?}", record(SECOND)));
    assert!(names(&plan), "the whole of what it did is remembered, to be taken back");
    assert!(!names(&shown_to(&office, user(NORTH_HEAD), plan.clone())));
    for knows in [SOUTH_HEAD, SOUTHERNER, ADMIN] {
        assert!(names(&shown_to(&office, user(knows), plan.clone())));
    }
}

fn merge(into: (u8, u8), others: &[(u8, u8)]) -> Order {
    let item = |(client, from): (u8, u8)| Move { client: record(client), from: user(from) };
    Order::MergeClients { into: item(into), others: others.iter().copied().map(item).collect() }
}

fn stands_in(office: &Small) -> Vec<(Home, UserId)> {
    let covers = |grant: &Grant| matches!(grant.reason, Reason::Substitute(_));
    let mut all: Vec<_> =
        office.grants.iter().filter(|(.., grant)| covers(grant)).map(|(at, who, _)| (*at, *who)).collect();
    all.sort();
    all
}

const THIRD: u8 = 22;

#[test]
fn of_clients_covered_by_two_one_stands_in_for_what_they_became_and_nobody_does_after_the_return() {
    let mut office = office();
    office.give(THIRD, ANNA);
    office.order(NORTH_HEAD, 1, away(0, None, &[(SECOND, BOHDAN), (THIRD, SOUTHERNER)], &[])).unwrap();
    let before = stands_in(&office);
    office.order(NORTH_HEAD, 2, merge((CLIENT, ANNA), &[(SECOND, ANNA), (THIRD, ANNA)])).unwrap();
    assert_eq!(stands_in(&office), [(home(CLIENT), user(BOHDAN))]);
    assert_eq!(office.absence_now().clients, given(&[(CLIENT, BOHDAN)]));

    let mut parted = office.clone();
    parted.order(NORTH_HEAD, 3, Order::Undo { command: CommandId(id(2)) }).unwrap();
    assert_eq!(stands_in(&parted), before);
    assert_eq!(parted.absence_now().clients, given(&[(SECOND, BOHDAN), (THIRD, SOUTHERNER)]));

    office.order(NORTH_HEAD, 4, Order::EndAbsence { absence: AbsenceId(id(AWAY)) }).unwrap();
    assert!(stands_in(&office).is_empty());
}

#[test]
fn a_substitute_into_whose_client_one_was_merged_does_not_see_it_when_it_is_parted_after_the_return() {
    let mut office = office();
    office.give(THIRD, BOHDAN);
    office.order(NORTH_HEAD, 1, away(0, None, &[(SECOND, BOHDAN)], &[])).unwrap();
    office.order(NORTH_HEAD, 2, merge((THIRD, BOHDAN), &[(SECOND, ANNA)])).unwrap();
    assert!(office.grants.iter().all(|(at, ..)| *at != home(SECOND)), "nobody sees what is empty");
    office.order(NORTH_HEAD, 3, Order::EndAbsence { absence: AbsenceId(id(AWAY)) }).unwrap();
    office.order(NORTH_HEAD, 4, Order::Undo { command: CommandId(id(2)) }).unwrap();
    let sees: Vec<_> = office.grants.iter().filter(|(at, ..)| *at == home(SECOND)).map(|(_, who, _)| *who).collect();
    assert_eq!(sees, [user(ANNA)]);
}

#[test]
fn a_visit_of_the_survivors_person_can_be_done_after_the_clients_came_apart() {
    let mut office = office();
    office.give(THIRD, BOHDAN);
    let (interaction, from, to) = (record(VISIT), user(ANNA), user(BOHDAN));
    let visit = Order::RedirectInteraction { interaction, from, to, comment: String::new(), until: days(30) };
    office.order(ANNA, 1, visit).unwrap();
    let sees = |office: &Small| {
        let reason = Reason::Assigned(record(VISIT));
        office.grants(home(CLIENT), user(BOHDAN)).iter().any(|grant| grant.reason == reason)
    };
    assert!(sees(&office));
    office.order(NORTH_HEAD, 2, merge((THIRD, BOHDAN), &[(CLIENT, ANNA)])).unwrap();
    assert!(!sees(&office));
    office.order(NORTH_HEAD, 3, Order::Undo { command: CommandId(id(2)) }).unwrap();
    assert_eq!(office.assigned(), user(BOHDAN));
    assert!(sees(&office), "he is to do it, so he sees whose it is");
}

#[test]
fn whoever_stood_in_and_then_has_the_client_loses_it_whole_when_it_goes_on() {
    let mut office = office();
    office.order(NORTH_HEAD, 1, away(0, None, &[(CLIENT, BOHDAN)], &[])).unwrap();
    office.order(NORTH_HEAD, 2, move_to(ANNA, BOHDAN)).unwrap();
    office.order(ADMIN, 3, move_to(BOHDAN, SOUTHERNER)).unwrap();
    assert!(office.grants(home(CLIENT), user(BOHDAN)).is_empty());
    assert!(office.is_sound());
}

#[test]
fn an_undo_that_finds_nothing_as_it_was_says_so() {
    let mut office = office();
    office.order(NORTH_HEAD, 1, away(0, Some(7), &[(CLIENT, BOHDAN)], &[])).unwrap();
    office.order(NORTH_HEAD, 2, move_to(ANNA, SOUTHERNER)).unwrap();
    office.order(ADMIN, 3, move_to(SOUTHERNER, ANNA)).unwrap();
    let stayed = Refusal::Expected { expected: user(SOUTHERNER), found: user(ANNA) };
    assert_eq!(office.order(ADMIN, 4, Order::Undo { command: CommandId(id(2)) }), Err(stayed));
}

#[test]
fn the_return_can_be_undone_while_the_absence_would_still_run() {
    let mut office = office();
    office.order(NORTH_HEAD, 1, away(0, Some(7), &[(CLIENT, BOHDAN)], &[(VISIT, BOHDAN)])).unwrap();
    office.order(NORTH_HEAD, 2, Order::EndAbsence { absence: AbsenceId(id(AWAY)) }).unwrap();
    office.order(NORTH_HEAD, 3, Order::Undo { command: CommandId(id(2)) }).unwrap();
    assert!(office.covers(BOHDAN, CLIENT));
    assert_eq!((office.assigned(), office.absence_now().until), (user(BOHDAN), Some(days(7))));
}

#[test]
fn a_dismissal_takes_clients_away_for_good_and_finishes_only_when_nothing_is_open() {
    let mut office = office();
    let phone = DeviceId(id(ANNA));
    office.devices.get_mut(&phone).unwrap().contact_at = Some(days(-1));
    let finish = || Order::FinishDismissal { absence: AbsenceId(id(AWAY)) };
    let plan = office.order(NORTH_HEAD, 1, dismissed(&[(CLIENT, BOHDAN)], &[])).unwrap();
    assert!(
        plan.events.iter().any(
            |event| matches!(event, Event::GrantEnded { user: whose, by_itself: false, .. } if *whose == user(ANNA))
        )
    );
    assert_eq!(office.clients[&record(CLIENT)].responsible, user(BOHDAN));
    assert_eq!(office.assigned(), user(BOHDAN));

    assert_eq!(office.order(NORTH_HEAD, 2, finish()), Err(Refusal::OpenItems));
    assert_eq!(missing(&office, office.absence_now()).clients, [record(SECOND)]);
    let (clients, interactions) = (given(&[(CLIENT, BOHDAN), (SECOND, SOUTHERNER)]), vec![]);
    let absence = AbsenceId(id(AWAY));
    let rest = Order::ChangeAbsence { absence, revision: 0, from: now(), until: None, clients, interactions };
    office.order(NORTH_HEAD, 3, rest).unwrap();

    // The phone has not been in touch since; then it has, with edits left; then it has sent everything.
    assert_eq!(office.order(NORTH_HEAD, 4, finish()), Err(Refusal::UnsentEdits));
    office.devices.get_mut(&phone).unwrap().contact_at = Some(days(1));
    office.devices.get_mut(&phone).unwrap().n_unsent = 2;
    assert_eq!(office.order(NORTH_HEAD, 5, finish()), Err(Refusal::UnsentEdits));
    office.devices.get_mut(&phone).unwrap().n_unsent = 0;
    office.devices.get_mut(&phone).unwrap().n_purges = 1;
    assert_eq!(office.order(NORTH_HEAD, 6, finish()), Err(Refusal::UnsentEdits));
    office.devices.get_mut(&phone).unwrap().n_purges = 0;
    office.order(NORTH_HEAD, 7, finish()).unwrap();
    assert!(!office.users[&user(ANNA)].active);
    assert_eq!(office.absence_now().stage, Stage::Over);
    assert_eq!(office.clients[&record(CLIENT)].responsible, user(BOHDAN), "nothing comes back from it");
    assert_eq!(office.order(NORTH_HEAD, 8, Order::Undo { command: CommandId(id(7)) }), Err(Refusal::NoUndo));
}

#[test]
fn whoever_gets_a_client_with_its_visit_has_no_second_reason_that_outlives_it() {
    let mut office = office();
    let reasons = |office: &Small, who: u8| -> Vec<Reason> {
        let his = office.grants.iter().filter(|(at, whose, _)| *at == home(CLIENT) && *whose == user(who));
        his.map(|(.., grant)| grant.reason).collect()
    };
    office.order(NORTH_HEAD, 1, dismissed(&[(CLIENT, BOHDAN)], &[(VISIT, BOHDAN)])).unwrap();
    assert_eq!(office.assigned(), user(BOHDAN));
    assert_eq!(reasons(&office, BOHDAN), [Reason::Responsible]);
    office.order(NORTH_HEAD, 2, Order::Undo { command: CommandId(id(1)) }).unwrap();
    assert_eq!(office.assigned(), user(ANNA));
    assert_eq!(reasons(&office, ANNA), [Reason::Responsible]);
    assert!(reasons(&office, BOHDAN).is_empty());
}

#[test]
fn a_dismissal_taken_back_gives_the_clients_back_where_they_still_are() {
    let mut office = office();
    office.order(NORTH_HEAD, 1, dismissed(&[(CLIENT, BOHDAN), (SECOND, BOHDAN)], &[(VISIT, SOUTHERNER)])).unwrap();
    assert_eq!(office.assigned(), user(SOUTHERNER));
    let moved = Order::MoveClients {
        moves: vec![Move { client: record(SECOND), from: user(BOHDAN) }],
        to: user(SOUTHERNER),
        reason: "other".into(),
    };
    office.order(ADMIN, 2, moved).unwrap();
    let plan = office.order(ADMIN, 3, Order::WithdrawAbsence { absence: AbsenceId(id(AWAY)) }).unwrap();
    assert_eq!(office.clients[&record(CLIENT)].responsible, user(ANNA));
    assert_eq!(office.assigned(), user(ANNA));
    let stayed = Refusal::Expected { expected: user(BOHDAN), found: user(SOUTHERNER) };
    assert_eq!(plan.refused, [(record(SECOND), stayed)]);
    assert!(office.is_sound());
}

#[test]
fn what_was_confirmed_holds_when_the_day_has_come_meanwhile() {
    let order = || away(1, Some(7), &[(CLIENT, BOHDAN)], &[(VISIT, BOHDAN)]);
    let shown = office().order(NORTH_HEAD, 1, order()).unwrap().mark();
    let begun = away(0, Some(7), &[(CLIENT, BOHDAN)], &[(VISIT, BOHDAN)]);
    let applied = office().order(NORTH_HEAD, 1, begun).unwrap().mark();
    assert!(shown.agrees_with(&applied));
    let mut done = office();
    done.end_visit();
    assert!(shown.agrees_with(&done.order(NORTH_HEAD, 1, order()).unwrap().mark()), "done meanwhile");
    let other = office().order(NORTH_HEAD, 1, away(1, Some(7), &[(CLIENT, SOUTHERNER)], &[])).unwrap().mark();
    assert!(!shown.agrees_with(&other), "somebody else");
}

proptest! {
    #[test]
    fn after_an_absence_everything_is_as_before_but_for_what_was_done(
        to in prop::collection::vec(14u8..16, 2), visit in prop::option::of(14u8..16),
        begins in 0i64..3, lasts in 1i64..5, passed_on in any::<bool>(), done in any::<bool>(), back in any::<bool>(),
    ) {
        let mut office = office();
        let before = (office.clients.clone(), office.grants.clone());
        let interactions: Vec<_> = visit.iter().map(|who| (VISIT, *who)).collect();
        let clients = [(CLIENT, to[0]), (SECOND, to[1])];
        office.order(NORTH_HEAD, 1, away(begins, Some(begins + lasts), &clients, &interactions)).unwrap();
        office.pass(begins);
        prop_assert!(office.is_sound());
        prop_assert!(office.covers(to[0], CLIENT) && office.covers(to[1], SECOND));
        let mut holder = visit.unwrap_or(ANNA);
        if passed_on && visit.is_some() {
            let next = if holder == BOHDAN { SOUTHERNER } else { BOHDAN };
            office.order(holder, 2, redirect(holder, next)).unwrap();
            holder = next;
        }
        if done {
            office.end_visit();
        }
        if back {
            office.order(NORTH_HEAD, 3, Order::EndAbsence { absence: AbsenceId(id(AWAY)) }).unwrap();
        } else {
            office.pass(begins + lasts);
        }
        // A grant for an interaction passed on runs out by its own date; what the absence gave is gone.
        prop_assert_eq!(&office.clients, &before.0);
        if !(passed_on && done) {
            prop_assert_eq!(&office.grants, &before.1);
        }
        prop_assert_eq!(office.assigned(), if done { user(holder) } else { user(ANNA) });
    }
}
