//! What two sides hold of homes, as one number (rule 23): the sum over homes and records of a hash of home, record,
//! generation and heads. A sum, so that a change of one record costs one subtraction and one addition.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::authority::Home;
use super::ids::RecordId;

/// A sum over records, or what one record adds to it. Tells differences apart that come about by accident; nobody
/// gains anything by making two sets look alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest(#[serde(with = "bytes")] u128);

impl Digest {
    /// What a record adds to a home; nothing without changes. `heads` in any order.
    #[must_use]
    pub fn of(home: Home, record: RecordId, generation: u32, heads: &[[u8; 32]]) -> Self {
        if heads.is_empty() {
            return Self::default();
        }
        let mut heads: Vec<&[u8; 32]> = heads.iter().collect();
        heads.sort_unstable();
        let mut digest = Sha256::new_with_prefix(b"satchel record in home");
        digest.update(home.bytes());
        digest.update(record.bytes());
        digest.update(generation.to_be_bytes());
        heads.iter().for_each(|head| digest.update(head));
        let mut low = [0; 16];
        low.copy_from_slice(&digest.finalize()[..16]);
        Self(u128::from_be_bytes(low))
    }

    /// With another one added.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }

    /// With another one taken out.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0.wrapping_sub(other.0))
    }

    /// As tables hold it.
    #[must_use]
    pub fn bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// Back from a table.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }
}

impl std::iter::Sum for Digest {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Self::and)
    }
}

mod bytes {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(sum: &u128, serializer: S) -> Result<S::Ok, S::Error> {
        uuid::Uuid::from_u128(*sum).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
        uuid::Uuid::deserialize(deserializer).map(|id| id.as_u128())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn every_part_of_what_is_held_counts() {
        let (a, b) = (RecordId(Uuid::from_u128(1)), RecordId(Uuid::from_u128(2)));
        let base = Digest::of(Home::Client(a), a, 0, &[[1; 32], [2; 32]]);
        assert_eq!(base, Digest::of(Home::Client(a), a, 0, &[[2; 32], [1; 32]]));
        for other in [
            Digest::of(Home::Client(b), a, 0, &[[1; 32], [2; 32]]),
            Digest::of(Home::Client(a), b, 0, &[[1; 32], [2; 32]]),
            Digest::of(Home::Client(a), a, 1, &[[1; 32], [2; 32]]),
            Digest::of(Home::Client(a), a, 0, &[[1; 32]]),
            Digest::default(),
        ] {
            assert_ne!(base, other);
        }
        assert_eq!(Digest::of(Home::Organisation, a, 0, &[]), Digest::default());
    }

    proptest! {
        #[test]
        fn what_was_added_can_be_taken_out_again(sums: Vec<u128>, at: prop::sample::Index) {
            let sums: Vec<Digest> = sums.into_iter().map(Digest).collect();
            prop_assume!(!sums.is_empty());
            let all: Digest = sums.iter().copied().sum();
            let one = sums[at.index(sums.len())];
            prop_assert_eq!(all.without(one).and(one), all);
            prop_assert_eq!(Digest::from_bytes(all.bytes()), all);
        }
    }
}
