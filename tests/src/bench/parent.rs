//! The bench itself: starts the server and the devices, asks them, compares, prints.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::figures::{Figure, print};
use crate::processes::{Process, office, program};

/// What to measure and how to print it.
#[derive(Clone, Debug)]
pub struct Options {
    /// Sizes in records; six to a client.
    pub sizes: Vec<usize>,
    /// How many devices are connected live; none leaves that out.
    pub live: Vec<usize>,
    /// Whether to measure a long history.
    pub compaction: bool,
    /// How many devices are connected and idle; 0 leaves that out.
    pub idle: usize,
    /// Rows of the table that is imported; 0 leaves files out, with the report and the filling of a field.
    pub import_rows: usize,
    /// Orders of the office.
    pub orders: bool,
    /// Seed of the data.
    pub seed: u64,
    /// JSON lines instead of a table.
    pub json: bool,
}

/// Measures everything at every size.
///
/// # Errors
/// Where a process does not answer, or the two devices do not hold the same.
pub fn run(options: &Options) -> Result<()> {
    let mut figures = Vec::new();
    for size in &options.sizes {
        figures.extend(measure(*size, options)?);
    }
    if options.compaction {
        figures.extend(super::compaction::measure(options.seed)?);
    }
    if options.import_rows > 0 {
        figures.extend(super::files::measure(options.import_rows, options.seed)?);
    }
    if options.orders {
        figures.extend(super::orders::measure(options)?);
    }
    if !options.live.is_empty() {
        figures.extend(super::live::measure(options)?);
    }
    if options.idle > 0 {
        figures.push(super::live::measure_idle(options.idle)?);
    }
    print(&figures, options.json);
    Ok(())
}

