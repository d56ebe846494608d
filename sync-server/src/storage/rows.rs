//! What goes in and out of the store, apart from how tables hold it.

use chrono::{DateTime, Utc};
use satchel_core::domain::authority::{Home, WipeState};
use satchel_core::domain::ids::*;

/// A new organisation.
#[derive(Clone, Debug)]
pub struct NewOrganisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// `en`, `ru` or `uk`.
    pub language: String,
    /// From which the successors of refresh tokens are derived.
    pub secret: [u8; 32],
    /// The server's epoch to begin with.
    pub epoch: u64,
}

/// The organisation.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// `en`, `ru` or `uk`.
    pub language: String,
    /// The address people reach the server by, once known.
    pub public_url: Option<String>,
    /// From which the successors of refresh tokens are derived.
    pub secret: [u8; 32],
    /// The server's epoch (rule 24).
    pub epoch: u64,
    /// Days a device may be out of contact before it locks itself.
    pub lease_days: u32,
    /// Restored from a backup, and not released yet.
    pub held: bool,
}

/// A new enrolment link.
#[derive(Clone, Debug)]
pub struct NewLink {
    /// Hash of its token.
    pub hash: [u8; 32],
    /// Whom it enrols.
    pub user: UserId,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// An enrolment link.
#[derive(Clone, Debug)]
pub struct LinkRow {
    /// Whom it enrols.
    pub user: UserId,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// The device it made, with that device's key.
    pub used: Option<(DeviceId, Vec<u8>)>,
    /// Wrong passwords so far.
    pub failures: u32,
}

/// A device being enrolled.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// Its id.
    pub id: DeviceId,
    /// Whose.
    pub user: UserId,
    /// Its name.
    pub name: String,
    /// Its public key.
    pub key: [u8; 32],
    /// The link it came by.
    pub link: [u8; 32],
    /// Set where the person has had no password yet.
    pub password: Option<Vec<u8>>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A pair of tokens to keep, hashed.
#[derive(Clone, Debug)]
pub struct Issue {
    /// The family it belongs to, where it starts one.
    pub family: uuid::Uuid,
    /// Hash of the access token.
    pub access: [u8; 32],
    /// When the access token ends.
    pub access_until: DateTime<Utc>,
    /// Hash of the refresh token.
    pub refresh: [u8; 32],
    /// When the refresh token ends.
    pub refresh_until: DateTime<Utc>,
    /// Now.
    pub at: DateTime<Utc>,
}

/// What signing in has to know of a device.
#[derive(Clone, Debug)]
pub struct Login {
    /// Whose.
    pub user: UserId,
    /// Public key of the device.
    pub key: Vec<u8>,
    /// Its owner's password hash.
    pub password: Option<Vec<u8>>,
    /// Its or its owner's rights have ended.
    pub revoked: bool,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The person.
    pub user: UserId,
    /// His device.
    pub device: DeviceId,
}

/// A device is to be emptied.
#[derive(Clone, Copy, Debug)]
pub struct NewWipe {
    /// The order.
    pub order: CommandId,
    /// What was not sent goes up first.
    pub rescue: bool,
    /// When it was ordered.
    pub at: DateTime<Utc>,
    /// Not before this.
    pub due: DateTime<Utc>,
}

/// What a device that asks by its key alone may know of itself.
#[derive(Clone, Debug)]
pub struct Revocation {
    /// Whose.
    pub user: UserId,
    /// Public key of the device.
    pub key: Vec<u8>,
    /// Its or its owner's rights have ended.
    pub revoked: bool,
    /// Greatest incarnation the server knows.
    pub newest: u32,
    /// The order to empty it that stands.
    pub wipe: Option<WipeState>,
}

/// What an access token is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Good.
    Session(Session),
    /// The device's or its owner's rights have ended.
    Revoked,
    /// Unknown, or ended.
    Unknown,
}

/// What became of a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// The pair is kept.
    Session(Session),
    /// The device's or its owner's rights have ended.
    Revoked,
    /// Unknown, or ended.
    Unknown,
    /// Used twice outside the grace: its family has ended now (REV-4).
    Reused,
}

/// How a device counts its pushes (rule 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pushing {
    /// The incarnation it writes under.
    pub incarnation: u32,
    /// Its push counter.
    pub push_counter: u64,
    /// Identifies this push.
    pub push_id: Option<GroupId>,
    /// Whether groups follow.
    pub pushes: bool,
}

/// What a hello says of the device itself.
#[derive(Clone, Debug)]
pub struct Greeting {
    /// Which of its pushes this is.
    pub pushing: Pushing,
    /// Version of the app.
    pub app: String,
    /// Groups still unsent.
    pub n_unsent: u32,
    /// What its clock shows.
    pub clock: Option<DateTime<Utc>>,
    /// The transaction up to which it holds everything; `None` while it is being brought newly visible homes.
    pub held: Option<u64>,
}

