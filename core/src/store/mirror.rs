//! The mirror of authority: colleagues, departments, devices, what the office says about records, as last told by
//! the server.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use super::error::StoreError;
use super::open::Store;
use super::{cells, collate, state};
use crate::domain::authority::{ClientAuthority, Department, Device, Role, User};
use crate::domain::ids::*;
use crate::domain::merge::Merged;
use crate::sync::wire::{Author, RecordAuthority};

impl Store {
    /// A colleague.
    ///
    /// # Errors
    /// Those of the database.
    pub fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.read(|conn| user(conn, id))
    }

    /// All colleagues by name.
    ///
    /// # Errors
    /// Those of the database.
    pub fn users(&self) -> Result<Vec<User>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(&format!("SELECT {USER} FROM users ORDER BY sort, id"))?;
            let users = statement.query_map([], read_user)?;
            Ok(users.collect::<Result<_, _>>()?)
        })
    }

    /// Colleagues of the departments this person supervises (all for an admin), himself left out, by name; empty for
    /// reps.
    ///
    /// # Errors
    /// Those of the database.
    pub fn staff(&self) -> Result<Vec<User>, StoreError> {
        self.read(|conn| {
            let me = state::me(conn)?;
            let mut statement = conn.prepare_cached(&format!(
                "SELECT {USER} FROM users WHERE department IN ({STAFF_DEPARTMENTS}) AND id <> ?1 ORDER BY sort, id"
            ))?;
            let users = statement.query_map([me.user.bytes()], read_user)?;
            Ok(users.collect::<Result<_, _>>()?)
        })
    }

    /// All departments.
    ///
    /// # Errors
    /// Those of the database.
    pub fn departments(&self) -> Result<Vec<Department>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT id, name, parent FROM departments ORDER BY name, id")?;
            let departments = statement.query_map([], read_department)?;
            Ok(departments.collect::<Result<_, _>>()?)
        })
    }

    /// When the list of devices was last told.
    ///
    /// # Errors
    /// Those of the database.
    pub fn devices_as_of(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.read(|conn| state::get(conn, state::keys::DEVICES_AT))
    }

    /// Has the list of devices told again at the next contact, however fresh it is.
    ///
    /// # Errors
    /// Those of the database.
    pub fn ask_for_devices(&self) -> Result<(), StoreError> {
        self.write(|tx| state::set(tx, state::keys::DEVICES_ASKED, &true))
    }

    /// Own devices and those of supervised people, as last told.
    ///
    /// # Errors
    /// Those of the database.
    pub fn devices(&self) -> Result<Vec<Device>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT device FROM devices ORDER BY id")?;
            let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
            rows.map(|row| cells::from_cbor(&row?)).collect()
        })
    }
}

const USER: &str = "id, name, role, department, active";

/// Departments of the people whom user `?1` supervises.
pub(super) const STAFF_DEPARTMENTS: &str = "
    WITH RECURSIVE mine (id) AS (
        SELECT department FROM users WHERE id = ?1 AND role = 'supervisor'
        UNION SELECT d.id FROM departments d JOIN mine ON d.parent = mine.id)
    SELECT id FROM mine
    UNION SELECT department FROM users WHERE EXISTS (SELECT 1 FROM users WHERE id = ?1 AND role = 'admin')";

/// The names of all people.
pub(super) fn names(conn: &Connection) -> Result<HashMap<Uuid, String>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT id, name FROM users")?;
    let names = statement.query_map([], |row| Ok((cells::id(row, 0)?, row.get(1)?)))?;
    Ok(names.collect::<Result<_, _>>()?)
}

pub(super) fn user(conn: &Connection, id: UserId) -> Result<Option<User>, StoreError> {
    let mut statement = conn.prepare_cached(&format!("SELECT {USER} FROM users WHERE id = ?"))?;
    Ok(statement.query_row([id.bytes()], read_user).optional()?)
}

fn read_user(row: &Row<'_>) -> rusqlite::Result<User> {
    let role: String = row.get(2)?;
    Ok(User {
        id: UserId(cells::id(row, 0)?),
        name: row.get(1)?,
        // A role of a newer version may do no more than the least of the known ones.
        role: Role::parse(&role).unwrap_or(Role::Rep),
        department: DepartmentId(cells::id(row, 3)?),
        active: row.get(4)?,
    })
}

pub(super) fn put_user(conn: &Connection, user: &User) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached(
        "INSERT OR REPLACE INTO users (id, name, sort, role, department, active) VALUES (?,?,?,?,?,?)",
    )?;
    statement.execute(params![
        user.id.bytes(),
        user.name,
        collate::sort_key(&user.name),
        user.role.key(),
        user.department.bytes(),
        user.active
    ])?;
    Ok(())
}

