//! Clients on this device that look like one somebody is about to make (C-009).

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use super::error::StoreError;
use super::known::{self, Sort};
use super::open::Store;
use super::views::Layouts;
use super::{callers, cells, state};
use crate::domain::ids::RecordId;
use crate::domain::kind::Kind;
use crate::domain::kinds::{client, legal_entity};
use crate::domain::likeness::{self, Name};
use crate::domain::phone;

/// Clients with one number that are named.
const HOLDERS: usize = 50;

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
    /// Clients that look like it, not in the trash, the likeliest first, with all reasons. A record that came in a page
    /// and waits to be indexed is found by its name only.
    ///
    /// # Errors
    /// Those of the database.
    pub fn similar(&self, to: &Likeness, limit: usize) -> Result<Vec<(RecordId, BTreeSet<Alike>)>, StoreError> {
        self.read(|conn| {
            let mut search = Search { conn, layouts: self.layouts(), found: BTreeMap::new() };
            search.keys(Sort::Number, &to.numbers, likeness::number, Alike::Number)?;
            search.keys(Sort::Email, &to.emails, likeness::email, Alike::Email)?;
            search.phones(&to.phones)?;
            let names: Vec<Name> = to.names.iter().filter_map(|name| Name::read(name)).collect();
            search.names(&client::KIND, "id", &names)?;
            search.names(&legal_entity::KIND, "client", &names)?;
            search.living(limit)
        })
    }
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

    fn keys(
        &mut self,
        sort: Sort,
        values: &[String],
        compared: fn(&str) -> String,
        why: Alike,
    ) -> Result<(), StoreError> {
        for key in values.iter().filter_map(|value| sort.key(&compared(value))) {
            for client in known::holders(self.conn, &key, HOLDERS)? {
                self.note(client, why, 0);
            }
        }
        Ok(())
    }

    /// Whole numbers are compared; where one of the two cannot be read as one, its last nine digits.
    fn phones(&mut self, numbers: &[String]) -> Result<(), StoreError> {
        let region = state::region(self.conn)?;
        for number in numbers {
            let Some(tail) = phone::tail(number).filter(|tail| tail.len() == phone::TAIL) else { continue };
            for owner in callers::owners(self.conn, self.layouts, number, &[tail], region)? {
                let own = owner.hit.kind == client::KIND.key;
                if let Some(client) = owner.hit.client.or(own.then_some(owner.hit.id)) {
                    self.note(client, Alike::Phone, 0);
                }
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
