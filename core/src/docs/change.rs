//! Looking at a change before trusting it: cheap and bounded (rule 21; promises.md, limits at the door).
//!
//! Automerge inflates compressed chunks and run-length columns without any bound, so the chunk's own layout is read
//! here first: <https://automerge.org/automerge-binary-format-spec/>.

use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::Change;
use chrono::{DateTime, Utc};

use super::Hash;
use super::chunk::{Chunk, DEFLATED, Reader, Unreadable};
use super::write::birth_actor;
pub use super::write::birth_change;
use crate::domain::kind::{FieldType, Kind};
use crate::domain::limits;

/// What the door needs to know of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeInfo {
    /// Its hash.
    pub hash: Hash,
    /// Who made it.
    pub actor: Vec<u8>,
    /// The how manieth of that actor in this document, from 1.
    pub seq: u64,
    /// Counter of its first operation.
    pub start_op: u64,
    /// How many operations it holds.
    pub n_ops: u64,
    /// The changes it builds on.
    pub deps: Vec<Hash>,
    /// When it was made, by the maker's clock.
    pub at: DateTime<Utc>,
}

impl ChangeInfo {
    /// Counter of its last operation.
    #[must_use]
    pub fn max_op(&self) -> u64 {
        self.start_op + self.n_ops.saturating_sub(1)
    }
}

/// Why a change is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// No uncompressed single-change chunk.
    #[error("not an uncompressed change chunk")]
    Malformed,
    /// More operations than a change may hold.
    #[error("too many operations in one change")]
    TooManyOperations,
}

impl From<Unreadable> for ChangeError {
    fn from(_: Unreadable) -> Self {
        Self::Malformed
    }
}

/// A change that was looked at, parsed once for all that is done with it.
#[derive(Clone, Debug)]
pub struct Parsed(pub(super) Change);

/// What a change's header says.
///
/// # Errors
/// As [`parse`].
pub fn inspect(bytes: &[u8]) -> Result<ChangeInfo, ChangeError> {
    parse(bytes).map(|(info, _)| info)
}

/// Reads a change's header and counts its operations without expanding them, then lets Automerge parse it.
///
/// # Errors
/// `TooManyOperations` past the limit, `Malformed` for anything that is no plain change chunk.
pub fn parse(bytes: &[u8]) -> Result<(ChangeInfo, Parsed), ChangeError> {
    scan(bytes)?;
    let parse = || Change::try_from(bytes).map_err(|_| ChangeError::Malformed);
    let change = catch_unwind(AssertUnwindSafe(parse)).unwrap_or(Err(ChangeError::Malformed))?;
    if change.raw_bytes() != bytes {
        return Err(ChangeError::Malformed);
    }
    let info = ChangeInfo {
        hash: change.hash().0,
        actor: change.actor_id().to_bytes().to_vec(),
        seq: change.seq(),
        start_op: change.start_op().get(),
        n_ops: change.len() as u64,
        deps: change.deps().iter().map(|hash| hash.0).collect(),
        at: DateTime::from_timestamp(change.timestamp(), 0).unwrap_or_default(),
    };
    Ok((info, Parsed(change)))
}

/// True where the bytes are the birth change of one of the kind's text fields.
#[must_use]
pub fn is_birth(kind: &Kind, bytes: &[u8]) -> bool {
    // Told by its actor before anything is made to compare with.
    let Ok(chunk) = Chunk::read(&mut Reader(bytes)) else { return false };
    let notes = kind.document_fields().filter(|field| field.field_type == FieldType::Note);
    notes.into_iter().any(|field| chunk.actor == birth_actor(field.key) && birth_change(field.key) == bytes)
}

/// The changes a change builds on, read off its header alone.
///
/// # Errors
/// `Malformed` for anything that is no plain change chunk.
pub fn deps(bytes: &[u8]) -> Result<Vec<Hash>, ChangeError> {
    let chunk = Chunk::read(&mut Reader(bytes))?;
    Ok(chunk.deps.chunks_exact(32).map(|hash| std::array::from_fn(|idx| hash[idx])).collect())
}

fn scan(bytes: &[u8]) -> Result<(), ChangeError> {
    let mut rest = Reader(bytes);
    let chunk = Chunk::read(&mut rest)?;
    if !rest.0.is_empty() {
        return Err(ChangeError::Malformed);
    }
    let most = limits::OPERATIONS_PER_CHANGE;
    chunk.columns.into_iter().try_for_each(|(spec, data)| scan_column(spec, Reader(data), most))
}

/// Column specification: four bits of type, of which the highest says "deflated", and the column's id above them. At
/// most `most` rows, and as many members of groups.
pub(super) fn scan_column(spec: u64, mut data: Reader<'_>, most: u64) -> Result<(), ChangeError> {
    if spec & DEFLATED != 0 {
        return Err(ChangeError::Malformed);
    }
    let mut budget = Budget(most);
    match spec & 0b0111 {
        0 => scan_runs(&mut data, &mut budget, |at| at.unsigned().map(Some)),
        1 | 2 | 6 => scan_runs(&mut data, &mut budget, |at| at.unsigned().map(|_| None)),
        3 => scan_runs(&mut data, &mut budget, |at| at.signed().map(|_| None)),
        4 => {
            while !data.0.is_empty() {
                budget.spend(data.unsigned()?)?;
            }
            Ok(())
        }
        5 => scan_runs(&mut data, &mut budget, |at| at.prefixed().map(|_| None)),
        _ => Ok(()),
    }
}

/// Run-length encoding: a positive count repeats one value, a negative one introduces that many values, zero a run
/// of nothing. A group column's values are themselves counts, which the budget covers as well.
fn scan_runs<'a>(
    data: &mut Reader<'a>,
    budget: &mut Budget,
    value: impl Fn(&mut Reader<'a>) -> Result<Option<u64>, Unreadable>,
) -> Result<(), ChangeError> {
    let mut members = Budget(budget.0);
    while !data.0.is_empty() {
        let count = data.signed()?;
        let repeated = count.unsigned_abs();
        match count {
            0 => budget.spend(data.unsigned()?)?,
            1.. => {
                budget.spend(repeated)?;
                if let Some(group) = value(data)? {
                    members.spend(group.checked_mul(repeated).ok_or(ChangeError::TooManyOperations)?)?;
                }
            }
            _ => {
                budget.spend(repeated)?;
                for _ in 0..repeated {
                    if let Some(group) = value(data)? {
                        members.spend(group)?;
                    }
                }
            }
        }
    }
    Ok(())
}

struct Budget(u64);

impl Budget {
    fn spend(&mut self, n: u64) -> Result<(), ChangeError> {
        self.0 = self.0.checked_sub(n).ok_or(ChangeError::TooManyOperations)?;
        Ok(())
    }
}
