//! The scenario, with one process of it made to fail at one call, and what must hold afterwards.
//!
//! Anna makes clients, people and interactions, edits them, syncs three times and loses a client meanwhile. Whatever
//! was answered "saved" is on her phone afterwards [DUR-1], whatever a contact acknowledged is at the server before
//! she syncs again [DUR-2], groups are whole [DUR-3], nothing is there twice [DUR-4], and a disk that is full or
//! broken is told by its code and costs nothing that was acknowledged [DUR-6].

use anyhow::{Context, Result, bail, ensure};
use satchel_core::app::App;
use serde_json::{Value, json};

use super::child::{ask, open_app};
use super::ground::{Copy, Ground, Served, must};
use super::injected::{Side, Strike, Trouble, Victim};
use super::report::Line;

/// What is to be played.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Which process fails.
    pub side: Side,
    /// How.
    pub trouble: Trouble,
    /// At so many calls, spread evenly; at every one where there is no number.
    pub sample: Option<usize>,
    /// Where the spread begins.
    pub seed: u64,
    /// So many rounds at once.
    pub jobs: usize,
}

/// Plays a series.
///
/// # Errors
/// Where the stage itself fails. What does not hold after a fault is in the line.
pub fn run(options: Options) -> Result<Line> {
    let ground = Ground::prepare()?;
    let points = {
        let mut round = Round::open(&ground, options, Strike::Count)?;
        round.play()?;
        round.finish()?
    };
    ensure!(points > 50, "only {points} calls were counted");
    let mut line = Line {
        series: format!("{:?} {:?}", options.side, options.trouble).to_lowercase(),
        seed: options.seed,
        points,
        ..Line::default()
    };
    let strikes = std::sync::Mutex::new(spread(points, options.sample, options.seed).into_iter());
    let outcomes = std::thread::scope(|scope| {
        let work = || -> Result<Vec<(usize, Result<bool>)>> {
            // Each has an address of its own.
            let ground = Ground::prepare()?;
            let mut outcomes = Vec::new();
            while let Some(n) = strikes.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next() {
                let outcome = Round::open(&ground, options, Strike::At(n)).and_then(|mut round| {
                    round.play()?;
                    round.finish()?;
                    Ok(round.struck)
                });
                outcomes.push((n, outcome));
            }
            Ok(outcomes)
        };
        let threads: Vec<_> = (0..options.jobs.max(1)).map(|_| scope.spawn(work)).collect();
        let joined =
            threads.into_iter().map(|thread| thread.join().map_err(|_| anyhow::anyhow!("a round panicked"))?);
        joined.collect::<Result<Vec<_>>>()
    })?;
    for (n, outcome) in outcomes.into_iter().flatten() {
        match outcome {
            Ok(struck) => line.struck += usize::from(struck),
            Err(error) => line.failures.push(format!("call {n}: {error:#}")),
        }
    }
    Ok(line)
}

/// Points from 1 to `points`: all, or so many of them, evenly, beginning where the seed says.
fn spread(points: usize, sample: Option<usize>, seed: u64) -> Vec<usize> {
    let Some(sample) = sample.filter(|sample| *sample < points) else { return (1..=points).collect() };
    let step = points as f64 / sample.max(1) as f64;
    let first = (seed % 97) as f64 / 97.0 * step;
    (0..sample).map(|idx| 1 + (first + idx as f64 * step) as usize).filter(|n| *n <= points).collect()
}

/// Something Anna was told is saved.
#[derive(Clone, Debug)]
pub struct Fact {
    kind: &'static str,
    id: String,
    marker: String,
    /// When it was answered, in seconds.
    told_at: f64,
    /// A contact has acknowledged it.
    synced: bool,
    /// When that was, in seconds.
    synced_at: f64,
}

/// What Anna was told, and when.
pub struct Told {
    facts: Vec<Fact>,
    side: Side,
    left: Option<String>,
}

impl Told {
    /// What had been answered before a moment: on the phone "saved", at the server "acknowledged".
    pub fn told_before(&self, at: f64) -> Vec<Fact> {
        let told = |fact: &&Fact| match self.side {
            Side::Device => fact.told_at < at && Some(&fact.id) != self.left.as_ref(),
            Side::Server => fact.synced && fact.synced_at < at,
        };
        self.facts.iter().filter(told).cloned().collect()
    }
}

