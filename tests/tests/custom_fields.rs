//! Fields the organisation makes for itself (C-001): made in the app by an admin, there wherever a declared field is,
//! also offline; judged by the server by their type; kept by whoever does not know them yet.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use satchel_core::app::Code;
use satchel_core::app::api::*;
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::Registry;
use satchel_core::domain::kinds::{client, person};
use satchel_core::domain::order::Order;
use satchel_core::domain::patch::Patch;
use satchel_core::domain::value::Value;
use satchel_core::store::outbox::ItemState;
use satchel_tests::harness::{Desk, Device, Office, Writes};
use satchel_tests::tap;

/// The kinds of a version that knows no fields of the organisation's own.
fn without_own_fields() -> Registry {
    Registry::built_in().iter().filter(|kind| kind.key != "custom_field").fold(Registry::default(), Registry::with)
}

fn text(value: &str) -> Shown {
    Shown::Text(value.to_owned())
}

fn fields<const N: usize>(pairs: [(&str, Shown); N]) -> Fields {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn words(list: &[&str]) -> Shown {
    let entry = |word: &&str| Entry {
        entry: None,
        value: (*word).to_owned(),
        label: String::new(),
        title: String::new(),
        removed: false,
    };
    Shown::Entries(list.iter().map(entry).collect())
}

/// Makes a field and gives its key.
fn define<const N: usize>(desk: &Desk, pairs: [(&str, Shown); N]) -> String {
    format!("x.{}", try_define(desk, pairs).unwrap().id)
}

fn try_define<const N: usize>(desk: &Desk, pairs: [(&str, Shown); N]) -> Result<Saved, satchel_core::app::Error> {
    desk.app.create(Create { kind: "custom_field".into(), client: None, fields: fields(pairs), named_in: None })
}

fn add_client(desk: &Desk, name: &str, key: &str, value: Shown) -> RecordId {
    let client = fields([("name", text(name)), (key, value)]);
    desk.app.create_client(CreateClient { client, legal_entity: BTreeMap::new() }).unwrap().id
}

fn declared(desk: &Desk, language: &str, kind: &str, key: &str) -> Option<FieldDeclared> {
    let declared = desk.app.declarations(Language { language: language.into() }).unwrap();
    let kind = declared.kinds.into_iter().find(|one| one.key == kind).unwrap();
    kind.fields.into_iter().find(|field| field.key == key)
}

fn shown(desk: &Desk, client: RecordId, key: &str) -> Option<Shown> {
    let record = desk.app.record(RecordKey { kind: "client".into(), id: client }).unwrap();
    record.row.fields.get(key).cloned()
}

fn list(conditions: Vec<Condition>) -> ListRequest {
    ListRequest { kind: "client".into(), conditions, limit: 50, ..ListRequest::default() }
}

fn names(desk: &Desk, request: ListRequest) -> Vec<String> {
    desk.app.list(request).unwrap().rows.into_iter().map(|row| row.title).collect()
}

/// All bytes of a file that was made.
fn content(desk: &Desk, made: &FileMade) -> String {
    use base64::Engine;
    let piece = desk.app.file_piece(FilePieceRequest { file: made.file, offset: 0 }).unwrap();
    let bytes = base64::engine::general_purpose::STANDARD.decode(piece.base64).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_field_made_in_the_app_is_wherever_a_declared_one_is() {
    let office = Office::open();
    let admin = Desk::of(&office, office.cast.admin, "desk");
    let grade = define(
        &admin,
        [
            ("name", text("Класс")),
            ("name_uk", text("Клас")),
            ("of", text("client")),
            ("type", text("choice")),
            ("choices", words(&["золото", "серебро"])),
            ("in_list", Shown::Bool(true)),
        ],
    );
    let code =
        [("name", text("Код в 1С")), ("of", text("client")), ("type", text("text")), ("search", Shown::Bool(true))];
    let code = define(&admin, code);
    let seats = define(&admin, [("name", text("Мест")), ("of", text("client")), ("type", text("int"))]);
    admin.sync();
    let anna = Desk::of(&office, office.cast.anna, "phone");

    // The form, in her language.
    let field = declared(&anna, "uk", "client", &grade).unwrap();
    assert_eq!((field.label.as_str(), field.field_type.as_str(), field.in_list), ("Клас", "choice", true));
    assert_eq!(declared(&anna, "en", "client", &grade).unwrap().label, "Класс", "no word of its own: the common one");
    let gold = field.choices.iter().find(|choice| choice.label == "золото").unwrap().value.clone();
    let silver = field.choices.iter().find(|choice| choice.label == "серебро").unwrap().value.clone();

    // Offline from here on: rows, conditions, order, groups, sums, search.
    let alpha = add_client(&anna, "Альфа", &grade, text(&gold));
    let beta = add_client(&anna, "Бета", &grade, text(&silver));
    add_client(&anna, "Вега", &code, text("Ц-00412"));
    let edit = |id, key: &str, value: Shown| Edit {
        kind: "client".into(),
        id,
        seen: fields([(key, Shown::Empty)]),
        changed: fields([(key, value)]),
    };
    anna.app.edit(edit(alpha, &seats, Shown::Int(12))).unwrap();
    anna.app.edit(edit(beta, &seats, Shown::Int(40))).unwrap();
    let wrong = anna.app.edit(edit(alpha, &seats, text("двенадцать"))).unwrap_err();
    assert_eq!(wrong.code(), Code::BadValue);
    assert_eq!(names(&anna, list(vec![Condition::test(&grade, Op::Is, &gold)])), ["Альфа"]);
    assert_eq!(names(&anna, list(vec![Condition::test(&seats, Op::After, "20")])), ["Бета"]);
    let sort = vec![SortBy { field: seats.clone(), descending: true }];
    let with_seats = vec![Condition::test(&seats, Op::Filled, "")];
    let sorted = ListRequest { sort, ..list(with_seats) };
    assert_eq!(names(&anna, sorted), ["Бета", "Альфа"]);
    let group = vec![GroupBy { field: grade.clone(), unit: Unit::Month }];
    let grouped = ListRequest { group, sums: vec![seats.clone()], ..list(Vec::new()) };
    let groups = anna.app.list_groups(grouped).unwrap();
    assert_eq!((groups.groups.len(), groups.sums[&seats]), (3, 52));
    let hits = anna.app.search(Search { text: "00412".into(), limit: 5 }).unwrap();
    assert_eq!(hits.len(), 1);
    // A condition through the client, from a list of something that lives under it.
    let plan = ListRequest {
        kind: "legal_entity".into(),
        conditions: vec![Condition::test(&format!("client.{grade}"), Op::Is, &gold)],
        limit: 5,
        ..ListRequest::default()
    };
    assert_eq!(names(&anna, plan), ["Альфа"]);

    // Out and in again by the words people read.
    let request = ExportRequest {
        list: list(Vec::new()),
        columns: vec!["name".into(), grade.clone(), seats.clone()],
        ids: vec![alpha],
        format: ExportFormat::Csv,
        language: "ru".into(),
        zone: "UTC".into(),
    };
    let made = anna.app.export(request).unwrap();
    let file = content(&anna, &made);
    assert!(file.contains("Класс,Мест") && file.contains("Альфа,золото,12"), "{file}");

    // History names it, undo takes it back.
    let history =
        RecordHistoryRequest { kind: "client".into(), id: beta, field: None, person: None, offset: 0, limit: 10 };
    let history = anna.app.record_history(history).unwrap();
    assert!(history.fields.contains(&seats) && history.fields.contains(&grade), "{:?}", history.fields);

    // Anna's second device and her supervisor get it, and what was meant at once goes to review.
    anna.sync();
    let laptop = Desk::of(&office, office.cast.anna, "laptop");
    assert_eq!(shown(&laptop, beta, &seats), Some(Shown::Int(40)));
    assert_eq!(names(&laptop, list(vec![Condition::test(&grade, Op::Is, &gold)])), ["Альфа"]);
    let again = |value| Edit {
        kind: "client".into(),
        id: beta,
        seen: fields([(seats.as_str(), Shown::Int(40))]),
        changed: fields([(seats.as_str(), Shown::Int(value))]),
    };
    anna.app.edit(again(41)).unwrap();
    laptop.app.edit(again(42)).unwrap();
    for desk in [&anna, &laptop, &anna] {
        desk.sync();
    }
    let review = &anna.app.reviews(Nothing {}).unwrap()[0];
    assert_eq!((review.field.as_str(), review.values.len()), (seats.as_str(), 2));
}

#[test]
fn a_value_that_came_before_its_definition_is_kept_and_shown_once_the_definition_is_there() {
    // Anna's laptop is of a version that knows no such fields.
    let old = without_own_fields();
    let office = Office::open();
    let admin = Desk::of(&office, office.cast.admin, "desk");
    let mut laptop = office.ready(office.cast.anna, "laptop");
    laptop.update_to(old);
    let code = [("name", text("Код")), ("of", text("client")), ("type", text("text")), ("search", Shown::Bool(true))];
    let code = define(&admin, code);
    admin.sync();
    let phone = Desk::of(&office, office.cast.anna, "phone");
    let firm = add_client(&phone, "Альфа", &code, text("ЦБ-17"));
    phone.sync();
    laptop.sync();
    assert_eq!(laptop.text(firm, client::NAME), "Альфа");
    // An edit by whoever does not know the field leaves it alone.
    laptop.types(firm, client::CITY, "Псков");
    laptop.sync();
    phone.sync();
    assert_eq!(shown(&phone, firm, &code), Some(text("ЦБ-17")));
    laptop.update_to(Registry::built_in());
    let value = laptop.rows("client")[0].values.get(&code).cloned();
    assert_eq!(value, Some(Value::Text("ЦБ-17".into())));

    // A device that gets a thousand records and the definition in one contact can be used before the columns are
    // filled, and shows them when they are.
    let tablet = office.ready(office.cast.anna, "tablet");
    assert_eq!(tablet.rows("client")[0].values.get(&code), Some(&Value::Text("ЦБ-17".into())));
    assert_eq!(tablet.store().search("цб-17", 5).unwrap().len(), 1);
}

#[test]
fn columns_are_filled_in_quiet_moments_and_lists_can_be_used_meanwhile() {
    let office = Office::open();
    let admin = Desk::of(&office, office.cast.admin, "desk");
    let phone = office.ready(office.cast.anna, "phone");
    let watching = office.ready(office.cast.anna, "laptop");
    let firms: Vec<RecordId> = (0..20).map(|n| phone.client(&format!("Фирма {n:02}"))).collect();
    phone.sync();
    watching.sync();
    watching.offline();
    let code = [("name", text("Код")), ("of", text("client")), ("type", text("text"))];
    let code = define(&admin, code);
    admin.sync();
    phone.sync();
    for firm in &firms {
        let value = Value::Text(format!("К-{firm}"));
        phone.write(Writes::new().edit(*firm, Patch::new().set_key(&code, value))).unwrap();
    }
    phone.sync();
    // The page is in, nothing has been filled: one contact without the quiet moments after it.
    let filled = |device: &Device| device.rows("client").iter().filter(|row| row.values.contains_key(&code)).count();
    watching.online().contact().unwrap();
    assert_eq!((watching.rows("client").len(), filled(&watching)), (20, 0));
    let mut seen = vec![0];
    loop {
        let (touched, more) = watching.store().catch_up(2).unwrap();
        if !more {
            break;
        }
        assert_eq!(touched.kinds.contains("client"), filled(&watching) > *seen.last().unwrap());
        seen.push(filled(&watching));
    }
    assert!(seen.iter().any(|n| (1..20).contains(n)), "piece by piece: {seen:?}");
    assert_eq!(filled(&watching), 20);
    assert!(watching.store().catch_up(2).unwrap().0.is_empty());
}

#[test]
fn two_who_define_at_the_same_time_both_get_what_they_made() {
    let office = Office::open();
    let (one, other) = (Desk::of(&office, office.cast.admin, "desk"), Desk::of(&office, office.cast.admin, "laptop"));
    let common = define(&one, [("name", text("Класс")), ("of", text("client")), ("type", text("text"))]);
    one.sync();
    other.sync();
    let mine = define(&one, [("name", text("Код")), ("of", text("client")), ("type", text("int"))]);
    let theirs = define(&other, [("name", text("Код")), ("of", text("client")), ("type", text("day"))]);
    // And both change the same definition, each another thing of it.
    let id: RecordId = common[2..].parse().unwrap();
    let change = |key: &str, value: Shown| Edit {
        kind: "custom_field".into(),
        id,
        seen: Fields::new(),
        changed: fields([(key, value)]),
    };
    one.app.edit(change("name_uk", text("Клас"))).unwrap();
    other.app.edit(change("required", Shown::Bool(true))).unwrap();
    for desk in [&one, &other, &one] {
        desk.sync();
    }
    let anna = Desk::of(&office, office.cast.anna, "phone");
    let keys = |desk: &Desk| {
        let declared = desk.app.declarations(Language { language: "uk".into() }).unwrap();
        let kind = declared.kinds.into_iter().find(|kind| kind.key == "client").unwrap();
        let own = kind.fields.into_iter().filter(|field| field.key.starts_with("x."));
        own.map(|field| (field.key, field.label, field.field_type, field.required)).collect::<Vec<_>>()
    };
    assert_eq!(keys(&one).len(), 3);
    assert_eq!((keys(&one), keys(&anna)), (keys(&other), keys(&one)), "the same everywhere, in the same order");
    let common = keys(&anna).into_iter().find(|field| field.0 == common).unwrap();
    assert_eq!((common.1.as_str(), common.3), ("Клас", true));
    let types: Vec<String> =
        [mine, theirs].iter().map(|key| keys(&anna).iter().find(|it| it.0 == *key).unwrap().2.clone()).collect();
    assert_eq!(types, ["int", "day"]);
    let missing = anna
        .app
        .create_client(CreateClient { client: fields([("name", text("Альфа"))]), legal_entity: BTreeMap::new() });
    assert_eq!(missing.unwrap_err().code(), Code::Required, "the form asks for what is required now");
}

#[test]
fn an_archived_field_is_offered_no_more_and_keeps_what_it_holds() {
    let office = Office::open();
    let admin = Desk::of(&office, office.cast.admin, "desk");
    let code = define(
        &admin,
        [
            ("name", text("Код")),
            ("of", text("client")),
            ("type", text("text")),
            ("required", Shown::Bool(true)),
            ("search", Shown::Bool(true)),
        ],
    );
    let firm = add_client(&admin, "Альфа", &code, text("ЦБ-17"));
    admin.sync();
    let id: RecordId = code[2..].parse().unwrap();
    let archive = |archived: bool| Edit {
        kind: "custom_field".into(),
        id,
        seen: Fields::new(),
        changed: fields([("archived", Shown::Bool(archived))]),
    };
    let found = || admin.app.search(Search { text: "цб-17".into(), limit: 5 }).unwrap().len();
    assert_eq!(found(), 1);
    admin.app.edit(archive(true)).unwrap();
    admin.sync();
    let field = declared(&admin, "ru", "client", &code).unwrap();
    assert!(field.archived && !field.required && !field.in_list);
    assert_eq!(found(), 0);
    assert_eq!(shown(&admin, firm, &code), Some(text("ЦБ-17")));
    let without = CreateClient { client: fields([("name", text("Бета"))]), legal_entity: BTreeMap::new() };
    admin.app.create_client(without).unwrap();
    admin.app.edit(archive(false)).unwrap();
    admin.sync();
    assert!(!declared(&admin, "ru", "client", &code).unwrap().archived);
    assert_eq!(found(), 1);
    // It is still there after a restart, and after all tables were made anew.
    let admin = admin.reopen(None).unwrap();
    assert_eq!(shown(&admin, firm, &code), Some(text("ЦБ-17")));
    assert_eq!(names(&admin, list(vec![Condition::test(&code, Op::Is, "ЦБ-17")])), ["Альфа"]);
}

#[test]
fn only_an_admin_makes_fields_and_nobody_retypes_one() {
    let office = Office::open();
    let (admin, olena) = (Desk::of(&office, office.cast.admin, "desk"), Desk::of(&office, office.cast.olena, "laptop"));
    let new = || [("name", text("Код")), ("of", text("client")), ("type", text("int"))];
    assert_eq!(try_define(&olena, new()).unwrap_err().code(), Code::NotAllowed);
    let code = define(&admin, new());
    admin.sync();
    olena.sync();
    let id: RecordId = code[2..].parse().unwrap();
    let edit = |key: &str, value: &str| Edit {
        kind: "custom_field".into(),
        id,
        seen: Fields::new(),
        changed: fields([(key, text(value))]),
    };
    assert_eq!(olena.app.edit(edit("name", "Иначе")).unwrap_err().code(), Code::NotAllowed);
    assert_eq!(admin.app.edit(edit("type", "text")).unwrap_err().code(), Code::BadValue);
    assert_eq!(admin.app.edit(edit("of", "person")).unwrap_err().code(), Code::BadValue);
    admin.app.edit(edit("name", "Иначе")).unwrap();

    let refused = |pairs: [(&str, Shown); 4]| try_define(&admin, pairs).unwrap_err().code();
    let of = |kind: &str, holds: &str| {
        [("name", text("Код")), ("of", text(kind)), ("type", text(holds)), ("target", text("nothing"))]
    };
    assert_eq!(refused(of("saved_view", "int")), Code::BadValue);
    assert_eq!(refused(of("custom_field", "int")), Code::BadValue);
    assert_eq!(refused(of("client", "formula")), Code::BadValue);
    assert_eq!(refused(of("client", "choice")), Code::BadValue, "a choice without values");
    assert_eq!(refused(of("client", "reference")), Code::BadValue);
    let import = ImportOpen { name: "a.csv".into(), kind: "custom_field".into(), bytes: 3 };
    assert_eq!(admin.app.import_open(import).unwrap_err().code(), Code::BadArgument);
}

#[test]
fn era_1_personal_fields_of_the_organisation_are_erased_and_the_others_stay() {
    const MARKER: &str = "q7Zx-маркер-Жук";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.db");
    let office = Office::in_file(&file);
    let boss = Desk::of(&office, office.cast.admin, "desk");
    let make = |name: &str, personal: bool| {
        let pairs = [
            ("name", text(name)),
            ("of", text("person")),
            ("type", text("text")),
            ("personal", Shown::Bool(personal)),
            ("search", Shown::Bool(true)),
        ];
        define(&boss, pairs)
    };
    let (hobby, desk_number) = (make("Увлечение", true), make("Кабинет", false));
    boss.sync();
    let (anna, admin) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.admin, "laptop"));
    let firm = anna.client("Альфа");
    let patch = Patch::new()
        .set(person::NAME, "Иван".to_owned())
        .set_key(&hobby, Value::Text(format!("марки {MARKER}")))
        .set_key(&desk_number, Value::Text("312".into()));
    let human = anna.add("person", Some(firm), patch);
    anna.sync();
    admin.sync();
    let holds = |device: &Device| {
        let pages = tap::pages_of(device.path(), Some(device.key())).unwrap();
        pages.hold(MARKER.as_bytes()) || pages.hold(MARKER.to_lowercase().as_bytes())
    };
    assert!(holds(&anna) && holds(&admin));
    admin.order(Order::Erase { records: vec![human], after_seconds: 0 });
    admin.sync();
    assert!(admin.waiting(ItemState::Refused).is_empty());
    for device in [&admin, &anna] {
        device.sync();
        device.sync();
        assert!(!holds(device), "{} holds it", device.user);
        let row = device.rows("person").pop().unwrap();
        assert_eq!(row.values.get(&hobby), None);
        assert_eq!(row.values.get(&desk_number), Some(&Value::Text("312".into())));
    }
    assert!(!tap::pages_of(&file, None).unwrap().hold(MARKER.as_bytes()));
}

