//! Speed at full size, by hand: `cargo test --release -p satchel-core bench -- --ignored --nocapture`.

use std::time::Instant;

use super::fixture::*;
use crate::docs::Doc;
use crate::domain::authority::*;
use crate::domain::ids::*;
use crate::domain::kinds::{client, interaction};
use crate::domain::patch::Patch;
use crate::domain::value::Value;
use crate::store::lists::ListQuery;
use crate::sync::wire::*;

const WORDS: [&str; 24] = [
    "ромашка",
    "север",
    "строй",
    "торг",
    "поставка",
    "договор",
    "встреча",
    "звонок",
    "цена",
    "скидка",
    "склад",
    "завод",
    "машина",
    "кирпич",
    "бетон",
    "доставка",
    "оплата",
    "рынок",
    "клиент",
    "заявка",
    "образец",
    "каталог",
    "офис",
    "утро",
];

fn words(seed: &mut u64, n: usize) -> String {
    let mut pick = || {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        WORDS[(*seed >> 33) as usize % WORDS.len()]
    };
    (0..n).map(|_| pick()).collect::<Vec<_>>().join(" ")
}

/// p95 of lists of the 50,000 interactions and the 10,000 clients, worked out anew each time.
fn measure_lists(device: &Bag) {
    use crate::domain::listing::*;
    let moment = Moment { now: device.now, zone: chrono_tz::Europe::Kyiv };
    let interactions = || ListQuery { kind: "interaction".to_owned(), limit: 100, moment, ..ListQuery::default() };
    let clients = || ListQuery { kind: "client".to_owned(), ..interactions() };
    let by = |field: &str| vec![SortBy { field: field.to_owned(), descending: true }];
    let group = |field: &str| vec![GroupBy { field: field.to_owned(), unit: Unit::Month }];
    let is = |field: &str, op, value: &str| Condition::test(field, op, value);
    let asked = [
        ("open clients", clients()),
        ("open interactions by date", ListQuery { sort: by("starts_at"), ..interactions() }),
        ("deep", ListQuery { sort: by("starts_at"), offset: 49_000, ..interactions() }),
        ("filter: text contains", ListQuery { conditions: vec![is("result", Op::Contains, "цена")], ..interactions() }),
        ("filter: planned, overdue", ListQuery { conditions: vec![is("class", Op::Is, "overdue")], ..interactions() }),
        ("filter: client's city", ListQuery { conditions: vec![is("client.city", Op::Is, "север")], ..interactions() }),
        ("filter: words", ListQuery { text: "цена скидка".to_owned(), ..interactions() }),
        ("sort by client", ListQuery { sort: by("client"), ..interactions() }),
        ("sort by subject", ListQuery { sort: by("subject"), ..interactions() }),
        ("group by state", ListQuery { group: group("state"), ..interactions() }),
        ("group by month", ListQuery { group: group("starts_at"), ..interactions() }),
        ("group by client's city", ListQuery { group: group("client.city"), ..interactions() }),
        (
            "group clients by city",
            ListQuery { group: group("city"), sums: vec!["contact_every".to_owned()], ..clients() },
        ),
    ];
    for (what, query) in asked {
        let mut times: Vec<_> = (0..20)
            .map(|_| {
                device.store.write(|_| Ok(())).unwrap();
                let began = Instant::now();
                let page = device.store.list(&query).unwrap();
                if !query.group.is_empty() {
                    assert!(!device.store.groups(&query).unwrap().groups.is_empty());
                }
                let took = began.elapsed();
                assert!(page.total > 0, "{what}");
                took
            })
            .collect();
        times.sort_unstable();
        let began = Instant::now();
        device.store.list(&ListQuery { offset: 40, ..query }).unwrap();
        println!("{what:28} p95 {:?}, next window {:?}", times[18], began.elapsed());
    }
}

