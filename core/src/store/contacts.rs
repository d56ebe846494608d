//! When a client was last contacted and when he is to be contacted next: computed from his interactions whenever one
//! of them changes.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::error::StoreError;
use super::views::Layouts;
use crate::domain::ids::RecordId;
use crate::domain::kinds::{client, interaction};

fn sql(layouts: &Layouts) -> Option<String> {
    let (last, next, clients) = parts(layouts)?;
    Some(format!("UPDATE {clients} AS c SET f_last_contact = {last}, f_next_contact = {next}"))
}

/// What the last and the next contact are computed by, and of which table.
fn parts(layouts: &Layouts) -> Option<(String, String, &str)> {
    let (clients, interactions) = (layouts.get(client::KIND.key)?, layouts.get(interaction::KIND.key)?);
    let of = |extreme: &str, state: &str| {
        format!(
            "(SELECT {extreme}(f_starts_at) FROM {} i WHERE i.client = c.id AND i.f_state = '{state}' AND i.trashed <> 1)",
            interactions.table
        )
    };
    Some((of("max", "held"), of("min", "planned"), &clients.table))
}

/// Computes anew for some clients.
pub(super) fn refresh(conn: &Connection, layouts: &Layouts, clients: &BTreeSet<RecordId>) -> Result<(), StoreError> {
    let Some(sql) = sql(layouts) else { return Ok(()) };
    let mut statement = conn.prepare_cached(&format!("{sql} WHERE c.n = (SELECT n FROM documents WHERE id = ?)"))?;
    for client in clients {
        statement.execute([client.bytes()])?;
    }
    Ok(())
}

/// Computes anew for all.
pub(super) fn refresh_all(conn: &Connection, layouts: &Layouts) -> Result<(), StoreError> {
    if let Some(sql) = sql(layouts) {
        conn.execute(&sql, [])?;
    }
    Ok(())
}

/// Computes anew for those it stands wrong of; returns how many.
pub(super) fn put_right(conn: &Connection, layouts: &Layouts) -> Result<u64, StoreError> {
    let Some((last, next, clients)) = parts(layouts) else { return Ok(0) };
    let sql = format!(
        "UPDATE {clients} AS c SET f_last_contact = {last}, f_next_contact = {next}
         WHERE f_last_contact IS NOT {last} OR f_next_contact IS NOT {next}"
    );
    Ok(conn.execute(&sql, [])? as u64)
}

/// The client whose contacts a record's change may move: its own for an interaction, itself for a client.
pub(super) fn concerned(kind: &str, id: RecordId, client_of: Option<RecordId>) -> Option<RecordId> {
    match kind {
        _ if kind == interaction::KIND.key => client_of,
        _ if kind == client::KIND.key => Some(id),
        _ => None,
    }
}
