//! What the person may do (rule 15), by the homes he holds and the grants in them.
//!
//! A grant's end date is not looked at here: the device's clock decides nothing, the server revokes.

use rusqlite::{Connection, params};

use super::error::StoreError;
use super::open::Store;
use super::state::Me;
use super::{cells, documents, mirror, state};
use crate::domain::authority::{Grant, Home, Level, Reason, Role};
use crate::domain::ids::*;
use crate::domain::kind::{HomeRule, Kind};
use crate::sync::wire::RecordAuthority;

impl Store {
    /// The reasons this person has for a home, strongest first; empty where he does not hold it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn grants(&self, home: Home) -> Result<Vec<Grant>, StoreError> {
        self.read(|conn| grants(conn, home))
    }

    /// For each record whether the person may edit it; false for those not here.
    ///
    /// # Errors
    /// Those of the database.
    pub fn may_edit(&self, ids: &[RecordId]) -> Result<Vec<bool>, StoreError> {
        self.read(|conn| {
            let me = state::me(conn)?;
            let mut may = Vec::with_capacity(ids.len());
            for id in ids {
                let Some(document) = documents::find(conn, *id)? else {
                    may.push(false);
                    continue;
                };
                let kind = self.registry().kind(&document.kind);
                let level = best_level(conn, &me, &document.homes)?;
                let authority = mirror::authority(conn, document.n)?;
                may.push(kind.is_some_and(|kind| may_edit(kind, &me, level, &authority)));
            }
            Ok(may)
        })
    }

    /// The person's level in a home.
    ///
    /// # Errors
    /// Those of the database.
    pub fn level(&self, home: Home) -> Result<Option<Level>, StoreError> {
        self.read(|conn| level(conn, &state::me(conn)?, home))
    }
}

pub(super) fn grants(conn: &Connection, home: Home) -> Result<Vec<Grant>, StoreError> {
    let mut statement =
        conn.prepare_cached("SELECT reason, level, until FROM grants WHERE home = ? ORDER BY level DESC, reason")?;
    let rows = statement.query_map([home.bytes()], |row| {
        Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, u8>(1)?, cells::instant(row, 2)?))
    })?;
    rows.map(|row| {
        let (reason, level, until) = row?;
        Ok(Grant { reason: cells::from_cbor(&reason)?, level: level_from(level), until })
    })
    .collect()
}

fn level_from(number: u8) -> Level {
    match number {
        2.. => Level::Write,
        1 => Level::Add,
        0 => Level::Read,
    }
}

/// Replaces the reasons for a home.
pub(super) fn set_grants(conn: &Connection, home: Home, grants: &[Grant]) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM grants WHERE home = ?")?.execute([home.bytes()])?;
    let mut statement =
        conn.prepare_cached("INSERT OR REPLACE INTO grants (home, reason, level, until) VALUES (?,?,?,?)")?;
    for grant in grants {
        let until = grant.until.map(|until| until.timestamp_millis());
        statement.execute(params![home.bytes(), cells::to_cbor(&grant.reason)?, grant.level as u8, until])?;
    }
    Ok(())
}

/// True where the person holds the home.
pub(super) fn holds(conn: &Connection, home: Home) -> Result<bool, StoreError> {
    let mut statement = conn.prepare_cached("SELECT 1 FROM grants WHERE home = ? LIMIT 1")?;
    Ok(statement.exists([home.bytes()])?)
}

/// The person's level in a home. What belongs to everybody is read by all and written by supervisors and admins,
/// whether or not the server has said so yet.
pub(super) fn level(conn: &Connection, me: &Me, home: Home) -> Result<Option<Level>, StoreError> {
    let own = match home {
        Home::Organisation if me.role == Role::Rep => Some(Level::Read),
        Home::Organisation => Some(Level::Write),
        Home::User(user) if user == me.user => Some(Level::Write),
        _ => None,
    };
    let mut statement = conn.prepare_cached("SELECT max(level) FROM grants WHERE home = ?")?;
    let granted: Option<u8> = statement.query_row([home.bytes()], |row| row.get(0))?;
    Ok(own.max(granted.map(level_from)))
}

/// The best level over a record's homes.
pub(super) fn best_level(conn: &Connection, me: &Me, homes: &[Home]) -> Result<Option<Level>, StoreError> {
    let mut best = None;
    for home in homes {
        best = best.max(level(conn, me, *home)?);
    }
    Ok(best)
}

/// True where the person may edit a record of this kind (rule 15).
pub(super) fn may_edit(kind: &Kind, me: &Me, level: Option<Level>, authority: &RecordAuthority) -> bool {
    match level {
        // What was merged into another record is as it was then.
        _ if authority.merged.is_some() => false,
        Some(Level::Write) => kind.home != HomeRule::OrganisationByAdmin || me.role == Role::Admin,
        Some(Level::Add) => {
            let his = authority.assigned == Some(me.user) || authority.created_by == Some(me.user);
            kind.home == HomeRule::UnderClientByAdd && his
        }
        Some(Level::Read) | None => false,
    }
}

/// What a new record is to live under.
#[derive(Clone, Copy, Debug)]
pub(super) enum Under {
    /// What its kind says.
    Nothing,
    /// A client.
    Client(RecordId),
    /// A department.
    Department(DepartmentId),
}

/// Where a new record of a kind lives, after looking whether the person may make it there.
pub(super) fn home_for_new(
    conn: &Connection,
    me: &Me,
    kind: &Kind,
    id: RecordId,
    under: Under,
) -> Result<Home, StoreError> {
    let client = match under {
        Under::Nothing => None,
        Under::Client(client) => Some(client),
        Under::Department(department) if kind.home == HomeRule::PersonalOrDepartment => {
            let home = Home::Department(department);
            return may_make(conn, me, home, Level::Write);
        }
        Under::Department(_) => return Err(StoreError::NotAllowed),
    };
    let needed = match kind.home {
        HomeRule::OwnClient => {
            let own = Grant { reason: Reason::Responsible, level: Level::Write, until: None };
            set_grants(conn, Home::Client(id), &[own])?;
            if me.server.is_some() {
                state::made_homes::add(conn, id)?;
            }
            return Ok(Home::Client(id));
        }
        HomeRule::Personal | HomeRule::PersonalOrDepartment => return Ok(Home::User(me.user)),
        HomeRule::OrganisationByAdmin if me.role != Role::Admin => return Err(StoreError::NotAllowed),
        HomeRule::Organisation | HomeRule::OrganisationByAdmin => (Home::Organisation, Level::Write),
        HomeRule::UnderClient => (Home::Client(client.ok_or(StoreError::NotFound)?), Level::Write),
        HomeRule::UnderClientByAdd => (Home::Client(client.ok_or(StoreError::NotFound)?), Level::Add),
    };
    may_make(conn, me, needed.0, needed.1)
}

fn may_make(conn: &Connection, me: &Me, home: Home, needed: Level) -> Result<Home, StoreError> {
    match level(conn, me, home)? {
        None => Err(StoreError::NotFound),
        Some(level) if level < needed => Err(StoreError::NotAllowed),
        Some(_) => Ok(home),
    }
}
