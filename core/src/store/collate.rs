//! Order of text for people who read Russian, Ukrainian and English: one byte string per text, compared as bytes.
//!
//! Every letter of either Cyrillic alphabet has a place of its own (ё stands with е), Latin stands before Cyrillic,
//! digits before letters; case, quotes and apostrophes make no difference.

use std::sync::LazyLock;

const LETTERS: &str = "0123456789abcdefghijklmnopqrstuvwxyzабвгґдеєжзиіїйклмнопрстуўфхцчшщъыьэюя";
const FIRST_LETTER: u8 = 0x10;
const GAP: u8 = 0x02;
const SIGN: u8 = 0x03;
const OTHER: u8 = 0xf0;
/// Letters that count; what differs later is too long to be told apart in a list anyway.
const LENGTH: usize = 48;

/// The key a text is ordered by.
#[must_use]
pub fn sort_key(text: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(LENGTH);
    for letter in text.chars().flat_map(char::to_lowercase) {
        if key.len() >= LENGTH {
            break;
        }
        push(&mut key, letter);
    }
    while key.last() == Some(&GAP) {
        key.pop();
    }
    key
}

fn push(key: &mut Vec<u8>, letter: char) {
    let letter = if letter == 'ё' { 'е' } else { letter };
    if let Some(place) = place(letter) {
        key.push(place);
        return;
    }
    match letter {
        '\'' | '’' | 'ʼ' | '`' | '"' | '«' | '»' | '„' | '“' | '”' => {}
        '\u{300}'..='\u{36f}' => {}
        _ if letter.is_whitespace() => {
            if !key.is_empty() && key.last() != Some(&GAP) {
                key.push(GAP);
            }
        }
        _ if letter.is_ascii() => {
            if !key.is_empty() {
                key.push(SIGN);
            }
        }
        _ => {
            key.push(OTHER);
            key.extend_from_slice(&u32::from(letter).to_be_bytes()[1..]);
        }
    }
}

fn place(letter: char) -> Option<u8> {
    static PLACES: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let mut places = vec![0; 0x500];
        for (place, letter) in (FIRST_LETTER..).zip(LETTERS.chars()) {
            places[letter as usize] = place;
        }
        places
    });
    PLACES.get(letter as usize).copied().filter(|place| *place != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_both_alphabets_stand_in_their_places() {
        let sorted = [
            "«Аист»",
            "Берег",
            "Гай",
            "Ґанок",
            "Дім",
            "Ёлка",
            "Ель",
            "Епос",
            "Єва",
            "Жук",
            "Ива",
            "Іній",
            "Їжак",
            "Йод",
            "Яр",
        ];
        let mut mixed = sorted.to_vec();
        mixed.reverse();
        mixed.sort_by_key(|text| sort_key(text));
        assert_eq!(mixed, sorted);
    }

    #[test]
    fn latin_stands_before_cyrillic_and_digits_before_both() {
        assert!(sort_key("7 дней") < sort_key("Zeta"));
        assert!(sort_key("Zeta") < sort_key("Альфа"));
        assert!(sort_key("Ан") < sort_key("Ан Б"));
        assert!(sort_key("Ан Я") < sort_key("Анна"));
    }
}
