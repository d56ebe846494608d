//! Conditions of lists as SQL over a kind's view `v`: values are always bound, and never part of the text.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, Utc};
use rusqlite::Connection;
use rusqlite::types::Value as Sql;

use super::columns::{Place, is_text, place};
use super::error::StoreError;
use super::lists::ListQuery;
use super::state::Me;
use super::views::{Layout, Layouts};
use super::{cells, custom, index, interactions, mirror, search, state};
use crate::domain::fold::{digits, fold, is_number};
use crate::domain::ids::RecordId;
use crate::domain::interactions::{Class, Viewed, begin_of};
use crate::domain::kind::{FieldDecl, FieldType, HomeRule};
use crate::domain::kinds::client;
use crate::domain::listing::{CONDITION_DEPTH, Condition, Moment, Op, Scope, Stretch, TESTS, Test, stretch};

/// A condition as SQL, with its values in order.
pub(super) struct Builder<'a> {
    layouts: &'a Layouts,
    layout: &'a Layout,
    me: Me,
    moment: Moment,
    n_tests: usize,
    /// Only rows the search index may have are asked for.
    indexed: bool,
    /// Fields of which the index does not know everything yet.
    unfinished: BTreeSet<String>,
    pub values: Vec<Sql>,
}

impl<'a> Builder<'a> {
    pub fn new(
        conn: &Connection,
        layouts: &'a Layouts,
        layout: &'a Layout,
        moment: Moment,
    ) -> Result<Self, StoreError> {
        let unfinished = custom::unfinished(conn, layout.kind)?;
        let (me, values) = (state::me(conn)?, Vec::new());
        Ok(Self { layouts, layout, me, moment, n_tests: 0, indexed: false, unfinished, values })
    }

    /// All a query asks for, as what follows the table's name.
    pub fn of_query(&mut self, query: &ListQuery) -> Result<String, StoreError> {
        // What lies in the trash is not in the index.
        self.indexed = !query.trashed;
        let mut sql = if query.trashed { " WHERE v.trashed = 1" } else { " WHERE v.trashed = 0" }.to_owned();
        self.people(&mut sql, query);
        for condition in &query.conditions {
            sql += " AND ";
            sql += &self.condition(condition, 0)?;
        }
        self.words(&mut sql, &query.text);
        Ok(sql)
    }

    /// One condition as an expression that is true, false or null.
    pub fn condition(&mut self, condition: &Condition, depth: usize) -> Result<String, StoreError> {
        let (parts, joint) = match condition {
            Condition::Test(test) => return self.test(test),
            Condition::All { all } => (all, " AND "),
            Condition::Any { any } => (any, " OR "),
        };
        if depth >= CONDITION_DEPTH {
            return Err(StoreError::BadValue("conditions".to_owned()));
        }
        let mut parts = parts.iter().map(|part| self.condition(part, depth + 1)).collect::<Result<Vec<_>, _>>()?;
        Ok(match parts.len() {
            0 => "1".to_owned(),
            1 => parts.remove(0),
            _ => format!("({})", parts.join(joint)),
        })
    }

    /// The column that says whose a record is; through its client where it has none of its own.
    fn owner(&self) -> Option<String> {
        for key in ["responsible", "assigned"] {
            if self.layout.kind.field(key).is_some() {
                return Some(format!("v.{}", Layout::column(key)));
            }
        }
        let clients = self.layouts.get(client::KIND.key)?;
        let through = self.layout.kind.home == HomeRule::UnderClient;
        through.then(|| {
            format!(
                "(SELECT c.f_responsible FROM {} c WHERE c.n = (SELECT d.n FROM documents d WHERE d.id = v.client))",
                clients.table
            )
        })
    }

