//! Groups of writes in a line.

use chrono::{DateTime, Utc};
use satchel_core::domain::ids::RecordId;
use satchel_core::domain::patch::Patch;
use satchel_core::store::write::{GroupDraft, Write};

/// Edits that belong together, put together in a line.
#[derive(Clone, Debug, Default)]
pub struct Writes(pub Vec<Write>);

impl Writes {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One more record.
    #[must_use]
    pub fn create(mut self, kind: &str, id: RecordId, client: Option<RecordId>, patch: Patch) -> Self {
        self.0.push(Write::Create { kind: kind.to_owned(), id, client, patch });
        self
    }

    /// One more edit.
    #[must_use]
    pub fn edit(mut self, id: RecordId, patch: Patch) -> Self {
        self.0.push(Write::Edit { id, patch });
        self
    }

    /// As one group.
    #[must_use]
    pub fn at(self, at: DateTime<Utc>) -> GroupDraft {
        GroupDraft { at, writes: self.0 }
    }
}
