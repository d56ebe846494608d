//! Live connections over real sockets, with the whole app: no waiting for a poll, and no live connection where
//! something on the way does not let one through.

#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use satchel_core::app::api::{CreateClient, Enrol, Fields, ListRequest, Nothing, Phase, Shown, SyncState};
use satchel_core::app::{App, AppConfig};
use satchel_core::domain::ids::UserId;
use satchel_core::sync::device::http::Http;
use satchel_core::sync::device::{Bell, Channel, NetError, Transport};
use satchel_tests::harness::{Office, PASSWORD, PocketKeys};

/// Longer than anything here takes, shorter than the pause between two polls.
const PATIENCE: Duration = Duration::from_secs(30);

/// The office's server behind a socket.
struct Running {
    address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Running {
    fn start(office: &Office, at: &str) -> Self {
        let door = office.door();
        let listener = TcpListener::bind(at).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let stopped = async move {
                    let _ = stopped.await;
                };
                satchel_server::http::serve::serve(door, (listener, None), false, stopped).await.unwrap();
            });
            runtime.shutdown_background();
        });
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    fn stop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What went over HTTP, and how many live connections were made.
#[derive(Default)]
struct Tally {
    posts: AtomicUsize,
    connections: AtomicUsize,
}

struct Counted {
    inner: Http,
    tally: Arc<Tally>,
}

impl Transport for Counted {
    fn post(&self, path: &str, bearer: Option<&str>, content_type: &str, body: &[u8]) -> Result<Vec<u8>, NetError> {
        self.tally.posts.fetch_add(1, Ordering::SeqCst);
        self.inner.post(path, bearer, content_type, body)
    }

    fn base(&self) -> &str {
        self.inner.base()
    }

    fn connect(&self) -> Result<(Box<dyn Channel>, Bell), NetError> {
        let connected = self.inner.connect()?;
        self.tally.connections.fetch_add(1, Ordering::SeqCst);
        Ok(connected)
    }
}

/// The app with its sync thread.
struct Phone {
    app: App,
    tally: Arc<Tally>,
    changed: Receiver<()>,
}

impl Phone {
    /// Enrols at `base`; links name an address that only this knows how to reach.
    fn enrol(office: &Office, base: &str, user: UserId, folder: &str) -> Self {
        let tally = Arc::new(Tally::default());
        let (counts, base) = (tally.clone(), base.to_owned());
        let app = App::open(AppConfig {
            data_dir: office.folder(folder),
            keys: Arc::new(PocketKeys::default()),
            clock: Arc::new(office.clock.clone()),
            ids: office.ids.clone(),
            registry: office.registry.clone(),
            transport: Arc::new(move |_| Arc::new(Counted { inner: Http::new(&base), tally: counts.clone() })),
            version: "tests".to_owned(),
            passphrase: None,
            background: true,
        })
        .unwrap();
        let (tell, changed) = channel();
        app.subscribe(Box::new(move |_| tell.send(()).unwrap_or(())));
        let enrol = Enrol {
            link: office.link(user),
            password: PASSWORD.to_owned(),
            device_name: folder.to_owned(),
            passphrase: None,
        };
        assert_eq!(app.enrol(enrol).unwrap().phase, Phase::Ready);
        let phone = Self { app, tally, changed };
        phone.wait_for("the first sync", |phone| phone.state() == SyncState::Synced);
        phone
    }

    fn wait_for(&self, what: &str, is: impl Fn(&Self) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !is(self) {
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited in vain for {what}; {:?}", self.app.status(Nothing {}).unwrap().sync);
            let _ = self.changed.recv_timeout(left.min(Duration::from_millis(500)));
        }
    }

    fn state(&self) -> SyncState {
        self.app.status(Nothing {}).unwrap().sync.state
    }

    fn last_error(&self) -> String {
        self.app.status(Nothing {}).unwrap().sync.last_error
    }

    fn add(&self, name: &str) {
        let fields = Fields::from([("name".to_owned(), Shown::Text(name.to_owned()))]);
        self.app.create_client(CreateClient { client: fields, legal_entity: Fields::new() }).unwrap();
    }

    fn has(&self, name: &str) -> bool {
        let list = ListRequest { kind: "client".to_owned(), limit: 100, ..ListRequest::default() };
        self.app.list(list).unwrap().rows.iter().any(|row| row.title == name)
    }

    fn posts(&self) -> usize {
        self.tally.posts.load(Ordering::SeqCst)
    }

    fn connections(&self) -> usize {
        self.tally.connections.load(Ordering::SeqCst)
    }
}

