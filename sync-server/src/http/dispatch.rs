//! The table of routes. A route is its access rule and its answer in one value, so that none can be registered
//! without a rule. The simulator calls [`dispatch`] instead of a socket.

use satchel_core::sync::wire::{Denied, ErrorBody, paths};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::join;
use crate::office::Office;
use crate::storage::Session;

/// What came in.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Bearer token, where one was sent.
    pub bearer: Option<&'a str>,
    /// Body.
    pub body: &'a [u8],
    /// Where it came from.
    pub address: Option<&'a str>,
}

/// What goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Type of the body.
    pub content_type: &'static str,
    /// Body.
    pub body: Vec<u8>,
}

/// Who may call a route, and what answers him.
pub enum Access {
    /// Anybody; nothing of the organisation's records is behind it.
    Anybody(fn(&Office, &Request<'_>) -> Answer),
    /// The holder of a good access token.
    SignedIn(fn(&Office, &Request<'_>, Session) -> Answer),
    /// Proves itself in its own first frame.
    ByHello(fn(&Office, &Request<'_>) -> Answer),
    /// A WebSocket that proves itself in its first message; asked in any other way it answers nothing.
    Socket(Socket),
}

/// The WebSockets there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Socket {
    /// "Something changed", and nothing else; for clients that know no live connection. Shows an access token.
    Hint,
    /// The frames of sync, both ways. Shows a hello.
    Live,
}

/// HTTP methods in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
}

/// A route.
pub struct Route {
    /// Method.
    pub method: Method,
    /// Path; a last part in braces stands for anything.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
}

/// Every route.
pub static ROUTES: [Route; 15] = [
    Route { method: Method::Post, path: paths::ENROL, access: Access::Anybody(enrol) },
    Route { method: Method::Post, path: paths::SIGN_IN, access: Access::Anybody(sign_in) },
    Route { method: Method::Post, path: paths::LINK, access: Access::SignedIn(link) },
    Route { method: Method::Post, path: paths::REHEARSE, access: Access::SignedIn(rehearse) },
    Route { method: Method::Post, path: paths::CHECK, access: Access::SignedIn(check) },
    Route { method: Method::Post, path: paths::COME_BACK, access: Access::Anybody(come_back) },
    Route { method: Method::Post, path: paths::BRING, access: Access::SignedIn(bring) },
    Route { method: Method::Post, path: paths::SYNC, access: Access::ByHello(sync) },
    Route { method: Method::Post, path: paths::WIPE, access: Access::ByHello(revoked) },
    Route { method: Method::Post, path: paths::WIPED, access: Access::ByHello(wiped) },
    Route { method: Method::Get, path: paths::HINT, access: Access::Socket(Socket::Hint) },
    Route { method: Method::Get, path: paths::LIVE, access: Access::Socket(Socket::Live) },
    Route { method: Method::Get, path: "/join/{token}", access: Access::Anybody(join::page) },
    Route { method: Method::Get, path: "/livez", access: Access::Anybody(live) },
    Route { method: Method::Get, path: "/readyz", access: Access::Anybody(ready) },
];

/// Answers a request, checking the route's rule first.
#[must_use]
pub fn dispatch(office: &Office, method: Method, path: &str, request: &Request<'_>) -> Answer {
    match ROUTES.iter().find(|route| route.method == method && matches(route.path, path)) {
        Some(route) => route.answer(office, request),
        None => refusal(404, "not_found"),
    }
}

impl Route {
    /// Answers a request to this route.
    #[must_use]
    pub fn answer(&self, office: &Office, request: &Request<'_>) -> Answer {
        match self.access {
            Access::Anybody(answer) | Access::ByHello(answer) => answer(office, request),
            Access::Socket(_) => refusal(400, "malformed"),
            Access::SignedIn(answer) => match office.session(request.bearer.unwrap_or_default()) {
                Ok(session) => answer(office, request, session),
                Err(denied) => refused(&denied),
            },
        }
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('{') {
        Some((start, _)) => path.strip_prefix(start).is_some_and(|rest| !rest.is_empty() && !rest.contains('/')),
        None => pattern == path,
    }
}

fn enrol(office: &Office, request: &Request<'_>) -> Answer {
    with(request, |body| office.enrol(&body, request.address))
}

fn sign_in(office: &Office, request: &Request<'_>) -> Answer {
    with(request, |body| office.sign_in(&body, request.address))
}

fn link(office: &Office, request: &Request<'_>, _: Session) -> Answer {
    json(office.link(request.bearer.unwrap_or_default()))
}

fn rehearse(office: &Office, request: &Request<'_>, session: Session) -> Answer {
    match office.rehearse_for(session, request.body) {
        Ok(body) => frames(body),
        Err(denied) => refused(&denied),
    }
}

fn check(office: &Office, request: &Request<'_>, session: Session) -> Answer {
    match office.check_for(session, request.body) {
        Ok(body) => frames(body),
        Err(denied) => refused(&denied),
    }
}

fn come_back(office: &Office, request: &Request<'_>) -> Answer {
    with(request, |body| office.come_back(&body, request.address))
}

fn bring(office: &Office, request: &Request<'_>, session: Session) -> Answer {
    match office.bring_for(session, request.body) {
        Ok(body) => frames(body),
        Err(denied) => refused(&denied),
    }
}

fn sync(office: &Office, request: &Request<'_>) -> Answer {
    frames(office.sync(request.body))
}

fn revoked(office: &Office, request: &Request<'_>) -> Answer {
    frames(office.revoked(request.body))
}

fn wiped(office: &Office, request: &Request<'_>) -> Answer {
    with(request, |body| office.wiped(&body))
}

fn live(_: &Office, _: &Request<'_>) -> Answer {
    text(200, "ok\n")
}

fn ready(office: &Office, _: &Request<'_>) -> Answer {
    match office.organisation() {
        Ok(_) => text(200, "ok\n"),
        Err(_) => text(503, "not ready\n"),
    }
}

fn with<I: DeserializeOwned, O: Serialize>(
    request: &Request<'_>,
    answer: impl FnOnce(I) -> Result<O, Denied>,
) -> Answer {
    match serde_json::from_slice(request.body) {
        Ok(body) => json(answer(body)),
        Err(_) => refusal(400, "malformed"),
    }
}

fn json<O: Serialize>(answer: Result<O, Denied>) -> Answer {
    match answer.map(|answer| serde_json::to_vec(&answer)) {
        Ok(Ok(body)) => Answer { status: 200, content_type: "application/json", body },
        Ok(Err(_)) => refusal(500, "internal"),
        Err(denied) => refused(&denied),
    }
}

fn frames(body: Vec<u8>) -> Answer {
    Answer { status: 200, content_type: "application/octet-stream", body }
}

fn text(status: u16, body: &str) -> Answer {
    Answer { status, content_type: "text/plain; charset=utf-8", body: body.as_bytes().to_vec() }
}

fn refused(denied: &Denied) -> Answer {
    let status = match denied.code.as_str() {
        "signed_out" | "revoked" | "wrong_password" => 401,
        "too_many_requests" => 429,
        "too_large" => 413,
        "malformed" => 400,
        "link_unknown" | "not_found" => 404,
        "link_used" | "link_expired" => 410,
        "internal" => 500,
        _ => 422,
    };
    refusal(status, &denied.code)
}

/// A refusal in JSON.
#[must_use]
pub fn refusal(status: u16, code: &str) -> Answer {
    let body = serde_json::to_vec(&ErrorBody { code: code.to_owned() }).unwrap_or_default();
    Answer { status, content_type: "application/json", body }
}
