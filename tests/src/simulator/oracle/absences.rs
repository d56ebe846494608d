//! Absences, by the words of the issue: colleagues stand in from one moment to another by the server's clock, whoever
//! is away keeps what he sees, what is still open returns, and of a dismissal nothing does (rules 15, 16, 20).
//!
//! An absence is in force or not; every order and the clock lead from what was in force to what is.

use chrono::{DateTime, Utc};
use satchel_core::domain::ids::*;

use super::Oracle;

/// How far an absence has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It has not begun.
    Coming,
    /// Colleagues stand in.
    Running,
    /// Over, or taken back.
    Ended,
}

/// Clients or interactions, each with who stands in.
type StandIns = Vec<(RecordId, UserId)>;

/// Somebody is away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Away {
    /// Who.
    pub person: UserId,
    /// The first moment.
    pub from: DateTime<Utc>,
    /// The first moment he is back.
    pub until: Option<DateTime<Utc>>,
    /// A dismissal.
    pub for_good: bool,
    /// How far it has come.
    pub stage: Stage,
    /// How often somebody changed it.
    pub revision: u32,
    /// Clients with who stands in.
    pub clients: StandIns,
    /// Planned interactions with who does them.
    pub tasks: StandIns,
}

impl Away {
    pub(super) fn in_force(&self) -> (StandIns, StandIns) {
        if self.stage == Stage::Running { (self.clients.clone(), self.tasks.clone()) } else { Default::default() }
    }

    fn meets(&self, from: DateTime<Utc>, until: Option<DateTime<Utc>>) -> bool {
        until.is_none_or(|until| self.from < until) && self.until.is_none_or(|ends| from < ends)
    }
}

/// What became of an absence by an order, to be taken back.
pub type Turned = (AbsenceId, Option<Away>, Away);

impl Oracle {
    /// The clock's work: what is due begins and ends.
    pub(super) fn turn_absences(&mut self, now: DateTime<Utc>) {
        let due = |away: &Away| match away.stage {
            Stage::Coming => Some(away.from),
            Stage::Running => away.until,
            Stage::Ended => None,
        };
        let mut all: Vec<(DateTime<Utc>, AbsenceId)> = self
            .absences
            .iter()
            .filter_map(|(id, away)| Some((due(away)?, *id)))
            .filter(|(at, _)| *at <= now)
            .collect();
        all.sort();
        for (_, id) in all {
            let before = self.absences[&id].clone();
            let mut after = before.clone();
            // Nobody was in touch from beginning to end: nobody has stood in.
            let over = before.until.is_some_and(|until| until <= now);
            after.stage = if over { Stage::Ended } else { Stage::Running };
            self.count(if over { "absences over by the clock" } else { "absences begun by the clock" });
            self.rearrange(id, Some(&before), after, false, now);
        }
    }

    pub(super) fn record_absence(
        &mut self,
        by: UserId,
        id: AbsenceId,
        mut new: Away,
        apply: bool,
        now: DateTime<Utc>,
    ) -> Option<Turned> {
        let department = self.people.get(&new.person).filter(|one| one.active)?.department;
        let himself = new.for_good && new.person == by;
        if !self.supervises(by, department) || himself || self.absences.contains_key(&id) {
            return None;
        }
        self.fits(id, &new, now)?;
        let asked = new.clients.len() + new.tasks.len() > 0;
        self.prune(by, None, &mut new);
        if asked && new.clients.is_empty() && new.tasks.is_empty() {
            return None;
        }
        // What was to be handed over at once and is no longer his counts for nothing either.
        if apply {
            self.count("absences");
        }
        self.set_absence(id, None, new, apply, now)
    }

    pub(super) fn change_absence(
        &mut self,
        by: UserId,
        id: AbsenceId,
        wanted: Away,
        apply: bool,
        now: DateTime<Utc>,
    ) -> Option<Turned> {
        let held = self.supervised(by, id)?;
        if held.stage == Stage::Ended || held.revision != wanted.revision {
            return None;
        }
        let from = if held.stage == Stage::Coming { wanted.from } else { held.from };
        let mut after = Away { from, revision: held.revision + 1, ..wanted };
        after.person = held.person;
        after.for_good = held.for_good;
        self.fits(id, &after, now)?;
        self.prune(by, Some(&held), &mut after);
        self.set_absence(id, Some(held), after, apply, now)
    }

    pub(super) fn end_absence(&mut self, by: UserId, id: AbsenceId, apply: bool, now: DateTime<Utc>) -> Option<Turned> {
        let held = self.supervised(by, id)?;
        if held.for_good || held.stage != Stage::Running {
            return None;
        }
        let after = Away { stage: Stage::Ended, until: Some(now), revision: held.revision + 1, ..held.clone() };
        if apply {
            self.rearrange(id, Some(&held), after.clone(), false, now);
        }
        Some((id, Some(held), after))
    }

