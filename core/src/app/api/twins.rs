//! Clients that look as if they had been made twice.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Alikeness, Person, Reference};
use crate::domain::ids::*;

/// Clients of one's people that may have been made twice.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Twins {
    /// How many pairs there are in all.
    pub total: u32,
    /// The first of them, those with the strongest reasons first.
    pub pairs: Vec<TwinPair>,
}

/// Two clients that may be one.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TwinPair {
    /// The one made first, as far as this device knows.
    pub one: TwinClient,
    /// The other one.
    pub other: TwinClient,
    /// What they have in common, the strongest reason first.
    pub reasons: Vec<TwinReason>,
    /// This person may make one of them.
    pub may_merge: bool,
}

/// One thing two clients have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TwinReason {
    /// What it is.
    pub why: Alikeness,
    /// The number, phone or address as people read it; empty for names.
    pub value: String,
}

/// One of the two.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TwinClient {
    /// The client.
    pub client: Reference,
    /// His town; empty where nobody said.
    pub city: String,
    /// His address in it.
    pub address: String,
    /// His own phones, as typed.
    pub phones: Vec<String>,
    /// His own mail addresses.
    pub emails: Vec<String>,
    /// Who is responsible.
    pub responsible: Option<Person>,
    /// When it was made, by its maker's clock.
    pub created_at: Option<DateTime<Utc>>,
    /// How many records of which kind live under it; those in the trash left out.
    pub under: BTreeMap<String, u32>,
}

/// Whether two clients are not the same.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TellApart {
    /// One of them.
    pub one: RecordId,
    /// The other one.
    pub other: RecordId,
    /// False takes it back.
    pub apart: bool,
}
