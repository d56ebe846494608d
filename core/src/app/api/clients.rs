//! Clients and interactions.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::{Access, Cover, CoverLine, Fields, Person, RecordView, Reference, Row};
use crate::domain::ids::*;

/// Names a client.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ClientKey {
    /// The client's record.
    pub client: RecordId,
}

/// All a client's card shows at first sight.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ClientCard {
    /// The client's record.
    pub record: RecordView,
    /// Who is responsible.
    pub responsible: Option<Person>,
    /// Contact persons.
    pub persons: Vec<RecordView>,
    /// Legal entities, the main one first.
    pub legal_entities: Vec<RecordView>,
    /// How the client stands to each of them, in the same order.
    pub ties: Vec<EntityTie>,
    /// Open interactions, soonest first.
    pub planned: Vec<InteractionRow>,
    /// What happened, latest first; the first page.
    pub history: Vec<InteractionRow>,
    /// How many interactions happened in all.
    pub n_history: u32,
    /// What they, and those planned, can be narrowed to.
    pub facets: HistoryFacets,
    /// Why this person sees the client, strongest first.
    pub reasons: Vec<Reason>,
    /// A move of this client that waits to be sent or confirmed.
    pub pending_move: Option<PendingMove>,
    /// Somebody stands in for the person responsible.
    pub cover: Option<Cover>,
}

/// How a client stands to one of his legal entities.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct EntityTie {
    /// The legal entity.
    pub legal_entity: RecordId,
    /// Stands first.
    pub main: bool,
    /// Other clients it stands for, as far as this person sees them.
    pub others: Vec<Reference>,
}

/// Links a client with a legal entity.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LinkLegalEntity {
    /// The client.
    pub client: RecordId,
    /// One that is here; `None` makes a new one.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub legal_entity: Option<RecordId>,
    /// Values of the new one.
    #[serde(default)]
    pub fields: Fields,
}

/// Names a client and one of his legal entities.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ClientEntity {
    /// The client.
    pub client: RecordId,
    /// The legal entity.
    pub legal_entity: RecordId,
}

/// A move of a client that is not applied yet.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PendingMove {
    /// The order.
    pub command: CommandId,
    /// To whom.
    pub to: Person,
}

/// Why a person sees a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Reason {
    /// `responsible`, `substitute`, `assigned`, `supervisor`, `admin` …
    pub reason: String,
    /// Whom he stands in for.
    pub person: Option<Person>,
    /// Until when, if it ends by itself.
    pub until: Option<DateTime<Utc>>,
    /// `read`, `add` or `write`: how much it lets the person do.
    pub level: Access,
    /// For `supervisor`: from the client's department up to the one this person supervises, by name.
    pub departments: Vec<String>,
    /// For `assigned`: the interactions.
    pub interactions: Vec<AssignedReason>,
}

/// An interaction for which a person sees a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AssignedReason {
    /// The interaction.
    pub id: RecordId,
    /// Its subject; empty where it has none.
    pub subject: String,
    /// Its channel.
    pub channel: String,
    /// When it begins or was.
    pub starts_at: Option<DateTime<Utc>>,
    /// Who handed it over; empty where nobody did.
    pub by: String,
    /// Until when the client is seen for it.
    pub until: Option<DateTime<Utc>>,
}

/// Asks for a later page of a client's history.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct HistoryRequest {
    /// The client.
    pub client: RecordId,
    /// Rows to skip.
    pub offset: u32,
    /// Rows wanted.
    pub limit: u32,
    /// Only of these channels; none for all.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub channels: Vec<String>,
    /// Only with this person: a colleague who did it, or one of the client's people.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub person: Option<Uuid>,
    /// First day, in the zone of whoever asks.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub from: Option<NaiveDate>,
    /// Last day.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub until: Option<NaiveDate>,
}

/// What the interactions of a client can be narrowed to.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct HistoryFacets {
    /// Their channels.
    pub channels: Vec<String>,
    /// Colleagues who did them, or are to.
    pub colleagues: Vec<Person>,
    /// The client's people they were with.
    pub persons: Vec<Reference>,
}

/// One page of a client's history.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct HistoryPage {
    /// How many there are in all.
    pub total: u32,
    /// The rows.
    pub rows: Vec<InteractionRow>,
}

/// Event class of an open interaction (C-056, D-3); computed in the viewer's time zone, never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EventClass {
    /// Due before now and not done.
    Overdue,
    /// Due today or going on.
    Current,
    /// Later than today.
    Planned,
    /// Done or called off.
    Closed,
}

