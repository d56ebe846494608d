//! A process under `strace`, which makes one of its system calls fail or kills it there.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// Which process is made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Side {
    /// The app on a device.
    Device,
    /// The server.
    Server,
}

/// What is done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Trouble {
    /// It is killed as it makes the n-th call.
    Kill,
    /// From the n-th call on the disk is full.
    Full,
    /// From the n-th call on the disk does not take or flush anything.
    Broken,
}

impl Trouble {
    /// The system calls it happens in.
    fn calls(self, side: Side) -> &'static str {
        match (self, side) {
            (Self::Kill, Side::Device) => "write,pwrite64,fsync,fdatasync,ftruncate,rename,unlink",
            // The server's sockets and wake-ups use `write`; its files do not.
            (Self::Kill, Side::Server) => "pwrite64,fsync,fdatasync,ftruncate,rename,unlink",
            (Self::Full, _) => "pwrite64",
            (Self::Broken, _) => "pwrite64,fsync,fdatasync",
        }
    }

    fn injection(self, side: Side, n: usize) -> String {
        let calls = self.calls(side);
        match self {
            Self::Kill => format!("inject={calls}:signal=KILL:when={n}"),
            Self::Full => format!("inject={calls}:error=ENOSPC:when={n}+"),
            Self::Broken => format!("inject={calls}:error=EIO:when={n}+"),
        }
    }
}

/// Where the fault strikes.
#[derive(Clone, Copy, Debug)]
pub enum Strike {
    /// Nowhere; the calls are counted.
    Count,
    /// Nowhere; the calls are recorded with their bytes and moments.
    Record,
    /// At this call.
    At(usize),
}

/// The process. Ends with its owner: its input is closed, and it ends by itself.
pub struct Victim {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    log: PathBuf,
    dead: bool,
}

impl Victim {
    /// A device on a folder.
    ///
    /// # Errors
    /// Where `strace` does not start.
    pub fn device(dir: &Path, trouble: Trouble, strike: Strike) -> Result<Self> {
        let arguments = ["device".to_owned(), dir.display().to_string()];
        Self::start(dir, Side::Device, trouble, strike, &arguments)
    }

    /// A server on its data.
    ///
    /// # Errors
    /// Where `strace` does not start.
    pub fn server(data: &Path, address: SocketAddr, trouble: Trouble, strike: Strike) -> Result<Self> {
        let arguments = ["server".to_owned(), data.display().to_string(), address.to_string()];
        Self::start(data, Side::Server, trouble, strike, &arguments)
    }

    fn start(dir: &Path, side: Side, trouble: Trouble, strike: Strike, arguments: &[String]) -> Result<Self> {
        let log = dir.with_extension("calls");
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-o"]).arg(&log).args(["-e", &format!("trace={}", trouble.calls(side))]);
        match strike {
            Strike::Count => {}
            // Every string as hexadecimal, however long, the path of every file, microseconds.
            Strike::Record => drop(command.args(["-y", "-xx", "-ttt", "-s", "1000000"])),
            Strike::At(n) => drop(command.args(["-e", &trouble.injection(side, n)])),
        }
        command.arg(std::env::current_exe()?).args(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("starting strace (scripts/setup tests installs it)")?;
        let questions = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().context("reading the answers")?);
        let mut victim = Self { child, questions, answers, log, dead: false };
        // The first line says that it is up; a victim that dies before is dead from the start.
        victim.answer();
        Ok(victim)
    }

    /// Asks; `None` where it died over the question or before.
    ///
    /// # Errors
    /// Never: a dead process is an answer.
    pub fn ask(&mut self, command: &str, argument: &Value) -> Option<std::result::Result<Value, Value>> {
        let line = json!({ "command": command, "argument": argument });
        if self.dead || writeln!(self.questions.as_mut()?, "{line}").is_err() {
            self.dead = true;
            return None;
        }
        self.answer()
    }

    fn answer(&mut self) -> Option<std::result::Result<Value, Value>> {
        let mut line = String::new();
        let read = self.answers.read_line(&mut line);
        let answer: Option<Value> = read.ok().and_then(|_| serde_json::from_str(&line).ok());
        let Some(mut answer) = answer else {
            self.dead = true;
            return None;
        };
        Some(match answer.get_mut("ok") {
            Some(value) => Ok(value.take()),
            None => Err(answer["error"].take()),
        })
    }

    /// True once it was found dead.
    pub fn is_dead(&mut self) -> bool {
        self.dead |= self.child.try_wait().is_ok_and(|status| status.is_some());
        self.dead
    }

    /// Closes its input, waits for its end and says where its calls were written down.
    ///
    /// # Errors
    /// Where it cannot be waited for.
    pub fn end_recorded(mut self) -> Result<PathBuf> {
        self.questions = None;
        self.child.wait()?;
        Ok(self.log.clone())
    }

    /// Closes its input and waits for its end: how many calls of the traced kinds its busiest thread made, and
    /// whether it ended by itself.
    ///
    /// # Errors
    /// Where its log cannot be read.
    pub fn end(mut self) -> Result<(usize, bool)> {
        self.questions = None;
        let well = self.child.wait()?.success();
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let mut by_thread = std::collections::HashMap::<&str, usize>::new();
        for line in log.lines().filter(|line| line.contains('(') && !line.contains("resumed>")) {
            let thread = line.split_whitespace().next().unwrap_or_default();
            *by_thread.entry(thread).or_default() += 1;
        }
        Ok((by_thread.into_values().max().unwrap_or(0), well))
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        self.questions = None;
        let _ = self.child.wait();
    }
}
