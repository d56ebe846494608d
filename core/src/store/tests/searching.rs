//! Finding what a person looks for as he types it.

use rstest::rstest;

use super::fixture::*;
use crate::domain::authority::Home;
use crate::domain::ids::*;
use crate::domain::kind::Registry;
use crate::domain::kinds::{client, interaction, legal_entity, person};
use crate::domain::patch::Patch;
use crate::domain::value::Value;
use crate::store::Store;
use crate::sync::wire::Page;

fn stocked() -> (Bag, RecordId) {
    let device = Bag::new();
    let id = device.client("ООО «Ромашка-Ёлочка»");
    let phone = Value::Text("+7 (912) 345-67-89".to_owned());
    let patch = Patch::new()
        .set(client::CITY, "Київ".to_owned())
        .set(client::NOTE, "Любит, когда звонят до обеда. Об'єднання садоводов.".to_owned())
        .entry("phones", EntryId(device.ids.fresh()), phone, "work");
    device.edit(id, patch).unwrap();
    let patch = Patch::new()
        .set(legal_entity::REGISTERED_NAME, "Общество Ромашка".to_owned())
        .set(legal_entity::TAX_NUMBER, "7707083893".to_owned());
    device.create("legal_entity", Some(id), patch);
    device.create("person", Some(id), Patch::new().set(person::NAME, "Ґалаґан Їжак".to_owned()));
    device.client("Василёк");
    device.client("Ива");
    (device, id)
}

#[rstest]
#[case("ромаш", "client")]
#[case("РОМАШКА елоч", "client")]
#[case("hjvfirf", "client")]
#[case("Pомaш", "client")]
#[case("до обе", "client")]
#[case("обєднання", "client")]
#[case("київ", "client")]
#[case("3456789", "client")]
#[case("912 345", "client")]
#[case("8 912 345", "client")]
#[case("67-89", "client")]
#[case("070838", "legal_entity")]
#[case("галаган", "person")]
#[case("ї", "person")]
#[case("ел", "client")]
#[case("и", "client")]
fn is_found(#[case] typed: &str, #[case] kind: &str) {
    let (device, _) = stocked();
    let hits = device.store.search(typed, 20).unwrap();
    assert!(hits.iter().any(|hit| hit.kind == kind), "{typed}: {hits:?}");
}

#[rstest]
#[case("ромашкин")]
#[case("999999")]
#[case("василек ромашка")]
#[case("«»")]
#[case("")]
#[case("\"OR\" *")]
fn is_not_found(#[case] typed: &str) {
    let (device, _) = stocked();
    assert_eq!(device.store.search(typed, 20).unwrap(), []);
}

#[test]
fn titles_come_first_and_text_shows_what_matched() {
    let (device, id) = stocked();
    let other = device.client("Сосна");
    device.edit(other, Patch::new().set(client::NOTE, "конкурент фирмы Ромашка на рынке".to_owned())).unwrap();
    let hits = device.store.search("ромашка", 20).unwrap();
    assert_eq!(hits[0].id, id);
    assert_eq!(hits[0].snippet, "");
    let last = hits.last().unwrap();
    assert_eq!(last.id, other);
    assert!(last.snippet.contains("Ромашка"), "{last:?}");
}

#[test]
fn what_was_changed_or_trashed_is_found_no_more() {
    let (device, id) = stocked();
    device
        .edit(id, Patch::new().set(client::NAME, "Тюльпан".to_owned()).set(client::CITY, "Львов".to_owned()))
        .unwrap();
    assert!(device.store.search("елочка", 5).unwrap().is_empty());
    assert_eq!(device.store.search("тюльп", 5).unwrap()[0].id, id);
    device.edit(id, Patch::new().set_key("trashed", Value::Bool(true))).unwrap();
    assert!(device.store.search("тюльп", 5).unwrap().is_empty());
}

