//! Absences as the server last told: who is away, who stands in, until when.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::cells;
use super::error::StoreError;
use super::open::Store;
use crate::domain::absence::Absence;
use crate::domain::authority::{Home, Reason};
use crate::domain::ids::*;
use crate::domain::kinds::{client, interaction};
use crate::sync::wire::AbsenceState;

impl Store {
    /// True where this person knows of an absence.
    ///
    /// # Errors
    /// Those of the database.
    pub fn knows_absences(&self) -> Result<bool, StoreError> {
        self.read(|conn| Ok(conn.prepare_cached("SELECT 1 FROM absences LIMIT 1")?.exists([])?))
    }

    /// Absences this person knows of, soonest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn absences(&self) -> Result<Vec<AbsenceState>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT absence FROM absences")?;
            let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
            let mut absences: Vec<AbsenceState> = rows.map(|row| cells::from_cbor(&row?)).collect::<Result<_, _>>()?;
            absences.sort_by_key(|one| (one.absence.from, one.absence.id));
            Ok(absences)
        })
    }

    /// One absence.
    ///
    /// # Errors
    /// Those of the database.
    pub fn absence(&self, id: AbsenceId) -> Result<Option<AbsenceState>, StoreError> {
        self.read(|conn| find(conn, id))
    }
}

pub(super) fn find(conn: &Connection, id: AbsenceId) -> Result<Option<AbsenceState>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT absence FROM absences WHERE id = ?")?;
    let found: Option<Vec<u8>> = statement.query_row([id.bytes()], |row| row.get(0)).optional()?;
    found.map(|bytes| cells::from_cbor(&bytes)).transpose()
}

/// Absences of a person, whatever has become of them.
pub(super) fn of(conn: &Connection, person: UserId) -> Result<Vec<Absence>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT absence FROM absences WHERE person = ? ORDER BY id")?;
    let rows = statement.query_map([person.bytes()], |row| row.get::<_, Vec<u8>>(0))?;
    rows.map(|row| Ok(cells::from_cbor::<AbsenceState>(&row?)?.absence)).collect()
}

pub(super) fn put(conn: &Connection, state: &AbsenceState) -> Result<(), StoreError> {
    let absence = &state.absence;
    if state.gone {
        conn.prepare_cached("DELETE FROM absences WHERE id = ?")?.execute([absence.id.bytes()])?;
        return Ok(());
    }
    let mut statement =
        conn.prepare_cached("INSERT OR REPLACE INTO absences (id, person, stage, absence) VALUES (?,?,?,?)")?;
    let stage = absence.stage as i64;
    statement.execute(params![absence.id.bytes(), absence.person.bytes(), stage, cells::to_cbor(state)?])?;
    Ok(())
}

impl Store {
    /// Clients this person sees in somebody's place, each with the absence that shows it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn covered(&self) -> Result<Vec<(RecordId, AbsenceId)>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT home, reason FROM grants ORDER BY home")?;
            let mut rows = statement.query([])?;
            let mut covered = Vec::new();
            while let Some(row) = rows.next()? {
                let home = Home::from_bytes(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?);
                let reason: Reason = cells::from_cbor(&row.get::<_, Vec<u8>>(1)?)?;
                if let (Some(Home::Client(client)), Reason::Substitute(absence)) = (home, reason) {
                    covered.push((client, absence));
                }
            }
            Ok(covered)
        })
    }

    /// Regions in which a person has clients.
    ///
    /// # Errors
    /// Those of the database.
    pub fn regions_of(&self, person: UserId) -> Result<BTreeSet<RecordId>, StoreError> {
        let layout = self.layouts().need(client::KIND.key)?;
        self.read(|conn| {
            let sql = format!(
                "SELECT DISTINCT f_region FROM {} WHERE f_responsible = ? AND f_region IS NOT NULL AND trashed = 0",
                layout.table
            );
            let mut statement = conn.prepare_cached(&sql)?;
            let ids = statement.query_map([person.bytes()], |row| cells::id(row, 0).map(RecordId))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
    }

    /// The regions of clients; those without one are left out.
    ///
    /// # Errors
    /// Those of the database.
    pub fn region_of(&self, clients: &[RecordId]) -> Result<BTreeMap<RecordId, RecordId>, StoreError> {
        let layout = self.layouts().need(client::KIND.key)?;
        self.read(|conn| {
            let sql = format!("SELECT f_region FROM {} WHERE id = ? AND f_region IS NOT NULL", layout.table);
            let mut statement = conn.prepare_cached(&sql)?;
            let mut regions = BTreeMap::new();
            for client in clients {
                let found = statement.query_row([client.bytes()], |row| cells::id(row, 0)).optional()?;
                regions.extend(found.map(|region| (*client, RecordId(region))));
            }
            Ok(regions)
        })
    }

    /// How often people were in touch with clients: whoever did it, or was to do it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn acquaintance(&self, clients: &[RecordId]) -> Result<BTreeMap<RecordId, BTreeMap<UserId, u64>>, StoreError> {
        let layout = self.layouts().need(interaction::KIND.key)?;
        self.read(|conn| {
            let sql = format!(
                "SELECT coalesce(f_contactor, f_assigned), count(*) FROM {}
                 WHERE client = ? AND f_state = 'held' AND trashed = 0 GROUP BY 1",
                layout.table
            );
            let mut statement = conn.prepare_cached(&sql)?;
            let mut met: BTreeMap<RecordId, BTreeMap<UserId, u64>> = BTreeMap::new();
            for client in clients {
                let mut rows = statement.query([client.bytes()])?;
                while let Some(row) = rows.next()? {
                    if let Some(person) = cells::id_or_none(row, 0)? {
                        met.entry(*client).or_default().insert(UserId(person), cells::count(row, 1)?);
                    }
                }
            }
            Ok(met)
        })
    }
}
