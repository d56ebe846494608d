//! Folding: what a person types and what stands in a record are brought to one form before they are compared.
//!
//! Both sides go through the same function, so letters that merely look alike may be mapped onto each other freely.

use std::sync::LazyLock;

/// Text as search compares it: case, ё/е, ґ/г, apostrophes, quotes, dashes, spaces and letters that look alike in the
/// Latin and the Cyrillic alphabet make no difference.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars() {
        match KNOWN.get(letter as usize) {
            Some(Some(known)) => folded.push(*known),
            _ => letter.to_lowercase().for_each(|lower| push(&mut folded, lower)),
        }
    }
    folded.truncate(folded.trim_end_matches([' ', '\n']).len());
    folded
}

/// What letters become that become one letter whatever stands before them; lists fold millions of letters at once.
static KNOWN: LazyLock<Vec<Option<char>>> = LazyLock::new(|| {
    let known = |code| {
        let letter = char::from_u32(code).filter(|letter| letter.is_alphanumeric())?;
        let mut folded = String::new();
        letter.to_lowercase().for_each(|lower| push(&mut folded, lower));
        let mut letters = folded.chars();
        letters.next().filter(|_| letters.next().is_none())
    };
    // As far as the Cyrillic letters go.
    (0..0x530).map(known).collect()
});

fn push(folded: &mut String, letter: char) {
    let mapped = match letter {
        'ё' => 'е',
        'ґ' => 'г',
        '\'' | '’' | 'ʼ' | '`' | '‘' | '´' | 'ʹ' | '′' => return,
        '"' | '«' | '»' | '„' | '“' | '”' => return,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{feff}' => return,
        '\u{300}'..='\u{36f}' => return compose(folded, letter),
        '‐' | '‑' | '‒' | '–' | '—' | '−' => '-',
        '\n' => return separate(folded, '\n'),
        _ if letter.is_whitespace() || letter.is_control() => return separate(folded, ' '),
        'a' => 'а',
        'b' => 'в',
        'c' => 'с',
        'e' => 'е',
        'h' => 'н',
        'i' => 'і',
        'k' => 'к',
        'm' => 'м',
        'o' => 'о',
        'p' => 'р',
        't' => 'т',
        'x' => 'х',
        'y' => 'у',
        other => other,
    };
    folded.push(mapped);
}

/// Letters that came as a base and a mark of its own: й and ї are letters, every other mark is dropped.
fn compose(folded: &mut String, mark: char) {
    let whole = match (folded.chars().next_back(), mark) {
        (Some('и'), '\u{306}') => 'й',
        (Some('у'), '\u{306}') => 'ў',
        (Some('і'), '\u{308}') => 'ї',
        _ => return,
    };
    folded.pop();
    folded.push(whole);
}

fn separate(folded: &mut String, separator: char) {
    if !folded.is_empty() && !folded.ends_with([' ', '\n']) {
        folded.push(separator);
    }
}

/// Only the digits, for phones and tax numbers however they are grouped.
#[must_use]
pub fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// True where somebody types a phone or another number: digits and the signs that group them.
#[must_use]
pub fn is_number(text: &str) -> bool {
    let signs = |letter: char| letter.is_ascii_digit() || letter.is_whitespace() || "+()-./‑–".contains(letter);
    text.chars().all(signs) && text.chars().any(|letter| letter.is_ascii_digit())
}

const LATIN: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`{}:\"<>~";
const RUSSIAN: &str = "йцукенгшщзхъфывапролджэячсмитьбюёхъжэбюё";
const UKRAINIAN: &str = "йцукенгшщзхїфівапролджєячсмитьбюґхїжєбюґ";

/// What the same keys give in the other keyboard layouts: `ghbdtn` was meant to be `привет`, `Киъв` to be `Київ`.
#[must_use]
pub fn other_layouts(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let turn = |from: &str, to: &str| -> String {
        let key = |letter: char| from.chars().position(|other| other == letter).and_then(|at| to.chars().nth(at));
        text.chars().map(|letter| key(letter).unwrap_or(letter)).collect()
    };
    let mut turned = Vec::new();
    for (from, to) in [
        (LATIN, RUSSIAN),
        (LATIN, UKRAINIAN),
        (RUSSIAN, LATIN),
        (UKRAINIAN, LATIN),
        (RUSSIAN, UKRAINIAN),
        (UKRAINIAN, RUSSIAN),
    ] {
        let other = turn(from, to);
        if other != text && !turned.contains(&other) {
            turned.push(other);
        }
    }
    turned
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("ЁЛКА", "елка")]
    #[case("Ґанок", "ганок")]
    #[case("п'ять", "п’ять")]
    #[case("Об`єднання", "обʼєднання")]
    #[case("ООО «Ромашка»", "ооо ромашка")]
    #[case("Pомaшкa", "ромашка")]
    #[case("BMK", "вмк")]
    #[case("Киї\u{306}в", "київ")]
    #[case("И\u{306}од", "йод")]
    #[case("Ї", "і\u{308}")]
    #[case("АО\u{a0}\u{a0}Север — Юг ", "ао север - юг")]
    #[case("Bank", "bAnK")]
    fn these_are_the_same_when_searched(#[case] one: &str, #[case] other: &str) {
        assert_eq!(fold(one), fold(other));
    }

    #[rstest]
    #[case("кит", "кіт")]
    #[case("їжак", "іжак")]
    #[case("ель", "єль")]
    #[case("мой", "мои")]
    fn these_are_not(#[case] one: &str, #[case] other: &str) {
        assert_ne!(fold(one), fold(other));
    }

    #[rstest]
    #[case("ghbdtn", "привет")]
    #[case("rb]d", "київ")]
    #[case("шмфт", "ivan")]
    fn the_other_layout_is_found(#[case] typed: &str, #[case] meant: &str) {
        assert!(other_layouts(typed).iter().any(|turned| turned == meant), "{:?}", other_layouts(typed));
    }

    #[test]
    fn numbers_are_known_by_their_signs() {
        assert!(is_number("+7 (912) 345-67"));
        assert!(!is_number("дом 5"));
        assert!(!is_number("+"));
        assert_eq!(digits("+7 (912) 345-67-89"), "79123456789");
    }
}
