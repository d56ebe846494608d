//! Files in the shape in which other programs write them, and what is kept for those programs.

use encoding_rs::WINDOWS_1251;
use serde_json::{Value, json};

use super::exchanging::{counts, exported, imported, list};
use super::*;

/// Google Contacts since 2024.
const GOOGLE: &str = "First Name,Middle Name,Last Name,Phonetic First Name,Phonetic Middle Name,Phonetic Last Name,\
    Name Prefix,Name Suffix,Nickname,File As,Organization Name,Organization Title,Organization Department,Birthday,Notes,\
    Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,\
    Phone 2 - Label,Phone 2 - Value,Address 1 - Label,Address 1 - Formatted,Address 1 - Street,Address 1 - City,\
    Address 1 - PO Box,Address 1 - Region,Address 1 - Postal Code,Address 1 - Country,Address 1 - Extended Address,\
    Website 1 - Label,Website 1 - Value";
/// Google Contacts before.
const GOOGLE_ONCE: &str = "Name,Given Name,Additional Name,Family Name,Yomi Name,Name Prefix,Name Suffix,Nickname,Birthday,\
    Gender,Occupation,Hobby,Priority,Subject,Notes,Language,Photo,Group Membership,E-mail 1 - Type,E-mail 1 - Value,\
    Phone 1 - Type,Phone 1 - Value,Organization 1 - Type,Organization 1 - Name,Organization 1 - Title,Website 1 - Value";
/// Outlook in Russian.
const OUTLOOK: &str = "Обращение;Имя;Отчество;Фамилия;Суффикс;Организация;Отдел;Должность;Улица (раб. адрес);\
    Улица 2 (раб. адрес);Улица 3 (раб. адрес);Город (раб. адрес);Область (раб. адрес);Индекс (раб. адрес);\
    Страна или регион (раб. адрес);Улица (дом. адрес);Город (дом. адрес);Телефон помощника;Рабочий факс;Рабочий телефон;\
    Телефон раб. 2;Обратный вызов;Телефон в машине;Основной телефон организации;Домашний факс;Домашний телефон;\
    Телефон дом. 2;ISDN;Телефон переносной;Другой факс;Другой телефон;Пейджер;Основной телефон;Радиотелефон;Важность;\
    Веб-страница;Годовщина;День рождения;Дети;Заметки;Имя помощника;Категории;Пол;Расположение;Руководитель;Супруг(а);\
    Счет;Хобби;Частное;Адрес эл. почты;Тип эл. почты;Краткое имя эл. почты;Адрес 2 эл. почты;Тип 2 эл. почты";
/// Outlook in English, as far as it differs.
const OUTLOOK_EN: &str = "Title,First Name,Middle Name,Last Name,Company,Job Title,Business Street,Business City,\
    Business Phone,Company Main Phone,Mobile Phone,Birthday,E-mail Address,E-mail Type,Notes,Web Page";
/// A list of counterparties of 1C.
const ONE_C: &str = "Уникальный идентификатор\tКод\tНаименование\tПолное наименование\tВид контрагента\tИНН/КПП\t\
    Основное контактное лицо\tТелефон\tФакт. адрес\tЮр. адрес\tКомментарий";

/// A table with a heading; rows name the columns they fill.
fn table(heading: &str, sign: char, rows: &[&[(&str, &str)]]) -> String {
    let names: Vec<&str> = heading.split(sign).collect();
    let mut text = format!("{heading}\r\n");
    for row in rows {
        let mut cells = vec![String::new(); names.len()];
        for (name, value) in *row {
            let at = names.iter().position(|one| one == name).unwrap_or_else(|| panic!("no column {name}"));
            cells[at] = format!("\"{}\"", value.replace('"', "\"\""));
        }
        text.push_str(&cells.join(&sign.to_string()));
        text.push_str("\r\n");
    }
    text
}

