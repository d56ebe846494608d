//! When changes reached the server and what is known of the devices that brought them: shown beside the times the
//! devices themselves wrote.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::open::Store;
use super::{cells, documents, folding, mirror};
use crate::docs::Hash;
use crate::docs::snapshot::Made;
use crate::docs::stamps::{Arrival, pack, unpack};
use crate::domain::ids::RecordId;
use crate::sync::wire::Received;

/// What is known of a change's way to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// When it reached the server; `None` where it has not, or where nobody said.
    pub received_at: Option<DateTime<Utc>>,
    /// Since when its device had been without contact, where it was.
    pub away_since: Option<DateTime<Utc>>,
    /// Seconds by which its device's clock was ahead of the server's; 0 where it was right.
    pub skew: i64,
    /// It was made here and is not acknowledged yet.
    pub unsent: bool,
}

impl Store {
    /// What is known of a change's way to the server.
    ///
    /// # Errors
    /// Those of the database.
    pub fn stamp(&self, record: RecordId, change: &Hash) -> Result<Stamp, StoreError> {
        self.read(|conn| Ok(Stamps::of(conn, record)?.stamp(change)))
    }
}

/// What is known of the way of all of a record's changes.
pub(super) struct Stamps {
    told: HashMap<Hash, Stamp>,
    unsent: HashSet<Hash>,
    /// Of those nobody said anything about.
    others: Stamp,
}

impl Stamps {
    pub fn of(conn: &Connection, record: RecordId) -> Result<Self, StoreError> {
        let mut statement =
            conn.prepare_cached("SELECT received_at, away_since, skew, hash FROM stamps WHERE record = ?")?;
        let told = statement.query_map([record.bytes()], |row| {
            let (received_at, away_since) = (cells::instant(row, 0)?, cells::instant(row, 1)?);
            Ok((row.get(3)?, Stamp { received_at, away_since, skew: row.get(2)?, unsent: false }))
        })?;
        let mut told: HashMap<Hash, Stamp> = told.collect::<Result<_, _>>()?;
        for (hash, Arrival { received_at, away_since, skew }) in packed(conn, record)? {
            told.entry(hash).or_insert(Stamp { received_at: Some(received_at), away_since, skew, unsent: false });
        }
        let mut statement = conn.prepare_cached("SELECT hash FROM unsent WHERE record = ?")?;
        let unsent = statement.query_map([record.bytes()], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut statement = conn.prepare_cached("SELECT stamped FROM documents WHERE id = ?")?;
        let stamped: Option<bool> = statement.query_row([record.bytes()], |row| row.get(0)).optional()?;
        let received_at = match (stamped, documents::number(conn, record)?) {
            // Nothing was told of it because it came with the record itself.
            (Some(true), Some(n)) => mirror::authority(conn, n)?.received_at,
            _ => None,
        };
        Ok(Self { told, unsent, others: Stamp { received_at, ..Stamp::default() } })
    }

    pub fn stamp(&self, change: &Hash) -> Stamp {
        match self.told.get(change) {
            Some(told) => *told,
            None if self.unsent.contains(change) => Stamp { unsent: true, ..Stamp::default() },
            None => self.others,
        }
    }
}

/// Keeps what a page says of the changes it brings.
pub(super) fn put(
    conn: &Connection,
    record: RecordId,
    received: &[Received],
    changes: &[Vec<u8>],
) -> Result<(), StoreError> {
    if received.is_empty() {
        return Ok(());
    }
    let mut statement = conn.prepare_cached(
        "INSERT OR REPLACE INTO stamps (record, hash, received_at, away_since, skew) VALUES (?,?,?,?,?)",
    )?;
    let each = received.iter().flat_map(|run| std::iter::repeat_n(run, run.n as usize));
    for (run, change) in each.zip(changes) {
        statement.execute(params![
            record.bytes(),
            documents::hash(change),
            run.at.timestamp_millis(),
            run.away_since.map(|at| at.timestamp_millis()),
            run.skew
        ])?;
    }
    Ok(())
}

/// What came packed with a record's snapshot of its changes.
fn packed(conn: &Connection, record: RecordId) -> Result<BTreeMap<Hash, Arrival>, StoreError> {
    let Some(bytes) = packed_bytes(conn, record)? else { return Ok(BTreeMap::new()) };
    let Some(document) = documents::find(conn, record)? else { return Ok(BTreeMap::new()) };
    Ok(unpack(&folding::made_in_snapshot(&document.chunks), &bytes))
}

fn packed_bytes(conn: &Connection, record: RecordId) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT packed FROM snapshot_stamps WHERE record = ?")?;
    Ok(statement.query_row([record.bytes()], |row| row.get(0)).optional()?)
}

/// Keeps what came packed with a snapshot, instead of what was there.
pub(super) fn put_packed(conn: &Connection, record: RecordId, packed: Option<&[u8]>) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM snapshot_stamps WHERE record = ?")?.execute([record.bytes()])?;
    if let Some(packed) = packed {
        conn.prepare_cached("INSERT INTO snapshot_stamps (record, packed) VALUES (?, ?)")?
            .execute(params![record.bytes(), packed])?;
    }
    Ok(())
}

/// Another snapshot is to take the place of the one that holds the changes `before`: what is known of those it does not
/// hold is kept one by one.
pub(super) fn unfold(conn: &Connection, record: RecordId, before: &[Made], now: &[Made]) -> Result<(), StoreError> {
    let Some(bytes) = packed_bytes(conn, record)? else { return Ok(()) };
    let mut left = unpack(before, &bytes);
    now.iter().for_each(|made| {
        left.remove(&made.hash);
    });
    for (hash, arrival) in left {
        conn.prepare_cached(
            "INSERT OR IGNORE INTO stamps (record, hash, received_at, away_since, skew) VALUES (?,?,?,?,?)",
        )?
        .execute(params![
            record.bytes(),
            hash,
            arrival.received_at.timestamp_millis(),
            arrival.away_since.map(|at| at.timestamp_millis()),
            arrival.skew
        ])?;
    }
    Ok(())
}

/// Packs what is known of changes that are folded from now on; `before` were folded already.
pub(super) fn fold(conn: &Connection, record: RecordId, before: &[Made], now: &[Made]) -> Result<(), StoreError> {
    let mut known = packed_bytes(conn, record)?.map(|bytes| unpack(before, &bytes)).unwrap_or_default();
    let mut statement =
        conn.prepare_cached("SELECT hash, received_at, away_since, skew FROM stamps WHERE record = ?")?;
    let mut rows = statement.query([record.bytes()])?;
    while let Some(row) = rows.next()? {
        let (received_at, away_since) = (cells::instant(row, 1)?, cells::instant(row, 2)?);
        let Some(received_at) = received_at else { continue };
        known.insert(row.get(0)?, Arrival { received_at, away_since, skew: row.get(3)? });
    }
    drop(rows);
    let mut forget = conn.prepare_cached("DELETE FROM stamps WHERE record = ? AND hash = ?")?;
    for made in now {
        forget.execute(params![record.bytes(), made.hash])?;
    }
    put_packed(conn, record, Some(&pack(now, |made| known.get(&made.hash).copied())))
}

/// Forgets what was said of a record's changes.
pub(super) fn forget(conn: &Connection, record: RecordId) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM stamps WHERE record = ?")?.execute([record.bytes()])?;
    put_packed(conn, record, None)
}
