//! Records of any kind: whole records, generic edits, competing values, search.

use super::absences::Covers;
use super::api::*;
use super::people::People;
use super::shown::{Titles, all_filled, none_emptied, patch, value_of};
use super::{App, Code, Error};
use crate::docs::{self, TRASHED};
use crate::domain::authority::Level;
use crate::domain::custom;
use crate::domain::identifiers::{self, Doubt};
use crate::domain::ids::*;
use crate::domain::kind::{FieldDecl, FieldType, Kind};
use crate::domain::kinds::{client, custom_field, legal_entity};
use crate::domain::patch::Patch;
use crate::domain::phone::{self, Region};
use crate::domain::value::{self, Value};
use crate::store::records::{Stored, ViewRow};
use crate::store::write::{GroupDraft, Write, Written};
use crate::store::{Store, StoreError};

/// Most rows of one page.
const PAGE: u32 = 500;

impl App {
    /// One whole record.
    ///
    /// # Errors
    /// `not_found`, `record_damaged`.
    pub fn record(&self, argument: RecordKey) -> Result<RecordView, Error> {
        let store = self.store()?;
        let view = self.view(&store, argument.id)?;
        if view.row.kind != argument.kind {
            return Err(Code::NotFound.into());
        }
        Ok(view)
    }

    /// Makes a record.
    ///
    /// # Errors
    /// `required`, `bad_value`, `not_allowed`, `not_found` for the client, `disk_full`.
    pub fn create(&self, argument: Create) -> Result<Saved, Error> {
        let store = self.store()?;
        let kind = self.kind(&argument.kind)?;
        let patch = patch(kind, &argument.fields, &Fields::new(), self.ids())?;
        all_filled(kind, &patch)?;
        if kind.key == custom_field::KIND.key
            && let Some(field) = custom::flaw(&self.registry(), &patch.set)
        {
            return Err(Error::with(Code::BadValue, "field", field));
        }
        let id = RecordId(self.ids().fresh());
        let client = argument.client;
        let mut writes = vec![Write::Create { kind: argument.kind, id, client, patch }];
        if let Some(naming) = argument.named_in {
            writes.push(self.naming(&store, kind, id, naming)?);
        }
        self.save(&store, id, writes)
    }

    /// Edits fields of a record; a field somebody changed meanwhile comes back with its value now (rule 5).
    ///
    /// # Errors
    /// `changed_meanwhile`, `required`, `bad_value`, `not_allowed`, `not_found`, `disk_full`.
    pub fn edit(&self, argument: Edit) -> Result<Saved, Error> {
        let store = self.store()?;
        let kind = self.kind_of(&store, &argument.kind, argument.id)?;
        let patch = patch(kind, &argument.changed, &argument.seen, self.ids())?;
        none_emptied(kind, &patch)?;
        self.save(&store, argument.id, vec![Write::Edit { id: argument.id, patch }])
    }

    /// Puts a record into the trash.
    ///
    /// # Errors
    /// As [`App::edit`].
    pub fn trash(&self, argument: RecordKey) -> Result<Saved, Error> {
        self.set_trashed(&argument, true)
    }

    /// Takes a record out of the trash.
    ///
    /// # Errors
    /// As [`App::edit`].
    pub fn restore(&self, argument: RecordKey) -> Result<Saved, Error> {
        self.set_trashed(&argument, false)
    }

    /// Settles a field with competing values by an edit of one's own.
    ///
    /// # Errors
    /// As [`App::edit`].
    pub fn choose(&self, argument: Choose) -> Result<Saved, Error> {
        let store = self.store()?;
        let kind = self.kind_of(&store, &argument.kind, argument.id)?;
        let bad = || Error::with(Code::BadValue, "field", &argument.field);
        let field = kind.document_fields().find(|field| field.key == argument.field).ok_or_else(bad)?;
        let mut patch = Patch::new();
        if field.many {
            let stored = store.record(argument.id)?;
            let entry = argument.entry.or_else(|| only_entry(&stored.record, field.key)).ok_or_else(bad)?;
            let one = Entry { entry: Some(entry), ..entry_of(argument.value).ok_or_else(bad)? };
            let mut value = value_of(field, &Shown::Entries(vec![one]), self.ids())?;
            keep_label(&mut value, stored.record.values.get(field.key));
            patch.set.insert(field.key.to_owned(), value);
        } else {
            patch.set.insert(field.key.to_owned(), value_of(field, &argument.value, self.ids())?);
        }
        none_emptied(kind, &patch)?;
        self.save(&store, argument.id, vec![Write::Edit { id: argument.id, patch }])
    }

