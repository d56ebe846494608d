//! Links, devices and tokens. Secrets are kept hashed only.

use chrono::{DateTime, Duration, Utc};
use rusqlite::params;
use satchel_core::domain::ids::*;
use satchel_core::domain::limits::REFRESH_GRACE_SECONDS;

use super::Ledger;
use super::sql::*;
use crate::storage::{
    Access, Greeted, Greeting, Issue, LinkRow, Login, NewDevice, NewLink, Purged, Pushing, Refreshed, Session,
    StorageError,
};

/// A contact is written down again only after this long: the time is for people, and each writing costs a flush.
const CONTACT_EVERY: Duration = Duration::seconds(60);

impl Ledger<'_> {
    pub(super) fn add_link(&self, link: &NewLink) -> Result<()> {
        self.user_row(link.user)?.filter(|user| user.active).ok_or(StorageError::NotFound("user"))?;
        self.run(
            "INSERT INTO link (org, hash, account, expires_at) VALUES (?1, ?2, ?3, ?4)",
            params![self.org, link.hash, link.user.bytes(), millis(link.expires_at)],
        )?;
        Ok(())
    }

    pub(super) fn link(&self, hash: &[u8; 32]) -> Result<Option<LinkRow>> {
        self.one(
            "SELECT l.account, l.expires_at, l.device, d.key, l.failures
             FROM link l LEFT JOIN device d ON d.org = l.org AND d.id = l.device
             WHERE l.org = ?1 AND l.hash = ?2",
            params![self.org, hash],
            |row| {
                let device = opt_uuid(row, 2)?.map(DeviceId);
                let key: Option<Vec<u8>> = row.get(3)?;
                Ok(LinkRow {
                    user: UserId(uuid(row, 0)?),
                    expires_at: time(row, 1)?,
                    used: device.zip(key),
                    failures: small(row, 4)?,
                })
            },
        )
    }

    pub(super) fn link_failed(&self, hash: &[u8; 32]) -> Result<()> {
        self.run("UPDATE link SET failures = failures + 1 WHERE org = ?1 AND hash = ?2", params![self.org, hash])?;
        Ok(())
    }

    pub(super) fn enrol(&self, new: &NewDevice, issue: &Issue) -> Result<bool> {
        let used = self.run(
            "UPDATE link SET used_at = ?3, device = ?4 WHERE org = ?1 AND hash = ?2 AND used_at IS NULL",
            params![self.org, new.link, millis(new.at), new.id.bytes()],
        )?;
        if used == 0 {
            return Ok(false);
        }
        self.run(
            "INSERT INTO device (org, id, account, name, key, enrolled_at, contact_at, returned)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, (SELECT epoch FROM organisation WHERE org = ?1))",
            params![self.org, new.id.bytes(), new.user.bytes(), new.name.as_bytes(), new.key, millis(new.at)],
        )?;
        self.run(
            "INSERT INTO incarnation (org, device, incarnation, push_counter) VALUES (?1, ?2, 0, 0)",
            params![self.org, new.id.bytes()],
        )?;
        if let Some(password) = &new.password {
            self.run(
                "UPDATE account SET password = ?3 WHERE org = ?1 AND id = ?2 AND password IS NULL",
                params![self.org, new.user.bytes(), password],
            )?;
        }
        self.audit(new.at, (Some(new.user), Some(new.id)), "device_enrolled", new.id.bytes())?;
        self.start_family(new.id, issue)?;
        Ok(true)
    }

    pub(super) fn login(&self, device: DeviceId) -> Result<Option<Login>> {
        self.one(
            "SELECT d.account, d.key, a.password, d.revoked_at, a.active
             FROM device d JOIN account a ON a.org = d.org AND a.id = d.account
             WHERE d.org = ?1 AND d.id = ?2",
            params![self.org, device.bytes()],
            |row| {
                let revoked: Option<i64> = row.get(3)?;
                Ok(Login {
                    user: UserId(uuid(row, 0)?),
                    key: row.get(1)?,
                    password: row.get(2)?,
                    revoked: revoked.is_some() || row.get::<_, i64>(4)? == 0,
                })
            },
        )
    }

    pub(super) fn password(&self, user: UserId) -> Result<Option<Option<Vec<u8>>>> {
        self.one(
            "SELECT password FROM account WHERE org = ?1 AND id = ?2 AND active = 1",
            params![self.org, user.bytes()],
            |row| row.get(0),
        )
    }

    pub(super) fn start_family(&self, device: DeviceId, issue: &Issue) -> Result<()> {
        self.run(
            "INSERT INTO family (org, id, device) VALUES (?1, ?2, ?3)",
            params![self.org, issue.family.as_bytes(), device.bytes()],
        )?;
        self.keep_tokens(issue.family.as_bytes(), issue)
    }

    fn keep_tokens(&self, family: &[u8; 16], issue: &Issue) -> Result<()> {
        // The successor is derived from its predecessor, so that a repeated answer is the same one.
        self.run(
            "INSERT OR IGNORE INTO refresh (org, hash, family, until) VALUES (?1, ?2, ?3, ?4)",
            params![self.org, issue.refresh, family, millis(issue.refresh_until)],
        )?;
        self.run("DELETE FROM access WHERE org = ?1 AND until < ?2", params![self.org, millis(issue.at)])?;
        self.run(
            "INSERT INTO access (org, hash, family, until) VALUES (?1, ?2, ?3, ?4)",
            params![self.org, issue.access, family, millis(issue.access_until)],
        )?;
        Ok(())
    }

    pub(super) fn end_families(&self, device: DeviceId, now: DateTime<Utc>) -> Result<()> {
        self.run(
            "UPDATE family SET ended_at = ?3 WHERE org = ?1 AND device = ?2 AND ended_at IS NULL",
            params![self.org, device.bytes(), millis(now)],
        )?;
        Ok(())
    }

    pub(super) fn access(&self, hash: &[u8; 32], now: DateTime<Utc>) -> Result<Access> {
        let found = self.one(
            "SELECT d.account, d.id, t.until, f.ended_at, d.revoked_at, a.active
             FROM access t JOIN family f ON f.org = t.org AND f.id = t.family
             JOIN device d ON d.org = t.org AND d.id = f.device
             JOIN account a ON a.org = t.org AND a.id = d.account
             WHERE t.org = ?1 AND t.hash = ?2",
            params![self.org, hash],
            |row| {
                let session = Session { user: UserId(uuid(row, 0)?), device: DeviceId(uuid(row, 1)?) };
                let revoked = opt_time(row, 4)?.is_some() || row.get::<_, i64>(5)? == 0;
                Ok((session, time(row, 2)?, opt_time(row, 3)?.is_some(), revoked))
            },
        )?;
        Ok(match found {
            Some((_, _, _, true)) => Access::Revoked,
            Some((session, until, false, false)) if now < until => Access::Session(session),
            _ => Access::Unknown,
        })
    }

    pub(super) fn refresh(&self, device: DeviceId, shown: &[u8; 32], issue: &Issue) -> Result<Refreshed> {
        let found = self.one(
            "SELECT d.account, f.id, t.until, t.used_at, f.ended_at, d.revoked_at, a.active
             FROM refresh t JOIN family f ON f.org = t.org AND f.id = t.family
             JOIN device d ON d.org = t.org AND d.id = f.device
             JOIN account a ON a.org = t.org AND a.id = d.account
             WHERE t.org = ?1 AND t.hash = ?2 AND f.device = ?3",
            params![self.org, shown, device.bytes()],
            |row| {
                let revoked = opt_time(row, 5)?.is_some() || row.get::<_, i64>(6)? == 0;
                let family: [u8; 16] = row.get(1)?;
                let ended = opt_time(row, 4)?.is_some();
                Ok((UserId(uuid(row, 0)?), family, time(row, 2)?, opt_time(row, 3)?, ended, revoked))
            },
        )?;
        let Some((user, family, until, used_at, ended, revoked)) = found else { return Ok(Refreshed::Unknown) };
        if revoked {
            return Ok(Refreshed::Revoked);
        }
        if ended || until <= issue.at {
            return Ok(Refreshed::Unknown);
        }
        match used_at {
            None => {
                self.run(
                    "UPDATE refresh SET used_at = ?3 WHERE org = ?1 AND hash = ?2",
                    params![self.org, shown, millis(issue.at)],
                )?;
            }
            Some(used_at) if issue.at <= used_at + Duration::seconds(REFRESH_GRACE_SECONDS) => {}
            Some(_) => {
                self.run(
                    "UPDATE family SET ended_at = ?3 WHERE org = ?1 AND id = ?2",
                    params![self.org, family, millis(issue.at)],
                )?;
                self.audit(issue.at, (Some(user), Some(device)), "refresh_token_reused", device.bytes())?;
                self.alert("token_reused", user, device, issue.at)?;
                return Ok(Refreshed::Reused);
            }
        }
        self.keep_tokens(&family, issue)?;
        Ok(Refreshed::Session(Session { user, device }))
    }

    pub(super) fn alive(&self, device: DeviceId) -> Result<bool> {
        Ok(self.login(device)?.is_some_and(|login| !login.revoked))
    }

    /// Whether a hello needs nothing written.
    pub(super) fn greet_quietly(
        &self,
        session: Session,
        hello: &Greeting,
        now: DateTime<Utc>,
    ) -> Result<Option<Greeted>> {
        let contact = self.one(
            "SELECT contact_at, n_unsent, acked_at FROM device WHERE org = ?1 AND id = ?2",
            params![self.org, session.device.bytes()],
            |row| Ok((opt_time(row, 0)?, small(row, 1)?, opt_time(row, 2)?)),
        )?;
        let fresh = contact.is_some_and(|(at, n_unsent, _)| {
            n_unsent == hello.n_unsent && at.is_some_and(|at| at <= now && now < at + CONTACT_EVERY)
        });
        // What it holds is worth a note where it had not shown as much at the contact noted last.
        let behind = contact.is_some_and(|(at, _, acked_at)| acked_at < at);
        if hello.pushing.pushes || !fresh || (behind && self.holds_all(session.user, hello)?) {
            return Ok(None);
        }
        let Some(counter) = self.counter(session.device, hello.pushing.incarnation)? else { return Ok(None) };
        if !counter.goes_on(&hello.pushing) {
            return Ok(None);
        }
        let newest = self.newest_incarnation(session.device)?.unwrap_or(0);
        Ok(Some(Greeted { incarnation: None, push_counter: counter.push_counter, newest }))
    }

    pub(super) fn greet(&self, session: Session, hello: &Greeting, now: DateTime<Utc>) -> Result<Greeted> {
        let device = session.device;
        self.note_contact(device, hello.clock, now)?;
        let acked_at = if self.holds_all(session.user, hello)? { Some(millis(now)) } else { None };
        self.run(
            "UPDATE device SET contact_at = ?3, app = ?4, n_unsent = ?5, acked_at = coalesce(?6, acked_at)
             WHERE org = ?1 AND id = ?2",
            params![self.org, device.bytes(), millis(now), hello.app.as_bytes(), hello.n_unsent, acked_at],
        )?;
        self.count_on(session, &hello.pushing, now)
    }

    /// Compares push counters: a copy of a device, or one that went back to a backup, goes on as a new incarnation
    /// (rule 9).
    pub(super) fn count_on(&self, session: Session, pushing: &Pushing, now: DateTime<Utc>) -> Result<Greeted> {
        let device = session.device;
        let newest = self.newest_incarnation(device)?;
        let counter = match self.counter(device, pushing.incarnation)? {
            Some(counter) => counter,
            // A device draws a new incarnation by itself after a refusal (rule 12), and goes on counting from the last.
            None if newest.is_none_or(|newest| newest < pushing.incarnation) => {
                if let Some(last) = newest
                    && !self.counter(device, last)?.is_none_or(|last| last.goes_on(pushing))
                {
                    return self.new_incarnation(session, Some(pushing.incarnation), now);
                }
                // Nobody goes on as the one before but a disk from a backup.
                if let Some(last) = newest {
                    self.set_counter(device, last, LEFT, None)?;
                }
                let push_counter = pushing.push_counter;
                self.set_counter(device, pushing.incarnation, push_counter, None)?;
                Counter { push_counter, push_id: None }
            }
            None => return self.new_incarnation(session, newest, now),
        };
        let newest = newest.unwrap_or(0).max(pushing.incarnation);
        let repeated = counter.is_repeat(pushing);
        if !pushing.pushes {
            if counter.goes_on(pushing) {
                return Ok(Greeted { incarnation: None, push_counter: counter.push_counter, newest });
            }
            return self.new_incarnation(session, Some(newest), now);
        }
        if repeated {
            return Ok(Greeted { incarnation: None, push_counter: counter.push_counter, newest });
        }
        if counter.push_counter != pushing.push_counter {
            return self.new_incarnation(session, Some(newest), now);
        }
        let push_counter = counter.push_counter + 1;
        self.set_counter(device, pushing.incarnation, push_counter, pushing.push_id)?;
        Ok(Greeted { incarnation: None, push_counter, newest })
    }

    /// True where a device shows that it holds everything there is for its person.
    fn holds_all(&self, user: UserId, hello: &Greeting) -> Result<bool> {
        let Some(held) = hello.held else { return Ok(false) };
        let touched = self.one(
            "SELECT touched_seq FROM account WHERE org = ?1 AND id = ?2",
            params![self.org, user.bytes()],
            |row| uint(row, 0),
        )?;
        Ok(touched.is_some_and(|touched| touched <= held))
    }

    fn new_incarnation(&self, session: Session, newest: Option<u32>, now: DateTime<Utc>) -> Result<Greeted> {
        let incarnation = newest.map_or(0, |newest| newest.saturating_add(1));
        self.set_counter(session.device, incarnation, 0, None)?;
        self.audit(now, (Some(session.user), Some(session.device)), "device_cloned", session.device.bytes())?;
        Ok(Greeted { incarnation: Some(incarnation), push_counter: 0, newest: incarnation })
    }

    pub(super) fn newest_incarnation(&self, device: DeviceId) -> Result<Option<u32>> {
        self.one(
            "SELECT incarnation FROM incarnation WHERE org = ?1 AND device = ?2 ORDER BY incarnation DESC LIMIT 1",
            params![self.org, device.bytes()],
            |row| small(row, 0),
        )
    }

    fn counter(&self, device: DeviceId, incarnation: u32) -> Result<Option<Counter>> {
        self.one(
            "SELECT push_counter, push_id FROM incarnation WHERE org = ?1 AND device = ?2 AND incarnation = ?3",
            params![self.org, device.bytes(), incarnation],
            |row| Ok(Counter { push_counter: uint(row, 0)?, push_id: opt_uuid(row, 1)?.map(GroupId) }),
        )
    }

    pub(super) fn set_counter(
        &self,
        device: DeviceId,
        incarnation: u32,
        counter: u64,
        push_id: Option<GroupId>,
    ) -> Result<()> {
        self.run(
            "INSERT INTO incarnation (org, device, incarnation, push_counter, push_id) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET push_counter = excluded.push_counter, push_id = excluded.push_id",
            params![self.org, device.bytes(), incarnation, int(counter), push_id.map(|id| *id.0.as_bytes())],
        )?;
        Ok(())
    }

    pub(super) fn acknowledge(&self, session: Session, purged: &[Purged], now: DateTime<Utc>) -> Result<()> {
        for purge in purged {
            let n = self.run(
                "UPDATE purge SET acked_at = ?5
                 WHERE org = ?1 AND device = ?2 AND home = ?3 AND revoked <= ?4 AND acked_at IS NULL",
                params![self.org, session.device.bytes(), purge.home.bytes(), int(purge.revoked), millis(now)],
            )?;
            if n > 0 {
                self.audit(now, (Some(session.user), Some(session.device)), "home_purged", &purge.home.bytes())?;
            }
        }
        Ok(())
    }
}

/// Counter of an incarnation its device has left for the next: no device counts that far.
const LEFT: u64 = i64::MAX as u64;

/// What the server counted of one incarnation's pushes.
struct Counter {
    push_counter: u64,
    push_id: Option<GroupId>,
}

impl Counter {
    /// The same push once more, after its answer was lost.
    fn is_repeat(&self, pushing: &Pushing) -> bool {
        pushing.push_id.is_some() && pushing.push_id == self.push_id && pushing.push_counter + 1 == self.push_counter
    }

    /// A device that has not heard the answer to its last push may look, and knows that push's id. A copy from before
    /// the push does not: it must not be told the counter it lacks.
    fn goes_on(&self, pushing: &Pushing) -> bool {
        pushing.push_counter == self.push_counter || self.is_repeat(pushing)
    }
}
