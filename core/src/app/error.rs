//! Errors of the app: every one has a code the interface has words for, and one of three kinds.

use std::collections::BTreeMap;

use super::api::{Failure, Fields};
use crate::store::StoreError;
use crate::sync::device::{NetError, SyncError};

/// Who can mend an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The person can; the words say how.
    Fix,
    /// It mends itself; only the sync badge shows it.
    Quiet,
    /// It is our mistake.
    Bug,
}

impl ErrorKind {
    /// The key the interface reads.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Fix => "fix",
            Self::Quiet => "quiet",
            Self::Bug => "bug",
        }
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $key:literal, $kind:ident;)*) => {
        /// Stable keys of the words for everything that can go wrong, here or at the server.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)*
        }

        impl Code {
            /// All of them, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The key itself.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)* }
            }

            /// Who can mend it.
            #[must_use]
            pub const fn kind(self) -> ErrorKind {
                match self { $(Self::$variant => ErrorKind::$kind,)* }
            }

            /// What it means, for docs/commands.md.
            #[must_use]
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+),)* }
            }

            /// Back from its key; also understands the keys the server uses for the same thing.
            #[must_use]
            pub fn parse(key: &str) -> Option<Self> {
                match key {
                    $($key => Some(Self::$variant),)*
                    "held" => Some(Self::ServerHeld),
                    "wrong_organisation" => Some(Self::WrongServer),
                    "database_in_use" => Some(Self::Locked),
                    "wrong_key" => Some(Self::KeyMissing),
                    _ => None,
                }
            }
        }
    };
}

