//! One live connection: where its device stands, how much room it has, what is ready for it. At most one page is read
//! ahead, and none while a message of the device is being answered: a page is never older than an answer sent
//! before it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use satchel_core::sync::wire::{Credit, Cursor};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::{FAN_OUT_BYTES, MOST_CREDIT, PAGE_BYTES};
use crate::office::{LivePage, Standing};
use crate::pull::{Asked, DEFAULT_CREDIT, Due};
use crate::storage::Session;

/// One live connection.
pub struct Seat {
    /// Who is connected.
    pub session: Session,
    state: Mutex<State>,
    bell: Notify,
}

struct State {
    access: [u8; 32],
    cursor: Cursor,
    snapshots: bool,
    /// Largest page the device takes.
    page_bytes: u32,
    /// Pages it has room for.
    credit: u32,
    /// Something may have happened since the last page was read.
    due: bool,
    /// It has never been told where it stands, or the last page was not all: others do not wait for its next page.
    behind: bool,
    /// It waits in the queue of the fan-out.
    queued: bool,
    work: Work,
    ready: Option<Arc<[u8]>>,
    end: Option<Vec<u8>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Work {
    None,
    /// A page is being read.
    Reading,
    /// A message of the device is being answered.
    Talking,
}

/// What a connection does next.
#[derive(Debug)]
pub enum Next {
    /// Sends this page. Where the flag is set something happened since it was read: the device's rights are looked at
    /// first (REV-1).
    Send(Arc<[u8]>, bool),
    /// Answers the message that came; [`Seat::talked`] ends it.
    Talk,
    /// Reads its next page; [`Seat::took`] ends it.
    Read(Due),
    /// Takes its place in the queue of the fan-out.
    Queue,
    /// Sends this refusal, where there is one, and ends.
    End(Vec<u8>),
    /// Nothing until the bell rings or a message comes.
    Wait,
}

impl Seat {
    /// The connection of somebody whose first message was taken in.
    #[must_use]
    pub fn new(standing: Standing, credit: &[Credit]) -> Self {
        let state = State {
            access: standing.access,
            cursor: standing.cursor,
            snapshots: standing.snapshots,
            page_bytes: u32::try_from(DEFAULT_CREDIT).unwrap_or(PAGE_BYTES),
            credit: 0,
            due: true,
            behind: true,
            queued: false,
            work: Work::None,
            ready: None,
            end: None,
        };
        let seat = Self { session: standing.session, state: Mutex::new(state), bell: Notify::new() };
        seat.state().grant(credit);
        seat
    }

    /// What to do next; `message` is true where one of the device waits for its answer.
    pub fn next(&self, message: bool) -> Next {
        let mut state = self.state();
        if let Some(end) = state.end.clone() {
            return Next::End(end);
        }
        if let Some(page) = state.ready.take() {
            return Next::Send(page, state.due);
        }
        if state.work != Work::None {
            return Next::Wait;
        }
        if message {
            state.work = Work::Talking;
            return Next::Talk;
        }
        match (state.wants_page(), state.behind) {
            (true, true) => Next::Read(state.begin_page(self.session, PAGE_BYTES)),
            (true, false) if !state.queued => Next::Queue,
            _ => Next::Wait,
        }
    }

    /// The fan-out has come to it: what to read, where it still wants a page.
    pub fn turn(&self) -> Option<Due> {
        let mut state = self.state();
        state.queued = false;
        // One that is behind reads by itself and does not hold up the others.
        (state.wants_page() && !state.behind).then(|| state.begin_page(self.session, FAN_OUT_BYTES))
    }

    /// Something its person sees has changed; true where it is to be queued.
    pub fn touch(&self) -> bool {
        let mut state = self.state();
        state.due = true;
        let queue = state.wants_page() && !state.behind && !state.queued;
        state.queued |= queue;
        queue
    }

    /// Notes that it waits in the queue; false where it did already.
    pub fn queue(&self) -> bool {
        !std::mem::replace(&mut self.state().queued, true)
    }

    /// Takes the page that was read for it.
    pub fn took(&self, page: Result<Option<LivePage>, Vec<u8>>) {
        let mut state = self.state();
        state.work = Work::None;
        match page {
            Ok(Some(page)) => {
                state.cursor = page.cursor;
                state.behind = page.more;
                state.due |= page.more;
                state.credit -= 1;
                state.ready = Some(page.body);
            }
            Ok(None) => state.behind = false,
            Err(refusal) => state.end = Some(refusal),
        }
        drop(state);
        self.bell.notify_one();
    }

