//! Push: groups are taken in one by one, each for itself, cheapest checks first (rules 9 to 16, 20 to 22).
//!
//! What needs no table is done before the lock is taken: [`prepare`] reads and measures the changes, [`preview`]
//! applies them to a copy of the record. Rights, order and dependencies are judged inside the transaction.

pub mod prepare;
pub mod preview;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use satchel_core::docs::Hash;
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::Registry;
use satchel_core::domain::limits;
use satchel_core::sync::wire::Verdict;

use crate::storage::{Session, Touched};
pub use prepare::{Body, Change, Creation, Edit, Prepared};
pub use preview::{Preview, Previews, Workshop};

/// Largest record taken. A record is sent in one page, so that it has to fit one with room for the frame around it.
pub const RECORD_BYTES: usize = {
    let page = limits::BODY_BYTES - 512 * 1024;
    if page < limits::RECORD_BYTES { page } else { limits::RECORD_BYTES }
};
/// Largest group taken: a transaction is never split over pages either.
pub const GROUP_BYTES: usize = 6 * 1024 * 1024;
/// Largest chain of set-aside changes of one record.
pub const PROPOSAL_BYTES: usize = 4 * 1024 * 1024;
/// Most homes a record is made in.
pub const HOMES_PER_RECORD: usize = 8;
/// Most groups and commands a group may name as its conditions.
pub const DEPENDENCIES_PER_GROUP: usize = 1_000;

/// Codes of refusals that arise here.
pub mod codes {
    /// Not this person's, or not there: the two look the same (VIS-2).
    pub const NO_ACCESS: &str = "no_access";
    /// He sees it and may not write it.
    pub const READ_ONLY: &str = "read_only";
    /// Breaks a rule that no device of ours breaks.
    pub const MALFORMED: &str = "refused_malformed";
    /// Past a limit.
    pub const TOO_LARGE: &str = "too_large";
    /// Written for an earlier generation (rule 10).
    pub const STALE_GENERATION: &str = "stale_generation";
    /// Written for an earlier generation of a record its author does not see any more: nothing of it is kept.
    pub const ERASED: &str = "erased";
    /// Orders of a revoked device are not carried out.
    pub const REVOKED: &str = "revoked";
    /// Waits for the admin of a restored server.
    pub const HELD: &str = "held";
    /// Our bug.
    pub const INTERNAL: &str = "internal";
}

/// What is known of a record before the lock is taken.
#[derive(Clone, Debug)]
pub struct Known {
    /// The record.
    pub record: RecordId,
    /// Its generation.
    pub generation: u32,
    /// Its kind.
    pub kind: String,
    /// True where the person sees it: others' records are never loaded for him.
    pub seen: bool,
}

/// Groups of one request, prepared.
pub struct Batch<'a> {
    /// Who pushes.
    pub session: Session,
    /// True where a revoked device hands over what it had not sent: everything is set aside (REV-2).
    pub rescue: bool,
    /// Greatest incarnation whose changes are taken.
    pub newest: u32,
    /// Brought back after a restore: changes of others are among them.
    pub vouched: bool,
    /// By the server's clock.
    pub now: DateTime<Utc>,
    /// The kinds.
    pub registry: &'a Registry,
    /// Where ids of proposals come from.
    pub ids: &'a dyn IdSource,
    /// The groups, in order.
    pub groups: &'a [Prepared],
    /// What applying them to copies showed, by group and record.
    pub previews: &'a Previews,
}

/// What became of them.
#[derive(Debug, Default)]
pub struct Judged {
    /// One for each group, in order.
    pub verdicts: Vec<Verdict>,
    /// Who sees something of what changed.
    pub touched: Touched,
    /// Hashes taken in, by record, in order.
    pub taken: HashMap<RecordId, Vec<Hash>>,
}
