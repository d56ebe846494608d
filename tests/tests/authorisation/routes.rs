//! Every route of the server's own table, asked with every kind of credential.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use ed25519_dalek::{Signer, SigningKey};
use satchel_core::domain::ids::*;
use satchel_core::domain::order::{Command, Order};
use satchel_core::store::state::Identity;
use satchel_core::sync::wire::*;
use satchel_server::http::dispatch::{Access, Answer, Method, ROUTES, Request, Route, Socket, dispatch};
use satchel_tests::harness::PASSWORD;
use uuid::Uuid;

use crate::stage::Stage;
use crate::table;

const CREDENTIALS: [&str; 6] = ["nobody", "made_up", "expired", "revoked", "left", "good"];

/// Proves the password with the device's key.
pub fn signed_in(
    server: &satchel_server::Office,
    identity: &Identity,
    password: &str,
    at: DateTime<Utc>,
) -> Result<Tokens, Denied> {
    let key = SigningKey::from_bytes(&identity.device_key.unwrap());
    let proof = STANDARD.encode(key.sign(&sign_in_challenge(identity.device, at)).to_bytes());
    server.sign_in(&SignInRequest { device: identity.device, password: password.to_owned(), proof, at }, None)
}

/// A well-formed request to a route, as far as the asker's credential goes.
fn body_for(route: &Route, stage: &Stage, identity: Option<&Identity>, access: &str) -> Vec<u8> {
    let device = identity.map_or(DeviceId(Uuid::from_u128(1)), |identity| identity.device);
    match route.path {
        paths::ENROL => serde_json::to_vec(&EnrolRequest {
            token: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            password: PASSWORD.to_owned(),
            device_name: "x".to_owned(),
            device_key: STANDARD.encode(SigningKey::from_bytes(&[3; 32]).verifying_key().as_bytes()),
            protocol: PROTOCOL,
        })
        .unwrap(),
        paths::SIGN_IN => {
            let proof = proved(identity, &sign_in_challenge(device, stage.now()));
            let request = SignInRequest { device, password: PASSWORD.to_owned(), proof, at: stage.now() };
            serde_json::to_vec(&request).unwrap()
        }
        paths::LINK => b"null".to_vec(),
        paths::REHEARSE => {
            let order = Order::Undo { command: CommandId(Uuid::from_u128(2)) };
            let id = CommandId(Uuid::from_u128(3));
            pack(&[Frame::bare(Command { id, at: stage.now(), order, builds_on: Vec::new(), confirmed: None })])
                .unwrap()
        }
        paths::COME_BACK => {
            let device = identity.map_or(DeviceId(Uuid::from_u128(1)), |identity| identity.device);
            let key = SigningKey::from_bytes(&identity.map_or([9; 32], |identity| identity.device_key.unwrap()));
            let proof = STANDARD.encode(key.sign(&come_back_challenge(device, stage.now())).to_bytes());
            serde_json::to_vec(&ComeBackRequest { device, proof, at: stage.now() }).unwrap()
        }
        paths::BRING => pack(&[Frame::bare(Bring::Mirror(Mirror::default()))]).unwrap(),
        paths::CHECK => pack(&[Frame::bare(Check::Homes { cursor: Cursor::default() })]).unwrap(),
        paths::SYNC | paths::LIVE => {
            let mut hello = stage.askers["anna"].hello.clone();
            hello.push_id = None;
            if let Some(identity) = identity {
                hello.device = identity.device;
                hello.push_counter = 0;
            }
            hello.credential = Credential::Access(access.to_owned());
            pack(&[Frame::bare(Up::Hello(hello))]).unwrap()
        }
        paths::WIPE => {
            let proof = proved(identity, &wipe_challenge(device, stage.now()));
            let hello = RevokedHello {
                organisation: stage.askers["anna"].identity.organisation,
                device,
                at: stage.now(),
                proof,
                incarnation: 0,
                push_counter: None,
                push_id: None,
                n_unsent: 0,
                rescued: false,
            };
            pack(&[Frame::bare(RevokedUp::Hello(hello))]).unwrap()
        }
        paths::WIPED => {
            let order = CommandId(Uuid::from_u128(4));
            let proof = proved(identity, &wiped_challenge(device, order));
            serde_json::to_vec(&Wiped { device, order, proof }).unwrap()
        }
        paths::HINT | "/join/{token}" | "/livez" | "/readyz" => Vec::new(),
        other => panic!("{other} is a new route: say here how it is asked, and write its row in table::ROUTES"),
    }
}

fn proved(identity: Option<&Identity>, challenge: &[u8]) -> String {
    let key = SigningKey::from_bytes(&identity.map_or([9; 32], |identity| identity.device_key.unwrap()));
    STANDARD.encode(key.sign(challenge).to_bytes())
}

