//! What the office orders: many clients to another person at once, and one client until it is of use to him.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::figures::Figure;
use super::parent::{Device, Options, cpu_seconds, number};
use crate::processes::{Process, office, program};

/// Clients moved at once.
const CLIENTS: usize = 500;
/// Records of those, themselves included.
const RECORDS: usize = 50_000;
/// Records of the client whose new person waits for it.
const GRANTED: usize = 300;

/// Measures both.
///
/// # Errors
/// Where a process does not answer, or an order is not carried out.
pub fn measure(options: &Options) -> Result<Vec<Figure>> {
    let dir = tempfile::tempdir()?;
    let data = dir.path().join("server");
    office(&data, &["init", "--name", "Bench", "--language", "ru", "--department", "Один", "--admin", "Админ"])?;
    let add = |name: &str, role: &str| -> Result<String> {
        let user = office(&data, &["user", "add", "--name", name, "--role", role, "--department", "Один"])?;
        Ok(user["id"].as_str().context("no id of the new user")?.to_owned())
    };
    let (anna, bohdan, chief) = (add("Анна", "rep")?, add("Богдан", "rep")?, add("Олена", "supervisor")?);
    let mut serve = Command::new(program("satchel-server")?);
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
    let server = Process::start(&mut serve)?;
    let url = server.ready["url"].as_str().context("the server printed no address")?.to_owned();
    let enrolled = |name: &str, user: &str| -> Result<Device> {
        let invited = office(&data, &["user", "invite", user, "--url", &url])?;
        let mut device = Device::start(&dir.path().join(name))?;
        device.ask(json!({ "ask": "enrol", "link": invited["link"] }))?;
        Ok(device)
    };
    let mut writer = enrolled("writer", &anna)?;
    writer.ask(json!({ "ask": "fill", "clients": 1, "contacts": GRANTED - 1, "seed": options.seed }))?;
    let (mut desk, mut taker) = (enrolled("desk", &chief)?, enrolled("taker", &bohdan)?);
    desk.ask(json!({ "ask": "sync" }))?;
    let one = desk.ask(json!({ "ask": "move", "of": anna, "to": bohdan }))?;
    let came = taker.ask(json!({ "ask": "granted", "records": GRANTED }))?;

    let each = RECORDS / CLIENTS;
    writer.ask(json!({ "ask": "fill", "clients": CLIENTS, "contacts": each - 1, "seed": options.seed + 1 }))?;
    desk.ask(json!({ "ask": "sync" }))?;
    let before = cpu_seconds(server.pid())?;
    let many = desk.ask(json!({ "ask": "move", "of": anna, "to": bohdan }))?;
    let cpu = cpu_seconds(server.pid())? - before;
    ensure!(number(&many, "clients")? == CLIENTS as f64, "{} clients were moved", many["clients"]);
    let figure = |name, records, value, unit| Figure { name, records, value, unit };
    Ok(vec![
        figure("grant_300_records_ms", GRANTED, (number(&one, "seconds")? + number(&came, "seconds")?) * 1e3, "ms"),
        figure("reassign_500_clients_ms", RECORDS, number(&many, "request_ms")?, "ms"),
        figure("reassign_500_server_cpu_ms", RECORDS, cpu * 1e3, "ms"),
    ])
}