fn fields(app: &App, kind: &str, title: &str) -> Value {
    let page = list(app, kind);
    let rows = page["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["title"] == title).unwrap_or_else(|| panic!("no {title} in {page}"));
    run(app, "record", json!({ "kind": kind, "id": row["id"] }))["fields"].clone()
}

fn entries(fields: &Value, key: &str) -> Vec<(String, String)> {
    let text = |entry: &Value, part: &str| entry[part].as_str().unwrap_or_default().to_owned();
    let all = fields[key].as_array().into_iter().flatten();
    all.map(|entry| (text(entry, "value"), text(entry, "label"))).collect()
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect()
}

#[test]
fn contacts_of_google_come_with_their_firms_and_what_each_number_is_for() {
    let machine = Machine::new();
    let app = machine.local();
    let text = table(
        GOOGLE,
        ',',
        &[
            &[
                ("First Name", "Тарас"),
                ("Middle Name", "Григорович"),
                ("Last Name", "Шевченко"),
                ("Organization Name", "ТОВ «Світоч»"),
                ("Organization Title", "Директор"),
                ("Birthday", "1985-04-12"),
                ("Notes", "телефонувати зранку"),
                ("Photo", "https://lh3.example/a"),
                ("Labels", "* myContacts ::: Клієнти"),
                ("E-mail 1 - Label", "* Work"),
                ("E-mail 1 - Value", "taras@svitoch.example"),
                ("E-mail 2 - Label", "Home"),
                ("E-mail 2 - Value", "taras@home.example"),
                ("Phone 1 - Label", "Mobile"),
                ("Phone 1 - Value", "+380 50 111 22 33 ::: +380 67 111 22 33"),
                ("Phone 2 - Label", "Work"),
                ("Phone 2 - Value", "032 111 22 33"),
                ("Address 1 - Formatted", "вул. Лесі 5\nЛьвів 79000"),
                ("Address 1 - Street", "вул. Лесі 5"),
                ("Address 1 - City", "Львів"),
                ("Address 1 - Country", "UA"),
                ("Website 1 - Label", "Profile"),
                ("Website 1 - Value", "https://svitoch.example"),
            ],
            &[
                ("First Name", "Анна"),
                ("Last Name", "Петренко"),
                ("Birthday", " --04-15"),
                ("Labels", "* myContacts"),
                ("Phone 1 - Value", "050 999 88 77"),
            ],
        ],
    );
    assert_eq!(counts(&imported(&app, "contacts.csv", "client", text.as_bytes())), [2, 0, 0, 0, 1]);
    assert_eq!(titles(&list(&app, "client")), ["Петренко Анна", "ТОВ «Світоч»"]);
    let firm = fields(&app, "client", "ТОВ «Світоч»");
    assert_eq!((&firm["city"], &firm["address"]), (&json!("Львів"), &json!("вул. Лесі 5")));
    assert_eq!((&firm["website"], &firm["note"]), (&json!("https://svitoch.example"), &json!("телефонувати зранку")));
    let taras = fields(&app, "person", "Шевченко Тарас Григорович");
    assert_eq!((&taras["position"], &taras["birthday"]), (&json!("Директор"), &json!("1985-04-12")));
    let phones = [("+380 50 111 22 33", "mobile"), ("+380 67 111 22 33", "mobile"), ("032 111 22 33", "work")];
    assert_eq!(entries(&taras, "phones"), pairs(&phones));
    assert_eq!(entries(&taras, "emails"), pairs(&[("taras@svitoch.example", "work"), ("taras@home.example", "home")]));
    let anna = fields(&app, "person", "Петренко Анна");
    assert_eq!((entries(&anna, "phones"), &anna["birthday"]), (pairs(&[("050 999 88 77", "")]), &Value::Null));
    assert_eq!(counts(&imported(&app, "contacts.csv", "client", text.as_bytes())), [0, 0, 2, 0, 1]);
}

#[test]
fn older_contacts_of_google_name_the_firm_and_not_the_person_twice() {
    let machine = Machine::new();
    let app = machine.local();
    let row = [
        ("Name", "Ivan Petrov"),
        ("Given Name", "Ivan"),
        ("Family Name", "Petrov"),
        ("Phone 1 - Type", "Mobile"),
        ("Phone 1 - Value", "+44 20 7946 0000"),
        ("Organization 1 - Name", "Acme"),
        ("Organization 1 - Title", "Buyer"),
    ];
    let text = table(GOOGLE_ONCE, ',', &[&row]);
    assert_eq!(counts(&imported(&app, "google.csv", "client", text.as_bytes())), [1, 0, 0, 0, 0]);
    assert_eq!(titles(&list(&app, "client")), ["Acme"]);
    let person = fields(&app, "person", "Petrov Ivan");
    assert_eq!(
        (&person["position"], entries(&person, "phones")),
        (&json!("Buyer"), pairs(&[("+44 20 7946 0000", "mobile")]))
    );
}

#[test]
fn contacts_of_outlook_in_russian_and_letters_of_windows_lose_nothing_that_has_a_place() {
    let machine = Machine::new();
    let app = machine.local();
    let text = table(
        OUTLOOK,
        ';',
        &[
            &[
                ("Имя", "Анна"),
                ("Отчество", "Ивановна"),
                ("Фамилия", "Смирнова"),
                ("Организация", "ООО \"Ромашка\""),
                ("Отдел", "Бухгалтерия"),
                ("Должность", "Бухгалтер"),
                ("Улица (раб. адрес)", "ул. Садовая, 5"),
                ("Улица 2 (раб. адрес)", "вход со двора"),
                ("Город (раб. адрес)", "Москва"),
                ("Рабочий телефон", "8 (495) 000-00-00"),
                ("Основной телефон организации", "8 (495) 000-00-01"),
                ("Телефон переносной", "+7 903 000-00-00"),
                ("Веб-страница", "http://romashka.example"),
                ("Годовщина", "0.0.00"),
                ("День рождения", "0.0.00"),
                ("Заметки", "через\nсекретаря"),
                ("Важность", "Обычная"),
                ("Пол", "Не определен"),
                ("Частное", "Ложь"),
                ("Адрес эл. почты", "anna@romashka.example"),
                ("Тип эл. почты", "SMTP"),
                ("Краткое имя эл. почты", "Анна Смирнова (anna@romashka.example)"),
                ("Адрес 2 эл. почты", "a@home.example"),
            ],
            &[
                ("Имя", "Пётр"),
                ("Фамилия", "Орлов"),
                ("День рождения", "12.4.1985"),
                ("Телефон дом. 2", "8 499 000 00 02"),
            ],
        ],
    );
    let (bytes, _, lost) = WINDOWS_1251.encode(&text);
    assert!(!lost);
    assert_eq!(counts(&imported(&app, "контакты.csv", "client", &bytes)), [2, 0, 0, 0, 0]);
    let firm = fields(&app, "client", "ООО \"Ромашка\"");
    assert_eq!((&firm["city"], &firm["address"]), (&json!("Москва"), &json!("ул. Садовая, 5, вход со двора")));
    assert_eq!((&firm["website"], &firm["note"]), (&json!("http://romashka.example"), &json!("через\nсекретаря")));
    assert_eq!(entries(&firm, "phones"), pairs(&[("8 (495) 000-00-01", "work")]));
    let anna = fields(&app, "person", "Смирнова Анна Ивановна");
    assert_eq!((&anna["position"], &anna["birthday"]), (&json!("Бухгалтер"), &Value::Null));
    assert_eq!(entries(&anna, "phones"), pairs(&[("8 (495) 000-00-00", "work"), ("+7 903 000-00-00", "mobile")]));
    assert_eq!(entries(&anna, "emails"), pairs(&[("anna@romashka.example", ""), ("a@home.example", "")]));
    let peter = fields(&app, "person", "Орлов Пётр");
    assert_eq!(
        (&peter["birthday"], entries(&peter, "phones")),
        (&json!("1985-04-12"), pairs(&[("8 499 000 00 02", "home")]))
    );
}

#[test]
fn contacts_of_outlook_in_english_have_the_position_and_not_the_form_of_address() {
    let machine = Machine::new();
    let app = machine.local();
    let row = [
        ("Title", "Mr."),
        ("First Name", "Joe"),
        ("Last Name", "Citizen"),
        ("Company", "Acme"),
        ("Job Title", "Buyer"),
        ("Business City", "Leeds"),
        ("Birthday", "4/12/1985"),
        ("Business Phone", "+44 20 7946 0000"),
        ("E-mail Address", "joe@acme.example"),
    ];
    let text = table(OUTLOOK_EN, ',', &[&row]);
    assert_eq!(counts(&imported(&app, "outlook.csv", "client", text.as_bytes())), [1, 0, 0, 0, 0]);
    let person = fields(&app, "person", "Citizen Joe");
    assert_eq!((&person["position"], &person["birthday"]), (&json!("Buyer"), &json!("1985-04-12")));
    assert_eq!(fields(&app, "client", "Acme")["city"], "Leeds");
}

#[test]
fn counterparties_of_1c_are_known_again_by_its_own_id() {
    let machine = Machine::new();
    let app = machine.local();
    let (one, two) = ("a1b2c3d4-0000-11ee-8000-00155d012345", "a1b2c3d4-0000-11ee-8000-00155d012346");
    let rows = |name: &str, phone: &str| {
        let above =
            "Контрагенты\t\t\t\t\t\t\t\t\t\t\r\nОтбор: Пометка удаления Равно \"Нет\"\t\t\t\t\t\t\t\t\t\t\r\n\r\n";
        let below = table(
            ONE_C,
            '\t',
            &[
                &[
                    ("Уникальный идентификатор", one),
                    ("Код", "000000017"),
                    ("Наименование", name),
                    ("Полное наименование", "Общество с ограниченной ответственностью \"Ромашка\""),
                    ("Вид контрагента", "Юридическое лицо"),
                    ("ИНН/КПП", "7707083893/770701001"),
                    ("Основное контактное лицо", "Иванов Иван Петрович"),
                    ("Телефон", phone),
                    ("Факт. адрес", "Москва, ул. Садовая, 5"),
                    ("Юр. адрес", "117312, Москва, ул. Вавилова, 19"),
                    ("Комментарий", "Не звонить до 10"),
                ],
                &[
                    ("Уникальный идентификатор", two),
                    ("Код", "000000018"),
                    ("Наименование", "Орлов П. П. ИП"),
                    ("Вид контрагента", "Индивидуальный предприниматель"),
                    ("ИНН/КПП", "500100732259/"),
                ],
            ],
        );
        WINDOWS_1251.encode(&format!("{above}{below}")).0.into_owned()
    };
    let first = imported(&app, "контрагенты.txt", "client", &rows("Ромашка ООО", "(495) 000-00-00, доб. 5"));
    assert_eq!(counts(&first), [2, 0, 0, 0, 0], "{first}");
    let entity = fields(&app, "legal_entity", "Общество с ограниченной ответственностью \"Ромашка\"");
    assert_eq!((&entity["tax_number"], &entity["branch_number"]), (&json!("7707083893"), &json!("770701001")));
    assert_eq!(entity["legal_address"], "117312, Москва, ул. Вавилова, 19");
    let trader = fields(&app, "legal_entity", "Орлов П. П. ИП");
    assert_eq!((&trader["tax_number"], &trader["branch_number"]), (&json!("500100732259"), &Value::Null));
    assert_eq!(trader["entity_kind"], "sole_trader");
    let firm = fields(&app, "client", "Ромашка ООО");
    assert_eq!(entries(&firm, "foreign_ids"), pairs(&[(one, "")]));
    assert_eq!(entries(&firm, "phones"), pairs(&[("(495) 000-00-00, доб. 5", "")]));

    // Called otherwise and with another number, it is the same one by the id alone.
    let by_id = |bytes: &[u8]| {
        let import = super::exchanging::opened(&app, "контрагенты.txt", "client", bytes);
        let mut plan = super::exchanging::plan(&app, &import);
        plan["match_by"] = json!([]);
        run(&app, "import_check", plan);
        run(&app, "import_run", json!({ "import": import }))
    };
    let second = by_id(&rows("Ромашка", "(495) 000-00-09"));
    assert_eq!(counts(&second), [0, 1, 1, 0, 0], "{second}");
    assert_eq!(titles(&list(&app, "client")), ["Орлов П. П. ИП", "Ромашка"]);
}

const CARDS: &str = "BEGIN:VCARD\nVERSION:3.0\nUID:6exhjr32-a\nN:Шевченко;Тарас;;;\nFN:Тарас Шевченко\nORG:Світоч\n\
    TEL;TYPE=CELL:+380501112233\nEMAIL;TYPE=HOME:t@home.example\nEMAIL;TYPE=WORK:t@svitoch.example\n\
    X-SKYPE;TYPE=home:taras\\, s\nX-PHONETIC-LAST-NAME:Shevchenko\nEND:VCARD\n\
    BEGIN:VCARD\nVERSION:4.0\nKIND:org\nUID:urn:uuid:429A43AB-52F2-4714-AA62-077528A12464\nFN:Рошен\nX-TIER:gold\nEND:VCARD\n";

#[test]
fn cards_of_another_program_update_the_second_time_whatever_has_changed_in_them() {
    let machine = Machine::new();
    let app = machine.local();
    assert_eq!(counts(&imported(&app, "a.vcf", "client", CARDS.as_bytes())), [2, 0, 0, 0, 0]);
    assert_eq!(counts(&imported(&app, "a.vcf", "client", CARDS.as_bytes())), [0, 0, 2, 0, 0]);
    let changed = CARDS
        .replace("N:Шевченко;Тарас;;;", "N:Франко;Тарас;;;")
        .replace("ORG:Світоч\n", "ORG:Світоч Плюс\n")
        .replace("+380501112233", "+380509998877")
        .replace("t@home.example", "f@home.example")
        .replace("t@svitoch.example", "f@svitoch.example")
        .replace("FN:Рошен", "FN:Рошен Україна")
        .replace("X-TIER:gold", "X-TIER:silver");
    let again = imported(&app, "b.vcf", "client", changed.as_bytes());
    assert_eq!(counts(&again), [0, 2, 0, 0, 0], "{again}");
    assert_eq!(titles(&list(&app, "client")), ["Рошен Україна", "Світоч Плюс"]);
    assert_eq!(titles(&list(&app, "person")), ["Франко Тарас"]);
    let person = fields(&app, "person", "Франко Тарас");
    assert_eq!(entries(&person, "foreign_ids"), pairs(&[("6exhjr32-a", "")]));
    let firm = fields(&app, "client", "Рошен Україна");
    assert_eq!((entries(&firm, "foreign_ids").len(), &firm["card_lines"]), (1, &json!("X-TIER:silver")));

    run(&app, "import_undo", json!({ "import": again["import"] }));
    assert_eq!(titles(&list(&app, "client")), ["Рошен", "Світоч"]);
    assert_eq!(fields(&app, "client", "Рошен")["card_lines"], "X-TIER:gold");
}

#[test]
fn what_a_card_says_for_another_program_goes_out_again() {
    for format in ["vcard3", "vcard4"] {
        let machine = Machine::new();
        let app = machine.local();
        imported(&app, "a.vcf", "client", CARDS.as_bytes());
        let bytes = exported(&app, "client", format);
        let cards = String::from_utf8(bytes.clone()).unwrap();
        for line in ["X-SKYPE;TYPE=home:taras\\, s\r\n", "X-PHONETIC-LAST-NAME:Shevchenko\r\n", "X-TIER:gold\r\n"] {
            assert_eq!(cards.matches(line).count(), 1, "{line} in {cards}");
        }
        let person = fields(&app, "person", "Шевченко Тарас");
        assert_eq!(entries(&person, "emails"), pairs(&[("t@svitoch.example", "work"), ("t@home.example", "home")]));
        // Its own cards name its own records: nothing foreign is added by them.
        let back = imported(&app, "b.vcf", "client", &bytes);
        assert_eq!(counts(&back), [0, 0, 3, 0, 0], "{format} {back}");
        assert_eq!(entries(&person, "foreign_ids").len(), 1);
    }
}

#[test]
fn a_card_is_taken_without_what_is_wrong_in_it() {
    let machine = Machine::new();
    let app = machine.local();
    let card = "BEGIN:VCARD\nVERSION:4.0\nFN:text birthday\nBDAY;VALUE=text:circa 1800\nEMAIL:nobody at home\n\
                EMAIL:a@b.example\nEND:VCARD\n";
    let state = imported(&app, "a.vcf", "client", card.as_bytes());
    assert_eq!((counts(&state), &state["reasons"]), ([1, 0, 0, 0, 1], &json!({ "bad_value": 2 })));
    let person = fields(&app, "person", "text birthday");
    assert_eq!((entries(&person, "emails"), &person["birthday"]), (pairs(&[("a@b.example", "")]), &Value::Null));
}
