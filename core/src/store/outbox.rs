//! What is not acknowledged: groups and commands in one order (rule 2).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use super::error::StoreError;
use super::open::Store;
use super::views::Layouts;
use super::{cells, documents, records};
use crate::domain::authority::Home;
use crate::domain::ids::*;
use crate::domain::order::{Command, Plan, Refusal};
use crate::domain::patch::Patch;
use crate::domain::value::Value;

/// Where an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ItemState {
    /// Waits to be sent, or its verdict has not arrived.
    Waiting,
    /// Another item must go first.
    DependsOn,
    /// The world has changed: somebody must confirm or withdraw.
    NeedsConfirmation,
    /// The server refused it; its values can still be copied.
    Refused,
    /// Set aside: somebody else decides.
    SetAside,
    /// A command that was applied.
    Applied,
    /// A command its author took back before it was applied.
    Withdrawn,
}

impl ItemState {
    fn from_number(number: i64) -> Self {
        match number {
            0 => Self::Waiting,
            1 => Self::DependsOn,
            2 => Self::NeedsConfirmation,
            3 => Self::Refused,
            4 => Self::SetAside,
            5 => Self::Applied,
            _ => Self::Withdrawn,
        }
    }
}

/// One record's part of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct OutboxWrite {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: String,
    /// True where the group makes it.
    pub creates: bool,
    /// Its title, while this device can read it; otherwise what the person typed into the title field.
    pub title: String,
    /// The client it lives under, while known.
    pub client: Option<RecordId>,
    /// Field keys and values the person typed.
    pub values: BTreeMap<String, Value>,
}

/// An item of the outbox.
#[derive(Clone, Debug, PartialEq)]
pub struct OutboxEntry {
    /// The group; also names a command's item.
    pub id: GroupId,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Where it stands.
    pub state: ItemState,
    /// Code of a refusal; empty otherwise.
    pub code: String,
    /// What it writes; empty for commands.
    pub writes: Vec<OutboxWrite>,
    /// The command; `None` for edits.
    pub command: Option<Command>,
    /// For applied commands what was done, for those sent back what would be done now.
    pub plan: Option<Plan>,
    /// For commands sent back: code of the refusal met.
    pub refusal: Option<String>,
    /// The same with whom it expected and whom it found, where the server said so.
    pub met: Option<Refusal>,
}

impl Store {
    /// All that is not acknowledged or wants a look, in order; applied and withdrawn commands left out.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox(&self) -> Result<Vec<OutboxEntry>, StoreError> {
        self.read(|conn| {
            let items = select(conn, "state <= 4 ORDER BY seq", [])?;
            items.iter().map(|item| item.entry(conn, self.layouts())).collect()
        })
    }

    /// The same for a screen: everything that wants a look, and of what merely waits the first `limit`, for an import
    /// leaves tens of thousands.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_to_show(&self, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        self.read(|conn| {
            let mut items = select(conn, "state BETWEEN 1 AND 4 ORDER BY seq", [])?;
            items.extend(select(conn, "state = 0 ORDER BY seq LIMIT ?", [limit])?);
            items.sort_by_key(|item| item.seq);
            items.iter().map(|item| item.entry(conn, self.layouts())).collect()
        })
    }

    /// One item.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn outbox_entry(&self, id: GroupId) -> Result<OutboxEntry, StoreError> {
        self.read(|conn| find(conn, id)?.ok_or(StoreError::NotFound)?.entry(conn, self.layouts()))
    }
}

/// An item as its table row.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub seq: i64,
    pub id: GroupId,
    pub at: DateTime<Utc>,
    pub state: ItemState,
    pub code: String,
    pub depends_on: Vec<Uuid>,
    pub command: Option<Command>,
    pub plan: Option<Plan>,
    pub refusal: Option<String>,
    pub met: Option<Refusal>,
    pub sent: u32,
    pub whole_chain: bool,
}

/// One record's part of an item, as its table row.
#[derive(Clone, Debug)]
pub(super) struct WriteRow {
    pub seq: i64,
    pub pos: i64,
    pub record: RecordId,
    pub generation: u32,
    pub kind: String,
    pub creates: bool,
    pub client: Option<RecordId>,
    pub homes: Vec<Home>,
    pub patch: Patch,
    pub chunks: Vec<u8>,
}

impl Item {
    pub fn entry(&self, conn: &Connection, layouts: &Layouts) -> Result<OutboxEntry, StoreError> {
        let mut writes = Vec::new();
        for write in writes_of(conn, self.seq)? {
            let mut title = records::title(conn, layouts, write.record)?.unwrap_or_default();
            if title.is_empty()
                && let Some(layout) = layouts.get(&write.kind)
            {
                title = write.patch.set.get(layout.kind.title).map(cells::text_of).unwrap_or_default();
            }
            writes.push(OutboxWrite {
                record: write.record,
                kind: write.kind,
                creates: write.creates,
                title,
                client: write.client,
                values: write.patch.set,
            });
        }
        Ok(OutboxEntry {
            id: self.id,
            at: self.at,
            state: self.state,
            code: self.code.clone(),
            writes,
            command: self.command.clone(),
            plan: self.plan.clone(),
            refusal: self.refusal.clone(),
            met: self.met.clone(),
        })
    }
}

