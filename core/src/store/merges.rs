//! Clients that are part of others here, and what names or lives under a client.

use std::collections::BTreeMap;

use super::conditions::blob;
use super::error::StoreError;
use super::lists::page;
use super::open::Store;
use super::views::Layout;
use super::{cells, documents, mirror, state};
use crate::domain::authority::Home;
use crate::domain::ids::*;
use crate::domain::kind::{FieldDecl, FieldType, Source};
use crate::domain::kinds::client;
use crate::domain::merge::Merged;
use crate::domain::phone::Region;
use crate::domain::value::Value;

/// Merges of merges followed.
const DEEPEST: usize = 32;

impl Store {
    /// Clients that were merged into one, and how.
    ///
    /// # Errors
    /// Those of the database.
    pub fn merged_into(&self, id: RecordId) -> Result<Vec<(RecordId, Merged)>, StoreError> {
        self.read(|conn| {
            let mut parts = Vec::new();
            for (n, merged) in mirror::merged(conn)?.into_iter().filter(|(_, merged)| merged.into == id) {
                let mut statement = conn.prepare_cached("SELECT id FROM documents WHERE n = ?")?;
                parts.push((RecordId(statement.query_row([n], |row| cells::id(row, 0))?), merged));
            }
            Ok(parts)
        })
    }

    /// The client a client lives on in: itself, or the one it was merged into at last.
    ///
    /// # Errors
    /// Those of the database.
    pub fn living(&self, id: RecordId) -> Result<RecordId, StoreError> {
        self.read(|conn| {
            let mut at = id;
            for _ in 0..DEEPEST {
                let Some(n) = documents::number(conn, at)? else { return Ok(at) };
                let Some(merged) = mirror::authority(conn, n)?.merged else { return Ok(at) };
                at = merged.into;
            }
            Ok(at)
        })
    }

    /// The homes a record is seen by here; none where it is not here.
    ///
    /// # Errors
    /// Those of the database.
    pub fn homes_of(&self, id: RecordId) -> Result<Vec<Home>, StoreError> {
        self.read(|conn| Ok(documents::find(conn, id)?.map(|document| document.homes).unwrap_or_default()))
    }

    /// How many records of which kind live under a client, those in the trash left out.
    ///
    /// # Errors
    /// Those of the database.
    pub fn under(&self, client: RecordId) -> Result<BTreeMap<String, u64>, StoreError> {
        self.read(|conn| {
            let mut under = BTreeMap::new();
            for layout in self.layouts().iter().filter(|layout| layout.kind.home.under_client()) {
                let sql = format!("SELECT count(*) FROM {} WHERE client = ? AND trashed <> 1", layout.table);
                let n = conn.prepare_cached(&sql)?.query_row([client.bytes()], |row| cells::count(row, 0))?;
                if n > 0 {
                    under.insert(layout.kind.key.to_owned(), n);
                }
            }
            Ok(under)
        })
    }

    /// Records that name a client in a declared field, with what stands there.
    ///
    /// # Errors
    /// Those of the database.
    pub fn pointing_at(&self, id: RecordId) -> Result<Vec<(RecordId, &'static FieldDecl, Value)>, StoreError> {
        self.read(|conn| {
            let mut found = Vec::new();
            for layout in self.layouts().iter() {
                let fields = layout.kind.fields.iter().filter(|field| field.source == Source::Document);
                let naming =
                    |field: &FieldDecl| matches!(field.field_type, FieldType::Reference(to) if to == client::KIND.key);
                for field in fields.filter(|field| naming(field)) {
                    let column = Layout::column(field.key);
                    let (conditions, value) = match field.many {
                        false => (format!(" WHERE v.{column} = ?"), blob(id.bytes())),
                        true => (
                            format!(" WHERE instr(coalesce(v.{column}, ''), ?) > 0"),
                            rusqlite::types::Value::Text(id.to_string()),
                        ),
                    };
                    let page = page(conn, layout, &conditions, " ORDER BY v.n", vec![value], 0, u32::MAX)?;
                    found.extend(page.rows.into_iter().filter_map(|row| {
                        let value = row.values.get(field.key)?.clone();
                        Some((row.id, field, value))
                    }));
                }
            }
            Ok(found)
        })
    }

    /// The country by whose rules this organisation's numbers are read.
    ///
    /// # Errors
    /// Those of the database.
    pub fn region(&self) -> Result<Option<Region>, StoreError> {
        self.read(state::region)
    }
}
