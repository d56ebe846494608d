//! What the columns of other people's files mean.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ts_rs::TS;

use super::vcard_rows::{COLUMNS, Column};
use crate::domain::fold::fold;
use crate::domain::kind::{FieldDecl, Kind, Registry, Source};
use crate::domain::kinds::{client, legal_entity, person};
use crate::domain::labels::{LANGUAGES, Labels};

/// Where a column goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Target {
    /// The kind of the record it belongs to: the one imported, or one that comes along in the same row.
    pub kind: String,
    /// The field, or one of [`ID`], [`UID`], [`LINES`], [`LABEL`], [`SURNAME`], [`FIRST`], [`PATRONYMIC`].
    pub field: String,
    /// What entries of a collection are for: `work`, `mobile` …; empty where nobody said.
    #[serde(default)]
    pub label: String,
}

/// The record itself, by its id here.
pub const ID: &str = "@id";
/// The record by its id here, or by the one another program has for it.
pub const UID: &str = "@uid";
/// Properties of an address card nobody here knows, kept for the program that does.
pub const LINES: &str = "@lines";
/// What the value in the next column is for: `Mobile`, `Work` …
pub const LABEL: &str = "@label";
/// A person's family name.
pub const SURNAME: &str = "@surname";
/// A person's given name.
pub const FIRST: &str = "@first";
/// A person's patronymic.
pub const PATRONYMIC: &str = "@patronymic";

impl Target {
    fn new(kind: &str, field: &str, label: &str) -> Self {
        Self { kind: kind.to_owned(), field: field.to_owned(), label: label.to_owned() }
    }
}

