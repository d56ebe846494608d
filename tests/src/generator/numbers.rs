//! Phones, tax and registry numbers with right check digits.

use rand::Rng;

use super::{Dice, Land, digits, pick};

/// A phone as people type it: with or without brackets and dashes.
pub(super) fn phone(land: Land, mobile: bool, dice: &mut Dice) -> String {
    let code = match (land, mobile) {
        (Land::Ru, true) => pick(&["903", "905", "910", "916", "921", "926", "937", "951", "964", "985"], dice),
        (Land::Ru, false) => pick(&["343", "383", "495", "812", "831", "846", "861", "863"], dice),
        (Land::Ua, true) => pick(&["50", "63", "66", "67", "68", "73", "93", "95", "97", "98"], dice),
        (Land::Ua, false) => pick(&["32", "44", "48", "56", "57", "61"], dice),
    };
    let rest = digits(7, dice);
    let (a, b, c) = (&rest[..3], &rest[3..5], &rest[5..]);
    match (land, dice.random_range(0..3u8)) {
        (Land::Ru, 0) => format!("+7 ({code}) {a}-{b}-{c}"),
        (Land::Ru, 1) => format!("+7 {code} {a} {b} {c}"),
        (Land::Ru, _) => format!("8{code}{rest}"),
        (Land::Ua, 0) => format!("+380 ({code}) {a}-{b}-{c}"),
        (Land::Ua, 1) => format!("+380{code}{rest}"),
        (Land::Ua, _) => format!("0{code} {a} {b} {c}"),
    }
}

/// INN of a Russian firm: ten digits.
#[must_use]
pub fn inn_of_firm(dice: &mut Dice) -> String {
    let body = format!("{:02}{}", dice.random_range(1..79u8), digits(7, dice));
    let check = weighed(&body, &[2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10;
    format!("{body}{check}")
}

/// INN of a Russian person or sole trader: twelve digits, the last two of them check digits.
#[must_use]
pub fn inn_of_person(dice: &mut Dice) -> String {
    let body = format!("{:02}{}", dice.random_range(1..79u8), digits(8, dice));
    let first = weighed(&body, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10;
    let body = format!("{body}{first}");
    let second = weighed(&body, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10;
    format!("{body}{second}")
}

/// OGRN of a Russian firm: thirteen digits.
#[must_use]
pub fn ogrn(dice: &mut Dice) -> String {
    with_remainder(format!("1{:02}{}", dice.random_range(2..26u8), digits(9, dice)), 11)
}

/// OGRNIP of a Russian sole trader: fifteen digits.
#[must_use]
pub fn ogrnip(dice: &mut Dice) -> String {
    with_remainder(format!("3{:02}{}", dice.random_range(4..26u8), digits(11, dice)), 13)
}

/// EDRPOU of a Ukrainian firm: eight digits.
#[must_use]
pub fn edrpou(dice: &mut Dice) -> String {
    let number: u32 = dice.random_range(1_000_000..5_000_000);
    let body = format!("{number:07}");
    let middle = (30_000_000..60_000_000).contains(&(number * 10));
    let weights: [i64; 7] = if middle { [7, 1, 2, 3, 4, 5, 6] } else { [1, 2, 3, 4, 5, 6, 7] };
    let mut check = weighed(&body, &weights) % 11;
    if check == 10 {
        check = weighed(&body, &weights.map(|weight| weight + 2)) % 11 % 10;
    }
    format!("{body}{check}")
}

/// RNOKPP of a Ukrainian person: ten digits.
#[must_use]
pub fn rnokpp(dice: &mut Dice) -> String {
    let body = format!("{}{}", dice.random_range(2..4u8), digits(8, dice));
    let check = weighed(&body, &[-1, 5, 7, 9, 4, 6, 10, 5, 7]).rem_euclid(11) % 10;
    format!("{body}{check}")
}

/// KPP: inspectorate, reason, serial.
pub(super) fn kpp(inn: &str, dice: &mut Dice) -> String {
    format!("{}{}01001", &inn[..2], digits(2, dice))
}

/// A settlement account in Russia, an IBAN in Ukraine.
pub(super) fn account(land: Land, dice: &mut Dice) -> String {
    match land {
        Land::Ru => format!("40702810{}", digits(12, dice)),
        Land::Ua => {
            let bban = format!("3{}00000260{}", digits(5, dice), digits(11, dice));
            // "UA" is 3010 in the alphabet of ISO 7064, and the check digits stand as 00 while they are computed.
            let check = 98 - remainder(&format!("{bban}301000"), 97);
            format!("UA{check:02}{bban}")
        }
    }
}

fn with_remainder(body: String, modulus: u64) -> String {
    let check = remainder(&body, modulus) % 10;
    format!("{body}{check}")
}

fn remainder(number: &str, modulus: u64) -> u64 {
    number.bytes().fold(0, |rest, digit| (rest * 10 + u64::from(digit - b'0')) % modulus)
}

fn weighed(number: &str, weights: &[i64]) -> i64 {
    number.bytes().zip(weights).map(|(digit, weight)| i64::from(digit - b'0') * weight).sum()
}
