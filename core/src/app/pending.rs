//! Orders given here that the office has not carried out yet, and the office as it will be once it has.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::domain::absence::Absence;
use crate::domain::authority::*;
use crate::domain::decide::{OfficeView, Proposed, decide};
use crate::domain::ids::*;
use crate::domain::merge::Merged;
use crate::domain::order::{Command, Event, Order};
use crate::store::office::Office;
use crate::store::outbox::{ItemState, OutboxEntry};
use crate::store::{Store, StoreError};

/// Orders looked at; older ones have long been answered.
const ORDERS: u32 = 300;

/// Orders that wait to be sent or confirmed, by what they are about; of several the last one given counts.
#[derive(Default)]
pub(super) struct Pending {
    moves: BTreeMap<RecordId, (CommandId, UserId, ItemState)>,
    redirects: BTreeMap<RecordId, (UserId, ItemState)>,
    proposals: BTreeMap<ProposalId, bool>,
    merges: BTreeMap<RecordId, (CommandId, RecordId, ItemState)>,
    absences: Vec<(Command, ItemState)>,
}

impl Pending {
    /// Reads them once for a whole answer.
    pub fn of(store: &Store) -> Result<Self, StoreError> {
        let mut pending = Self::default();
        for entry in store.commands(ORDERS)?.iter().rev() {
            pending.add(entry);
        }
        Ok(pending)
    }

    fn add(&mut self, entry: &OutboxEntry) {
        let state = entry.state;
        if !matches!(state, ItemState::Waiting | ItemState::DependsOn | ItemState::NeedsConfirmation) {
            return;
        }
        let Some(command) = &entry.command else { return };
        match &command.order {
            Order::MoveClients { moves, to, .. } => {
                self.moves.extend(moves.iter().map(|item| (item.client, (command.id, *to, state))));
            }
            Order::RedirectInteraction { interaction, to, .. } => {
                self.redirects.insert(*interaction, (*to, state));
            }
            Order::AcceptProposal { proposal } => {
                self.proposals.insert(*proposal, true);
            }
            Order::DeclineProposal { proposal, .. } => {
                self.proposals.insert(*proposal, false);
            }
            Order::RecordAbsence { .. }
            | Order::ChangeAbsence { .. }
            | Order::EndAbsence { .. }
            | Order::WithdrawAbsence { .. }
            | Order::FinishDismissal { .. } => self.absences.push((command.clone(), state)),
            Order::MergeClients { into, others } => {
                let parts = others.iter().map(|item| (item.client, (command.id, into.client, state)));
                self.merges.extend(parts);
            }
            Order::Undo { .. }
            | Order::RevokeDevice { .. }
            | Order::RevokePerson { .. }
            | Order::Erase { .. }
            | Order::WithdrawWipe { .. } => {}
        }
    }

    /// The move of a client that waits, and to whom.
    pub fn move_of(&self, client: RecordId) -> Option<(CommandId, UserId)> {
        self.moves.get(&client).map(|(command, to, _)| (*command, *to))
    }

    /// The merge of a client that waits, and into which one.
    pub fn merge_of(&self, client: RecordId) -> Option<(CommandId, RecordId)> {
        self.merges.get(&client).map(|(command, into, _)| (*command, *into))
    }

    /// To whom an interaction is to go.
    pub fn redirect_of(&self, interaction: RecordId) -> Option<UserId> {
        self.redirects.get(&interaction).map(|(to, _)| *to)
    }

    /// True where an interaction is handed over and nobody has objected so far.
    pub fn given_away(&self, interaction: RecordId) -> bool {
        self.redirects.get(&interaction).is_some_and(|(_, state)| *state != ItemState::NeedsConfirmation)
    }

    /// Orders about absences that wait, in the order in which they were given.
    pub fn absences(&self) -> impl Iterator<Item = &Command> {
        self.absences.iter().map(|(command, _)| command)
    }

    /// The answer given to a proposal: taken in or left out.
    pub fn answer_to(&self, proposal: ProposalId) -> Option<bool> {
        self.proposals.get(&proposal).copied()
    }
}

/// The office once the orders that wait are carried out: a second order builds on the first one.
pub(super) struct Foreseen {
    office: Office,
    pending: Pending,
    absences: BTreeMap<AbsenceId, Absence>,
}

impl Foreseen {
    /// Absences as the orders given here will leave them.
    pub fn absences(&self) -> impl Iterator<Item = &Absence> {
        self.absences.values()
    }
}

