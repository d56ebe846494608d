//! What is not sent, orders, the team, devices, proposals.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Fields, Person, Reference};
use crate::domain::ids::*;

/// Why an item has not been acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Waiting {
    /// No contact with the server since it was made.
    NotSent,
    /// Another item must go first.
    DependsOn,
    /// The world has changed: somebody must confirm or withdraw.
    NeedsConfirmation,
    /// The server refused it; its text can still be copied.
    Refused,
    /// Set aside: somebody else decides.
    SetAside,
}

/// An item of the "not sent" panel.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OutboxItem {
    /// The group or command.
    pub id: String,
    /// `create`, `edit` or the command's name.
    pub what: String,
    /// Kind of the record written; empty for commands.
    pub kind: String,
    /// The record, to open it.
    pub record: Option<RecordId>,
    /// Title of the record, or how many things the command is about.
    pub title: String,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Why it waits.
    pub waiting: Waiting,
    /// Error code for refused items; empty otherwise.
    pub code: String,
    /// Field keys and values typed, for copying.
    pub fields: Fields,
    /// For commands: what was ordered.
    pub command: Option<CommandView>,
    /// For commands sent back: what the server would do now.
    pub found: Option<Rehearsal>,
}

/// Names an item of the outbox.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OutboxKey {
    /// The group or command.
    pub id: String,
}

/// An order as a person gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// Redirects one planned interaction to a colleague (C-124).
    RedirectInteraction {
        /// The interaction.
        interaction: RecordId,
        /// To whom.
        to: UserId,
        /// What to tell him.
        #[serde(default)]
        comment: String,
    },
    /// Moves clients to a colleague for good (C-171).
    MoveClients {
        /// The clients.
        clients: Vec<RecordId>,
        /// To whom.
        to: UserId,
        /// `illness`, `holiday`, `dismissal`, `other`.
        reason: String,
    },
    /// Takes back an order applied earlier, item by item, where nothing changed since.
    Undo {
        /// The order to take back.
        command: CommandId,
    },
    /// Ends a device's rights.
    RevokeDevice {
        /// The device.
        device: DeviceId,
    },
    /// Takes a set-aside edit in, whole.
    AcceptProposal {
        /// The proposal.
        proposal: ProposalId,
    },
    /// Leaves a set-aside edit out.
    DeclineProposal {
        /// The proposal.
        proposal: ProposalId,
    },
}

/// Asks what an order would do; the server is asked where it can be reached, this device answers otherwise.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RehearseOrder {
    /// The order.
    pub order: Order,
}

/// Gives an order; what the rehearsal showed is what the person confirmed.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct GiveOrder {
    /// The order.
    pub order: Order,
    /// The rehearsal's mark; `None` where none was shown.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub confirmed: Option<Rehearsal>,
}

/// What an order would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Rehearsal {
    /// `None` where the server answered; otherwise the time the device's knowledge is from.
    pub as_of: Option<DateTime<Utc>>,
    /// Clients touched.
    pub clients: Vec<Reference>,
    /// Open interactions that go along.
    pub n_interactions: u32,
    /// Who loses, who gains.
    pub people: Vec<Effect>,
    /// Items that cannot be done, with the reason's code.
    pub refused: Vec<RefusedItem>,
}

/// What an order means for one person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Effect {
    /// The person.
    pub user: UserId,
    /// His name.
    pub name: String,
    /// Clients he will see and does not see now.
    pub n_gained: u32,
    /// Clients he sees now and will not see.
    pub n_lost: u32,
    /// His devices that will be told.
    pub devices: Vec<String>,
}

/// A part of an order that cannot be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct RefusedItem {
    /// The client or interaction.
    pub record: RecordId,
    /// Its name here.
    pub title: String,
    /// Why: an error code.
    pub code: String,
}

/// State of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Waits to be sent.
    Pending,
    /// Sent back for confirmation.
    NeedsConfirmation,
    /// Done.
    Applied,
    /// Refused.
    Refused,
    /// Taken back by its author before it was applied.
    Withdrawn,
}

/// An order with what became of it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CommandView {
    /// The order's id.
    pub id: CommandId,
    /// The order itself.
    pub order: Order,
    /// State.
    pub state: OrderState,
    /// When it was given here.
    pub at: DateTime<Utc>,
    /// What it did, or would do.
    pub effect: Option<Rehearsal>,
    /// Error code when refused.
    pub code: String,
    /// True while it can be taken back.
    pub can_undo: bool,
}

/// A person as the Team screen shows him.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TeamRow {
    /// The person.
    pub person: Person,
    /// Clients he is responsible for.
    pub n_clients: u32,
    /// Open interactions assigned to him.
    pub n_open: u32,
    /// Of those overdue.
    pub n_overdue: u32,
    /// Interactions held in the last seven days.
    pub n_held: u32,
    /// His devices as last known here.
    pub devices: Vec<DeviceRow>,
}

/// A device as its owner and his supervisors see it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DeviceRow {
    /// The device.
    pub id: DeviceId,
    /// Whose.
    pub user: UserId,
    /// Its name.
    pub name: String,
    /// True for the device at hand.
    pub this_device: bool,
    /// When it was enrolled.
    pub enrolled_at: DateTime<Utc>,
    /// Last contact with the server.
    pub contact_at: Option<DateTime<Utc>>,
    /// Homes it lost and has not confirmed purging.
    pub n_purges: u32,
    /// Revoked by the office.
    pub revoked: bool,
}

/// A late edit that waits for a decision.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ProposalRow {
    /// The proposal.
    pub id: ProposalId,
    /// The record it changes.
    pub record: RecordId,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub title: String,
    /// The client.
    pub client: Option<Reference>,
    /// Who typed it.
    pub author: Option<Person>,
    /// When, by his device's clock.
    pub at: DateTime<Utc>,
    /// When it reached the server.
    pub received_at: DateTime<Utc>,
    /// `edit` or `create`.
    pub what: String,
    /// Values now.
    pub before: Fields,
    /// Values proposed.
    pub after: Fields,
    /// An answer given here that waits to be sent: `accept`, `decline` or empty.
    pub pending: String,
}
