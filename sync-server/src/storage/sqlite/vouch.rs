//! After a restore: devices bring back what they hold, also changes others made (rule 24, DUR-7).
//!
//! Only to a device that has not come back yet in this epoch is any of this open. Every record taken in is audited as
//! vouched for.

use rusqlite::params;
use satchel_core::domain::authority::{Home, actor_device};
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::HomeRule;
use satchel_core::sync::wire::{Offered, Outcome, Verdict};

use super::Ledger;
use super::chains::Through;
use super::erasure::generation_actor;
use super::records::Kept;
use super::sql::*;
use crate::push::{Batch, Body, Edit, Judged, Prepared, codes};
use crate::storage::{Issue, Session, Stamp, StorageError};

impl Ledger<'_> {
    /// The server's epoch, and whether it is held.
    pub(super) fn epoch(&self) -> Result<(u64, bool)> {
        let found = self.one("SELECT epoch, held FROM organisation WHERE org = ?1", [self.org], |row| {
            Ok((uint(row, 0)?, row.get::<_, i64>(1)? != 0))
        })?;
        found.ok_or(StorageError::NotFound("organisation"))
    }

    /// True for a device that was here before the restore and has not come back since.
    pub(super) fn may_return(&self, device: DeviceId) -> Result<bool> {
        let returned = self.one(
            "SELECT returned FROM device WHERE org = ?1 AND id = ?2",
            params![self.org, device.bytes()],
            |row| uint(row, 0),
        )?;
        Ok(returned.is_some_and(|returned| returned < self.epoch().map_or(0, |(epoch, _)| epoch)))
    }

    /// Tokens for a device that proved itself by its key, because its own are of after the backup.
    pub(super) fn come_back(&self, device: DeviceId, issue: &Issue) -> Result<bool> {
        if !self.may_return(device)? {
            return Ok(false);
        }
        self.end_families(device, issue.at)?;
        self.start_family(device, issue)?;
        Ok(true)
    }

    /// The counters of a device that meets this epoch for the first time are right whatever the backup says.
    pub(super) fn resume(&self, device: DeviceId, incarnation: u32, push_counter: u64) -> Result<()> {
        self.set_counter(device, incarnation, push_counter, None)
    }

    /// The device has nothing more to bring back.
    pub(super) fn has_returned(&self, device: DeviceId) -> Result<()> {
        self.run(
            "UPDATE device SET returned = (SELECT epoch FROM organisation WHERE org = ?1) WHERE org = ?1 AND id = ?2",
            params![self.org, device.bytes()],
        )?;
        Ok(())
    }

    /// Of records a device holds, those of which it has changes that are not here.
    pub(super) fn wanted(&self, offered: &[Offered]) -> Result<Vec<RecordId>> {
        let mut wanted = Vec::new();
        for Offered { record, heads } in offered {
            for head in heads {
                let known = self.one(
                    "SELECT 1 FROM change WHERE org = ?1 AND record = ?2 AND hash = ?3",
                    params![self.org, record.id.bytes(), head],
                    |_| Ok(()),
                )?;
                if known.is_none() {
                    wanted.push(record.id);
                    break;
                }
            }
        }
        Ok(wanted)
    }

    /// Takes in what a device brings back, each record for itself.
    pub(super) fn vouch(&self, batch: &Batch<'_>) -> Result<Judged> {
        let mut judged = Judged::default();
        for group in batch.groups {
            let outcome = match self.may_return(batch.session.device)? {
                true => self.part(|| {
                    let outcome = self.vouch_one(batch, group)?;
                    Ok((outcome == Outcome::Accepted, outcome))
                }),
                false => Ok(Outcome::Refused(codes::NO_ACCESS.to_owned())),
            };
            let outcome = match outcome {
                Err(StorageError::Corrupt(what)) => {
                    tracing::error!(what, group = %group.id, "taking back a record");
                    Outcome::Refused(codes::INTERNAL.to_owned())
                }
                outcome => outcome?,
            };
            if let (Outcome::Refused(code), Body::Edits(edits)) = (&outcome, &group.body)
                && code == codes::HELD
            {
                // Noted outside the group's part, which is taken back.
                edits.iter().try_for_each(|edit| self.report_erased(batch, edit))?;
            }
            judged.verdicts.push(Verdict { group: group.id, outcome, ended: None, refusal: None });
        }
        Ok(judged)
    }

    fn vouch_one(&self, batch: &Batch<'_>, group: &Prepared) -> Result<Outcome> {
        let refused = |code: &str| Ok(Outcome::Refused(code.to_owned()));
        let edit = match &group.body {
            Body::Edits(edits) => match edits.as_slice() {
                [edit] => edit,
                _ => return refused(codes::MALFORMED),
            },
            Body::Refused(code) => return refused(code),
            Body::Command(_) => return refused(codes::MALFORMED),
        };
        let Some(creation) = &edit.creation else { return refused(codes::MALFORMED) };
        let id = edit.record.id;
        let Some(author) = self.author_of(batch.session, edit)? else { return refused(codes::HELD) };
        let row = self.record_row(id)?;
        let rule = batch.registry.kind(&creation.kind).map(|kind| kind.home);
        let makes_home = row.is_none() && rule == Some(HomeRule::OwnClient) && creation.homes == [Home::Client(id)];
        let homes = match &row {
            // Erased since the backup, by what the device holds: nothing of it comes back before the admin has said so.
            Some(row) if row.generation < edit.record.generation => return refused(codes::HELD),
            Some(row) if row.generation != edit.record.generation => return refused(codes::STALE_GENERATION),
            Some(_) => self.homes_of_record(id)?,
            None => creation.homes.clone(),
        };
        // What he sees he may bring back; the rest waits for the admin's word on who sees what.
        if !makes_home && !self.sees_any(batch.session.user, &homes)? {
            return refused(codes::HELD);
        }
        let fresh = match self.check(batch, edit, row.as_ref(), Through::Log)? {
            Ok(fresh) => fresh,
            Err(outcome) => return Ok(outcome),
        };
        if row.is_some() && fresh.is_empty() {
            return Ok(Outcome::Accepted);
        }
        let bytes: Vec<&[u8]> = fresh.iter().map(|change| change.bytes.as_slice()).collect();
        let Ok(open) = self.open_after(id, &creation.kind, &bytes, batch.registry)? else {
            return refused(codes::MALFORMED);
        };
        let seq = self.next_seq()?;
        if row.is_none() {
            self.create(edit.record, creation, (author, author), batch.now, batch.registry, seq)?;
        }
        self.append(edit.record, fresh.iter().map(|change| Kept::of(change, Stamp::default())), open, batch.now, seq)?;
        let who = (Some(batch.session.user), Some(batch.session.device));
        self.audit(batch.now, who, "record_vouched", id.bytes())?;
        if makes_home {
            for user in self.seers(Home::Client(id))? {
                self.touch_authority(user, seq)?;
            }
        }
        self.touch_seers(id, seq)?;
        Ok(Outcome::Accepted)
    }

    /// Whose first change it is; `None` where a change is by a device the backup does not know.
    fn author_of(&self, session: Session, edit: &Edit) -> Result<Option<UserId>> {
        // What an erasure left was written by nobody's device.
        let began = generation_actor(edit.record);
        let mut author = None;
        for change in edit.changes.iter().filter(|change| !change.birth && change.info.actor != began) {
            let Some((device, _)) = actor_device(&change.info.actor) else { return Ok(None) };
            let Some(owner) = self.device_account(device)? else { return Ok(None) };
            author.get_or_insert(owner);
        }
        Ok(Some(author.unwrap_or(session.user)))
    }

    pub(super) fn sees_any(&self, user: UserId, homes: &[Home]) -> Result<bool> {
        for home in homes {
            if self.spells(user, *home)?.iter().any(crate::pull::sight::Spell::is_open) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
