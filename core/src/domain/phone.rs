//! Phone numbers: what somebody typed, brought to the one form in which numbers are compared, and to forms people read.
//!
//! Documents keep what was typed. The form of E.164 is worked out from it wherever it is wanted and never written into a
//! document: two devices with other tables of numbers would write over each other.

use std::fmt;

use phonenumber::country::Id;
use phonenumber::{Mode, PhoneNumber};

use super::fold::digits;

/// Longest text that is looked at, in bytes; nobody's number is longer.
const LONGEST: usize = 128;
/// Digits of a number before a sign of an extension is believed.
const BEFORE_EXTENSION: usize = 5;
/// Digits at the end that are the same whatever stands before them: the code of a country or the way to it.
pub const TAIL: usize = 9;
/// What begins an extension, in small letters.
const EXTENSIONS: [&str; 9] = ["доб", "вн", "дод", "ext", "#", "x", "х", ",", ";"];

/// The country by whose rules a number without a country's code is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region(Id);

impl Region {
    /// From its two letters in ISO 3166, in any case; `None` for what is no country.
    #[must_use]
    pub fn read(code: &str) -> Option<Self> {
        code.trim().to_uppercase().parse().ok().map(Self)
    }

    /// Where people of a language mostly are, for an organisation that has not said where it is.
    #[must_use]
    pub fn of_language(language: &str) -> Option<Self> {
        match language {
            "ru" => Some(Self(Id::RU)),
            "uk" => Some(Self(Id::UA)),
            _ => None,
        }
    }

    /// Its two letters, in capitals.
    #[must_use]
    pub fn code(&self) -> &str {
        self.0.as_ref()
    }
}

/// A number in the form of E.164: `+`, the country's code and the number, 8 to 15 digits and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct E164(String);

impl E164 {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<E164> for String {
    fn from(number: E164) -> Self {
        number.0
    }
}

/// A number that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// What it is compared by.
    pub number: E164,
    /// Digits after the call was taken; empty where there are none.
    pub extension: String,
    /// Numbers of its country begin and are as long as this one. Tables of numbers age: never a reason to refuse.
    pub known: bool,
    /// As people of its country write it among themselves.
    pub national: String,
    /// As it is written for people elsewhere.
    pub international: String,
}

impl Phone {
    /// As people of a region read it: nationally at home, internationally otherwise, with the extension.
    #[must_use]
    pub fn shown(&self, region: Option<Region>, extension: &str) -> String {
        let at_home = region.is_some() && self.region() == region;
        let number = if at_home { &self.national } else { &self.international };
        match self.extension.as_str() {
            "" => number.clone(),
            digits => format!("{number} {extension} {digits}"),
        }
    }

    /// The country it belongs to; `None` where several share its code and its beginning does not tell.
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        phonenumber::parse(None, self.number.as_str()).ok()?.country().id().map(Region)
    }
}

/// What is compared: the number in the form of E.164. `None` for what names no single number anywhere, such as a number
/// without its city's code, which two clients may share.
#[must_use]
pub fn normalise(text: &str, region: Option<Region>) -> Option<E164> {
    line(text, region).map(|(number, _)| number)
}

/// As [`normalise`], with the digits of the extension; empty where there are none.
#[must_use]
pub fn line(text: &str, region: Option<Region>) -> Option<(E164, String)> {
    let (text, extension) = without_extension(text)?;
    let number = found(&text, region).and_then(|(number, _)| e164(&number))?;
    Some((number, extension))
}

/// The number with the forms people read it in; `None` as with [`normalise`].
#[must_use]
pub fn read(text: &str, region: Option<Region>) -> Option<Phone> {
    let (text, extension) = without_extension(text)?;
    let (number, known) = found(&text, region)?;
    let shown = |mode| number.format().mode(mode).to_string();
    Some(Phone {
        number: e164(&number)?,
        extension,
        known,
        national: shown(Mode::National),
        international: shown(Mode::International),
    })
}

/// As people of a region read what somebody typed: in the form of its country, what was said of an extension as it was
/// typed. As it stands where no country has such a number.
#[must_use]
pub fn readable(text: &str, region: Option<Region>) -> String {
    match read(text, region).filter(|phone| phone.known) {
        Some(phone) => {
            let number = Phone { extension: String::new(), ..phone }.shown(region, "");
            match text.char_indices().nth(extension_at(text).unwrap_or(usize::MAX)) {
                Some((from, _)) => format!("{number} {}", text[from..].trim()),
                None => number,
            }
        }
        None => text.trim().to_owned(),
    }
}

/// True for what looks like a slip of the finger: long enough to be dialled, and no country has such a number. Short
/// numbers of a firm's own exchange are fine, and so is what cannot be told without a country.
#[must_use]
pub fn is_doubtful(text: &str, region: Option<Region>) -> bool {
    let bare = digits(text);
    let plus = text.trim_start_matches([' ', '(', '\u{a0}']).starts_with(['+', '＋']);
    match bare.len() {
        0 => !text.trim().is_empty(),
        n if n < BEFORE_EXTENSION => plus,
        _ => read(text, region).map_or(plus || region.is_some(), |phone| !phone.known),
    }
}