    fn people(&mut self, sql: &mut String, query: &ListQuery) {
        if let Some(client) = query.client {
            *sql += " AND v.client = ?";
            self.values.push(blob(client.bytes()));
        }
        let Some(owner) = self.owner() else { return };
        if let Some(user) = query.user {
            *sql += &format!(" AND {owner} = ?");
            self.values.push(blob(user.bytes()));
        }
        match query.scope {
            Scope::All => {}
            Scope::Mine => {
                *sql += &format!(" AND {owner} = ?");
                self.values.push(blob(self.me.user.bytes()));
            }
            Scope::Staff => {
                *sql += " AND ";
                *sql += &self.staff(&owner);
            }
        }
    }

    fn staff(&mut self, owner: &str) -> String {
        let departments = mirror::STAFF_DEPARTMENTS.replace("?1", "?");
        let n_me = 1 + departments.matches('?').count();
        self.values.extend(std::iter::repeat_n(blob(self.me.user.bytes()), n_me));
        format!("({owner} <> ? AND {owner} IN (SELECT id FROM users WHERE department IN ({departments})))")
    }

    fn test(&mut self, test: &Test) -> Result<String, StoreError> {
        self.n_tests += 1;
        if self.n_tests > TESTS {
            return Err(StoreError::BadValue("conditions".to_owned()));
        }
        let bad = || StoreError::BadValue(test.field.clone());
        match place(self.layouts, self.layout, &test.field)? {
            Place::Own(field) if Some(field.key) == self.layout.title_field() => {
                self.compare(field, &format!("v.{}", Layout::column(field.key)), Some("v.title_fold"), test)
            }
            Place::Own(field) => self.compare(field, &format!("v.{}", Layout::column(field.key)), None, test),
            Place::Title => {
                let field = self.layout.title_field().and_then(|key| self.layout.kind.field(key)).ok_or_else(bad)?;
                self.compare(field, &format!("v.{}", Layout::column(field.key)), Some("v.title_fold"), test)
            }
            Place::CreatedAt => self.compare(&CREATED_AT, "v.created_at", None, test),
            Place::Client => self.compare(&CLIENT, "v.client", None, test),
            Place::OfClient(field) => {
                let clients = self.layouts.need(client::KIND.key)?;
                // The index is asked for rows of this list, and these are others.
                let indexed = std::mem::replace(&mut self.indexed, false);
                let inner = self.compare(field, &format!("c.{}", Layout::column(field.key)), None, test);
                self.indexed = indexed;
                let inner = inner?;
                Ok(format!("v.client IN (SELECT c.id FROM {} c WHERE {inner})", clients.table))
            }
            Place::Id => self.one_of(test, |it, text| {
                let id: RecordId = text.parse().ok()?;
                it.values.push(blob(id.bytes()));
                Some("v.id = ?".to_owned())
            }),
            Place::Department(field) => {
                let column = format!("v.{}", Layout::column(field.key));
                if let Some(sql) = emptiness(test.op, field, &column) {
                    return Ok(sql);
                }
                self.one_of(test, |it, text| it.in_department(&column, text))
            }
            Place::Class => self.one_of(test, |it, text| {
                let class = match text {
                    "overdue" => Class::Overdue,
                    "current" => Class::Current,
                    "planned" => Class::Planned,
                    "closed" => Class::Closed,
                    _ => return None,
                };
                let viewed = Viewed::at(it.moment.now, it.moment.zone);
                let (sql, values) = interactions::of_class(class, &viewed);
                it.values.extend(values);
                Some(sql)
            }),
        }
    }

    fn in_department(&mut self, column: &str, text: &str) -> Option<String> {
        let id = match text {
            "mine" => *self.me.department.bytes(),
            id => *uuid::Uuid::parse_str(id).ok()?.as_bytes(),
        };
        self.values.push(blob(&id));
        Some(format!("{column} IN (SELECT id FROM users WHERE department = ?)"))
    }

