//! Files in and out, as a person does it: open, look, try, write, take back, and out again.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::*;

const BY: [&str; 5] = ["tax", "registry", "email", "phone", "name_and_city"];

/// A file handed over as a screen does, in pieces.
pub(super) fn opened(app: &App, name: &str, kind: &str, bytes: &[u8]) -> Value {
    let state = run(app, "import_open", json!({ "name": name, "kind": kind, "bytes": bytes.len() }));
    let import = state["import"].clone();
    for (n, piece) in bytes.chunks(512 * 1024).enumerate() {
        run(app, "import_piece", json!({ "import": import, "n": n, "base64": STANDARD.encode(piece) }));
    }
    run(app, "import_look", json!({ "import": import, "country": "ua" }));
    import
}

pub(super) fn plan(app: &App, import: &Value) -> Value {
    let seen = run(app, "import_look", json!({ "import": import, "country": "ua" }));
    let columns: Vec<Value> =
        seen["columns"].as_array().unwrap().iter().map(|column| column["target"].clone()).collect();
    json!({ "import": import, "reading": seen["reading"], "columns": columns, "match_by": BY, "zone": "Europe/Kyiv" })
}

pub(super) fn imported(app: &App, name: &str, kind: &str, bytes: &[u8]) -> Value {
    let import = opened(app, name, kind, bytes);
    run(app, "import_check", plan(app, &import));
    run(app, "import_run", json!({ "import": import }))
}

pub(super) fn counts(state: &Value) -> [u64; 5] {
    ["new", "updated", "same", "refused", "left_out"].map(|key| state["counts"][key].as_u64().unwrap())
}

pub(super) fn list(app: &App, kind: &str) -> Value {
    run(app, "list", json!({ "kind": kind, "limit": 100 }))
}

fn fetched(app: &App, made: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    while (bytes.len() as u64) < made["bytes"].as_u64().unwrap() {
        let piece = run(app, "file_piece", json!({ "file": made["file"], "offset": bytes.len() }));
        bytes.extend(STANDARD.decode(piece["base64"].as_str().unwrap()).unwrap());
    }
    bytes
}

pub(super) fn exported(app: &App, kind: &str, format: &str) -> Vec<u8> {
    let request = json!({
        "list": { "kind": kind, "limit": 0 }, "format": format, "language": "uk", "zone": "Europe/Kyiv",
    });
    let made = run(app, "export", request);
    fetched(app, &made)
}

const TABLE: &str = "Найменування;ЄДРПОУ;Місто;Контактна особа;Телефон\n\
    Світоч;00032112;Львів;Тарас Григорович Шевченко;032 111-22-33, 067 111 22 33\n\
    Рошен;20077720;Київ;Леся Українка;044 765 43 21\n\
    Поганий;1.23E+11;Київ;;\n\
    ;;;;\n\
    Світоч;00032112;Львів;Іван Франко;\n";

#[test]
fn a_trial_says_what_an_import_would_do_and_writes_nothing() {
    let machine = Machine::new();
    let app = machine.local();
    let import = opened(&app, "клієнти.csv", "client", TABLE.as_bytes());
    let tried = run(&app, "import_check", plan(&app, &import));
    assert_eq!((tried["phase"].as_str(), counts(&tried)), (Some("checked"), [2, 1, 0, 1, 0]));
    assert_eq!(tried["reasons"], json!({ "scientific": 1 }));
    assert_eq!(list(&app, "client")["total"], 0);
    let done = run(&app, "import_run", json!({ "import": import }));
    assert_eq!((done["phase"].as_str(), counts(&done)), (Some("done"), counts(&tried)));
    assert_eq!(titles(&list(&app, "client")), ["Рошен", "Світоч"]);
    assert_eq!(titles(&list(&app, "person")), ["Іван Франко", "Леся Українка", "Шевченко Тарас Григорович"]);
    assert_eq!(list(&app, "legal_entity")["total"], 2);
    assert_eq!(list(&app, "entity_link")["total"], 2);
}

