//! The office on which faults are played: prepared once, copied for each of them.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use anyhow::{Context, Result, anyhow, bail};
use satchel_core::app::App;
use satchel_core::domain::authority::Role;
use satchel_core::domain::ids::UserId;
use satchel_server::Office;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::child::{answer_for, ask, open_app, open_office, run_office};
use super::injected::Side;
use crate::harness::{PASSWORD, scratch};

/// A server, Anna's phone and the admin's laptop as they are before anything fails.
pub struct Ground {
    folder: TempDir,
    /// Where the server listens, in every copy.
    pub address: SocketAddr,
    /// To whom clients are moved.
    pub bohdan: UserId,
}

impl Copy {
    /// The folder of the process that is looked at.
    #[must_use]
    pub fn folder(&self, side: Side) -> PathBuf {
        match side {
            Side::Device => self.anna.clone(),
            Side::Server => self.server.clone(),
        }
    }
}

/// One copy.
pub struct Copy {
    _folder: TempDir,
    /// The server's data.
    pub server: PathBuf,
    /// Anna's phone.
    pub anna: PathBuf,
    /// The admin's laptop, which sees everything.
    pub admin: PathBuf,
}

impl Ground {
    /// Prepares it.
    ///
    /// # Errors
    /// Where anything of it fails.
    pub fn prepare() -> Result<Self> {
        let folder = scratch();
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let data = folder.path().join("server");
        let url = format!("http://{address}");
        let office = open_office(&data, &url)?;
        office.init_organisation("Контора", "uk")?;
        let top = office.add_department("Контора", None)?;
        let (anna, bohdan) = (office.add_user("Анна", Role::Rep, top)?, office.add_user("Богдан", Role::Rep, top)?);
        let admin = office.add_user("Админ", Role::Admin, top)?;
        let link = |user| office.invite(user, None).map(|invitation| invitation.link);
        let (of_anna, of_admin) = (link(anna)?, link(admin)?);
        drop(office);
        let ground = Self { folder, address, bohdan };
        let served = Served::start(&data, address)?;
        for (name, link) in [("anna", of_anna), ("admin", of_admin)] {
            let app = open_app(&ground.folder.path().join(name))?;
            let enrol = json!({ "link": link, "password": PASSWORD, "device_name": name });
            must(&app, "enrol", enrol)?;
            must(&app, "sync", Value::Null)?;
        }
        served.stop()?;
        Ok(ground)
    }

    /// A copy of it.
    ///
    /// # Errors
    /// Where files cannot be copied.
    pub fn copy(&self) -> Result<Copy> {
        let folder = scratch();
        for name in ["server", "anna", "admin"] {
            copy_files(&self.folder.path().join(name), &folder.path().join(name))?;
        }
        let at = |name: &str| folder.path().join(name);
        Ok(Copy { server: at("server"), anna: at("anna"), admin: at("admin"), _folder: folder })
    }
}

/// An app that was dropped may still be closing its database: its log goes into the main file and disappears. What was
/// copied before belongs to no moment then, so the folder is copied again.
fn copy_files(from: &Path, to: &Path) -> Result<()> {
    for _ in 0..100 {
        match copy_files_once(from, to) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => std::fs::remove_dir_all(to)?,
            done => return done.with_context(|| format!("copying {}", from.display())),
        }
    }
    bail!("{} does not come to rest", from.display())
}

fn copy_files_once(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// A command that must go well.
///
/// # Errors
/// Where it does not.
pub fn must(app: &App, command: &str, argument: Value) -> Result<Value> {
    ask(app, command, argument).map_err(|failure| anyhow!("{command}: {failure}"))
}

/// A server of this process, which is not made to fail.
pub struct Served {
    /// Where it listens.
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Served {
    /// Starts it and waits until it listens.
    ///
    /// # Errors
    /// Where it does not start.
    pub fn start(data: &Path, address: SocketAddr) -> Result<Self> {
        let (stop, stopped) = oneshot::channel();
        let (ready, up) = std::sync::mpsc::channel::<()>();
        let data = data.to_owned();
        let thread = std::thread::spawn(move || run_office(&data, address, stopped, || drop(ready)));
        // The sender is dropped when it is up, and also where it never comes up.
        let _ = up.recv();
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Answers for a server of this process, on a free port.
    ///
    /// # Errors
    /// Where there is no free port.
    pub fn office(office: Office) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let (ready, up) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || answer_for(|| Ok(office), address, stopped, || drop(ready)));
        let _ = up.recv();
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Stops it in good order.
    ///
    /// # Errors
    /// What it ended with.
    pub fn stop(mut self) -> Result<()> {
        self.end()
    }

    fn end(&mut self) -> Result<()> {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        match self.thread.take() {
            Some(thread) => thread.join().map_err(|_| anyhow!("the server panicked"))?,
            None => Ok(()),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.end();
    }
}