    /// `is`, `is_not`, `one_of` and `none_of`, by what says that one value is the one.
    fn one_of(
        &mut self,
        test: &Test,
        mut is: impl FnMut(&mut Self, &str) -> Option<String>,
    ) -> Result<String, StoreError> {
        let bad = || StoreError::BadValue(test.field.clone());
        let one = [test.value.clone()];
        let (values, negated) = match test.op {
            Op::Is => (&one[..], false),
            Op::IsNot => (&one[..], true),
            Op::OneOf => (test.values.as_slice(), false),
            Op::NoneOf => (test.values.as_slice(), true),
            _ => return Err(bad()),
        };
        let mut ways = Vec::with_capacity(values.len());
        for value in values {
            ways.push(is(self, value).ok_or_else(bad)?);
        }
        let any = if ways.is_empty() { "0".to_owned() } else { format!("({})", ways.join(" OR ")) };
        Ok(if negated { format!("NOT coalesce({any}, 0)") } else { any })
    }

    fn compare(
        &mut self,
        field: &FieldDecl,
        column: &str,
        folded: Option<&str>,
        test: &Test,
    ) -> Result<String, StoreError> {
        let bad = || StoreError::BadValue(test.field.clone());
        if let Some(sql) = emptiness(test.op, field, column) {
            return Ok(sql);
        }
        if matches!(test.op, Op::Contains | Op::Begins) {
            return self.part(field, column, folded, test).ok_or_else(bad);
        }
        if field.many {
            return self.one_of(test, |it, text| {
                it.values.push(Sql::Text(fold(text)));
                Some(format!(
                    "EXISTS (SELECT 1 FROM json_each(coalesce({column}, '[]')) e
                        WHERE fold(json_extract(e.value, '$[1]')) = ?)"
                ))
            });
        }
        let membership = matches!(test.op, Op::Is | Op::IsNot | Op::OneOf | Op::NoneOf);
        match field.field_type {
            FieldType::Int | FieldType::Day | FieldType::Instant if membership => self.one_of(test, |it, text| {
                let (from, before) = it.stretch_of(field, text)?;
                it.values.extend([from, before]);
                Some(format!("({column} >= ? AND {column} < ?)"))
            }),
            FieldType::Int | FieldType::Day | FieldType::Instant => self.within(field, column, test).ok_or_else(bad),
            FieldType::Bool => self.one_of(test, |it, text| {
                it.values.push(Sql::Integer(text.parse::<bool>().ok()?.into()));
                // A flag nobody set is a flag that is not set.
                Some(format!("coalesce({column}, 0) = ?"))
            }),
            FieldType::User => self.one_of(test, |it, text| it.is_person(column, text)),
            FieldType::Reference(_) => self.one_of(test, |it, text| {
                it.values.push(blob(uuid::Uuid::parse_str(text).ok()?.as_bytes()));
                Some(format!("{column} = ?"))
            }),
            FieldType::Choice(_) => self.one_of(test, |it, text| {
                it.values.push(Sql::Text(text.to_owned()));
                Some(format!("{column} = ?"))
            }),
            _ if membership => {
                let folded = folded.map_or_else(|| format!("fold({column})"), str::to_owned);
                self.one_of(test, |it, text| {
                    it.values.push(Sql::Text(fold(text)));
                    Some(format!("{folded} = ?"))
                })
            }
            _ => {
                let sign = match test.op {
                    Op::Before => "<",
                    Op::From => ">=",
                    Op::After => ">",
                    Op::Until => "<=",
                    _ => return Err(bad()),
                };
                self.values.push(Sql::Blob(super::collate::sort_key(&test.value)));
                Ok(format!("({column} <> '' AND sort_key({column}) {sign} ?)"))
            }
        }
    }

    fn is_person(&mut self, column: &str, text: &str) -> Option<String> {
        let id = match text {
            "me" => *self.me.user.bytes(),
            "my_department" => return self.in_department(column, "mine"),
            "my_staff" => return Some(self.staff(column)),
            id => *uuid::Uuid::parse_str(id).ok()?.as_bytes(),
        };
        self.values.push(blob(&id));
        Some(format!("{column} = ?"))
    }

    /// Comparisons of numbers, days and moments, all by stretches from … before ….
    fn within(&mut self, field: &FieldDecl, column: &str, test: &Test) -> Option<String> {
        let (from, before) = match test.op {
            Op::Before => (None, Some(self.stretch_of(field, &test.value)?.0)),
            Op::From => (Some(self.stretch_of(field, &test.value)?.0), None),
            Op::After => (Some(self.stretch_of(field, &test.value)?.1), None),
            Op::Until => (None, Some(self.stretch_of(field, &test.value)?.1)),
            Op::Between => {
                let [first, last] = test.values.as_slice() else { return None };
                (Some(self.stretch_of(field, first)?.0), Some(self.stretch_of(field, last)?.1))
            }
            Op::During => self.during(field, &test.value)?,
            _ => return None,
        };
        let mut parts = Vec::new();
        for (sign, border) in [(">=", from), ("<", before)] {
            if let Some(border) = border {
                self.values.push(border);
                parts.push(format!("{column} {sign} ?"));
            }
        }
        Some(format!("({})", parts.join(" AND ")))
    }

    fn during(&self, field: &FieldDecl, name: &str) -> Option<(Option<Sql>, Option<Sql>)> {
        let today = self.moment.today();
        let instant = match field.field_type {
            FieldType::Instant => true,
            FieldType::Day => false,
            _ => return None,
        };
        let border = |day: NaiveDate| if instant { self.begin(day) } else { day_text(day) };
        let now = || if instant { millis(self.moment.now) } else { day_text(today) };
        Some(match stretch(name, today)? {
            Stretch::Days(from, before) => (Some(border(from)), Some(border(before))),
            Stretch::Past => (None, Some(now())),
            Stretch::Future => (Some(now()), None),
        })
    }

    /// What a value stands for, from its beginning to what begins after it: a day is the whole of it.
    fn stretch_of(&self, field: &FieldDecl, text: &str) -> Option<(Sql, Sql)> {
        if field.field_type == FieldType::Int {
            let number: i64 = text.trim().parse().ok()?;
            return Some((Sql::Integer(number), Sql::Integer(number.checked_add(1)?)));
        }
        if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            let next = day.checked_add_days(Days::new(1))?;
            return Some(match field.field_type {
                FieldType::Day => (day_text(day), day_text(next)),
                _ => (self.begin(day), self.begin(next)),
            });
        }
        if field.field_type == FieldType::Day {
            return None;
        }
        let at = DateTime::parse_from_rfc3339(text).ok()?.timestamp_millis();
        Some((Sql::Integer(at), Sql::Integer(at + 1)))
    }

    fn begin(&self, day: NaiveDate) -> Sql {
        millis(begin_of(day, self.moment.zone))
    }

    /// `contains` and `begins`.
    fn part(&mut self, field: &FieldDecl, column: &str, known: Option<&str>, test: &Test) -> Option<String> {
        let text = match field.field_type {
            _ if field.many => column.to_owned(),
            FieldType::User => format!("(SELECT name FROM users WHERE id = {column})"),
            FieldType::Reference(kind) => title_of(self.layouts, kind, column).unwrap_or_else(|| "''".to_owned()),
            _ if is_text(field) => column.to_owned(),
            _ => return None,
        };
        let begins = test.op == Op::Begins;
        if field.many {
            let number = digits(&test.value);
            let as_number = field.field_type == FieldType::Phone && is_number(&test.value) && number.len() >= 2;
            let one = if as_number {
                "replace(replace(replace(replace(replace(json_extract(e.value, '$[1]'),
                    ' ', ''), '-', ''), '(', ''), ')', ''), '.', '')"
            } else {
                "fold(json_extract(e.value, '$[1]'))"
            };
            self.values.push(Sql::Text(if as_number { number } else { fold(&test.value) }));
            let sign = if begins { "= 1" } else { "> 0" };
            return Some(format!(
                "EXISTS (SELECT 1 FROM json_each(coalesce({text}, '[]')) e WHERE instr({one}, ?) {sign})"
            ));
        }
        let part = fold(&test.value);
        let own = field.search
            && !matches!(field.field_type, FieldType::User | FieldType::Reference(_))
            && !self.unfinished.contains(field.key);
        let likely = if own { self.likely(std::slice::from_ref(&part)) } else { None };
        let at = known.map_or_else(|| format!("fold_at({text}, ?)"), |folded| format!("instr({folded}, ?)"));
        self.values.push(Sql::Text(part));
        let found = if begins { format!("{at} = 1") } else { format!("{at} > 0") };
        // What waits to be indexed may hold it too.
        Some(match likely {
            Some(likely) => format!("(v.n IN ({likely} UNION ALL SELECT n FROM search_dirty) AND {found})"),
            None => found,
        })
    }

    /// The numbers of rows that have all three-letter parts of these words somewhere in what is searched; `None` where
    /// the index cannot tell.
    fn likely(&mut self, words: &[String]) -> Option<&'static str> {
        let query = search::trigrams(words).filter(|_| self.indexed)?;
        let (first, last) = index::numbers(self.layout);
        self.values.extend([Sql::Integer(first), Sql::Text(query), Sql::Integer(first), Sql::Integer(last)]);
        Some("SELECT rowid - ? FROM search_all WHERE search_all MATCH ? AND rowid BETWEEN ? AND ?")
    }

    /// The words of the list's own search box: every one in the title or a searched field.
    fn words(&mut self, sql: &mut String, text: &str) {
        let folded = fold(text);
        let searched: Vec<&FieldDecl> = self
            .layout
            .kind
            .fields
            .iter()
            .filter(|field| field.search && field.key != self.layout.kind.title)
            .collect();
        let words: Vec<String> = folded.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        let likely = self.likely(&words);
        if let Some(likely) = likely {
            *sql += &format!(" AND v.n IN ({likely})");
        }
        // Numbers stand in the index a second time as digits only; their trigrams are proof enough.
        for word in words.iter().filter(|word| likely.is_none() || !(is_number(word) && word.len() > 2)) {
            let mut ways = vec!["instr(v.title_fold, ?) > 0".to_owned()];
            ways.extend(searched.iter().map(|field| format!("fold_at(v.{}, ?) > 0", Layout::column(field.key))));
            *sql += &format!(" AND ({})", ways.join(" OR "));
            self.values.extend(std::iter::repeat_n(Sql::Text(word.clone()), ways.len()));
        }
    }
}