/// Seconds since the epoch, as the recording of calls has them.
fn seconds() -> f64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// Opens the copy with an image in it: everything told is there, and groups are whole.
///
/// # Errors
/// What does not hold.
pub fn check_image(ground: &Ground, copy: Copy, side: Side, told: &[Fact]) -> Result<()> {
    if side == Side::Device {
        let app = open_app(&copy.anna).context("the database opens")?;
        check_facts(&app, told)?;
        return check_batches(&app);
    }
    let _served = Served::start(&copy.server, ground.address).context("the server's data opens")?;
    let admin = open_app(&copy.admin)?;
    must(&admin, "sync", Value::Null)?;
    check_facts(&admin, told)?;
    check_batches(&admin)
}

pub struct Round<'g> {
    ground: &'g Ground,
    options: Options,
    copy: Copy,
    server: Option<Host>,
    phone: Option<Phone>,
    /// The admin's laptop, once it was needed.
    admin: Option<App>,
    facts: Vec<Fact>,
    /// The first client.
    client: Option<String>,
    /// The client that is moved away from her.
    left: Option<String>,
    struck: bool,
    points: usize,
}

/// The server, well or made to fail.
enum Host {
    /// Runs as long as this is kept.
    Well(#[allow(dead_code)] Served),
    Failing(Victim),
}

/// Anna's phone, well or made to fail.
enum Phone {
    Well(Box<App>),
    Failing(Victim),
}

impl<'g> Round<'g> {
    /// What was told so far.
    pub fn facts_so_far(&self) -> Told {
        Told { facts: self.facts.clone(), side: self.options.side, left: self.left.clone() }
    }

    /// Where the failing process keeps its files.
    pub fn folder(&self, side: Side) -> std::path::PathBuf {
        self.copy.folder(side)
    }

    /// Ends the recorded process and says where its calls were written down.
    ///
    /// # Errors
    /// Where it cannot be waited for.
    pub fn end_recorded(&mut self) -> Result<std::path::PathBuf> {
        match (self.phone.take(), self.server.take()) {
            (Some(Phone::Failing(victim)), _) | (_, Some(Host::Failing(victim))) => victim.end_recorded(),
            _ => bail!("neither process is recorded"),
        }
    }

    pub fn open(ground: &'g Ground, options: Options, strike: Strike) -> Result<Self> {
        let copy = ground.copy()?;
        let mut round = Self {
            ground,
            options,
            copy,
            server: None,
            phone: None,
            admin: None,
            facts: Vec::new(),
            client: None,
            left: None,
            struck: false,
            points: 0,
        };
        match options.side {
            Side::Device => {
                round.server = Some(Host::Well(Served::start(&round.copy.server, ground.address)?));
                round.phone = Some(Phone::Failing(Victim::device(&round.copy.anna, options.trouble, strike)?));
            }
            Side::Server => {
                let victim = Victim::server(&round.copy.server, ground.address, options.trouble, strike)?;
                round.server = Some(Host::Failing(victim));
                round.phone = Some(Phone::Well(Box::new(open_app(&round.copy.anna)?)));
            }
        }
        round.look_after()?;
        Ok(round)
    }

    pub fn play(&mut self) -> Result<()> {
        let made = self.write(
            "client",
            "create_client",
            |marker, _| json!({ "client": { "name": marker, "city": "Київ" }, "legal_entity": { "entity_kind": "legal_entity", "country": "ua" } }),
        )?;
        self.client = self.client.take().or(made);
        self.write(
            "person",
            "create",
            |marker, client| json!({ "kind": "person", "client": client, "fields": { "name": marker } }),
        )?;
        self.write("interaction", "log_interaction", |marker, client| {
            json!({ "client": client, "persons": [], "channel": "call", "subject": "", "outcome": "agreed",
                    "result": marker,
                    "next": { "day": "2031-01-15", "starts_at": "2031-01-15T08:00:00Z", "channel": "open" } })
        })?;
        self.sync()?;
        self.edit("city", "Київ", "")?;
        // Long enough for several pages of the file.
        self.edit("note", "", &"довгий рядок нотатки ".repeat(700))?;
        let second = self.write("client", "create_client", |marker, _| {
            json!({ "client": { "name": marker }, "legal_entity": { "entity_kind": "legal_entity", "country": "ua" } })
        })?;
        self.sync()?;
        self.move_away(second)?;
        self.sync()?;
        self.edit("source", "", "")?;
        self.write(
            "person",
            "create",
            |marker, client| json!({ "kind": "person", "client": client, "fields": { "name": marker } }),
        )?;
        Ok(())
    }

