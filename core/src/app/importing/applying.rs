//! What a row writes: new records, or the difference between what it says and what stands here.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::matching::{Matching, text};
use crate::app::Error;
use crate::app::api::ImportMode;
use crate::domain::authority::{Home, Level};
use crate::domain::fold::fold;
use crate::domain::ids::*;
use crate::domain::kind::{FieldType, HomeRule, Kind};
use crate::domain::kinds::{client, entity_link, legal_entity, person};
use crate::domain::likeness;
use crate::domain::patch::Patch;
use crate::domain::phone::Region;
use crate::domain::value::{Entry, Value};
use crate::exchange::keys::{self, Key};
use crate::exchange::row::{self, Draft, Fault, Part};
use crate::exchange::values::Why;
use crate::store::imports::{Did, RowWrite};
use crate::store::records::ViewRow;
use crate::store::write::{GroupDraft, Write};
use crate::store::{Store, StoreError};

/// What a row comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    New,
    Updated,
    Same,
}

/// Applies rows one after the other.
pub(super) struct Applying<'a> {
    pub store: &'a Store,
    pub ids: &'a dyn IdSource,
    pub at: DateTime<Utc>,
    /// The kind imported.
    pub kind: &'static Kind,
    pub mode: ImportMode,
    pub country: String,
    pub matching: Matching,
    /// Titles of catalogue records of the kind imported.
    pub titles: HashMap<String, Vec<RecordId>>,
}

/// The edits of a row, gathered.
struct Gathered {
    writes: Vec<Write>,
    did: Vec<(RecordId, String, Did)>,
    creates: bool,
}

