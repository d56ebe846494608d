//! What must be true, written from the promises and not from the product: it never asks `domain` who may do what.
//!
//! The oracle watches every request that reaches the server and every answer that leaves it, keeps its own books of
//! who has which client, and objects to whatever does not fit. Where the promises leave several outcomes open it
//! accepts any of them, as long as no edit vanishes and nobody sees what is not his.

mod absences;
mod access;
mod covers;
mod edits;
mod lost;
mod orders;
mod watch;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use satchel_core::domain::ids::*;

use super::tokens::{EditId, Owner, Tokens};

pub use absences::{Away, Stage};
pub use edits::{Fate, Typed};
pub use orders::Effect;
pub use watch::Exchange;

/// What the oracle objects to.
pub type Objection = String;

/// A person, as the office was set up.
#[derive(Clone, Debug)]
pub struct Somebody {
    /// His name in traces.
    pub name: &'static str,
    /// His department.
    pub department: DepartmentId,
    /// Whether he supervises that department. Departments of the simulator have none below them.
    pub supervises: bool,
    /// He has not left.
    pub active: bool,
}

/// A record the server has taken in, or was asked to.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its kind.
    pub kind: String,
    /// The client it belongs to; the client itself for clients, `None` for catalogues.
    pub client: Option<RecordId>,
    /// Who made it.
    pub by: UserId,
    /// True once its creation is merged.
    pub exists: bool,
}

/// A client's place in the office.
#[derive(Clone, Debug)]
pub struct Place {
    /// Who is responsible.
    pub responsible: UserId,
    /// The department it belongs to.
    pub department: DepartmentId,
}

/// An interaction's place in the office.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its client.
    pub client: RecordId,
    /// Who is to do it.
    pub assigned: UserId,
    /// Still to be done.
    pub open: bool,
}

/// Books of one history.
#[derive(Debug)]
pub struct Oracle {
    /// People.
    pub people: BTreeMap<UserId, Somebody>,
    /// Whose the devices are.
    pub devices: BTreeMap<DeviceId, UserId>,
    /// Devices the office has revoked.
    pub revoked: BTreeSet<DeviceId>,
    /// Every record anybody made.
    pub records: BTreeMap<RecordId, Known>,
    /// Clients.
    pub clients: BTreeMap<RecordId, Place>,
    /// Interactions.
    pub tasks: BTreeMap<RecordId, Task>,
    /// Random words.
    pub tokens: Tokens,
    edits: Vec<edits::Entry>,
    /// Records whose personal values were erased.
    pub erased: BTreeSet<RecordId>,
    /// Edits that were taken in after an erasure: it did not touch them.
    written_anew: BTreeSet<EditId>,
    /// Orders to empty devices.
    pub wipes: BTreeMap<DeviceId, lost::Emptying>,
    /// Absences.
    pub absences: BTreeMap<AbsenceId, Away>,
    grants: Vec<access::Given>,
    known_at_contact: HashMap<DeviceId, EditId>,
    ends: HashMap<(UserId, RecordId), Vec<access::End>>,
    told: HashMap<(DeviceId, RecordId, u64), usize>,
    acknowledged: HashMap<(DeviceId, RecordId), usize>,
    ever_seen: BTreeSet<(UserId, RecordId)>,
    judged: HashMap<GroupId, String>,
    applied: HashMap<CommandId, (UserId, Vec<Effect>)>,
    bundles: Vec<edits::Bundle>,
    at: DateTime<Utc>,
    /// What has been objected to so far.
    pub objections: Vec<Objection>,
    /// How often what happened, to show that histories are not empty.
    pub counts: BTreeMap<&'static str, usize>,
}

impl Oracle {
    /// Empty books of an office.
    #[must_use]
    pub fn new(people: BTreeMap<UserId, Somebody>, at: DateTime<Utc>) -> Self {
        Self {
            people,
            devices: BTreeMap::new(),
            revoked: BTreeSet::new(),
            records: BTreeMap::new(),
            clients: BTreeMap::new(),
            tasks: BTreeMap::new(),
            tokens: Tokens::default(),
            edits: Vec::new(),
            erased: BTreeSet::new(),
            written_anew: BTreeSet::new(),
            wipes: BTreeMap::new(),
            absences: BTreeMap::new(),
            grants: Vec::new(),
            known_at_contact: HashMap::new(),
            ends: HashMap::new(),
            told: HashMap::new(),
            acknowledged: HashMap::new(),
            ever_seen: BTreeSet::new(),
            judged: HashMap::new(),
            applied: HashMap::new(),
            bundles: Vec::new(),
            at,
            objections: Vec::new(),
            counts: BTreeMap::new(),
        }
    }

    /// Counts something that happened.
    pub fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// Notes something that must not be.
    pub fn object(&mut self, what: impl Into<String>) {
        self.objections.push(what.into());
    }

    /// A person's name in traces.
    #[must_use]
    pub fn name(&self, user: UserId) -> &'static str {
        self.people.get(&user).map_or("nobody", |one| one.name)
    }

    /// Records this person sees now.
    #[must_use]
    pub fn visible_to(&self, user: UserId, now: DateTime<Utc>) -> BTreeSet<RecordId> {
        let seen = self.records.iter().filter(|(_, known)| known.exists && self.sees(user, known.client, now));
        seen.map(|(id, _)| *id).collect()
    }

    /// Whether a person may have words of a record on his device: he sees the client it belongs to.
    #[must_use]
    pub fn may_know(&self, user: UserId, record: RecordId, now: DateTime<Utc>) -> bool {
        self.records.get(&record).is_some_and(|known| self.sees(user, known.client, now))
    }

    /// The record a token's words stand in.
    #[must_use]
    pub fn record_of(&self, owner: Owner) -> Option<RecordId> {
        match owner {
            Owner::Record(record) => Some(record),
            Owner::Edit(edit) => self.edits.get(edit)?.typed.as_ref().map(|typed| typed.record),
        }
    }
}
