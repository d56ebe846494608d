//! Coming back to a server that was restored from a backup: first everything that is held goes up, then the rest
//! (rule 24, DUR-7).

use super::identity::sign;
use super::round::{Round, SyncError};
use crate::domain::ids::*;
use crate::store::returning::Returning;
use crate::sync::wire::{
    Bring, Brought, ComeBackRequest, Frame, Offered, Outcome, Tokens, come_back_challenge, pack, paths, unpack,
};

/// Records offered in one request.
const OFFERED: usize = 5_000;
/// Changes brought in one request, in bytes.
const BYTES: usize = 3 * 1024 * 1024;
/// Records brought in one request.
const RECORDS: usize = 500;

impl Round<'_> {
    /// Tokens by the device's key alone, from a server that does not know the ones held. False where it gives none.
    pub(super) fn come_back(&mut self) -> Result<bool, SyncError> {
        let known = self.store.credentials()?;
        let Some(secret) = known.device_key else { return Ok(false) };
        let at = self.clock.now() + chrono::Duration::milliseconds(known.skew);
        let proof = sign(&secret, &come_back_challenge(known.device, at));
        let request = ComeBackRequest { device: known.device, proof, at };
        let body = serde_json::to_vec(&request).map_err(|_| SyncError::Malformed)?;
        self.report.n_requests += 1;
        let Ok(answer) = self.net.post(paths::COME_BACK, None, "application/json", &body) else { return Ok(false) };
        let Ok(tokens) = serde_json::from_slice::<Tokens>(&answer) else { return Ok(false) };
        self.store.signed_in(&tokens)?;
        Ok(true)
    }

    /// One pass over what is to be brought back. What waits for the admin is kept for the next.
    pub(super) fn bring_back(&mut self, returning: &Returning, held: bool) -> Result<(), SyncError> {
        let access = self.store.access_token(self.clock.now())?.ok_or(SyncError::SignedOut)?;
        let mirror = Bring::Mirror(self.store.mirrored()?);
        self.bring(&access, &[Frame::bare(&mirror)])?;
        let mut left = Vec::new();
        for offered in self.store.to_offer(returning.left.as_deref())?.chunks(OFFERED) {
            for record in self.wanted(&access, offered)? {
                left.push(record);
            }
        }
        let left = self.bring_records(&access, left)?;
        if held {
            return Ok(self.store.set_returning(Some(&Returning { left: Some(left) }))?);
        }
        if !left.is_empty() {
            tracing::warn!(n = left.len(), "the server did not take back records");
        }
        self.bring(&access, &[Frame::bare(&Bring::Done)])?;
        Ok(self.store.set_returning(None)?)
    }

    fn wanted(&mut self, access: &str, offered: &[Offered]) -> Result<Vec<RecordId>, SyncError> {
        match self.bring(access, &[Frame::bare(&Bring::Offer(offered.to_vec()))])?.pop() {
            Some(Brought::Wanted(wanted)) => Ok(wanted),
            _ => Err(SyncError::Malformed),
        }
    }

    /// Brings records and returns those that were not taken.
    fn bring_records(&mut self, access: &str, records: Vec<RecordId>) -> Result<Vec<RecordId>, SyncError> {
        let mut left = Vec::new();
        let mut rest = records.into_iter().peekable();
        while rest.peek().is_some() {
            let (mut frames, mut asked, mut bytes) = (Vec::new(), Vec::new(), 0);
            while bytes < BYTES && frames.len() < RECORDS {
                let Some(id) = rest.next() else { break };
                let Some((group, blobs)) = self.store.to_bring(id, GroupId(self.ids.fresh()))? else { continue };
                let size = blobs.iter().map(Vec::len).sum::<usize>();
                bytes += size;
                asked.push(id);
                frames.push(Frame { message: Bring::Record(group), blobs });
            }
            for (id, brought) in asked.into_iter().zip(self.bring(access, &frames)?) {
                let Brought::Verdict(verdict) = brought else { return Err(SyncError::Malformed) };
                match verdict.outcome {
                    Outcome::Accepted | Outcome::Duplicate => {}
                    outcome => {
                        tracing::warn!(record = %id, ?outcome, "a record was not taken back");
                        left.push(id);
                    }
                }
            }
        }
        Ok(left)
    }

    fn bring<M: serde::Serialize>(&mut self, access: &str, frames: &[Frame<M>]) -> Result<Vec<Brought>, SyncError> {
        if frames.is_empty() {
            return Ok(Vec::new());
        }
        self.report.n_requests += 1;
        let body = pack(frames).map_err(|_| SyncError::Malformed)?;
        let answer = self.net.post(paths::BRING, Some(access), "application/octet-stream", &body);
        let answers: Vec<Frame<Brought>> =
            unpack(&answer.map_err(SyncError::from_net)?).map_err(|_| SyncError::Malformed)?;
        if answers.len() != frames.len() {
            return Err(SyncError::Malformed);
        }
        Ok(answers.into_iter().map(|frame| frame.message).collect())
    }
}