pub(super) fn department(conn: &Connection, id: DepartmentId) -> Result<Option<Department>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT id, name, parent FROM departments WHERE id = ?")?;
    Ok(statement.query_row([id.bytes()], read_department).optional()?)
}

fn read_department(row: &Row<'_>) -> rusqlite::Result<Department> {
    Ok(Department {
        id: DepartmentId(cells::id(row, 0)?),
        name: row.get(1)?,
        parent: cells::id_or_none(row, 2)?.map(DepartmentId),
    })
}

pub(super) fn put_department(conn: &Connection, department: &Department) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached("INSERT OR REPLACE INTO departments (id, name, parent) VALUES (?,?,?)")?;
    let parent = department.parent.as_ref().map(DepartmentId::bytes);
    statement.execute(params![department.id.bytes(), department.name, parent])?;
    Ok(())
}

pub(super) fn put_author(conn: &Connection, author: &Author) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached("INSERT OR REPLACE INTO authors (device, name, user) VALUES (?,?,?)")?;
    statement.execute(params![author.device.bytes(), author.name, author.user.bytes()])?;
    Ok(())
}

/// Replaces the list of devices by what the server says now.
pub(super) fn put_devices(conn: &Connection, devices: &[Device]) -> Result<(), StoreError> {
    conn.execute("DELETE FROM devices", [])?;
    let mut statement = conn.prepare_cached("INSERT OR REPLACE INTO devices (id, owner, device) VALUES (?,?,?)")?;
    for device in devices {
        statement.execute(params![device.id.bytes(), device.user.bytes(), cells::to_cbor(device)?])?;
    }
    Ok(())
}

/// What the office says about a record, by its row number.
pub(super) fn authority(conn: &Connection, n: i64) -> Result<RecordAuthority, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT created_by, received_at, responsible, department, assigned, hand_overs, merged FROM authority WHERE n = ?",
    )?;
    let found = statement.query_row([n], |row| {
        let responsible = cells::id_or_none(row, 2)?.map(UserId);
        let department = cells::id_or_none(row, 3)?.map(DepartmentId);
        let authority = RecordAuthority {
            created_by: cells::id_or_none(row, 0)?.map(UserId),
            received_at: cells::instant(row, 1)?,
            client: responsible
                .zip(department)
                .map(|(responsible, department)| ClientAuthority { responsible, department }),
            assigned: cells::id_or_none(row, 4)?.map(UserId),
            hand_overs: Vec::new(),
            merged: None,
        };
        Ok((authority, row.get::<_, Option<Vec<u8>>>(5)?, row.get::<_, Option<Vec<u8>>>(6)?))
    });
    let Some((mut authority, hand_overs, merged)) = found.optional()? else { return Ok(RecordAuthority::default()) };
    if let Some(hand_overs) = hand_overs {
        authority.hand_overs = cells::from_cbor(&hand_overs)?;
    }
    authority.merged = merged.map(|merged| cells::from_cbor(&merged)).transpose()?;
    Ok(authority)
}

pub(super) fn put_authority(conn: &Connection, n: i64, authority: &RecordAuthority) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached(
        "INSERT OR REPLACE INTO authority (n, created_by, received_at, responsible, department, assigned, hand_overs, merged)
         VALUES (?,?,?,?,?,?,?,?)",
    )?;
    let hand_overs = match authority.hand_overs.as_slice() {
        [] => None,
        some => Some(cells::to_cbor(&some)?),
    };
    let merged = authority.merged.as_ref().map(cells::to_cbor).transpose()?;
    statement.execute(params![
        n,
        authority.created_by.as_ref().map(UserId::bytes),
        authority.received_at.map(|at| at.timestamp_millis()),
        authority.client.as_ref().map(|client| client.responsible.bytes()),
        authority.client.as_ref().map(|client| client.department.bytes()),
        authority.assigned.as_ref().map(UserId::bytes),
        hand_overs,
        merged
    ])?;
    Ok(())
}

/// Clients merged into another one, with their row numbers.
pub(super) fn merged(conn: &Connection) -> Result<Vec<(i64, Merged)>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT n, merged FROM authority WHERE merged IS NOT NULL ORDER BY n")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    rows.map(|row| {
        let (n, merged) = row?;
        Ok((n, cells::from_cbor(&merged)?))
    })
    .collect()
}

pub(super) fn delete_authority(conn: &Connection, n: i64) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM authority WHERE n = ?")?.execute([n])?;
    Ok(())
}
