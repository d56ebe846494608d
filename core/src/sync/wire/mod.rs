//! The frames of the sync protocol; docs/sync.md describes them for the author of another client.
//!
//! What is said stands here, how it becomes bytes in `body`. Knows no store and no socket.

mod body;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::absence::Absence;
use crate::domain::authority::*;
use crate::domain::digest::Digest;
use crate::domain::ids::*;
use crate::domain::limits;
use crate::domain::merge::Merged;
use crate::domain::order::{Command, Event, Plan, Refusal};

pub use body::{Frame, WireError, compress, inflate, lay_out, pack, unpack, unpack_request};

/// Oldest and newest protocol this build speaks. From 2 on a reason for a home may be that somebody stands in.
pub const PROTOCOL: (u16, u16) = (1, 2);
/// Paths of the HTTP interface.
pub mod paths {
    /// Enrols a device: JSON [`super::EnrolRequest`] → [`super::EnrolAnswer`].
    pub const ENROL: &str = "/v1/enrol";
    /// Proves the password again: JSON [`super::SignInRequest`] → [`super::Tokens`].
    pub const SIGN_IN: &str = "/v1/sign-in";
    /// Makes a link for the signed-in person's next device: → JSON [`super::LinkAnswer`].
    pub const LINK: &str = "/v1/devices/link";
    /// What an order would do: frames, one [`Command`](crate::domain::order::Command) → one [`super::RehearsalAnswer`].
    pub const REHEARSE: &str = "/v1/rehearse";
    /// Push and pull: frames, [`super::Up`] → [`super::Down`].
    pub const SYNC: &str = "/v1/sync";
    /// Compares what both sides hold: frames, one [`super::Check`] → one [`super::Checked`].
    pub const CHECK: &str = "/v1/check";
    /// What a revoked device may still say: frames, [`super::RevokedUp`] → [`super::RevokedDown`].
    pub const WIPE: &str = "/v1/wipe";
    /// A device says that it is empty: JSON [`super::Wiped`] → `{}`.
    pub const WIPED: &str = "/v1/wiped";
    /// Proves a device by its key to a restored server: JSON [`super::ComeBackRequest`] → [`super::Tokens`].
    pub const COME_BACK: &str = "/v1/devices/return";
    /// Brings back what a restored server forgot: frames, [`super::Bring`] → [`super::Brought`], one for one.
    pub const BRING: &str = "/v1/return";
    /// WebSocket: the first text message is an access token, every later binary one says "something changed".
    pub const HINT: &str = "/v1/hint";
    /// WebSocket: bodies of [`super::Up`] and [`super::Down`] both ways, in [parts](crate::sync::parts).
    pub const LIVE: &str = "/v1/live";
}

/// A record's key (rule 10): generation rises when personal data is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordKey {
    /// The record.
    pub id: RecordId,
    /// Its generation, from 0.
    pub generation: u32,
}

// ------------------------------------------------------------------------------------------------ identity, in JSON

/// Enrols a device.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// The link's token.
    pub token: String,
    /// Sets the password at the first enrolment, proves it later.
    pub password: String,
    /// The device's name.
    pub device_name: String,
    /// Ed25519 public key of the device, base64.
    pub device_key: String,
    /// Protocol range of the device.
    pub protocol: (u16, u16),
}

/// Answer to an enrolment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EnrolAnswer {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Its name.
    pub organisation_name: String,
    /// Its language: `en`, `ru` or `uk`.
    pub language: String,
    /// The person.
    pub user: User,
    /// The device's id, made by the server.
    pub device: DeviceId,
    /// First pair of tokens.
    pub tokens: Tokens,
    /// The server's epoch (rule 24).
    pub epoch: u64,
}

/// Proves the password after a token family ended; device key and records stay (rule 9).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignInRequest {
    /// The device.
    pub device: DeviceId,
    /// The person's password.
    pub password: String,
    /// Ed25519 signature by the device key of [`sign_in_challenge`], base64.
    pub proof: String,
    /// The device's clock, part of the challenge.
    pub at: DateTime<Utc>,
}

