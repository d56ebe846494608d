//! How complete contact details are, by person responsible, and asking for what is missing (C-167, C-168): offline, for
//! the supervisor's own department, once for each client.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use satchel_core::app::api::*;
use satchel_core::domain::ids::*;
use satchel_tests::harness::{Desk, Office};

fn fields<const N: usize>(pairs: [(&str, Shown); N]) -> Fields {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn text(value: &str) -> Shown {
    Shown::Text(value.to_owned())
}

fn phone(number: &str) -> Shown {
    Shown::Entries(vec![Entry {
        entry: None,
        value: number.to_owned(),
        label: String::new(),
        title: String::new(),
        removed: false,
    }])
}

fn client<const N: usize>(desk: &Desk, pairs: [(&str, Shown); N]) -> RecordId {
    let new = CreateClient { client: fields(pairs), legal_entity: BTreeMap::new() };
    desk.app.create_client(new).unwrap().id
}

fn person<const N: usize>(desk: &Desk, client: RecordId, pairs: [(&str, Shown); N]) -> RecordId {
    let new = Create { kind: "person".into(), client: Some(client), fields: fields(pairs), named_in: None };
    desk.app.create(new).unwrap().id
}

const WANTED: [&str; 3] = ["phones", "city", "person.phones"];

fn wanted() -> Vec<String> {
    WANTED.map(str::to_owned).to_vec()
}

fn report(desk: &Desk) -> DetailsReport {
    desk.app.details_report(DetailsWanted { details: wanted() }).unwrap()
}

fn gaps(desk: &Desk, user: Option<UserId>, lacking: Option<&str>) -> Vec<(String, Vec<String>, bool)> {
    let lacking = lacking.map(str::to_owned);
    let request = DetailsGapsRequest { details: wanted(), user, lacking, offset: 0, limit: 50 };
    let page = desk.app.details_gaps(request).unwrap();
    assert_eq!(page.total as usize, page.rows.len());
    page.rows.into_iter().map(|row| (row.title, row.missing, row.asked.is_some())).collect()
}

fn ask(office: &Office, user: Option<UserId>, clients: Vec<RecordId>, rehearse: bool) -> AskDetails {
    use satchel_core::domain::clock::Clock;
    AskDetails {
        details: wanted(),
        user,
        clients,
        subject: "Дополнить контактные данные".into(),
        due: office.clock.now() + chrono::Duration::days(3),
        language: "ru".into(),
        rehearse,
    }
}

/// Anna's three clients, Bohdan's one, and one of the other department.
fn stage(office: &Office) -> (Desk, Desk, [RecordId; 3]) {
    let (anna, bohdan) = (Desk::of(office, office.cast.anna, "phone"), Desk::of(office, office.cast.bohdan, "phone"));
    let taras = Desk::of(office, office.cast.taras, "phone");
    let whole = client(&anna, [("name", text("Альфа")), ("city", text("Псков")), ("phones", phone("+7 912 1"))]);
    person(&anna, whole, [("name", text("Иван"))]);
    person(&anna, whole, [("name", text("Пётр")), ("phones", phone("+7 912 2"))]);
    let mute = client(&anna, [("name", text("Бета")), ("city", text("Псков")), ("phones", phone("+7 912 3"))]);
    person(&anna, mute, [("name", text("Олег"))]);
    let bare = client(&anna, [("name", text("Вега"))]);
    client(&bohdan, [("name", text("Гамма")), ("city", text("Київ"))]);
    client(&taras, [("name", text("Чужой"))]);
    for desk in [&anna, &bohdan, &taras] {
        desk.sync();
    }
    (anna, Desk::of(office, office.cast.olena, "laptop"), [whole, mute, bare])
}

#[test]
fn the_report_counts_by_person_responsible_and_tells_what_is_missing() {
    let office = Office::open();
    let (anna, olena, [whole, ..]) = stage(&office);
    olena.line.unplug();
    let shown = report(&olena);
    let rows: Vec<_> = shown.rows.iter().map(|row| (row.person.id, row.count.clone())).collect();
    let counted = |n_clients, n_complete, missing: [u32; 3]| DetailsCount {
        n_clients,
        n_complete,
        n_asked: 0,
        missing: missing.to_vec(),
    };
    assert_eq!(
        rows,
        [(office.cast.bohdan, counted(1, 0, [1, 0, 1])), (office.cast.anna, counted(3, 1, [1, 1, 2])),],
        "the least complete first; the other department is nobody's business here"
    );
    assert_eq!(shown.total, counted(4, 1, [2, 1, 3]));
    let all = |pairs: &[&str]| pairs.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        gaps(&olena, Some(office.cast.anna), None),
        [("Бета".into(), all(&["person.phones"]), false), ("Вега".into(), wanted(), false)]
    );
    let without_city: Vec<String> = gaps(&olena, None, Some("city")).into_iter().map(|it| it.0).collect();
    assert_eq!(without_city, ["Вега"]);
    // A rep sees his own and nobody else's.
    assert_eq!(report(&anna).rows.len(), 1);
    // What is emptied, or goes into the trash, is missing again.
    let city = |value: Shown, was: Shown| Edit {
        kind: "client".into(),
        id: whole,
        seen: fields([("city", was)]),
        changed: fields([("city", value)]),
    };
    anna.app.edit(city(Shown::Empty, text("Псков"))).unwrap();
    assert_eq!(report(&anna).total, counted(3, 0, [1, 2, 2]));
    // The choice is remembered; one that is no detail is refused by name.
    assert_eq!(anna.app.details_report(DetailsWanted { details: vec![] }).unwrap().details, wanted());
    let olga = anna.app.details_report(DetailsWanted { details: vec!["responsible".into()] });
    assert_eq!(olga.unwrap_err().failure().params["field"], "responsible");
}

