//! Each cell of the table, played on an office of its own.

use std::collections::BTreeMap;

use satchel_core::domain::ids::*;
use satchel_core::domain::order::Command;
use satchel_core::sync::wire::*;
use satchel_server::http::dispatch::{Method, Request, dispatch};
use satchel_tests::tap;
use uuid::Uuid;

use crate::asks::{Ask, asks_of};
use crate::stage::{Asker, PLACES, Place, Stage};
use crate::table::{self, COLUMNS};

/// What somebody was answered.
#[derive(Clone, Debug)]
struct Answered {
    /// In one word, as the table has it.
    word: String,
    /// The answer's bytes after inflating, without the ids asked about.
    bytes: Vec<u8>,
    /// The same for the rehearsal of an order.
    rehearsed: Option<(String, Vec<u8>)>,
}

fn put(stage: &Stage, asker: &Asker, ask: Ask, place: &Place) -> Answered {
    let (_folder, server) = stage.server();
    let tokens = asker.identity.tokens.as_ref().unwrap();
    let mut hello = asker.hello.clone();
    hello.credential = Credential::Access(tokens.access.clone());
    let mut frames = vec![Frame::bare(Up::Hello(hello.clone()))];
    let mut rehearsed = None;
    if ask == Ask::Pull {
        hello.pull = true;
        hello.push_id = None;
        hello.cursor = Cursor::default();
        frames = vec![Frame::bare(Up::Hello(hello))];
    } else {
        let actor = satchel_core::domain::authority::actor_bytes(asker.identity.device, 0);
        let (items, blobs) = match ask.order(stage, place) {
            Some(order) => {
                assert!(asks_of(&order).contains(&ask));
                let id = CommandId(Uuid::from_u128(11));
                let command = Command { id, at: stage.now(), order, builds_on: Vec::new(), confirmed: None };
                let body = pack(&[Frame::bare(command.clone())]).unwrap();
                let request = Request { bearer: Some(&tokens.access), body: &body, address: None };
                let answer = dispatch(&server, Method::Post, paths::REHEARSE, &request);
                rehearsed = Some((word_of_rehearsal(answer.status, &answer.body), nameless(&answer.body, place)));
                (vec![Item::Command(command)], Vec::new())
            }
            None => ask.edits(stage, place, &actor, asker.own).expect("an ask is an order, an edit or a look"),
        };
        let group = Group { id: GroupId(Uuid::from_u128(12)), at: stage.now(), depends_on: Vec::new(), items };
        frames.push(Frame { message: Up::Group(group), blobs });
    }
    let body = pack(&frames).unwrap();
    let request = Request { bearer: None, body: &body, address: None };
    let answer = dispatch(&server, Method::Post, paths::SYNC, &request);
    assert_eq!(answer.status, 200);
    let word = word_of(ask, &answer.body, stage, place);
    Answered { word, bytes: nameless(&answer.body, place), rehearsed }
}

/// The answer's bytes with the ids asked about made alike.
fn nameless(body: &[u8], place: &Place) -> Vec<u8> {
    let mut plain = tap::plain(body);
    let ids = [
        place.client.bytes(),
        place.person.bytes(),
        place.visit.bytes(),
        place.handed.bytes(),
        place.proposal.bytes(),
        place.command.bytes(),
        place.device.bytes(),
        place.absence.bytes(),
    ];
    for at in 0..plain.len().saturating_sub(15) {
        if ids.iter().any(|id| plain[at..].starts_with(&id[..])) {
            plain[at..at + 16].fill(0);
        }
    }
    plain
}

fn word_of(ask: Ask, body: &[u8], stage: &Stage, place: &Place) -> String {
    let frames: Vec<Frame<Down>> = unpack(body).unwrap();
    let mut word = String::new();
    for frame in frames {
        match frame.message {
            Down::Refused(denied) => return denied.code,
            Down::Verdict(verdict) => word = word_of_outcome(&verdict.outcome),
            Down::Page(page) => {
                assert!(!page.more, "the office fits a page");
                let seen = page.records.iter().any(|one| one.record.id == place.client);
                let bytes: Vec<u8> = frame.blobs.concat();
                let granted = page
                    .granted
                    .iter()
                    .any(|granted| granted.home == satchel_core::domain::authority::Home::Client(place.client));
                assert_eq!(seen, granted, "a record is shown with its home");
                let leaks = tap::holds(&tap::plain(body), place.client.bytes()) && !seen;
                assert!(!leaks, "an id in a page that shows nothing of it");
                let is_there = stage.places.values().any(|other| other.client == place.client);
                let shown = seen || !is_there || !tap::holds(&bytes, &place.chunks.client);
                assert!(shown, "bytes of what is not shown");
                word = if seen { "yes" } else { "no" }.to_owned();
            }
            Down::Welcome(_) => {}
        }
    }
    assert!(!word.is_empty(), "{ask:?} has an answer");
    word
}

