//! What a record went through, and putting values back.

use std::collections::{BTreeMap, BTreeSet};

use super::api::*;
use super::people::People;
use super::records::minutes;
use super::shown::{Titles, none_emptied, patch};
use super::status::count;
use super::{App, Code, Error};
use crate::docs::{FieldStep, Hash, Piece, TRASHED};
use crate::domain::kind::Kind;
use crate::domain::patch::{Patch, leading};
use crate::domain::value::Value;
use crate::store::past::PastStep;
use crate::store::write::Write;

/// Most changes of one page.
const PAGE: u32 = 500;

impl App {
    /// What a record went through, the latest change first.
    ///
    /// # Errors
    /// `not_found`, `record_damaged`.
    pub fn record_history(&self, argument: RecordHistoryRequest) -> Result<RecordHistory, Error> {
        let store = self.store()?;
        let kind = self.kind_of(&store, &argument.kind, argument.id)?;
        let past = store.past(argument.id)?;
        let people = People::of(&store)?;
        let authors: BTreeSet<_> = past.iter().filter_map(|one| one.by.user).collect();
        let touched: BTreeSet<&str> =
            past.iter().flat_map(|one| &one.step.fields).map(|field| field.field.as_str()).collect();
        let in_form = kind.fields.iter().map(|field| field.key).chain([TRASHED]);
        let fields = in_form.filter(|key| touched.contains(key)).map(str::to_owned).collect();
        let wanted: Vec<&PastStep> = past.iter().rev().filter(|one| fits(one, &argument)).collect();
        let page = wanted.iter().skip(argument.offset as usize).take(argument.limit.min(PAGE) as usize);
        let page: Vec<&PastStep> = page.copied().collect();
        let values = page.iter().flat_map(|one| &one.step.fields).flat_map(|field| [&field.before, &field.after]);
        let titles = Titles::of(&store, values, [])?;
        Ok(RecordHistory {
            total: count(wanted.len() as u64),
            steps: page.into_iter().map(|one| step(one, &argument, &people, &titles)).collect(),
            fields,
            people: authors.into_iter().filter_map(|user| people.person(user)).collect(),
        })
    }

    /// A record as it was after a change, beside what it is now.
    ///
    /// # Errors
    /// `not_found` also for a change the record does not have, `record_damaged`.
    pub fn record_then(&self, argument: RecordThenRequest) -> Result<RecordThen, Error> {
        let store = self.store()?;
        let kind = self.kind_of(&store, &argument.kind, argument.id)?;
        let then = store.record_after(argument.id, &hash(&argument.change)?)?;
        let now = store.record(argument.id)?;
        let values = then.values.values().chain(now.record.values.values());
        let titles = Titles::of(&store, values, [])?;
        let differs = |key: &&str| then.values.get(*key) != now.record.values.get(*key);
        let differing = kind.document_fields().map(|field| field.key).filter(differs).map(str::to_owned).collect();
        Ok(RecordThen {
            then: titles.fields(&then.values),
            now: titles.fields(&now.record.values),
            differing,
            was_trashed: then.trashed,
            may_edit: now.may_edit,
        })
    }

    /// Gives fields the values they had after a change, as a new edit.
    ///
    /// # Errors
    /// `not_found`, `nothing_to_do` where they have those values, and as [`App::edit`].
    pub fn put_back(&self, argument: PutBack) -> Result<Saved, Error> {
        let store = self.store()?;
        let kind = self.kind_of(&store, &argument.kind, argument.id)?;
        let then = store.record_after(argument.id, &hash(&argument.change)?)?.values;
        let now = store.record(argument.id)?.record.values;
        // A field that was empty then is no part of what was seen, but of what is to be written.
        let seen = argument.seen.iter().filter(|(key, _)| argument.fields.contains(key));
        let seen: Fields = seen.map(|(key, shown)| (key.clone(), shown.clone())).collect();
        let edit = Patch { set: back(kind, &argument.fields, &then, &now)?, seen: BTreeMap::new() };
        if edit.is_empty() {
            return Err(Code::NothingToDo.into());
        }
        none_emptied(kind, &edit)?;
        let seen = patch(kind, &seen, &seen, self.ids())?.seen;
        let seen = seen.into_iter().filter(|(key, _)| edit.set.contains_key(key)).collect();
        self.save(&store, argument.id, vec![Write::Edit { id: argument.id, patch: Patch { seen, ..edit } }])
    }
}

/// What an edit writes that leads from the values of now to those of then.
fn back(
    kind: &Kind,
    fields: &[String],
    then: &BTreeMap<String, Value>,
    now: &BTreeMap<String, Value>,
) -> Result<BTreeMap<String, Value>, Error> {
    let mut set = BTreeMap::new();
    for key in fields {
        let field = kind.document_fields().find(|field| field.key == key);
        let field = field.ok_or_else(|| Error::with(Code::BadValue, "field", key))?;
        let (old, new) = (now.get(field.key), then.get(field.key));
        if old != new {
            set.insert(key.clone(), leading(field.many, old, new));
        }
    }
    Ok(set)
}

fn fits(one: &PastStep, asked: &RecordHistoryRequest) -> bool {
    let field = asked.field.as_ref();
    asked.person.is_none_or(|person| one.by.user == Some(person))
        && field.is_none_or(|key| one.step.fields.iter().any(|field| field.field == *key))
}

fn step(one: &PastStep, asked: &RecordHistoryRequest, people: &People, titles: &Titles) -> HistoryStep {
    let wanted = |field: &&FieldStep| asked.field.as_ref().is_none_or(|key| field.field == *key);
    HistoryStep {
        change: one.step.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        person: one.by.user.and_then(|user| people.person(user)),
        device: one.by.device.clone(),
        at: one.step.at,
        received_at: one.stamp.received_at,
        away_since: one.stamp.away_since,
        skew: minutes(one.stamp.skew),
        unsent: one.stamp.unsent,
        creates: one.step.creates,
        changes: one.step.fields.iter().filter(wanted).map(|field| change(field, titles)).collect(),
    }
}

fn change(field: &FieldStep, titles: &Titles) -> FieldChange {
    let piece = |piece: &Piece| {
        let (what, text) = match piece {
            Piece::Same(text) => (PieceKind::Same, text),
            Piece::Typed(text) => (PieceKind::Typed, text),
            Piece::Struck(text) => (PieceKind::Struck, text),
        };
        TextPiece { what, text: text.clone() }
    };
    FieldChange {
        field: field.field.clone(),
        entry: field.entry,
        before: titles.shown(&field.before),
        after: titles.shown(&field.after),
        label: field.label.clone(),
        pieces: field.pieces.iter().map(piece).collect(),
        settles: field.settles,
    }
}

/// A change by the name it was given out under.
fn hash(name: &str) -> Result<Hash, Error> {
    let bad = || Error::from(Code::NotFound);
    if name.len() != 64 || !name.is_ascii() {
        return Err(bad());
    }
    let mut hash = [0; 32];
    for (at, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&name[at * 2..at * 2 + 2], 16).map_err(|_| bad())?;
    }
    Ok(hash)
}
