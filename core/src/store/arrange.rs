//! The rows of a list in their order and groups, as record numbers: worked out once for a list as asked for, kept
//! while nothing is written, so that every window of it is read by number however deep it lies.
//!
//! The database says which rows there are and gives the few columns that order and group them; putting them in order
//! happens here, where a name or a day is looked up once and not once per row.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params_from_iter};

use super::collate::sort_key;
use super::columns::{Place, is_text, place};
use super::conditions::Builder;
use super::error::StoreError;
use super::lists::{Group, GroupKey, ListQuery};
use super::views::{Layout, Layouts};
use crate::domain::fold::fold;
use crate::domain::interactions::{Class, Viewed};
use crate::domain::kind::{FieldDecl, FieldType};
use crate::domain::kinds::{client, interaction};
use crate::domain::listing::{GROUP_DEPTH, Moment, Scope, Unit};

/// Lists kept.
const KEPT: usize = 8;
/// Most groups of one level; what comes after them stands in the last one.
pub(super) const GROUPS: usize = 2_000;

/// A list in its order.
#[derive(Debug, Default)]
pub(super) struct Arranged {
    /// Record numbers, group by group.
    pub numbers: Vec<i64>,
    /// Runs of them.
    pub groups: Vec<Group>,
    /// Sums over all.
    pub sums: Vec<i64>,
}

/// Lists worked out lately, and what they were worked out from.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<Vec<(u64, String, Arc<Arranged>)>>);

impl Kept {
    /// The list of `key` as of the writes counted in `writes`, worked out where it is not known.
    pub fn get(
        &self,
        writes: u64,
        key: String,
        make: impl FnOnce() -> Result<Arranged, StoreError>,
    ) -> Result<Arc<Arranged>, StoreError> {
        {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(at) = kept.iter().position(|(of, known, _)| *of == writes && *known == key) {
                let found = kept.remove(at);
                let list = Arc::clone(&found.2);
                kept.push(found);
                return Ok(list);
            }
        }
        let made = Arc::new(make()?);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(of, _, _)| *of == writes);
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push((writes, key, Arc::clone(&made)));
        Ok(made)
    }
}

/// Works a list out.
pub(super) fn arrange(
    conn: &Connection,
    layouts: &Layouts,
    layout: &Layout,
    query: &ListQuery,
) -> Result<Arranged, StoreError> {
    if stands_in_an_index(query) {
        let sql = format!("SELECT v.n FROM {} v WHERE v.trashed = 0 ORDER BY v.title_key, v.n", layout.table);
        let mut statement = conn.prepare_cached(&sql)?;
        let numbers = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        return Ok(Arranged { numbers, ..Arranged::default() });
    }
    let mut builder = Builder::new(conn, layouts, layout, query.moment)?;
    let conditions = builder.of_query(query)?;
    let mut reading = Reading { conn, layouts, layout, moment: query.moment, columns: vec!["v.n".to_owned()] };
    if query.group.len() > GROUP_DEPTH {
        return Err(StoreError::BadValue("group".to_owned()));
    }
    let mut groups = Vec::new();
    for by in &query.group {
        groups.push(Grouping::of(&mut reading, &by.field, by.unit)?);
    }
    let mut orders = Vec::new();
    for by in &query.sort {
        orders.push((reading.lens(&by.field, None)?, by.descending));
    }
    if query.sort.is_empty() {
        orders.push((reading.lens("title", None)?, false));
    }
    let sums = query.sums.iter().map(|key| reading.sum(key)).collect::<Result<Vec<_>, _>>()?;

    let sql = format!("SELECT {} FROM {} v{conditions}", reading.columns.join(", "), layout.table);
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(&builder.values))?;
    let (one_key, mut lines) = (orders.len() == 1, Vec::new());
    while let Some(row) = rows.next()? {
        let mut line =
            Line { n: row.get(0)?, group: [0; GROUP_DEPTH], first: Key::Nothing, more: Vec::new(), sums: Vec::new() };
        for (at, group) in groups.iter_mut().enumerate() {
            line.group[at] = group.index_of(row)?;
        }
        line.first = orders[0].0.key(row)?;
        if !one_key {
            line.more = orders[1..].iter_mut().map(|(lens, _)| lens.key(row)).collect::<Result<_, _>>()?;
        }
        for at in &sums {
            line.sums.push(row.get::<_, Option<i64>>(*at)?.unwrap_or(0));
        }
        lines.push(line);
    }
    let ranks: Vec<Vec<u32>> = groups.iter().map(Grouping::ranks).collect();
    for line in &mut lines {
        for (at, ranks) in ranks.iter().enumerate() {
            line.group[at] = ranks[line.group[at] as usize];
        }
    }
    let descending: Vec<bool> = orders.iter().map(|(_, descending)| *descending).collect();
    lines.sort_unstable_by(|a, b| a.cmp(b, &descending));
    let heads: Vec<Vec<GroupKey>> = groups.into_iter().zip(&ranks).map(|(group, ranks)| group.heads(ranks)).collect();
    let total = |lines: &[Line]| -> Vec<i64> {
        (0..sums.len()).map(|at| lines.iter().fold(0, |sum: i64, line| sum.saturating_add(line.sums[at]))).collect()
    };
    Ok(Arranged {
        groups: runs(&lines, 0, 0, &heads, &total),
        sums: total(&lines),
        numbers: lines.iter().map(|line| line.n).collect(),
    })
}

