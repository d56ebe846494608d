//! Push and pull: one request, one answer. Whatever goes wrong becomes a refusal, never a panic.

use std::panic::{AssertUnwindSafe, catch_unwind};

use satchel_core::domain::limits;
use satchel_core::domain::order::Command;
use satchel_core::sync::wire::{
    Credit, Denied, Down, Frame, Group, Hello, PROTOCOL, Up, Verdict, Welcome, WireError, pack, unpack_request,
};

use super::Office;
use super::door::{DeniedBy, denied};
use crate::pull::{Asked, Pulled};
use crate::push::{Batch, prepare};
use crate::storage::{Greeting, Purged, Pushing, Session};

impl Office {
    /// Answers a body of `/v1/sync`.
    #[must_use]
    pub fn sync(&self, body: &[u8]) -> Vec<u8> {
        let answer = catch_unwind(AssertUnwindSafe(|| self.exchange(body)));
        let frames = answer.unwrap_or_else(|_| {
            tracing::error!("answering a device panicked");
            Err(DeniedBy(denied("internal")))
        });
        let frames = frames.unwrap_or_else(|refused| vec![Frame::bare(Down::Refused(refused.0))]);
        pack(&frames).unwrap_or_default()
    }

    /// What an order would do: a body with one command in, one with the answer out.
    ///
    /// # Errors
    /// `signed_out`, `revoked`, `malformed`.
    pub fn rehearse(&self, access: &str, body: &[u8]) -> Result<Vec<u8>, Denied> {
        let session = self.session(access)?;
        self.rehearse_for(session, body)
    }

    /// As [`Self::rehearse`], for somebody known already.
    ///
    /// # Errors
    /// `malformed`.
    pub fn rehearse_for(&self, session: Session, body: &[u8]) -> Result<Vec<u8>, Denied> {
        let mut frames: Vec<Frame<Command>> = unpack_request(body).map_err(|error| denied(code_of(&error)))?;
        let (Some(frame), true) = (frames.pop(), frames.is_empty()) else { return Err(denied("malformed")) };
        if frame.message.n_items() > limits::ITEMS_PER_ORDER {
            return Err(denied("too_large"));
        }
        self.not_held()?;
        let now = self.keep_time().map_err(|error| DeniedBy::from(error).0)?;
        let registry = self.inner.registry().map_err(|error| DeniedBy::from(error).0)?;
        let answer = self.inner.storage.rehearse(session.user, &frame.message, now, &registry);
        let answer = answer.map_err(|error| DeniedBy::from(error).0)?;
        pack(&[Frame::bare(answer)]).map_err(|_| denied("internal"))
    }

    fn exchange(&self, body: &[u8]) -> Result<Vec<Frame<Down>>, DeniedBy> {
        let request = take_apart(body)?;
        let Some((hello, groups)) = request.asks.filter(|_| request.credit.is_empty()) else {
            return Err(DeniedBy(denied("malformed")));
        };
        let protocol = PROTOCOL.1.min(hello.protocol.1);
        let (session, mut answer) = self.converse(&hello, groups)?;
        let organisation = self.organisation()?;
        if hello.pull && !organisation.held && hello.epoch == organisation.epoch {
            answer.push(self.page(session, hello)?);
        }
        let spoken = |frame: Frame<Down>| Frame { message: frame.message.spoken_in(protocol), blobs: frame.blobs };
        Ok(answer.into_iter().map(spoken).collect())
    }

