//! One history: from an empty office to the last check.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rand::Rng;

use super::stage::Stage;
use super::{checks, ending, erased, restored, steps};
use crate::generator::dice;

/// How long histories are.
#[derive(Clone, Copy, Debug)]
pub struct Length {
    /// Fewest steps.
    pub least: usize,
    /// Most steps.
    pub most: usize,
}

impl Default for Length {
    fn default() -> Self {
        Self { least: 20, most: 55 }
    }
}

/// What a history came to.
#[derive(Debug)]
pub struct Outcome {
    /// How often what happened.
    pub counts: BTreeMap<&'static str, usize>,
    /// What must not be. Empty where all is well.
    pub objections: Vec<String>,
    /// What was done, step by step.
    pub trace: Vec<String>,
}

/// Plays the history of a seed; `aloud` prints every step as it is taken.
#[must_use]
pub fn play(seed: u64, length: Length, aloud: bool) -> Outcome {
    let stage = Stage::set(seed, dice(seed), aloud);
    let mut stage = AssertUnwindSafe(stage);
    let played = catch_unwind(AssertUnwindSafe(|| {
        let stage = &mut *stage;
        let n = stage.dice.random_range(length.least..=length.most);
        steps::opening(stage);
        for step in 0..n {
            if step == 2 * n / 3 && stage.dice.random_bool(0.15) {
                erased::erase_any(stage);
            }
            if step == n / 2 && stage.dice.random_bool(0.5) {
                steps::gather(stage);
            }
            steps::take(stage);
            if !stage.books().objections.is_empty() {
                return;
            }
        }
        if stage.dice.random_bool(0.1) {
            restored::go_back(stage);
        }
        ending::settle(stage);
        checks::everything(stage);
    }));
    if let Err(panic) = played {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(|&words| words.to_owned()));
        stage.books().object(format!("panic: {}", words.unwrap_or_default()));
    }
    let trace = std::mem::take(&mut stage.trace);
    let mut books = stage.books();
    Outcome { counts: std::mem::take(&mut books.counts), objections: std::mem::take(&mut books.objections), trace }
}
