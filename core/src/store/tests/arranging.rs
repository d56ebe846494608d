//! Conditions, orders and groups of lists: against hand-made cases, and at random against a naive reading of the same
//! words.

use chrono::{DateTime, Days, NaiveDate, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::fixture::*;
use crate::domain::authority::{Department, Role};
use crate::domain::fold::fold;
use crate::domain::ids::*;
use crate::domain::interactions::zone;
use crate::domain::kinds::{business_region, client, interaction};
use crate::domain::listing::*;
use crate::domain::patch::Patch;
use crate::store::StoreError;
use crate::store::lists::*;
use crate::sync::wire::Page;

fn clients() -> ListQuery {
    ListQuery { kind: "client".to_owned(), limit: 500, ..ListQuery::default() }
}

fn titles(page: &RowPage) -> String {
    page.rows.iter().map(|row| row.title.as_str()).collect::<Vec<_>>().join(" ")
}

fn of(device: &Bag, kind: &str, condition: Condition) -> String {
    let moment = Moment { now: device.now, zone: zone("Europe/Kyiv") };
    let query =
        ListQuery { kind: kind.to_owned(), conditions: vec![condition], limit: 500, moment, ..ListQuery::default() };
    titles(&device.store.list(&query).unwrap())
}

fn any<const N: usize>(any: [Condition; N]) -> Condition {
    Condition::Any { any: any.to_vec() }
}

fn all<const N: usize>(all: [Condition; N]) -> Condition {
    Condition::All { all: all.to_vec() }
}

fn test(field: &str, op: Op, value: &str) -> Condition {
    Condition::test(field, op, value)
}

#[test]
fn groups_of_conditions_join_by_and_and_or() {
    let device = Bag::new();
    for (name, city, status) in
        [("А", "Київ", "active"), ("Б", "Львів", "active"), ("В", "Київ", "former"), ("Г", "Одеса", "prospect")]
    {
        let patch = Patch::new()
            .set(client::NAME, name.to_owned())
            .set(client::CITY, city.to_owned())
            .set(client::STATUS, status.to_owned());
        device.create("client", None, patch);
    }
    device.client("Д");
    let list = |condition| of(&device, "client", condition);
    let (kyiv, active) = (|| test("city", Op::Is, "КИЇВ"), || test("status", Op::Is, "active"));
    assert_eq!(list(any([kyiv(), active()])), "А Б В");
    assert_eq!(list(all([kyiv(), active()])), "А");
    assert_eq!(list(all([any([kyiv(), test("city", Op::Begins, "од")]), test("status", Op::IsNot, "former")])), "А Г");
    assert_eq!(list(Condition::test_of("city", Op::OneOf, &["київ", "львів"])), "А Б В");
    assert_eq!(
        list(Condition::test_of("city", Op::NoneOf, &["київ", "львів"])),
        "Г Д",
        "what is empty is none of them"
    );
    assert_eq!(list(any([])), "А Б В Г Д", "a group nobody filled hides nothing");
    assert_eq!(list(test("responsible", Op::Is, "me")), "А Б В Г Д");
    assert_eq!(list(test("responsible", Op::Is, "my_department")), "А Б В Г Д");
    assert_eq!(list(test("responsible", Op::Is, "my_staff")), "");
    assert_eq!(list(test("responsible.department", Op::Is, "mine")), "А Б В Г Д");
    assert_eq!(list(test("responsible.department", Op::Is, &DepartmentId(uuid::Uuid::nil()).to_string())), "");
}

#[test]
fn what_a_text_contains_is_found_whether_or_not_it_is_in_the_search_index_yet() {
    let device = Bag::new();
    for (name, note) in [("А", "цены на Март"), ("Б", "про оценку"), ("В", "ценник"), ("Г", "")]
    {
        let patch = Patch::new().set(client::NAME, name.to_owned()).set(client::NOTE, note.to_owned());
        device.create("client", None, patch);
    }
    let list = |condition: &Condition| of(&device, "client", condition.clone());
    let conditions = [
        (test("note", Op::Contains, "ЦЕН"), "А Б В"),
        (test("note", Op::Begins, "цен"), "А В"),
        (test("note", Op::Contains, "на март"), "А"),
        (test("note", Op::Contains, "март на"), ""),
        (any([test("note", Op::Contains, "ценник"), test("name", Op::Is, "г")]), "В Г"),
    ];
    for (condition, found) in &conditions {
        assert_eq!(list(condition), *found, "{condition:?}, indexed");
    }
    // After the views were made anew everything waits to be indexed.
    device.store.rebuild_views().unwrap();
    for (condition, found) in &conditions {
        assert_eq!(list(condition), *found, "{condition:?}, waiting");
    }
    while device.store.index_pending(1).unwrap() > 0 {
        assert_eq!(list(&conditions[0].0), conditions[0].1, "in between");
    }
}

#[test]
fn what_a_clients_text_contains_is_sought_among_clients() {
    let device = Bag::new();
    let id = device.client("Альфа");
    device.interaction(device.client("Бета"), "held", -1);
    device.interaction(id, "held", -1);
    let moment = Moment { now: device.now, zone: zone("Europe/Kyiv") };
    let conditions = vec![test("client.name", Op::Contains, "альф")];
    let query = ListQuery { kind: "interaction".to_owned(), conditions, limit: 500, moment, ..ListQuery::default() };
    let clients: Vec<_> = device.store.list(&query).unwrap().rows.into_iter().map(|row| row.client).collect();
    assert_eq!(clients, [Some(id)]);
}

#[test]
fn a_list_by_words_sees_what_was_indexed_since() {
    let device = Bag::new();
    device.client("Ромашка");
    device.store.rebuild_views().unwrap();
    let by_words = || titles(&device.store.list(&ListQuery { text: "ромаш".to_owned(), ..clients() }).unwrap());
    assert_eq!(by_words(), "", "nothing is indexed yet");
    while device.store.index_pending(100).unwrap() > 0 {}
    assert_eq!(by_words(), "Ромашка");
}

#[test]
fn a_condition_that_does_not_fit_is_refused_by_the_name_of_its_field() {
    let device = Bag::new();
    let refused = |kind: &str, condition: Condition| {
        let query = ListQuery { kind: kind.to_owned(), conditions: vec![condition], ..ListQuery::default() };
        match device.store.list(&query) {
            Err(StoreError::BadValue(field)) => field,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused("client", test("contact_every", Op::Is, "many")), "contact_every");
    assert_eq!(refused("client", test("contact_every", Op::During, "today")), "contact_every");
    assert_eq!(refused("client", test("last_contact", Op::During, "someday")), "last_contact");
    assert_eq!(refused("client", test("last_contact", Op::Contains, "2026")), "last_contact");
    assert_eq!(refused("client", Condition::test_of("contact_every", Op::Between, &["1"])), "contact_every");
    assert_eq!(refused("client", test("responsible", Op::Is, "you")), "responsible");
    assert_eq!(refused("client", test("status", Op::Before, "a")), "status");
    assert_eq!(refused("client", test("class", Op::Is, "overdue")), "class");
    assert_eq!(refused("client", test("client.city", Op::Is, "x")), "client.city");
    assert_eq!(refused("interaction", test("class", Op::Is, "late")), "class");
    assert_eq!(refused("interaction", test("client.nothing", Op::Is, "x")), "client.nothing");
    assert_eq!(refused("interaction", test("' OR 1=1 --", Op::Is, "x")), "' OR 1=1 --");
    let mut deep = test("city", Op::Filled, "");
    for _ in 0..=CONDITION_DEPTH {
        deep = any([deep]);
    }
    assert_eq!(refused("client", deep), "conditions");
    let many = vec![test("city", Op::Filled, ""); TESTS + 1];
    assert_eq!(refused("client", Condition::Any { any: many }), "conditions");
    for (sort, group) in [("nothing", None), ("id", None), ("name", Some("phones")), ("name", Some("note"))] {
        let query = ListQuery {
            sort: vec![SortBy { field: sort.to_owned(), descending: false }],
            group: group.map(|field: &str| GroupBy { field: field.to_owned(), unit: Unit::Day }).into_iter().collect(),
            ..clients()
        };
        let wrong = group.unwrap_or(sort);
        assert!(matches!(device.store.list(&query), Err(StoreError::BadValue(field)) if field == wrong), "{wrong}");
    }
}

/// Now is 21:30 of 21 September 2026 in Kyiv, 18:30 in UTC.
fn calendar() -> (Bag, RecordId) {
    let mut device = Bag::new();
    device.now = "2026-09-21T18:30:00Z".parse().unwrap();
    let firm = device.client("Ромашка");
    for (name, at) in [
        ("вчера", "2026-09-20T20:59:59Z"),
        ("полночь", "2026-09-20T21:00:00Z"),
        ("днём", "2026-09-21T09:00:00Z"),
        ("ночью", "2026-09-21T20:59:59Z"),
        ("завтра", "2026-09-21T21:00:00Z"),
        ("через неделю", "2026-09-28T09:00:00Z"),
        ("в октябре", "2026-10-02T09:00:00Z"),
    ] {
        let patch = Patch::new()
            .set(interaction::CHANNEL, "call".to_owned())
            .set(interaction::STATE, "planned".to_owned())
            .set(interaction::SUBJECT, name.to_owned())
            .set(interaction::STARTS_AT, at.parse().unwrap())
            .set(interaction::NEXT_CONTACT, at.parse::<DateTime<Utc>>().unwrap().date_naive());
        device.create("interaction", Some(firm), patch);
    }
    (device, firm)
}

#[test]
fn days_are_the_viewers_days() {
    let (device, _) = calendar();
    let list = |condition| {
        let mut names: Vec<String> =
            of(&device, "interaction", condition).split_whitespace().map(str::to_owned).collect();
        names.sort();
        names.join(" ")
    };
    let during = |name: &str| list(test("starts_at", Op::During, name));
    assert_eq!(during("today"), "днём ночью полночь");
    assert_eq!(during("yesterday"), "вчера");
    assert_eq!(during("tomorrow"), "завтра");
    assert_eq!(during("past"), "вчера днём полночь", "the very moment counts, not the day");
    assert_eq!(during("next_week"), "в неделю октябре через", "21 September is a Monday");
    assert_eq!(during("next_month"), "в октябре");
    assert_eq!(during("next_days:2"), "днём завтра ночью полночь");
    assert_eq!(list(test("starts_at", Op::Is, "2026-09-21")), "днём ночью полночь");
    assert_eq!(list(test("starts_at", Op::Before, "2026-09-21")), "вчера");
    assert_eq!(list(test("starts_at", Op::Until, "2026-09-21")), "вчера днём ночью полночь");
    assert_eq!(list(test("starts_at", Op::After, "2026-09-22")), "в неделю октябре через");
    assert_eq!(
        list(Condition::test_of("starts_at", Op::Between, &["2026-09-21", "2026-09-22"])),
        "днём завтра ночью полночь"
    );
    assert_eq!(list(test("starts_at", Op::Is, "2026-09-21T09:00:00Z")), "днём");
    // A day is nobody's zone: 21 September is what was typed.
    assert_eq!(list(test("next_contact", Op::During, "today")), "днём завтра ночью");
    assert_eq!(list(test("next_contact", Op::During, "past")), "вчера полночь");
    assert_eq!(list(test("class", Op::Is, "overdue")), "вчера днём");
    assert_eq!(list(Condition::test_of("class", Op::OneOf, &["current", "overdue"])), "вчера днём ночью полночь");
}

#[test]
fn a_list_follows_the_viewers_now_without_anything_being_written() {
    let (device, _) = calendar();
    let overdue = |now: &str| {
        let moment = Moment { now: now.parse().unwrap(), zone: zone("Europe/Kyiv") };
        let conditions = vec![test("class", Op::Is, "overdue")];
        let query = ListQuery { kind: "interaction".to_owned(), conditions, moment, ..ListQuery::default() };
        device.store.list(&query).unwrap().total
    };
    assert_eq!([overdue("2026-09-21T18:30:00Z"), overdue("2026-09-21T21:01:00Z")], [2, 4]);
}

#[test]
fn groups_stand_in_their_order_with_counts_and_sums() {
    let device = Bag::of(Role::Supervisor, crate::domain::kind::Registry::built_in());
    let region =
        |name: &str| device.create("business_region", None, Patch::new().set(business_region::NAME, name.to_owned())).0;
    let (south, north) = (region("Юг"), region("Север"));
    for (name, status, of, days) in [
        ("А", "active", Some(south), 7),
        ("Б", "prospect", Some(south), 5),
        ("В", "active", Some(north), 1),
        ("Г", "active", None, 30),
        ("Д", "active", Some(south), 2),
    ] {
        let patch = Patch::new()
            .set(client::NAME, name.to_owned())
            .set(client::STATUS, status.to_owned())
            .set(client::CONTACT_EVERY, days)
            .set_some(client::REGION, of);
        device.create("client", None, patch);
    }
    let by = |field: &str| GroupBy { field: field.to_owned(), unit: Unit::Month };
    let query = ListQuery {
        group: vec![by("region"), by("status")],
        sums: vec!["contact_every".to_owned()],
        sort: vec![SortBy { field: "contact_every".to_owned(), descending: true }],
        ..clients()
    };
    let groups = device.store.groups(&query).unwrap();
    assert_eq!((groups.total, groups.sums.as_slice()), (5, &[45][..]));
    let shape: Vec<_> =
        groups.groups.iter().map(|group| (group.key.clone(), group.first, group.count, group.sums[0])).collect();
    let key = |id: RecordId| GroupKey::Id(id.0);
    assert_eq!(shape, [(key(north), 0, 1, 1), (key(south), 1, 3, 14), (GroupKey::Empty, 4, 1, 30)]);
    let inner: Vec<_> =
        groups.groups[1].groups.iter().map(|group| (group.key.clone(), group.first, group.count)).collect();
    let text = |text: &str| GroupKey::Text(text.to_owned());
    assert_eq!(inner, [(text("prospect"), 1, 1), (text("active"), 2, 2)], "choices stand in their declared order");
    assert_eq!(titles(&device.store.list(&query).unwrap()), "В Б А Д Г", "rows come group by group, then by the sort");
    let third = ListQuery { offset: 2, limit: 2, ..query.clone() };
    assert_eq!(titles(&device.store.list(&third).unwrap()), "А Д");
    let ids: Vec<RecordId> = device.store.list(&query).unwrap().rows.iter().map(|row| row.id).collect();
    assert_eq!(device.store.list_ids(&query).unwrap(), ids);
    // A region with another name stands elsewhere, although no client changed.
    device.edit(south, Patch::new().set(business_region::NAME, "Азов".to_owned())).unwrap();
    assert_eq!(device.store.groups(&query).unwrap().groups[0].key, key(south));
}

#[test]
fn interactions_are_grouped_by_what_their_clients_and_people_have() {
    let (device, firm) = calendar();
    device.edit(firm, Patch::new().set(client::CITY, "Київ".to_owned())).unwrap();
    let department = Department { id: department_id(), name: "Север".to_owned(), parent: None };
    device.take_page(Page { departments: vec![department], ..Page::default() }, Vec::new());
    let groups = |field: &str, unit| {
        let moment = Moment { now: device.now, zone: zone("Europe/Kyiv") };
        let group = vec![GroupBy { field: field.to_owned(), unit }];
        let query = ListQuery { kind: "interaction".to_owned(), group, moment, ..ListQuery::default() };
        let groups = device.store.groups(&query).unwrap().groups;
        groups.into_iter().map(|group| (group.key, group.count)).collect::<Vec<_>>()
    };
    let day = |text: &str| GroupKey::Day(text.parse().unwrap());
    let text = |text: &str| GroupKey::Text(text.to_owned());
    assert_eq!(groups("client.city", Unit::Day), [(text("Київ"), 7)]);
    assert_eq!(groups("client", Unit::Day), [(GroupKey::Id(firm.0), 7)]);
    assert_eq!(groups("assigned.department", Unit::Day), [(GroupKey::Id(department_id().0), 7)]);
    assert_eq!(groups("assigned", Unit::Day), [(GroupKey::Id(user_id(1).0), 7)]);
    assert_eq!(groups("starts_at", Unit::Month), [(day("2026-09-01"), 6), (day("2026-10-01"), 1)]);
    assert_eq!(groups("starts_at", Unit::Week)[0], (day("2026-09-14"), 1), "Sunday night belongs to the week before");
    assert_eq!(groups("next_contact", Unit::Day)[1], (day("2026-09-21"), 3));
    assert_eq!(groups("class", Unit::Day), [(text("overdue"), 2), (text("current"), 2), (text("planned"), 3)]);
}

#[test]
fn marks_say_which_conditions_hold_row_by_row() {
    let (device, _) = calendar();
    let query = ListQuery {
        kind: "interaction".to_owned(),
        sort: vec![SortBy { field: "starts_at".to_owned(), descending: false }],
        marks: vec![test("class", Op::Is, "overdue"), test("starts_at", Op::During, "today")],
        moment: Moment { now: device.now, zone: zone("Europe/Kyiv") },
        limit: 5,
        ..ListQuery::default()
    };
    let marks = device.store.list(&query).unwrap().marks;
    assert_eq!(marks, [vec![0], vec![1], vec![0, 1], vec![1], vec![]]);
}

#[test]
fn what_was_worked_out_is_not_shown_once_something_was_written() {
    let device = Bag::new();
    let first = device.client("Б");
    let query = ListQuery { sort: vec![SortBy { field: "city".to_owned(), descending: false }], ..clients() };
    assert_eq!(titles(&device.store.list(&query).unwrap()), "Б");
    device.client("А");
    device.edit(first, Patch::new().set(client::CITY, "Київ".to_owned())).unwrap();
    assert_eq!(titles(&device.store.list(&query).unwrap()), "Б А");
}

// ------------------------------------------------------------------------------------------------ against a naive reading

struct Firm {
    name: String,
    city: Option<String>,
    days: Option<i64>,
    active: Option<bool>,
}

fn naive(firm: &Firm, condition: &Condition) -> bool {
    let test = match condition {
        Condition::All { all } => return all.iter().all(|one| naive(firm, one)),
        Condition::Any { any } => return any.is_empty() || any.iter().any(|one| naive(firm, one)),
        Condition::Test(test) => test,
    };
    let text = |value: Option<&str>| {
        let held = value.map(fold);
        let is = |other: &str| held.as_deref() == Some(fold(other).as_str());
        match test.op {
            Op::Is => is(&test.value),
            Op::IsNot => !is(&test.value),
            Op::OneOf => test.values.iter().any(|one| is(one)),
            Op::NoneOf => !test.values.iter().any(|one| is(one)),
            Op::Contains => held.as_deref().is_some_and(|held| held.contains(&fold(&test.value))),
            Op::Begins => held.as_deref().is_some_and(|held| held.starts_with(&fold(&test.value))),
            Op::Empty => held.is_none(),
            Op::Filled => held.is_some(),
            other => panic!("{other:?}"),
        }
    };
    match test.field.as_str() {
        "name" => text(Some(&firm.name)),
        "city" => text(firm.city.as_deref()),
        "is_client" => firm.active.unwrap_or(false) == (test.value == "true"),
        _ => {
            let with = |f: &dyn Fn(i64) -> bool| firm.days.is_some_and(f);
            let value = || test.value.parse::<i64>().unwrap();
            match test.op {
                Op::Is => with(&|days| days == value()),
                Op::IsNot => !with(&|days| days == value()),
                Op::Before => with(&|days| days < value()),
                Op::From => with(&|days| days >= value()),
                Op::After => with(&|days| days > value()),
                Op::Until => with(&|days| days <= value()),
                Op::Between => {
                    let [from, to] = [0, 1].map(|at| test.values[at].parse::<i64>().unwrap());
                    with(&|days| from <= days && days <= to)
                }
                Op::Empty => firm.days.is_none(),
                Op::Filled => firm.days.is_some(),
                other => panic!("{other:?}"),
            }
        }
    }
}

const CITIES: [&str; 5] = ["Київ", "КИЇВ", "Львів", "Орёл", "орел"];

fn random_condition(dice: &mut StdRng, depth: usize) -> Condition {
    let mut pick = |values: &[&str]| values[dice.random_range(0..values.len())].to_owned();
    match pick(&["name", "city", "days", "flag", "all", "any"]).as_str() {
        kind @ ("all" | "any") if depth > 0 => {
            let n = dice.random_range(0..4);
            let parts = (0..n).map(|_| random_condition(dice, depth - 1)).collect();
            if kind == "all" { Condition::All { all: parts } } else { Condition::Any { any: parts } }
        }
        "days" => {
            let ops =
                [Op::Is, Op::IsNot, Op::Before, Op::From, Op::After, Op::Until, Op::Between, Op::Empty, Op::Filled];
            let op = ops[dice.random_range(0..ops.len())];
            let [a, b] = [0, 1].map(|_| dice.random_range(0..6).to_string());
            Condition::Test(Test { field: "contact_every".into(), op, value: a.clone(), values: vec![a, b] })
        }
        "flag" => test("is_client", Op::Is, if dice.random() { "true" } else { "false" }),
        field => {
            let ops = [Op::Is, Op::IsNot, Op::OneOf, Op::NoneOf, Op::Contains, Op::Begins, Op::Empty, Op::Filled];
            let op = ops[dice.random_range(0..ops.len())];
            let mut city = || CITIES[dice.random_range(0..CITIES.len())].to_owned();
            let (mut value, values) = (city(), vec![city(), city()]);
            if matches!(op, Op::Contains | Op::Begins) {
                value = value.chars().take(2).collect();
            }
            let field = if field == "name" { "name" } else { "city" };
            Condition::Test(Test { field: field.into(), op, value, values })
        }
    }
}

#[test]
fn conditions_agree_with_a_naive_reading_of_them() {
    let seed = rand::random::<u64>();
    println!("seed {seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let device = Bag::new();
    let mut firms = Vec::new();
    for n in 0..40 {
        let firm = Firm {
            name: format!("{} {n:02}", CITIES[dice.random_range(0..CITIES.len())]),
            city: dice.random_bool(0.7).then(|| CITIES[dice.random_range(0..CITIES.len())].to_owned()),
            days: dice.random_bool(0.7).then(|| dice.random_range(0..6)),
            active: dice.random_bool(0.7).then(|| dice.random()),
        };
        let patch = Patch::new()
            .set(client::NAME, firm.name.clone())
            .set_some(client::CITY, firm.city.clone())
            .set_some(client::CONTACT_EVERY, firm.days)
            .set_some(client::IS_CLIENT, firm.active);
        device.create("client", None, patch);
        firms.push(firm);
    }
    for turn in 0..300 {
        let condition = random_condition(&mut dice, 3);
        let mut expected: Vec<&str> =
            firms.iter().filter(|firm| naive(firm, &condition)).map(|firm| firm.name.as_str()).collect();
        expected.sort_unstable();
        let by = |field: &str| GroupBy { field: field.to_owned(), unit: Unit::Month };
        let group = if turn % 3 == 0 { vec![by("city"), by("contact_every")] } else { Vec::new() };
        let query = ListQuery { conditions: vec![condition.clone()], group, ..clients() };
        let page = device.store.list(&query).unwrap();
        let mut found: Vec<&str> = page.rows.iter().map(|row| row.title.as_str()).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "seed {seed}: {condition:?}");
        let groups = device.store.groups(&query).unwrap();
        for group in &groups.groups {
            let rows = &page.rows[group.first..group.first + group.count];
            let held = |row: &crate::store::records::ViewRow| row.get(client::CITY).map(|city| fold(&city));
            assert!(rows.iter().all(|row| held(row) == held(&rows[0])), "seed {seed}: {condition:?}");
            assert_eq!(group.groups.iter().map(|inner| inner.count).sum::<usize>(), group.count);
        }
        let counted: usize = groups.groups.iter().map(|group| group.count).sum();
        assert!(query.group.is_empty() || counted == expected.len());
    }
}

#[test]
fn too_many_groups_end_in_one_for_the_rest() {
    let device = Bag::new();
    let firm = device.client("Ромашка");
    let first = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
    let n = crate::store::arrange::GROUPS + 5;
    for batch in (0..n).collect::<Vec<_>>().chunks(500) {
        let writes = batch.iter().map(|day| crate::store::write::Write::Create {
            kind: "interaction".to_owned(),
            id: RecordId(device.ids.fresh()),
            client: Some(firm),
            patch: Patch::new()
                .set(interaction::CHANNEL, "call".to_owned())
                .set(interaction::NEXT_CONTACT, first + Days::new(*day as u64)),
        });
        device.write(writes.collect()).unwrap();
    }
    let group = vec![GroupBy { field: "next_contact".to_owned(), unit: Unit::Day }];
    let query = ListQuery { kind: "interaction".to_owned(), group, ..ListQuery::default() };
    let groups = device.store.groups(&query).unwrap().groups;
    let last = groups.last().unwrap();
    assert_eq!((groups.len(), &last.key, last.count), (crate::store::arrange::GROUPS, &GroupKey::Rest, 6));
}
