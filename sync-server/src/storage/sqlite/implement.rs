//! The storage trait over one SQLite file: each method one transaction.

use chrono::{DateTime, Utc};
use rusqlite::params;
use satchel_core::domain::absence::Absence;
use satchel_core::domain::authority::{Department, Device, User};
use satchel_core::domain::custom::Definition;
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::Registry;
use satchel_core::domain::order::Command;
use satchel_core::sync::wire::{Alert, Check, Mirror, Offered, RehearsalAnswer};

use super::SqliteStorage;
use super::pages::Given;
use super::sql::{Result, uint};
use crate::pull::{Answered, Asked, Due, Pulled};
use crate::push::{Batch, Judged, Known};
use crate::storage::*;

impl Storage for SqliteStorage {
    fn create_organisation(&self, new: &NewOrganisation) -> Result<()> {
        self.write(|ledger| ledger.create_organisation(new)).map(|((), _)| ())
    }

    fn organisation(&self) -> Result<Option<Organisation>> {
        self.read(|ledger| ledger.organisation())
    }

    fn set_public_url(&self, url: &str) -> Result<()> {
        self.write(|ledger| ledger.set_public_url(url)).map(|((), _)| ())
    }

    fn set_lease(&self, days: u32) -> Result<()> {
        self.write(|ledger| ledger.set_lease(days)).map(|((), _)| ())
    }

    fn alerts(&self, limit: u32) -> Result<Vec<Alert>> {
        self.read(|ledger| ledger.alerts(limit))
    }

    fn add_department(&self, new: &Department) -> Result<Touched> {
        self.write(|ledger| ledger.add_department(new)).map(|((), touched)| touched)
    }

    fn departments(&self) -> Result<Vec<Department>> {
        self.read(|ledger| ledger.departments())
    }

    fn add_user(&self, new: &User) -> Result<Touched> {
        self.write(|ledger| ledger.add_user(new)).map(|((), touched)| touched)
    }

    fn users(&self) -> Result<Vec<User>> {
        self.read(|ledger| ledger.users())
    }

    fn deactivate(&self, user: UserId, now: DateTime<Utc>) -> Result<Touched> {
        self.write(|ledger| ledger.deactivate(user, now)).map(|((), touched)| touched)
    }

    fn devices(&self, of: Option<UserId>) -> Result<Vec<Device>> {
        self.read(|ledger| ledger.devices(of))
    }

    fn revoke_device(&self, device: DeviceId, wipe: Option<&NewWipe>, now: DateTime<Utc>) -> Result<Touched> {
        self.write(|ledger| ledger.revoke_device(device, wipe, now)).map(|((), touched)| touched)
    }

    fn withdraw_wipe(&self, device: DeviceId, now: DateTime<Utc>) -> Result<bool> {
        self.write(|ledger| ledger.withdraw_wipe(device, None, now)).map(|(done, _)| done)
    }

    fn revocation(&self, device: DeviceId) -> Result<Option<Revocation>> {
        self.read(|ledger| ledger.revocation(device))
    }

    fn count_last(&self, session: Session, pushing: &Pushing, now: DateTime<Utc>) -> Result<Greeted> {
        self.write(|ledger| ledger.count_on(session, pushing, now)).map(|(greeted, _)| greeted)
    }

    fn last_contact(&self, device: DeviceId, n_unsent: u32, rescued: bool, now: DateTime<Utc>) -> Result<()> {
        self.write(|ledger| ledger.last_contact(device, n_unsent, rescued, now)).map(|((), _)| ())
    }

    fn wiped(&self, device: DeviceId, order: CommandId, now: DateTime<Utc>) -> Result<()> {
        self.write(|ledger| ledger.wiped(device, order, now)).map(|((), _)| ())
    }

    fn head(&self) -> Result<u64> {
        self.read(|ledger| ledger.head())
    }

    fn touched_after(&self, seq: u64) -> Result<Touched> {
        self.read(|ledger| ledger.touched_after(seq))
    }

    fn add_link(&self, link: &NewLink) -> Result<()> {
        self.write(|ledger| ledger.add_link(link)).map(|((), _)| ())
    }

    fn link(&self, hash: &[u8; 32]) -> Result<Option<LinkRow>> {
        self.read(|ledger| ledger.link(hash))
    }

    fn link_failed(&self, hash: &[u8; 32]) -> Result<()> {
        self.write(|ledger| ledger.link_failed(hash)).map(|((), _)| ())
    }

    fn enrol(&self, new: &NewDevice, issue: &Issue) -> Result<bool> {
        self.write(|ledger| ledger.enrol(new, issue)).map(|(done, _)| done)
    }

    fn login(&self, device: DeviceId) -> Result<Option<Login>> {
        self.read(|ledger| ledger.login(device))
    }

