//! Finding records and actions by what was typed, and what was opened lately.

use super::api::*;
use super::shown::Titles;
use super::status::count;
use super::{App, Error};
use crate::domain::ranking::matching;
use crate::store::Store;
use crate::store::search::SearchHit;

/// Most hits of one search.
const HITS: u32 = 200;
/// Records opened lately that are offered again.
const RECENT: u32 = 8;
/// Texts looked through at once.
const TEXTS: usize = 500;

impl App {
    /// Finds records by any part of their text, however it was typed.
    ///
    /// # Errors
    /// Those of the database.
    pub fn search(&self, argument: Search) -> Result<Vec<Hit>, Error> {
        let store = self.store()?;
        hits(&store, store.search(&argument.text, argument.limit.min(HITS))?)
    }

    /// Places of the texts that answer what was typed, the best first.
    ///
    /// # Errors
    /// `bad_argument` for more texts than anybody looks through.
    pub fn match_texts(&self, argument: MatchTexts) -> Result<Vec<u32>, Error> {
        if argument.texts.len() > TEXTS {
            return Err(Error::BadArgument(format!("more than {TEXTS} texts")));
        }
        let found = matching(&argument.typed, &argument.texts);
        Ok(found.into_iter().map(|at| count(at as u64)).collect())
    }

    /// Notes that a record was opened on this device.
    ///
    /// # Errors
    /// `not_found`.
    pub fn note_opened(&self, argument: RecordKey) -> Result<Nothing, Error> {
        let store = self.store()?;
        self.kind_of(&store, &argument.kind, argument.id)?;
        store.note_opened(argument.id, self.now())?;
        Ok(Nothing {})
    }

    /// Records opened on this device lately, the last one first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn recent_records(&self, _: Nothing) -> Result<Vec<Hit>, Error> {
        let store = self.store()?;
        hits(&store, store.recently_opened(RECENT)?)
    }
}

/// Hits with the names of their clients.
pub(super) fn hits(store: &Store, found: Vec<SearchHit>) -> Result<Vec<Hit>, Error> {
    let titles = Titles::of(store, [], found.iter().filter_map(|hit| hit.client).map(|client| client.0))?;
    let hit = |hit: SearchHit| Hit {
        client: match hit.client {
            Some(client) => Some(titles.reference(client.0)),
            None if hit.kind == "client" => Some(Reference { id: hit.id.to_string(), title: hit.title.clone() }),
            None => None,
        },
        id: hit.id,
        kind: hit.kind,
        title: hit.title,
        snippet: hit.snippet,
    };
    Ok(found.into_iter().map(hit).collect())
}
