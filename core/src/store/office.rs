//! What this device knows of the office, for rehearsals without the server (rule 1).

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::open::Store;
use super::outbox::{self, ItemState};
use super::{absences, access, cells, documents, mirror, state};
use crate::domain::absence::{Absence, Stage};
use crate::domain::authority::*;
use crate::domain::decide::{OfficeView, Proposed};
use crate::domain::ids::*;
use crate::domain::kinds::{client, interaction};
use crate::domain::merge::Merged;
use crate::domain::order::Event;
use crate::sync::wire::ProposalState;

/// The office as this device knows it, in one snapshot. Questions the database fails to answer are answered as
/// "not known": a rehearsal is only a forecast.
pub struct Office {
    store: Store,
    conn: Option<Connection>,
    me: UserId,
}

impl Store {
    /// A snapshot of the mirror to rehearse on.
    ///
    /// # Errors
    /// Those of the database.
    pub fn office(&self) -> Result<Office, StoreError> {
        let conn = self.reader()?;
        conn.execute_batch("BEGIN")?;
        let me = state::me(&conn)?.user;
        Ok(Office { store: self.clone(), conn: Some(conn), me })
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take()
            && conn.execute_batch("COMMIT").is_ok()
        {
            self.store.give_back(conn);
        }
    }
}

impl Office {
    fn ids_where(&self, kind: &str, condition: &str, person: UserId) -> Vec<RecordId> {
        let found = self.ask(|conn| {
            let layout = self.store.layouts().need(kind)?;
            let sql = format!("SELECT id FROM {} WHERE {condition} ORDER BY id", layout.table);
            let mut statement = conn.prepare_cached(&sql)?;
            let ids = statement.query_map([person.bytes()], |row| cells::id(row, 0))?;
            Ok(Some(ids.map(|id| id.map(RecordId)).collect::<Result<Vec<_>, _>>()?))
        });
        found.unwrap_or_default()
    }

    fn ask<T>(&self, question: impl FnOnce(&Connection) -> Result<Option<T>, StoreError>) -> Option<T> {
        question(self.conn.as_ref()?).unwrap_or_else(|error| {
            tracing::warn!(code = error.code(), "asking the mirror of the office");
            None
        })
    }
}

/// Running absences in which somebody stands in for a client.
fn substituted(conn: &Connection, client: RecordId) -> Result<Vec<Absence>, StoreError> {
    let Some(n) = documents::number(conn, client)? else { return Ok(Vec::new()) };
    let Some(held) = mirror::authority(conn, n)?.client else { return Ok(Vec::new()) };
    let mut found = absences::of(conn, held.responsible)?;
    found.retain(|absence| absence.stage == Stage::Running);
    Ok(found)
}

impl OfficeView for Office {
    fn user(&self, id: UserId) -> Option<User> {
        self.ask(|conn| mirror::user(conn, id))
    }

    fn department(&self, id: DepartmentId) -> Option<Department> {
        self.ask(|conn| mirror::department(conn, id))
    }

    fn client(&self, id: RecordId) -> Option<ClientAuthority> {
        self.ask(|conn| match documents::number(conn, id)? {
            Some(n) => Ok(mirror::authority(conn, n)?.client),
            None => Ok(None),
        })
    }

    fn interaction(&self, id: RecordId) -> Option<Assignment> {
        self.ask(|conn| {
            let Some((n, kind, Some(client))) = documents::place(conn, id)? else { return Ok(None) };
            let layout = self.store.layouts().need(interaction::KIND.key)?;
            if kind != layout.kind.key {
                return Ok(None);
            }
            let authority = mirror::authority(conn, n)?;
            let Some(assigned) = authority.assigned else { return Ok(None) };
            let sql = format!("SELECT f_state = 'planned' AND trashed <> 1 FROM {} WHERE n = ?", layout.table);
            let open: Option<Option<bool>> = conn.prepare_cached(&sql)?.query_row([n], |row| row.get(0)).optional()?;
            let open = open.flatten().unwrap_or(false);
            Ok(Some(Assignment { client, assigned, open, hand_overs: authority.hand_overs }))
        })
    }

    fn open_interactions(&self, client: RecordId, assigned: UserId) -> Vec<RecordId> {
        let found = self.ask(|conn| {
            let layout = self.store.layouts().need(interaction::KIND.key)?;
            let sql = format!(
                "SELECT id FROM {} WHERE client = ? AND f_state = 'planned' AND f_assigned = ? AND trashed <> 1 ORDER BY id",
                layout.table
            );
            let mut statement = conn.prepare_cached(&sql)?;
            let ids = statement.query_map(params![client.bytes(), assigned.bytes()], |row| cells::id(row, 0))?;
            Ok(Some(ids.map(|id| id.map(RecordId)).collect::<Result<Vec<_>, _>>()?))
        });
        found.unwrap_or_default()
    }

    fn grants(&self, home: Home, user: UserId) -> Vec<Grant> {
        if user == self.me {
            return self.ask(|conn| access::grants(conn, home).map(Some)).unwrap_or_default();
        }
        // Of others a device knows who is responsible and who has work to do.
        let Home::Client(client) = home else { return Vec::new() };
        let mut grants = Vec::new();
        let responsible = self.client(client).is_some_and(|held| held.responsible == user);
        if responsible {
            grants.push(Grant { reason: Reason::Responsible, level: Level::Write, until: None });
        } else {
            grants.extend(self.open_interactions(client, user).into_iter().map(|interaction| Grant {
                reason: Reason::Assigned(interaction),
                level: Level::Add,
                until: None,
            }));
        }
        for absence in self.ask(|conn| substituted(conn, client).map(Some)).unwrap_or_default() {
            if absence.substitute_for(client) == Some(user) {
                let reason = Reason::Substitute(absence.id);
                grants.push(Grant { reason, level: Level::Write, until: absence.until });
            }
        }
        grants
    }