/// What a device signs to sign in.
#[must_use]
pub fn sign_in_challenge(device: DeviceId, at: DateTime<Utc>) -> Vec<u8> {
    let mut bytes = b"satchel sign-in ".to_vec();
    bytes.extend_from_slice(device.bytes());
    bytes.extend_from_slice(&at.timestamp_millis().to_be_bytes());
    bytes
}

/// Proves a device by its key alone: a server restored from a backup knows none of its tokens (rule 24).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ComeBackRequest {
    /// The device.
    pub device: DeviceId,
    /// Ed25519 signature by the device key of [`come_back_challenge`], base64.
    pub proof: String,
    /// The device's clock, part of the challenge.
    pub at: DateTime<Utc>,
}

/// What a device signs to come back to a restored server.
#[must_use]
pub fn come_back_challenge(device: DeviceId, at: DateTime<Utc>) -> Vec<u8> {
    let mut bytes = b"satchel come back ".to_vec();
    bytes.extend_from_slice(device.bytes());
    bytes.extend_from_slice(&at.timestamp_millis().to_be_bytes());
    bytes
}

/// What a device signs to use a refresh token: possession of the token alone is not enough.
#[must_use]
pub fn refresh_challenge(device: DeviceId, refresh: &str) -> Vec<u8> {
    let mut bytes = b"satchel refresh ".to_vec();
    bytes.extend_from_slice(device.bytes());
    bytes.extend_from_slice(refresh.as_bytes());
    bytes
}

/// What a revoked device signs to ask for its wipe order and to hand over what it had not sent.
#[must_use]
pub fn wipe_challenge(device: DeviceId, at: DateTime<Utc>) -> Vec<u8> {
    let mut bytes = b"satchel wipe ".to_vec();
    bytes.extend_from_slice(device.bytes());
    bytes.extend_from_slice(&at.timestamp_millis().to_be_bytes());
    bytes
}

/// What a device signs, before its key goes, to confirm that it is empty.
#[must_use]
pub fn wiped_challenge(device: DeviceId, order: CommandId) -> Vec<u8> {
    let mut bytes = b"satchel wiped ".to_vec();
    bytes.extend_from_slice(device.bytes());
    bytes.extend_from_slice(order.bytes());
    bytes
}

/// A pair of tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Good for ten minutes.
    pub access: String,
    /// When the access token ends, by the server's clock.
    pub access_until: DateTime<Utc>,
    /// Good once.
    pub refresh: String,
}

/// A link for the next device.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LinkAnswer {
    /// `http(s)://server/join/<token>`.
    pub link: String,
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
}

/// JSON body of every refusal outside `/v1/sync`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// Stable key of its words.
    pub code: String,
}

/// Answer to a rehearsal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RehearsalAnswer {
    /// The plan, or the code of the refusal.
    pub plan: Result<Plan, String>,
    /// Devices of the people concerned that will be told.
    pub devices: Vec<Device>,
    /// For each person of the plan: clients gained and lost, counting what he sees anyway.
    pub people: Vec<(UserId, u32, u32)>,
    /// The refusal itself, where the plan is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
}

// ------------------------------------------------------------------------------------------------ device → server

/// A message of a device.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Up {
    /// First of every request.
    Hello(Hello),
    /// Edits that belong together; its blobs are the changes of its items in order.
    Group(Group),
    /// On a live connection: more pages may come. The server never sends one beyond what was granted.
    Credit(Credit),
}

/// Room for pages on a live connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// So many pages more than granted before.
    pub pages: u32,
    /// Largest page from here on, in bytes before compression; 0 leaves it as it was.
    pub bytes: u32,
}