    /// All fields with competing values this device knows of.
    ///
    /// # Errors
    /// Those of the database.
    pub fn reviews(&self, _: Nothing) -> Result<Vec<Review>, Error> {
        let store = self.store()?;
        let mut reviews = Vec::new();
        for row in store.rows_to_review(PAGE)? {
            match store.record(row.id) {
                Ok(stored) => reviews.extend(reviews_of(&store, &stored)?),
                // It left, or cannot be read: the others still want a look.
                Err(StoreError::NotFound | StoreError::RecordDamaged(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(reviews)
    }

    /// What looks wrong in values as typed; never blocks anything.
    ///
    /// # Errors
    /// `unknown_kind`.
    pub fn check_fields(&self, argument: CheckFields) -> Result<Vec<FieldWarning>, Error> {
        let kind = self.kind(&argument.kind)?;
        let readable = argument.fields.iter().filter_map(|(key, shown)| {
            let value = value_of(kind.field(key)?, shown, self.ids()).ok()?;
            Some((key.clone(), value))
        });
        Ok(warnings(kind, &readable.collect(), self.store()?.region()?))
    }

    /// The edit by which a record about to be made stands in a field of another.
    fn naming(&self, store: &Store, made: &Kind, id: RecordId, naming: NamedIn) -> Result<Write, Error> {
        let kind = self.kind_of(store, &naming.kind, naming.id)?;
        let field = kind.document_fields().find(|field| field.key == naming.field);
        let names = |field: &&FieldDecl| matches!(field.field_type, FieldType::Reference(to) if to == made.key);
        let field = field.filter(names).ok_or_else(|| Error::with(Code::BadValue, "field", &naming.field))?;
        let title = String::new();
        let (shown, seen) = match field.many {
            true => {
                let entry = Entry { entry: None, value: id.to_string(), label: String::new(), title, removed: false };
                (Shown::Entries(vec![entry]), Shown::Empty)
            }
            false => (Shown::Reference(Reference { id: id.to_string(), title }), naming.seen),
        };
        let changed = Fields::from([(naming.field.clone(), shown)]);
        let patch = patch(kind, &changed, &Fields::from([(naming.field, seen)]), self.ids())?;
        Ok(Write::Edit { id: naming.id, patch })
    }

    fn set_trashed(&self, key: &RecordKey, trashed: bool) -> Result<Saved, Error> {
        let store = self.store()?;
        self.kind_of(&store, &key.kind, key.id)?;
        let patch = Patch::new().set_key(TRASHED, Value::Bool(trashed));
        self.save(&store, key.id, vec![Write::Edit { id: key.id, patch }])
    }

    pub(super) fn kind(&self, key: &str) -> Result<&'static Kind, Error> {
        self.registry().kind(key).ok_or_else(|| Code::UnknownKind.into())
    }

    /// The kind the caller names, where the record is of it; a foreign id looks like none (VIS-2).
    pub(super) fn kind_of(&self, store: &Store, key: &str, id: RecordId) -> Result<&'static Kind, Error> {
        let kind = self.kind(key)?;
        match store.row(id)? {
            Some(row) if row.kind == key => Ok(kind),
            _ => Err(Code::NotFound.into()),
        }
    }

    /// Writes a group, tells the interface and has it sent.
    pub(super) fn save(&self, store: &Store, id: RecordId, writes: Vec<Write>) -> Result<Saved, Error> {
        let draft = GroupDraft { at: self.now(), writes };
        let written = store.act(&draft, self.ids()).map_err(|error| told(store, error))?;
        Ok(self.saved(id, &written))
    }

    pub(super) fn saved(&self, id: RecordId, written: &Written) -> Saved {
        self.written(&written.touched);
        Saved { id, group: written.group, action: written.action }
    }

    pub(super) fn view(&self, store: &Store, id: RecordId) -> Result<RecordView, Error> {
        let stored = store.record(id)?;
        let mut row = rows(store, std::slice::from_ref(&stored.row))?.pop().ok_or(Code::NotFound)?;
        let (kind, region) = (self.registry().kind(&row.kind), store.region()?);
        if let Some(kind) = kind {
            show_phones(kind, &mut row.fields, region);
        }
        let (merged_into, merged) = match row.kind == client::KIND.key {
            true => self.merges_of(store, id)?,
            false => (None, Vec::new()),
        };
        // What was merged is as it was then; nothing is made for it any more.
        let is_part = merged_into.as_ref().is_some_and(|part| part.at.is_some());
        Ok(RecordView {
            merged_into,
            merged,
            access: if is_part { Access::Read } else { access(&stored) },
            unsent_fields: stored.unsent_fields.iter().cloned().collect(),
            reviews: reviews_of(store, &stored)?,
            trashed: stored.row.trashed,
            client_trashed: stored.row.with_client,
            created_at: stored.row.created_at,
            warnings: kind.map(|kind| warnings(kind, &stored.row.values, region)).unwrap_or_default(),
            row,
        })
    }
}

/// Rows as lists show them, names looked up once for all.
pub(super) fn rows(store: &Store, rows: &[ViewRow]) -> Result<Vec<Row>, StoreError> {
    let clients = rows.iter().filter_map(|row| row.client).map(|client| client.0);
    let titles = Titles::of(store, rows.iter().flat_map(|row| row.values.values()), clients)?;
    let covers = match rows.first() {
        Some(row) if row.kind == client::KIND.key && store.knows_absences()? => {
            Some(Covers::of(store, &People::of(store)?)?)
        }
        _ => None,
    };
    let row = |row: &ViewRow| Row {
        id: row.id,
        kind: row.kind.clone(),
        title: row.title.clone(),
        client: row.client.map(|client| titles.reference(client.0)),
        fields: titles.fields(&row.values),
        unsent: row.unsent,
        n_reviews: row.n_reviews,
        cover: covers.as_ref().and_then(|covers| covers.of_client(row.id)),
        marks: Vec::new(),
    };
    Ok(rows.iter().map(row).collect())
}

/// What the database said, with the names a person needs.
pub(super) fn told(store: &Store, error: StoreError) -> Error {
    let StoreError::ChangedMeanwhile { fields, .. } = error else { return error.into() };
    let titles = Titles::of(store, fields.values(), []).unwrap_or_default();
    Error::ChangedMeanwhile(fields.iter().map(|(key, value)| (key.clone(), titles.shown(value))).collect())
}

pub(super) fn access(stored: &Stored) -> Access {
    match stored.level {
        _ if stored.may_edit => Access::Write,
        Level::Read => Access::Read,
        Level::Add | Level::Write => Access::Add,
    }
}

fn reviews_of(store: &Store, stored: &Stored) -> Result<Vec<Review>, StoreError> {
    if stored.record.competing.is_empty() {
        return Ok(Vec::new());
    }
    let values = stored.record.competing.values().flatten().map(|competing| &competing.value);
    let titles = Titles::of(store, values, stored.row.client.map(|client| client.0))?;
    let mut reviews = Vec::new();
    for (key, competing) in &stored.record.competing {
        let (field, entry) = match key.split_once('/') {
            Some((field, entry)) => (field, entry.parse().ok()),
            None => (key.as_str(), None),
        };
        let values = competing.iter().map(|one| competing_view(store, &titles, stored.row.id, one));
        reviews.push(Review {
            id: stored.row.id,
            kind: stored.row.kind.clone(),
            title: stored.row.title.clone(),
            client: stored.row.client.map(|client| titles.reference(client.0)),
            field: field.to_owned(),
            entry,
            values: values.collect::<Result<_, _>>()?,
        });
    }
    Ok(reviews)
}

fn competing_view(
    store: &Store,
    titles: &Titles,
    record: RecordId,
    one: &docs::Competing,
) -> Result<Competing, StoreError> {
    let (name, stamp) = (store.actor_name(&one.actor)?, store.stamp(record, &one.hash)?);
    Ok(Competing {
        value: titles.shown(&one.value),
        author: name.author,
        device: name.device,
        at: Some(one.at),
        received_at: stamp.received_at,
        away_since: stamp.away_since,
        skew: minutes(stamp.skew),
        unsent: stamp.unsent,
    })
}

/// Whole minutes, rounded away from zero: a clock that is wrong at all is not shown as right.
pub(super) fn minutes(seconds: i64) -> i64 {
    seconds.signum() * (seconds.abs() + 59).div_euclid(60)
}

/// Phones beside how people read them; what is compared and edited stays as it was typed.
fn show_phones(kind: &Kind, fields: &mut Fields, region: Option<Region>) {
    for field in kind.fields.iter().filter(|field| field.many && field.field_type == FieldType::Phone) {
        if let Some(Shown::Entries(entries)) = fields.get_mut(field.key) {
            for entry in entries {
                entry.title = phone::readable(&entry.value, region);
            }
        }
    }
}

fn warnings(
    kind: &Kind,
    values: &std::collections::BTreeMap<String, Value>,
    region: Option<Region>,
) -> Vec<FieldWarning> {
    let mut found = Vec::new();
    if kind.key == legal_entity::KIND.key {
        found.extend(identifiers::doubts(values).into_iter().map(|(field, doubt)| FieldWarning {
            field: field.to_owned(),
            entry: None,
            code: match doubt {
                Doubt::Length => WarningCode::WrongLength,
                Doubt::Form => WarningCode::WrongForm,
                Doubt::CheckDigit => WarningCode::WrongCheckDigit,
            },
        }));
    }
    for field in kind.fields.iter().filter(|field| field.field_type == FieldType::Phone) {
        let mut look = |entry: Option<EntryId>, value: &Value| {
            if matches!(value, Value::Text(text) if phone::is_doubtful(text, region)) {
                found.push(FieldWarning { field: field.key.to_owned(), entry, code: WarningCode::UnknownPhone });
            }
        };
        match values.get(field.key) {
            Some(Value::Entries(entries)) => {
                entries.iter().filter(|entry| !entry.removed).for_each(|entry| look(Some(entry.id), &entry.value));
            }
            Some(value) => look(None, value),
            None => {}
        }
    }
    found
}

/// The entry that wants a choice, where there is only one.
fn only_entry(record: &docs::Record, field: &str) -> Option<EntryId> {
    let mut entries = record.competing.keys().filter_map(|key| {
        let (of, entry) = key.split_once('/')?;
        (of == field).then(|| entry.parse().ok()).flatten()
    });
    let only = entries.next();
    if entries.next().is_some() { None } else { only }
}

/// The picked value of an entry: its text, or nothing where taking it away was picked.
fn entry_of(value: Shown) -> Option<Entry> {
    let (value, removed) = match value {
        Shown::Empty => (String::new(), true),
        Shown::Text(text) => (text, false),
        Shown::Reference(reference) => (reference.id, false),
        _ => return None,
    };
    Some(Entry { entry: None, value, label: String::new(), title: String::new(), removed })
}

fn keep_label(value: &mut Value, now: Option<&Value>) {
    let (Value::Entries(chosen), Some(Value::Entries(held))) = (value, now) else { return };
    for entry in chosen {
        let same = |other: &&value::Entry| other.id == entry.id;
        if let Some(other) = held.iter().find(same) {
            entry.label.clone_from(&other.label);
        }
    }
}