/// A market street: names that could be mistaken for each other in every way.
fn street() -> Bag {
    let device = Bag::new();
    let firms: &[(&str, &str, &str, &str)] = &[
        ("ООО «Ромашка»", "Москва", "+7 (495) 123-45-67", ""),
        ("Ромашковое поле", "Тула", "8 (4872) 55-66-77", ""),
        ("Салон «Белая ромашка»", "Рязань", "", "Хозяйка любит чай"),
        ("ТОВ «Київхліб»", "Київ", "+380 44 123-45-67", "возить до восьми утра"),
        ("ПП Іваненко", "Харків", "067 765-43-21", ""),
        ("Ґанок", "Львів", "", ""),
        ("Об'єднання «Сад»", "Дніпро", "", ""),
        ("Мир", "Тверь", "", ""),
        ("Мир книг", "Тверь", "", ""),
        ("Мирный атом", "Обнинск", "", ""),
        ("Новый мир", "Тверь", "", ""),
        ("Westfalia GmbH", "Berlin", "+49 30 901820", ""),
        ("Helga Trading Ltd", "Riga", "", ""),
        ("Hello Office", "London", "", "prefers mail"),
        ("Ёлки-палки", "Пермь", "", ""),
        ("ВМК «Север»", "Мурманск", "", ""),
        ("Завод ЖБИ-6", "Уфа", "8 800 555 35 35", ""),
        ("Запоріжжя Сталь", "Запоріжжя", "", ""),
        ("Щукин и сыновья", "Минск", "8 029 123-45-67", ""),
        ("Дом мебели «Цитрус»", "Сочи", "", "проезд Яблочкова, зовут Роза"),
        ("Roza", "Sofia", "", ""),
        ("Лаванда", "Ялта", "", ""),
    ];
    for (name, city, phone, note) in firms {
        let id = device.client(name);
        let mut patch = Patch::new().set(client::CITY, (*city).to_owned());
        if !phone.is_empty() {
            patch = patch.entry("phones", EntryId(device.ids.fresh()), Value::Text((*phone).to_owned()), "work");
        }
        if !note.is_empty() {
            patch = patch.set(client::NOTE, (*note).to_owned());
        }
        device.edit(id, patch).unwrap();
        let people: &[(&str, &str)] = match *name {
            "ООО «Ромашка»" => &[("Петров Иван Сергеевич", "+7 912 345-67-89"), ("Соловьёв Пётр", "")],
            "Westfalia GmbH" => &[("Müller Hans", "+49 171 2345678"), ("Ivanenko Maxim", "")],
            "ТОВ «Київхліб»" => {
                &[("Їжакевич Олена", ""), ("Шевченко Юрій Олегович", "+380 (50) 111-22-33")]
            }
            "Лаванда" => &[("Харьков Сергей", ""), ("Ольга Щербакова", ""), ("Кузьмина Наталья", "")],
            "Ґанок" => &[("Євгенія Цой", "")],
            _ => &[],
        };
        for (name, phone) in people {
            let mut patch = Patch::new().set(person::NAME, (*name).to_owned());
            if !phone.is_empty() {
                patch = patch.entry("phones", EntryId(device.ids.fresh()), Value::Text((*phone).to_owned()), "mobile");
            }
            device.create("person", Some(id), patch);
        }
        if *name == "ООО «Ромашка»" {
            let patch = Patch::new()
                .set(legal_entity::REGISTERED_NAME, "Общество с ограниченной ответственностью «Ромашка»".to_owned())
                .set(legal_entity::TAX_NUMBER, "7707083893".to_owned());
            device.create("legal_entity", Some(id), patch);
            for subject in ["Мир вокруг", "Лаванда: цены", "Ромашка"] {
                let patch = Patch::new()
                    .set(interaction::CHANNEL, "call".to_owned())
                    .set(interaction::SUBJECT, subject.to_owned())
                    .set(interaction::RESULT, "обсудили скидку и отсрочку".to_owned());
                device.create("interaction", Some(id), patch);
            }
        }
    }
    device
}

