//! A device of the bench: the app in a process of its own, asked over standard input.

use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rand::Rng;
use satchel_core::app::api::*;
use satchel_core::app::{App, AppConfig};
use satchel_core::domain::ids::{IdSource, RecordId};
use satchel_core::domain::kind::Registry;
use satchel_core::store::write::{GroupDraft, Write};
use satchel_core::store::{DatabaseKey, Store};
use satchel_core::sync::device::http::Http;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::counting::{Counting, Counts};
use super::parent::{cpu_seconds, peak_mb};
use crate::generator::{Firm, bench_firm, dice};
use crate::harness::KeyFile;
use crate::seed::patches;
use satchel_core::system::{SystemClock, SystemIds};

pub(super) const PASSWORD: &str = "bench password";
/// Records written in one group, so that filling is not what takes the time.
const RECORDS_PER_GROUP: usize = 300;

/// Answers questions until the input ends.
///
/// # Errors
/// Where the folder or the input cannot be read.
pub fn serve_questions(dir: &Path) -> Result<()> {
    let mut device = Device::open(dir)?;
    for line in std::io::stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line?)?;
        let answer = device.answer(&question).unwrap_or_else(|error| json!({ "error": format!("{error:#}") }));
        println!("{answer}");
    }
    Ok(())
}

struct Device {
    dir: PathBuf,
    counts: Arc<Counts>,
    app: Option<App>,
    opening: Duration,
}

impl Device {
    fn open(dir: &Path) -> Result<Self> {
        std::fs::create_dir_all(dir)?;
        Ok(Self { dir: dir.to_owned(), counts: Arc::default(), app: None, opening: Duration::ZERO })
    }

    fn app(&mut self) -> Result<&App> {
        if self.app.is_none() {
            let counts = Arc::clone(&self.counts);
            let start = Instant::now();
            let app = App::open(AppConfig {
                data_dir: self.dir.clone(),
                keys: Arc::new(KeyFile(self.dir.join("key"))),
                clock: Arc::new(SystemClock),
                ids: Arc::new(SystemIds),
                registry: Registry::built_in(),
                transport: Arc::new(move |base| {
                    Arc::new(Counting { inner: Arc::new(Http::new(base)), counts: Arc::clone(&counts) })
                }),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                passphrase: None,
                background: false,
            })?;
            self.opening = start.elapsed();
            self.app = Some(app);
        }
        self.app.as_ref().context("no app")
    }

    fn answer(&mut self, question: &Value) -> Result<Value> {
        match question["ask"].as_str().unwrap_or_default() {
            "enrol" => self.enrol(question),
            "fill" => self.fill(question),
            "first_pull" => self.first_pull(question),
            "edit" => self.edit(question),
            "move" => self.move_clients(question),
            "granted" => self.granted(question),
            "sync" => self.sync(),
            "digest" => self.digest(),
            "open" => self.open_first_page(),
            "lists" => self.lists(question),
            "import" => super::files::import(self.app()?, question),
            "report" => self.report(),
            "search" => super::searching::measure(self.app()?, question),
            "save" => self.save(),
            "peak" => Ok(json!({ "mb": peak_mb(std::process::id())? })),
            other => bail!("no question {other}"),
        }
    }

    fn enrol(&mut self, question: &Value) -> Result<Value> {
        let link = question["link"].as_str().context("no link")?.to_owned();
        let enrol = Enrol { link, password: PASSWORD.into(), device_name: "bench".into(), passphrase: None };
        let status = self.app()?.enrol(enrol)?;
        ensure!(status.phase == Phase::Ready, "enrolment ended in {:?}", status.phase);
        self.app()?.sync_once(None)?;
        Ok(json!({}))
    }

    /// Makes the data straight in the store, in large groups, and sends it.
    fn fill(&mut self, question: &Value) -> Result<Value> {
        let clients = usize::try_from(question["clients"].as_u64().context("no number of clients")?)?;
        let contacts = usize::try_from(question["contacts"].as_u64().unwrap_or(5))?;
        let mut dice = dice(question["seed"].as_u64().context("no seed")?);
        let today = chrono::Utc::now().date_naive();
        self.app = None;
        let store = self.store()?;
        let mut json_lines = Vec::new();
        let mut firms: Vec<Firm> = Vec::new();
        let per_group = (RECORDS_PER_GROUP / (contacts + 1)).max(1);
        for number in 0..clients {
            let firm = bench_firm(number, contacts, today, &mut dice);
            serde_json::to_writer(&mut json_lines, &json!({ "client": card(&firm)? }))?;
            json_lines.push(b'\n');
            for contact in &firm.contacts {
                serde_json::to_writer(&mut json_lines, contact)?;
                json_lines.push(b'\n');
            }
            firms.push(firm);
            if firms.len() == per_group || number + 1 == clients {
                write(&store, &firms)?;
                firms.clear();
            }
        }
        while store.index_pending(5_000)? > 0 {}
        drop(store);
        let packed = zstd::encode_all(json_lines.as_slice(), 3)?;
        let report = self.app()?.sync_once(None)?;
        ensure!(report.complete, "filling was not sent completely");
        Ok(json!({ "json_bytes": json_lines.len(), "json_zstd_bytes": packed.len() }))
    }

