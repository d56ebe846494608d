//! Clients on this device that look like one somebody is about to make (C-009).

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use super::cells;
use super::error::StoreError;
use super::open::Store;
use super::views::{Layout, Layouts};
use crate::domain::ids::RecordId;
use crate::domain::kind::Kind;
use crate::domain::kinds::{client, legal_entity, person};
use crate::domain::likeness::{self, Name};

/// What is known of the client to be made.
#[derive(Clone, Debug, Default)]
pub struct Likeness {
    /// His name, and the one in the register.
    pub names: Vec<String>,
    /// Numbers in registers.
    pub numbers: Vec<String>,
    /// Phones.
    pub phones: Vec<String>,
    /// Mail addresses.
    pub emails: Vec<String>,
}

/// Why a client looks like another; the strongest reason first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alike {
    /// The same number in a register.
    Number,
    /// The same phone, his own or one of his people's.
    Phone,
    /// The same mail address.
    Email,
    /// A similar name.
    Name,
}

impl Store {
    /// Clients that look like it, not in the trash, the likeliest first, with all reasons.
    ///
    /// # Errors
    /// Those of the database.
    pub fn similar(&self, to: &Likeness, limit: usize) -> Result<Vec<(RecordId, BTreeSet<Alike>)>, StoreError> {
        self.read(|conn| {
            let mut search = Search { conn, layouts: self.layouts(), found: BTreeMap::new() };
            search.numbers(&keys(&to.numbers, likeness::number))?;
            for kind in [&client::KIND, &person::KIND] {
                search.entries(kind, "phones", &keys(&to.phones, likeness::phone), likeness::phone, Alike::Phone)?;
                search.entries(kind, "emails", &keys(&to.emails, likeness::email), likeness::email, Alike::Email)?;
            }
            let names: Vec<Name> = to.names.iter().filter_map(|name| Name::read(name)).collect();
            search.names(&client::KIND, "id", &names)?;
            search.names(&legal_entity::KIND, "client", &names)?;
            search.living(limit)
        })
    }
}

/// Values as they are compared, those that name nobody left out.
fn keys(values: &[String], key: fn(&str) -> String) -> BTreeSet<String> {
    values.iter().map(|value| key(value)).filter(|key| !key.is_empty()).collect()
}

struct Search<'a> {
    conn: &'a Connection,
    layouts: &'a Layouts,
    /// Reasons, and how alike the names are, in thousandths.
    found: BTreeMap<RecordId, (BTreeSet<Alike>, u32)>,
}

impl Search<'_> {
    fn note(&mut self, client: RecordId, why: Alike, likeness: u32) {
        let (reasons, best) = self.found.entry(client).or_default();
        reasons.insert(why);
        *best = (*best).max(likeness);
    }

    fn numbers(&mut self, wanted: &BTreeSet<String>) -> Result<(), StoreError> {
        let Some(layout) = self.layouts.get(legal_entity::KIND.key).filter(|_| !wanted.is_empty()) else {
            return Ok(());
        };
        let columns = [legal_entity::TAX_NUMBER.key(), legal_entity::REGISTRY_NUMBER.key()].map(Layout::column);
        let sql = format!("SELECT client, {}, {} FROM {} WHERE trashed = 0", columns[0], columns[1], layout.table);
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let has = |at| row.get_ref(at).ok()?.as_str().ok().map(|text| wanted.contains(&likeness::number(text)));
            if let (Some(client), true) = (cells::id_or_none(row, 0)?, has(1) == Some(true) || has(2) == Some(true)) {
                self.note(RecordId(client), Alike::Number, 0);
            }
        }
        Ok(())
    }

    fn entries(
        &mut self,
        kind: &Kind,
        field: &str,
        wanted: &BTreeSet<String>,
        key: fn(&str) -> String,
        why: Alike,
    ) -> Result<(), StoreError> {
        let Some(layout) = self.layouts.get(kind.key).filter(|_| !wanted.is_empty()) else { return Ok(()) };
        let column = Layout::column(field);
        let sql = format!(
            "SELECT coalesce(client, id), {column} FROM {} WHERE trashed = 0 AND {column} IS NOT NULL",
            layout.table
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let Ok(text) = row.get_ref(1)?.as_str() else { continue };
            let listed: Vec<(String, String, String)> = serde_json::from_str(text).unwrap_or_default();
            if listed.iter().any(|(_, value, _)| wanted.contains(&key(value))) {
                self.note(RecordId(cells::id(row, 0)?), why, 0);
            }
        }
        Ok(())
    }

    fn names(&mut self, kind: &Kind, client: &str, wanted: &[Name]) -> Result<(), StoreError> {
        let Some(layout) = self.layouts.get(kind.key).filter(|_| !wanted.is_empty()) else { return Ok(()) };
        let sql = format!("SELECT {client}, title_fold FROM {} WHERE trashed = 0", layout.table);
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let Some(name) = row.get_ref(1)?.as_str().ok().and_then(Name::read) else { continue };
            let best = wanted.iter().filter_map(|other| other.likeness(&name)).fold(0.0, f64::max);
            if let (true, Some(client)) = (best > 0.0, cells::id_or_none(row, 0)?) {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1000")]
                self.note(RecordId(client), Alike::Name, (best * 1000.0) as u32);
            }
        }
        Ok(())
    }

    /// What was found by persons and legal entities, too, only where the client himself is not in the trash.
    fn living(self, limit: usize) -> Result<Vec<(RecordId, BTreeSet<Alike>)>, StoreError> {
        let Some(layout) = self.layouts.get(client::KIND.key) else { return Ok(Vec::new()) };
        let sql =
            format!("SELECT 1 FROM {} WHERE trashed = 0 AND n = (SELECT n FROM documents WHERE id = ?)", layout.table);
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut found: Vec<_> = self.found.into_iter().collect();
        found.sort_by(|(_, one), (_, other)| {
            let strongest = |reasons: &BTreeSet<Alike>| reasons.first().copied();
            let order = strongest(&one.0).cmp(&strongest(&other.0)).then(other.0.len().cmp(&one.0.len()));
            order.then(other.1.cmp(&one.1))
        });
        let mut living = Vec::new();
        for (id, (reasons, _)) in found {
            if living.len() < limit && statement.exists([id.bytes()])? {
                living.push((id, reasons));
            }
        }
        Ok(living)
    }
}
