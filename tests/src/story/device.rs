//! A device of the story: a browser host on a folder of its own, spoken to over HTTP as a person's browser does.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::processes::{Process, program};

/// One device: a browser host on a folder of its own.
pub struct Device {
    name: String,
    dir: PathBuf,
    process: Option<Process>,
    url: String,
}

/// Protects every story device's database; there is no key store in the story.
pub const PASSPHRASE: &str = "история для проверки";
const TOKEN: &str = "story";

impl Device {
    /// Starts a device on an empty folder.
    pub fn start(name: &str, dir: &Path) -> Result<Self> {
        std::fs::create_dir_all(dir)?;
        let mut device = Self { name: name.to_owned(), dir: dir.to_owned(), process: None, url: String::new() };
        device.restart()?;
        Ok(device)
    }

    /// Kills the device's process, if it runs, and starts it again on the same folder.
    pub fn restart(&mut self) -> Result<()> {
        if let Some(process) = self.process.take() {
            process.kill();
        }
        let mut command = Command::new(program("satchel-devhost")?);
        command.args(["--listen", "127.0.0.1:0", "--token", TOKEN, "--no-keystore", "--data"]).arg(&self.dir);
        command.env("SATCHEL_PASSPHRASE", PASSPHRASE);
        let process = Process::start(&mut command)?;
        let url = process.ready["url"].as_str().context("the browser host printed no address")?;
        self.url = url.split('?').next().unwrap_or(url).trim_end_matches('/').to_owned();
        self.process = Some(process);
        Ok(())
    }

    /// The device's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Runs a command.
    pub fn ipc(&self, command: &str, argument: Value) -> Result<Value> {
        match self.try_ipc(command, argument)? {
            Ok(value) => Ok(value),
            Err(failure) => bail!("{}: {command} failed: {failure}", self.name),
        }
    }

    /// Runs a command that may fail.
    pub fn try_ipc(&self, command: &str, argument: Value) -> Result<std::result::Result<Value, Value>> {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut answer = agent
            .post(format!("{}/ipc/{command}", self.url))
            .header("authorization", &format!("Bearer {TOKEN}"))
            .header("content-type", "application/json")
            .send(argument.to_string())
            .with_context(|| format!("asking {} for {command}", self.name))?;
        let ok = answer.status().is_success();
        let text = answer.body_mut().read_to_string()?;
        let value: Value = serde_json::from_str(&text).with_context(|| format!("{command} answered {text:?}"))?;
        Ok(if ok { Ok(value) } else { Err(value) })
    }

    /// Asks `read` again and again until it holds; the device works in the background meanwhile.
    pub fn until(&self, what: &str, read: impl Fn(&Self) -> Result<bool>) -> Result<()> {
        let start = Instant::now();
        while !read(self)? {
            ensure!(start.elapsed() < Duration::from_secs(60), "{}: waited a minute for: {what}", self.name);
            let _ = self.try_ipc("sync_now", json!({}))?;
            std::thread::park_timeout(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Waits until everything of this device is acknowledged.
    pub fn until_synced(&self) -> Result<()> {
        self.until("everything acknowledged", |device| {
            let sync = &device.ipc("status", json!({}))?["sync"];
            Ok(sync["state"] == "synced" && sync["n_waiting"] == 0)
        })
    }
}