    fn store(&self) -> Result<Store> {
        let database = std::fs::read_dir(&self.dir)?.flatten().map(|entry| entry.path());
        let database = database
            .into_iter()
            .find(|path| path.extension().is_some_and(|it| it == "satchel"))
            .context("no database")?;
        let key = std::fs::read(self.dir.join("key"))?;
        let key = DatabaseKey(key.try_into().map_err(|_| anyhow::anyhow!("the key has another length"))?);
        Ok(Store::open(&database, &key, Registry::built_in())?)
    }

    fn first_pull(&mut self, question: &Value) -> Result<Value> {
        let records = u32::try_from(question["records"].as_u64().context("no number of records")?)?;
        let link = question["link"].as_str().context("no link")?.to_owned();
        let app = self.app()?.clone();
        app.enrol(Enrol { link, password: PASSWORD.into(), device_name: "bench".into(), passphrase: None })?;
        let received = self.counts.received.load(Ordering::SeqCst);
        let cpu_before = cpu_seconds(std::process::id())?;
        let start = Instant::now();
        let at_work = app.clone();
        let pull = std::thread::spawn(move || {
            let outcome = at_work.sync_once(Some(chrono::Utc::now() + chrono::Duration::hours(1)));
            (outcome, Instant::now())
        });
        let first_page = loop {
            if app.list(list_of("client", 0, 50))?.total > 0 {
                break start.elapsed();
            }
            ensure!(start.elapsed() < Duration::from_secs(300), "no first page in five minutes");
            std::thread::park_timeout(Duration::from_millis(2));
        };
        // Complete means: every record is listed, and every one opens.
        loop {
            let n = app.list(list_of("client", 0, 1))?.total + app.list(list_of("interaction", 0, 1))?.total;
            if n >= records {
                break;
            }
            ensure!(start.elapsed() < Duration::from_secs(1_800), "the first pull does not end");
            std::thread::park_timeout(Duration::from_millis(25));
        }
        let stored = start.elapsed();
        let cpu_stored = cpu_seconds(std::process::id())?;
        let mut keys = all_listed(&app)?;
        ensure!(keys.len() == records as usize, "{} of {records} records are listed", keys.len());
        let listed = start.elapsed();
        let cpu_listed = cpu_seconds(std::process::id())?;
        keys.sort_unstable_by_key(|key| key.id);
        let halves = keys.split_at(keys.len() / 2);
        std::thread::scope(|scope| {
            let other = scope.spawn(|| open_all(&app, halves.0));
            open_all(&app, halves.1)?;
            other.join().map_err(|_| anyhow::anyhow!("opening panicked"))?
        })?;
        let opened = start.elapsed();
        let cpu = cpu_seconds(std::process::id())?;
        let Ok((outcome, ended)) = pull.join() else { bail!("pulling panicked") };
        outcome?;
        Ok(json!({
            "seconds": opened.as_secs_f64(),
            "stored_s": stored.as_secs_f64(),
            "listed_s": listed.as_secs_f64(),
            "cpu_s": cpu - cpu_before,
            "cpu_phases": [cpu_stored - cpu_before, cpu_listed - cpu_stored, cpu - cpu_listed],
            "first_page_ms": first_page.as_secs_f64() * 1e3,
            "search_ms": ended.saturating_duration_since(start).as_secs_f64() * 1e3,
            "bytes": self.counts.received.load(Ordering::SeqCst) - received,
        }))
    }

    /// Saves edits one by one, offline.
    fn edit(&mut self, question: &Value) -> Result<Value> {
        let edits = usize::try_from(question["edits"].as_u64().context("no number of edits")?)?;
        let app = self.app()?;
        let mut rows = Vec::new();
        while rows.len() < edits.min(1_000) {
            let page = app.list(list_of("client", u32::try_from(rows.len())?, 500))?.rows;
            if page.is_empty() {
                break;
            }
            rows.extend(page);
        }
        for number in 0..edits {
            edit_one(app, &rows[number % rows.len()], &format!("офис {number}"))?;
        }
        Ok(json!({}))
    }

