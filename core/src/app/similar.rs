//! What belongs to a record, and clients that look like one about to be made (C-009).

use super::api::*;
use super::people::People;
use super::records::rows;
use super::status::count;
use super::twins::MergeRights;
use super::{App, Code, Error};
use crate::domain::ids::*;
use crate::domain::kinds::{client, legal_entity};
use crate::store::Store;
use crate::store::similar::{Alike, Likeness};

/// Rows of one tab before anybody asked for more.
const ROWS: u32 = 50;
/// More than this nobody compares.
const SHOWN: usize = 5;

impl App {
    /// What belongs to a record, by kind and by the field that names it.
    ///
    /// # Errors
    /// `not_found`.
    pub fn related(&self, argument: RecordKey) -> Result<Vec<Related>, Error> {
        let store = self.store()?;
        self.kind_of(&store, &argument.kind, argument.id)?;
        let mut tabs = Vec::new();
        for related in store.related(argument.id, ROWS)? {
            tabs.push(Related {
                kind: related.kind.to_owned(),
                field: related.field.map(str::to_owned),
                total: count(related.page.total),
                rows: rows(&store, &related.page.rows)?,
            });
        }
        // In the order of menus.
        let rank = |tab: &Related| self.registry().iter().position(|kind| kind.key == tab.kind);
        tabs.sort_by_key(rank);
        Ok(tabs)
    }

    /// Clients on this device that look like one about to be made, the likeliest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn similar_clients(&self, argument: LikeClient) -> Result<Vec<SimilarClient>, Error> {
        let store = self.store()?;
        let (own, entity) = (&argument.client, &argument.legal_entity);
        let texts = |of: &Fields, keys: &[&str]| keys.iter().flat_map(|key| texts(of.get(*key))).collect();
        let mut names: Vec<String> = texts(own, &[client::NAME.key()]);
        names.extend::<Vec<_>>(texts(entity, &[legal_entity::REGISTERED_NAME.key()]));
        let like = Likeness {
            names,
            numbers: texts(entity, &[legal_entity::TAX_NUMBER.key(), legal_entity::REGISTRY_NUMBER.key()]),
            phones: texts(own, &[client::PHONES.key()]),
            emails: texts(own, &[client::EMAILS.key()]),
        };
        let (people, rights) = (People::of(&store)?, MergeRights::of(self, &store)?);
        let mut similar = Vec::new();
        for (id, reasons) in store.similar(&like, SHOWN)? {
            let one = similar_client(&store, &people, id, reasons.into_iter().map(shown).collect())?;
            similar.push(SimilarClient { may_merge: rights.with_new(id), ..one });
        }
        Ok(similar)
    }
}

pub(super) fn similar_client(
    store: &Store,
    people: &People,
    id: RecordId,
    reasons: Vec<Alikeness>,
) -> Result<SimilarClient, Error> {
    let row = store.row(id)?.ok_or(Code::NotFound)?;
    let responsible = store.authority(id)?.client.map(|held| held.responsible);
    Ok(SimilarClient {
        city: row.get(client::CITY).unwrap_or_default(),
        responsible: responsible.and_then(|user| people.person(user)),
        client: Reference { id: id.to_string(), title: row.title },
        reasons,
        may_merge: false,
    })
}

pub(super) fn shown(why: Alike) -> Alikeness {
    match why {
        Alike::Number => Alikeness::Number,
        Alike::Phone => Alikeness::Phone,
        Alike::Email => Alikeness::Email,
        Alike::Name => Alikeness::Name,
    }
}

/// What stands in a field as texts: one, or those of its entries.
fn texts(shown: Option<&Shown>) -> Vec<String> {
    match shown {
        Some(Shown::Text(text)) => vec![text.clone()],
        Some(Shown::Entries(entries)) => entries.iter().map(|entry| entry.value.clone()).collect(),
        _ => Vec::new(),
    }
}
