//! How soon an edit is on the other devices that are connected: one device that edits and one that shows are the whole
//! app; the others are connections that take frames apart and nothing more, so that the server is what is measured.
//! All people supervise the department, so that every edit reaches every device, and each of them has to be found by
//! the server to see it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use satchel_core::app::api::{Enrol, Nothing, Row, SyncState, Topic};
use satchel_core::app::{App, AppConfig, http};
use satchel_core::domain::kind::Registry;
use satchel_core::store::state::Identity;
use satchel_core::sync::device::http::Http;
use satchel_core::sync::device::identity::{enrol, parse_link};
use satchel_core::sync::device::{Coming, Transport};
use satchel_core::sync::wire::*;
use satchel_core::system::{SystemClock, SystemIds};
use serde_json::json;

use super::child::{PASSWORD, edit_one, list_of};
use super::figures::Figure;
use super::parent::{Device, Options};
use crate::harness::KeyFile;
use crate::processes::{Process, office, program};

/// Records the people see.
const RECORDS: usize = 6_000;
/// Devices a person has.
const DEVICES_EACH: usize = 5;
/// Edits made one after another.
const EDITS: usize = 200;
/// Edits made before, which do not count.
const WARM_UP: usize = 10;
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pages a connection has room for.
const ROOM: u32 = 64;

/// Measures at each number of connected devices.
///
/// # Errors
/// Where a process does not answer, or an edit does not arrive.
pub fn measure(options: &Options) -> Result<Vec<Figure>> {
    let dir = tempfile::tempdir()?;
    let data = dir.path().join("server");
    office(&data, &["init", "--name", "Bench", "--language", "ru", "--department", "Один", "--admin", "Админ"])?;
    let mut serve = Command::new(program("satchel-server")?);
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
    let server = Process::start(&mut serve)?;
    let url = server.ready["url"].as_str().context("the server printed no address")?.to_owned();
    let most = options.live.iter().copied().max().unwrap_or(0) + 2;
    let mut people = People::add(&data, &url, most.div_ceil(DEVICES_EACH))?;

    let writer_dir = dir.path().join("writer");
    let mut filling = Device::start(&writer_dir)?;
    filling.ask(json!({ "ask": "enrol", "link": people.link()? }))?;
    filling.ask(json!({ "ask": "fill", "clients": RECORDS / 6, "seed": options.seed }))?;
    drop(filling);
    let writer = open(&writer_dir)?;
    let reader = open(&dir.path().join("reader"))?;
    let shown = watch(&reader);
    let link = people.link()?;
    reader.enrol(Enrol { link, password: PASSWORD.into(), device_name: "bench".into(), passphrase: None })?;
    let rows = {
        wait_for(|| Ok(reader.list(list_of("client", 0, 1))?.total as usize >= RECORDS / 6), "the first pull")?;
        wait_for(|| Ok(reader.status(Nothing {})?.sync.state == SyncState::Synced), "the reader to be even")?;
        writer.list(list_of("client", 0, 500))?.rows
    };
    // The others begin where a device stands that has everything.
    let cursor = stands_at(&url, &people.link()?)?;

    let (arrive, arrived) = channel();
    let mut figures = Vec::new();
    let mut connected = 2;
    let mut edited = 0;
    for devices in &options.live {
        let more = devices.saturating_sub(connected);
        for _ in 0..more {
            let link = people.link()?;
            connect(&url, &enrol_at(&url, &link)?, &cursor, arrive.clone())?;
        }
        for _ in 0..more {
            // Each is told where it stands.
            arrived.recv_timeout(PATIENCE).context("a connection is not welcomed")?;
        }
        connected += more;
        let times = measure_edits(&writer, &rows, &mut edited, connected - 2, &arrived, &shown)?;
        let mut note = |name, value| figures.push(Figure { name, records: RECORDS, value, unit: "ms" });
        let names = match devices {
            500 => ("live_p50_ms", "live_p99_ms", "live_shown_p50_ms"),
            100 => ("live_100_p50_ms", "live_100_p99_ms", "live_100_shown_p50_ms"),
            _ => ("live_other_p50_ms", "live_other_p99_ms", "live_other_shown_p50_ms"),
        };
        note(names.0, percentile(&times.frames, 50));
        note(names.1, percentile(&times.frames, 99));
        note(names.2, percentile(&times.shown, 50));
    }
    Ok(figures)
}

