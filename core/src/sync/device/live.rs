//! A live connection: the frames of a round streamed both ways, edits as they are made, pages as they happen. [`Live`]
//! knows no socket and no clock of its own; [`attend`] is what drives it over a [`Channel`].
//!
//! Everything goes up before anything comes down: room for pages is granted once the outbox has a verdict. A page is
//! never applied over something another round has done meanwhile.

use std::time::{Duration, Instant};

use super::round::{Answer, Progress, Report, Request, Round, SyncError};
use super::transport::{Channel, Coming, NetError, Transport};
use crate::domain::clock::Clock;
use crate::domain::ids::IdSource;
use crate::store::Store;
use crate::sync::wire::{Credit, Cursor, Down, Frame, Page, Up, Verdict, Welcome, pack, unpack};

/// Pages the server may be ahead.
pub const WINDOW: u32 = 16;
/// The first page is small: it is what the person waits for.
const FIRST_BYTES: u32 = 256 * 1024;
/// Every later page.
const PAGE_BYTES: u32 = 1024 * 1024;
/// A line silent for so long is dead; the server gives a sign of life more often than that.
pub const SILENCE: Duration = Duration::from_secs(75);
/// A line on which an answer is waited for is dead after so much silence.
pub const ANSWER: Duration = Duration::from_secs(30);
/// How often it is written down that both sides are even, and looked whether something waits to be said again.
const BEAT: Duration = Duration::from_secs(60);
/// So long before its end the access token is replaced.
const REFRESH: Duration = Duration::from_secs(30);
/// Records indexed for search between two looks at the line.
const INDEX_STEP: u32 = 100;

/// What the owner of a connection wants while it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Nothing.
    Nothing,
    /// Something was written: it is to go up.
    Edits,
    /// The connection is to end.
    Leave,
}

/// Who has a live connection.
pub trait Owner {
    /// What he wants; asked after every wait.
    fn news(&self) -> News;
    /// Told what was done since the last time.
    fn took(&self, report: Report);
}

/// Keeps a live connection until its owner leaves; `welcomed` is called once the server has taken the device.
///
/// # Errors
/// What ended it. What was done before stays done.
pub fn attend(
    mut live: Live<'_>,
    channel: &mut dyn Channel,
    owner: &dyn Owner,
    welcomed: &mut bool,
) -> Result<(), SyncError> {
    if live.round.store.returning()?.is_some() {
        return Err(SyncError::Denied("held".to_owned()));
    }
    let mut to_index = true;
    loop {
        for body in live.take_out() {
            channel.send(body).map_err(SyncError::Net)?;
        }
        let patience = if to_index { Duration::ZERO } else { live.patience(Instant::now()) };
        let coming = channel.wait(patience).map_err(SyncError::Net)?;
        let now = Instant::now();
        match coming {
            Coming::Body(body) => {
                to_index = true;
                live.received(&body, now)?;
                *welcomed |= live.welcomed;
                owner.took(live.take_report());
            }
            Coming::Sign => live.heard(now),
            Coming::Nothing if to_index => {
                let (touched, more) = live.round.store.catch_up(INDEX_STEP)?;
                to_index = more;
                if !touched.is_empty() {
                    live.round.report.touched.join(touched);
                    owner.took(live.take_report());
                }
            }
            Coming::Nothing => {}
        }
        match owner.news() {
            News::Leave => return Ok(()),
            News::Edits => live.edited(now)?,
            News::Nothing => {}
        }
        live.tick(now)?;
    }
}

/// The device's half of a live connection.
pub struct Live<'a> {
    round: Round<'a>,
    /// Bodies to be sent.
    out: Vec<Vec<u8>>,
    /// The hello that waits for its answer, and since when.
    asked: Option<(Request, Instant)>,
    /// Pages the server may still send; `None` before the outbox has a verdict.
    room: Option<u32>,
    welcomed: bool,
    /// The last page said that there is no more.
    even: bool,
    heard_at: Instant,
    beat_at: Instant,
    /// When it is looked whether something is to be fetched or compared; that goes over HTTP beside the connection.
    check_at: Instant,
    refresh_at: Option<Instant>,
    /// Where this connection left the database.
    standing: (Cursor, u64),
}

