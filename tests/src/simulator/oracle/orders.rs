//! Office commands, by the words of the issue: a rep redirects his own planned interaction, a supervisor hands over,
//! moves and takes back within his department, a contradiction comes back.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use satchel_core::domain::absence::StandIn;
use satchel_core::domain::ids::*;
use satchel_core::domain::order::{Command, Event, Order, Plan};

use super::Oracle;
use super::absences::{Away, Stage, Turned};
use super::access::{Given, May, Why};

/// One thing an applied order did, to be taken back by an undo.
#[derive(Clone, Debug)]
pub enum Effect {
    /// A client went from one to another.
    Moved(RecordId, UserId, UserId),
    /// An interaction went from one to another; and until when whoever lost it saw the client for it.
    Assigned(RecordId, UserId, UserId, Option<DateTime<Utc>>),
    /// An absence stands otherwise: all else follows from it.
    Absence(Turned),
    /// A move took its part out of an absence.
    Uncovered(Turned),
}

impl Oracle {
    /// The server says what it did with an order: does it fit?
    pub(super) fn ordered(&mut self, by: UserId, command: &Command, plan: Option<&Plan>, now: DateTime<Utc>) {
        if self.applied.contains_key(&command.id) {
            // Delivered again under another group: nothing happens a second time.
            return;
        }
        match &command.order {
            Order::AcceptProposal { proposal } => return self.decide_on(by, *proposal, true, plan),
            Order::DeclineProposal { proposal, .. } => {
                return self.decide_on(by, *proposal, false, plan);
            }
            _ => {}
        }
        let before = self.doers();
        let mut effects = match &command.order {
            Order::RedirectInteraction { interaction, from, to, until, .. } => {
                self.redirect(by, *interaction, (*from, *to), *until, plan.is_some(), now)
            }
            Order::MoveClients { moves, to, .. } => {
                let moves: Vec<_> = moves.iter().map(|one| (one.client, one.from)).collect();
                self.move_clients(by, &moves, *to, plan.is_some())
            }
            Order::Undo { command } => self.undo(by, *command, plan.is_some(), now),
            Order::RevokeDevice { device, wipe } => self.revoke_device(by, *device, *wipe, (plan.is_some(), now)),
            Order::RevokePerson { user, wipe } => self.revoke_person(by, *user, *wipe, (plan.is_some(), now)),
            Order::FinishDismissal { absence } => return self.finish_dismissal(by, *absence, plan.is_some()),
            order if order.absence().is_some() => {
                self.absence(by, order, plan.is_some(), now).map(|turned| vec![Effect::Absence(turned)])
            }
            _ => None,
        };
        if let (Some(effects), Some(_), None) = (&mut effects, plan, command.order.absence()) {
            self.hand_on(&before, effects);
        }
        match (&effects, plan) {
            (Some(_), None) => {
                self.object(format!("{} may order {:?} and was not obeyed", self.name(by), command.order))
            }
            (None, Some(_)) => {
                self.object(format!("{} may not order {:?} and was obeyed", self.name(by), command.order))
            }
            (Some(effects), Some(_)) => {
                self.applied.insert(command.id, (by, effects.clone()));
                self.count("orders applied");
            }
            (None, None) => self.count("orders sent back"),
        }
    }

    fn absence(&mut self, by: UserId, order: &Order, apply: bool, now: DateTime<Utc>) -> Option<Turned> {
        let pairs = |given: &[StandIn]| given.iter().map(|one| (one.record, one.to)).collect();
        match order {
            Order::RecordAbsence { absence, person, reason, from, until, clients, interactions } => {
                let new = Away {
                    person: *person,
                    from: *from,
                    until: *until,
                    for_good: reason == "dismissal",
                    stage: Stage::Coming,
                    revision: 0,
                    clients: pairs(clients),
                    tasks: pairs(interactions),
                };
                self.record_absence(by, *absence, new, apply, now)
            }
            Order::ChangeAbsence { absence, revision, from, until, clients, interactions } => {
                let held = self.absences.get(absence)?.clone();
                let (revision, from, until) = (*revision, *from, *until);
                let wanted =
                    Away { revision, from, until, clients: pairs(clients), tasks: pairs(interactions), ..held };
                self.change_absence(by, *absence, wanted, apply, now)
            }
            Order::EndAbsence { absence } => self.end_absence(by, *absence, apply, now),
            Order::WithdrawAbsence { absence } => self.withdraw_absence(by, *absence, apply, now),
            _ => None,
        }
    }

