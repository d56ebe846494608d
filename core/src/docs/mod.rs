//! Records as Automerge documents: the only place that knows Automerge.
//!
//! Documents hold facts and never authority. Nothing is deleted from one (rule 7); collections are root keys
//! (rule 6); an edit writes only the fields a person changed (rule 5).

mod carry;
pub mod change;
pub mod check;
mod chunk;
mod doc;
mod history;
mod plain;
mod read;
mod sequence;
pub mod snapshot;
pub mod stamps;
mod write;

pub use doc::{Doc, DocError};
pub use history::{FieldStep, Step};
pub use plain::read_in_line;
pub use read::{Competing, Record, Stroke, read};
pub use sequence::Piece;

/// Hash of a change.
pub type Hash = [u8; 32];

/// Root key of the flag that puts a whole record into the trash.
pub const TRASHED: &str = "trashed";
/// Keys of an entry's map.
pub mod entry_keys {
    /// The value.
    pub const VALUE: &str = "value";
    /// What the entry is for.
    pub const LABEL: &str = "label";
    /// True where the entry was taken away.
    pub const REMOVED: &str = "removed";
}

#[cfg(test)]
mod tests;
