//! A loaded document: loading, applying, saving. Whatever Automerge panics at becomes an error here.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::{AutoCommit, Change, ChangeHash};

use super::Hash;
use super::change::Parsed;

/// One record's document in memory. Never kept resident for long: loading costs a tenth of a millisecond.
pub struct Doc {
    pub(super) am: AutoCommit,
}

/// Why a document cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum DocError {
    /// The bytes are no document, or applying them failed or panicked.
    #[error("document is damaged")]
    Damaged,
    /// A field was given a value of another type.
    #[error("field {0} does not take this value")]
    BadValue(String),
    /// The kind has no such field in its document.
    #[error("no field {0} in the document")]
    NoSuchField(String),
}

impl Doc {
    pub(super) fn empty() -> Self {
        Self { am: AutoCommit::new() }
    }

    /// Loads concatenated chunks: changes, or a snapshot and the changes after it.
    ///
    /// # Errors
    /// `Damaged` for anything else.
    pub fn load(chunks: &[u8]) -> Result<Self, DocError> {
        guarded(|| AutoCommit::load(chunks).map(|am| Self { am }).map_err(|_| DocError::Damaged))
    }

    /// Applies changes of others, in an order in which each finds what it builds on.
    ///
    /// # Errors
    /// `Damaged` where one is no change, or does not fit. The document must then be thrown away.
    pub fn apply<B: AsRef<[u8]>>(&mut self, changes: &[B]) -> Result<(), DocError> {
        guarded(|| {
            let parsed = changes.iter().map(|bytes| Change::try_from(bytes.as_ref()));
            let parsed = parsed.collect::<Result<Vec<_>, _>>().map_err(|_| DocError::Damaged)?;
            self.am.apply_changes(parsed).map_err(|_| DocError::Damaged)
        })
    }

    /// The document as somebody had it before him who knew these changes and what they build on; for reading only,
    /// because whoever wrote to it would do so under an actor nobody knows (rule 9).
    ///
    /// # Errors
    /// `Damaged` where one of the changes is not here.
    pub fn as_of(&mut self, heads: &[Hash]) -> Result<Self, DocError> {
        let heads: Vec<ChangeHash> = heads.iter().map(|hash| ChangeHash(*hash)).collect();
        guarded(|| self.am.fork_at(&heads).map(|am| Self { am }).map_err(|_| DocError::Damaged))
    }

    /// As [`apply`](Self::apply), for changes looked at before.
    ///
    /// # Errors
    /// `Damaged` where one does not fit. The document must then be thrown away.
    pub fn apply_parsed(&mut self, changes: &[&Parsed]) -> Result<(), DocError> {
        guarded(|| {
            let changes: Vec<Change> = changes.iter().map(|parsed| parsed.0.clone()).collect();
            self.am.apply_changes(changes).map_err(|_| DocError::Damaged)
        })
    }

    /// Hashes of the latest changes, sorted.
    #[must_use]
    pub fn heads(&mut self) -> Vec<Hash> {
        let mut heads: Vec<Hash> = self.am.get_heads().into_iter().map(|hash| hash.0).collect();
        heads.sort_unstable();
        heads
    }

    /// The heads as they would be without some of the changes, sorted. Nothing else may build on those.
    #[must_use]
    pub fn heads_without(&mut self, left_out: &BTreeSet<Hash>) -> Vec<Hash> {
        let changes = self.am.get_changes(&[]);
        let kept = || changes.iter().filter(|change| !left_out.contains(&change.hash().0));
        let built_on: BTreeSet<Hash> = kept().flat_map(|change| change.deps().iter().map(|hash| hash.0)).collect();
        let heads: BTreeSet<Hash> =
            kept().map(|change| change.hash().0).filter(|hash| !built_on.contains(hash)).collect();
        heads.into_iter().collect()
    }

    /// All changes as raw chunks, each after the ones it builds on.
    #[must_use]
    pub fn changes(&mut self) -> Vec<Vec<u8>> {
        self.am.get_changes(&[]).iter().map(|change| change.raw_bytes().to_vec()).collect()
    }

    /// As [`changes`](Self::changes), each with its hash.
    #[must_use]
    pub fn singles(&mut self) -> Vec<(Hash, Vec<u8>)> {
        self.am.get_changes(&[]).iter().map(|change| (change.hash().0, change.raw_bytes().to_vec())).collect()
    }

    /// The greatest operation counter in the document.
    #[must_use]
    pub fn max_op(&mut self) -> u64 {
        self.am.get_changes(&[]).iter().map(Change::max_op).max().unwrap_or(0)
    }
}

/// Runs `work` so that a panic inside Automerge becomes `Damaged`: one bad record must not take the others down.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, DocError>) -> Result<T, DocError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(DocError::Damaged))
}
