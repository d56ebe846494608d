//! HTTP transport.

use std::io::ErrorKind;
use std::time::Duration;

use ureq::Agent;

use super::socket;
use super::transport::{Bell, Channel, NetError, Transport};
use crate::domain::limits;
use crate::sync::wire::ErrorBody;

/// Talks to one server over HTTP(S).
pub struct Http {
    base: String,
    agent: Agent,
}

impl Http {
    /// To the server at `base`, e.g. `https://crm.example`.
    #[must_use]
    pub fn new(base: &str) -> Self {
        Self::with_patience(base, Duration::from_secs(30))
    }

    /// As [`Self::new`], giving a request up after so long.
    #[must_use]
    pub fn with_patience(base: &str, patience: Duration) -> Self {
        let config = Agent::config_builder()
            .timeout_connect(Some(Duration::from_secs(5)))
            .timeout_global(Some(patience))
            .http_status_as_error(false)
            // A redirect is a captive portal's; following it would show it the tokens.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent("satchel")
            .build();
        Self { base: base.trim_end_matches('/').to_owned(), agent: config.new_agent() }
    }
}

impl Transport for Http {
    fn post(&self, path: &str, bearer: Option<&str>, content_type: &str, body: &[u8]) -> Result<Vec<u8>, NetError> {
        let mut request = self.agent.post(format!("{}{path}", self.base)).header("content-type", content_type);
        if let Some(bearer) = bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        let mut response = request.send(body).map_err(|error| why(&error))?;
        let status = response.status().as_u16();
        let plain_type =
            |mime: Option<&str>| mime.is_some_and(|mime| mime.ends_with("json") || mime.ends_with("octet-stream"));
        let ours = plain_type(response.body().mime_type());
        // One byte more than may come tells a body that is too long from one that just fits.
        let limit = limits::BODY_BYTES as u64 + 1;
        let body = response.body_mut().with_config().limit(limit).read_to_vec().map_err(|error| why(&error))?;
        match status {
            200..=299 if ours => Ok(body),
            // A gateway in front of a server that is down, or went down in the middle of it.
            502..=504 => Err(NetError::Unanswered),
            400..=599 if serde_json::from_slice::<ErrorBody>(&body).is_ok() => Err(NetError::Status { status, body }),
            _ => Err(NetError::Foreign),
        }
    }

    fn base(&self) -> &str {
        &self.base
    }

    fn connect(&self) -> Result<(Box<dyn Channel>, Bell), NetError> {
        socket::connect(&self.base)
    }
}

fn why(error: &ureq::Error) -> NetError {
    match error {
        ureq::Error::Protocol(_) | ureq::Error::Http(_) | ureq::Error::BodyExceedsLimit(_) | ureq::Error::BadUri(_) => {
            NetError::Foreign
        }
        ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::Timeout(ureq::Timeout::Resolve | ureq::Timeout::Connect) => NetError::Offline,
        ureq::Error::Io(error) if never_connected(error.kind()) => NetError::Offline,
        _ => NetError::Unanswered,
    }
}

fn never_connected(kind: ErrorKind) -> bool {
    use ErrorKind::{AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkDown, NetworkUnreachable};
    matches!(kind, ConnectionRefused | HostUnreachable | NetworkUnreachable | NetworkDown | AddrNotAvailable)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    /// Answers one request with these bytes; returns the address.
    fn answering(answer: &'static [u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).unwrap();
            stream.write_all(answer).unwrap();
        });
        base
    }

    fn ask(base: &str) -> Result<Vec<u8>, NetError> {
        Http::new(base).post("/v1/sync", None, "application/octet-stream", b"x")
    }

    #[test]
    fn a_captive_portal_is_not_our_server() {
        let page = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 4\r\n\r\n<h1>";
        assert_eq!(ask(&answering(page)), Err(NetError::Foreign));
        let redirect = b"HTTP/1.1 302 Found\r\nlocation: http://portal.example/\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(ask(&answering(redirect)), Err(NetError::Foreign));
    }

    #[test]
    fn a_refusal_of_our_server_keeps_its_code() {
        let refusal = b"HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: 21\r\n\r\n{\"code\":\"signed_out\"}";
        assert_eq!(ask(&answering(refusal)).unwrap_err().code(), "signed_out");
    }

    #[test]
    fn nobody_there_is_offline() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        assert_eq!(ask(&base), Err(NetError::Offline));
        assert_eq!(ask(&answering(b"")), Err(NetError::Unanswered), "whoever hung up may have read it");
    }
}
