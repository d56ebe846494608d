//! One round of sync: push, then pull, until there is nothing more or the deadline comes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};

use super::identity::refresh_proof;
use super::transport::{NetError, Transport};
use crate::domain::clock::Clock;
use crate::domain::ids::*;
use crate::store::digest::Repaired;
use crate::store::pages::decode;
use crate::store::push::Outgoing;
use crate::store::write::Touched;
use crate::store::{Store, StoreError};
use crate::sync::wire::{
    Credential, Credit, Down, Frame, Group, Hello, PROTOCOL, Page, Tokens, Up, Verdict, Welcome, pack, paths, unpack,
};

/// The first page is small: it is what the person waits for.
const FIRST_CREDIT: u32 = 256 * 1024;
const LARGEST_CREDIT: u32 = 7 * 1024 * 1024;
/// How often a group is sent in one round while the server asks for more of it.
const ATTEMPTS: u32 = 2;
/// Records indexed for search in one transaction while a slow line is waited for.
const INDEX_MEANWHILE: u32 = 100;
/// How long an answer is waited for before the time is used for indexing.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(50);

/// How far a round is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Records received of the running plan.
    pub n_done: u64,
    /// Records announced for it; 0 when none is running.
    pub n_planned: u64,
    /// Groups still to be sent.
    pub n_unsent: u64,
    /// What the interface has to ask for again.
    pub touched: Touched,
}

/// What a round did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Requests made.
    pub n_requests: u32,
    /// Groups with a verdict.
    pub n_pushed: u64,
    /// Records received.
    pub n_pulled: u64,
    /// True where everything is pushed and pulled; false where the deadline came first.
    pub complete: bool,
    /// What the interface has to ask for again.
    pub touched: Touched,
    /// Clients that left the device in this round, with the names they had: for the screen at hand, kept nowhere.
    pub left: Vec<(RecordId, String)>,
    /// Records whose documents could not be read.
    pub damaged: Vec<RecordId>,
    /// What was found other than the server has it, and put right.
    pub repaired: Repaired,
}

/// Why a round stopped. What was done before stays done.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The way to the server.
    #[error("reaching the server")]
    Net(#[source] NetError),
    /// The server refuses the whole request: its code.
    #[error("the server refuses: {0}")]
    Denied(String),
    /// The tokens ended: the password is needed.
    #[error("signed out")]
    SignedOut,
    /// The office revoked this device.
    #[error("this device is revoked")]
    Revoked,
    /// The answer is not what the protocol says.
    #[error("the answer is malformed")]
    Malformed,
    /// No server in local-only use.
    #[error("works without a server")]
    LocalOnly,
    /// The database.
    #[error("writing what the server said")]
    Store(#[from] StoreError),
}

impl SyncError {
    /// Stable key of its words.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::Net(error) => error.code(),
            Self::Denied(code) => code.clone(),
            Self::SignedOut => "signed_out".to_owned(),
            Self::Revoked => "revoked".to_owned(),
            Self::Malformed => "wrong_server".to_owned(),
            Self::LocalOnly => "not_ready".to_owned(),
            Self::Store(error) => error.code().to_owned(),
        }
    }

    /// A refusal by its code, whichever way it came.
    pub(super) fn denied(code: String) -> Self {
        match code.as_str() {
            "signed_out" => Self::SignedOut,
            "revoked" => Self::Revoked,
            _ => Self::Denied(code),
        }
    }

    pub(super) fn from_net(error: NetError) -> Self {
        match &error {
            NetError::Status { .. } if matches!(error.code().as_str(), "signed_out" | "revoked") => {
                Self::denied(error.code())
            }
            _ => Self::Net(error),
        }
    }
}

/// Pushes and pulls until both sides are even or `deadline` has come. May be killed at any point and called again.
///
/// # Errors
/// What stopped it; the state of sync in the store says so too.
pub fn sync_once(
    store: &Store,
    net: &dyn Transport,
    clock: &dyn Clock,
    ids: &dyn IdSource,
    version: &str,
    deadline: Option<DateTime<Utc>>,
    progress: &dyn Fn(Progress),
) -> Result<Report, SyncError> {
    if store.me()?.server.is_none() {
        return Err(SyncError::LocalOnly);
    }
    if store.sync_facts()?.signed_out {
        return Err(SyncError::SignedOut);
    }
    let mut round = Round::new(store, net, clock, ids, version, progress)?;
    let outcome = round.run(deadline);
    let code = outcome.as_ref().err().map(SyncError::code).unwrap_or_default();
    store.attempt_ended(&code, outcome.is_ok() && round.report.complete, clock.now())?;
    outcome.map(|()| round.report)
}