/// What somebody typed, and what he meant.
const MEANT: &[(&str, &str)] = &[
    // The name as it is, in any case, with or without its form, in part.
    ("Ромашка", "ООО «Ромашка»"),
    ("ромашка", "ООО «Ромашка»"),
    ("ООО Ромашка", "ООО «Ромашка»"),
    ("«Ромашка»", "ООО «Ромашка»"),
    ("ромашк", "ООО «Ромашка»"),
    ("белая ром", "Салон «Белая ромашка»"),
    ("ромашка бел", "Салон «Белая ромашка»"),
    ("поле ромашк", "Ромашковое поле"),
    ("мир", "Мир"),
    ("МИР", "Мир"),
    ("мир книг", "Мир книг"),
    ("книг", "Мир книг"),
    ("мирн", "Мирный атом"),
    ("новый", "Новый мир"),
    ("hello", "Hello Office"),
    ("office he", "Hello Office"),
    ("westfalia", "Westfalia GmbH"),
    ("жби-6", "Завод ЖБИ-6"),
    // Two letters.
    ("ще", "Ольга Щербакова"),
    ("щу", "Щукин и сыновья"),
    ("we", "Westfalia GmbH"),
    ("ґа", "Ґанок"),
    ("ла", "Лаванда"),
    ("kf", "Лаванда"),
    ("ро", "ООО «Ромашка»"),
    // Letters that are the same to a person.
    ("елки", "Ёлки-палки"),
    ("ЁЛКИ", "Ёлки-палки"),
    ("соловьев", "Соловьёв Пётр"),
    ("ганок", "Ґанок"),
    ("обєднання", "Об'єднання «Сад»"),
    ("обʼєднання", "Об'єднання «Сад»"),
    ("об`єднання сад", "Об'єднання «Сад»"),
    ("BMK", "ВМК «Север»"),
    ("Cевер", "ВМК «Север»"),
    // The wrong keyboard layout.
    ("hjvfirf", "ООО «Ромашка»"),
    ("kfdfylf", "Лаванда"),
    ("vbh rybu", "Мир книг"),
    ("rb]d[ks,", "ТОВ «Київхліб»"),
    ("[fhmrjd", "Харьков Сергей"),
    ("`krb", "Ёлки-палки"),
    ("руддщ", "Hello Office"),
    ("цуыеафдшф", "Westfalia GmbH"),
    ("Киъвхлыб", "ТОВ «Київхліб»"),
    ("ъжакевич", "Їжакевич Олена"),
    // Latin letters for Cyrillic names, and the other way round.
    ("Ivanenko Maxim", "Ivanenko Maxim"),
    ("Ivanenko PP", "ПП Іваненко"),
    ("Иваненко Максим", "Ivanenko Maxim"),
    ("Иваненко", "ПП Іваненко"),
    ("Romashka", "ООО «Ромашка»"),
    ("lavanda", "Лаванда"),
    ("Kyivkhlib", "ТОВ «Київхліб»"),
    ("Shevchenko", "Шевченко Юрій Олегович"),
    ("Yuriy Shev", "Шевченко Юрій Олегович"),
    ("Olga", "Ольга Щербакова"),
    ("Shcherbakova", "Ольга Щербакова"),
    ("Solovyov", "Соловьёв Пётр"),
    ("Kharkov", "Харьков Сергей"),
    ("Natalya Kuzmina", "Кузьмина Наталья"),
    ("Yevheniia", "Євгенія Цой"),
    ("Tsoi", "Євгенія Цой"),
    ("Евгения", "Євгенія Цой"),
    ("Сергій", "Харьков Сергей"),
    ("Вестфалия", "Westfalia GmbH"),
    ("Хельга", "Helga Trading Ltd"),
    ("roza", "Roza"),
    ("роза", "Roza"),
    ("Zaporizhzhia", "Запоріжжя Сталь"),
    ("шмфтутлщ ьфчшь", "Ivanenko Maxim"),
    ("bdfytyrj", "ПП Іваненко"),
    // Words in any order and across fields.
    ("иван петров", "Петров Иван Сергеевич"),
    ("тверь новый", "Новый мир"),
    ("мир тверь", "Мир"),
    ("ромашка рязань", "Салон «Белая ромашка»"),
    ("чай", "Салон «Белая ромашка»"),
    ("уфа", "Завод ЖБИ-6"),
    ("львів", "Ґанок"),
    // Numbers in any spelling.
    ("+7 495 1234567", "ООО «Ромашка»"),
    ("8(495)123-45-67", "ООО «Ромашка»"),
    ("4951234567", "ООО «Ромашка»"),
    ("912 345", "Петров Иван Сергеевич"),
    ("67-89", "Петров Иван Сергеевич"),
    ("0441234567", "ТОВ «Київхліб»"),
    ("+380677654321", "ПП Іваненко"),
    ("765 43 21", "ПП Іваненко"),
    ("+375 29 123 45 67", "Щукин и сыновья"),
    ("050 111 22 33", "Шевченко Юрій Олегович"),
    ("8-800-555-3535", "Завод ЖБИ-6"),
    ("7707083893", "Общество с ограниченной ответственностью «Ромашка»"),
    ("77070838", "Общество с ограниченной ответственностью «Ромашка»"),
];