/// The kinds a row may hold records of when it is imported as `kind`: a client comes with a legal entity and a person,
/// and so does either of them with their client. Everything else comes alone.
#[must_use]
pub fn together(registry: &Registry, kind: &'static Kind) -> Vec<&'static Kind> {
    let family = [client::KIND.key, legal_entity::KIND.key, person::KIND.key];
    if !family.contains(&kind.key) {
        let mut kinds = vec![kind];
        if kind.home.under_client() {
            kinds.extend(registry.kind(client::KIND.key));
        }
        return kinds;
    }
    let mut kinds: Vec<_> = family.iter().filter_map(|key| registry.kind(key)).collect();
    kinds.sort_by_key(|other| other.key != kind.key);
    kinds
}

/// Fields a file can fill.
pub fn fillable(kind: &'static Kind) -> impl Iterator<Item = &'static FieldDecl> {
    kind.fields.iter().filter(|field| field.source == Source::Document && !field.archived)
}

/// Everything a column of a file for `kind` can go to.
#[must_use]
pub fn targets(registry: &Registry, kind: &'static Kind) -> Vec<Target> {
    let mut targets = vec![Target::new(kind.key, ID, "")];
    for other in together(registry, kind) {
        if keeps_uid(other) {
            targets.push(Target::new(other.key, UID, ""));
        }
        if other.key == person::KIND.key {
            targets.push(Target::new(other.key, LABEL, ""));
            targets.extend([SURNAME, FIRST, PATRONYMIC].map(|field| Target::new(other.key, field, "")));
        }
        targets.extend(fillable(other).map(|field| Target::new(other.key, field.key, "")));
    }
    targets
}

/// Kinds whose records keep the ids other programs have for them.
#[must_use]
pub fn keeps_uid(kind: &Kind) -> bool {
    kind.field(client::FOREIGN_IDS.key()).is_some()
}

/// Proposes where each column goes, by its name; `None` where that says nothing.
#[must_use]
pub fn propose(registry: &Registry, kind: &'static Kind, names: &[String]) -> Vec<Option<Target>> {
    let kinds = together(registry, kind);
    let mut targets: Vec<Option<Target>> = names.iter().map(|name| by_name(&kinds, name)).collect();
    of_other_programs(&mut targets, names);
    let names_a_person = targets.iter().flatten().any(|target| {
        target.kind == person::KIND.key && [SURNAME, FIRST, person::NAME.key()].contains(&target.field.as_str())
    });
    for target in targets.iter_mut().flatten() {
        // Numbers and addresses without anybody's name are the firm's own.
        if !names_a_person && target.kind == person::KIND.key && client::KIND.field(&target.field).is_some() {
            target.kind = client::KIND.key.to_owned();
        }
    }
    for at in 0..targets.len() {
        let Some(target) = targets[at].clone() else { continue };
        let field = kinds.iter().find(|kind| kind.key == target.kind).and_then(|kind| kind.field(&target.field));
        let joins = field.is_some_and(|field| field.many || JOINED.contains(&field.key)) || target.field == LABEL;
        let known = kinds.iter().any(|kind| kind.key == target.kind);
        if !known || (!joins && targets[..at].contains(&targets[at])) {
            targets[at] = None;
        }
    }
    targets
}

/// Columns that say something else beside certain others.
fn of_other_programs(targets: &mut [Option<Target>], names: &[String]) {
    let has = |wanted: &str| names.iter().any(|name| bare(name) == fold(wanted));
    let in_parts = targets.iter().flatten().any(|target| [SURNAME, FIRST].contains(&target.field.as_str()));
    for (target, name) in targets.iter_mut().zip(names) {
        // Google wrote a person's whole name before its parts, Outlook writes how he is addressed.
        let whole = in_parts && has("Given Name") && bare(name) == fold("Name");
        if whole || (has("Job Title") && bare(name) == fold("Title")) {
            *target = None;
        }
    }
}

/// Single fields that several columns may fill together.
const JOINED: [&str; 4] = ["note", "address", "legal_address", "description"];

/// True where a column's name is known, whatever is imported.
#[must_use]
pub fn is_known(name: &str) -> bool {
    let kinds = [&client::KIND, &legal_entity::KIND, &person::KIND];
    by_name(&kinds.map(|kind| kind as &'static Kind), name).is_some()
}

/// True for columns as programs set to American English name them; they write the month first.
#[must_use]
pub fn is_american(names: &[String]) -> bool {
    let has = |wanted: &str| names.iter().any(|name| name.eq_ignore_ascii_case(wanted));
    has("Business Phone") && has("E-mail Address")
}

/// Names of columns in short, to know a file of the same sort again.
#[must_use]
pub fn signature(names: &[String]) -> String {
    let mut digest = Sha256::new();
    for name in names {
        digest.update(fold(name));
        digest.update([0]);
    }
    digest.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

fn by_name(kinds: &[&'static Kind], name: &str) -> Option<Target> {
    let folded = bare(name);
    if folded.is_empty() {
        return None;
    }
    let main = kinds.first()?;
    if folded == fold("id") {
        return Some(Target::new(main.key, ID, ""));
    }
    // Rows of cards that were not taken come back as a table.
    let of_card = || COLUMNS.iter().find(|column| column.name == name.trim()).map(Column::target);
    let others = || own(&kinds[1..], &folded).or_else(of_card);
    own(&kinds[..1], &folded).or_else(|| dictionary(main, &folded)).or_else(others)
}

/// Words the product itself uses, in any of its languages.
fn own(kinds: &[&'static Kind], folded: &str) -> Option<Target> {
    kinds.iter().find_map(|kind| {
        let is_it = |field: &&FieldDecl| {
            fold(field.key) == *folded
                || LANGUAGES.iter().any(|language| fold(&Labels::of(language).field(kind, field.key)) == *folded)
        };
        fillable(kind).find(is_it).map(|field| Target::new(kind.key, field.key, ""))
    })
}

fn dictionary(main: &Kind, folded: &str) -> Option<Target> {
    let (kind, field, label, _) = WORDS.get(folded)?;
    if *field == UID && keeps_uid(main) {
        return Some(Target::new(main.key, UID, ""));
    }
    // What is said of "the record" is said of the kind imported.
    let about_main = main.field(field).is_some() && *kind == client::KIND.key && SHARED.contains(field);
    let kind = if about_main { main.key } else { kind };
    if *kind == *client::KIND.key && *field == client::NAME.key() && !main.home.under_client() {
        return Some(Target::new(main.key, main.title, ""));
    }
    Some(Target::new(kind, field, label))
}

/// Fields of a client that mean the same of whatever is imported.
const SHARED: [&str; 3] = ["phones", "emails", "note"];

/// Numbers in names such as "Phone 2 - Value" count columns of one sort.
fn bare(name: &str) -> String {
    let words = name.trim().trim_end_matches([':', '*']);
    let unnumbered: String = words.split(' ').filter(|word| word.parse::<u8>().is_err()).collect::<Vec<_>>().join(" ");
    fold(&unnumbered)
}

/// The dictionary by folded name; of two lines with one name the first counts.
static WORDS: LazyLock<HashMap<String, &'static Line>> = LazyLock::new(|| {
    let mut words = HashMap::new();
    for line in DICTIONARY {
        for name in line.3 {
            words.entry(fold(name)).or_insert(line);
        }
    }
    words
});

type Line = (&'static str, &'static str, &'static str, &'static [&'static str]);

/// Names of columns in the exports of Google Contacts, Outlook, 1C and in tables people keep by hand.
const DICTIONARY: &[Line] = &[
    (
        "client",
        "name",
        "",
        &[
            "company",
            "company name",
            "organization",
            "organization name",
            "organization - name",
            "organisation",
            "account name",
            "account",
            "customer",
            "partner",
            "фирма",
            "компания",
            "название",
            "название компании",
            "организация",
            "клиент",
            "партнер",
            "покупатель",
            "наименование клиента",
            "наименование организации",
            "рабочее наименование",
            "фірма",
            "компанія",
            "назва",
            "назва компанії",
            "організація",
            "клієнт",
            "партнер",
            "покупець",
            "найменування",
            "name of company",
            "контрагент",
        ],
    ),
    (
        "client",
        "phones",
        "",
        &[
            "phone",
            "phones",
            "telephone",
            "tel",
            "phone number",
            "телефон",
            "телефоны",
            "тел",
            "тел.",
            "номер телефона",
            "контактный телефон",
            "телефони",
            "номер телефону",
            "контактний телефон",
            "телефон контрагента",
        ],
    ),
    (
        "client",
        "phones",
        "work",
        &["company main phone", "телефон организации", "основной телефон организации", "телефон організації"],
    ),
    (
        "client",
        "emails",
        "",
        &[
            "email",
            "e-mail",
            "mail",
            "email address",
            "почта",
            "эл. почта",
            "электронная почта",
            "эл.почта",
            "е-мейл",
            "адрес электронной почты",
            "пошта",
            "ел. пошта",
            "електронна пошта",
            "емейл",
            "email контрагента",
        ],
    ),
    (
        "client",
        "website",
        "",
        &["web page", "website - value", "website", "site", "url", "сайт", "веб-сайт", "вебсайт", "веб-страница"],
    ),
    (
        "client",
        "city",
        "",
        &[
            "city",
            "town",
            "business city",
            "address - city",
            "город",
            "город (раб. адрес)",
            "населенный пункт",
            "місто",
            "населений пункт",
        ],
    ),
    (
        "client",
        "address",
        "",
        &[
            "address",
            "street",
            "business street",
            "address - street",
            "адрес",
            "фактический адрес",
            "факт. адрес",
            "улица (раб. адрес)",
            "адрес доставки",
            "улица",
            "адреса",
            "фактична адреса",
            "вулиця",
            "адреса доставки",
        ],
    ),
    (
        "client",
        "note",
        "",
        &[
            "notes",
            "note",
            "заметки",
            "нотатки",
            "comment",
            "comments",
            "description",
            "комментарий",
            "примечание",
            "дополнительная информация",
            "описание",
            "коментар",
            "примітка",
            "додаткова інформація",
            "опис",
        ],
    ),
    ("client", UID, "", &["guid", "ид", "ссылка", "уникальный идентификатор", "унікальний ідентифікатор"]),
    ("client", "region", "", &["region", "business region", "регион", "бизнес-регион", "регіон", "бізнес-регіон"]),
    ("client", "category", "", &["category", "segment", "категория", "сегмент", "категорія"]),
    ("client", "source", "", &["source", "источник", "джерело"]),
    (
        "legal_entity",
        "registered_name",
        "",
        &[
            "full name of organization",
            "legal name",
            "registered name",
            "полное наименование",
            "полное наименование организации",
            "юридическое наименование",
            "юр. название",
            "повне найменування",
            "повна назва",
            "юридична назва",
            "наименование полное",
        ],
    ),
    (
        "legal_entity",
        "tax_number",
        "",
        &[
            "inn",
            "инн",
            "tax number",
            "tax id",
            "vat",
            "ипн",
            "іпн",
            "рнокпп",
            "инн контрагента",
            "унп",
            "инн/кпп",
            "идентификационный номер",
            "податковий номер",
        ],
    ),
    ("legal_entity", "branch_number", "", &["kpp", "кпп"]),
    (
        "legal_entity",
        "registry_number",
        "",
        &[
            "ogrn",
            "огрн",
            "огрнип",
            "edrpou",
            "єдрпоу",
            "едрпоу",
            "код єдрпоу",
            "код едрпоу",
            "код по едрпоу",
            "код за єдрпоу",
        ],
    ),
    (
        "legal_entity",
        "legal_address",
        "",
        &[
            "legal address",
            "юридический адрес",
            "юр. адрес",
            "адрес регистрации",
            "юридична адреса",
            "адреса реєстрації",
        ],
    ),
    (
        "legal_entity",
        "account",
        "",
        &[
            "bank account",
            "iban",
            "расчетный счет",
            "р/с",
            "основной банковский счет",
            "номер счета",
            "рахунок",
            "розрахунковий рахунок",
            "р/р",
            "номер рахунку",
        ],
    ),
    ("legal_entity", "entity_kind", "", &["вид контрагента", "юр. / физ. лицо", "юр./физ. лицо", "юр. / фіз. особа"]),
    (
        "person",
        "name",
        "",
        &[
            "full name",
            "contact",
            "contact name",
            "contact person",
            "фио",
            "ф.и.о.",
            "контакт",
            "контактное лицо",
            "основное контактное лицо",
            "піб",
            "п.і.б.",
            "контактна особа",
            "основна контактна особа",
        ],
    ),
    ("person", "@surname", "", &["last name", "family name", "surname", "фамилия", "прізвище"]),
    ("person", "@first", "", &["first name", "given name", "имя", "ім'я"]),
    ("person", "@patronymic", "", &["middle name", "additional name", "patronymic", "отчество", "по батькові"]),
    (
        "person",
        "position",
        "",
        &["job title", "title", "organization title", "organization - title", "position", "должность", "посада"],
    ),
    (
        "person",
        "phones",
        "",
        &[
            "phone - value",
            "primary phone",
            "other phone",
            "основной телефон",
            "другой телефон",
            "телефон контактного лица",
        ],
    ),
    (
        "person",
        "phones",
        "mobile",
        &[
            "mobile phone",
            "mobile",
            "cell",
            "мобильный",
            "мобильный телефон",
            "телефон переносной",
            "мобільний",
            "мобільний телефон",
        ],
    ),
    (
        "person",
        "phones",
        "work",
        &["business phone", "work phone", "рабочий телефон", "телефон раб.", "робочий телефон"],
    ),
    ("person", "phones", "home", &["home phone", "домашний телефон", "телефон дом.", "домашній телефон"]),
    ("person", LABEL, "", &["phone - label", "phone - type", "e-mail - label", "e-mail - type"]),
    ("person", "emails", "", &["e-mail - value", "e-mail address", "адрес эл. почты", "email контактного лица"]),
    (
        "person",
        "birthday",
        "",
        &["birthday", "date of birth", "день рождения", "дата рождения", "день народження", "дата народження"],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn proposed(kind: &'static Kind, names: &[&str]) -> Vec<String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let shown = |target: Option<Target>| {
            target.map_or_else(String::new, |it| format!("{}.{} {}", it.kind, it.field, it.label).trim().to_owned())
        };
        propose(&Registry::built_in(), kind, &names).into_iter().map(shown).collect()
    }

    #[test]
    fn columns_of_1c_find_their_fields() {
        let names = ["Наименование", "Полное наименование", "ИНН", "КПП", "Телефон", "Основной менеджер", "Юр. адрес"];
        assert_eq!(
            proposed(&client::KIND, &names),
            [
                "client.name",
                "legal_entity.registered_name",
                "legal_entity.tax_number",
                "legal_entity.branch_number",
                "client.phones",
                "",
                "legal_entity.legal_address"
            ]
        );
    }

    #[test]
    fn columns_of_google_and_outlook_belong_to_the_person_they_name() {
        let google = [
            "First Name",
            "Last Name",
            "Organization Name",
            "E-mail 1 - Value",
            "Phone 1 - Label",
            "Phone 1 - Value",
            "Phone 2 - Value",
            "Notes",
        ];
        assert_eq!(
            proposed(&person::KIND, &google),
            [
                "person.@first",
                "person.@surname",
                "client.name",
                "person.emails",
                "person.@label",
                "person.phones",
                "person.phones",
                "person.note"
            ]
        );
        let outlook = ["First Name", "Last Name", "Company", "Business City", "Mobile Phone", "E-mail 2 Address"];
        let names = proposed(&client::KIND, &outlook);
        assert_eq!(names[2..], ["client.name", "client.city", "person.phones mobile", "person.emails"]);
    }

    #[test]
    fn numbers_without_a_person_are_the_firms() {
        assert_eq!(proposed(&client::KIND, &["Компанія", "Мобільний"]), ["client.name", "client.phones mobile"]);
    }

    #[test]
    fn our_own_columns_are_known_in_every_language_and_once_only() {
        for language in LANGUAGES {
            let labels = Labels::of(language);
            for kind in Registry::built_in().iter() {
                let names: Vec<String> = fillable(kind).map(|field| labels.field(kind, field.key)).collect();
                let targets = propose(&Registry::built_in(), kind, &names);
                let fields: Vec<&str> = targets.iter().flatten().map(|target| target.field.as_str()).collect();
                let wanted: Vec<&str> = fillable(kind).map(|field| field.key).collect();
                assert_eq!(fields, wanted, "{language}: {}", kind.key);
                assert!(targets.iter().flatten().all(|target| target.kind == kind.key));
            }
        }
        assert_eq!(proposed(&client::KIND, &["Город", "City"]), ["client.city", ""]);
    }

    #[test]
    fn a_signature_is_that_of_the_names_alone() {
        let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(signature(&names(&["ИНН", "Город"])), signature(&names(&["инн", "город"])));
        assert_ne!(signature(&names(&["ИНН", "Город"])), signature(&names(&["Город", "ИНН"])));
    }
}
