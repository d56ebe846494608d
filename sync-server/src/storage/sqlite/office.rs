//! The office's view for decisions, answered from the tables within one transaction.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rusqlite::params;
use satchel_core::domain::absence::Absence;
use satchel_core::domain::authority::{Assignment, ClientAuthority, Department, Device, Grant, Home, User};
use satchel_core::domain::decide::{OfficeView, Proposed, decide, shown_to};
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::Registry;
use satchel_core::domain::merge::Merged;
use satchel_core::domain::order::{Command, Event, Plan, Refusal};
use satchel_core::sync::wire::{Outcome, RehearsalAnswer};

use super::Ledger;
use super::events::{Ordered, homes_of};
use super::sql::*;
use crate::storage::{Session, StorageError};

/// Answers questions and keeps the first trouble, which the pure rules have no place for.
struct View<'l, 'c> {
    ledger: &'l Ledger<'c>,
    trouble: RefCell<Option<StorageError>>,
}

impl View<'_, '_> {
    fn answer<T: Default>(&self, found: Result<T>) -> T {
        found.unwrap_or_else(|error| {
            self.trouble.borrow_mut().get_or_insert(error);
            T::default()
        })
    }
}

impl OfficeView for View<'_, '_> {
    fn user(&self, id: UserId) -> Option<User> {
        self.answer(self.ledger.user_row(id))
    }

    fn department(&self, id: DepartmentId) -> Option<Department> {
        self.answer(self.ledger.department_row(id))
    }

    fn client(&self, id: RecordId) -> Option<ClientAuthority> {
        self.answer(self.ledger.client_row(id))
    }

    fn interaction(&self, id: RecordId) -> Option<Assignment> {
        self.answer(self.ledger.assignment(id))
    }

    fn open_interactions(&self, client: RecordId, assigned: UserId) -> Vec<RecordId> {
        self.answer(self.ledger.open_interactions(client, assigned))
    }

    fn grants(&self, home: Home, user: UserId) -> Vec<Grant> {
        self.answer(self.ledger.own_grants(home, user))
    }

    fn device(&self, id: DeviceId) -> Option<Device> {
        self.answer(self.ledger.device_row(id))
    }

    fn exists(&self, record: RecordId) -> bool {
        self.answer(self.ledger.record_row(record)).is_some()
    }

    fn erasure(&self, record: RecordId) -> Option<(CommandId, DateTime<Utc>)> {
        self.answer(self.ledger.erasure_of(record))
    }

    fn devices_of(&self, user: UserId) -> Vec<Device> {
        self.answer(self.ledger.devices(Some(user)))
    }

    fn proposal(&self, id: ProposalId) -> Option<Proposed> {
        self.answer(self.ledger.proposal_state(id))
    }

    fn applied(&self, id: CommandId) -> Option<(UserId, Vec<Event>)> {
        self.answer(self.ledger.applied(id)).map(|(user, plan)| (user, plan.events))
    }

    fn absence(&self, id: AbsenceId) -> Option<Absence> {
        self.answer(self.ledger.absence(id))
    }

    fn absences_of(&self, person: UserId) -> Vec<Absence> {
        self.answer(self.ledger.absences_of(person))
    }

    fn clients_of(&self, person: UserId) -> Vec<RecordId> {
        self.answer(self.ledger.clients_of(person))
    }

    fn holders(&self, home: Home) -> Vec<(UserId, Grant)> {
        self.answer(self.ledger.holders(home))
    }

    fn merged(&self, client: RecordId) -> Option<Merged> {
        self.answer(self.ledger.merged(client))
    }

    fn came_with(&self, client: RecordId) -> BTreeSet<RecordId> {
        self.answer(self.ledger.came_with(client))
    }

    fn open_of(&self, person: UserId) -> Vec<RecordId> {
        self.answer(self.ledger.open_of(person))
    }
}

