//! What the person must be told once, receipts included.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use super::cells;
use super::error::StoreError;
use super::open::Store;
use super::state::{self, keys};
use crate::domain::ids::*;
use crate::domain::value::Value;

/// Something the person must be told once. Holds nothing of a record that has left, but what he typed himself and
/// only until it is decided on (OFF-3).
#[derive(Clone, Debug, PartialEq)]
pub struct NoticeEntry {
    /// To dismiss it.
    pub id: i64,
    /// `client_left`, `client_came`, `interaction_came`, `edit_set_aside`, `edit_accepted`, `edit_declined`,
    /// `edit_refused`, `cover_began`, `cover_ended`, `others_stand_in`, `you_are_back`.
    pub what: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Counts, codes and ids (`user`, `by`, `n_edits`, `n_accepted`, `n_set_aside`, `n_refused`, `code`), as text.
    pub params: BTreeMap<String, String>,
    /// The client it is about; it may have left the device.
    pub client: Option<RecordId>,
    /// The record it is about.
    pub record: Option<RecordId>,
    /// Kind of that record; empty where there is none.
    pub kind: String,
    /// Values the person typed himself, kept for copying.
    pub values: BTreeMap<String, Value>,
}

impl Store {
    /// Notices not dismissed yet, latest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn notices(&self) -> Result<Vec<NoticeEntry>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT id, what, at, params, client, record, kind, vals FROM notices ORDER BY id DESC LIMIT 500",
            )?;
            let mut rows = statement.query([])?;
            let mut notices = Vec::new();
            while let Some(row) = rows.next()? {
                notices.push(NoticeEntry {
                    id: row.get(0)?,
                    what: row.get(1)?,
                    at: cells::instant(row, 2)?.unwrap_or_default(),
                    params: cells::from_cbor(&row.get::<_, Vec<u8>>(3)?)?,
                    client: cells::id_or_none(row, 4)?.map(RecordId),
                    record: cells::id_or_none(row, 5)?.map(RecordId),
                    kind: row.get(6)?,
                    values: cells::from_cbor(&row.get::<_, Vec<u8>>(7)?)?,
                });
            }
            Ok(notices)
        })
    }

    /// How many there are.
    ///
    /// # Errors
    /// Those of the database.
    pub fn n_notices(&self) -> Result<u64, StoreError> {
        self.read(|conn| {
            Ok(conn.prepare_cached("SELECT count(*) FROM notices")?.query_row([], |row| cells::count(row, 0))?)
        })
    }

    /// Forgets a notice; one that is not there is forgotten already.
    ///
    /// # Errors
    /// Those of the database.
    pub fn dismiss_notice(&self, id: i64) -> Result<(), StoreError> {
        self.write(|tx| {
            // An empty map is one byte; anything longer are somebody's words, which may be of a client that has left.
            let words: i64 =
                tx.query_row("SELECT count(*) FROM notices WHERE id = ? AND length(vals) > 1", [id], |row| row.get(0))?;
            tx.execute("DELETE FROM notices WHERE id = ?", [id])?;
            if words > 0 { state::set(tx, keys::SCRUB_DUE, &true) } else { Ok(()) }
        })
    }
}

/// A notice about to be kept.
#[derive(Clone, Debug, Default)]
pub(super) struct NewNotice<'a> {
    pub what: &'a str,
    pub params: BTreeMap<&'static str, String>,
    pub client: Option<RecordId>,
    pub record: Option<RecordId>,
    pub kind: &'a str,
    pub group: Option<GroupId>,
    pub values: BTreeMap<String, Value>,
}

pub(super) fn put(conn: &Connection, at: DateTime<Utc>, notice: &NewNotice<'_>) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached(
        "INSERT INTO notices (what, at, params, client, record, kind, group_id, vals) VALUES (?,?,?,?,?,?,?,?)",
    )?;
    statement.execute(params![
        notice.what,
        at.timestamp_millis(),
        cells::to_cbor(&notice.params)?,
        notice.client.as_ref().map(RecordId::bytes),
        notice.record.as_ref().map(RecordId::bytes),
        notice.kind,
        notice.group.as_ref().map(GroupId::bytes),
        cells::to_cbor(&notice.values)?
    ])?;
    Ok(())
}

/// Forgets what was said about a group: something newer is to be said, or it was taken back.
pub(super) fn forget_group(conn: &Connection, group: GroupId) -> Result<(), StoreError> {
    let n = conn.prepare_cached("DELETE FROM notices WHERE group_id = ?")?.execute([group.bytes()])?;
    if n > 0 { state::set(conn, keys::SCRUB_DUE, &true) } else { Ok(()) }
}