/// What a device that is connected and does nothing costs the server: resident memory with so many of them, less what it
/// was when all were enrolled and none was connected.
///
/// # Errors
/// Where a process does not answer.
pub fn measure_idle(devices: usize) -> Result<Figure> {
    let dir = tempfile::tempdir()?;
    let data = dir.path().join("server");
    office(&data, &["init", "--name", "Bench", "--language", "ru", "--department", "Один", "--admin", "Админ"])?;
    let start = || -> Result<(Process, String)> {
        let mut serve = Command::new(program("satchel-server")?);
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
        let server = Process::start(&mut serve)?;
        let url = server.ready["url"].as_str().context("the server printed no address")?.to_owned();
        Ok((server, url))
    };
    let (server, url) = start()?;
    let mut people = People::add(&data, &url, devices.div_ceil(DEVICES_EACH))?;
    let mut enrolled = Vec::new();
    for _ in 0..devices {
        enrolled.push(enrol_at(&url, &people.link()?)?);
    }
    drop(server);
    // Started anew: what proving so many passwords left in memory would hide what the connections take.
    let (server, url) = start()?;
    let before = resident_kb(server.pid())?;
    let (arrive, arrived) = channel();
    for identity in &enrolled {
        connect(&url, identity, &Cursor::default(), arrive.clone())?;
    }
    for _ in &enrolled {
        arrived.recv_timeout(PATIENCE).context("a connection is not welcomed")?;
    }
    let value = (resident_kb(server.pid())? - before) / devices as f64;
    Ok(Figure { name: "idle_device_kb", records: devices, value, unit: "KB" })
}

struct Times {
    /// To the frames of each connection, for every edit.
    frames: Vec<Duration>,
    /// To the screen of the other app.
    shown: Vec<Duration>,
}

fn measure_edits(
    writer: &App,
    rows: &[Row],
    edited: &mut usize,
    connections: usize,
    arrived: &Receiver<Instant>,
    shown: &Receiver<Instant>,
) -> Result<Times> {
    let mut times = Times { frames: Vec::new(), shown: Vec::new() };
    for number in 0..WARM_UP + EDITS {
        while shown.try_recv().is_ok() {}
        let row = &rows[*edited % rows.len()];
        edit_one(writer, row, &format!("корпус {edited}"))?;
        *edited += 1;
        let saved = Instant::now();
        let mut frames = Vec::with_capacity(connections);
        for _ in 0..connections {
            let at = arrived.recv_timeout(PATIENCE).context("an edit does not arrive everywhere")?;
            frames.push(at.saturating_duration_since(saved));
        }
        let on_screen = shown.recv_timeout(PATIENCE).context("an edit is not shown")?;
        if number >= WARM_UP {
            times.frames.extend(frames);
            times.shown.push(on_screen.saturating_duration_since(saved));
        }
    }
    ensure!(arrived.try_recv().is_err(), "more pages than edits");
    Ok(times)
}

/// Links for one device after another, a few for each person. People are there before any record is: what they see
/// did not come to them anew.
struct People<'a> {
    data: &'a Path,
    url: &'a str,
    ids: Vec<String>,
    n: usize,
}

impl<'a> People<'a> {
    fn add(data: &'a Path, url: &'a str, n: usize) -> Result<Self> {
        let mut ids = Vec::new();
        for number in 0..n {
            let name = format!("Человек {number}");
            let add = ["user", "add", "--name", &name, "--role", "supervisor", "--department", "Один"];
            ids.push(office(data, &add)?["id"].as_str().context("no id of the new user")?.to_owned());
        }
        Ok(Self { data, url, ids, n: 0 })
    }

    fn link(&mut self) -> Result<String> {
        let id = self.ids.get(self.n / DEVICES_EACH).context("there are not people enough")?;
        self.n += 1;
        let invited = office(self.data, &["user", "invite", id, "--url", self.url])?;
        Ok(invited["link"].as_str().context("no link")?.to_owned())
    }
}