impl Ledger<'_> {
    pub(super) fn client_row(&self, id: RecordId) -> Result<Option<ClientAuthority>> {
        self.one(
            "SELECT responsible, department FROM client WHERE org = ?1 AND id = ?2 AND merged_into IS NULL",
            params![self.org, id.bytes()],
            |row| Ok(ClientAuthority { responsible: UserId(uuid(row, 0)?), department: DepartmentId(uuid(row, 1)?) }),
        )
    }

    pub(super) fn assigned(&self, interaction: RecordId) -> Result<Option<UserId>> {
        self.one(
            "SELECT assigned FROM assignment WHERE org = ?1 AND interaction = ?2",
            params![self.org, interaction.bytes()],
            |row| uuid(row, 0).map(UserId),
        )
    }

    pub(super) fn assignment(&self, interaction: RecordId) -> Result<Option<Assignment>> {
        let found = self.one(
            "SELECT a.client, a.assigned, r.open FROM assignment a JOIN record r ON r.org = a.org AND r.id = a.interaction
             WHERE a.org = ?1 AND a.interaction = ?2",
            params![self.org, interaction.bytes()],
            |row| Ok((RecordId(uuid(row, 0)?), UserId(uuid(row, 1)?), row.get::<_, i64>(2)? != 0)),
        )?;
        let Some((client, assigned, open)) = found else { return Ok(None) };
        Ok(Some(Assignment { client, assigned, open, hand_overs: self.hand_overs(interaction)? }))
    }

    pub(super) fn open_interactions(&self, client: RecordId, assigned: UserId) -> Result<Vec<RecordId>> {
        self.all(
            "SELECT a.interaction FROM assignment a JOIN record r ON r.org = a.org AND r.id = a.interaction
             WHERE a.org = ?1 AND a.client = ?2 AND a.assigned = ?3 AND r.open = 1 ORDER BY a.interaction",
            params![self.org, client.bytes(), assigned.bytes()],
            |row| uuid(row, 0).map(RecordId),
        )
    }

    pub(super) fn applied(&self, command: CommandId) -> Result<Option<(UserId, Plan)>> {
        let found = self.one(
            "SELECT account, plan FROM command WHERE org = ?1 AND id = ?2",
            params![self.org, command.bytes()],
            |row| Ok((UserId(uuid(row, 0)?), row.get::<_, Vec<u8>>(1)?)),
        )?;
        found.map(|(user, plan)| Ok((user, from_cbor(&plan)?))).transpose()
    }

    /// The office's decision, nothing applied.
    pub(super) fn decide(
        &self,
        by: UserId,
        command: &Command,
        now: DateTime<Utc>,
    ) -> Result<std::result::Result<Plan, Refusal>> {
        self.viewed(|view| decide(view, by, command, now))
    }

    /// Asks a pure rule about the tables as they stand.
    pub(super) fn viewed<T>(&self, rule: impl FnOnce(&dyn OfficeView) -> T) -> Result<T> {
        let view = View { ledger: self, trouble: RefCell::default() };
        let answer = rule(&view);
        match view.trouble.into_inner() {
            Some(trouble) => Err(trouble),
            None => Ok(answer),
        }
    }

    /// Decides and applies a command, once whatever the number of deliveries.
    pub(super) fn order(
        &self,
        by: Session,
        command: &Command,
        now: DateTime<Utc>,
        registry: &Registry,
    ) -> Result<Outcome> {
        if let Some((author, plan)) = self.applied(command.id)? {
            let mine = author == by.user;
            return Ok(if mine {
                Outcome::Applied(self.shown_to(by.user, plan)?)
            } else {
                Outcome::Refused(Refusal::NotFound.code().to_owned())
            });
        }
        for earlier in &command.builds_on {
            if self.applied(*earlier)?.is_none_or(|(author, _)| author != by.user) {
                return Ok(Outcome::DependsOn(earlier.0));
            }
        }
        let plan = match self.decide(by.user, command, now)? {
            Ok(plan) => plan,
            Err(refusal @ (Refusal::Expected { .. } | Refusal::AbsenceChanged)) => {
                return Ok(Outcome::Confirm(Err(refusal.code().to_owned())));
            }
            Err(refusal) => return Ok(Outcome::Refused(refusal.code().to_owned())),
        };
        let shown = self.shown_to(by.user, plan.clone())?;
        if command.confirmed.as_ref().is_some_and(|confirmed| !confirmed.agrees_with(&shown.mark())) {
            return Ok(Outcome::Confirm(Ok(shown)));
        }
        let ordered = Ordered { by, command: command.id, at: now, cause: command.order.cause() };
        let seq = self.apply(&plan, &ordered, registry)?;
        self.run(
            "INSERT INTO command (org, id, account, applied_at, seq, plan) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![self.org, command.id.bytes(), by.user.bytes(), millis(now), int(seq), cbor(&plan)?],
        )?;
        self.audit(now, (Some(by.user), Some(by.device)), "order_applied", command.id.bytes())?;
        self.touch(by.user, seq)?;
        Ok(Outcome::Applied(shown))
    }

    fn shown_to(&self, by: UserId, plan: Plan) -> Result<Plan> {
        self.viewed(|view| shown_to(view, by, plan))
    }

    /// What a command would do, applied in a transaction that is taken back.
    pub(super) fn rehearse(
        &self,
        by: UserId,
        command: &Command,
        now: DateTime<Utc>,
        registry: &Registry,
    ) -> Result<RehearsalAnswer> {
        let plan = match self.decide(by, command, now)? {
            Ok(plan) => plan,
            Err(refusal) => {
                let (devices, people) = (Vec::new(), Vec::new());
                let plan = Err(refusal.code().to_owned());
                return Ok(RehearsalAnswer { plan, devices, people, refusal: Some(refusal) });
            }
        };
        let shown = self.shown_to(by, plan.clone())?;
        let concerned = people_of(&shown);
        let mut homes = homes_of(&plan);
        homes.extend(homes_to_come(&plan));
        let before = self.seers_of(&homes)?;
        let nobody = DeviceId(uuid::Uuid::nil());
        let by_nobody = Session { user: by, device: nobody };
        let ordered = Ordered { by: by_nobody, command: command.id, at: now, cause: command.order.cause() };
        self.apply(&plan, &ordered, registry)?;
        // A coming absence is shown as what it will bring; the whole transaction is taken back anyway.
        self.begin_early(&plan, registry)?;
        let after = self.seers_of(&homes)?;
        let people = concerned.iter().map(|user| (*user, newly(&before, &after, *user), newly(&after, &before, *user)));
        let people = people.collect();
        let mut devices = self.devices_for(by)?;
        devices.retain(|device| concerned.contains(&device.user) && !device.revoked);
        Ok(RehearsalAnswer { plan: Ok(shown), devices, people, refusal: None })
    }
}

