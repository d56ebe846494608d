//! Absences: kept, begun and ended by the clock, told to those whose business they are.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::params;
use satchel_core::domain::absence::{Absence, Stage};
use satchel_core::domain::authority::{Cause, Home};
use satchel_core::domain::cover;
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::Registry;
use satchel_core::domain::order::{Event, Plan};
use satchel_core::sync::wire::AbsenceState;

use super::Ledger;
use super::events::Ordered;
use super::sql::*;
use crate::pull::sight::Spell;
use crate::storage::Session;

impl Ledger<'_> {
    pub(super) fn absence(&self, id: AbsenceId) -> Result<Option<Absence>> {
        let found =
            self.one("SELECT body FROM absence WHERE org = ?1 AND id = ?2", params![self.org, id.bytes()], |row| {
                row.get::<_, Vec<u8>>(0)
            })?;
        found.map(|body| from_cbor(&body)).transpose()
    }

    /// Absences of a person that are not over or taken back.
    pub(super) fn absences_of(&self, person: UserId) -> Result<Vec<Absence>> {
        let bodies = self.all(
            "SELECT body FROM absence WHERE org = ?1 AND account = ?2 AND stage <= ?3 ORDER BY id",
            params![self.org, person.bytes(), stage_code(Stage::Running)],
            |row| row.get::<_, Vec<u8>>(0),
        )?;
        bodies.iter().map(|body| from_cbor(body)).collect()
    }

    /// All of them.
    pub(super) fn absences(&self) -> Result<Vec<Absence>> {
        let bodies = self
            .all("SELECT body FROM absence WHERE org = ?1 ORDER BY id", [self.org], |row| row.get::<_, Vec<u8>>(0))?;
        bodies.iter().map(|body| from_cbor(body)).collect()
    }

    pub(super) fn clients_of(&self, person: UserId) -> Result<Vec<RecordId>> {
        self.all(
            "SELECT id FROM client WHERE org = ?1 AND responsible = ?2 AND merged_into IS NULL ORDER BY id",
            params![self.org, person.bytes()],
            |row| uuid(row, 0).map(RecordId),
        )
    }

    pub(super) fn open_of(&self, person: UserId) -> Result<Vec<RecordId>> {
        self.all(
            "SELECT a.interaction FROM assignment a JOIN record r ON r.org = a.org AND r.id = a.interaction
             WHERE a.org = ?1 AND a.assigned = ?2 AND r.open = 1 ORDER BY a.interaction",
            params![self.org, person.bytes()],
            |row| uuid(row, 0).map(RecordId),
        )
    }

    /// Absences the clock has to turn, the one due first first.
    pub(super) fn absences_due(&self, now: DateTime<Utc>) -> Result<Vec<AbsenceId>> {
        self.all(
            "SELECT id FROM absence WHERE org = ?1 AND due_at IS NOT NULL AND due_at <= ?2 ORDER BY due_at, id",
            params![self.org, millis(now)],
            |row| uuid(row, 0).map(AbsenceId),
        )
    }

    /// Begins or ends an absence where its time has come: one transaction (rule 16).
    pub(super) fn turn_absence(&self, id: AbsenceId, now: DateTime<Utc>, registry: &Registry) -> Result<()> {
        let Some(held) = self.absence(id)? else { return Ok(()) };
        let Some(plan) = self.viewed(|view| cover::turn(view, &held, now))? else { return Ok(()) };
        self.apply_for(&held, &plan, now, registry)
    }

    /// Begins the coming absences of a plan at once, to see what they will bring.
    pub(super) fn begin_early(&self, plan: &Plan, registry: &Registry) -> Result<()> {
        for event in &plan.events {
            if let Event::AbsenceSet { after, .. } = event
                && after.stage == Stage::Coming
                && let Some(begun) = self.viewed(|view| cover::turn(view, after, after.from))?
            {
                self.apply_for(after, &begun, after.from, registry)?;
            }
        }
        Ok(())
    }

    /// Carries out what follows from an absence in the name of whoever recorded it.
    fn apply_for(&self, absence: &Absence, plan: &Plan, at: DateTime<Utc>, registry: &Registry) -> Result<()> {
        let nobody = DeviceId(uuid::Uuid::nil());
        let by = Session { user: absence.by, device: nobody };
        // Begun as it was ordered; what ends by itself was ordered by nobody.
        let reason = if absence.is_for_good() { absence.reason.clone() } else { String::new() };
        let cause = match absence.stage {
            Stage::Coming => Cause { order: "record_absence".to_owned(), reason },
            _ => Cause::default(),
        };
        self.apply(plan, &Ordered { by, command: absence.command, at, cause }, registry).map(|_| ())
    }

    /// Keeps an absence as it stands and touches everybody whose business it is or was.
    pub(super) fn set_absence(&self, before: Option<&Absence>, after: &Absence, seq: u64) -> Result<()> {
        self.run(
            "INSERT INTO absence (org, id, account, stage, due_at, changed_seq, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (org, id) DO UPDATE SET stage = ?4, due_at = ?5, changed_seq = ?6, body = ?7",
            params![
                self.org,
                after.id.bytes(),
                after.person.bytes(),
                stage_code(after.stage),
                after.due().map(millis),
                int(seq),
                cbor(after)?
            ],
        )?;
        let mut people: BTreeSet<UserId> = self.audience(after)?;
        if let Some(before) = before {
            people.extend(self.audience(before)?);
        }
        for person in people {
            self.run(
                "INSERT OR IGNORE INTO absence_told (org, absence, account) VALUES (?1, ?2, ?3)",
                params![self.org, after.id.bytes(), person.bytes()],
            )?;
            self.touch_authority(person, seq)?;
        }
        Ok(())
    }

    /// Whose business an absence is (rule 4): his own, of those who stand in, of those who supervise him.
    fn audience(&self, absence: &Absence) -> Result<BTreeSet<UserId>> {
        let mut people: BTreeSet<UserId> = absence.substitutes().into_iter().collect();
        people.insert(absence.person);
        if let Some(person) = self.user_row(absence.person)? {
            people.extend(self.supervisors(person.department)?);
        }
        Ok(people)
    }

    /// What a person is told of absences that changed after a transaction.
    pub(super) fn absences_for(&self, user: UserId, after: Option<u64>) -> Result<Vec<AbsenceState>> {
        let bodies = self.all(
            "SELECT body FROM absence WHERE org = ?1 AND changed_seq > ?2 AND (?3 OR stage <= ?4) ORDER BY id",
            params![self.org, after.map_or(-1, int), after.is_some(), stage_code(Stage::Running)],
            |row| row.get::<_, Vec<u8>>(0),
        )?;
        let mut states = Vec::new();
        for body in bodies {
            let absence: Absence = from_cbor(&body)?;
            states.extend(self.absence_for(user, absence, after.is_some())?);
        }
        Ok(states)
    }

    fn absence_for(&self, user: UserId, mut absence: Absence, known: bool) -> Result<Option<AbsenceState>> {
        let person = self.user_row(absence.person)?;
        let over = match person {
            Some(person) => self.supervisors(person.department)?.contains(&user),
            None => false,
        };
        let stands_in = absence.is_alive() && absence.substitutes().contains(&user);
        let whole = over || absence.person == user;
        let withdrawn = absence.stage == Stage::Withdrawn;
        if withdrawn || !(whole || stands_in) {
            absence.reason.clear();
            absence.clients.clear();
            absence.interactions.clear();
            let told = known && self.was_told(user, absence.id)?;
            return Ok(told.then_some(AbsenceState { absence, stands_in: false, gone: true }));
        }
        if !whole {
            // His own grants say what he stands in for; why the colleague is away is nobody's business.
            absence.reason.clear();
            absence.clients.clear();
            absence.interactions.clear();
            return Ok(Some(AbsenceState { absence, stands_in, gone: false }));
        }
        // Not even the id of a client goes to somebody who does not see it (VIS-1).
        let mut seen = Vec::new();
        for given in std::mem::take(&mut absence.clients) {
            if self.sees_home(user, Home::Client(given.record))? {
                seen.push(given);
            }
        }
        absence.clients = seen;
        let mut seen = Vec::new();
        for given in std::mem::take(&mut absence.interactions) {
            if let Some(task) = self.assignment(given.record)?
                && self.sees_home(user, Home::Client(task.client))?
            {
                seen.push(given);
            }
        }
        absence.interactions = seen;
        Ok(Some(AbsenceState { absence, stands_in, gone: false }))
    }

    fn was_told(&self, user: UserId, absence: AbsenceId) -> Result<bool> {
        let told = self.one(
            "SELECT 1 FROM absence_told WHERE org = ?1 AND absence = ?2 AND account = ?3",
            params![self.org, absence.bytes(), user.bytes()],
            |_| Ok(()),
        )?;
        Ok(told.is_some())
    }

    fn sees_home(&self, user: UserId, home: Home) -> Result<bool> {
        Ok(self.spells(user, home)?.iter().any(Spell::is_open))
    }
}

fn stage_code(stage: Stage) -> i64 {
    match stage {
        Stage::Coming => 0,
        Stage::Running => 1,
        Stage::Over => 2,
        Stage::Withdrawn => 3,
    }
}
