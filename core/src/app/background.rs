//! Sync without anybody asking: on a live connection where there is one to be had, otherwise in rounds over HTTP: on
//! start, after a change, from time to time. The window never waits for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::desk::Desk;
use super::handle::{App, Inner, Open, Stage, locked};
use super::{AppConfig, Code, Error};
use crate::store::write::Touched;
use crate::sync::device::live::{Live, News, Owner, attend};
use crate::sync::device::{Progress, Report, SyncError, Transport, sync_once};

/// Longest pause between rounds where the last one went well.
const IDLE: Duration = Duration::from_secs(60);
/// First and longest pause after a failure.
const RETRY: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(60));
/// Longest pause before a live connection is tried again where only rounds get through.
const LINE_RETRY: Duration = Duration::from_secs(600);
/// A live connection that lasted so long was a good one.
const LASTED: Duration = Duration::from_secs(60);
/// Records indexed for search between two looks at the clock.
const INDEX_STEP: u32 = 500;
/// How long nobody must have read anything before indexing goes on, and how long it gives way at most.
const QUIET: Duration = Duration::from_millis(100);
const GIVE_WAY: Duration = Duration::from_secs(1);

impl Drop for Inner {
    fn drop(&mut self) {
        self.desk.stop();
    }
}

impl App {
    /// One round of sync on this thread: everything pushed and pulled, or until `deadline`. A live connection ends for
    /// it and begins anew.
    ///
    /// # Errors
    /// `offline`, `signed_out`, `revoked`, `not_ready` in local-only use, and what the server says.
    pub fn sync_once(&self, deadline: Option<DateTime<Utc>>) -> Result<Report, Error> {
        if let Stage::Wiped(_) = self.stage() {
            self.confirm_wiped()?;
        }
        let open = self.reachable()?;
        let outcome = self.round(&open, deadline);
        if let Err(stopped @ (SyncError::Revoked | SyncError::SignedOut)) = outcome {
            return Err(self.shut_out(open, stopped));
        }
        let late = || deadline.is_some_and(|deadline| self.now() >= deadline);
        while !late() {
            let (touched, more) = open.store.catch_up(INDEX_STEP)?;
            self.emit_touched(&touched);
            if !more {
                break;
            }
            // Much is left, as after a first pull: whoever looks at something meanwhile comes first.
            open.store.wait_for_quiet(QUIET, GIVE_WAY);
        }
        Ok(outcome?)
    }

    fn round(&self, open: &Open, deadline: Option<DateTime<Utc>>) -> Result<Report, SyncError> {
        let Some(net) = &open.net else { return Err(SyncError::LocalOnly) };
        let one_at_a_time = self.inner.desk.turn();
        self.inner.desk.begin();
        self.emit(&[super::api::Topic::Status]);
        let progress = |progress: Progress| self.progressed(progress);
        let config = &self.inner.config;
        let clock = config.clock.as_ref();
        let outcome = sync_once(&open.store, net.as_ref(), clock, self.ids(), &config.version, deadline, &progress);
        self.inner.desk.end();
        drop(one_at_a_time);
        match &outcome {
            Ok(report) => self.took(report),
            Err(error) => {
                log(error);
                self.took(&Report::default());
            }
        }
        outcome
    }

    fn progressed(&self, progress: Progress) {
        let mut touched = progress.touched;
        touched.outbox = true;
        self.emit_touched(&touched);
    }

    fn took(&self, report: &Report) {
        locked(&self.inner.left).extend(report.left.iter().cloned());
        let mut touched = Touched { outbox: true, office: true, ..Default::default() };
        touched.join(report.touched.clone());
        self.emit_touched(&touched);
    }

