//! The server goes back to a backup in mid-history: what was taken in since is brought back by the devices that hold it,
//! the office confirms what they report, and everything goes on as if nothing had happened (DUR-7, rule 24).

use rand::Rng;
use satchel_core::store::outbox::ItemState;
use satchel_core::sync::device::SyncError;

use super::erased::erase_any;
use super::stage::Stage;
use super::typing::{create_client, edit_any, person_for_any, plan_for_any};

/// Rounds in which everybody has brought back what he holds.
const ROUNDS: usize = 2;

/// Everybody meets the office, the server is backed up, people work on, and the server goes back.
///
/// Nobody gives orders in between: those of after a backup are given anew, which is another history.
pub fn go_back(stage: &mut Stage) {
    if !everybody_is_quiet(stage) {
        return;
    }
    stage.note("the server is backed up".to_owned());
    let (database, backup) = (stage.office.server_file(), stage.office.folder("backup").join("server.sqlite"));
    stage.office.backup(&database, &backup);
    for _ in 0..stage.dice.random_range(2..8usize) {
        let living = stage.living();
        let idx = living[stage.dice.random_range(0..living.len())];
        match stage.dice.random_range(0..11u32) {
            10 => erase_and_tell(stage),
            0 => create_client(stage, idx),
            1 => plan_for_any(stage, idx),
            2 => person_for_any(stage, idx),
            _ => edit_any(stage, idx),
        }
        if stage.dice.random_bool(0.7) {
            stage.sync(idx);
        }
    }
    stage.note("the server goes back to its backup".to_owned());
    stage.office.restore(&backup, &database);
    stage.books().count("servers restored");
    for _ in 0..ROUNDS {
        for idx in stage.living() {
            bring_back(stage, idx);
        }
    }
    let door = stage.office.door();
    let confirmed = door.held().and_then(|items| items.iter().try_for_each(|item| door.confirm_held(item.n)));
    if let Err(error) = confirmed.and_then(|()| door.release()) {
        stage.books().object(format!("the restored server could not be released: {error}"));
    }
    for idx in stage.living() {
        stage.sync(idx);
    }
}

/// Somebody's data are erased after the backup, and everybody in use has heard of it: they tell the server again.
fn erase_and_tell(stage: &mut Stage) {
    erase_any(stage);
    for idx in stage.living() {
        stage.sync(idx);
    }
    stage.books().count("erased after a backup");
}

/// Whether everybody who is left has nothing to say and nothing on its way.
fn everybody_is_quiet(stage: &mut Stage) -> bool {
    for _ in 0..ROUNDS {
        for idx in stage.living() {
            stage.sync(idx);
        }
    }
    let living = stage.living();
    // A device that went back to a backup of its own, or whose requests are on their way, tells two stories at once.
    let quiet = living.iter().all(|idx| {
        let device = &stage.seats[*idx].device;
        device.line.n_held_up() == 0 && device.waiting(ItemState::Waiting).is_empty()
    });
    quiet && !living.is_empty()
}

/// A device brings back what it holds, and is told to wait.
fn bring_back(stage: &mut Stage, idx: usize) {
    let name = stage.seats[idx].name;
    match stage.seats[idx].device.try_sync() {
        Err(SyncError::Denied(code)) if code == "held" => {}
        outcome => stage.books().object(format!("a held server answered {name}: {outcome:?}")),
    }
}
