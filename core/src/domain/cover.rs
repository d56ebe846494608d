//! Decisions about absences: who may record one, what begins and ends with it, what goes back. Pure, like
//! [`super::decide`], which calls this; the server's clock calls [`turn`].
//!
//! Everything is a difference between two states of one absence ([`rearrange`]): recording, changing, ending, taking
//! back and the clock differ only in the state they aim at.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};

use super::absence::{Absence, BACK_DAYS, REASONS, Stage, StandIn};
use super::authority::{Device, Home, Level, Reason, User};
use super::decide::{OfficeView, end_grant, hand_on, has_then, lose_grant, move_one, supervises};
use super::ids::*;
use super::order::{Event, Plan, Refusal};

/// What stands in the way of finishing a dismissal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Clients he is still responsible for.
    pub clients: Vec<RecordId>,
    /// Interactions he is still to do.
    pub interactions: Vec<RecordId>,
    /// His devices with edits that have neither arrived nor been given up.
    pub devices: Vec<DeviceId>,
}

impl Missing {
    /// Nothing stands in the way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.clients.is_empty() && self.interactions.is_empty() && self.devices.is_empty()
    }
}

/// What stands in the way of finishing a person's dismissal.
///
/// A device is settled once it has said, after the clients were taken from him, that nothing is unsent and that it has
/// purged what he lost; or once its rights were ended by somebody, which gives up what was not to be rescued.
#[must_use]
pub fn missing(view: &dyn OfficeView, absence: &Absence) -> Missing {
    let unsettled = |device: &Device| {
        if device.revoked {
            // What it had not sent is still to be rescued, where the order to empty it says so.
            return device
                .wipe
                .as_ref()
                .is_some_and(|wipe| wipe.rescue && wipe.rescued_at.is_none() && wipe.done_at.is_none());
        }
        let silent = device.contact_at.zip(absence.begun_at).is_none_or(|(contact, begun)| contact <= begun);
        device.n_unsent > 0 || device.n_purges > 0 || silent
    };
    Missing {
        clients: view.clients_of(absence.person),
        interactions: view.open_of(absence.person),
        devices: view.devices_of(absence.person).iter().filter(|one| unsettled(one)).map(|one| one.id).collect(),
    }
}

/// Records an absence.
pub(super) fn record(view: &dyn OfficeView, by: &User, new: Absence, now: DateTime<Utc>) -> Result<Plan, Refusal> {
    let person = view.user(new.person).ok_or(Refusal::NotFound)?;
    if !supervises(view, by, person.department) {
        return Err(Refusal::NotAllowed);
    }
    if !person.active {
        return Err(Refusal::Inactive);
    }
    if !REASONS.contains(&new.reason.as_str()) || view.absence(new.id).is_some() {
        return Err(Refusal::Nothing);
    }
    if new.is_for_good() && person.id == by.id {
        return Err(Refusal::NotAllowed);
    }
    fits(view, &new, now)?;
    let asked = !(new.clients.is_empty() && new.interactions.is_empty());
    let plan = settle(view, by, None, new, now);
    let nothing_left = plan.events.iter().any(|event| {
        matches!(event, Event::AbsenceSet { after, .. } if after.clients.is_empty() && after.interactions.is_empty())
    });
    match plan.refused.first() {
        Some((_, refusal)) if asked && nothing_left => Err(refusal.clone()),
        _ => Ok(plan),
    }
}

/// What an author wants an absence to be.
pub(super) struct Wanted<'a> {
    pub revision: u32,
    pub from: DateTime<Utc>,
    pub until: Option<DateTime<Utc>>,
    pub clients: &'a [StandIn],
    pub interactions: &'a [StandIn],
}

/// Changes time and distribution.
pub(super) fn change(
    view: &dyn OfficeView,
    by: &User,
    (id, command): (AbsenceId, CommandId),
    wanted: &Wanted<'_>,
    now: DateTime<Utc>,
) -> Result<Plan, Refusal> {
    let held = supervised(view, by, id)?;
    if !held.is_alive() {
        return Err(Refusal::Nothing);
    }
    if held.revision != wanted.revision {
        return Err(Refusal::AbsenceChanged);
    }
    let after = Absence {
        from: if held.stage == Stage::Coming { wanted.from } else { held.from },
        until: wanted.until,
        revision: held.revision + 1,
        by: by.id,
        command,
        clients: wanted.clients.to_vec(),
        interactions: wanted.interactions.to_vec(),
        ..held.clone()
    };
    fits(view, &after, now)?;
    Ok(settle(view, by, Some(&held), after, now))
}