    /// Starts the sync thread, once.
    pub(super) fn start_background(&self) {
        let runs_already = self.inner.desk.has_thread();
        self.inner.desk.ask_now();
        if runs_already {
            return;
        }
        let (desk, inner) = (Arc::clone(&self.inner.desk), Arc::downgrade(&self.inner));
        let spawned = std::thread::Builder::new().name("sync".to_owned()).spawn(move || run(&desk, &inner));
        if let Err(error) = spawned {
            tracing::error!(%error, "starting the sync thread");
        }
    }
}

fn run(desk: &Arc<Desk>, inner: &Weak<Inner>) {
    let mut failures = 0;
    let mut line = Attempts::default();
    let mut pause = Duration::ZERO;
    while desk.wait(pause) {
        if line.due(Instant::now()) {
            let began = Instant::now();
            match catch_unwind(AssertUnwindSafe(|| stay(desk, inner))).unwrap_or(Stay::Refused) {
                Stay::Nowhere => {
                    pause = IDLE;
                    continue;
                }
                Stay::Gone => return,
                Stay::Ended => {
                    pause = line.ended(began.elapsed(), rand::random());
                    continue;
                }
                Stay::Refused => {}
            }
        }
        let Some(strong) = inner.upgrade() else { return };
        let app = App { inner: strong };
        // A panic must not end syncing till the next start.
        let round = catch_unwind(AssertUnwindSafe(|| app.sync_once(None)));
        let outcome = round.unwrap_or_else(|_| {
            desk.end();
            Err(Error::Internal("a round of sync panicked".to_owned(), None))
        });
        match outcome {
            Ok(_) => {
                failures = 0;
                pause = line.missed(Instant::now(), rand::random()).min(IDLE);
            }
            Err(error) if matches!(error.code(), Code::NotReady) => pause = IDLE,
            Err(error) => {
                failures += 1;
                pause = jittered(pause_after(&error, failures), rand::random());
            }
        }
    }
}

/// What became of a live connection.
enum Stay {
    /// The app is gone.
    Gone,
    /// No database is open, or it knows no server.
    Nowhere,
    /// There was none to be had, or the server did not take the device: a round will tell why.
    Refused,
    /// It lasted for a while, and broke or was left.
    Ended,
}

/// Keeps a live connection for as long as it lasts. The app may go meanwhile.
fn stay(desk: &Desk, inner: &Weak<Inner>) -> Stay {
    let turn = desk.line_turn();
    let Some(strong) = inner.upgrade() else { return Stay::Gone };
    let app = App { inner: strong };
    let (store, net) = match app.stage() {
        Stage::Open(Open { store, net: Some(net), .. }) => (store, net),
        // There is something left to be said, over HTTP.
        Stage::Wiped(_) => return Stay::Refused,
        _ => return Stay::Nowhere,
    };
    let config = app.inner.config.clone();
    drop(app);
    let mut welcomed = false;
    let host = Host { desk, inner };
    let outcome = host.keep(&store, net.as_ref(), &config, &mut welcomed);
    desk.connected(None);
    drop(turn);
    match outcome {
        Ok(()) => Stay::Ended,
        Err(SyncError::Net(_)) if welcomed => Stay::Ended,
        Err(error) => {
            log(&error);
            Stay::Refused
        }
    }
}

/// The app as the owner of a live connection.
struct Host<'a> {
    desk: &'a Desk,
    inner: &'a Weak<Inner>,
}

impl Host<'_> {
    fn keep(
        &self,
        store: &crate::store::Store,
        net: &dyn Transport,
        config: &AppConfig,
        welcomed: &mut bool,
    ) -> Result<(), SyncError> {
        let (mut channel, bell) = net.connect().map_err(SyncError::Net)?;
        self.desk.connected(Some(bell));
        let progress = |progress: Progress| {
            if let Some(inner) = self.inner.upgrade() {
                App { inner }.progressed(progress);
            }
        };
        let (clock, ids) = (config.clock.as_ref(), config.ids.as_ref());
        let live = Live::begin(store, net, clock, ids, &config.version, &progress, Instant::now())?;
        attend(live, channel.as_mut(), self, welcomed)
    }
}