/// Who asks, and what he holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hello {
    /// Protocol range of the device.
    pub protocol: (u16, u16),
    /// Version of the app, for the office's list.
    pub app: String,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The device.
    pub device: DeviceId,
    /// Access token, or the refresh token where that has expired.
    pub credential: Credential,
    /// The server's epoch as last seen.
    pub epoch: u64,
    /// The incarnation the device writes under (rule 9).
    pub incarnation: u32,
    /// Counts pushes that carried groups; one that disagrees betrays a cloned or restored database.
    pub push_counter: u64,
    /// Identifies this push, so that a repeated one after a lost answer is not taken for a clone.
    pub push_id: Option<GroupId>,
    /// Where the device stands; what the last page gave it, unchanged.
    pub cursor: Cursor,
    /// True where the page that gave the cursor has come but is not stored yet: the device asks ahead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ahead: bool,
    /// Homes purged since the last contact (rule 20).
    pub purged: Vec<PurgeAck>,
    /// Groups that will still be unsent after this request, for the office's list.
    pub n_unsent: u32,
    /// Whether a page is wanted after the push.
    pub pull: bool,
    /// Largest page the device will take, in bytes before compression.
    pub credit: u32,
    /// Whether the list of devices is wanted.
    pub want_devices: bool,
    /// The device's clock as it sends this: how far the times it writes are off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<DateTime<Utc>>,
    /// Whether the device takes snapshots; otherwise it is sent every change by itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub snapshots: bool,
}

/// Proof of who asks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Credential {
    /// An access token.
    Access(String),
    /// A refresh token and the device key's base64 signature of [`refresh_challenge`].
    Refresh(String, String),
}

/// Where a device stands (rules 17 to 19). The server makes it; it only says what was sent, never what may be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Authority is applied up to this transaction.
    pub authority: u64,
    /// Records of homes held completely are applied up to this transaction.
    pub records: u64,
    /// Backfills under way, oldest first.
    pub backfills: Vec<Backfill>,
}

/// A running transfer of newly visible homes: those whose visible stretch began in (`after`, `upto`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backfill {
    /// Homes visible since a transaction after this one …
    pub after: u64,
    /// … and not after this one.
    pub upto: u64,
    /// Home (seventeen bytes) and record transferred last; `None` at the start.
    pub position: Option<([u8; 17], RecordId)>,
}

/// The device has purged a home that was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurgeAck {
    /// The home.
    pub home: Home,
    /// The number that came with the revocation.
    pub revoked: u64,
}

/// Edits that belong together: accepted, set aside or refused as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Makes delivery idempotent.
    pub id: GroupId,
    /// When it was made, by the device's clock.
    pub at: DateTime<Utc>,
    /// Groups and commands that must have gone well before.
    pub depends_on: Vec<uuid::Uuid>,
    /// What is in it; a group holds either one command or edits.
    pub items: Vec<Item>,
}

/// One thing in a group.
#[expect(clippy::large_enum_variant, reason = "a group holds one command at most")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Item {
    /// A record is made. Its first change follows as `Changes` in the same group.
    Create {
        /// The record.
        record: RecordKey,
        /// Its kind.
        kind: String,
        /// Where it lives.
        homes: Vec<Home>,
    },
    /// Changes of a record, oldest first: so many blobs of the frame.
    Changes {
        /// The record.
        record: RecordKey,
        /// How many blobs.
        n: u32,
    },
    /// An office command.
    Command(Command),
}

// ------------------------------------------------------------------------------------------------ server → device

/// A message of the server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Down {
    /// First of every answer that is not a refusal.
    Welcome(Welcome),
    /// What became of a group.
    Verdict(Verdict),
    /// The next page; its blobs are the changes of its records in order.
    Page(Box<Page>),
    /// The whole request is refused.
    Refused(Denied),
}

/// The whole request is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denied {
    /// `signed_out`, `revoked`, `protocol_too_old`, `wrong_organisation`, `held`, `too_large`, `malformed` …
    pub code: String,
}

/// The server knows the device.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Welcome {
    /// The protocol both use from here on.
    pub protocol: u16,
    /// The server's clock.
    pub now: DateTime<Utc>,
    /// The server's epoch.
    pub epoch: u64,
    /// A new pair, where a refresh token was shown.
    pub tokens: Option<Tokens>,
    /// Set where the database was cloned or restored: write under this incarnation from now on, rebase what is unsent.
    pub incarnation: Option<u32>,
    /// The push counter after this request.
    pub push_counter: u64,
    /// Own and supervised devices, where asked for.
    pub devices: Option<Vec<Device>>,
    /// Days the device may be out of contact before it locks itself (REV-3).
    #[serde(default = "default_lease")]
    pub lease_days: u32,
    /// The server was restored and waits for its admin: nothing is judged or sent, only brought back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
}