    fn device(&self, id: DeviceId) -> Option<Device> {
        self.ask(|conn| {
            let mut statement = conn.prepare_cached("SELECT device FROM devices WHERE id = ?")?;
            let bytes: Option<Vec<u8>> = statement.query_row([id.bytes()], |row| row.get(0)).optional()?;
            bytes.map(|bytes| cells::from_cbor(&bytes)).transpose()
        })
    }

    fn exists(&self, record: RecordId) -> bool {
        self.ask(|conn| documents::number(conn, record)).is_some()
    }

    /// Erasures this device ordered itself; of others it does not know.
    fn erasure(&self, record: RecordId) -> Option<(CommandId, DateTime<Utc>)> {
        self.ask(|conn| {
            let mut standing = None;
            for item in
                outbox::select(conn, "command_id IS NOT NULL AND plan IS NOT NULL AND state = 5 ORDER BY seq", [])?
            {
                for event in item.plan.into_iter().flat_map(|plan| plan.events) {
                    match event {
                        Event::ErasureOrdered { record: of, order, due } if of == record => {
                            standing = Some((order, due))
                        }
                        Event::ErasureWithdrawn { record: of, .. } if of == record => standing = None,
                        _ => {}
                    }
                }
            }
            Ok(standing)
        })
    }

    fn devices_of(&self, user: UserId) -> Vec<Device> {
        let found = self.ask(|conn| {
            let mut statement = conn.prepare_cached("SELECT device FROM devices WHERE owner = ? ORDER BY id")?;
            let rows = statement.query_map([user.bytes()], |row| row.get::<_, Vec<u8>>(0))?;
            Ok(Some(rows.map(|row| cells::from_cbor(&row?)).collect::<Result<Vec<_>, StoreError>>()?))
        });
        found.unwrap_or_default()
    }

    fn proposal(&self, id: ProposalId) -> Option<Proposed> {
        self.ask(|conn| {
            let mut statement = conn.prepare_cached("SELECT state FROM proposals WHERE id = ?")?;
            let bytes: Option<Vec<u8>> = statement.query_row([id.bytes()], |row| row.get(0)).optional()?;
            let Some(bytes) = bytes else { return Ok(None) };
            let state: ProposalState = cells::from_cbor(&bytes)?;
            Ok(Some(Proposed {
                record: state.record.id,
                client: state.client,
                author: state.author,
                decided: state.accepted.is_some(),
            }))
        })
    }

    fn applied(&self, id: CommandId) -> Option<(UserId, Vec<Event>)> {
        self.ask(|conn| {
            let item = outbox::select(conn, "command_id = ?", [id.bytes()])?.pop();
            let applied = item.filter(|item| item.state == ItemState::Applied).and_then(|item| item.plan);
            Ok(applied.map(|plan| (self.me, plan.events)))
        })
    }

    fn absence(&self, id: AbsenceId) -> Option<Absence> {
        self.ask(|conn| Ok(absences::find(conn, id)?.map(|state| state.absence)))
    }

    fn absences_of(&self, person: UserId) -> Vec<Absence> {
        let mut known = self.ask(|conn| absences::of(conn, person).map(Some)).unwrap_or_default();
        known.retain(Absence::is_alive);
        known
    }

    fn clients_of(&self, person: UserId) -> Vec<RecordId> {
        self.ids_where(client::KIND.key, "f_responsible = ?", person)
    }

    fn holders(&self, home: Home) -> Vec<(UserId, Grant)> {
        let Home::Client(client) = home else { return Vec::new() };
        let mut people: BTreeSet<UserId> = BTreeSet::from([self.me]);
        people.extend(self.client(client).map(|held| held.responsible));
        let assigned = self.ask(|conn| {
            let layout = self.store.layouts().need(interaction::KIND.key)?;
            let sql = format!(
                "SELECT DISTINCT f_assigned FROM {} WHERE client = ? AND f_assigned IS NOT NULL AND trashed <> 1",
                layout.table
            );
            let mut statement = conn.prepare_cached(&sql)?;
            let ids = statement.query_map([client.bytes()], |row| cells::id(row, 0).map(UserId))?;
            Ok(Some(ids.collect::<Result<Vec<_>, _>>()?))
        });
        people.extend(assigned.unwrap_or_default());
        let covers = self.ask(|conn| substituted(conn, client).map(Some)).unwrap_or_default();
        people.extend(covers.iter().filter_map(|absence| absence.substitute_for(client)));
        let own = |grant: &Grant| !matches!(grant.reason, Reason::Supervisor(_));
        let grants = |user: UserId| self.grants(home, user).into_iter().filter(own).map(move |grant| (user, grant));
        people.into_iter().flat_map(grants).collect()
    }

    fn merged(&self, client: RecordId) -> Option<Merged> {
        self.ask(|conn| match documents::number(conn, client)? {
            Some(n) => Ok(mirror::authority(conn, n)?.merged),
            None => Ok(None),
        })
    }

    fn came_with(&self, _: RecordId) -> BTreeSet<RecordId> {
        BTreeSet::new()
    }

    fn open_of(&self, person: UserId) -> Vec<RecordId> {
        self.ids_where(interaction::KIND.key, "f_state = 'planned' AND trashed <> 1 AND f_assigned = ?", person)
    }
}
