//! Sync without anybody asking: on start, after a change, on a hint, from time to time. The window never waits for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::handle::{App, Inner, Open, Stage, locked};
use super::{Code, Error};
use crate::domain::ids::DeviceId;
use crate::sync::device::hint::HintListener;
use crate::sync::device::{Progress, Report, SyncError, sync_once};

/// Quiet time after a change before it is sent, so that a burst of edits goes as one.
const DEBOUNCE: Duration = Duration::from_millis(300);
/// Longest pause between rounds where the last one went well.
const IDLE: Duration = Duration::from_secs(60);
/// First and longest pause after a failure.
const RETRY: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(60));
/// Records indexed for search between two looks at the clock.
const INDEX_STEP: u32 = 500;

/// Where the sync thread gets its orders.
#[derive(Default)]
pub(super) struct Desk {
    orders: Mutex<Orders>,
    bell: Condvar,
}

#[derive(Default)]
struct Orders {
    /// The earliest moment somebody wants a round.
    wanted: Option<Instant>,
    running: bool,
    /// The last round reached the server.
    reachable: bool,
    stop: bool,
    thread: bool,
}

impl Desk {
    /// Wants a round shortly.
    pub fn ask_soon(&self) {
        self.ask(DEBOUNCE);
    }

    /// Wants a round at once.
    pub fn ask_now(&self) {
        self.ask(Duration::ZERO);
    }

    /// True while a round runs or is about to.
    pub fn busy(&self) -> bool {
        let orders = locked(&self.orders);
        orders.running || (orders.thread && orders.wanted.is_some())
    }

    /// Wants a round after a while, for what becomes due then.
    pub fn look_again(&self, after: chrono::Duration) {
        self.ask(after.to_std().unwrap_or_default() + DEBOUNCE);
    }

    /// Ends the thread after the round it may be in.
    pub fn stop(&self) {
        locked(&self.orders).stop = true;
        self.bell.notify_all();
    }

    fn ask(&self, pause: Duration) {
        let at = Instant::now() + pause;
        let mut orders = locked(&self.orders);
        orders.wanted = Some(orders.wanted.map_or(at, |wanted| wanted.min(at)));
        self.bell.notify_all();
    }

    fn begin(&self) {
        locked(&self.orders).running = true;
    }

    fn end(&self, reachable: bool) {
        let mut orders = locked(&self.orders);
        orders.running = false;
        orders.reachable = reachable;
    }

    fn reachable(&self) -> bool {
        locked(&self.orders).reachable
    }

    /// Sleeps until somebody wants a round or `pause` is over; `false` means the app is gone.
    fn wait(&self, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        let mut orders = locked(&self.orders);
        loop {
            if orders.stop {
                return false;
            }
            let now = Instant::now();
            let at = orders.wanted.map_or(until, |wanted| wanted.min(until));
            if at <= now {
                orders.wanted = None;
                return true;
            }
            orders = self.bell.wait_timeout(orders, at - now).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.desk.stop();
    }
}

impl App {
    /// One round of sync on this thread: everything pushed and pulled, or until `deadline`.
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
        let mut waits = true;
        while waits && deadline.is_none_or(|deadline| self.now() < deadline) {
            waits = open.store.index_pending(INDEX_STEP)? > 0;
        }
        Ok(outcome?)
    }

    fn round(&self, open: &Open, deadline: Option<DateTime<Utc>>) -> Result<Report, SyncError> {
        let Some(net) = &open.net else { return Err(SyncError::LocalOnly) };
        let one_at_a_time = locked(&self.inner.round);
        self.inner.desk.begin();
        self.emit(&[super::api::Topic::Status]);
        let progress = |progress: Progress| {
            let mut touched = progress.touched;
            touched.outbox = true;
            self.emit_touched(&touched);
        };
        let config = &self.inner.config;
        let clock = config.clock.as_ref();
        let outcome = sync_once(&open.store, net.as_ref(), clock, self.ids(), &config.version, deadline, &progress);
        self.inner.desk.end(outcome.is_ok());
        drop(one_at_a_time);
        let mut touched = crate::store::write::Touched { outbox: true, office: true, ..Default::default() };
        match &outcome {
            Ok(report) => {
                locked(&self.inner.left).extend(report.left.iter().cloned());
                touched.join(report.touched.clone());
            }
            Err(SyncError::Net(error)) => tracing::info!(code = error.code(), "sync stopped"),
            Err(error) => tracing::warn!(code = error.code(), cause = %error, "sync stopped"),
        }
        self.emit_touched(&touched);
        outcome
    }

    /// Starts the sync thread, once.
    pub(super) fn start_background(&self) {
        let runs_already = std::mem::replace(&mut locked(&self.inner.desk.orders).thread, true);
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
    let mut pause = Duration::ZERO;
    let mut hints: Option<(DeviceId, HintListener)> = None;
    while desk.wait(pause) {
        let Some(strong) = inner.upgrade() else { return };
        let app = App { inner: strong };
        match app.stage() {
            Stage::Open(open) => {
                // Another enrolment in the same run has another server to listen to.
                let device = open.profile.device;
                if hints.as_ref().is_none_or(|(of, _)| *of != device) {
                    hints = open.net.as_ref().map(|net| (device, listen(net.base(), desk, inner)));
                }
            }
            Stage::Wiped(_) => hints = None,
            _ => {
                pause = IDLE;
                continue;
            }
        }
        // A panic must not end syncing till the next start.
        let round = catch_unwind(AssertUnwindSafe(|| app.sync_once(None)));
        let outcome = round.unwrap_or_else(|_| {
            desk.end(false);
            Err(Error::Internal("a round of sync panicked".to_owned(), None))
        });
        match outcome {
            Ok(_) => {
                failures = 0;
                pause = IDLE;
            }
            Err(error) => {
                failures += 1;
                pause = pause_after(&error, failures);
            }
        }
    }
}

/// While rounds fail nobody listens and the pauses stay short, because they cost nothing; once a round has gone well
/// the line is tried at once, and ever more seldom where something on the way does not let it through.
fn listen(base: &str, desk: &Arc<Desk>, inner: &Weak<Inner>) -> HintListener {
    let (asked, paused, rung) = (Arc::clone(desk), Arc::clone(desk), Arc::clone(desk));
    let inner = inner.clone();
    let access = move || {
        let app = App { inner: inner.upgrade().filter(|_| asked.reachable())? };
        app.store().ok()?.access_token(app.now()).ok().flatten()
    };
    let pause = move |attempt: u32| match paused.reachable() {
        true => Duration::from_secs(2_u64.saturating_pow(attempt.clamp(1, 7) - 1)).min(RETRY.1),
        false => RETRY.0,
    };
    HintListener::start(base, Box::new(access), Box::new(pause), Box::new(move || rung.ask_now()))
}

/// Waiting for a person is no reason to knock every minute.
fn pause_after(error: &Error, failures: u32) -> Duration {
    match error.code() {
        Code::SignedOut | Code::Revoked | Code::Wiped | Code::ProtocolTooOld => RETRY.1 * 10,
        _ => (RETRY.0 * 2_u32.saturating_pow(failures.min(10) - 1)).min(RETRY.1),
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
    }

    #[test]
    fn an_order_given_while_waiting_wakes_the_thread() {
        let desk = Desk::default();
        desk.ask_now();
        assert!(desk.wait(Duration::from_secs(3600)));
        desk.stop();
        assert!(!desk.wait(Duration::from_secs(3600)));
    }
}
