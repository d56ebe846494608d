//! What people and the world do, one step at a time, by the dice.

use chrono::Duration;
use rand::Rng;
use satchel_core::domain::ids::*;
use satchel_core::domain::kinds::interaction;
use satchel_core::domain::order::{Move, Order, Wipe};
use satchel_core::store::StoreError;
use satchel_core::store::outbox::{ItemState, OutboxEntry};

use super::absent;
use super::oracle::Fate;
use super::stage::Stage;
use super::typing::*;
use satchel_server::storage::CompactionRule;

use crate::harness::Fault;

/// Everybody makes a client or two and meets the office once, so that there is something to quarrel about.
pub fn opening(stage: &mut Stage) {
    for idx in 0..stage.seats.len() {
        if !stage.supervises(stage.seats[idx].device.user) {
            create_client(stage, idx);
            if stage.dice.random_bool(0.7) {
                plan_for_any(stage, idx);
            }
        }
    }
    for idx in 0..stage.seats.len() {
        stage.sync(idx);
        if stage.dice.random_bool(0.3) {
            back_up_or_restore(stage, idx);
        }
    }
}

/// Everybody meets the office in mid-history: late edits come to those who decide on them.
pub fn gather(stage: &mut Stage) {
    stage.note("everybody meets the office".to_owned());
    for idx in 0..stage.seats.len() {
        stage.sync(idx);
    }
}

/// One step.
pub fn take(stage: &mut Stage) {
    let idx = stage.dice.random_range(0..stage.seats.len());
    if stage.seats[idx].empty {
        return;
    }
    // Whatever a person must answer is answered more often than it comes up by chance.
    if stage.seats[idx].device.line.n_held_up() > 0 && stage.dice.random_bool(0.3) {
        return deliver_late(stage, idx, false);
    }
    let asked = stage.dice.random_bool(0.3) && !stage.seats[idx].device.proposals().is_empty();
    if asked {
        return decide_any(stage, idx);
    }
    match stage.dice.random_range(0..111u32) {
        0..24 => edit_any(stage, idx),
        24..27 => create_client(stage, idx),
        27..35 => plan_for_any(stage, idx),
        35..38 => person_for_any(stage, idx),
        38..42 => close_any(stage, idx),
        42..48 => redirect_any(stage, idx),
        48..55 => move_any(stage),
        55..60 => undo_any(stage, idx),
        60..62 => withdraw_any(stage, idx),
        62..65 => answer_what_came_back(stage, idx),
        65..67 => revoke_any(stage),
        67..84 => contact(stage, idx),
        84..88 => edit_while_syncing(stage, idx),
        88..91 => kill(stage, idx),
        91..92 => back_up_or_restore(stage, idx),
        92..93 => restart(stage),
        93..95 => retry_any(stage, idx),
        95..97 => compact(stage),
        97..101 => absent::record(stage),
        101..104 => absent::turn(stage),
        _ => let_time_pass(stage),
    }
}

/// The office folds whatever can be folded, however short and fresh it is.
fn compact(stage: &mut Stage) {
    stage.note("the office compacts".to_owned());
    let before = stage.office.now() + Duration::seconds(1);
    let rule = CompactionRule { least: 2, before, at_most: 1000 };
    let done = stage.office.storage().compact(&rule).expect("the office compacts");
    for _ in 0..done.n_records {
        stage.books().count("folded");
    }
}

fn restart(stage: &mut Stage) {
    stage.note("the server begins anew".to_owned());
    stage.office.restart();
}

// -------------------------------------------------------------------------------------------------- orders

fn redirect_any(stage: &mut Stage, idx: usize) {
    let mine = stage.seats[idx].device.user;
    let supervisor = stage.supervises(mine);
    let rows = rows(stage, idx, "interaction");
    let his: Vec<_> = rows
        .into_iter()
        .filter(|row| row.get(interaction::STATE).as_deref() == Some("planned"))
        .filter(|row| supervisor || row.get(interaction::ASSIGNED) == Some(mine))
        .collect();
    let Some(row) = pick(stage, &his) else { return };
    let Some(from) = row.get(interaction::ASSIGNED) else { return };
    let to = anybody(stage);
    let now = stage.office.now();
    // Odd milliseconds, so that no end coincides with a moment at which somebody asks.
    let lasts = Duration::hours(stage.dice.random_range(1..72)) + Duration::milliseconds(377);
    let (interaction, comment) = (row.id, String::new());
    order(stage, idx, Order::RedirectInteraction { interaction, from, to, comment, until: now + lasts });
}

fn move_any(stage: &mut Stage) {
    // Mostly the supervisor; now and then somebody who may not.
    let idx = if stage.dice.random_bool(0.9) { stage.any_supervisor() } else { stage.dice.random_range(0..3) };
    let clients = rows(stage, idx, "client");
    let n = stage.dice.random_range(1..=2usize);
    let mut moves = Vec::new();
    for _ in 0..n {
        let Some(row) = pick(stage, &clients) else { return };
        let responsible = stage.seats[idx].device.responsible(row.id);
        moves.extend(responsible.map(|from| Move { client: row.id, from }));
    }
    if moves.is_empty() {
        return;
    }
    let to = anybody(stage);
    order(stage, idx, Order::MoveClients { moves, to, reason: "other".to_owned() });
}