impl<'a> Live<'a> {
    /// Begins: the hello lies ready to be sent.
    ///
    /// # Errors
    /// `SignedOut` without tokens, `LocalOnly`, `Store`.
    pub fn begin(
        store: &'a Store,
        net: &'a dyn Transport,
        clock: &'a dyn Clock,
        ids: &'a dyn IdSource,
        version: &'a str,
        progress: &'a dyn Fn(Progress),
        now: Instant,
    ) -> Result<Self, SyncError> {
        if store.me()?.server.is_none() {
            return Err(SyncError::LocalOnly);
        }
        if store.sync_facts()?.signed_out {
            return Err(SyncError::SignedOut);
        }
        let round = Round::new(store, net, clock, ids, version, progress)?;
        store.scrub()?;
        let mut live = Self {
            round,
            out: Vec::new(),
            asked: None,
            room: None,
            welcomed: false,
            even: false,
            heard_at: now,
            beat_at: now + BEAT,
            check_at: now,
            refresh_at: None,
            standing: store.standing()?,
        };
        live.ask(now)?;
        Ok(live)
    }

    /// Bodies to be sent, in order.
    pub fn take_out(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.out)
    }

    /// What was done since the last time.
    pub fn take_report(&mut self) -> Report {
        std::mem::take(&mut self.round.report)
    }

    /// How long nothing has to be done unless something comes.
    #[must_use]
    pub fn patience(&self, now: Instant) -> Duration {
        let silent = self.heard_at + SILENCE;
        let unanswered = self.asked.as_ref().map(|(_, at)| self.heard_at.max(*at) + ANSWER);
        let refresh = self.refresh_at.filter(|_| self.asked.is_none());
        let times = [Some(silent), unanswered, Some(self.beat_at), refresh];
        let next = times.into_iter().flatten().min().unwrap_or(silent);
        next.saturating_duration_since(now)
    }

    /// A sign of life.
    pub fn heard(&mut self, now: Instant) {
        self.heard_at = now;
    }

    /// Something was written here, or somebody wants to know: the server is asked at once, or again after its answer.
    ///
    /// # Errors
    /// `Store`.
    pub fn edited(&mut self, now: Instant) -> Result<(), SyncError> {
        self.check_at = now;
        self.round.attempts.clear();
        self.round.asks_devices |= self.round.store.wants_devices(self.round.clock.now())?;
        match self.asked {
            None => self.ask(now),
            Some(_) => Ok(()),
        }
    }

    /// Does what the time asks for.
    ///
    /// # Errors
    /// `Net` where the line is dead, `Store`.
    pub fn tick(&mut self, now: Instant) -> Result<(), SyncError> {
        let unanswered = self.asked.as_ref().is_some_and(|(_, at)| now >= self.heard_at.max(*at) + ANSWER);
        if unanswered || now >= self.heard_at + SILENCE {
            return Err(SyncError::Net(NetError::Offline));
        }
        if self.asked.is_none() && self.refresh_at.is_some_and(|at| now >= at) {
            self.refresh_at = None;
            self.round.spend_refresh = true;
            self.ask(now)?;
        }
        if self.even && self.asked.is_none() && now >= self.check_at {
            self.check_at = now + BEAT;
            self.check()?;
        }
        if now >= self.beat_at {
            self.beat_at = now + BEAT;
            self.round.attempts.clear();
            self.round.asks_devices |= self.round.store.wants_devices(self.round.clock.now())?;
            self.note_even()?;
            if self.asked.is_none() && self.round.asks_devices {
                self.ask(now)?;
            }
            self.say(now)?;
        }
        Ok(())
    }

    /// Takes in a body of the server.
    ///
    /// # Errors
    /// What the server refuses, `Malformed`, `Store`; the connection is of no use any more.
    pub fn received(&mut self, body: &[u8], now: Instant) -> Result<(), SyncError> {
        self.heard_at = now;
        let frames: Vec<Frame<Down>> = unpack(body).map_err(|_| SyncError::Malformed)?;
        let mut frames = frames.into_iter();
        let first = frames.next().ok_or(SyncError::Malformed)?;
        if self.round.store.standing()? != self.standing {
            // Somebody else has synced this database: what comes here may be older than what it holds.
            return Err(SyncError::Net(NetError::Offline));
        }
        match first.message {
            Down::Refused(denied) => return Err(SyncError::denied(denied.code)),
            Down::Welcome(welcome) => self.answered(welcome, frames, now)?,
            Down::Page(page) => self.page(*page, first.blobs, now)?,
            Down::Verdict(_) => return Err(SyncError::Malformed),
        }
        self.standing = self.round.store.standing()?;
        Ok(())
    }

    fn answered(
        &mut self,
        welcome: Welcome,
        rest: impl Iterator<Item = Frame<Down>>,
        now: Instant,
    ) -> Result<(), SyncError> {
        let (request, _) = self.asked.take().ok_or(SyncError::Malformed)?;
        let verdicts: Vec<Verdict> = rest
            .map(|frame| match frame.message {
                Down::Verdict(verdict) => Ok(verdict),
                _ => Err(SyncError::Malformed),
            })
            .collect::<Result<_, _>>()?;
        self.welcomed = true;
        self.round.spend_refresh = false;
        if let Some(tokens) = &welcome.tokens {
            let lasts = (tokens.access_until - welcome.now).to_std().unwrap_or_default();
            self.refresh_at = Some(now + lasts.saturating_sub(REFRESH));
        } else if self.refresh_at.is_none() {
            let tokens = request.tokens.as_ref().ok_or(SyncError::SignedOut)?;
            let lasts = (tokens.access_until - welcome.now).to_std().unwrap_or_default();
            self.refresh_at = Some(now + lasts.saturating_sub(REFRESH));
        }
        if request.hello.pull && self.room.is_none() {
            self.room = Some(WINDOW);
        }
        let more = self.round.take_in(Answer { welcome, verdicts, page: None }, &request)?;
        if more {
            return self.ask(now);
        }
        self.note_even()
    }

    fn page(&mut self, page: Page, blobs: Vec<Vec<u8>>, now: Instant) -> Result<(), SyncError> {
        let room = self.room.filter(|room| *room > 0).ok_or(SyncError::Malformed)? - 1;
        let purges = !page.revoked.is_empty() || !page.gone.is_empty();
        self.even = !page.more;
        self.round.page(page, blobs, self.round.clock.now())?;
        if purges {
            self.round.store.scrub()?;
        }
        self.room = Some(room);
        if room <= WINDOW / 2 {
            let credit = Credit { pages: WINDOW - room, bytes: PAGE_BYTES };
            self.out.push(pack(&[Frame::bare(Up::Credit(credit))]).map_err(|_| SyncError::Malformed)?);
            self.room = Some(WINDOW);
        }
        self.note_even()?;
        self.say(now)
    }

    fn check(&mut self) -> Result<(), SyncError> {
        match self.round.check() {
            Ok(()) => self.standing = self.round.store.standing()?,
            Err(SyncError::Store(error)) => return Err(error.into()),
            // It is asked again; what the connection itself does not notice is no reason to end it.
            Err(error) => tracing::info!(code = error.code(), "a check stopped"),
        }
        Ok(())
    }

    /// Says what waits to be said, unless an answer is waited for: then it goes after that.
    fn say(&mut self, now: Instant) -> Result<(), SyncError> {
        if self.asked.is_none() && self.round.store.has_to_say(&self.round.spent())? {
            self.ask(now)?;
        }
        Ok(())
    }

    fn ask(&mut self, now: Instant) -> Result<(), SyncError> {
        let room = Credit { pages: WINDOW, bytes: FIRST_BYTES };
        let mut request = self.round.prepare(Some(room).filter(|_| self.room.is_none()))?;
        self.out.push(std::mem::take(&mut request.body));
        self.round.report.n_requests += 1;
        self.asked = Some((request, now));
        Ok(())
    }

    /// Writes down that both sides are even, where they are.
    fn note_even(&mut self) -> Result<(), SyncError> {
        if self.even && self.asked.is_none() {
            self.round.report.complete = true;
            self.round.store.attempt_ended("", true, self.round.clock.now())?;
        }
        Ok(())
    }
}
