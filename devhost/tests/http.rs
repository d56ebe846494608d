//! The browser host over real HTTP: who gets in, what nonsense is answered, that changes arrive.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

const TOKEN: &str = "a-token/of+the=tests";

struct Host {
    process: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl Host {
    fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap())
    }

    fn start_in(folder: TempDir) -> Self {
        let ui = folder.path().join("ui");
        std::fs::create_dir_all(ui.join("_app/immutable")).unwrap();
        std::fs::write(ui.join("index.html"), "<!doctype html><script>let x = 1;</script>").unwrap();
        std::fs::write(ui.join("_app/immutable/start.js"), "export {};").unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_satchel-devhost"))
            .args(["--listen", "127.0.0.1:0", "--token", TOKEN, "--no-keystore", "--data"])
            .arg(folder.path().join("data"))
            .arg("--ui")
            .arg(ui)
            .env("SATCHEL_PASSPHRASE", "a passphrase of the tests")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(ready["pid"], process.id());
        let keys: Vec<_> = ready.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["pid", "url"]);
        let address = ready["url"].as_str().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
        Self { process, address, folder }
    }

    fn ask(&self, request: &Request) -> Answer {
        let mut stream = self.send(request);
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        Answer::read(&bytes)
    }

    fn send(&self, request: &Request) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut head = format!("{} {} HTTP/1.1\r\nConnection: close\r\n", request.method, request.path);
        let ours = self.address.to_string();
        for (name, value) in &request.headers {
            head.push_str(&format!("{name}: {}\r\n", value.replace("{here}", &ours)));
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n", request.body.len()));
        stream.write_all(head.as_bytes()).unwrap();
        // A host that refuses by the head alone may close before it has read the body.
        let _ = stream.write_all(request.body.as_bytes());
        stream
    }

    fn command(&self, name: &str, argument: &Value) -> Answer {
        self.ask(&Request::post(&format!("/ipc/{name}"), &argument.to_string()).bearer(TOKEN))
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Request {
    method: &'static str,
    path: String,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Request {
    fn get(path: &str) -> Self {
        let headers = BTreeMap::from([("Host".to_owned(), "{here}".to_owned())]);
        Self { method: "GET", path: path.to_owned(), headers, body: String::new() }
    }

    fn post(path: &str, body: &str) -> Self {
        let post = Self { method: "POST", body: body.to_owned(), ..Self::get(path) };
        post.with("Content-Type", "application/json")
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    fn bearer(self, token: &str) -> Self {
        self.with("Authorization", &format!("Bearer {token}"))
    }
}

struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Answer {
    fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        Self { status, headers, body: body.to_owned() }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

#[test]
fn nobody_gets_in_without_the_token() {
    let host = Host::start();
    for path in ["/", "/clients", "/_app/immutable/start.js", "/events"] {
        assert_eq!(host.ask(&Request::get(path)).status, 401, "{path}");
    }
    let status = || Request::post("/ipc/status", "{}");
    assert_eq!(host.ask(&status()).status, 401);
    assert_eq!(host.ask(&status().bearer("")).status, 401);
    assert_eq!(host.ask(&status().bearer(&TOKEN[1..])).status, 401);
    assert_eq!(host.ask(&status().with("Authorization", TOKEN)).status, 401);
    assert_eq!(host.ask(&status().with("Cookie", &format!("other={TOKEN}"))).status, 401);
    assert_eq!(host.ask(&Request::get("/?token=wrong")).status, 401);
    assert_eq!(host.ask(&Request::post(&format!("/ipc/status?token={TOKEN}"), "{}")).status, 401);
    let answer = host.ask(&status().bearer(TOKEN));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["phase"], "new");
}

#[test]
fn the_printed_address_gives_a_cookie_and_forgets_the_token() {
    let host = Host::start();
    let answer = host.ask(&Request::get("/?token=a-token%2Fof%2Bthe%3Dtests"));
    assert_eq!((answer.status, answer.headers["location"].as_str()), (303, "/"));
    let cookie = &answer.headers["set-cookie"];
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let pair = cookie.split(';').next().unwrap();
    assert!(pair.ends_with(TOKEN));
    let page = host.ask(&Request::get("/").with("Cookie", &format!("theme=dark; {pair}")));
    assert_eq!(page.status, 200);
    assert!(page.body.contains("<script>"));
    assert_eq!(host.ask(&Request::post("/ipc/status", "{}").with("Cookie", pair)).status, 200);
}

#[test]
fn other_names_and_other_pages_are_refused_even_with_the_token() {
    let host = Host::start();
    let status = || Request::post("/ipc/status", "{}").bearer(TOKEN);
    let localhost = format!("localhost:{}", host.address.port());
    assert_eq!(host.ask(&status().with("Host", &localhost)).status, 200);
    for name in ["evil.example", "127.0.0.1", "127.0.0.1:1", "evil.example:{here}", ""] {
        assert_eq!(host.ask(&status().with("Host", name)).status, 403, "{name}");
    }
    assert!(matches!(host.ask(&status().without("Host")).status, 400 | 403));
    assert_eq!(host.ask(&status().with("Origin", "http://{here}")).status, 200);
    for origin in ["http://evil.example", "null", "https://{here}", "http://{here}.evil.example"] {
        assert_eq!(host.ask(&status().with("Origin", origin)).status, 403, "{origin}");
    }
    assert_eq!(host.ask(&status().with("Sec-Fetch-Site", "cross-site")).status, 403);
}

#[test]
fn nonsense_is_answered_with_a_code_and_the_host_lives_on() {
    let host = Host::start();
    let cases = [
        ("/ipc/status", "{", 400, "bad_argument"),
        ("/ipc/status", "\u{0}\u{1}", 400, "bad_argument"),
        ("/ipc/enrol", "{}", 400, "bad_argument"),
        ("/ipc/enrol", "[1, 2]", 400, "bad_argument"),
        ("/ipc/record", r#"{"kind": "client", "id": "nonsense"}"#, 400, "bad_argument"),
        ("/ipc/no_such_thing", "{}", 404, "no_such_command"),
        ("/ipc/%00", "{}", 404, "no_such_command"),
    ];
    for (path, body, status, code) in cases {
        let answer = host.ask(&Request::post(path, body).bearer(TOKEN));
        assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)), "{path} {body}");
        assert!(answer.json()["kind"].is_string() && answer.json()["params"].is_object());
    }
    let deep = "[".repeat(100_000);
    assert_eq!(host.ask(&Request::post("/ipc/status", &deep).bearer(TOKEN)).status, 400);
    let long = format!("\"{}\"", "x".repeat(5 * 1024 * 1024));
    let answer = host.ask(&Request::post("/ipc/status", &long).bearer(TOKEN));
    assert_eq!((answer.status, answer.json()["code"].as_str()), (413, Some("too_large")));
    assert_eq!(host.ask(&Request::get("/ipc/status").bearer(TOKEN)).status, 405);
    assert_eq!(host.command("status", &json!({})).status, 200);
    assert_eq!(host.ask(&Request::post("/ipc/status", "").bearer(TOKEN)).status, 200);
}

#[test]
fn pages_carry_a_policy_and_only_what_is_there_is_found() {
    let host = Host::start();
    let get = |path: &str| host.ask(&Request::get(path).bearer(TOKEN));
    for path in ["/", "/clients", "/clients/0190"] {
        let page = get(path);
        assert_eq!((page.status, page.headers["content-type"].as_str()), (200, "text/html; charset=utf-8"), "{path}");
        let policy = &page.headers["content-security-policy"];
        assert!(policy.contains("default-src 'none'") && policy.contains("'sha256-"), "{policy}");
        assert!(!policy.contains("script-src 'self' 'unsafe-inline'"));
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
        assert_eq!(page.headers["cache-control"], "no-store");
    }
    let script = get("/_app/immutable/start.js");
    assert_eq!((script.status, script.body.as_str()), (200, "export {};"));
    for path in ["/_app/immutable/gone.js", "/gone.png", "/../data/profile.json", "/%2e%2e/data/profile.json"] {
        assert_eq!(get(path).status, 404, "{path}");
    }
}

#[test]
fn a_change_reaches_an_open_page_and_a_stop_ends_it() {
    let mut host = Host::start();
    let answer = host.command("start_local", &json!({ "name": "Оксана" }));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let mut events = BufReader::new(host.send(&Request::get("/events").bearer(TOKEN)));
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        assert_ne!(events.read_line(&mut line).unwrap(), 0, "the stream begins");
    }
    assert_eq!(host.command("change_settings", &json!({ "language": "uk" })).status, 200);
    let topics = loop {
        line.clear();
        assert_ne!(events.read_line(&mut line).unwrap(), 0, "the stream goes on");
        if let Some(data) = line.strip_prefix("data: ") {
            break serde_json::from_str::<Value>(data.trim()).unwrap();
        }
    };
    assert!(topics.as_array().unwrap().contains(&json!("status")), "{topics}");

    terminate(&host.process);
    let mut rest = Vec::new();
    events.read_to_end(&mut rest).unwrap();
    assert!(host.process.wait().unwrap().success());
    // What the process held is free again: the same folder opens.
    let folder = std::mem::replace(&mut host.folder, tempfile::tempdir().unwrap());
    let again = Host::start_in(folder);
    assert_eq!(again.command("status", &json!({})).json()["language"], "uk");
}

#[test]
fn it_refuses_to_be_reachable_from_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    for wrong in [["--listen", "0.0.0.0:0", "--token", TOKEN], ["--listen", "127.0.0.1:0", "--token", "a;b"]] {
        let ended = Command::new(env!("CARGO_BIN_EXE_satchel-devhost"))
            .args(["--data", data])
            .args(wrong)
            .arg("--no-keystore")
            .output()
            .unwrap();
        assert!(!ended.status.success() && ended.stdout.is_empty(), "{wrong:?}");
    }
}

fn terminate(process: &Child) {
    let ended = Command::new("kill").args(["-TERM", &process.id().to_string()]).status().unwrap();
    assert!(ended.success());
}
