//! What the command line understands.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use satchel_core::domain::order::LONGEST_DELAY;

use crate::storage::AuditHead;

/// The Satchel sync server.
#[derive(Debug, Parser)]
#[command(name = "satchel-server", version, about)]
pub struct Arguments {
    /// What is to be done.
    #[command(subcommand)]
    pub task: Task,
}

/// Commands.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Make an organisation in an empty data folder
    Init(Init),
    /// Serve devices until told to stop
    Serve(Serve),
    /// People: add, list, invite, deactivate
    User {
        /// What is to be done.
        #[command(subcommand)]
        task: UserTask,
    },
    /// Devices: list, revoke, keep-data, wipes
    Device {
        /// What is to be done.
        #[command(subcommand)]
        task: DeviceTask,
    },
    /// Say how many days devices may be out of contact before they lock themselves, or set it
    Lease {
        #[command(flatten)]
        common: Common,
        /// Days, 1 to 180
        days: Option<u32>,
    },
    /// Erase what is personal in a person's record, for good
    Erase {
        #[command(flatten)]
        common: Common,
        /// The record's id, as the app shows it
        record: String,
        /// How long it can be taken back, as 30m, 2h or 3d
        #[arg(long, value_parser = delay, default_value = "1d")]
        after: u32,
        /// Take an erasure back instead, while its delay runs
        #[arg(long)]
        withdraw: bool,
    },
    /// List what a supervisor should look at, newest first
    Alerts {
        #[command(flatten)]
        common: Common,
    },
    /// Departments: add, list
    Department {
        /// What is to be done.
        #[command(subcommand)]
        task: DepartmentTask,
    },
    /// Write a copy of the database, while the server runs; never over a file that is there
    Backup {
        #[command(flatten)]
        common: Common,
        /// Where to
        file: PathBuf,
    },
    /// Look at a backup as `doctor` looks at the database
    Verify {
        /// The backup
        file: PathBuf,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Put a backup in the place of the database; the server is held afterwards until `held release`
    Restore {
        #[command(flatten)]
        common: Common,
        /// The backup
        file: PathBuf,
    },
    /// After a restore: what devices know and the backup does not
    Held {
        /// What is to be done.
        #[command(subcommand)]
        task: HeldTask,
    },
    /// Look at everything stored and say what does not fit together
    Doctor {
        #[command(flatten)]
        common: Common,
        /// Put right what can be made from something else
        #[arg(long)]
        fix: bool,
    },
    /// Fold long histories now, whatever their age, and give the space back; the server may be running
    Compact {
        #[command(flatten)]
        common: Common,
    },
    /// The audit: list, verify
    Audit {
        /// What is to be done.
        #[command(subcommand)]
        task: AuditTask,
    },
}

