//! Where the sync thread gets its orders, and whoever waits for it waits.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::handle::locked;
use crate::sync::device::Bell;
use crate::sync::device::live::News;

/// Quiet time after a change before a round is made for it, so that a burst of edits goes as one. A live connection
/// does not wait: what is written while an answer is under way goes together anyway.
const DEBOUNCE: Duration = Duration::from_millis(300);

/// Where the sync thread gets its orders.
#[derive(Default)]
pub(super) struct Desk {
    orders: Mutex<Orders>,
    bell: Condvar,
    /// One round or one live connection at a time.
    turn: Mutex<()>,
}

#[derive(Default)]
struct Orders {
    /// The earliest moment somebody wants a round.
    wanted: Option<Instant>,
    running: bool,
    stop: bool,
    thread: bool,
    /// The live connection is to end, because what it began with no longer holds.
    end_line: bool,
    /// Rounds that wait for the live connection to end.
    n_waiting: u32,
    /// Rings the live connection there is.
    line: Option<Bell>,
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

    /// Wants a round after a while, for what becomes due then.
    pub fn look_again(&self, after: chrono::Duration) {
        self.ask(after.to_std().unwrap_or_default() + DEBOUNCE);
    }

    /// True while a round runs or is about to.
    pub fn busy(&self) -> bool {
        let orders = locked(&self.orders);
        orders.running || (orders.thread && orders.wanted.is_some())
    }

    /// Ends the thread after the round it may be in.
    pub fn stop(&self) {
        self.change(|orders| orders.stop = true);
    }

    /// Ends the live connection; the thread looks at what there is now.
    pub fn end_line(&self) {
        self.change(|orders| orders.end_line = true);
    }

    /// Notes that there is a thread; true where there was one already.
    pub fn has_thread(&self) -> bool {
        std::mem::replace(&mut locked(&self.orders).thread, true)
    }

    /// The turn to make a round; a live connection ends for it.
    pub fn turn(&self) -> MutexGuard<'_, ()> {
        self.change(|orders| orders.n_waiting += 1);
        let turn = locked(&self.turn);
        self.change(|orders| orders.n_waiting -= 1);
        turn
    }

    pub fn begin(&self) {
        locked(&self.orders).running = true;
    }

    pub fn end(&self) {
        locked(&self.orders).running = false;
    }

    /// The turn to keep a live connection, for what is open from here on.
    pub fn line_turn(&self) -> MutexGuard<'_, ()> {
        let turn = locked(&self.turn);
        locked(&self.orders).end_line = false;
        turn
    }

    /// Takes the bell of a live connection; `None` takes it away.
    pub fn connected(&self, line: Option<Bell>) {
        locked(&self.orders).line = line;
    }

    /// What a live connection is to do.
    pub fn news(&self) -> News {
        let mut orders = locked(&self.orders);
        if orders.stop || orders.end_line || orders.n_waiting > 0 {
            return News::Leave;
        }
        match orders.wanted.take_if(|at| *at <= Instant::now() + DEBOUNCE) {
            Some(_) => News::Edits,
            None => News::Nothing,
        }
    }

    /// Sleeps until somebody wants a round or `pause` is over, and no round waits; `false` means the app is gone.
    pub fn wait(&self, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        let mut orders = locked(&self.orders);
        loop {
            if orders.stop {
                return false;
            }
            let now = Instant::now();
            let at = orders.wanted.map_or(until, |wanted| wanted.min(until));
            if at <= now && orders.n_waiting == 0 {
                orders.wanted = None;
                return true;
            }
            // Whoever waits for the turn rings when he has it.
            let pause = if orders.n_waiting > 0 { Duration::from_secs(1) } else { at - now };
            orders = self.bell.wait_timeout(orders, pause).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn ask(&self, pause: Duration) {
        let at = Instant::now() + pause;
        self.change(|orders| orders.wanted = Some(orders.wanted.map_or(at, |wanted| wanted.min(at))));
    }

    fn change(&self, change: impl FnOnce(&mut Orders)) {
        let mut orders = locked(&self.orders);
        change(&mut orders);
        if let Some(ring) = &orders.line {
            ring();
        }
        self.bell.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_given_while_waiting_wakes_the_thread() {
        let desk = Desk::default();
        desk.ask_now();
        assert!(desk.wait(Duration::from_secs(3600)));
        desk.stop();
        assert!(!desk.wait(Duration::from_secs(3600)));
    }

    #[test]
    fn a_live_connection_hears_of_an_edit_at_once_and_only_once() {
        let desk = Desk::default();
        let (rang, heard) = std::sync::mpsc::channel();
        desk.connected(Some(Box::new(move || rang.send(()).unwrap_or(()))));
        desk.ask_soon();
        heard.try_recv().expect("its bell rings");
        assert_eq!((desk.news(), desk.news()), (News::Edits, News::Nothing));
    }

    #[test]
    fn a_live_connection_ends_for_a_round_and_for_a_change_of_what_is_open() {
        let desk = Desk::default();
        drop(desk.line_turn());
        desk.change(|orders| orders.n_waiting = 1);
        assert_eq!(desk.news(), News::Leave);
        drop(desk.turn());
        desk.change(|orders| orders.n_waiting = 0);
        assert_eq!(desk.news(), News::Nothing);
        desk.end_line();
        assert_eq!(desk.news(), News::Leave);
        drop(desk.line_turn());
        assert_eq!(desk.news(), News::Nothing);
        desk.stop();
        assert_eq!(desk.news(), News::Leave);
    }
}
