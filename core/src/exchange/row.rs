//! A row of a file as the records it describes.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::cell::{Cell, Row};
use super::columns::{self, FIRST, ID, LABEL, LINES, PATRONYMIC, SURNAME, Target, UID};
use super::keys::{self, Key};
use super::names::Name;
use super::values::{self, Reader, Why};
use crate::domain::ids::RecordId;
use crate::domain::kind::{FieldDecl, FieldType, Kind};
use crate::domain::kinds::{client, legal_entity, person};
use crate::domain::value::Value;

/// One record a row describes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// The record itself, where the row names it.
    pub id: Option<RecordId>,
    /// What another program calls it, or may call it; empty where nobody said.
    pub uid: String,
    /// Single values by field.
    pub values: BTreeMap<String, Value>,
    /// Entries of collections by field, with what they are for.
    pub entries: BTreeMap<String, Vec<(Value, String)>>,
}

impl Part {
    /// The text of a single field; empty where there is none.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        match self.values.get(field) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    fn is_empty(&self) -> bool {
        self.id.is_none() && self.uid.is_empty() && self.values.is_empty() && self.entries.is_empty()
    }
}

/// A value of a row that is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Why.
    pub why: Why,
    /// Kind and field it was meant for; empty where it is about the row.
    pub kind: String,
    /// The field.
    pub field: String,
}

impl Fault {
    /// About a whole row.
    #[must_use]
    pub fn of_row(why: Why) -> Self {
        Self { why, kind: String::new(), field: String::new() }
    }

    /// About a field.
    #[must_use]
    pub fn of(why: Why, kind: &str, field: &str) -> Self {
        Self { why, kind: kind.to_owned(), field: field.to_owned() }
    }
}

/// All records a row describes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// By kind.
    pub parts: BTreeMap<&'static str, Part>,
    /// Values that were left out and why, the row being taken all the same.
    pub left_out: Vec<Fault>,
}

impl Draft {
    /// The part of a kind.
    #[must_use]
    pub fn part(&self, kind: &Kind) -> Option<&Part> {
        self.parts.get(kind.key)
    }

    /// Everything its client may be found by, strongest first.
    #[must_use]
    pub fn keys(&self, country: &str) -> Vec<Key> {
        let mut found = Vec::new();
        if let Some(entity) = self.part(&legal_entity::KIND) {
            found.extend(keys_of_entity(country, |field| entity.text(field).to_owned()));
        }
        for kind in [&client::KIND, &person::KIND] {
            let Some(part) = self.part(kind) else { continue };
            let texts =
                |field: &str| part.entries.get(field).into_iter().flatten().filter_map(|(value, _)| text(value));
            found.extend(texts(client::FOREIGN_IDS.key()).filter_map(keys::foreign).map(Key::Foreign));
            found.extend(texts("emails").filter_map(keys::email).map(Key::Email));
            found.extend(texts("phones").filter_map(|phone| keys::phone(phone, country)).map(Key::Phone));
        }
        if let Some(client) = self.part(&client::KIND) {
            found.extend(Key::name(client.text("name"), client.text("city")));
        }
        found.sort();
        found.dedup();
        found
    }
}

/// Keys of a legal entity; its own country counts before the one the file is from.
pub fn keys_of_entity(country: &str, text: impl Fn(&str) -> String) -> Vec<Key> {
    let own = text(legal_entity::COUNTRY.key());
    let country = if own.is_empty() { country } else { &own };
    let (tax, branch) = (text(legal_entity::TAX_NUMBER.key()), text(legal_entity::BRANCH_NUMBER.key()));
    let registry = text(legal_entity::REGISTRY_NUMBER.key());
    let keys = [Key::branch(country, &tax, &branch), Key::tax(country, &tax), Key::registry(country, &registry)];
    keys.into_iter().flatten().collect()
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// Reads rows of one file.
pub struct Drafter<'a> {
    /// The kinds a row may hold, the one imported first.
    pub kinds: Vec<&'static Kind>,
    /// Where each column goes.
    pub columns: &'a [Option<Target>],
    /// Values for fields a row leaves empty.
    pub defaults: Vec<(Target, Value)>,
    /// Whose tax numbers they are.
    pub country: &'a str,
    /// A value that is not taken is left out, and the rest of the row taken: nobody corrects an address card.
    pub lenient: bool,
    /// Reads single cells.
    pub reader: Reader,
}