fn undo_any(stage: &mut Stage, idx: usize) {
    let applied: Vec<OutboxEntry> = stage.seats[idx].device.commands(ItemState::Applied);
    let Some(command) = pick(stage, &applied).and_then(|entry| entry.command) else { return };
    if matches!(command.order, Order::MoveClients { .. } | Order::RedirectInteraction { .. } | Order::Undo { .. })
        || command.order.absence().is_some()
    {
        order(stage, idx, Order::Undo { command: command.id });
    }
}

fn decide_any(stage: &mut Stage, idx: usize) {
    let proposals = stage.seats[idx].device.proposals();
    let Some(proposal) = pick(stage, &proposals) else { return };
    let accept = stage.dice.random_bool(0.6);
    let order_is = if accept {
        Order::AcceptProposal { proposal }
    } else {
        Order::DeclineProposal { proposal, picked: Vec::new() }
    };
    order(stage, idx, order_is);
}

fn revoke_any(stage: &mut Stage) {
    // One device or one person at most, or nobody is left to play.
    if !stage.books().revoked.is_empty() || !stage.dice.random_bool(0.5) {
        return revoke_again(stage);
    }
    let boss = stage.any_supervisor();
    let wipe = any_wipe(stage);
    if stage.dice.random_bool(0.25) {
        let user = anybody(stage);
        return order(stage, boss, Order::RevokePerson { user, wipe });
    }
    let device = stage.seats[stage.dice.random_range(0..3usize)].device.id;
    order(stage, boss, Order::RevokeDevice { device, wipe });
}

/// A device whose rights have ended is to be emptied as well.
fn revoke_again(stage: &mut Stage) {
    let revoked: Vec<DeviceId> = stage.books().revoked.iter().copied().collect();
    let (boss, wipe) = (stage.any_supervisor(), any_wipe(stage));
    if let Some(device) = pick(stage, &revoked) {
        order(stage, boss, Order::RevokeDevice { device, wipe });
    }
}

fn any_wipe(stage: &mut Stage) -> Option<Wipe> {
    let (wanted, rescue) = (stage.dice.random_bool(0.7), stage.dice.random_bool(0.6));
    let after_seconds = if stage.dice.random_bool(0.6) { 0 } else { stage.dice.random_range(1..36 * 3600) };
    wanted.then_some(Wipe { rescue, after_seconds })
}

/// Gives an order at a device.
pub fn order(stage: &mut Stage, idx: usize, order: Order) {
    stage.note(format!("{}: orders {order:?}", stage.seats[idx].name));
    stage.books().count("orders");
    stage.seats[idx].device.order(order);
}

/// One of the reps.
pub fn anybody(stage: &mut Stage) -> UserId {
    let cast = &stage.office.cast;
    let all = [cast.anna, cast.bohdan, cast.bohdan, cast.taras];
    all[stage.dice.random_range(0..all.len())]
}

// -------------------------------------------------------------------------------------------------- second thoughts

/// Takes back what waits; of what may have reached the office the device says that it is too late.
fn withdraw_any(stage: &mut Stage, idx: usize) {
    let waiting = stage.seats[idx].device.waiting(ItemState::Waiting);
    let Some(item) = pick(stage, &waiting) else { return };
    stage.note(format!("{}: withdraws {}", stage.seats[idx].name, item.id));
    match stage.seats[idx].device.withdraw(item.id) {
        Ok(()) => {
            for edit in stage.groups.get(&item.id).cloned().unwrap_or_default() {
                stage.books().withdrawn(edit);
            }
            set_aside_with_it(stage, idx);
        }
        Err(StoreError::MaybeSent) => stage.books().count("too late to withdraw"),
        Err(error) => stage.books().object(format!("withdrawing an unsent item failed: {error}")),
    }
}

/// What was typed on top of something withdrawn cannot be sent any more; its author finds it among the refused.
fn set_aside_with_it(stage: &mut Stage, idx: usize) {
    for item in stage.seats[idx].device.waiting(ItemState::Refused) {
        for edit in stage.groups.get(&item.id).cloned().unwrap_or_default() {
            stage.books().stranded(edit);
        }
    }
}

/// Tries a refused item again.
fn retry_any(stage: &mut Stage, idx: usize) {
    let refused: Vec<OutboxEntry> = stage.seats[idx].device.waiting(ItemState::Refused);
    let refused: Vec<OutboxEntry> = refused.into_iter().filter(|item| item.command.is_none()).collect();
    let Some(item) = pick(stage, &refused) else { return };
    stage.note(format!("{}: tries {} again", stage.seats[idx].name, item.id));
    if let Ok(Some(group)) = stage.seats[idx].device.retry(item.id) {
        let edits = stage.groups.get(&item.id).cloned().unwrap_or_default();
        for edit in &edits {
            stage.books().again(*edit);
        }
        stage.groups.insert(group, edits);
        stage.books().count("tried again");
    }
}