codes! {
    /// The argument is not what the command takes.
    BadArgument = "bad_argument", Bug;
    /// There is no such command.
    NoSuchCommand = "no_such_command", Bug;
    /// Our mistake; the log has the whole chain.
    Internal = "internal", Bug;
    /// Not there, or not this person's to see: the two look the same.
    NotFound = "not_found", Fix;
    /// He may see it but not do this.
    NotAllowed = "not_allowed", Fix;
    /// The fields have other values than the person saw; `fields` has those of now.
    ChangedMeanwhile = "changed_meanwhile", Fix;
    /// The office has moved on: `params` name who was expected to have it and who has it.
    ChangedMeanwhileByOffice = "changed_meanwhile_by_office", Fix;
    /// No database is open yet.
    NotReady = "not_ready", Fix;
    /// The database is in use by another running app.
    Locked = "locked", Fix;
    /// The passphrase does not open this database.
    WrongPassphrase = "wrong_passphrase", Fix;
    /// There is no key store here: a passphrase must protect the database.
    PassphraseNeeded = "passphrase_needed", Fix;
    /// The passphrase is shorter than `params.min`.
    PassphraseTooShort = "passphrase_too_short", Fix;
    /// The password is shorter than `params.min`.
    PasswordTooShort = "password_too_short", Fix;
    /// The password is not this person's.
    WrongPassword = "wrong_password", Fix;
    /// The text is no enrolment link.
    LinkMalformed = "link_malformed", Fix;
    /// The link was used before.
    LinkUsed = "link_used", Fix;
    /// The link's time has run out.
    LinkExpired = "link_expired", Fix;
    /// The server does not know the link.
    LinkUnknown = "link_unknown", Fix;
    /// Something answers there, but no Satchel server, or another organisation's.
    WrongServer = "wrong_server", Fix;
    /// The server is not within reach.
    Offline = "offline", Quiet;
    /// The tokens ended: the password is asked for.
    SignedOut = "signed_out", Fix;
    /// The office ended this device's rights.
    Revoked = "revoked", Fix;
    /// The server speaks no protocol this version knows; what is unsent is still uploaded.
    ProtocolTooOld = "protocol_too_old", Fix;
    /// The server was restored from a backup and waits for its admin.
    ServerHeld = "server_held", Quiet;
    /// Larger than the limit.
    TooLarge = "too_large", Fix;
    /// The other side cannot read it.
    Malformed = "malformed", Bug;
    /// The server refused a change as malformed.
    RefusedMalformed = "refused_malformed", Bug;
    /// Too many attempts; later it goes on.
    TooManyRequests = "too_many_requests", Fix;
    /// Refused while `params.n` edits are not sent.
    UnsentEdits = "unsent_edits", Fix;
    /// The key store does not have this database's key.
    KeyMissing = "key_missing", Fix;
    /// The key store does not answer.
    KeyStoreUnavailable = "key_store_unavailable", Fix;
    /// The database file cannot be read.
    Damaged = "damaged", Fix;
    /// A newer version of the app wrote the database: the app wants an update.
    DatabaseNewer = "database_newer", Fix;
    /// One record cannot be read; the others can, and it is fetched again.
    RecordDamaged = "record_damaged", Quiet;
    /// The disk is full; what was typed is still in the form.
    DiskFull = "disk_full", Fix;
    /// The disk does not read or write; what was typed is still in the form.
    DiskFailed = "disk_failed", Fix;
    /// There is a database on this device already.
    AlreadyEnrolled = "already_enrolled", Fix;
    /// `params.field` must be filled.
    Required = "required", Fix;
    /// `params.field` does not take this value.
    BadValue = "bad_value", Fix;
    /// The delay in which it could be taken back is over.
    TooLate = "too_late", Fix;
    /// The organisation has emptied this device.
    Wiped = "wiped", Fix;
    /// What it changed was erased for good.
    Erased = "erased", Fix;
    /// Out of contact for longer than the organisation allows; the next contact opens it again.
    LeaseOver = "lease_over", Fix;
    /// It is so already.
    NothingToDo = "nothing_to_do", Fix;
    /// The person it goes to has left.
    PersonInactive = "person_inactive", Fix;
    /// Somebody decided before.
    AlreadyDecided = "already_decided", Fix;
    /// It was never applied, or cannot be taken back.
    CannotUndo = "cannot_undo", Fix;
    /// It was done meanwhile and stays with whoever did it.
    DoneMeanwhile = "done_meanwhile", Fix;
    /// The end of an absence does not lie after its beginning and after now.
    AbsencePeriod = "absence_period", Fix;
    /// The person is away at that time already.
    AbsenceOverlaps = "absence_overlaps", Fix;
    /// Somebody else changed the absence first.
    AbsenceChanged = "absence_changed", Fix;
    /// Clients or interactions of the person have nowhere to go yet.
    DismissalOpenItems = "dismissal_open_items", Fix;
    /// A device of the person has edits that have not arrived, or has not been in touch since.
    DismissalUnsentEdits = "dismissal_unsent_edits", Fix;
    /// The server refused the change: the record is not this person's.
    NoAccess = "no_access", Fix;
    /// The server refused the change: this person only reads the record.
    ReadOnly = "read_only", Fix;
    /// Changes it builds on have not reached the server.
    MissingDependencies = "missing_dependencies", Quiet;
    /// It may have reached the server already and cannot be called back.
    MaybeSent = "maybe_sent", Fix;
    /// Another item must go first.
    DependsOn = "depends_on", Quiet;
    /// Personal data was erased meanwhile; the edit is made again without it.
    StaleGeneration = "stale_generation", Quiet;
    /// An import is at work; the next one waits.
    ImportRunning = "import_running", Fix;
    /// The file is not what it seems, or is damaged.
    FileUnreadable = "file_unreadable", Fix;
    /// A workbook of the old kind, or one with a password.
    FileOtherWorkbook = "file_other_workbook", Fix;
    /// The kind is not known here.
    UnknownKind = "unknown_kind", Fix;
}

/// What a command answers when it fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The argument is not what the command takes.
    #[error("argument does not fit: {0}")]
    BadArgument(String),
    /// There is no such command.
    #[error("no such command")]
    NoSuchCommand,
    /// Fields have other values than the person saw.
    #[error("fields changed meanwhile")]
    ChangedMeanwhile(Fields),
    /// Something with a code and, at most, words for its placeholders.
    #[error("refused: {}", .0.key())]
    Told(Code, BTreeMap<String, String>),
    /// Ours.
    #[error("{0}")]
    Internal(String, #[source] Option<Box<dyn std::error::Error + Send + Sync>>),
}

