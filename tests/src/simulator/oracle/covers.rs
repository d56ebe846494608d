//! What begins and ends with an absence: from what was in force to what is (rules 15, 16, 20).

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use satchel_core::domain::ids::*;

use super::Oracle;
use super::absences::{Away, Stage, Turned};
use super::access::{Given, May, Why};
use super::orders::Effect;

/// Days somebody sees a client of a colleague's for what came back to him.
const BACK_DAYS: i64 = 14;

/// Who was to do what before something was ordered.
pub(super) struct Doers {
    tasks: BTreeMap<RecordId, (UserId, bool)>,
    covers: Vec<(UserId, RecordId, Why)>,
}

impl Oracle {
    /// Clients went to somebody for good: nobody stands in for their former person any more, and what was handed over
    /// with them goes along. Tells which absences became what.
    pub(super) fn uncover(&mut self, moved: &[(RecordId, UserId, UserId)]) -> Vec<Turned> {
        let taker = |client: RecordId, person: UserId| {
            moved.iter().find(|(one, from, _)| *one == client && *from == person).map(|(.., to)| *to)
        };
        let running: Vec<AbsenceId> = self
            .absences
            .iter()
            .filter(|(_, away)| away.stage == Stage::Running && !away.for_good)
            .map(|(id, _)| *id)
            .collect();
        let mut turned = Vec::new();
        for id in running {
            let held = self.absences[&id].clone();
            let mut after = held.clone();
            after.clients.retain(|(client, _)| taker(*client, held.person).is_none());
            for (client, stood_in) in held.clients.iter().filter(|given| !after.clients.contains(given)) {
                self.take_reason(*stood_in, *client, Why::Cover(id), true);
            }
            after
                .tasks
                .retain(|(task, _)| self.tasks.get(task).is_none_or(|task| taker(task.client, held.person).is_none()));
            for (interaction, _) in held.tasks.iter().filter(|given| !after.tasks.contains(given)) {
                let task = self.tasks[interaction].clone();
                let Some(to) = taker(task.client, held.person) else { continue };
                if task.open && task.assigned != held.person {
                    self.take_reason(task.assigned, task.client, Why::Task(*interaction), true);
                    self.assign(*interaction, to);
                }
            }
            if after != held {
                self.absences.insert(id, after.clone());
                turned.push((id, Some(held), after));
                self.count("cover ended by a move");
            }
        }
        turned
    }

    /// A move that ended covers was taken back: whoever stood in for the clients does so again.
    pub(super) fn cover_again(
        &mut self,
        ended: Vec<Turned>,
        back: &[RecordId],
        given_back: &[(RecordId, UserId)],
    ) -> Vec<Turned> {
        let mut turned = Vec::new();
        for (id, before, after) in ended {
            let (Some(before), Some(held)) = (before, self.absences.get(&id).cloned()) else { continue };
            if held.stage != Stage::Running || held.clients != after.clients || held.tasks != after.tasks {
                continue;
            }
            let mut again = held.clone();
            for (client, to) in before.clients.iter().filter(|(client, _)| back.contains(client)) {
                again.clients.push((*client, *to));
                let (user, client, until) = (*to, *client, held.until);
                self.give(Given { user, client, why: Why::Cover(id), may: May::Write, until });
            }
            for given in before.tasks.iter().filter(|given| !after.tasks.contains(given)) {
                let Some((_, holder)) = given_back.iter().find(|(task, _)| *task == given.0) else { continue };
                let client = self.tasks[&given.0].client;
                if back.contains(&client) {
                    again.tasks.push(*given);
                    let (user, until) = (*holder, held.until);
                    self.give(Given { user, client, why: Why::Task(given.0), may: May::Add, until });
                }
            }
            self.absences.insert(id, again.clone());
            turned.push((id, Some(held), again));
        }
        turned
    }

    /// Who is to do what, and whether he has a reason of his own to see whose it is.
    pub(super) fn doers(&self) -> Doers {
        let open = self.tasks.iter().filter(|(_, task)| task.open);
        let tasks = open.map(|(id, task)| (*id, (task.assigned, self.has_reason(task.assigned, task.client))));
        let covers = self.grants.iter().filter(|one| matches!(one.why, Why::Cover(_)));
        Doers { tasks: tasks.collect(), covers: covers.map(|one| (one.user, one.client, one.why)).collect() }
    }

    fn has_reason(&self, user: UserId, client: RecordId) -> bool {
        let has = self.clients.get(&client).is_some_and(|place| place.responsible == user);
        has || self.grants.iter().any(|one| one.user == user && one.client == client)
    }

    /// Nobody is to do what he cannot see since: whoever stands in for the client from now on does it, or has it.
    pub(super) fn hand_on(&mut self, before: &Doers, effects: &mut Vec<Effect>) {
        let open: Vec<(RecordId, RecordId, UserId)> = self
            .tasks
            .iter()
            .filter(|(_, task)| task.open)
            .map(|(id, task)| (*id, task.client, task.assigned))
            .collect();
        for (task, client, user) in open {
            let Some((had, saw)) = before.tasks.get(&task).copied() else { continue };
            // What runs out by itself, be it at once, leaves him what he is to do.
            let boss = self.clients.get(&client).is_some_and(|place| self.supervises(user, place.department));
            if boss || self.has_reason(user, client) || (had == user && !saw) {
                continue;
            }
            let began = |one: &&Given| {
                let cover = (one.user, one.client, one.why);
                one.client == client && matches!(one.why, Why::Cover(_)) && !before.covers.contains(&cover)
            };
            let stands_in = self.grants.iter().rev().find(began).map(|one| one.user);
            let Some(heir) = stands_in.or(self.clients.get(&client).map(|place| place.responsible)) else { continue };
            self.assign(task, heir);
            effects.retain(|effect| !matches!(effect, Effect::Assigned(one, ..) if *one == task));
            if heir != had {
                effects.push(Effect::Assigned(task, had, heir, None));
            }
            self.count("handed on");
        }
    }