/// He is back.
pub(super) fn end(
    view: &dyn OfficeView,
    by: &User,
    (id, command): (AbsenceId, CommandId),
    now: DateTime<Utc>,
) -> Result<Plan, Refusal> {
    let held = supervised(view, by, id)?;
    if held.is_for_good() {
        return Err(Refusal::NotAllowed);
    }
    if held.stage != Stage::Running {
        return Err(Refusal::Nothing);
    }
    let mut after = Absence {
        stage: Stage::Over,
        until: Some(now),
        revision: held.revision + 1,
        by: by.id,
        command,
        ..held.clone()
    };
    let mut plan = Plan::default();
    rearrange(view, &mut plan, Some(&held), &mut after, Ends::ByItself, now);
    Ok(set(plan, Some(held), after))
}

/// Takes an absence back; what was done meanwhile is reported.
pub(super) fn withdraw(
    view: &dyn OfficeView,
    by: &User,
    (id, command): (AbsenceId, CommandId),
    now: DateTime<Utc>,
) -> Result<Plan, Refusal> {
    let held = supervised(view, by, id)?;
    if !held.is_alive() {
        return Err(Refusal::Nothing);
    }
    let mut plan = Plan::default();
    if held.stage == Stage::Running {
        report_what_stays(view, &mut plan, &held);
    }
    let mut after =
        Absence { stage: Stage::Withdrawn, revision: held.revision + 1, by: by.id, command, ..held.clone() };
    rearrange(view, &mut plan, Some(&held), &mut after, Ends::BySomebody, now);
    Ok(set(plan, Some(held), after))
}

/// The last step of a dismissal.
pub(super) fn finish(view: &dyn OfficeView, by: &User, (id, command): (AbsenceId, CommandId)) -> Result<Plan, Refusal> {
    let held = supervised(view, by, id)?;
    if !held.is_for_good() {
        return Err(Refusal::NotAllowed);
    }
    if held.stage != Stage::Running || held.person == by.id {
        return Err(Refusal::Nothing);
    }
    let missing = missing(view, &held);
    if !(missing.clients.is_empty() && missing.interactions.is_empty()) {
        return Err(Refusal::OpenItems);
    }
    if !missing.devices.is_empty() {
        return Err(Refusal::UnsentEdits);
    }
    let after = Absence { stage: Stage::Over, revision: held.revision + 1, by: by.id, command, ..held.clone() };
    let mut plan = Plan { events: vec![Event::PersonRevoked { user: held.person }], refused: Vec::new() };
    for device in view.devices_of(held.person).iter().filter(|device| !device.revoked) {
        plan.events.push(Event::DeviceRevoked { device: device.id, user: held.person });
    }
    Ok(set(plan, Some(held), after))
}

/// Takes back what an order did to an absence, where nobody has changed it since (rule 3).
pub(super) fn undo(
    view: &dyn OfficeView,
    by: &User,
    (before, after): (Option<&Absence>, &Absence),
    command: CommandId,
    now: DateTime<Utc>,
) -> Result<Plan, Refusal> {
    let held = supervised(view, by, after.id)?;
    if held.revision != after.revision {
        return Err(Refusal::AbsenceChanged);
    }
    let Some(before) = before else { return withdraw(view, by, (held.id, command), now) };
    if held.is_for_good() && held.stage == Stage::Over {
        return Err(Refusal::NoUndo);
    }
    if before.until.is_some_and(|until| until <= now) {
        return Err(Refusal::Nothing);
    }
    let again = Absence { revision: held.revision + 1, by: by.id, command, stage: Stage::Coming, ..before.clone() };
    let mut plan = settle(view, by, Some(&held), again, now);
    report_what_stays(view, &mut plan, before);
    Ok(plan)
}

