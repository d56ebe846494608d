//! The program itself: command line, HTTP, hints and stopping.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use satchel_core::domain::limits;
use satchel_core::sync::parts::{Assembly, PART_BYTES, parts};
use satchel_core::sync::wire::*;
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_satchel-server");

fn run(data: &Path, arguments: &[&str]) -> Result<Value, String> {
    let data = data.to_str().unwrap();
    let output = Command::new(PROGRAM).args(arguments).args(["--data", data, "--json"]).output().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8(output.stderr).unwrap());
    }
    Ok(serde_json::from_slice(&output.stdout).unwrap())
}

fn init(data: &Path) -> Value {
    let init =
        ["init", "--name", "Ромашка", "--language", "uk", "--department", "Північ", "Південь", "--admin", "Адмін"];
    run(data, &init).unwrap()
}

/// A server that is stopped when the test ends, however it ends.
struct Served {
    child: Child,
    address: String,
    /// Where it shows its metrics.
    metrics: Option<String>,
}

impl Served {
    fn start(data: &Path) -> Self {
        Self::start_with(&["--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"])
    }

    fn start_with(flags: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .arg("serve")
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(ready["pid"], json!(child.id()));
        let address = ready["url"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
        let metrics = ready["metrics"].as_str().map(str::to_owned);
        Self { child, address, metrics }
    }

    fn terminate(&self) {
        let done = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    fn ask(&self, method: &str, path: &str, bearer: Option<&str>, body: &[u8]) -> (u16, String, Vec<u8>) {
        let mut socket = TcpStream::connect(&self.address).unwrap();
        let bearer = bearer.map(|bearer| format!("authorization: Bearer {bearer}\r\n")).unwrap_or_default();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: test\r\n{bearer}content-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        socket.write_all(head.as_bytes()).unwrap();
        // A server that refuses a long body may stop reading it.
        let _ = socket.write_all(body);
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer);
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head, answer[end + 4..].to_vec())
    }

