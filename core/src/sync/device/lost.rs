//! The last words of a revoked device: what is to become of it, what it had not sent, that it is empty (REV-2).
//!
//! It receives verdicts, never data.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};

use super::identity::{post_json, sign};
use super::round::SyncError;
use super::transport::{NetError, Transport};
use crate::domain::clock::Clock;
use crate::domain::ids::*;
use crate::store::Store;
use crate::store::push::Outgoing;
use crate::sync::wire::{
    Frame, RevokedDown, RevokedHello, RevokedUp, Told, Verdict, Wiped, pack, paths, unpack, wipe_challenge,
    wiped_challenge,
};

/// How often a group is sent while the server asks for more of it.
const ATTEMPTS: u32 = 2;
/// How often a device goes on as another incarnation: once is the rule.
const INCARNATIONS: u32 = 3;

/// What is to become of a device that gets no answer any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its rights have not ended: only its tokens have.
    SignsIn,
    /// It is revoked and keeps what it has.
    Stays,
    /// It is to be emptied at this moment of its own clock, unless the order is taken back: ask again then.
    Waits(DateTime<Utc>),
    /// It is to be emptied now; this says afterwards that it was.
    Wipe(Wiped),
}

/// Asks what is to become of this device, proved by its key alone, and hands over what it had not sent where that is wanted.
///
/// # Errors
/// What stopped it; to be asked again.
pub fn last_words(
    store: &Store,
    net: &dyn Transport,
    clock: &dyn Clock,
    ids: &dyn IdSource,
) -> Result<Fate, SyncError> {
    let mut words = Words { store, net, clock, ids, attempts: BTreeMap::new() };
    // The first answer brings the server's clock, which everything else is signed by.
    let told = words.ask(None, false)?;
    if !told.revoked {
        return Ok(Fate::SignsIn);
    }
    let Some(order) = told.order else { return Ok(Fate::Stays) };
    if order.rescue {
        words.rescue(&told)?;
    }
    if told.now < order.due {
        return Ok(Fate::Waits(clock.now() + (order.due - told.now)));
    }
    let held = store.credentials()?;
    let secret = held.device_key.ok_or(SyncError::LocalOnly)?;
    let proof = sign(&secret, &wiped_challenge(held.device, order.id));
    Ok(Fate::Wipe(Wiped { device: held.device, order: order.id, proof }))
}

/// Says that the device is empty.
///
/// # Errors
/// Those of the transport; to be said again.
pub fn confirm(net: &dyn Transport, wiped: &Wiped) -> Result<(), NetError> {
    post_json::<_, serde_json::Value>(net, paths::WIPED, None, wiped).map(|_| ())
}

struct Words<'a> {
    store: &'a Store,
    net: &'a dyn Transport,
    clock: &'a dyn Clock,
    ids: &'a dyn IdSource,
    /// How often each group went along.
    attempts: BTreeMap<GroupId, u32>,
}

impl Words<'_> {
    fn rescue(&mut self, told: &Told) -> Result<(), SyncError> {
        let skew = told.now - self.clock.now();
        let mut n_incarnations = 0;
        loop {
            let spent: BTreeSet<GroupId> =
                self.attempts.iter().filter(|(_, n)| **n >= ATTEMPTS).map(|(group, _)| *group).collect();
            let outgoing = self.store.outgoing(&spent, self.ids)?;
            let last = outgoing.groups.is_empty();
            for (group, _) in &outgoing.groups {
                *self.attempts.entry(group.id).or_default() += 1;
            }
            let (told, verdicts) = self.exchange(Some((outgoing, skew)), last)?;
            if last {
                return Ok(());
            }
            if self.store.counted(&told, self.ids)? {
                // Written anew under other names: whatever went along counts for nothing.
                n_incarnations += 1;
                if n_incarnations > INCARNATIONS {
                    return Err(SyncError::Malformed);
                }
                continue;
            }
            self.store.judged(&verdicts, self.clock.now(), self.ids)?;
        }
    }

    fn ask(&self, outgoing: Option<(Outgoing, Duration)>, rescued: bool) -> Result<Told, SyncError> {
        self.exchange(outgoing, rescued).map(|(told, _)| told)
    }

    fn exchange(
        &self,
        outgoing: Option<(Outgoing, Duration)>,
        rescued: bool,
    ) -> Result<(Told, Vec<Verdict>), SyncError> {
        let held = self.store.credentials()?;
        let secret = held.device_key.ok_or(SyncError::LocalOnly)?;
        let skew = outgoing.as_ref().map_or(Duration::milliseconds(held.skew), |(_, skew)| *skew);
        let at = self.clock.now() + skew;
        let (incarnation, pushing, n_unsent, groups) = match outgoing {
            Some((outgoing, _)) => {
                let pushing = Some((outgoing.push_counter, outgoing.push_id));
                (outgoing.incarnation, pushing, outgoing.n_unsent, outgoing.groups)
            }
            None => (0, None, 0, Vec::new()),
        };
        let hello = RevokedHello {
            organisation: self.store.me()?.organisation,
            device: held.device,
            at,
            proof: sign(&secret, &wipe_challenge(held.device, at)),
            incarnation,
            push_counter: pushing.map(|(counter, _)| counter),
            push_id: pushing.and_then(|(_, id)| id),
            n_unsent,
            rescued,
        };
        let mut frames = vec![Frame::bare(RevokedUp::Hello(hello))];
        frames.extend(groups.into_iter().map(|(group, blobs)| Frame { message: RevokedUp::Group(group), blobs }));
        let body = pack(&frames).map_err(|_| SyncError::Malformed)?;
        let answer =
            self.net.post(paths::WIPE, None, "application/octet-stream", &body).map_err(SyncError::from_net)?;
        read(&answer)
    }
}

fn read(body: &[u8]) -> Result<(Told, Vec<Verdict>), SyncError> {
    let frames: Vec<Frame<RevokedDown>> = unpack(body).map_err(|_| SyncError::Malformed)?;
    let (mut told, mut verdicts) = (None, Vec::new());
    for frame in frames {
        match frame.message {
            RevokedDown::Told(message) => told = Some(message),
            RevokedDown::Verdict(verdict) => verdicts.push(verdict),
            RevokedDown::Refused(denied) => return Err(SyncError::Denied(denied.code)),
        }
    }
    told.map(|told| (told, verdicts)).ok_or(SyncError::Malformed)
}