const ITEM: &str = "seq, id, at, state, code, depends_on, command, plan, refusal, sent, whole_chain, met";

/// Items that meet a condition.
pub(super) fn select<P: rusqlite::Params>(
    conn: &Connection,
    condition: &str,
    values: P,
) -> Result<Vec<Item>, StoreError> {
    let mut statement = conn.prepare_cached(&format!("SELECT {ITEM} FROM outbox WHERE {condition}"))?;
    let mut rows = statement.query(values)?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(read_item(row)?);
    }
    Ok(items)
}

fn read_item(row: &Row<'_>) -> Result<Item, StoreError> {
    let cbor = |at: usize| -> Result<Option<Vec<u8>>, StoreError> { Ok(row.get(at)?) };
    Ok(Item {
        seq: row.get(0)?,
        id: GroupId(cells::id(row, 1)?),
        at: cells::instant(row, 2)?.ok_or(StoreError::Unreadable("outbox"))?,
        state: ItemState::from_number(row.get(3)?),
        code: row.get(4)?,
        depends_on: cells::from_cbor(&row.get::<_, Vec<u8>>(5)?)?,
        command: cbor(6)?.map(|bytes| cells::from_cbor(&bytes)).transpose()?,
        plan: cbor(7)?.map(|bytes| cells::from_cbor(&bytes)).transpose()?,
        refusal: row.get(8)?,
        sent: row.get(9)?,
        whole_chain: row.get(10)?,
        met: cbor(11)?.map(|bytes| cells::from_cbor(&bytes)).transpose()?,
    })
}

pub(super) fn find(conn: &Connection, id: GroupId) -> Result<Option<Item>, StoreError> {
    Ok(select(conn, "id = ?", [id.bytes()])?.pop())
}

const WRITE: &str = "w.seq, w.pos, w.record, w.generation, w.kind, w.creates, w.client, w.homes, w.patch, w.chunks";

pub(super) fn writes_of(conn: &Connection, seq: i64) -> Result<Vec<WriteRow>, StoreError> {
    let sql = format!("SELECT {WRITE} FROM outbox_writes w WHERE w.seq = ? ORDER BY w.pos");
    read_writes(conn, &sql, [seq])
}

/// Parts of items without a verdict that concern a record, in order.
pub(super) fn unsent_of(conn: &Connection, record: RecordId) -> Result<Vec<WriteRow>, StoreError> {
    let sql = format!(
        "SELECT {WRITE} FROM outbox_writes w JOIN outbox o ON o.seq = w.seq
         WHERE w.record = ? AND o.state <= 1 ORDER BY w.seq, w.pos"
    );
    read_writes(conn, &sql, [record.bytes()])
}

fn read_writes<P: rusqlite::Params>(conn: &Connection, sql: &str, values: P) -> Result<Vec<WriteRow>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    let mut writes = Vec::new();
    while let Some(row) = rows.next()? {
        writes.push(WriteRow {
            seq: row.get(0)?,
            pos: row.get(1)?,
            record: RecordId(cells::id(row, 2)?),
            generation: row.get(3)?,
            kind: row.get(4)?,
            creates: row.get(5)?,
            client: cells::id_or_none(row, 6)?.map(RecordId),
            homes: row
                .get_ref(7)?
                .as_blob()
                .map_err(rusqlite::Error::from)?
                .chunks(17)
                .filter_map(Home::from_bytes)
                .collect(),
            patch: cells::from_cbor(&row.get::<_, Vec<u8>>(8)?)?,
            chunks: row.get(9)?,
        });
    }
    Ok(writes)
}

/// How many wait, and how many want a person.
pub(super) fn counts(conn: &Connection) -> Result<(u64, u64), StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT (SELECT count(*) FROM outbox WHERE state <= 1), (SELECT count(*) FROM outbox WHERE state IN (2, 3))",
    )?;
    Ok(statement.query_row([], |row| Ok((cells::count(row, 0)?, cells::count(row, 1)?)))?)
}

/// Fields of a record edited here and not acknowledged.
pub(super) fn unsent_fields(conn: &Connection, record: RecordId) -> Result<BTreeSet<String>, StoreError> {
    let writes = unsent_of(conn, record)?;
    Ok(writes.into_iter().flat_map(|write| write.patch.set.into_keys()).collect())
}

/// The group that makes a record, while it has no verdict.
pub(super) fn maker_of(conn: &Connection, record: RecordId) -> Result<Option<Uuid>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT o.id FROM outbox_writes w JOIN outbox o ON o.seq = w.seq
         WHERE w.record = ? AND w.creates = 1 AND o.state <= 1",
    )?;
    Ok(statement.query_row([record.bytes()], |row| cells::id(row, 0)).optional()?)
}

