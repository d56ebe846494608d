//! Searching as the person types.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::index::{self, Texts};
use super::open::Store;
use super::views::{Layout, Layouts};
use super::{cells, documents, opened, ranking};
use crate::domain::fold::{digits, fold};
use crate::domain::ids::*;
use crate::domain::kind::HomeRule;
use crate::domain::kinds::client;
use crate::domain::likeness;
use crate::domain::ranking::of_title;
use crate::domain::readings::readings;
use crate::domain::spelling::{self, Fit, Word};

/// Titles compared before the best are picked.
const TITLES: u32 = 400;
/// Records whose text is compared letter by letter before a search gives up.
const CANDIDATES: u32 = 400;
/// Spellings further from what was typed are not looked for.
const FURTHEST: u8 = 2;

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
    /// Records that contain all the words in any of the spellings they may have been meant in, what is meant most
    /// likely first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn search(&self, text: &str, limit: u32) -> Result<Vec<SearchHit>, StoreError> {
        let limit = limit.clamp(1, 200) as usize;
        let me = self.me()?.user;
        self.read(|conn| {
            let mut finder = Finder::new(conn, self.layouts(), limit);
            for words in readings(text) {
                finder.find(&words)?;
                if finder.full() {
                    break;
                }
            }
            finder.ranked(me)
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

struct Finder<'a> {
    conn: &'a Connection,
    layouts: &'a Layouts,
    limit: usize,
    seen: HashSet<(i64, i64)>,
    found: Vec<Candidate<'a>>,
}

struct Candidate<'a> {
    standing: u8,
    layout: &'a Layout,
    n: i64,
    folded: String,
    hit: SearchHit,
}

/// Numbers of the index that kinds have one after the other.
#[derive(Clone, Copy)]
struct Span {
    from: i64,
    to: i64,
    /// Interactions, of which the newest are looked at first.
    busy: bool,
}

impl<'a> Finder<'a> {
    fn new(conn: &'a Connection, layouts: &'a Layouts, limit: usize) -> Self {
        Self { conn, layouts, limit, seen: HashSet::new(), found: Vec::new() }
    }

    fn full(&self) -> bool {
        self.found.len() >= self.limit
    }

