//! What belongs to a record, and what looks like one.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Fields, Person, Reference, Row};

/// Records that belong to another one in one way.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Related {
    /// Their kind.
    pub kind: String,
    /// The field in which they name it; `None` where they live under it.
    pub field: Option<String>,
    /// How many there are.
    pub total: u32,
    /// The first of them, by title.
    pub rows: Vec<Row>,
}

/// What is known so far of a client about to be made.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LikeClient {
    /// Fields of the client.
    pub client: Fields,
    /// Fields of his legal entity.
    #[serde(default)]
    pub legal_entity: Fields,
}

/// A client that looks like it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SimilarClient {
    /// The client.
    pub client: Reference,
    /// His town; empty where nobody said.
    pub city: String,
    /// Who is responsible.
    pub responsible: Option<Person>,
    /// Why, the strongest reason first.
    pub reasons: Vec<Alikeness>,
    /// This person may make one of the two.
    pub may_merge: bool,
}

/// Why a client looks like another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Alikeness {
    /// The same number in a register.
    Number,
    /// The same phone.
    Phone,
    /// The same mail address.
    Email,
    /// A similar name.
    Name,
}
