//! Between values of fields and what the interface reads and writes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use uuid::Uuid;

use super::api::{Entry, Fields, Reference, Shown};
use super::{Code, Error};
use crate::domain::ids::*;
use crate::domain::kind::{FieldDecl, FieldType, Kind, Source};
use crate::domain::patch::Patch;
use crate::domain::value::{self, Value};
use crate::store::{Store, StoreError};

/// Names of the records and colleagues that values point at.
#[derive(Default)]
pub(super) struct Titles(BTreeMap<Uuid, String>);

impl Titles {
    /// Looks all names up at once.
    pub fn of<'a>(
        store: &Store,
        values: impl IntoIterator<Item = &'a Value>,
        more: impl IntoIterator<Item = Uuid>,
    ) -> Result<Self, StoreError> {
        let mut ids: BTreeSet<Uuid> = more.into_iter().collect();
        for value in values {
            collect_ids(value, &mut ids);
        }
        if ids.is_empty() {
            return Ok(Self::default());
        }
        store.titles(&ids).map(Self)
    }

    /// A name; empty where this device does not know it.
    pub fn title(&self, id: Uuid) -> String {
        self.0.get(&id).cloned().unwrap_or_default()
    }

    /// A pointer with its name.
    pub fn reference(&self, id: Uuid) -> Reference {
        Reference { id: id.to_string(), title: self.title(id) }
    }

    /// A value as the interface reads it.
    pub fn shown(&self, value: &Value) -> Shown {
        match value {
            Value::Empty => Shown::Empty,
            Value::Bool(flag) => Shown::Bool(*flag),
            Value::Int(number) => Shown::Int(*number),
            Value::Id(id) => Shown::Reference(self.reference(*id)),
            Value::Entries(entries) => {
                Shown::Entries(entries.iter().filter(|it| !it.removed).map(|it| self.entry(it)).collect())
            }
            plain => Shown::Text(text_of(plain)),
        }
    }

    /// Values as the interface reads them, empty ones left out.
    pub fn fields(&self, values: &BTreeMap<String, Value>) -> Fields {
        let filled = values.iter().filter(|(_, value)| !value.is_empty());
        filled.map(|(key, value)| (key.clone(), self.shown(value))).collect()
    }

    fn entry(&self, entry: &value::Entry) -> Entry {
        let title = match entry.value.as_ref() {
            Value::Id(id) => self.title(*id),
            _ => String::new(),
        };
        let (value, label) = (text_of(&entry.value), entry.label.clone());
        Entry { entry: Some(entry.id), value, label, title, removed: entry.removed }
    }
}

/// What a person typed into a form, as a patch; `seen` is what stood there before.
pub(super) fn patch(kind: &Kind, changed: &Fields, seen: &Fields, ids: &dyn IdSource) -> Result<Patch, Error> {
    let mut patch = Patch::new();
    for (key, shown) in changed {
        let field = writable(kind, key)?;
        patch.set.insert(key.clone(), value_of(field, shown, ids)?);
    }
    for (key, shown) in seen {
        // What was seen in a field that is left alone says nothing.
        if changed.contains_key(key) {
            patch.seen.insert(key.clone(), value_of(writable(kind, key)?, shown, ids)?);
        }
    }
    Ok(patch)
}

/// Required fields must be filled in what is made …
pub(super) fn all_filled(kind: &Kind, patch: &Patch) -> Result<(), Error> {
    let required = kind.document_fields().filter(|field| field.required);
    for field in required {
        if patch.set.get(field.key).is_none_or(is_blank) {
            return Err(Error::with(Code::Required, "field", field.key));
        }
    }
    Ok(())
}

/// … and are not emptied by an edit.
pub(super) fn none_emptied(kind: &Kind, patch: &Patch) -> Result<(), Error> {
    let required = kind.document_fields().filter(|field| field.required);
    for field in required {
        if patch.set.get(field.key).is_some_and(is_blank) {
            return Err(Error::with(Code::Required, "field", field.key));
        }
    }
    Ok(())
}

