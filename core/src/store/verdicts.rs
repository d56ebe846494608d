//! What the server made of what was sent.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use super::error::StoreError;
use super::notices::{self, NewNotice};
use super::outbox::{self, Item, ItemState, WriteRow};
use super::receipts::{self, Fate};
use super::state::{self, keys};
use super::views::Layouts;
use super::write::Touched;
use super::{cells, documents, erasure, purge, rebase};
use crate::docs::change;
use crate::domain::authority::{Ended, actor_device};
use crate::domain::ids::*;
use crate::domain::order::{Event, Plan, Refusal};
use crate::sync::wire::{Outcome, Verdict};

/// Applies all verdicts of one answer, then rebuilds what they took something out of. One transaction: a kill leaves
/// either none or all of it.
pub(super) fn apply(
    conn: &Connection,
    layouts: &Layouts,
    verdicts: &[Verdict],
    now: DateTime<Utc>,
    ids: &dyn IdSource,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    let mut to_rebase = BTreeSet::new();
    for verdict in verdicts {
        let Some(item) = outbox::find(conn, verdict.group)? else { continue };
        if item.state > ItemState::NeedsConfirmation {
            continue;
        }
        let writes = outbox::writes_of(conn, item.seq)?;
        let mut case = Case { conn, layouts, item, writes, now, touched, to_rebase: &mut to_rebase };
        case.apply(verdict)?;
    }
    rebase::rebase(conn, layouts, to_rebase, ids, touched)
}

struct Case<'a> {
    conn: &'a Connection,
    layouts: &'a Layouts,
    item: Item,
    writes: Vec<WriteRow>,
    now: DateTime<Utc>,
    touched: &'a mut Touched,
    to_rebase: &'a mut BTreeSet<RecordId>,
}

impl Case<'_> {
    fn apply(&mut self, verdict: &Verdict) -> Result<(), StoreError> {
        self.touched.outbox = true;
        if self.item.command.is_some() {
            self.touched.office = true;
        }
        match &verdict.outcome {
            Outcome::Accepted | Outcome::Duplicate if self.item.command.is_some() => self.applied(None),
            Outcome::Accepted | Outcome::Duplicate => self.accepted(),
            Outcome::Applied(plan) => self.applied(Some(plan)),
            Outcome::SetAside(proposal) => self.set_aside(*proposal, verdict.ended.as_ref()),
            // The record has a new generation: the next page brings it, and the edits are written on top of that.
            Outcome::Refused(code) if code == "stale_generation" && self.item.command.is_none() => {
                outbox::set_state(self.conn, self.item.seq, ItemState::Waiting, code)
            }
            Outcome::Refused(code) => self.refused(code),
            Outcome::MissingDependencies if self.item.whole_chain => self.refused("missing_dependencies"),
            Outcome::MissingDependencies => {
                let mut statement = self.conn.prepare_cached("UPDATE outbox SET whole_chain = 1 WHERE seq = ?")?;
                statement.execute([self.item.seq])?;
                Ok(())
            }
            Outcome::DependsOn(other) => self.depends_on(GroupId(*other)),
            Outcome::Confirm(found) => self.confirm(found, verdict.refusal.as_ref()),
        }
    }

    fn accepted(&mut self) -> Result<(), StoreError> {
        outbox::delete(self.conn, self.item.seq)?;
        self.told("n_accepted")
    }

    fn applied(&mut self, plan: Option<&Plan>) -> Result<(), StoreError> {
        outbox::set_state(self.conn, self.item.seq, ItemState::Applied, "")?;
        let of_device = |event: &Event| {
            matches!(event, Event::DeviceRevoked { .. } | Event::WipeOrdered { .. } | Event::WipeWithdrawn { .. })
        };
        // The list of devices is asked for anew: it is out of date.
        if plan.is_some_and(|plan| plan.events.iter().any(of_device)) {
            state::remove(self.conn, keys::DEVICES_AT)?;
        }
        let plan = plan.map(cells::to_cbor).transpose()?;
        let mut statement = self.conn.prepare_cached("UPDATE outbox SET plan = ?, refusal = NULL WHERE seq = ?")?;
        statement.execute(params![plan, self.item.seq])?;
        Ok(())
    }

    fn set_aside(&mut self, proposal: ProposalId, ended: Option<&Ended>) -> Result<(), StoreError> {
        self.conn
            .prepare_cached("UPDATE outbox SET proposal = ? WHERE seq = ?")?
            .execute(params![proposal.bytes(), self.item.seq])?;
        receipts::note(self.conn, &self.item, Fate::Waiting, ("", ended), Some(self.now))?;
        self.take_out(ItemState::SetAside, "")?;
        self.told("n_set_aside")?;
        self.notice("edit_set_aside", "")
    }

    fn refused(&mut self, code: &str) -> Result<(), StoreError> {
        if self.item.command.is_none() {
            receipts::note(self.conn, &self.item, Fate::Refused, (code, None), Some(self.now))?;
        }
        if code == "erased" {
            // Rebuilt whole, though the tray keeps only what is left of them.
            for write in &self.writes {
                self.to_rebase.insert(write.record);
                erasure::forget(self.conn, self.layouts, write.record)?;
            }
            self.writes = outbox::writes_of(self.conn, self.item.seq)?;
        }
        self.take_out(ItemState::Refused, code)?;
        self.told("n_refused")?;
        self.notice("edit_refused", code)
    }

    /// Into the tray with what the person typed; the records are rebuilt without it.
    fn take_out(&mut self, state: ItemState, code: &str) -> Result<(), StoreError> {
        self.to_rebase.extend(self.writes.iter().map(|write| write.record));
        outbox::set_state(self.conn, self.item.seq, state, code)?;
        outbox::keep_typed_only(self.conn, self.item.seq)
    }

    /// Waits on while there is something to wait for.
    fn depends_on(&mut self, other: GroupId) -> Result<(), StoreError> {
        let mut statement =
            self.conn.prepare_cached("SELECT 1 FROM outbox WHERE (id = ?1 OR command_id = ?1) AND state <= 2")?;
        if statement.exists([other.bytes()])? {
            return outbox::set_state(self.conn, self.item.seq, ItemState::DependsOn, "");
        }
        self.refused("depends_on")
    }

    fn confirm(&mut self, found: &Result<Plan, String>, met: Option<&Refusal>) -> Result<(), StoreError> {
        if self.item.command.is_none() {
            return Ok(());
        }
        outbox::set_state(self.conn, self.item.seq, ItemState::NeedsConfirmation, "")?;
        let (plan, refusal) = match found {
            Ok(plan) => (Some(cells::to_cbor(plan)?), None),
            Err(code) => (None, Some(code)),
        };
        let mut statement =
            self.conn.prepare_cached("UPDATE outbox SET plan = ?, refusal = ?, met = ? WHERE seq = ?")?;
        statement.execute(params![plan, refusal, met.map(cells::to_cbor).transpose()?, self.item.seq])?;
        Ok(())
    }

    /// Counts for the message about a lost home, and what the interface asks for again.
    fn told(&mut self, column: &str) -> Result<(), StoreError> {
        let homes: BTreeSet<_> = self.writes.iter().flat_map(|write| write.homes.iter().copied()).collect();
        for home in homes {
            purge::count_verdict(self.conn, home, column)?;
        }
        for write in &self.writes {
            self.touched.record(&write.kind, write.record, write.client);
        }
        Ok(())
    }

    fn notice(&self, what: &str, code: &str) -> Result<(), StoreError> {
        let Some(first) = self.writes.first() else { return Ok(()) };
        let mut params = BTreeMap::new();
        if !code.is_empty() {
            params.insert("code", code.to_owned());
        }
        params.insert("n_records", self.writes.len().to_string());
        let notice = NewNotice {
            what,
            params,
            client: first.client,
            record: Some(first.record),
            kind: &first.kind,
            group: Some(self.item.id),
            values: first.patch.set.clone(),
        };
        notices::put(self.conn, self.now, &notice)
    }
}

