//! The trash: what lies there, and taking several things out at once.

use super::api::*;
use super::people::People;
use super::records::told;
use super::shown::Titles;
use super::status::count;
use super::{App, Error};
use crate::docs::TRASHED;
use crate::domain::patch::Patch;
use crate::domain::value::Value;
use crate::store::StoreError;
use crate::store::trash::TrashQuery;
use crate::store::write::{GroupDraft, Write};

/// Most rows of one page.
const PAGE: u32 = 500;
/// Records of one group: it travels whole.
const TOGETHER: usize = 100;

impl App {
    /// One page of what lies in the trash, the last thing first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn trash_bin(&self, argument: TrashRequest) -> Result<TrashPage, Error> {
        let store = self.store()?;
        let people = People::of(&store)?;
        let TrashRequest { kind, text, offset, limit } = argument;
        let page = store.trash(&TrashQuery { kind, text, offset, limit: limit.min(PAGE) })?;
        let titles = Titles::of(&store, [], page.rows.iter().filter_map(|row| row.client).map(|client| client.0))?;
        let rows = page.rows.into_iter().map(|row| TrashRow {
            id: row.id,
            kind: row.kind,
            title: row.title,
            client: row.client.map(|client| titles.reference(client.0)),
            at: row.at,
            person: row.by.user.and_then(|user| people.person(user)),
            n_under: count(row.n_under),
        });
        Ok(TrashPage { total: count(page.total), rows: rows.collect() })
    }

    /// Takes several records out of the trash; those that are gone or not this person's to edit are named.
    ///
    /// # Errors
    /// `disk_full` and those of the database.
    pub fn restore_many(&self, argument: Records) -> Result<Restored, Error> {
        let store = self.store()?;
        let mut restored = Restored { n: 0, left: Vec::new() };
        let mut writes = Vec::new();
        for key in argument.records {
            let there = match store.record(key.id) {
                Ok(stored) => stored.may_edit && stored.row.kind == key.kind,
                Err(StoreError::NotFound | StoreError::RecordDamaged(_) | StoreError::UnknownKind(_)) => false,
                Err(error) => return Err(error.into()),
            };
            if !there {
                restored.left.push(key.id);
                continue;
            }
            let patch = Patch::new().set_key(TRASHED, Value::Bool(false));
            writes.push(Write::Edit { id: key.id, patch });
        }
        for together in writes.chunks(TOGETHER) {
            let draft = GroupDraft { at: self.now(), writes: together.to_vec() };
            let written = store.act(&draft, self.ids()).map_err(|error| told(&store, error))?;
            self.written(&written.touched);
            restored.n += count(together.len() as u64);
        }
        Ok(restored)
    }
}
