//! Clients and legal entities, many to many (C-005..C-007): a link is a record under the client it is seen from, so that
//! whoever sees the client sees it.

use super::api::*;
use super::shown::{Titles, all_filled, patch};
use super::{App, Code, Error};
use crate::docs::TRASHED;
use crate::domain::ids::*;
use crate::domain::kinds::{client, entity_link, legal_entity};
use crate::domain::patch::Patch;
use crate::domain::value::Value;
use crate::store::records::ViewRow;
use crate::store::write::Write;
use crate::store::{Store, StoreError};

impl App {
    /// Links a client with a legal entity that is here, or with a new one made under him. The first one leads.
    ///
    /// # Errors
    /// `not_found`, `nothing_to_do` where they are linked, `required`, `bad_value`, `not_allowed`, `disk_full`.
    pub fn link_legal_entity(&self, argument: LinkLegalEntity) -> Result<Saved, Error> {
        let store = self.store()?;
        let of = argument.client;
        if store.row(of)?.is_none_or(|row| row.kind != client::KIND.key) {
            return Err(Code::NotFound.into());
        }
        let links = store.rows_under(of, entity_link::KIND.key)?;
        let mut writes = Vec::new();
        let entity = match argument.legal_entity {
            Some(id) => {
                self.kind_of(&store, legal_entity::KIND.key, id)?;
                if links.iter().any(|link| link.get(entity_link::LEGAL_ENTITY) == Some(id)) {
                    return Err(Code::NothingToDo.into());
                }
                id
            }
            None => {
                let kind = self.kind(legal_entity::KIND.key)?;
                let patch = patch(kind, &argument.fields, &Fields::new(), self.ids())?;
                all_filled(kind, &patch)?;
                let id = RecordId(self.ids().fresh());
                let kind = legal_entity::KIND.key.to_owned();
                writes.push(Write::Create { kind, id, client: Some(of), patch });
                id
            }
        };
        writes.push(self.link(of, entity, links.is_empty()));
        self.save(&store, entity, writes)
    }

    /// Has one of a client's legal entities stand first.
    ///
    /// # Errors
    /// `not_found`, `not_allowed`, `disk_full`.
    pub fn lead_legal_entity(&self, argument: ClientEntity) -> Result<Saved, Error> {
        let store = self.store()?;
        let ClientEntity { client: of, legal_entity: entity } = argument;
        self.kind_of(&store, legal_entity::KIND.key, entity)?;
        let links = store.rows_under(of, entity_link::KIND.key)?;
        let leads = |link: &ViewRow| link.get(entity_link::LEGAL_ENTITY) == Some(entity);
        let mut writes = Vec::new();
        for link in &links {
            if link.get(entity_link::MAIN).unwrap_or(false) != leads(link) {
                writes.push(Write::Edit { id: link.id, patch: Patch::new().set(entity_link::MAIN, leads(link)) });
            }
        }
        if !links.iter().any(leads) {
            writes.push(self.link(of, entity, true));
        }
        self.save(&store, entity, writes)
    }

    /// Takes a legal entity from a client; it stays with its other clients. One that lives under this client and has no
    /// other goes to the trash.
    ///
    /// # Errors
    /// `not_found`, `not_allowed`, `disk_full`.
    pub fn unlink_legal_entity(&self, argument: ClientEntity) -> Result<Saved, Error> {
        let store = self.store()?;
        let ClientEntity { client: of, legal_entity: entity } = argument;
        let row = store.row(entity)?.filter(|row| row.kind == legal_entity::KIND.key).ok_or(Code::NotFound)?;
        let away = |id: RecordId| Write::Edit { id, patch: Patch::new().set_key(TRASHED, Value::Bool(true)) };
        let links = store.rows_under(of, entity_link::KIND.key)?;
        let own = links.iter().filter(|link| link.get(entity_link::LEGAL_ENTITY) == Some(entity));
        let mut writes: Vec<Write> = own.map(|link| away(link.id)).collect();
        let alone = store.partners_of(entity)?.iter().all(|partner| *partner == of);
        if row.client == Some(of) && alone {
            writes.push(away(entity));
        }
        self.save(&store, entity, writes)
    }

    fn link(&self, of: RecordId, entity: RecordId, main: bool) -> Write {
        let patch = Patch::new()
            .set(entity_link::PARTNER, of)
            .set(entity_link::LEGAL_ENTITY, entity)
            .set(entity_link::MAIN, main);
        let (kind, id) = (entity_link::KIND.key.to_owned(), RecordId(self.ids().fresh()));
        Write::Create { kind, id, client: Some(of), patch }
    }
}

/// How a client stands to each of his legal entities.
pub(super) fn ties(store: &Store, of: RecordId, entities: &[RecordView]) -> Result<Vec<EntityTie>, StoreError> {
    let links = store.rows_under(of, entity_link::KIND.key)?;
    let mut found = Vec::new();
    for entity in entities.iter().map(|entity| entity.row.id) {
        let partners = store.partners_of(entity)?;
        let others: Vec<_> = partners.into_iter().filter(|partner| *partner != of).map(|partner| partner.0).collect();
        found.push((entity, others));
    }
    let titles = Titles::of(store, [], found.iter().flat_map(|(_, others)| others).copied())?;
    let tie = |(entity, others): (RecordId, Vec<uuid::Uuid>)| {
        let links = links.iter().filter(|link| link.get(entity_link::LEGAL_ENTITY) == Some(entity));
        EntityTie {
            legal_entity: entity,
            main: links.into_iter().any(|link| link.get(entity_link::MAIN).unwrap_or(false)),
            others: others.into_iter().map(|other| titles.reference(other)).collect(),
        }
    };
    Ok(found.into_iter().map(tie).collect())
}