/// Push and pull with one server, whatever carries them: over HTTP here, over a live connection in [`super::live`].
pub(super) struct Round<'a> {
    pub store: &'a Store,
    pub net: &'a dyn Transport,
    pub clock: &'a dyn Clock,
    pub ids: &'a dyn IdSource,
    version: &'a str,
    progress: &'a dyn Fn(Progress),
    /// How often each group went along.
    pub attempts: BTreeMap<GroupId, u32>,
    credit: u32,
    pub asks_devices: bool,
    /// The server did not take the access token, or will not for long: the next request shows the refresh token.
    pub spend_refresh: bool,
    /// It was tried whether the server knows this device by its key.
    came_back: bool,
    pub report: Report,
}

/// A request ready to be sent.
pub(super) struct Request {
    pub body: Vec<u8>,
    pub hello: Hello,
    /// The tokens at hand when it was made.
    pub tokens: Option<Tokens>,
    /// Groups that go along.
    sent: Vec<GroupId>,
}

impl Request {
    fn new(
        hello: Hello,
        groups: Vec<(Group, Vec<Vec<u8>>)>,
        room: Option<Credit>,
        tokens: Option<Tokens>,
    ) -> Result<Self, SyncError> {
        let sent = groups.iter().map(|(group, _)| group.id).collect();
        let mut frames = vec![Frame::bare(Up::Hello(hello.clone()))];
        frames.extend(groups.into_iter().map(|(group, blobs)| Frame { message: Up::Group(group), blobs }));
        frames.extend(room.map(|room| Frame::bare(Up::Credit(room))));
        let body = pack(&frames).map_err(|_| SyncError::Malformed)?;
        Ok(Self { body, hello, tokens, sent })
    }

    fn refreshes(&self) -> bool {
        matches!(self.hello.credential, Credential::Refresh(..))
    }
}

/// An answer taken apart.
pub(super) struct Answer {
    pub welcome: Welcome,
    pub verdicts: Vec<Verdict>,
    pub page: Option<(Page, Vec<Vec<u8>>)>,
}

impl<'a> Round<'a> {
    pub fn new(
        store: &'a Store,
        net: &'a dyn Transport,
        clock: &'a dyn Clock,
        ids: &'a dyn IdSource,
        version: &'a str,
        progress: &'a dyn Fn(Progress),
    ) -> Result<Self, SyncError> {
        Ok(Self {
            store,
            net,
            clock,
            ids,
            version,
            progress,
            attempts: BTreeMap::new(),
            credit: FIRST_CREDIT,
            asks_devices: store.wants_devices(clock.now())?,
            spend_refresh: false,
            came_back: false,
            report: Report::default(),
        })
    }

    fn run(&mut self, deadline: Option<DateTime<Utc>>) -> Result<(), SyncError> {
        self.store.scrub()?;
        let late = |round: &Self| deadline.is_some_and(|deadline| round.clock.now() >= deadline);
        let mut come = None;
        loop {
            if late(self) {
                return Ok(());
            }
            let (request, body) = match come.take() {
                Some(come) => come,
                None => {
                    let request = self.prepare(None)?;
                    let body = match self.asking(&request, |_| Ok(())) {
                        Err(SyncError::Net(NetError::Offline)) => {
                            self.store.reached_nobody(&request.sent)?;
                            return Err(SyncError::Net(NetError::Offline));
                        }
                        answer => answer?.1,
                    };
                    (request, body)
                }
            };
            let answer = match self.read(&body, &request) {
                // A restored server knows none of this device's tokens, but it knows its key.
                Err(SyncError::SignedOut) if !std::mem::replace(&mut self.came_back, true) && self.come_back()? => {
                    self.spend_refresh = false;
                    continue;
                }
                answer => answer?,
            };
            let Some(answer) = answer else { continue };
            let held = answer.welcome.held;
            let again = match self.following(&answer, &request)? {
                Some(next) => {
                    let (again, body) = self.asking(&next, |round| round.take_in(answer, &request))?;
                    // What was typed meanwhile goes up before anything more comes down.
                    if !self.store.has_to_say(&self.spent())? {
                        come = Some((next, body));
                    }
                    again
                }
                None => self.take_in(answer, &request)?,
            };
            if let Some(returning) = self.store.returning()? {
                self.attempts.clear();
                self.bring_back(&returning, held)?;
                if !held {
                    continue;
                }
            }
            if held {
                return Err(SyncError::Denied("held".to_owned()));
            }
            if !again {
                break;
            }
        }
        if !late(self) {
            self.check()?;
        }
        self.report.complete = true;
        Ok(())
    }

