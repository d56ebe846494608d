//! Office commands in the outbox (rules 1 to 3).

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::error::StoreError;
use super::open::Store;
use super::outbox::{self, Item, ItemState, OutboxEntry};
use super::write::Touched;
use super::{cells, state, undo};
use crate::domain::ids::*;
use crate::domain::order::{Command, Mark, Order};

impl Store {
    /// Queues an order behind what is in the outbox; the groups and commands it builds on are found here.
    ///
    /// # Errors
    /// `WrongState` in local-only use; those of the database.
    pub fn queue_command(
        &self,
        order: Order,
        confirmed: Option<Mark>,
        at: DateTime<Utc>,
        ids: &dyn IdSource,
    ) -> Result<(CommandId, Touched), StoreError> {
        self.queue_command_after(None, order, confirmed, at, ids)
    }

    /// As [`Store::queue_command`], for an order that makes no sense unless a group of edits has gone well.
    ///
    /// # Errors
    /// As there.
    pub fn queue_command_after(
        &self,
        group: Option<GroupId>,
        order: Order,
        confirmed: Option<Mark>,
        at: DateTime<Utc>,
        ids: &dyn IdSource,
    ) -> Result<(CommandId, Touched), StoreError> {
        self.write(|tx| queue(tx, group, order, confirmed, at, ids))
    }

    /// Gives an order anew in the place of one that was sent back for confirmation or refused, with new ids: later
    /// commands that built on the old one build on the new.
    ///
    /// # Errors
    /// `NotFound`; `WrongState` for one that waits or was applied.
    pub fn replace_command(
        &self,
        old: CommandId,
        order: Order,
        confirmed: Option<Mark>,
        at: DateTime<Utc>,
        ids: &dyn IdSource,
    ) -> Result<(CommandId, Touched), StoreError> {
        self.write(|tx| replace(tx, old, order, confirmed, at, ids))
    }

    /// Commands given on this device, latest first: waiting, sent back, refused, applied, withdrawn.
    ///
    /// # Errors
    /// Those of the database.
    pub fn commands(&self, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        // Most devices give no orders, and every card asks.
        let any = |conn: &Connection| -> Result<bool, StoreError> {
            Ok(conn.prepare_cached("SELECT 1 FROM outbox WHERE command_id IS NOT NULL LIMIT 1")?.exists([])?)
        };
        if !self.remembered(&self.inner.commanded, any)? {
            return Ok(Vec::new());
        }
        self.read(|conn| {
            let items = outbox::select(conn, "command_id IS NOT NULL ORDER BY seq DESC LIMIT ?", [limit])?;
            items.iter().map(|item| item.entry(conn, self.layouts())).collect()
        })
    }

    /// One command.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn command(&self, id: CommandId) -> Result<OutboxEntry, StoreError> {
        self.read(|conn| find(conn, id)?.entry(conn, self.layouts()))
    }

    /// Commands not applied yet that name the record (a client to move, an interaction to redirect).
    ///
    /// # Errors
    /// Those of the database.
    pub fn pending_commands_on(&self, record: RecordId) -> Result<Vec<OutboxEntry>, StoreError> {
        self.read(|conn| {
            let mut entries = Vec::new();
            for item in pending(conn)? {
                if item.command.as_ref().is_some_and(|command| named(&command.order).contains(&record)) {
                    entries.push(item.entry(conn, self.layouts())?);
                }
            }
            Ok(entries)
        })
    }
}

/// As [`Store::queue_command_after`], within a transaction.
pub(super) fn queue(
    conn: &Connection,
    group: Option<GroupId>,
    order: Order,
    confirmed: Option<Mark>,
    at: DateTime<Utc>,
    ids: &dyn IdSource,
) -> Result<(CommandId, Touched), StoreError> {
    if state::me(conn)?.server.is_none() {
        return Err(StoreError::WrongState);
    }
    let (builds_on, mut depends_on) = foundations(conn, &order)?;
    depends_on.extend(group.map(|group| group.0));
    let command = Command { id: CommandId(ids.fresh()), at, order, builds_on, confirmed };
    Ok((command.id, append(conn, &command, &depends_on, ids)?))
}

