//! What a series of faults showed, as one JSON line.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One series.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Line {
    /// Which series.
    pub series: String,
    /// Its seed, where it has one.
    pub seed: u64,
    /// Calls, images or connections it could strike at.
    pub points: usize,
    /// How many of them it struck at.
    pub struck: usize,
    /// What did not hold, each with its point.
    pub failures: Vec<String>,
    /// How often what happened, where that is counted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, usize>,
}

impl Line {
    /// Prints itself.
    pub fn print(&self) {
        println!("{}", serde_json::to_string(self).unwrap_or_default());
    }
}

/// All series of a run.
#[derive(Clone, Debug, Default)]
pub struct Tally(pub Vec<Line>);

impl Tally {
    /// Prints a series and keeps it.
    pub fn note(&mut self, line: Line) {
        line.print();
        self.0.push(line);
    }

    /// True where nothing failed and something was struck.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.0.iter().all(|line| line.failures.is_empty() && line.struck > 0)
    }
}
