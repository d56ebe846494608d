//! Seeded histories of one office: reps and a supervisor at work, lines that break, devices that die, a clock that
//! runs. Core and server are the real ones; what must come out is said by an oracle of its own.

mod absent;
mod checks;
mod ending;
mod erased;
mod history;
pub mod oracle;
mod restored;
mod stage;
mod steps;
pub mod tokens;
mod typing;

use std::collections::BTreeMap;

pub use history::{Length, Outcome, play};

/// What many histories came to.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many were played.
    pub n: usize,
    /// How often what happened in all of them.
    pub counts: BTreeMap<&'static str, usize>,
    /// Seeds that failed, with what the oracle objected to.
    pub failures: Vec<(u64, Vec<String>)>,
}

/// As many as there are processors.
#[must_use]
pub fn all_processors() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}

/// Plays histories, so many at once. Seed `n` of a run gives the same history whatever the run.
///
/// # Panics
/// Where a player's thread panics outside of a history, which is a mistake of the simulator.
#[must_use]
pub fn run(first_seed: u64, n: usize, length: Length, jobs: usize) -> Tally {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let next = AtomicUsize::new(0);
    let workers = jobs.clamp(1, n.max(1));
    let work = || {
        let mut tally = Tally::default();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            // A sick build fails everywhere: a few failures say as much as a thousand.
            if at >= n || tally.failures.len() >= 5 {
                return tally;
            }
            let seed = first_seed + at as u64;
            let outcome = play(seed, length, false);
            tally.n += 1;
            for (what, times) in outcome.counts {
                *tally.counts.entry(what).or_default() += times;
            }
            if !outcome.objections.is_empty() {
                tally.failures.push((seed, outcome.objections));
            }
        }
    };
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("a player plays to the end")).collect()
    });
    tallies.into_iter().fold(Tally::default(), |mut all, one| {
        all.n += one.n;
        for (what, times) in one.counts {
            *all.counts.entry(what).or_default() += times;
        }
        all.failures.extend(one.failures);
        all.failures.sort();
        all
    })
}