#[test]
fn a_definition_and_its_first_value_may_wait_in_one_outbox() {
    let office = Office::open();
    let admin = Desk::of(&office, office.cast.admin, "desk");
    admin.line.unplug();
    let code = define(&admin, [("name", text("Код")), ("of", text("client")), ("type", text("int"))]);
    let firm = add_client(&admin, "Альфа", &code, Shown::Int(5));
    admin.line.plug_in();
    admin.sync();
    let second = Desk::of(&office, office.cast.admin, "laptop");
    assert_eq!(shown(&second, firm, &code), Some(Shown::Int(5)));
}

#[test]
fn only_what_is_text_is_searched_and_the_search_box_goes_on_working() {
    let office = Office::open();
    let admin = Desk::of(&office, office.cast.admin, "desk");
    let found = ("search", Shown::Bool(true));
    let of = |holds: &str| [("name", text("Поле")), ("of", text("client")), ("type", text(holds)), found.clone()];
    let (seats, paid) = (define(&admin, of("int")), define(&admin, of("bool")));
    let [name, kind, holds, search] = of("reference");
    let parent = define(&admin, [name, kind, holds, search, ("target", text("client"))]);
    let [name, kind, holds, search] = of("choice");
    let grade = define(&admin, [name, kind, holds, search, ("choices", words(&["золото"]))]);
    let code = define(&admin, of("text"));
    let firm = add_client(&admin, "Альфа", &seats, Shown::Int(40));
    let other = add_client(&admin, "Бета", &code, text("ЦБ-17"));
    let Some(FieldDeclared { choices, .. }) = declared(&admin, "ru", "client", &grade) else { panic!() };
    let gold = choices[0].value.clone();
    for (field, value) in [
        (&paid, Shown::Bool(true)),
        (&parent, Shown::Reference(Reference { id: other.to_string(), title: String::new() })),
        (&grade, text(&gold)),
    ] {
        let (seen, changed) = (fields([(field, Shown::Empty)]), fields([(field, value)]));
        admin.app.edit(Edit { kind: "client".into(), id: firm, seen, changed }).unwrap();
    }
    let typed = |typed: &str| names(&admin, ListRequest { text: typed.into(), ..list(Vec::new()) });
    assert_eq!(typed("аль"), ["Альфа"]);
    assert_eq!(typed("ал"), ["Альфа"]);
    assert_eq!(typed("ЦБ-17"), ["Бета"]);
    assert!(typed(&gold).is_empty() && typed(&other.to_string()).is_empty(), "ids are nothing anybody types");
}

#[test]
fn what_a_field_contains_is_found_at_once_when_search_is_switched_on() {
    let office = Office::open();
    let admin = Desk::of(&office, office.cast.admin, "desk");
    let code = define(&admin, [("name", text("Код")), ("of", text("client")), ("type", text("text"))]);
    add_client(&admin, "Альфа", &code, text("цена 1712"));
    admin.sync();
    let condition = || list(vec![Condition::test(&code, Op::Contains, "1712")]);
    assert_eq!(names(&admin, condition()), ["Альфа"]);
    let id = code.strip_prefix("x.").unwrap().parse().unwrap();
    let (seen, changed) = (fields([("search", Shown::Empty)]), fields([("search", Shown::Bool(true))]));
    admin.app.edit(Edit { kind: "custom_field".into(), id, seen, changed }).unwrap();
    assert_eq!(names(&admin, condition()), ["Альфа"], "before the quiet moments in which the index learns of it");
}
