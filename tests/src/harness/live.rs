//! A live connection of a device without a socket: both halves as they are, bodies handed over by hand, each kept for
//! looking at. Time is what a test says it is.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use satchel_core::sync::device::SyncError;
use satchel_core::sync::device::live::Live;
use satchel_server::live::{Next, Roster, Seat};

use super::{Device, Office};

/// A device with a live connection.
pub struct Wired<'d> {
    /// The device's half; `None` once the connection has ended.
    live: Option<Live<'d>>,
    /// What ended it, as the device knows it.
    pub ended: Option<SyncError>,
    /// Bodies the device was sent.
    pub received: Vec<Vec<u8>>,
    door: satchel_server::Office,
    roster: Roster,
    seat: Option<Arc<Seat>>,
    up: VecDeque<Vec<u8>>,
    now: Instant,
}

impl Device {
    /// Opens a live connection; nothing is said before [`settle`].
    ///
    /// # Panics
    /// Where the device cannot.
    #[must_use]
    pub fn connect<'d>(&'d self, office: &Office) -> Wired<'d> {
        let now = Instant::now();
        let live = Live::begin(self.store(), &*self.line, &self.clock, &*self.ids, "tests", &|_| {}, now);
        Wired {
            live: Some(live.expect("the device has tokens")),
            ended: None,
            received: Vec::new(),
            door: office.door(),
            roster: office.roster.clone(),
            seat: None,
            up: VecDeque::new(),
            now,
        }
    }
}

impl Wired<'_> {
    /// Tells the device's half that something was written.
    pub fn edited(&mut self) {
        let now = self.now;
        self.with(|live| live.edited(now));
    }

    /// Time goes by on the device, with a sign of life from the server.
    pub fn later(&mut self, by: Duration) {
        self.now += by;
        let now = self.now;
        self.with(|live| {
            live.heard(now);
            live.tick(now)
        });
    }

    /// Time goes by on the device in silence.
    pub fn silent(&mut self, by: Duration) {
        self.now += by;
        let now = self.now;
        self.with(|live| live.tick(now));
    }

    /// True while it lasts.
    #[must_use]
    pub fn lasts(&self) -> bool {
        self.live.is_some()
    }

    /// What the server has for it, without handing it over: a reader that does not read.
    ///
    /// # Panics
    /// Where it never said hello.
    #[must_use]
    pub fn seat(&self) -> &Arc<Seat> {
        self.seat.as_ref().expect("it said hello")
    }

    /// Hands the next body over, whichever side has one; `false` where nothing is under way.
    pub fn step(&mut self) -> bool {
        if let Some(live) = &mut self.live {
            self.up.extend(live.take_out());
        }
        let Some(seat) = self.seat.clone() else { return self.greet() };
        match seat.next(!self.up.is_empty()) {
            Next::Send(_, true) if !self.door.storage().alive(seat.session.device).unwrap_or(false) => self.hang_up(),
            Next::Send(page, _) => self.down(page.to_vec()),
            Next::Talk => {
                let body = self.up.pop_front().unwrap_or_default();
                match self.door.hear(&body, Some(seat.session)) {
                    Err(refusal) => seat.end(refusal),
                    Ok(heard) => {
                        if let Some(answer) = heard.answer {
                            self.down(answer);
                        }
                        seat.talked(heard.standing, &heard.credit);
                    }
                }
            }
            Next::Read(due) => self.door.live_pages(&[due], &mut |_, page| seat.took(page)),
            Next::Queue => {
                self.roster.queue(&seat);
                self.roster.deliver(&self.door);
            }
            Next::End(refusal) => {
                if !refusal.is_empty() {
                    self.down(refusal);
                }
                self.hang_up();
            }
            Next::Wait => return false,
        }
        true
    }

    /// The connection ends without a word to either side.
    pub fn hang_up(&mut self) {
        if let Some(seat) = self.seat.take() {
            self.roster.leave(&seat);
        }
        self.up.clear();
        self.live = None;
    }

    fn greet(&mut self) -> bool {
        let Some(body) = self.up.pop_front() else { return false };
        match self.door.hear(&body, None) {
            Err(refusal) => {
                self.down(refusal);
                self.hang_up();
            }
            Ok(heard) => {
                self.down(heard.answer.expect("a hello is answered"));
                let seat = Seat::new(heard.standing.expect("a hello says who it is"), &heard.credit);
                self.seat = Some(self.roster.join(seat));
            }
        }
        true
    }

    fn down(&mut self, body: Vec<u8>) {
        let now = self.now;
        self.received.push(body.clone());
        self.with(|live| live.received(&body, now));
    }

    fn with(&mut self, act: impl FnOnce(&mut Live<'_>) -> Result<(), SyncError>) {
        let Some(live) = &mut self.live else { return };
        if let Err(error) = act(live) {
            self.ended = Some(error);
            self.hang_up();
        }
    }
}

/// Hands over everything that is under way, until nobody has anything to say.
pub fn settle<const N: usize>(mut wired: [&mut Wired<'_>; N]) {
    let mut moving = true;
    while moving {
        moving = false;
        for one in &mut wired {
            while one.step() {
                moving = true;
            }
            one.roster.deliver(&one.door);
        }
    }
}
