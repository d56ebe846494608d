//! Tax, registry and account numbers: exact checks whose outcome is a warning and never blocks anything. The country
//! is what the person said; it is never guessed from a number (one in nine valid Russian INNs passes as Ukrainian).

use super::kinds::legal_entity;
use super::value::Value;

/// What is doubtful about a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It has another number of characters.
    Length,
    /// It has characters that cannot be there, or begins with impossible ones.
    Form,
    /// The check digit does not agree.
    CheckDigit,
}

type Checked = Result<(), Doubt>;
/// Country, kind of entity and number.
type Rule = fn(&str, &str, &str) -> Checked;

/// What is doubtful about the values of a legal entity: field keys with the doubt. Empty fields raise none.
#[must_use]
pub fn doubts(values: &std::collections::BTreeMap<String, Value>) -> Vec<(&'static str, Doubt)> {
    let text = |key: &str| match values.get(key) {
        Some(Value::Text(text)) => text.trim(),
        _ => "",
    };
    let country = text(legal_entity::COUNTRY.key());
    let kind = text(legal_entity::ENTITY_KIND.key());
    let checks: [(&str, Rule); 4] = [
        (legal_entity::TAX_NUMBER.key(), tax_number),
        (legal_entity::REGISTRY_NUMBER.key(), registry_number),
        (legal_entity::BRANCH_NUMBER.key(), branch_number),
        (legal_entity::ACCOUNT.key(), account),
    ];
    let found = checks.into_iter().filter_map(|(field, check)| {
        let value = text(field);
        if value.is_empty() {
            return None;
        }
        check(country, kind, value).err().map(|doubt| (field, doubt))
    });
    found.collect()
}

fn tax_number(country: &str, kind: &str, number: &str) -> Checked {
    match (country, kind) {
        ("ru", "legal_entity") => inn_organisation(number),
        ("ru", "sole_trader" | "natural_person") => inn_person(number),
        ("ru", _) if compact(number).len() == 12 => inn_person(number),
        ("ru", _) => inn_organisation(number),
        // A firm gives its register code here, or the twelve digits of a payer of value-added tax.
        ("ua", "legal_entity" | "") if compact(number).len() == 8 => edrpou(number),
        ("ua", "legal_entity" | "") if compact(number).len() == 12 => digits::<12>(number).map(|_| ()),
        ("ua", _) => ipn(number),
        ("by", _) => unp(number),
        _ => Ok(()),
    }
}

fn registry_number(country: &str, kind: &str, number: &str) -> Checked {
    match (country, kind) {
        ("ru", "legal_entity") => ogrn(number),
        ("ru", "sole_trader") => ogrnip(number),
        ("ru", "") if compact(number).len() == 15 => ogrnip(number),
        ("ru", "") => ogrn(number),
        ("ua", "legal_entity" | "") => edrpou(number),
        _ => Ok(()),
    }
}

fn branch_number(country: &str, _kind: &str, number: &str) -> Checked {
    if country == "ru" { kpp(number) } else { Ok(()) }
}

fn account(country: &str, _kind: &str, number: &str) -> Checked {
    match country {
        "ru" => account_ru(number, None),
        "ua" => iban_ua(number),
        _ => Ok(()),
    }
}

/// INN of a Russian organisation: ten digits.
///
/// # Errors
/// The doubt.
pub fn inn_organisation(number: &str) -> Checked {
    let d = digits::<10>(number)?;
    agree(sum(&[2, 4, 10, 3, 5, 9, 4, 6, 8], &d) % 11 % 10, d[9])
}

/// INN of a Russian person or sole trader: twelve digits, two of them check digits.
///
/// # Errors
/// The doubt.
pub fn inn_person(number: &str) -> Checked {
    let d = digits::<12>(number)?;
    agree(sum(&[7, 2, 4, 10, 3, 5, 9, 4, 6, 8], &d) % 11 % 10, d[10])?;
    agree(sum(&[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8], &d) % 11 % 10, d[11])
}

/// KPP of a Russian organisation's branch: no check digit.
///
/// # Errors
/// The doubt.
pub fn kpp(number: &str) -> Checked {
    let text = compact(number);
    let chars: Vec<char> = text.chars().collect();
    if chars.len() != 9 {
        return Err(Doubt::Length);
    }
    let fits = chars.iter().enumerate().all(|(idx, c)| match idx {
        4 | 5 => c.is_ascii_digit() || c.is_ascii_uppercase(),
        _ => c.is_ascii_digit(),
    });
    if !fits || chars.iter().all(|c| *c == '0') {
        return Err(Doubt::Form);
    }
    Ok(())
}