impl Foreseen {
    /// The mirror with the waiting orders on top of it.
    pub fn of(store: &Store) -> Result<Self, StoreError> {
        let mut pending = Pending::of(store)?;
        // What was sent back is no longer expected to happen.
        pending.moves.retain(|_, (_, _, state)| *state != ItemState::NeedsConfirmation);
        pending.merges.retain(|_, (_, _, state)| *state != ItemState::NeedsConfirmation);
        pending.redirects.retain(|_, (_, state)| *state != ItemState::NeedsConfirmation);
        let mut foreseen = Self { office: store.office()?, pending, absences: BTreeMap::new() };
        let me = store.me()?.user;
        for (command, state) in std::mem::take(&mut foreseen.pending.absences) {
            let plan = match state {
                ItemState::NeedsConfirmation => continue,
                _ => decide(&foreseen, me, &command, command.at),
            };
            for event in plan.map(|plan| plan.events).unwrap_or_default() {
                if let Event::AbsenceSet { after, .. } = event {
                    foreseen.absences.insert(after.id, *after);
                }
            }
        }
        Ok(foreseen)
    }
}

impl OfficeView for Foreseen {
    fn user(&self, id: UserId) -> Option<User> {
        self.office.user(id)
    }

    fn department(&self, id: DepartmentId) -> Option<Department> {
        self.office.department(id)
    }

    fn client(&self, id: RecordId) -> Option<ClientAuthority> {
        // It is part of another one as soon as the office hears of it.
        if self.pending.merges.contains_key(&id) {
            return None;
        }
        let now = self.office.client(id)?;
        let moved = self.pending.moves.get(&id).and_then(|(_, to, _)| self.office.user(*to));
        Some(moved.map_or(now, |to| ClientAuthority { responsible: to.id, department: to.department }))
    }

    fn interaction(&self, id: RecordId) -> Option<Assignment> {
        let now = self.office.interaction(id)?;
        let moved_with_client = self.pending.moves.get(&now.client).map(|(_, to, _)| *to);
        let went_along = moved_with_client
            .filter(|_| self.office.client(now.client).is_some_and(|client| client.responsible == now.assigned));
        let assigned = self.pending.redirects.get(&id).map(|(to, _)| *to).or(went_along).unwrap_or(now.assigned);
        Some(Assignment { assigned, ..now })
    }

    fn open_interactions(&self, client: RecordId, assigned: UserId) -> Vec<RecordId> {
        self.office.open_interactions(client, assigned)
    }

    fn grants(&self, home: Home, user: UserId) -> Vec<Grant> {
        self.office.grants(home, user)
    }

    fn device(&self, id: DeviceId) -> Option<Device> {
        self.office.device(id)
    }

    fn exists(&self, record: RecordId) -> bool {
        self.office.exists(record)
    }

    fn erasure(&self, record: RecordId) -> Option<(CommandId, DateTime<Utc>)> {
        self.office.erasure(record)
    }

    fn devices_of(&self, user: UserId) -> Vec<Device> {
        self.office.devices_of(user)
    }

    fn proposal(&self, id: ProposalId) -> Option<Proposed> {
        let proposed = self.office.proposal(id)?;
        Some(Proposed { decided: proposed.decided || self.pending.proposals.contains_key(&id), ..proposed })
    }

    fn applied(&self, id: CommandId) -> Option<(UserId, Vec<Event>)> {
        self.office.applied(id)
    }

    fn absence(&self, id: AbsenceId) -> Option<Absence> {
        self.absences.get(&id).cloned().or_else(|| self.office.absence(id))
    }

    fn absences_of(&self, person: UserId) -> Vec<Absence> {
        let mut all = self.office.absences_of(person);
        all.retain(|known| !self.absences.contains_key(&known.id));
        all.extend(self.absences.values().filter(|one| one.person == person && one.is_alive()).cloned());
        all
    }

    fn clients_of(&self, person: UserId) -> Vec<RecordId> {
        let mut his = self.office.clients_of(person);
        his.extend(self.pending.moves.iter().filter(|(_, (_, to, _))| *to == person).map(|(client, _)| *client));
        his.retain(|client| self.client(*client).is_some_and(|held| held.responsible == person));
        his.sort();
        his.dedup();
        his
    }

    fn holders(&self, home: Home) -> Vec<(UserId, Grant)> {
        self.office.holders(home)
    }

    fn merged(&self, client: RecordId) -> Option<Merged> {
        self.office.merged(client)
    }

    fn came_with(&self, client: RecordId) -> BTreeSet<RecordId> {
        self.office.came_with(client)
    }

    fn open_of(&self, person: UserId) -> Vec<RecordId> {
        let mut his = self.office.open_of(person);
        his.retain(|id| self.interaction(*id).is_some_and(|one| one.assigned == person));
        his
    }
}
