//! Address cards for phones and mail programs, of versions 3.0 (RFC 2426) and 4.0 (RFC 6350).

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::names::Name;
use super::vcard_lines;

/// Octets a line of a card has at most.
const LINE: usize = 75;

/// Which standard a card follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// What most phones and Outlook take.
    V3,
    /// The newer one, which knows organisations.
    V4,
}

/// What a card says.
#[derive(Clone, Debug, Default)]
pub struct CardOut {
    /// The record here; the same card updates it when it comes back.
    pub id: Uuid,
    /// An organisation, not a person.
    pub is_org: bool,
    /// What it is called.
    pub name: String,
    /// The organisation of a person.
    pub organisation: String,
    /// His position there.
    pub title: String,
    /// Phones with what they are for.
    pub phones: Vec<(String, String)>,
    /// Mail addresses with what they are for.
    pub emails: Vec<(String, String)>,
    /// Web site.
    pub url: String,
    /// Street and house.
    pub street: String,
    /// Town.
    pub city: String,
    /// Whatever else matters.
    pub note: String,
    /// Birthday.
    pub birthday: Option<NaiveDate>,
    /// Categories.
    pub categories: Vec<String>,
    /// When it was written.
    pub written_at: DateTime<Utc>,
    /// Numbers of registers, by the names of their properties: `X-INN`, `X-KPP`, `X-OGRN`, `X-EDRPOU`.
    pub numbers: Vec<(&'static str, String)>,
    /// Lines of the card it came from, for the program that knows them.
    pub lines: String,
}

impl CardOut {
    /// Appends the card to a file.
    pub fn write(&self, version: Version, out: &mut String) {
        let mut card = Lines { out, version };
        card.line("BEGIN:VCARD");
        card.line(if version == Version::V3 { "VERSION:3.0" } else { "VERSION:4.0" });
        match (version, self.is_org) {
            (Version::V4, true) => card.line("KIND:org"),
            (Version::V4, false) => card.line("KIND:individual"),
            (Version::V3, true) => card.line("X-ABShowAs:COMPANY"),
            (Version::V3, false) => {}
        }
        card.text("FN", &self.name);
        let name =
            if self.is_org { Name { surname: self.name.clone(), ..Name::default() } } else { Name::split(&self.name) };
        if version == Version::V3 || !self.is_org {
            card.parts("N", &[&name.surname, &name.first, &name.patronymic, "", ""]);
        }
        let organisation = if self.is_org { &self.name } else { &self.organisation };
        if !organisation.is_empty() {
            card.parts("ORG", &[organisation]);
        }
        card.filled("TITLE", &self.title);
        for (number, label) in &self.phones {
            let of_type = match label.as_str() {
                "mobile" => "cell",
                "work" | "home" => label,
                _ => "voice",
            };
            card.text(&typed("TEL", of_type, version), number);
        }
        for (address, label) in &self.emails {
            let of_type = if matches!(label.as_str(), "work" | "home") { label.as_str() } else { "" };
            card.text(&typed("EMAIL", of_type, version), address);
        }
        card.filled("URL", &self.url);
        if !self.street.is_empty() || !self.city.is_empty() {
            card.parts(&typed("ADR", "work", version), &["", "", &self.street, &self.city, "", "", ""]);
        }
        card.filled("NOTE", &self.note);
        if let Some(day) = self.birthday {
            let form = if version == Version::V3 { "%Y-%m-%d" } else { "%Y%m%d" };
            card.line(&format!("BDAY:{}", day.format(form)));
        }
        if !self.categories.is_empty() {
            let items: Vec<String> = self.categories.iter().map(|item| escaped(item)).collect();
            card.line(&format!("CATEGORIES:{}", items.join(",")));
        }
        for (property, number) in &self.numbers {
            card.filled(property, number);
        }
        for line in vcard_lines::each(&self.lines) {
            card.line(line);
        }
        card.line(&format!("UID:urn:uuid:{}", self.id));
        card.line(&format!("REV:{}", self.written_at.format("%Y%m%dT%H%M%SZ")));
        card.line("END:VCARD");
    }
}

fn typed(property: &str, of_type: &str, version: Version) -> String {
    match (of_type, version) {
        ("", _) => property.to_owned(),
        (of_type, Version::V3) => format!("{property};TYPE={}", of_type.to_uppercase()),
        (of_type, Version::V4) => format!("{property};TYPE={of_type}"),
    }
}

struct Lines<'a> {
    out: &'a mut String,
    version: Version,
}

