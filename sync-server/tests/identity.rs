//! Links, passwords, tokens and revocation.
#![allow(clippy::unwrap_used)]

mod support;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::Duration;
use ed25519_dalek::{Signer, SigningKey};
use satchel_core::domain::clock::Clock;
use satchel_core::domain::order::Order;
use satchel_core::sync::wire::*;
use support::*;

fn request(token: &str, password: &str, key: u8) -> EnrolRequest {
    let key = SigningKey::from_bytes(&[key; 32]).verifying_key();
    EnrolRequest {
        token: token.into(),
        password: password.into(),
        device_name: "phone".into(),
        device_key: STANDARD.encode(key.to_bytes()),
        protocol: PROTOCOL,
    }
}

fn code<T: std::fmt::Debug>(answer: Result<T, Denied>) -> String {
    answer.unwrap_err().code
}

#[test]
fn a_link_works_once_and_only_with_the_right_password() {
    let w = World::new();
    let enrol = |token: &str, password: &str, key| w.office.enrol(&request(token, password, key), None);
    let first = w.office.invite(w.anna, None).unwrap();
    assert_eq!(code(enrol(&first.token, "short", 1)), "password_too_short");
    let answer = enrol(&first.token, PASSWORD, 1).unwrap();
    assert_eq!((answer.user.id, answer.language.as_str(), answer.epoch), (w.anna, "ru", 1));
    assert_eq!(code(enrol(&first.token, PASSWORD, 2)), "link_used");
    let again = enrol(&first.token, PASSWORD, 1).unwrap();
    assert_eq!(again.device, answer.device, "a lost answer is answered again");
    assert_eq!(w.office.devices(Some(w.anna)).unwrap().len(), 1);

    let second = w.office.invite(w.anna, None).unwrap();
    assert_eq!(code(enrol(&second.token, "wrong horse", 3)), "wrong_password");
    assert!(enrol(&second.token, PASSWORD, 3).is_ok());
    assert_eq!(code(enrol("nonsense", PASSWORD, 4)), "link_unknown");

    let third = w.office.invite(w.anna, Some(Duration::minutes(30))).unwrap();
    w.clock.forward(Duration::minutes(30));
    assert_eq!(code(enrol(&third.token, PASSWORD, 5)), "link_expired");
}

#[test]
fn guessing_the_password_burns_the_link() {
    let w = World::new();
    w.device(w.anna);
    let link = w.office.invite(w.anna, None).unwrap();
    for _ in 0..10 {
        assert_eq!(code(w.office.enrol(&request(&link.token, "wrong horse", 1), None)), "wrong_password");
    }
    assert_eq!(code(w.office.enrol(&request(&link.token, PASSWORD, 1), None)), "link_used");
}

#[test]
fn an_address_that_guesses_links_has_to_wait_and_others_do_not() {
    let w = World::new();
    for _ in 0..10 {
        assert_eq!(code(w.office.enrol(&request("guess", PASSWORD, 1), Some("10.0.0.9"))), "link_unknown");
    }
    let link = w.office.invite(w.anna, None).unwrap();
    let good = request(&link.token, PASSWORD, 1);
    assert_eq!(code(w.office.enrol(&good, Some("10.0.0.9"))), "too_many_requests");
    assert!(w.office.enrol(&good, Some("10.0.0.8")).is_ok());
}

#[test]
fn the_signed_in_person_makes_the_link_for_his_next_device() {
    let w = World::new();
    let phone = w.device(w.anna);
    let answer = w.office.link(&phone.tokens.access).unwrap();
    let token = answer.link.rsplit('/').next().unwrap();
    assert_eq!(w.office.enrol(&request(token, PASSWORD, 9), None).unwrap().user.id, w.anna);
    assert_eq!(code(w.office.link("nonsense")), "signed_out");
    w.clock.forward(Duration::minutes(10));
    assert_eq!(code(w.office.link(&phone.tokens.access)), "signed_out");
}