/// A value typed for a field of the document.
pub(super) fn value_of(field: &FieldDecl, shown: &Shown, ids: &dyn IdSource) -> Result<Value, Error> {
    let bad = || Error::with(Code::BadValue, "field", field.key);
    if !field.many {
        return single(field.field_type, shown).ok_or_else(bad);
    }
    let entries = match shown {
        Shown::Empty => return Ok(Value::Entries(Vec::new())),
        Shown::Entries(entries) => entries,
        _ => return Err(bad()),
    };
    let read = entries.iter().map(|entry| {
        let id = entry.entry.unwrap_or_else(|| EntryId(ids.fresh()));
        let value = single(field.field_type, &Shown::Text(entry.value.clone())).ok_or_else(bad)?;
        // An entry emptied in the form is an entry taken away.
        let removed = entry.removed || value.is_empty();
        Ok(value::Entry { id, value: Box::new(value), label: entry.label.trim().to_owned(), removed })
    });
    // A new line left empty is no entry at all.
    let mut read = read.collect::<Result<Vec<_>, Error>>()?;
    let known: BTreeSet<EntryId> = entries.iter().filter_map(|entry| entry.entry).collect();
    read.retain(|entry| !entry.removed || known.contains(&entry.id));
    read.sort_by_key(|entry| entry.id);
    Ok(Value::Entries(read))
}

/// The text of a value, as an entry or a snippet carries it.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::Empty | Value::Entries(_) => String::new(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Day(day) => day.format("%Y-%m-%d").to_string(),
        Value::Instant(at) => at.to_rfc3339_opts(SecondsFormat::Millis, true),
        Value::Id(id) => id.to_string(),
    }
}

fn writable(kind: &Kind, key: &str) -> Result<&'static FieldDecl, Error> {
    let field = kind.field(key).filter(|field| field.source == Source::Document);
    field.ok_or_else(|| Error::with(Code::BadValue, "field", key))
}

fn is_blank(value: &Value) -> bool {
    matches!(value, Value::Text(text) if text.trim().is_empty()) || value.is_empty()
}

fn single(field_type: FieldType, shown: &Shown) -> Option<Value> {
    let text = match shown {
        Shown::Empty => return Some(Value::Empty),
        Shown::Text(text) if text.is_empty() => return Some(Value::Empty),
        Shown::Text(text) => Some(text.as_str()),
        _ => None,
    };
    match field_type {
        // Line ends and spaces around a line are slips of the finger, inside a note they are the person's.
        FieldType::Text | FieldType::Phone | FieldType::Email | FieldType::Url | FieldType::Choice(_) => {
            text.map(|text| filled_text(text.trim()))
        }
        FieldType::Memo | FieldType::Note => text.map(filled_text),
        FieldType::Day => NaiveDate::parse_from_str(text?, "%Y-%m-%d").ok().map(Value::Day),
        FieldType::Instant => {
            let at = DateTime::parse_from_rfc3339(text?).ok()?;
            // Documents keep milliseconds; what comes back must equal what was written.
            DateTime::<Utc>::from_timestamp_millis(at.timestamp_millis()).map(Value::Instant)
        }
        FieldType::Bool => match shown {
            Shown::Bool(flag) => Some(Value::Bool(*flag)),
            _ => text?.parse().ok().map(Value::Bool),
        },
        FieldType::Int => match shown {
            Shown::Int(number) => Some(Value::Int(*number)),
            _ => text?.trim().parse().ok().map(Value::Int),
        },
        FieldType::Reference(_) | FieldType::User => {
            let id = match shown {
                Shown::Reference(reference) if reference.id.is_empty() => return Some(Value::Empty),
                Shown::Reference(reference) => &reference.id,
                _ => text?,
            };
            Uuid::parse_str(id).ok().map(Value::Id)
        }
    }
}

fn filled_text(text: &str) -> Value {
    if text.is_empty() { Value::Empty } else { Value::Text(text.to_owned()) }
}

