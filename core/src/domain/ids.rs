//! Identities. Every id is a UUIDv7 of sixteen bytes behind a type of its own, so that a client is never
//! passed where a user is meant. On the wire they are bytes, in JSON the usual hyphenated text.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        #[ts(type = "string")]
        pub struct $name(pub Uuid);

        impl $name {
            /// The sixteen bytes, as tables and frames hold them.
            pub fn bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// Reads an id back from a table; `None` where the length is not sixteen.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                Uuid::from_slice(bytes).ok().map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

ids! {
    /// An organisation: the unit one server keeps apart from every other.
    OrganisationId;
    /// A department of the organisation.
    DepartmentId;
    /// A colleague.
    UserId;
    /// One enrolled installation of the app.
    DeviceId;
    /// A record of any kind. A client's home carries the id of the client's record.
    RecordId;
    /// An office command, made by the device that gave the order.
    CommandId;
    /// Edits that belong together and are accepted or refused as one.
    GroupId;
    /// A record of somebody's absence, made by the device that gave the order.
    AbsenceId;
    /// A late edit set aside until somebody accepts or declines it.
    ProposalId;
    /// An entry of a collection field, such as one phone number.
    EntryId;
}

/// Where fresh ids come from. The simulator gives one that repeats from its seed.
pub trait IdSource: Send + Sync {
    /// A new, never used UUIDv7.
    fn fresh(&self) -> Uuid;
}
