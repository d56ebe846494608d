//! Pull: pages of what a device may see, each read in one snapshot (rules 17 to 19). Never loads a document, but where
//! changes that were folded have to be told one by one (docs/adr/0012).

pub mod draft;
pub mod sight;

use satchel_core::domain::limits;
use satchel_core::sync::wire::{Checked, Cursor, Page};

use crate::storage::Session;

/// Page size where the device names none.
pub const DEFAULT_CREDIT: usize = 2 * 1024 * 1024;
/// Largest page, whatever the device asks: leaves room for authority and frames below the largest body.
pub const MAX_CREDIT: usize = limits::BODY_BYTES - 1024 * 1024;
/// Backfills smaller than this are not announced.
pub const ANNOUNCED_FROM: u64 = 50;
/// Most running backfills a cursor may name.
pub const BACKFILLS: usize = 64;

/// Who asks for a page, and where he stands.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Who asks.
    pub session: Session,
    /// Where the device stands.
    pub cursor: Cursor,
    /// Largest page it takes; 0 for the default.
    pub credit: u32,
    /// Whether it takes snapshots.
    pub snapshots: bool,
}

/// The answer to a check.
#[derive(Debug)]
pub enum Answered {
    /// What the server says to it.
    Answer {
        /// The message.
        checked: Checked,
        /// The changes of its records, in order.
        blobs: Vec<Vec<u8>>,
    },
    /// His rights have ended: nothing.
    Revoked,
}

impl Answered {
    /// A message without records.
    #[must_use]
    pub fn bare(checked: Checked) -> Self {
        Self::Answer { checked, blobs: Vec::new() }
    }
}

/// A live connection's turn to get a page.
#[derive(Clone, Debug)]
pub struct Due {
    /// Hash of the access token it last showed: looked up again for every page (REV-1).
    pub access: [u8; 32],
    /// Who asks, and where he stands.
    pub asked: Asked,
    /// True where a page is sent even if it says nothing but where the device stands.
    pub even_bare: bool,
}

/// What he gets.
#[derive(Debug)]
pub enum Pulled {
    /// A page.
    Page {
        /// The page.
        page: Box<Page>,
        /// The changes of its records, in order.
        blobs: Vec<Vec<u8>>,
    },
    /// What another connection of the same person got from the same place, by that one's place among those due.
    Same(usize),
    /// His rights have ended: nothing.
    Revoked,
    /// His token is no longer good: nothing until he shows another.
    SignedOut,
}
