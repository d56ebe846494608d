//! Address cards as rows of a table, so that one import serves both. A card of an organisation fills the columns of a
//! client, a card of a person those of a person and of the client he works for.

use std::io::Read;
use std::ops::ControlFlow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::cell::{Cell, Row};
use super::columns::Target;
use super::encoding::Decoded;
use super::names::Name;
use super::read::{ReadError, TakeRow};
use super::vcard::{self, Card, Property};
use super::vcard_lines;

/// A column of the table cards are read into.
pub struct Column {
    /// Its name, after the properties it is made of.
    pub name: &'static str,
    kind: &'static str,
    field: &'static str,
    label: &'static str,
}

impl Column {
    /// Where it goes.
    #[must_use]
    pub fn target(&self) -> Target {
        Target { kind: self.kind.to_owned(), field: self.field.to_owned(), label: self.label.to_owned() }
    }
}

const fn column(name: &'static str, kind: &'static str, field: &'static str, label: &'static str) -> Column {
    Column { name, kind, field, label }
}

/// All columns cards are read into.
pub const COLUMNS: [Column; 32] = [
    column("UID (ORG)", "client", "@uid", ""),
    column("UID", "person", "@uid", ""),
    column("ORG", "client", "name", ""),
    column("N.family", "person", "@surname", ""),
    column("N.given", "person", "@first", ""),
    column("N.additional", "person", "@patronymic", ""),
    column("FN", "person", "name", ""),
    column("TITLE", "person", "position", ""),
    column("TEL (work)", "person", "phones", "work"),
    column("TEL (mobile)", "person", "phones", "mobile"),
    column("TEL (home)", "person", "phones", "home"),
    column("TEL", "person", "phones", ""),
    column("EMAIL (work)", "person", "emails", "work"),
    column("EMAIL (home)", "person", "emails", "home"),
    column("EMAIL", "person", "emails", ""),
    column("BDAY", "person", "birthday", ""),
    column("NOTE", "person", "note", ""),
    column("TEL (work, ORG)", "client", "phones", "work"),
    column("TEL (mobile, ORG)", "client", "phones", "mobile"),
    column("TEL (ORG)", "client", "phones", ""),
    column("EMAIL (work, ORG)", "client", "emails", "work"),
    column("EMAIL (ORG)", "client", "emails", ""),
    column("URL", "client", "website", ""),
    column("ADR.locality", "client", "city", ""),
    column("ADR.street", "client", "address", ""),
    column("NOTE (ORG)", "client", "note", ""),
    column("X-INN", "legal_entity", "tax_number", ""),
    column("X-KPP", "legal_entity", "branch_number", ""),
    column("X-OGRN", "legal_entity", "registry_number", ""),
    column("X-EDRPOU", "legal_entity", "registry_number", ""),
    column("X-", "person", "@lines", ""),
    column("X- (ORG)", "client", "@lines", ""),
];

/// All cards as rows, numbered from 1.
///
/// # Errors
/// Those of reading and of `take`.
pub fn each<E: From<ReadError>>(source: impl Read, encoding: &'static Encoding, take: TakeRow<'_, E>) -> Result<(), E> {
    let mut number = 0;
    let mut as_row = |card: Card| -> Result<ControlFlow<()>, E> {
        number += 1;
        take(Row { number, cells: cells(&card) })
    };
    // Whole files of these are decoded at once; in others a property may name letters of its own.
    if [UTF_8, UTF_16LE, UTF_16BE].contains(&encoding) {
        return vcard::each(Decoded::new(source, encoding), UTF_8, &mut as_row);
    }
    vcard::each(source, encoding, &mut as_row)
}

fn cells(card: &Card) -> Vec<Cell> {
    let text = |name: &str| card.first(name).map(Property::text).unwrap_or_default();
    let organisation = card
        .first("ORG")
        .map(|org| org.parts().into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "));
    let organisation = organisation.unwrap_or_default();
    let name = card.first("N").map(Property::parts).unwrap_or_default();
    let part = |at: usize| name.get(at).map_or("", |part| part.trim());
    let nameless = part(0).is_empty() && part(1).is_empty();
    let full = text("FN");
    let kind = text("KIND").to_lowercase();
    let kind = if kind.is_empty() { text("X-ABSHOWAS").to_lowercase() } else { kind };
    let is_org = matches!(kind.as_str(), "org" | "company")
        || (nameless && !organisation.is_empty() && (full.is_empty() || full == organisation));
    let own = |is_wanted: bool, text: String| if is_wanted { Cell::of(&text) } else { Cell::Empty };
    let phones = |label: &str| {
        let wanted = card.all("TEL").filter(|tel| label_of(tel) == label).map(phone);
        wanted.filter(|number| !number.is_empty()).collect::<Vec<_>>().join("\n")
    };
    let (work, mobile, home, other) = (phones("work"), phones("mobile"), phones("home"), phones(""));
    let emails = |labels: &[&str]| {
        let wanted = card.all("EMAIL").filter(|mail| labels.contains(&label_of(mail))).map(Property::text);
        wanted.collect::<Vec<_>>().join("\n")
    };
    let place =
        card.all("ADR").map(Property::parts).max_by_key(|parts| parts.iter().filter(|it| !it.is_empty()).count());
    let place = |at: usize| place.as_ref().and_then(|parts| parts.get(at)).cloned().unwrap_or_default();
    let street = [place(2), place(1)].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(", ");
    let given = Name { surname: part(0).into(), first: part(1).into(), patronymic: part(2).into() };
    let shown = if nameless { full.clone() } else { String::new() };
    let org_name = match () {
        () if is_org && organisation.is_empty() => full.clone(),
        () => organisation,
    };
    let org_other =
        [home.clone(), other.clone()].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join("\n");
    let uid = text("UID");
    let uid = uid.trim_start_matches("urn:uuid:").to_owned();
    let values: [Cell; COLUMNS.len()] = [
        own(is_org, uid.clone()),
        own(!is_org, uid),
        Cell::of(&org_name),
        own(!is_org, given.surname),
        own(!is_org, given.first),
        own(!is_org, given.patronymic),
        own(!is_org, shown),
        own(!is_org, text("TITLE")),
        own(!is_org, work.clone()),
        own(!is_org, mobile.clone()),
        own(!is_org, home),
        own(!is_org, other),
        own(!is_org, emails(&["work"])),
        own(!is_org, emails(&["home"])),
        own(!is_org, emails(&["", "mobile"])),
        own(!is_org, birthday(card)),
        own(!is_org, text("NOTE")),
        own(is_org, work),
        own(is_org, mobile),
        own(is_org, org_other),
        own(is_org, emails(&["work"])),
        own(is_org, emails(&["", "home", "mobile"])),
        Cell::of(&text("URL")),
        Cell::of(&place(3)),
        Cell::of(&street),
        own(is_org, text("NOTE")),
        Cell::of(&text("X-INN")),
        Cell::of(&text("X-KPP")),
        Cell::of(&text("X-OGRN")),
        Cell::of(&text("X-EDRPOU")),
        own(!is_org, vcard_lines::of(card)),
        own(is_org, vcard_lines::of(card)),
    ];
    values.into()
}

fn label_of(tel: &Property) -> &'static str {
    match () {
        () if ["cell", "iphone", "mobile"].iter().any(|one| tel.is_of(one)) => "mobile",
        () if tel.is_of("work") || tel.is_of("main") => "work",
        () if tel.is_of("home") => "home",
        () => "",
    }
}