impl Drafter<'_> {
    /// The records of a row.
    ///
    /// # Errors
    /// The first fault for which the row cannot be taken.
    pub fn draft(&self, row: &Row) -> Result<Draft, Fault> {
        let mut draft = Draft::default();
        let mut name = Name::default();
        // What the column before says of this one.
        let mut said = "";
        for (target, cell) in self.columns.iter().zip(&row.cells) {
            let before = std::mem::take(&mut said);
            let Some(target) = target else { continue };
            if target.field == LABEL {
                said = values::label(&cell.text());
                continue;
            }
            let label = if target.label.is_empty() { before } else { &target.label };
            let Some(kind) = self.kinds.iter().find(|kind| kind.key == target.kind) else { continue };
            self.take(&mut draft, &mut name, kind, (target, label), cell)?;
        }
        self.complete(&mut draft, &name);
        let main = self.kinds.first().map_or("", |kind| kind.key);
        if !draft.parts.contains_key(main) {
            let title = self.kinds.first().map_or("", |kind| kind.title);
            return Err(Fault::of(Why::Required, main, title));
        }
        Ok(draft)
    }

    fn take(
        &self,
        draft: &mut Draft,
        name: &mut Name,
        kind: &'static Kind,
        (target, label): (&Target, &str),
        cell: &Cell,
    ) -> Result<(), Fault> {
        if cell.is_empty() {
            return Ok(());
        }
        let text = cell.text();
        match target.field.as_str() {
            SURNAME => name.surname = text,
            FIRST => name.first = text,
            PATRONYMIC => name.patronymic = text,
            ID => {
                // Ids of other programs say nothing here.
                if let Ok(id) = Uuid::parse_str(&text) {
                    draft.parts.entry(kind.key).or_default().id = Some(RecordId(id));
                }
            }
            UID => {
                let part = draft.parts.entry(kind.key).or_default();
                part.id = Uuid::parse_str(&text).ok().map(RecordId);
                part.uid = text;
            }
            LINES if columns::keeps_uid(kind) => {
                let part = draft.parts.entry(kind.key).or_default();
                part.values.insert(client::CARD_LINES.key().to_owned(), Value::Text(text));
            }
            key => {
                let Some(field) = columns::fillable(kind).find(|field| field.key == key) else { return Ok(()) };
                let (values, why) = self.values(kind, field, cell);
                match why {
                    Some(why) if self.lenient || why == Why::NoYear => {
                        draft.left_out.push(Fault::of(why, kind.key, key));
                    }
                    Some(why) => return Err(Fault::of(why, kind.key, key)),
                    None => {}
                }
                if values.is_empty() {
                    return Ok(());
                }
                let part = draft.parts.entry(kind.key).or_default();
                if field.many {
                    let entries = part.entries.entry(key.to_owned()).or_default();
                    entries.extend(values.into_iter().map(|value| (value, label.to_owned())));
                    return Ok(());
                }
                for value in values {
                    put(part, field.field_type, key, value);
                }
            }
        }
        Ok(())
    }

    /// The values of a cell, and why not all of it is taken.
    fn values(&self, kind: &Kind, field: &FieldDecl, cell: &Cell) -> (Vec<Value>, Option<Why>) {
        if !(self.lenient && field.many) {
            return match self.reader.values(kind, field, cell) {
                Ok(values) => (values, None),
                Err(why) => (Vec::new(), Some(why)),
            };
        }
        let (mut values, mut faults) = (Vec::new(), Vec::new());
        for piece in cell.text().lines() {
            match self.reader.values(kind, field, &Cell::of(piece)) {
                Ok(more) => values.extend(more),
                Err(why) => faults.push(why),
            }
        }
        (values, faults.into_iter().next())
    }

    /// What follows from what the row says.
    fn complete(&self, draft: &mut Draft, name: &Name) {
        let has = |key: &str| self.kinds.iter().any(|kind| kind.key == key);
        let full = name.full();
        if !full.is_empty() && has(person::KIND.key) {
            let part = draft.parts.entry(person::KIND.key).or_default();
            part.values.entry(person::NAME.key().to_owned()).or_insert(Value::Text(full));
        }
        if let Some(part) = draft.parts.get_mut(person::KIND.key)
            && let Some(Value::Text(name)) = part.values.get_mut(person::NAME.key())
        {
            *name = Name::split(name).full();
        }
        if let Some(entity) = draft.parts.get_mut(legal_entity::KIND.key) {
            split_numbers(entity);
        }
        draft.parts.retain(|_, part| !part.is_empty());
        let first_of = |draft: &Draft, fields: &[(&Kind, &str)]| {
            let texts = fields.iter().filter_map(|(kind, field)| Some(draft.part(kind)?.text(field).to_owned()));
            texts.into_iter().find(|text| !text.is_empty())
        };
        let in_family = [client::KIND.key, legal_entity::KIND.key, person::KIND.key].contains(&self.main());
        if in_family && !draft.parts.is_empty() {
            let names = [
                (&client::KIND, client::NAME.key()),
                (&legal_entity::KIND, legal_entity::REGISTERED_NAME.key()),
                (&person::KIND, person::NAME.key()),
            ];
            if let Some(name) = first_of(draft, &names) {
                let part = draft.parts.entry(client::KIND.key).or_default();
                part.values.entry(client::NAME.key().to_owned()).or_insert(Value::Text(name));
            }
        }
        let client_name = first_of(draft, &[(&client::KIND, client::NAME.key())]);
        if let (Some(entity), Some(name)) = (draft.parts.get_mut(legal_entity::KIND.key), client_name) {
            entity.values.entry(legal_entity::REGISTERED_NAME.key().to_owned()).or_insert(Value::Text(name));
            let country = Value::Text(self.country.to_owned());
            entity.values.entry(legal_entity::COUNTRY.key().to_owned()).or_insert(country);
        }
        for (target, value) in &self.defaults {
            if let Some((_, part)) = draft.parts.iter_mut().find(|(kind, _)| **kind == target.kind) {
                part.values.entry(target.field.clone()).or_insert_with(|| value.clone());
            }
        }
    }

    fn main(&self) -> &'static str {
        self.kinds.first().map_or("", |kind| kind.key)
    }
}