#[test]
fn an_expired_access_token_is_renewed_in_the_same_request() {
    let w = World::new();
    let mut phone = w.device(w.anna);
    w.clock.forward(Duration::minutes(11));
    let before = phone.tokens.clone();
    phone.pull();
    assert_ne!(phone.tokens, before);
    w.clock.forward(Duration::days(30));
    phone.pull();
    w.clock.forward(Duration::days(32));
    let hello = phone.hello(false, true);
    assert_eq!(code(phone.exchange(hello, &[]).map(|_| ())), "signed_out");
}

#[test]
fn a_refresh_token_needs_the_devices_key_too() {
    let w = World::new();
    let mut phone = w.device(w.anna);
    phone.key = SigningKey::from_bytes(&[99; 32]);
    w.clock.forward(Duration::minutes(11));
    let hello = phone.hello(false, true);
    assert_eq!(code(phone.exchange(hello, &[]).map(|_| ())), "signed_out");
}

#[test]
fn a_refresh_token_used_twice_gets_the_same_successor_in_the_grace_and_ends_its_family_after() {
    let w = World::new();
    let mut phone = w.device(w.anna);
    w.clock.forward(Duration::minutes(11));
    let hello = phone.hello(false, true);
    phone.exchange(hello.clone(), &[]).unwrap();
    let first = phone.tokens.clone();
    w.clock.forward(Duration::seconds(60));
    phone.exchange(hello.clone(), &[]).unwrap();
    assert_eq!(phone.tokens.refresh, first.refresh);
    let alive = phone.tokens.clone();

    w.clock.forward(Duration::seconds(1));
    assert_eq!(code(phone.exchange(hello, &[]).map(|_| ())), "signed_out");
    assert_eq!(w.storage.audit_rows(1).unwrap()[0].action, "refresh_token_reused");
    // The whole family has ended, access tokens included.
    phone.tokens = alive;
    let hello = phone.hello(false, true);
    assert_eq!(code(phone.exchange(hello, &[]).map(|_| ())), "signed_out");

    // The device and its key stay: the password starts a new family.
    let sign_in = |phone: &Device, password: &str, at| {
        let proof = phone.key.sign(&sign_in_challenge(phone.id, at)).to_bytes();
        let request = SignInRequest { device: phone.id, password: password.into(), proof: STANDARD.encode(proof), at };
        w.office.sign_in(&request, None)
    };
    let now = w.clock.now();
    assert_eq!(code(sign_in(&phone, "wrong horse", now)), "wrong_password");
    assert_eq!(code(sign_in(&phone, PASSWORD, now - Duration::minutes(11))), "clock_wrong");
    let mut stranger = phone.clone();
    stranger.key = SigningKey::from_bytes(&[99; 32]);
    assert_eq!(code(sign_in(&stranger, PASSWORD, now)), "wrong_password");
    phone.tokens = sign_in(&phone, PASSWORD, now - Duration::minutes(9)).unwrap();
    phone.pull();
}

#[test]
fn strangers_cannot_lock_a_device_out() {
    let w = World::new();
    let phone = w.device(w.anna);
    let now = w.clock.now();
    for _ in 0..30 {
        let request = SignInRequest { device: phone.id, password: "guess".into(), proof: "AAAA".into(), at: now };
        assert!(w.office.sign_in(&request, Some("10.0.0.9")).is_err());
    }
    let proof = phone.key.sign(&sign_in_challenge(phone.id, now)).to_bytes();
    let request = SignInRequest { device: phone.id, password: PASSWORD.into(), proof: STANDARD.encode(proof), at: now };
    assert!(w.office.sign_in(&request, Some("10.0.0.9")).is_ok());
}