fn collect_ids(value: &Value, ids: &mut BTreeSet<Uuid>) {
    match value {
        Value::Id(id) => {
            ids.insert(*id);
        }
        Value::Entries(entries) => entries.iter().for_each(|entry| collect_ids(&entry.value, ids)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::domain::kinds::{client, interaction, legal_entity};
    use crate::system::SystemIds;

    fn text(text: &str) -> Shown {
        Shown::Text(text.to_owned())
    }

    fn read(decl: FieldDecl, shown: &Shown) -> Result<Value, Code> {
        value_of(&decl, shown, &SystemIds).map_err(|error| error.code())
    }

    #[rstest]
    #[case(client::NAME.decl, text("  Ромашка "), Value::Text("Ромашка".to_owned()))]
    #[case(client::NOTE.decl, text(" two\nlines "), Value::Text(" two\nlines ".to_owned()))]
    #[case(client::NAME.decl, text("   "), Value::Empty)]
    #[case(client::CONTACT_EVERY.decl, Shown::Int(14), Value::Int(14))]
    #[case(client::CONTACT_EVERY.decl, text("14"), Value::Int(14))]
    #[case(client::IS_CLIENT.decl, Shown::Bool(true), Value::Bool(true))]
    #[case(interaction::NEXT_CONTACT.decl, text("2026-12-01"), Value::Day(NaiveDate::from_ymd_opt(2026, 12, 1).unwrap()))]
    #[case(interaction::STARTS_AT.decl, text("2026-12-01T10:00:00.1234567+02:00"), Value::Instant("2026-12-01T08:00:00.123Z".parse().unwrap()))]
    #[case(legal_entity::COUNTRY.decl, Shown::Empty, Value::Empty)]
    fn what_a_form_sends_becomes_the_fields_value(#[case] decl: FieldDecl, #[case] shown: Shown, #[case] value: Value) {
        assert_eq!(read(decl, &shown), Ok(value));
    }

    #[rstest]
    #[case(client::CONTACT_EVERY.decl, text("often"))]
    #[case(client::NAME.decl, Shown::Int(3))]
    #[case(client::PHONES.decl, text("+380441234567"))]
    #[case(interaction::NEXT_CONTACT.decl, text("01.12.2026"))]
    #[case(client::REGION.decl, text("Kyiv"))]
    fn what_does_not_fit_is_refused_by_name_of_the_field(#[case] decl: FieldDecl, #[case] shown: Shown) {
        assert_eq!(read(decl, &shown), Err(Code::BadValue));
    }

    #[test]
    fn an_empty_new_line_is_no_entry_and_an_emptied_one_is_taken_away() {
        let known = EntryId(Uuid::from_u128(9));
        let line = |entry, value: &str| Entry {
            entry,
            value: value.to_owned(),
            label: String::new(),
            title: String::new(),
            removed: false,
        };
        let shown = Shown::Entries(vec![line(None, ""), line(Some(known), ""), line(None, "+7 495 123")]);
        let Ok(Value::Entries(entries)) = read(client::PHONES.decl, &shown) else { panic!("no entries") };
        assert_eq!(entries.len(), 2);
        assert!(entries.iter().any(|entry| entry.id == known && entry.removed));
        assert!(entries.iter().any(|entry| *entry.value == Value::Text("+7 495 123".to_owned())));
    }

    #[test]
    fn fields_of_the_office_are_not_written_by_forms() {
        let changed = Fields::from([("responsible".to_owned(), text(&Uuid::from_u128(1).to_string()))]);
        let error = patch(&client::KIND, &changed, &Fields::new(), &SystemIds).unwrap_err();
        assert_eq!(error.code(), Code::BadValue);
    }

    #[test]
    fn what_is_shown_is_what_an_edit_gives_back_as_seen() {
        let at = Value::Instant("2026-12-01T08:00:00.5Z".parse().unwrap());
        let shown = Titles::default().shown(&at);
        assert_eq!(read(interaction::STARTS_AT.decl, &shown), Ok(at));
    }
}