/// Homes a coming absence will show to somebody.
fn homes_to_come(plan: &Plan) -> impl Iterator<Item = Home> {
    plan.events.iter().flat_map(|event| match event {
        Event::AbsenceSet { after, .. } => {
            after.clients.iter().map(|given| Home::Client(given.record)).collect::<Vec<_>>()
        }
        _ => Vec::new(),
    })
}

type Seers = BTreeMap<Home, BTreeSet<UserId>>;

/// How many homes a person sees by `then` that he did not see by `first`.
fn newly(first: &Seers, then: &Seers, user: UserId) -> u32 {
    let sees = |seers: &Seers, home: &Home| seers.get(home).is_some_and(|users| users.contains(&user));
    let n = then.keys().filter(|home| sees(then, home) && !sees(first, home)).count();
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn people_of(plan: &Plan) -> BTreeSet<UserId> {
    let mut people = BTreeSet::new();
    for event in &plan.events {
        match event {
            Event::ClientMoved { from, to, .. }
            | Event::ClientMerged { from, to, .. }
            | Event::InteractionAssigned { from, to, .. } => {
                people.extend([*from, *to]);
            }
            Event::ClientParted { to, .. } => {
                people.insert(*to);
            }
            Event::GrantGiven { user, .. }
            | Event::GrantEnded { user, .. }
            | Event::DeviceRevoked { user, .. }
            | Event::PersonRevoked { user }
            | Event::WipeOrdered { user, .. }
            | Event::WipeWithdrawn { user, .. } => {
                people.insert(*user);
            }
            Event::AbsenceSet { after, .. } => {
                people.insert(after.person);
                people.extend(after.substitutes());
            }
            Event::ErasureOrdered { .. } | Event::ErasureWithdrawn { .. } | Event::ProposalDecided { .. } => {}
        }
    }
    people
}