/// Turns an absence by the clock: begins it, ends it. `None` where it is not due.
#[must_use]
pub fn turn(view: &dyn OfficeView, held: &Absence, now: DateTime<Utc>) -> Option<Plan> {
    if held.due().is_none_or(|due| now < due) {
        return None;
    }
    let mut plan = Plan::default();
    // Nobody was in touch from its beginning to its end: nobody has stood in, nothing goes back.
    let stage = if held.until.is_some_and(|until| until <= now) { Stage::Over } else { Stage::Running };
    let begun_at = held.begun_at.or_else(|| (stage == Stage::Running).then_some(now));
    let mut after = Absence { stage, begun_at, ..held.clone() };
    rearrange(view, &mut plan, Some(held), &mut after, Ends::ByItself, now);
    Some(hand_on(view, set(plan, Some(held.clone()), after)))
}

/// The absence, where `by` supervises whoever is away.
fn supervised(view: &dyn OfficeView, by: &User, id: AbsenceId) -> Result<Absence, Refusal> {
    let held = view.absence(id).ok_or(Refusal::NotFound)?;
    let person = view.user(held.person).ok_or(Refusal::NotFound)?;
    if supervises(view, by, person.department) { Ok(held) } else { Err(Refusal::NotFound) }
}

fn fits(view: &dyn OfficeView, absence: &Absence, now: DateTime<Utc>) -> Result<(), Refusal> {
    if absence.until.is_some_and(|until| until <= absence.from || until <= now) {
        return Err(Refusal::Period);
    }
    if absence.is_for_good() && absence.until.is_some() {
        return Err(Refusal::Period);
    }
    let others = view.absences_of(absence.person);
    let clash = |other: &Absence| other.id != absence.id && other.overlaps(absence.from, absence.until);
    if others.iter().any(clash) { Err(Refusal::Overlaps) } else { Ok(()) }
}

/// From one state to another, of which the author has named times and items; it begins where its time has come.
fn settle(view: &dyn OfficeView, by: &User, before: Option<&Absence>, mut after: Absence, now: DateTime<Utc>) -> Plan {
    let mut plan = Plan::default();
    prune(view, by, before, &mut after, &mut plan);
    after.stage = if after.from <= now { Stage::Running } else { Stage::Coming };
    after.begun_at = if after.stage == Stage::Running { after.begun_at.or(Some(now)) } else { None };
    rearrange(view, &mut plan, before, &mut after, Ends::BySomebody, now);
    set(plan, before.cloned(), after)
}

fn set(mut plan: Plan, before: Option<Absence>, after: Absence) -> Plan {
    plan.events.insert(0, Event::AbsenceSet { before: before.map(Box::new), after: Box::new(after) });
    plan
}

/// Leaves out what cannot be given, with the reason; what stood there before stays without a question.
fn prune(view: &dyn OfficeView, by: &User, before: Option<&Absence>, after: &mut Absence, plan: &mut Plan) {
    let (person, for_good) = (after.person, after.is_for_good());
    let mut once = BTreeSet::new();
    let mut keep = |given: &StandIn, held: &[StandIn], possible: &dyn Fn(&StandIn) -> Result<(), Refusal>| {
        if !once.insert(given.record) {
            return false;
        }
        held.contains(given) || {
            let fits = substitute(view, person, given.to).and_then(|()| possible(given));
            fits.map_err(|refusal| plan.refused.push((given.record, refusal))).is_ok()
        }
    };
    let none: &[StandIn] = &[];
    let held = before.map_or(none, |before| &before.clients);
    after.clients.retain(|given| {
        keep(given, held, &|given| {
            let client = view.client(given.record).ok_or(Refusal::NotFound)?;
            // Of a dismissal's clients those that went before are with their new person already.
            let given_before = for_good && held.iter().any(|one| one.record == given.record);
            if !supervises(view, by, client.department) {
                return Err(Refusal::NotFound);
            }
            if client.responsible != person && !given_before {
                return Err(Refusal::Expected { expected: person, found: client.responsible });
            }
            Ok(())
        })
    });
    let held = before.map_or(none, |before| &before.interactions);
    after.interactions.retain(|given| {
        keep(given, held, &|given| {
            let task = view.interaction(given.record).ok_or(Refusal::NotFound)?;
            if !task.open {
                return Err(Refusal::Done);
            }
            let given_before = held.iter().any(|one| one.record == given.record);
            if task.assigned != person && !given_before {
                return Err(Refusal::Expected { expected: person, found: task.assigned });
            }
            Ok(())
        })
    });
}