/// True where the list is all of a kind by name: an index has it in that order.
fn stands_in_an_index(query: &ListQuery) -> bool {
    let all = query.scope == Scope::All && query.client.is_none() && query.user.is_none() && !query.trashed;
    let plain = query.sort.is_empty() && query.group.is_empty() && query.sums.is_empty();
    all && plain && query.conditions.is_empty() && query.text.is_empty()
}

/// Splits ordered lines into runs of one group each, and those into runs of the next level.
fn runs(
    lines: &[Line],
    level: usize,
    first: usize,
    heads: &[Vec<GroupKey>],
    total: &dyn Fn(&[Line]) -> Vec<i64>,
) -> Vec<Group> {
    let Some(head) = heads.get(level) else { return Vec::new() };
    let mut groups: Vec<Group> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let group = lines[at].group[level];
        let mut n = lines[at..].iter().take_while(|line| line.group[level] == group).count();
        let rest = groups.len() + 1 == GROUPS && at + n < lines.len();
        if rest {
            n = lines.len() - at;
        }
        let run = &lines[at..at + n];
        groups.push(Group {
            key: if rest { GroupKey::Rest } else { head[group as usize].clone() },
            first: first + at,
            count: n,
            sums: total(run),
            groups: if rest { Vec::new() } else { runs(run, level + 1, first + at, heads, total) },
        });
        at += n;
    }
    groups
}

/// What a row is ordered by.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Key {
    Int(i64),
    Bytes(Box<[u8]>),
    Nothing,
}

impl Key {
    fn cmp(&self, other: &Self, descending: bool) -> Ordering {
        let order = match (self, other) {
            // What has no value stands last in either direction.
            (Self::Nothing, Self::Nothing) => return Ordering::Equal,
            (Self::Nothing, _) => return Ordering::Greater,
            (_, Self::Nothing) => return Ordering::Less,
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            (Self::Int(_), Self::Bytes(_)) => Ordering::Less,
            (Self::Bytes(_), Self::Int(_)) => Ordering::Greater,
        };
        if descending { order.reverse() } else { order }
    }
}

struct Line {
    n: i64,
    group: [u32; GROUP_DEPTH],
    first: Key,
    more: Vec<Key>,
    sums: Vec<i64>,
}

impl Line {
    fn cmp(&self, other: &Self, descending: &[bool]) -> Ordering {
        let mut order = self.group.cmp(&other.group);
        if order == Ordering::Equal {
            order = self.first.cmp(&other.first, descending[0]);
        }
        for (at, key) in self.more.iter().enumerate() {
            if order == Ordering::Equal {
                order = key.cmp(&other.more[at], descending[at + 1]);
            }
        }
        order.then(self.n.cmp(&other.n))
    }
}

/// What is read of the rows: columns are added as somebody asks for them.
struct Reading<'a> {
    conn: &'a Connection,
    layouts: &'a Layouts,
    layout: &'a Layout,
    moment: Moment,
    columns: Vec<String>,
}