#[test]
fn asking_plans_an_interaction_for_whoever_is_responsible_once_and_can_be_taken_back() {
    let office = Office::open();
    let (anna, olena, [_, mute, bare]) = stage(&office);
    olena.line.unplug();
    let rehearsed = olena.app.ask_details(ask(&office, Some(office.cast.anna), vec![], true)).unwrap();
    assert_eq!((rehearsed.n_asked, rehearsed.n_people, rehearsed.n_open), (2, 1, 0));
    assert!(rehearsed.interactions.is_empty());
    assert_eq!(report(&olena).total.n_asked, 0, "a rehearsal does nothing");

    let one = olena.app.ask_details(ask(&office, None, vec![bare], false)).unwrap();
    assert_eq!((one.n_asked, one.interactions.len(), one.commands.len()), (1, 1, 1));
    assert_eq!(gaps(&olena, Some(office.cast.anna), None).iter().map(|it| it.2).collect::<Vec<_>>(), [false, true]);
    let rest = olena.app.ask_details(ask(&office, Some(office.cast.anna), vec![], false)).unwrap();
    assert_eq!((rest.n_asked, rest.n_open), (1, 1), "where one is open no other is made");
    assert_eq!(olena.app.ask_details(ask(&office, None, vec![bare, mute], false)).unwrap().n_asked, 0);
    assert_eq!(report(&olena).total.n_asked, 2);
    olena.line.plug_in();
    olena.sync();
    anna.sync();
    let mine = |desk: &Desk| {
        let request = ListRequest {
            kind: "interaction".into(),
            scope: Scope::Mine,
            conditions: vec![Condition::test("purpose", Op::Is, "details")],
            limit: 10,
            ..ListRequest::default()
        };
        desk.app.interactions(request).unwrap().rows
    };
    let got = mine(&anna);
    assert_eq!(got.len(), 2, "they are hers to do");
    let of_bare = got.iter().find(|row| row.client.as_ref().unwrap().id == bare.to_string()).unwrap();
    assert_eq!((of_bare.channel.as_str(), of_bare.state.as_str()), ("open", "planned"));
    assert_eq!(of_bare.subject, "Дополнить контактные данные");
    let lines: Vec<&str> = of_bare.description.lines().collect();
    assert_eq!(lines, ["— Телефоны", "— Город", "— Контактное лицо: Телефоны"]);
    assert!(mine(&olena).is_empty());

    // Taken back while nobody has begun: nothing is left of it with anybody.
    olena.app.take_details_back(rest).unwrap();
    olena.sync();
    anna.sync();
    olena.sync();
    assert_eq!(mine(&anna).len(), 1);
    assert_eq!(report(&olena).total.n_asked, 1);
    // Done is done: it may be asked for again.
    let done = NoteResult {
        interaction: one.interactions[0],
        outcome: String::new(),
        result: "внесла".into(),
        channel: None,
        next: None,
    };
    anna.app.note_result(done).unwrap();
    anna.sync();
    olena.sync();
    assert_eq!(report(&olena).total.n_asked, 0);
}