fn open(dir: &Path) -> Result<App> {
    std::fs::create_dir_all(dir)?;
    Ok(App::open(AppConfig {
        data_dir: dir.to_owned(),
        keys: Arc::new(KeyFile(dir.join("key"))),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        registry: Registry::built_in(),
        transport: http(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        passphrase: None,
        background: true,
    })?)
}

/// When the app says that a record has changed.
fn watch(app: &App) -> Receiver<Instant> {
    let (tell, told) = channel();
    app.subscribe(Box::new(move |topics| {
        if topics.iter().any(|topic| matches!(topic, Topic::Record(_))) {
            let _ = tell.send(Instant::now());
        }
    }));
    told
}

fn hello(identity: &Identity, cursor: &Cursor) -> Result<Hello> {
    let tokens = identity.tokens.as_ref().context("no tokens")?;
    Ok(Hello {
        protocol: PROTOCOL,
        app: "bench".to_owned(),
        organisation: identity.organisation,
        device: identity.device,
        credential: Credential::Access(tokens.access.clone()),
        epoch: identity.epoch,
        incarnation: 0,
        push_counter: 0,
        push_id: None,
        cursor: cursor.clone(),
        ahead: false,
        purged: Vec::new(),
        n_unsent: 0,
        pull: true,
        credit: 0,
        want_devices: false,
        clock: None,
        snapshots: true,
    })
}

fn enrol_at(url: &str, link: &str) -> Result<Identity> {
    Ok(enrol(&Http::new(url), &parse_link(link).context("reading the link")?, PASSWORD, "bench")?)
}

/// Where a device stands that has everything.
fn stands_at(url: &str, link: &str) -> Result<Cursor> {
    let net = Http::new(url);
    let identity = enrol_at(url, link)?;
    let mut cursor = Cursor::default();
    loop {
        let body = pack(&[Frame::bare(Up::Hello(hello(&identity, &cursor)?))])?;
        let answer = net.post(paths::SYNC, None, "application/octet-stream", &body)?;
        let page = unpack::<Down>(&answer)?.into_iter().find_map(|frame| match frame.message {
            Down::Page(page) => Some(page),
            _ => None,
        });
        let page = page.context("no page")?;
        cursor = page.cursor;
        if !page.more {
            return Ok(cursor);
        }
    }
}

/// A connection that takes frames apart, on a thread of its own: the moment of its first page and of each with a
/// record.
fn connect(url: &str, identity: &Identity, cursor: &Cursor, arrive: Sender<Instant>) -> Result<()> {
    let net = Http::new(url);
    let hello = hello(identity, cursor)?;
    let (mut line, _bell) = net.connect()?;
    let room = |pages| Frame::bare(Up::Credit(Credit { pages, bytes: 0 }));
    line.send(pack(&[Frame::bare(Up::Hello(hello)), room(ROOM)])?)?;
    let mut receive = move || -> Result<()> {
        let (mut left, mut first) = (ROOM, true);
        loop {
            let Coming::Body(body) = line.wait(PATIENCE)? else { continue };
            for frame in unpack::<Down>(&body)? {
                match frame.message {
                    Down::Page(page) => {
                        if std::mem::take(&mut first) || !page.records.is_empty() {
                            arrive.send(Instant::now())?;
                        }
                        left -= 1;
                    }
                    Down::Refused(denied) => bail!("refused: {}", denied.code),
                    Down::Welcome(_) | Down::Verdict(_) => {}
                }
            }
            if left < ROOM / 2 {
                line.send(pack(&[room(ROOM - left)])?)?;
                left = ROOM;
            }
        }
    };
    let named = std::thread::Builder::new().name("connection".to_owned()).stack_size(256 * 1024);
    named.spawn(move || {
        if let Err(error) = receive() {
            eprintln!("a connection has ended: {error:#}");
        }
    })?;
    Ok(())
}

fn wait_for(is: impl Fn() -> Result<bool>, what: &str) -> Result<()> {
    let until = Instant::now() + PATIENCE;
    while !is()? {
        ensure!(Instant::now() < until, "waited in vain for {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
    Ok(())
}

fn percentile(times: &[Duration], percent: usize) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).map_or(0.0, Duration::as_secs_f64)
        * 1e3
}

/// Resident memory of a process in KB.
fn resident_kb(pid: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let lines: BTreeMap<&str, &str> = status.lines().filter_map(|line| line.split_once(':')).collect();
    let kb = lines.get("VmRSS").and_then(|value| value.split_whitespace().next());
    kb.and_then(|value| value.parse().ok()).context("reading memory")
}
