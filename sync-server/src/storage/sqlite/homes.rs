//! Who has which home, and since when: intervals of the server's numbering (rule 18).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rusqlite::params;
use satchel_core::domain::authority::{Cause, Ended, EndedBy, Given, Grant, Home, Level, Reason};
use satchel_core::domain::ids::*;
use satchel_core::domain::visibility::Interval;

use super::Ledger;
use super::sql::*;
use crate::pull::sight::Spell;

/// Who ended a grant, and what its holder is told of it.
#[derive(Clone, Debug)]
pub struct Ending {
    pub ended_by: EndedBy,
    pub by: Option<UserId>,
    pub now_with: Option<UserId>,
    pub at: DateTime<Utc>,
    pub cause: Cause,
}

impl Ledger<'_> {
    /// Gives a person a further reason for a home; a reason he has already is replaced without a gap.
    pub(super) fn open_home(
        &self,
        user: UserId,
        home: Home,
        reason: &Reason,
        level: Level,
        until: Option<DateTime<Utc>>,
        seq: u64,
    ) -> Result<()> {
        let reason = reason_bytes(reason);
        let key = params![self.org, user.bytes(), home.bytes(), reason, int(seq)];
        self.run(
            "UPDATE user_home SET removed_seq = ?5, ended_by = 1
             WHERE org = ?1 AND account = ?2 AND home = ?3 AND reason = ?4 AND removed_seq IS NULL AND added_seq < ?5",
            key,
        )?;
        self.run(
            "INSERT OR REPLACE INTO user_home (org, account, home, reason, added_seq, level, until)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![self.org, user.bytes(), home.bytes(), reason, int(seq), level_code(level), until.map(millis)],
        )?;
        Ok(())
    }

    /// Notes how a reason opened by this transaction came about.
    pub(super) fn note_given(&self, user: UserId, home: Home, reason: &Reason, given: &Given, seq: u64) -> Result<()> {
        self.run(
            "UPDATE user_home SET given = ?6
             WHERE org = ?1 AND account = ?2 AND home = ?3 AND reason = ?4 AND added_seq = ?5",
            params![self.org, user.bytes(), home.bytes(), reason_bytes(reason), int(seq), cbor(given)?],
        )?;
        Ok(())
    }

    /// How a person's access to a home ended last; nothing known where it never did.
    pub(super) fn ended(&self, user: UserId, home: Home) -> Result<Ended> {
        let mut spells = self.spells(user, home)?;
        spells.retain(|spell| !spell.is_open());
        let last = spells.iter().map(|spell| spell.interval.removed).max().flatten();
        spells.retain(|spell| spell.interval.removed == last);
        let cause = spells.iter().map(|spell| &spell.cause).find(|cause| !cause.order.is_empty());
        Ok(Ended {
            by: spells.iter().find_map(|spell| spell.by),
            now_with: spells.iter().find_map(|spell| spell.now_with),
            at: spells.iter().find_map(|spell| spell.ended_at),
            cause: cause.cloned().unwrap_or_default(),
        })
    }

    /// Takes a reason for a home away.
    pub(super) fn close_home(
        &self,
        user: UserId,
        home: Home,
        reason: &Reason,
        ending: &Ending,
        seq: u64,
    ) -> Result<()> {
        let reason = reason_bytes(reason);
        // A reason given and taken by the same transaction was never in force.
        self.run(
            "DELETE FROM user_home WHERE org = ?1 AND account = ?2 AND home = ?3 AND reason = ?4 AND added_seq = ?5",
            params![self.org, user.bytes(), home.bytes(), reason, int(seq)],
        )?;
        self.run(
            "UPDATE user_home SET removed_seq = ?5, ended_by = ?6, by = ?7, now_with = ?8, ended_at = ?9,
                cause = ?10
             WHERE org = ?1 AND account = ?2 AND home = ?3 AND reason = ?4 AND removed_seq IS NULL",
            params![
                self.org,
                user.bytes(),
                home.bytes(),
                reason,
                int(seq),
                ended_code(ending.ended_by),
                ending.by.map(|user| *user.bytes()),
                ending.now_with.map(|user| *user.bytes()),
                millis(ending.at),
                cbor(&ending.cause)?
            ],
        )?;
        Ok(())
    }

    /// The reasons a person has for a home itself, departments above it not counted.
    pub(super) fn own_grants(&self, home: Home, user: UserId) -> Result<Vec<Grant>> {
        self.all(
            "SELECT reason, level, until FROM user_home
             WHERE org = ?1 AND account = ?2 AND home = ?3 AND removed_seq IS NULL ORDER BY reason",
            params![self.org, user.bytes(), home.bytes()],
            |row| Ok(Grant { reason: reason(row, 0)?, level: level(row, 1)?, until: opt_time(row, 2)? }),
        )
    }

    /// Every stretch for which a person had a home for some reason, departments above it included.
    pub(super) fn spells(&self, user: UserId, home: Home) -> Result<Vec<Spell>> {
        let mut spells = self.all(
            "SELECT home, reason, level, until, added_seq, removed_seq, ended_by, by, now_with, ended_at,
                    cause, given FROM user_home WHERE org = ?1 AND account = ?2 AND home = ?3",
            params![self.org, user.bytes(), home.bytes()],
            |row| read_spell(row).map(|(_, spell)| spell),
        )?;
        let Home::Client(client) = home else { return Ok(spells) };
        let parents = self.all(
            "SELECT department, added_seq, removed_seq, by, ended_at, cause FROM client_parent WHERE org = ?1 AND client = ?2",
            params![self.org, client.bytes()],
            |row| Ok((DepartmentId(uuid(row, 0)?), read_parent(row)?)),
        )?;
        for (department, parent) in parents {
            for above in self.supervision(user, Some(department))? {
                spells.extend(above.1.under(&parent));
            }
        }
        Ok(spells)
    }

    /// Every home a person ever had, with its stretches.
    pub(super) fn all_spells(&self, user: UserId) -> Result<BTreeMap<Home, Vec<Spell>>> {
        let mut homes: BTreeMap<Home, Vec<Spell>> = BTreeMap::new();
        let own = self.all(
            "SELECT home, reason, level, until, added_seq, removed_seq, ended_by, by, now_with, ended_at,
                    cause, given FROM user_home WHERE org = ?1 AND account = ?2",
            params![self.org, user.bytes()],
            read_spell,
        )?;
        for (home, spell) in own {
            homes.entry(home).or_default().push(spell);
        }
        for (department, above) in self.supervision(user, None)? {
            let clients = self.all(
                "SELECT client, added_seq, removed_seq, by, ended_at, cause FROM client_parent
                 WHERE org = ?1 AND department = ?2",
                params![self.org, department.bytes()],
                |row| Ok((RecordId(uuid(row, 0)?), read_parent(row)?)),
            )?;
            for (client, parent) in clients {
                if let Some(spell) = above.under(&parent) {
                    homes.entry(Home::Client(client)).or_default().push(spell);
                }
            }
        }
        Ok(homes)
    }

    /// When a person supervised departments.
    fn supervision(&self, user: UserId, only: Option<DepartmentId>) -> Result<Vec<(DepartmentId, Spell)>> {
        let only = only.map(|department| Home::Department(department).bytes().to_vec());
        let rows = self.all(
            "SELECT home, reason, level, until, added_seq, removed_seq, ended_by, by, now_with, ended_at,
                    cause, given FROM user_home WHERE org = ?1 AND account = ?2 AND (?3 IS NULL OR home = ?3)
             AND home >= x'01' AND home < x'02' AND reason >= x'02' AND reason < x'03'",
            params![self.org, user.bytes(), only],
            read_spell,
        )?;
        Ok(rows
            .into_iter()
            .filter_map(|(home, spell)| match home {
                Home::Department(department) => Some((department, spell)),
                _ => None,
            })
            .collect())
    }

    /// Everybody who sees a home now.
    pub(super) fn seers(&self, home: Home) -> Result<BTreeSet<UserId>> {
        let read = |row: &rusqlite::Row<'_>| uuid(row, 0).map(UserId);
        let own = self.all(
            "SELECT account FROM user_home WHERE org = ?1 AND home = ?2 AND removed_seq IS NULL",
            params![self.org, home.bytes()],
            read,
        )?;
        let mut seers: BTreeSet<UserId> = own.into_iter().collect();
        if let Home::Client(client) = home
            && let Some(held) = self.client_row(client)?
        {
            seers.extend(self.supervisors(held.department)?);
        }
        Ok(seers)
    }

    /// Who supervises a department now.
    pub(super) fn supervisors(&self, department: DepartmentId) -> Result<Vec<UserId>> {
        self.all(
            "SELECT account FROM user_home WHERE org = ?1 AND home = ?2 AND removed_seq IS NULL
             AND reason >= x'02' AND reason < x'03'",
            params![self.org, Home::Department(department).bytes()],
            |row| uuid(row, 0).map(UserId),
        )
    }

    /// True where grants have run out by `now`, or an absence begins or ends.
    pub(super) fn any_expired(&self, now: DateTime<Utc>) -> Result<bool> {
        let found = self.one(
            "SELECT 1 FROM user_home WHERE org = ?1 AND until IS NOT NULL AND removed_seq IS NULL AND until <= ?2 LIMIT 1",
            params![self.org, millis(now)],
            |_| Ok(()),
        )?;
        Ok(found.is_some() || !self.absences_due(now)?.is_empty())
    }

    /// Ends grants that have run out: by themselves, so that late edits are still taken in (rule 20).
    pub(super) fn expire(&self, now: DateTime<Utc>) -> Result<()> {
        let ended = self.all(
            "SELECT account, home, reason FROM user_home
             WHERE org = ?1 AND until IS NOT NULL AND removed_seq IS NULL AND until <= ?2",
            params![self.org, millis(now)],
            |row| Ok((UserId(uuid(row, 0)?), home(row, 1)?, reason(row, 2)?)),
        )?;
        if ended.is_empty() {
            return Ok(());
        }
        let seq = self.next_seq()?;
        let homes: BTreeSet<Home> = ended.iter().map(|(_, home, _)| *home).collect();
        let before = self.seers_of(&homes)?;
        let ending = Ending { ended_by: EndedBy::Itself, by: None, now_with: None, at: now, cause: Cause::default() };
        for (user, home, reason) in &ended {
            self.close_home(*user, *home, reason, &ending, seq)?;
            self.touch_authority(*user, seq)?;
        }
        self.note_losses(&before, seq)
    }

    pub(super) fn seers_of(&self, homes: &BTreeSet<Home>) -> Result<BTreeMap<Home, BTreeSet<UserId>>> {
        homes.iter().map(|home| Ok((*home, self.seers(*home)?))).collect()
    }

    /// After transaction `seq` changed who sees homes: notes for every device of those who lost one that it has to
    /// purge it.
    pub(super) fn note_losses(&self, before: &BTreeMap<Home, BTreeSet<UserId>>, seq: u64) -> Result<()> {
        for (home, before) in before {
            let after = self.seers(*home)?;
            for user in before.union(&after) {
                self.touch_authority(*user, seq)?;
            }
            for user in before.difference(&after) {
                self.note_loss(*user, *home, seq)?;
            }
        }
        Ok(())
    }

    /// True where a device has not said yet that it purged a home that was lost in transaction `number`.
    pub(super) fn purge_waits(&self, device: DeviceId, home: Home, number: u64) -> Result<bool> {
        let found = self.one(
            "SELECT 1 FROM purge WHERE org = ?1 AND device = ?2 AND home = ?3 AND revoked = ?4 AND acked_at IS NULL",
            params![self.org, device.bytes(), home.bytes(), int(number)],
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }

    fn note_loss(&self, user: UserId, home: Home, seq: u64) -> Result<()> {
        let ended: Vec<Spell> =
            self.spells(user, home)?.into_iter().filter(|spell| spell.interval.removed == Some(seq)).collect();
        let by_itself = !ended.is_empty() && ended.iter().all(|spell| spell.ended_by == EndedBy::Itself);
        let ended_by = if by_itself { EndedBy::Itself } else { EndedBy::Somebody };
        let level = ended.iter().map(|spell| spell.grant.level).max().unwrap_or(Level::Read);
        self.run(
            "INSERT OR IGNORE INTO purge (org, device, home, revoked, ended_by, level)
             SELECT org, id, ?3, ?4, ?5, ?6 FROM device WHERE org = ?1 AND account = ?2 AND revoked_at IS NULL",
            params![self.org, user.bytes(), home.bytes(), int(seq), ended_code(ended_by), level_code(level)],
        )?;
        Ok(())
    }
}