    pub(super) fn withdraw_absence(
        &mut self,
        by: UserId,
        id: AbsenceId,
        apply: bool,
        now: DateTime<Utc>,
    ) -> Option<Turned> {
        let held = self.supervised(by, id)?;
        if held.stage == Stage::Ended {
            return None;
        }
        let after = Away { stage: Stage::Ended, revision: held.revision + 1, ..held.clone() };
        if apply {
            self.rearrange(id, Some(&held), after.clone(), true, now);
        }
        Some((id, Some(held), after))
    }

    /// Takes back what an order did to an absence, where nobody has changed it since.
    pub(super) fn undo_absence(
        &mut self,
        by: UserId,
        (id, before, after): Turned,
        apply: bool,
        now: DateTime<Utc>,
    ) -> Option<Turned> {
        let held = self.supervised(by, id)?;
        if held.revision != after.revision {
            return None;
        }
        let Some(before) = before else { return self.withdraw_absence(by, id, apply, now) };
        let finished = held.for_good && self.people.get(&held.person).is_some_and(|one| !one.active);
        if finished || before.until.is_some_and(|until| until <= now) {
            return None;
        }
        let mut again = Away { revision: held.revision + 1, ..before };
        self.prune(by, Some(&held), &mut again);
        self.set_absence(id, Some(held), again, apply, now)
    }

    /// The last step of a dismissal: nothing of his may be without a destination, and nothing he typed may be known
    /// to be unsent. Where it is refused the promises leave the reason open.
    pub(super) fn finish_dismissal(&mut self, by: UserId, id: AbsenceId, applied: bool) {
        if !applied {
            return;
        }
        let Some(held) = self.supervised(by, id) else {
            return self.object("a dismissal was finished by somebody who may not");
        };
        let clients = self.clients.values().any(|place| place.responsible == held.person);
        let tasks = self.tasks.values().any(|task| task.open && task.assigned == held.person);
        let unsent = self.told_unsent(held.person);
        if !held.for_good || held.stage != Stage::Running || clients || tasks || unsent.is_some() {
            self.object(format!(
                "a dismissal was finished with clients {clients}, tasks {tasks}, unsent edit {unsent:?} ({held:?})"
            ));
        }
        self.absences.insert(id, Away { stage: Stage::Ended, revision: held.revision + 1, ..held.clone() });
        self.leave(held.person);
        self.count("dismissals finished");
    }

    /// Whether somebody stands in for a person with an interaction: both may work on it (rule 16).
    pub(super) fn handed_over_by(&self, person: UserId, interaction: RecordId) -> bool {
        let his = |away: &&Away| away.person == person && away.stage == Stage::Running;
        self.absences.values().filter(his).any(|away| away.tasks.iter().any(|(task, _)| *task == interaction))
    }

    fn supervised(&self, by: UserId, id: AbsenceId) -> Option<Away> {
        let held = self.absences.get(&id)?;
        let department = self.people.get(&held.person)?.department;
        self.supervises(by, department).then(|| held.clone())
    }

    fn fits(&self, id: AbsenceId, away: &Away, now: DateTime<Utc>) -> Option<()> {
        let ends = away.until.is_none_or(|until| until > away.from && until > now);
        let open = !away.for_good || away.until.is_none();
        let clash = self.absences.iter().any(|(other, one)| {
            *other != id && one.person == away.person && one.stage != Stage::Ended && one.meets(away.from, away.until)
        });
        (ends && open && !clash).then_some(())
    }

    /// What cannot be given is left out; what stood there before stays.
    fn prune(&self, by: UserId, held: Option<&Away>, away: &mut Away) {
        let none = (Vec::new(), Vec::new());
        let (had_clients, had_tasks) = held.map_or(none, |held| (held.clients.clone(), held.tasks.clone()));
        let (person, for_good) = (away.person, away.for_good);
        let takes = |to: UserId| to != person && self.people.get(&to).is_some_and(|one| one.active);
        let mut once = std::collections::BTreeSet::new();
        away.clients.retain(|given| {
            let (client, to) = *given;
            if !once.insert(client) {
                return false;
            }
            if had_clients.contains(given) {
                return true;
            }
            let gone_before = for_good && had_clients.iter().any(|(one, _)| *one == client);
            let his = |place: &super::Place| {
                self.supervises(by, place.department) && (place.responsible == person || gone_before)
            };
            takes(to) && self.clients.get(&client).is_some_and(his)
        });
        let mut once = std::collections::BTreeSet::new();
        away.tasks.retain(|given| {
            let (interaction, to) = *given;
            if !once.insert(interaction) {
                return false;
            }
            if had_tasks.contains(given) {
                return true;
            }
            let before = had_tasks.iter().any(|(one, _)| *one == interaction);
            let his = |task: &super::Task| task.open && (task.assigned == person || before);
            takes(to) && self.tasks.get(&interaction).is_some_and(his)
        });
    }

    fn set_absence(
        &mut self,
        id: AbsenceId,
        before: Option<Away>,
        mut after: Away,
        apply: bool,
        now: DateTime<Utc>,
    ) -> Option<Turned> {
        after.stage = if after.from <= now { Stage::Running } else { Stage::Coming };
        if apply {
            let after = self.rearrange(id, before.as_ref(), after, true, now);
            return Some((id, before, after));
        }
        Some((id, before, after))
    }
}
