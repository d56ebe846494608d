//! What looking a device over brought.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What looking this device over brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeviceCheck {
    /// In one word.
    pub outcome: CheckOutcome,
    /// Rows of lists and cards that were made again.
    pub n_views: u32,
    /// Records that could not be read and are fetched again.
    pub n_records: u32,
    /// Damaged places of the file.
    pub n_pages: u32,
}

/// The word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// Nothing was wrong.
    Well,
    /// What was wrong is right now, or will be after the next contact.
    Repaired,
    /// The file is damaged: to be rescued.
    Damaged,
}

/// What was rescued from a damaged file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeviceRescue {
    /// Records that could be read; others are fetched.
    pub n_records: u32,
    /// Edits and orders that wait to be sent.
    pub n_unsent: u32,
    /// Everything could be read.
    pub whole: bool,
}
