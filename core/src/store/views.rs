//! View tables: one wide table per kind, made from its declaration and filled from documents, authority and what is
//! computed. Dropping all of them loses nothing.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::{Mutex, OnceLock, PoisonError};

use rusqlite::{Connection, OptionalExtension, ToSql, params};
use sha2::{Digest, Sha256};

use super::cells::Cell;
use super::documents::{self, Document};
use super::error::StoreError;
use super::{collate, contacts, custom, digest, index, interactions, mirror, records};
use crate::docs::{self, Hash, Record};
use crate::domain::fold;
use crate::domain::ids::RecordId;
use crate::domain::kind::{FieldDecl, FieldType, HomeRule, Kind, Registry, Source};
use crate::domain::kinds::{client, entity_link};
use crate::domain::value::Value;
use crate::sync::wire::RecordAuthority;

/// Raised when the tables are to be laid out differently, so that every device makes them again.
const LAYOUT: u8 = 6;

/// What stands in the column `trashed`: in sight …
const IN_SIGHT: u8 = 0;
/// … put into the trash, or merged into another record …
const TRASHED: u8 = 1;
/// … or out of sight with the client it lives under, and in sight again with him.
const WITH_CLIENT: u8 = 2;

/// How a kind's table looks.
#[derive(Debug)]
pub(super) struct Layout {
    pub kind: &'static Kind,
    /// The table's name, quoted.
    pub table: String,
    /// Orders kinds in search.
    pub rank: i64,
    upsert: String,
    /// The head of every query for rows, the query for one by its number, and that for its title.
    pub select: String,
    pub select_one: String,
    pub select_title: Option<String>,
}