fn substitute(view: &dyn OfficeView, person: UserId, to: UserId) -> Result<(), Refusal> {
    if to == person {
        return Err(Refusal::Nothing);
    }
    view.user(to).filter(|user| user.active).map(|_| ()).ok_or(Refusal::Inactive)
}

/// How the rights of those who stood in end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// Its time was over, or he is back early: late edits are taken in.
    ByItself,
    /// Somebody took it back or gave it to another: late edits become proposals.
    BySomebody,
}

/// From the state an absence stands in to the one it is to stand in.
fn rearrange(
    view: &dyn OfficeView,
    plan: &mut Plan,
    before: Option<&Absence>,
    after: &mut Absence,
    ends: Ends,
    now: DateTime<Utc>,
) {
    let none = (Vec::new(), Vec::new());
    let items = |absence: &Absence| (absence.clients.clone(), absence.interactions.clone());
    let running = |absence: &&Absence| absence.stage == Stage::Running;
    let (had_clients, had_interactions) = before.filter(running).map_or(none.clone(), items);
    // A finished dismissal stays: nothing comes back from it.
    let finished = after.is_for_good() && after.stage == Stage::Over;
    if finished {
        return;
    }
    let (clients, interactions) = if after.stage == Stage::Running { items(after) } else { none };
    let prolonged = before.filter(running).is_some_and(|before| before.until != after.until);
    let mut work = Work { view, plan, absence: after, ends, now, apart: &interactions };

    for given in &clients {
        if prolonged || !had_clients.contains(given) {
            let had = had_clients.iter().find(|had| had.record == given.record);
            work.give_client(*given, had.map(|had| had.to));
        }
    }
    for given in &had_clients {
        if !clients.contains(given) {
            let passed_on = clients.iter().any(|other| other.record == given.record);
            work.take_client(*given, passed_on);
        }
    }
    let mut handed = Vec::new();
    for given in &interactions {
        let had = had_interactions.iter().find(|had| had.record == given.record);
        if work.give_interaction(*given, had.copied(), prolonged) {
            handed.push(*given);
        }
    }
    for given in &had_interactions {
        if !interactions.iter().any(|other| other.record == given.record) {
            work.take_interaction(*given);
        }
    }
    if after.stage == Stage::Running {
        after.interactions = handed;
    }
}

struct Work<'a> {
    view: &'a dyn OfficeView,
    plan: &'a mut Plan,
    absence: &'a Absence,
    ends: Ends,
    now: DateTime<Utc>,
    /// Interactions with a destination of their own: they do not go along with their client.
    apart: &'a [StandIn],
}

