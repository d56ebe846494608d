//! Ids that repeat from a seed.

use std::sync::Mutex;

use rand::RngCore;
use satchel_core::domain::clock::Clock;
use satchel_core::domain::ids::IdSource;
use uuid::Uuid;

use super::TestClock;
use crate::generator::{Dice, dice};

/// UUIDv7 whose time is the test's clock and whose randomness is thrown from a seed.
#[derive(Debug)]
pub struct SeededIds {
    clock: TestClock,
    dice: Mutex<Dice>,
}

impl SeededIds {
    /// The ids of one seed.
    #[must_use]
    pub fn new(seed: u64, clock: &TestClock) -> Self {
        Self { clock: clock.clone(), dice: Mutex::new(dice(seed)) }
    }
}

impl IdSource for SeededIds {
    fn fresh(&self) -> Uuid {
        let mut random = [0; 10];
        // A poisoned lock only means that another test's thread panicked between two ids.
        self.dice.lock().unwrap_or_else(std::sync::PoisonError::into_inner).fill_bytes(&mut random);
        let millis = u64::try_from(self.clock.now().timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}
