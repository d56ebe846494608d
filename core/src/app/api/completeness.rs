//! The report on contact details: who fills them, what is missing, asking for it (C-167, C-168).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Person;
use crate::domain::ids::*;

/// Asks how complete the contact details of clients are.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DetailsWanted {
    /// The details that must be there: keys of fields of the client, or `person.` and the key of a field which one of
    /// his persons at least must have filled. Empty for those chosen last.
    #[serde(default)]
    pub details: Vec<String>,
}

/// How complete the contact details of clients are.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DetailsReport {
    /// The details that were looked for.
    pub details: Vec<String>,
    /// By person responsible, the least complete first.
    pub rows: Vec<DetailsRow>,
    /// All of them together.
    pub total: DetailsCount,
}

/// One person responsible.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DetailsRow {
    /// Who.
    pub person: Person,
    /// How complete his clients are.
    pub count: DetailsCount,
}

/// How complete some clients are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DetailsCount {
    /// Clients.
    pub n_clients: u32,
    /// Those with every detail.
    pub n_complete: u32,
    /// Those for which a correction is asked already.
    pub n_asked: u32,
    /// For each detail, in the order of the report: how many lack it.
    pub missing: Vec<u32>,
}

/// Asks for the clients that lack something.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DetailsGapsRequest {
    /// The details that must be there.
    pub details: Vec<String>,
    /// Only this person's clients.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub user: Option<UserId>,
    /// Only those who lack this detail.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub lacking: Option<String>,
    /// Rows to skip.
    #[serde(default)]
    pub offset: u32,
    /// Rows wanted, at most 500.
    pub limit: u32,
}

/// Clients that lack something, by name.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DetailsGaps {
    /// How many there are in all.
    pub total: u32,
    /// Those asked for.
    pub rows: Vec<DetailsGap>,
}

/// A client that lacks something.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DetailsGap {
    /// The client.
    pub id: RecordId,
    /// His name.
    pub title: String,
    /// Who is responsible.
    pub person: Option<Person>,
    /// The details he lacks.
    pub missing: Vec<String>,
    /// The planned interaction that asks for them.
    pub asked: Option<RecordId>,
}

/// Asks those responsible to complete the details of clients.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AskDetails {
    /// The details that must be there.
    pub details: Vec<String>,
    /// Whose clients; nobody for those named.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub user: Option<UserId>,
    /// The clients; empty for all of `user`.
    #[serde(default)]
    pub clients: Vec<RecordId>,
    /// Topic of the interactions, in the words of the screen.
    pub subject: String,
    /// When they are due.
    pub due: DateTime<Utc>,
    /// The language of what is listed as missing.
    pub language: String,
    /// Only says what would be done.
    #[serde(default)]
    pub rehearse: bool,
}

/// What asking did, or would do.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct DetailsAsked {
    /// Clients for which it is asked.
    pub n_asked: u32,
    /// How many people get it.
    pub n_people: u32,
    /// Clients for which it had been asked already, left out.
    pub n_open: u32,
    /// Clients left for the next time: at most 200 are asked about at once.
    pub n_left: u32,
    /// The interactions made.
    pub interactions: Vec<RecordId>,
    /// The orders that gave them to those responsible.
    pub commands: Vec<CommandId>,
}