    fn stop(mut self) -> bool {
        self.terminate();
        self.child.wait().unwrap().success()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn enrol(served: &Served, link: &str) -> (EnrolAnswer, SigningKey) {
    let key = SigningKey::from_bytes(&[5; 32]);
    let request = EnrolRequest {
        token: link.rsplit('/').next().unwrap().into(),
        password: "correct horse".into(),
        device_name: "phone".into(),
        device_key: STANDARD.encode(key.verifying_key().to_bytes()),
        protocol: PROTOCOL,
    };
    let (status, _, body) = served.ask("POST", paths::ENROL, None, &serde_json::to_vec(&request).unwrap());
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    (serde_json::from_slice(&body).unwrap(), key)
}

fn sync(served: &Served, answer: &EnrolAnswer, groups: Vec<Frame<Up>>) -> Vec<Frame<Down>> {
    let mut frames = vec![Frame::bare(Up::Hello(hello(answer)))];
    frames.extend(groups);
    let (status, head, body) = served.ask("POST", paths::SYNC, None, &pack(&frames).unwrap());
    assert_eq!(status, 200);
    assert!(head.contains("application/octet-stream"));
    unpack(&body).unwrap()
}

fn hello(answer: &EnrolAnswer) -> Hello {
    Hello {
        protocol: PROTOCOL,
        app: "test".into(),
        organisation: answer.organisation,
        device: answer.device,
        credential: Credential::Access(answer.tokens.access.clone()),
        epoch: answer.epoch,
        incarnation: 0,
        push_counter: 0,
        push_id: None,
        cursor: Cursor::default(),
        ahead: false,
        purged: Vec::new(),
        n_unsent: 0,
        pull: true,
        credit: 0,
        want_devices: true,
        clock: None,
        snapshots: false,
    }
}

#[test]
fn an_admin_makes_an_organisation_and_a_person_enrols_over_http() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let made = init(&data);
    assert_eq!(made["departments"].as_array().unwrap().len(), 2);
    assert!(run(&data, &["init", "--name", "X", "--department", "Y", "--admin", "Z"]).is_err());
    run(&data, &["department", "add", "--name", "Захід", "--parent", "Північ"]).unwrap();
    run(&data, &["user", "add", "--name", "Олена", "--role", "supervisor", "--department", "Захід"]).unwrap();
    assert!(run(&data, &["user", "add", "--name", "Хтось", "--role", "king", "--department", "Захід"]).is_err());
    assert!(run(&data, &["user", "add", "--name", "Хтось", "--department", "Нема"]).unwrap_err().contains("Нема"));

    let served = Served::start(&data);
    assert_eq!(served.ask("GET", "/livez", None, b"").0, 200);
    assert_eq!(served.ask("GET", "/readyz", None, b"").0, 200);
    assert_eq!(served.ask("GET", "/nothing", None, b"").0, 404);
    // While the server runs.
    run(&data, &["user", "add", "--name", "Тарас", "--department", "Південь"]).unwrap();
    let users = run(&data, &["user", "list"]).unwrap();
    assert_eq!(users.as_array().unwrap().len(), 3);
    let invited = run(&data, &["user", "invite", "Тарас", "--lifetime", "60"]).unwrap();
    let link = invited["link"].as_str().unwrap();
    assert!(link.starts_with(&format!("http://{}/join/", served.address)), "{link}");

    let path = link.strip_prefix(&format!("http://{}", served.address)).unwrap();
    let (status, head, page) = served.ask("GET", path, None, b"");
    let page = String::from_utf8(page).unwrap();
    assert_eq!(status, 200);
    assert!(head.contains("default-src 'none'") && head.contains("text/html"));
    assert!(page.contains("Запрошення") && page.contains("lang=\"uk\"") && !page.contains("<script"));
    assert!(!page.contains(link.rsplit('/').next().unwrap()), "the link is not repeated in the page");

    let (answer, _) = enrol(&served, link);
    assert_eq!((answer.user.name.as_str(), answer.language.as_str()), ("Тарас", "uk"));
    let frames = sync(&served, &answer, Vec::new());
    let Down::Welcome(welcome) = &frames[0].message else { panic!("{:?}", frames[0]) };
    assert_eq!(welcome.devices.as_ref().unwrap().len(), 1);
    let Down::Page(page) = &frames[1].message else { panic!("{:?}", frames[1]) };
    assert_eq!((page.users.len(), page.departments.len()), (3, 3));

    let devices = run(&data, &["device", "list", "--user", "Тарас"]).unwrap();
    let device = devices[0]["id"].as_str().unwrap();
    assert_eq!(device, answer.device.to_string());
    run(&data, &["device", "revoke", device]).unwrap();
    let frames = sync(&served, &answer, Vec::new());
    assert!(matches!(&frames[0].message, Down::Refused(denied) if denied.code == "revoked"));
    let (status, _, body) = served.ask("POST", paths::LINK, Some(&answer.tokens.access), b"");
    assert_eq!((status, serde_json::from_slice::<ErrorBody>(&body).unwrap().code.as_str()), (401, "revoked"));
    assert!(served.stop(), "a stop is a clean end");
}

#[test]
fn routes_behind_a_token_answer_nobody_without_one_and_long_bodies_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let served = Served::start(folder.path());
    for path in [paths::LINK, paths::REHEARSE] {
        for bearer in [None, Some("nonsense")] {
            let (status, _, body) = served.ask("POST", path, bearer, b"");
            assert_eq!(
                (status, serde_json::from_slice::<ErrorBody>(&body).unwrap().code.as_str()),
                (401, "signed_out")
            );
        }
    }
    let (status, _, body) = served.ask("POST", paths::ENROL, None, b"nonsense");
    assert_eq!((status, serde_json::from_slice::<ErrorBody>(&body).unwrap().code.as_str()), (400, "malformed"));
    let (status, _, _) = served.ask("POST", paths::SYNC, None, &vec![0; limits::BODY_BYTES]);
    assert_eq!(status, 200, "at the limit it is read, and refused in a frame");
    let (status, _, _) = served.ask("POST", paths::SYNC, None, &vec![0; limits::BODY_BYTES + 1]);
    assert_eq!(status, 413);
}

#[test]
fn a_hint_follows_a_change_and_only_with_a_good_token() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let served = Served::start(folder.path());
    let invited = run(folder.path(), &["user", "invite", "Адмін"]).unwrap();
    let (answer, _) = enrol(&served, invited["link"].as_str().unwrap());
    let open = |token: &str| {
        let stream = TcpStream::connect(&served.address).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
        let url = format!("ws://{}{}", served.address, paths::HINT);
        let (mut socket, _) = tungstenite::client(url, stream).unwrap();
        socket.send(tungstenite::Message::text(token)).unwrap();
        socket
    };
    let mut stranger = open("nonsense");
    assert!(matches!(stranger.read(), Ok(tungstenite::Message::Close(_)) | Err(_)));

    let mut socket = open(&answer.tokens.access);
    // Another process changes something; the server notices by looking at the head.
    run(folder.path(), &["department", "add", "--name", "Захід"]).unwrap();
    assert_eq!(socket.read().unwrap(), tungstenite::Message::binary(b"!".as_slice()));
    run(folder.path(), &["device", "revoke", &answer.device.to_string()]).unwrap();
    assert!(
        matches!(socket.read(), Ok(tungstenite::Message::Close(_)) | Err(_)),
        "a revoked device hears nothing more"
    );
}