#[test]
fn a_revoked_device_gets_nothing_more_at_once() {
    let w = World::new();
    let (mut phone, mut laptop, mut boss) = (w.device(w.anna), w.device(w.anna), w.device(w.boss));
    let mut boris = w.device(w.boris);
    assert_eq!(boris.order(Order::RevokeDevice { device: phone.id, wipe: None }).1, refused("not_found"));
    let (_, outcome) = boss.order(Order::RevokeDevice { device: phone.id, wipe: None });
    assert!(matches!(outcome, Outcome::Applied(_)), "{outcome:?}");
    let hello = phone.hello(false, true);
    assert_eq!(code(phone.exchange(hello, &[]).map(|_| ())), "revoked");
    assert_eq!(code(w.office.link(&phone.tokens.access)), "revoked");
    w.clock.forward(Duration::minutes(11));
    let hello = phone.hello(false, true);
    assert_eq!(code(phone.exchange(hello, &[]).map(|_| ())), "revoked");
    laptop.pull();

    w.office.revoke_device(laptop.id, None).unwrap();
    let hello = laptop.hello(false, true);
    assert_eq!(code(laptop.exchange(hello, &[]).map(|_| ())), "revoked");
}

#[test]
fn a_person_who_left_gets_nothing_and_no_link() {
    let w = World::new();
    let (mut phone, mut boss) = (w.device(w.anna), w.device(w.boss));
    w.office.deactivate(w.anna).unwrap();
    let hello = phone.hello(false, true);
    assert_eq!(code(phone.exchange(hello, &[]).map(|_| ())), "revoked");
    assert!(w.office.invite(w.anna, None).is_err());
    boss.pull();
    assert!(boss.last.users.iter().any(|user| user.id == w.anna && !user.active));
}

#[test]
fn a_token_of_one_device_is_no_good_for_another() {
    let w = World::new();
    let (phone, mut boris) = (w.device(w.anna), w.device(w.boris));
    let mut hello = boris.hello(false, true);
    hello.credential = phone.credential();
    assert_eq!(code(boris.exchange(hello, &[]).map(|_| ())), "signed_out");
    let mut hello = boris.hello(false, true);
    hello.organisation = satchel_core::domain::ids::OrganisationId(uuid::Uuid::nil());
    assert_eq!(code(boris.exchange(hello, &[]).map(|_| ())), "wrong_organisation");
    let mut hello = boris.hello(false, true);
    hello.protocol = (0, 0);
    assert_eq!(code(boris.exchange(hello, &[]).map(|_| ())), "protocol_too_old");
}

#[test]
fn a_supervisor_sees_his_peoples_devices_and_a_rep_his_own() {
    let w = World::new();
    let (mut anna, mut boss, clara) = (w.device(w.anna), w.device(w.boss), w.device(w.clara));
    let devices = |device: &mut Device| {
        let mut hello = device.hello(false, false);
        hello.want_devices = true;
        let heard = device.exchange(hello, &[]).unwrap();
        heard.welcome.devices.unwrap().into_iter().map(|device| device.id).collect::<Vec<_>>()
    };
    assert_eq!(devices(&mut anna), [anna.id]);
    let seen = devices(&mut boss);
    assert!(seen.contains(&anna.id) && seen.contains(&boss.id) && !seen.contains(&clara.id));
}

/// A page asked for ahead has come and is not stored: its cursor counts once it is said again.
#[test]
fn a_cursor_shown_ahead_does_not_say_that_a_device_holds_anything() {
    let w = World::new();
    let mut phone = w.device(w.anna);
    let (_, create) = phone.new_client("Ромашка");
    phone.must_push(&create);
    phone.pull();
    let holds_all_since = || w.storage.devices_for(w.anna).unwrap()[0].acked_at;
    let before = holds_all_since();
    w.clock.forward(Duration::hours(1));
    let ahead = Hello { ahead: true, ..phone.hello(false, true) };
    phone.exchange(ahead, &[]).unwrap();
    assert_eq!(holds_all_since(), before);
    w.clock.forward(Duration::hours(1));
    let stored = phone.hello(false, true);
    phone.exchange(stored, &[]).unwrap();
    assert_eq!(holds_all_since(), Some(w.clock.now()));
}
