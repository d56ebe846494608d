//! Whose phone a number is, while it rings (C-024).

use super::api::*;
use super::people::People;
use super::records::access;
use super::searching::hits;
use super::{App, Error};
use crate::domain::kinds::{client, person};
use crate::domain::phone::{self, Likeness};
use crate::store::StoreError;

/// More owners of one number nobody reads while it rings.
const OWNERS: usize = 20;

impl App {
    /// A number as people read it, and whether any country has it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn read_phone(&self, argument: CallingNumber) -> Result<PhoneRead, Error> {
        let region = self.store()?.region()?;
        let number = argument.number.trim();
        Ok(PhoneRead { shown: phone::readable(number, region), doubtful: phone::is_doubtful(number, region) })
    }

    /// Whose phone a number is: clients and their persons on this device.
    ///
    /// # Errors
    /// Those of the database.
    pub fn who_calls(&self, argument: CallingNumber) -> Result<Caller, Error> {
        let store = self.store()?;
        let (number, region) = (argument.number.trim(), store.region()?);
        let people = People::of(&store)?;
        let mut owners = Vec::new();
        for owner in store.owners_of_phone(number, region, OWNERS)? {
            // One that cannot be read must not silence the others; it is fetched again at the next contact.
            let stored = match store.record(owner.hit.id) {
                Ok(stored) => stored,
                Err(StoreError::RecordDamaged(_) | StoreError::NotFound) => continue,
                Err(error) => return Err(error.into()),
            };
            let of_client = owner.hit.client.unwrap_or(owner.hit.id);
            let responsible = store.authority(of_client)?.client.and_then(|client| people.person(client.responsible));
            let Some(row) = store.row(of_client)? else { continue };
            let Some(hit) = hits(&store, vec![owner.hit.clone()])?.pop() else { continue };
            owners.push(PhoneOwner {
                id: hit.id,
                position: if hit.kind == person::KIND.key {
                    stored.row.get(person::POSITION).unwrap_or_default()
                } else {
                    String::new()
                },
                kind: hit.kind,
                title: hit.title,
                number: phone::readable(&hit.snippet, region),
                sure: owner.likeness == Likeness::Same,
                client: hit.client,
                city: if row.kind == client::KIND.key {
                    row.get(client::CITY).unwrap_or_default()
                } else {
                    String::new()
                },
                responsible,
                access: access(&stored),
            });
        }
        // Who grouped the digits himself reads them best that way: tables group rare codes of towns oddly.
        let shown = match number.contains([' ', '\u{a0}', '-', '(']) {
            true => number.to_owned(),
            false => phone::readable(number, region),
        };
        Ok(Caller { shown, dialled: phone::tail(number).is_some(), owners })
    }
}
