//! Record kinds with their fields and words.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Everything the interface knows about record kinds, in one language.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Declarations {
    /// The language of the labels.
    pub language: String,
    /// The kinds.
    pub kinds: Vec<KindDeclared>,
}

/// A record kind with its words.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct KindDeclared {
    /// The kind's key.
    pub key: String,
    /// Singular.
    pub label: String,
    /// Plural, for lists.
    pub label_many: String,
    /// The field whose value names a record.
    pub title: String,
    /// True where records live under a client.
    pub under_client: bool,
    /// This person may make records of it; under a client, where he may write there.
    pub may_make: bool,
    /// True where the organisation may add fields of its own.
    pub customisable: bool,
    /// Fields in the order of the form.
    pub fields: Vec<FieldDeclared>,
}

/// A field with its words.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FieldDeclared {
    /// The field's key.
    pub key: String,
    /// What people call it.
    pub label: String,
    /// `text`, `note`, `choice`, `phone`, `email`, `url`, `day`, `instant`, `bool`, `int`, `reference`, `user`.
    #[serde(rename = "type")]
    pub field_type: String,
    /// True for a collection of entries.
    pub many: bool,
    /// Forms want it filled.
    pub required: bool,
    /// Part of the list shown before anybody chose columns.
    pub in_list: bool,
    /// Stands among the folded facts on a phone.
    pub leading: bool,
    /// Set where the record is made and never after.
    pub fixed: bool,
    /// Made by the organisation and not offered any more; what it holds is shown and stays.
    pub archived: bool,
    /// `document`, `authority` or `computed`; only `document` fields are edited in place.
    pub source: String,
    /// For references: the kind pointed at.
    pub target: String,
    /// For choices: values with their words.
    pub choices: Vec<ChoiceDeclared>,
    /// For choices of the organisation: values that are not offered any more, for records that still hold one.
    pub former: Vec<ChoiceDeclared>,
}

/// A choice with its words.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ChoiceDeclared {
    /// What the document holds.
    pub value: String,
    /// What people read.
    pub label: String,
}

/// Asks for declarations in a language.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Language {
    /// `en`, `ru` or `uk`.
    pub language: String,
}