    fn redirect(
        &mut self,
        by: UserId,
        interaction: RecordId,
        (from, to): (UserId, UserId),
        until: DateTime<Utc>,
        apply: bool,
        now: DateTime<Utc>,
    ) -> Option<Vec<Effect>> {
        let task = self.tasks.get(&interaction)?.clone();
        let place = self.clients.get(&task.client)?.clone();
        let boss_of_assigned = self.people.get(&task.assigned).is_some_and(|one| self.supervises(by, one.department));
        let may =
            task.assigned == by || place.responsible == by || self.supervises(by, place.department) || boss_of_assigned;
        if !may || task.assigned != from || from == to || !task.open || !self.is_here(to) {
            return None;
        }
        if apply {
            let lost = self.take(from, interaction);
            self.assign(interaction, to);
            if to != place.responsible {
                let until = Some(until.clamp(now, now + chrono::Duration::days(180)));
                self.give(Given { user: to, client: task.client, why: Why::Task(interaction), may: May::Add, until });
            }
            self.count("redirected");
            let back = lost.filter(|_| to != place.responsible).map(|_| until);
            return Some(vec![Effect::Assigned(interaction, from, to, back)]);
        }
        Some(Vec::new())
    }

    fn move_clients(
        &mut self,
        by: UserId,
        moves: &[(RecordId, UserId)],
        to: UserId,
        apply: bool,
    ) -> Option<Vec<Effect>> {
        if !self.is_here(to) {
            return None;
        }
        let mut seen = BTreeSet::new();
        let moves: Vec<_> = moves.iter().filter(|(client, _)| seen.insert(*client)).copied().collect();
        let movable = |(client, from): &(RecordId, UserId)| {
            let place = self.clients.get(client)?;
            let may = self.supervises(by, place.department) && place.responsible == *from && *from != to;
            may.then_some((*client, *from))
        };
        let moves: Vec<_> = moves.iter().filter_map(movable).collect();
        if moves.is_empty() {
            return None;
        }
        let mut effects = Vec::new();
        if !apply {
            return Some(effects);
        }
        let moved: Vec<_> = moves.iter().map(|(client, from)| (*client, *from, to)).collect();
        for (client, from) in moves {
            effects.push(Effect::Moved(client, from, to));
            self.hand_client(client, to);
            // What is still to be done goes along with the client.
            for interaction in self.open_tasks(client, from) {
                self.take(from, interaction);
                self.assign(interaction, to);
                effects.push(Effect::Assigned(interaction, from, to, None));
            }
            self.count("moved");
        }
        effects.extend(self.uncovered(&moved));
        Some(effects)
    }

    /// Covers end with a move; what was handed over with them is handed on.
    fn uncovered(&mut self, moved: &[(RecordId, UserId, UserId)]) -> Vec<Effect> {
        let before = self.tasks.clone();
        let turned = self.uncover(moved);
        let handed = before.iter().filter_map(|(id, task)| {
            let now = self.tasks[id].assigned;
            (now != task.assigned).then_some(Effect::Assigned(*id, task.assigned, now, None))
        });
        handed.chain(turned.into_iter().map(Effect::Uncovered)).collect()
    }

    fn is_here(&self, user: UserId) -> bool {
        self.people.get(&user).is_some_and(|one| one.active)
    }

