//! Documents in their table: raw change chunks, one blob per record, never kept in memory. A long history begins with a
//! snapshot (see `folding`).

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::cells;
use super::error::StoreError;
use crate::docs::{self, Doc, DocError, Hash, Record};
use crate::domain::authority::Home;
use crate::domain::ids::RecordId;
use crate::domain::kind::Kind;
use crate::sync::wire::RecordKey;

/// A record as its table row.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// Number of the row, used by all tables about the record.
    pub n: i64,
    pub key: RecordKey,
    pub kind: String,
    /// The client it lives under; `None` for clients themselves.
    pub client: Option<RecordId>,
    pub homes: Vec<Home>,
    pub damaged: bool,
    /// What the chunks come to; one after the other, sorted.
    pub heads: Vec<u8>,
    pub chunks: Vec<u8>,
}

/// What makes a new row.
pub(super) struct NewDocument<'a> {
    pub key: RecordKey,
    pub kind: &'a str,
    pub homes: &'a [Home],
    pub chunks: &'a [u8],
    pub heads: &'a [Hash],
    pub damaged: bool,
}

const COLUMNS: &str = "n, id, generation, kind, client, homes, damaged, heads, chunks";

/// The row of a record.
pub(super) fn find(conn: &Connection, id: RecordId) -> Result<Option<Document>, StoreError> {
    let mut statement = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM documents WHERE id = ?"))?;
    Ok(statement.query_row([id.bytes()], from_row).optional()?)
}

/// The row's number, without reading the document.
pub(super) fn number(conn: &Connection, id: RecordId) -> Result<Option<i64>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT n FROM documents WHERE id = ?")?;
    Ok(statement.query_row([id.bytes()], |row| row.get(0)).optional()?)
}

/// Number, kind and client, without reading the document.
pub(super) fn place(conn: &Connection, id: RecordId) -> Result<Option<(i64, String, Option<RecordId>)>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT n, kind, client FROM documents WHERE id = ?")?;
    let place = statement
        .query_row([id.bytes()], |row| Ok((row.get(0)?, row.get(1)?, cells::id_or_none(row, 2)?.map(RecordId))));
    Ok(place.optional()?)
}

fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Document> {
    Ok(Document {
        n: row.get(0)?,
        key: RecordKey { id: RecordId(cells::id(row, 1)?), generation: row.get(2)? },
        kind: row.get(3)?,
        client: cells::id_or_none(row, 4)?.map(RecordId),
        homes: homes_from(row.get_ref(5)?.as_blob()?),
        damaged: row.get(6)?,
        heads: row.get(7)?,
        chunks: row.get(8)?,
    })
}

fn homes_from(bytes: &[u8]) -> Vec<Home> {
    bytes.chunks(17).filter_map(Home::from_bytes).collect()
}

/// The client a record with these homes lives under; `None` for a client itself.
pub(super) fn client_of(id: RecordId, homes: &[Home]) -> Option<RecordId> {
    homes.iter().find_map(|home| match home {
        Home::Client(client) if *client != id => Some(*client),
        _ => None,
    })
}

pub(super) fn insert(conn: &Connection, new: &NewDocument<'_>) -> Result<i64, StoreError> {
    let mut statement = conn.prepare_cached(
        "INSERT INTO documents (id, generation, kind, client, homes, damaged, heads, chunks) VALUES (?,?,?,?,?,?,?,?)",
    )?;
    let client = client_of(new.key.id, new.homes);
    let homes: Vec<u8> = new.homes.iter().flat_map(Home::bytes).collect();
    statement.execute(params![
        new.key.id.bytes(),
        new.key.generation,
        new.kind,
        client.as_ref().map(RecordId::bytes),
        homes,
        new.damaged,
        new.heads.concat(),
        new.chunks
    ])?;
    let n = conn.last_insert_rowid();
    add_homes(conn, n, new.homes)?;
    Ok(n)
}

fn add_homes(conn: &Connection, n: i64, homes: &[Home]) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached("INSERT OR IGNORE INTO record_homes (home, n) VALUES (?, ?)")?;
    for home in homes {
        statement.execute(params![home.bytes(), n])?;
    }
    Ok(())
}

