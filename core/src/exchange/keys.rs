//! What makes two rows the same client: numbers and addresses brought to one form.

use crate::domain::fold::{digits, fold};
use crate::domain::phone::{self, Region};

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

/// A phone as it is compared, by the rules of the country the file is from; `None` for numbers without their city's
/// code, which two clients may share.
#[must_use]
pub fn phone(text: &str, country: &str) -> Option<String> {
    phone::normalise(text, Region::read(country)).map(String::from)
}

/// A mail address as it is compared; `None` for what is none.
#[must_use]
pub fn email(text: &str) -> Option<String> {
    let lower = text.trim().trim_start_matches("mailto:").to_lowercase();
    let (name, host) = lower.split_once('@')?;
    (!name.is_empty() && host.contains('.') && !lower.contains(char::is_whitespace)).then_some(lower)
}

/// An id of another program as it is compared.
#[must_use]
pub fn foreign(text: &str) -> Option<String> {
    let bare = text.trim().to_lowercase();
    let bare = bare.strip_prefix("urn:uuid:").unwrap_or(&bare);
    (!bare.is_empty()).then(|| bare.to_owned())
}

/// What one client may be found by, strongest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// What another program calls it.
    Foreign(String),
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
    use super::*;

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