impl Reading<'_> {
    fn column(&mut self, name: &str) -> usize {
        if let Some(at) = self.columns.iter().position(|column| column == name) {
            return at;
        }
        self.columns.push(name.to_owned());
        self.columns.len() - 1
    }

    fn own(&mut self, key: &str) -> usize {
        self.column(&format!("v.{}", Layout::column(key)))
    }

    fn sum(&mut self, key: &str) -> Result<usize, StoreError> {
        let field = self.layout.kind.field(key).filter(|it| !it.many && it.field_type == FieldType::Int);
        let field = field.ok_or_else(|| StoreError::BadValue(key.to_owned()))?;
        Ok(self.own(field.key))
    }

    /// How rows are ordered by a key; with a unit, how days fall together.
    fn lens(&mut self, key: &str, unit: Option<Unit>) -> Result<Lens, StoreError> {
        let place = place(self.layouts, self.layout, key)?;
        Ok(match place {
            Place::Title if unit.is_none() => Lens { at: self.column("v.title_key"), how: How::Raw },
            Place::Own(field) if unit.is_none() && Some(field.key) == self.layout.title_field() => {
                Lens { at: self.column("v.title_key"), how: How::Raw }
            }
            Place::Own(field) => Lens { at: self.own(field.key), how: self.how(field, unit)? },
            Place::Title => {
                let title = self.layout.title_field().ok_or_else(|| StoreError::BadValue(key.to_owned()))?;
                Lens { at: self.own(title), how: How::Text }
            }
            Place::Id => return Err(StoreError::BadValue(key.to_owned())),
            Place::CreatedAt => {
                let how = unit.map_or(How::Raw, |unit| How::Stretch(Stretches::of(self.moment, unit)));
                Lens { at: self.column("v.created_at"), how }
            }
            Place::Client => {
                let how = How::Id(self.names(client::KIND.key)?);
                Lens { at: self.column("v.client"), how }
            }
            Place::OfClient(field) => {
                let clients = self.layouts.need(client::KIND.key)?;
                let sql = format!("SELECT c.id, c.{} FROM {} c", Layout::column(field.key), clients.table);
                let mut inner = Lens { at: 1, how: self.how(field, unit)? };
                let mut statement = self.conn.prepare_cached(&sql)?;
                let mut rows = statement.query([])?;
                let mut known = HashMap::new();
                while let Some(row) = rows.next()? {
                    let shown = if unit.is_some() { inner.group(row)? } else { (inner.key(row)?, GroupKey::Empty) };
                    known.insert(bytes_of(row, 0)?, shown);
                }
                Lens { at: self.column("v.client"), how: How::Through(known) }
            }
            Place::Department(field) => {
                let mut departments = HashMap::new();
                let mut statement = self.conn.prepare_cached("SELECT id, name FROM departments")?;
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    departments.insert(bytes_of(row, 0)?, Key::Bytes(sort_key(&row.get::<_, String>(1)?).into()));
                }
                let mut statement = self.conn.prepare_cached("SELECT id, department FROM users")?;
                let mut rows = statement.query([])?;
                let mut known = HashMap::new();
                while let Some(row) = rows.next()? {
                    let department = bytes_of(row, 1)?;
                    let key = departments.get(&department).cloned().unwrap_or(Key::Bytes(Box::default()));
                    known.insert(bytes_of(row, 0)?, (key, GroupKey::Id(uuid::Uuid::from_bytes(department))));
                }
                Lens { at: self.own(field.key), how: How::Through(known) }
            }
            Place::Class => {
                let parts = [interaction::STATE.key(), interaction::STARTS_AT.key(), interaction::ENDS_AT.key()];
                let [state, starts_at, ends_at] = parts.map(|key| self.own(key));
                let viewed = Viewed::at(self.moment.now, self.moment.zone);
                Lens { at: state, how: How::Class { starts_at, ends_at, viewed } }
            }
        })
    }

    fn how(&self, field: &FieldDecl, unit: Option<Unit>) -> Result<How, StoreError> {
        let long = matches!(field.field_type, FieldType::Memo | FieldType::Note);
        if unit.is_some() && (field.many || long) {
            return Err(StoreError::BadValue(field.key.to_owned()));
        }
        Ok(match field.field_type {
            _ if field.many => How::Raw,
            FieldType::Choice(values) => How::Choice(values),
            FieldType::User => How::Id(self.people()?),
            FieldType::Reference(kind) => How::Id(self.names(kind)?),
            FieldType::Day | FieldType::Instant => {
                unit.map_or(How::Raw, |unit| How::Stretch(Stretches::of(self.moment, unit)))
            }
            FieldType::Bool => How::Flag,
            _ if is_text(field) => How::Text,
            _ => How::Raw,
        })
    }

    fn people(&self) -> Result<HashMap<[u8; 16], Key>, StoreError> {
        self.keys("SELECT id, sort FROM users")
    }

    /// How the records of a kind are ordered by name.
    fn names(&self, kind: &str) -> Result<HashMap<[u8; 16], Key>, StoreError> {
        match self.layouts.get(kind).filter(|target| target.title().is_some()) {
            Some(target) => self.keys(&format!("SELECT t.id, t.title_key FROM {} t", target.table)),
            None => Ok(HashMap::new()),
        }
    }

    fn keys(&self, sql: &str) -> Result<HashMap<[u8; 16], Key>, StoreError> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut keys = HashMap::new();
        while let Some(row) = rows.next()? {
            keys.insert(bytes_of(row, 0)?, Key::Bytes(row.get::<_, Option<Vec<u8>>>(1)?.unwrap_or_default().into()));
        }
        Ok(keys)
    }
}

