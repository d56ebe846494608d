//! Programs of the product as processes of their own, for the story and the bench.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// A child that ends with its owner.
pub struct Process {
    child: Child,
    /// What it printed when it was ready.
    pub ready: Value,
}

impl Process {
    /// Starts a program and waits for its one JSON line.
    pub fn start(command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("starting {command:?}"))?;
        let out = child.stdout.take().context("reading the program's output")?;
        let mut line = String::new();
        let mut reader = BufReader::new(out);
        reader.read_line(&mut line)?;
        let ready = serde_json::from_str(&line)
            .with_context(|| format!("{command:?} printed {line:?} instead of its address"))?;
        std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
        Ok(Self { child, ready })
    }

    /// Its process number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a power cut would: SIGKILL.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the built programs are: beside this one.
pub fn program(name: &str) -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    let path = here.parent().context("finding the programs")?.join(name);
    ensure!(path.exists(), "{} is not built: run scripts/demo, which builds it", path.display());
    Ok(path)
}

/// Runs the admin's command line.
///
/// # Errors
/// Where it fails, with what it said.
pub fn office(data: &Path, arguments: &[&str]) -> Result<Value> {
    let out =
        Command::new(program("satchel-server")?).args(arguments).arg("--json").arg("--data").arg(data).output()?;
    ensure!(out.status.success(), "satchel-server {arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout)
        .with_context(|| format!("satchel-server {arguments:?} printed {:?}", String::from_utf8_lossy(&out.stdout)))
}