/// Digits by which a number is found before it is compared: the last nine, or all where there are fewer, without an
/// extension. `None` for what is too short to be dialled.
#[must_use]
pub fn tail(text: &str) -> Option<String> {
    let number = digits(&without_extension(text)?.0);
    let from = number.len().saturating_sub(TAIL);
    (number.len() >= BEFORE_EXTENSION).then(|| number[from..].to_owned())
}

/// All tails under which a stored number may stand that names the same line, the longest first: it may lack the code of
/// the town.
#[must_use]
pub fn tails(text: &str) -> Vec<String> {
    let Some(tail) = tail(text) else { return Vec::new() };
    (BEFORE_EXTENSION..=tail.len()).rev().map(|length| tail[tail.len() - length..].to_owned()).collect()
}

/// How two numbers go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// They are the same number.
    Same,
    /// One of them lacks the code of a town or country: it may be the same.
    Maybe,
}

/// Whether two numbers are the same; `None` where they are not.
#[must_use]
pub fn compare(one: &str, other: &str, region: Option<Region>) -> Option<Likeness> {
    match (normalise(one, region), normalise(other, region)) {
        (Some(one), Some(other)) => (one == other).then_some(Likeness::Same),
        (one_read, other_read) => {
            let (one_tail, other_tail) = (tail(one)?, tail(other)?);
            let ends = one_tail.ends_with(&other_tail) || other_tail.ends_with(&one_tail);
            let same = one_tail == other_tail && one_read.is_none() && other_read.is_none();
            match () {
                () if same => Some(Likeness::Same),
                () if ends => Some(Likeness::Maybe),
                () => None,
            }
        }
    }
}

/// The number alone, as digits with a leading plus where one was typed, and the digits of its extension.
fn without_extension(text: &str) -> Option<(String, String)> {
    if text.len() > LONGEST {
        return None;
    }
    let lower = text.to_lowercase();
    let end = extension_at(&lower).and_then(|letter| lower.char_indices().nth(letter)).map_or(lower.len(), |at| at.0);
    let (number, extension) = lower.split_at(end);
    let plus = number.trim_start_matches([' ', '(', '\u{a0}']).starts_with(['+', '＋']);
    let bare = digits(number);
    Some((if plus { format!("+{bare}") } else { bare }, digits(extension)))
}

/// The letter, counted, at which an extension begins.
fn extension_at(text: &str) -> Option<usize> {
    let lower = text.to_lowercase();
    let believed = |at: &usize| digits(&lower[..*at]).len() >= BEFORE_EXTENSION;
    let signs = EXTENSIONS.iter().filter_map(|sign| lower.match_indices(sign).map(|(at, _)| at).find(believed));
    let at = signs.min()?;
    Some(lower[..at].chars().count())
}

/// The first reading under which it is a number somebody has; otherwise the one with its country's code said outright.
fn found(number: &str, region: Option<Region>) -> Option<(PhoneNumber, bool)> {
    let (bare, length) = (number.trim_start_matches('+'), number.len());
    let home = region.map(|region| region.0);
    let parsed = |country, text: &str| phonenumber::parse(country, text).ok();
    let valid = |country, text: &str| parsed(country, text).filter(phonenumber::is_valid);
    if number.starts_with('+') {
        let parsed = parsed(None, number)?;
        let known = phonenumber::is_valid(&parsed);
        return Some((parsed, known));
    }
    let read = home.and_then(|home| valid(Some(home), number));
    // People write prefixes of long-distance calls that no table knows any more, and codes of countries without a plus.
    let read = read.or_else(|| match (home, length) {
        (Some(home @ (Id::UA | Id::BY)), 11) if number.starts_with("80") => valid(Some(home), &bare[1..]),
        _ => None,
    });
    let read = read.or_else(|| match length {
        11 if number.starts_with('8') => valid(None, &format!("+7{}", &bare[1..])),
        11 if number.starts_with('7') => valid(None, &format!("+{bare}")),
        12 if number.starts_with("380") || number.starts_with("375") => valid(None, &format!("+{bare}")),
        12.. if number.starts_with("00") => valid(None, &format!("+{}", &bare[2..])),
        _ => None,
    });
    read.map(|number| (number, true))
}