impl Lines<'_> {
    fn filled(&mut self, property: &str, text: &str) {
        if !text.is_empty() {
            self.text(property, text);
        }
    }

    fn text(&mut self, property: &str, text: &str) {
        // Version 4.0 lets a semicolon stand where there are no parts, and some readers show a sign before one.
        let signs = if self.version == Version::V4 { "\\," } else { "\\,;" };
        self.line(&format!("{property}:{}", marked(text, signs)));
    }

    fn parts(&mut self, property: &str, parts: &[&str]) {
        let parts: Vec<String> = parts.iter().map(|part| escaped(part)).collect();
        self.line(&format!("{property}:{}", parts.join(";")));
    }

    /// Folds by octets, never inside a letter.
    fn line(&mut self, line: &str) {
        let mut length = 0;
        for letter in line.chars() {
            if length + letter.len_utf8() > LINE {
                self.out.push_str("\r\n ");
                length = 1;
            }
            self.out.push(letter);
            length += letter.len_utf8();
        }
        self.out.push_str("\r\n");
    }
}

fn escaped(text: &str) -> String {
    marked(text, "\\,;")
}

fn marked(text: &str, signs: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\n' => escaped.push_str("\\n"),
            // Other signs that are no letters would end the line or mean nothing.
            '\r' => {}
            sign if signs.contains(sign) => escaped.extend(['\\', sign]),
            sign if sign.is_control() => escaped.push(' '),
            sign => escaped.push(sign),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use encoding_rs::UTF_8;
    use proptest::prelude::*;

    use super::*;
    use crate::exchange::read::ReadError;
    use crate::exchange::vcard;

    fn person() -> CardOut {
        CardOut {
            id: Uuid::from_u128(7),
            name: "Шевченко Тарас Григорович".to_owned(),
            organisation: "Світоч; Львів, «Центр»".to_owned(),
            phones: vec![("+380501112233".to_owned(), "mobile".to_owned()), ("044 1".to_owned(), String::new())],
            emails: vec![("t@svitoch.ua".to_owned(), "work".to_owned())],
            note: "перший рядок\nдругий, довгий: ".to_owned() + &"дуже ".repeat(40),
            birthday: NaiveDate::from_ymd_opt(1985, 4, 12),
            written_at: "2026-11-22T10:00:00Z".parse().unwrap(),
            ..CardOut::default()
        }
    }

    #[test]
    fn no_line_is_longer_than_seventy_five_octets_and_no_letter_is_cut() {
        for version in [Version::V3, Version::V4] {
            let mut out = String::new();
            person().write(version, &mut out);
            assert!(out.ends_with("\r\n"));
            let longest = out.split("\r\n").map(str::len).max().unwrap();
            assert!((70..=LINE).contains(&longest), "{longest}");
            assert!(out.contains("\r\nN:Шевченко;Тарас;Григорович;;\r\n"));
        }
    }

    #[test]
    fn an_organisation_says_that_it_is_one() {
        let card = CardOut { is_org: true, name: "Світоч".to_owned(), ..CardOut::default() };
        let (mut v3, mut v4) = (String::new(), String::new());
        card.write(Version::V3, &mut v3);
        card.write(Version::V4, &mut v4);
        assert!(v4.contains("KIND:org\r\n") && !v4.contains("\r\nN:"));
        assert!(v3.contains("X-ABShowAs:COMPANY\r\n") && v3.contains("\r\nN:Світоч;;;;\r\n"));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(note in "[а-яa-z,;:\\\\\n \"=]{0,200}", newer in any::<bool>()) {
            let mut out = String::new();
            CardOut { note: note.clone(), ..person() }.write(if newer { Version::V4 } else { Version::V3 }, &mut out);
            let mut read = Vec::new();
            vcard::each(out.as_bytes(), UTF_8, &mut |card| -> Result<_, ReadError> {
                read.push(card);
                Ok(ControlFlow::Continue(()))
            }).unwrap();
            prop_assert_eq!(read.len(), 1);
            let back = read[0].first("NOTE").map(vcard::Property::text).unwrap_or_default();
            prop_assert_eq!(back, note.trim());
            prop_assert_eq!(read[0].first("ORG").unwrap().text(), "Світоч; Львів, «Центр»");
        }
    }
}
