//! What somebody may write, now or late: judged by grants and by what his device said of purging (rules 13, 15, 20).

use rusqlite::params;
use satchel_core::domain::authority::{EndedBy, Home, Level, Reason, Role};
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::{HomeRule, Registry};
use satchel_core::sync::wire::RecordKey;

use super::Ledger;
use super::records::RecordRow;
use super::sql::*;
use crate::push::{Creation, codes};
use crate::storage::Session;

/// What may become of somebody's edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// It is taken in.
    Now,
    /// It waits for the decision of whoever has the client now.
    Late(RecordId),
    /// It is refused.
    No(&'static str),
    /// It is refused and noted: the device had said that it purged the home.
    TooLate,
}

impl Right {
    fn rank(self) -> u8 {
        match self {
            Self::Now => 4,
            Self::Late(_) => 3,
            Self::No(codes::READ_ONLY) => 2,
            Self::TooLate => 1,
            Self::No(_) => 0,
        }
    }

    /// The better of two homes' rights.
    fn or(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }

    /// The worse of two homes' rights.
    fn and(self, other: Self) -> Self {
        if other.rank() < self.rank() { other } else { self }
    }
}

/// How somebody stands to a home.
enum Standing {
    Has(Level),
    Lost { ended_by: EndedBy, level: Level },
    Purged,
    Never,
}

