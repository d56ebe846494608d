//! After a restore from a backup: devices come back by their keys and bring what the server forgot; the admin looks at
//! what they report and lets data flow (rule 24, DUR-7).

use chrono::Duration;
use satchel_core::sync::wire::{
    Bring, Brought, ComeBackRequest, Denied, Frame, Group, Tokens, come_back_challenge, pack, unpack,
};

use super::door::{DeniedBy, denied};
use super::exchange::code_of;
use super::{Office, OfficeError};
use crate::identity::secrets;
use crate::push::{Batch, prepare};
use crate::storage::{HeldItem, Session};

/// How far a device's clock may be off.
const SKEW: Duration = Duration::minutes(10);
/// Most messages in one request.
const MESSAGES: usize = 2_000;

impl Office {
    /// Tokens for a device whose own are of after the backup, proved by its key. Once per device and restore.
    ///
    /// # Errors
    /// `signed_out`, `revoked`, `clock_wrong`, `too_many_requests`.
    pub fn come_back(&self, request: &ComeBackRequest, address: Option<&str>) -> Result<Tokens, Denied> {
        self.take_back(request, address).map_err(|refused| refused.0)
    }

    fn take_back(&self, request: &ComeBackRequest, address: Option<&str>) -> Result<Tokens, DeniedBy> {
        let now = self.inner.clock.now();
        self.knock(address, now)?;
        let login = self.inner.storage.login(request.device)?;
        let challenge = come_back_challenge(request.device, request.at);
        let login = login.filter(|login| secrets::signed(&login.key, &challenge, &request.proof));
        let Some(login) = login else {
            self.failed(address, now);
            return Err(DeniedBy(denied("signed_out")));
        };
        if login.revoked {
            return Err(DeniedBy(denied("revoked")));
        }
        if (now - request.at).abs() > SKEW {
            return Err(DeniedBy(denied("clock_wrong")));
        }
        let (tokens, issue) = self.issue(None, now);
        match self.inner.storage.come_back(request.device, &issue)? {
            true => Ok(tokens),
            false => Err(DeniedBy(denied("signed_out"))),
        }
    }

    /// Answers a body of what a device brings back.
    ///
    /// # Errors
    /// `malformed`, `too_large`.
    pub fn bring_for(&self, session: Session, body: &[u8]) -> Result<Vec<u8>, Denied> {
        let frames: Vec<Frame<Bring>> = unpack(body).map_err(|error| denied(code_of(&error)))?;
        if frames.len() > MESSAGES {
            return Err(denied("too_large"));
        }
        let answers = self.brought(session, frames).map_err(|refused| refused.0)?;
        let answers: Vec<Frame<Brought>> = answers.into_iter().map(Frame::bare).collect();
        pack(&answers).map_err(|_| denied("internal"))
    }

    fn brought(&self, session: Session, frames: Vec<Frame<Bring>>) -> Result<Vec<Brought>, DeniedBy> {
        let storage = &self.inner.storage;
        let mut answers = Vec::new();
        for frame in frames {
            answers.push(match frame.message {
                Bring::Offer(offered) => Brought::Wanted(storage.wanted(session, &offered)?),
                Bring::Record(group) => self.take_record(session, Frame { message: group, blobs: frame.blobs })?,
                Bring::Mirror(mirror) => {
                    storage.report(session, &mirror, self.inner.clock.now())?;
                    Brought::Noted
                }
                Bring::Done => {
                    storage.has_returned(session.device)?;
                    Brought::Noted
                }
            });
        }
        Ok(answers)
    }

    fn take_record(&self, session: Session, frame: Frame<Group>) -> Result<Brought, DeniedBy> {
        let inner = &self.inner;
        let registry = inner.registry()?;
        let groups = prepare::prepare(vec![frame], &registry, &Default::default());
        let batch = Batch {
            session,
            newest: 0,
            rescue: false,
            vouched: true,
            now: inner.clock.now(),
            registry: &registry,
            ids: &*inner.ids,
            groups: &groups,
            previews: &Default::default(),
        };
        let mut judged = inner.storage.vouch(&batch)?;
        self.committed(&judged.touched);
        judged.verdicts.pop().map(Brought::Verdict).ok_or(DeniedBy(denied("internal")))
    }

    /// No data flows from a restored server before its admin has released it.
    pub(super) fn not_held(&self) -> Result<(), Denied> {
        match self.organisation().map_err(|error| DeniedBy::from(error).0)?.held {
            true => Err(denied("held")),
            false => Ok(()),
        }
    }

    /// What devices know and this server does not.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn held(&self) -> Result<Vec<HeldItem>, OfficeError> {
        Ok(self.inner.storage.held_items()?)
    }

    /// Carries out what a device reported.
    ///
    /// # Errors
    /// Where there is no such item, or it cannot be carried out.
    pub fn confirm_held(&self, n: u64) -> Result<(), OfficeError> {
        let inner = &self.inner;
        let touched = inner.storage.confirm_held(n, inner.clock.now(), &inner.registry()?, &*inner.ids)?;
        self.committed(&touched);
        Ok(())
    }

    /// Forgets what a device reported.
    ///
    /// # Errors
    /// Where there is no such item.
    pub fn drop_held(&self, n: u64) -> Result<(), OfficeError> {
        let inner = &self.inner;
        let touched = inner.storage.drop_held(n, inner.clock.now(), &inner.registry()?)?;
        self.committed(&touched);
        Ok(())
    }

    /// Lets data flow again.
    ///
    /// # Errors
    /// Where the store refuses.
    pub fn release(&self) -> Result<(), OfficeError> {
        Ok(self.inner.storage.release(self.inner.clock.now())?)
    }
}
