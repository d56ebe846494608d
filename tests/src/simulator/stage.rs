//! The office a history plays in: who sits at which device, and the oracle that looks on.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::Duration;
use rand::Rng;
use satchel_core::domain::clock::Clock;
use satchel_core::domain::ids::*;
use satchel_core::sync::device::{SyncError, lost};
use satchel_core::sync::wire::paths;

use super::oracle::{Exchange, Oracle, Somebody};
use super::tokens::{EditId, Owner};
use crate::generator::Dice;
use crate::harness::{Cast, Device, Moment, Office, PASSWORD};

/// The seat of the supervisor of the north, who is there in every history.
pub const OLENA: usize = 3;
/// Most devices of one history.
const MOST_DEVICES: usize = 12;

/// Everything a history needs.
pub struct Stage {
    /// What the history repeats from.
    pub seed: u64,
    /// The office.
    pub office: Office,
    /// Devices in use.
    pub seats: Vec<Seat>,
    /// All that is random.
    pub dice: Dice,
    /// What was done.
    pub trace: Vec<String>,
    /// Edits of each group, as long as the group has that id.
    pub groups: HashMap<GroupId, Vec<EditId>>,
    oracle: Arc<Mutex<Oracle>>,
    aloud: bool,
}

/// A device and what is to become of it in mid-sync.
pub struct Seat {
    /// Whose and which, for traces.
    pub name: &'static str,
    /// The device.
    pub device: Device,
    /// A backup of its disk, with the number of the edit that was typed next.
    pub backup: Option<(PathBuf, EditId)>,
    /// It was emptied: nobody uses it any more.
    pub empty: bool,
    /// Set to have the disk copied after so many more requests.
    trap: Arc<Mutex<Trap>>,
}

#[derive(Default)]
struct Trap {
    after: Option<usize>,
    caught: Option<PathBuf>,
    interjection: Option<Interjection>,
}

/// Something its person does while the device is in the middle of a sync; done once, between a request and its answer.
pub type Interjection = Box<dyn FnOnce(&mut Oracle) + Send>;

impl Stage {
    /// An office with two reps and a supervisor in one department, a rep and a supervisor in another, and four to twelve
    /// devices, some with a watch that is wrong.
    #[must_use]
    pub fn set(seed: u64, dice: Dice, aloud: bool) -> Self {
        let office = Office::for_simulation(seed);
        let cast = &office.cast;
        let people = [
            (cast.anna, "anna", cast.north, false),
            (cast.bohdan, "bohdan", cast.north, false),
            (cast.olena, "olena", cast.north, true),
            (cast.taras, "taras", cast.south, false),
            (cast.maria, "maria", cast.south, true),
        ];
        let people: BTreeMap<UserId, Somebody> = people
            .into_iter()
            .map(|(id, name, department, supervises)| (id, Somebody { name, department, supervises, active: true }))
            .collect();
        let oracle = Arc::new(Mutex::new(Oracle::new(people, office.clock.now())));
        let mut stage =
            Self { seed, office, seats: Vec::new(), dice, trace: Vec::new(), groups: HashMap::new(), oracle, aloud };
        let Cast { anna, bohdan, olena, taras, maria, .. } = stage.office.cast;
        let seats: [(&'static str, UserId); MOST_DEVICES] = [
            ("anna's phone", anna),
            ("anna's laptop", anna),
            ("bohdan's", bohdan),
            ("olena's", olena),
            ("taras's", taras),
            ("maria's", maria),
            ("bohdan's laptop", bohdan),
            ("olena's phone", olena),
            ("taras's tablet", taras),
            ("anna's tablet", anna),
            ("bohdan's old phone", bohdan),
            ("maria's phone", maria),
        ];
        // Mostly few: what goes wrong goes wrong between two or three, and small histories are quick.
        let n = match stage.dice.random_range(0..10u32) {
            0..6 => OLENA + 1,
            6..9 => stage.dice.random_range(OLENA + 2..=7),
            _ => stage.dice.random_range(8..=MOST_DEVICES),
        };
        for (name, user) in &seats[..n] {
            stage.seat(name, *user);
        }
        stage
    }

    fn seat(&mut self, name: &'static str, user: UserId) {
        let mut device = self.office.device(user, name);
        if self.dice.random_bool(0.15) {
            let minutes = self.dice.random_range(-40 * 24 * 60..40 * 24 * 60);
            self.note(format!("{name}: the watch is {minutes} minutes wrong"));
            device.skew(Duration::minutes(minutes));
        }
        if self.dice.random_bool(0.5) {
            let least = self.dice.random_range(2..=4);
            device.store().fold_from(least).expect("a new database takes a number");
        }
        let id = device.id;
        self.books().devices.insert(id, user);
        let trap = Arc::new(Mutex::new(Trap::default()));
        let seat = Seat { name, device, backup: None, empty: false, trap };
        self.seats.push(seat);
        self.watch(self.seats.len() - 1);
    }

    /// Looks on at a device's line. To be called again whenever the disk has moved.
    pub fn watch(&self, idx: usize) {
        let seat = &self.seats[idx];
        let (oracle, trap, id) = (self.oracle.clone(), seat.trap.clone(), seat.device.id);
        let (path, line) = (seat.device.path().to_owned(), Arc::downgrade(&seat.device.line));
        seat.device.line.watch(Some(Arc::new(move |moment| {
            let Moment::After(recorded) = moment else { return };
            if [paths::SYNC, paths::WIPE].contains(&recorded.path.as_str()) {
                let exchange = Exchange {
                    device: id,
                    at: recorded.at,
                    sent: recorded.sent.clone(),
                    received: recorded.received.clone(),
                };
                match recorded.path.as_str() {
                    paths::SYNC => locked(&oracle).watch(&exchange),
                    _ => locked(&oracle).watch_last_words(&exchange),
                }
            }
            let mut trap = locked(&trap);
            if let Some(interjection) = trap.interjection.take() {
                interjection(&mut locked(&oracle));
            }
            match trap.after {
                Some(0) => {
                    trap.after = None;
                    trap.caught = Some(crate::harness::snapshot_of(&path));
                    if let Some(line) = line.upgrade() {
                        line.unplug();
                    }
                }
                Some(n) => trap.after = Some(n - 1),
                None => {}
            }
        })));
    }

    /// Whether somebody is a supervisor.
    #[must_use]
    pub fn supervises(&self, user: UserId) -> bool {
        self.books().people.get(&user).is_some_and(|one| one.supervises)
    }

    /// Whether whoever sits at a device sees a client no more.
    #[must_use]
    pub fn has_left(&self, idx: usize, client: Option<RecordId>) -> bool {
        let (user, now) = (self.seats[idx].device.user, self.office.now());
        client.is_some_and(|client| !self.books().may_know(user, client, now))
    }

    /// The seat of one of the supervisors.
    pub fn any_supervisor(&mut self) -> usize {
        let seats: Vec<usize> =
            (0..self.seats.len()).filter(|idx| self.supervises(self.seats[*idx].device.user)).collect();
        seats[self.dice.random_range(0..seats.len())]
    }

    /// The oracle's books.
    pub fn books(&self) -> MutexGuard<'_, Oracle> {
        locked(&self.oracle)
    }

