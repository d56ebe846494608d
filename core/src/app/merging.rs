//! Clients that were made twice: side by side, as one, and apart again (docs/adr/0014).
//!
//! The facts are an edit of the client that stays, made at once; who lives under whom is the office's to say. The order
//! goes up behind the edit, and taking it back takes the edit back as well.

use std::collections::{BTreeMap, BTreeSet};

use super::api::*;
use super::orders::{Foreseen, Pending, Shelf};
use super::people::People;
use super::shown::Titles;
use super::status::count;
use super::{App, Code, Error};
use crate::domain::authority::Home;
use crate::domain::ids::*;
use crate::domain::kind::{FieldDecl, FieldType, Kind};
use crate::domain::kinds::client;
use crate::domain::likeness;
use crate::domain::patch::Patch;
use crate::domain::phone::Region;
use crate::domain::value::{Entry, Value};
use crate::store::deeds::Deed;
use crate::store::records::Stored;
use crate::store::write::Write;
use crate::store::{Store, StoreError};

/// More than this nobody compares.
const TOGETHER: usize = 20;

impl App {
    /// Clients side by side, with what would become of each field.
    ///
    /// # Errors
    /// `not_found`; `bad_argument` for fewer than two, or more than twenty.
    pub fn compare_clients(&self, argument: CompareClients) -> Result<Comparison, Error> {
        let store = self.store()?;
        let kind = self.kind(client::KIND.key)?;
        let clients = whole(&store, &argument.clients)?;
        let people = People::of(&store)?;
        let values = clients.iter().flat_map(|stored| stored.row.values.values());
        let titles = Titles::of(&store, values, [])?;
        let mut fields = Vec::new();
        for field in kind.document_fields() {
            let of = |stored: &Stored| stored.row.values.get(field.key).cloned().unwrap_or(Value::Empty);
            let values: Vec<Value> = clients.iter().map(of).collect();
            if values.iter().all(Value::is_empty) {
                continue;
            }
            fields.push(ComparedField {
                field: field.key.to_owned(),
                joins: joins(field),
                proposed: count(proposed(&values) as u64),
                values: values.iter().map(|value| titles.shown(value)).collect(),
            });
        }
        let mut compared = Vec::new();
        for stored in &clients {
            let authority = store.authority(stored.row.id)?.client;
            compared.push(ComparedClient {
                client: Reference { id: stored.row.id.to_string(), title: stored.row.title.clone() },
                responsible: authority.and_then(|held| people.person(held.responsible)),
                created_at: stored.row.created_at,
                under: store.under(stored.row.id)?.into_iter().map(|(kind, n)| (kind, count(n))).collect(),
            });
        }
        Ok(Comparison { clients: compared, fields })
    }

    /// Makes one client of several: the one that stays gets the chosen values at once, everything else is the office's
    /// order behind it.
    ///
    /// # Errors
    /// As [`App::give_order`] and [`App::edit`].
    pub fn merge_clients(&self, argument: MergeClients) -> Result<CommandView, Error> {
        let store = self.store()?;
        let mut ids = vec![argument.into];
        ids.extend(&argument.others);
        let clients = whole(&store, &ids)?;
        let order = Order::MergeClients { into: argument.into, others: argument.others.clone() };
        // What the office would refuse must not leave an edit behind.
        let plan = self.sure_of(&store, &order)?;
        let mark = argument.confirmed.and_then(|confirmed| self.confirmed(&order, &confirmed, Some(plan)));
        let mut edits = Vec::new();
        let kind = self.kind(client::KIND.key)?;
        let patch = joined(kind, &clients, &argument.choices, store.region()?)?;
        if !patch.is_empty() {
            edits.push(Write::Edit { id: argument.into, patch });
        }
        let order = self.order(&store, &Foreseen::of(&store)?, &order)?;
        let mut deed = Deed { at: self.now(), edits, order, confirmed: mark, then: Vec::new() };
        for other in &argument.others {
            deed.then.extend(self.pointing(&store, *other, argument.into)?);
        }
        let command = self.do_deed(&store, &deed)?;
        Ok(Shelf::of(&store, self.now())?.view(&store.command(command)?)?)
    }

    /// The clients that are part of this one, and the one this is a part of.
    pub(super) fn merges_of(
        &self,
        store: &Store,
        id: RecordId,
    ) -> Result<(Option<MergedClient>, Vec<MergedClient>), Error> {
        let (into, parts) = (store.authority(id)?.merged, store.merged_into(id)?);
        let waits = Pending::of(store)?.merge_of(id);
        if into.is_none() && parts.is_empty() && waits.is_none() {
            return Ok((None, Vec::new()));
        }
        let ids = parts.iter().map(|(part, _)| part.0).chain(into.map(|merged| merged.into.0));
        let titles = Titles::of(store, [], ids.chain(waits.map(|(_, into)| into.0)))?;
        let people = People::of(store)?;
        let told = |other: RecordId, merged: &crate::domain::merge::Merged| MergedClient {
            client: titles.reference(other.0),
            by: people.person(merged.by),
            at: Some(merged.at),
            command: merged.command,
        };
        let waiting =
            waits.map(|(command, into)| MergedClient { client: titles.reference(into.0), by: None, at: None, command });
        let into = into.map(|merged| told(merged.into, &merged)).or(waiting);
        Ok((into, parts.iter().map(|(part, merged)| told(*part, merged)).collect()))
    }

