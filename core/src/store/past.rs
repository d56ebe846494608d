//! How a record came to be what it is: its changes with their authors and what is known of their way to the server.

use std::collections::BTreeMap;

use super::error::StoreError;
use super::open::Store;
use super::records::ActorName;
use super::stamps::{Stamp, Stamps};
use super::{access, documents, state};
use crate::docs::{Hash, Record, Step};
use crate::domain::ids::RecordId;

/// A change with everything that is known of it.
#[derive(Clone, Debug)]
pub struct PastStep {
    /// What it changed.
    pub step: Step,
    /// Who made it, on which device.
    pub by: ActorName,
    /// When it reached the server.
    pub stamp: Stamp,
}

impl Store {
    /// All changes of a record, each after the ones it builds on and otherwise by time.
    ///
    /// # Errors
    /// `NotFound`, `RecordDamaged`, `UnknownKind`.
    pub fn past(&self, id: RecordId) -> Result<Vec<PastStep>, StoreError> {
        let (steps, stamps) = self.setting_aside(|store| {
            store.read(|conn| {
                let document = visible(conn, id)?;
                let kind = store.layouts().need(&document.kind)?.kind;
                let steps = documents::load(&document)?.history(kind).map_err(|_| StoreError::RecordDamaged(id))?;
                Ok((steps, Stamps::of(conn, id)?))
            })
        })?;
        let mut names: BTreeMap<Vec<u8>, ActorName> = BTreeMap::new();
        let mut past = Vec::with_capacity(steps.len());
        for step in steps {
            let by = match names.get(&step.actor) {
                Some(name) => name.clone(),
                None => {
                    let name = self.actor_name(&step.actor)?;
                    names.insert(step.actor.clone(), name.clone());
                    name
                }
            };
            past.push(PastStep { by, stamp: stamps.stamp(&step.hash), step });
        }
        Ok(past)
    }

    /// The record as it was after a change.
    ///
    /// # Errors
    /// `NotFound` also for a change it does not have; `RecordDamaged`, `UnknownKind`.
    pub fn record_after(&self, id: RecordId, change: &Hash) -> Result<Record, StoreError> {
        self.setting_aside(|store| {
            store.read(|conn| {
                let document = visible(conn, id)?;
                let kind = store.layouts().need(&document.kind)?.kind;
                let then = documents::load(&document)?.read_after(kind, change);
                then.map_err(|_| StoreError::RecordDamaged(id))?.ok_or(StoreError::NotFound)
            })
        })
    }
}

/// A record this person may see; another one looks like none (VIS-2).
fn visible(conn: &rusqlite::Connection, id: RecordId) -> Result<documents::Document, StoreError> {
    let document = documents::find(conn, id)?.ok_or(StoreError::NotFound)?;
    match access::best_level(conn, &state::me(conn)?, &document.homes)? {
        Some(_) => Ok(document),
        None => Err(StoreError::NotFound),
    }
}