fn default_lease() -> u32 {
    limits::LEASE_DAYS
}

/// What became of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The group.
    pub group: GroupId,
    /// The outcome.
    pub outcome: Outcome,
    /// With `SetAside`: how the author's access ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
    /// With `Confirm` of an order that met a refusal: the refusal itself, with whom it expected and whom it found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
}

impl Verdict {
    /// A verdict with nothing more to say.
    #[must_use]
    pub const fn of(group: GroupId, outcome: Outcome) -> Self {
        Self { group, outcome, ended: None, refusal: None }
    }
}

/// Outcome of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// In the server's durable store.
    Accepted,
    /// It was there already.
    Duplicate,
    /// The command was applied: this is what it did.
    Applied(Plan),
    /// Kept as a proposal for somebody else's decision.
    SetAside(ProposalId),
    /// Not taken. The code names the reason.
    Refused(String),
    /// Changes it builds on have not arrived.
    MissingDependencies,
    /// A group or command it depends on has not gone well.
    DependsOn(uuid::Uuid),
    /// The world has changed: this is what the command would do now. `Err` is the code of the refusal it met.
    Confirm(Result<Plan, String>),
}

/// A page of what a device may see. Everything in it is read in one snapshot.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Page {
    /// Save this with the page, in one transaction.
    pub cursor: Cursor,
    /// There is more: ask again at once.
    pub more: bool,
    /// Announces a first sync or a large grant.
    pub announced: Option<Announced>,
    /// Users who are new or changed.
    pub users: Vec<User>,
    /// Departments that are new or changed.
    pub departments: Vec<Department>,
    /// Homes newly visible, or visible at another level or for other reasons. Grants come before revokes (rule 17).
    pub granted: Vec<Granted>,
    /// Homes no longer visible. After the page the device purges what no held home shows.
    pub revoked: Vec<Revoked>,
    /// Records no longer in any visible home.
    pub gone: Vec<RecordId>,
    /// Authors of changes in this page.
    pub authors: Vec<Author>,
    /// Records with their changes.
    pub records: Vec<PageRecord>,
    /// Late edits for this person's decision, and decisions on them.
    pub proposals: Vec<ProposalState>,
    /// What became of this device's own set-aside edits.
    pub receipts: Vec<Receipt>,
    /// What a supervisor should look at.
    #[serde(default)]
    pub alerts: Vec<Alert>,
    /// Absences that are new or changed, as far as they are this person's business.
    #[serde(default)]
    pub absences: Vec<AbsenceState>,
    /// Records this person may not see any more whose personal data were erased: what he typed of them goes.
    #[serde(default)]
    pub erased: Vec<RecordId>,
}

impl Page {
    /// True where it says nothing but where the device stands.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        // Every list by name, so that a new one cannot be forgotten.
        let Self {
            cursor: _,
            more,
            announced,
            users,
            departments,
            granted,
            revoked,
            gone,
            authors,
            records,
            proposals,
            receipts,
            alerts,
            absences,
            erased,
        } = self;
        !more
            && announced.is_none()
            && users.is_empty()
            && departments.is_empty()
            && granted.is_empty()
            && revoked.is_empty()
            && gone.is_empty()
            && authors.is_empty()
            && records.is_empty()
            && proposals.is_empty()
            && receipts.is_empty()
            && alerts.is_empty()
            && absences.is_empty()
            && erased.is_empty()
    }
}

/// What a first sync or a large grant will bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// Records.
    pub n_records: u64,
    /// Bytes before compression.
    pub n_bytes: u64,
}

/// A home this person sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// The home.
    pub home: Home,
    /// All reasons in force; the highest level counts.
    pub grants: Vec<Grant>,
    /// True where a gap lies before it: drop what is held of the home first.
    pub anew: bool,
    /// How the newest reason came about, where the device has not been told of it yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<Given>,
}

/// A home this person sees no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// The home.
    pub home: Home,
    /// To be given back in the purge acknowledgement.
    pub number: u64,
    /// What ended it.
    pub ended_by: EndedBy,
    /// Who has the client now, for the message; empty where this is nobody's business.
    pub now_with: Option<UserId>,
    /// Who ordered it.
    pub by: Option<UserId>,
    /// When.
    pub at: DateTime<Utc>,
    /// Which order ended it.
    #[serde(default)]
    pub cause: Cause,
}