#[test]
fn the_same_file_twice_changes_nothing_the_second_time() {
    let machine = Machine::new();
    let app = machine.local();
    imported(&app, "a.csv", "client", TABLE.as_bytes());
    let again = imported(&app, "a.csv", "client", TABLE.as_bytes());
    assert_eq!(counts(&again), [0, 0, 3, 1, 0]);
    assert_eq!(again["can_undo"], false);
    let letters = encoding_rs::WINDOWS_1251.encode(TABLE).0.into_owned();
    assert_eq!(counts(&imported(&app, "b.csv", "client", &letters)), [0, 0, 3, 1, 0]);
}

#[test]
fn an_import_is_taken_back_with_its_updates_after_a_restart_but_for_what_was_changed_since() {
    let machine = Machine::new();
    let app = machine.local();
    let known = client(&app, "Рошен");
    let edit = |app: &App, id: &str, field: &str, value: &str| {
        run(app, "edit", json!({ "kind": "client", "id": id, "seen": {}, "changed": { field: value } }));
    };
    let table = "Найменування;Місто;Адреса;Телефон\nРошен;Чернігів;вул. Перша 1;+380 50 000 00 01\n\
                 Світоч;Львів;вул. Друга 2;\nТретій;Одеса;;\n";
    let state = imported(&app, "a.csv", "client", table.as_bytes());
    assert_eq!(counts(&state), [2, 1, 0, 0, 0]);
    let kept = list(&app, "client")["rows"][1]["id"].as_str().unwrap().to_owned();
    edit(&app, &kept, "note", "дзвонити зранку");
    drop(app);

    let app = machine.open();
    let remembered = run(&app, "imports", json!({}));
    assert_eq!((remembered[0]["name"].as_str(), remembered[0]["can_undo"].as_bool()), (Some("a.csv"), Some(true)));
    let undone = run(&app, "import_undo", json!({ "import": state["import"] }));
    assert_eq!((undone["phase"].as_str(), undone["n_kept"].as_u64()), (Some("undone"), Some(1)), "{undone}");
    assert_eq!(undone["kept"][0]["id"], kept.as_str());
    assert_eq!(list(&app, "client")["total"], 2);
    let card = run(&app, "client_card", json!({ "client": known }));
    let fields = &card["record"]["fields"];
    assert_eq!((fields["address"].as_str(), fields["phones"].as_array().unwrap().len()), (None, 1), "{fields}");
    assert_eq!(fields["city"], "Чернігів");
}

#[test]
fn an_update_somebody_edited_since_keeps_what_he_typed() {
    let machine = Machine::new();
    let app = machine.local();
    let known = client(&app, "Рошен");
    let table = "Найменування;Місто;Адреса;Сайт\nРошен;Чернігів;вул. Перша 1;roshen.ua\n";
    let state = imported(&app, "a.csv", "client", table.as_bytes());
    let changed = json!({ "address": "вул. Інша 9" });
    run(&app, "edit", json!({ "kind": "client", "id": known, "seen": {}, "changed": changed }));
    let undone = run(&app, "import_undo", json!({ "import": state["import"] }));
    assert_eq!(undone["n_kept"], 1);
    let fields = &run(&app, "record", json!({ "kind": "client", "id": known }))["fields"];
    assert_eq!((fields["address"].as_str(), fields["website"].as_str()), (Some("вул. Інша 9"), None));
}

#[test]
fn a_client_somebody_worked_with_since_is_not_taken_back() {
    let machine = Machine::new();
    let app = machine.local();
    let state = imported(&app, "a.csv", "client", "Найменування;ЄДРПОУ\nСвіточ;00032112\n".as_bytes());
    let id = list(&app, "client")["rows"][0]["id"].clone();
    run(&app, "log_interaction", json!({ "client": id, "channel": "call", "outcome": "reached" }));
    let undone = run(&app, "import_undo", json!({ "import": state["import"] }));
    assert_eq!((undone["n_kept"].as_u64(), list(&app, "client")["total"].as_u64()), (Some(1), Some(1)));
    assert_eq!(list(&app, "legal_entity")["total"], 1, "what came with it stays as well");
}