/// A part of a group about to be queued.
pub(super) struct NewWrite<'a> {
    pub record: RecordId,
    pub generation: u32,
    pub kind: &'a str,
    pub creates: bool,
    pub homes: &'a [Home],
    pub patch: &'a Patch,
    pub chunks: Vec<Vec<u8>>,
}

/// Queues a group of edits behind everything else.
pub(super) fn push_group(
    conn: &Connection,
    id: GroupId,
    at: DateTime<Utc>,
    depends_on: &BTreeSet<Uuid>,
    writes: &[NewWrite<'_>],
) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached("INSERT INTO outbox (id, at, state, depends_on) VALUES (?, ?, 0, ?)")?;
    statement.execute(params![id.bytes(), at.timestamp_millis(), cells::to_cbor(depends_on)?])?;
    let seq = conn.last_insert_rowid();
    let mut statement = conn.prepare_cached(
        "INSERT INTO outbox_writes (seq, pos, record, generation, kind, creates, client, homes, patch, chunks)
         VALUES (?,?,?,?,?,?,?,?,?,?)",
    )?;
    for (pos, write) in writes.iter().enumerate() {
        let homes: Vec<u8> = write.homes.iter().flat_map(Home::bytes).collect();
        let client = documents::client_of(write.record, write.homes);
        statement.execute(params![
            seq,
            pos as i64,
            write.record.bytes(),
            write.generation,
            write.kind,
            write.creates,
            client.as_ref().map(RecordId::bytes),
            homes,
            cells::to_cbor(write.patch)?,
            write.chunks.concat()
        ])?;
        mark_unsent(conn, seq, write.record, &write.chunks)?;
    }
    Ok(())
}

/// Notes that changes of a record are not acknowledged.
pub(super) fn mark_unsent(conn: &Connection, seq: i64, record: RecordId, chunks: &[Vec<u8>]) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached("INSERT OR IGNORE INTO unsent (record, hash, seq) VALUES (?, ?, ?)")?;
    for chunk in chunks {
        statement.execute(params![record.bytes(), documents::hash(chunk), seq])?;
    }
    Ok(())
}

/// Removes an item with all its parts.
pub(super) fn delete(conn: &Connection, seq: i64) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM unsent WHERE seq = ?")?.execute([seq])?;
    conn.prepare_cached("DELETE FROM outbox_writes WHERE seq = ?")?.execute([seq])?;
    conn.prepare_cached("DELETE FROM outbox WHERE seq = ?")?.execute([seq])?;
    Ok(())
}

pub(super) fn set_state(conn: &Connection, seq: i64, state: ItemState, code: &str) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE outbox SET state = ?, code = ? WHERE seq = ?")?.execute(params![
        state as i64,
        code,
        seq
    ])?;
    Ok(())
}

/// Keeps of an item that came to nothing only what the person typed: not what he saw, nor the changes themselves.
pub(super) fn keep_typed_only(conn: &Connection, seq: i64) -> Result<(), StoreError> {
    let mut statement =
        conn.prepare_cached("UPDATE outbox_writes SET patch = ?, chunks = x'' WHERE seq = ? AND pos = ?")?;
    for write in writes_of(conn, seq)? {
        let typed = Patch { set: write.patch.set, seen: BTreeMap::new() };
        statement.execute(params![cells::to_cbor(&typed)?, seq, write.pos])?;
    }
    Ok(())
}

/// Gives an item a new id, also where others name it as what they depend on.
pub(super) fn rename(conn: &Connection, old: Uuid, new: Uuid) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE outbox SET id = ? WHERE id = ?")?.execute(params![new.as_bytes(), old.as_bytes()])?;
    redirect(conn, old, Some(new))
}

/// Others depend on this no longer.
pub(super) fn forget_dependency(conn: &Connection, old: Uuid) -> Result<(), StoreError> {
    redirect(conn, old, None)
}

fn redirect(conn: &Connection, old: Uuid, new: Option<Uuid>) -> Result<(), StoreError> {
    for item in select(conn, "state <= 2", [])? {
        let mut command = item.command;
        let named = command.as_ref().is_some_and(|command| command.builds_on.contains(&CommandId(old)));
        if !named && !item.depends_on.contains(&old) {
            continue;
        }
        let turn = |other: Uuid| if other == old { new } else { Some(other) };
        let depends_on: Vec<Uuid> = item.depends_on.into_iter().filter_map(turn).collect();
        if let Some(command) = &mut command {
            command.builds_on = std::mem::take(&mut command.builds_on)
                .into_iter()
                .filter_map(|other| turn(other.0).map(CommandId))
                .collect();
        }
        let command = command.as_ref().map(cells::to_cbor).transpose()?;
        let mut statement = conn.prepare_cached("UPDATE outbox SET depends_on = ?, command = ? WHERE seq = ?")?;
        statement.execute(params![cells::to_cbor(&depends_on)?, command, item.seq])?;
    }
    Ok(())
}
