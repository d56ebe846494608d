//! What makes two clients look like the same one: numbers in registers, phones, mail addresses, names.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::fold::{digits, fold};
use super::kind::FieldType;
use super::phone::{self, Region};
use super::value::Value;

/// Names at least so alike are worth a look, of 1.
const ALIKE: f64 = 0.45;
/// Legal forms, folded: they say nothing of who it is.
const FORMS: &[&str] = &[
    "ооо", "оао", "зао", "пао", "ао", "ип", "нко", "тов", "пп", "фоп", "прат", "пат", "ат", "дп", "тоо", "чуп", "одо",
    "ltd", "llc", "inc", "gmbh",
];

/// Whether a folded word is a legal form.
#[must_use]
pub fn is_form(folded: &str) -> bool {
    FOLDED.contains(folded)
}

/// All legal forms, folded.
pub fn forms() -> impl Iterator<Item = &'static str> {
    FOLDED.iter().map(String::as_str)
}

static FOLDED: LazyLock<BTreeSet<String>> = LazyLock::new(|| FORMS.iter().map(|form| fold(form)).collect());

/// A number in a register as it is compared: digits alone; empty for what is too short to name anybody.
#[must_use]
pub fn number(text: &str) -> String {
    let number = digits(text);
    if number.len() < 8 { String::new() } else { number }
}

/// A mail address as it is compared.
#[must_use]
pub fn email(text: &str) -> String {
    text.trim().to_lowercase()
}

/// An entry of a list as it is compared with others: two that are spelt otherwise are one.
#[must_use]
pub fn spelt(field_type: FieldType, value: &Value, region: Option<Region>) -> String {
    let Value::Text(text) = value else { return format!("{value:?}") };
    match field_type {
        // Two people behind one number are two entries.
        FieldType::Phone => phone::line(text, region)
            .map_or_else(|| digits(text), |(number, extension)| format!("{number}#{extension}")),
        FieldType::Email => email(text),
        _ => fold(text),
    }
}

/// A folded name as it is compared letter by letter: its words, without legal forms.
#[must_use]
pub fn plain(folded: &str) -> String {
    words(folded).collect::<Vec<_>>().join(" ")
}

fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty() && !is_form(word))
}

/// A name as it is compared: its trigrams, without legal forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(BTreeSet<[char; 3]>);

impl Name {
    /// Reads a name; `None` where nothing of it is left to compare.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let folded = fold(text);
        let mut trigrams = BTreeSet::new();
        for word in words(&folded) {
            let padded: Vec<char> = [' ', ' '].into_iter().chain(word.chars()).chain([' ']).collect();
            trigrams.extend(padded.windows(3).map(|three| [three[0], three[1], three[2]]));
        }
        (!trigrams.is_empty()).then_some(Self(trigrams))
    }

    /// How alike two names are, of 1; `None` where they are not worth a look.
    #[must_use]
    pub fn likeness(&self, other: &Self) -> Option<f64> {
        let common = self.0.intersection(&other.0).count();
        let all = self.0.len() + other.0.len() - common;
        #[expect(clippy::cast_precision_loss, reason = "names have few letters")]
        let likeness = common as f64 / all as f64;
        (likeness >= ALIKE).then_some(likeness)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("+380 44 123-45-67 доб. 12", "(044) 1234567, 12", true)]
    #[case("+380 44 123-45-67 доб. 12", "+380 44 123-45-67 доб. 34", false)]
    #[case("+380 44 123-45-67 доб. 12", "+380 44 123-45-67", false)]
    #[case("123-45-67 доб. 12", "123-45-67 доб. 34", false)]
    fn entries_in_other_spellings_are_one(#[case] one: &str, #[case] other: &str, #[case] same: bool) {
        let form = |text: &str| spelt(FieldType::Phone, &Value::Text(text.to_owned()), Region::read("UA"));
        assert_eq!(form(one) == form(other), same);
    }

    #[test]
    fn what_is_too_short_names_nobody() {
        assert_eq!(number("12 34"), "");
        assert_eq!(number("14 360 570"), "14360570");
    }

    #[rstest]
    #[case("ООО «Ромашка»", "ромашка")]
    #[case("Ромашка-Сервіс, ТОВ", "ромашка сервіс")]
    #[case("ООО", "")]
    fn a_plain_name_has_no_legal_form(#[case] typed: &str, #[case] name: &str) {
        assert_eq!(plain(&fold(typed)), fold(name));
    }

    #[rstest]
    #[case("ООО «Ромашка»", "ромашка", true)]
    #[case("ТОВ «Ромашка-Сервіс»", "Ромашка Сервис", true)]
    #[case("Ромашка", "Рамашка", true)]
    #[case("ООО «Ромашка»", "ООО «Василёк»", false)]
    #[case("ООО", "ООО", false)]
    #[case("Торг", "Торговый дом «Северное сияние»", false)]
    fn names_alike_are_worth_a_look(#[case] one: &str, #[case] other: &str, #[case] alike: bool) {
        let found = Name::read(one).zip(Name::read(other)).and_then(|(one, other)| one.likeness(&other));
        assert_eq!(found.is_some(), alike, "{found:?}");
    }
}
