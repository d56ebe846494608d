//! Office commands, by the words of the issue: a rep redirects his own planned interaction, a supervisor hands over,
//! moves and takes back within his department, a contradiction comes back.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use satchel_core::domain::ids::*;
use satchel_core::domain::order::{Command, Event, Order, Plan};

use super::Oracle;
use super::access::Given;

/// One thing an applied order did, to be taken back by an undo.
#[derive(Clone, Debug)]
pub enum Effect {
    /// A client went from one to another.
    Moved(RecordId, UserId, UserId),
    /// An interaction went from one to another; and until when whoever lost it saw the client for it.
    Assigned(RecordId, UserId, UserId, Option<DateTime<Utc>>),
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
        let effects = match &command.order {
            Order::RedirectInteraction { interaction, from, to, until, .. } => {
                self.redirect(by, *interaction, (*from, *to), *until, plan.is_some(), now)
            }
            Order::MoveClients { moves, to, .. } => {
                let moves: Vec<_> = moves.iter().map(|one| (one.client, one.from)).collect();
                self.move_clients(by, &moves, *to, plan.is_some())
            }
            Order::Undo { command } => self.undo(by, *command, plan.is_some(), now),
            Order::RevokeDevice { device, .. } => self.revoke(by, *device, plan.is_some()),
            Order::RevokePerson { .. }
            | Order::Erase { .. }
            | Order::WithdrawWipe { .. }
            | Order::AcceptProposal { .. }
            | Order::DeclineProposal { .. }
            | Order::RecordAbsence { .. }
            | Order::ChangeAbsence { .. }
            | Order::EndAbsence { .. }
            | Order::WithdrawAbsence { .. }
            | Order::FinishDismissal { .. } => None,
        };
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
        if !may || task.assigned != from || from == to || !task.open {
            return None;
        }
        if apply {
            let lost = self.take(from, interaction);
            self.assign(interaction, to);
            if to != place.responsible {
                let until = until.clamp(now, now + chrono::Duration::days(180));
                self.give(Given { user: to, client: task.client, interaction, until });
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
        for (client, from) in moves {
            if !apply {
                continue;
            }
            effects.push(Effect::Moved(client, from, to));
            self.hand_client(client, to);
            // What is still to be done goes along with the client.
            let along =
                self.tasks.iter().filter(|(_, task)| task.client == client && task.open && task.assigned == from);
            let along: Vec<RecordId> = along.map(|(id, _)| *id).collect();
            for interaction in along {
                self.take(from, interaction);
                self.assign(interaction, to);
                effects.push(Effect::Assigned(interaction, from, to, None));
            }
            self.count("moved");
        }
        Some(effects)
    }

    fn undo(&mut self, by: UserId, command: CommandId, apply: bool, now: DateTime<Utc>) -> Option<Vec<Effect>> {
        let (author, done) = self.applied.get(&command)?.clone();
        let may: Vec<_> = done.into_iter().filter(|effect| self.may_undo(by, author, effect)).collect();
        if may.is_empty() {
            return None;
        }
        let mut effects = Vec::new();
        for effect in may {
            if !apply {
                continue;
            }
            match effect {
                Effect::Moved(client, from, to) => {
                    self.hand_client(client, from);
                    effects.push(Effect::Moved(client, to, from));
                }
                Effect::Assigned(interaction, from, to, lost) => {
                    let again = self.take(to, interaction);
                    self.assign(interaction, from);
                    if let (Some(until), Some(task)) = (lost.filter(|until| *until > now), self.tasks.get(&interaction))
                    {
                        let client = task.client;
                        self.give(Given { user: from, client, interaction, until });
                    }
                    effects.push(Effect::Assigned(interaction, to, from, again.and(lost)));
                }
            }
        }
        if apply {
            self.count("undone");
        }
        Some(effects)
    }

    /// An undo touches only what still is as the order left it.
    fn may_undo(&self, by: UserId, author: UserId, effect: &Effect) -> bool {
        match effect {
            Effect::Moved(client, from, to) => {
                let Some(place) = self.clients.get(client) else { return false };
                let home = self.people.get(from).map(|one| one.department);
                let may = self.supervises(by, place.department) || home.is_some_and(|home| self.supervises(by, home));
                may && place.responsible == *to
            }
            Effect::Assigned(interaction, _, to, _) => {
                let Some(task) = self.tasks.get(interaction) else { return false };
                let boss = self.clients.get(&task.client).is_some_and(|place| self.supervises(by, place.department));
                (author == by || boss) && task.assigned == *to && task.open
            }
        }
    }

    fn revoke(&mut self, by: UserId, device: DeviceId, apply: bool) -> Option<Vec<Effect>> {
        let owner = *self.devices.get(&device)?;
        let boss = self.people.get(&owner).is_some_and(|one| self.supervises(by, one.department));
        if owner != by && !boss {
            return None;
        }
        if self.revoked.contains(&device) {
            // Two supervisors, or one twice while he was offline: the second may be told either way.
            return apply.then(Vec::new);
        }
        if apply {
            self.revoked.insert(device);
            self.count("devices revoked");
        }
        Some(Vec::new())
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
                self.decided(*proposal, *so);
            }
        }
    }

    fn assign(&mut self, interaction: RecordId, to: UserId) {
        if let Some(task) = self.tasks.get_mut(&interaction) {
            task.assigned = to;
        }
    }
}