    fn password(&self, user: UserId) -> Result<Option<Option<Vec<u8>>>> {
        self.read(|ledger| ledger.password(user))
    }

    fn sign_in(&self, device: DeviceId, issue: &Issue) -> Result<()> {
        self.write(|ledger| ledger.start_family(device, issue)).map(|((), _)| ())
    }

    fn access(&self, hash: &[u8; 32], now: DateTime<Utc>) -> Result<Access> {
        self.read(|ledger| ledger.access(hash, now))
    }

    fn refresh(&self, device: DeviceId, shown: &[u8; 32], issue: &Issue) -> Result<(Refreshed, Touched)> {
        self.write(|ledger| ledger.refresh(device, shown, issue))
    }

    fn alive(&self, device: DeviceId) -> Result<bool> {
        self.read(|ledger| ledger.alive(device))
    }

    fn expire(&self, now: DateTime<Utc>, registry: &Registry) -> Result<Touched> {
        if !self.read(|ledger| ledger.any_expired(now))? {
            return Ok(Touched::new());
        }
        let mut touched = Touched::new();
        // Absences first: what ends with them goes back in the same transaction.
        for due in self.read(|ledger| ledger.absences_due(now))? {
            match self.write(|ledger| ledger.turn_absence(due, now, registry)) {
                Ok(((), more)) => touched.extend(more),
                // One that does not read back must not keep everybody from the office.
                Err(StorageError::Corrupt(what)) => tracing::error!(what, absence = %due, "turning an absence"),
                Err(error) => return Err(error),
            }
        }
        touched.extend(self.write(|ledger| ledger.expire(now)).map(|((), touched)| touched)?);
        Ok(touched)
    }

    fn absences(&self) -> Result<Vec<Absence>> {
        self.read(|ledger| ledger.absences())
    }

    fn erase_due(&self, now: DateTime<Utc>, registry: &Registry) -> Result<Touched> {
        if !self.read(|ledger| ledger.erasure_is_due(now))? {
            return Ok(Touched::new());
        }
        let ((), touched) = self.write(|ledger| ledger.erase_due(now, registry))?;
        if self.read(|ledger| ledger.scrub_is_due())? && self.scrub()? {
            self.write(|ledger| ledger.set_scrub(false))?;
        }
        Ok(touched)
    }

    fn order_erasure(&self, record: RecordId, order: CommandId, at: DateTime<Utc>, due: DateTime<Utc>) -> Result<bool> {
        self.write(|ledger| {
            if ledger.record_row(record)?.is_none() || ledger.erasure_of(record)?.is_some() {
                return Ok(false);
            }
            ledger.order_erasure(record, (order, (None, None)), at, due).map(|()| true)
        })
        .map(|(done, _)| done)
    }

    fn withdraw_erasure(&self, record: RecordId, at: DateTime<Utc>) -> Result<bool> {
        self.write(|ledger| ledger.withdraw_erasure(record, (None, None), at)).map(|(done, _)| done)
    }

    fn greet(&self, session: Session, hello: &Greeting, now: DateTime<Utc>) -> Result<Greeted> {
        if let Some(greeted) = self.read(|ledger| ledger.greet_quietly(session, hello, now))? {
            return Ok(greeted);
        }
        self.write(|ledger| ledger.greet(session, hello, now)).map(|(greeted, _)| greeted)
    }

    fn acknowledge(&self, session: Session, purged: &[Purged], now: DateTime<Utc>) -> Result<()> {
        if purged.is_empty() {
            return Ok(());
        }
        self.write(|ledger| ledger.acknowledge(session, purged, now)).map(|((), _)| ())
    }

    fn peek(&self, session: Session, records: &[RecordId]) -> Result<Vec<Known>> {
        self.read(|ledger| ledger.peek(session, records))
    }

    fn document(&self, record: RecordId) -> Result<(u64, Vec<u8>)> {
        self.read(|ledger| {
            let n_changes = ledger.record_row(record)?.map_or(0, |row| row.n_changes);
            Ok((n_changes, ledger.chunks_of(record)?))
        })
    }

    fn compact(&self, rule: &CompactionRule) -> Result<Compacted> {
        self.fold_long(rule)
    }

    fn definitions(&self, known: Option<u64>) -> Result<Option<(u64, Vec<Definition>)>> {
        self.read(|ledger| ledger.definitions(known))
    }

    fn n_changes(&self, record: RecordId) -> Result<u64> {
        self.read(|ledger| Ok(ledger.record_row(record)?.map_or(0, |row| row.n_changes)))
    }

    fn push(&self, batch: &Batch<'_>) -> Result<Judged> {
        let (mut judged, touched) = self.write(|ledger| ledger.push(batch))?;
        judged.touched = touched;
        Ok(judged)
    }

