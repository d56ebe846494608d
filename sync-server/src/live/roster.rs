//! Who is connected, and the queue of those whose people see something of what was committed. One thread goes through
//! the queue: everybody due is answered from one snapshot, so that what a change consists of is read once.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use satchel_core::domain::ids::UserId;

use super::seat::Seat;
use crate::office::Office;
use crate::pull::Due;

/// Who is connected; clones are the same.
#[derive(Clone, Default)]
pub struct Roster(Arc<Inner>);

#[derive(Default)]
struct Inner {
    seats: Mutex<HashMap<UserId, Vec<Arc<Seat>>>>,
    queue: Mutex<Queue>,
    bell: Condvar,
}

#[derive(Default)]
struct Queue {
    seats: Vec<Arc<Seat>>,
    stopped: bool,
}

impl Roster {
    /// Takes a connection up. A device has one: an older one of its ends without a word.
    pub fn join(&self, seat: Seat) -> Arc<Seat> {
        let seat = Arc::new(seat);
        let mut seats = locked(&self.0.seats);
        let of_user = seats.entry(seat.session.user).or_default();
        of_user.retain(|other| {
            let same = other.session.device == seat.session.device;
            if same {
                other.end(Vec::new());
            }
            !same
        });
        of_user.push(seat.clone());
        seat
    }

    /// Forgets a connection.
    pub fn leave(&self, seat: &Arc<Seat>) {
        let mut seats = locked(&self.0.seats);
        if let Some(of_user) = seats.get_mut(&seat.session.user) {
            of_user.retain(|other| !Arc::ptr_eq(other, seat));
            if of_user.is_empty() {
                seats.remove(&seat.session.user);
            }
        }
    }

    /// How many are connected.
    #[must_use]
    pub fn n_connected(&self) -> usize {
        locked(&self.0.seats).values().map(Vec::len).sum()
    }

    /// Queues the connections of these people.
    pub fn touched(&self, users: &[UserId]) {
        let mut due = Vec::new();
        {
            let seats = locked(&self.0.seats);
            let touched = users.iter().filter_map(|user| seats.get(user)).flatten();
            due.extend(touched.filter(|seat| seat.touch()).cloned());
        }
        self.push(due);
    }

    /// Queues a connection that was touched while it could not take a page.
    pub fn queue(&self, seat: &Arc<Seat>) {
        if seat.queue() {
            self.push(vec![seat.clone()]);
        }
    }

    /// Reads pages for everybody in the queue.
    pub fn deliver(&self, office: &Office) {
        let queued = std::mem::take(&mut locked(&self.0.queue).seats);
        let (seats, due): (Vec<Arc<Seat>>, Vec<Due>) =
            queued.into_iter().filter_map(|seat| seat.turn().map(|due| (seat, due))).unzip();
        if !due.is_empty() {
            office.live_pages(&due, &mut |idx, page| seats[idx].took(page));
        }
    }

    /// Delivers whenever somebody is queued, until [`Self::stop`].
    pub fn deliver_until_stopped(&self, office: &Office) {
        loop {
            let mut queue = locked(&self.0.queue);
            while queue.seats.is_empty() && !queue.stopped {
                queue = self.0.bell.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
            if queue.stopped {
                return;
            }
            drop(queue);
            self.deliver(office);
        }
    }

    /// Ends [`Self::deliver_until_stopped`].
    pub fn stop(&self) {
        locked(&self.0.queue).stopped = true;
        self.0.bell.notify_all();
    }

    fn push(&self, due: Vec<Arc<Seat>>) {
        if !due.is_empty() {
            locked(&self.0.queue).seats.extend(due);
            self.0.bell.notify_one();
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
