//! `scripts/bench`: what users wait for, at 6,000 and 60,000 records.

use std::path::PathBuf;

use clap::Parser;
use satchel_tests::bench::{Options, run, serve_questions};

/// Measures what users wait for.
#[derive(Debug, Parser)]
struct Arguments {
    /// Sizes in records; six to a client; 0 leaves that out.
    #[arg(long, value_delimiter = ',', default_values_t = [6_000, 60_000])]
    records: Vec<usize>,
    /// How many devices are connected live, in ascending order; 0 leaves that out.
    #[arg(long, value_delimiter = ',', default_values_t = [100, 500])]
    live: Vec<usize>,
    /// Leaves the long history out.
    #[arg(long)]
    no_compaction: bool,
    /// How many devices are connected and idle; 0 leaves that out.
    #[arg(long, default_value_t = 1_000)]
    idle: usize,
    /// Rows of the table that is imported; 0 leaves files out, with the report and the filling of a field.
    #[arg(long, default_value_t = 100_000)]
    import_rows: usize,
    /// Leaves the office's orders out.
    #[arg(long)]
    no_orders: bool,
    /// Seed of the data.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// JSON lines instead of a table.
    #[arg(long)]
    json: bool,
    /// Be a device of the bench on this folder.
    #[arg(long, hide = true)]
    device: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    match arguments.device {
        Some(dir) => serve_questions(&dir),
        None => {
            let sizes = arguments.records.into_iter().filter(|size| *size > 0).collect();
            let live = arguments.live.into_iter().filter(|devices| *devices > 0).collect();
            let Arguments { idle, import_rows, no_orders, no_compaction, seed, json, .. } = arguments;
            let (orders, compaction) = (!no_orders, !no_compaction);
            run(&Options { sizes, live, compaction, idle, import_rows, orders, seed, json })
        }
    }
}