    fn rehearse(
        &self,
        by: UserId,
        command: &Command,
        now: DateTime<Utc>,
        registry: &Registry,
    ) -> Result<RehearsalAnswer> {
        self.try_out(|ledger| ledger.rehearse(by, command, now, registry))
    }

    fn pull(&self, asked: &Asked) -> Result<Pulled> {
        self.read(|ledger| ledger.pull(asked))
    }

    fn compare(&self, session: Session, check: &Check) -> Result<Answered> {
        self.read(|ledger| ledger.compare(session, check))
    }

    fn pull_each(&self, due: &[Due], now: DateTime<Utc>, take: &mut dyn FnMut(usize, Pulled)) -> Result<()> {
        self.read(|ledger| {
            if due.len() > 1 {
                ledger.read_once();
            }
            let mut given = Given::default();
            due.iter().enumerate().try_for_each(|(idx, due)| {
                if let Some(pulled) = ledger.pull_live((idx, due), now, &mut given)? {
                    take(idx, pulled);
                }
                Ok(())
            })
        })
    }

    fn devices_for(&self, user: UserId) -> Result<Vec<Device>> {
        self.read(|ledger| ledger.devices_for(user))
    }

    fn audit(&self, entry: &Audit) -> Result<()> {
        self.write(|ledger| ledger.audit(entry.at, (entry.user, entry.device), &entry.action, &entry.subject))
            .map(|((), _)| ())
    }

    fn audit_rows(&self, limit: u32) -> Result<Vec<Audit>> {
        self.read(|ledger| ledger.audit_rows(limit))
    }

    fn verify_audit(&self, noted: Option<&AuditHead>) -> Result<AuditVerdict> {
        self.read(|ledger| ledger.verify_audit(noted))
    }

    fn examine(&self, fix: bool) -> Result<Vec<Finding>> {
        match fix {
            true => self.write(|ledger| ledger.examine(true)).map(|(found, _)| found),
            false => self.read(|ledger| ledger.examine(false)),
        }
    }

    fn examine_clock(&self, now: DateTime<Utc>) -> Result<Vec<Finding>> {
        self.read(|ledger| ledger.examine_clock(now))
    }

    fn come_back(&self, device: DeviceId, issue: &Issue) -> Result<bool> {
        self.write(|ledger| ledger.come_back(device, issue)).map(|(done, _)| done)
    }

    fn resume(&self, device: DeviceId, incarnation: u32, push_counter: u64) -> Result<()> {
        self.write(|ledger| ledger.resume(device, incarnation, push_counter)).map(|((), _)| ())
    }

    fn wanted(&self, session: Session, offered: &[Offered]) -> Result<Vec<RecordId>> {
        self.read(|ledger| match ledger.may_return(session.device)? {
            true => ledger.wanted(offered),
            false => Ok(Vec::new()),
        })
    }

    fn vouch(&self, batch: &Batch<'_>) -> Result<Judged> {
        let (mut judged, touched) = self.write(|ledger| ledger.vouch(batch))?;
        judged.touched = touched;
        Ok(judged)
    }

    fn report(&self, session: Session, mirror: &Mirror, now: DateTime<Utc>) -> Result<()> {
        self.write(|ledger| ledger.report(session, mirror, now)).map(|((), _)| ())
    }

    fn has_returned(&self, device: DeviceId) -> Result<()> {
        self.write(|ledger| ledger.has_returned(device)).map(|((), _)| ())
    }

    fn held_items(&self) -> Result<Vec<HeldItem>> {
        self.read(|ledger| ledger.held_items())
    }

    fn confirm_held(&self, n: u64, now: DateTime<Utc>, registry: &Registry, ids: &dyn IdSource) -> Result<Touched> {
        self.write(|ledger| ledger.confirm_held(n, now, registry, ids)).map(|((), touched)| touched)
    }

    fn drop_held(&self, n: u64, now: DateTime<Utc>, registry: &Registry) -> Result<Touched> {
        self.write(|ledger| ledger.drop_held(n, now, registry)).map(|((), touched)| touched)
    }

    fn release(&self, now: DateTime<Utc>) -> Result<()> {
        self.write(|ledger| ledger.release(now)).map(|((), _)| ())
    }

    fn begin_epoch(&self, now: DateTime<Utc>) -> Result<u64> {
        self.write(|ledger| ledger.begin_epoch(now)).map(|(epoch, _)| epoch)
    }

    fn counts(&self) -> Result<Counts> {
        self.read(|ledger| {
            let count = |table: &str| {
                let text = format!("SELECT count(*) FROM {table} WHERE org = ?1");
                Ok::<_, StorageError>(ledger.one(&text, params![ledger.org], |row| uint(row, 0))?.unwrap_or(0))
            };
            Ok(Counts {
                records: count("record")?,
                changes: count("change")?,
                proposals: count("proposal")?,
                users: count("account")?,
                devices: count("device")?,
            })
        })
    }
}