pub(super) fn set_chunks(
    conn: &Connection,
    n: i64,
    chunks: &[u8],
    heads: &[Hash],
    damaged: bool,
) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached("UPDATE documents SET chunks = ?, heads = ?, damaged = ? WHERE n = ?")?;
    statement.execute(params![chunks, heads.concat(), damaged, n])?;
    Ok(())
}

pub(super) fn set_generation(conn: &Connection, n: i64, generation: u32) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE documents SET generation = ? WHERE n = ?")?.execute(params![generation, n])?;
    Ok(())
}

pub(super) fn set_homes(conn: &Connection, document: &Document, homes: &[Home]) -> Result<(), StoreError> {
    let mut drop_home = conn.prepare_cached("DELETE FROM record_homes WHERE home = ? AND n = ?")?;
    for home in document.homes.iter().filter(|home| !homes.contains(home)) {
        drop_home.execute(params![home.bytes(), document.n])?;
    }
    add_homes(conn, document.n, homes)?;
    let client = client_of(document.key.id, homes);
    let bytes: Vec<u8> = homes.iter().flat_map(Home::bytes).collect();
    let mut statement = conn.prepare_cached("UPDATE documents SET homes = ?, client = ? WHERE n = ?")?;
    statement.execute(params![bytes, client.as_ref().map(RecordId::bytes), document.n])?;
    Ok(())
}

/// Removes the row and its homes; views, search and authority are the caller's.
pub(super) fn delete(conn: &Connection, document: &Document) -> Result<(), StoreError> {
    let mut drop_home = conn.prepare_cached("DELETE FROM record_homes WHERE home = ? AND n = ?")?;
    for home in &document.homes {
        drop_home.execute(params![home.bytes(), document.n])?;
    }
    conn.prepare_cached("DELETE FROM documents WHERE n = ?")?.execute([document.n])?;
    Ok(())
}

/// Numbers and ids of all records of a home.
pub(super) fn in_home(conn: &Connection, home: Home) -> Result<Vec<RecordId>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT d.id FROM record_homes h JOIN documents d ON d.n = h.n WHERE h.home = ? ORDER BY h.n",
    )?;
    let ids = statement.query_map([home.bytes()], |row| cells::id(row, 0).map(RecordId))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];

/// The single chunks of a blob.
pub(super) fn split(chunks: &[u8]) -> Result<Vec<&[u8]>, DocError> {
    let mut rest = chunks;
    let mut list = Vec::new();
    while !rest.is_empty() {
        let length = chunk_length(rest).ok_or(DocError::Damaged)?;
        let (chunk, tail) = rest.split_at_checked(length).ok_or(DocError::Damaged)?;
        list.push(chunk);
        rest = tail;
    }
    Ok(list)
}

/// Magic, checksum, type, then the length of the rest in LEB128.
fn chunk_length(bytes: &[u8]) -> Option<usize> {
    if bytes.get(..4)? != MAGIC {
        return None;
    }
    let mut length = 0usize;
    for (shift, at) in (0..).step_by(7).zip(9..14) {
        let byte = *bytes.get(at)?;
        length |= usize::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return length.checked_add(at + 1);
        }
    }
    None
}

/// The hash by which Automerge and the server know a change: everything after magic and checksum.
pub(super) fn hash(chunk: &[u8]) -> Hash {
    Sha256::digest(chunk.get(8..).unwrap_or_default()).into()
}

/// Loads a document; `RecordDamaged` where it cannot be read or is not all that was written.
pub(super) fn load(document: &Document) -> Result<Doc, StoreError> {
    let damaged = StoreError::RecordDamaged(document.key.id);
    if document.damaged {
        return Err(damaged);
    }
    let Ok(mut doc) = Doc::load(&document.chunks) else { return Err(damaged) };
    if doc.heads().concat() != document.heads {
        return Err(damaged);
    }
    Ok(doc)
}

/// Reads a document by its kind; `RecordDamaged` where it cannot be read or is not all that was written.
pub(super) fn read(document: &Document, kind: &Kind) -> Result<Record, StoreError> {
    let damaged = StoreError::RecordDamaged(document.key.id);
    if document.damaged {
        return Err(damaged);
    }
    match docs::read(Some(kind), &document.chunks) {
        Ok((record, heads)) if heads.concat() == document.heads => Ok(record),
        _ => Err(damaged),
    }
}
