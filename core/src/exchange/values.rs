//! Cells become values of declared fields, or a reason why not.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::cell::Cell;
use super::keys;
use crate::domain::fold::fold;
use crate::domain::kind::{FieldDecl, FieldType, Kind};
use crate::domain::labels::{LANGUAGES, Labels};
use crate::domain::value::Value;

/// Why a value or a whole row is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// A number in powers of ten, as a spreadsheet leaves long ones.
    Scientific,
    /// A number longer than a spreadsheet keeps.
    LostDigits,
    /// Letters that mean nothing in the chosen encoding.
    Unreadable,
    /// The field does not take such a value.
    BadValue,
    /// A day without its year.
    NoYear,
    /// No record or colleague is called so.
    NoSuchRecord,
    /// Several are called so, or the row fits several records.
    Ambiguous,
    /// A field that must be filled is empty.
    Required,
    /// The person may not write what it belongs to.
    NotAllowed,
    /// It is there already, and only new ones were wanted.
    There,
    /// It is not there, and only updates were wanted.
    NotThere,
    /// It lies in the trash.
    Trashed,
    /// Larger than a record can be.
    TooLarge,
    /// Somebody changed it while the import ran.
    ChangedMeanwhile,
    /// The record cannot be read.
    Damaged,
}

impl Why {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Scientific,
        Self::LostDigits,
        Self::Unreadable,
        Self::BadValue,
        Self::NoYear,
        Self::NoSuchRecord,
        Self::Ambiguous,
        Self::Required,
        Self::NotAllowed,
        Self::There,
        Self::NotThere,
        Self::Trashed,
        Self::TooLarge,
        Self::ChangedMeanwhile,
        Self::Damaged,
    ];

    /// The key of its words.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Scientific => "scientific",
            Self::LostDigits => "lost_digits",
            Self::Unreadable => "unreadable",
            Self::BadValue => "bad_value",
            Self::NoYear => "no_year",
            Self::NoSuchRecord => "no_such_record",
            Self::Ambiguous => "ambiguous",
            Self::Required => "required",
            Self::NotAllowed => "not_allowed",
            Self::There => "there",
            Self::NotThere => "not_there",
            Self::Trashed => "trashed",
            Self::TooLarge => "too_large",
            Self::ChangedMeanwhile => "changed_meanwhile",
            Self::Damaged => "damaged",
        }
    }

    /// Back from its key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.key() == key)
    }
}

/// Names of records and colleagues a file may point at.
#[derive(Clone, Debug, Default)]
pub struct Known {
    named: HashMap<(String, String), Vec<Uuid>>,
}

impl Known {
    /// Notes a record of a kind; colleagues are of the kind `user`.
    pub fn add(&mut self, kind: &str, title: &str, id: Uuid) {
        self.named.entry((kind.to_owned(), fold(title))).or_default().push(id);
    }

    fn find(&self, kind: &str, title: &str) -> Result<Uuid, Why> {
        match self.named.get(&(kind.to_owned(), fold(title))).map(Vec::as_slice) {
            Some([only]) => Ok(*only),
            Some([_, ..]) => Err(Why::Ambiguous),
            _ => Err(Why::NoSuchRecord),
        }
    }
}

/// What reading a value needs to know beside the cell.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Days with slashes begin with the month.
    pub month_first: bool,
    /// The zone in which times of day are meant.
    pub zone: Tz,
    /// What references may mean.
    pub known: Known,
}

impl Reader {
    /// The values of a cell for a field: one, or several for a collection; none for an empty cell.
    ///
    /// # Errors
    /// Why the cell is not taken.
    pub fn values(&self, kind: &Kind, field: &FieldDecl, cell: &Cell) -> Result<Vec<Value>, Why> {
        if cell.is_empty() {
            return Ok(Vec::new());
        }
        let text = cell.text();
        if text.contains('\u{fffd}') {
            return Err(Why::Unreadable);
        }
        if field.field_type == FieldType::Day && is_no_day(&text) {
            return Ok(Vec::new());
        }
        let pieces: Vec<String> = match field.field_type {
            FieldType::Phone => keys::phones(&text),
            _ if field.many => keys::several(&text).into_iter().map(str::to_owned).collect(),
            _ => return self.one(kind, field, cell, &text).map(|value| vec![value]),
        };
        pieces.iter().map(|piece| self.one(kind, field, cell, piece)).collect()
    }