/// One column, and how it orders and groups.
struct Lens {
    at: usize,
    how: How,
}

enum How {
    /// As it stands.
    Raw,
    /// Text as people order it.
    Text,
    /// In the order of the declaration.
    Choice(&'static [&'static str]),
    /// Nobody said means no.
    Flag,
    /// By the name of what it points at.
    Id(HashMap<[u8; 16], Key>),
    /// By something the record pointed at has.
    Through(HashMap<[u8; 16], (Key, GroupKey)>),
    /// By the stretch of days it falls into.
    Stretch(Stretches),
    /// By the event class.
    Class { starts_at: usize, ends_at: usize, viewed: Viewed },
}

impl Lens {
    fn key(&mut self, row: &Row<'_>) -> Result<Key, StoreError> {
        let cell = row.get_ref(self.at)?;
        Ok(match (&self.how, cell) {
            (How::Flag, cell) => Key::Int(matches!(cell, ValueRef::Integer(1)).into()),
            (How::Class { .. } | How::Stretch(_), _) => self.group(row)?.0,
            (_, ValueRef::Null | ValueRef::Text(b"")) => Key::Nothing,
            (How::Text, ValueRef::Text(text)) => Key::Bytes(sort_key(&String::from_utf8_lossy(text)).into()),
            (How::Choice(values), ValueRef::Text(text)) => place_of(values, text),
            (How::Id(names), ValueRef::Blob(id)) => {
                id.try_into().ok().and_then(|id: [u8; 16]| names.get(&id)).cloned().unwrap_or(Key::Nothing)
            }
            (How::Through(known), ValueRef::Blob(id)) => {
                let found = id.try_into().ok().and_then(|id: [u8; 16]| known.get(&id));
                found.map_or(Key::Nothing, |(key, _)| key.clone())
            }
            (_, ValueRef::Integer(number)) => Key::Int(number),
            (_, ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => Key::Bytes(bytes.into()),
            (_, ValueRef::Real(_)) => Key::Nothing,
        })
    }

    /// The group a row falls into, and what orders it among the groups.
    fn group(&mut self, row: &Row<'_>) -> Result<(Key, GroupKey), StoreError> {
        let empty = (Key::Nothing, GroupKey::Empty);
        if let How::Class { starts_at, ends_at, viewed } = &self.how {
            let state: Option<String> = row.get(self.at)?;
            let instant = |at: usize| -> Result<Option<DateTime<Utc>>, StoreError> {
                Ok(row.get::<_, Option<i64>>(at)?.and_then(DateTime::from_timestamp_millis))
            };
            let class = viewed.class(&state.unwrap_or_default(), instant(*starts_at)?, instant(*ends_at)?);
            let (place, key) = match class {
                Class::Overdue => (0, "overdue"),
                Class::Current => (1, "current"),
                Class::Planned => (2, "planned"),
                Class::Closed => (3, "closed"),
            };
            return Ok((Key::Int(place), GroupKey::Text(key.to_owned())));
        }
        if let How::Flag = self.how {
            let flag = matches!(row.get_ref(self.at)?, ValueRef::Integer(1));
            return Ok((Key::Int(flag.into()), GroupKey::Flag(flag)));
        }
        let cell = row.get_ref(self.at)?;
        if let How::Stretch(stretches) = &mut self.how {
            let begin = match cell {
                ValueRef::Integer(millis) => stretches.of_instant(millis),
                ValueRef::Text(day) => std::str::from_utf8(day).ok().and_then(|day| stretches.of_day(day)),
                _ => None,
            };
            return Ok(begin.map_or(empty, |day| (Key::Int(i64::from(day.to_epoch_days())), GroupKey::Day(day))));
        }
        if let (How::Through(known), ValueRef::Blob(id)) = (&self.how, cell) {
            return Ok(id.try_into().ok().and_then(|id: [u8; 16]| known.get(&id)).cloned().unwrap_or(empty));
        }
        let group = match cell {
            ValueRef::Null | ValueRef::Text(b"") | ValueRef::Real(_) => return Ok(empty),
            ValueRef::Integer(number) => GroupKey::Int(number),
            ValueRef::Text(text) => GroupKey::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(id) => match uuid::Uuid::from_slice(id) {
                Ok(id) => GroupKey::Id(id),
                Err(_) => return Ok(empty),
            },
        };
        // What is not known here still has its own group, after the known ones.
        let key = match self.key(row)? {
            Key::Nothing => Key::Bytes([0xff].into()),
            key => key,
        };
        Ok((key, group))
    }
}

fn place_of(values: &[&str], text: &[u8]) -> Key {
    let place = values.iter().position(|value| value.as_bytes() == text);
    place.map_or_else(|| Key::Bytes(text.into()), |place| Key::Int(place as i64))
}

/// Stretches of days in the viewer's zone.
struct Stretches {
    moment: Moment,
    unit: Unit,
    /// By quarters of an hour of UTC: where clocks are set by whole ones, no day begins within one.
    known: HashMap<i64, NaiveDate>,
}

impl Stretches {
    fn of(moment: Moment, unit: Unit) -> Self {
        Self { moment, unit, known: HashMap::new() }
    }

