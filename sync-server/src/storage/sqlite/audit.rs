//! The audit: append-only rows of ids, chained by hashes (AUD-1).
//!
//! A row's hash covers the hash before it and all its columns, so that no row can be edited, taken out or moved
//! without breaking the chain behind it. The end of the chain is sealed with the organisation's secret, so that rows
//! cannot be cut off the end either. Whoever can read the secret and write the file can forge both: against him the
//! head is noted outside the server (`audit verify` prints it) and compared later.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use satchel_core::domain::ids::*;
use sha2::{Digest, Sha256};

use super::Ledger;
use super::sql::*;
use crate::storage::{Audit, AuditHead, AuditVerdict, StorageError, Tampering};

type Hash = [u8; 32];

/// A row with what its hash is made of.
struct Row {
    n: u64,
    at: i64,
    user: Option<[u8; 16]>,
    device: Option<[u8; 16]>,
    action: Vec<u8>,
    subject: Vec<u8>,
}

impl Row {
    /// The hash of this row behind another one.
    fn hash(&self, organisation: &[u8], before: &Hash) -> Hash {
        let mut digest = Sha256::new_with_prefix(b"satchel audit row");
        digest.update(organisation);
        digest.update(before);
        digest.update(self.n.to_be_bytes());
        digest.update(self.at.to_be_bytes());
        for part in [self.user.as_ref().map(<[u8; 16]>::as_slice), self.device.as_ref().map(<[u8; 16]>::as_slice)] {
            digest.update([u8::from(part.is_some())]);
            digest.update(part.unwrap_or_default());
        }
        for part in [&self.action, &self.subject] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        digest.finalize().into()
    }

    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            n: uint(row, 0)?,
            at: row.get(1)?,
            user: row.get(2)?,
            device: row.get(3)?,
            action: row.get(4)?,
            subject: row.get(5)?,
        })
    }
}

/// What the chain is bound to: the organisation and its secret.
struct Keys {
    organisation: Vec<u8>,
    secret: Vec<u8>,
}

impl Keys {
    fn of(conn: &Connection, org: i64) -> Result<Self> {
        let mut keys = conn.prepare_cached("SELECT id, secret FROM organisation WHERE org = ?1")?;
        let keys = keys.query_row([org], |row| Ok(Self { organisation: row.get(0)?, secret: row.get(1)? }));
        keys.optional()?.ok_or(StorageError::NotFound("organisation"))
    }

    fn seal(&self, n: u64, head: &Hash) -> Hash {
        let mut digest = Sha256::new_with_prefix(b"satchel audit seal");
        digest.update(&self.secret);
        digest.update(&self.organisation);
        digest.update(n.to_be_bytes());
        digest.update(head);
        digest.update(&self.secret);
        digest.finalize().into()
    }
}

/// The end of the chain as it is sealed.
struct Sealed {
    n: u64,
    head: Hash,
    seal: Hash,
}

fn sealed(conn: &Connection, org: i64) -> Result<Option<Sealed>> {
    let mut found = conn.prepare_cached("SELECT n, head, seal FROM audit_seal WHERE org = ?1")?;
    let found =
        found.query_row([org], |row| Ok(Sealed { n: uint(row, 0)?, head: row.get(1)?, seal: row.get(2)? })).optional();
    Ok(found?)
}

fn set_seal(conn: &Connection, org: i64, keys: &Keys, n: u64, head: &Hash) -> Result<()> {
    let mut set = conn.prepare_cached(
        "INSERT INTO audit_seal (org, n, head, seal) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET n = excluded.n, head = excluded.head, seal = excluded.seal",
    )?;
    set.execute(params![org, int(n), head, keys.seal(n, head)])?;
    Ok(())
}

/// Chains the rows of before there was a chain; part of the migration that brings it.
pub fn chain_existing(conn: &Connection) -> Result<()> {
    let orgs: Vec<i64> = conn
        .prepare("SELECT org FROM organisation")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for org in orgs {
        let keys = Keys::of(conn, org)?;
        let rows: Vec<Row> = conn
            .prepare("SELECT n, at, account, device, action, subject FROM audit WHERE org = ?1 ORDER BY n")?
            .query_map([org], Row::read)?
            .collect::<rusqlite::Result<_>>()?;
        let (mut n, mut head) = (0, Hash::default());
        let mut set = conn.prepare("UPDATE audit SET hash = ?3 WHERE org = ?1 AND n = ?2")?;
        for row in &rows {
            head = row.hash(&keys.organisation, &head);
            n = row.n;
            set.execute(params![org, int(row.n), head])?;
        }
        set_seal(conn, org, &keys, n, &head)?;
    }
    Ok(())
}