    /// Gives all clients of one person to another, and sends that.
    fn move_clients(&mut self, question: &Value) -> Result<Value> {
        let (of, to) =
            (serde_json::from_value(question["of"].clone())?, serde_json::from_value(question["to"].clone())?);
        let app = self.app()?.clone();
        let of_him = |offset| ListRequest { user: Some(of), ..list_of("client", offset, 500) };
        let mut clients = Vec::new();
        for offset in (0..).step_by(500) {
            let page = app.list(of_him(offset))?.rows;
            if page.is_empty() {
                break;
            }
            clients.extend(page.into_iter().map(|row| row.id));
        }
        let n_clients = clients.len();
        self.counts.longest.store(0, Ordering::SeqCst);
        let start = Instant::now();
        let order = Order::MoveClients { clients, to, reason: "other".to_owned() };
        let given = app.give_order(GiveOrder { order, confirmed: None })?;
        let report = app.sync_once(None)?;
        let seconds = start.elapsed().as_secs_f64();
        ensure!(report.complete, "the sync was cut short");
        let orders = app.orders(Nothing {})?;
        let state = orders.iter().find(|order| order.id == given.id).map(|order| order.state);
        ensure!(state == Some(OrderState::Applied), "the order stands at {state:?}");
        let request_ms = self.counts.longest.load(Ordering::SeqCst) as f64 / 1e3;
        Ok(json!({ "seconds": seconds, "request_ms": request_ms, "clients": n_clients }))
    }

    /// Syncs until a client that has just been given to this person is listed with all it has and opens.
    fn granted(&mut self, question: &Value) -> Result<Value> {
        let records = usize::try_from(question["records"].as_u64().context("no number of records")?)?;
        let app = self.app()?.clone();
        let start = Instant::now();
        let at_work = app.clone();
        let pull = std::thread::spawn(move || at_work.sync_once(None));
        let keys = loop {
            let keys = all_listed(&app)?;
            if keys.len() >= records {
                break keys;
            }
            ensure!(start.elapsed() < Duration::from_secs(60), "{} of {records} records in a minute", keys.len());
            std::thread::park_timeout(Duration::from_millis(2));
        };
        open_all(&app, &keys)?;
        let seconds = start.elapsed().as_secs_f64();
        let Ok(outcome) = pull.join() else { bail!("pulling panicked") };
        outcome?;
        Ok(json!({ "seconds": seconds }))
    }

    fn sync(&mut self) -> Result<Value> {
        let before = self.counts.read();
        let start = Instant::now();
        let report = self.app()?.sync_once(None)?;
        let seconds = start.elapsed().as_secs_f64();
        ensure!(report.complete, "the sync was cut short");
        let after = self.counts.read();
        Ok(json!({ "seconds": seconds, "requests": after.0 - before.0, "bytes": after.1 - before.1 }))
    }

    /// A hash over every field of every row of every list.
    fn digest(&mut self) -> Result<Value> {
        let app = self.app()?;
        let mut rows = Vec::new();
        for kind in ["client", "interaction"] {
            for offset in (0..).step_by(500) {
                let page = app.list(list_of(kind, offset, 500))?.rows;
                if page.is_empty() {
                    break;
                }
                for row in page {
                    rows.push(format!("{} {} {}", row.id, row.title, serde_json::to_string(&row.fields)?));
                }
            }
        }
        rows.sort_unstable();
        let mut hash = Sha256::new();
        rows.iter().for_each(|row| hash.update(row));
        let hash: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(json!({ "rows": rows.len(), "hash": hash }))
    }

    fn open_first_page(&mut self) -> Result<Value> {
        let start = Instant::now();
        let page = self.app()?.list(list_of("client", 0, 50))?;
        let taken = start.elapsed();
        ensure!(page.rows.len() == 50, "the first page is short");
        Ok(json!({ "ms": taken.as_secs_f64() * 1e3 }))
    }

