//! What the demo and the benches rely on.

use chrono::NaiveDate;

use super::*;

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
}

fn firms(seed: u64, n: usize) -> Vec<Firm> {
    let mut dice = dice(seed);
    (0..n).map(|number| Firm::throw(number, 5, day(), &mut dice)).collect()
}

#[test]
fn the_same_seed_makes_the_same_firms() {
    let text = |seed| serde_json::to_string(&firms(seed, 20)).unwrap();
    assert_eq!(text(7), text(7));
    assert_ne!(text(7), text(8));
}

#[test]
fn six_hundred_firms_have_six_hundred_names_in_cyrillic() {
    let names: std::collections::BTreeSet<_> = firms(1, 600).into_iter().map(|firm| firm.name).collect();
    assert!(names.len() >= 595, "{} names", names.len());
    assert!(names.iter().all(|name| name.chars().any(|letter| ('А'..='я').contains(&letter))));
}

#[test]
fn a_few_are_overdue_a_few_are_due_today_and_more_are_ahead() {
    let contacts: Vec<_> = firms(1, 600).into_iter().flat_map(|firm| firm.contacts).collect();
    assert_eq!(contacts.len(), 3_000);
    let count = |moment| contacts.iter().filter(|contact| contact.moment == moment).count();
    assert!((60..200).contains(&count(Moment::Overdue)), "{}", count(Moment::Overdue));
    assert!((60..200).contains(&count(Moment::Today)), "{}", count(Moment::Today));
    assert!((200..400).contains(&count(Moment::Ahead)), "{}", count(Moment::Ahead));
    assert!(contacts.iter().filter(|one| one.moment == Moment::Today).all(|one| one.starts_at.date_naive() == day()));
}

#[test]
fn notes_and_results_have_the_length_the_bench_promises() {
    let mut dice = dice(3);
    let firms: Vec<_> = (0..200).map(|number| bench_firm(number, 5, day(), &mut dice)).collect();
    let mean = |lengths: Vec<usize>| lengths.iter().sum::<usize>() / lengths.len();
    let notes = mean(firms.iter().map(|firm| firm.note.chars().count()).collect());
    let results = mean(firms.iter().flat_map(|firm| &firm.contacts).map(|one| one.result.chars().count()).collect());
    assert!((180..=230).contains(&notes), "notes {notes}");
    assert!((100..=150).contains(&results), "results {results}");
    assert!(firms.iter().all(|firm| firm.contacts.len() == 5));
}

#[test]
fn check_digits_of_numbers_known_from_the_rules_themselves_hold() {
    let mut dice = dice(5);
    for _ in 0..500 {
        let inn = inn_of_firm(&mut dice);
        assert_eq!(inn.len(), 10);
        assert_eq!(sum(&inn, &[2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10, digit(&inn, 9));
        let person = inn_of_person(&mut dice);
        assert_eq!(person.len(), 12);
        assert_eq!(sum(&person, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10, digit(&person, 10));
        assert_eq!(sum(&person, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10, digit(&person, 11));
        let number = ogrn(&mut dice);
        assert_eq!(number[..12].parse::<i64>().unwrap() % 11 % 10, digit(&number, 12));
        let number = ogrnip(&mut dice);
        assert_eq!(number[..14].parse::<i64>().unwrap() % 13 % 10, digit(&number, 14));
        let number = rnokpp(&mut dice);
        assert_eq!(sum(&number, &[-1, 5, 7, 9, 4, 6, 10, 5, 7]).rem_euclid(11) % 10, digit(&number, 9));
        assert_eq!(edrpou(&mut dice).len(), 8);
    }
}

#[test]
fn fourteen_colleagues_and_an_admin_have_names_of_their_own() {
    let staff = staff(&mut dice(1));
    let count = |role| staff.iter().filter(|one| one.role == role).count();
    assert_eq!((count("rep"), count("supervisor"), count("admin")), (12, 2, 1));
}

fn digit(number: &str, at: usize) -> i64 {
    i64::from(number.as_bytes()[at] - b'0')
}

fn sum(number: &str, weights: &[i64]) -> i64 {
    number.bytes().zip(weights).map(|(digit, weight)| i64::from(digit - b'0') * weight).sum()
}
