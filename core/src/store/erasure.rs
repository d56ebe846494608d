//! Forgetting what was erased from a record (ERA-1): trays, drafts, notices, proposals. Values that were not personal
//! stay, so that other edits survive.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::error::StoreError;
use super::outbox::{self, ItemState};
use super::receipts::{self, Fate};
use super::state::{self, keys};
use super::views::Layouts;
use super::{cells, imports, notices, undo};
use crate::domain::ids::*;
use crate::domain::kind::Kind;
use crate::domain::patch::Patch;
use crate::domain::value::Value;
use crate::sync::wire::ProposalState;

/// Forgets everything personal that stands beside a record's document. Documents, rows and search are the caller's.
pub(super) fn forget(conn: &Connection, layouts: &Layouts, record: RecordId) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM drafts WHERE instr(key, ?) > 0")?.execute([record.to_string()])?;
    conn.prepare_cached("DELETE FROM stamps WHERE record = ?")?.execute([record.bytes()])?;
    imports::forget_values(conn, record)?;
    imports::forget_files(conn)?;
    let nothing: BTreeMap<String, Value> = BTreeMap::new();
    conn.prepare_cached("UPDATE notices SET vals = ? WHERE record = ?")?
        .execute(params![cells::to_cbor(&nothing)?, record.bytes()])?;
    undo::forget(conn, record)?;
    forget_proposals(conn, record)?;
    forget_typed(conn, layouts, record)?;
    state::set(conn, keys::SCRUB_DUE, &true)
}

fn forget_proposals(conn: &Connection, record: RecordId) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached("SELECT id, state FROM proposals")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    for row in rows.collect::<Result<Vec<_>, _>>()? {
        let proposal: ProposalState = cells::from_cbor(&row.1)?;
        if proposal.record.id == record {
            conn.prepare_cached("DELETE FROM proposals WHERE id = ?")?.execute([row.0])?;
        }
    }
    Ok(())
}

/// Takes personal values out of what this person typed into the record and has not been taken in.
fn forget_typed(conn: &Connection, layouts: &Layouts, record: RecordId) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached("SELECT DISTINCT seq FROM outbox_writes WHERE record = ?")?;
    let groups = statement.query_map([record.bytes()], |row| row.get::<_, i64>(0))?.collect::<Result<Vec<_>, _>>()?;
    for seq in groups {
        let Some(item) = outbox::select(conn, "seq = ?", [seq])?.pop() else { continue };
        let mut left = 0;
        let mut noted = false;
        for write in outbox::writes_of(conn, seq)? {
            if write.record != record {
                left += 1;
                continue;
            }
            let n_typed = write.patch.set.len();
            let kind = layouts.get(&write.kind).map(|layout| layout.kind);
            let patch = Patch { set: kept(kind, write.patch.set), seen: kept(kind, write.patch.seen) };
            left += usize::from(!patch.set.is_empty());
            if patch.set.len() < n_typed && !noted {
                receipts::note(conn, &item, Fate::Refused, ("erased", None), None)?;
                noted = true;
            }
            // What waits is written anew on top of what remains; the old changes hold what was erased.
            conn.prepare_cached("UPDATE outbox_writes SET patch = ?, chunks = x'' WHERE seq = ? AND pos = ?")?
                .execute(params![cells::to_cbor(&patch)?, seq, write.pos])?;
        }
        if left == 0 {
            outbox::delete(conn, seq)?;
            notices::forget_group(conn, item.id)?;
        } else if item.state == ItemState::SetAside {
            // Nobody decides on it any more; what is left of it can be copied and typed again.
            outbox::set_state(conn, seq, ItemState::Refused, "erased")?;
        }
    }
    Ok(())
}

fn kept(kind: Option<&Kind>, values: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    // Of a kind this version does not know nothing can be told apart.
    let Some(kind) = kind else { return BTreeMap::new() };
    let personal = |key: &str| kind.fields.iter().any(|field| field.key == key && field.personal);
    values.into_iter().filter(|(key, _)| !personal(key.split('/').next().unwrap_or(key))).collect()
}
