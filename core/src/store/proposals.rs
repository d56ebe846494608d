//! Late edits of others that wait for this person's decision.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::open::Store;
use super::state::keys;
use super::views::Layouts;
use super::{cells, documents, state};
use crate::docs::{self, Doc, Hash, Record, TRASHED, change};
use crate::domain::ids::*;
use crate::domain::kind::Kind;
use crate::domain::patch::{Patch, leading};
use crate::domain::value::Value;
use crate::sync::wire::ProposalState;

/// A late edit with what it would change.
#[derive(Clone, Debug, PartialEq)]
pub struct ProposalEntry {
    /// What the server said.
    pub state: ProposalState,
    /// Title of the record, or what the proposal would call it.
    pub title: String,
    /// Values its author had before him, of the fields it changes.
    pub before: BTreeMap<String, Value>,
    /// Values now of the same fields.
    pub now: BTreeMap<String, Value>,
    /// Values it proposes.
    pub after: BTreeMap<String, Value>,
    /// The same as an edit writes them: of collections only the entries it touches.
    pub typed: BTreeMap<String, Value>,
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
            rows.map(|row| entry(conn, self.layouts(), cells::from_cbor(&row?)?)).collect()
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

    /// A late edit's values as they are to be written to a record: of a text only what differs from what its author saw,
    /// into the text as it stands there.
    ///
    /// # Errors
    /// `NotFound`, `RecordDamaged`.
    pub fn carried_over(&self, record: RecordId, patch: &Patch) -> Result<Patch, StoreError> {
        self.setting_aside(|store| {
            store.read(|conn| {
                let document = documents::find(conn, record)?.ok_or(StoreError::NotFound)?;
                let kind = store.layouts().need(&document.kind)?.kind;
                let mut doc = documents::load(&document)?;
                let mut carried = doc.carried_over(kind, patch)?;
                let now = doc.read(kind)?;
                // What is typed there before it is written must not be lost.
                let here = |key: &String| now.values.get(key).cloned().unwrap_or(Value::Empty);
                carried.seen = patch.seen.keys().map(|key| (key.clone(), here(key))).collect();
                Ok(carried)
            })
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
            entry(conn, self.layouts(), cells::from_cbor(&bytes.ok_or(StoreError::NotFound)?)?)
        })
    }
}

/// Keeps what the server says about a proposal; a decided one is forgotten with its changes.
pub(super) fn put(conn: &Connection, state: &ProposalState) -> Result<(), StoreError> {
    if state.accepted.is_some() {
        let n = conn.prepare_cached("DELETE FROM proposals WHERE id = ?")?.execute([state.id.bytes()])?;
        return leaves_nothing(conn, n);
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
    let n = conn.prepare_cached("DELETE FROM proposals WHERE client = ?")?.execute([client.bytes()])?;
    leaves_nothing(conn, n)
}

/// What was deleted has to leave the unused parts of the file too, also where no record leaves with it (VIS-3).
fn leaves_nothing(conn: &Connection, n_deleted: usize) -> Result<(), StoreError> {
    if n_deleted > 0 { state::set(conn, keys::SCRUB_DUE, &true) } else { Ok(()) }
}

fn entry(conn: &Connection, layouts: &Layouts, state: ProposalState) -> Result<ProposalEntry, StoreError> {
    let (before, now, after, typed) = Default::default();
    let mut entry = ProposalEntry { state, title: String::new(), before, now, after, typed };
    let Some(layout) = layouts.get(&entry.state.kind) else { return Ok(entry) };
    let chunks = documents::find(conn, entry.state.record.id)?.map(|document| document.chunks).unwrap_or_default();
    let (now, _) = docs::read(Some(layout.kind), &chunks).unwrap_or_default();
    let (before, after) = versions(layout.kind, chunks, &entry.state.changes).unwrap_or_default();
    for field in layout.kind.document_fields() {
        let (old, new) = (before.values.get(field.key), after.values.get(field.key));
        if old == new {
            continue;
        }
        let filled = |value: Option<&Value>| value.cloned().unwrap_or(Value::Empty);
        entry.typed.insert(field.key.to_owned(), leading(field.many, old, new));
        entry.after.insert(field.key.to_owned(), filled(new));
        entry.before.insert(field.key.to_owned(), filled(old));
        entry.now.insert(field.key.to_owned(), filled(now.values.get(field.key)));
    }
    if before.trashed != after.trashed {
        for (values, record) in [
            (&mut entry.before, &before),
            (&mut entry.now, &now),
            (&mut entry.after, &after),
            (&mut entry.typed, &after),
        ] {
            values.insert(TRASHED.to_owned(), Value::Bool(record.trashed));
        }
    }
    let title = now.values.get(layout.kind.title).or_else(|| after.values.get(layout.kind.title));
    entry.title = title.map(cells::text_of).unwrap_or_default();
    Ok(entry)
}

/// The record as the author had it before him, and as he left it: both without what others have written since.
fn versions(kind: &Kind, mut chunks: Vec<u8>, changes: &[Vec<u8>]) -> Option<(Record, Record)> {
    changes.iter().for_each(|change| chunks.extend_from_slice(change));
    let mut all = Doc::load(&chunks).ok()?;
    let known: Vec<_> = changes.iter().map(|bytes| change::inspect(bytes).ok()).collect::<Option<_>>()?;
    let own: BTreeSet<Hash> = known.iter().map(|info| info.hash).collect();
    let built_on: BTreeSet<Hash> = known.iter().flat_map(|info| info.deps.iter().copied()).collect();
    let base: Vec<Hash> = built_on.difference(&own).copied().collect();
    let last: Vec<Hash> = own.difference(&built_on).copied().collect();
    let before = match base.is_empty() {
        true => Record::default(),
        false => all.as_of(&base).ok()?.read(kind).ok()?,
    };
    let after = all.as_of(&last).ok()?.read(kind).ok()?;
    Some((before, after))
}
