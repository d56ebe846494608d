//! Where the app stands, who is there, entering and settings.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::domain::ids::*;

/// Where the app stands; everything the frame needs.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Status {
    /// What the first screen must be.
    pub phase: Phase,
    /// The person at this device, once known.
    pub me: Option<Person>,
    /// Name of the organisation; empty in local-only use.
    pub organisation: String,
    /// This device's name.
    pub device: String,
    /// True where the app works without a server.
    pub local_only: bool,
    /// `en`, `ru` or `uk`.
    pub language: String,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// The product's version.
    pub version: String,
    /// State of sync for the badge.
    pub sync: SyncStatus,
    /// Fields with competing values on this device.
    pub n_reviews: u32,
    /// Late edits of others that wait for this person's decision.
    pub n_proposals: u32,
    /// Pairs of clients of this person's people that may have been made twice.
    pub n_twins: u32,
    /// Notices not dismissed yet.
    pub n_notices: u32,
    /// Days this device may be out of contact before it locks itself; 0 in local-only use.
    pub lease_days: u32,
    /// How far looking this device over is, in hundredths; `null` while it is not.
    pub checking: Option<u32>,
}

/// What the first screen must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// No database yet: enrolment or "try without a server".
    New,
    /// There is a database and no key store: the passphrase is asked for.
    Passphrase,
    /// There is a database whose key the key store does not have. Never answered by a new database.
    KeyMissing,
    /// The database file cannot be read.
    Damaged,
    /// The tokens ended: work goes on, the password is asked for before the next sync.
    SignedOut,
    /// This device was revoked by the office.
    Revoked,
    /// Out of contact for longer than the organisation allows: locked until the next contact, nothing is lost. Where
    /// `sync.last_error` is `signed_out` the password is asked for.
    LeaseOver,
    /// The organisation has emptied this device; it can be enrolled anew.
    Wiped,
    /// Ready to work.
    Ready,
}

/// State of sync, for the badge and its panel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct SyncStatus {
    /// Which of the badge's states it is.
    pub state: SyncState,
    /// When the server last acknowledged everything.
    pub synced_at: Option<DateTime<Utc>>,
    /// Last time the server answered at all.
    pub contact_at: Option<DateTime<Utc>>,
    /// Records received in the running first sync or large grant.
    pub n_done: u32,
    /// Records announced for it; 0 when no plan is running.
    pub n_planned: u32,
    /// Groups and orders not acknowledged.
    pub n_waiting: u32,
    /// Items somebody has to look at.
    pub n_attention: u32,
    /// Error code of the last failed attempt; empty when it went well.
    pub last_error: String,
}

/// The badge's states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    /// Everything acknowledged.
    Synced,
    /// At work now.
    Syncing,
    /// No server within reach; normal.
    Offline,
    /// Something wants a person.
    Attention,
    /// Locked: the password is needed before the next sync.
    Locked,
    /// Works without a server.
    LocalOnly,
}

/// A colleague as everybody may see him.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Person {
    /// The user's id.
    pub id: UserId,
    /// Full name.
    pub name: String,
    /// `rep`, `supervisor` or `admin`.
    pub role: String,
    /// His department.
    pub department: Option<DepartmentId>,
    /// Name of the department.
    pub department_name: String,
    /// False once he has left.
    pub active: bool,
}

/// Enrols this device.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Enrol {
    /// The link as pasted.
    pub link: String,
    /// Sets the password at the person's first enrolment, proves it at the later ones.
    pub password: String,
    /// What to call this device.
    pub device_name: String,
    /// Protects the database where there is no key store.
    #[serde(default)]
    pub passphrase: Option<String>,
}

/// Starts without a server.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StartLocal {
    /// The person's name.
    pub name: String,
    /// Protects the database where there is no key store.
    #[serde(default)]
    pub passphrase: Option<String>,
}

/// Opens a database that is wrapped with a passphrase.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Unlock {
    /// The passphrase.
    pub passphrase: String,
}

/// Proves the password again after the tokens ended.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SignIn {
    /// The person's password.
    pub password: String,
}

/// Changes what this device remembers about its looks; absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct ChangeSettings {
    /// `en`, `ru` or `uk`.
    #[ts(optional = nullable)]
    pub language: Option<String>,
    /// `system`, `light` or `dark`.
    #[ts(optional = nullable)]
    pub theme: Option<String>,
}

/// A link with which the signed-in person adds his next device.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DeviceLink {
    /// To be pasted on the other device.
    pub link: String,
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
}

/// A text to show or copy.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TextBody {
    /// The text.
    pub text: String,
}

/// Half-typed text that must survive a kill.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Draft {
    /// Which form, e.g. `quick`.
    pub key: String,
    /// The form's own JSON; empty forgets it.
    pub text: String,
}

/// Names a draft.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DraftKey {
    /// Which form.
    pub key: String,
}
