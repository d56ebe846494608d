//! Absences: who is away, who stands in, who could.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{GivenTo, Person, Reference};
use crate::domain::ids::*;

/// An absence, current, coming or lately over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AbsenceRow {
    /// The absence.
    pub id: AbsenceId,
    /// Who is away.
    pub person: Option<Person>,
    /// `illness`, `holiday`, `dismissal`, `other`; empty for those whose business it is not.
    pub reason: String,
    /// The first moment he is away.
    pub from: DateTime<Utc>,
    /// The first moment he is back; open while `None`.
    pub until: Option<DateTime<Utc>>,
    /// `coming`, `running`, `over`, `withdrawn`.
    pub stage: String,
    /// The person at this device is away.
    pub mine: bool,
    /// The person at this device stands in.
    pub stands_in: bool,
    /// The person at this device may change it.
    pub may_change: bool,
    /// Who stands in, and for how much.
    pub substitutes: Vec<AbsenceShare>,
    /// Clients, each with its substitute.
    pub clients: Vec<GivenTo>,
    /// Interactions, each with its substitute.
    pub interactions: Vec<GivenTo>,
    /// What was ordered here and waits: `record`, `change`, `end`, `withdraw`, `finish`, or empty.
    pub pending: String,
    /// The order that waits, to take it back.
    pub command: Option<CommandId>,
}

/// What one colleague has of an absence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AbsenceShare {
    /// The colleague.
    pub person: Option<Person>,
    /// Clients he stands in for.
    pub n_clients: u32,
    /// Interactions he got.
    pub n_interactions: u32,
}

/// Somebody stands in for somebody, as a client's row and card show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Cover {
    /// The absence.
    pub absence: AbsenceId,
    /// Who is away.
    pub person: Option<Person>,
    /// Who stands in.
    pub substitute: Option<Person>,
    /// True where that is the person at this device.
    pub by_me: bool,
    /// Until when; open while `None`.
    pub until: Option<DateTime<Utc>>,
}

/// For Today: the person at this device stands in for somebody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct CoverLine {
    /// The absence.
    pub absence: AbsenceId,
    /// Who is away.
    pub person: Option<Person>,
    /// Since when.
    pub from: DateTime<Utc>,
    /// Until when; open while `None`.
    pub until: Option<DateTime<Utc>>,
    /// True while it has not begun.
    pub coming: bool,
    /// Clients seen for it.
    pub n_clients: u32,
}

/// Asks who could stand in.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ProposeCover {
    /// Who is away.
    pub person: UserId,
    /// The first moment he is away.
    pub from: DateTime<Utc>,
    /// The first moment he is back; open while `None`.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub until: Option<DateTime<Utc>>,
    /// Only these may stand in; `None` for everybody who is there.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub colleagues: Option<Vec<UserId>>,
}

/// Who could stand in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct CoverProposal {
    /// His clients, each with somebody.
    pub clients: Vec<ProposedClient>,
    /// What he has planned in that time, overdue first, each with somebody.
    pub interactions: Vec<ProposedInteraction>,
    /// Who may stand in, with what they have to do.
    pub colleagues: Vec<CoverColleague>,
}

/// Somebody for a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ProposedClient {
    /// The client.
    pub client: Reference,
    /// Who might stand in; nobody where everybody is away.
    pub to: Option<UserId>,
    /// Why: `knows_client`, `same_region`, `same_department`, `least_load`.
    pub why: Vec<String>,
    /// Planned with it in that time.
    pub n_planned: u32,
    /// How many of those fall into plans of his own.
    pub n_clashes: u32,
}

/// Somebody for an interaction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ProposedInteraction {
    /// The interaction.
    pub interaction: RecordId,
    /// Its topic.
    pub subject: String,
    /// Its channel.
    pub channel: String,
    /// Its client.
    pub client: Option<Reference>,
    /// When.
    pub starts_at: Option<DateTime<Utc>>,
    /// Who might do it.
    pub to: Option<UserId>,
    /// It falls into a plan of his own.
    pub clash: bool,
}

/// A colleague who may stand in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct CoverColleague {
    /// The colleague.
    pub person: Person,
    /// Clients he is responsible for.
    pub n_clients: u32,
    /// Interactions he is to do.
    pub n_open: u32,
    /// He is away himself at some moment of that time.
    pub away: bool,
}

/// Names an absence.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AbsenceKey {
    /// The absence.
    pub absence: AbsenceId,
}

/// What stands in the way of finishing a dismissal, as far as this device knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DismissalState {
    /// True where nothing does.
    pub ready: bool,
    /// Clients he is still responsible for.
    pub clients: Vec<Reference>,
    /// Interactions he is still to do.
    pub interactions: Vec<Reference>,
    /// His devices with edits that have not arrived, or that have not been in touch.
    pub devices: Vec<UnsettledDevice>,
}

/// A device of somebody who leaves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct UnsettledDevice {
    /// The device.
    pub id: DeviceId,
    /// Its name.
    pub name: String,
    /// Last contact with the server.
    pub contact_at: Option<DateTime<Utc>>,
    /// Edits it had not sent then.
    pub n_unsent: u32,
    /// Homes it has not purged.
    pub n_purges: u32,
}