    /// The answer to its message is on its way.
    pub fn talked(&self, standing: Option<Standing>, credit: &[Credit]) {
        let mut state = self.state();
        if let Some(standing) = standing {
            state.access = standing.access;
        }
        state.grant(credit);
        state.work = Work::None;
    }

    /// Hash of the token it showed last.
    #[must_use]
    pub fn access(&self) -> [u8; 32] {
        self.state().access
    }

    /// Ends the connection with a refusal, or without a word.
    pub fn end(&self, refusal: Vec<u8>) {
        self.state().end = Some(refusal);
        self.bell.notify_one();
    }

    /// Ready when there may be something new to do.
    pub fn rung(&self) -> Notified<'_> {
        self.bell.notified()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wants_page(&self) -> bool {
        self.due && self.credit > 0 && self.work == Work::None && self.ready.is_none() && self.end.is_none()
    }

    fn begin_page(&mut self, session: Session, most: u32) -> Due {
        self.due = false;
        self.work = Work::Reading;
        let credit = self.page_bytes.min(most);
        let asked = Asked { session, cursor: self.cursor.clone(), credit, snapshots: self.snapshots };
        Due { access: self.access, asked, even_bare: self.behind }
    }

    fn grant(&mut self, credit: &[Credit]) {
        for more in credit {
            self.credit = self.credit.saturating_add(more.pages).min(MOST_CREDIT);
            if more.bytes > 0 {
                self.page_bytes = more.bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use satchel_core::domain::ids::{DeviceId, UserId};
    use uuid::Uuid;

    use super::*;

    fn seat(pages: u32) -> Seat {
        let session = Session { user: UserId(Uuid::from_u128(1)), device: DeviceId(Uuid::from_u128(2)) };
        let standing = Standing { session, access: [1; 32], cursor: Cursor::default(), snapshots: true };
        Seat::new(standing, &[Credit { pages, bytes: 0 }])
    }

    fn page(more: bool) -> Result<Option<LivePage>, Vec<u8>> {
        Ok(Some(LivePage { cursor: Cursor::default(), more, body: Arc::from(b"page".as_slice()) }))
    }

    fn read(seat: &Seat) -> Due {
        match seat.next(false) {
            Next::Read(due) => due,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn no_page_is_read_without_credit_and_none_beyond_it() {
        let seat = seat(0);
        assert!(matches!(seat.next(false), Next::Wait));
        assert!(matches!(seat.next(true), Next::Talk));
        seat.talked(None, &[Credit { pages: 2, bytes: 0 }]);
        assert!(read(&seat).even_bare, "it is told where it stands");
        seat.took(page(true));
        assert!(matches!(seat.next(false), Next::Send(_, true)));
        read(&seat);
        seat.took(page(true));
        assert!(matches!(seat.next(false), Next::Send(..)));
        assert!(matches!(seat.next(false), Next::Wait), "two pages were granted");
        assert!(!seat.touch());
    }

    #[test]
    fn a_page_read_before_a_message_goes_before_its_answer_and_none_is_read_meanwhile() {
        let seat = seat(9);
        read(&seat);
        assert!(matches!(seat.next(true), Next::Wait), "the page is still being read");
        seat.took(page(false));
        assert!(matches!(seat.next(true), Next::Send(_, false)));
        assert!(matches!(seat.next(true), Next::Talk));
        assert!(!seat.touch(), "what the message brings about is read after its answer");
        assert!(seat.turn().is_none());
        seat.talked(None, &[]);
        assert!(matches!(seat.next(false), Next::Queue));
    }

    #[test]
    fn one_that_is_behind_stays_out_of_the_fan_out() {
        let seat = seat(9);
        assert!(!seat.touch());
        read(&seat);
        seat.took(page(true));
        assert!(matches!(seat.next(false), Next::Send(_, true)));
        assert!(!seat.touch() && seat.turn().is_none());
        read(&seat);
        seat.took(page(false));
        assert!(matches!(seat.next(false), Next::Send(..)));
        assert!(matches!(seat.next(false), Next::Wait));
        assert!(seat.touch(), "even again: it waits in the queue");
        assert!(!seat.touch(), "once");
        let due = seat.turn().unwrap();
        assert_eq!((due.asked.credit, due.even_bare), (FAN_OUT_BYTES, false));
        assert!(!seat.touch(), "while the page is read");
        seat.took(Ok(None));
        assert!(matches!(seat.next(false), Next::Queue), "touched meanwhile");
    }

    #[test]
    fn after_a_refusal_nothing_more_is_sent() {
        let seat = seat(9);
        read(&seat);
        seat.took(page(true));
        seat.end(b"refused".to_vec());
        assert!(matches!(seat.next(true), Next::End(refusal) if refusal == b"refused"));
        assert!(!seat.touch() && seat.turn().is_none());
    }
}
