//! Random words that betray where bytes came from: every record and every edit carries one of its own.

use std::collections::{BTreeSet, HashMap};

use rand::Rng;
use satchel_core::domain::ids::RecordId;

use crate::generator::Dice;

/// Number of an edit within its history.
pub type EditId = usize;

/// What a token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// What was typed when the record was made.
    Record(RecordId),
    /// What was typed in one edit.
    Edit(EditId),
}

/// All tokens of a history.
#[derive(Debug, Default)]
pub struct Tokens {
    owners: HashMap<[u8; LENGTH], Owner>,
}

const LENGTH: usize = 10;
const HEAD: &[u8] = b"zq";
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxy23456789";

impl Tokens {
    /// A new token for `owner`.
    pub fn mint(&mut self, owner: Owner, dice: &mut Dice) -> String {
        let mut token = [0; LENGTH];
        token[..2].copy_from_slice(HEAD);
        for letter in &mut token[2..] {
            *letter = LETTERS[dice.random_range(0..LETTERS.len())];
        }
        self.owners.insert(token, owner);
        String::from_utf8_lossy(&token).into_owned()
    }

    /// Whose tokens stand in the bytes.
    #[must_use]
    pub fn in_bytes(&self, bytes: &[u8]) -> BTreeSet<Owner> {
        let mut found = BTreeSet::new();
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|byte| *byte == HEAD[0]) {
            rest = &rest[at..];
            if let Some(word) = rest.first_chunk::<LENGTH>()
                && let Some(owner) = self.owners.get(word)
            {
                found.insert(*owner);
            }
            rest = &rest[1..];
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_wherever_it_stands() {
        let mut dice = crate::generator::dice(1);
        let mut tokens = Tokens::default();
        let (a, b) = (tokens.mint(Owner::Edit(1), &mut dice), tokens.mint(Owner::Edit(2), &mut dice));
        let text = format!("zzq{a}z\u{0}{b}");
        assert_eq!(tokens.in_bytes(text.as_bytes()), BTreeSet::from([Owner::Edit(1), Owner::Edit(2)]));
        assert!(tokens.in_bytes(&text.as_bytes()[..12]).is_empty());
    }
}