impl Applying<'_> {
    /// The record a row is about, where it is here: the client for those that come with one.
    pub fn subject(&self, draft: &Draft) -> Result<Option<RecordId>, RowError> {
        if let Some(id) = draft.part(self.kind).and_then(|part| part.id)
            && let Some(row) = self.store.row(id)?
            && row.kind == self.kind.key
        {
            if row.trashed {
                return Err(Fault::of_row(Why::Trashed).into());
            }
            return Ok(Some(if self.in_family() { row.client.unwrap_or(id) } else { id }));
        }
        // A card of a person names him, and with him his client.
        for id in draft.parts.values().filter_map(|part| part.id).filter(|_| self.in_family()) {
            if let Some(row) = self.store.row(id)?.filter(|row| !row.trashed) {
                return Ok(row.client.or(Some(id)));
            }
        }
        if self.kind.home == HomeRule::Organisation {
            let title = draft.part(self.kind).map(|part| fold(part.text(self.kind.title))).unwrap_or_default();
            return match self.titles.get(&title).map(Vec::as_slice) {
                Some([only]) => Ok(Some(*only)),
                Some([_, ..]) => Err(Fault::of_row(Why::Ambiguous).into()),
                _ => Ok(None),
            };
        }
        Ok(self.matching.find(draft).map_err(Fault::of_row)?)
    }

    /// An id that is none of ours is another program's: the record keeps it and is found by it from then on.
    pub fn tell_foreign(&self, draft: &mut Draft) -> Result<(), StoreError> {
        for (kind, part) in draft.parts.iter_mut().filter(|(_, part)| !part.uid.is_empty()) {
            let uid = std::mem::take(&mut part.uid);
            let row = part.id.map(|id| self.store.row(id)).transpose()?.flatten();
            if row.is_none_or(|row| row.kind != *kind) {
                part.id = None;
                let ids = part.entries.entry(client::FOREIGN_IDS.key().to_owned()).or_default();
                ids.push((Value::Text(uid), String::new()));
            }
        }
        Ok(())
    }

    /// What a row writes, and to what that comes.
    pub fn row(&mut self, number: u64, draft: &Draft) -> Result<(RowWrite, Outcome, RecordId), RowError> {
        let subject = self.subject(draft)?;
        let mut gathered = Gathered { writes: Vec::new(), did: Vec::new(), creates: false };
        let id = match () {
            () if self.in_family() => self.family(&mut gathered, draft, subject)?,
            () if self.kind.home == HomeRule::Organisation => self.alone(&mut gathered, draft, subject, None)?,
            () if self.kind.home == HomeRule::Personal => self.alone(&mut gathered, draft, subject, None)?,
            () => self.under_client(&mut gathered, draft, subject)?,
        };
        let outcome = match () {
            () if gathered.creates => Outcome::New,
            () if gathered.writes.is_empty() => Outcome::Same,
            () => Outcome::Updated,
        };
        let draft = GroupDraft { at: self.at, writes: gathered.writes };
        Ok((RowWrite { row: number, draft, did: gathered.did }, outcome, id))
    }

    /// What a row made is known to those after it.
    pub fn taken(&mut self, draft: &Draft, id: RecordId) {
        if self.kind.home == HomeRule::Organisation {
            let title = draft.part(self.kind).map(|part| fold(part.text(self.kind.title))).unwrap_or_default();
            let named = self.titles.entry(title).or_default();
            if !named.contains(&id) {
                named.push(id);
            }
            return;
        }
        if self.in_family() {
            self.matching.add(draft, id);
        }
    }

    fn in_family(&self) -> bool {
        [client::KIND.key, legal_entity::KIND.key, person::KIND.key].contains(&self.kind.key)
    }

    fn family(&self, to: &mut Gathered, draft: &Draft, subject: Option<RecordId>) -> Result<RecordId, RowError> {
        let empty = Part::default();
        let part = draft.part(&client::KIND).unwrap_or(&empty);
        let Some(id) = subject else {
            if self.mode == ImportMode::Update {
                return Err(Fault::of_row(Why::NotThere).into());
            }
            if part.text(client::NAME.key()).is_empty() {
                return Err(Fault::of(Why::Required, client::KIND.key, client::NAME.key()).into());
            }
            let id = self.create(to, &client::KIND, None, part);
            self.entity(to, draft, id, true)?;
            self.person(to, draft, id, true)?;
            return Ok(id);
        };
        if self.mode == ImportMode::Create && self.kind.key == client::KIND.key {
            return Err(Fault::of_row(Why::There).into());
        }
        let row = self.store.row(id)?.ok_or(Fault::of_row(Why::NotThere))?;
        let before = to.writes.len();
        // A list of persons or legal entities names the client only to say whose they are.
        if self.kind.key == client::KIND.key {
            self.change(to, &client::KIND, &row, part);
        }
        self.entity(to, draft, id, false)?;
        self.person(to, draft, id, false)?;
        if to.writes.len() > before && self.store.level(Home::Client(id))? != Some(Level::Write) {
            return Err(Fault::of_row(Why::NotAllowed).into());
        }
        Ok(id)
    }

    fn entity(&self, to: &mut Gathered, draft: &Draft, client: RecordId, is_new: bool) -> Result<(), RowError> {
        let Some(part) = draft.part(&legal_entity::KIND) else { return Ok(()) };
        let there = if is_new { Vec::new() } else { self.store.rows_under(client, legal_entity::KIND.key)? };
        let wanted = row::keys_of_entity(&self.country, |field| part.text(field).to_owned());
        let same = |row: &&ViewRow| {
            let keys = row::keys_of_entity(&self.country, |field| text(row, field));
            let numbers = |keys: &[Key]| keys.iter().any(|key| matches!(key, Key::Tax(_) | Key::Registry(_)));
            match (numbers(&wanted), numbers(&keys)) {
                (true, true) => {
                    let branches = |keys: &[Key]| keys.iter().find(|key| matches!(key, Key::TaxAndBranch(..))).cloned();
                    let (one, other) = (branches(&wanted), branches(&keys));
                    wanted.iter().any(|key| keys.contains(key)) && (one.is_none() || other.is_none() || one == other)
                }
                // One that says only its name is the one of that name.
                _ => fold(&row.title) == fold(part.text(legal_entity::REGISTERED_NAME.key())),
            }
        };
        let by_id = part.id.and_then(|id| there.iter().find(|row| row.id == id));
        if let Some(row) = by_id.or_else(|| there.iter().find(same)) {
            self.must_be_new(&legal_entity::KIND)?;
            self.change(to, &legal_entity::KIND, row, part);
            return Ok(());
        }
        self.may_create(&legal_entity::KIND)?;
        let entity = self.create(to, &legal_entity::KIND, Some(client), part);
        let link = Patch::new()
            .set(entity_link::PARTNER, client)
            .set(entity_link::LEGAL_ENTITY, entity)
            .set(entity_link::MAIN, there.is_empty());
        self.create_with(to, &entity_link::KIND, Some(client), link);
        Ok(())
    }

    fn person(&self, to: &mut Gathered, draft: &Draft, client: RecordId, is_new: bool) -> Result<(), RowError> {
        let Some(part) = draft.part(&person::KIND) else { return Ok(()) };
        let there = if is_new { Vec::new() } else { self.store.rows_under(client, person::KIND.key)? };
        let name = fold(part.text(person::NAME.key()));
        let marks = |field: &str, form: &dyn Fn(&str) -> Option<String>| -> Vec<String> {
            let entries = part.entries.get(field).into_iter().flatten();
            entries.filter_map(|(value, _)| if let Value::Text(text) = value { form(text) } else { None }).collect()
        };
        let uids = marks(person::FOREIGN_IDS.key(), &keys::foreign);
        let phones = marks("phones", &|text| keys::phone(text, &self.country));
        let emails = marks("emails", &keys::email);
        let has = |row: &ViewRow, field: &str, form: &dyn Fn(&str) -> Option<String>, wanted: &[String]| {
            let Some(Value::Entries(entries)) = row.values.get(field) else { return false };
            let live = entries.iter().filter(|entry| !entry.removed);
            live.filter_map(|entry| if let Value::Text(text) = entry.value.as_ref() { form(text) } else { None })
                .any(|found| wanted.contains(&found))
        };
        let reaches = |row: &ViewRow| {
            has(row, "phones", &|text| keys::phone(text, &self.country), &phones)
                || has(row, "emails", &keys::email, &emails)
        };
        let by_id = part.id.and_then(|id| there.iter().find(|row| row.id == id));
        let by_uid = || there.iter().find(|row| has(row, person::FOREIGN_IDS.key(), &keys::foreign, &uids));
        let by_name = || there.iter().find(|row| !name.is_empty() && fold(&row.title) == name);
        // Colleagues share a phone: whoever has another name is somebody else.
        let by_reach = || there.iter().find(|row| name.is_empty() && reaches(row));
        if let Some(row) = by_id.or_else(by_uid).or_else(by_name).or_else(by_reach) {
            self.must_be_new(&person::KIND)?;
            self.change(to, &person::KIND, row, part);
            return Ok(());
        }
        if name.is_empty() {
            return Err(Fault::of(Why::Required, person::KIND.key, person::NAME.key()).into());
        }
        self.may_create(&person::KIND)?;
        self.create(to, &person::KIND, Some(client), part);
        Ok(())
    }

    fn must_be_new(&self, kind: &Kind) -> Result<(), RowError> {
        if self.mode == ImportMode::Create && self.kind.key == kind.key {
            return Err(Fault::of_row(Why::There).into());
        }
        Ok(())
    }

    fn may_create(&self, kind: &Kind) -> Result<(), RowError> {
        if self.mode == ImportMode::Update && self.kind.key == kind.key {
            return Err(Fault::of_row(Why::NotThere).into());
        }
        Ok(())
    }

    /// A record under a client that comes with nothing else; one that says the same is the same.
    fn under_client(&self, to: &mut Gathered, draft: &Draft, subject: Option<RecordId>) -> Result<RecordId, RowError> {
        let part = draft.part(self.kind).cloned().unwrap_or_default();
        if let Some(id) = part.id
            && let Some(row) = self.store.row(id)?
            && row.kind == self.kind.key
        {
            let client = row.client;
            return self.alone(to, draft, Some(id), client);
        }
        let client = subject.ok_or(Fault::of(Why::NoSuchRecord, client::KIND.key, client::NAME.key()))?;
        let says = |row: &&ViewRow| {
            part.values.iter().all(|(key, value)| row.values.get(key) == Some(value)) && !part.values.is_empty()
        };
        let there = self.store.rows_under(client, self.kind.key)?;
        let same = there.iter().find(says).map(|row| row.id);
        self.alone(to, draft, same, Some(client))
    }

    fn alone(
        &self,
        to: &mut Gathered,
        draft: &Draft,
        subject: Option<RecordId>,
        client: Option<RecordId>,
    ) -> Result<RecordId, RowError> {
        let part = draft.part(self.kind).cloned().unwrap_or_default();
        if let Some(id) = subject {
            self.must_be_new(self.kind)?;
            let row = self.store.row(id)?.ok_or(Fault::of_row(Why::NotThere))?;
            self.change(to, self.kind, &row, &part);
            return Ok(id);
        }
        self.may_create(self.kind)?;
        for field in self.kind.document_fields().filter(|field| field.required && !field.many) {
            if part.text(field.key).is_empty() && !part.values.contains_key(field.key) {
                return Err(Fault::of(Why::Required, self.kind.key, field.key).into());
            }
        }
        Ok(self.create(to, self.kind, client, &part))
    }

    fn create(&self, to: &mut Gathered, kind: &Kind, client: Option<RecordId>, part: &Part) -> RecordId {
        let mut patch = Patch::new();
        for (key, value) in &part.values {
            patch.set.insert(key.clone(), value.clone());
        }
        for (key, entries) in &part.entries {
            for (value, label) in distinct(kind, key, entries, &[], &self.country) {
                let id = EntryId(self.ids.fresh());
                patch.push_entry(key, Entry { id, value: Box::new(value), label, removed: false });
            }
        }
        self.create_with(to, kind, client, patch)
    }

    fn create_with(&self, to: &mut Gathered, kind: &Kind, client: Option<RecordId>, patch: Patch) -> RecordId {
        let id = RecordId(self.ids.fresh());
        let mut did = Did { creates: true, set: BTreeMap::new(), added: BTreeMap::new() };
        for (key, value) in &patch.set {
            match value {
                Value::Entries(entries) => {
                    let added = entries.iter().map(|entry| (entry.id, entry.value.as_ref().clone()));
                    did.added.insert(key.clone(), added.collect());
                }
                value => {
                    did.set.insert(key.clone(), (Value::Empty, value.clone()));
                }
            }
        }
        to.did.push((id, kind.key.to_owned(), did));
        to.writes.push(Write::Create { kind: kind.key.to_owned(), id, client, patch });
        to.creates |= kind.key == self.kind.key;
        id
    }

    /// Only what differs is written, with what stood there as seen; nothing is emptied and no entry taken away.
    fn change(&self, to: &mut Gathered, kind: &Kind, row: &ViewRow, part: &Part) {
        let mut patch = Patch::new();
        let mut did = Did { creates: false, set: BTreeMap::new(), added: BTreeMap::new() };
        for (key, value) in &part.values {
            let now = row.values.get(key).cloned().unwrap_or(Value::Empty);
            if now == *value {
                continue;
            }
            did.set.insert(key.clone(), (now.clone(), value.clone()));
            patch.seen.insert(key.clone(), now);
            patch.set.insert(key.clone(), value.clone());
        }
        for (key, entries) in &part.entries {
            let there = match row.values.get(key) {
                Some(Value::Entries(entries)) => entries.as_slice(),
                _ => &[],
            };
            for (value, label) in distinct(kind, key, entries, there, &self.country) {
                let id = EntryId(self.ids.fresh());
                did.added.entry(key.clone()).or_default().push((id, value.clone()));
                patch.push_entry(key, Entry { id, value: Box::new(value), label, removed: false });
            }
        }
        if !patch.is_empty() {
            to.did.push((row.id, kind.key.to_owned(), did));
            to.writes.push(Write::Edit { id: row.id, patch });
        }
    }
}

/// Entries that are not there yet, each once, however they are spelt.
fn distinct(
    kind: &Kind,
    key: &str,
    wanted: &[(Value, String)],
    there: &[Entry],
    country: &str,
) -> Vec<(Value, String)> {
    let field_type = kind.field(key).map_or(FieldType::Text, |field| field.field_type);
    let form = |value: &Value| likeness::spelt(field_type, value, Region::read(country));
    let mut known: Vec<String> = there.iter().map(|entry| form(&entry.value)).collect();
    let mut fresh = Vec::new();
    for (value, label) in wanted {
        let spelt = form(value);
        if !known.contains(&spelt) {
            known.push(spelt);
            fresh.push((value.clone(), label.clone()));
        }
    }
    fresh
}

/// A row's own fault, or an error that ends the import.
#[derive(Debug)]
pub(super) enum RowError {
    Fault(Fault),
    Ends(Error),
}

impl From<Fault> for RowError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Error> for RowError {
    fn from(error: Error) -> Self {
        Self::Ends(error)
    }
}

impl From<StoreError> for RowError {
    fn from(error: StoreError) -> Self {
        Self::Ends(error.into())
    }
}