    fn one(&self, kind: &Kind, field: &FieldDecl, cell: &Cell, text: &str) -> Result<Value, Why> {
        let text_value = || Ok(Value::Text(text.to_owned()));
        match field.field_type {
            FieldType::Text | FieldType::Phone => {
                if cell.has_lost_digits() {
                    return Err(Why::LostDigits);
                }
                if is_scientific(text) {
                    return Err(Why::Scientific);
                }
                text_value()
            }
            FieldType::Memo | FieldType::Note | FieldType::Url => text_value(),
            FieldType::Email => {
                let bare = text.trim_start_matches("mailto:");
                if bare.contains('@') { Ok(Value::Text(bare.to_owned())) } else { Err(Why::BadValue) }
            }
            FieldType::Choice(values) => choice(kind, field, values, text).map(Value::Text),
            FieldType::Day => self.day(cell, text).map(Value::Day),
            FieldType::Instant => self.instant(cell, text).map(Value::Instant),
            FieldType::Bool => match cell {
                Cell::Bool(flag) => Ok(Value::Bool(*flag)),
                _ => flag(text).map(Value::Bool).ok_or(Why::BadValue),
            },
            FieldType::Int => whole(text).map(Value::Int).ok_or(Why::BadValue),
            FieldType::Reference(target) => match Uuid::parse_str(text) {
                Ok(id) => Ok(Value::Id(id)),
                Err(_) => self.known.find(target, text).map(Value::Id),
            },
            FieldType::User => self.known.find("user", text).map(Value::Id),
        }
    }

    fn day(&self, cell: &Cell, text: &str) -> Result<NaiveDate, Why> {
        match cell {
            Cell::Day(day) => return Ok(*day),
            Cell::Moment(at) => return Ok(at.date()),
            _ => {}
        }
        if text.starts_with("--") {
            return Err(Why::NoYear);
        }
        day(text.split([' ', 'T']).next().unwrap_or_default(), self.month_first).ok_or(Why::BadValue)
    }

    fn instant(&self, cell: &Cell, text: &str) -> Result<DateTime<Utc>, Why> {
        if let Ok(at) = DateTime::parse_from_rfc3339(text) {
            return DateTime::from_timestamp_millis(at.timestamp_millis()).ok_or(Why::BadValue);
        }
        let local = match cell {
            Cell::Moment(at) => *at,
            _ => {
                let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, "0:00"));
                let date = match cell {
                    Cell::Day(day) => *day,
                    _ => day(date, self.month_first).ok_or(Why::BadValue)?,
                };
                let time =
                    ["%H:%M:%S", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(time.trim(), form).ok());
                NaiveDateTime::new(date, time.ok_or(Why::BadValue)?)
            }
        };
        // An hour that a clock skips is the one before it.
        let zoned = self.zone.from_local_datetime(&local).earliest();
        let zoned = zoned.or_else(|| self.zone.from_local_datetime(&(local - chrono::Duration::hours(1))).earliest());
        zoned.map(|at| at.with_timezone(&Utc)).ok_or(Why::BadValue)
    }
}

/// `1.23E+11` and its like.
fn is_scientific(text: &str) -> bool {
    let Some((number, power)) = text.split_once(['E', 'e', 'Е', 'е']) else { return false };
    let power = power.trim_start_matches('+');
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = number.split([',', '.']);
    let first = parts.next().unwrap_or_default();
    digits(power) && first.len() == 1 && digits(first) && parts.next().is_none_or(digits) && parts.next().is_none()
}

/// A day some programs write for none: `0.0.00`.
fn is_no_day(text: &str) -> bool {
    text.contains('0') && text.chars().all(|sign| "0./-".contains(sign))
}

/// What an entry is for, from what other programs call it; empty where that says nothing here.
#[must_use]
pub fn label(text: &str) -> &'static str {
    let folded = fold(text.trim_start_matches(['*', ' ']));
    LABELS.iter().find(|(_, names)| names.iter().any(|name| fold(name) == folded)).map_or("", |(label, _)| label)
}

const LABELS: [(&str, &[&str]); 3] = [
    ("mobile", &["mobile", "cell", "iphone", "мобильный", "мобильный телефон", "мобільний", "мобільний телефон"]),
    ("work", &["work", "main", "рабочий", "рабочий телефон", "основной", "робочий", "робочий телефон", "основний"]),
    ("home", &["home", "домашний", "домашний телефон", "домашній", "домашній телефон"]),
];

