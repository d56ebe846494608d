//! Searching as the person types.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::cells;
use super::error::StoreError;
use super::index::{self, Texts};
use super::open::Store;
use super::views::{Layout, Layouts};
use crate::domain::fold::{digits, fold, is_number, other_layouts};
use crate::domain::ids::*;
use crate::domain::kind::HomeRule;

/// Titles looked at before the best are picked.
const TITLES: u32 = 150;
/// Records whose text is compared letter by letter before a search gives up.
const CANDIDATES: u32 = 1_500;

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchHit {
    /// The record that matches.
    pub id: RecordId,
    /// Its kind.
    pub kind: String,
    /// Its title.
    pub title: String,
    /// The client to open; `None` where the record is one or lives under none.
    pub client: Option<RecordId>,
    /// The piece of text that matched, as typed; empty when the title did.
    pub snippet: String,
}

impl Store {
    /// Records that contain all the words, titles first. Words typed in the wrong keyboard layout are tried when
    /// nothing else is found.
    ///
    /// # Errors
    /// Those of the database.
    pub fn search(&self, text: &str, limit: u32) -> Result<Vec<SearchHit>, StoreError> {
        let limit = limit.clamp(1, 200) as usize;
        self.read(|conn| {
            let mut finder = Finder::new(conn, self.layouts(), limit);
            for attempt in attempts(text) {
                finder.find(&attempt)?;
                if !finder.hits.is_empty() {
                    break;
                }
            }
            Ok(finder.hits)
        })
    }

    /// Indexes up to `limit` records that came in a page and wait for it; returns how many still wait.
    ///
    /// # Errors
    /// Those of the database.
    pub fn index_pending(&self, limit: u32) -> Result<u64, StoreError> {
        self.write_index(|tx| index::put_pending(tx, self.layouts(), limit))
    }
}