impl Work<'_> {
    fn give_client(&mut self, given: StandIn, had: Option<UserId>) {
        let (view, person) = (self.view, self.absence.person);
        let Some(to) = view.user(given.to).filter(|user| user.active) else { return };
        let Some(client) = view.client(given.record) else { return };
        if self.absence.is_for_good() {
            let apart = self.apart.iter().map(|one| one.record).collect();
            // Given to somebody else by a change: it goes on from whoever had it. Moved otherwise since: it stays.
            let his = [Some(person), had].contains(&Some(client.responsible));
            if his && client.responsible != to.id {
                move_one(view, self.plan, (given.record, &apart), client.responsible, &to);
            }
            return;
        }
        // Moved for good since the absence was recorded: whoever has it now is not away.
        if client.responsible != person {
            return;
        }
        self.plan.events.push(Event::GrantGiven {
            home: Home::Client(given.record),
            user: to.id,
            reason: Reason::Substitute(self.absence.id),
            level: Level::Write,
            until: self.absence.until,
        });
    }

    fn take_client(&mut self, given: StandIn, passed_on: bool) {
        if !self.absence.is_for_good() {
            let (home, reason) = (Home::Client(given.record), Reason::Substitute(self.absence.id));
            return lose_grant(self.view, self.plan, (home, given.to), reason, self.by_itself());
        }
        let (Some(client), Some(person)) = (self.view.client(given.record), self.view.user(self.absence.person)) else {
            return;
        };
        if passed_on {
            return;
        }
        if client.responsible != given.to {
            let refusal = Refusal::Expected { expected: given.to, found: client.responsible };
            return self.plan.refused.push((given.record, refusal));
        }
        let apart = self.apart.iter().map(|one| one.record).collect();
        move_one(self.view, self.plan, (given.record, &apart), given.to, &person);
    }

    /// Who has a client once this plan is carried out: a reason to see it beside that would outlive his having it.
    fn responsible(&self, client: RecordId) -> Option<UserId> {
        has_then(self.view, self.plan, client).map(|(responsible, _)| responsible)
    }

    /// True where the colleague has it afterwards.
    fn give_interaction(&mut self, given: StandIn, had: Option<StandIn>, prolonged: bool) -> bool {
        let Some(task) = self.view.interaction(given.record) else { return false };
        let to = self.view.user(given.to).filter(|user| user.active);
        let (Some(_), Some(to)) = (self.view.client(task.client), to) else { return false };
        if had == Some(given) {
            if prolonged && task.open && task.assigned == to.id && Some(to.id) != self.responsible(task.client) {
                self.see_for_it(given, task.client);
            }
            return true;
        }
        // Done, or passed on by himself before the day came: that is not this absence's business.
        if !task.open || (had.is_none() && task.assigned != self.absence.person) {
            return false;
        }
        if task.assigned == to.id {
            return true;
        }
        if Some(to.id) != self.responsible(task.client) {
            self.see_for_it(given, task.client);
        }
        // The absent person keeps his access (rule 16); a substitute, and whoever is dismissed, does not.
        let keeps = task.assigned == self.absence.person && !self.absence.is_for_good();
        if !keeps {
            let home = Home::Client(task.client);
            end_grant(self.view, self.plan, home, task.assigned, Reason::Assigned(given.record));
        }
        self.assign(given.record, task.client, (task.assigned, to.id));
        true
    }

    fn see_for_it(&mut self, given: StandIn, client: RecordId) {
        self.plan.events.push(Event::GrantGiven {
            home: Home::Client(client),
            user: given.to,
            reason: Reason::Assigned(given.record),
            level: Level::Add,
            until: self.absence.until,
        });
    }

    /// What is still open goes back, whoever it was passed on to meanwhile; what was done stays with who did it.
    fn take_interaction(&mut self, given: StandIn) {
        let Some(task) = self.view.interaction(given.record) else { return };
        let person = self.absence.person;
        let home = Home::Client(task.client);
        let reason = Reason::Assigned(given.record);
        if task.open && task.assigned != person {
            // Whatever else he sees it for may end before this is done.
            let sees = self.view.grants(home, person).iter().any(|grant| grant.reason == reason);
            if self.responsible(task.client) != Some(person) && !sees {
                let until = Some(self.now + Duration::days(BACK_DAYS));
                self.plan.events.push(Event::GrantGiven { home, user: person, reason, level: Level::Add, until });
            }
            lose_grant(self.view, self.plan, (home, task.assigned), reason, self.by_itself());
            self.assign(given.record, task.client, (task.assigned, person));
        }
        if task.assigned != given.to || !task.open {
            lose_grant(self.view, self.plan, (home, given.to), reason, self.by_itself());
        }
    }

    fn assign(&mut self, interaction: RecordId, client: RecordId, (from, to): (UserId, UserId)) {
        let comment = String::new();
        self.plan.events.push(Event::InteractionAssigned { interaction, client, from, to, comment });
    }

    fn by_itself(&self) -> bool {
        self.ends == Ends::ByItself
    }
}

/// What was done while others stood in does not come back.
fn report_what_stays(view: &dyn OfficeView, plan: &mut Plan, held: &Absence) {
    for given in &held.interactions {
        if view.interaction(given.record).is_some_and(|task| !task.open) {
            plan.refused.push((given.record, Refusal::Done));
        }
    }
}

