//! How well a name answers what was typed: least is best, so that what somebody means comes first.

use super::fold::fold;
use super::likeness::is_form;
use super::readings::readings;
use super::spelling::{Fit, Found, Word};

/// A folded name; `None` where a word is not in it.
#[must_use]
pub fn of_title(title: &str, words: &[Word]) -> Option<u8> {
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

/// Places of the texts that answer what was typed, the best first.
#[must_use]
pub fn matching(typed: &str, texts: &[String]) -> Vec<usize> {
    let readings = readings(typed);
    let mut found: Vec<(u8, usize)> = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let folded = fold(text);
        found.extend(readings.iter().filter_map(|words| of_title(&folded, words)).min().map(|place| (place, at)));
    }
    found.sort_unstable();
    found.into_iter().map(|(_, at)| at).collect()
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

    #[test]
    fn commands_are_found_as_records_are() {
        let texts = ["Запланировать", "Импорт из файла", "Тёмная тема"].map(str::to_owned);
        assert_eq!(matching("bvgjhn", &texts), [1]);
        assert_eq!(matching("темная", &texts), [2]);
        assert_eq!(matching("zaplan", &texts), [0]);
        assert!(matching("", &texts).is_empty());
    }
}