/// Who an actor's device belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub name: String,
    /// The person.
    pub user: UserId,
}

/// A record in a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRecord {
    /// The record.
    pub record: RecordKey,
    /// Its kind.
    pub kind: String,
    /// Those of its homes the receiver sees.
    pub homes: Vec<Home>,
    /// True where the blobs are all changes from the first; otherwise those since the cursor.
    pub full: bool,
    /// How many blobs.
    pub n: u32,
    /// Authority over it, where it changed or the record is sent in full.
    pub authority: Option<RecordAuthority>,
    /// When the blobs reached the server, as runs in their order. Left out where all came with the record's making,
    /// at a device that was in contact and whose clock was right: then `received_at` of the authority says it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub received: Vec<Received>,
    /// Where not 0, the first blob is a snapshot of so many changes and the second tells when those reached the server
    /// (`docs::stamps`); `received` speaks of the blobs after these two.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub folded: u32,
}

/// When some changes reached the server, and what is known of the device that brought them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// How many blobs, one after the other.
    pub n: u32,
    /// By the server's clock.
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub at: DateTime<Utc>,
    /// Made without contact: since when the device had been away, by the server's clock.
    #[serde(default, with = "chrono::serde::ts_milliseconds_option", skip_serializing_if = "Option::is_none")]
    pub away_since: Option<DateTime<Utc>>,
    /// How many seconds the device's clock was ahead of the server's (behind: negative), where it was plainly wrong.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skew: i64,
}

fn is_zero(skew: &i64) -> bool {
    *skew == 0
}

fn is_nothing(n: &u32) -> bool {
    *n == 0
}

/// What the office says about a record. Sent as it stands, not as a list of events: the last one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordAuthority {
    /// Who made it.
    pub created_by: Option<UserId>,
    /// When it reached the server.
    pub received_at: Option<DateTime<Utc>>,
    /// For clients.
    pub client: Option<ClientAuthority>,
    /// For interactions: who is to do it.
    pub assigned: Option<UserId>,
    /// For interactions: hand-overs so far.
    pub hand_overs: Vec<HandOver>,
    /// For clients that were made twice: which one stayed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged: Option<Merged>,
}

/// A late edit that waits for a decision, or was decided on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalState {
    /// The proposal.
    pub id: ProposalId,
    /// The record.
    pub record: RecordKey,
    /// Its kind.
    pub kind: String,
    /// The client home it is for.
    pub client: RecordId,
    /// Who typed it.
    pub author: UserId,
    /// On which device.
    pub device: DeviceId,
    /// By that device's clock.
    pub at: DateTime<Utc>,
    /// By the server's clock.
    pub received_at: DateTime<Utc>,
    /// True where it makes the record.
    pub creates: bool,
    /// `None` while it waits.
    pub accepted: Option<bool>,
    /// The original changes; empty once decided.
    #[serde(with = "bytes_list")]
    pub changes: Vec<Vec<u8>>,
    /// How the author's access ended: why this waits instead of being merged.
    #[serde(default)]
    pub ended: Ended,
    /// Since when the author's device had been away, where it was.
    #[serde(default)]
    pub away_since: Option<DateTime<Utc>>,
    /// As in [`Received::skew`].
    #[serde(default)]
    pub skew: i64,
    /// Proposals with the same chain are decided together.
    #[serde(default)]
    pub chain: Option<ProposalId>,
}

/// An absence as the receiver may know it: all of it for those who supervise the absent person, times and substitutes
/// of his own clients for himself, the bare times for a substitute, whose own grants say the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AbsenceState {
    /// The absence; of clients and interactions those the receiver sees.
    pub absence: Absence,
    /// The receiver is one of those who stand in.
    pub stands_in: bool,
    /// It is no more his business: forget it.
    pub gone: bool,
}

