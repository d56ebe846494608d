//! The client: made with his legal entity, shown on one card.

use chrono::NaiveDate;

use super::absences::Covers;
use super::api::*;
use super::entities::ties;
use super::handle::Open;
use super::interactions::Lines;
use super::orders::Pending;
use super::people::People;
use super::shown::{Titles, all_filled, patch};
use super::status::count;
use super::why::reasons;
use super::{App, Code, Error};
use crate::domain::ids::*;
use crate::domain::interactions::{begin_of, zone};
use crate::domain::kinds::{client, entity_link, legal_entity, person};
use crate::domain::patch::Patch;
use crate::domain::value::Value;
use crate::store::interactions::HistoryFilter;
use crate::store::records::ViewRow;
use crate::store::write::Write;
use crate::store::{Store, StoreError};

/// Rows of history on the card before anybody asked for more.
const FIRST_HISTORY: u32 = 50;

impl App {
    /// Makes a client with his legal entity and the link between them, all or nothing.
    ///
    /// # Errors
    /// `required`, `bad_value`, `disk_full`.
    pub fn create_client(&self, argument: CreateClient) -> Result<Saved, Error> {
        let store = self.store()?;
        let ids = self.ids();
        let (of_client, of_entity) = (self.kind(client::KIND.key)?, self.kind(legal_entity::KIND.key)?);
        let facts = patch(of_client, &argument.client, &Fields::new(), ids)?;
        all_filled(of_client, &facts)?;
        let mut entity = patch(of_entity, &argument.legal_entity, &Fields::new(), ids)?;
        let registered = legal_entity::REGISTERED_NAME.key();
        if entity.set.get(registered).is_none_or(Value::is_empty) {
            let name = facts.set.get(client::NAME.key()).cloned().unwrap_or(Value::Empty);
            entity.set.insert(registered.to_owned(), name);
        }
        let (client_id, entity_id) = (RecordId(ids.fresh()), RecordId(ids.fresh()));
        let link = Patch::new()
            .set(entity_link::PARTNER, client_id)
            .set(entity_link::LEGAL_ENTITY, entity_id)
            .set(entity_link::MAIN, true);
        let under = |kind: &str, id: RecordId, patch: Patch| Write::Create {
            kind: kind.to_owned(),
            id,
            client: Some(client_id),
            patch,
        };
        let writes = vec![
            Write::Create { kind: client::KIND.key.to_owned(), id: client_id, client: None, patch: facts },
            under(legal_entity::KIND.key, entity_id, entity),
            under(entity_link::KIND.key, RecordId(ids.fresh()), link),
        ];
        self.save(&store, client_id, writes)
    }

    /// All that a client's card shows at first sight.
    ///
    /// # Errors
    /// `not_found`, `record_damaged`.
    pub fn client_card(&self, argument: ClientKey) -> Result<ClientCard, Error> {
        let Open { store, .. } = self.opened()?;
        let record = self.view(&store, argument.client)?;
        if record.row.kind != client::KIND.key {
            return Err(Code::NotFound.into());
        }
        let (people, pending) = (People::of(&store)?, Pending::of(&store)?);
        let lines = Lines { viewed: self.viewed(), people: &people, pending: &pending };
        let history = store.history(argument.client, &HistoryFilter::default(), 0, FIRST_HISTORY)?;
        let responsible = store.authority(argument.client)?.client.map(|client| client.responsible);
        let persons = store.rows_under(argument.client, person::KIND.key)?;
        let entities = self.views(&store, legal_entities(&store, argument.client)?)?;
        Ok(ClientCard {
            responsible: responsible.and_then(|user| people.person(user)),
            persons: self.views(&store, persons.iter().map(|row| row.id))?,
            ties: ties(&store, argument.client, &entities)?,
            legal_entities: entities,
            planned: lines.rows(&store, &store.planned_with(argument.client)?)?,
            history: lines.rows(&store, &history.rows)?,
            n_history: count(history.total),
            facets: facets(&store, &people, argument.client)?,
            reasons: reasons(&store, argument.client)?,
            cover: Covers::of(&store, &people)?.of_client(argument.client),
            pending_move: pending
                .move_of(argument.client)
                .and_then(|(command, to)| people.person(to).map(|to| PendingMove { command, to })),
            record,
        })
    }

    /// A later page of a client's history.
    ///
    /// # Errors
    /// `not_found`.
    pub fn client_history(&self, argument: HistoryRequest) -> Result<HistoryPage, Error> {
        let store = self.store()?;
        if store.row(argument.client)?.is_none_or(|row| row.kind != client::KIND.key) {
            return Err(Code::NotFound.into());
        }
        let (people, pending) = (People::of(&store)?, Pending::of(&store)?);
        let lines = Lines { viewed: self.viewed(), people: &people, pending: &pending };
        let zone = zone(&self.looks().zone);
        let begin = |day: NaiveDate| begin_of(day, zone);
        let filter = HistoryFilter {
            channels: argument.channels,
            person: argument.person,
            from: argument.from.map(begin),
            before: argument.until.and_then(|day| day.succ_opt()).map(begin),
        };
        let page = store.history(argument.client, &filter, argument.offset, argument.limit.min(500))?;
        Ok(HistoryPage { total: count(page.total), rows: lines.rows(&store, &page.rows)? })
    }

    /// Whole records; those that left or cannot be read are left out, the card still opens.
    fn views(&self, store: &Store, ids: impl IntoIterator<Item = RecordId>) -> Result<Vec<RecordView>, Error> {
        let mut views = Vec::new();
        for id in ids {
            match self.view(store, id) {
                Ok(view) => views.push(view),
                Err(error) if matches!(error.code(), Code::NotFound | Code::RecordDamaged) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(views)
    }
}

fn facets(store: &Store, people: &People, client: RecordId) -> Result<HistoryFacets, StoreError> {
    let found = store.history_facets(client)?;
    let titles = Titles::of(store, [], found.persons.iter().map(|person| person.0))?;
    Ok(HistoryFacets {
        channels: found.channels.into_iter().collect(),
        colleagues: found.colleagues.into_iter().filter_map(|user| people.person(user)).collect(),
        persons: found.persons.into_iter().map(|person| titles.reference(person.0)).collect(),
    })
}

/// Legal entities of a client, the main one first; those nobody linked come last.
fn legal_entities(store: &Store, client: RecordId) -> Result<Vec<RecordId>, StoreError> {
    let mut links = store.rows_under(client, entity_link::KIND.key)?;
    links.sort_by_key(|link| (!link.get(entity_link::MAIN).unwrap_or(false), link.id));
    let mut entities: Vec<RecordId> = Vec::new();
    let linked = links.iter().filter_map(|link| link.get(entity_link::LEGAL_ENTITY));
    let unlinked = store.rows_under(client, legal_entity::KIND.key)?;
    for id in linked.chain(unlinked.iter().map(|row| row.id)) {
        let there = |row: ViewRow| !row.trashed && (!row.with_client || row.client == Some(client));
        let there = store.row(id)?.is_some_and(there);
        if there && !entities.contains(&id) {
            entities.push(id);
        }
    }
    Ok(entities)
}
