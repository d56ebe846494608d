//! Whether a device holds what the server holds (rule 23).

use satchel_core::sync::wire::{Check, Checked, Denied, Frame, pack, unpack};

use super::Office;
use super::door::{DeniedBy, denied};
use super::exchange::code_of;
use crate::pull::Answered;
use crate::storage::Session;

impl Office {
    /// Answers a body with one check in it.
    ///
    /// # Errors
    /// `malformed`, `revoked`.
    pub fn check_for(&self, session: Session, body: &[u8]) -> Result<Vec<u8>, Denied> {
        let mut frames: Vec<Frame<Check>> = unpack(body).map_err(|error| denied(code_of(&error)))?;
        let (Some(frame), true) = (frames.pop(), frames.is_empty()) else { return Err(denied("malformed")) };
        self.not_held()?;
        let answer = self.inner.storage.compare(session, &frame.message).map_err(|error| DeniedBy::from(error).0)?;
        let Answered::Answer { checked, blobs } = answer else { return Err(denied("revoked")) };
        match (&frame.message, &checked) {
            (_, Checked::Differs) => tracing::warn!(device = %session.device, "a device holds something else"),
            (Check::Fetch { .. }, Checked::Page(page)) => {
                tracing::warn!(device = %session.device, n_records = page.records.len(), "a device is repaired");
            }
            _ => {}
        }
        pack(&[Frame { message: checked, blobs }]).map_err(|_| denied("internal"))
    }
}
