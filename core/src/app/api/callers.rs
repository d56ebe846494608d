//! Whose phone a number is (C-024).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Access, Person, Reference};
use crate::domain::ids::RecordId;

/// A number somebody calls from.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CallingNumber {
    /// As pasted, typed or handed over by the system.
    pub number: String,
}

/// What is known of a number.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Caller {
    /// As people of this organisation's country read it; as it was given where no country has such a number, and where
    /// its digits were given in groups.
    pub shown: String,
    /// Long enough to be a number at all.
    pub dialled: bool,
    /// Who has it, the surest first.
    pub owners: Vec<PhoneOwner>,
}

/// A number somebody types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PhoneRead {
    /// As people of this organisation's country read it; as it was given where no country has such a number.
    pub shown: String,
    /// No country has such a number; it may be kept all the same.
    pub doubtful: bool,
}

/// A record with the number.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PhoneOwner {
    /// The record.
    pub id: RecordId,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub title: String,
    /// What he does there, for a person.
    pub position: String,
    /// The number as people read it.
    pub number: String,
    /// False where one of the two numbers lacks the code of a town: it may be another line.
    pub sure: bool,
    /// The client; the record itself where it is one.
    pub client: Option<Reference>,
    /// His town.
    pub city: String,
    /// Who is responsible for him.
    pub responsible: Option<Person>,
    /// What this person may do there.
    pub access: Access,
}
