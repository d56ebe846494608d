//! The line between one device and the office: it can be cut, lose an answer on its way, deliver twice, late or out of
//! order, and it keeps every byte of both directions.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use satchel_core::domain::clock::Clock;
use satchel_core::sync::device::{NetError, Transport};
use satchel_server::http::dispatch::{Method, Request, dispatch};

use super::TestClock;

/// Where every line ends: the office's server, which may be down or have been started anew.
#[derive(Clone, Default)]
pub struct Server(Arc<Mutex<Option<satchel_server::Office>>>);

impl Server {
    /// Starts answering.
    pub fn start(&self, office: satchel_server::Office) {
        *locked(&self.0) = Some(office);
    }

    /// Stops answering.
    pub fn stop(&self) {
        *locked(&self.0) = None;
    }

    /// The server, where it is up.
    #[must_use]
    pub fn office(&self) -> Option<satchel_server::Office> {
        locked(&self.0).clone()
    }
}

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It never reaches the server.
    Cut,
    /// The server has done its work; the answer is lost.
    LoseAnswer,
    /// It reaches the server twice; the second answer arrives.
    Twice,
    /// It is held up somewhere: the device gives up, and the server gets it when [`Line::deliver_late`] lets it go.
    Delay,
    /// It is answered, and a copy of it is held up as well.
    Echo,
}

/// One request with its answer, as the server gave it.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The path asked.
    pub path: String,
    /// The request's body.
    pub sent: Vec<u8>,
    /// The answer's body.
    pub received: Vec<u8>,
    /// The answer's status.
    pub status: u16,
    /// True where the device got the answer.
    pub delivered: bool,
    /// The server's clock.
    pub at: DateTime<Utc>,
}

/// Told of every request before the server sees it and after it has answered, lost or not.
pub type Onlooker = Arc<dyn Fn(Moment<'_>) + Send + Sync>;

/// When an onlooker is told.
#[derive(Debug)]
pub enum Moment<'a> {
    /// The request is on its way.
    Before,
    /// The server has done its work; the device does not know yet.
    After(&'a Recorded),
}

/// The line of one device.
pub struct Line {
    server: Server,
    clock: TestClock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    unplugged: bool,
    faults: VecDeque<Option<Fault>>,
    held_up: VecDeque<HeldUp>,
    log: Vec<Recorded>,
    onlooker: Option<Onlooker>,
}

/// A request on its way for longer than its device waits.
struct HeldUp {
    path: String,
    bearer: Option<String>,
    body: Vec<u8>,
}

impl Line {
    /// A line to the server.
    #[must_use]
    pub fn to(server: &Server, clock: &TestClock) -> Arc<Self> {
        Arc::new(Self { server: server.clone(), clock: clock.clone(), state: Mutex::default() })
    }

    /// Nobody answers from now on.
    pub fn unplug(&self) {
        locked(&self.state).unplugged = true;
    }

    /// The office is within reach again.
    pub fn plug_in(&self) {
        locked(&self.state).unplugged = false;
    }

    /// What is to go wrong with the next requests, in order; `None` goes well.
    pub fn expect(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        locked(&self.state).faults = faults.into_iter().collect();
    }

    /// How many requests are held up.
    #[must_use]
    pub fn n_held_up(&self) -> usize {
        locked(&self.state).held_up.len()
    }

    /// The server gets request `n` of those held up, whatever was sent since; nobody waits for its answer any more.
    pub fn deliver_late(&self, n: usize) {
        let Some(late) = locked(&self.state).held_up.remove(n) else { return };
        // A server that is down gets it never.
        let _ = self.ask(&late.path, late.bearer.as_deref(), &late.body, false);
    }

    /// Whoever wants to know of every request.
    pub fn watch(&self, onlooker: Option<Onlooker>) {
        locked(&self.state).onlooker = onlooker;
    }

    /// Everything that went over the line so far.
    #[must_use]
    pub fn log(&self) -> Vec<Recorded> {
        locked(&self.state).log.clone()
    }

    /// Forgets what went over the line so far and hands it out.
    pub fn take_log(&self) -> Vec<Recorded> {
        std::mem::take(&mut locked(&self.state).log)
    }

    /// All bytes the device was sent, unpacked.
    #[must_use]
    pub fn received(&self) -> Vec<Vec<u8>> {
        locked(&self.state).log.iter().filter(|one| one.delivered).map(|one| crate::tap::plain(&one.received)).collect()
    }

    fn ask(&self, path: &str, bearer: Option<&str>, body: &[u8], delivered: bool) -> Result<Recorded, NetError> {
        let onlooker = locked(&self.state).onlooker.clone();
        if let Some(onlooker) = &onlooker {
            onlooker(Moment::Before);
        }
        let office = self.server.office().ok_or(NetError::Offline)?;
        let request = Request { bearer, body, address: None };
        let answer = dispatch(&office, Method::Post, path, &request);
        let recorded = Recorded {
            path: path.to_owned(),
            sent: body.to_vec(),
            received: answer.body,
            status: answer.status,
            delivered,
            at: self.clock.now(),
        };
        locked(&self.state).log.push(recorded.clone());
        if let Some(onlooker) = &onlooker {
            onlooker(Moment::After(&recorded));
        }
        Ok(recorded)
    }
}

impl Transport for Line {
    fn post(&self, path: &str, bearer: Option<&str>, _: &str, body: &[u8]) -> Result<Vec<u8>, NetError> {
        let fault = {
            let mut state = locked(&self.state);
            if state.unplugged {
                return Err(NetError::Offline);
            }
            state.faults.pop_front().flatten()
        };
        let answer = match fault {
            Some(Fault::Cut) => return Err(NetError::Offline),
            Some(Fault::LoseAnswer) => {
                self.ask(path, bearer, body, false)?;
                return Err(NetError::Unanswered);
            }
            Some(Fault::Twice) => {
                self.ask(path, bearer, body, false)?;
                self.ask(path, bearer, body, true)?
            }
            Some(fault @ (Fault::Delay | Fault::Echo)) => {
                let late = HeldUp { path: path.to_owned(), bearer: bearer.map(str::to_owned), body: body.to_vec() };
                locked(&self.state).held_up.push_back(late);
                if fault == Fault::Delay {
                    return Err(NetError::Unanswered);
                }
                self.ask(path, bearer, body, true)?
            }
            None => self.ask(path, bearer, body, true)?,
        };
        if (200..300).contains(&answer.status) {
            return Ok(answer.received);
        }
        Err(NetError::Status { status: answer.status, body: answer.received })
    }

    fn base(&self) -> &str {
        "http://office.test"
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
