//! Some seeded histories with every run of the tests; `satchel-sim` plays any number.

use satchel_tests::simulator::{Length, all_processors, play, run};

#[test]
fn no_history_of_an_office_breaks_a_promise() {
    let n = std::env::var("SATCHEL_HISTORIES").ok().and_then(|n| n.parse().ok()).unwrap_or(40);
    let tally = run(1, n, Length::default(), all_processors());
    for (seed, objections) in &tally.failures {
        eprintln!("seed {seed}: {objections:#?}");
    }
    assert!(tally.failures.is_empty(), "replay with satchel-sim --seed N --trace");
    // Histories in which nothing happens prove nothing.
    for what in [
        "merged",
        "set aside",
        "moved",
        "redirected",
        "purges",
        "repeated",
        "killed in sync",
        "undone",
        "folded",
        "absences",
        "devices emptied",
        "late edits with a receipt",
    ] {
        assert!(tally.counts.get(what).copied().unwrap_or(0) > 0, "no history had: {what}");
    }
}

#[test]
fn a_seed_gives_the_same_history_every_time() {
    let once = play(7, Length::default(), false);
    let again = play(7, Length::default(), false);
    assert_eq!(once.trace, again.trace);
    assert_eq!(once.counts, again.counts);
}