    /// Ends the failing process in good order, opens everything anew and looks at all that was promised.
    fn finish(&mut self) -> Result<usize> {
        self.end_failing()?;
        self.look_after()?;
        let told = self.facts.clone();
        self.check_phone(&told).context("after everything")?;
        self.sync()?;
        let status = self.ask("status", json!({}))?.map_err(|failure| anyhow::anyhow!("status: {failure}"))?;
        ensure!(status["sync"]["n_waiting"] == 0, "something was never sent: {}", status["sync"]);
        let facts = self.facts.clone();
        let witness = self.witness()?;
        check_facts(witness, &facts)?;
        check_batches(witness)?;
        self.compare()?;
        self.phone = None;
        self.server = None;
        Ok(self.points)
    }

    /// A write. Returns the id of what was made where the answer was "saved".
    fn write(
        &mut self,
        kind: &'static str,
        command: &str,
        argument: impl Fn(&str, &Value) -> Value,
    ) -> Result<Option<String>> {
        let marker = format!("мітка-{}-{}", self.facts.len(), command);
        let client = self.client.clone().map_or(Value::Null, Value::String);
        if client.is_null() && command != "create_client" {
            return Ok(None);
        }
        let argument = argument(&marker, &client);
        let mut answer = self.ask(command, argument.clone())?;
        if matches!(&answer, Err(failure) if failure["code"] == "died") {
            // It was not answered, so it may be there or not; the person tries again.
            answer = self.ask(command, argument)?;
        }
        match answer {
            Ok(saved) => {
                let id = saved["id"].as_str().context("a write answers with an id")?.to_owned();
                self.facts.push(Fact {
                    kind,
                    id: id.clone(),
                    marker,
                    told_at: seconds(),
                    synced: false,
                    synced_at: 0.0,
                });
                Ok(Some(id))
            }
            Err(failure) => {
                self.expect_disk(command, &failure)?;
                Ok(None)
            }
        }
    }

    fn edit(&mut self, field: &str, seen: &str, tail: &str) -> Result<()> {
        let Some(client) = self.client.clone() else { return Ok(()) };
        let marker = format!("мітка-{}-{field}", self.facts.len());
        let value = format!("{marker}{tail}");
        let seen = if seen.is_empty() { Value::Null } else { json!(seen) };
        let argument = json!({ "kind": "client", "id": client, "seen": { field: seen }, "changed": { field: value } });
        let mut answer = self.ask("edit", argument.clone())?;
        if matches!(&answer, Err(failure) if failure["code"] == "died") {
            answer = self.ask("edit", argument)?;
            // Saved before it died: the field has the very value typed, and nobody's else.
            if matches!(&answer, Err(failure) if failure["code"] == "changed_meanwhile") {
                bail!("the value it typed itself is told as somebody else's")
            }
        }
        match answer {
            Ok(_) => self.facts.push(Fact {
                kind: "client",
                id: client,
                marker,
                told_at: seconds(),
                synced: false,
                synced_at: 0.0,
            }),
            Err(failure) => self.expect_disk("edit", &failure)?,
        }
        Ok(())
    }

    /// A contact; what it has acknowledged is at the server from then on.
    fn sync(&mut self) -> Result<()> {
        let answer = self.ask("sync", Value::Null)?;
        match answer {
            Ok(report) => {
                ensure!(report["complete"] == true, "a contact without a deadline ended early");
                let now = seconds();
                for fact in self.facts.iter_mut().filter(|fact| !fact.synced) {
                    (fact.synced, fact.synced_at) = (true, now);
                }
            }
            Err(failure) if failure["code"] == "died" => {}
            Err(failure) => self.expect_trouble_at_sync(&failure)?,
        }
        Ok(())
    }

