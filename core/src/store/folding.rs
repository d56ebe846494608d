//! A device's own compaction (rule 11): acknowledged changes of a long history become one chunk.
//!
//! Changes that wait for the server's verdict stay as they were written, each by itself: what is refused or set aside
//! has to be taken out again, and what is sent has to be what was written.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::error::StoreError;
use super::open::Store;
use super::state::{self, keys};
use super::{digest, documents, stamps};
use crate::docs::snapshot::{Made, is_snapshot};
use crate::docs::{Doc, Hash};
use crate::domain::ids::RecordId;

/// Acknowledged changes after which a history is folded.
const FOLD_FROM: usize = 64;

impl Store {
    /// Folds histories after so many acknowledged changes: fewer than usual, so that tests come to it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn fold_from(&self, n_changes: usize) -> Result<(), StoreError> {
        self.write(|tx| state::set(tx, keys::FOLD_FROM, &n_changes))
    }
}

/// A record's chunks, with its acknowledged changes folded where there are many of them. As they were where they do not
/// fold.
pub(super) fn fold(conn: &Connection, id: RecordId, chunks: Vec<u8>) -> Result<Vec<u8>, StoreError> {
    let Ok(parts) = documents::split(&chunks) else { return Ok(chunks) };
    if parts.len() < 2 {
        return Ok(chunks);
    }
    let least: usize = state::get(conn, keys::FOLD_FROM)?.unwrap_or(FOLD_FROM);
    if parts.len() < least {
        return Ok(chunks);
    }
    let unsent = digest::unsent_of(conn, id)?;
    let (snapshot, tail): (Vec<&[u8]>, Vec<&[u8]>) = parts.into_iter().partition(|part| is_snapshot(part));
    let (waiting, acknowledged): (Vec<&[u8]>, Vec<&[u8]>) =
        tail.into_iter().partition(|change| unsent.contains(&documents::hash(change)));
    // Not for every few changes anew: the work of folding stays in proportion to what was written.
    let bytes: usize = acknowledged.iter().map(|change| change.len()).sum();
    if acknowledged.len() < least || 2 * bytes < snapshot.iter().map(|it| it.len()).sum() {
        return Ok(chunks);
    }
    let before = made_of(&snapshot.concat());
    let Ok(mut doc) = Doc::load(&[snapshot.concat(), acknowledged.concat()].concat()) else { return Ok(chunks) };
    let made = doc.made();
    let (true, Ok(folded)) = (made.len() == before.len() + acknowledged.len(), doc.at_rest()) else {
        return Ok(chunks);
    };
    stamps::fold(conn, id, &before, &made)?;
    Ok([folded, waiting.concat()].concat())
}

/// The changes of a record, each by itself and with its hash.
pub(super) fn singles(chunks: &[u8]) -> Result<BTreeMap<Hash, Vec<u8>>, crate::docs::DocError> {
    let parts = documents::split(chunks)?;
    if parts.iter().any(|part| is_snapshot(part)) {
        return Ok(Doc::load(chunks)?.singles().into_iter().collect());
    }
    Ok(parts.into_iter().map(|part| (documents::hash(part), part.to_vec())).collect())
}

/// The changes of the snapshot that chunks begin with; none where they begin otherwise.
pub(super) fn made_in_snapshot(chunks: &[u8]) -> Vec<Made> {
    if !is_snapshot(chunks) {
        return Vec::new();
    }
    documents::split(chunks).ok().and_then(|parts| parts.first().map(|first| made_of(first))).unwrap_or_default()
}

fn made_of(snapshot: &[u8]) -> Vec<Made> {
    Doc::load(snapshot).map(|mut doc| doc.made()).unwrap_or_default()
}