impl Owner for Host<'_> {
    fn news(&self) -> News {
        self.desk.news()
    }

    fn took(&self, report: Report) {
        if let Some(inner) = self.inner.upgrade() {
            App { inner }.took(&report);
        }
    }
}

/// When a live connection is tried again.
#[derive(Default)]
struct Attempts {
    failures: u32,
    next: Option<Instant>,
}

impl Attempts {
    fn due(&self, now: Instant) -> bool {
        self.next.is_none_or(|next| next <= now)
    }

    /// One has ended after so long: the pause before the next.
    fn ended(&mut self, lasted: Duration, dice: f64) -> Duration {
        self.failures = if lasted >= LASTED { 1 } else { self.failures + 1 };
        self.next = None;
        jittered(backoff(RETRY.0 / 2, self.failures, RETRY.1), dice)
    }

    /// A round went well where none was to be had: the pause before the next try, longer each time.
    fn missed(&mut self, now: Instant, dice: f64) -> Duration {
        if !self.due(now) {
            return self.next.map_or(IDLE, |next| next - now);
        }
        self.failures += 1;
        let pause = jittered(backoff(RETRY.0, self.failures, LINE_RETRY), dice);
        self.next = Some(now + pause);
        pause
    }
}

/// Waiting for a person is no reason to knock every minute.
fn pause_after(error: &Error, failures: u32) -> Duration {
    match error.code() {
        Code::SignedOut | Code::Revoked | Code::Wiped | Code::ProtocolTooOld => RETRY.1 * 10,
        _ => backoff(RETRY.0, failures, RETRY.1),
    }
}

fn backoff(first: Duration, failures: u32, longest: Duration) -> Duration {
    first.saturating_mul(2_u32.saturating_pow(failures.clamp(1, 20) - 1)).min(longest)
}

/// Between half of a pause and all of it, so that devices a server lost together do not come back together.
fn jittered(pause: Duration, dice: f64) -> Duration {
    pause.mul_f64(0.5 + dice.clamp(0.0, 1.0) / 2.0)
}

fn log(error: &SyncError) {
    match error {
        SyncError::Net(error) => tracing::info!(code = error.code(), "sync stopped"),
        error => tracing::warn!(code = error.code(), cause = %error, "sync stopped"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_minute_and_no_further() {
        let offline = Error::from(Code::Offline);
        let pauses: Vec<u64> = (1..8).map(|n| pause_after(&offline, n).as_secs()).collect();
        assert_eq!(pauses, [2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(pause_after(&offline, u32::MAX), RETRY.1);
        assert_eq!(jittered(RETRY.1, 0.0), RETRY.1 / 2);
        assert_eq!(jittered(RETRY.1, 1.0), RETRY.1);
    }

    #[test]
    fn where_only_rounds_get_through_a_live_connection_is_tried_ever_more_seldom() {
        let mut line = Attempts::default();
        let mut now = Instant::now();
        let mut pauses = Vec::new();
        for _ in 0..12 {
            assert!(line.due(now));
            let pause = line.missed(now, 1.0);
            assert!(!line.due(now + pause / 2));
            assert_eq!(line.missed(now, 1.0), pause, "a round in between changes nothing");
            now += pause;
            pauses.push(pause.as_secs());
        }
        assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]);
    }

    #[test]
    fn connections_that_end_at_once_are_made_ever_more_slowly_and_a_good_one_makes_up_for_it() {
        let mut line = Attempts::default();
        let short: Vec<u64> = (0..7).map(|_| line.ended(Duration::ZERO, 1.0).as_secs()).collect();
        assert_eq!(short, [1, 2, 4, 8, 16, 32, 60]);
        assert_eq!(line.ended(LASTED, 1.0).as_secs(), 1);
        assert!(line.due(Instant::now()));
    }
}
