//! What supervisors should look at (REV-4).

use chrono::{DateTime, Utc};
use rusqlite::params;
use satchel_core::domain::ids::*;
use satchel_core::sync::wire::Alert;

use super::Ledger;
use super::sql::*;
use crate::storage::StorageError;

const ALERT: &str = "SELECT a.what, a.account, a.device, d.name, a.at, a.seq
                     FROM alert a JOIN device d ON d.org = a.org AND d.id = a.device";

impl Ledger<'_> {
    /// Writes an alert about a device; everybody who supervises its owner is told.
    pub(super) fn alert(&self, what: &str, user: UserId, device: DeviceId, at: DateTime<Utc>) -> Result<()> {
        let owner = self.user_row(user)?.ok_or(StorageError::NotFound("user"))?;
        let seq = self.next_seq()?;
        self.run(
            "INSERT INTO alert (org, seq, what, account, device, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![self.org, int(seq), what.as_bytes(), user.bytes(), device.bytes(), millis(at)],
        )?;
        self.supervisors(owner.department)?.into_iter().try_for_each(|supervisor| self.touch(supervisor, seq))
    }

    /// Alerts of transactions after `after` and not after `upto`, oldest first.
    pub(super) fn alerts_between(&self, after: u64, upto: u64) -> Result<Vec<(u64, Alert)>> {
        self.all(
            &format!("{ALERT} WHERE a.org = ?1 AND a.seq > ?2 AND a.seq <= ?3 ORDER BY a.seq"),
            params![self.org, int(after), int(upto)],
            |row| Ok((uint(row, 5)?, read(row)?)),
        )
    }

    /// The newest alerts, newest first.
    pub(super) fn alerts(&self, limit: u32) -> Result<Vec<Alert>> {
        self.all(&format!("{ALERT} WHERE a.org = ?1 ORDER BY a.seq DESC LIMIT ?2"), params![self.org, limit], read)
    }

    /// True where the person supervises whom an alert is about.
    pub(super) fn may_see_alert(&self, user: UserId, alert: &Alert) -> Result<bool> {
        let (Some(user), Some(owner)) = (self.user_row(user)?, self.user_row(alert.user)?) else { return Ok(false) };
        self.is_over(&user, owner.department)
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Alert> {
    Ok(Alert {
        what: text(row, 0)?,
        user: UserId(uuid(row, 1)?),
        device: DeviceId(uuid(row, 2)?),
        device_name: text(row, 3)?,
        at: time(row, 4)?,
    })
}