/// The layouts of all declared kinds.
#[derive(Debug)]
pub(super) struct Layouts(BTreeMap<&'static str, Layout>);

/// The kinds as they stand, and how their tables look.
#[derive(Clone, Debug)]
pub(super) struct Declared {
    pub registry: Registry,
    pub layouts: &'static Layouts,
}

impl Layouts {
    /// The layouts of these kinds with their ranks, made once and kept as long as the declarations themselves.
    fn of(kinds: &[(&'static Kind, i64)]) -> &'static Self {
        type Made = HashMap<Vec<(usize, i64)>, &'static Layouts>;
        static MADE: OnceLock<Mutex<Made>> = OnceLock::new();
        let key = kinds.iter().map(|(kind, rank)| (std::ptr::from_ref(*kind) as usize, *rank)).collect();
        let mut made = MADE.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        made.entry(key).or_insert_with(|| {
            let layouts = kinds.iter().map(|(kind, rank)| (kind.key, Layout::new(kind, *rank)));
            Box::leak(Box::new(Self(layouts.collect())))
        })
    }

    pub fn get(&self, kind: &str) -> Option<&Layout> {
        self.0.get(kind)
    }

    pub fn need(&self, kind: &str) -> Result<&Layout, StoreError> {
        self.get(kind).ok_or_else(|| StoreError::UnknownKind(kind.to_owned()))
    }

    pub fn iter(&self) -> impl Iterator<Item = &Layout> {
        self.0.values()
    }

    pub fn by_rank(&self, rank: i64) -> Option<&Layout> {
        self.0.values().find(|layout| layout.rank == rank)
    }
}

impl Layout {
    fn new(kind: &'static Kind, rank: i64) -> Self {
        let mut layout = Self {
            kind,
            table: quoted("v_", kind.key),
            rank,
            upsert: String::new(),
            select: String::new(),
            select_one: String::new(),
            select_title: None,
        };
        layout.upsert = layout.upsert_sql();
        layout.select = records::select_sql(&layout);
        layout.select_one = format!("{} WHERE v.n = ?", layout.select);
        layout.select_title = layout.title().map(|title| format!("SELECT {title} FROM {} WHERE n = ?", layout.table));
        layout
    }

    /// A field's column, quoted.
    pub fn column(key: &str) -> String {
        quoted("f_", key)
    }

    /// The column of the title; `None` where the title is another record's.
    pub fn title(&self) -> Option<String> {
        self.title_field().map(Self::column)
    }

    pub fn title_field(&self) -> Option<&'static str> {
        let field = self.kind.field(self.kind.title)?;
        let text = !field.many && !matches!(field.field_type, FieldType::Reference(_) | FieldType::User);
        text.then_some(field.key)
    }

    fn stored_fields(&self) -> impl Iterator<Item = &'static crate::domain::kind::FieldDecl> {
        self.kind.fields.iter().filter(|field| field.source != Source::Computed)
    }

    fn create_sql(&self) -> String {
        let table = &self.table;
        let mut columns = String::new();
        for field in self.kind.fields {
            let _ = write!(columns, ", {}", column_sql(field));
        }
        let mut sql = format!(
            "CREATE TABLE {table} (n INTEGER PRIMARY KEY, id BLOB NOT NULL, client BLOB, title_fold TEXT,
                title_key BLOB, trashed INTEGER NOT NULL, trashed_at INTEGER, trashed_by BLOB, n_reviews INTEGER NOT NULL, created_at INTEGER,
                heads BLOB NOT NULL{columns});
             CREATE INDEX {reviews} ON {table} (n) WHERE n_reviews > 0;
             CREATE INDEX {trash} ON {table} (trashed_at) WHERE trashed = 1;",
            reviews = quoted("r_", self.kind.key),
            trash = quoted("x_", self.kind.key),
        );
        let by_key = quoted("k_", self.kind.key);
        let _ = write!(sql, "CREATE INDEX {by_key} ON {table} (title_key, n) WHERE trashed = 0;");
        // Interactions are searched by client, person and date, in their tens of thousands never by topic alone.
        if self.kind.home == HomeRule::UnderClientByAdd {
            sql += &interactions::indexes(self);
        } else {
            let by_fold = quoted("t_", self.kind.key);
            let _ = write!(sql, "CREATE INDEX {by_fold} ON {table} (title_fold);");
            if self.kind.home.under_client() {
                let _ = write!(sql, "CREATE INDEX {} ON {table} (client);", quoted("c_", self.kind.key));
            }
            // A link is looked for from either side.
            if self.kind.key == entity_link::KIND.key {
                let (name, column) = (quoted("e_", self.kind.key), Self::column(entity_link::LEGAL_ENTITY.key()));
                let _ = write!(sql, "CREATE INDEX {name} ON {table} ({column});");
            }
            if self.kind.home == HomeRule::OwnClient && self.kind.field("responsible").is_some() {
                let (name, column) = (quoted("p_", self.kind.key), Self::column("responsible"));
                let _ = write!(sql, "CREATE INDEX {name} ON {table} ({column});");
            }
        }
        sql
    }

    fn upsert_sql(&self) -> String {
        let fixed = [
            "n",
            "id",
            "client",
            "title_fold",
            "title_key",
            "trashed",
            "trashed_at",
            "trashed_by",
            "n_reviews",
            "created_at",
            "heads",
        ];
        let mut names: Vec<String> = fixed.iter().map(|name| (*name).to_owned()).collect();
        names.extend(self.stored_fields().map(|field| Self::column(field.key)));
        let places = vec!["?"; names.len()].join(",");
        let sets: Vec<String> = names.iter().skip(2).map(|name| format!("{name}=excluded.{name}")).collect();
        format!(
            "INSERT INTO {} ({}) VALUES ({places}) ON CONFLICT (n) DO UPDATE SET {}",
            self.table,
            names.join(","),
            sets.join(",")
        )
    }

    /// What the table is made from; another declaration makes another hash.
    fn hash(&self) -> Vec<u8> {
        let mut text = format!("{LAYOUT} {:?} {} {:?}", self.kind.home, self.kind.title, self.kind.open_when);
        for field in self.kind.fields {
            let _ = write!(
                text,
                "\n{} {} {} {} {}",
                field.key,
                field.field_type.key(),
                field.many,
                field.search,
                field.source.key()
            );
        }
        Sha256::digest(text).to_vec()
    }
}

fn quoted(prefix: &str, key: &str) -> String {
    format!("\"{prefix}{}\"", key.replace('"', "\"\""))
}

/// A field's column with its affinity.
pub(super) fn column_sql(field: &FieldDecl) -> String {
    let affinity = match field.field_type {
        _ if field.many => "TEXT",
        FieldType::Bool | FieldType::Int | FieldType::Instant => "INTEGER",
        FieldType::Reference(_) | FieldType::User => "BLOB",
        _ => "TEXT",
    };
    format!("{} {affinity}", Layout::column(field.key))
}

/// What a row is made of.
pub(super) struct RowFacts<'a> {
    pub n: i64,
    pub id: RecordId,
    pub client: Option<RecordId>,
    pub record: &'a Record,
    pub heads: &'a [Hash],
    pub authority: &'a RecordAuthority,
}