fn e164(number: &PhoneNumber) -> Option<E164> {
    let text = number.format().mode(Mode::E164).to_string();
    let length = text.strip_prefix('+').filter(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))?.len();
    (8..=15).contains(&length).then_some(E164(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn number(text: &str, region: &str) -> Option<String> {
        normalise(text, Region::read(region)).map(String::from)
    }

    #[rstest]
    #[case("8 (912) 345-67-89", "ru", Some("+79123456789"))]
    #[case("912 345 67 89", "ru", Some("+79123456789"))]
    #[case("+7 912 345-67-89 доб. 12", "ru", Some("+79123456789"))]
    #[case("89123456789", "ua", Some("+79123456789"))]
    #[case("79123456789", "", Some("+79123456789"))]
    #[case("8 701 123 45 67", "ru", Some("+77011234567"))]
    #[case("044 123-45-67", "ua", Some("+380441234567"))]
    #[case("8 044 123 45 67", "ua", Some("+380441234567"))]
    #[case("380441234567", "ru", Some("+380441234567"))]
    #[case("044 123-45-67", "ru", None)]
    #[case("80 29 123-45-67", "by", Some("+375291234567"))]
    #[case("00 49 30 901820", "ua", Some("+4930901820"))]
    #[case("+49 30 901820", "ru", Some("+4930901820"))]
    #[case("(+380) 44 123 45 67", "", Some("+380441234567"))]
    #[case("123-45-67", "ua", None)]
    #[case("123-45-67", "ru", None)]
    #[case("102", "ru", None)]
    #[case("доб. 5", "ua", None)]
    #[case("+7", "ru", None)]
    #[case("", "ru", None)]
    fn a_phone_in_any_spelling_is_one_number(#[case] typed: &str, #[case] region: &str, #[case] full: Option<&str>) {
        assert_eq!(number(typed, region).as_deref(), full);
    }

    #[rstest]
    #[case("0441234567", "ua", "044 123 4567", "+380 44 123 4567")]
    #[case("+79123456789", "ru", "8 (912) 345-67-89", "+7 912 345-67-89")]
    fn it_is_read_as_people_write_it(
        #[case] typed: &str,
        #[case] home: &str,
        #[case] national: &str,
        #[case] international: &str,
    ) {
        let phone = read(typed, Region::read(home)).unwrap();
        assert_eq!((phone.national.as_str(), phone.international.as_str()), (national, international));
        assert_eq!(phone.shown(Region::read(home), "ext."), national);
        assert_eq!(phone.shown(Region::read("de"), "ext."), international);
        assert_eq!(phone.region(), Region::read(home));
    }

    #[test]
    fn an_extension_stays_beside_the_number() {
        for typed in [
            "044 123-45-67 доб. 89",
            "+380441234567, 89",
            "0441234567#89",
            "044-123-45-67 вн 89",
            "вн. тел 044 123-45-67 вн 89",
        ] {
            let phone = read(typed, Region::read("ua")).unwrap();
            assert_eq!((phone.number.as_str(), phone.extension.as_str()), ("+380441234567", "89"), "{typed}");
            assert_eq!(phone.shown(Region::read("ua"), "дод."), "044 123 4567 дод. 89");
        }
    }

    #[test]
    fn a_number_no_table_knows_is_kept_where_its_country_was_said_and_marked() {
        let phone = read("+7 000 123-45-67", None).unwrap();
        assert_eq!((phone.number.as_str(), phone.known), ("+70001234567", false));
        assert!(read("+380 44 123 45 67", None).unwrap().known);
        assert_eq!(read("8 000 123-45-67", Region::read("ru")), None);
    }

    #[rstest]
    #[case("0441234567", "ua", "044 123 4567")]
    #[case("+380441234567 Доб. 89", "ua", "044 123 4567 Доб. 89")]
    #[case("+49 30 901820", "ua", "+49 30 901820")]
    #[case(" +380 44 999-00-1 ", "ua", "+380 44 999-00-1")]
    #[case("123-45-67", "ua", "123-45-67")]
    #[case("доб. 5", "ua", "доб. 5")]
    fn what_no_country_has_is_read_as_it_was_typed(#[case] typed: &str, #[case] home: &str, #[case] shown: &str) {
        assert_eq!(readable(typed, Region::read(home)), shown);
    }

    #[rstest]
    #[case("044 123 45 67", "ua", false)]
    #[case("044 123 45 6", "ua", true)]
    #[case("+380 44 123 45 6", "", true)]
    #[case("123-45-67", "ua", true)]
    #[case("123-45-67", "", false)]
    #[case("102", "ua", false)]
    #[case("+102", "ua", true)]
    #[case("позвонить", "ua", true)]
    #[case("", "ua", false)]
    fn a_number_no_country_has_is_doubtful(#[case] typed: &str, #[case] home: &str, #[case] doubtful: bool) {
        assert_eq!(is_doubtful(typed, Region::read(home)), doubtful);
    }

    #[test]
    fn a_region_is_two_letters_of_a_country() {
        assert_eq!(Region::read(" ua ").unwrap().code(), "UA");
        assert_eq!((Region::read("ru2"), Region::read(""), Region::read("other")), (None, None, None));
        assert_eq!(Region::of_language("uk"), Region::read("UA"));
        assert_eq!(Region::of_language("en"), None);
    }

    proptest! {
        /// Whatever was typed: no panic, and a number read again is the same number.
        #[test]
        fn a_number_found_is_found_again(text in "[+0-9()\\- \u{a0}а-яx#,.]{0,40}|.{0,60}", home in 0usize..5) {
            let region = ["", "ru", "ua", "by", "de"].get(home).and_then(|code| Region::read(code));
            if let Some(phone) = read(&text, region) {
                prop_assert_eq!(normalise(phone.number.as_str(), None), Some(phone.number.clone()));
                prop_assert_eq!(normalise(&text, region), Some(phone.number));
            }
        }
    }
}