impl Ledger<'_> {
    fn standing(&self, session: Session, home: Home) -> Result<Standing> {
        let spells = self.spells(session.user, home)?;
        if let Some(level) = spells.iter().filter(|spell| spell.is_open()).map(|spell| spell.grant.level).max() {
            return Ok(Standing::Has(level));
        }
        let purges = self.all(
            "SELECT ended_by, level, acked_at, revoked FROM purge WHERE org = ?1 AND device = ?2 AND home = ?3
             ORDER BY revoked DESC",
            params![self.org, session.device.bytes(), home.bytes()],
            |row| Ok((ended(row, 0)?, level(row, 1)?, opt_time(row, 2)?.is_some(), uint(row, 3)?)),
        )?;
        // A device whose rights have ended is told of no loss any more and purges nothing; what it rescues is judged by
        // what its person lost since.
        let told = purges.first().map_or(0, |(.., revoked)| *revoked);
        let since = spells.iter().filter(|spell| spell.interval.removed.is_some_and(|seq| seq > told));
        let lost = since.max_by_key(|spell| spell.interval.removed);
        if let Some(spell) = lost
            && !self.alive(session.device)?
        {
            return Ok(Standing::Lost { ended_by: spell.ended_by, level: spell.grant.level });
        }
        let waiting = purges.iter().find(|(_, _, acked, _)| !acked);
        Ok(match waiting {
            Some((ended_by, level, ..)) => Standing::Lost { ended_by: *ended_by, level: *level },
            None if purges.is_empty() => Standing::Never,
            None => Standing::Purged,
        })
    }

    /// What becomes of an edit of a record that is there.
    pub(super) fn right_to_edit(
        &self,
        session: Session,
        record: RecordId,
        row: &RecordRow,
        registry: &Registry,
    ) -> Result<Right> {
        if self.not_for(session, registry.kind(&row.kind).map(|kind| kind.home))? {
            return Ok(Right::No(codes::READ_ONLY));
        }
        let by_add = registry.kind(&row.kind).is_some_and(|kind| kind.home == HomeRule::UnderClientByAdd);
        let own = by_add && (row.created_by == session.user || self.assigned(record)? == Some(session.user));
        let need = if own { Level::Add } else { Level::Write };
        let mut best = Right::No(codes::NO_ACCESS);
        for home in self.homes_of_record(record)? {
            best = best.or(self.right_in(session, home, need, by_add.then_some(record))?);
        }
        // Somebody else's client was merged into this one: his late edits wait for whoever has it now.
        for client in self.came_from(record)? {
            let late = self.right_in(session, Home::Client(client), need, by_add.then_some(record))?;
            best = best.or(self.where_it_lives(late)?);
        }
        // The record of a client that was merged is read by nobody: what is new in it is for the one that stayed.
        let merged = self.merged(record)?;
        if let (Right::Now, Some(_)) = (best, merged) {
            best = Right::Late(self.living(record)?);
        }
        Ok(best)
    }

    /// What becomes of a creation (rule 13).
    pub(super) fn right_to_create(
        &self,
        session: Session,
        record: RecordKey,
        creation: &Creation,
        new_clients: &[RecordId],
        registry: &Registry,
    ) -> Result<Right> {
        let rule = registry.kind(&creation.kind).map(|kind| kind.home);
        if record.generation != 0 {
            return Ok(Right::No(codes::STALE_GENERATION));
        }
        if rule == Some(HomeRule::OwnClient) {
            let own = creation.homes == [Home::Client(record.id)] && self.client_row(record.id)?.is_none();
            return Ok(if own { Right::Now } else { Right::No(codes::NO_ACCESS) });
        }
        if self.not_for(session, rule)? {
            return Ok(Right::No(codes::READ_ONLY));
        }
        let mut worst = Right::Now;
        for home in &creation.homes {
            let right = match (rule, home) {
                (Some(HomeRule::UnderClient | HomeRule::UnderClientByAdd), Home::Client(client))
                    if new_clients.contains(client) =>
                {
                    Right::Now
                }
                (Some(HomeRule::UnderClientByAdd), Home::Client(_)) => self.right_to_add(session, *home, Level::Add)?,
                (Some(HomeRule::UnderClient), Home::Client(_)) => self.right_to_add(session, *home, Level::Write)?,
                (Some(HomeRule::Organisation | HomeRule::OrganisationByAdmin), Home::Organisation) | (None, _) => {
                    self.right_in(session, *home, Level::Write, None)?
                }
                (Some(HomeRule::Personal | HomeRule::PersonalOrDepartment), Home::User(user))
                    if *user == session.user =>
                {
                    Right::Now
                }
                (Some(HomeRule::PersonalOrDepartment), Home::Department(_)) => {
                    self.right_in(session, *home, Level::Write, None)?
                }
                _ => Right::No(codes::MALFORMED),
            };
            // The client itself waits in the tray of the same author.
            let right = match (right, home) {
                (Right::No(codes::NO_ACCESS), Home::Client(client)) => {
                    self.pending_creation(session.user, *client)?.map_or(right, Right::Late)
                }
                _ => right,
            };
            worst = worst.and(right);
        }
        Ok(worst)
    }

    /// What becomes of something made for a client, which may have been merged meanwhile.
    fn right_to_add(&self, session: Session, meant: Home, need: Level) -> Result<Right> {
        let right = self.right_in(session, meant, need, None)?;
        let home = self.living_home(meant)?;
        if home == meant {
            return Ok(right);
        }
        Ok(self.where_it_lives(right)?.or(self.right_in(session, home, need, None)?))
    }

    fn where_it_lives(&self, right: Right) -> Result<Right> {
        match right {
            Right::Late(client) => self.living(client).map(Right::Late),
            other => Ok(other),
        }
    }

    /// True for what admins alone write, where somebody else does.
    fn not_for(&self, session: Session, rule: Option<HomeRule>) -> Result<bool> {
        let by_admin = rule == Some(HomeRule::OrganisationByAdmin);
        Ok(by_admin && self.user_row(session.user)?.is_none_or(|user| user.role != Role::Admin))
    }

    /// `interaction` is set where having been given it to do was once enough to write it.
    fn right_in(&self, session: Session, home: Home, need: Level, interaction: Option<RecordId>) -> Result<Right> {
        let late = match home {
            Home::Client(client) => Right::Late(client),
            _ => Right::No(codes::NO_ACCESS),
        };
        Ok(match self.standing(session, home)? {
            Standing::Has(level) if level >= need => Right::Now,
            // What he could write here before is kept for a decision, whatever took it from him.
            Standing::Has(_) if self.had(session.user, home, need, interaction)? => late,
            Standing::Has(_) => Right::No(codes::READ_ONLY),
            Standing::Lost { ended_by, level } => {
                let could = level >= need || self.had(session.user, home, need, interaction)?;
                match ended_by {
                    EndedBy::Itself if level >= need => Right::Now,
                    // What was his to do went back by itself at the end of an absence.
                    EndedBy::Itself if self.had_to_do(session.user, home, interaction)? => Right::Now,
                    _ if could => late,
                    _ => Right::No(codes::NO_ACCESS),
                }
            }
            Standing::Purged => Right::TooLate,
            Standing::Never => Right::No(codes::NO_ACCESS),
        })
    }

    fn had_to_do(&self, user: UserId, home: Home, interaction: Option<RecordId>) -> Result<bool> {
        let Some(interaction) = interaction else { return Ok(false) };
        let spells = self.spells(user, home)?;
        Ok(spells
            .iter()
            .any(|spell| spell.grant.reason == Reason::Assigned(interaction) && spell.ended_by == EndedBy::Itself))
    }

    fn had(&self, user: UserId, home: Home, need: Level, interaction: Option<RecordId>) -> Result<bool> {
        let spells = self.spells(user, home)?;
        Ok(spells.iter().filter(|spell| !spell.is_open()).any(|spell| {
            spell.grant.level >= need
                || interaction.is_some_and(|interaction| spell.grant.reason == Reason::Assigned(interaction))
        }))
    }
}