    /// From what was in force to what is. `ordered`: whoever loses something by it lost it to somebody's order.
    pub(super) fn rearrange(
        &mut self,
        id: AbsenceId,
        before: Option<&Away>,
        mut after: Away,
        ordered: bool,
        now: DateTime<Utc>,
    ) -> Away {
        let doers = self.doers();
        let (had_clients, had_tasks) = before.map(Away::in_force).unwrap_or_default();
        let (clients, tasks) = after.in_force();
        let prolonged = before.is_some_and(|before| before.stage == Stage::Running && before.until != after.until);
        let seen_before = self.grants.clone();
        for (client, to) in &clients {
            if prolonged || !had_clients.contains(&(*client, *to)) {
                let had = had_clients.iter().find(|(other, _)| other == client).map(|(_, had)| *had);
                self.stand_in(id, &after, (*client, *to), had);
            }
        }
        for (client, to) in had_clients.iter().filter(|given| !clients.contains(given)) {
            let passed_on = clients.iter().any(|(other, _)| other == client);
            if !after.for_good {
                self.take_reason(*to, *client, Why::Cover(id), ordered);
            } else if !passed_on && self.clients.get(client).is_some_and(|place| place.responsible == *to) {
                self.go_over(*client, after.person, &tasks);
            }
        }
        let mut handed = Vec::new();
        for given in &tasks {
            let had = had_tasks.iter().find(|(task, _)| *task == given.0).copied();
            if self.hand_task(&after, *given, had, prolonged) {
                handed.push(*given);
            }
        }
        for (interaction, to) in &had_tasks {
            if !tasks.iter().any(|(other, _)| other == interaction) {
                self.bring_back(&after, (*interaction, *to), ordered, (&seen_before, now));
            }
        }
        if after.stage == Stage::Running {
            after.tasks = handed;
        }
        self.absences.insert(id, after.clone());
        self.hand_on(&doers, &mut Vec::new());
        after
    }

    fn stand_in(&mut self, id: AbsenceId, away: &Away, (client, to): (RecordId, UserId), had: Option<UserId>) {
        let Some(place) = self.clients.get(&client).cloned() else { return };
        if !self.people.get(&to).is_some_and(|one| one.active) {
            return;
        }
        if away.for_good {
            let his = place.responsible == away.person || had == Some(place.responsible);
            if his && place.responsible != to {
                self.go_over(client, to, &away.tasks);
            }
        } else if place.responsible == away.person {
            self.give(Given { user: to, client, why: Why::Cover(id), may: May::Write, until: away.until });
            self.count("covers");
        }
    }

    /// A client goes to somebody for good, with what its person is still to do there and has no other destination.
    fn go_over(&mut self, client: RecordId, to: UserId, apart: &[(RecordId, UserId)]) {
        let Some(from) = self.clients.get(&client).map(|place| place.responsible) else { return };
        self.hand_client(client, to);
        for interaction in self.open_tasks(client, from) {
            if !apart.iter().any(|(task, _)| *task == interaction) {
                self.take(from, interaction);
                self.assign(interaction, to);
            }
        }
        self.count("clients of dismissed");
    }

    fn hand_task(
        &mut self,
        away: &Away,
        given: (RecordId, UserId),
        had: Option<(RecordId, UserId)>,
        prolonged: bool,
    ) -> bool {
        let (interaction, to) = given;
        let Some(task) = self.tasks.get(&interaction).cloned() else { return false };
        let Some(place) = self.clients.get(&task.client).cloned() else { return false };
        if !self.people.get(&to).is_some_and(|one| one.active) {
            return false;
        }
        let sees =
            Given { user: to, client: task.client, why: Why::Task(interaction), may: May::Add, until: away.until };
        if had == Some(given) {
            if prolonged && task.open && task.assigned == to && to != place.responsible {
                self.give(sees);
            }
            return true;
        }
        // Done, or passed on by himself before the day came.
        if !task.open || (had.is_none() && task.assigned != away.person) {
            return false;
        }
        if task.assigned == to {
            return true;
        }
        if to != place.responsible {
            self.give(sees);
        }
        // Whoever is away keeps what he sees; a substitute, and whoever is dismissed, does not.
        if task.assigned != away.person || away.for_good {
            self.take(task.assigned, interaction);
        }
        self.assign(interaction, to);
        self.count("stood in for a visit");
        true
    }

    fn bring_back(
        &mut self,
        away: &Away,
        (interaction, to): (RecordId, UserId),
        ordered: bool,
        (seen_before, now): (&[Given], DateTime<Utc>),
    ) {
        let Some(task) = self.tasks.get(&interaction).cloned() else { return };
        let (client, why) = (task.client, Why::Task(interaction));
        if task.open && task.assigned != away.person {
            let responsible = self.clients.get(&client).map(|place| place.responsible);
            let sees = seen_before.iter().any(|one| one.user == away.person && one.client == client && one.why == why);
            if responsible != Some(away.person) && !sees {
                let until = Some(now + Duration::days(BACK_DAYS));
                self.give(Given { user: away.person, client, why, may: May::Add, until });
            }
            self.take_reason(task.assigned, client, why, ordered);
            self.assign(interaction, away.person);
            self.count("returned");
        }
        if task.assigned != to || !task.open {
            self.take_reason(to, client, why, ordered);
        }
    }
}