    /// Edits of records that name a client in a field: they name the one that stays.
    fn pointing(&self, store: &Store, from: RecordId, to: RecordId) -> Result<Vec<Write>, Error> {
        let pointing = store.pointing_at(from)?;
        let ids: Vec<RecordId> = pointing.iter().map(|(id, ..)| *id).collect();
        let mut writes: BTreeMap<RecordId, Patch> = BTreeMap::new();
        for ((id, field, value), may_edit) in pointing.into_iter().zip(store.may_edit(&ids)?) {
            if !may_edit {
                continue;
            }
            let patch = writes.entry(id).or_default();
            match value {
                Value::Entries(entries) => {
                    for entry in entries.into_iter().filter(|entry| *entry.value == Value::Id(from.0)) {
                        patch.push_entry(field.key, Entry { value: Box::new(Value::Id(to.0)), ..entry });
                    }
                }
                _ => {
                    patch.set.insert(field.key.to_owned(), Value::Id(to.0));
                }
            }
        }
        Ok(writes.into_iter().map(|(id, patch)| Write::Edit { id, patch }).collect())
    }
}

/// Whole clients, each once, none of them in the trash.
fn whole(store: &Store, ids: &[RecordId]) -> Result<Vec<Stored>, Error> {
    let once: BTreeSet<&RecordId> = ids.iter().collect();
    if once.len() != ids.len() || !(2..=TOGETHER).contains(&ids.len()) {
        return Err(Code::BadArgument.into());
    }
    let mut clients = Vec::new();
    for id in ids {
        let stored = store.record(*id)?;
        let here = store.homes_of(*id)?.contains(&Home::Client(*id));
        if stored.row.kind != client::KIND.key || stored.row.trashed || !here {
            return Err(Code::NotFound.into());
        }
        clients.push(stored);
    }
    Ok(clients)
}

/// Lists keep all entries, notes all texts; of anything else one value stays.
fn joins(field: &FieldDecl) -> bool {
    field.many || field.field_type == FieldType::Note
}

/// The first one that says something.
fn proposed(values: &[Value]) -> usize {
    values.iter().position(|value| !value.is_empty() && *value != Value::Bool(false)).unwrap_or(0)
}

/// What the client that stays, the first one, is to be edited to.
fn joined(
    kind: &Kind,
    clients: &[Stored],
    choices: &BTreeMap<String, RecordId>,
    region: Option<Region>,
) -> Result<Patch, Error> {
    let mut patch = Patch::new();
    for field in kind.document_fields() {
        let of = |stored: &Stored| stored.row.values.get(field.key).cloned().unwrap_or(Value::Empty);
        let values: Vec<Value> = clients.iter().map(of).collect();
        let seen = &values[0];
        let wanted = match choices.get(field.key) {
            _ if field.many => {
                let fresh = entries(field, &values, region);
                if !fresh.is_empty() {
                    patch.set.insert(field.key.to_owned(), Value::Entries(fresh));
                }
                continue;
            }
            Some(chosen) => {
                let at = clients.iter().position(|stored| stored.row.id == *chosen);
                values[at.ok_or_else(|| Error::with(Code::BadValue, "field", field.key))?].clone()
            }
            None if field.field_type == FieldType::Note => notes(&values),
            None => values[proposed(&values)].clone(),
        };
        if wanted != *seen {
            patch.seen.insert(field.key.to_owned(), seen.clone());
            patch.set.insert(field.key.to_owned(), wanted);
        }
    }
    Ok(patch)
}

/// Entries the first one has not got, however they are spelt. They keep their ids: whoever else takes the same one over
/// writes the same entry.
fn entries(field: &FieldDecl, values: &[Value], region: Option<Region>) -> Vec<Entry> {
    let all = values.iter().map(|value| match value {
        Value::Entries(entries) => entries.as_slice(),
        _ => &[],
    });
    let mut known = BTreeSet::new();
    let mut fresh = Vec::new();
    for (at, held) in all.enumerate() {
        for entry in held.iter().filter(|entry| !entry.removed) {
            if known.insert(likeness::spelt(field.field_type, &entry.value, region)) && at > 0 {
                fresh.push(entry.clone());
            }
        }
    }
    fresh
}

/// All notes, one below the other, each once.
fn notes(values: &[Value]) -> Value {
    let mut texts: Vec<&str> = Vec::new();
    for value in values {
        if let Value::Text(text) = value
            && !text.trim().is_empty()
            && !texts.contains(&text.as_str())
        {
            texts.push(text);
        }
    }
    if texts.is_empty() { Value::Empty } else { Value::Text(texts.join("\n\n")) }
}

impl App {
    /// The late edit's record is part of another client by now: what it would change there.
    pub(super) fn late_for_merged(&self, store: &Store, proposal: ProposalId) -> Result<Option<Vec<String>>, Error> {
        let entry = match store.proposal(proposal) {
            Ok(entry) => entry,
            Err(StoreError::NotFound) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let record = entry.state.record.id;
        let merged = store.living(record)? != record;
        let kind = self.kind(client::KIND.key)?;
        let fields = entry.typed.keys().filter(|key| kind.field(key).is_some());
        Ok((merged && !entry.state.creates).then(|| fields.cloned().collect()))
    }
}