    /// Takes in all of a request but its wish for a page: who asks, and the welcome with the verdicts.
    pub(super) fn converse(
        &self,
        hello: &Hello,
        groups: Vec<Frame<Group>>,
    ) -> Result<(Session, Vec<Frame<Down>>), DeniedBy> {
        let inner = &self.inner;
        if hello.protocol.1 < PROTOCOL.0 || hello.protocol.0 > PROTOCOL.1 {
            return Err(DeniedBy(denied("protocol_too_old")));
        }
        let organisation = self.organisation()?;
        if hello.organisation != organisation.id {
            return Err(DeniedBy(denied("wrong_organisation")));
        }
        let (session, tokens) = self.authenticate(hello.device, &hello.credential)?;
        let now = self.keep_time()?;
        // What the device says of an earlier epoch means nothing here: it brings back what it holds first (rule 24).
        if organisation.held || hello.epoch != organisation.epoch {
            if hello.epoch != organisation.epoch {
                inner.storage.resume(session.device, hello.incarnation, hello.push_counter)?;
            }
            let welcome = Welcome {
                protocol: PROTOCOL.1.min(hello.protocol.1),
                now,
                epoch: organisation.epoch,
                tokens,
                incarnation: None,
                push_counter: hello.push_counter,
                devices: None,
                lease_days: organisation.lease_days,
                held: organisation.held,
            };
            return Ok((session, vec![Frame::bare(Down::Welcome(welcome))]));
        }
        let greeting = Greeting {
            pushing: Pushing {
                incarnation: hello.incarnation,
                push_counter: hello.push_counter,
                push_id: hello.push_id,
                pushes: !groups.is_empty(),
            },
            app: hello.app.chars().take(64).collect(),
            n_unsent: hello.n_unsent,
            clock: hello.clock,
            // A page that has come is held once it is stored.
            held: (!hello.ahead && hello.cursor.backfills.is_empty())
                .then(|| hello.cursor.authority.min(hello.cursor.records)),
        };
        let greeted = inner.storage.greet(session, &greeting, now)?;
        // What a clone holds unsent is written again under its own incarnation first (rule 9).
        let verdicts = match greeted.incarnation {
            None if !groups.is_empty() => self.take_in(session, (greeted.newest, false), groups)?,
            _ => Vec::new(),
        };
        let purged: Vec<Purged> =
            hello.purged.iter().map(|ack| Purged { home: ack.home, revoked: ack.revoked }).collect();
        inner.storage.acknowledge(session, &purged, now)?;
        let devices = match hello.want_devices {
            true => Some(inner.storage.devices_for(session.user)?),
            false => None,
        };

        let mut answer = vec![Frame::bare(Down::Welcome(Welcome {
            protocol: PROTOCOL.1.min(hello.protocol.1),
            now,
            epoch: organisation.epoch,
            tokens,
            incarnation: greeted.incarnation,
            push_counter: greeted.push_counter,
            devices,
            lease_days: organisation.lease_days,
            held: false,
        }))];
        answer.extend(verdicts.into_iter().map(|verdict| Frame::bare(Down::Verdict(verdict))));
        Ok((session, answer))
    }

    /// Judges groups; `rescue` where a revoked device hands them over.
    pub(super) fn take_in(
        &self,
        session: Session,
        (newest, rescue): (u32, bool),
        groups: Vec<Frame<Group>>,
    ) -> Result<Vec<Verdict>, DeniedBy> {
        let inner = &self.inner;
        let registry = inner.registry()?;
        let known = inner.storage.peek(session, &prepare::records_of(&groups))?;
        let kinds = known.iter().map(|known| (known.record, known.kind.clone())).collect();
        let groups = prepare::prepare(groups, &registry, &kinds);
        let (previews, copies) = inner.workshop.preview(&*inner.storage, &registry, &groups, &known)?;
        let batch = Batch {
            session,
            rescue,
            newest,
            vouched: false,
            now: inner.clock.now(),
            registry: &registry,
            ids: &*inner.ids,
            groups: &groups,
            previews: &previews,
        };
        let judged = inner.storage.push(&batch)?;
        inner.workshop.keep(copies, &judged.taken);
        self.committed(&judged.touched);
        Ok(judged.verdicts)
    }

    fn page(&self, session: Session, hello: Hello) -> Result<Frame<Down>, DeniedBy> {
        let asked = Asked { session, cursor: hello.cursor, credit: hello.credit, snapshots: hello.snapshots };
        match self.inner.storage.pull(&asked)? {
            Pulled::Revoked => Err(DeniedBy(denied("revoked"))),
            Pulled::SignedOut | Pulled::Same(_) => Err(DeniedBy(denied("signed_out"))),
            Pulled::Page { page, blobs } => Ok(Frame { message: Down::Page(page), blobs }),
        }
    }
}

/// A body of a device taken apart.
pub(super) struct Request {
    /// The hello and the groups that came with it.
    pub asks: Option<(Hello, Vec<Frame<Group>>)>,
    /// Room for pages, in order; only a live connection has a use for it.
    pub credit: Vec<Credit>,
}

pub(super) fn take_apart(body: &[u8]) -> Result<Request, DeniedBy> {
    let malformed = || DeniedBy(denied("malformed"));
    let frames: Vec<Frame<Up>> = unpack_request(body).map_err(|error| DeniedBy(denied(code_of(&error))))?;
    let mut request = Request { asks: None, credit: Vec::new() };
    let mut n_changes = 0;
    for (idx, frame) in frames.into_iter().enumerate() {
        match frame.message {
            Up::Hello(hello) if idx == 0 => request.asks = Some((hello, Vec::new())),
            Up::Hello(_) => return Err(malformed()),
            Up::Group(group) => {
                let (_, groups) = request.asks.as_mut().ok_or_else(malformed)?;
                // A group without blobs still costs a look.
                n_changes += frame.blobs.len().max(1);
                groups.push(Frame { message: group, blobs: frame.blobs });
            }
            Up::Credit(credit) => request.credit.push(credit),
        }
    }
    if n_changes > limits::CHANGES_PER_PUSH {
        return Err(DeniedBy(denied("too_large")));
    }
    Ok(request)
}

pub(super) fn code_of(error: &WireError) -> &'static str {
    match error {
        WireError::TooLarge => "too_large",
        WireError::Malformed => "malformed",
    }
}

impl From<DeniedBy> for Denied {
    fn from(refused: DeniedBy) -> Self {
        refused.0
    }
}