impl Error {
    /// An error with one placeholder.
    pub fn with(code: Code, param: &str, value: impl ToString) -> Self {
        Self::Told(code, BTreeMap::from([(param.to_owned(), value.to_string())]))
    }

    /// Ours, with what was being done.
    pub fn internal(doing: &str, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Internal(doing.to_owned(), Some(Box::new(cause)))
    }

    /// The file system's error; a full disk is told as such.
    pub(super) fn io(doing: &str, cause: std::io::Error) -> Self {
        match cause.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Code::DiskFull.into(),
            _ => Self::internal(doing, cause),
        }
    }

    /// The error of a code that came as text, from the server or the database.
    pub(super) fn told(key: &str) -> Self {
        match Code::parse(key) {
            Some(code) => code.into(),
            None => Self::Internal(format!("answered with the unknown code {key}"), None),
        }
    }

    /// The code of its words.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::BadArgument(_) => Code::BadArgument,
            Self::NoSuchCommand => Code::NoSuchCommand,
            Self::ChangedMeanwhile(_) => Code::ChangedMeanwhile,
            Self::Told(code, _) => *code,
            Self::Internal(..) => Code::Internal,
        }
    }

    /// Who can mend it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.code().kind()
    }

    /// As the interface gets it; our own mistakes are logged here, where they stop travelling.
    #[must_use]
    pub fn failure(&self) -> Failure {
        self.log();
        Failure {
            code: self.code().key().to_owned(),
            kind: self.kind().key().to_owned(),
            params: match self {
                Self::Told(_, params) => params.clone(),
                _ => BTreeMap::new(),
            },
            fields: match self {
                Self::ChangedMeanwhile(fields) => fields.clone(),
                _ => Fields::new(),
            },
        }
    }
}

impl Error {
    /// Only our own mistakes are worth a line. What did not fit an argument is left out: it may be a client's name.
    fn log(&self) {
        let Self::Internal(doing, cause) = self else {
            if self.kind() == ErrorKind::Bug {
                tracing::error!(code = self.code().key(), "command failed");
            }
            return;
        };
        let mut chain = doing.clone();
        let mut cause = cause.as_deref().map(|cause| cause as &dyn std::error::Error);
        while let Some(error) = cause {
            chain.push_str(": ");
            chain.push_str(&error.to_string());
            cause = error.source();
        }
        tracing::error!(code = self.code().key(), chain, "command failed");
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self::Told(code, BTreeMap::new())
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::BadValue(field) => Self::with(Code::BadValue, "field", field),
            // Values get their titles where the store is at hand; see `Open::told`.
            StoreError::ChangedMeanwhile { .. } => Code::ChangedMeanwhile.into(),
            other => match Code::parse(other.code()) {
                None | Some(Code::Internal) => Self::internal("asking the database", other),
                Some(code) => code.into(),
            },
        }
    }
}

impl From<NetError> for Error {
    fn from(error: NetError) -> Self {
        match Code::parse(&error.code()) {
            // A code of a newer server: all that is sure is that it refused.
            None => Self::internal("asking the server", error),
            Some(code) => code.into(),
        }
    }
}

impl From<SyncError> for Error {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::Net(error) => error.into(),
            SyncError::Store(error) => error.into(),
            other => Self::told(&other.code()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_from_its_key() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.key()), Some(*code));
        }
    }

    #[test]
    fn a_failure_carries_code_kind_and_placeholders() {
        let failure = Error::with(Code::UnsentEdits, "n", 3).failure();
        assert_eq!((failure.code.as_str(), failure.kind.as_str()), ("unsent_edits", "fix"));
        assert_eq!(failure.params["n"], "3");
    }
}
