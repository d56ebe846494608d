//! What a long history costs a new device, folded and not: one client card of the bench's data with 1,000 edits, and
//! the same card as it stands at the end, made at once. Server and devices are in this process; their bytes are real.

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Duration, Utc};
use rand::Rng;
use satchel_core::domain::ids::*;
use satchel_core::domain::kinds::client;
use satchel_core::domain::patch::Patch;
use satchel_server::storage::CompactionRule;

use super::figures::Figure;
use crate::generator::{Firm, bench_firm, dice};
use crate::harness::{Device, Office, Writes};
use crate::seed::patches;

const EDITS: usize = 1_000;

/// Measures it.
///
/// # Errors
/// Where the server does not take the history, or devices do not hold the same.
pub fn measure(seed: u64) -> Result<Vec<Figure>> {
    let mut dice = dice(seed);
    let today = DateTime::<Utc>::UNIX_EPOCH.date_naive();
    let firms: Vec<Firm> = (0..32).map(|number| bench_firm(number, 5, today, &mut dice)).collect();
    let folder = tempfile::tempdir().context("making a folder")?;
    let office = Office::in_file(&folder.path().join("server.sqlite"));
    let nothing = wire_bytes(&office.ready(office.cast.bohdan, "nothing"));

    // A card as it stands, and the same after everything that was done to it.
    let first = patches::client(&firms[0], None, None, &*office.ids);
    let edits: Vec<Patch> = (0..EDITS).map(|_| edit(&firms[dice.random_range(0..firms.len())], &mut dice)).collect();
    let mut last = first.clone();
    edits.iter().for_each(|edit| last.set.extend(edit.set.clone()));
    let plain = history(&office, &office.ready(office.cast.taras, "one"), last, &[])?;
    let state = office.ready(office.cast.taras, "state");
    let long = history(&office, &office.ready(office.cast.anna, "one"), first, &edits)?;

    let unfolded = office.ready(office.cast.anna, "unfolded");
    let rule = CompactionRule { least: 64, before: office.now() + Duration::seconds(1), at_most: 16 };
    let done = office.storage().compact(&rule).context("folding")?;
    ensure!(done.n_records == 1, "the history was not folded");
    let folded = office.ready(office.cast.anna, "folded");
    ensure!(folded.kept(long).0 == unfolded.kept(long).0, "the two devices differ");

    let wire = |device: &Device| (wire_bytes(device) - nothing) as f64;
    let kept = |device: &Device, record| {
        let (_, chunks, stamps) = device.kept(record);
        (chunks.len() + stamps as usize) as f64
    };
    let (wire_state, kept_state) = (wire(&state), kept(&state, plain));
    let file = rusqlite::Connection::open(folder.path().join("server.sqlite")).context("looking into the database")?;
    let count = |sql: &str| -> Result<f64> { Ok(file.query_row(sql, [long.bytes()], |row| row.get(0))?) };
    let rows = count("SELECT count(*) FROM change WHERE record = ?")?;
    let snapshot = count("SELECT coalesce(sum(length(bytes) + length(stamps)), 0.0) FROM snapshot WHERE record = ?")?;
    let figure = |name, value, unit| Figure { name, records: 1, value, unit };
    Ok(vec![
        figure("compaction_state_wire_bytes", wire_state, "B"),
        figure("compaction_1000_edits_wire_bytes", wire(&folded), "B"),
        figure("compaction_1000_edits_wire", wire(&folded) / wire_state, "x"),
        figure("compaction_1000_edits_wire_unfolded", wire(&unfolded) / wire_state, "x"),
        figure("compaction_state_stored_bytes", kept_state, "B"),
        figure("compaction_1000_edits_stored_bytes", kept(&folded, long), "B"),
        figure("compaction_1000_edits_stored", kept(&folded, long) / kept_state, "x"),
        figure("compaction_1000_edits_stored_unfolded", kept(&unfolded, long) / kept_state, "x"),
        figure("compaction_1000_edits_server_bytes", snapshot, "B"),
        figure("compaction_1000_edits_server_bytes_unfolded", done.bytes_before as f64, "B"),
        figure("compaction_1000_edits_server_rows", rows, ""),
    ])
}

/// What people change on a card, with the values of somebody else's: mostly a choice, a number or a line, now and then
/// the note.
fn edit(other: &Firm, dice: &mut impl Rng) -> Patch {
    let patch = Patch::new();
    match dice.random_range(0..20) {
        0..5 => {
            patch.set(client::STATUS, ["prospect", "active", "paused", "former"][dice.random_range(0..4)].to_owned())
        }
        5..9 => patch.set(client::CONTACT_EVERY, dice.random_range(1..90)),
        9..12 => patch.set(client::ADDRESS, other.address.clone()),
        12..14 => patch.set(client::CITY, other.city.clone()),
        14..16 => patch.set(client::SOURCE, other.source.clone()),
        16..18 => patch.set(client::IS_SUPPLIER, dice.random_bool(0.5)),
        18 => patch.set(client::WEBSITE, other.website.clone()),
        _ => patch.set(client::NOTE, other.note.clone()),
    }
}

/// Each edit is sent as it is made: several within minutes, then nothing for some hours.
fn history(office: &Office, device: &Device, card: Patch, edits: &[Patch]) -> Result<RecordId> {
    let firm = device.add("client", None, card);
    device.sync();
    for (n, patch) in edits.iter().enumerate() {
        office.clock.forward(if n % 4 == 0 { Duration::minutes(1_171 + n as i64) } else { Duration::seconds(97) });
        device.write(Writes::new().edit(firm, patch.clone())).context("editing")?;
        device.sync();
    }
    Ok(firm)
}

fn wire_bytes(device: &Device) -> usize {
    device.line.log().iter().map(|one| one.received.len()).sum()
}
