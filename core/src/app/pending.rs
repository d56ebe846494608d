//! Orders given here that the office has not carried out yet, and the office as it will be once it has.

use std::collections::BTreeMap;

use crate::domain::authority::*;
use crate::domain::decide::{OfficeView, Proposed};
use crate::domain::ids::*;
use crate::domain::order::{Event, Order};
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
            Order::Undo { .. }
            | Order::RevokeDevice { .. }
            | Order::RevokePerson { .. }
            | Order::WithdrawWipe { .. } => {}
        }
    }

    /// The move of a client that waits, and to whom.
    pub fn move_of(&self, client: RecordId) -> Option<(CommandId, UserId)> {
        self.moves.get(&client).map(|(command, to, _)| (*command, *to))
    }

    /// To whom an interaction is to go.
    pub fn redirect_of(&self, interaction: RecordId) -> Option<UserId> {
        self.redirects.get(&interaction).map(|(to, _)| *to)
    }

    /// True where an interaction is handed over and nobody has objected so far.
    pub fn given_away(&self, interaction: RecordId) -> bool {
        self.redirects.get(&interaction).is_some_and(|(_, state)| *state != ItemState::NeedsConfirmation)
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
}

impl Foreseen {
    /// The mirror with the waiting orders on top of it.
    pub fn of(store: &Store) -> Result<Self, StoreError> {
        let mut pending = Pending::of(store)?;
        // What was sent back is no longer expected to happen.
        pending.moves.retain(|_, (_, _, state)| *state != ItemState::NeedsConfirmation);
        pending.redirects.retain(|_, (_, state)| *state != ItemState::NeedsConfirmation);
        Ok(Self { office: store.office()?, pending })
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
}
