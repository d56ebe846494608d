//! `backup`, `verify`, `restore`, `held`, `doctor`, `compact`: keeping the data, and getting it back (DUR-7).

use std::path::Path;

use anyhow::{Context, bail};
use satchel_core::domain::clock::Clock;
use satchel_core::system::SystemClock;
use serde_json::{Value, json};

use super::arguments::{Common, HeldTask};
use super::commands::opened;
use super::{DATABASE, print};
use crate::storage::sqlite::{self, SqliteStorage};
use crate::storage::{CompactionRule, Finding, Storage};

/// Changes after which `compact` folds a history.
const COMPACT_FROM: u64 = 16;

pub fn backup(common: &Common, file: &Path) -> anyhow::Result<()> {
    let database = common.data.join(DATABASE);
    if !database.exists() {
        bail!("{} holds no server data", common.data.display());
    }
    let storage = SqliteStorage::open(&database).with_context(|| format!("opening {}", database.display()))?;
    storage.backup(file).with_context(|| format!("writing {}", file.display()))?;
    let bytes = std::fs::metadata(file).context("reading the backup's size")?.len();
    print::one(common.json, &json!({ "file": file, "bytes": bytes }), &format!("wrote {}", file.display()));
    Ok(())
}

pub fn verify(file: &Path, json: bool) -> anyhow::Result<()> {
    let found = sqlite::verify(file).with_context(|| format!("looking at {}", file.display()))?;
    say(json, &found)
}

pub fn restore(common: &Common, file: &Path) -> anyhow::Result<()> {
    let found = sqlite::verify(file).with_context(|| format!("looking at {}", file.display()))?;
    if !found.is_empty() {
        say(common.json, &found)?;
    }
    let database = common.data.join(DATABASE);
    let epoch = sqlite::restore(file, &database, SystemClock.now()).context("restoring")?;
    let next = "restored and held; start the server, wait for devices, then: satchel-server held list";
    print::one(common.json, &json!({ "epoch": epoch, "held": true }), next);
    Ok(())
}

pub fn held(task: HeldTask) -> anyhow::Result<()> {
    match task {
        HeldTask::List { common } => {
            let office = opened(&common)?;
            let users = office.users()?;
            let name = |id| users.iter().find(|user| Some(user.id) == id).map(|user| user.name.clone());
            let items: Vec<Value> = office
                .held()?
                .iter()
                .map(|item| {
                    json!({ "n": item.n, "what": item.what.key(), "subject": item.subject, "to": item.to,
                            "to_name": name(item.to), "reported_by": item.by, "at": item.at })
                })
                .collect();
            print::list(common.json, &items, &["n", "what", "subject", "to_name", "reported_by", "at"]);
        }
        HeldTask::Confirm { common, items, all } => {
            let office = opened(&common)?;
            // Departments before people, people before devices and moves: in the order of the list.
            let items = if all { office.held()?.iter().map(|item| item.n).collect() } else { items };
            for n in &items {
                office.confirm_held(*n).with_context(|| format!("confirming {n}"))?;
            }
            print::one(common.json, &json!({ "confirmed": items }), &format!("confirmed {}", items.len()));
        }
        HeldTask::Drop { common, items } => {
            let office = opened(&common)?;
            for n in &items {
                office.drop_held(*n).with_context(|| format!("dropping {n}"))?;
            }
            print::one(common.json, &json!({ "dropped": items }), &format!("dropped {}", items.len()));
        }
        HeldTask::Release { common } => {
            let office = opened(&common)?;
            let n = office.held()?.len();
            office.release()?;
            let left = if n > 0 { format!("; {n} reports were not confirmed") } else { String::new() };
            print::one(common.json, &json!({ "held": false, "unconfirmed": n }), &format!("released{left}"));
        }
    }
    Ok(())
}

pub fn doctor(common: &Common, fix: bool) -> anyhow::Result<()> {
    let office = opened(common)?;
    let mut found = office.storage().examine(fix)?;
    found.extend(office.storage().examine_clock(SystemClock.now())?);
    say(common.json, &found)
}

pub fn compact(common: &Common) -> anyhow::Result<()> {
    let database = common.data.join(DATABASE);
    if !database.exists() {
        bail!("{} holds no server data", common.data.display());
    }
    let storage = SqliteStorage::open(&database).with_context(|| format!("opening {}", database.display()))?;
    let size = || std::fs::metadata(&database).map(|file| file.len()).context("reading the database's size");
    let before = size()?;
    let rule = CompactionRule { least: COMPACT_FROM, before: SystemClock.now(), at_most: usize::MAX };
    let done = storage.compact(&rule).context("folding long histories")?;
    storage.shrink().context("giving the space back")?;
    let after = size()?;
    let answer = json!({ "records": done.n_records, "changes": done.n_changes,
                         "bytes_before": before, "bytes_after": after });
    let said = format!("folded {} changes of {} records", done.n_changes, done.n_records);
    print::one(common.json, &answer, &said);
    Ok(())
}

/// Ends with an error where something is wrong and stays so.
fn say(json: bool, found: &[Finding]) -> anyhow::Result<()> {
    let rows: Vec<Value> =
        found.iter().map(|one| json!({ "code": one.code, "at": one.at, "fixed": one.fixed })).collect();
    if found.is_empty() && !json {
        println!("everything fits together");
    } else {
        print::list(json, &rows, &["code", "at", "fixed"]);
    }
    match found.iter().filter(|one| !one.fixed).count() {
        0 => Ok(()),
        n => bail!("{n} things do not fit together"),
    }
}
