//! Snapshots give back every change, are bounded before they are decoded, and are refused where they would lose one.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::docs::stamps::{Arrival, pack, unpack};
use crate::domain::authority::actor_bytes;
use crate::domain::ids::DeviceId;
use crate::domain::kinds::client;
use crate::domain::patch::Patch;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + second, 0).unwrap()
}

fn actor(n: u8) -> [u8; 20] {
    actor_bytes(DeviceId(Uuid::from_bytes([n; 16])), 1)
}

/// A history of two devices that meet now and then.
fn history(steps: &[(bool, u8, bool)]) -> Vec<Vec<u8>> {
    let card = Patch::new().set(client::NAME, "Ромашка".to_owned()).set(client::NOTE, "Раз".to_owned());
    let (_, mut changes) = Doc::create(&client::KIND, &card, &actor(1), at(0)).unwrap();
    let mut docs = [Doc::load(&changes.concat()).unwrap(), Doc::load(&changes.concat()).unwrap()];
    for (n, (second, value, meet)) in steps.iter().enumerate() {
        let who = usize::from(*second);
        if *meet {
            docs[who].apply(&changes).unwrap();
        }
        let patch = match value % 3 {
            0 => Patch::new().set(client::CITY, format!("Город {value}")),
            1 => Patch::new().set(client::NOTE, format!("Записка {value} 🙂")),
            _ => Patch::new().set(client::CONTACT_EVERY, i64::from(*value)),
        };
        changes.extend(docs[who].edit(&client::KIND, &patch, &actor(1 + who as u8), at(n as i64)).unwrap());
    }
    changes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// [CONV-2] `load(save(d)) = d = replay(changes(d))`, for both ways of writing it.
    #[test]
    fn conv_2_every_change_comes_out_as_it_went_in(
        steps in prop::collection::vec((any::<bool>(), any::<u8>(), any::<bool>()), 0..40),
    ) {
        let changes = history(&steps);
        let mut doc = Doc::load(&changes.concat()).unwrap();
        for bytes in [doc.snapshot().unwrap(), doc.at_rest().unwrap()] {
            let mut again = Doc::load(&bytes).unwrap();
            let mut given: Vec<Vec<u8>> = again.singles().into_iter().map(|(_, change)| change).collect();
            let mut taken = changes.clone();
            given.sort();
            taken.sort();
            prop_assert_eq!(given, taken);
            prop_assert_eq!(again.heads(), doc.heads());
            prop_assert_eq!(again.read(&client::KIND).unwrap(), doc.read(&client::KIND).unwrap());
        }
        prop_assert!(receive(&doc.snapshot().unwrap()).is_ok());
    }

    #[test]
    fn damaged_snapshots_are_refused_without_a_panic(
        steps in prop::collection::vec((any::<bool>(), any::<u8>(), any::<bool>()), 0..12),
        at in any::<prop::sample::Index>(),
        byte in 1u8..,
    ) {
        let mut bytes = Doc::load(&history(&steps).concat()).unwrap().snapshot().unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= byte;
        prop_assert!(receive(&bytes).is_err());
        prop_assert!(receive(&bytes[..at]).is_err());
    }

    #[test]
    fn arrivals_come_out_as_they_went_in(
        steps in prop::collection::vec((any::<bool>(), any::<u8>(), any::<bool>()), 0..20),
        told in prop::collection::vec((0i64..3, prop::option::of(0i64..90_000), -90i64..90, any::<bool>()), 1..9),
    ) {
        let mut doc = Doc::load(&history(&steps).concat()).unwrap();
        let made = doc.made();
        let arrival = |one: &Made| {
            let (late, away, skew, known) = told[usize::from(one.hash[0]) % told.len()];
            let received_at = one.at + chrono::TimeDelta::seconds(late);
            let away_since = away.map(|away| received_at - chrono::TimeDelta::seconds(away));
            known.then_some(Arrival { received_at, away_since, skew })
        };
        let known = unpack(&made, &pack(&made, arrival));
        for one in &made {
            prop_assert_eq!(known.get(&one.hash).copied(), arrival(one));
        }
        // Of another history nothing is told.
        prop_assert!(unpack(&made[1..], &pack(&made, arrival)).is_empty());
    }
}

/// The length of a chunk's content and its checksum, made anew.
fn sealed(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut hashed = vec![kind];
    let mut rest = content.len();
    loop {
        let byte = (rest & 0x7f) as u8;
        rest >>= 7;
        hashed.push(if rest == 0 { byte } else { byte | 0x80 });
        if rest == 0 {
            break;
        }
    }
    hashed.extend_from_slice(content);
    let sum: [u8; 32] = sha2::Digest::finalize(sha2::Digest::chain_update(sha2::Sha256::default(), &hashed)).into();
    [MAGIC.as_slice(), &sum[..4], &hashed].concat()
}

#[test]
fn a_snapshot_that_would_lose_a_change_is_not_written() {
    let changes = history(&[(false, 2, true), (false, 5, true)]);
    let mut doc = Doc::load(&changes.concat()).unwrap();
    let whole = doc.snapshot().unwrap();
    let short = Doc::load(&changes[..changes.len() - 1].concat()).unwrap().snapshot().unwrap();
    assert!(doc.same(&whole).is_ok());
    assert!(doc.same(&short).is_err());
    assert!(doc.same(&whole[..whole.len() - 1]).is_err());
}

#[test]
fn a_snapshot_that_would_unpack_without_bound_is_not_decoded() {
    let mut doc = Doc::load(&history(&[(false, 1, true); 12]).concat()).unwrap();
    assert!(receive(&doc.snapshot().unwrap()).is_ok());
    assert!(is_snapshot(&doc.at_rest().unwrap()));
    assert!(receive(&AutoCommit::new().save_nocompress()).is_ok());
    assert!(receive(&doc.changes().concat()).is_err(), "changes are none");
    let twice = [doc.snapshot().unwrap(), doc.snapshot().unwrap()].concat();
    assert!(receive(&twice).is_err(), "nothing stands beside it");
    // No actors, no heads, one column of changes: its flag says "deflated".
    assert!(receive(&sealed(0, &[0, 0, 1, 0x0b, 1, 0, 0])).is_err());
    // A run of a billion in four bytes.
    let run = [0x80, 0x94, 0xeb, 0xdc, 0x03, 1];
    let bomb = [&[0, 0, 1, 0x03, run.len() as u8, 0], run.as_slice()].concat();
    assert!(scan(&sealed(0, &bomb)).is_err());
    let few = [&[0, 0, 1, 0x03, 2, 0], [5, 1].as_slice()].concat();
    assert!(scan(&sealed(0, &few)).is_ok());
}