    fn of_instant(&mut self, millis: i64) -> Option<NaiveDate> {
        let quarter = millis.div_euclid(900_000);
        match self.known.entry(quarter) {
            Entry::Occupied(known) => Some(*known.get()),
            Entry::Vacant(new) => {
                let at = DateTime::from_timestamp_millis(millis)?;
                Some(*new.insert(self.unit.begin(at.with_timezone(&self.moment.zone).date_naive())))
            }
        }
    }

    fn of_day(&self, day: &str) -> Option<NaiveDate> {
        Some(self.unit.begin(NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?))
    }
}

/// The groups of one level as they are met.
struct Grouping {
    lens: Lens,
    met: HashMap<GroupKey, u32>,
    groups: Vec<(Key, GroupKey)>,
}

impl Grouping {
    fn of(reading: &mut Reading<'_>, key: &str, unit: Unit) -> Result<Self, StoreError> {
        Ok(Self { lens: reading.lens(key, Some(unit))?, met: HashMap::new(), groups: Vec::new() })
    }

    fn index_of(&mut self, row: &Row<'_>) -> Result<u32, StoreError> {
        let (order, shown) = self.lens.group(row)?;
        // "Київ" and "київ" are one group, shown as it was met first.
        let met = match (&self.lens.how, &shown) {
            (How::Text, GroupKey::Text(text)) => GroupKey::Text(fold(text)),
            _ => shown.clone(),
        };
        let next = self.groups.len() as u32;
        let at = *self.met.entry(met).or_insert(next);
        if at == next {
            self.groups.push((order, shown));
        }
        Ok(at)
    }

    /// The place of each group in order.
    fn ranks(&self) -> Vec<u32> {
        let mut order: Vec<usize> = (0..self.groups.len()).collect();
        order.sort_by(|a, b| {
            let (a, b) = (&self.groups[*a], &self.groups[*b]);
            a.0.cmp(&b.0, false).then_with(|| a.1.cmp(&b.1))
        });
        let mut ranks = vec![0; order.len()];
        for (rank, at) in order.into_iter().enumerate() {
            ranks[at] = rank as u32;
        }
        ranks
    }

    fn heads(self, ranks: &[u32]) -> Vec<GroupKey> {
        let mut heads = vec![GroupKey::Empty; ranks.len()];
        for ((_, shown), rank) in self.groups.into_iter().zip(ranks) {
            heads[*rank as usize] = shown;
        }
        heads
    }
}

fn bytes_of(row: &Row<'_>, at: usize) -> Result<[u8; 16], StoreError> {
    let bytes = row.get_ref(at)?.as_blob().map_err(rusqlite::Error::from)?;
    bytes.try_into().map_err(|_| StoreError::Unreadable("id"))
}
