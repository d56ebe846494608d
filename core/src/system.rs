//! The machine's own clock and randomness, for shells and the server; everything else takes them as arguments.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::clock::Clock;
use crate::domain::ids::IdSource;

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// Ids from the operating system's clock and randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemIds;

impl IdSource for SystemIds {
    fn fresh(&self) -> Uuid {
        Uuid::now_v7()
    }
}
