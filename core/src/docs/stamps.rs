//! When the changes of a snapshot reached the server, in few bytes: told by how long after its making each came, which
//! is nearly always a second or two.
//!
//! The order is that of the changes by actor and number, which the snapshot itself gives; so no hash is repeated.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Hash;
use super::snapshot::Made;

/// What is known of a change's way to the server, to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When it reached the server.
    pub received_at: DateTime<Utc>,
    /// Since when its device had been without contact, where it was.
    pub away_since: Option<DateTime<Utc>>,
    /// Seconds by which its device's clock was ahead of the server's; 0 where it was right.
    pub skew: i64,
}

#[derive(Serialize, Deserialize)]
struct Packed {
    /// Seconds from making to arrival; `None` where nothing is known.
    late: Vec<Option<i64>>,
    /// Runs: how many, and the seconds the device had been away.
    away: Vec<(u32, Option<i64>)>,
    /// Runs: how many, and by how much the clock was wrong.
    skew: Vec<(u32, i64)>,
}

/// Packs what is known of a snapshot's changes.
#[must_use]
pub fn pack(made: &[Made], arrival: impl Fn(&Made) -> Option<Arrival>) -> Vec<u8> {
    let mut packed = Packed { late: Vec::new(), away: Vec::new(), skew: Vec::new() };
    for one in sorted(made) {
        let arrival = arrival(one);
        packed.late.push(arrival.map(|arrival| (arrival.received_at - one.at).num_seconds()));
        let away = arrival.and_then(|it| it.away_since.map(|since| (it.received_at - since).num_seconds()));
        add(&mut packed.away, away);
        add(&mut packed.skew, arrival.map_or(0, |arrival| arrival.skew));
    }
    let mut bytes = Vec::new();
    // Writing into memory does not fail; were it to, nothing would be known, which is told as such.
    if ciborium::into_writer(&packed, &mut bytes).is_err() {
        bytes.clear();
    }
    bytes
}

fn add<T: PartialEq>(runs: &mut Vec<(u32, T)>, value: T) {
    match runs.last_mut() {
        Some((n, last)) if *last == value => *n += 1,
        _ => runs.push((1, value)),
    }
}

/// What is known of a snapshot's changes; nothing where the two do not belong together.
#[must_use]
pub fn unpack(made: &[Made], bytes: &[u8]) -> BTreeMap<Hash, Arrival> {
    let Ok(packed) = ciborium::from_reader::<Packed, _>(bytes) else { return BTreeMap::new() };
    if packed.late.len() != made.len() {
        return BTreeMap::new();
    }
    let away = packed.away.iter().flat_map(|(n, away)| std::iter::repeat_n(*away, *n as usize));
    let skew = packed.skew.iter().flat_map(|(n, skew)| std::iter::repeat_n(*skew, *n as usize));
    let each = sorted(made).into_iter().zip(&packed.late).zip(away.zip(skew));
    each.filter_map(|((one, late), (away, skew))| {
        let received_at = one.at.checked_add_signed(TimeDelta::try_seconds((*late)?)?)?;
        let away = away.and_then(TimeDelta::try_seconds);
        let away_since = away.and_then(|away| received_at.checked_sub_signed(away));
        Some((one.hash, Arrival { received_at, away_since, skew }))
    })
    .collect()
}

fn sorted(made: &[Made]) -> Vec<&Made> {
    let mut sorted: Vec<&Made> = made.iter().collect();
    sorted.sort_unstable_by(|a, b| (&a.actor, a.seq).cmp(&(&b.actor, b.seq)));
    sorted
}
