//! Lists: what is asked for, a window of rows, groups, and what is done to many records at once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Access, Fields, Reference, Row, Shown};
use crate::domain::ids::*;
pub use crate::domain::listing::{Condition, GroupBy, Op, Scope, SortBy, Test, Unit};

/// Asks for a list.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct ListRequest {
    /// Kind key.
    pub kind: String,
    /// Whose.
    #[serde(default)]
    pub scope: Scope,
    /// Only this client's records.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub client: Option<RecordId>,
    /// Only records of this person (responsible or assigned).
    #[serde(default)]
    #[ts(optional = nullable)]
    pub user: Option<UserId>,
    /// All must hold.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// Words to find; empty for all.
    #[serde(default)]
    pub text: String,
    /// Order; empty means by title.
    #[serde(default)]
    pub sort: Vec<SortBy>,
    /// What is put together, the outer group first; at most two. Rows come group by group.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<GroupBy>>")]
    pub group: Vec<GroupBy>,
    /// Fields of whole numbers to add up, for `list_groups`.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub sums: Vec<String>,
    /// Conditions of which each row says whether they hold: how rows are coloured.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<Condition>>")]
    pub marks: Vec<Condition>,
    /// Rows to skip.
    #[serde(default)]
    pub offset: u32,
    /// Rows wanted, at most 500.
    pub limit: u32,
    /// Rows in the trash instead of the others.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub trashed: Option<bool>,
}

/// A window of a list.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ListPage {
    /// How many rows there are in all.
    pub total: u32,
    /// The rows asked for.
    pub rows: Vec<Row>,
}

/// The groups of a list.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ListGroups {
    /// How many rows there are in all.
    pub total: u32,
    /// Field key → what all rows add up to.
    #[ts(type = "{ [key in string]: number }")]
    pub sums: BTreeMap<String, i64>,
    /// In the order of the rows.
    pub groups: Vec<ListGroup>,
}

/// Rows that stand together.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ListGroup {
    /// What they have in common: a choice, an event class, a reference, the first day of the stretch; empty where
    /// they have nothing there.
    pub value: Shown,
    /// True for all that is left where there are too many groups.
    pub rest: bool,
    /// Place of its first row in the whole list.
    pub first: u32,
    /// How many rows.
    pub count: u32,
    /// Field key → what they add up to.
    #[ts(type = "{ [key in string]: number }")]
    pub sums: BTreeMap<String, i64>,
    /// Groups within.
    pub groups: Vec<ListGroup>,
}

/// A saved view.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SavedView {
    /// The view as a record.
    pub row: Row,
    /// The department it is shared with; `None` for a personal one.
    pub department: Option<Reference>,
    /// What this person may do with it.
    pub access: Access,
}

/// Makes a record everybody of a department sees, of a kind that may be shared.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Share {
    /// Kind key.
    pub kind: String,
    /// The department; the person must supervise it.
    pub department: DepartmentId,
    /// Values.
    pub fields: Fields,
}

/// A value of one record.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OneValue {
    /// The record.
    pub id: RecordId,
    /// The value.
    pub value: Shown,
}

/// Sets one field of many records.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct EditMany {
    /// Kind key.
    pub kind: String,
    /// The field; no collections, and nothing only the office says.
    pub field: String,
    /// What is to stand there.
    pub changes: Vec<OneValue>,
    /// Only where this stands there now: how a bulk edit is taken back.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub expected: Option<Shown>,
    /// Only say what would change.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub rehearse: Option<bool>,
}

/// Puts many records into the trash, or takes them out.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TrashMany {
    /// Kind key.
    pub kind: String,
    /// The records.
    pub ids: Vec<RecordId>,
    /// Into the trash, or out of it.
    pub trashed: bool,
    /// Only say what would change.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub rehearse: Option<bool>,
}

/// What became of many records.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct EditedMany {
    /// Those that changed (or would), with what stood there before.
    pub changed: Vec<OneValue>,
    /// Those where it stood there already.
    pub n_same: u32,
    /// Those where something else stands by now.
    pub n_differs: u32,
    /// Those this person may not write, and those no longer here.
    pub n_not_allowed: u32,
    /// Those left as they are because writing failed half-way.
    pub n_left: u32,
    /// The actions it is taken back by.
    #[ts(type = "number[]")]
    pub actions: Vec<i64>,
}