#[test]
fn what_is_exported_edited_and_imported_updates_instead_of_duplicating() {
    for format in ["csv_excel", "csv", "xlsx"] {
        let machine = Machine::new();
        let app = machine.local();
        let id = client(&app, "=Рошен");
        client(&app, "Світоч");
        let bytes = exported(&app, "client", format);
        assert_eq!(counts(&imported(&app, "a", "client", &bytes)), [0, 0, 2, 0, 0], "{format}");
        if format == "xlsx" {
            continue;
        }
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("'=Рошен") && text.contains(&id.to_string()));
        let edited = text.replace("'=Рошен", "Рошен і Ко");
        assert_eq!(counts(&imported(&app, "a", "client", edited.as_bytes())), [0, 1, 1, 0, 0], "{format}");
        let record = run(&app, "record", json!({ "kind": "client", "id": id }));
        assert_eq!(record["title"], "Рошен і Ко");
        assert_eq!(list(&app, "client")["total"], 2);
    }
}

#[test]
fn cards_go_out_and_come_back_to_the_same_clients_and_persons() {
    for format in ["vcard3", "vcard4"] {
        let machine = Machine::new();
        let app = machine.local();
        imported(&app, "a.csv", "client", TABLE.as_bytes());
        let cards = exported(&app, "client", format);
        let again = imported(&app, "a.vcf", "client", &cards);
        assert_eq!(counts(&again), [0, 0, 5, 0, 0], "{format} {again}");
        let other = Machine::new();
        let app = other.local();
        imported(&app, "a.vcf", "client", &cards);
        assert_eq!(titles(&list(&app, "client")), ["Рошен", "Світоч"], "{format}");
        assert_eq!(list(&app, "person")["total"], 3);
    }
}

#[test]
fn a_tax_number_counts_before_a_shared_phone() {
    let machine = Machine::new();
    let app = machine.local();
    let table = "Название;ИНН;КПП;Телефон;Город\nРомашка;7707083893;770701001;+7 495 000-00-00;Москва\n\
                 Лютик;7736050003;;+7 495 000-00-00;Москва\n\
                 Ромашка (филиал);7707083893;540601001;;Новосибирск\n\
                 Ромашка на Тверской;7707083893;770701001;;Москва\n";
    let state = imported(&app, "a.csv", "client", table.as_bytes());
    assert_eq!(counts(&state), [3, 1, 0, 0, 0], "{state}");
    assert_eq!(titles(&list(&app, "client")), ["Лютик", "Ромашка (филиал)", "Ромашка на Тверской"]);
    let shared = imported(&app, "b.csv", "client", "Название;Телефон\nКто-то;84950000000\n".as_bytes());
    assert_eq!(shared["reasons"], json!({ "ambiguous": 1 }));
}

#[test]
fn only_new_ones_and_only_known_ones_when_so_wished() {
    let machine = Machine::new();
    let app = machine.local();
    client(&app, "Рошен");
    let table = "Найменування;Місто;Сайт\nРошен;Чернігів;a.ua\nСвіточ;Львів;b.ua\n";
    let import = opened(&app, "a.csv", "client", table.as_bytes());
    let with = |mode: &str| {
        let mut plan = plan(&app, &import);
        plan["mode"] = mode.into();
        plan
    };
    let create = run(&app, "import_check", with("create"));
    assert_eq!((counts(&create), &create["reasons"]), ([1, 0, 0, 1, 0], &json!({ "there": 1 })));
    let update = run(&app, "import_check", with("update"));
    assert_eq!((counts(&update), &update["reasons"]), ([0, 1, 0, 1, 0], &json!({ "not_there": 1 })));
}

#[test]
fn rejected_rows_come_back_as_a_table_with_the_reason_in_words() {
    let machine = Machine::new();
    let app = machine.local();
    let state = imported(&app, "a.csv", "client", TABLE.as_bytes());
    let made = run(&app, "import_reject_file", json!({ "import": state["import"], "language": "ru" }));
    let text = String::from_utf8(fetched(&app, &made)).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "\u{feff}Найменування;ЄДРПОУ;Місто;Контактна особа;Телефон;Почему не принято;Поле");
    assert!(lines[1].starts_with("Поганий;1.23E+11;Київ;;;") && lines[1].contains("сократила число"), "{text}");
    assert_eq!(lines.len(), 2);
    assert_eq!(fails(&app, "file_piece", json!({ "file": made["file"], "offset": 0 })), "not_found");
}

