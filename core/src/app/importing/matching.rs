//! Which client a row is about: everything clients here may be found by, kept in memory as short digests.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::app::Error;
use crate::app::api::MatchBy;
use crate::domain::ids::*;
use crate::domain::kinds::{client, legal_entity, person};
use crate::domain::value::Value;
use crate::exchange::keys::{self, Key};
use crate::exchange::row::{self, Draft};
use crate::exchange::values::Why;
use crate::store::Store;
use crate::store::records::ViewRow;

/// Rows of a kind read at once.
const PIECE: u32 = 500;

/// Whom a key leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    One(RecordId),
    Several,
}

/// Everything clients may be found by.
pub(super) struct Matching {
    country: String,
    by: Vec<MatchBy>,
    owners: HashMap<[u8; 16], Owner>,
    /// Digests of the tax numbers a client has, for telling two firms with one phone apart.
    taxed: HashMap<RecordId, Vec<[u8; 16]>>,
}

impl Matching {
    /// Reads all clients this device has; those in the trash are nobody.
    pub fn load(store: &Store, country: &str, by: &[MatchBy]) -> Result<Self, Error> {
        let mut matching =
            Self { country: country.to_owned(), by: by.to_vec(), owners: HashMap::new(), taxed: HashMap::new() };
        for kind in [client::KIND.key, legal_entity::KIND.key, person::KIND.key] {
            each(store, kind, &mut |row| matching.add_row(&row))?;
        }
        Ok(matching)
    }

    /// For kinds that have nothing to do with clients.
    pub fn load_none(country: &str) -> Self {
        Self { country: country.to_owned(), by: Vec::new(), owners: HashMap::new(), taxed: HashMap::new() }
    }

    /// The client a row is about: by the strongest key that leads to one.
    pub fn find(&self, draft: &Draft) -> Result<Option<RecordId>, Why> {
        let keys = self.wanted(draft.keys(&self.country));
        let has_branch = keys.iter().any(|key| matches!(key, Key::TaxAndBranch(..)));
        for key in &keys {
            let found = match key {
                // Another branch of the same firm is another client; one without a branch may be either.
                Key::Tax(number) if has_branch => {
                    self.owners.get(&digest(&Key::TaxAndBranch(number.clone(), String::new())))
                }
                key => self.owners.get(&digest(key)),
            };
            match found {
                None => {}
                Some(Owner::Several) => return Err(Why::Ambiguous),
                Some(Owner::One(client)) if self.contradicts(*client, &keys, key) => {}
                Some(Owner::One(client)) => return Ok(Some(*client)),
            }
        }
        Ok(None)
    }

    /// A row's client from now on.
    pub fn add(&mut self, draft: &Draft, client: RecordId) {
        let keys = draft.keys(&self.country);
        let without_branch = !keys.iter().any(|key| matches!(key, Key::TaxAndBranch(..)));
        for key in &keys {
            self.own(key, client);
            match key {
                Key::Tax(number) if without_branch => {
                    self.own(&Key::TaxAndBranch(number.clone(), String::new()), client);
                }
                Key::NameAndCity(name, _) => self.own(&Key::NameAndCity(name.clone(), String::new()), client),
                _ => {}
            }
        }
    }

    /// A weaker key says one client, a number of a register says that it is another.
    fn contradicts(&self, client: RecordId, keys: &[Key], by: &Key) -> bool {
        if is_number(by) || matches!(by, Key::Foreign(_)) {
            return false;
        }
        let Some(taxed) = self.taxed.get(&client) else { return false };
        let mut numbers = keys.iter().filter(|key| is_number(key)).map(digest).peekable();
        numbers.peek().is_some() && !numbers.any(|number| taxed.contains(&number))
    }

