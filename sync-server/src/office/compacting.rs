//! Folding long histories (rule 11), off the way of whoever asks for something.

use chrono::Duration;

use super::Office;
use crate::storage::{Compacted, CompactionRule, StorageError};

/// Changes after which a history is folded.
const LEAST: u64 = 64;
/// Changes of the last day stay as they were written: nearly every device that is behind is behind by less.
const AGE: Duration = Duration::days(1);
/// Records folded in one go, between which the worker may be told to stop.
const AT_ONCE: usize = 16;

impl Office {
    /// Folds some of the histories that have grown long; to be repeated while there is `more`.
    ///
    /// # Errors
    /// Where the store refuses.
    pub fn compact(&self) -> Result<Compacted, StorageError> {
        let rule = CompactionRule { least: LEAST, before: self.inner.clock.now() - AGE, at_most: AT_ONCE };
        let done = self.inner.storage.compact(&rule)?;
        if done.n_records > 0 {
            let Compacted { n_records, n_changes, bytes_before, bytes_after, .. } = done;
            tracing::info!(n_records, n_changes, bytes_before, bytes_after, "long histories were folded");
        }
        Ok(done)
    }
}