/// Version 4.0 may write a phone as an address.
fn phone(tel: &Property) -> String {
    let text = tel.text();
    let number = text.strip_prefix("tel:").unwrap_or(&text);
    number.replacen(";ext=", " ext. ", 1)
}

/// The day as ISO writes it; one whose year is left out keeps its dashes, and is told as such further on.
fn birthday(card: &Card) -> String {
    let Some(property) = card.first("BDAY") else { return String::new() };
    let text = property.text();
    let day = text.split('T').next().unwrap_or_default().trim();
    let bare = day.len() == 5 && day.as_bytes().get(2) == Some(&b'-');
    if bare && day.bytes().filter(u8::is_ascii_digit).count() == 4 {
        return format!("--{day}");
    }
    let omitted = property.param("X-APPLE-OMIT-YEAR").is_some_and(|year| day.starts_with(year));
    if day.starts_with("--") || omitted {
        return format!("--{}", day.trim_start_matches('-').get(if omitted { 5.. } else { 0.. }).unwrap_or_default());
    }
    let digits = day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit());
    if digits { format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]) } else { day.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<Vec<(&'static str, String)>> {
        let mut rows = Vec::new();
        each(text.as_bytes(), UTF_8, &mut |row: Row| -> Result<_, ReadError> {
            let filled = COLUMNS.iter().zip(&row.cells).filter(|(_, cell)| !cell.is_empty());
            rows.push(filled.map(|(column, cell)| (column.name, cell.text())).collect());
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
        rows
    }

    #[test]
    fn a_persons_card_brings_him_and_his_firm() {
        let rows = named(
            "BEGIN:VCARD\nVERSION:3.0\nN:Шевченко;Тарас;Григорович;;\nFN:Тарас Шевченко\nORG:Світоч;Відділ збуту\n\
             TEL;TYPE=CELL:+380501112233\nTEL;TYPE=WORK,VOICE:044 123\nitem1.TEL:555\nBDAY:19850412\n\
             ADR;TYPE=WORK:;;вул. Лесі 5;Київ;;01001;\nEND:VCARD\n",
        );
        let wanted = [
            ("ORG", "Світоч, Відділ збуту"),
            ("N.family", "Шевченко"),
            ("N.given", "Тарас"),
            ("N.additional", "Григорович"),
            ("TEL (work)", "044 123"),
            ("TEL (mobile)", "+380501112233"),
            ("TEL", "555"),
            ("BDAY", "1985-04-12"),
            ("ADR.locality", "Київ"),
            ("ADR.street", "вул. Лесі 5"),
        ];
        assert_eq!(rows[0], wanted.map(|(name, text)| (name, text.to_owned())));
    }

    #[test]
    fn a_card_of_an_organisation_is_a_client() {
        for card in ["KIND:org\nFN:Ромашка", "N:;;;;\nFN:Ромашка\nORG:Ромашка", "ORG:Ромашка\nX-ABShowAs:COMPANY"]
        {
            let rows =
                named(&format!("BEGIN:VCARD\nVERSION:4.0\n{card}\nTEL;TYPE=work:1\nX-INN:7707083893\nEND:VCARD\n"));
            let names: Vec<&str> = rows[0].iter().map(|(name, _)| *name).collect();
            assert_eq!(names, ["ORG", "TEL (work, ORG)", "X-INN"], "{card}");
        }
    }

    #[test]
    fn a_birthday_without_its_year_is_kept_apart_from_whole_ones() {
        for day in ["BDAY:--0415", "BDAY:04-15", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-15"] {
            let rows = named(&format!("BEGIN:VCARD\nFN:A\n{day}\nEND:VCARD\n"));
            assert!(rows[0].iter().any(|(name, text)| *name == "BDAY" && text.starts_with("--")), "{day}");
        }
    }
}
