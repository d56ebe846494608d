//! How well a record answers what was typed by its text: least is best, so that what somebody means comes first.

use super::index::Texts;
use crate::domain::readings::PREFIXES;
use crate::domain::spelling::{Fit, Word};

/// A searched value that is, begins or ends with the words.
const VALUE: u8 = 8;
/// Words in the middle of longer text.
const TEXT: u8 = 11;
/// Added for interactions: there are many of them, and they are seldom what is looked for by a word.
pub(super) const BUSY: u8 = 20;

/// By all its searched text; `None` where a word is not in it.
pub(super) fn of_text(texts: &Texts, words: &[Word]) -> Option<u8> {
    let mut in_title = false;
    let mut worst = 0;
    for word in words {
        if word.find(&texts.title).is_some() {
            in_title = true;
            continue;
        }
        worst = worst.max(texts.all.split('\n').filter_map(|line| in_line(line, word)).min()?);
    }
    Some(if in_title { VALUE - 1 } else { worst })
}

fn in_line(line: &str, word: &Word) -> Option<u8> {
    let found = word.find(line)?;
    // A number that lacks only what people leave out is all there is.
    let before = &line[..found.from];
    let leads = before.is_empty() || (PREFIXES.contains(&before) && line.bytes().all(|byte| byte.is_ascii_digit()));
    let place = match (leads, found.to == line.len()) {
        (true, true) => VALUE,
        (true, false) | (false, true) => VALUE + 1,
        (false, false) if found.fit == Fit::Inside => TEXT + 1,
        (false, false) => TEXT,
    };
    Some(place + found.cost)
}