#[test]
fn rows_about_what_somebody_may_not_write_are_rejected_one_by_one_with_that_reason() {
    let machine = Machine::new();
    let app = machine.enrolled();
    client(&app, "Рошен");
    crate::store::tests::damage::only_reading(&app.store().unwrap());
    let table = "Найменування;Місто;Сайт;Контактна особа\nРошен;Чернігів;a.ua;\nРошен;Чернігів;;Леся Українка\n\
                 Світоч;Львів;b.ua;Іван Франко\n";
    let import = opened(&app, "a.csv", "client", table.as_bytes());
    let expected = json!({ "not_allowed": 2 });
    let tried = run(&app, "import_check", plan(&app, &import));
    assert_eq!((counts(&tried), &tried["reasons"]), ([1, 0, 0, 2, 0], &expected));
    let done = run(&app, "import_run", json!({ "import": import }));
    assert_eq!((counts(&done), &done["reasons"]), ([1, 0, 0, 2, 0], &expected));
    assert_eq!(titles(&list(&app, "client")), ["Рошен", "Світоч"], "a client of one's own is made");
    assert_eq!(titles(&list(&app, "person")), ["Іван Франко"]);
    let made = run(&app, "import_reject_file", json!({ "import": import, "language": "uk" }));
    let text = String::from_utf8(fetched(&app, &made)).unwrap();
    assert_eq!(text.lines().filter(|line| line.starts_with("Рошен;Чернігів;")).count(), 2, "{text}");

    // A representative does not write catalogues: all of it is refused, and every row comes back.
    let regions = imported(&app, "b.csv", "business_region", "Найменування\nПівніч\nПівдень\n".as_bytes());
    assert_eq!((counts(&regions), &regions["reasons"]), ([0, 0, 0, 2, 0], &expected), "{regions}");
    let made = run(&app, "import_reject_file", json!({ "import": regions["import"], "language": "uk" }));
    let text = String::from_utf8(fetched(&app, &made)).unwrap();
    assert_eq!(
        text.lines().skip(1).map(|line| line.split(';').next().unwrap()).collect::<Vec<_>>(),
        ["Північ", "Південь"]
    );
}

#[test]
fn columns_once_chosen_are_proposed_again() {
    let machine = Machine::new();
    let app = machine.local();
    let import = opened(&app, "a.csv", "client", TABLE.as_bytes());
    let mut chosen = plan(&app, &import);
    chosen["columns"][2] = Value::Null;
    run(&app, "import_check", chosen);
    let import = opened(&app, "b.csv", "client", TABLE.as_bytes());
    let seen = run(&app, "import_look", json!({ "import": import, "country": "ua" }));
    assert_eq!((seen["remembered"].as_bool(), &seen["columns"][2]["target"]), (Some(true), &Value::Null));
    assert_eq!(seen["columns"][2]["sample"], "Львів");
}

#[test]
fn a_file_looked_at_again_comes_as_it_was_tried() {
    let machine = Machine::new();
    let app = machine.local();
    let import = opened(&app, "a.csv", "client", TABLE.as_bytes());
    let look = || run(&app, "import_look", json!({ "import": import }));
    assert_eq!(look()["plan"], Value::Null);
    let mut tried = plan(&app, &import);
    tried["mode"] = "update".into();
    tried["match_by"] = json!(["tax"]);
    tried["columns"][2] = Value::Null;
    let city = json!({ "kind": "client", "field": "city", "label": "" });
    tried["defaults"] = json!([{ "target": city, "value": "Львів" }]);
    run(&app, "import_check", tried.clone());
    assert_eq!(look()["plan"], tried);
}

#[test]
fn a_file_is_from_the_country_of_the_organisation_unless_somebody_says_otherwise() {
    let machine = Machine::new();
    let country = |app: &App, said: Value| {
        let state = run(app, "import_open", json!({ "name": "a.csv", "kind": "client", "bytes": TABLE.len() }));
        let import = state["import"].clone();
        run(app, "import_piece", json!({ "import": import, "n": 0, "base64": STANDARD.encode(TABLE) }));
        run(app, "import_look", json!({ "import": import, "country": said }))["reading"]["country"].clone()
    };
    // Nobody knows where somebody is who works alone.
    let alone = machine.local();
    assert_eq!((country(&alone, "".into()), country(&alone, "kz".into())), ("".into(), "kz".into()));
    let machine = Machine::new();
    assert_eq!(country(&machine.enrolled(), "".into()), "ua");
}

