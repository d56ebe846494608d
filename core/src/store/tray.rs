//! What a person may do with an item of the outbox: take it back, try it again, forget it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::error::StoreError;
use super::open::Store;
use super::outbox::{self, ItemState};
use super::receipts::{self, Fate};
use super::state::{self, keys};
use super::write::{GroupDraft, Touched, Write, Written, write_group};
use super::{commands, notices, rebase};
use crate::domain::ids::*;
use crate::domain::patch::Patch;

impl Store {
    /// Tries a refused item again: its values are written as a new group; a command is given anew as it was. Items
    /// that wait are left alone.
    ///
    /// # Errors
    /// `NotFound`, `WrongState` for what was set aside, and those of [`Store::write_group`].
    pub fn retry(&self, id: GroupId, at: DateTime<Utc>, ids: &dyn IdSource) -> Result<Written, StoreError> {
        self.write(|tx| {
            let item = outbox::find(tx, id)?.ok_or(StoreError::NotFound)?;
            match item.state {
                ItemState::Waiting | ItemState::DependsOn => return Ok(Written::default()),
                ItemState::Refused => {}
                _ => return Err(StoreError::WrongState),
            }
            if let Some(command) = item.command {
                let (_, touched) = commands::replace(tx, command.id, command.order, command.confirmed, at, ids)?;
                return Ok(Written { touched, ..Written::default() });
            }
            let writes = outbox::writes_of(tx, item.seq)?.into_iter().map(|write| {
                let patch = Patch { set: write.patch.set, seen: BTreeMap::new() };
                if write.creates {
                    Write::Create { kind: write.kind, id: write.record, client: write.client, patch }
                } else {
                    Write::Edit { id: write.record, patch }
                }
            });
            let draft = GroupDraft { at, writes: writes.collect() };
            let mut written = write_group(tx, self.layouts(), &draft, ids)?;
            outbox::delete(tx, item.seq)?;
            receipts::sent_again(tx, id)?;
            notices::forget_group(tx, id)?;
            written.touched.outbox = true;
            Ok(written)
        })
    }

    /// Takes back an item that has no verdict yet (the record becomes what it was), or forgets a refused one.
    ///
    /// # Errors
    /// `NotFound`; `WrongState` for what was set aside or applied; `MaybeSent` where the answer is not known.
    pub fn withdraw(&self, id: GroupId, at: DateTime<Utc>, ids: &dyn IdSource) -> Result<Written, StoreError> {
        self.write(|tx| {
            let item = outbox::find(tx, id)?.ok_or(StoreError::NotFound)?;
            let mut touched = Touched { outbox: true, office: item.command.is_some(), ..Touched::default() };
            match (item.state, &item.command) {
                // What its author believes withdrawn must not turn up in the record after all (OFF-1).
                (ItemState::Waiting, _) if item.sent > 0 => return Err(StoreError::MaybeSent),
                (ItemState::Waiting | ItemState::DependsOn | ItemState::NeedsConfirmation, Some(command)) => {
                    outbox::set_state(tx, item.seq, ItemState::Withdrawn, "")?;
                    // What built on it meets the world as it is, and comes back for confirmation where that matters.
                    outbox::forget_dependency(tx, command.id.0)?;
                    outbox::forget_dependency(tx, id.0)?;
                }
                (ItemState::Waiting | ItemState::DependsOn, None) => {
                    // Out of the way first: the rebuilding leaves out whatever is not waiting any more.
                    outbox::set_state(tx, item.seq, ItemState::Withdrawn, "")?;
                    receipts::note(tx, &item, Fate::Withdrawn, ("", None), Some(at))?;
                    let writes = outbox::writes_of(tx, item.seq)?;
                    let mut records: BTreeSet<RecordId> = writes.iter().map(|write| write.record).collect();
                    give_up_dependents(tx, id, &mut records, at)?;
                    rebase::rebase_from(tx, self.layouts(), (records, item.seq), ids, &mut touched)?;
                    outbox::delete(tx, item.seq)?;
                }
                (ItemState::Refused, _) => {
                    outbox::delete(tx, item.seq)?;
                    notices::forget_group(tx, id)?;
                    // The record it was for may have left the device long ago.
                    state::set(tx, keys::SCRUB_DUE, &true)?;
                }
                _ => return Err(StoreError::WrongState),
            }
            Ok(Written { touched, ..Written::default() })
        })
    }
}

/// Groups that make no sense without one taken back go to the tray, and what depends on those, and so on.
fn give_up_dependents(
    conn: &Connection,
    on: GroupId,
    records: &mut BTreeSet<RecordId>,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut lost = vec![on.0];
    while let Some(on) = lost.pop() {
        for item in outbox::select(conn, "state <= 1 ORDER BY seq", [])? {
            if !item.depends_on.contains(&on) || item.command.is_some() {
                continue;
            }
            records.extend(outbox::writes_of(conn, item.seq)?.into_iter().map(|write| write.record));
            outbox::set_state(conn, item.seq, ItemState::Refused, "depends_on")?;
            receipts::note(conn, &item, Fate::Refused, ("depends_on", None), Some(at))?;
            outbox::keep_typed_only(conn, item.seq)?;
            lost.push(item.id.0);
        }
    }
    Ok(())
}