    fn wanted(&self, mut keys: Vec<Key>) -> Vec<Key> {
        keys.retain(|key| {
            self.by.contains(&match key {
                // An id is not a likeness: it always counts.
                Key::Foreign(_) => return true,
                Key::TaxAndBranch(..) | Key::Tax(_) => MatchBy::Tax,
                Key::Registry(_) => MatchBy::Registry,
                Key::Email(_) => MatchBy::Email,
                Key::Phone(_) => MatchBy::Phone,
                Key::NameAndCity(..) => MatchBy::NameAndCity,
            })
        });
        keys
    }

    fn add_row(&mut self, row: &ViewRow) {
        if row.trashed || row.with_client {
            return;
        }
        let Some(client) = row.client.or((row.kind == client::KIND.key).then_some(row.id)) else { return };
        if row.kind == legal_entity::KIND.key {
            let keys = row::keys_of_entity(&self.country, |field| text(row, field));
            let without_branch = !keys.iter().any(|key| matches!(key, Key::TaxAndBranch(..)));
            for key in keys {
                if let (Key::Tax(number), true) = (&key, without_branch) {
                    self.own(&Key::TaxAndBranch(number.clone(), String::new()), client);
                }
                self.own(&key, client);
            }
            return;
        }
        for uid in entries(row, client::FOREIGN_IDS.key()).filter_map(keys::foreign) {
            self.own(&Key::Foreign(uid), client);
        }
        for email in entries(row, "emails").filter_map(keys::email) {
            self.own(&Key::Email(email), client);
        }
        for phone in entries(row, "phones") {
            if let Some(number) = keys::phone(phone, &self.country) {
                self.own(&Key::Phone(number), client);
            }
        }
        if row.kind == client::KIND.key {
            // Whoever says no city means the one of that name, if there is only one.
            for city in [text(row, client::CITY.key()), String::new()] {
                if let Some(key) = Key::name(&row.title, &city) {
                    self.own(&key, client);
                }
            }
        }
    }

    fn own(&mut self, key: &Key, client: RecordId) {
        let digest = digest(key);
        if is_number(key) {
            self.taxed.entry(client).or_default().push(digest);
        }
        let owner = self.owners.entry(digest).or_insert(Owner::One(client));
        if *owner != Owner::One(client) {
            *owner = Owner::Several;
        }
    }
}

fn is_number(key: &Key) -> bool {
    matches!(key, Key::TaxAndBranch(..) | Key::Tax(_) | Key::Registry(_))
}

fn digest(key: &Key) -> [u8; 16] {
    let (sort, one, two) = match key {
        Key::TaxAndBranch(number, branch) => (0_u8, number.as_str(), branch.as_str()),
        Key::Tax(number) => (1, number.as_str(), ""),
        Key::Registry(number) => (2, number.as_str(), ""),
        Key::Email(address) => (3, address.as_str(), ""),
        Key::Phone(number) => (4, number.as_str(), ""),
        Key::NameAndCity(name, city) => (5, name.as_str(), city.as_str()),
        Key::Foreign(uid) => (6, uid.as_str(), ""),
    };
    let whole = Sha256::new().chain_update([sort]).chain_update(one).chain_update([0]).chain_update(two).finalize();
    let mut half = [0; 16];
    half.copy_from_slice(&whole[..16]);
    half
}

/// All rows of a kind, the trash included, piece by piece.
pub(in crate::app) fn each(store: &Store, kind: &str, take: &mut dyn FnMut(ViewRow)) -> Result<(), Error> {
    let mut after = 0;
    loop {
        let rows = store.rows_after(kind, after, PIECE)?;
        let Some((last, _)) = rows.last() else { return Ok(()) };
        after = *last;
        rows.into_iter().for_each(|(_, row)| take(row));
    }
}

pub(super) fn text(row: &ViewRow, field: &str) -> String {
    match row.values.get(field) {
        Some(Value::Text(text)) => text.clone(),
        _ => String::new(),
    }
}

fn entries<'a>(row: &'a ViewRow, field: &str) -> impl Iterator<Item = &'a str> {
    let entries = match row.values.get(field) {
        Some(Value::Entries(entries)) => entries.as_slice(),
        _ => &[],
    };
    entries.iter().filter_map(|entry| match entry.value.as_ref() {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    })
}