    /// The next request; `room` for pages goes along once nothing is left to go up.
    pub fn prepare(&self, room: Option<Credit>) -> Result<Request, SyncError> {
        let spent = self.spent();
        let mut outgoing = self.store.outgoing(&spent, self.ids)?;
        // What a restored server forgot comes first: edits that build on it would be refused.
        let returning = self.store.returning()?.is_some();
        if returning {
            outgoing.groups.clear();
        }
        let server_now = self.clock.now() + Duration::milliseconds(outgoing.skew);
        let credential = self.credential(&outgoing, server_now)?;
        // Everything goes up before anything comes down; groups sent in vain do not hold the pull up.
        let waiting = (outgoing.n_unsent as usize).saturating_sub(spent.len());
        let hello = Hello {
            protocol: PROTOCOL,
            app: self.version.to_owned(),
            organisation: outgoing.organisation,
            device: outgoing.device,
            credential,
            epoch: outgoing.epoch,
            incarnation: outgoing.incarnation,
            push_counter: outgoing.push_counter,
            push_id: outgoing.push_id,
            cursor: outgoing.cursor,
            ahead: false,
            purged: outgoing.purged,
            n_unsent: outgoing.n_unsent,
            pull: waiting == 0 && !returning,
            credit: self.credit,
            want_devices: self.asks_devices,
            clock: Some(self.clock.now()),
            snapshots: true,
        };
        let room = room.filter(|_| hello.pull);
        Request::new(hello, outgoing.groups, room, outgoing.tokens)
    }

    /// The request for the page after the one that has just come, so that it is under way while that one is written.
    /// `None` where something else is to be said first.
    fn following(&self, answer: &Answer, request: &Request) -> Result<Option<Request>, SyncError> {
        let welcome = &answer.welcome;
        let Some((page, _)) = answer.page.as_ref().filter(|(page, _)| page.more) else { return Ok(None) };
        if !page.revoked.is_empty() || !page.gone.is_empty() || welcome.incarnation.is_some() {
            return Ok(None);
        }
        let credential = match (&welcome.tokens, &request.hello.credential) {
            (Some(tokens), _) => Credential::Access(tokens.access.clone()),
            (None, Credential::Access(access)) => Credential::Access(access.clone()),
            (None, Credential::Refresh(..)) => return Ok(None),
        };
        let hello = Hello {
            credential,
            epoch: welcome.epoch,
            push_counter: welcome.push_counter,
            push_id: None,
            cursor: page.cursor.clone(),
            ahead: true,
            purged: Vec::new(),
            credit: self.credit,
            want_devices: false,
            clock: Some(self.clock.now()),
            ..request.hello.clone()
        };
        Request::new(hello, Vec::new(), None, None).map(Some)
    }

    fn credential(&self, outgoing: &Outgoing, server_now: DateTime<Utc>) -> Result<Credential, SyncError> {
        let tokens = outgoing.tokens.as_ref().ok_or(SyncError::SignedOut)?;
        if !self.spend_refresh && tokens.access_until > server_now + Duration::seconds(10) {
            return Ok(Credential::Access(tokens.access.clone()));
        }
        let secret = outgoing.device_key.as_ref().ok_or(SyncError::SignedOut)?;
        let proof = refresh_proof(secret, outgoing.device, &tokens.refresh);
        Ok(Credential::Refresh(tokens.refresh.clone(), proof))
    }

