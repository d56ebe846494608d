//! A clock that stands still until it is turned.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, Utc};
use satchel_core::domain::clock::Clock;

/// A clock that stands still until it is turned. Clones are the same clock; a skewed one goes along with it.
#[derive(Clone, Debug)]
pub struct TestClock {
    millis: Arc<AtomicI64>,
    skew: Duration,
}

impl TestClock {
    /// A Monday morning.
    #[must_use]
    pub fn new() -> Self {
        Self { millis: Arc::new(AtomicI64::new(1_795_420_800_000)), skew: Duration::zero() }
    }

    /// A clock that stands at a moment.
    #[must_use]
    pub fn at(moment: DateTime<Utc>) -> Self {
        Self { millis: Arc::new(AtomicI64::new(moment.timestamp_millis())), skew: Duration::zero() }
    }

    /// Turns it forward, for everybody who looks at it.
    pub fn forward(&self, by: Duration) {
        self.millis.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }

    /// The same clock as somebody sees it whose watch is wrong.
    #[must_use]
    pub fn skewed(&self, by: Duration) -> Self {
        Self { millis: self.millis.clone(), skew: self.skew + by }
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.millis.load(Ordering::SeqCst)).unwrap_or_default() + self.skew
    }
}