/// What became of a set-aside edit of this device's user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The proposal.
    pub proposal: ProposalId,
    /// The group it came in.
    pub group: GroupId,
    /// The record.
    pub record: RecordId,
    /// Taken in or left out.
    pub accepted: bool,
    /// Who decided.
    pub by: UserId,
    /// When.
    pub at: DateTime<Utc>,
    /// Left out, but the values of these fields were taken over by the decider.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub picked: Vec<String>,
}

// ------------------------------------------------------------------------------------------------ repair

/// A device asks whether it holds what the server holds (rule 23).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Check {
    /// Whether everything up to the cursor adds up to this. Asked while nothing is on its way.
    All {
        /// Where the device stands.
        cursor: Cursor,
        /// The sum over all its homes.
        digest: Digest,
    },
    /// What every home adds up to.
    Homes {
        /// Where the device stands.
        cursor: Cursor,
    },
    /// What every record of these homes adds.
    Records {
        /// Where the device stands.
        cursor: Cursor,
        /// The homes.
        homes: Vec<Home>,
    },
    /// These records in full, wherever the device stands.
    Fetch {
        /// The records.
        records: Vec<RecordId>,
        /// Whether the device takes snapshots.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        snapshots: bool,
    },
}

/// What the server says to a check. Only of what the person sees.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Checked {
    /// It adds up.
    Same,
    /// It does not.
    Differs,
    /// There is something the device has not pulled yet: nothing can be compared.
    Later,
    /// All homes the person sees, with their sums.
    Homes(Vec<HomeSum>),
    /// Homes with their records and what each adds; as many as fit.
    Records(Vec<(Home, Vec<(RecordId, Digest)>)>),
    /// The records asked for, as many as fit; the cursor in it means nothing. Its blobs are their changes.
    Page(Box<Page>),
}

/// A home with the sum over its records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeSum {
    /// The home, and why the person sees it.
    pub granted: Granted,
    /// The sum.
    pub digest: Digest,
}

/// Something a supervisor should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// `token_reused`: a refresh token was used twice, so somebody may have copied it (REV-4).
    pub what: String,
    /// Whose device.
    pub user: UserId,
    /// Which.
    pub device: DeviceId,
    /// Its name.
    pub device_name: String,
    /// By the server's clock.
    pub at: DateTime<Utc>,
}

// ------------------------------------------------------------------------------------------------ revoked devices

/// What a revoked device may still say (REV-2).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum RevokedUp {
    /// First of every request.
    Hello(RevokedHello),
    /// What it had not sent, where the order wants it rescued.
    Group(Group),
}

/// A revoked device asks what is to become of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RevokedHello {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The device.
    pub device: DeviceId,
    /// By the server's clock as far as the device knows it; part of the challenge.
    pub at: DateTime<Utc>,
    /// Ed25519 signature by the device key of [`wipe_challenge`], base64.
    pub proof: String,
    /// The incarnation the device writes under.
    pub incarnation: u32,
    /// Its push counter, compared as in a hello where groups go along; not said by devices of before 0.2.
    #[serde(default)]
    pub push_counter: Option<u64>,
    /// Identifies the push, as in a hello.
    #[serde(default)]
    pub push_id: Option<GroupId>,
    /// Groups that will still be unsent after this request.
    pub n_unsent: u32,
    /// Everything that can be rescued has its verdict.
    pub rescued: bool,
}

/// What a revoked device is told: verdicts, never data.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum RevokedDown {
    /// First of every answer that is not a refusal.
    Told(Told),
    /// What became of a group.
    Verdict(Verdict),
    /// The whole request is refused.
    Refused(Denied),
}

/// What is to become of a revoked device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The server's clock.
    pub now: DateTime<Utc>,
    /// The device's rights have ended.
    pub revoked: bool,
    /// The order to empty it, where one stands.
    pub order: Option<WipeOrder>,
    /// Set where the counters disagree: the disk is a copy or went back to a backup. Nothing was taken in; the device
    /// writes what it has not sent anew under this incarnation (rule 9).
    #[serde(default)]
    pub incarnation: Option<u32>,
    /// The push counter from here on, where groups went along.
    #[serde(default)]
    pub push_counter: Option<u64>,
}