    /// Sends a request and does `work` while the answer is under way; on a slow line, what came before is indexed for
    /// search meanwhile.
    fn asking<T>(
        &mut self,
        request: &Request,
        work: impl FnOnce(&mut Self) -> Result<T, SyncError>,
    ) -> Result<(T, Vec<u8>), SyncError> {
        self.report.n_requests += 1;
        let (net, store) = (self.net, self.store);
        let (told, came) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let began = std::time::Instant::now();
                let body = net.post(paths::SYNC, None, "application/octet-stream", &request.body);
                // Nobody listens any more where the work failed.
                let _ = told.send((body, began.elapsed()));
            });
            let done = work(self)?;
            let mut answer = came.recv_timeout(PATIENCE).ok();
            while answer.is_none() && self.report.n_pulled > 0 && store.index_pending(INDEX_MEANWHILE)? > 0 {
                answer = came.try_recv().ok();
            }
            let (body, took) = match answer {
                Some(answer) => answer,
                None => came.recv().map_err(|_| SyncError::Malformed)?,
            };
            self.pace(took);
            Ok((done, body.map_err(SyncError::from_net)?))
        })
    }

    /// Pages as large as the line carries in a few seconds.
    fn pace(&mut self, took: std::time::Duration) {
        self.credit = match took.as_secs() {
            0..=2 => self.credit.saturating_mul(4).min(LARGEST_CREDIT),
            10.. => (self.credit / 4).max(FIRST_CREDIT / 4),
            _ => self.credit,
        };
    }

    /// `None` where the request is to be made again with the refresh token.
    fn read(&mut self, body: &[u8], request: &Request) -> Result<Option<Answer>, SyncError> {
        let frames: Vec<Frame<Down>> = unpack(body).map_err(|_| SyncError::Malformed)?;
        let (mut welcome, mut verdicts, mut page) = (None, Vec::new(), None);
        for frame in frames {
            match frame.message {
                Down::Refused(denied) if denied.code == "signed_out" && !request.refreshes() => {
                    self.spend_refresh = true;
                    return Ok(None);
                }
                Down::Refused(denied) => return Err(SyncError::denied(denied.code)),
                Down::Welcome(message) => welcome = Some(message),
                Down::Verdict(verdict) => verdicts.push(verdict),
                Down::Page(message) => page = Some((*message, frame.blobs)),
            }
        }
        self.spend_refresh = false;
        let welcome = welcome.ok_or(SyncError::Malformed)?;
        Ok(Some(Answer { welcome, verdicts, page }))
    }

    /// Writes an answer down; true where another request is needed.
    pub fn take_in(&mut self, answer: Answer, request: &Request) -> Result<bool, SyncError> {
        let now = self.clock.now();
        let welcomed = self.store.welcomed(&answer.welcome, &request.hello.purged, now, self.ids)?;
        self.asks_devices &= !request.hello.want_devices;
        self.report.touched.join(welcomed.touched);
        if welcomed.reincarnated {
            self.attempts.clear();
        } else {
            for group in &request.sent {
                *self.attempts.entry(*group).or_default() += 1;
            }
        }
        let mut purged = false;
        if !answer.verdicts.is_empty() || !request.sent.is_empty() {
            self.report.n_pushed += answer.verdicts.len() as u64;
            let judged = self.store.judged(&answer.verdicts, now, self.ids)?;
            purged |= !judged.left.is_empty();
            self.progress(judged.touched, None)?;
            self.report.left.extend(judged.left);
            self.asks_devices = self.store.wants_devices(now)?;
        }
        let mut more = false;
        if let Some((page, blobs)) = answer.page {
            more = page.more;
            let erased = !page.erased.is_empty() || page.records.iter().any(|one| one.record.generation > 0);
            purged |= !page.revoked.is_empty() || !page.gone.is_empty() || erased;
            self.page(page, blobs, now)?;
        }
        if purged {
            self.store.scrub()?;
        }
        Ok(more || !request.hello.pull || self.asks_devices || self.store.has_to_say(&self.spent())?)
    }

    pub fn spent(&self) -> BTreeSet<GroupId> {
        self.attempts.iter().filter(|(_, n)| **n >= ATTEMPTS).map(|(group, _)| *group).collect()
    }

    pub fn page(&mut self, mut page: Page, blobs: Vec<Vec<u8>>, now: DateTime<Utc>) -> Result<(), SyncError> {
        let records = std::mem::take(&mut page.records);
        self.report.n_pulled += records.len() as u64;
        let incoming = decode(&self.store.registry(), records, blobs).ok_or(SyncError::Malformed)?;
        let applied = self.store.apply_page(&page, incoming, now, self.ids)?;
        self.report.damaged.extend(applied.damaged);
        self.report.left.extend(applied.left);
        self.progress(applied.touched, Some((applied.n_done, applied.n_planned)))
    }

    fn progress(&mut self, touched: Touched, plan: Option<(u64, u64)>) -> Result<(), SyncError> {
        let facts = self.store.sync_facts()?;
        let (n_done, n_planned) = plan.unwrap_or((facts.n_done, facts.n_planned));
        (self.progress)(Progress { n_done, n_planned, n_unsent: facts.n_waiting, touched: touched.clone() });
        self.report.touched.join(touched);
        Ok(())
    }
}
