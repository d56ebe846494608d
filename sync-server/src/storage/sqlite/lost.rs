//! Orders to empty devices, and what became of them (REV-2).

use chrono::{DateTime, Utc};
use rusqlite::params;
use satchel_core::domain::authority::WipeState;
use satchel_core::domain::ids::*;

use super::Ledger;
use super::sql::*;
use crate::storage::{NewWipe, Revocation, StorageError};

impl Ledger<'_> {
    /// The order to empty a device that stands.
    pub(super) fn wipe_of(&self, device: DeviceId) -> Result<Option<WipeState>> {
        self.one(
            "SELECT command, rescue, due_at, rescued_at, done_at FROM wipe
             WHERE org = ?1 AND device = ?2 AND withdrawn_at IS NULL",
            params![self.org, device.bytes()],
            |row| {
                Ok(WipeState {
                    order: CommandId(uuid(row, 0)?),
                    rescue: row.get::<_, i64>(1)? != 0,
                    due: time(row, 2)?,
                    rescued_at: opt_time(row, 3)?,
                    done_at: opt_time(row, 4)?,
                })
            },
        )
    }

    /// Orders a device emptied; a second order while one stands changes nothing.
    pub(super) fn order_wipe(&self, device: DeviceId, wipe: &NewWipe, by: Option<UserId>) -> Result<()> {
        if self.wipe_of(device)?.is_some() {
            return Ok(());
        }
        self.run(
            "INSERT INTO wipe (org, device, command, by, ordered_at, due_at, rescue) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                self.org,
                device.bytes(),
                wipe.order.bytes(),
                by.map(|by| *by.bytes()),
                millis(wipe.at),
                millis(wipe.due),
                wipe.rescue
            ],
        )?;
        self.audit(wipe.at, (by, Some(device)), "wipe_ordered", device.bytes())
    }

    /// Takes a wipe back; `false` where none stands or its delay is over.
    pub(super) fn withdraw_wipe(&self, device: DeviceId, by: Option<UserId>, now: DateTime<Utc>) -> Result<bool> {
        let n = self.run(
            "UPDATE wipe SET withdrawn_at = ?3
             WHERE org = ?1 AND device = ?2 AND withdrawn_at IS NULL AND done_at IS NULL AND due_at > ?3",
            params![self.org, device.bytes(), millis(now)],
        )?;
        if n > 0 {
            self.audit(now, (by, Some(device)), "wipe_withdrawn", device.bytes())?;
        }
        Ok(n > 0)
    }

    /// What a device that asks by its key alone may know of itself.
    pub(super) fn revocation(&self, device: DeviceId) -> Result<Option<Revocation>> {
        let Some(login) = self.login(device)? else { return Ok(None) };
        let newest = self.newest_incarnation(device)?.unwrap_or(0);
        Ok(Some(Revocation {
            user: login.user,
            key: login.key,
            revoked: login.revoked,
            newest,
            wipe: if login.revoked { self.wipe_of(device)? } else { None },
        }))
    }

    /// A revoked device was in contact; `rescued` where it has nothing more to hand over.
    pub(super) fn last_contact(
        &self,
        device: DeviceId,
        n_unsent: u32,
        rescued: bool,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.run(
            "UPDATE device SET contact_at = ?3, n_unsent = ?4 WHERE org = ?1 AND id = ?2",
            params![self.org, device.bytes(), millis(now), n_unsent],
        )?;
        if rescued {
            self.run(
                "UPDATE wipe SET rescued_at = coalesce(rescued_at, ?3)
                 WHERE org = ?1 AND device = ?2 AND withdrawn_at IS NULL AND rescue = 1",
                params![self.org, device.bytes(), millis(now)],
            )?;
        }
        Ok(())
    }

    /// A device says that it is empty. Its owner's supervisors are told at their next look at the devices.
    pub(super) fn wiped(&self, device: DeviceId, order: CommandId, now: DateTime<Utc>) -> Result<()> {
        let n = self.run(
            "UPDATE wipe SET done_at = ?4
             WHERE org = ?1 AND device = ?2 AND command = ?3 AND withdrawn_at IS NULL AND done_at IS NULL",
            params![self.org, device.bytes(), order.bytes(), millis(now)],
        )?;
        if n > 0 {
            let owner = self.device_account(device)?.ok_or(StorageError::NotFound("device"))?;
            self.audit(now, (Some(owner), Some(device)), "device_wiped", device.bytes())?;
        }
        Ok(())
    }
}
