//! Receipts: what became of one's own edits that were not simply taken in (OFF-1, OFF-3). A receipt holds ids and the
//! keys of fields; what the person typed stays in the outbox, and only until the edit is decided on.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use super::error::StoreError;
use super::open::Store;
use super::outbox::{self, Item};
use super::{cells, records};
use crate::domain::authority::Ended;
use crate::domain::ids::*;
use crate::domain::value::Value;
use crate::sync::wire::Receipt;

/// Most receipts kept; of closed ones the oldest go first.
const KEPT: u32 = 2_000;

/// What became of an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Set aside: somebody else decides.
    Waiting,
    /// Refused.
    Refused,
    /// Taken back by its author.
    Withdrawn,
    /// Set aside and taken in.
    Accepted,
    /// Set aside and left out.
    Declined,
    /// Refused, and its values sent again as a new edit.
    SentAgain,
}

impl Fate {
    fn from_number(number: i64) -> Self {
        match number {
            0 => Self::Waiting,
            1 => Self::Refused,
            2 => Self::Withdrawn,
            3 => Self::Accepted,
            4 => Self::Declined,
            _ => Self::SentAgain,
        }
    }
}

/// A receipt for one record's part of an edit.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceiptEntry {
    /// To forget it.
    pub id: i64,
    /// The group it came in.
    pub group: GroupId,
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: String,
    /// Its title, while this device knows it, or what the person typed as such.
    pub title: String,
    /// The client it lives under.
    pub client: Option<RecordId>,
    /// True where the edit makes the record.
    pub creates: bool,
    /// When the person saved it.
    pub made_at: DateTime<Utc>,
    /// When it came to this; `None` where this device did not note it.
    pub at: Option<DateTime<Utc>>,
    /// What became of it.
    pub fate: Fate,
    /// Why it was refused; empty otherwise.
    pub code: String,
    /// Keys of the fields he had changed.
    pub fields: Vec<String>,
    /// What he typed, while it is kept.
    pub values: BTreeMap<String, Value>,
    /// How his access had ended, where that is the reason.
    pub ended: Option<Ended>,
    /// Who decided.
    pub answered_by: Option<UserId>,
    /// When.
    pub answered_at: Option<DateTime<Utc>>,
    /// Fields whose values the decider took over by hand.
    pub picked: Vec<String>,
}

