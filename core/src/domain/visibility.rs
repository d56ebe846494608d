//! When a person saw a home: pure arithmetic on intervals of the server's numbering (rules 17, 18).

/// A stretch of the server's numbering: from the transaction that opened it to the one that closed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Number of the transaction that opened it.
    pub added: u64,
    /// Number of the transaction that closed it; `None` while it is open.
    pub removed: Option<u64>,
}

impl Interval {
    /// True where the interval covers the state after transaction `at`.
    #[must_use]
    pub fn covers(&self, at: u64) -> bool {
        self.added <= at && self.removed.is_none_or(|removed| at < removed)
    }

    /// The stretch both cover, if there is any.
    #[must_use]
    pub fn and(&self, other: &Self) -> Option<Self> {
        let added = self.added.max(other.added);
        let removed = match (self.removed, other.removed) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        removed.is_none_or(|removed| added < removed).then_some(Self { added, removed })
    }
}

/// What became of a home between a device's cursor and now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Not seen then, not seen now.
    Never,
    /// Seen all the way.
    Kept,
    /// Seen then, not now.
    Revoked,
    /// Seen now, not then; since the transaction named.
    Granted {
        /// The transaction that opened the stretch that lasts till now.
        since: u64,
    },
    /// Seen then and now, with a gap: revoked first, then granted anew.
    Regranted {
        /// The transaction that opened the stretch that lasts till now.
        since: u64,
    },
}

/// Joins overlapping and touching intervals into maximal stretches, in order.
#[must_use]
pub fn stretches(intervals: &[Interval]) -> Vec<Interval> {
    let mut sorted = intervals.to_vec();
    sorted.sort_by_key(|interval| interval.added);
    let mut joined: Vec<Interval> = Vec::new();
    for next in sorted {
        match joined.last_mut() {
            Some(last) if last.removed.is_none_or(|removed| next.added <= removed) => {
                last.removed = match (last.removed, next.removed) {
                    (Some(a), Some(b)) => Some(a.max(b)),
                    _ => None,
                };
            }
            _ => joined.push(next),
        }
    }
    joined
}

/// What became of a home between the state after `cursor` and the state after `now`.
///
/// `intervals` are all reasons the person ever had for that home; touching ones count as one stretch, so that a
/// reason replaced within one transaction is no gap.
#[must_use]
pub fn compare(intervals: &[Interval], cursor: u64, now: u64) -> Change {
    let joined = stretches(intervals);
    let then = joined.iter().find(|stretch| stretch.covers(cursor));
    let last = joined.iter().find(|stretch| stretch.covers(now));
    match (then, last) {
        (None, None) => Change::Never,
        (Some(_), None) => Change::Revoked,
        (None, Some(last)) => Change::Granted { since: last.added },
        (Some(then), Some(last)) if then == last => Change::Kept,
        (Some(_), Some(last)) => Change::Regranted { since: last.added },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn open(added: u64) -> Interval {
        Interval { added, removed: None }
    }

    fn closed(added: u64, removed: u64) -> Interval {
        Interval { added, removed: Some(removed) }
    }

    #[test]
    fn a_reason_replaced_in_one_transaction_is_no_gap() {
        assert_eq!(compare(&[closed(1, 5), open(5)], 3, 9), Change::Kept);
    }

    #[test]
    fn a_gap_revokes_before_it_grants_again() {
        assert_eq!(compare(&[closed(1, 5), open(7)], 3, 9), Change::Regranted { since: 7 });
    }

    #[test]
    fn what_came_and_went_between_two_contacts_was_never_there() {
        assert_eq!(compare(&[closed(5, 7)], 3, 9), Change::Never);
    }

    proptest! {
        #[test]
        fn comparing_agrees_with_looking_at_every_number(
            raw in prop::collection::vec((0u64..30, prop::option::of(1u64..30)), 0..6),
            cursor in 0u64..30, ahead in 0u64..30,
        ) {
            let intervals: Vec<_> = raw.into_iter().map(|(added, length)| Interval { added, removed: length.map(|n| added + n) }).collect();
            let now = cursor + ahead;
            let seen = |at: u64| intervals.iter().any(|interval| interval.covers(at));
            let all_the_way = (cursor..=now).all(seen);
            let change = compare(&intervals, cursor, now);
            let expected = match (seen(cursor), seen(now)) {
                (false, false) => Change::Never,
                (true, false) => Change::Revoked,
                (true, true) if all_the_way => Change::Kept,
                (before, true) => {
                    let since = (0..=now).rev().take_while(|at| seen(*at)).last().unwrap_or(now);
                    if before { Change::Regranted { since } } else { Change::Granted { since } }
                }
            };
            prop_assert_eq!(change, expected);
        }
    }
}
