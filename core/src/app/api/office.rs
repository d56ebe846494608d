//! What is not sent, orders, the team, devices, proposals.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Fields, KeptValue, Person, Reference};
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
    /// Makes one client of several made for the same one.
    MergeClients {
        /// The one that stays.
        into: RecordId,
        /// Those that go.
        others: Vec<RecordId>,
    },
    /// Takes back an order applied earlier, item by item, where nothing changed since.
    Undo {
        /// The order to take back.
        command: CommandId,
    },
    /// Ends a device's rights; of one whose rights have ended only the wipe counts.
    RevokeDevice {
        /// The device.
        device: DeviceId,
        /// How it is emptied; nothing is where there is none.
        #[serde(default)]
        #[ts(optional = nullable)]
        wipe: Option<Wipe>,
    },
    /// Ends a person's rights with all his devices'.
    RevokePerson {
        /// The person.
        user: UserId,
        /// How his devices are emptied.
        #[serde(default)]
        #[ts(optional = nullable)]
        wipe: Option<Wipe>,
    },
    /// Takes a wipe back while its delay runs.
    WithdrawWipe {
        /// The device.
        device: DeviceId,
    },
    /// Erases what is personal in records, for good; while the delay runs it can be undone.
    Erase {
        /// The records.
        records: Vec<RecordId>,
        /// Seconds in which it can be undone.
        after_seconds: u32,
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
        /// Fields whose values were taken over by hand first, for the author's receipt.
        #[serde(default)]
        #[ts(optional = nullable, as = "Option<Vec<String>>")]
        picked: Vec<String>,
    },
    /// Records that somebody is away and who stands in for him.
    RecordAbsence {
        /// Its id, where the order was given before; a new one is made otherwise.
        #[serde(default)]
        #[ts(optional = nullable)]
        absence: Option<AbsenceId>,
        /// Who is away.
        person: UserId,
        /// `illness`, `holiday`, `dismissal`, `other`.
        reason: String,
        /// The first moment he is away.
        from: DateTime<Utc>,
        /// The first moment he is back; open while `None`. A dismissal is always open.
        #[serde(default)]
        #[ts(optional = nullable)]
        until: Option<DateTime<Utc>>,
        /// Clients, each with its substitute.
        clients: Vec<GivenTo>,
        /// Planned interactions, each with its substitute.
        interactions: Vec<GivenTo>,
    },
    /// Changes time and distribution of an absence; what is said here replaces what was said before.
    ChangeAbsence {
        /// The absence.
        absence: AbsenceId,
        /// The first moment he is away; counts while it has not begun.
        from: DateTime<Utc>,
        /// The first moment he is back; open while `None`.
        #[serde(default)]
        #[ts(optional = nullable)]
        until: Option<DateTime<Utc>>,
        /// Clients, each with its substitute.
        clients: Vec<GivenTo>,
        /// Planned interactions, each with its substitute.
        interactions: Vec<GivenTo>,
    },
    /// He is back now.
    EndAbsence {
        /// The absence.
        absence: AbsenceId,
    },
    /// Takes an absence back; what was done meanwhile stays.
    WithdrawAbsence {
        /// The absence.
        absence: AbsenceId,
    },
    /// The last step of a dismissal: account and devices end.
    FinishDismissal {
        /// The absence that carries the dismissal.
        absence: AbsenceId,
    },
}

/// One client or interaction, and who stands in for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GivenTo {
    /// The client or the interaction.
    pub record: RecordId,
    /// The colleague.
    pub to: UserId,
}

/// How a device is emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Wipe {
    /// What was not sent goes to the tray of late edits first.
    pub rescue: bool,
    /// Seconds in which it can be taken back.
    pub after_seconds: u32,
}

impl From<Wipe> for crate::domain::order::Wipe {
    fn from(wipe: Wipe) -> Self {
        Self { rescue: wipe.rescue, after_seconds: wipe.after_seconds }
    }
}

impl From<crate::domain::order::Wipe> for Wipe {
    fn from(wipe: crate::domain::order::Wipe) -> Self {
        Self { rescue: wipe.rescue, after_seconds: wipe.after_seconds }
    }
}

/// An order to empty a device, and how far that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WipeRow {
    /// What was not sent goes to the tray of late edits first.
    pub rescue: bool,
    /// Not before this; until then it can be taken back.
    pub due: DateTime<Utc>,
    /// When the device had sent what it had not sent before.
    pub rescued_at: Option<DateTime<Utc>>,
    /// When the device said that it is empty.
    pub done_at: Option<DateTime<Utc>>,
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

/// Hands several planned interactions over to a colleague.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct HandOverMany {
    /// The interactions, at most 200.
    pub interactions: Vec<RecordId>,
    /// To whom.
    pub to: UserId,
    /// A word to him.
    #[serde(default)]
    pub comment: String,
    /// Only say what it would do.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub rehearse: Option<bool>,
}