#[test]
fn an_edit_is_on_the_other_device_without_a_poll() {
    let office = Office::open();
    let server = Running::start(&office, "127.0.0.1:0");
    let one = Phone::enrol(&office, &server.base(), office.cast.anna, "one");
    let other = Phone::enrol(&office, &server.base(), office.cast.anna, "other");
    for phone in [&one, &other] {
        phone.wait_for("a live connection", |phone| phone.connections() == 1);
    }
    let posts = [one.posts(), other.posts()];
    for n in 0..5 {
        one.add(&format!("Альфа {n}"));
        other.wait_for("the client", |phone| phone.has(&format!("Альфа {n}")));
        other.add(&format!("Бета {n}"));
        one.wait_for("the client", |phone| phone.has(&format!("Бета {n}")));
    }
    one.wait_for("the acknowledgement", |phone| phone.state() == SyncState::Synced);
    assert_eq!([one.posts(), other.posts()], posts, "nothing went over HTTP");
    assert_eq!((one.connections(), other.connections()), (1, 1));
}

#[test]
fn a_round_asked_for_ends_the_connection_and_it_comes_back() {
    let office = Office::open();
    let server = Running::start(&office, "127.0.0.1:0");
    let phone = Phone::enrol(&office, &server.base(), office.cast.anna, "one");
    phone.wait_for("a live connection", |phone| phone.connections() == 1);
    assert!(phone.app.sync_once(None).unwrap().complete);
    phone.wait_for("another one", |phone| phone.connections() == 2);
}

#[test]
fn after_a_restart_of_the_server_devices_come_back_by_themselves() {
    let office = Office::open();
    let mut server = Running::start(&office, "127.0.0.1:0");
    let one = Phone::enrol(&office, &server.base(), office.cast.anna, "one");
    let other = Phone::enrol(&office, &server.base(), office.cast.anna, "other");
    let address = server.address.to_string();
    server.stop();
    one.add("Альфа");
    one.wait_for("being offline", |phone| phone.state() == SyncState::Offline);
    office.restart();
    let server = Running::start(&office, &address);
    other.wait_for("the client", |phone| phone.has("Альфа"));
    one.wait_for("the acknowledgement", |phone| phone.state() == SyncState::Synced);
    drop(server);
}

#[test]
fn where_no_websocket_gets_through_rounds_over_http_do_the_work() {
    let office = Office::open();
    let server = Running::start(&office, "127.0.0.1:0");
    let way = Way::to(server.address);
    let free = Phone::enrol(&office, &server.base(), office.cast.anna, "free");
    let bound = Phone::enrol(&office, &way.base, office.cast.anna, "bound");
    assert_eq!(bound.connections(), 0);
    bound.add("Альфа");
    free.wait_for("the client", |phone| phone.has("Альфа"));
    bound.wait_for("the acknowledgement", |phone| phone.state() == SyncState::Synced);
    assert_eq!(bound.connections(), 0);
}

#[test]
fn a_captive_portal_is_no_end_of_the_session() {
    let office = Office::open();
    let server = Running::start(&office, "127.0.0.1:0");
    let way = Way::to(server.address);
    let phone = Phone::enrol(&office, &way.base, office.cast.anna, "phone");
    way.portal.store(true, Ordering::SeqCst);
    phone.add("Альфа");
    phone.wait_for("the portal to be noticed", |phone| phone.last_error() == "wrong_server");
    assert_eq!(phone.app.status(Nothing {}).unwrap().phase, Phase::Ready);
    way.portal.store(false, Ordering::SeqCst);
    phone.wait_for("the acknowledgement", |phone| phone.state() == SyncState::Synced);
    assert!(office.auditor().held.records.values().any(|held| held.kind == "client"));
}

/// A way to the server that does not know WebSocket, and shows a sign-in page to everybody when told.
struct Way {
    base: String,
    portal: Arc<AtomicBool>,
}

impl Way {
    fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let portal = Arc::new(AtomicBool::new(false));
        let shown = portal.clone();
        std::thread::spawn(move || {
            for device in listener.incoming().flatten() {
                let shown = shown.clone();
                std::thread::spawn(move || carry(device, server, &shown));
            }
        });
        Self { base, portal }
    }
}

fn carry(mut device: TcpStream, server: SocketAddr, portal: &AtomicBool) {
    const PAGE: &[u8] =
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 9\r\nconnection: close\r\n\r\n<h1>Wi-Fi";
    let mut bytes = [0; 16 * 1024];
    let Ok(mut server) = TcpStream::connect(server) else { return };
    let (mut from_server, mut to_device) = (server.try_clone().unwrap(), device.try_clone().unwrap());
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from_server, &mut to_device);
        let _ = to_device.shutdown(Shutdown::Both);
    });
    while let Ok(n @ 1..) = device.read(&mut bytes) {
        let upgrade = bytes[..n].windows(8).any(|window| window == b"/v1/live");
        if upgrade || portal.load(Ordering::SeqCst) {
            let _ = device.write_all(PAGE);
            break;
        }
        if server.write_all(&bytes[..n]).is_err() {
            break;
        }
    }
    let _ = device.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
}
