//! How a history comes to rest: everybody comes home, answers what came back, and meets the office until all is said.

use satchel_core::store::outbox::ItemState;

use super::stage::Stage;
use super::steps::{answer_what_came_back, deliver_late};

/// Rounds after which everybody must be quiet (CONV-3).
const ROUNDS: usize = 3;

/// Brings a history to rest.
pub fn settle(stage: &mut Stage) {
    stage.note("everybody comes home".to_owned());
    for idx in 0..stage.seats.len() {
        stage.seats[idx].device.online();
        stage.seats[idx].device.line.expect([]);
        deliver_late(stage, idx, true);
    }
    // Answers to what came back are themselves orders, which may come back again; the last ones are dropped.
    let (mut quiet, mut answers) = (0, 0);
    while quiet < ROUNDS {
        quiet += 1;
        for idx in 0..stage.seats.len() {
            stage.sync(idx);
        }
        for idx in stage.living() {
            while !stage.seats[idx].device.waiting(ItemState::NeedsConfirmation).is_empty() {
                quiet = 0;
                answers += 1;
                if answers > 20 {
                    drop_what_came_back(stage, idx);
                } else {
                    answer_what_came_back(stage, idx);
                }
                if !stage.books().objections.is_empty() {
                    return;
                }
            }
        }
    }
    nobody_has_anything_to_say(stage);
    everybody_adds_up(stage);
}

/// What every device holds adds up to what the server keeps count of: nothing is found to be put right (rule 23).
fn everybody_adds_up(stage: &mut Stage) {
    for idx in stage.living() {
        let device = &stage.seats[idx].device;
        if let Err(error) = device.store().check_soon() {
            stage.books().object(format!("asking for a check failed: {error}"));
            continue;
        }
        match device.try_sync() {
            Ok(report) if report.repaired.is_nothing() => {}
            outcome => {
                let name = stage.seats[idx].name;
                stage.books().object(format!("{name} device does not add up: {outcome:?}"));
            }
        }
    }
}

fn drop_what_came_back(stage: &mut Stage, idx: usize) {
    for item in stage.seats[idx].device.waiting(ItemState::NeedsConfirmation) {
        if let Err(error) = stage.seats[idx].device.withdraw(item.id) {
            stage.books().object(format!("dropping an order that came back failed: {error}"));
        }
    }
}

/// Idle traffic: one request, no changes, nothing granted, taken or purged.
fn nobody_has_anything_to_say(stage: &mut Stage) {
    for idx in stage.living() {
        let name = stage.seats[idx].name;
        stage.seats[idx].device.line.take_log();
        stage.sync(idx);
        let log = stage.seats[idx].device.line.take_log();
        if log.len() != 1 {
            stage.books().object(format!("{name} device needs {} requests when nothing has changed", log.len()));
        }
        let bytes: usize =
            log.iter().map(|one| crate::tap::change_bytes(&one.sent) + crate::tap::change_bytes(&one.received)).sum();
        if bytes > 0 {
            stage.books().object(format!("{name} device moves {bytes} bytes of changes when nothing has changed"));
        }
        let waiting = stage.seats[idx].device.waiting(ItemState::Waiting);
        if !waiting.is_empty() {
            let what: Vec<String> = waiting.iter().map(|item| format!("{item:?}")).collect();
            stage.books().object(format!("{name} device still waits to send {}", what.join("; ")));
        }
    }
}