/// Clients go to another person for good: nobody stands in for their former one any more, and what was handed over
/// with them goes along. Moves are (client, from, to).
pub(super) fn end_covers(view: &dyn OfficeView, plan: &mut Plan, moves: &[(RecordId, UserId, UserId)]) {
    let people: BTreeSet<UserId> = moves.iter().map(|(_, from, _)| *from).collect();
    let taker = |client: RecordId, person: UserId| {
        moves.iter().find(|(moved, from, _)| *moved == client && *from == person).map(|(_, _, to)| *to)
    };
    for held in people.into_iter().flat_map(|person| view.absences_of(person)) {
        if held.stage != Stage::Running || held.is_for_good() {
            continue;
        }
        let mut after = held.clone();
        after.clients.retain(|given| {
            if taker(given.record, held.person).is_none() {
                return true;
            }
            // Also where he has it himself from now on: what he saw it for would outlive that.
            lose_grant(view, plan, (Home::Client(given.record), given.to), Reason::Substitute(held.id), false);
            false
        });
        after.interactions.retain(|given| {
            let Some(task) = view.interaction(given.record) else { return true };
            let Some(to) = taker(task.client, held.person) else { return true };
            // Those still with him go along with the client anyway.
            if task.open && task.assigned != held.person {
                let home = Home::Client(task.client);
                end_grant(view, plan, home, task.assigned, Reason::Assigned(given.record));
                if task.assigned != to {
                    let (interaction, client, from) = (given.record, task.client, task.assigned);
                    let comment = String::new();
                    plan.events.push(Event::InteractionAssigned { interaction, client, from, to, comment });
                }
            }
            false
        });
        if after != held {
            plan.events.push(Event::AbsenceSet { before: Some(Box::new(held)), after: Box::new(after) });
        }
    }
}

/// A move that ended covers is taken back: those who stood in for the client do so again.
pub(super) fn cover_again(view: &dyn OfficeView, plan: &mut Plan, events: &[Event]) {
    let back: BTreeSet<RecordId> = plan
        .events
        .iter()
        .filter_map(|event| match event {
            Event::ClientMoved { client, .. } | Event::ClientParted { client, .. } => Some(*client),
            _ => None,
        })
        .collect();
    for event in events {
        let Event::AbsenceSet { before: Some(before), after } = event else { continue };
        let Some(held) = view.absence(before.id).filter(|held| held.stage == Stage::Running) else { continue };
        if held.clients != after.clients || held.interactions != after.interactions {
            continue;
        }
        let mut again = held.clone();
        // Who came to stand in for the client that stayed only with one that goes again does so no more.
        let came = |given: &StandIn| {
            let with = |was: &StandIn| back.contains(&was.record) && was.to == given.to;
            !before.clients.contains(given) && before.clients.iter().any(with)
        };
        for given in after.clients.iter().filter(|given| came(given)) {
            again.clients.retain(|one| one != given);
            lose_grant(view, plan, (Home::Client(given.record), given.to), Reason::Substitute(held.id), false);
        }
        for given in before.clients.iter().filter(|given| back.contains(&given.record)) {
            again.clients.push(*given);
            plan.events.push(Event::GrantGiven {
                home: Home::Client(given.record),
                user: given.to,
                reason: Reason::Substitute(held.id),
                level: Level::Write,
                until: held.until,
            });
        }
        for given in before.interactions.iter().filter(|given| !after.interactions.contains(given)) {
            // Whoever had it when the client went has it again, and sees the client for it.
            let holder = plan.events.iter().find_map(|event| match event {
                Event::InteractionAssigned { interaction, client, to, .. } if *interaction == given.record => {
                    Some((*client, *to))
                }
                _ => None,
            });
            let Some((client, holder)) = holder.filter(|(client, _)| back.contains(client)) else { continue };
            again.interactions.push(*given);
            plan.events.push(Event::GrantGiven {
                home: Home::Client(client),
                user: holder,
                reason: Reason::Assigned(given.record),
                level: Level::Add,
                until: held.until,
            });
        }
        // Where nothing of it comes back the undo has done nothing, and is to say so.
        if again != held {
            plan.events.push(Event::AbsenceSet { before: Some(Box::new(held)), after: Box::new(again) });
        }
    }
}