    /// Lists of interactions as people ask for them, each time after something was written.
    fn lists(&mut self, question: &Value) -> Result<Value> {
        let mut dice = dice(question["seed"].as_u64().context("no seed")? + 2);
        let app = self.app()?.clone();
        let total = app.list(list_of("interaction", 0, 1))?.total;
        let clients = app.list(list_of("client", 0, 60))?.rows;
        let sort = vec![SortBy { field: "starts_at".into(), descending: true }];
        let mut figures = serde_json::Map::new();
        let kinds = ["list_open_ms", "scroll_query_ms", "filter_ms", "group_ms"];
        for name in kinds {
            let mut times = Vec::new();
            for (number, client) in clients.iter().enumerate() {
                let mut asked = ListRequest { sort: sort.clone(), ..list_of("interaction", 0, 100) };
                match (name, number % 3) {
                    ("scroll_query_ms", _) => asked.offset = dice.random_range(0..total),
                    ("filter_ms", 0) => asked.conditions = vec![Condition::test("result", Op::Contains, "цен")],
                    // Every interaction of the bench was held; what is overdue is worked out for each all the same.
                    ("filter_ms", 1) => {
                        asked.conditions = vec![Condition::test_of("class", Op::OneOf, &["overdue", "closed"])];
                    }
                    ("filter_ms", _) => asked.conditions = vec![Condition::test("client.city", Op::Contains, "о")],
                    ("group_ms", part) => {
                        let field = ["state", "starts_at", "client.city"][part].into();
                        asked.group = vec![GroupBy { field, unit: Unit::Month }];
                    }
                    _ => {}
                }
                // Scrolling is done in a list that stands; all else is worked out anew after a write.
                if name != "scroll_query_ms" {
                    edit_one(&app, client, &format!("двор {name} {number}"))?;
                }
                let start = Instant::now();
                let n = match name {
                    "group_ms" => {
                        let groups = app.list_groups(asked.clone())?.groups.len();
                        groups.min(app.list(asked)?.rows.len())
                    }
                    _ => app.list(asked)?.rows.len(),
                };
                times.push(start.elapsed());
                ensure!(n > 0, "{name}: an empty list");
            }
            figures.insert(name.to_owned(), json!(p95(times)));
        }
        Ok(Value::Object(figures))
    }

    fn report(&mut self) -> Result<Value> {
        let report = super::files::report(self.app()?)?;
        // What search has to catch up with after an import is not what is measured.
        self.app = None;
        super::files::quiet(&self.store()?)?;
        super::files::make_field(self.app()?)?;
        self.app = None;
        let fill = super::files::quiet(&self.store()?)?;
        Ok(json!({ "report_ms": report, "fill_ms": fill }))
    }

    fn save(&mut self) -> Result<Value> {
        let app = self.app()?.clone();
        let rows = app.list(list_of("client", 0, 200))?.rows;
        let mut times = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let start = Instant::now();
            edit_one(&app, row, &format!("склад {number}"))?;
            times.push(start.elapsed());
        }
        Ok(json!({ "ms": p95(times) }))
    }
}

fn card(firm: &Firm) -> Result<Value> {
    let mut card = serde_json::to_value(firm)?;
    for other in ["entity", "people", "contacts"] {
        card.as_object_mut().context("a firm is an object")?.remove(other);
    }
    Ok(card)
}

fn write(store: &Store, firms: &[Firm]) -> Result<()> {
    let by = store.me()?.user;
    let mut writes = Vec::new();
    for firm in firms {
        let client = RecordId(SystemIds.fresh());
        writes.push(Write::Create {
            kind: "client".into(),
            id: client,
            client: None,
            patch: patches::client(firm, None, None, &SystemIds),
        });
        for contact in &firm.contacts {
            let id = RecordId(SystemIds.fresh());
            writes.push(Write::Create {
                kind: "interaction".into(),
                id,
                client: Some(client),
                patch: patches::interaction(contact, None, by, &SystemIds),
            });
        }
    }
    store.write_group(&GroupDraft { at: chrono::Utc::now(), writes }, &SystemIds)?;
    Ok(())
}

pub(super) fn edit_one(app: &App, row: &Row, text: &str) -> Result<()> {
    let edit = Edit {
        kind: "client".into(),
        id: row.id,
        seen: Fields::new(),
        changed: Fields::from([("address".to_owned(), Shown::Text(text.to_owned()))]),
    };
    app.edit(edit)?;
    Ok(())
}

/// Every record of the bench's two kinds, from the pages of their lists.
fn all_listed(app: &App) -> Result<Vec<RecordKey>> {
    let mut keys = Vec::new();
    for kind in ["client", "interaction"] {
        for offset in (0..).step_by(500) {
            let page = app.list(list_of(kind, offset, 500))?.rows;
            if page.is_empty() {
                break;
            }
            keys.extend(page.into_iter().map(|row| RecordKey { kind: kind.to_owned(), id: row.id }));
        }
    }
    Ok(keys)
}

fn open_all(app: &App, keys: &[RecordKey]) -> Result<()> {
    for key in keys {
        let opened = app.record(key.clone())?;
        ensure!(!opened.row.title.is_empty() || key.kind == "interaction", "a record without a name");
    }
    Ok(())
}

pub(super) fn list_of(kind: &str, offset: u32, limit: u32) -> ListRequest {
    ListRequest { kind: kind.to_owned(), offset, limit, ..ListRequest::default() }
}

pub(super) fn words(fields: &Fields, key: &str) -> String {
    match fields.get(key) {
        Some(Shown::Text(text)) => text.clone(),
        Some(Shown::Entries(entries)) => entries.first().map(|entry| entry.value.clone()).unwrap_or_default(),
        _ => String::new(),
    }
}

pub(super) fn p95(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() * 95 / 100].as_secs_f64() * 1e3
}
