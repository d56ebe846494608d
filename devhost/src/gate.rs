//! Who gets in: requests to this very address, from a page of this very address, with the token.
//!
//! A page from elsewhere that has its own name resolve to 127.0.0.1 is stopped by its Host; a page from elsewhere
//! that posts here blindly is stopped by its Origin; another user of this machine is stopped by the token.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use serde_json::json;
use sha2::{Digest, Sha256};

/// The secret every request carries; only its digest is kept, so that comparing tells nothing by its time.
#[derive(Clone)]
pub struct Token {
    digest: [u8; 32],
}

impl Token {
    /// From the secret itself; `None` where it is empty or cannot stand in a header and a cookie.
    #[must_use]
    pub fn new(secret: &str) -> Option<Self> {
        let plain = secret.bytes().all(|byte| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte));
        (plain && !secret.is_empty()).then(|| Self { digest: Sha256::digest(secret).into() })
    }

    fn is(&self, offered: &str) -> bool {
        self.digest == <[u8; 32]>::from(Sha256::digest(offered))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// What a request is checked against.
#[derive(Clone, Debug)]
pub struct Gate {
    hosts: Arc<[String; 2]>,
    cookie: Arc<str>,
    token: Token,
}

impl Gate {
    /// For a host at `address`, whose names are the address itself and `localhost`.
    #[must_use]
    pub fn new(address: SocketAddr, token: Token) -> Self {
        // Cookies are shared by all ports of a host: the name keeps several hosts on one machine apart.
        let cookie = format!("satchel-{}", address.port());
        Self {
            hosts: Arc::new([address.to_string(), format!("localhost:{}", address.port())]),
            cookie: cookie.into(),
            token,
        }
    }

    fn is_meant(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        host.is_some_and(|host| self.hosts.iter().any(|ours| ours == host))
    }

    fn is_from_here(&self, headers: &HeaderMap) -> bool {
        if headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
            return false;
        }
        let Some(origin) = headers.get(ORIGIN) else { return true };
        let origin = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
        origin.is_some_and(|origin| self.hosts.iter().any(|ours| ours == origin))
    }

    fn has_token(&self, headers: &HeaderMap) -> bool {
        if let Some(offered) = headers.get(AUTHORIZATION) {
            let offered = offered.to_str().ok().and_then(|offered| offered.strip_prefix("Bearer "));
            return offered.is_some_and(|offered| self.token.is(offered));
        }
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|cookies| cookies.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .any(|(name, value)| name == &*self.cookie && self.token.is(value))
    }

    /// The token in the address a person opened, if that is what the request is.
    fn offered_once(request: &Request) -> Option<String> {
        if request.method() != Method::GET || request.uri().path() != "/" {
            return None;
        }
        let offered = request.uri().query()?.split('&').find_map(|pair| pair.strip_prefix("token="))?;
        Some(percent_decode_str(offered).decode_utf8().ok()?.into_owned())
    }
}

/// Lets a request through or answers it itself.
pub(crate) async fn admit(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !gate.is_meant(headers) || !gate.is_from_here(headers) {
        return denied(StatusCode::FORBIDDEN);
    }
    if let Some(offered) = Gate::offered_once(&request) {
        if !gate.token.is(&offered) {
            return denied(StatusCode::UNAUTHORIZED);
        }
        let cookie = format!("{}={offered}; Path=/; HttpOnly; SameSite=Strict", gate.cookie);
        // The redirect takes the token out of the address bar and the history.
        return (StatusCode::SEE_OTHER, [(LOCATION, "/".to_owned()), (SET_COOKIE, cookie)]).into_response();
    }
    if !gate.has_token(headers) {
        return denied(StatusCode::UNAUTHORIZED);
    }
    next.run(request).await
}

fn denied(status: StatusCode) -> Response {
    (status, Json(json!({ "code": "host_denied", "kind": "fix", "params": {}, "fields": {} }))).into_response()
}