/// Words to look for, most likely meaning first; the first that finds anything counts.
fn attempts(text: &str) -> Vec<Vec<String>> {
    let words = |text: &str| -> Vec<String> {
        fold(text).split([' ', '\n']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let mut attempts = Vec::new();
    let number = digits(text);
    if is_number(text) && number.len() >= 3 {
        attempts.push(vec![number.clone()]);
        // 8 912 … at home is +7 912 … elsewhere.
        if number.len() >= 5 && number.starts_with(['7', '8']) {
            attempts.push(vec![number[1..].to_owned()]);
        }
    }
    attempts.push(words(text));
    attempts.extend(other_layouts(text).iter().map(|turned| words(turned)));
    attempts.retain(|words| !words.is_empty());
    attempts.dedup();
    attempts
}

struct Finder<'a> {
    conn: &'a Connection,
    layouts: &'a Layouts,
    limit: usize,
    seen: HashSet<(i64, i64)>,
    hits: Vec<SearchHit>,
}

struct Title {
    place: u8,
    rank: i64,
    folded: String,
    hit: SearchHit,
}

impl<'a> Finder<'a> {
    fn new(conn: &'a Connection, layouts: &'a Layouts, limit: usize) -> Self {
        Self { conn, layouts, limit, seen: HashSet::new(), hits: Vec::new() }
    }

    fn find(&mut self, words: &[String]) -> Result<(), StoreError> {
        let Some(query) = trigrams(words) else { return self.short(words) };
        self.titles(words, &query)?;
        if self.hits.len() < self.limit {
            self.text(words, &query)?;
        }
        Ok(())
    }

    fn titles(&mut self, words: &[String], query: &str) -> Result<(), StoreError> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT rowid FROM search_title WHERE search_title MATCH ? ORDER BY rowid LIMIT ?")?;
        let rows = statement.query_map(params![query, TITLES], |row| row.get::<_, i64>(0))?;
        let mut titles = Vec::new();
        for row in rows {
            let Some((layout, n)) = index::origin(self.layouts, row?) else { continue };
            titles.extend(self.title(layout, n, words)?);
        }
        drop(statement);
        self.take(titles);
        Ok(())
    }

    fn take(&mut self, mut titles: Vec<Title>) {
        titles.sort_by(|a, b| (a.place, a.rank, &a.folded).cmp(&(b.place, b.rank, &b.folded)));
        let room = self.limit - self.hits.len();
        self.hits.extend(titles.into_iter().take(room).map(|title| title.hit));
    }

    /// A title, if all words are in it and it was not found before.
    fn title(&mut self, layout: &Layout, n: i64, words: &[String]) -> Result<Option<Title>, StoreError> {
        if self.seen.contains(&(layout.rank, n)) {
            return Ok(None);
        }
        let Some((hit, folded)) = self.hit(layout, n)? else { return Ok(None) };
        if !words.iter().all(|word| folded.contains(word.as_str())) {
            return Ok(None);
        }
        self.seen.insert((layout.rank, n));
        let place = words.first().map_or(2, |word| match () {
            () if folded.starts_with(word.as_str()) => 0,
            () if starts_a_word(&folded, word) => 1,
            () => 2,
        });
        Ok(Some(Title { place, rank: layout.rank, folded, hit }))
    }

    fn hit(&self, layout: &Layout, n: i64) -> Result<Option<(SearchHit, String)>, StoreError> {
        let title = layout.title().unwrap_or_else(|| "''".to_owned());
        let sql = format!("SELECT id, client, {title}, title_fold FROM {} WHERE n = ? AND trashed = 0", layout.table);
        let mut statement = self.conn.prepare_cached(&sql)?;
        let hit = statement.query_row([n], |row| {
            let hit = SearchHit {
                id: RecordId(cells::id(row, 0)?),
                kind: layout.kind.key.to_owned(),
                client: cells::id_or_none(row, 1)?.map(RecordId),
                title: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
                snippet: String::new(),
            };
            Ok((hit, row.get::<_, Option<String>>(3)?.unwrap_or_default()))
        });
        Ok(hit.optional()?)
    }

    fn text(&mut self, words: &[String], query: &str) -> Result<(), StoreError> {
        let mut statement =
            self.conn.prepare_cached("SELECT rowid FROM search_all WHERE search_all MATCH ? ORDER BY rowid LIMIT ?")?;
        let mut rows = statement.query(params![query, CANDIDATES])?;
        while self.hits.len() < self.limit
            && let Some(row) = rows.next()?
        {
            let Some((layout, n)) = index::origin(self.layouts, row.get(0)?) else { continue };
            if self.seen.contains(&(layout.rank, n)) {
                continue;
            }
            let Some(texts) = index::texts(self.conn, layout, n)? else { continue };
            if !words.iter().all(|word| texts.all.contains(word.as_str())) {
                continue;
            }
            if let Some((mut hit, _)) = self.hit(layout, n)? {
                self.seen.insert((layout.rank, n));
                hit.snippet = snippet(&texts, words);
                self.hits.push(hit);
            }
        }
        Ok(())
    }

    /// One or two letters: beginnings of titles, then beginnings of words in them, then anywhere.
    fn short(&mut self, words: &[String]) -> Result<(), StoreError> {
        let mut layouts: Vec<&Layout> = self.layouts.iter().collect();
        layouts.retain(|layout| layout.title().is_some() && layout.kind.home != HomeRule::UnderClientByAdd);
        layouts.sort_by_key(|layout| layout.rank);
        let first = words.first().map(String::as_str).unwrap_or_default();
        let after = format!("{first}\u{10ffff}");
        let spaced = format!(" {first}");
        let ways: [(&str, &str, &str); 3] = [
            ("title_fold >= ?1 AND title_fold < ?2", first, &after),
            ("instr(title_fold, ?1) > 0 AND ?2 <> ''", &spaced, first),
            ("instr(title_fold, ?1) > 0 AND ?2 <> ''", first, first),
        ];
        for (condition, one, other) in ways {
            for layout in &layouts {
                let sql =
                    format!("SELECT n FROM {} WHERE {condition} ORDER BY title_fold LIMIT {TITLES}", layout.table);
                let mut statement = self.conn.prepare_cached(&sql)?;
                let rows = statement.query_map(params![one, other], |row| row.get::<_, i64>(0))?;
                let mut titles = Vec::new();
                for n in rows {
                    titles.extend(self.title(layout, n?, words)?);
                }
                self.take(titles);
                if self.hits.len() >= self.limit {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// The index query for all words of three letters or more; `None` where there is none.
pub(super) fn trigrams(words: &[String]) -> Option<String> {
    let mut query = String::new();
    for word in words {
        let letters: Vec<char> = word.chars().take(24).collect();
        for three in letters.windows(3) {
            query.push('"');
            query.extend(three.iter());
            query.push_str("\" ");
        }
    }
    (!query.is_empty()).then_some(query)
}

fn starts_a_word(text: &str, word: &str) -> bool {
    text.match_indices(word)
        .any(|(at, _)| text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric()))
}

/// The piece of the first value that holds a searched word, with some of what stands around it.
fn snippet(texts: &Texts, words: &[String]) -> String {
    const BEFORE: usize = 30;
    const LENGTH: usize = 110;
    for typed in &texts.typed {
        let folded = fold(typed);
        let found = words.iter().filter_map(|word| folded.find(word.as_str())).min();
        let number = words.iter().any(|word| is_number(word) && digits(typed).contains(word.as_str()));
        let Some(at) = found.or(number.then_some(0)) else { continue };
        let letter = folded[..at].chars().count();
        let from = letter.saturating_sub(BEFORE);
        let piece: String = typed.chars().skip(from).take(LENGTH).collect();
        return piece.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    String::new()
}