/// Where the data is and how to answer.
#[derive(Debug, Args)]
pub struct Common {
    /// Data folder
    #[arg(long, env = "SATCHEL_DATA")]
    pub data: PathBuf,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

/// `init`.
#[derive(Debug, Args)]
pub struct Init {
    #[command(flatten)]
    pub common: Common,
    /// Name of the organisation
    #[arg(long)]
    pub name: String,
    /// Language of the organisation: en, ru or uk
    #[arg(long, default_value = "en")]
    pub language: String,
    /// Names of departments; the admin belongs to the first
    #[arg(long = "department", required = true, num_args = 1..)]
    pub departments: Vec<String>,
    /// Full name of the admin
    #[arg(long)]
    pub admin: String,
}

/// `serve`.
#[derive(Debug, Default, Args)]
pub struct Serve {
    /// A file with settings, one `name = value` a line; flags and the environment go before it
    #[arg(long, env = "SATCHEL_CONFIG")]
    pub config: Option<PathBuf>,
    /// Data folder
    #[arg(long, env = "SATCHEL_DATA")]
    pub data: Option<PathBuf>,
    /// Address to listen on, 127.0.0.1:8080 where none is given; port 0 picks a free one
    #[arg(long, env = "SATCHEL_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// Address people reach the server by, for enrolment links
    #[arg(long, env = "SATCHEL_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// A proxy that speaks TLS stands before the server: allows addresses other than loopback
    #[arg(long, env = "SATCHEL_BEHIND_TLS_PROXY")]
    pub behind_tls_proxy: bool,
    /// Loopback address for metrics as Prometheus reads them; none where none is given
    #[arg(long, env = "SATCHEL_METRICS")]
    pub metrics: Option<SocketAddr>,
}

/// `user …`.
#[derive(Debug, Subcommand)]
pub enum UserTask {
    /// Add a person
    Add {
        #[command(flatten)]
        common: Common,
        /// Full name
        #[arg(long)]
        name: String,
        /// rep, supervisor or admin
        #[arg(long, default_value = "rep")]
        role: String,
        /// Department, by name or id
        #[arg(long)]
        department: String,
    },
    /// List people
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Print a single-use enrolment link
    Invite {
        #[command(flatten)]
        common: Common,
        /// Whom: full name or id
        user: String,
        /// Minutes the link works
        #[arg(long)]
        lifetime: Option<u32>,
        /// Address to put into the link instead of the server's own
        #[arg(long)]
        url: Option<String>,
    },
    /// End a person's rights with all his devices'
    Deactivate {
        #[command(flatten)]
        common: Common,
        /// Whom: full name or id
        user: String,
    },
}

/// `device …`.
#[derive(Debug, Subcommand)]
pub enum DeviceTask {
    /// List devices
    List {
        #[command(flatten)]
        common: Common,
        /// Only of this person: full name or id
        #[arg(long)]
        user: Option<String>,
    },
    /// End a device's rights at once
    Revoke {
        #[command(flatten)]
        common: Common,
        /// The device's id
        device: String,
        /// Have it emptied at its next contact, also where its rights have ended before
        #[arg(long)]
        wipe: bool,
        /// Before that it hands over what it had not sent, for the decision of whoever has the client
        #[arg(long, requires = "wipe")]
        rescue: bool,
        /// How long the wipe can be taken back, as 30m, 2h or 3d
        #[arg(long, requires = "wipe", value_parser = delay, default_value = "0s")]
        after: u32,
    },
    /// Take an order to empty a device back while its delay runs
    KeepData {
        #[command(flatten)]
        common: Common,
        /// The device's id
        device: String,
    },
    /// List orders to empty devices that are not confirmed
    Wipes {
        #[command(flatten)]
        common: Common,
        /// Confirmed ones, too
        #[arg(long)]
        all: bool,
    },
}

/// A stretch of time in seconds: a number with `s`, `m`, `h` or `d`, thirty days at most.
fn delay(text: &str) -> Result<u32, String> {
    let wrong = || format!("{text} is no time like 30m, 2h or 3d, thirty days at most");
    let unit = match text.trim_start_matches(|letter: char| letter.is_ascii_digit()) {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        _ => return Err(wrong()),
    };
    let number: u32 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    number.checked_mul(unit).filter(|seconds| *seconds <= LONGEST_DELAY).ok_or_else(wrong)
}

/// `department …`.
#[derive(Debug, Subcommand)]
pub enum DepartmentTask {
    /// Add a department
    Add {
        #[command(flatten)]
        common: Common,
        /// Its name
        #[arg(long)]
        name: String,
        /// The one above it, by name or id
        #[arg(long)]
        parent: Option<String>,
    },
    /// List departments
    List {
        #[command(flatten)]
        common: Common,
    },
}

/// `audit …`.
#[derive(Debug, Subcommand)]
pub enum AuditTask {
    /// List the newest rows, newest first
    List {
        #[command(flatten)]
        common: Common,
        /// How many
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Check that no row was edited, removed, moved or cut off; prints the head, to be noted elsewhere
    Verify {
        #[command(flatten)]
        common: Common,
        /// A head noted earlier, which the chain must still go through
        #[arg(long)]
        noted: Option<AuditHead>,
    },
}

/// `held …`.
#[derive(Debug, Subcommand)]
pub enum HeldTask {
    /// List what devices reported
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Carry out what was reported: all of it, or the items named
    Confirm {
        #[command(flatten)]
        common: Common,
        /// Numbers from the list
        items: Vec<u64>,
        /// Everything there is
        #[arg(long, conflicts_with = "items")]
        all: bool,
    },
    /// Forget items
    Drop {
        #[command(flatten)]
        common: Common,
        /// Numbers from the list
        #[arg(required = true)]
        items: Vec<u64>,
    },
    /// Let data flow again
    Release {
        #[command(flatten)]
        common: Common,
    },
}
