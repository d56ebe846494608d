//! Cells that a spreadsheet would run as a formula, or whose digits it would drop, are marked with an apostrophe; the
//! mark comes off again on the way in.
//!
//! Both ways are exact: what was marked is what is unmarked, and a text that happens to begin with an apostrophe comes
//! back with it. That holds because marking adds one apostrophe in front of any number of them, and whether a text
//! needs the mark does not depend on how many stand there.

/// Digits from which on a spreadsheet shows a number in powers of ten.
const LONG: usize = 12;

/// Marks a text for a file that a spreadsheet will open: formulas, long numbers and numbers that begin with a nought.
#[must_use]
pub fn for_spreadsheet(text: &str) -> String {
    mark(text, needs(bare(text)))
}

/// Marks a text for a file that programs read: formulas only.
#[must_use]
pub fn for_programs(text: &str) -> String {
    mark(text, is_formula(bare(text)) || (text.starts_with('\'') && needs(bare(text))))
}

/// Takes the mark off, where there is one.
#[must_use]
pub fn unmarked(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if needs(bare(rest)) => rest,
        _ => text,
    }
}

fn mark(text: &str, wanted: bool) -> String {
    if wanted { format!("'{text}") } else { text.to_owned() }
}

fn bare(text: &str) -> &str {
    text.trim_start_matches('\'')
}

fn needs(bare: &str) -> bool {
    is_formula(bare) || loses_digits(bare)
}

/// Begins like a formula and is neither a phone nor a number.
fn is_formula(bare: &str) -> bool {
    bare.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_phone(bare) && !is_number(bare)
}

/// A phone with its country code: a plus, a digit, and nothing but digits and signs that group them.
fn is_phone(bare: &str) -> bool {
    let Some(rest) = bare.strip_prefix('+') else { return false };
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    rest.starts_with(|first: char| first.is_ascii_digit())
        && (7..=15).contains(&digits)
        && rest.chars().all(|sign| sign.is_ascii_digit() || " ()-.".contains(sign))
}

fn is_number(bare: &str) -> bool {
    let digits = bare.strip_prefix(['+', '-']).unwrap_or(bare);
    let (whole, part) = digits.split_once(['.', ',']).unwrap_or((digits, "0"));
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain(whole) && plain(part)
}

fn loses_digits(bare: &str) -> bool {
    let plain = !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit());
    plain && (bare.len() >= LONG || (bare.len() > 1 && bare.starts_with('0')))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("=1+2")]
    #[case("+cmd|' /C calc'!A0")]
    #[case("-2+3+cmd")]
    #[case("@SUM(A1)")]
    #[case("\t=1")]
    #[case("\r=1")]
    #[case("'=1")]
    fn what_would_run_is_marked_in_every_file(#[case] text: &str) {
        assert_eq!(for_spreadsheet(text), format!("'{text}"));
        assert_eq!(for_programs(text), format!("'{text}"));
    }

    #[rstest]
    #[case("+380441234567")]
    #[case("+7 (912) 345-67-89")]
    #[case("-15")]
    #[case("-1,5")]
    #[case("Ромашка = цветок")]
    #[case("89123456789")]
    #[case("")]
    fn phones_numbers_and_plain_words_stay_as_they_are(#[case] text: &str) {
        assert_eq!(for_spreadsheet(text), text);
        assert_eq!(for_programs(text), text);
    }

    #[rstest]
    #[case("40817810938160925982")]
    #[case("500100732259")]
    #[case("00032112")]
    fn numbers_a_spreadsheet_would_spoil_are_kept_as_text_for_it_alone(#[case] text: &str) {
        assert_eq!(for_spreadsheet(text), format!("'{text}"));
        assert_eq!(for_programs(text), text);
    }

    proptest! {
        #[test]
        fn whatever_is_marked_comes_back_as_it_was(text in "('{0,3})([=+@\t\r0-9-]{0,2})(\\PC{0,12}|[0-9]{0,20})") {
            let (sheet, plain) = (for_spreadsheet(&text), for_programs(&text));
            prop_assert_eq!(unmarked(&sheet), text.as_str());
            prop_assert_eq!(unmarked(&plain), text.as_str());
        }
    }
}
