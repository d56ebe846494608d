//! Clients that were made twice: side by side, and as one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Person, Reference, Rehearsal, Shown};
use crate::domain::ids::*;

/// Clients to look at side by side.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CompareClients {
    /// Which; the first one is to stay.
    pub clients: Vec<RecordId>,
}

/// Clients side by side.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Comparison {
    /// In the order in which they were asked for.
    pub clients: Vec<ComparedClient>,
    /// Fields in which at least one of them has a value, in the order of the form.
    pub fields: Vec<ComparedField>,
}

/// One of clients side by side.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ComparedClient {
    /// The client.
    pub client: Reference,
    /// Who is responsible.
    pub responsible: Option<Person>,
    /// When it was made, by its maker's clock.
    pub created_at: Option<DateTime<Utc>>,
    /// How many records of which kind live under it; those in the trash left out.
    pub under: BTreeMap<String, u32>,
}

/// A field of clients side by side.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ComparedField {
    /// Its key.
    pub field: String,
    /// The value of each client.
    pub values: Vec<Shown>,
    /// All values are kept together: lists and notes.
    pub joins: bool,
    /// The place of the client whose value is taken unless somebody chooses.
    pub proposed: u32,
}

/// Makes one client of several.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MergeClients {
    /// The one that stays.
    pub into: RecordId,
    /// Those that go.
    pub others: Vec<RecordId>,
    /// Fields whose value is another one's than was proposed, with the client whose value is taken.
    #[serde(default)]
    #[ts(optional = nullable, as = "Option<BTreeMap<String, RecordId>>")]
    pub choices: BTreeMap<String, RecordId>,
    /// What the rehearsal showed.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub confirmed: Option<Rehearsal>,
}

/// A client that is part of another one.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MergedClient {
    /// The other client: of one that went the one that stayed, and the other way round.
    pub client: Reference,
    /// Who said so; nobody while the order waits to be sent.
    pub by: Option<Person>,
    /// When, by the server's clock; `None` while the order waits to be sent.
    pub at: Option<DateTime<Utc>>,
    /// The order, by which it is taken back.
    pub command: CommandId,
}
