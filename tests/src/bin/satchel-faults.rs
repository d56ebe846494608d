//! Makes processes fail at every call that writes, and looks at what is left.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use satchel_tests::faults::{Options, Side, Tally, Trouble, run, run_images, serve_commands, serve_office};

/// Makes processes fail and looks at what is left. Prints a JSON line for each series.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Kills the device's or the server's process at its calls that write, or makes its disk fail there.
    Calls {
        /// Which process; both where none is named.
        #[arg(long)]
        side: Option<Side>,
        /// What is done to it; everything where nothing is named.
        #[arg(long)]
        trouble: Option<Trouble>,
        /// Kills at so many calls of each process, spread evenly, and fails disks at a fifth as many; at every one
        /// where there is no number.
        #[arg(long)]
        sample: Option<usize>,
        /// Where the spread begins.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// So many rounds at once.
        #[arg(long, default_value_t = std::thread::available_parallelism().map_or(1, usize::from))]
        jobs: usize,
    },
    /// Opens what a power cut may leave of the device's and the server's disk.
    Images {
        /// How many images of each.
        #[arg(long, default_value_t = 40)]
        number: usize,
        /// Seed of the cuts and of the sectors that are lost.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Is a device that can be made to fail.
    #[command(hide = true)]
    Device { dir: PathBuf },
    /// Is a server that can be made to fail.
    #[command(hide = true)]
    Server { data: PathBuf, address: SocketAddr },
}

fn main() -> anyhow::Result<ExitCode> {
    let mut tally = Tally::default();
    match Arguments::parse().task {
        Task::Calls { side, trouble, sample, seed, jobs } => {
            let sides = side.map_or(vec![Side::Device, Side::Server], |side| vec![side]);
            let troubles = trouble.map_or(vec![Trouble::Kill, Trouble::Full, Trouble::Broken], |one| vec![one]);
            for side in sides {
                for trouble in &troubles {
                    let sample =
                        sample.map(|sample| if *trouble == Trouble::Kill { sample } else { sample.div_ceil(5) });
                    tally.note(run(Options { side, trouble: *trouble, sample, seed, jobs })?);
                }
            }
        }
        Task::Images { number, seed } => {
            for side in [Side::Device, Side::Server] {
                tally.note(run_images(side, number, seed)?);
            }
        }
        Task::Device { dir } => return serve_commands(&dir).map(|()| ExitCode::SUCCESS),
        Task::Server { data, address } => return serve_office(&data, address).map(|()| ExitCode::SUCCESS),
    }
    Ok(if tally.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
