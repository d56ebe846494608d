//! Notices, failures and topics of change.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Fields, Reference};
use crate::domain::ids::*;

/// Something the person must be told once.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Notice {
    /// To dismiss it.
    pub id: i64,
    /// `client_left`, `client_came`, `interaction_came`, `edit_set_aside`, `edit_accepted`, `edit_declined`, `edit_refused` …
    pub what: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Numbers and names to put into the words.
    pub params: BTreeMap<String, String>,
    /// The client, while it is on this device.
    pub client: Option<Reference>,
    /// Values the person typed himself, kept for copying.
    pub fields: Fields,
}

/// Names a notice.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct NoticeKey {
    /// The notice.
    pub id: i64,
}

/// Nothing to say.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, TS)]
pub struct Nothing {}

/// What a command answers when it fails; the interface has words for every code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Failure {
    /// Stable key of the words.
    pub code: String,
    /// `fix` (the person can), `quiet` (it mends itself) or `bug` (ours).
    pub kind: String,
    /// Numbers and names for the words; never personal data of clients in logs.
    pub params: BTreeMap<String, String>,
    /// For `changed_meanwhile`: the fields with their values now.
    pub fields: Fields,
}

/// What changed, so that the interface asks again.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Phase, badge, counts.
    Status,
    /// Records of a kind.
    Kind(String),
    /// One record.
    Record(RecordId),
    /// Orders, proposals, devices, people.
    Office,
    /// Not sent, notices.
    Outbox,
    /// Imports.
    Imports,
}
