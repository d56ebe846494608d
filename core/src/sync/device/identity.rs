//! Enrolment, signing in, links for the next device, rehearsals with the server.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration, Utc};
use ed25519_dalek::{Signer, SigningKey};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::round::{SyncError, sync_once};
use super::transport::{NetError, Transport};
use crate::domain::ids::DeviceId;
use crate::domain::order::Command;
use crate::store::Store;
use crate::store::state::Identity;
use crate::sync::wire::{
    EnrolAnswer, EnrolRequest, Frame, LinkAnswer, PROTOCOL, RehearsalAnswer, SignInRequest, Tokens, pack, paths,
    refresh_challenge, sign_in_challenge, unpack,
};
use crate::system::SystemIds;

const JSON: &str = "application/json";
const FRAMES: &str = "application/octet-stream";

/// An enrolment link taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinLink {
    /// Base address of the server, without a slash at the end.
    pub server: String,
    /// The token.
    pub token: String,
}

/// Takes `http(s)://server/join/<token>` apart; `None` for anything else.
#[must_use]
pub fn parse_link(link: &str) -> Option<JoinLink> {
    let link = link.trim();
    let (scheme, rest) = link.split_once("://")?;
    if !matches!(scheme, "http" | "https") {
        return None;
    }
    let (server, token) = rest.rsplit_once("/join/")?;
    let token = token.trim_end_matches('/');
    let sound = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if server.is_empty() || token.is_empty() || !token.chars().all(sound) || server.contains(['@', '?', '#', ' ']) {
        return None;
    }
    Some(JoinLink { server: format!("{scheme}://{}", server.trim_end_matches('/')), token: token.to_owned() })
}

/// Enrols this device: makes its signing key and answers what its database is to be made with.
///
/// # Errors
/// Those of the transport; their `code()` says what to tell.
pub fn enrol(net: &dyn Transport, link: &JoinLink, password: &str, device_name: &str) -> Result<Identity, NetError> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|_| NetError::Offline)?;
    let key = SigningKey::from_bytes(&secret);
    let request = EnrolRequest {
        token: link.token.clone(),
        password: password.to_owned(),
        device_name: device_name.to_owned(),
        device_key: STANDARD.encode(key.verifying_key().as_bytes()),
        protocol: PROTOCOL,
    };
    let answer: EnrolAnswer = post_json(net, paths::ENROL, None, &request)?;
    Ok(Identity {
        organisation: answer.organisation,
        organisation_name: answer.organisation_name,
        language: answer.language,
        user: answer.user,
        device: answer.device,
        device_name: device_name.to_owned(),
        server: Some(link.server.clone()),
        device_key: Some(secret),
        tokens: Some(answer.tokens),
        epoch: answer.epoch,
    })
}

/// Proves the password again and keeps the new tokens.
///
/// # Errors
/// `Net` with the server's code, `Store`.
pub fn sign_in(store: &Store, net: &dyn Transport, password: &str, now: DateTime<Utc>) -> Result<(), SyncError> {
    let held = store.credentials()?;
    let secret = held.device_key.ok_or(SyncError::LocalOnly)?;
    // The server compares the moment with its own clock.
    let at = now + Duration::milliseconds(held.skew);
    let proof = sign(&secret, &sign_in_challenge(held.device, at));
    let request = SignInRequest { device: held.device, password: password.to_owned(), proof, at };
    let tokens: Tokens = post_json(net, paths::SIGN_IN, None, &request).map_err(SyncError::Net)?;
    Ok(store.signed_in(&tokens)?)
}

/// A link for this person's next device. Needs the server.
///
/// # Errors
/// `Net`, `SignedOut`, `Store`.
pub fn link(store: &Store, net: &dyn Transport, now: DateTime<Utc>) -> Result<LinkAnswer, SyncError> {
    let access = access(store, net, now)?;
    post_json(net, paths::LINK, Some(&access), &()).map_err(SyncError::from_net)
}

/// Asks the server what an order would do.
///
/// # Errors
/// `Net`, `SignedOut`, `Store`.
pub fn rehearse(
    store: &Store,
    net: &dyn Transport,
    command: &Command,
    now: DateTime<Utc>,
) -> Result<RehearsalAnswer, SyncError> {
    let access = access(store, net, now)?;
    let body = pack(&[Frame::bare(command)]).map_err(|_| SyncError::Malformed)?;
    let answer = net.post(paths::REHEARSE, Some(&access), FRAMES, &body).map_err(SyncError::from_net)?;
    let mut frames: Vec<Frame<RehearsalAnswer>> = unpack(&answer).map_err(|_| SyncError::Malformed)?;
    frames.pop().map(|frame| frame.message).ok_or(SyncError::Malformed)
}

/// An access token that is still good. Where the last one has expired, a round of sync brings a new pair: the refresh
/// token is only ever spent there, where the new pair is stored before anything else.
fn access(store: &Store, net: &dyn Transport, now: DateTime<Utc>) -> Result<String, SyncError> {
    if let Some(access) = store.access_token(now)? {
        return Ok(access);
    }
    let clock = Still(now);
    sync_once(store, net, &clock, &SystemIds, env!("CARGO_PKG_VERSION"), None, &|_| {})?;
    store.access_token(now)?.ok_or(SyncError::SignedOut)
}

struct Still(DateTime<Utc>);

impl crate::domain::clock::Clock for Still {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}

/// Signature by the device key, in base64.
pub(super) fn sign(secret: &[u8; 32], challenge: &[u8]) -> String {
    STANDARD.encode(SigningKey::from_bytes(secret).sign(challenge).to_bytes())
}

/// The proof that goes with a refresh token.
pub(super) fn refresh_proof(secret: &[u8; 32], device: DeviceId, refresh: &str) -> String {
    sign(secret, &refresh_challenge(device, refresh))
}

pub(super) fn post_json<Q: Serialize, A: DeserializeOwned>(
    net: &dyn Transport,
    path: &str,
    bearer: Option<&str>,
    request: &Q,
) -> Result<A, NetError> {
    let body = serde_json::to_vec(request).map_err(|_| NetError::Foreign)?;
    let answer = net.post(path, bearer, JSON, &body)?;
    serde_json::from_slice(&answer).map_err(|_| NetError::Foreign)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://crm.example/join/abc-DEF_1", "https://crm.example", "abc-DEF_1")]
    #[case("  http://127.0.0.1:8080/join/t0k3n\n", "http://127.0.0.1:8080", "t0k3n")]
    #[case("https://host/sub/join/x/", "https://host/sub", "x")]
    fn a_link_names_server_and_token(#[case] link: &str, #[case] server: &str, #[case] token: &str) {
        assert_eq!(parse_link(link), Some(JoinLink { server: server.to_owned(), token: token.to_owned() }));
    }

    #[rstest]
    #[case("")]
    #[case("crm.example/join/x")]
    #[case("ftp://crm.example/join/x")]
    #[case("https://crm.example/")]
    #[case("https://crm.example/join/")]
    #[case("https://crm.example/join/a b")]
    #[case("https://me@crm.example/join/x")]
    fn anything_else_is_no_link(#[case] link: &str) {
        assert_eq!(parse_link(link), None);
    }
}
