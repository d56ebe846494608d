//! Lists: scope, conditions, words, order, a page of rows and how many there are.

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, params_from_iter};

use super::error::StoreError;
use super::open::Store;
use super::records::{self, ViewRow};
use super::views::{Layout, Layouts};
use super::{cells, index, interactions, mirror, search, state};
use crate::domain::fold::{digits, fold, is_number};
use crate::domain::ids::*;
use crate::domain::interactions::{Class, Viewed};
use crate::domain::kind::{FieldDecl, FieldType, HomeRule};
use crate::domain::kinds::client;
use crate::domain::value::Value;

/// Asks for one page of a list.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// Kind key.
    pub kind: String,
    /// Whose.
    pub scope: ListScope,
    /// Only this client's records.
    pub client: Option<RecordId>,
    /// Only records of this person (responsible or assigned).
    pub user: Option<UserId>,
    /// All must hold.
    pub conditions: Vec<Filter>,
    /// Only interactions of this event class, as the viewer's moment has it.
    pub class: Option<(Class, Viewed)>,
    /// Words to find; empty for all.
    pub text: String,
    /// Order; empty means by title. `title` and `created_at` are keys as well.
    pub sort: Vec<SortKey>,
    /// Rows to skip.
    pub offset: u32,
    /// Rows wanted, at most 500.
    pub limit: u32,
    /// Rows in the trash instead of the others.
    pub trashed: bool,
}

/// Whose records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListScope {
    /// The person is responsible (clients), it is assigned to him (interactions), or its client is his.
    Mine,
    /// Everything on this device.
    #[default]
    All,
    /// People of the departments he supervises, himself left out.
    Staff,
}

/// One condition.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Field key.
    pub field: String,
    /// What must hold.
    pub op: Comparison,
    /// Compared with: ids, days and instants as text.
    pub value: String,
}

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Equal; for collections: one entry is.
    Is,
    /// Different or empty.
    IsNot,
    /// Contains, folded.
    Contains,
    /// Nothing there.
    Empty,
    /// Something there.
    Filled,
    /// Less or earlier.
    Before,
    /// Greater or later, or equal.
    From,
}

/// One key of the order.
#[derive(Clone, Debug)]
pub struct SortKey {
    /// Field key.
    pub field: String,
    /// Greatest first.
    pub descending: bool,
}

/// A page of rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowPage {
    /// How many there are in all.
    pub total: u64,
    /// Those asked for.
    pub rows: Vec<ViewRow>,
}

impl Store {
    /// One page of a list.
    ///
    /// # Errors
    /// `UnknownKind`, `BadValue` for a condition that does not fit its field.
    pub fn list(&self, query: &ListQuery) -> Result<RowPage, StoreError> {
        let layout = self.inner.layouts.need(&query.kind)?;
        self.read(|conn| {
            let mut builder = Builder { layouts: &self.inner.layouts, layout, sql: String::new(), values: Vec::new() };
            builder.sql += if query.trashed { " WHERE v.trashed = 1" } else { " WHERE v.trashed = 0" };
            builder.people(conn, query)?;
            for condition in &query.conditions {
                builder.condition(condition)?;
            }
            if let Some((class, viewed)) = &query.class {
                let (condition, values) = interactions::of_class(*class, viewed);
                builder.sql += &condition;
                builder.values.extend(values);
            }
            builder.words(&query.text);
            let order = builder.order(&query.sort)?;
            page(conn, layout, &builder.sql, &order, builder.values, query.offset, query.limit.min(500))
        })
    }
}

/// Counts and reads one page of a view.
pub(super) fn page(
    conn: &Connection,
    layout: &Layout,
    conditions: &str,
    order: &str,
    mut values: Vec<Sql>,
    offset: u32,
    limit: u32,
) -> Result<RowPage, StoreError> {
    let count = format!("SELECT count(*) FROM {} v{conditions}", layout.table);
    let total = conn.prepare_cached(&count)?.query_row(params_from_iter(&values), |row| cells::count(row, 0))?;
    values.push(Sql::Integer(limit.into()));
    values.push(Sql::Integer(offset.into()));
    // Which rows first, from an index where there is one; only those are read whole, however deep the page lies.
    let sql = format!(
        "{} WHERE v.n IN (SELECT v.n FROM {} v{conditions}{order} LIMIT ? OFFSET ?){order}",
        records::select(layout),
        layout.table
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(&values), |row| records::from_row(layout, row))?;
    Ok(RowPage { total, rows: rows.collect::<Result<_, _>>()? })
}