    /// The admin gives the second client to a colleague.
    fn move_away(&mut self, client: Option<String>) -> Result<()> {
        let synced = self.facts.iter().any(|fact| Some(&fact.id) == client.as_ref() && fact.synced);
        let Some(client) = client.filter(|_| synced) else { return Ok(()) };
        self.look_after()?;
        let order =
            json!({ "order": "move_clients", "clients": [client], "to": self.ground.bohdan, "reason": "other" });
        let admin = self.admin()?;
        let went = ask(admin, "sync", Value::Null)
            .and_then(|_| ask(admin, "give_order", json!({ "order": order })))
            .and_then(|_| ask(admin, "sync", Value::Null));
        self.look_after()?;
        if let Err(failure) = went {
            ensure!(self.options.side == Side::Server, "the admin: {failure}");
            // The server failed over it; the order is in the admin's outbox or was never given.
            self.left = Some(client);
            return Ok(());
        }
        self.left = Some(client);
        Ok(())
    }

    /// Asks the phone. A phone found dead is started again, whole, before the answer is given.
    fn ask(&mut self, command: &str, argument: Value) -> Result<std::result::Result<Value, Value>> {
        let answer = match self.phone.as_mut().context("the phone is off")? {
            Phone::Well(app) => Some(ask(app, command, argument)),
            Phone::Failing(victim) => victim.ask(command, &argument),
        };
        self.look_after()?;
        Ok(answer.unwrap_or_else(|| Err(json!({ "code": "died" }))))
    }

    /// Starts what is dead anew, without the fault, and looks at what was promised.
    fn look_after(&mut self) -> Result<()> {
        if let Some(Host::Failing(victim)) = &mut self.server
            && victim.is_dead()
        {
            self.struck = true;
            self.server = None;
            self.restart_server()?;
        }
        if let Some(Phone::Failing(victim)) = &mut self.phone
            && victim.is_dead()
        {
            self.struck = true;
            self.phone = None;
            self.restart_phone()?;
        }
        Ok(())
    }

    fn restart_server(&mut self) -> Result<()> {
        let served = Served::start(&self.copy.server, self.ground.address).context("the server's data opens")?;
        self.server = Some(Host::Well(served));
        // Before the phone has another word: what was acknowledged is there [DUR-2].
        let synced: Vec<Fact> = self.facts.iter().filter(|fact| fact.synced).cloned().collect();
        let witness = self.witness()?;
        check_facts(witness, &synced).context("acknowledged, and not at the server after its restart")?;
        check_batches(witness).context("at the server after its restart")
    }

    fn restart_phone(&mut self) -> Result<()> {
        let app = open_app(&self.copy.anna).context("the database opens again")?;
        self.phone = Some(Phone::Well(Box::new(app)));
        let told = self.facts.clone();
        self.check_phone(&told).context("after its restart")
    }

    /// Ends the failing process in good order, where it still lives.
    fn end_failing(&mut self) -> Result<()> {
        if let Some(Phone::Failing(_)) = self.phone {
            let Some(Phone::Failing(victim)) = self.phone.take() else { return Ok(()) };
            let (points, well) = victim.end()?;
            self.points = points;
            self.struck |= !well || self.options.trouble != Trouble::Kill;
            self.restart_phone()?;
        }
        if let Some(Host::Failing(_)) = self.server {
            let Some(Host::Failing(victim)) = self.server.take() else { return Ok(()) };
            let (points, well) = victim.end()?;
            self.points = points;
            self.struck |= !well || self.options.trouble != Trouble::Kill;
            self.restart_server()?;
        }
        Ok(())
    }

    fn check_phone(&mut self, told: &[Fact]) -> Result<()> {
        let left = self.left.clone();
        let Some(Phone::Well(app)) = &self.phone else { return Ok(()) };
        let mine: Vec<Fact> = told.iter().filter(|fact| Some(&fact.id) != left.as_ref()).cloned().collect();
        check_facts(app, &mine).context("saved, and not on the phone")?;
        check_batches(app)
    }