/// Puts a command behind what is in the outbox; it waits for the items it depends on.
pub(super) fn append(
    conn: &Connection,
    command: &Command,
    depends_on: &[Uuid],
    ids: &dyn IdSource,
) -> Result<Touched, StoreError> {
    let mut statement = conn.prepare_cached(
        "INSERT INTO outbox (id, command_id, at, state, depends_on, command) VALUES (?, ?, ?, 0, ?, ?)",
    )?;
    statement.execute(params![
        ids.fresh().as_bytes(),
        command.id.bytes(),
        command.at.timestamp_millis(),
        cells::to_cbor(&depends_on)?,
        cells::to_cbor(command)?
    ])?;
    undo::remember_command(conn, command.at, command.id)?;
    Ok(touched_by(&command.order))
}

pub(super) fn replace(
    conn: &Connection,
    old: CommandId,
    order: Order,
    confirmed: Option<Mark>,
    at: DateTime<Utc>,
    ids: &dyn IdSource,
) -> Result<(CommandId, Touched), StoreError> {
    let item = find(conn, old)?;
    if !matches!(item.state, ItemState::NeedsConfirmation | ItemState::Refused) {
        return Err(StoreError::WrongState);
    }
    let builds_on = item.command.map(|command| command.builds_on).unwrap_or_default();
    let id = CommandId(ids.fresh());
    let command = Command { id, at, order, builds_on, confirmed };
    let mut statement = conn.prepare_cached(
        "UPDATE outbox SET command_id = ?, at = ?, state = 0, code = '', command = ?, plan = NULL, refusal = NULL, met = NULL,
            sent = 0
         WHERE seq = ?",
    )?;
    statement.execute(params![id.bytes(), at.timestamp_millis(), cells::to_cbor(&command)?, item.seq])?;
    outbox::rename(conn, old.0, id.0)?;
    // What is taken back with the order is taken back with the one in its place.
    conn.prepare_cached("UPDATE undo SET command = ? WHERE command = ?")?.execute([id.bytes(), old.bytes()])?;
    outbox::rename(conn, item.id.0, ids.fresh())?;
    Ok((id, touched_by(&command.order)))
}

fn find(conn: &Connection, id: CommandId) -> Result<Item, StoreError> {
    outbox::select(conn, "command_id = ?", [id.bytes()])?.pop().ok_or(StoreError::NotFound)
}

fn pending(conn: &Connection) -> Result<Vec<Item>, StoreError> {
    outbox::select(conn, "command_id IS NOT NULL AND state <= 2 ORDER BY seq", [])
}

/// Commands and groups that must have gone well before an order makes sense.
fn foundations(conn: &Connection, order: &Order) -> Result<(Vec<CommandId>, Vec<Uuid>), StoreError> {
    let records = named(order);
    let mut builds_on = Vec::new();
    let mut depends_on = BTreeSet::new();
    for item in pending(conn)? {
        let Some(command) = item.command else { continue };
        let undone = matches!(order, Order::Undo { command: undone } if *undone == command.id);
        let same_absence = order.absence().is_some() && order.absence() == command.order.absence();
        if undone || same_absence || !named(&command.order).is_disjoint(&records) {
            builds_on.push(command.id);
            depends_on.insert(command.id.0);
        }
    }
    for record in records {
        depends_on.extend(outbox::maker_of(conn, record)?);
    }
    Ok((builds_on, depends_on.into_iter().collect()))
}

/// Records an order names.
fn named(order: &Order) -> BTreeSet<RecordId> {
    match order {
        Order::RedirectInteraction { interaction, .. } => [*interaction].into(),
        Order::MoveClients { moves, .. } => moves.iter().map(|item| item.client).collect(),
        Order::MergeClients { into, others } => others.iter().chain([into]).map(|item| item.client).collect(),
        Order::RecordAbsence { clients, interactions, .. } | Order::ChangeAbsence { clients, interactions, .. } => {
            clients.iter().chain(interactions).map(|given| given.record).collect()
        }
        Order::Undo { .. }
        | Order::RevokeDevice { .. }
        | Order::RevokePerson { .. }
        | Order::Erase { .. }
        | Order::WithdrawWipe { .. }
        | Order::AcceptProposal { .. }
        | Order::DeclineProposal { .. }
        | Order::EndAbsence { .. }
        | Order::WithdrawAbsence { .. }
        | Order::FinishDismissal { .. } => BTreeSet::new(),
    }
}

fn touched_by(order: &Order) -> Touched {
    Touched { records: named(order), office: true, outbox: true, ..Touched::default() }
}