fn word_of_outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted | Outcome::Applied(_) => "ok".to_owned(),
        Outcome::Duplicate => "duplicate".to_owned(),
        Outcome::SetAside(_) => "set_aside".to_owned(),
        Outcome::Refused(code) | Outcome::Confirm(Err(code)) => code.clone(),
        Outcome::MissingDependencies => "missing_dependencies".to_owned(),
        Outcome::DependsOn(_) => "depends_on".to_owned(),
        Outcome::Confirm(Ok(_)) => "confirm".to_owned(),
    }
}

fn word_of_rehearsal(status: u16, body: &[u8]) -> String {
    if status != 200 {
        return serde_json::from_slice::<ErrorBody>(body).unwrap().code;
    }
    let mut frames: Vec<Frame<RehearsalAnswer>> = unpack(body).unwrap();
    match frames.remove(0).message.plan {
        Ok(_) => "ok".to_owned(),
        Err(code) => code,
    }
}

#[test]
fn vis_1_everybody_is_answered_what_the_table_says() {
    let stage = Stage::prepare();
    let missing = stage.missing_like(&stage.places["live"]);
    let mut wrong = Vec::new();
    let mut n = 0;
    for ask in Ask::ALL {
        for place_name in PLACES {
            let row = table::row(ask.key(), place_name);
            let place = stage.places.get(place_name).unwrap_or(&missing);
            for (column, expected) in COLUMNS.iter().zip(&row) {
                let answered = put(&stage, &stage.askers[column], *ask, place);
                n += 1;
                if answered.word != *expected {
                    wrong.push(format!("{} {place_name} {column}: {} instead of {expected}", ask.key(), answered.word));
                }
                // A rehearsal is the same decision without applying it (invariant 1).
                if let Some((word, _)) = &answered.rehearsed
                    && word != &answered.word
                {
                    wrong.push(format!(
                        "{} {place_name} {column}: rehearsed {word}, given {}",
                        ask.key(),
                        answered.word
                    ));
                }
            }
        }
    }
    println!("{n} cells");
    assert!(wrong.is_empty(), "{} cells differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn rev_1_no_dead_credential_is_answered_with_anything_but_its_code() {
    let stage = Stage::prepare();
    for (column, code) in [("expired", "signed_out"), ("revoked", "revoked"), ("left", "revoked")] {
        for ask in Ask::ALL {
            for place in stage.places.values() {
                let answered = put(&stage, &stage.askers[column], *ask, place);
                assert_eq!(answered.word, code, "{ask:?} {column}");
                let one = pack(&[Frame::bare(Down::Refused(Denied { code: code.to_owned() }))]).unwrap();
                assert_eq!(answered.bytes, tap::plain(&one), "{ask:?} {column}: nothing but the code");
                if let Some((word, bytes)) = answered.rehearsed {
                    assert_eq!(word, code);
                    assert_eq!(bytes, serde_json::to_vec(&ErrorBody { code: code.to_owned() }).unwrap());
                }
            }
        }
    }
}

#[test]
fn vis_2_not_yours_and_does_not_exist_are_the_same_bytes() {
    let stage = Stage::prepare();
    let mut differ = Vec::new();
    let mut compared = BTreeMap::<&str, usize>::new();
    for place_name in ["live", "trashed", "erased", "moved"] {
        let place = &stage.places[place_name];
        let nowhere = stage.missing_like(place);
        let seen = table::row(Ask::Pull.key(), place_name);
        for (column, _) in COLUMNS.iter().zip(&seen).filter(|(_, sees)| **sees == "no") {
            let asker = &stage.askers[column];
            for ask in Ask::ALL.iter().copied().filter(|ask| table::says_nothing(*ask, place_name, column)) {
                let (here, there) = (put(&stage, asker, ask, place), put(&stage, asker, ask, &nowhere));
                *compared.entry(column).or_default() += 1;
                if here.bytes != there.bytes || here.rehearsed != there.rehearsed {
                    differ.push(format!(
                        "{} {place_name} {column}: {} {:?}, and {} {:?} for what is not there",
                        ask.key(),
                        here.word,
                        here.rehearsed.map(|(word, _)| word),
                        there.word,
                        there.rehearsed.map(|(word, _)| word)
                    ));
                }
            }
        }
    }
    println!("{compared:?} compared");
    assert!(compared.values().sum::<usize>() > 100, "strangers were asked");
    assert!(differ.is_empty(), "{} answers tell the two apart:\n{}", differ.len(), differ.join("\n"));
}