    fn undo(&mut self, by: UserId, command: CommandId, apply: bool, now: DateTime<Utc>) -> Option<Vec<Effect>> {
        let (author, done) = self.applied.get(&command)?.clone();
        // What else an order about an absence did follows from the absence.
        if let Some(Effect::Absence(turned)) = done.first() {
            let turned = self.undo_absence(by, turned.clone(), apply, now)?;
            if apply {
                self.count("absences undone");
            }
            return Some(vec![Effect::Absence(turned)]);
        }
        let covers: Vec<Turned> = done
            .iter()
            .filter_map(|effect| match effect {
                Effect::Uncovered(turned) => Some(turned.clone()),
                _ => None,
            })
            .collect();
        // What went along with a client goes back with it, or not at all.
        let stays: BTreeSet<RecordId> = done
            .iter()
            .filter_map(|effect| match effect {
                Effect::Moved(client, ..) if !self.may_undo(by, author, effect) => Some(*client),
                _ => None,
            })
            .collect();
        let went_along = |effect: &Effect| match effect {
            Effect::Assigned(interaction, ..) => {
                self.tasks.get(interaction).is_some_and(|task| stays.contains(&task.client))
            }
            _ => false,
        };
        let may: Vec<_> =
            done.into_iter().filter(|effect| !went_along(effect) && self.may_undo(by, author, effect)).collect();
        if may.is_empty() {
            return None;
        }
        let (mut effects, mut moved, mut given_back) = (Vec::new(), Vec::new(), Vec::new());
        if !apply {
            return Some(effects);
        }
        for effect in may {
            match effect {
                Effect::Moved(client, from, to) => {
                    self.hand_client(client, from);
                    moved.push((client, to, from));
                    effects.push(Effect::Moved(client, to, from));
                }
                Effect::Assigned(interaction, from, to, lost) => {
                    let again = self.take(to, interaction);
                    self.assign(interaction, from);
                    if let (Some(until), Some(task)) = (lost, self.tasks.get(&interaction)) {
                        let (client, why, until) = (task.client, Why::Task(interaction), Some(until));
                        if until.is_some_and(|until| until > now) {
                            self.give(Given { user: from, client, why, may: May::Add, until });
                        }
                    }
                    given_back.push((interaction, from));
                    effects.push(Effect::Assigned(interaction, to, from, again.and(lost)));
                }
                Effect::Absence(_) | Effect::Uncovered(_) => {}
            }
        }
        effects.extend(self.uncovered(&moved));
        let back: Vec<RecordId> = moved.iter().map(|(client, ..)| *client).collect();
        effects.extend(self.cover_again(covers, &back, &given_back).into_iter().map(Effect::Uncovered));
        self.count("undone");
        Some(effects)
    }

    /// An undo touches only what still is as the order left it.
    fn may_undo(&self, by: UserId, author: UserId, effect: &Effect) -> bool {
        match effect {
            Effect::Moved(client, from, to) => {
                let Some(place) = self.clients.get(client) else { return false };
                let home = self.people.get(from).map(|one| one.department);
                let may = self.supervises(by, place.department) || home.is_some_and(|home| self.supervises(by, home));
                may && place.responsible == *to && self.is_here(*from)
            }
            Effect::Assigned(interaction, from, to, _) => {
                let Some(task) = self.tasks.get(interaction) else { return false };
                let boss = self.clients.get(&task.client).is_some_and(|place| self.supervises(by, place.department));
                (author == by || boss) && task.assigned == *to && task.open && self.is_here(*from)
            }
            Effect::Absence(_) | Effect::Uncovered(_) => false,
        }
    }

    fn decide_on(&mut self, by: UserId, proposal: ProposalId, accepted: bool, plan: Option<&Plan>) {
        let may = self.is_decided(proposal).is_some_and(|(client, decided)| !decided && self.decides(by, client));
        let Some(plan) = plan else { return };
        if !may {
            return self.object(format!("{} decided on a proposal that is not his or was decided", self.name(by)));
        }
        for event in &plan.events {
            if let Event::ProposalDecided { proposal, accepted: so, .. } = event {
                if *so != accepted {
                    self.object("a decision was turned round");
                }
                self.decided(by, *proposal, *so);
            }
        }
    }

    pub(super) fn assign(&mut self, interaction: RecordId, to: UserId) {
        if let Some(task) = self.tasks.get_mut(&interaction) {
            task.assigned = to;
        }
    }
}