impl Store {
    /// All receipts, latest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn receipts(&self) -> Result<Vec<ReceiptEntry>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT id, group_id, record, kind, client, creates, made_at, at, state, code, fields, ended,
                        answered_by, answered_at, picked
                 FROM receipts ORDER BY id DESC",
            )?;
            let mut rows = statement.query([])?;
            let mut receipts = Vec::new();
            while let Some(row) = rows.next()? {
                let cbor = |at: usize| row.get::<_, Option<Vec<u8>>>(at);
                let mut receipt = ReceiptEntry {
                    id: row.get(0)?,
                    group: GroupId(cells::id(row, 1)?),
                    record: RecordId(cells::id(row, 2)?),
                    kind: row.get(3)?,
                    title: String::new(),
                    client: cells::id_or_none(row, 4)?.map(RecordId),
                    creates: row.get(5)?,
                    made_at: cells::instant(row, 6)?.unwrap_or_default(),
                    at: cells::instant(row, 7)?,
                    fate: Fate::from_number(row.get(8)?),
                    code: row.get(9)?,
                    fields: cells::from_cbor(&row.get::<_, Vec<u8>>(10)?)?,
                    values: BTreeMap::new(),
                    ended: cbor(11)?.map(|bytes| cells::from_cbor(&bytes)).transpose()?,
                    answered_by: cells::id_or_none(row, 12)?.map(UserId),
                    answered_at: cells::instant(row, 13)?,
                    picked: cbor(14)?.map(|bytes| cells::from_cbor(&bytes)).transpose()?.unwrap_or_default(),
                };
                self.fill(conn, &mut receipt)?;
                receipts.push(receipt);
            }
            Ok(receipts)
        })
    }

    /// What the person typed and what the record is called, as far as they are here.
    fn fill(&self, conn: &Connection, receipt: &mut ReceiptEntry) -> Result<(), StoreError> {
        let layouts = self.layouts();
        receipt.title = records::title(conn, layouts, receipt.record)?.unwrap_or_default();
        let Some(item) = outbox::find(conn, receipt.group)? else { return Ok(()) };
        for write in outbox::writes_of(conn, item.seq)?.into_iter().filter(|write| write.record == receipt.record) {
            receipt.values.extend(write.patch.set);
        }
        let title = layouts.get(&receipt.kind).and_then(|layout| receipt.values.get(layout.kind.title));
        if let (true, Some(title)) = (receipt.title.is_empty(), title) {
            receipt.title = cells::text_of(title);
        }
        Ok(())
    }

    /// Forgets a receipt whose matter is closed; one that is not there is forgotten already.
    ///
    /// # Errors
    /// `WrongState` while somebody decides, or while what was typed is kept.
    pub fn forget_receipt(&self, id: i64) -> Result<(), StoreError> {
        self.write(|tx| {
            let mut statement = tx.prepare_cached(
                "SELECT 1 FROM receipts r WHERE r.id = ? AND (r.state = 0 OR EXISTS (
                    SELECT 1 FROM outbox o WHERE o.id = r.group_id AND r.state = 1))",
            )?;
            if statement.exists([id])? {
                return Err(StoreError::WrongState);
            }
            tx.execute("DELETE FROM receipts WHERE id = ?", [id])?;
            Ok(())
        })
    }
}

/// Notes what became of an item's edits; `at` is `None` where the moment is not known.
pub(super) fn note(
    conn: &Connection,
    item: &Item,
    fate: Fate,
    (code, ended): (&str, Option<&Ended>),
    at: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    let ended = ended.map(cells::to_cbor).transpose()?;
    for write in outbox::writes_of(conn, item.seq)? {
        let fields: Vec<&String> = write.patch.set.keys().collect();
        let mut statement = conn.prepare_cached(
            "INSERT INTO receipts (group_id, record, kind, client, creates, made_at, at, state, code, fields, ended)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (group_id, record) DO UPDATE SET at = ?7, state = ?8, code = ?9, ended = ?11",
        )?;
        statement.execute(params![
            item.id.bytes(),
            write.record.bytes(),
            write.kind,
            write.client.as_ref().map(RecordId::bytes),
            write.creates,
            item.at.timestamp_millis(),
            at.map(|at| at.timestamp_millis()),
            fate as i64,
            code,
            cells::to_cbor(&fields)?,
            ended
        ])?;
    }
    conn.prepare_cached("DELETE FROM receipts WHERE state > 1 AND id <= (SELECT max(id) FROM receipts) - ?")?
        .execute([KEPT])?;
    Ok(())
}

/// A refused edit whose values went out again as a new one.
pub(super) fn sent_again(conn: &Connection, group: GroupId) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE receipts SET state = ?2 WHERE group_id = ?1")?
        .execute(params![group.bytes(), Fate::SentAgain as i64])?;
    Ok(())
}

/// Somebody has decided; `group` is what this device calls the edit.
pub(super) fn answered(conn: &Connection, group: GroupId, receipt: &Receipt) -> Result<(), StoreError> {
    let fate = if receipt.accepted { Fate::Accepted } else { Fate::Declined };
    conn.prepare_cached(
        "UPDATE receipts SET state = ?3, answered_by = ?4, answered_at = ?5, picked = ?6
         WHERE group_id = ?1 AND record = ?2",
    )?
    .execute(params![
        group.bytes(),
        receipt.record.bytes(),
        fate as i64,
        receipt.by.bytes(),
        receipt.at.timestamp_millis(),
        cells::to_cbor(&receipt.picked)?
    ])?;
    Ok(())
}