/// Writes a row; computed columns keep what they had. Returns the kinds of those records that went out of sight with
/// their client, or came back with him.
pub(super) fn put_row(
    conn: &Connection,
    layouts: &Layouts,
    layout: &Layout,
    facts: &RowFacts<'_>,
) -> Result<Vec<&'static str>, StoreError> {
    let title = match layout.title_field().and_then(|key| facts.record.values.get(key)) {
        Some(value) => super::cells::text_of(value),
        None => String::new(),
    };
    let client = facts.client.map(|client| *client.bytes());
    let n_reviews = facts.record.competing.len() as i64;
    let stroke = facts.record.trashed_by.as_ref();
    // Whatever was merged into another record is out of sight like what lies in the trash.
    let merged = facts.authority.merged.as_ref();
    let trashed = match facts.client {
        _ if facts.record.trashed || merged.is_some() => TRASHED,
        Some(client) if layout.kind.home.under_client() && takes_along(conn, layouts, client)? => WITH_CLIENT,
        _ => IN_SIGHT,
    };
    let took_along = is_client(layout) && was_trashed(conn, layout, facts.n)?;
    let trashed_at = merged.map(|merged| merged.at).or(stroke.map(|stroke| stroke.at));
    let trashed_at = trashed_at.map(|at| at.timestamp_millis());
    let trashed_by = stroke.map(|stroke| stroke.actor.as_slice());
    let created_at = facts.record.created_at.map(|at| at.timestamp_millis());
    let (title_fold, title_key, heads) = (fold::fold(&title), collate::sort_key(&title), facts.heads.concat());
    let ids = authority_values(facts.authority);
    let cells: Vec<Cell<'_>> = layout
        .stored_fields()
        .map(|field| {
            let value = match field.source {
                Source::Authority => ids.get(field.key),
                _ => facts.record.values.get(field.key),
            };
            Cell(field, value)
        })
        .collect();
    let mut values: Vec<&dyn ToSql> = vec![
        &facts.n,
        facts.id.bytes(),
        &client,
        &title_fold,
        &title_key,
        &trashed,
        &trashed_at,
        &trashed_by,
        &n_reviews,
        &created_at,
        &heads,
    ];
    values.extend(cells.iter().map(|cell| cell as &dyn ToSql));
    conn.prepare_cached(&layout.upsert)?.execute(values.as_slice())?;
    custom::noticed(conn, layout.kind)?;
    match is_client(layout) {
        // What was merged has given its records away.
        true if facts.record.trashed && merged.is_none() => follow(conn, layouts, facts.id, IN_SIGHT, WITH_CLIENT),
        true if took_along => follow(conn, layouts, facts.id, WITH_CLIENT, IN_SIGHT),
        _ => Ok(Vec::new()),
    }
}

fn is_client(layout: &Layout) -> bool {
    layout.kind.key == client::KIND.key
}

fn was_trashed(conn: &Connection, layout: &Layout, n: i64) -> Result<bool, StoreError> {
    let sql = format!("SELECT 1 FROM {} WHERE n = ? AND trashed = {TRASHED}", layout.table);
    Ok(conn.prepare_cached(&sql)?.exists([n])?)
}

/// True where a client lies in the trash himself: what lives under him is out of sight.
fn takes_along(conn: &Connection, layouts: &Layouts, id: RecordId) -> Result<bool, StoreError> {
    let Some(clients) = layouts.get(client::KIND.key) else { return Ok(false) };
    let sql = format!(
        "SELECT 1 FROM {} c WHERE c.n = (SELECT n FROM documents WHERE id = ?) AND c.trashed = {TRASHED}
            AND NOT EXISTS (SELECT 1 FROM authority a WHERE a.n = c.n AND a.merged IS NOT NULL)",
        clients.table
    );
    Ok(conn.prepare_cached(&sql)?.exists([id.bytes()])?)
}