/// When a client's home stood under a department.
pub struct Parent {
    interval: Interval,
    by: Option<UserId>,
    ended_at: Option<DateTime<Utc>>,
    cause: Cause,
}

fn read_parent(row: &rusqlite::Row<'_>) -> rusqlite::Result<Parent> {
    Ok(Parent {
        interval: Interval { added: uint(row, 1)?, removed: opt_uint(row, 2)? },
        by: opt_uuid(row, 3)?.map(UserId),
        ended_at: opt_time(row, 4)?,
        cause: kept(row, 5)?.unwrap_or_default(),
    })
}

fn read_spell(row: &rusqlite::Row<'_>) -> rusqlite::Result<(Home, Spell)> {
    let spell = Spell {
        grant: Grant { reason: reason(row, 1)?, level: level(row, 2)?, until: opt_time(row, 3)? },
        interval: Interval { added: uint(row, 4)?, removed: opt_uint(row, 5)? },
        ended_by: ended(row, 6)?,
        by: opt_uuid(row, 7)?.map(UserId),
        now_with: opt_uuid(row, 8)?.map(UserId),
        ended_at: opt_time(row, 9)?,
        cause: kept(row, 10)?.unwrap_or_default(),
        given: kept(row, 11)?,
    };
    Ok((home(row, 0)?, spell))
}

impl Spell {
    /// The stretch for which supervision of a department showed a client under it.
    fn under(&self, parent: &Parent) -> Option<Self> {
        let interval = self.interval.and(&parent.interval)?;
        let by_moving = interval.removed.is_some() && interval.removed == parent.interval.removed;
        let mut spell = Self { interval, ..self.clone() };
        if by_moving {
            spell.ended_by = EndedBy::Somebody;
            spell.by = parent.by;
            spell.now_with = None;
            spell.ended_at = parent.ended_at;
            spell.cause.clone_from(&parent.cause);
        }
        Some(spell)
    }
}
