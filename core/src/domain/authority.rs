//! Authority: who may see and do what. It never lives in a document; only the server changes it, by orders.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::ids::*;

/// What a person is in the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Works with the clients given to him.
    Rep,
    /// Sees and writes all of his department and the departments below it.
    Supervisor,
    /// Supervises the whole organisation and runs the server.
    Admin,
}

impl Role {
    /// The key in tables, commands and JSON.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Rep => "rep",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        }
    }

    /// Back from its key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        match key {
            "rep" => Some(Self::Rep),
            "supervisor" => Some(Self::Supervisor),
            "admin" => Some(Self::Admin),
            _ => None,
        }
    }
}

/// Where a record lives; whoever sees one of its homes sees the record (rule 13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Home {
    /// Everybody's: catalogues.
    Organisation,
    /// A department's own.
    Department(DepartmentId),
    /// One person's own.
    User(UserId),
    /// A client's; its id is the id of the client's record.
    Client(RecordId),
}

impl Home {
    /// Kind and id as tables hold them; homes compare by these bytes, catalogues first.
    #[must_use]
    pub fn key(&self) -> (u8, [u8; 16]) {
        match self {
            Self::Organisation => (0, [0; 16]),
            Self::Department(id) => (1, *id.bytes()),
            Self::User(id) => (2, *id.bytes()),
            Self::Client(id) => (3, *id.bytes()),
        }
    }

    /// Seventeen bytes: kind, then id.
    #[must_use]
    pub fn bytes(&self) -> [u8; 17] {
        let (kind, id) = self.key();
        let mut bytes = [kind; 17];
        bytes[1..].copy_from_slice(&id);
        bytes
    }

    /// Back from [`Home::bytes`]; `None` for anything else.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (kind, id) = bytes.split_first()?;
        let id = uuid::Uuid::from_slice(id).ok()?;
        match kind {
            0 => Some(Self::Organisation),
            1 => Some(Self::Department(DepartmentId(id))),
            2 => Some(Self::User(UserId(id))),
            3 => Some(Self::Client(RecordId(id))),
            _ => None,
        }
    }
}

/// How much a person may do in a home (rule 15). Ordered: each level includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// See.
    Read,
    /// See, make interactions, and work on those assigned to him or made by him.
    Add,
    /// Everything.
    Write,
}

/// Why a person has a home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reason {
    /// Everybody of the organisation, for catalogues.
    Everybody,
    /// It is his own, or his department's.
    Member,
    /// He supervises the department.
    Supervisor(DepartmentId),
    /// He is responsible for the client.
    Responsible,
    /// An interaction with the client was handed to him.
    Assigned(RecordId),
    /// He stands in for the person responsible, who is away (rule 16).
    Substitute(AbsenceId),
}

impl Reason {
    /// The key of its words.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Everybody => "everybody",
            Self::Member => "member",
            Self::Supervisor(_) => "supervisor",
            Self::Responsible => "responsible",
            Self::Assigned(_) => "assigned",
            Self::Substitute(_) => "substitute",
        }
    }
}

/// What made a grant end; late edits are judged by it (rule 20).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EndedBy {
    /// It ran out by itself: late edits are still accepted until the purge is acknowledged.
    Itself,
    /// Somebody ended it: late edits become proposals until the purge is acknowledged.
    Somebody,
}

/// Which order changed somebody's access, for the words people read. Open strings: a newer server may know more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cause {
    /// Key of the order, such as `move_clients`; empty where nobody ordered it.
    pub order: String,
    /// What its author gave as the reason: `illness`, `holiday`, `dismissal`, `other`; empty where none was asked for.
    pub reason: String,
}

/// How somebody came to have a home.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Given {
    /// Who ordered it.
    pub by: Option<UserId>,
    /// Who had it before him.
    pub from: Option<UserId>,
    /// Which order.
    pub cause: Cause,
}

