//! Demo data that repeats from its seed: firms, people, numbers and what was said, in Russian and Ukrainian.
//!
//! Every name is put together from parts of our own; the numbers have right check digits and belong to nobody we know.
//! The structs are plain, so that benches may write them as JSON as well as through the product.

mod calendar;
mod catalogue;
mod entities;
mod firms;
mod numbers;
mod people;
mod words;

pub use calendar::{Contact, Moment};
pub use catalogue::{CATEGORIES, Category, DEPARTMENTS, REGIONS, Staff, staff};
pub use entities::Entity;
pub use firms::{Firm, bench_firm};
pub use numbers::{edrpou, inn_of_firm, inn_of_person, ogrn, ogrnip, rnokpp};
pub use people::{Human, full_name};

use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Where all the dice are thrown.
pub type Dice = ChaCha8Rng;

/// Dice that fall the same way for the same seed.
#[must_use]
pub fn dice(seed: u64) -> Dice {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Which of the two languages and numbering plans a firm lives with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Land {
    /// Russian words, +7, INN and OGRN.
    Ru,
    /// Ukrainian words, +380, EDRPOU and RNOKPP.
    Ua,
}

impl Land {
    fn throw(dice: &mut Dice) -> Self {
        if dice.random_bool(0.55) { Self::Ru } else { Self::Ua }
    }
}

/// One of the two lists by land.
struct ByLand<T: 'static> {
    ru: &'static [T],
    ua: &'static [T],
}

impl<T: Copy> ByLand<T> {
    /// Goes round the list.
    fn at(&self, land: Land, index: usize) -> T {
        let list = match land {
            Land::Ru => self.ru,
            Land::Ua => self.ua,
        };
        list[index % list.len()]
    }

    fn pick(&self, land: Land, dice: &mut Dice) -> T {
        match land {
            Land::Ru => pick(self.ru, dice),
            Land::Ua => pick(self.ua, dice),
        }
    }
}

fn pick<T: Copy>(from: &[T], dice: &mut Dice) -> T {
    from[dice.random_range(0..from.len())]
}

fn digits(n: usize, dice: &mut Dice) -> String {
    (0..n).map(|_| char::from(b'0' + dice.random_range(0..10u8))).collect()
}

#[cfg(test)]
mod tests;
