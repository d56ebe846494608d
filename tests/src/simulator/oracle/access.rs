//! Who sees which client, by the words of the promises: the responsible person, his supervisors, and for a while the
//! colleague an interaction was handed to.

use chrono::{DateTime, Utc};
use satchel_core::domain::ids::*;

use super::{Oracle, Place, Task};

/// How much somebody may do with a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum May {
    /// See it, make interactions, work on his own.
    Add,
    /// Everything.
    Write,
}

/// For what sake a colleague sees a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// One interaction is his to do.
    Task(RecordId),
    /// He stands in for somebody who is away.
    Cover(AbsenceId),
}

/// A colleague sees a client for a while.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub user: UserId,
    pub client: RecordId,
    pub why: Why,
    pub may: May,
    /// An absence may be open.
    pub until: Option<DateTime<Utc>>,
}

impl Given {
    fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

/// How somebody lost a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub may: May,
    pub by_somebody: bool,
}

/// What the promises say must become of an edit that arrives now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// Merged.
    Accepted,
    /// Kept as a proposal.
    SetAside,
    /// Refused.
    Refused,
    /// Anything but merged.
    NotAccepted,
    /// The promises leave it open; it only must not vanish.
    Open,
}

impl Oracle {
    pub(super) fn sees(&self, user: UserId, client: Option<RecordId>, now: DateTime<Utc>) -> bool {
        client.is_none_or(|client| self.may(user, client, now).is_some())
    }

    pub(super) fn may(&self, user: UserId, client: RecordId, now: DateTime<Utc>) -> Option<May> {
        let place = self.clients.get(&client)?;
        if place.responsible == user || self.supervises(user, place.department) {
            return Some(May::Write);
        }
        let given = self.grants.iter().filter(|one| one.user == user && one.client == client && !one.is_over(now));
        given.map(|one| one.may).max()
    }

    pub(super) fn supervises(&self, user: UserId, department: DepartmentId) -> bool {
        self.people.get(&user).is_some_and(|one| one.supervises && one.department == department)
    }

    /// Whoever decides on late edits of a client.
    pub(super) fn decides(&self, user: UserId, client: RecordId) -> bool {
        if let Some(place) = self.clients.get(&client) {
            return place.responsible == user || self.supervises(user, place.department);
        }
        // What a lost device made of a client that is nowhere else is for its author and those who supervise him.
        let author = self.records.get(&client).map(|known| known.by);
        let department = author.and_then(|author| self.people.get(&author)).map(|one| one.department);
        author == Some(user) || department.is_some_and(|department| self.supervises(user, department))
    }

