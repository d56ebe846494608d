//! How long this device has been out of contact (REV-3).
//!
//! Only time that passes is counted, and never back: a clock that is set back stops counting for a moment and goes on
//! from there, so that it cannot make a device younger than it is.

use chrono::{DateTime, Duration, Utc};
use rusqlite::Connection;

use super::error::StoreError;
use super::open::Store;
use super::state::{self, keys};
use crate::domain::limits;

/// What is noted again only after this much time.
const NOTED_EVERY: Duration = Duration::minutes(1);

/// How long a device may be out of contact, and how long it has been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Days it may be.
    pub days: u32,
    /// Time it has been.
    pub spent: Duration,
}

impl Lease {
    /// True where it has been out of contact for longer than it may.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.spent > Duration::days(self.days.into())
    }
}

impl Store {
    /// How long this device has been out of contact. `None` in local-only use.
    ///
    /// # Errors
    /// Those of the database.
    pub fn lease(&self, now: DateTime<Utc>) -> Result<Option<Lease>, StoreError> {
        let Some(noted) = self.remembered(&self.inner.lease, look)? else { return Ok(None) };
        let found = noted.at(now);
        if found.to_be_noted {
            self.write(|tx| note(tx, found.lease.spent, now))?;
        }
        Ok(Some(found.lease))
    }
}

struct Found {
    lease: Lease,
    to_be_noted: bool,
}

/// What the database says of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noted {
    days: u32,
    seen: Option<DateTime<Utc>>,
    /// A database of an earlier version counts from its last contact.
    contact: Option<DateTime<Utc>>,
    spent: Duration,
}

fn look(conn: &Connection) -> Result<Option<Noted>, StoreError> {
    if state::get::<String>(conn, keys::SERVER)?.is_none() {
        return Ok(None);
    }
    Ok(Some(Noted {
        days: state::get(conn, keys::LEASE_DAYS)?.unwrap_or(limits::LEASE_DAYS),
        seen: state::get(conn, keys::LEASE_SEEN)?,
        contact: state::get(conn, keys::CONTACT_AT)?,
        spent: Duration::milliseconds(state::get(conn, keys::LEASE_SPENT)?.unwrap_or(0)),
    }))
}

impl Noted {
    fn at(&self, now: DateTime<Utc>) -> Found {
        let passed = now - self.seen.or(self.contact).unwrap_or(now);
        let lease = Lease { days: self.days, spent: self.spent + passed.max(Duration::zero()) };
        Found { lease, to_be_noted: self.seen.is_none() || passed < Duration::zero() || passed >= NOTED_EVERY }
    }
}

fn note(conn: &Connection, spent: Duration, now: DateTime<Utc>) -> Result<(), StoreError> {
    state::set(conn, keys::LEASE_SEEN, &now)?;
    state::set(conn, keys::LEASE_SPENT, &spent.num_milliseconds())
}

/// The server has answered: it counts anew.
pub(super) fn renew(conn: &Connection, days: u32, now: DateTime<Utc>) -> Result<(), StoreError> {
    state::set(conn, keys::LEASE_DAYS, &days.clamp(1, limits::LONGEST_LEASE_DAYS))?;
    note(conn, Duration::zero(), now)
}