pub(super) fn blob(bytes: &[u8; 16]) -> Sql {
    Sql::Blob(bytes.to_vec())
}

struct Builder<'a> {
    layouts: &'a Layouts,
    layout: &'a Layout,
    sql: String,
    values: Vec<Sql>,
}

impl Builder<'_> {
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

    fn people(&mut self, conn: &Connection, query: &ListQuery) -> Result<(), StoreError> {
        if let Some(client) = query.client {
            self.sql += " AND v.client = ?";
            self.values.push(blob(client.bytes()));
        }
        let Some(owner) = self.owner() else { return Ok(()) };
        if let Some(user) = query.user {
            self.sql += &format!(" AND {owner} = ?");
            self.values.push(blob(user.bytes()));
        }
        let me = state::me(conn)?.user;
        match query.scope {
            ListScope::All => {}
            ListScope::Mine => {
                self.sql += &format!(" AND {owner} = ?");
                self.values.push(blob(me.bytes()));
            }
            ListScope::Staff => {
                let departments = mirror::STAFF_DEPARTMENTS.replace("?1", "?");
                self.sql += &format!(
                    " AND {owner} <> ? AND {owner} IN (SELECT id FROM users WHERE department IN ({departments}))"
                );
                let n_me = 1 + departments.matches('?').count();
                self.values.extend(std::iter::repeat_n(blob(me.bytes()), n_me));
            }
        }
        Ok(())
    }

    fn condition(&mut self, filter: &Filter) -> Result<(), StoreError> {
        let bad = || StoreError::BadValue(filter.field.clone());
        let field = self.layout.kind.field(&filter.field).ok_or_else(bad)?;
        let column = format!("v.{}", Layout::column(field.key));
        match filter.op {
            Comparison::Empty => self.sql += &format!(" AND {}", empty(field, &column)),
            Comparison::Filled => self.sql += &format!(" AND NOT {}", empty(field, &column)),
            Comparison::Contains => self.contains(field, &column, &filter.value),
            _ if field.many => match filter.op {
                Comparison::Is | Comparison::IsNot => {
                    let not = if filter.op == Comparison::IsNot { "NOT " } else { "" };
                    self.sql += &format!(
                        " AND {not}EXISTS (SELECT 1 FROM json_each(coalesce({column}, '[]')) e
                            WHERE fold(json_extract(e.value, '$[1]')) = ?)"
                    );
                    self.values.push(Sql::Text(fold(&filter.value)));
                }
                _ => return Err(bad()),
            },
            op => {
                let value = cells::parse_text(field, &filter.value).ok_or_else(bad)?;
                let value = to_sql(&value);
                let empty = empty(field, &column);
                self.sql += &match op {
                    // A flag nobody set is a flag that is not set.
                    Comparison::Is if value == Sql::Integer(0) && field.field_type == FieldType::Bool => {
                        format!(" AND coalesce({column}, 0) = ?")
                    }
                    Comparison::Is if is_text(field) => format!(" AND fold({column}) = fold(?)"),
                    Comparison::Is => format!(" AND {column} = ?"),
                    Comparison::IsNot if is_text(field) => format!(" AND ({empty} OR fold({column}) <> fold(?))"),
                    Comparison::IsNot => format!(" AND ({empty} OR {column} <> ?)"),
                    Comparison::Before if is_text(field) => format!(" AND sort_key({column}) < sort_key(?)"),
                    Comparison::Before => format!(" AND {column} < ?"),
                    _ if is_text(field) => format!(" AND sort_key({column}) >= sort_key(?)"),
                    _ => format!(" AND {column} >= ?"),
                };
                self.values.push(value);
            }
        }
        Ok(())
    }

    fn contains(&mut self, field: &FieldDecl, column: &str, value: &str) {
        let text = match field.field_type {
            FieldType::User => format!("(SELECT name FROM users WHERE id = {column})"),
            FieldType::Reference(kind) if !field.many => match self.title_of(kind, column) {
                Some(title) => title,
                None => "''".to_owned(),
            },
            _ => column.to_owned(),
        };
        let number = digits(value);
        if field.field_type == FieldType::Phone && is_number(value) && number.len() >= 2 {
            self.sql += &format!(
                " AND EXISTS (SELECT 1 FROM json_each(coalesce({text}, '[]')) e
                    WHERE instr(replace(replace(replace(replace(replace(json_extract(e.value, '$[1]'),
                        ' ', ''), '-', ''), '(', ''), ')', ''), '.', ''), ?) > 0)"
            );
            self.values.push(Sql::Text(number));
            return;
        }
        self.sql += &format!(" AND instr(fold({text}), ?) > 0");
        self.values.push(Sql::Text(fold(value)));
    }

    /// The words of the list's own search box: every one in the title or a searched field.
    fn words(&mut self, text: &str) {
        let folded = fold(text);
        let searched: Vec<&FieldDecl> = self
            .layout
            .kind
            .fields
            .iter()
            .filter(|field| field.search && field.key != self.layout.kind.title)
            .collect();
        let words: Vec<String> = folded.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        if let Some(query) = search::trigrams(&words) {
            let (first, last) = index::numbers(self.layout);
            self.sql +=
                " AND v.n IN (SELECT rowid - ? FROM search_all WHERE search_all MATCH ? AND rowid BETWEEN ? AND ?)";
            self.values.extend([Sql::Integer(first), Sql::Text(query), Sql::Integer(first), Sql::Integer(last)]);
        }
        // Numbers stand in the index a second time as digits only; their trigrams are proof enough.
        for word in words.iter().filter(|word| !(is_number(word) && word.len() > 2)) {
            let mut ways = vec!["instr(v.title_fold, ?) > 0".to_owned()];
            ways.extend(searched.iter().map(|field| format!("instr(fold(v.{}), ?) > 0", Layout::column(field.key))));
            self.sql += &format!(" AND ({})", ways.join(" OR "));
            self.values.extend(std::iter::repeat_n(Sql::Text(word.clone()), ways.len()));
        }
    }

    fn order(&self, sort: &[SortKey]) -> Result<String, StoreError> {
        let mut keys = Vec::new();
        for key in sort {
            let direction = if key.descending { " DESC NULLS LAST" } else { " ASC NULLS LAST" };
            keys.push(self.order_by(&key.field)? + direction);
        }
        if sort.is_empty() {
            keys.push("v.title_key".to_owned());
        }
        keys.push("v.n".to_owned());
        Ok(format!(" ORDER BY {}", keys.join(", ")))
    }

    fn order_by(&self, key: &str) -> Result<String, StoreError> {
        if key == "title" || key == self.layout.kind.title && self.layout.title().is_some() {
            return Ok("v.title_key".to_owned());
        }
        if key == "created_at" {
            return Ok("v.created_at".to_owned());
        }
        let field = self.layout.kind.field(key).ok_or_else(|| StoreError::BadValue(key.to_owned()))?;
        let column = format!("v.{}", Layout::column(field.key));
        Ok(match field.field_type {
            FieldType::User => format!("(SELECT sort FROM users WHERE id = {column})"),
            FieldType::Reference(kind) if !field.many => match self.title_of(kind, &column) {
                Some(title) => format!("sort_key({title})"),
                None => column,
            },
            _ if is_text(field) => format!("sort_key({column})"),
            _ => column,
        })
    }

    fn title_of(&self, kind: &str, column: &str) -> Option<String> {
        let target = self.layouts.get(kind)?;
        let title = target.title()?;
        Some(format!(
            "(SELECT t.{title} FROM {} t WHERE t.n = (SELECT d.n FROM documents d WHERE d.id = {column}))",
            target.table
        ))
    }
}

fn is_text(field: &FieldDecl) -> bool {
    !field.many
        && matches!(
            field.field_type,
            FieldType::Text | FieldType::Memo | FieldType::Note | FieldType::Phone | FieldType::Email | FieldType::Url
        )
}

fn empty(field: &FieldDecl, column: &str) -> String {
    match field.field_type {
        _ if field.many => format!("coalesce({column}, '[]') = '[]'"),
        FieldType::Bool => format!("coalesce({column}, 0) = 0"),
        _ => format!("coalesce({column}, '') = ''"),
    }
}

fn to_sql(value: &Value) -> Sql {
    match value {
        Value::Empty | Value::Entries(_) => Sql::Null,
        Value::Bool(flag) => Sql::Integer((*flag).into()),
        Value::Int(number) => Sql::Integer(*number),
        Value::Text(text) => Sql::Text(text.clone()),
        Value::Day(day) => Sql::Text(day.format("%Y-%m-%d").to_string()),
        Value::Instant(at) => Sql::Integer(at.timestamp_millis()),
        Value::Id(id) => Sql::Blob(id.as_bytes().to_vec()),
    }
}