fn word_of(answer: &Answer) -> String {
    let code = match serde_json::from_slice::<ErrorBody>(&answer.body) {
        Ok(body) => body.code,
        Err(_) => match unpack::<Down>(&answer.body).ok().and_then(|mut frames| frames.pop()) {
            Some(Frame { message: Down::Refused(denied), .. }) => denied.code,
            _ => "-".to_owned(),
        },
    };
    format!("{}:{code}", answer.status)
}

/// What the first message over a WebSocket is answered.
fn word_of_socket(socket: Socket, server: &satchel_server::Office, access: &str, body: &[u8]) -> String {
    let code = match socket {
        Socket::Hint => server.session(access).map_or("closed".to_owned(), |_| "-".to_owned()),
        Socket::Live => match server.hear(body, None) {
            Ok(_) => "-".to_owned(),
            Err(refusal) => match unpack::<Down>(&refusal).unwrap().pop().unwrap().message {
                Down::Refused(denied) => denied.code,
                other => panic!("{other:?} is no refusal"),
            },
        },
    };
    format!("101:{code}")
}

fn expected(path: &str) -> Vec<&'static str> {
    let row = table::ROUTES.lines().find(|line| line.split_whitespace().next() == Some(path));
    let row = row.unwrap_or_else(|| panic!("{path} has no row in table::ROUTES"));
    row.split_whitespace().skip(1).collect()
}

#[test]
fn every_route_has_its_rows_and_every_row_its_route() {
    let rows = table::ROUTES.lines().filter_map(|line| line.split_whitespace().next());
    let rows: Vec<_> = rows.filter(|first| first.starts_with('/')).collect();
    for route in &ROUTES {
        assert_eq!(expected(route.path).len(), CREDENTIALS.len(), "{}", route.path);
    }
    for row in &rows {
        assert!(ROUTES.iter().any(|route| route.path == *row), "{row} is no route any more");
    }
    assert_eq!(rows.len(), ROUTES.len());
}

#[test]
fn rev_1_every_route_answers_every_credential_as_its_rule_says() {
    let stage = Stage::prepare();
    let mut wrong = Vec::new();
    for route in &ROUTES {
        for (credential, expected) in CREDENTIALS.iter().zip(expected(route.path)) {
            let (_folder, server) = stage.server();
            let asker = match *credential {
                "nobody" | "made_up" => None,
                "good" => stage.askers.get("anna"),
                other => stage.askers.get(other),
            };
            let identity = asker.map(|asker| &asker.identity);
            let access = match (*credential, identity) {
                ("nobody", _) | (_, None) => "AAAA".to_owned(),
                (_, Some(identity)) => identity.tokens.as_ref().unwrap().access.clone(),
            };
            let mut body = body_for(route, &stage, identity, &access);
            if [paths::SYNC, paths::LIVE].contains(&route.path) && *credential == "good" {
                let mut hello = asker.unwrap().hello.clone();
                hello.push_id = None;
                body = pack(&[Frame::bare(Up::Hello(hello))]).unwrap();
            }
            let bearer = (*credential != "nobody").then_some(access.as_str());
            let path = route.path.replace("{token}", "AAAA");
            let answer = dispatch(&server, route.method, &path, &Request { bearer, body: &body, address: None });
            let word = match route.access {
                Access::Socket(socket) => {
                    assert_eq!(word_of(&answer), "400:malformed", "without a socket it answers nobody");
                    word_of_socket(socket, &server, bearer.unwrap_or_default(), &body)
                }
                _ => word_of(&answer),
            };
            if word != expected {
                wrong.push(format!("{} {credential}: {word} instead of {expected}", route.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn vis_2_the_page_behind_a_link_is_the_same_for_a_good_one_and_a_made_up_one() {
    let stage = Stage::prepare();
    let (_folder, server) = stage.server();
    let invitation = server.invite(stage.people.oleh, None).unwrap();
    let page = |token: &str| {
        let request = Request { bearer: None, body: &[], address: None };
        dispatch(&server, Method::Get, &format!("/join/{token}"), &request)
    };
    assert_eq!(page(&invitation.token), page("made-up"));
}

#[test]
fn vis_2_an_unknown_device_and_a_wrong_key_or_password_are_answered_alike() {
    let stage = Stage::prepare();
    let (_folder, server) = stage.server();
    let anna = &stage.askers["anna"].identity;
    let mut other_key = anna.clone();
    other_key.device_key = Some([1; 32]);
    let mut unknown = anna.clone();
    unknown.device = DeviceId(Uuid::from_u128(77));
    let tried = [
        signed_in(&server, &other_key, PASSWORD, stage.now()),
        signed_in(&server, &unknown, PASSWORD, stage.now()),
        signed_in(&server, anna, "not the password", stage.now()),
    ];
    for answer in tried {
        assert_eq!(answer.unwrap_err().code, "wrong_password");
    }
}