static CREATED_AT: FieldDecl = crate::domain::kind::instant("created_at").decl;
static CLIENT: FieldDecl = crate::domain::kind::reference("client", "client").decl;

pub(super) fn blob(bytes: &[u8; 16]) -> Sql {
    Sql::Blob(bytes.to_vec())
}

fn millis(at: DateTime<Utc>) -> Sql {
    Sql::Integer(at.timestamp_millis())
}

fn day_text(day: NaiveDate) -> Sql {
    Sql::Text(cells::text_of(&crate::domain::value::Value::Day(day)))
}

pub(super) fn emptiness(op: Op, field: &FieldDecl, column: &str) -> Option<String> {
    let empty = match field.field_type {
        _ if field.many => format!("coalesce({column}, '[]') = '[]'"),
        FieldType::Bool => format!("coalesce({column}, 0) = 0"),
        _ => format!("coalesce({column}, '') = ''"),
    };
    match op {
        Op::Empty => Some(empty),
        Op::Filled => Some(format!("NOT ({empty})")),
        _ => None,
    }
}

/// The name of the record an id column points at.
fn title_of(layouts: &Layouts, kind: &str, column: &str) -> Option<String> {
    let target = layouts.get(kind)?;
    let title = target.title()?;
    Some(format!(
        "(SELECT t.{title} FROM {} t WHERE t.n = (SELECT d.n FROM documents d WHERE d.id = {column}))",
        target.table
    ))
}