/// Some write the number of the branch behind the tax number, with a slash between.
fn split_numbers(entity: &mut Part) {
    let (tax, branch) = (legal_entity::TAX_NUMBER.key(), legal_entity::BRANCH_NUMBER.key());
    let both = entity.text(tax).to_owned();
    let Some((number, rest)) = both.split_once('/') else { return };
    let mut set = |key: &str, text: &str| match text.trim() {
        "" => {
            entity.values.remove(key);
        }
        text => {
            entity.values.insert(key.to_owned(), Value::Text(text.to_owned()));
        }
    };
    set(tax, number);
    if !rest.trim().is_empty() {
        set(branch, rest);
    }
}

/// Further columns for the same single field continue its text; a second value of another sort is dropped.
fn put(part: &mut Part, field_type: FieldType, key: &str, value: Value) {
    let joint = match field_type {
        FieldType::Memo | FieldType::Note => "\n",
        FieldType::Text => ", ",
        _ => "",
    };
    match (part.values.get_mut(key), value) {
        (None, value) => {
            part.values.insert(key.to_owned(), value);
        }
        (Some(Value::Text(there)), Value::Text(more)) if !joint.is_empty() && !there.contains(&more) => {
            there.push_str(joint);
            there.push_str(&more);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kind::Registry;
    use crate::exchange::values::Known;

    fn drafted(kind: &'static Kind, names: &[&str], cells: &[&str]) -> Result<Draft, Fault> {
        let registry = Registry::built_in();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let columns = columns::propose(&registry, kind, &names);
        let drafter = Drafter {
            kinds: columns::together(&registry, kind),
            columns: &columns,
            defaults: Vec::new(),
            country: "ua",
            lenient: false,
            reader: Reader { month_first: false, zone: chrono_tz::UTC, known: Known::default() },
        };
        drafter.draft(&Row { number: 2, cells: cells.iter().map(|text| Cell::of(text)).collect() })
    }

    #[test]
    fn a_row_of_a_table_is_a_client_with_entity_and_person() {
        let draft = drafted(
            &client::KIND,
            &["Наименование", "ЄДРПОУ", "Контактное лицо", "Телефон", "Комментарий", "Примечание"],
            &["Світоч", "00032112", "Тарас Григорович Шевченко", "044 123-45-67, 050 111 22 33", "a", "b"],
        )
        .unwrap();
        assert_eq!(draft.part(&person::KIND).unwrap().text("name"), "Шевченко Тарас Григорович");
        let client = draft.part(&client::KIND).unwrap();
        assert_eq!(client.entries["phones"].len(), 2);
        assert_eq!(client.text("note"), "a\nb");
        let entity = draft.part(&legal_entity::KIND).unwrap();
        assert_eq!((entity.text("registered_name"), entity.text("country")), ("Світоч", "ua"));
        let keys = draft.keys("ua");
        assert_eq!(keys[0], Key::Registry("ua00032112".to_owned()));
        assert_eq!(keys.len(), 4);
        assert!(matches!(keys[3], Key::NameAndCity(..)));
    }

    #[test]
    fn a_person_without_a_firm_is_a_client_of_his_own() {
        let draft = drafted(&person::KIND, &["First Name", "Last Name", "Mobile Phone"], &["Taras", "Shevchenko", "1"]);
        let draft = draft.unwrap();
        assert_eq!(draft.part(&client::KIND).unwrap().text("name"), "Shevchenko Taras");
        assert_eq!(draft.part(&person::KIND).unwrap().entries["phones"][0].1, "mobile");
    }

    #[test]
    fn the_first_bad_value_says_where_it_stands() {
        let fault = drafted(&client::KIND, &["Компания", "ИНН"], &["Ромашка", "1.23E+11"]).unwrap_err();
        assert_eq!(fault, Fault::of(Why::Scientific, "legal_entity", "tax_number"));
        let fault = drafted(&client::KIND, &["Компания", "Город"], &["", ""]).unwrap_err();
        assert_eq!(fault, Fault::of(Why::Required, "client", "name"));
    }
}