/// OGRN of a Russian organisation: thirteen digits, the first 1 or 5.
///
/// # Errors
/// The doubt.
pub fn ogrn(number: &str) -> Checked {
    let d = digits::<13>(number)?;
    if !matches!(d[0], 1 | 5) {
        return Err(Doubt::Form);
    }
    agree(value(&d[..12]) % 11 % 10, d[12])
}

/// OGRNIP of a Russian sole trader: fifteen digits, the first 3 or 4. The check digit is the last digit of the
/// remainder, which may be 10, 11 or 12.
///
/// # Errors
/// The doubt.
pub fn ogrnip(number: &str) -> Checked {
    let d = digits::<15>(number)?;
    if !matches!(d[0], 3 | 4) {
        return Err(Doubt::Form);
    }
    agree(value(&d[..14]) % 13 % 10, d[14])
}

/// EDRPOU of a Ukrainian organisation: eight digits, other weights between 30000000 and 60000000.
///
/// # Errors
/// The doubt.
pub fn edrpou(number: &str) -> Checked {
    let d = digits::<8>(number)?;
    let middle = (30_000_000..=60_000_000).contains(&value(&d));
    let weights = if middle { [7, 1, 2, 3, 4, 5, 6] } else { [1, 2, 3, 4, 5, 6, 7] };
    let first = sum(&weights, &d) % 11;
    if first < 10 {
        return agree(first, d[7]);
    }
    agree(sum(&weights.map(|weight| weight + 2), &d) % 11 % 10, d[7])
}

/// RNOKPP (IPN) of a Ukrainian person: ten digits.
///
/// # Errors
/// The doubt.
pub fn ipn(number: &str) -> Checked {
    let d = digits::<10>(number)?;
    agree(sum(&[-1, 5, 7, 9, 4, 6, 10, 5, 7], &d).rem_euclid(11) % 10, d[9])
}

/// UNP of Belarus: nine digits, or two letters and seven digits.
///
/// # Errors
/// The doubt.
pub fn unp(number: &str) -> Checked {
    const LETTERS: &str = "ABCEHKMOPT";
    let text = compact(number).to_uppercase();
    let latin: Vec<char> = text.chars().map(latin_look_alike).collect();
    if latin.len() != 9 {
        return Err(Doubt::Length);
    }
    let letters = latin[..2].iter().all(|c| LETTERS.contains(*c));
    let digits_first = latin[..2].iter().all(char::is_ascii_digit);
    let first_fits = "1234567ABCEHKM".contains(latin[0]);
    if !(letters || digits_first) || !first_fits || !latin[2..].iter().all(char::is_ascii_digit) {
        return Err(Doubt::Form);
    }
    let mut values = [0; 9];
    for (idx, c) in latin.iter().enumerate() {
        values[idx] = match LETTERS.find(*c) {
            Some(index) if idx == 1 => i64::try_from(index).unwrap_or_default(),
            _ => i64::from(c.to_digit(36).unwrap_or_default()),
        };
    }
    agree(sum(&[29, 23, 19, 17, 13, 7, 5, 3], &values) % 11, values[8])
}

/// Russian account: twenty digits; the check digit needs the bank's BIK, without which only the form is looked at.
///
/// # Errors
/// The doubt.
pub fn account_ru(number: &str, bik: Option<&str>) -> Checked {
    let d = digits::<20>(number)?;
    let Some(bik) = bik else { return Ok(()) };
    let b = digits::<9>(bik)?;
    // A correspondent account is held at the Bank of Russia, so its regional digits count instead of the bank's.
    let head = if d[..3] == [3, 0, 1] { [0, b[4], b[5]] } else { [b[6], b[7], b[8]] };
    let all = head.iter().chain(&d);
    let total: i64 = all.zip([7, 1, 3].iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    agree(total % 10, 0)
}

/// Ukrainian IBAN: `UA`, two check digits, six of the bank, nineteen of the account.
///
/// # Errors
/// The doubt.
pub fn iban_ua(number: &str) -> Checked {
    let text = compact(number).to_uppercase();
    if text.chars().count() != 29 {
        return Err(Doubt::Length);
    }
    let fits = text.strip_prefix("UA").is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit()));
    if !fits {
        return Err(Doubt::Form);
    }
    let (head, tail) = text.split_at(4);
    let remainder = tail.chars().chain(head.chars()).fold(0, |remainder, c| {
        let digit = c.to_digit(36).unwrap_or_default();
        if digit < 10 { (remainder * 10 + digit) % 97 } else { (remainder * 100 + digit) % 97 }
    });
    agree(i64::from(remainder), 1)
}

