//! What a revoked device may still say, proved by its key: it is told whether to empty itself, hands over what it had
//! not sent where that is wanted, and confirms (REV-2). It receives verdicts, never data.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::Duration;
use satchel_core::domain::limits;
use satchel_core::sync::wire::{
    Denied, Frame, Group, RevokedDown, RevokedHello, RevokedUp, Told, WipeOrder, Wiped, pack, unpack_request,
    wipe_challenge, wiped_challenge,
};

use super::Office;
use super::door::{DeniedBy, SKEW, denied};
use super::exchange::code_of;
use crate::identity::secrets;
use crate::storage::{Pushing, Session};

impl Office {
    /// Answers a body of `/v1/wipe`.
    #[must_use]
    pub fn revoked(&self, body: &[u8]) -> Vec<u8> {
        let answer = catch_unwind(AssertUnwindSafe(|| self.last_words(body)));
        let frames = answer.unwrap_or_else(|_| {
            tracing::error!("answering a revoked device panicked");
            Err(DeniedBy(denied("internal")))
        });
        let frames = frames.unwrap_or_else(|refused| vec![Frame::bare(RevokedDown::Refused(refused.0))]);
        pack(&frames).unwrap_or_default()
    }

    /// A device says that it is empty.
    ///
    /// # Errors
    /// `signed_out` where it is not the device itself that says so.
    pub fn wiped(&self, said: &Wiped) -> Result<serde_json::Value, Denied> {
        let storage = &self.inner.storage;
        let known = storage.revocation(said.device).map_err(|error| DeniedBy::from(error).0)?;
        let proved = |key: &[u8]| secrets::signed(key, &wiped_challenge(said.device, said.order), &said.proof);
        if !known.is_some_and(|known| known.revoked && proved(&known.key)) {
            return Err(denied("signed_out"));
        }
        let noted = storage.wiped(said.device, said.order, self.inner.clock.now());
        noted.map_err(|error| DeniedBy::from(error).0)?;
        Ok(serde_json::json!({}))
    }

    fn last_words(&self, body: &[u8]) -> Result<Vec<Frame<RevokedDown>>, DeniedBy> {
        let frames: Vec<Frame<RevokedUp>> = unpack_request(body).map_err(|error| DeniedBy(denied(code_of(&error))))?;
        let (hello, groups) = take_apart(frames)?;
        if hello.organisation != self.organisation()?.id {
            return Err(DeniedBy(denied("wrong_organisation")));
        }
        let storage = &self.inner.storage;
        let known = storage.revocation(hello.device)?;
        let Some(known) =
            known.filter(|known| secrets::signed(&known.key, &wipe_challenge(hello.device, hello.at), &hello.proof))
        else {
            return Err(DeniedBy(denied("signed_out")));
        };
        let now = self.inner.clock.now();
        let order = known.wipe.filter(|wipe| wipe.done_at.is_none());
        let mut told = Told {
            now,
            revoked: known.revoked,
            order: order.map(|wipe| WipeOrder { id: wipe.order, rescue: wipe.rescue, due: wipe.due }),
            incarnation: None,
            push_counter: None,
        };
        let rescue = told.order.is_some_and(|order| order.rescue);
        // An old question overheard may be asked again and learns nothing; nothing is handed over with one.
        let may_hand_over = rescue && fresh(now - hello.at);
        if !groups.is_empty() && !may_hand_over {
            return Err(DeniedBy(denied("revoked")));
        }
        if known.revoked {
            storage.last_contact(hello.device, hello.n_unsent, rescue && hello.rescued, now)?;
        }
        let session = Session { user: known.user, device: hello.device };
        // After a refusal the device writes on as its next incarnation (rule 12).
        let mut newest = known.newest.max(hello.incarnation);
        if let (Some(push_counter), false) = (hello.push_counter, groups.is_empty()) {
            let (incarnation, push_id) = (hello.incarnation, hello.push_id);
            let pushing = Pushing { incarnation, push_counter, push_id, pushes: true };
            let greeted = storage.count_last(session, &pushing, now)?;
            (told.incarnation, told.push_counter) = (greeted.incarnation, Some(greeted.push_counter));
            newest = greeted.newest;
        }
        // What a disk from a backup holds unsent is written again under an incarnation of its own first.
        let verdicts = match groups.is_empty() || told.incarnation.is_some() {
            true => Vec::new(),
            false => self.take_in(session, (newest, true), groups)?,
        };
        let mut answer = vec![Frame::bare(RevokedDown::Told(told))];
        answer.extend(verdicts.into_iter().map(|verdict| Frame::bare(RevokedDown::Verdict(verdict))));
        Ok(answer)
    }
}

fn fresh(age: Duration) -> bool {
    age.abs() <= SKEW
}

fn take_apart(frames: Vec<Frame<RevokedUp>>) -> Result<(RevokedHello, Vec<Frame<Group>>), DeniedBy> {
    let mut frames = frames.into_iter();
    let Some(Frame { message: RevokedUp::Hello(hello), .. }) = frames.next() else {
        return Err(DeniedBy(denied("malformed")));
    };
    let mut groups = Vec::new();
    let mut n_changes = 0;
    for frame in frames {
        let RevokedUp::Group(group) = frame.message else { return Err(DeniedBy(denied("malformed"))) };
        // A group without blobs still costs a look.
        n_changes += frame.blobs.len().max(1);
        groups.push(Frame { message: group, blobs: frame.blobs });
    }
    if n_changes > limits::CHANGES_PER_PUSH {
        return Err(DeniedBy(denied("too_large")));
    }
    Ok((hello, groups))
}
