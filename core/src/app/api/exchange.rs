//! Files in and out: imports and exports.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::{ListRequest, Reference, Shown};
use crate::domain::ids::*;
pub use crate::exchange::columns::Target;
pub use crate::exchange::read::{FileFormat, Reading};
pub use crate::exchange::write::ExportFormat;

/// Names an import.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImportKey {
    /// The import.
    pub import: Uuid,
}

/// Opens a file to be imported; its bytes follow.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImportOpen {
    /// What the file is called.
    pub name: String,
    /// The kind its rows are.
    pub kind: String,
    /// Its length in bytes.
    #[ts(type = "number")]
    pub bytes: u64,
}

/// A piece of a file.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImportPiece {
    /// The import.
    pub import: Uuid,
    /// Which piece, from 0; all but the last are 512 KiB long.
    pub n: u32,
    /// Its bytes in base64.
    pub base64: String,
}

/// Asks what is in a file.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImportLook {
    /// The import.
    pub import: Uuid,
    /// Read it in this way; `None` finds out.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub reading: Option<Reading>,
    /// Whose phones and tax numbers they are, where nothing was said of this file yet: `ru`, `ua`, `by`, `kz` or
    /// `other`; empty stands for the organisation's own country.
    #[serde(default)]
    pub country: String,
}

/// What is in a file.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImportPreview {
    /// How it is read.
    pub reading: Reading,
    /// Sheets of a workbook.
    pub sheets: Vec<String>,
    /// Its columns.
    pub columns: Vec<ImportColumn>,
    /// The first rows.
    pub rows: Vec<ImportRow>,
    /// Everything a column can go to.
    pub targets: Vec<Target>,
    /// The proposal is what the person chose for a file with the same columns before.
    pub remembered: bool,
    /// How it was tried last, where it was.
    pub plan: Option<ImportPlan>,
}

/// A column of a file.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImportColumn {
    /// Its name; empty where it has none.
    pub name: String,
    /// The first filled value in it.
    pub sample: String,
    /// Where it is proposed to go; `None` leaves it out.
    pub target: Option<Target>,
}

/// A row of a file as text.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImportRow {
    /// Its number in the file.
    #[ts(type = "number")]
    pub row: u64,
    /// Its cells.
    pub cells: Vec<String>,
}

/// What is done with rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ImportMode {
    /// New ones are made, known ones changed.
    #[default]
    Both,
    /// New ones only.
    Create,
    /// Known ones only.
    Update,
}

/// By what a row is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MatchBy {
    /// Tax number, with the branch's number where there is one.
    Tax,
    /// Number in a register.
    Registry,
    /// Mail address.
    Email,
    /// Phone.
    Phone,
    /// Name and city.
    NameAndCity,
}

/// How a file is imported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ImportPlan {
    /// The import.
    pub import: Uuid,
    /// How it is read.
    pub reading: Reading,
    /// Where each column goes.
    pub columns: Vec<Option<Target>>,
    /// What is done with rows.
    #[serde(default)]
    pub mode: ImportMode,
    /// By what a row is recognised; tried in the order of the declaration. An id of ours always counts.
    pub match_by: Vec<MatchBy>,
    /// Values for fields that a row leaves empty, of records that are made.
    #[serde(default)]
    pub defaults: Vec<ImportDefault>,
    /// Who is to be responsible for clients that are made; `None` for whoever imports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable)]
    pub owner: Option<UserId>,
    /// IANA name of the viewer's time zone.
    pub zone: String,
}

/// A value for a field that rows leave empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ImportDefault {
    /// The field.
    pub target: Target,
    /// The value.
    pub value: Shown,
}

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ImportPhase {
    /// Its bytes are here.
    Opened,
    /// It is being tried without writing.
    Checking,
    /// It was tried.
    Checked,
    /// It is being written.
    Running,
    /// All of it was gone through.
    Done,
    /// It was stopped half-way, by the person, by an error or by the end of the app; what was written stays.
    Stopped,
    /// It is being taken back.
    Undoing,
    /// It was taken back, but for what somebody has changed since.
    Undone,
}

/// Where an import stands and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ImportState {
    /// The import.
    pub import: Uuid,
    /// What the file is called.
    pub name: String,
    /// The kind its rows are.
    pub kind: String,
    /// When it was opened.
    pub at: DateTime<Utc>,
    /// Where it stands.
    pub phase: ImportPhase,
    /// Rows gone through.
    #[ts(type = "number")]
    pub n_rows: u64,
    /// Rows in all; 0 while unknown.
    #[ts(type = "number")]
    pub n_total: u64,
    /// What became of the rows, or would.
    pub counts: ImportCounts,
    /// How many rows, or values of rows, were not taken, by reason.
    pub reasons: BTreeMap<String, u32>,
    /// Records whose values were changed since and stay, after taking it back; at most 100.
    pub kept: Vec<Reference>,
    /// How many of them there are.
    #[ts(type = "number")]
    pub n_kept: u64,
    /// Who gets the clients that are made, by name; empty for whoever imports.
    #[serde(default)]
    pub owner: String,
    /// Something of it can be taken back.
    pub can_undo: bool,
    /// Code of the error that stopped it; empty otherwise.
    pub error: String,
}

/// What became of rows, or would.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportCounts {
    /// Made something new.
    #[ts(type = "number")]
    pub new: u64,
    /// Changed something.
    #[ts(type = "number")]
    pub updated: u64,
    /// Changed nothing.
    #[ts(type = "number")]
    pub same: u64,
    /// Were not taken.
    #[ts(type = "number")]
    pub refused: u64,
    /// Were taken without some value.
    #[ts(type = "number")]
    pub left_out: u64,
}

/// Asks for rows that were not taken.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImportRejects {
    /// The import.
    pub import: Uuid,
    /// Rows to skip.
    #[serde(default)]
    pub offset: u32,
    /// Rows wanted, at most 500.
    pub limit: u32,
}

/// A row, or a value of it, that was not taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ImportFault {
    /// Its number in the file.
    #[ts(type = "number")]
    pub row: u64,
    /// Code of the reason.
    pub why: String,
    /// The kind at fault; empty where it is the row.
    pub kind: String,
    /// The field at fault.
    pub field: String,
    /// The row was taken, without this value.
    pub taken: bool,
    /// The row's cells.
    pub cells: Vec<String>,
}

/// Asks for the file of the rows that were not taken.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImportRejectFile {
    /// The import.
    pub import: Uuid,
    /// The language of the reasons.
    pub language: String,
}

/// Asks for a list as a file.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ExportRequest {
    /// The list as it is shown; offset and limit are not looked at.
    pub list: ListRequest,
    /// Field keys in the order of the columns; empty for all.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Only these records of the list; empty for all.
    #[serde(default)]
    pub ids: Vec<RecordId>,
    /// As what.
    pub format: ExportFormat,
    /// The language of the heading and of choices.
    pub language: String,
    /// IANA name of the viewer's time zone.
    pub zone: String,
}

/// A file that was made; its bytes are asked for piece by piece.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FileMade {
    /// Its name here.
    pub file: Uuid,
    /// Its length in bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// How many records are in it.
    pub n_records: u32,
    /// Its media type.
    pub media_type: String,
}

/// Asks for a piece of a file.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FilePieceRequest {
    /// The file.
    pub file: Uuid,
    /// Bytes to skip.
    #[ts(type = "number")]
    pub offset: u64,
}

/// A piece of a file.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FilePiece {
    /// Its bytes in base64; nothing behind the end. Once the last byte was given the file is forgotten.
    pub base64: String,
}