/// A live connection by hand.
struct Wire(tungstenite::WebSocket<TcpStream>);

impl Wire {
    fn open(served: &Served) -> Self {
        let stream = TcpStream::connect(&served.address).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
        let (socket, _) = tungstenite::client(format!("ws://{}{}", served.address, paths::LIVE), stream).unwrap();
        Self(socket)
    }

    fn send(&mut self, frames: &[Frame<Up>]) {
        for part in parts(&pack(frames).unwrap()) {
            self.0.send(tungstenite::Message::binary(part.to_vec())).unwrap();
        }
    }

    /// The next body; `None` where the server has hung up.
    fn body(&mut self) -> Option<Vec<Frame<Down>>> {
        let mut assembly = Assembly::default();
        loop {
            match self.0.read() {
                Ok(tungstenite::Message::Binary(part)) => {
                    if let Some(body) = assembly.take(&part, limits::BODY_BYTES).unwrap() {
                        return Some(unpack(&body).unwrap());
                    }
                }
                Ok(tungstenite::Message::Ping(_) | tungstenite::Message::Pong(_)) => {}
                Ok(_) | Err(_) => return None,
            }
        }
    }
}

#[test]
fn rev_1_a_live_connection_gets_what_other_processes_change_until_its_device_is_revoked_by_one() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let served = Served::start(folder.path());
    let invited = run(folder.path(), &["user", "invite", "Адмін"]).unwrap();
    let (answer, _) = enrol(&served, invited["link"].as_str().unwrap());
    let mut wire = Wire::open(&served);
    let credit = |pages| Frame::bare(Up::Credit(Credit { pages, bytes: 0 }));
    wire.send(&[Frame::bare(Up::Hello(hello(&answer))), credit(1)]);
    assert!(matches!(wire.body().unwrap()[0].message, Down::Welcome(_)));
    let Down::Page(page) = &wire.body().unwrap()[0].message else { panic!("no page") };
    assert_eq!(page.departments.len(), 2);
    run(folder.path(), &["department", "add", "--name", "Захід"]).unwrap();
    wire.send(&[credit(1)]);
    let Down::Page(page) = &wire.body().unwrap()[0].message else { panic!("no page") };
    assert_eq!(page.departments.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["Захід"]);
    wire.send(&[credit(9)]);
    run(folder.path(), &["device", "revoke", &answer.device.to_string()]).unwrap();
    let last = wire.body().unwrap();
    assert!(matches!(&last[0].message, Down::Refused(denied) if denied.code == "revoked"), "{last:?}");
    assert!(wire.body().is_none());
    let mut again = Wire::open(&served);
    again.send(&[Frame::bare(Up::Hello(hello(&answer)))]);
    assert!(matches!(&again.body().unwrap()[0].message, Down::Refused(denied) if denied.code == "revoked"));
    assert!(again.body().is_none());
}

#[test]
fn a_live_connection_that_says_no_hello_or_too_much_ends() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let served = Served::start(folder.path());
    let invited = run(folder.path(), &["user", "invite", "Адмін"]).unwrap();
    let (answer, _) = enrol(&served, invited["link"].as_str().unwrap());
    let refused = |wire: &mut Wire| match wire.body() {
        Some(frames) => matches!(&frames[0].message, Down::Refused(denied) if denied.code == "malformed"),
        None => true,
    };
    let credit = Frame::bare(Up::Credit(Credit { pages: 1, bytes: 0 }));
    let mut nobody = Wire::open(&served);
    nobody.send(std::slice::from_ref(&credit));
    assert!(refused(&mut nobody) && nobody.body().is_none());
    let mut text = Wire::open(&served);
    text.0.send(tungstenite::Message::text(answer.tokens.access.as_str())).unwrap();
    assert!(text.body().is_none());
    for (n, length) in [(limits::BODY_BYTES / PART_BYTES + 1, PART_BYTES), (1, PART_BYTES + 1)] {
        let mut long = Wire::open(&served);
        for _ in 0..n {
            // The server may have hung up in the middle.
            let _ = long.0.send(tungstenite::Message::binary(vec![0; length]));
        }
        assert!(long.body().is_none(), "{n} parts of {length}");
    }
    // A well-behaved one is not concerned.
    let mut good = Wire::open(&served);
    good.send(&[Frame::bare(Up::Hello(hello(&answer))), credit]);
    assert!(matches!(good.body().unwrap()[0].message, Down::Welcome(_)));
}