#[test]
#[ignore = "a measurement, not a test"]
fn sixty_thousand_records() {
    let device = Bag::new();
    let actor = actor_bytes(DeviceId(uuid::Uuid::from_bytes([0xee; 16])), 1);
    let mut seed = 42;
    let mut n = 0u32;
    let mut spent = std::time::Duration::ZERO;
    for _ in 0..20 {
        let mut page = Page { more: true, ..Page::default() };
        let mut blobs = Vec::new();
        for _ in 0..500 {
            let id = RecordId(device.ids.fresh());
            let home = Home::Client(id);
            page.granted.push(granted(home));
            let name = format!("ООО «{} {n}»", words(&mut seed, 2));
            let patch = Patch::new()
                .set(client::NAME, name)
                .set(client::STATUS, "active".to_owned())
                .set(client::CITY, words(&mut seed, 1))
                .set(client::ADDRESS, words(&mut seed, 4))
                .set(client::SOURCE, words(&mut seed, 2))
                .set(client::IS_CLIENT, true)
                .set(client::CONTACT_EVERY, 14)
                .set(client::NOTE, words(&mut seed, 28))
                .entry("phones", EntryId(device.ids.fresh()), Value::Text(format!("+7 912 {n:07}")), "work");
            let changes = Doc::create(&client::KIND, &patch, &actor, device.now).unwrap().1;
            page.records.push(full(id, "client", vec![home], &changes));
            blobs.extend(changes);
            n += 1;
            for turn in 0..5 {
                let patch = Patch::new()
                    .set(interaction::CHANNEL, "call".to_owned())
                    .set(interaction::STATE, if turn == 0 { "planned" } else { "held" }.to_owned())
                    .set(interaction::SUBJECT, words(&mut seed, 3))
                    .set(interaction::STARTS_AT, device.now - chrono::Duration::hours(i64::from(n % 5000)))
                    .set(interaction::RESULT, words(&mut seed, 16));
                let changes = Doc::create(&interaction::KIND, &patch, &actor, device.now).unwrap().1;
                page.records.push(full(RecordId(device.ids.fresh()), "interaction", vec![home], &changes));
                blobs.extend(changes);
                n += 1;
            }
        }
        let began = Instant::now();
        device.take_page(page, blobs);
        spent += began.elapsed();
    }
    println!("apply: {:.0} records/s", f64::from(n) / spent.as_secs_f64());
    let began = Instant::now();
    while device.store.index_pending(1_000).unwrap() > 0 {}
    println!("index: {:.0} records/s", f64::from(n) / began.elapsed().as_secs_f64());
    println!("file: {} MB", std::fs::metadata(device.store.path()).unwrap().len() / 1_000_000);

    let began = Instant::now();
    let first = device.store.list(&ListQuery { kind: "client".to_owned(), limit: 50, ..ListQuery::default() }).unwrap();
    println!("first 50 of {}: {:?}", first.total, began.elapsed());
    for typed in
        ["ро", "ром", "ромашка север", "строй 123", "91200", "+7 912 00123", "доставка оплата рынок", "zzz", "hjvfirf"]
    {
        let mut worst = std::time::Duration::ZERO;
        let mut found = 0;
        for _ in 0..5 {
            let began = Instant::now();
            found = device.store.search(typed, 30).unwrap().len();
            worst = worst.max(began.elapsed());
        }
        println!("search {typed:25} {found:3} hits, worst {worst:?}");
    }
    measure_lists(&device);
    let id = first.rows[0].id;
    let mut times: Vec<_> = (0..50)
        .map(|turn| {
            let began = Instant::now();
            device.edit(id, Patch::new().set(client::CITY, format!("город {turn}"))).unwrap();
            began.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!("save: median {:?}, p95 {:?}", times[25], times[47]);
    let lost = first.rows[1].id;
    let page = Page { revoked: vec![revoked(Home::Client(lost), 9, device.now)], ..Page::default() };
    device.accept_all();
    let began = Instant::now();
    device.take_page(page, Vec::new());
    device.store.scrub().unwrap();
    println!("purge and scrub: {:?}", began.elapsed());
    let began = Instant::now();
    device.store.rebuild_views().unwrap();
    println!("rebuild views: {:?}", began.elapsed());
}

#[test]
#[ignore = "a measurement, not a test"]
fn the_history_of_a_record_of_a_thousand_changes() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    let mut seed = 42;
    let mut note = String::new();
    for n in 0..1_000 {
        let patch = match n % 4 {
            0 => {
                // People add to a note, and now and then begin it anew.
                note = if n % 200 == 0 { words(&mut seed, 20) } else { format!("{note} {}", words(&mut seed, 4)) };
                Patch::new().set(client::NOTE, note.clone())
            }
            1 => Patch::new().entry("phones", EntryId(device.ids.fresh()), Value::Text(format!("{n}")), "work"),
            _ => Patch::new().set(client::CITY, format!("{} {n}", words(&mut seed, 1))),
        };
        device.edit(id, patch).unwrap();
    }
    let mut times: Vec<_> = (0..20)
        .map(|_| {
            let began = Instant::now();
            assert!(device.store.past(id).unwrap().len() > 900);
            began.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!("history of 1,001 changes: median {:?}, worst {:?}", times[10], times[19]);
}