#[test]
fn a_field_the_organisation_made_is_a_detail_like_any() {
    let office = Office::open();
    let admin = Desk::of(&office, office.cast.admin, "desk");
    let make = |of: &str| {
        let pairs = [("name", text("Мессенджер")), ("of", text(of)), ("type", text("text"))];
        let new = Create { kind: "custom_field".into(), client: None, fields: fields(pairs), named_in: None };
        format!("x.{}", admin.app.create(new).unwrap().id)
    };
    let (own, of_person) = (make("client"), make("person"));
    let firm = client(&admin, [("name", text("Альфа")), (&own, text("@alfa"))]);
    let details = vec![own.clone(), format!("person.{of_person}")];
    let asked = || admin.app.details_report(DetailsWanted { details: details.clone() }).unwrap().total;
    assert_eq!((asked().n_complete, asked().missing), (0, vec![0, 1]));
    person(&admin, firm, [("name", text("Иван")), (&of_person, text("@ivan"))]);
    assert_eq!((asked().n_complete, asked().missing), (1, vec![0, 0]));
}

#[test]
fn a_client_that_went_meanwhile_does_not_stop_the_others_from_being_asked() {
    let office = Office::open();
    let (anna, olena, [_, _, bare]) = stage(&office);
    let admin = Desk::of(&office, office.cast.admin, "desk");
    olena.line.unplug();
    let asked = olena.app.ask_details(ask(&office, Some(office.cast.anna), vec![], false)).unwrap();
    assert_eq!((asked.n_asked, asked.interactions.len(), asked.commands.len()), (2, 2, 2));
    let order = Order::MoveClients { clients: vec![bare], to: office.cast.taras, reason: "holiday".into() };
    admin.app.give_order(GiveOrder { order, confirmed: None }).unwrap();
    admin.sync();
    olena.line.plug_in();
    olena.sync();
    olena.sync();
    anna.sync();
    let request = ListRequest {
        kind: "interaction".into(),
        scope: Scope::Mine,
        conditions: vec![Condition::test("purpose", Op::Is, "details")],
        limit: 10,
        ..ListRequest::default()
    };
    let hers = anna.app.interactions(request).unwrap().rows;
    assert_eq!(hers.iter().map(|row| row.client.as_ref().unwrap().title.as_str()).collect::<Vec<_>>(), ["Бета"]);
}

#[test]
fn more_clients_than_anybody_names_are_refused() {
    let office = Office::open();
    let anna = Desk::of(&office, office.cast.anna, "phone");
    let many = (0..40_000).map(|_| RecordId(office.ids.fresh())).collect();
    let refused = anna.app.ask_details(ask(&office, None, many, true)).unwrap_err();
    assert_eq!(refused.code(), satchel_core::app::Code::BadArgument);
}