/// A device is to empty itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WipeOrder {
    /// The order, to be named in the confirmation.
    pub id: CommandId,
    /// What was not sent goes up first.
    pub rescue: bool,
    /// Not before this, by the server's clock; it may be taken back until then, so the device asks again.
    pub due: DateTime<Utc>,
}

/// A device is empty. Signed before its key was removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wiped {
    /// The device.
    pub device: DeviceId,
    /// The order it followed.
    pub order: CommandId,
    /// Ed25519 signature by the device key of [`wiped_challenge`], base64.
    pub proof: String,
}

// ------------------------------------------------------------------------------------------------ older devices

impl Down {
    /// The message in words a device of an older protocol knows.
    #[must_use]
    pub fn spoken_in(mut self, protocol: u16) -> Self {
        if protocol >= 2 {
            return self;
        }
        match &mut self {
            Self::Page(page) => {
                page.absences.clear();
                for grant in page.granted.iter_mut().flat_map(|granted| &mut granted.grants) {
                    grant.reason = before_absences(grant.reason);
                }
            }
            Self::Verdict(Verdict { outcome: Outcome::Applied(plan) | Outcome::Confirm(Ok(plan)), .. }) => {
                plan.events.retain(|event| !matches!(event, Event::AbsenceSet { .. }));
                for event in &mut plan.events {
                    if let Event::GrantGiven { reason, .. } | Event::GrantEnded { reason, .. } = event {
                        *reason = before_absences(*reason);
                    }
                }
                for (_, refusal) in &mut plan.refused {
                    if matches!(refusal, Refusal::Done | Refusal::AbsenceChanged) {
                        *refusal = Refusal::Nothing;
                    }
                }
            }
            _ => {}
        }
        self
    }
}

/// Protocol 1 knew only one reason that has an end.
fn before_absences(reason: Reason) -> Reason {
    match reason {
        Reason::Substitute(absence) => Reason::Assigned(RecordId(absence.0)),
        known => known,
    }
}

// ------------------------------------------------------------------------------------------------ after a restore

/// A device brings back what a restored server forgot (rule 24).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bring {
    /// Records it holds, with the heads of what was acknowledged.
    Offer(Vec<Offered>),
    /// One record in full: its header, and all its acknowledged changes whoever made them.
    Record(Group),
    /// What the office said before.
    Mirror(Mirror),
    /// There is nothing more.
    Done,
}

/// A record a device holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// The record.
    pub record: RecordKey,
    /// Hashes of the latest acknowledged changes.
    #[serde(with = "bytes_list")]
    pub heads: Vec<Vec<u8>>,
}

/// The server's answer to each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Brought {
    /// Of the records offered, those it lacks something of.
    Wanted(Vec<RecordId>),
    /// What became of a record; `held` where it waits for the admin.
    Verdict(Verdict),
    /// Noted.
    Noted,
}

/// What a device remembers of what the office said: proposals for the admin of a restored server, never orders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mirror {
    /// Departments.
    pub departments: Vec<Department>,
    /// People.
    pub users: Vec<User>,
    /// Devices that made changes.
    pub authors: Vec<Author>,
    /// Devices known to be revoked.
    pub revoked: Vec<DeviceId>,
    /// Who has which client.
    pub clients: Vec<(RecordId, ClientAuthority)>,
}

/// Lists of byte strings as CBOR byte strings instead of arrays of numbers.
mod bytes_list {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    struct Bytes(Vec<u8>);

    impl Serialize for Bytes {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(&self.0)
        }
    }

    impl<'de> Deserialize<'de> for Bytes {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Visitor;

            impl serde::de::Visitor<'_> for Visitor {
                type Value = Bytes;

                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("bytes")
                }

                fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                    Ok(Bytes(bytes.to_vec()))
                }

                fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                    Ok(Bytes(bytes))
                }
            }
            deserializer.deserialize_byte_buf(Visitor)
        }
    }

    pub fn serialize<S: Serializer>(list: &[Vec<u8>], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(list.iter().map(|bytes| Bytes(bytes.clone())))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<u8>>, D::Error> {
        let list = Vec::<Bytes>::deserialize(deserializer)?;
        Ok(list.into_iter().map(|bytes| bytes.0).collect())
    }
}
