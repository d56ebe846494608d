//! The command line of the person who runs the server. Every command works while the server runs.

mod arguments;
mod audit;
mod commands;
mod config;
mod keeping;
mod print;
mod serve;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Parser;
use satchel_core::domain::kind::Registry;

use crate::office::{Office, Settings};
use crate::storage::sqlite::SqliteStorage;
use arguments::{Arguments, Task};
use satchel_core::system::{SystemClock, SystemIds};

/// Name of the database in the data folder.
pub const DATABASE: &str = "satchel-server.sqlite";

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("satchel-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.task {
        Task::Serve(serve) => serve::serve(serve),
        Task::Init(init) => commands::init(init),
        Task::User { task } => commands::user(task),
        Task::Device { task } => commands::device(task),
        Task::Lease { common, days } => commands::lease(&common, days),
        Task::Erase { common, record, after, withdraw } => commands::erase(&common, &record, after, withdraw),
        Task::Alerts { common } => commands::alerts(&common),
        Task::Department { task } => commands::department(task),
        Task::Audit { task } => audit::audit(task),
        Task::Backup { common, file } => keeping::backup(&common, &file),
        Task::Verify { file, json } => keeping::verify(&file, json),
        Task::Restore { common, file } => keeping::restore(&common, &file),
        Task::Held { task } => keeping::held(task),
        Task::Doctor { common, fix } => keeping::doctor(&common, fix),
        Task::Compact { common } => keeping::compact(&common),
    }
}

/// Opens the data folder; `init` alone may make it.
fn open(data: &Path, make: bool, settings: Settings) -> anyhow::Result<Office> {
    let file = data.join(DATABASE);
    if make {
        make_private(data).with_context(|| format!("making {}", data.display()))?;
    } else if !file.exists() {
        anyhow::bail!("{} holds no server data; run `satchel-server init --data DIR` first", data.display());
    }
    let storage = SqliteStorage::open(&file).with_context(|| format!("opening {}", file.display()))?;
    let office =
        Office::open(Arc::new(storage), Arc::new(SystemClock), Arc::new(SystemIds), Registry::built_in(), settings)?;
    Ok(office)
}

fn make_private(data: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(data)
}
