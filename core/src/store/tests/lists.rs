//! Lists, history, plans.

use super::fixture::*;
use crate::domain::interactions::Viewed;
use crate::domain::kinds::client;
use crate::domain::listing::*;
use crate::domain::patch::Patch;
use crate::store::interactions::HistoryFilter;
use crate::store::lists::*;

fn names(page: &RowPage) -> Vec<&str> {
    page.rows.iter().map(|row| row.title.as_str()).collect()
}

fn clients() -> ListQuery {
    ListQuery { kind: "client".to_owned(), limit: 50, ..ListQuery::default() }
}

#[test]
fn clients_stand_in_the_order_of_their_alphabets() {
    let device = Bag::new();
    for name in ["Ява", "Ґанок", "гай", "Їжак", "Игра", "Іній", "Alpha", "«Дом»"] {
        device.client(name);
    }
    let page = device.store.list(&clients()).unwrap();
    assert_eq!(names(&page), ["Alpha", "гай", "Ґанок", "«Дом»", "Игра", "Іній", "Їжак", "Ява"]);
    let second = device.store.list(&ListQuery { offset: 3, limit: 2, ..clients() }).unwrap();
    assert_eq!((second.total, names(&second)), (8, vec!["«Дом»", "Игра"]));
}

/// However deep a page lies, which rows it has comes from an index alone.
#[test]
fn a_page_deep_in_a_list_reads_no_row_before_it() {
    let device = Bag::new();
    for kind in ["client", "interaction"] {
        let page = format!("SELECT v.n FROM v_{kind} v WHERE v.trashed = 0 ORDER BY v.title_key, v.n LIMIT 9 OFFSET 9");
        for sql in [page, format!("SELECT count(*) FROM v_{kind} v WHERE v.trashed = 0")] {
            let plan = device.store.read(|conn| {
                let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                let steps = statement.query_map([], |row| row.get::<_, String>(3))?;
                Ok(steps.collect::<Result<Vec<_>, _>>()?.join("; "))
            });
            let plan = plan.unwrap();
            assert!(plan.contains("USING COVERING INDEX k_") && !plan.contains("TEMP B-TREE"), "{sql}: {plan}");
        }
    }
}

#[test]
fn conditions_hold_together() {
    let device = Bag::new();
    for (name, city, days) in [("А", "Київ", 7), ("Б", "київ", 30), ("В", "Львів", 7)] {
        let patch = Patch::new()
            .set(client::NAME, name.to_owned())
            .set(client::CITY, city.to_owned())
            .set(client::CONTACT_EVERY, days);
        device.create("client", None, patch);
    }
    let list = |conditions: &[(&str, Op, &str)]| {
        let conditions = conditions.iter().map(|(field, op, value)| Condition::test(field, *op, value));
        let query = ListQuery { conditions: conditions.collect(), ..clients() };
        device.store.list(&query).map(|page| names(&page).join(""))
    };
    assert_eq!(list(&[("city", Op::Is, "КИЇВ")]).unwrap(), "АБ");
    assert_eq!(list(&[("city", Op::Is, "Київ"), ("contact_every", Op::From, "8")]).unwrap(), "Б");
    assert_eq!(list(&[("contact_every", Op::Before, "8")]).unwrap(), "АВ");
    assert_eq!(list(&[("city", Op::Contains, "ИЇ")]).unwrap(), "АБ");
    assert_eq!(list(&[("city", Op::IsNot, "Київ")]).unwrap(), "В");
    assert_eq!(list(&[("source", Op::Empty, "")]).unwrap(), "АБВ");
    assert_eq!(list(&[("responsible", Op::Is, &user_id(1).to_string())]).unwrap(), "АБВ");
    assert_eq!(list(&[("responsible", Op::Contains, "person 1")]).unwrap(), "АБВ");
    assert_eq!(list(&[("is_client", Op::Is, "false")]).unwrap(), "АБВ");
    assert!(list(&[("contact_every", Op::Is, "many")]).is_err());
    assert!(list(&[("no_such_field", Op::Empty, "")]).is_err());
}

#[test]
fn scopes_and_words_narrow_a_list() {
    let device = Bag::new();
    device.client("Ромашка");
    device.client("Василёк");
    for (scope, n) in [(Scope::Mine, 2), (Scope::All, 2), (Scope::Staff, 0)] {
        assert_eq!(device.store.list(&ListQuery { scope, ..clients() }).unwrap().total, n, "{scope:?}");
    }
    assert_eq!(names(&device.store.list(&ListQuery { text: "ВАСИЛЕК".to_owned(), ..clients() }).unwrap()), ["Василёк"]);
    assert_eq!(names(&device.store.list(&ListQuery { text: "ва".to_owned(), ..clients() }).unwrap()), ["Василёк"]);
    assert_eq!(device.store.list(&ListQuery { user: Some(user_id(2)), ..clients() }).unwrap().total, 0);
    let sorted = ListQuery { sort: vec![SortBy { field: "responsible".to_owned(), descending: true }], ..clients() };
    assert_eq!(device.store.list(&sorted).unwrap().total, 2);
}

#[test]
fn plans_and_history_of_a_client_and_a_person() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    for (state, days) in
        [("held", -5), ("held", -1), ("cancelled", -2), ("planned", 3), ("planned", -1), ("planned", 1)]
    {
        device.interaction(id, state, days);
    }
    let history = device.store.history(id, &HistoryFilter::default(), 0, 10).unwrap();
    assert_eq!((history.total, names(&history)), (3, vec!["held -1", "cancelled -2", "held -5"]));
    let planned = device.store.planned_with(id).unwrap();
    assert_eq!(
        planned.iter().map(|row| row.title.as_str()).collect::<Vec<_>>(),
        ["planned -1", "planned 1", "planned 3"]
    );
    let overdue = device.store.planned_for(user_id(1), None, Some(device.now), 0, 10).unwrap();
    assert_eq!(names(&overdue), ["planned -1"]);
    let later = device.store.planned_for(user_id(1), Some(device.now), None, 0, 1).unwrap();
    assert_eq!((later.total, names(&later)), (2, vec!["planned 1"]));
    assert_eq!(device.store.planned_for(user_id(2), None, None, 0, 10).unwrap().total, 0);
    let work = device
        .store
        .workload(user_id(1), &Viewed::at(device.now, chrono_tz::Tz::UTC), device.now - chrono::Duration::days(3))
        .unwrap();
    assert_eq!((work.n_clients, work.n_open, work.n_overdue, work.n_held), (1, 3, 1, 1));
}

#[test]
fn clients_not_seen_for_long_are_named() {
    let device = Bag::new();
    let (long, short, planned) = (device.client("Давно"), device.client("Недавно"), device.client("Скоро"));
    device.interaction(long, "held", -40);
    device.interaction(short, "held", -4);
    device.interaction(planned, "held", -40);
    device.interaction(planned, "planned", 2);
    let forgotten = |days| {
        let rows = device.store.forgotten(user_id(1), device.now, days, 10).unwrap();
        rows.into_iter().map(|row| row.title).collect::<Vec<_>>()
    };
    assert_eq!(forgotten(30), ["Давно"]);
    assert_eq!(forgotten(3), ["Давно", "Недавно"]);
    device.edit(long, Patch::new().set(client::CONTACT_EVERY, 60)).unwrap();
    assert!(forgotten(30).is_empty());
}