    fn find(&mut self, words: &[Word]) -> Result<(), StoreError> {
        if spelling::query(words, 0).is_none() {
            return self.short(words);
        }
        self.opened(words)?;
        let spans = self.spans();
        for busy in [false, true] {
            for titles in [true, false] {
                for cost in 0..=FURTHEST {
                    if self.full() || (cost == FURTHEST && !self.found.is_empty()) {
                        break;
                    }
                    let Some(query) = spelling::query(words, cost) else { continue };
                    if cost > 0 && !words.iter().any(|word| word.costs(cost)) {
                        continue;
                    }
                    for span in spans.iter().filter(|span| span.busy == busy) {
                        if titles {
                            self.titles(words, &query, *span)?;
                        } else {
                            self.text(words, &query, *span)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn spans(&self) -> Vec<Span> {
        let mut layouts: Vec<&Layout> = self.layouts.iter().collect();
        layouts.sort_by_key(|layout| layout.rank);
        let mut spans: Vec<Span> = Vec::new();
        for layout in layouts {
            let ((from, to), busy) = (index::numbers(layout), is_busy(layout));
            match spans.last_mut() {
                Some(last) if last.busy == busy => last.to = to,
                _ => spans.push(Span { from, to, busy }),
            }
        }
        spans
    }

    /// What was looked at lately is looked at first, however many others there are.
    fn opened(&mut self, words: &[Word]) -> Result<(), StoreError> {
        for id in opened::all(self.conn)? {
            let Some((n, kind, _)) = documents::place(self.conn, id)? else { continue };
            if let Some(layout) = self.layouts.get(&kind) {
                self.title(layout, n, words)?;
            }
        }
        Ok(())
    }

    fn rows(&self, table: &str, query: &str, span: Span, limit: u32) -> Result<Vec<i64>, StoreError> {
        let order = if span.busy { "DESC" } else { "ASC" };
        let sql = format!(
            "SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid {order} LIMIT ?"
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let rows = statement.query_map(params![query, span.from, span.to, limit], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn titles(&mut self, words: &[Word], query: &str, span: Span) -> Result<(), StoreError> {
        let rows = self.rows("search_title", query, span, TITLES)?;
        let n = rows.len();
        for row in rows {
            if let Some((layout, n)) = index::origin(self.layouts, row) {
                self.title(layout, n, words)?;
            }
        }
        if n == TITLES as usize && !span.busy {
            self.beginnings(words, true)?;
        }
        Ok(())
    }

    /// Titles that begin with the words as they were typed, with a legal form before them or none: they must not be
    /// missed among hundreds of others.
    fn beginnings(&mut self, words: &[Word], with_forms: bool) -> Result<(), StoreError> {
        let n_ways = words.iter().map(|word| word.spellings().len()).max().unwrap_or(0);
        let mut begun: Vec<String> = Vec::new();
        for way in 0..n_ways {
            let exact: Option<Vec<&str>> =
                words.iter().map(|word| word.spellings().get(way).and_then(|spelling| spelling.exact())).collect();
            begun.extend(exact.map(|words| words.join(" ")));
        }
        let layouts: Vec<&Layout> = self.named().collect();
        for layout in layouts {
            let sql = format!(
                "SELECT n FROM {} WHERE title_fold >= ?1 AND title_fold < ?2 ORDER BY title_fold LIMIT ?3",
                layout.table
            );
            let mut statement = self.conn.prepare_cached(&sql)?;
            for begun in &begun {
                let forms = likeness::forms().filter(|_| with_forms).map(|form| format!("{form} {begun}"));
                for begun in forms.chain([begun.clone()]) {
                    let after = format!("{begun}\u{10ffff}");
                    let rows =
                        statement.query_map(params![begun, after, self.limit as i64], |row| row.get::<_, i64>(0))?;
                    for n in rows.collect::<Result<Vec<_>, _>>()? {
                        self.title(layout, n, words)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Kinds that are looked for by their title.
    fn named(&self) -> impl Iterator<Item = &'a Layout> + use<'a> {
        self.layouts.iter().filter(|layout| layout.title().is_some() && !is_busy(layout))
    }

    /// Takes a record in if all words are in its title and it was not found before.
    fn title(&mut self, layout: &'a Layout, n: i64, words: &[Word]) -> Result<(), StoreError> {
        if self.seen.contains(&(layout.rank, n)) {
            return Ok(());
        }
        let Some((hit, folded)) = hit_of(self.conn, layout, n)? else { return Ok(()) };
        if let Some(standing) = of_title(&folded, words) {
            self.take(Candidate { standing, layout, n, folded, hit });
        }
        Ok(())
    }

    fn take(&mut self, mut candidate: Candidate<'a>) {
        if is_busy(candidate.layout) {
            candidate.standing += ranking::BUSY;
        }
        self.seen.insert((candidate.layout.rank, candidate.n));
        self.found.push(candidate);
    }

    fn text(&mut self, words: &[Word], query: &str, span: Span) -> Result<(), StoreError> {
        // Some more than are shown, so that the best of them are.
        let enough = self.found.len() + 2 * self.limit;
        for row in self.rows("search_all", query, span, CANDIDATES)? {
            let Some((layout, n)) = index::origin(self.layouts, row) else { continue };
            if self.seen.contains(&(layout.rank, n)) {
                continue;
            }
            let Some(texts) = index::texts(self.conn, layout, n)? else { continue };
            let Some(standing) = ranking::of_text(&texts, words) else { continue };
            if let Some((mut hit, folded)) = hit_of(self.conn, layout, n)? {
                hit.snippet = snippet(&texts, words);
                self.take(Candidate { standing, layout, n, folded, hit });
            }
            if self.found.len() >= enough {
                break;
            }
        }
        Ok(())
    }

    /// One or two letters: words of titles that begin with them.
    fn short(&mut self, words: &[Word]) -> Result<(), StoreError> {
        self.opened(words)?;
        self.beginnings(words, false)?;
        if self.full() {
            return Ok(());
        }
        let layouts: Vec<&Layout> = self.named().collect();
        for layout in layouts {
            // The index of titles has all it takes.
            let sql = format!("SELECT n, title_fold FROM {} ORDER BY title_fold", layout.table);
            let mut statement = self.conn.prepare_cached(&sql)?;
            let mut rows = statement.query([])?;
            let mut best = Vec::new();
            while let Some(row) = rows.next()? {
                let Ok(title) = row.get_ref(1)?.as_str() else { continue };
                let begins = |word: &Word| word.find(title).is_some_and(|found| found.fit <= Fit::Beginning);
                if words.iter().all(begins)
                    && let Some(standing) = of_title(title, words)
                {
                    best.push((standing, row.get::<_, i64>(0)?));
                }
            }
            best.sort_by_key(|(standing, _)| *standing);
            for (_, n) in best.into_iter().take(2 * self.limit) {
                self.title(layout, n, words)?;
            }
        }
        Ok(())
    }

    /// The best of what was found. Of those that stand alike: this person's own, what he opened lately, whom somebody
    /// was in touch with lately.
    fn ranked(mut self, me: UserId) -> Result<Vec<SearchHit>, StoreError> {
        self.found.sort_by_key(|candidate| (candidate.standing, candidate.layout.rank));
        if let Some(last) = self.found.get(self.limit.saturating_sub(1)) {
            let standing = last.standing;
            self.found.retain(|candidate| candidate.standing <= standing);
        }
        let opened = opened::all(self.conn)?;
        let mut keyed = Vec::new();
        for candidate in std::mem::take(&mut self.found) {
            let place = |id: RecordId| opened.iter().position(|other| *other == id).unwrap_or(usize::MAX);
            let hit = &candidate.hit;
            let (responsible, last) = self.contact(hit.client.unwrap_or(hit.id))?;
            let lately = place(hit.id).min(hit.client.map_or(usize::MAX, place));
            let active = if is_busy(candidate.layout) { candidate.n } else { last };
            let key = (candidate.standing, responsible != Some(me), lately, candidate.layout.rank, -active);
            keyed.push((key, candidate.folded, candidate.hit));
        }
        keyed.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
        Ok(keyed.into_iter().take(self.limit).map(|(_, _, hit)| hit).collect())
    }

    /// Who is responsible for a client, and when somebody was last in touch.
    fn contact(&self, id: RecordId) -> Result<(Option<UserId>, i64), StoreError> {
        let Some(layout) = self.layouts.get(client::KIND.key) else { return Ok((None, 0)) };
        let sql = format!(
            "SELECT {}, {} FROM {} WHERE n = (SELECT n FROM documents WHERE id = ?)",
            Layout::column(client::RESPONSIBLE.key()),
            Layout::column(client::LAST_CONTACT.key()),
            layout.table
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let found = statement.query_row([id.bytes()], |row| {
            Ok((cells::id_or_none(row, 0)?.map(UserId), row.get::<_, Option<i64>>(1)?.unwrap_or(0)))
        });
        Ok(found.optional()?.unwrap_or((None, 0)))
    }
}

/// Kinds of which there are so many that they come after all others, the newest first.
fn is_busy(layout: &Layout) -> bool {
    layout.kind.home == HomeRule::UnderClientByAdd
}

/// A record as search shows it, with its folded title; `None` where it has no row or lies in the trash.
pub(super) fn hit_of(conn: &Connection, layout: &Layout, n: i64) -> Result<Option<(SearchHit, String)>, StoreError> {
    let title = layout.title().unwrap_or_else(|| "''".to_owned());
    let sql = format!("SELECT id, client, {title}, title_fold FROM {} WHERE n = ? AND trashed = 0", layout.table);
    let mut statement = conn.prepare_cached(&sql)?;
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

/// The index query for all words of three letters or more; `None` where there is none.
pub(super) fn trigrams(words: &[String]) -> Option<String> {
    let words: Vec<Word> = words.iter().map(|word| Word::of([spelling::Spelling::text(word.clone(), 0)])).collect();
    spelling::query(&words, 0)
}

/// The piece of the first value that holds a word which the title does not, with some of what stands around it.
fn snippet(texts: &Texts, words: &[Word]) -> String {
    const BEFORE: usize = 30;
    const LENGTH: usize = 110;
    let sought: Vec<&Word> = words.iter().filter(|word| word.find(&texts.title).is_none()).collect();
    for (_, typed) in &texts.typed {
        let folded = fold(typed);
        let found = sought.iter().filter_map(|word| word.find(&folded)).map(|found| found.from).min();
        let number = digits(typed);
        let in_number = || sought.iter().any(|word| word.find(&number).is_some()).then_some(0);
        let Some(at) = found.or_else(in_number) else { continue };
        let letter = folded[..at].chars().count();
        let from = letter.saturating_sub(BEFORE);
        let piece: String = typed.chars().skip(from).take(LENGTH).collect();
        return piece.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    String::new()
}
