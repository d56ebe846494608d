//! How well a record answers what was typed: least is best, so that what somebody means comes first.

use super::index::Texts;
use crate::domain::likeness::is_form;
use crate::domain::readings::PREFIXES;
use crate::domain::spelling::{Fit, Found, Word};

/// A searched value that is, begins or ends with the words.
const VALUE: u8 = 8;
/// Words in the middle of longer text.
const TEXT: u8 = 11;
/// Added for interactions: there are many of them, and they are seldom what is looked for by a word.
pub(super) const BUSY: u8 = 20;

/// By its title; `None` where a word is not in it.
pub(super) fn of_title(title: &str, words: &[Word]) -> Option<u8> {
    let found: Vec<Found> = words.iter().map(|word| word.find(title)).collect::<Option<_>>()?;
    let cost = found.iter().map(|found| found.cost).max()?;
    let names = names(title);
    let covered = names.iter().all(|(from, to)| found.iter().any(|found| found.from <= *from && *to <= found.to));
    let leads = names.first().is_some_and(|(from, _)| found.iter().any(|found| found.from == *from));
    let worst = found.iter().map(|found| found.fit).max()?;
    let place = match worst {
        Fit::Whole if covered => 0,
        Fit::Whole if leads => 1,
        Fit::Beginning if leads => 2,
        Fit::Whole => 3,
        Fit::Beginning => 4,
        Fit::Inside => 5,
    };
    Some(place + cost)
}

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

/// Where the words of a title stand, without the legal form.
fn names(title: &str) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let mut from = None;
    for (at, letter) in title.char_indices().chain([(title.len(), ' ')]) {
        match (letter.is_alphanumeric(), from) {
            (true, None) => from = Some(at),
            (false, Some(begun)) => {
                words.push((begun, at));
                from = None;
            }
            _ => {}
        }
    }
    let named: Vec<_> = words.iter().copied().filter(|(from, to)| !is_form(&title[*from..*to])).collect();
    if named.is_empty() { words } else { named }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::domain::fold::fold;
    use crate::domain::readings::readings;

    #[rstest]
    #[case("мир", "ООО «Мир»", "Мир книг")]
    #[case("мир", "Мир книг", "Мирный")]
    #[case("мир", "Мирный", "Новый мир")]
    #[case("мир", "Новый мир", "Новый Мирный")]
    #[case("мир", "Новый Мирный", "Кумир")]
    #[case("иван петров", "Петров Иван", "Петров Иван Сергеевич")]
    #[case("roza", "Roza", "Роза")]
    #[case("roza", "Роза", "Салон «Роза»")]
    fn the_better_answer_comes_first(#[case] typed: &str, #[case] better: &str, #[case] worse: &str) {
        let words = &readings(typed)[0];
        let [better, worse] = [better, worse].map(|title| of_title(&fold(title), words).unwrap());
        assert!(better < worse, "{better} {worse}");
    }
}
