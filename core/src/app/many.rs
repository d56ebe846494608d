//! What is done to many records at once: one value for all of them, the trash, and the way back.

use std::collections::BTreeSet;

use super::api::*;
use super::shown::{Titles, none_emptied, value_of};
use super::status::count;
use super::{App, Code, Error};
use crate::docs::TRASHED;
use crate::domain::ids::*;
use crate::domain::kind::Kind;
use crate::domain::limits;
use crate::domain::patch::Patch;
use crate::domain::value::Value;
use crate::store::Store;
use crate::store::records::ViewRow;
use crate::store::write::{GroupDraft, Write};

impl App {
    /// Sets one field of many records, each with a value of its own. Those the person may not write, those that
    /// left, and those where something else stands than was expected are left out and counted.
    ///
    /// # Errors
    /// `unknown_kind`, `bad_value`, `required`, `disk_full`.
    pub fn edit_many(&self, argument: EditMany) -> Result<EditedMany, Error> {
        let store = self.store()?;
        let kind = self.kind(&argument.kind)?;
        let bad = || Error::with(Code::BadValue, "field", &argument.field);
        let field = kind.document_fields().find(|it| it.key == argument.field && !it.many).ok_or_else(bad)?;
        let expected = argument.expected.as_ref().map(|it| value_of(field, it, self.ids())).transpose()?;
        let mut wanted = Vec::with_capacity(argument.changes.len());
        for change in &argument.changes {
            let patch = Patch::new().set_key(field.key, value_of(field, &change.value, self.ids())?);
            none_emptied(kind, &patch)?;
            wanted.push((change.id, patch));
        }
        let now = |row: &ViewRow| row.values.get(field.key).cloned().unwrap_or(Value::Empty);
        self.change_many(&store, kind, &wanted, expected.as_ref(), argument.rehearse.unwrap_or(false), now)
    }

    /// Puts many records into the trash or takes them out, as [`App::edit_many`] sets a field.
    ///
    /// # Errors
    /// `unknown_kind`, `disk_full`.
    pub fn trash_many(&self, argument: TrashMany) -> Result<EditedMany, Error> {
        let store = self.store()?;
        let kind = self.kind(&argument.kind)?;
        let patch = Patch::new().set_key(TRASHED, Value::Bool(argument.trashed));
        let wanted: Vec<_> = argument.ids.iter().map(|id| (*id, patch.clone())).collect();
        let now = |row: &ViewRow| Value::Bool(row.trashed);
        self.change_many(&store, kind, &wanted, None, argument.rehearse.unwrap_or(false), now)
    }

    fn change_many(
        &self,
        store: &Store,
        kind: &Kind,
        wanted: &[(RecordId, Patch)],
        expected: Option<&Value>,
        rehearse: bool,
        now: impl Fn(&ViewRow) -> Value,
    ) -> Result<EditedMany, Error> {
        let mut done = EditedMany::default();
        let ids: Vec<RecordId> = wanted.iter().map(|(id, _)| *id).collect();
        let writable = store.may_edit(&ids)?;
        let (mut writes, mut before, mut met) = (Vec::new(), Vec::new(), BTreeSet::new());
        for ((id, patch), may_edit) in wanted.iter().zip(writable) {
            let row = store.row(*id)?.filter(|row| row.kind == kind.key);
            let Some(row) = row.filter(|_| may_edit && met.insert(*id)) else {
                done.n_not_allowed += 1;
                continue;
            };
            let here = now(&row);
            if patch.set.values().all(|value| *value == here) {
                done.n_same += 1;
            } else if expected.is_some_and(|expected| *expected != here) {
                done.n_differs += 1;
            } else {
                writes.push(Write::Edit { id: *id, patch: patch.clone() });
                before.push((*id, here));
            }
        }
        let titles = Titles::of(store, before.iter().map(|(_, value)| value), [])?;
        let shown = before.iter().map(|(id, value)| OneValue { id: *id, value: titles.shown(value) });
        done.changed = shown.collect();
        if rehearse {
            return Ok(done);
        }
        // A group travels whole and has its limit; what is more goes in several.
        let mut n_done = 0;
        for group in writes.chunks(limits::CHANGES_PER_PUSH / 2) {
            let draft = GroupDraft { at: self.now(), writes: group.to_vec() };
            match store.act(&draft, self.ids()) {
                Ok(written) => {
                    self.written(&written.touched);
                    done.actions.extend(written.action);
                }
                Err(error) if n_done == 0 => return Err(error.into()),
                Err(_) => break,
            }
            n_done += group.len();
        }
        done.n_left = count((writes.len() - n_done) as u64);
        done.changed.truncate(n_done);
        Ok(done)
    }
}
