//! A record's history in one chunk: what compaction makes of many changes (rule 11).
//!
//! Nothing is lost in it: every change comes out of it again byte for byte, and its heads are checked against all of
//! them whenever it is loaded. On the wire its columns are never deflated, because Automerge inflates without bound;
//! the frame's own compression does better. At rest, in a file of one's own, they are.

use std::collections::BTreeSet;

use automerge::AutoCommit;
use chrono::{DateTime, Utc};

use super::Hash;
use super::change::{ChangeError, scan_column};
use super::chunk::{DEFLATED, DOCUMENT, MAGIC, Reader, Unreadable};
use super::doc::{Doc, DocError, guarded};
use crate::domain::limits;

/// Which change it is, and when it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its hash.
    pub hash: Hash,
    /// Who made it.
    pub actor: Vec<u8>,
    /// The how manieth of that actor in this document, from 1.
    pub seq: u64,
    /// When it was made, by the maker's clock, to the second.
    pub at: DateTime<Utc>,
}

/// True where a chunk is a snapshot and not a change.
#[must_use]
pub fn is_snapshot(chunk: &[u8]) -> bool {
    chunk.get(..4) == Some(&MAGIC) && chunk.get(8) == Some(&DOCUMENT)
}

/// Reads a snapshot somebody sent: bounded before it is decoded, and nothing beside it.
///
/// # Errors
/// `Damaged` for anything else.
pub fn receive(bytes: &[u8]) -> Result<Doc, DocError> {
    scan(bytes).map_err(|_| DocError::Damaged)?;
    Doc::load(bytes)
}

impl Doc {
    /// The whole history in one chunk, to be sent.
    ///
    /// # Errors
    /// `Damaged` where Automerge cannot write it, or its reader would not take it.
    pub fn snapshot(&mut self) -> Result<Vec<u8>, DocError> {
        let bytes = guarded(|| Ok(self.am.save_nocompress()))?;
        scan(&bytes).map_err(|_| DocError::Damaged)?;
        self.same(&bytes).map(|()| bytes)
    }

    /// The whole history in one chunk, to be kept.
    ///
    /// # Errors
    /// `Damaged` where Automerge cannot write it.
    pub fn at_rest(&mut self) -> Result<Vec<u8>, DocError> {
        let bytes = guarded(|| Ok(self.am.save()))?;
        self.same(&bytes).map(|()| bytes)
    }

    /// Loads what was written and compares: a change laid out otherwise than Automerge does would come out with another
    /// hash, and everything that builds on it would be lost.
    fn same(&mut self, bytes: &[u8]) -> Result<(), DocError> {
        let mut again = Self { am: guarded(|| AutoCommit::load(bytes).map_err(|_| DocError::Damaged))? };
        let hashes = |made: Vec<Made>| made.into_iter().map(|made| made.hash).collect::<BTreeSet<Hash>>();
        if hashes(again.made()) == hashes(self.made()) { Ok(()) } else { Err(DocError::Damaged) }
    }

    /// All changes, each after the ones it builds on.
    #[must_use]
    pub fn made(&mut self) -> Vec<Made> {
        let changes = self.am.get_changes_meta(&[]);
        let made = changes.iter().map(|change| Made {
            hash: change.hash.0,
            actor: change.actor.to_bytes().to_vec(),
            seq: change.seq,
            at: DateTime::from_timestamp(change.timestamp, 0).unwrap_or_default(),
        });
        made.collect()
    }
}

/// Looks at the layout of a document chunk without decoding it:
/// <https://automerge.org/automerge-binary-format-spec/>.
fn scan(bytes: &[u8]) -> Result<(), ChangeError> {
    let mut rest = Reader(bytes);
    if rest.take(4)? != MAGIC {
        return Err(ChangeError::Malformed);
    }
    rest.take(4)?;
    if rest.take(1)? != [DOCUMENT] {
        return Err(ChangeError::Malformed);
    }
    let mut at = Reader(rest.prefixed()?);
    if !rest.0.is_empty() {
        return Err(ChangeError::Malformed);
    }
    for _ in 0..at.length()? {
        at.prefixed()?;
    }
    let n_heads = at.length()?;
    at.take(n_heads.checked_mul(32).ok_or(ChangeError::Malformed)?)?;
    let (changes, operations) = (columns(&mut at)?, columns(&mut at)?);
    for (spec, length) in changes.into_iter().chain(operations) {
        if spec & DEFLATED != 0 {
            return Err(ChangeError::Malformed);
        }
        scan_column(spec, Reader(at.take(length)?), limits::OPERATIONS_PER_SNAPSHOT)?;
    }
    Ok(())
}

/// Specifications and lengths of columns.
fn columns(at: &mut Reader<'_>) -> Result<Vec<(u64, usize)>, Unreadable> {
    let mut columns = Vec::new();
    for _ in 0..at.length()? {
        columns.push((at.unsigned()?, at.length()?));
    }
    Ok(columns)
}

#[cfg(test)]
#[path = "snapshot_tests.rs"]
mod tests;
