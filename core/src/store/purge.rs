//! Losing homes: unsent edits go up first, then records, rows and index entries go, and the server is told (rules 17,
//! 20; VIS-3).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use super::documents::{self, Document};
use super::error::StoreError;
use super::notices::{self, NewNotice};
use super::state::keys;
use super::views::Layouts;
use super::write::Touched;
use super::{access, cells, imports, index, mirror, opened, proposals, records, stamps, state, undo, views};
use crate::domain::authority::{Home, Reason};
use crate::domain::ids::*;
use crate::sync::wire::{PurgeAck, Revoked};

/// A home is lost. Its records stay until the unsent edits in it have their verdicts.
pub(super) fn note_loss(conn: &Connection, revoked: &Revoked) -> Result<(), StoreError> {
    let had = access::grants(conn, revoked.home)?;
    let cover = !had.is_empty() && had.iter().all(|grant| matches!(grant.reason, Reason::Substitute(_)));
    access::set_grants(conn, revoked.home, &[])?;
    // A home that came back and went again before this device heard of it was lost for the first reason.
    // Edits pushed by the same request were judged before the page that tells of the loss: they count for the message.
    let mut statement = conn.prepare_cached(
        "INSERT INTO losses (home, number, revoked, cover, n_refused, n_set_aside) VALUES (?1, ?2, ?3, ?4,
            (SELECT count(DISTINCT o.seq) FROM outbox o JOIN outbox_writes w ON w.seq = o.seq
             WHERE o.state = 3 AND instr(w.homes, ?1) > 0),
            (SELECT count(DISTINCT o.seq) FROM outbox o JOIN outbox_writes w ON w.seq = o.seq
             WHERE o.state = 4 AND instr(w.homes, ?1) > 0))
         ON CONFLICT (home) DO UPDATE SET number = ?2",
    )?;
    statement.execute(params![revoked.home.bytes(), revoked.number as i64, cells::to_cbor(revoked)?, cover])?;
    Ok(())
}

/// A home came back with a gap before it: what is held of it goes first, but for records with unsent edits, which the
/// server sends in full again.
pub(super) fn drop_before_regrant(
    conn: &Connection,
    layouts: &Layouts,
    home: Home,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    empty_home(conn, layouts, home, true, touched)?;
    let mut statement = conn.prepare_cached(
        "INSERT OR IGNORE INTO purge_acks (home, number) SELECT home, number FROM losses WHERE home = ?",
    )?;
    statement.execute([home.bytes()])?;
    conn.prepare_cached("DELETE FROM losses WHERE home = ?")?.execute([home.bytes()])?;
    Ok(())
}

/// What became of a group that wrote into a lost home, for the message.
pub(super) fn count_verdict(conn: &Connection, home: Home, column: &str) -> Result<(), StoreError> {
    let sql = format!("UPDATE losses SET {column} = {column} + 1 WHERE home = ?");
    conn.prepare_cached(&sql)?.execute([home.bytes()])?;
    Ok(())
}

/// Purges lost homes in which nothing waits for a verdict any more. Returns the clients that left with the names they
/// had.
pub(super) fn purge_due(
    conn: &Connection,
    layouts: &Layouts,
    now: DateTime<Utc>,
    touched: &mut Touched,
) -> Result<Vec<(RecordId, String)>, StoreError> {
    let mut left = Vec::new();
    let mut statement = conn.prepare_cached(
        "SELECT number, revoked, n_accepted, n_set_aside, n_refused, cover FROM losses ORDER BY home",
    )?;
    let rows = statement.query_map([], |row| {
        Ok((
            row.get::<_, i64>(0)?,
            row.get::<_, Vec<u8>>(1)?,
            [cells::count(row, 2)?, cells::count(row, 3)?, cells::count(row, 4)?],
            row.get::<_, bool>(5)?,
        ))
    })?;
    for row in rows.collect::<Result<Vec<_>, _>>()? {
        let (number, revoked, counts, cover) = row;
        let revoked: Revoked = cells::from_cbor(&revoked)?;
        if has_unsent(conn, revoked.home)? {
            continue;
        }
        let merged = is_merged(conn, revoked.home)?;
        let name = name_of(conn, layouts, revoked.home)?.filter(|_| !merged);
        // Of a client that never was on this device there is nothing to say.
        let held = name.is_some() || counts.iter().any(|n| *n > 0);
        left.extend(name);
        empty_home(conn, layouts, revoked.home, false, touched)?;
        // A loss the server never numbered needs no acknowledgement.
        if number > 0 {
            conn.prepare_cached("INSERT OR IGNORE INTO purge_acks (home, number) VALUES (?, ?)")?
                .execute(params![revoked.home.bytes(), number])?;
        }
        conn.prepare_cached("DELETE FROM losses WHERE home = ?")?.execute([revoked.home.bytes()])?;
        if held && !merged && !(cover && counts.iter().all(|n| *n == 0)) {
            tell(conn, now, &revoked, counts)?;
        }
        touched.outbox = true;
    }
    drop_homeless(conn, layouts, touched)?;
    Ok(left)
}

/// True where the client is still here as a part of another one.
fn is_merged(conn: &Connection, home: Home) -> Result<bool, StoreError> {
    let Home::Client(client) = home else { return Ok(false) };
    let Some(document) = documents::find(conn, client)? else { return Ok(false) };
    Ok(!document.homes.contains(&home) && !document.homes.is_empty())
}

fn name_of(conn: &Connection, layouts: &Layouts, home: Home) -> Result<Option<(RecordId, String)>, StoreError> {
    let Home::Client(client) = home else { return Ok(None) };
    Ok(records::title(conn, layouts, client)?.map(|title| (client, title)))
}