/// An order that came back is given anew as the world is now, or dropped.
pub fn answer_what_came_back(stage: &mut Stage, idx: usize) {
    let back = stage.seats[idx].device.waiting(ItemState::NeedsConfirmation);
    let Some(item) = pick(stage, &back) else { return };
    let Some(command) = &item.command else { return };
    let device = &stage.seats[idx].device;
    let anew = match &command.order {
        Order::MoveClients { moves, to, reason } if stage.dice.random_bool(0.5) => {
            let now = moves.iter().filter_map(|one| Some(Move { from: device.responsible(one.client)?, ..*one }));
            Some(Order::MoveClients { moves: now.collect(), to: *to, reason: reason.clone() })
        }
        _ => None,
    };
    stage.note(format!(
        "{}: {} what came back",
        stage.seats[idx].name,
        if anew.is_some() { "confirms" } else { "drops" }
    ));
    let done = match anew {
        Some(order) => stage.seats[idx].device.replace(command.id, order),
        None => stage.seats[idx].device.withdraw(item.id),
    };
    if let Err(error) = done {
        stage.books().object(format!("answering what came back failed: {error}"));
    }
    stage.books().count("came back");
}

// -------------------------------------------------------------------------------------------------- the world

fn contact(stage: &mut Stage, idx: usize) {
    let n = stage.dice.random_range(0..4usize);
    let faults: Vec<Option<Fault>> = (0..n)
        .map(|_| match stage.dice.random_range(0..12u32) {
            0 | 1 => Some(Fault::LoseAnswer),
            2 => Some(Fault::Cut),
            3 | 4 => Some(Fault::Twice),
            5 => Some(Fault::Delay),
            6 => Some(Fault::Echo),
            _ => None,
        })
        .collect();
    stage.note(format!("{}: syncs, {faults:?}", stage.seats[idx].name));
    stage.seats[idx].device.line.expect(faults);
    stage.sync(idx);
    stage.seats[idx].device.line.expect([]);
}

/// Requests that were held up reach the server, in any order.
pub fn deliver_late(stage: &mut Stage, idx: usize, all: bool) {
    loop {
        let n = stage.seats[idx].device.line.n_held_up();
        if n == 0 {
            return;
        }
        let which = stage.dice.random_range(0..n);
        stage.note(format!("{}: request {which} of {n} held up arrives", stage.seats[idx].name));
        stage.books().count("arrived late");
        stage.seats[idx].device.line.deliver_late(which);
        if !all {
            return;
        }
    }
}

fn kill(stage: &mut Stage, idx: usize) {
    let name = stage.seats[idx].name;
    if stage.dice.random_bool(0.5) {
        let n = stage.dice.random_range(0..3usize);
        stage.note(format!("{name}: killed in sync after {n} more requests"));
        stage.kill_in_sync(idx, n);
    } else {
        stage.note(format!("{name}: killed"));
        stage.seats[idx].device.kill();
        stage.watch(idx);
    }
    unsent_edits_are_there(stage, idx);
}

/// The disk is copied, or what was copied earlier takes the place of what is there.
fn back_up_or_restore(stage: &mut Stage, idx: usize) {
    let name = stage.seats[idx].name;
    let Some((disk, next)) = stage.seats[idx].backup.take() else {
        stage.note(format!("{name}: backed up"));
        let next = stage.books().next_edit();
        stage.seats[idx].backup = Some((stage.seats[idx].device.snapshot(), next));
        return;
    };
    stage.note(format!("{name}: restored to before edit {next}"));
    stage.seats[idx].device.wake_from(disk);
    stage.watch(idx);
    let device = stage.seats[idx].device.id;
    stage.books().restored(device, next);
}

/// What was saved and has no verdict is still to be sent, whatever happened to the process (DUR-1).
fn unsent_edits_are_there(stage: &mut Stage, idx: usize) {
    let device = &stage.seats[idx].device;
    let shown = device.everything_unsent();
    let found = stage.books().tokens.in_bytes(shown.as_bytes());
    let missing: Vec<_> = stage
        .books()
        .edits()
        .filter(|(_, typed, fate)| typed.device == device.id && *fate == Fate::Waiting)
        .filter(|(edit, ..)| !found.contains(&super::tokens::Owner::Edit(*edit)))
        .map(|(edit, ..)| edit)
        .collect();
    if !missing.is_empty() {
        stage.books().object(format!("{} lost saved edits {missing:?} when it was killed", stage.seats[idx].name));
    }
}

fn let_time_pass(stage: &mut Stage) {
    let minutes = stage.dice.random_range(1..36 * 60);
    stage.note(format!("{minutes} minutes pass"));
    stage.office.clock.forward(Duration::minutes(minutes));
    // Mostly the server's own clock does what is due; otherwise the first who asks makes it look.
    if stage.dice.random_bool(0.5) {
        let (door, now) = (stage.office.door(), stage.office.now());
        match door.keep_time() {
            Ok(_) => stage.books().run_out(now),
            Err(error) => stage.books().object(format!("keeping time failed: {error}")),
        }
    }
}