/// What handing several interactions over does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct HandedOver {
    /// All orders together, as this device knows them.
    pub rehearsal: Rehearsal,
    /// The orders given, each to be taken back by itself.
    pub commands: Vec<CommandId>,
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
    /// For `changed_meanwhile_by_office`: who was expected to have it and who has it.
    pub clash: Option<Clash>,
}

/// The world is not what an order expected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Clash {
    /// Who was expected to have it; empty where this device does not know him.
    pub expected: String,
    /// Who has it.
    pub found: String,
}

/// How somebody's access to a client ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct AccessEnded {
    /// Who ordered it.
    pub by: Option<Person>,
    /// Who has the client now.
    pub now_with: Option<Person>,
    /// When, by the server's clock.
    pub at: Option<DateTime<Utc>>,
    /// Key of the order, such as `move_clients`; empty where nobody ordered it.
    pub order: String,
    /// `illness`, `holiday`, `dismissal`, `other` or empty.
    pub reason: String,
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
    /// For an order sent back because somebody else has the thing: whom it expected and whom it found.
    pub clash: Option<Clash>,
    /// True while it can be taken back.
    pub can_undo: bool,
    /// Of an order that takes another back, as it is given: what of the edits along with that stays as it is.
    pub kept: Vec<KeptValue>,
}

/// What became of taking an item back.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TakenBack {
    /// What of the edits along with an order stays as it is.
    pub kept: Vec<KeptValue>,
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
    /// Version of the app, as it said last; empty where it never did.
    pub app: String,
    /// Groups and orders it had not sent, as it said last.
    pub n_unsent: u32,
    /// When it last showed that it holds everything there was for it.
    pub acked_at: Option<DateTime<Utc>>,
    /// When the server said all this.
    pub as_of: Option<DateTime<Utc>>,
    /// The order to empty it, where one stands.
    pub wipe: Option<WipeRow>,
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
    /// On which device; empty where this one does not know it.
    pub device: String,
    /// Since when that device had been without contact, where it was.
    pub away_since: Option<DateTime<Utc>>,
    /// Minutes by which its clock was ahead (behind: negative), where it was plainly wrong; otherwise 0.
    #[ts(type = "number")]
    pub skew: i64,
    /// Why it was set aside.
    pub ended: AccessEnded,
    /// `edit` or `create`.
    pub what: String,
    /// Values the author had before him.
    pub before: Fields,
    /// Values now.
    pub now: Fields,
    /// Values proposed.
    pub after: Fields,
    /// Names of other records whose edits are decided together with this one.
    pub together: Vec<String>,
    /// True where single values can be taken over: this person may edit the record.
    pub may_pick: bool,
    /// An answer given here that waits to be sent: `accept`, `decline` or empty.
    pub pending: String,
}

/// Takes single values over from a late edit, as one's own edit, and leaves the rest of it out (rule 12).
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PickValues {
    /// The proposal.
    pub proposal: ProposalId,
    /// Keys of the fields to take over.
    pub fields: Vec<String>,
}

/// What became of an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Set aside: somebody else decides.
    Waiting,
    /// Refused.
    Refused,
    /// Taken back by its author.
    Withdrawn,
    /// Set aside and taken in.
    Accepted,
    /// Set aside and left out.
    Declined,
    /// Refused, and its values sent again as a new edit.
    SentAgain,
}

/// A receipt: what became of one of one's own edits that was not simply taken in (OFF-1).
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ReceiptView {
    /// To forget it.
    #[ts(type = "number")]
    pub id: i64,
    /// The edit's item in the outbox, while it is there.
    pub item: Option<String>,
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: String,
    /// Its name, while this device knows it.
    pub title: String,
    /// The client, while it is on this device.
    pub client: Option<Reference>,
    /// `edit` or `create`.
    pub what: String,
    /// When it was saved, by this device's clock.
    pub made_at: DateTime<Utc>,
    /// When it came to this.
    pub at: Option<DateTime<Utc>>,
    /// What became of it.
    pub fate: Fate,
    /// Why it was refused: an error code; empty otherwise.
    pub code: String,
    /// Keys of the fields changed.
    pub keys: Vec<String>,
    /// What was typed, while it is kept.
    pub fields: Fields,
    /// How the person's access had ended, where that is the reason.
    pub ended: Option<AccessEnded>,
    /// Who decided.
    pub answered_by: Option<Person>,
    /// When.
    pub answered_at: Option<DateTime<Utc>>,
    /// Fields whose values the decider took over by hand.
    pub picked: Vec<String>,
}

/// Names a receipt.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ReceiptKey {
    /// The receipt.
    #[ts(type = "number")]
    pub id: i64,
}