#[test]
fn a_catalogue_and_interactions_are_imported_by_declaration_alone() {
    let machine = Machine::new();
    let app = machine.local();
    let regions = imported(&app, "a.csv", "business_region", "Найменування\nПівніч\nПівдень\nПівніч\n".as_bytes());
    assert_eq!(counts(&regions), [2, 0, 1, 0, 0]);
    client(&app, "Рошен");
    let table = "Клієнт;Вид взаємодії;Тема;Початок;Стан\nРошен;Візит;Зразки;01.12.2026 10:00;Заплановано\n\
                 Хтось;Візит;Зразки;01.12.2026 10:00;Заплановано\n";
    let seen = imported(&app, "b.csv", "interaction", table.as_bytes());
    assert_eq!((counts(&seen), &seen["reasons"]), ([1, 0, 0, 1, 0], &json!({ "no_such_record": 1 })));
    assert_eq!(counts(&imported(&app, "b.csv", "interaction", table.as_bytes())), [0, 0, 1, 1, 0]);
}

#[test]
fn everything_a_person_holds_goes_into_one_archive() {
    let machine = Machine::new();
    let app = machine.local();
    client(&app, "Рошен");
    let made = run(&app, "export_all", json!({}));
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(fetched(&app, &made))).unwrap();
    let mut read = |name: &str| {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut archive.by_name(name).unwrap(), &mut text).unwrap();
        text
    };
    let manifest: Value = serde_json::from_str(&read("manifest.json")).unwrap();
    assert_eq!((manifest["version"].as_u64(), manifest["person"]["name"].as_str()), (Some(1), Some("Ольга")));
    for kind in manifest["kinds"].as_array().unwrap() {
        let lines = read(kind["file"].as_str().unwrap());
        assert_eq!(lines.lines().count() as u64, kind["records"].as_u64().unwrap());
    }
    let line: Value = serde_json::from_str(read("client.jsonl").lines().next().unwrap()).unwrap();
    assert_eq!(line["fields"]["city"], "Чернігів");
}

#[test]
fn what_is_no_file_of_these_sorts_is_told_and_nothing_readable_lies_on_the_disk() {
    let machine = Machine::new();
    let app = machine.local();
    let import = run(&app, "import_open", json!({ "name": "a.xlsx", "kind": "client", "bytes": 9 }))["import"].clone();
    run(&app, "import_piece", json!({ "import": import, "n": 0, "base64": STANDARD.encode(b"PK\x03\x04rest") }));
    assert_eq!(fails(&app, "import_look", json!({ "import": import })), "file_unreadable");
    assert_eq!(fails(&app, "import_open", json!({ "name": "a", "kind": "client", "bytes": 1u64 << 40 })), "too_large");
    assert_eq!(fails(&app, "import_piece", json!({ "import": import, "n": 5, "base64": "" })), "bad_argument");
    opened(&app, "a.csv", "client", TABLE.as_bytes());
    assert!(!files_hold(machine.folder.path(), "Шевченко".as_bytes()));
}

#[test]
fn cards_nobody_here_made_are_taken() {
    let simple: &[u8] = include_bytes!("../../../../tests/fixtures/vcards/simple_3_0.vcf");
    let groups: &[u8] = include_bytes!("../../../../tests/fixtures/vcards/with_groups.vcf");
    let machine = Machine::new();
    let app = machine.local();
    // Its birthday has no year: the card is taken without it.
    assert_eq!(counts(&imported(&app, "a", "client", simple)), [1, 0, 0, 0, 1]);
    assert_eq!(counts(&imported(&app, "b", "client", groups)), [1, 0, 0, 0, 0]);
    let clients = list(&app, "client");
    assert_eq!(
        titles(&clients),
        ["Berger Meister", "University of Novosibirsk, Department of Octopus Parthenogenesis"]
    );
    assert_eq!(clients["rows"][1]["fields"]["city"], "Novosibirsk");
    let persons = list(&app, "person");
    assert_eq!(titles(&persons), ["Berger Meister", "Knudson Daffy Duck (with Bugs Bunny and Mr. Pluto)"]);
    assert_eq!(persons["rows"][1]["fields"]["phones"].as_array().unwrap().len(), 3);
    assert_eq!(persons["rows"][0]["fields"]["birthday"], "1963-09-21");
}