fn measure(records: usize, options: &Options) -> Result<Vec<Figure>> {
    let dir = tempfile::tempdir()?;
    let data = dir.path().join("server");
    office(&data, &["init", "--name", "Bench", "--language", "ru", "--department", "Один", "--admin", "Админ"])?;
    let user = office(&data, &["user", "add", "--name", "Анна", "--role", "rep", "--department", "Один"])?;
    let user = user["id"].as_str().context("no id of the new user")?.to_owned();
    let mut serve = Command::new(program("satchel-server")?);
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
    let server = Process::start(&mut serve)?;
    let url = server.ready["url"].as_str().context("the server printed no address")?.to_owned();
    let link = || -> Result<String> {
        let invited = office(&data, &["user", "invite", &user, "--url", &url])?;
        Ok(invited["link"].as_str().context("no link")?.to_owned())
    };
    let mut figures = Vec::new();
    let mut note =
        |name: &'static str, value: f64, unit: &'static str| figures.push(Figure { name, records, value, unit });

    let mut writer = Device::start(&dir.path().join("writer"))?;
    writer.ask(json!({ "ask": "enrol", "link": link()? }))?;
    let filled = writer.ask(json!({ "ask": "fill", "clients": records / 6, "seed": options.seed }))?;
    eprintln!(
        "{records} records, seed {}, {:.0} bytes of JSON a record",
        options.seed,
        number(&filled, "json_bytes")? / records as f64
    );

    let mut reader = Device::start(&dir.path().join("reader"))?;
    let before = cpu_seconds(server.pid())?;
    let pulled = reader.ask(json!({ "ask": "first_pull", "link": link()?, "records": records }))?;
    let server_cpu = cpu_seconds(server.pid())? - before;
    eprintln!("{pulled}");
    let (held, expected) = (reader.ask(json!({ "ask": "digest" }))?, writer.ask(json!({ "ask": "digest" }))?);
    ensure!(held == expected, "the two devices differ after the first pull: {held} and {expected}");
    note("first_pull_records_per_s", records as f64 / number(&pulled, "seconds")?, "1/s");
    note("first_pull_stored_s", number(&pulled, "stored_s")?, "s");
    note("first_pull_listed_s", number(&pulled, "listed_s")?, "s");
    note("first_pull_device_cpu_s", number(&pulled, "cpu_s")?, "s");
    note("first_pull_server_cpu_s", server_cpu, "s");
    note("search_complete_ms", number(&pulled, "search_ms")?, "ms");
    note("first_page_usable_ms", number(&pulled, "first_page_ms")?, "ms");
    note("first_pull_bytes_per_record", number(&pulled, "bytes")? / records as f64, "B");
    note("json_zstd_bytes_per_record", number(&filled, "json_zstd_bytes")? / records as f64, "B");

    for (n, seconds, cpu) in [(500, "push_500_s", None), (10_000, "push_10000_s", Some("push_10000_server_cpu_s"))] {
        writer.ask(json!({ "ask": "edit", "edits": n }))?;
        let before = cpu_seconds(server.pid())?;
        let pushed = writer.ask(json!({ "ask": "sync" }))?;
        note(seconds, number(&pushed, "seconds")?, "s");
        if let Some(name) = cpu {
            note(name, cpu_seconds(server.pid())? - before, "s");
        }
    }
    reader.ask(json!({ "ask": "sync" }))?;
    let (held, expected) = (reader.ask(json!({ "ask": "digest" }))?, writer.ask(json!({ "ask": "digest" }))?);
    ensure!(held == expected, "the two devices differ after the pushes: {held} and {expected}");

    let idle = reader.ask(json!({ "ask": "sync" }))?;
    note("reconnect_round_trips", number(&idle, "requests")?, "");
    note("reconnect_bytes", number(&idle, "bytes")?, "B");
    let pull_peak = number(&reader.ask(json!({ "ask": "peak" }))?, "mb")?;
    drop(reader);

    let mut reader = Device::start(&dir.path().join("reader"))?;
    note("open_first_page_ms", number(&reader.ask(json!({ "ask": "open" }))?, "ms")?, "ms");
    let searched = reader.ask(json!({ "ask": "search", "seed": options.seed }))?;
    eprintln!("{searched}");
    note("search_p95_ms", number(&searched, "ms")?, "ms");
    note("search_hard_p95_ms", number(&searched, "hard_ms")?, "ms");
    let lists = reader.ask(json!({ "ask": "lists", "seed": options.seed }))?;
    for name in ["list_open_ms", "scroll_query_ms", "filter_ms", "group_ms"] {
        note(name, number(&lists, name)?, "ms");
    }
    note("save_edit_p95_ms", number(&reader.ask(json!({ "ask": "save" }))?, "ms")?, "ms");
    note("peak_rss_mb_device", pull_peak, "MB");
    note("peak_rss_mb_server", peak_mb(server.pid())?, "MB");
    Ok(figures)
}

/// A device: this program once more, with questions on its input and answers on its output.
pub(super) struct Device {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Device {
    pub fn start(dir: &Path) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--device").arg(dir).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("starting a device")?;
        let questions = child.stdin.take().context("the device takes no questions")?;
        let answers = BufReader::new(child.stdout.take().context("the device gives no answers")?);
        Ok(Self { child, questions, answers })
    }

    pub fn ask(&mut self, question: Value) -> Result<Value> {
        writeln!(self.questions, "{question}")?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let answer: Value = serde_json::from_str(&line).with_context(|| format!("{question} was answered {line:?}"))?;
        ensure!(answer["error"].is_null(), "{question}: {}", answer["error"]);
        Ok(answer)
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(super) fn number(value: &Value, key: &str) -> Result<f64> {
    value[key].as_f64().with_context(|| format!("no {key} in {value}"))
}

/// Processor seconds a process has used, from `/proc/<pid>/stat` (fields 14 and 15, in ticks of a hundredth).
pub(super) fn cpu_seconds(pid: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let after = stat.rsplit_once(") ").context("reading the server's time")?.1;
    let ticks: Vec<f64> = after.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    Ok(ticks.iter().sum::<f64>() / 100.0)
}

/// Greatest resident memory of a process in MB (`VmHWM`).
pub(super) fn peak_mb(pid: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).context("reading peak memory")?;
    let kb: f64 = line.split_whitespace().nth(1).and_then(|field| field.parse().ok()).context("reading peak memory")?;
    Ok(kb / 1024.0)
}
