//! Taking one's own last action back.

use super::api::*;
use super::records::told;
use super::status::count;
use super::{App, Error};
use crate::store::undo::{Action, Kept, Why};

impl App {
    /// Takes the last action back, or those named, where nothing has changed since, and forgets it. An order stays and
    /// is only named: it is taken back by an order of its own.
    ///
    /// # Errors
    /// `disk_full` and those of the database; then nothing was taken back.
    pub fn undo(&self, argument: UndoActions) -> Result<Undone, Error> {
        let store = self.store()?;
        let undone = match argument.actions.as_slice() {
            [] => store.undo(self.now(), self.ids()),
            actions => store.undo_actions(actions, self.now(), self.ids()),
        };
        let undone = undone.map_err(|error| told(&store, error))?;
        self.written(&undone.written.touched);
        let (what, command) = match undone.what {
            Action::Nothing => (UndoneAction::Nothing, None),
            Action::Create => (UndoneAction::Create, None),
            Action::Edit => (UndoneAction::Edit, None),
            Action::Trash => (UndoneAction::Trash, None),
            Action::Restore => (UndoneAction::Restore, None),
            Action::Order(command) => (UndoneAction::Order, Some(command)),
        };
        let kind = undone.kind;
        Ok(Undone {
            what,
            record: undone.record.map(|id| RecordKey { kind, id }),
            title: undone.title,
            n_records: count(undone.n_records),
            kept: kept_values(undone.kept),
            command,
        })
    }
}

/// What stays, as people are told.
pub(super) fn kept_values(kept: Vec<Kept>) -> Vec<KeptValue> {
    let told = |kept: Kept| KeptValue {
        record: RecordKey { kind: kept.kind, id: kept.record },
        title: kept.title,
        field: kept.field,
        why: match kept.why {
            Why::Changed => KeptBecause::Changed,
            Why::Gone => KeptBecause::Gone,
            Why::NotAllowed => KeptBecause::NotAllowed,
            Why::InUse => KeptBecause::InUse,
        },
    };
    kept.into_iter().map(told).collect()
}
