//! How often a password may be tried, by address and by whom it is tried for.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};

/// Wrong tries after which one has to wait.
const TRIES: u32 = 10;
/// How long a wrong try counts.
const WINDOW: Duration = Duration::minutes(1);
/// Most keys remembered; the oldest go first.
const REMEMBERED: usize = 10_000;

/// Counts wrong tries. Tries that prove a device's key count for that device alone, so that nobody else's tries lock
/// it out.
pub struct Attempts<K> {
    wrong: Mutex<HashMap<K, (DateTime<Utc>, u32)>>,
}

impl<K> Default for Attempts<K> {
    fn default() -> Self {
        Self { wrong: Mutex::default() }
    }
}

impl<K: Hash + Eq + Clone> Attempts<K> {
    /// Whether another try is allowed.
    pub fn allows(&self, key: &K, now: DateTime<Utc>) -> bool {
        let wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.get(key).is_none_or(|(since, n)| !within(*since, now) || *n < TRIES)
    }

    /// Notes a wrong try.
    pub fn failed(&self, key: &K, now: DateTime<Utc>) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if wrong.len() >= REMEMBERED {
            wrong.retain(|_, (since, _)| within(*since, now));
        }
        if wrong.len() >= REMEMBERED
            && let Some(oldest) = wrong.iter().min_by_key(|(_, (since, _))| *since).map(|(key, _)| key.clone())
        {
            wrong.remove(&oldest);
        }
        let entry = wrong.entry(key.clone()).or_insert((now, 0));
        if !within(entry.0, now) {
            *entry = (now, 0);
        }
        entry.1 += 1;
    }

    /// Forgets wrong tries after a right one.
    pub fn succeeded(&self, key: &K) {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

fn within(since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    since <= now && now < since + WINDOW
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_ten_wrong_tries_one_waits_a_minute_and_others_do_not() {
        let attempts = Attempts::default();
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        for _ in 0..TRIES {
            assert!(attempts.allows(&"a", now));
            attempts.failed(&"a", now);
        }
        assert!(!attempts.allows(&"a", now));
        assert!(attempts.allows(&"b", now));
        assert!(attempts.allows(&"a", now + WINDOW));
    }
}