    fn admin(&mut self) -> Result<&App> {
        if self.admin.is_none() {
            self.admin = Some(open_app(&self.copy.admin)?);
        }
        self.admin.as_ref().context("the laptop was opened a line above")
    }

    /// The admin's laptop after a contact of its own.
    fn witness(&mut self) -> Result<&App> {
        let admin = self.admin()?;
        must(admin, "sync", Value::Null)?;
        Ok(admin)
    }

    /// Phone and witness show the same, but for the client that left.
    fn compare(&self) -> Result<()> {
        let gone: Vec<Value> = match &self.left {
            Some(client) => vec![json!(client)],
            None => Vec::new(),
        };
        let (Some(Phone::Well(phone)), Some(witness)) = (&self.phone, &self.admin) else {
            bail!("both are on and well by now")
        };
        for kind in ["client", "person", "interaction"] {
            let (on_phone, at_office) = (rows(phone, kind)?, rows(witness, kind)?);
            let at_office: Vec<_> = at_office.into_iter().filter(|row| !gone.contains(&row["id"])).collect();
            let on_phone: Vec<_> = on_phone.into_iter().filter(|row| !gone.contains(&row["id"])).collect();
            ensure!(on_phone == at_office, "{kind}: the phone shows {on_phone:?}, the office {at_office:?}");
        }
        Ok(())
    }

    /// A write may fail only because of the disk, and says so [DUR-6].
    fn expect_disk(&self, command: &str, failure: &Value) -> Result<()> {
        let code = failure["code"].as_str().unwrap_or_default();
        let expected = match (self.options.side, self.options.trouble) {
            (Side::Device, Trouble::Full) => code == "disk_full",
            (Side::Device, Trouble::Broken) => code == "disk_failed",
            // Killed twice in a row: the strike comes once, so never.
            _ => false,
        };
        ensure!(expected, "{command} failed with {failure}");
        Ok(())
    }

    fn expect_trouble_at_sync(&self, failure: &Value) -> Result<()> {
        let code = failure["code"].as_str().unwrap_or_default();
        let expected = match (self.options.side, self.options.trouble) {
            (Side::Device, Trouble::Kill) => false,
            (Side::Device, Trouble::Full) => code == "disk_full",
            (Side::Device, Trouble::Broken) => code == "disk_failed",
            (Side::Server, Trouble::Kill) => code == "offline",
            // The server says that it is its own fault, and the device tries again.
            (Side::Server, Trouble::Full | Trouble::Broken) => matches!(code, "internal" | "offline"),
        };
        ensure!(expected, "the contact failed with {failure}");
        Ok(())
    }
}

fn rows(app: &App, kind: &str) -> Result<Vec<Value>> {
    let page = must(app, "list", json!({ "kind": kind, "limit": 500 }))?;
    let mut rows: Vec<Value> = page["rows"]
        .as_array()
        .context("a page has rows")?
        .iter()
        .map(|row| json!({ "id": row["id"], "title": row["title"], "fields": row["fields"] }))
        .collect();
    rows.sort_by_key(|row| row["id"].as_str().unwrap_or_default().to_owned());
    Ok(rows)
}

/// Every fact is shown.
fn check_facts(app: &App, facts: &[Fact]) -> Result<()> {
    for fact in facts {
        let shown = ask(app, "record", json!({ "kind": fact.kind, "id": fact.id }));
        let shown = shown.map_err(|failure| anyhow::anyhow!("{} is lost: {failure}", fact.marker))?;
        ensure!(shown.to_string().contains(&fact.marker), "{} is lost in {shown}", fact.marker);
    }
    Ok(())
}

/// Groups are whole: a client has its legal entity, a call its next contact [DUR-3].
fn check_batches(app: &App) -> Result<()> {
    for row in rows(app, "client")? {
        let card = must(app, "client_card", json!({ "client": row["id"] }))?;
        let n = |key: &str| card[key].as_array().map_or(0, Vec::len);
        ensure!(n("legal_entities") == 1, "client {} has {} legal entities", row["title"], n("legal_entities"));
        ensure!(n("history") == n("planned"), "a call without its next contact, or the other way round");
    }
    Ok(())
}