impl Ledger<'_> {
    /// Begins the chain of a new organisation.
    pub(super) fn begin_audit(&self) -> Result<()> {
        set_seal(self.conn, self.org, &Keys::of(self.conn, self.org)?, 0, &Hash::default())
    }

    /// Writes an audit row behind the others.
    pub(super) fn audit(
        &self,
        at: DateTime<Utc>,
        (user, device): (Option<UserId>, Option<DeviceId>),
        action: &str,
        subject: &[u8],
    ) -> Result<()> {
        let keys = Keys::of(self.conn, self.org)?;
        let Sealed { n, head: before, .. } =
            sealed(self.conn, self.org)?.ok_or(StorageError::Corrupt("seal of the audit"))?;
        let row = Row {
            n: n + 1,
            at: millis(at),
            user: user.map(|user| *user.bytes()),
            device: device.map(|device| *device.bytes()),
            action: action.as_bytes().to_vec(),
            subject: subject.to_vec(),
        };
        let head = row.hash(&keys.organisation, &before);
        self.run(
            "INSERT INTO audit (org, n, at, account, device, action, subject, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![self.org, int(row.n), row.at, row.user, row.device, row.action, row.subject, head],
        )?;
        set_seal(self.conn, self.org, &keys, row.n, &head)
    }

    /// The newest rows, newest first.
    pub(super) fn audit_rows(&self, limit: u32) -> Result<Vec<Audit>> {
        self.all(
            "SELECT at, account, device, action, subject FROM audit WHERE org = ?1 ORDER BY n DESC LIMIT ?2",
            params![self.org, limit],
            |row| {
                Ok(Audit {
                    at: time(row, 0)?,
                    user: opt_uuid(row, 1)?.map(UserId),
                    device: opt_uuid(row, 2)?.map(DeviceId),
                    action: text(row, 3)?,
                    subject: row.get(4)?,
                })
            },
        )
    }

    /// Walks along the whole chain and says where it was tampered with first. `noted` is a head somebody wrote down
    /// earlier: the chain must still go through it.
    pub(super) fn verify_audit(&self, noted: Option<&AuditHead>) -> Result<AuditVerdict> {
        let keys = Keys::of(self.conn, self.org)?;
        let mut statement =
            self.sql("SELECT n, at, account, device, action, subject, hash FROM audit WHERE org = ?1 ORDER BY n")?;
        let mut rows = statement.query([self.org])?;
        let (mut n, mut head) = (0, Hash::default());
        let verdict = |n, head: &Hash, tampering| AuditVerdict { head: AuditHead { n, hash: *head }, tampering };
        while let Some(row) = rows.next()? {
            let stored: Vec<u8> = row.get(6)?;
            let row = Row::read(row)?;
            if row.n != n + 1 {
                return Ok(verdict(n, &head, Some(Tampering::Missing(n + 1))));
            }
            let hash = row.hash(&keys.organisation, &head);
            if hash.as_slice() != stored {
                return Ok(verdict(n, &head, Some(Tampering::Altered(row.n))));
            }
            (n, head) = (row.n, hash);
            if noted.is_some_and(|noted| noted.n == n && noted.hash != head) {
                return Ok(verdict(n, &head, Some(Tampering::Rewritten(n))));
            }
        }
        let sealed = sealed(self.conn, self.org)?;
        let tampering = match &sealed {
            Some(sealed) if sealed.seal != keys.seal(sealed.n, &sealed.head) => Some(Tampering::Seal),
            Some(sealed) if sealed.n > n => Some(Tampering::Truncated { from: n + 1, to: sealed.n }),
            Some(sealed) if sealed.n == n && sealed.head == head => None,
            _ => Some(Tampering::Seal),
        };
        let cut = noted.filter(|noted| noted.n > n).map(|noted| Tampering::Truncated { from: n + 1, to: noted.n });
        Ok(verdict(n, &head, tampering.or(cut)))
    }
}
