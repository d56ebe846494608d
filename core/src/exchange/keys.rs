//! What makes two rows the same client: numbers and addresses brought to one form.

use crate::domain::fold::{digits, fold};

/// Several phones or addresses typed into one place, apart.
#[must_use]
pub fn several(text: &str) -> Vec<&str> {
    text.split([';', ',', '\n', '\r', '|'])
        .flat_map(|piece| piece.split(":::"))
        .flat_map(|piece| piece.split(" / "))
        .map(str::trim)
        .filter(|piece| !piece.is_empty())
        .collect()
}

/// Several phones: a slash without blanks parts them as well, and a piece without a number stays with the one before
/// it, as an extension does.
#[must_use]
pub fn phones(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for piece in several(text).into_iter().flat_map(|piece| piece.split('/')).map(str::trim) {
        match found.last_mut() {
            _ if piece.is_empty() => {}
            Some(last) if digits(piece).len() < 5 || piece.starts_with(|first: char| first.is_alphabetic()) => {
                last.push_str(", ");
                last.push_str(piece);
            }
            _ => found.push(piece.to_owned()),
        }
    }
    found
}

/// A phone in the form of E.164, by the rules of the country it was typed in; `None` for numbers without their city's
/// code, which two clients may share.
#[must_use]
pub fn e164(text: &str, country: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let number = ["доб", "вн", "дод", "ext", "#", "x", "х", ","].iter().fold(lower.as_str(), |number, sign| {
        number.find(sign).filter(|at| digits(&number[..*at]).len() >= 5).map_or(number, |at| &number[..at])
    });
    let plus = number.trim_start_matches([' ', '(']).starts_with('+');
    let bare = digits(number);
    let (plus, bare) = match bare.strip_prefix("00") {
        Some(rest) if !plus && rest.len() >= 10 => (true, rest.to_owned()),
        _ => (plus, bare),
    };
    let length = bare.len();
    let after = |n: usize| &bare[n..];
    let full = match country {
        _ if plus => bare.clone(),
        "ua" if length == 10 && bare.starts_with('0') => format!("38{bare}"),
        "ua" if length == 11 && bare.starts_with("80") => format!("3{bare}"),
        "ua" if length == 9 => format!("380{bare}"),
        "by" if length == 11 && bare.starts_with("80") => format!("375{}", after(2)),
        "by" if length == 9 => format!("375{bare}"),
        "ru" | "kz" if length == 10 => format!("7{bare}"),
        _ if length == 11 && bare.starts_with('8') => format!("7{}", after(1)),
        _ if length == 11 && bare.starts_with('7') => bare.clone(),
        _ if length == 12 && (bare.starts_with("380") || bare.starts_with("375")) => bare.clone(),
        _ => return None,
    };
    (8..=15).contains(&full.len()).then(|| format!("+{full}"))
}

/// A mail address as it is compared; `None` for what is none.
#[must_use]
pub fn email(text: &str) -> Option<String> {
    let lower = text.trim().trim_start_matches("mailto:").to_lowercase();
    let (name, host) = lower.split_once('@')?;
    (!name.is_empty() && host.contains('.') && !lower.contains(char::is_whitespace)).then_some(lower)
}

/// What one client may be found by, strongest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Tax number with the branch's number.
    TaxAndBranch(String, String),
    /// Tax number.
    Tax(String),
    /// Number in a register: EDRPOU, OGRN.
    Registry(String),
    /// Mail address.
    Email(String),
    /// Phone in the form of E.164.
    Phone(String),
    /// Name and city.
    NameAndCity(String, String),
}

impl Key {
    /// From a tax number as typed; country keeps numbers of different registers apart.
    #[must_use]
    pub fn tax(country: &str, number: &str) -> Option<Self> {
        let number = compact(number);
        (number.len() >= 8).then(|| Self::Tax(format!("{country}{number}")))
    }

    /// From a tax number and a branch's number as typed.
    #[must_use]
    pub fn branch(country: &str, number: &str, branch: &str) -> Option<Self> {
        let (number, branch) = (compact(number), compact(branch));
        (number.len() >= 8 && branch.len() >= 5).then(|| Self::TaxAndBranch(format!("{country}{number}"), branch))
    }

    /// From a number in a register as typed.
    #[must_use]
    pub fn registry(country: &str, number: &str) -> Option<Self> {
        let number = compact(number);
        (number.len() >= 6).then(|| Self::Registry(format!("{country}{number}")))
    }

    /// From name and city as typed.
    #[must_use]
    pub fn name(name: &str, city: &str) -> Option<Self> {
        let name = fold(name);
        (!name.is_empty()).then(|| Self::NameAndCity(name, fold(city)))
    }
}

fn compact(number: &str) -> String {
    number.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("8 (912) 345-67-89", "ru", Some("+79123456789"))]
    #[case("912 345 67 89", "ru", Some("+79123456789"))]
    #[case("+7 912 345-67-89 доб. 12", "ru", Some("+79123456789"))]
    #[case("044 123-45-67", "ua", Some("+380441234567"))]
    #[case("8 044 123 45 67", "ua", Some("+380441234567"))]
    #[case("380441234567", "ru", Some("+380441234567"))]
    #[case("80 29 123-45-67", "by", Some("+375291234567"))]
    #[case("00 49 30 901820", "ua", Some("+4930901820"))]
    #[case("+49 30 901820", "ru", Some("+4930901820"))]
    #[case("123-45-67", "ua", None)]
    #[case("доб. 5", "ua", None)]
    fn a_phone_in_any_spelling_is_one_number(#[case] typed: &str, #[case] country: &str, #[case] full: Option<&str>) {
        assert_eq!(e164(typed, country).as_deref(), full);
    }

    #[test]
    fn several_phones_in_one_place_come_apart_and_extensions_stay() {
        assert_eq!(phones("+380441234567, 044 765-43-21; доб. 3"), ["+380441234567", "044 765-43-21, доб. 3"]);
        assert_eq!(phones("044 123-45-67/068 111 22 33"), ["044 123-45-67", "068 111 22 33"]);
        assert_eq!(phones("+1 555 0100 ::: +1 555 0101"), ["+1 555 0100", "+1 555 0101"]);
        assert!(phones("").is_empty());
    }

    #[test]
    fn a_mail_address_is_compared_in_small_letters() {
        assert_eq!(email(" Ivan@Firma.UA ").as_deref(), Some("ivan@firma.ua"));
        assert_eq!(email("ivan at firma.ua"), None);
    }
}