fn compact(number: &str) -> String {
    number.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The number as so many digits; all zeros is no number.
fn digits<const N: usize>(number: &str) -> Result<[i64; N], Doubt> {
    let text = compact(number);
    let values = text.chars().map(|c| c.to_digit(10).map(i64::from)).collect::<Option<Vec<_>>>().ok_or(Doubt::Form)?;
    let values: [i64; N] = values.try_into().map_err(|_| Doubt::Length)?;
    if values.iter().all(|digit| *digit == 0) {
        return Err(Doubt::Form);
    }
    Ok(values)
}

fn sum(weights: &[i64], digits: &[i64]) -> i64 {
    weights.iter().zip(digits).map(|(weight, digit)| weight * digit).sum()
}

fn value(digits: &[i64]) -> i64 {
    digits.iter().fold(0, |value, digit| value * 10 + digit)
}

fn agree(computed: i64, written: i64) -> Checked {
    if computed == written { Ok(()) } else { Err(Doubt::CheckDigit) }
}

fn latin_look_alike(c: char) -> char {
    match c {
        'А' => 'A',
        'В' => 'B',
        'Е' => 'E',
        'К' => 'K',
        'М' => 'M',
        'Н' => 'H',
        'О' => 'O',
        'Р' => 'P',
        'С' => 'C',
        'Т' => 'T',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::bank(inn_organisation, "7707083893")]
    #[case::search(inn_organisation, "7736050003")]
    #[case::gas(inn_organisation, "7702070139")]
    #[case::with_spaces(inn_organisation, " 7707 083 893 ")]
    #[case::remainder_ten(inn_organisation, "7700001490")]
    #[case::person(inn_person, "500100732259")]
    #[case::another_person(inn_person, "526317984689")]
    #[case::kpp(kpp, "770701001")]
    #[case::kpp_with_letters(kpp, "7707AZ001")]
    #[case::ogrn_1(ogrn, "1027700132195")]
    #[case::ogrn_2(ogrn, "1027700070518")]
    #[case::ogrn_3(ogrn, "1027700092661")]
    #[case::ogrn_remainder_ten(ogrn, "1027700000570")]
    #[case::ogrnip_1(ogrnip, "304500116000157")]
    #[case::ogrnip_2(ogrnip, "316861700133226")]
    #[case::ogrnip_remainder_ten(ogrnip, "304500116000050")]
    #[case::ogrnip_remainder_eleven(ogrnip, "304500116000061")]
    #[case::ogrnip_remainder_twelve(ogrnip, "304500116000072")]
    #[case::edrpou_1(edrpou, "14360570")]
    #[case::edrpou_2(edrpou, "20077720")]
    #[case::edrpou_middle(edrpou, "31316718")]
    #[case::edrpou_leading_zeros(edrpou, "00032112")]
    #[case::edrpou_3(edrpou, "32855961")]
    #[case::edrpou_4(edrpou, "38728444")]
    #[case::edrpou_second_weights_low(edrpou, "14000148")]
    #[case::edrpou_second_weights_middle(edrpou, "31000531")]
    #[case::edrpou_both_ten_low(edrpou, "14007550")]
    #[case::edrpou_both_ten_middle(edrpou, "31016650")]
    #[case::ipn_1(ipn, "1759013776")]
    #[case::ipn_2(ipn, "2530414071")]
    #[case::ipn_3(ipn, "3184710691")]
    #[case::ipn_remainder_ten(ipn, "3184710020")]
    #[case::ipn_woman(ipn, "3111100409")]
    #[case::unp_digits(unp, "200988541")]
    #[case::unp_letters(unp, "MA1953684")]
    #[case::unp_cyrillic_letters(unp, "МА1953684")]
    #[case::iban(iban_ua, "UA213223130000026007233566001")]
    #[case::iban_in_groups(iban_ua, "ua21 3223 1300 0002 6007 2335 6600 1")]
    fn a_true_number_raises_no_doubt(#[case] check: fn(&str) -> Checked, #[case] number: &str) {
        assert_eq!(check(number), Ok(()));
    }

    #[rstest]
    #[case(inn_organisation, "7707083894", Doubt::CheckDigit)]
    #[case(inn_organisation, "0000000000", Doubt::Form)]
    #[case(inn_organisation, "77070838", Doubt::Length)]
    #[case(inn_organisation, "", Doubt::Length)]
    #[case(inn_organisation, "77070838A3", Doubt::Form)]
    #[case::last_digit(inn_person, "500100732258", Doubt::CheckDigit)]
    #[case::first_check_digit(inn_person, "500100732249", Doubt::CheckDigit)]
    #[case(kpp, "77070100", Doubt::Length)]
    #[case(kpp, "7707az001", Doubt::Form)]
    #[case(kpp, "A70701001", Doubt::Form)]
    #[case(ogrn, "1027700132196", Doubt::CheckDigit)]
    #[case::neither_one_nor_five(ogrn, "2027700132195", Doubt::Form)]
    #[case(ogrnip, "304500116000158", Doubt::CheckDigit)]
    #[case(ogrnip, "504500116000157", Doubt::Form)]
    #[case(edrpou, "14360571", Doubt::CheckDigit)]
    #[case(edrpou, "00000000", Doubt::Form)]
    #[case::zeros_lost_in_a_table(edrpou, "32112", Doubt::Length)]
    #[case(ipn, "1759013777", Doubt::CheckDigit)]
    #[case(unp, "200988542", Doubt::CheckDigit)]
    #[case(unp, "MX1953684", Doubt::Form)]
    #[case(unp, "M11953684", Doubt::Form)]
    #[case(unp, "2009885", Doubt::Length)]
    #[case(iban_ua, "UA213223130000026007233566002", Doubt::CheckDigit)]
    #[case(iban_ua, "UA2132231300000260072335660", Doubt::Length)]
    #[case(iban_ua, "DE213223130000026007233566001", Doubt::Form)]
    fn a_false_number_is_warned_about(#[case] check: fn(&str) -> Checked, #[case] number: &str, #[case] doubt: Doubt) {
        assert_eq!(check(number), Err(doubt));
    }

    #[rstest]
    #[case::correspondent("30101810400000000225", Some("044525225"), Ok(()))]
    #[case::settlement("40817810938160925982", Some("044525225"), Ok(()))]
    #[case::slip("40817810938160925983", Some("044525225"), Err(Doubt::CheckDigit))]
    #[case::other_bank("40817810938160925982", Some("044525226"), Err(Doubt::CheckDigit))]
    #[case::without_the_bank("40817810938160925983", None, Ok(()))]
    #[case::short("4081781093816092598", None, Err(Doubt::Length))]
    fn a_russian_account_is_checked_with_its_bank(
        #[case] number: &str,
        #[case] bik: Option<&str>,
        #[case] outcome: Checked,
    ) {
        assert_eq!(account_ru(number, bik), outcome);
    }

    #[test]
    fn any_single_slip_in_a_number_of_these_is_noticed() {
        for (check, number) in
            [(ogrn as fn(&str) -> Checked, "1027700132195"), (iban_ua, "UA213223130000026007233566001")]
        {
            for idx in number.find(|c: char| c.is_ascii_digit()).unwrap()..number.len() {
                let digit = number.as_bytes()[idx] - b'0';
                let slipped = format!("{}{}{}", &number[..idx], (digit + 1) % 10, &number[idx + 1..]);
                assert!(check(&slipped).is_err(), "{slipped}");
            }
        }
    }

    fn entity(country: &str, kind: &str, field: &str, value: &str) -> BTreeMap<String, Value> {
        [("country", country), ("entity_kind", kind), (field, value)]
            .into_iter()
            .map(|(key, value)| (key.to_owned(), Value::Text(value.to_owned())))
            .collect()
    }

    #[rstest]
    #[case::organisation("ru", "legal_entity", "tax_number", "7707083893", None)]
    #[case::person_with_a_firms_number("ru", "sole_trader", "tax_number", "7707083893", Some(Doubt::Length))]
    #[case::kind_not_said("ru", "", "tax_number", "500100732259", None)]
    #[case::country_is_never_guessed("", "legal_entity", "tax_number", "7707083894", None)]
    #[case::kazakhstan_is_not_checked("kz", "legal_entity", "tax_number", "1", None)]
    #[case::ukrainian_firm("ua", "legal_entity", "tax_number", "14360570", None)]
    #[case::ukrainian_payer("ua", "legal_entity", "tax_number", "143605726510", None)]
    #[case::ukrainian_person("ua", "natural_person", "tax_number", "1759013777", Some(Doubt::CheckDigit))]
    #[case::belarus("by", "legal_entity", "tax_number", "200988542", Some(Doubt::CheckDigit))]
    #[case::register("ru", "legal_entity", "registry_number", "1027700132195", None)]
    #[case::register_of_traders("ru", "sole_trader", "registry_number", "304500116000158", Some(Doubt::CheckDigit))]
    #[case::branch("ru", "legal_entity", "branch_number", "770701", Some(Doubt::Length))]
    #[case::account("ua", "legal_entity", "account", "UA1", Some(Doubt::Length))]
    #[case::empty("ru", "legal_entity", "tax_number", "  ", None)]
    fn the_rules_follow_country_and_kind(
        #[case] country: &str,
        #[case] kind: &str,
        #[case] field: &'static str,
        #[case] value: &str,
        #[case] doubt: Option<Doubt>,
    ) {
        let expected: Vec<_> = doubt.map(|doubt| (field, doubt)).into_iter().collect();
        assert_eq!(doubts(&entity(country, kind, field, value)), expected);
    }
}