#[test]
fn what_is_meant_comes_first() {
    let device = street();
    let mut wrong = Vec::new();
    for (typed, meant) in MEANT {
        let hits = device.store.search(typed, 10).unwrap();
        let first = hits.first().map(|hit| hit.title.as_str());
        if first != Some(meant) {
            let titles: Vec<&str> = hits.iter().map(|hit| hit.title.as_str()).collect();
            wrong.push(format!("{typed} → {titles:?}, meant {meant}"));
        }
    }
    assert!(MEANT.len() >= 60 && wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_person_leads_to_his_client_and_interactions_come_last() {
    let device = street();
    let hits = device.store.search("петров", 10).unwrap();
    let romashka = device.store.search("ромашка", 10).unwrap();
    assert_eq!(hits[0].client, Some(romashka[0].id));
    let kinds: Vec<&str> = romashka.iter().map(|hit| hit.kind.as_str()).collect();
    let first = kinds.iter().position(|kind| *kind == "interaction").unwrap();
    assert!(kinds[first..].iter().all(|kind| *kind == "interaction"), "{kinds:?}");
}

#[test]
fn among_equals_mine_come_first_then_what_was_opened_then_what_is_active() {
    let device = Bag::new();
    let [a, b, c, d] = ["Берёза А", "Берёза Б", "Берёза В", "Берёза Г"].map(|name| device.client(name));
    let order = || device.store.search("береза", 10).unwrap().iter().map(|hit| hit.id).collect::<Vec<_>>();
    assert_eq!(order(), [a, b, c, d]);
    device.interaction(c, "held", -1);
    assert_eq!(order(), [c, a, b, d]);
    device.store.note_opened(d, device.now).unwrap();
    assert_eq!(order(), [d, c, a, b]);
    for id in [a, c, d] {
        let sql = "UPDATE v_client SET f_responsible = ? WHERE id = ?";
        device.store.write(|tx| Ok(tx.execute(sql, [user_id(2).0.as_bytes(), id.bytes()])?)).unwrap();
    }
    assert_eq!(order(), [b, d, c, a]);
}

#[test]
fn an_exact_name_is_not_lost_among_hundreds_that_hold_it() {
    let device = Bag::new();
    for n in 0..600 {
        device.client(&format!("Северная Ромашка {n}"));
    }
    let exact = device.client("ООО «Ромашка»");
    assert_eq!(device.store.search("ромашка", 30).unwrap()[0].id, exact);
    assert_eq!(device.store.search("hjvfirf", 30).unwrap()[0].id, exact);
}

#[test]
fn what_was_opened_is_remembered_over_a_restart_and_forgotten_with_the_record() {
    let device = Bag::new();
    let ids: Vec<RecordId> = (0..45).map(|n| device.client(&format!("Дуб {n}"))).collect();
    for (n, id) in ids.iter().enumerate() {
        device.store.note_opened(*id, device.now + chrono::Duration::seconds(n as i64)).unwrap();
    }
    device.store.note_opened(ids[10], device.now + chrono::Duration::seconds(100)).unwrap();
    let Bag { folder, store, ids: numbers, now } = device;
    drop(store);
    let store = Store::open(&folder.path().join("a.satchel"), &KEY, Registry::built_in()).unwrap();
    let device = Bag { folder, store, ids: numbers, now };
    let opened: Vec<RecordId> = device.store.recently_opened(50).unwrap().iter().map(|hit| hit.id).collect();
    assert_eq!((opened.len(), opened[0], opened[1]), (40, ids[10], ids[44]));
    device.edit(ids[44], Patch::new().set_key("trashed", Value::Bool(true))).unwrap();
    assert_eq!(device.store.recently_opened(2).unwrap()[1].id, ids[43]);
    device.accept_all();
    let page = Page { revoked: vec![revoked(Home::Client(ids[10]), 9, device.now)], ..Page::default() };
    device.take_page(page, Vec::new());
    let left: i64 =
        device.store.read(|conn| Ok(conn.query_row("SELECT count(*) FROM opened", [], |row| row.get(0))?)).unwrap();
    assert_eq!(left, 39);
}
