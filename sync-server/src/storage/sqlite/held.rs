//! What devices know and a restored server does not, for its admin to confirm before data flows (rule 24).

use chrono::{DateTime, Utc};
use rusqlite::params;
use satchel_core::domain::authority::{ClientAuthority, Department, User};
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::Registry;
use satchel_core::domain::order::{Command, Move, Order};
use satchel_core::sync::wire::{Mirror, Outcome, RecordKey};
use serde::{Deserialize, Serialize};

use super::Ledger;
use super::erasure::generation_actor;
use super::sql::*;
use crate::push::{Batch, Edit, PROPOSAL_BYTES};
use crate::storage::{HeldItem, HeldWhat, Session, StorageError};

/// What a device holds of a record that was erased after the backup.
#[derive(Serialize, Deserialize)]
struct Erased {
    generation: u32,
    changes: Vec<Vec<u8>>,
}

/// Most items kept: a hostile device must not fill the disk.
const MOST: i64 = 100_000;

impl Ledger<'_> {
    /// Notes what a device knows otherwise.
    pub(super) fn report(&self, session: Session, mirror: &Mirror, now: DateTime<Utc>) -> Result<()> {
        if !self.may_return(session.device)? {
            return Ok(());
        }
        for department in &mirror.departments {
            if self.department_row(department.id)?.is_none() {
                self.hold(session.device, HeldWhat::Department, department.id.bytes(), &cbor(department)?, now)?;
            }
        }
        for user in &mirror.users {
            match self.user_row(user.id)? {
                None => self.hold(session.device, HeldWhat::Person, user.id.bytes(), &cbor(user)?, now)?,
                Some(known) if known.active && !user.active => {
                    self.hold(session.device, HeldWhat::Left, user.id.bytes(), &[], now)?;
                }
                Some(_) => {}
            }
        }
        for author in &mirror.authors {
            if self.device_account(author.device)?.is_none() {
                let value = cbor(&(author.user, &author.name))?;
                self.hold(session.device, HeldWhat::Device, author.device.bytes(), &value, now)?;
            }
        }
        for device in &mirror.revoked {
            if self.login(*device)?.is_some_and(|login| !login.revoked) {
                self.hold(session.device, HeldWhat::Revocation, device.bytes(), &[], now)?;
            }
        }
        for (client, told) in &mirror.clients {
            if self.client_row(*client)?.is_some_and(|known| known != *told) {
                self.hold(session.device, HeldWhat::Move, client.bytes(), &cbor(told)?, now)?;
            }
        }
        Ok(())
    }

    /// Notes that a device holds what an erasure left of a record, with what has been typed into it since.
    pub(super) fn report_erased(&self, batch: &Batch<'_>, edit: &Edit) -> Result<()> {
        let row = self.record_row(edit.record.id)?;
        let erased = row.is_some_and(|row| row.generation < edit.record.generation);
        if !erased || !self.sees_any(batch.session.user, &self.homes_of_record(edit.record.id)?)? {
            return Ok(());
        }
        let began = generation_actor(edit.record);
        let flawed = edit.changes.iter().any(|change| change.flaw.is_some());
        let begins = edit.changes.iter().any(|change| change.info.actor == began);
        let known = self.one(
            "SELECT 1 FROM held_item WHERE org = ?1 AND what = ?2 AND subject = ?3",
            params![self.org, HeldWhat::Erasure as i64, edit.record.id.bytes()],
            |_| Ok(()),
        )?;
        let large = edit.changes.iter().map(|change| change.bytes.len()).sum::<usize>() > PROPOSAL_BYTES;
        if flawed || large || !begins || known.is_some() {
            return Ok(());
        }
        let told = Erased {
            generation: edit.record.generation,
            changes: edit.changes.iter().map(|change| change.bytes.clone()).collect(),
        };
        self.hold(batch.session.device, HeldWhat::Erasure, edit.record.id.bytes(), &cbor(&told)?, batch.now)
    }

    fn hold(&self, by: DeviceId, what: HeldWhat, subject: &[u8; 16], value: &[u8], now: DateTime<Utc>) -> Result<()> {
        self.run(
            "INSERT OR IGNORE INTO held_item (org, n, what, subject, value, by, at)
             SELECT ?1, coalesce(max(n), 0) + 1, ?2, ?3, ?4, ?5, ?6 FROM held_item WHERE org = ?1
             HAVING count(*) < ?7",
            params![self.org, what as i64, subject, value, by.bytes(), millis(now), MOST],
        )?;
        Ok(())
    }

    pub(super) fn held_items(&self) -> Result<Vec<HeldItem>> {
        self.all(
            "SELECT n, what, subject, value, by, at FROM held_item WHERE org = ?1 ORDER BY what, n",
            [self.org],
            |row| {
                let what = HeldWhat::from_number(row.get(1)?).ok_or(rusqlite::Error::InvalidQuery)?;
                let value: Vec<u8> = row.get(3)?;
                let told: Option<ClientAuthority> = (what == HeldWhat::Move).then(|| from_cbor(&value).ok()).flatten();
                Ok(HeldItem {
                    n: uint(row, 0)?,
                    what,
                    subject: uuid(row, 2)?,
                    to: told.map(|told| told.responsible),
                    by: DeviceId(uuid(row, 4)?),
                    at: time(row, 5)?,
                })
            },
        )
    }

    /// Carries out what an item says, and forgets it.
    pub(super) fn confirm_held(
        &self,
        n: u64,
        now: DateTime<Utc>,
        registry: &Registry,
        ids: &dyn IdSource,
    ) -> Result<()> {
        let found = self.one(
            "SELECT what, subject, value FROM held_item WHERE org = ?1 AND n = ?2",
            params![self.org, int(n)],
            |row| Ok((row.get::<_, i64>(0)?, uuid(row, 1)?, row.get::<_, Vec<u8>>(2)?)),
        )?;
        let (what, subject, value) = found.ok_or(StorageError::NotFound("held item"))?;
        match HeldWhat::from_number(what).ok_or(StorageError::Corrupt("held item"))? {
            HeldWhat::Department => self.add_department(&from_cbor::<Department>(&value)?)?,
            HeldWhat::Person => self.add_user(&from_cbor::<User>(&value)?)?,
            HeldWhat::Left => self.deactivate(UserId(subject), now)?,
            HeldWhat::Device => self.know_device(DeviceId(subject), &value, now)?,
            HeldWhat::Revocation => self.revoke_device(DeviceId(subject), None, now)?,
            HeldWhat::Move => {
                let told: ClientAuthority = from_cbor(&value)?;
                self.move_as_told(RecordId(subject), told.responsible, now, registry, ids)?;
            }
            HeldWhat::Erasure => {
                let told: Erased = from_cbor(&value)?;
                let record = RecordKey { id: RecordId(subject), generation: told.generation };
                self.erase_as_told(record, &told.changes, now)?;
            }
        }
        self.audit(now, (None, None), "held_confirmed", subject.as_bytes())?;
        self.forget_held(n)
    }

    /// Forgets what was reported. A record that was never erased goes on whole, after the generation the device holds.
    pub(super) fn drop_held(&self, n: u64, now: DateTime<Utc>, registry: &Registry) -> Result<()> {
        let found = self.one(
            "SELECT subject, value FROM held_item WHERE org = ?1 AND n = ?2 AND what = ?3",
            params![self.org, int(n), HeldWhat::Erasure as i64],
            |row| Ok((uuid(row, 0)?, row.get::<_, Vec<u8>>(1)?)),
        )?;
        if let Some((subject, value)) = found {
            let told: Erased = from_cbor(&value)?;
            self.keep_whole(RecordKey { id: RecordId(subject), generation: told.generation }, now, registry)?;
        }
        self.forget_held(n)
    }

    fn forget_held(&self, n: u64) -> Result<()> {
        match self.run("DELETE FROM held_item WHERE org = ?1 AND n = ?2", params![self.org, int(n)])? {
            0 => Err(StorageError::NotFound("held item")),
            _ => Ok(()),
        }
    }

    /// A device of after the backup: its changes count again, it itself has to be enrolled anew.
    fn know_device(&self, device: DeviceId, value: &[u8], now: DateTime<Utc>) -> Result<()> {
        let (user, name): (UserId, String) = from_cbor(value)?;
        self.user_row(user)?.ok_or(StorageError::NotFound("user"))?;
        self.run(
            "INSERT INTO device (org, id, account, name, key, enrolled_at, revoked_at) VALUES (?1, ?2, ?3, ?4, x'', ?5, ?5)",
            params![self.org, device.bytes(), user.bytes(), name.as_bytes(), millis(now)],
        )?;
        Ok(())
    }

    fn move_as_told(
        &self,
        client: RecordId,
        to: UserId,
        now: DateTime<Utc>,
        registry: &Registry,
        ids: &dyn IdSource,
    ) -> Result<()> {
        let from = self.client_row(client)?.ok_or(StorageError::NotFound("client"))?.responsible;
        let admin = self
            .users()?
            .into_iter()
            .find(|user| user.active && user.role == satchel_core::domain::authority::Role::Admin);
        let admin = admin.ok_or(StorageError::NotFound("admin"))?;
        let order = Order::MoveClients { moves: vec![Move { client, from }], to, reason: "other".to_owned() };
        let id = CommandId(ids.fresh());
        let command = Command { id, at: now, order, builds_on: Vec::new(), confirmed: None };
        // Not ordered on any device: an id of nobody's stands for the command line.
        let by = Session { user: admin.id, device: DeviceId(uuid::Uuid::nil()) };
        match self.order(by, &command, now, registry)? {
            Outcome::Applied(_) => Ok(()),
            _ => Err(StorageError::NotFound("person to move the client to")),
        }
    }

    /// Lets data flow.
    ///
    /// What devices hold as erased is decided before: they could not be told apart from the record as it was.
    pub(super) fn release(&self, now: DateTime<Utc>) -> Result<()> {
        let undecided = self.one(
            "SELECT 1 FROM held_item WHERE org = ?1 AND what = ?2 LIMIT 1",
            params![self.org, HeldWhat::Erasure as i64],
            |_| Ok(()),
        )?;
        if undecided.is_some() {
            return Err(StorageError::Undecided);
        }
        self.run("UPDATE organisation SET held = 0 WHERE org = ?1", [self.org])?;
        self.audit(now, (None, None), "server_released", &[])
    }

    /// A new epoch after a restore: held, and no token or link of before is good.
    pub(super) fn begin_epoch(&self, now: DateTime<Utc>) -> Result<u64> {
        // The clock keeps two restores of one backup apart.
        let (before, _) = self.epoch()?;
        let epoch = (before + 1).max(now.timestamp().unsigned_abs());
        self.run("UPDATE organisation SET epoch = ?2, held = 1 WHERE org = ?1", params![self.org, int(epoch)])?;
        self.run(
            "UPDATE family SET ended_at = ?2 WHERE org = ?1 AND ended_at IS NULL",
            params![self.org, millis(now)],
        )?;
        self.run("DELETE FROM access WHERE org = ?1", [self.org])?;
        self.run("DELETE FROM link WHERE org = ?1 AND used_at IS NULL", [self.org])?;
        self.run("DELETE FROM held_item WHERE org = ?1", [self.org])?;
        self.audit(now, (None, None), "server_restored", &epoch.to_be_bytes())?;
        Ok(epoch)
    }
}