    /// Lets the clock's work be done: what has run out by itself ends.
    pub fn run_out(&mut self, now: DateTime<Utc>) {
        self.at = now;
        // Absences first: what ends with them goes back.
        self.turn_absences(now);
        let (over, left): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.grants).into_iter().partition(|one| one.is_over(now));
        self.grants = left;
        for one in over {
            self.end(one.user, one.client, one.may, false);
            self.count("grant ran out");
        }
    }

    /// Whether a device has said that it purged anything.
    #[must_use]
    pub fn has_purged(&self, device: DeviceId) -> bool {
        self.acknowledged.keys().any(|(other, _)| *other == device)
    }

    /// Gives somebody sight of a client; for the same reason anew it only lasts longer or shorter.
    pub(super) fn give(&mut self, given: Given) {
        self.ever_seen.insert((given.user, given.client));
        self.grants.retain(|one| (one.user, one.client, one.why) != (given.user, given.client, given.why));
        self.grants.push(given);
    }

    /// Takes the colleague's view of the client away; until when he had it, where he did.
    pub(super) fn take(&mut self, user: UserId, interaction: RecordId) -> Option<DateTime<Utc>> {
        let client = self.tasks.get(&interaction)?.client;
        self.take_reason(user, client, Why::Task(interaction), true)
    }

    /// Takes a reason away; `by_somebody` where it did not run out by itself.
    pub(super) fn take_reason(
        &mut self,
        user: UserId,
        client: RecordId,
        why: Why,
        by_somebody: bool,
    ) -> Option<DateTime<Utc>> {
        let held = |one: &Given| one.user == user && one.client == client && one.why == why;
        let at = self.grants.iter().position(held)?;
        let given = self.grants.remove(at);
        self.end(user, client, given.may, by_somebody);
        Some(given.until.unwrap_or(DateTime::<Utc>::MAX_UTC))
    }

    /// What somebody is still to do for a client.
    pub(super) fn open_tasks(&self, client: RecordId, assigned: UserId) -> Vec<RecordId> {
        let open = |task: &Task| task.client == client && task.open && task.assigned == assigned;
        self.tasks.iter().filter(|(_, task)| open(task)).map(|(id, _)| *id).collect()
    }

    /// Somebody's rights end, with all his devices'.
    pub(super) fn leave(&mut self, user: UserId) {
        if let Some(person) = self.people.get_mut(&user) {
            person.active = false;
        }
        let his: Vec<DeviceId> =
            self.devices.iter().filter(|(_, owner)| **owner == user).map(|(device, _)| *device).collect();
        self.revoked.extend(his);
    }

    pub(super) fn end(&mut self, user: UserId, client: RecordId, may: May, by_somebody: bool) {
        self.ends.entry((user, client)).or_default().push(End { may, by_somebody });
    }

    /// A client comes into being with its creator responsible.
    pub(super) fn open_client(&mut self, client: RecordId, by: UserId) {
        let Some(department) = self.people.get(&by).map(|one| one.department) else { return };
        self.clients.insert(client, Place { responsible: by, department });
        self.note_seers(client);
    }

    pub(super) fn open_task(&mut self, interaction: RecordId, client: RecordId, by: UserId, open: bool) {
        self.tasks.insert(interaction, Task { client, assigned: by, open });
    }

    /// Moves a client: the new person has it in the same instant in which the old one loses it.
    pub(super) fn hand_client(&mut self, client: RecordId, to: UserId) {
        let Some(department) = self.people.get(&to).map(|one| one.department) else { return };
        let Some(old) = self.clients.insert(client, Place { responsible: to, department }) else { return };
        self.end(old.responsible, client, May::Write, true);
        let bosses: Vec<UserId> =
            self.people.keys().copied().filter(|one| self.supervises(*one, old.department)).collect();
        for boss in bosses {
            if !self.supervises(boss, department) {
                self.end(boss, client, May::Write, true);
            }
        }
        self.note_seers(client);
    }

    fn note_seers(&mut self, client: RecordId) {
        let seers: Vec<UserId> =
            self.people.keys().copied().filter(|one| self.may(*one, client, self.at).is_some()).collect();
        self.ever_seen.extend(seers.into_iter().map(|user| (user, client)));
    }

    /// Whether a device's user once saw a client for a while, and the while was over.
    pub(super) fn ran_out_by_itself(&self, device: DeviceId, client: RecordId) -> bool {
        let ends = self.devices.get(&device).and_then(|user| self.ends.get(&(*user, client)));
        ends.is_some_and(|ends| ends.iter().any(|end| !end.by_somebody))
    }

    /// What must become of an edit that needs `needed` in a client and comes from a device.
    pub(super) fn expected(&self, device: DeviceId, client: RecordId, needed: May, now: DateTime<Utc>) -> Expected {
        let Some(user) = self.devices.get(&device).copied() else { return Expected::Refused };
        let has = self.may(user, client, now);
        if has.is_some_and(|has| has >= needed) {
            return Expected::Accepted;
        }
        let none = Vec::new();
        let ends = self.ends.get(&(user, client)).unwrap_or(&none);
        let acknowledged = self.acknowledged.get(&(device, client)).copied().unwrap_or(0).min(ends.len());
        let late: Vec<&End> = ends[acknowledged..].iter().filter(|end| end.may >= needed).collect();
        if has.is_some() {
            // He still sees the client for another reason; whatever he lost above that was taken from him.
            return if late.iter().any(|end| !end.by_somebody) { Expected::Open } else { Expected::NotAccepted };
        }
        match (late.iter().any(|end| end.by_somebody), late.iter().any(|end| !end.by_somebody)) {
            (true, false) => Expected::SetAside,
            (false, true) => Expected::Accepted,
            (true, true) => Expected::Open,
            (false, false) if acknowledged > 0 => Expected::Refused,
            (false, false) => Expected::NotAccepted,
        }
    }
}
