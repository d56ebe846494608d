//! Steps about people who are away: recorded, changed, ended and taken back, now and then a dismissal.

use chrono::Duration;
use rand::Rng;
use satchel_core::domain::absence::{DISMISSAL, StandIn};
use satchel_core::domain::ids::*;
use satchel_core::domain::order::Order;

use super::oracle::{Away, Stage as How};
use super::stage::Stage;
use super::steps::{anybody, order};
use super::typing::pick;

/// Records that somebody is away, with colleagues for some of what he has.
pub fn record(stage: &mut Stage) {
    let idx = boss_or_not(stage);
    let person = anybody_at_all(stage);
    let (now, absence) = (stage.office.now(), AbsenceId(stage.seats[idx].device.fresh().0));
    let for_good = stage.dice.random_bool(0.12);
    let from = now + Duration::hours(stage.dice.random_range(-6..24));
    // Odd milliseconds, so that no end coincides with a moment at which somebody asks.
    let lasts = Duration::hours(stage.dice.random_range(2..48)) + Duration::milliseconds(377);
    let until = (!for_good && stage.dice.random_bool(0.8)).then(|| from + lasts);
    let reason = if for_good { DISMISSAL } else { "illness" }.to_owned();
    let (clients, interactions) = distribution(stage, idx, person, if for_good { 0.9 } else { 0.6 });
    order(stage, idx, Order::RecordAbsence { absence, person, reason, from, until, clients, interactions });
}

/// Does something about an absence there is.
pub fn turn(stage: &mut Stage) {
    let idx = boss_or_not(stage);
    let all: Vec<(AbsenceId, Away)> = stage.books().absences.iter().map(|(id, away)| (*id, away.clone())).collect();
    let alive: Vec<_> = all.iter().filter(|(_, away)| away.stage != How::Ended).cloned().collect();
    // Mostly one that is alive; now and then one that is over.
    let among = if alive.is_empty() || stage.dice.random_bool(0.1) { all } else { alive };
    let Some((absence, away)) = pick(stage, &among) else { return };
    let choice = stage.dice.random_range(0..10u32);
    let what = match choice {
        _ if away.for_good && choice < 6 => Order::FinishDismissal { absence },
        0..3 => Order::EndAbsence { absence },
        3..5 => Order::WithdrawAbsence { absence },
        5 => Order::FinishDismissal { absence },
        _ => change(stage, idx, absence, &away),
    };
    order(stage, idx, what);
}

fn change(stage: &mut Stage, idx: usize, absence: AbsenceId, away: &Away) -> Order {
    let given = |list: &[(RecordId, UserId)]| -> Vec<StandIn> {
        list.iter().map(|(record, to)| StandIn { record: *record, to: *to }).collect()
    };
    let (mut clients, mut interactions) = (given(&away.clients), given(&away.tasks));
    if stage.dice.random_bool(0.7) {
        (clients, interactions) = distribution(stage, idx, away.person, 0.5);
        let kept = |stage: &mut Stage| stage.dice.random_bool(0.5);
        clients.extend(given(&away.clients).into_iter().filter(|_| kept(stage)));
        interactions.extend(given(&away.tasks).into_iter().filter(|_| kept(stage)));
    }
    let until = if stage.dice.random_bool(0.5) {
        away.until
    } else {
        let lasts = Duration::hours(stage.dice.random_range(1..72)) + Duration::milliseconds(377);
        (!away.for_good).then(|| stage.office.now() + lasts)
    };
    let revision = if stage.dice.random_bool(0.9) { away.revision } else { away.revision + 1 };
    Order::ChangeAbsence { absence, revision, from: away.from, until, clients, interactions }
}

/// Some of what a person has, as far as a device knows, each with a colleague.
fn distribution(stage: &mut Stage, idx: usize, person: UserId, share: f64) -> (Vec<StandIn>, Vec<StandIn>) {
    let some = |stage: &mut Stage, records: Vec<RecordId>| {
        let mut given = Vec::new();
        for record in records {
            if stage.dice.random_bool(share) {
                given.push(StandIn { record, to: anybody(stage) });
            }
        }
        given
    };
    let device = &stage.seats[idx].device;
    let mut clients: Vec<RecordId> = device.rows("client").into_iter().map(|row| row.id).collect();
    clients.retain(|client| device.responsible(*client) == Some(person));
    let mut tasks: Vec<RecordId> = device.rows("interaction").into_iter().map(|row| row.id).collect();
    tasks.retain(|task| device.assigned(*task) == Some(person));
    (some(stage, clients), some(stage, tasks))
}

fn boss_or_not(stage: &mut Stage) -> usize {
    // Now and then somebody who may not.
    if stage.dice.random_bool(0.95) { stage.any_supervisor() } else { stage.dice.random_range(0..3) }
}

fn anybody_at_all(stage: &mut Stage) -> UserId {
    let cast = stage.office.cast;
    let all = [cast.anna, cast.anna, cast.anna, cast.bohdan, cast.bohdan, cast.taras, cast.olena];
    all[stage.dice.random_range(0..all.len())]
}
