//! Who this device is and where sync stands: single values by key.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::cells;
use super::error::StoreError;
use super::open::Store;
use crate::domain::authority::{Role, User};
use crate::domain::ids::*;
use crate::domain::phone::Region;
use crate::sync::wire::{Cursor, Tokens};

/// Who this device is. Written once at enrolment (or at "try without a server").
#[derive(Clone)]
pub struct Identity {
    /// The organisation; a fresh id in local-only use.
    pub organisation: OrganisationId,
    /// Its name; empty in local-only use.
    pub organisation_name: String,
    /// Its language.
    pub language: String,
    /// The person.
    pub user: User,
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub device_name: String,
    /// Base address of the server; `None` in local-only use.
    pub server: Option<String>,
    /// Ed25519 signing key of the device; `None` in local-only use.
    pub device_key: Option<[u8; 32]>,
    /// The first pair of tokens.
    pub tokens: Option<Tokens>,
    /// The server's epoch.
    pub epoch: u64,
}

/// Who this device is, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Its name.
    pub organisation_name: String,
    /// Its language.
    pub language: String,
    /// The person.
    pub user: UserId,
    /// His role as last told by the server.
    pub role: Role,
    /// His department as last told by the server.
    pub department: DepartmentId,
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub device_name: String,
    /// Base address of the server; `None` in local-only use.
    pub server: Option<String>,
}

/// Where sync stands, for the badge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncFacts {
    /// When the server last acknowledged everything and had nothing more to send.
    pub synced_at: Option<DateTime<Utc>>,
    /// Last time the server answered at all, by this device's clock.
    pub contact_at: Option<DateTime<Utc>>,
    /// Records received of the running plan.
    pub n_done: u64,
    /// Records announced for it; 0 when none is running.
    pub n_planned: u64,
    /// Groups and commands not acknowledged (waiting or depending on another).
    pub n_waiting: u64,
    /// Items somebody has to look at: refused or to be confirmed.
    pub n_attention: u64,
    /// Code of the last failed attempt; empty when it went well.
    pub last_error: String,
    /// The tokens ended: the password is asked for before the next sync.
    pub signed_out: bool,
    /// The office revoked this device.
    pub revoked: bool,
}

/// Keys of single values.
pub(crate) mod keys {
    pub const ORGANISATION: &str = "organisation";
    pub const ORGANISATION_NAME: &str = "organisation_name";
    pub const LANGUAGE: &str = "language";
    pub const USER: &str = "user";
    pub const DEVICE: &str = "device";
    pub const DEVICE_NAME: &str = "device_name";
    pub const SERVER: &str = "server";
    pub const DEVICE_KEY: &str = "device_key";
    pub const TOKENS: &str = "tokens";
    pub const EPOCH: &str = "epoch";
    /// The incarnation this device writes under (rule 9).
    pub const INCARNATION: &str = "incarnation";
    pub const PUSH_COUNTER: &str = "push_counter";
    /// The push whose answer has not arrived.
    pub const PUSH_ID: &str = "push_id";
    pub const CURSOR: &str = "cursor";
    pub const PLANNED: &str = "planned";
    pub const DONE: &str = "done";
    pub const FIRST_SYNC_DONE: &str = "first_sync_done";
    pub const SYNCED_AT: &str = "synced_at";
    pub const CONTACT_AT: &str = "contact_at";
    /// The server's clock minus this device's, in milliseconds.
    pub const SKEW: &str = "skew";
    /// When the list of devices was last brought up to date.
    pub const DEVICES_AT: &str = "devices_at";
    /// Somebody wants that list now.
    pub const DEVICES_ASKED: &str = "devices_asked";
    pub const LAST_ERROR: &str = "last_error";
    /// Days this device may be out of contact, as the server last said.
    pub const LEASE_DAYS: &str = "lease_days";
    /// This device's clock when time out of contact was last added up.
    pub const LEASE_SEEN: &str = "lease_seen";
    /// Time out of contact till then, in milliseconds.
    pub const LEASE_SPENT: &str = "lease_spent";
    pub const SIGNED_OUT: &str = "signed_out";
    pub const REVOKED: &str = "revoked";
    /// A purge whose pages have not been cleaned yet.
    pub const SCRUB_DUE: &str = "scrub_due";
    /// What is still to be brought back to a restored server.
    pub const RETURNING: &str = "returning";
    /// When everything held was last compared with the server.
    pub const CHECKED_AT: &str = "checked_at";
    /// Acknowledged changes after which a history is folded, where it is not the usual number.
    pub const FOLD_FROM: &str = "fold_from";
}

pub(crate) fn get<T: DeserializeOwned>(conn: &Connection, key: &str) -> Result<Option<T>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT value FROM state WHERE key = ?")?;
    let bytes: Option<Vec<u8>> = statement.query_row([key], |row| row.get(0)).optional()?;
    bytes.map(|bytes| cells::from_cbor(&bytes)).transpose()
}

pub(crate) fn set<T: Serialize>(conn: &Connection, key: &str, value: &T) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached("INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)")?;
    statement.execute(params![key, cells::to_cbor(value)?])?;
    Ok(())
}

pub(crate) fn remove(conn: &Connection, key: &str) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM state WHERE key = ?")?.execute([key])?;
    Ok(())
}

/// Homes of clients made here of which the server has not spoken yet.
pub(super) mod made_homes {
    use super::{Connection, RecordId, StoreError};

    const PREFIX: &str = "made/";

    pub fn add(conn: &Connection, client: RecordId) -> Result<(), StoreError> {
        super::set(conn, &format!("{PREFIX}{client}"), &true)
    }