/// What the server says to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Greeted {
    /// Set where the counters disagree.
    pub incarnation: Option<u32>,
    /// The counter from here on.
    pub push_counter: u64,
    /// The greatest incarnation whose changes are taken.
    pub newest: u32,
}

/// Under what circumstances a change was made, kept beside it for people to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Since when the device had been away, where it was.
    pub away_since: Option<DateTime<Utc>>,
    /// Seconds its clock was ahead of the server's; 0 where it was right.
    pub skew: i64,
}

/// A purge carried out.
#[derive(Clone, Copy, Debug)]
pub struct Purged {
    /// The home.
    pub home: Home,
    /// The number that came with its revocation.
    pub revoked: u64,
}

/// A row of the audit: ids only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub user: Option<UserId>,
    /// On which device.
    pub device: Option<DeviceId>,
    /// What.
    pub action: String,
    /// To what: an id's bytes.
    pub subject: Vec<u8>,
}

/// The end of the audit's chain, short enough to be written down elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// How many rows.
    pub n: u64,
    /// Hash of the last of them.
    pub hash: [u8; 32],
}

impl std::fmt::Display for AuditHead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:", self.n)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::str::FromStr for AuditHead {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = "a head is the number of rows, a colon and 64 hexadecimal digits";
        let (n, digits) = text.split_once(':').ok_or(malformed)?;
        if digits.len() != 64 || !digits.is_ascii() {
            return Err(malformed);
        }
        let mut hash = [0; 32];
        for (idx, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[2 * idx..2 * idx + 2], 16).map_err(|_| malformed)?;
        }
        Ok(Self { n: n.parse().map_err(|_| malformed)?, hash })
    }
}

/// How the audit was tampered with, at the first place where that shows. Rows are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tampering {
    /// This row was edited, or another one stands in its place.
    Altered(u64),
    /// This row is gone.
    Missing(u64),
    /// These rows at the end are gone.
    Truncated {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// The chain holds, but it is not the one whose head was noted at this row.
    Rewritten(u64),
    /// The seal on the end of the chain is not the server's.
    Seal,
}

/// What walking along the audit's chain showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditVerdict {
    /// The last row up to which it holds.
    pub head: AuditHead,
    /// Where it does not hold.
    pub tampering: Option<Tampering>,
}

/// What a device knows and a restored server does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeldWhat {
    /// A department made after the backup.
    Department,
    /// A person added after it.
    Person,
    /// A device enrolled after it.
    Device,
    /// A person who left after it.
    Left,
    /// A device revoked after it.
    Revocation,
    /// A client moved after it.
    Move,
    /// A record erased after it (ERA-1).
    Erasure,
}

impl HeldWhat {
    const ALL: [Self; 7] =
        [Self::Department, Self::Person, Self::Device, Self::Left, Self::Revocation, Self::Move, Self::Erasure];

    /// Back from a table.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        usize::try_from(number).ok().and_then(|number| Self::ALL.get(number)).copied()
    }

    /// Stable word for the command line.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Department => "department",
            Self::Person => "person",
            Self::Device => "device",
            Self::Left => "left",
            Self::Revocation => "revocation",
            Self::Move => "move",
            Self::Erasure => "erasure",
        }
    }
}

/// Something a restored server is told by a device, for its admin to confirm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldItem {
    /// Its number.
    pub n: u64,
    /// What it is about.
    pub what: HeldWhat,
    /// The department, person, device, client or erased record.
    pub subject: uuid::Uuid,
    /// For moves: who had the client.
    pub to: Option<UserId>,
    /// Which device said so.
    pub by: DeviceId,
    /// When.
    pub at: DateTime<Utc>,
}

/// Something that does not fit together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub code: &'static str,
    /// Where: an id, a home, a line of SQLite's.
    pub at: String,
    /// It was put right.
    pub fixed: bool,
}

impl Finding {
    /// One that was not put right.
    #[must_use]
    pub fn new(code: &'static str, at: String) -> Self {
        Self { code, at, fixed: false }
    }
}

/// Which histories are folded.
#[derive(Clone, Copy, Debug)]
pub struct CompactionRule {
    /// Those with at least so many changes that are not folded yet, and an eighth of those that are: so that a history
    /// is not written anew for every few changes.
    pub least: u64,
    /// Only changes that came before this, so that devices in contact are sent what is new as it was written.
    pub before: DateTime<Utc>,
    /// So many records at once.
    pub at_most: usize,
}

/// What was folded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Records.
    pub n_records: u64,
    /// Changes.
    pub n_changes: u64,
    /// What they took before, in bytes.
    pub bytes_before: u64,
    /// What they take now.
    pub bytes_after: u64,
    /// There may be more to fold.
    pub more: bool,
}

/// How much there is of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records.
    pub records: u64,
    /// Changes.
    pub changes: u64,
    /// Late edits, decided ones included.
    pub proposals: u64,
    /// People.
    pub users: u64,
    /// Devices, revoked ones included.
    pub devices: u64,
}