fn tell(conn: &Connection, now: DateTime<Utc>, revoked: &Revoked, counts: [u64; 3]) -> Result<(), StoreError> {
    let Home::Client(client) = revoked.home else { return Ok(()) };
    let mut params = BTreeMap::new();
    for (name, n) in ["n_accepted", "n_set_aside", "n_refused"].into_iter().zip(counts) {
        params.insert(name, n.to_string());
    }
    params.insert("n_edits", counts.iter().sum::<u64>().to_string());
    params.insert("user", revoked.now_with.map(|user| user.to_string()).unwrap_or_default());
    params.insert("by", revoked.by.map(|user| user.to_string()).unwrap_or_default());
    let ended_by = match revoked.ended_by {
        crate::domain::authority::EndedBy::Itself => "itself",
        crate::domain::authority::EndedBy::Somebody => "somebody",
    };
    params.insert("ended_by", ended_by.to_owned());
    params.insert("ended_at", revoked.at.to_rfc3339());
    params.insert("order", revoked.cause.order.clone());
    params.insert("reason", revoked.cause.reason.clone());
    notices::put(conn, now, &NewNotice { what: "client_left", params, client: Some(client), ..NewNotice::default() })
}

/// True where an edit without a verdict writes into the home.
fn has_unsent(conn: &Connection, home: Home) -> Result<bool, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT 1 FROM outbox_writes w JOIN outbox o ON o.seq = w.seq
         WHERE o.state <= 1 AND instr(w.homes, ?) > 0 LIMIT 1",
    )?;
    Ok(statement.exists([home.bytes()])?)
}

fn empty_home(
    conn: &Connection,
    layouts: &Layouts,
    home: Home,
    spare_unsent: bool,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached("SELECT 1 FROM unsent WHERE record = ? LIMIT 1")?;
    for id in documents::in_home(conn, home)? {
        let Some(document) = documents::find(conn, id)? else { continue };
        if spare_unsent && statement.exists([id.bytes()])? {
            continue;
        }
        let mut kept = Vec::new();
        for other in document.homes.iter().filter(|other| **other != home) {
            if access::holds(conn, *other)? || *other == Home::Organisation {
                kept.push(*other);
            }
        }
        if kept.is_empty() {
            remove_record(conn, layouts, &document)?;
        } else {
            documents::set_homes(conn, &document, &kept)?;
        }
        touched.kinds.insert(document.kind.clone());
    }
    if let Home::Client(client) = home {
        proposals::forget_client(conn, client)?;
        touched.records.insert(client);
        touched.office = true;
    }
    Ok(())
}

/// A record no visible home shows any more. With unsent edits it loses its homes and goes when they have verdicts.
pub(super) fn gone(
    conn: &Connection,
    layouts: &Layouts,
    id: RecordId,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    let Some(document) = documents::find(conn, id)? else { return Ok(()) };
    touched.record(&document.kind, id, document.client);
    documents::set_homes(conn, &document, &[])?;
    drop_homeless(conn, layouts, touched)
}

fn drop_homeless(conn: &Connection, layouts: &Layouts, touched: &mut Touched) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT id FROM documents d WHERE length(homes) = 0 AND NOT EXISTS (
            SELECT 1 FROM outbox_writes w JOIN outbox o ON o.seq = w.seq WHERE w.record = d.id AND o.state <= 1)",
    )?;
    let ids = statement.query_map([], |row| cells::id(row, 0).map(RecordId))?.collect::<Result<Vec<_>, _>>()?;
    for id in ids {
        if let Some(document) = documents::find(conn, id)? {
            remove_record(conn, layouts, &document)?;
            touched.kinds.insert(document.kind);
        }
    }
    Ok(())
}

/// Removes everything this device has of a record, but for what its person typed into items of the tray.
pub(super) fn remove_record(conn: &Connection, layouts: &Layouts, document: &Document) -> Result<(), StoreError> {
    let id = document.key.id;
    if let Some(layout) = layouts.get(&document.kind) {
        views::delete_row(conn, layouts, layout, document.n)?;
        index::remove(conn, layout, document.n)?;
    }
    mirror::delete_authority(conn, document.n)?;
    conn.prepare_cached("DELETE FROM unsent WHERE record = ?")?.execute([id.bytes()])?;
    conn.prepare_cached("DELETE FROM drafts WHERE instr(key, ?) > 0")?.execute([id.to_string()])?;
    stamps::forget(conn, id)?;
    undo::forget(conn, id)?;
    opened::forget(conn, id)?;
    imports::forget_values(conn, id)?;
    documents::delete(conn, document)?;
    if document.homes.contains(&Home::Client(id)) {
        access::set_grants(conn, Home::Client(id), &[])?;
        state::made_homes::remove(conn, id)?;
    }
    state::set(conn, keys::SCRUB_DUE, &true)
}

/// Purges the server has not been told of.
pub(super) fn acks(conn: &Connection) -> Result<Vec<PurgeAck>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT home, number FROM purge_acks ORDER BY number, home")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, cells::count(row, 1)?)))?;
    let mut acks = Vec::new();
    for row in rows {
        let (home, revoked) = row?;
        let home = Home::from_bytes(&home).ok_or(StoreError::Unreadable("purge_acks"))?;
        acks.push(PurgeAck { home, revoked });
    }
    Ok(acks)
}

/// The server has been told.
pub(super) fn forget_acks(conn: &Connection, told: &[PurgeAck]) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached("DELETE FROM purge_acks WHERE home = ? AND number = ?")?;
    for ack in told {
        statement.execute(params![ack.home.bytes(), ack.revoked as i64])?;
    }
    Ok(())
}
