//! Late edits of others that wait for this person's decision.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::open::Store;
use super::views::Layouts;
use super::{cells, documents};
use crate::docs::Doc;
use crate::domain::ids::*;
use crate::domain::value::Value;
use crate::sync::wire::ProposalState;

/// A late edit with what it would change.
#[derive(Clone, Debug, PartialEq)]
pub struct ProposalEntry {
    /// What the server said.
    pub state: ProposalState,
    /// Title of the record, or what the proposal would call it.
    pub title: String,
    /// Values now of the fields it changes.
    pub before: BTreeMap<String, Value>,
    /// Values it proposes.
    pub after: BTreeMap<String, Value>,
}

impl Store {
    /// Proposals that wait, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn proposals(&self) -> Result<Vec<ProposalEntry>, StoreError> {
        self.read(|conn| {
            let mut statement =
                conn.prepare_cached("SELECT state FROM proposals WHERE decided = 0 ORDER BY received_at, id")?;
            let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
            rows.map(|row| entry(conn, &self.inner.layouts, cells::from_cbor(&row?)?)).collect()
        })
    }

    /// How many wait.
    ///
    /// # Errors
    /// Those of the database.
    pub fn n_proposals(&self) -> Result<u64, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT count(*) FROM proposals WHERE decided = 0")?;
            Ok(statement.query_row([], |row| cells::count(row, 0))?)
        })
    }

    /// One proposal that waits.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn proposal(&self, id: ProposalId) -> Result<ProposalEntry, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT state FROM proposals WHERE id = ? AND decided = 0")?;
            let bytes: Option<Vec<u8>> = statement.query_row([id.bytes()], |row| row.get(0)).optional()?;
            entry(conn, &self.inner.layouts, cells::from_cbor(&bytes.ok_or(StoreError::NotFound)?)?)
        })
    }
}

/// Keeps what the server says about a proposal; a decided one is forgotten with its changes.
pub(super) fn put(conn: &Connection, state: &ProposalState) -> Result<(), StoreError> {
    if state.accepted.is_some() {
        conn.prepare_cached("DELETE FROM proposals WHERE id = ?")?.execute([state.id.bytes()])?;
        return Ok(());
    }
    let mut statement = conn.prepare_cached(
        "INSERT OR REPLACE INTO proposals (id, client, received_at, decided, state) VALUES (?,?,?,0,?)",
    )?;
    let received_at = state.received_at.timestamp_millis();
    statement.execute(params![state.id.bytes(), state.client.bytes(), received_at, cells::to_cbor(state)?])?;
    Ok(())
}

/// Proposals for a client leave with it.
pub(super) fn forget_client(conn: &Connection, client: RecordId) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM proposals WHERE client = ?")?.execute([client.bytes()])?;
    Ok(())
}

fn entry(conn: &Connection, layouts: &Layouts, state: ProposalState) -> Result<ProposalEntry, StoreError> {
    let mut entry = ProposalEntry { state, title: String::new(), before: BTreeMap::new(), after: BTreeMap::new() };
    let Some(layout) = layouts.get(&entry.state.kind) else { return Ok(entry) };
    let mut chunks = match documents::find(conn, entry.state.record.id)? {
        Some(document) => document.chunks,
        None => Vec::new(),
    };
    let values = |chunks: &[u8]| Doc::load(chunks).and_then(|mut doc| doc.read(layout.kind)).unwrap_or_default();
    let before = values(&chunks);
    entry.state.changes.iter().for_each(|change| chunks.extend_from_slice(change));
    let after = values(&chunks);
    for field in layout.kind.document_fields() {
        let (old, new) = (before.values.get(field.key), after.values.get(field.key));
        // A change concurrent with what stands here may lose against it in the merge and is proposed all the same.
        let lost = after.competing.iter().find(|(key, _)| key.split('/').next() == Some(field.key));
        let proposed = match (old == new, lost) {
            (false, _) => new.cloned().unwrap_or(Value::Empty),
            (true, Some((key, values))) if key == field.key => {
                match values.iter().find(|one| Some(&one.value) != old) {
                    Some(one) => one.value.clone(),
                    None => continue,
                }
            }
            (true, _) => continue,
        };
        entry.after.insert(field.key.to_owned(), proposed);
        entry.before.insert(field.key.to_owned(), old.cloned().unwrap_or(Value::Empty));
    }
    let title = before.values.get(layout.kind.title).or_else(|| after.values.get(layout.kind.title));
    entry.title = title.map(cells::text_of).unwrap_or_default();
    Ok(entry)
}