/// An interaction as lists, Today and the timeline show it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct InteractionRow {
    /// The record.
    pub id: RecordId,
    /// `meeting`, `visit`, `call`, `email`, `sms`, `conference`, `open`, `other` …
    pub channel: String,
    /// `planned`, `held` or `cancelled`.
    pub state: String,
    /// Topic.
    pub subject: String,
    /// What is to be done.
    pub description: String,
    /// When it begins or was.
    pub starts_at: Option<DateTime<Utc>>,
    /// When it ends.
    pub ends_at: Option<DateTime<Utc>>,
    /// `reached`, `agreed`, `refused`, `call_back`, `other` or empty.
    pub outcome: String,
    /// What came of it.
    pub result: String,
    /// Day of the next contact agreed.
    pub next_contact: Option<NaiveDate>,
    /// Its class at the moment of asking.
    pub class: EventClass,
    /// The client.
    pub client: Option<Reference>,
    /// Contact persons.
    pub persons: Vec<Reference>,
    /// Who is to do it.
    pub assigned: Option<Person>,
    /// Who did it.
    pub contactor: Option<Person>,
    /// Hand-overs so far, oldest first.
    pub hand_overs: Vec<HandOverView>,
    /// A hand-over that waits to be sent or confirmed.
    pub pending_to: Option<Person>,
    /// Not acknowledged yet.
    pub unsent: bool,
    /// Fields with competing values.
    pub n_reviews: u32,
}

/// One page of interactions.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct InteractionPage {
    /// How many there are in all.
    pub total: u32,
    /// The rows.
    pub rows: Vec<InteractionRow>,
}

/// One hand-over of an interaction.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct HandOverView {
    /// From whom.
    pub from: Option<Person>,
    /// To whom.
    pub to: Option<Person>,
    /// Who said so.
    pub by: Option<Person>,
    /// When, by the server's clock.
    pub at: DateTime<Utc>,
    /// What he added.
    pub comment: String,
}

/// Asks for the start screen.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TodayRequest {
    /// Somebody else's, for supervisors; `None` for one's own.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub user: Option<UserId>,
    /// IANA name of the viewer's time zone.
    pub zone: String,
}

/// The start screen.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Today {
    /// Due before now and not done.
    pub overdue: Vec<InteractionRow>,
    /// Due today.
    pub current: Vec<InteractionRow>,
    /// The next ones, at most 50.
    pub planned: Vec<InteractionRow>,
    /// How many are planned in all.
    pub n_planned: u32,
    /// Clients not seen for long, for a day with nothing planned.
    pub forgotten: Vec<Row>,
    /// Whom the person at this device stands in for, now and soon.
    pub covers: Vec<CoverLine>,
    /// The moment the classes were computed for.
    pub now: DateTime<Utc>,
}

/// Logs an interaction that has happened.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LogInteraction {
    /// With whom.
    pub client: RecordId,
    /// Contact persons.
    #[serde(default)]
    pub persons: Vec<RecordId>,
    /// The channel.
    pub channel: String,
    /// Topic; may be empty.
    #[serde(default)]
    pub subject: String,
    /// A chip: `reached`, `agreed`, `refused`, `call_back`, `other`.
    pub outcome: String,
    /// What came of it, in words.
    #[serde(default)]
    pub result: String,
    /// When it was; `None` is now.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub at: Option<DateTime<Utc>>,
    /// The next contact.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub next: Option<NextContact>,
}

/// When and how to be in touch next.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct NextContact {
    /// The day.
    pub day: NaiveDate,
    /// The moment that day begins for the person; the plan is due on it.
    pub starts_at: DateTime<Utc>,
    /// The channel; `open` while undecided.
    pub channel: String,
}

/// Plans an interaction.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PlanInteraction {
    /// With whom.
    pub client: RecordId,
    /// Contact persons.
    #[serde(default)]
    pub persons: Vec<RecordId>,
    /// The channel; `open` while undecided.
    pub channel: String,
    /// Topic.
    pub subject: String,
    /// What is to be done.
    #[serde(default)]
    pub description: String,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub ends_at: Option<DateTime<Utc>>,
}

/// Notes what came of a planned interaction.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct NoteResult {
    /// The interaction.
    pub interaction: RecordId,
    /// The channel it really took; `None` keeps the planned one.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub channel: Option<String>,
    /// A chip.
    pub outcome: String,
    /// In words.
    #[serde(default)]
    pub result: String,
    /// The next contact.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub next: Option<NextContact>,
}