    /// A new token.
    pub fn mint(&mut self, owner: Owner) -> String {
        locked(&self.oracle).tokens.mint(owner, &mut self.dice)
    }

    /// Notes what is being done.
    pub fn note(&mut self, what: String) {
        if self.aloud {
            println!("{:>4}  {what}", self.trace.len());
        }
        self.trace.push(what);
    }

    /// One contact of a device with the office; the password is given where it is asked for.
    pub fn sync(&mut self, idx: usize) -> bool {
        if self.seats[idx].empty {
            return false;
        }
        let outcome = self.seats[idx].device.try_sync();
        let outcome = match outcome {
            Err(SyncError::SignedOut) => {
                self.books().count("signed in again");
                let signed_in = self.seats[idx].device.sign_in(PASSWORD);
                match signed_in {
                    Ok(()) => self.seats[idx].device.try_sync(),
                    Err(error) => Err(error),
                }
            }
            other => other,
        };
        let name = self.seats[idx].name;
        match outcome {
            Ok(_) => true,
            Err(SyncError::Net(_)) => false,
            Err(SyncError::Revoked) => {
                let id = self.seats[idx].device.id;
                if !self.books().revoked.contains(&id) {
                    self.books().object(format!("{name} device was told that it is revoked, and it is not"));
                }
                self.last_words(idx);
                false
            }
            Err(error) => {
                let chain = format!("{:#}", anyhow::Error::from(error));
                self.books().object(format!("{name} device could not sync: {chain}"));
                false
            }
        }
    }

    /// A device whose rights have ended hears what is to become of it, and does it.
    fn last_words(&mut self, idx: usize) {
        let (now, device) = (self.office.now(), &self.seats[idx].device);
        match device.last_words() {
            Ok(lost::Fate::Wipe(wiped)) => {
                // What it was is gone; a lost answer makes it say so again.
                let said = lost::confirm(&*device.line, &wiped).is_ok() || lost::confirm(&*device.line, &wiped).is_ok();
                if said {
                    let id = device.id;
                    self.books().emptied(id, now);
                    self.seats[idx].empty = true;
                }
            }
            Ok(lost::Fate::SignsIn) => self.books().object("a revoked device may sign in"),
            Ok(lost::Fate::Stays | lost::Fate::Waits(_)) | Err(SyncError::Net(_)) => {}
            Err(error) => self.books().object(format!("last words failed: {error}")),
        }
    }

    /// A contact during which its person goes on working.
    pub fn sync_meanwhile(&mut self, idx: usize, interjection: Interjection) {
        locked(&self.seats[idx].trap).interjection = Some(interjection);
        self.sync(idx);
        locked(&self.seats[idx].trap).interjection = None;
    }

    /// Kills a device in mid-sync: after `n` requests it wakes up with the disk it had then.
    pub fn kill_in_sync(&mut self, idx: usize, n: usize) {
        locked(&self.seats[idx].trap).after = Some(n);
        self.sync(idx);
        let caught = {
            let mut trap = locked(&self.seats[idx].trap);
            trap.after = None;
            trap.caught.take()
        };
        if let Some(disk) = caught {
            self.seats[idx].device.wake_from(disk);
            self.seats[idx].device.online();
            self.watch(idx);
            self.books().count("killed in sync");
        }
    }

    /// Devices whose rights have not ended.
    #[must_use]
    pub fn living(&self) -> Vec<usize> {
        let revoked = self.books().revoked.clone();
        (0..self.seats.len()).filter(|idx| !revoked.contains(&self.seats[*idx].device.id)).collect()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