/// The database is a clone or came from a backup: edits without a verdict are written again by a new actor, under new
/// ids (rule 9). Records made and not sent keep their changes: their ids are nobody else's.
pub(super) fn reincarnate(
    conn: &Connection,
    layouts: &Layouts,
    incarnation: u32,
    ids: &dyn IdSource,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    let held: u32 = state::get(conn, keys::INCARNATION)?.unwrap_or(0);
    // Rebasing counts one further, to exactly what the server says where it is ahead.
    state::set(conn, keys::INCARNATION, &incarnation.max(held + 1))?;
    state::remove(conn, keys::PUSH_ID)?;
    let edited = rebase::edited(conn)?;
    if edited.is_empty() {
        return Ok(());
    }
    state::set(conn, keys::INCARNATION, &(incarnation.max(held + 1) - 1))?;
    rebase::forget_deliveries(conn)?;
    rebase::rebase(conn, layouts, edited, ids, touched)
}

/// The chunks a push carries for a write: its own, or where the server lacks what they build on, all this device ever
/// wrote in the record.
pub(super) fn chunks_to_send(conn: &Connection, item: &Item, write: &WriteRow) -> Result<Vec<Vec<u8>>, StoreError> {
    let damaged = |_| StoreError::RecordDamaged(write.record);
    let own = documents::split(&write.chunks).map_err(damaged)?;
    let document = match item.whole_chain {
        true => documents::find(conn, write.record)?,
        false => None,
    };
    let Some(document) = document else { return Ok(own.into_iter().map(<[u8]>::to_vec).collect()) };
    let me = state::me(conn)?;
    let mine = |chunk: &Vec<u8>| match change::inspect(chunk) {
        // An actor that is no device's made the change every device makes alike.
        Ok(info) => actor_device(&info.actor).is_none_or(|(device, _)| device == me.device),
        Err(_) => false,
    };
    let mut doc = documents::load(&document)?;
    Ok(doc.changes().into_iter().filter(mine).collect())
}
