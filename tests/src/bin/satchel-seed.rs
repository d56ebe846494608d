//! Fills an empty server with the demo's organisation.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use clap::Parser;
use satchel_core::domain::clock::Clock;
use satchel_core::domain::ids::IdSource;
use satchel_core::domain::kind::Registry;
use satchel_core::system::SystemClock;
use satchel_server::storage::sqlite::SqliteStorage;
use satchel_server::{Office, Settings};
use satchel_tests::harness::{Line, SeededIds, Server, TestClock};
use satchel_tests::seed::{Amount, Soil, sow};

/// Fills an empty server's data folder with the demo's organisation. The server must not be running.
#[derive(Parser)]
struct Arguments {
    /// The server's data folder.
    #[arg(long)]
    server_data: PathBuf,
    /// The address the demo's links point to.
    #[arg(long)]
    server_url: String,
    /// Seed of the data.
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// How many clients.
    #[arg(long, default_value_t = Amount::default().clients)]
    clients: usize,
    /// Prints JSON instead of words.
    #[arg(long)]
    json: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let now = SystemClock.now();
    let today = now.date_naive();
    // Ids say the morning of the day instead of the moment, so that the data repeats from the seed all day long.
    let morning: DateTime<Utc> = today.and_time(chrono::NaiveTime::MIN).and_utc();
    let ids = Arc::new(SeededIds::new(arguments.seed, &TestClock::at(morning)));
    std::fs::create_dir_all(&arguments.server_data).context("making the data folder")?;
    let file = arguments.server_data.join(satchel_server::cli::DATABASE);
    let storage = SqliteStorage::open(&file).with_context(|| format!("opening {}", file.display()))?;
    let settings = Settings { public_url: Some(arguments.server_url.clone()), ..Settings::default() };
    let source: Arc<dyn IdSource> = ids.clone();
    let office = Office::open(Arc::new(storage), Arc::new(SystemClock), source, Registry::built_in(), settings)?;
    let server = Server::default();
    server.start(office.clone());
    let transport = Line::to(&server, &TestClock::at(now));
    let soil = Soil { office: &office, transport, ids: &*ids, at: now, today };
    let sown = sow(&soil, arguments.seed, Amount { clients: arguments.clients, ..Amount::default() })?;
    if arguments.json {
        println!("{}", serde_json::to_string(&sown)?);
        return Ok(());
    }
    println!(
        "{}: {} clients, {} interactions, {} records",
        sown.organisation, sown.n_clients, sown.n_interactions, sown.n_records
    );
    for (what, one) in [("rep", &sown.rep), ("supervisor", &sown.supervisor), ("admin", &sown.admin)] {
        println!("{what}: {} (password {})", one.name, one.password);
        for link in &one.links {
            println!("    {link}");
        }
    }
    Ok(())
}
