//! Plays seeded histories and says which of them broke a promise.

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use satchel_tests::faults::Line;
use satchel_tests::simulator::{Length, all_processors, play, run};

/// Plays seeded histories of an office and checks them against an oracle of its own.
#[derive(Parser)]
struct Arguments {
    /// Seed of the first history; the others follow it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many histories.
    #[arg(long, default_value_t = 1)]
    histories: usize,
    /// Fewest steps of a history.
    #[arg(long, default_value_t = Length::default().least)]
    least: usize,
    /// Most steps of a history.
    #[arg(long, default_value_t = Length::default().most)]
    most: usize,
    /// How many are played at once; as many as there are processors where it is not said.
    #[arg(long)]
    jobs: Option<usize>,
    /// Prints every step of the first history as it is taken.
    #[arg(long)]
    trace: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let length = Length { least: arguments.least, most: arguments.most.max(arguments.least) };
    // A history that panics is a finding like any other; its words are in the objections.
    std::panic::set_hook(Box::new(|_| {}));
    if arguments.trace {
        let outcome = play(arguments.seed, length, true);
        for objection in &outcome.objections {
            println!("OBJECTION  {objection}");
        }
        return if outcome.objections.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let began = Instant::now();
    let tally = run(arguments.seed, arguments.histories, length, arguments.jobs.unwrap_or_else(all_processors));
    let seconds = began.elapsed().as_secs_f64();
    for (what, times) in &tally.counts {
        println!("{times:>9}  {what}");
    }
    println!("{} histories in {seconds:.1} s, {:.1} a second", tally.n, tally.n as f64 / seconds.max(0.001));
    for (seed, objections) in &tally.failures {
        println!("FAILED seed {seed}: satchel-sim --seed {seed} --trace");
        for objection in objections.iter().take(5) {
            println!("    {objection}");
        }
    }
    // What the soak keeps and sums up.
    let line = Line {
        series: "histories".to_owned(),
        seed: arguments.seed,
        points: tally.n,
        struck: tally.n,
        failures: tally.failures.iter().map(|(seed, _)| format!("seed {seed}")).collect(),
        counts: tally.counts.iter().map(|(what, times)| ((*what).to_owned(), *times)).collect(),
    };
    line.print();
    if tally.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
