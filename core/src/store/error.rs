//! Why the database cannot do what it was asked, each with the code of its words.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::docs::DocError;
use crate::domain::ids::RecordId;
use crate::domain::value::Value;

/// Why the database cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the file open.
    #[error("the database is open elsewhere")]
    InUse,
    /// There is no such file.
    #[error("no database at {}", .0.display())]
    Missing(PathBuf),
    /// A database stands there already and is never written over.
    #[error("a database exists already at {}", .0.display())]
    Exists(PathBuf),
    /// The key does not open it.
    #[error("the key does not open the database")]
    WrongKey,
    /// The file is something else.
    #[error("the file is no database")]
    NotADatabase,
    /// The file, or a page of it, cannot be read.
    #[error("the database is damaged")]
    Damaged(#[source] Option<rusqlite::Error>),
    /// A newer version of the app wrote it.
    #[error("the database has schema {found}, this version knows {known}")]
    Newer {
        /// Of the file.
        found: i64,
        /// Of this build.
        known: i64,
    },
    /// No room on the disk; nothing of the edit was written.
    #[error("the disk is full")]
    DiskFull,
    /// The disk does not read or write; nothing of the edit was written.
    #[error("the disk fails")]
    DiskFailed(#[source] rusqlite::Error),
    /// Not there, or not this person's to see.
    #[error("no such record")]
    NotFound,
    /// He may see it but not do this.
    #[error("not allowed")]
    NotAllowed,
    /// The document of one record cannot be read; the others can.
    #[error("record {0} is damaged")]
    RecordDamaged(RecordId),
    /// Somebody changed a field after the person saw it (rule 5).
    #[error("changed meanwhile")]
    ChangedMeanwhile {
        /// The record.
        record: RecordId,
        /// The fields with their values now.
        fields: BTreeMap<String, Value>,
    },
    /// The kind is not declared here.
    #[error("kind {0} is not declared")]
    UnknownKind(String),
    /// The kind has no such field, or the field takes no such value.
    #[error("field {0} does not take this value")]
    BadValue(String),
    /// More than a record or a group may hold.
    #[error("too large")]
    TooLarge,
    /// What the outbox holds does not allow this now.
    #[error("not possible in this state")]
    WrongState,
    /// It has been sent and the answer is not known: it may be with the server, and cannot be called back.
    #[error("may have reached the server")]
    MaybeSent,
    /// Automerge could not do its part.
    #[error("writing the document")]
    Document(#[source] DocError),
    /// A column holds what this version never writes.
    #[error("the database holds something unreadable in {0}")]
    Unreadable(&'static str),
    /// The database itself.
    #[error("asking the database")]
    Sql(#[source] rusqlite::Error),
    /// The file system.
    #[error("reading or writing the database file")]
    Io(#[from] std::io::Error),
}

impl StoreError {
    /// Stable key of its words.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InUse => "database_in_use",
            Self::Missing(_) => "not_ready",
            Self::Exists(_) => "already_enrolled",
            Self::WrongKey => "wrong_key",
            Self::NotADatabase | Self::Damaged(_) => "damaged",
            Self::Newer { .. } => "database_newer",
            Self::DiskFull => "disk_full",
            Self::Io(error) if error.kind() == std::io::ErrorKind::StorageFull => "disk_full",
            Self::DiskFailed(_) | Self::Io(_) => "disk_failed",
            Self::NotFound => "not_found",
            Self::NotAllowed => "not_allowed",
            Self::RecordDamaged(_) => "record_damaged",
            Self::ChangedMeanwhile { .. } => "changed_meanwhile",
            Self::UnknownKind(_) => "unknown_kind",
            Self::BadValue(_) => "bad_value",
            Self::TooLarge => "too_large",
            Self::WrongState => "nothing_to_do",
            Self::MaybeSent => "maybe_sent",
            Self::Document(_) | Self::Unreadable(_) | Self::Sql(_) => "internal",
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::SystemIoFailure) => Self::DiskFailed(error),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(Some(error)),
            _ => Self::Sql(error),
        }
    }
}

impl From<DocError> for StoreError {
    fn from(error: DocError) -> Self {
        match error {
            DocError::BadValue(field) | DocError::NoSuchField(field) => Self::BadValue(field),
            DocError::Damaged => Self::Document(DocError::Damaged),
        }
    }
}
