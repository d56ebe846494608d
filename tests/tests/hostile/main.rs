//! A device that speaks frames by hand and means harm: refused within the limits, at a bounded cost, and nobody else
//! notices (promises.md, limits at the door; VIS-2).
//!
//! Costs are those of the thread that answers: processor time as the kernel counts it, and the greatest amount of
//! memory held beyond what was held before. Tests of this file run one after another, so that no other allocates
//! meanwhile.

#![allow(clippy::unwrap_used)]

mod attacks;
mod cost;

use std::sync::atomic::{AtomicBool, Ordering};

use attacks::{Attack, Expected, all};
use cost::{alone, measured};
use satchel_core::domain::kinds::client;
use satchel_core::sync::wire::*;
use satchel_server::identity::password::Cost;
use satchel_tests::harness::{Fault, Office, PASSWORD, Recorded};

/// Most processor time a refused item may take. Without optimisation everything takes several times as long.
const MILLIS: f64 = if cfg!(debug_assertions) { 80.0 } else { 10.0 };
/// Most memory a refused item may take beyond its body.
const BYTES: usize = 16 * 1024 * 1024;

fn word_of(body: &[u8]) -> String {
    let frames: Vec<Frame<Down>> = unpack(body).unwrap();
    let mut word = String::new();
    for frame in frames {
        match frame.message {
            Down::Refused(denied) => return denied.code,
            Down::Verdict(verdict) => {
                word = match verdict.outcome {
                    Outcome::Accepted | Outcome::Applied(_) => "ok".to_owned(),
                    Outcome::Duplicate => "duplicate".to_owned(),
                    Outcome::Refused(code) => code,
                    Outcome::MissingDependencies => "missing_dependencies".to_owned(),
                    other => format!("{other:?}"),
                };
            }
            Down::Welcome(_) if word.is_empty() => word = "welcome".to_owned(),
            Down::Welcome(_) | Down::Page(_) => {}
        }
    }
    word
}

#[test]
fn limits_every_attack_is_refused_at_its_door_and_at_a_bounded_cost() {
    let _alone = alone();
    let office = Office::open();
    let honest = office.ready(office.cast.bohdan, "honest");
    let firm = honest.client("Чесна фірма");
    honest.sync();
    let mut wrong = Vec::new();
    let mut most = (0.0f64, 0);
    let began = std::time::Instant::now();
    let attacks = all(&office);
    eprintln!("made in {:?}", began.elapsed());
    for Attack { name, body, expected } in attacks {
        let server = office.door();
        // The first time fills caches and reads statements.
        let _ = server.sync(&body);
        let (answer, cost) = measured(|| server.sync(&body));
        let word = word_of(&answer);
        println!("{:>9.2} ms {:>9} KiB  {word:<22} {name}", cost.millis, cost.bytes / 1024);
        match expected {
            Expected::Refused(code) if word == code => {
                most = (most.0.max(cost.millis), most.1.max(cost.bytes));
                if cost.millis > MILLIS {
                    wrong.push(format!("{name}: {:.1} ms", cost.millis));
                }
                if cost.bytes > BYTES {
                    wrong.push(format!("{name}: {} MiB", cost.bytes >> 20));
                }
            }
            Expected::Taken if matches!(word.as_str(), "ok" | "duplicate") => {}
            _ => wrong.push(format!("{name}: {word} instead of {expected:?}")),
        }
        // The honest device goes on working.
        honest.types(firm, client::CITY, name);
        assert_eq!(honest.sync().report.n_pushed, 1);
    }
    // Figures of an optimised build only; benches/README.md says what they are.
    if !cfg!(debug_assertions) {
        println!(r#"{{"name":"refusal_ms","value":{:.2},"unit":"ms"}}"#, most.0);
        println!(r#"{{"name":"refusal_mb","value":{:.2},"unit":"MB"}}"#, most.1 as f64 / 1_048_576.0);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(honest.text(firm, client::NAME), "Чесна фірма");
    let auditor = office.auditor();
    assert!(auditor.held.records.contains_key(&firm));
}

#[test]
fn a_well_behaved_device_syncs_while_another_attacks() {
    let _alone = alone();
    let office = Office::open();
    let honest = office.ready(office.cast.bohdan, "honest");
    let firm = honest.client("Чесна фірма");
    honest.sync();
    let attacks = all(&office);
    let (server, over) = (office.door(), AtomicBool::new(false));
    let n = std::thread::scope(|scope| {
        scope.spawn(|| {
            for attack in attacks.iter().cycle().take_while(|_| !over.load(Ordering::SeqCst)) {
                let _ = server.sync(&attack.body);
            }
        });
        for n in 0..30 {
            honest.types(firm, client::CITY, format!("Місто {n}"));
            honest.sync();
        }
        over.store(true, Ordering::SeqCst);
        30
    });
    assert_eq!(n, 30);
    let olena = office.ready(office.cast.olena, "laptop");
    assert_eq!(olena.text(firm, client::CITY), "Місто 29");
}

#[test]
fn dur_4_a_replayed_request_changes_nothing_and_tells_nobody_anything() {
    let _alone = alone();
    let office = Office::open();
    let (anna, olena) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.olena, "laptop"));
    let firm = anna.client("Альфа");
    anna.log(firm, "розмова");
    anna.sync();
    let sent: Vec<Recorded> = anna.line.take_log();
    let before = office.storage().counts().unwrap();
    let audited = office.storage().audit_rows(1000).unwrap().len();
    for one in sent.iter().filter(|one| one.path == paths::SYNC) {
        for _ in 0..3 {
            let _ = office.door().sync(&one.sent);
        }
    }
    let after = office.storage().counts().unwrap();
    assert_eq!(format!("{before:?}"), format!("{after:?}"));
    // An older request looks like a copied database, and is noted as one; nothing else is written down twice.
    let rows = office.storage().audit_rows(1000).unwrap();
    let more: Vec<_> = rows[..rows.len() - audited].iter().map(|row| row.action.as_str()).collect();
    assert!(more.iter().all(|action| *action == "device_cloned"), "{more:?}");
    anna.types(firm, client::CITY, "Львів");
    anna.line.expect([Some(Fault::Twice)]);
    anna.sync();
    olena.sync();
    assert_eq!(olena.text(firm, client::CITY), "Львів");
}

#[test]
fn limits_a_wrong_password_costs_one_argon2id_run_and_no_more() {
    let _alone = alone();
    let office = Office::open();
    // The real price, on a server of its own.
    let settings = satchel_server::Settings { password_cost: Cost::default(), ..satchel_server::Settings::for_tests() };
    let server = office.door_with(settings);
    let memory = Cost::default().memory_kib as usize * 1024;
    for (what, ask, runs) in attacks::passwords(&office, &server, PASSWORD) {
        let (answer, cost) = measured(|| ask(&server));
        println!("{:>9.2} ms, {} runs  {answer:<16} {what}", cost.millis, cost.n_large(memory));
        assert_eq!(cost.n_large(memory), runs, "{what}: {answer}");
    }
}
