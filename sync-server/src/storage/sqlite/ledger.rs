//! The rows of one organisation as one transaction sees them. Everything else in this folder is written on it.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};
use satchel_core::domain::ids::*;

use super::compaction::Unfolded;
use super::memo::{self, Memo};
use super::sql::*;
use crate::storage::{StorageError, Touched};

/// One transaction on one organisation.
pub struct Ledger<'c> {
    pub(super) conn: &'c Connection,
    /// The organisation's row.
    pub(super) org: i64,
    touched: RefCell<Touched>,
    /// Refused late edits, to be written to the audit once the group they came in is taken back.
    pub(super) noted: RefCell<Vec<Noted>>,
    /// What was read before, in a snapshot from which several people are answered.
    pub(super) memo: OnceCell<Memo>,
    /// Folded changes taken out of their snapshots.
    pub(super) unfolded: RefCell<HashMap<RecordId, Unfolded>>,
}

/// Who wrote what record too late, and when that was.
type Noted = ((Option<UserId>, Option<DeviceId>), RecordId, DateTime<Utc>);

impl<'c> Ledger<'c> {
    pub(super) fn new(conn: &'c Connection, org: i64) -> Self {
        Self {
            conn,
            org,
            touched: RefCell::default(),
            noted: RefCell::default(),
            memo: OnceCell::new(),
            unfolded: RefCell::default(),
        }
    }

    pub(super) fn into_touched(self) -> Touched {
        self.touched.into_inner()
    }

    pub(super) fn sql(&self, text: &str) -> Result<CachedStatement<'c>> {
        Ok(self.conn.prepare_cached(text)?)
    }

    pub(super) fn run(&self, text: &str, values: impl rusqlite::Params) -> Result<usize> {
        Ok(self.sql(text)?.execute(values)?)
    }

    /// The first row, if there is one.
    pub(super) fn one<T>(
        &self,
        text: &str,
        values: impl rusqlite::Params,
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.sql(text)?.query_row(values, read).optional()?)
    }

    /// All rows.
    pub(super) fn all<T>(
        &self,
        text: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.sql(text)?;
        let rows = statement.query_map(values, read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Number of the last transaction in this snapshot.
    pub(super) fn head(&self) -> Result<u64> {
        memo::or_read(self, |memo| &memo.head, (), || self.read_head())
    }

    fn read_head(&self) -> Result<u64> {
        let head = self.one("SELECT seq FROM organisation WHERE org = ?1", [self.org], |row| uint(row, 0))?;
        head.ok_or(StorageError::NotFound("organisation"))
    }

    /// Draws the next number; the row stays locked to the commit, so numbers commit in order and without gaps.
    pub(super) fn next_seq(&self) -> Result<u64> {
        let seq =
            self.one("UPDATE organisation SET seq = seq + 1 WHERE org = ?1 RETURNING seq", [self.org], |row| {
                uint(row, 0)
            })?;
        seq.ok_or(StorageError::NotFound("organisation"))
    }

    /// Notes that somebody sees something of what transaction `seq` changes.
    pub(super) fn touch(&self, user: UserId, seq: u64) -> Result<()> {
        self.touched.borrow_mut().insert(user);
        self.run(
            "UPDATE account SET touched_seq = ?3 WHERE org = ?1 AND id = ?2",
            params![self.org, user.bytes(), int(seq)],
        )?;
        Ok(())
    }

    /// Notes that transaction `seq` changes what the office says to somebody.
    pub(super) fn touch_authority(&self, user: UserId, seq: u64) -> Result<()> {
        self.touched.borrow_mut().insert(user);
        self.run(
            "UPDATE account SET touched_seq = ?3, authority_seq = ?3 WHERE org = ?1 AND id = ?2",
            params![self.org, user.bytes(), int(seq)],
        )?;
        Ok(())
    }

    /// Transaction `seq` changes what the office says to everybody.
    pub(super) fn touch_all(&self, seq: u64) -> Result<()> {
        let users = self.all("SELECT id FROM account WHERE org = ?1", [self.org], |row| uuid(row, 0).map(UserId))?;
        users.into_iter().try_for_each(|user| self.touch_authority(user, seq))
    }

    /// Runs `work` so that its writes are taken back where it answers `Err` or says so, and the rest stays.
    pub(super) fn part<T>(&self, work: impl FnOnce() -> Result<(bool, T)>) -> Result<T> {
        let touched = self.touched.borrow().clone();
        self.conn.execute_batch("SAVEPOINT part")?;
        let outcome = work();
        let keep = matches!(outcome, Ok((true, _)));
        if keep {
            self.conn.execute_batch("RELEASE part")?;
        } else {
            self.conn.execute_batch("ROLLBACK TO part; RELEASE part")?;
            self.touched.replace(touched);
        }
        outcome.map(|(_, value)| value)
    }
}