    pub fn remove(conn: &Connection, client: RecordId) -> Result<(), StoreError> {
        super::remove(conn, &format!("{PREFIX}{client}"))
    }

    pub fn all(conn: &Connection) -> Result<Vec<RecordId>, StoreError> {
        let mut statement = conn.prepare_cached("SELECT key FROM state WHERE key > 'made/' AND key < 'made0'")?;
        let keys = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        Ok(keys.iter().filter_map(|key| key.strip_prefix(PREFIX)?.parse().ok()).collect())
    }
}

fn need<T: DeserializeOwned>(conn: &Connection, key: &'static str) -> Result<T, StoreError> {
    get(conn, key)?.ok_or(StoreError::Unreadable(key))
}

/// Writes who this device is into a new database.
pub(super) fn enrol(conn: &Connection, identity: &Identity) -> Result<(), StoreError> {
    set(conn, keys::ORGANISATION, &identity.organisation)?;
    set(conn, keys::ORGANISATION_NAME, &identity.organisation_name)?;
    set(conn, keys::LANGUAGE, &identity.language)?;
    set(conn, keys::USER, &identity.user.id)?;
    set(conn, keys::DEVICE, &identity.device)?;
    set(conn, keys::DEVICE_NAME, &identity.device_name)?;
    set(conn, keys::EPOCH, &identity.epoch)?;
    set(conn, keys::INCARNATION, &0u32)?;
    set(conn, keys::PUSH_COUNTER, &0u64)?;
    set(conn, keys::CURSOR, &Cursor::default())?;
    if let Some(server) = &identity.server {
        set(conn, keys::SERVER, server)?;
    }
    if let Some(key) = &identity.device_key {
        set(conn, keys::DEVICE_KEY, key)?;
    }
    if let Some(tokens) = &identity.tokens {
        set(conn, keys::TOKENS, tokens)?;
    }
    super::mirror::put_user(conn, &identity.user)
}

/// The country by whose rules this organisation's numbers are read.
pub(super) fn region(conn: &Connection) -> Result<Option<Region>, StoreError> {
    let language: Option<String> = get(conn, keys::LANGUAGE)?;
    Ok(language.as_deref().and_then(Region::of_language))
}

/// Who this device is.
pub(crate) fn me(conn: &Connection) -> Result<Me, StoreError> {
    let user: UserId = need(conn, keys::USER)?;
    let known = super::mirror::user(conn, user)?.ok_or(StoreError::Unreadable("user"))?;
    Ok(Me {
        organisation: need(conn, keys::ORGANISATION)?,
        organisation_name: need(conn, keys::ORGANISATION_NAME)?,
        language: need(conn, keys::LANGUAGE)?,
        user,
        role: known.role,
        department: known.department,
        device: need(conn, keys::DEVICE)?,
        device_name: need(conn, keys::DEVICE_NAME)?,
        server: get(conn, keys::SERVER)?,
    })
}

/// The Automerge actor this device writes under now.
pub(crate) fn actor(conn: &Connection) -> Result<[u8; 20], StoreError> {
    let incarnation: u32 = need(conn, keys::INCARNATION)?;
    Ok(crate::domain::authority::actor_bytes(need(conn, keys::DEVICE)?, incarnation))
}

/// From here on this device writes as a new actor: the old one never writes a record again that was refused, set
/// aside or purged (rule 12).
pub(crate) fn next_incarnation(conn: &Connection) -> Result<(), StoreError> {
    let incarnation: u32 = need(conn, keys::INCARNATION)?;
    set(conn, keys::INCARNATION, &(incarnation + 1))
}

impl Store {
    /// Who this device is.
    ///
    /// # Errors
    /// Those of the database.
    pub fn me(&self) -> Result<Me, StoreError> {
        self.remembered(&self.inner.me, me)
    }

    /// Where sync stands.
    ///
    /// # Errors
    /// Those of the database.
    pub fn sync_facts(&self) -> Result<SyncFacts, StoreError> {
        self.read(|conn| {
            let (n_waiting, n_attention) = super::outbox::counts(conn)?;
            Ok(SyncFacts {
                synced_at: get(conn, keys::SYNCED_AT)?,
                contact_at: get(conn, keys::CONTACT_AT)?,
                n_done: get(conn, keys::DONE)?.unwrap_or(0),
                n_planned: get(conn, keys::PLANNED)?.unwrap_or(0),
                n_waiting,
                n_attention,
                last_error: get(conn, keys::LAST_ERROR)?.unwrap_or_default(),
                signed_out: get(conn, keys::SIGNED_OUT)?.unwrap_or(false),
                revoked: get(conn, keys::REVOKED)?.unwrap_or(false),
            })
        })
    }

    /// Forgets the tokens: the password is asked for before the next sync.
    ///
    /// # Errors
    /// Those of the database.
    pub fn forget_tokens(&self) -> Result<(), StoreError> {
        self.write(|tx| {
            remove(tx, keys::TOKENS)?;
            set(tx, keys::SIGNED_OUT, &true)
        })
    }

    /// The access token, while it is good for another half minute.
    ///
    /// # Errors
    /// Those of the database.
    pub fn access_token(&self, now: DateTime<Utc>) -> Result<Option<String>, StoreError> {
        self.read(|conn| {
            let tokens: Option<Tokens> = get(conn, keys::TOKENS)?;
            let skew: i64 = get(conn, keys::SKEW)?.unwrap_or(0);
            let server_now = now + chrono::Duration::milliseconds(skew) + chrono::Duration::seconds(30);
            Ok(tokens.filter(|tokens| tokens.access_until > server_now).map(|tokens| tokens.access))
        })
    }
}