fn day(text: &str, month_first: bool) -> Option<NaiveDate> {
    let parts: Vec<&str> = text.trim().trim_end_matches('.').split(['.', '/', '-']).collect();
    let [one, two, three] = parts.as_slice() else { return None };
    let number = |part: &str| part.parse::<u32>().ok();
    let (one_n, two_n, three_n) = (number(one)?, number(two)?, number(three)?);
    if one.len() == 4 {
        return NaiveDate::from_ymd_opt(i32::try_from(one_n).ok()?, two_n, three_n);
    }
    let year = match (three.len(), three_n) {
        (4, year) => year,
        // Two digits are the century people live in.
        (2, year @ 0..=39) => 2000 + year,
        (2, year) => 1900 + year,
        _ => return None,
    };
    let american = text.contains('/') && ((month_first && one_n <= 12) || two_n > 12);
    let (day, month) = if american { (two_n, one_n) } else { (one_n, two_n) };
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

fn flag(text: &str) -> Option<bool> {
    let text = text.trim().to_lowercase();
    match text.as_str() {
        "да" | "так" | "yes" | "y" | "true" | "1" | "+" | "x" | "х" | "истина" | "✓" => Some(true),
        "нет" | "ні" | "no" | "n" | "false" | "0" | "-" | "ложь" => Some(false),
        _ => None,
    }
}

/// A whole number, digits grouped by blanks and with nothing but noughts behind the comma.
fn whole(text: &str) -> Option<i64> {
    let bare: String = text.chars().filter(|sign| !sign.is_whitespace()).collect();
    let (whole, part) = bare.split_once([',', '.']).unwrap_or((&bare, ""));
    part.bytes().all(|byte| byte == b'0').then(|| whole.parse().ok()).flatten()
}

/// A choice by its key or by what people call it in any language.
fn choice(kind: &Kind, field: &FieldDecl, values: &[&str], text: &str) -> Result<String, Why> {
    let folded = fold(text);
    let called = |value: &&&str| {
        fold(value) == folded
            || LANGUAGES.iter().any(|language| fold(&Labels::of(language).choice(kind, field.key, value)) == folded)
    };
    values.iter().find(called).map(|value| (*value).to_owned()).ok_or(Why::BadValue)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::domain::kinds::{client, interaction, legal_entity, person};

    fn reader() -> Reader {
        let mut known = Known::default();
        known.add("business_region", "Киев", Uuid::from_u128(1));
        known.add("business_region", "Юг", Uuid::from_u128(2));
        known.add("business_region", "юг", Uuid::from_u128(3));
        Reader { month_first: false, zone: chrono_tz::Europe::Kyiv, known }
    }

    fn read(kind: &Kind, field: FieldDecl, text: &str) -> Result<Vec<Value>, Why> {
        reader().values(kind, &field, &Cell::of(text))
    }

    fn ymd(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[rstest]
    #[case("12.04.1985", false, Some(ymd(1985, 4, 12)))]
    #[case("1.2.26", false, Some(ymd(2026, 2, 1)))]
    #[case("1985-04-12", false, Some(ymd(1985, 4, 12)))]
    #[case("4/12/1985", true, Some(ymd(1985, 4, 12)))]
    #[case("4/25/1985", false, Some(ymd(1985, 4, 25)))]
    #[case("12/04/1985", false, Some(ymd(1985, 4, 12)))]
    #[case("31.02.2026", false, None)]
    #[case("скоро", false, None)]
    fn days_are_read_as_people_write_them(
        #[case] text: &str,
        #[case] american: bool,
        #[case] wanted: Option<NaiveDate>,
    ) {
        assert_eq!(day(text, american), wanted);
    }

    #[rstest]
    #[case("1.23E+11", Err(Why::Scientific))]
    #[case("5,00101E+11", Err(Why::Scientific))]
    #[case("7707083893", Ok(()))]
    #[case("1E", Ok(()))]
    #[case("б\u{fffd}н", Err(Why::Unreadable))]
    fn a_number_a_spreadsheet_has_spoilt_is_refused(#[case] text: &str, #[case] wanted: Result<(), Why>) {
        assert_eq!(read(&legal_entity::KIND, legal_entity::TAX_NUMBER.decl, text).map(|_| ()), wanted);
    }

    #[test]
    fn twenty_digits_of_a_spreadsheet_are_refused_and_as_text_taken() {
        let account = legal_entity::ACCOUNT.decl;
        let lost = reader().values(&legal_entity::KIND, &account, &Cell::Number(40_817_810_938_160_925_982.0));
        assert_eq!(lost, Err(Why::LostDigits));
        assert!(read(&legal_entity::KIND, account, "40817810938160925982").is_ok());
    }

    #[test]
    fn words_of_any_language_and_names_become_values() {
        let text = |text: &str| Ok(vec![Value::Text(text.to_owned())]);
        assert_eq!(read(&client::KIND, client::STATUS.decl, "Действующий"), text("active"));
        assert_eq!(read(&client::KIND, client::STATUS.decl, "Active"), text("active"));
        assert_eq!(read(&client::KIND, client::STATUS.decl, "любимый"), Err(Why::BadValue));
        assert_eq!(read(&client::KIND, client::REGION.decl, "КИЕВ"), Ok(vec![Value::Id(Uuid::from_u128(1))]));
        assert_eq!(read(&client::KIND, client::REGION.decl, "Север"), Err(Why::NoSuchRecord));
        assert_eq!(read(&client::KIND, client::REGION.decl, "Юг"), Err(Why::Ambiguous));
        assert_eq!(read(&client::KIND, client::IS_CLIENT.decl, "Так"), Ok(vec![Value::Bool(true)]));
        assert_eq!(read(&client::KIND, client::CONTACT_EVERY.decl, "1 000,00"), Ok(vec![Value::Int(1000)]));
        assert_eq!(read(&client::KIND, client::CONTACT_EVERY.decl, "1,5"), Err(Why::BadValue));
        assert_eq!(read(&person::KIND, person::BIRTHDAY.decl, "--0415"), Err(Why::NoYear));
        assert_eq!(read(&client::KIND, client::EMAILS.decl, "a@b.ua; c@d.ua").map(|all| all.len()), Ok(2));
    }

    #[test]
    fn times_of_day_are_those_of_the_viewers_zone() {
        let at = read(&interaction::KIND, interaction::STARTS_AT.decl, "01.12.2026 10:00").unwrap();
        assert_eq!(at, [Value::Instant("2026-12-01T08:00:00Z".parse().unwrap())]);
    }
}