/// Moves all records under a client from one standing to the other; returns their kinds.
fn follow(
    conn: &Connection,
    layouts: &Layouts,
    client: RecordId,
    from: u8,
    to: u8,
) -> Result<Vec<&'static str>, StoreError> {
    let mut kinds = Vec::new();
    for layout in layouts.iter().filter(|layout| layout.kind.home.under_client()) {
        let table = &layout.table;
        let sql = format!(
            "INSERT OR IGNORE INTO search_dirty (n) SELECT n FROM {table} WHERE client = ? AND trashed = {from}"
        );
        conn.prepare_cached(&sql)?.execute([client.bytes()])?;
        let sql = format!("UPDATE {table} SET trashed = {to} WHERE client = ? AND trashed = {from}");
        if conn.prepare_cached(&sql)?.execute([client.bytes()])? > 0 {
            kinds.push(layout.kind.key);
        }
    }
    Ok(kinds)
}

fn authority_values(authority: &RecordAuthority) -> BTreeMap<&'static str, Value> {
    let mut values = BTreeMap::new();
    if let Some(client) = &authority.client {
        values.insert("responsible", Value::Id(client.responsible.0));
    }
    if let Some(assigned) = authority.assigned {
        values.insert("assigned", Value::Id(assigned.0));
    }
    values
}

/// Rewrites only the columns that come from the office.
pub(super) fn put_authority(
    conn: &Connection,
    layout: &Layout,
    n: i64,
    authority: &RecordAuthority,
) -> Result<(), StoreError> {
    let values = authority_values(authority);
    for field in layout.kind.fields.iter().filter(|field| field.source == Source::Authority) {
        let sql = format!("UPDATE {} SET {} = ? WHERE n = ?", layout.table, Layout::column(field.key));
        conn.prepare_cached(&sql)?.execute(params![Cell(field, values.get(field.key)), n])?;
    }
    Ok(())
}

pub(super) fn delete_row(conn: &Connection, layouts: &Layouts, layout: &Layout, n: i64) -> Result<(), StoreError> {
    if is_client(layout) && was_trashed(conn, layout, n)? {
        let mut statement = conn.prepare_cached(&format!("SELECT id FROM {} WHERE n = ?", layout.table))?;
        let id = RecordId(statement.query_row([n], |row| super::cells::id(row, 0))?);
        follow(conn, layouts, id, WITH_CLIENT, IN_SIGHT)?;
    }
    conn.prepare_cached(&format!("DELETE FROM {} WHERE n = ?", layout.table))?.execute([n])?;
    custom::noticed(conn, layout.kind)
}

/// Makes what is missing or was made from another declaration, and fills it from the documents. Returns the layouts
/// and how many records stand aside as damaged.
pub(super) fn ensure(conn: &Connection, built: &Registry) -> Result<(Declared, u64), StoreError> {
    let registry = built.with_fields(&custom::definitions(conn)?);
    drop_undeclared(conn, &registry)?;
    index::ensure(conn)?;
    let mut ranked = Vec::new();
    let mut stale = Vec::new();
    for kind in registry.iter() {
        let mut statement = conn.prepare_cached("SELECT rank, hash FROM view_kinds WHERE kind = ?")?;
        let known = statement.query_row([kind.key], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)));
        let known = known.optional()?;
        let rank = match &known {
            Some((rank, _)) => *rank,
            None => conn.query_row("SELECT coalesce(max(rank), 0) + 1 FROM view_kinds", [], |row| row.get(0))?,
        };
        let layout = Layout::new(kind, rank);
        if known.is_none_or(|(_, hash)| hash != layout.hash()) {
            conn.execute_batch(&format!("DROP TABLE IF EXISTS {};", layout.table))?;
            conn.execute_batch(&layout.create_sql())?;
            let mut statement =
                conn.prepare_cached("INSERT OR REPLACE INTO view_kinds (kind, rank, hash) VALUES (?,?,?)")?;
            statement.execute(params![kind.key, rank, layout.hash()])?;
            stale.push(kind.key);
        }
        ranked.push((kind, rank));
    }
    let layouts = Layouts::of(&ranked);
    for kind in &stale {
        fill(conn, layouts, layouts.need(kind)?)?;
    }
    if !stale.is_empty() {
        contacts::refresh_all(conn, layouts)?;
    }
    let n_damaged =
        conn.query_row("SELECT count(*) FROM documents WHERE damaged <> 0", [], |row| super::cells::count(row, 0))?;
    Ok((Declared { registry, layouts }, n_damaged))
}