/// How somebody's access ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ended {
    /// Who ordered it; nobody where it ran out by itself.
    pub by: Option<UserId>,
    /// Who has the client from then on, where he may be told.
    pub now_with: Option<UserId>,
    /// When, by the server's clock.
    pub at: Option<DateTime<Utc>>,
    /// Which order.
    pub cause: Cause,
}

/// One reason for which a person has a home now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Why.
    pub reason: Reason,
    /// How much.
    pub level: Level,
    /// When it runs out by itself.
    pub until: Option<DateTime<Utc>>,
}

/// A colleague, for everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// His id.
    pub id: UserId,
    /// Full name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Department.
    pub department: DepartmentId,
    /// False once he has left.
    pub active: bool,
}

/// A department, for everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// Its id.
    pub id: DepartmentId,
    /// Its name.
    pub name: String,
    /// The one above it.
    pub parent: Option<DepartmentId>,
}

/// Who has a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientAuthority {
    /// The person responsible.
    pub responsible: UserId,
    /// The parent department of its home (rule 14).
    pub department: DepartmentId,
}

/// Who is to do an interaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The client's home it lives in.
    pub client: RecordId,
    /// Who is to do it.
    pub assigned: UserId,
    /// True while it is still to be done.
    pub open: bool,
    /// Hand-overs so far, oldest first.
    pub hand_overs: Vec<HandOver>,
}

/// One hand-over of an interaction; the history of C-124.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    /// From whom.
    pub from: UserId,
    /// To whom.
    pub to: UserId,
    /// Who said so.
    pub by: UserId,
    /// By the server's clock.
    pub at: DateTime<Utc>,
    /// What he added.
    pub comment: String,
    /// The order it came from.
    pub command: CommandId,
}

/// A device as the office knows it; for its owner and his supervisors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Whose.
    pub user: UserId,
    /// Its name.
    pub name: String,
    /// When it was enrolled.
    pub enrolled_at: DateTime<Utc>,
    /// Last contact.
    pub contact_at: Option<DateTime<Utc>>,
    /// Homes it lost and has not confirmed purging.
    pub n_purges: u32,
    /// Its rights have ended.
    pub revoked: bool,
    /// Version of the app, as it said last; empty where it never did.
    #[serde(default)]
    pub app: String,
    /// Groups and orders it had not sent, as it said last.
    #[serde(default)]
    pub n_unsent: u32,
    /// When it last showed that it holds everything there was for it.
    #[serde(default)]
    pub acked_at: Option<DateTime<Utc>>,
    /// The order to empty it, where one stands.
    #[serde(default)]
    pub wipe: Option<WipeState>,
}

/// An order to empty a device, and how far that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WipeState {
    /// The order.
    pub order: CommandId,
    /// What was not sent goes to the tray of late edits first.
    pub rescue: bool,
    /// Not before this, by the server's clock; until then it can be taken back.
    pub due: DateTime<Utc>,
    /// When the device had sent what it had not sent before.
    pub rescued_at: Option<DateTime<Utc>>,
    /// When the device said that it is empty.
    pub done_at: Option<DateTime<Utc>>,
}

/// The Automerge actor of a device: its id, then the incarnation, big-endian (rule 9).
#[must_use]
pub fn actor_bytes(device: DeviceId, incarnation: u32) -> [u8; 20] {
    let mut bytes = [0; 20];
    bytes[..16].copy_from_slice(device.bytes());
    bytes[16..].copy_from_slice(&incarnation.to_be_bytes());
    bytes
}

/// The device and incarnation of an actor; `None` for an actor that is no device's, such as a birth change's.
#[must_use]
pub fn actor_device(actor: &[u8]) -> Option<(DeviceId, u32)> {
    let (device, incarnation) = actor.split_at_checked(16)?;
    Some((DeviceId::from_slice(device)?, u32::from_be_bytes(incarnation.try_into().ok()?)))
}