#[test]
fn the_server_listens_on_loopback_only_unless_told_of_a_proxy() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let data = folder.path().to_str().unwrap();
    let output = Command::new(PROGRAM).args(["serve", "--data", data, "--listen", "0.0.0.0:0"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("--behind-tls-proxy"));
    assert!(output.stdout.is_empty());
}

#[test]
fn a_server_that_is_told_to_stop_answers_what_is_under_way_and_sends_live_connections_away() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let mut served = Served::start(folder.path());
    let invited = run(folder.path(), &["user", "invite", "Адмін"]).unwrap();
    let (answer, _) = enrol(&served, invited["link"].as_str().unwrap());
    let mut wire = Wire::open(&served);
    wire.send(&[Frame::bare(Up::Hello(hello(&answer)))]);
    assert!(matches!(wire.body().unwrap()[0].message, Down::Welcome(_)));

    let body = pack(&[Frame::bare(Up::Hello(hello(&answer)))]).unwrap();
    let mut socket = TcpStream::connect(&served.address).unwrap();
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        paths::SYNC,
        body.len()
    );
    socket.write_all(head.as_bytes()).unwrap();
    let mut go_on = [0; 25];
    socket.read_exact(&mut go_on).unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100"), "the request is under way");

    served.terminate();
    loop {
        match wire.0.read() {
            Ok(tungstenite::Message::Close(frame)) => {
                let code = frame.map(|frame| frame.code);
                assert_eq!(code, Some(tungstenite::protocol::frame::coding::CloseCode::Restart));
                break;
            }
            Ok(_) => {}
            Err(error) => panic!("it went without a word: {error}"),
        }
    }
    socket.write_all(&body).unwrap();
    let mut said = Vec::new();
    socket.read_to_end(&mut said).unwrap();
    let end = said.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    assert!(said.starts_with(b"HTTP/1.1 200"));
    let frames: Vec<Frame<Down>> = unpack(&said[end + 4..]).unwrap();
    assert!(matches!(frames[0].message, Down::Welcome(_)));
    assert!(served.child.wait().unwrap().success(), "a stop is a clean end");
}

#[test]
fn metrics_count_on_a_port_of_their_own_and_name_nobody() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let config = folder.path().join("satchel.conf");
    let text = format!("data = {}\nlisten = 127.0.0.1:0\nmetrics = 127.0.0.1:0\n", folder.path().display());
    std::fs::write(&config, text).unwrap();
    let served = Served::start_with(&["--config", config.to_str().unwrap()]);
    let invited = run(folder.path(), &["user", "invite", "Адмін"]).unwrap();
    let link = invited["link"].as_str().unwrap();
    let (answer, _) = enrol(&served, link);
    served.ask("GET", link.strip_prefix(&format!("http://{}", served.address)).unwrap(), None, b"");
    assert_eq!(served.ask("GET", "/metrics", None, b"").0, 404, "not where devices ask");

    let address = served.metrics.as_deref().unwrap().strip_prefix("http://").unwrap().split('/').next().unwrap();
    let mut socket = TcpStream::connect(address).unwrap();
    socket.write_all(b"GET /metrics HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n").unwrap();
    let mut said = String::new();
    socket.read_to_string(&mut said).unwrap();
    for line in [
        "satchel_request_seconds_count{route=\"/v1/enrol\",status=\"200\"} 1",
        "satchel_request_seconds_bucket{route=\"/v1/enrol\",status=\"200\",le=\"+Inf\"} 1",
        "satchel_request_seconds_count{route=\"/join/{token}\"",
        "satchel_devices 1",
        "satchel_live_connections 0",
        "satchel_held 0",
    ] {
        assert!(said.contains(line), "{line} is not in {said}");
    }
    for secret in ["Адмін", "Ромашка", &answer.device.to_string(), link.rsplit('/').next().unwrap()] {
        assert!(!said.contains(secret), "{secret} is in {said}");
    }
}

#[test]
fn a_setting_there_is_not_keeps_the_server_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let config = folder.path().join("satchel.conf");
    std::fs::write(&config, "lisen = 127.0.0.1:0\n").unwrap();
    let output = Command::new(PROGRAM).args(["serve", "--config", config.to_str().unwrap()]).output().unwrap();
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(String::from_utf8(output.stderr).unwrap().contains("did you mean `listen`"));
}

#[test]
fn no_command_makes_a_data_folder_but_init() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("missing");
    assert!(run(&data, &["user", "list"]).unwrap_err().contains("init"));
    assert!(!data.exists());
}