/// Where the organisation's definitions changed in this transaction: the kinds as they stand after it. Columns are
/// added at once and filled from documents in quiet moments; lists can be used meanwhile.
pub(super) fn declare_again(
    conn: &Connection,
    built: &Registry,
    before: &'static Layouts,
) -> Result<Option<Declared>, StoreError> {
    if !custom::were_noticed(conn)? {
        return Ok(None);
    }
    let registry = built.with_fields(&custom::definitions(conn)?);
    let ranked: Vec<_> =
        registry.iter().filter_map(|kind| before.get(kind.key).map(|layout| (kind, layout.rank))).collect();
    let layouts = Layouts::of(&ranked);
    for layout in layouts.iter() {
        let Some(was) = before.get(layout.kind.key).filter(|was| !std::ptr::eq(was.kind, layout.kind)) else {
            continue;
        };
        custom::change_columns(conn, was, layout)?;
        // A column nobody declares any more goes when the database is opened the next time.
        if was.kind.fields.iter().all(|field| layout.kind.field(field.key).is_some()) {
            let mut statement = conn.prepare_cached("UPDATE view_kinds SET hash = ? WHERE kind = ?")?;
            statement.execute(params![layout.hash(), layout.kind.key])?;
        }
    }
    Ok(Some(Declared { registry, layouts }))
}

/// Drops the tables of kinds that are not declared any more: nobody would purge them. Their records keep their
/// documents.
fn drop_undeclared(conn: &Connection, registry: &Registry) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached("SELECT kind FROM view_kinds WHERE length(hash) > 0")?;
    let kinds = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let gone: Vec<&String> = kinds.iter().filter(|kind| registry.kind(kind).is_none()).collect();
    if gone.is_empty() {
        return Ok(());
    }
    for kind in gone {
        conn.execute_batch(&format!("DROP TABLE IF EXISTS {};", quoted("v_", kind)))?;
        conn.execute("UPDATE view_kinds SET hash = x'' WHERE kind = ?", [kind])?;
    }
    index::drop_all(conn)?;
    conn.execute("INSERT OR IGNORE INTO search_dirty (n) SELECT n FROM documents", [])?;
    Ok(())
}

/// Drops every view table and the search index.
pub(super) fn drop_all(conn: &Connection) -> Result<(), StoreError> {
    let mut statement = conn.prepare("SELECT kind FROM view_kinds")?;
    let kinds = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    for kind in kinds {
        conn.execute_batch(&format!("DROP TABLE IF EXISTS {};", quoted("v_", &kind)))?;
    }
    // The ranks stay: search rows are numbered by them.
    conn.execute("UPDATE view_kinds SET hash = x''", [])?;
    index::drop_all(conn)
}

fn fill(conn: &Connection, layouts: &Layouts, layout: &Layout) -> Result<(), StoreError> {
    let mut statement = conn.prepare("SELECT id FROM documents WHERE kind = ? ORDER BY n")?;
    let ids = statement.query_map([layout.kind.key], |row| super::cells::id(row, 0).map(RecordId))?;
    for id in ids {
        if let Some(document) = documents::find(conn, id?)? {
            refill(conn, layouts, layout, &document)?;
            index::mark(conn, document.n)?;
        }
    }
    Ok(())
}

/// Makes a record's row from its document; one that cannot be read is set aside and has no row.
pub(super) fn refill(
    conn: &Connection,
    layouts: &Layouts,
    layout: &Layout,
    document: &Document,
) -> Result<(), StoreError> {
    let Ok((record, heads)) = docs::read(Some(layout.kind), &document.chunks) else {
        delete_row(conn, layouts, layout, document.n)?;
        return documents::set_chunks(conn, document.n, &document.chunks, &[], true);
    };
    // Reads, but is not all that was written.
    if !document.heads.is_empty() && heads.concat() != document.heads {
        delete_row(conn, layouts, layout, document.n)?;
        return digest::set_aside(conn, document.key.id);
    }
    if document.damaged {
        documents::set_chunks(conn, document.n, &document.chunks, &heads, false)?;
    }
    let authority = mirror::authority(conn, document.n)?;
    let (n, id, client) = (document.n, document.key.id, document.client);
    let facts = RowFacts { n, id, client, record: &record, heads: &heads, authority: &authority };
    put_row(conn, layouts, layout, &facts).map(|_| ())
}
