//! Files on a device of its own, without an office: how fast a large table comes in and what memory that takes, how
//! long the report on contact details takes, and until a field made lately is filled.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::Rng;
use satchel_core::app::App;
use satchel_core::app::api::*;
use satchel_core::store::Store;
use serde_json::{Value, json};

use super::child::{edit_one, list_of, p95};
use super::figures::Figure;
use super::parent::{Device, number};
use crate::generator::dice;

/// Bytes of a file handed over at once.
const PIECE: usize = 512 * 1024;
/// Records filled and indexed at once, as the app does in quiet moments.
const QUIET: u32 = 500;
const TOWNS: [&str; 6] = ["Київ", "Львів", "Москва", "Одеса", "Полтава", "Чернігів"];

/// Clients at which the report and the filling of a field are measured.
const SIZES: [usize; 2] = [6_000, 60_000];

/// Measures the import of `rows` rows, the report and the filling of a field.
pub(super) fn measure(rows: usize, seed: u64) -> Result<Vec<Figure>> {
    let dir = tempfile::tempdir()?;
    let mut figures = Vec::new();
    let mut device = Device::start(&dir.path().join("import"))?;
    let came = device.ask(json!({ "ask": "import", "rows": rows, "seed": seed }))?;
    eprintln!("{came}");
    let mut note = |name, value, unit| figures.push(Figure { name, records: rows, value, unit });
    note("import_try_rows_per_s", rows as f64 / number(&came, "try_s")?, "1/s");
    note("import_rows_per_s", rows as f64 / number(&came, "write_s")?, "1/s");
    note("import_again_rows_per_s", rows as f64 / number(&came, "again_s")?, "1/s");
    note("import_peak_mb", number(&device.ask(json!({ "ask": "peak" }))?, "mb")?, "MB");
    drop(device);
    for records in SIZES {
        let mut device = Device::start(&dir.path().join(format!("asked-{records}")))?;
        device.ask(json!({ "ask": "import", "rows": records, "seed": seed }))?;
        let asked = device.ask(json!({ "ask": "report" }))?;
        for name in ["report_ms", "fill_ms"] {
            figures.push(Figure { name, records, value: number(&asked, name)?, unit: "ms" });
        }
    }
    Ok(figures)
}

/// Imports a table of clients with a contact person each: handed over, tried, written; then the same one once more.
pub(super) fn import(app: &App, question: &Value) -> Result<Value> {
    let rows = question["rows"].as_u64().context("no number of rows")?;
    let seed = question["seed"].as_u64().context("no seed")?;
    app.start_local(StartLocal { name: "Bench".to_owned(), passphrase: None })?;
    let (try_s, write_s, state) = once(app, rows, seed)?;
    ensure!(state.counts.new == rows, "{} of {rows} rows came in: {:?}", state.counts.new, state.reasons);
    let total = app.list(list_of("client", 0, 1))?.total;
    ensure!(u64::from(total) == rows, "{total} of {rows} clients are listed");
    let start = Instant::now();
    let (.., again) = once(app, rows, seed)?;
    ensure!(again.counts.same == rows, "the second time {:?}", again.counts);
    let again_s = start.elapsed().as_secs_f64();
    Ok(json!({ "try_s": try_s.as_secs_f64(), "write_s": write_s.as_secs_f64(), "again_s": again_s }))
}

fn once(app: &App, rows: u64, seed: u64) -> Result<(Duration, Duration, ImportState)> {
    let open = ImportOpen { name: "bench.csv".into(), kind: "client".into(), bytes: 0 };
    let import = app.import_open(open)?.import;
    hand_over(app, import, rows, seed)?;
    let seen = app.import_look(ImportLook { import, reading: None, country: "ua".into() })?;
    let columns = seen.columns.into_iter().map(|column| column.target).collect();
    let match_by = vec![MatchBy::Tax, MatchBy::Registry, MatchBy::Email, MatchBy::Phone, MatchBy::NameAndCity];
    let plan = ImportPlan {
        import,
        reading: seen.reading,
        columns,
        mode: ImportMode::Both,
        match_by,
        defaults: Vec::new(),
        owner: None,
        zone: "Europe/Kyiv".into(),
    };
    let start = Instant::now();
    app.import_check(plan)?;
    let tried = start.elapsed();
    let start = Instant::now();
    let state = app.import_run(ImportKey { import })?;
    Ok((tried, start.elapsed(), state))
}

/// The table is made as it is handed over: it is never held whole.
fn hand_over(app: &App, import: uuid::Uuid, rows: u64, seed: u64) -> Result<()> {
    let mut dice = dice(seed);
    let mut bytes = "Найменування;ЄДРПОУ;Місто;Адреса;Контактна особа;Телефон;E-mail;Примітка\n".as_bytes().to_vec();
    let mut n = 0;
    let mut hand = |piece: &[u8]| -> Result<()> {
        app.import_piece(ImportPiece { import, n, base64: STANDARD.encode(piece) })?;
        n += 1;
        Ok(())
    };
    for row in 0..rows {
        let town = TOWNS[dice.random_range(0..TOWNS.len())];
        let (house, phone) = (dice.random_range(1..200), 1_000_000 + row);
        writeln!(
            bytes,
            "ТОВ «Клієнт {row}»;{};{town};вул. Садова, {house};Особа Петро {row};+380 67 {phone};p{row}@example.org;\
             прайс до п’ятниці, дзвонити після десятої",
            30_000_000 + row
        )?;
        if bytes.len() >= PIECE {
            hand(&bytes[..PIECE])?;
            bytes.drain(..PIECE);
        }
    }
    hand(&bytes)
}

/// The report on contact details, each time after something was written.
pub(super) fn report(app: &App) -> Result<f64> {
    let clients = app.list(list_of("client", 0, 40))?.rows;
    let mut times = Vec::new();
    for (number, client) in clients.iter().enumerate() {
        edit_one(app, client, &format!("двор {number}"))?;
        let start = Instant::now();
        let report = app.details_report(DetailsWanted { details: Vec::new() })?;
        times.push(start.elapsed());
        ensure!(report.total.n_clients > 0, "an empty report");
    }
    Ok(p95(times))
}

/// Makes a field of clients.
pub(super) fn make_field(app: &App) -> Result<()> {
    let text = |text: &str| Shown::Text(text.to_owned());
    let pairs = [("of", text("client")), ("name", text("Клас")), ("type", text("text"))];
    let fields = pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    app.create(Create { kind: "custom_field".into(), client: None, fields, named_in: Default::default() })?;
    Ok(())
}

/// Until nothing is left for quiet moments, in milliseconds.
pub(super) fn quiet(store: &Store) -> Result<f64> {
    let start = Instant::now();
    while store.catch_up(QUIET)?.1 {}
    Ok(start.elapsed().as_secs_f64() * 1e3)
}
