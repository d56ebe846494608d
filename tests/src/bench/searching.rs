//! How long searches take: parts of what is there, and what somebody typed otherwise than it is spelled.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rand::Rng;
use satchel_core::app::App;
use satchel_core::app::api::*;
use serde_json::{Value, json};

use super::child::{list_of, p95, words};
use super::parent::cpu_seconds;
use crate::generator::{Dice, dice};

/// Keys of the Russian layout and what they give in the Latin one.
const KEYS: (&str, &str) = ("йцукенгшщзхъфывапролджэячсмитьбюіїє", "qwertyuiop[]asdfghjkl;'zxcvbnm,.s]'");
/// Cyrillic letters the way a passport has them.
const PASSPORT: &[(char, &str)] = &[
    ('а', "a"),
    ('б', "b"),
    ('в', "v"),
    ('г', "g"),
    ('д', "d"),
    ('е', "e"),
    ('ж', "zh"),
    ('з', "z"),
    ('и', "i"),
    ('й', "i"),
    ('к', "k"),
    ('л', "l"),
    ('м', "m"),
    ('н', "n"),
    ('о', "o"),
    ('п', "p"),
    ('р', "r"),
    ('с', "s"),
    ('т', "t"),
    ('у', "u"),
    ('ф', "f"),
    ('х', "kh"),
    ('ц', "ts"),
    ('ч', "ch"),
    ('ш', "sh"),
    ('щ', "shch"),
    ('ы', "y"),
    ('ь', ""),
    ('э', "e"),
    ('ю', "iu"),
    ('я', "ia"),
    ('і', "i"),
    ('ї', "i"),
    ('є', "ie"),
    ('ё', "e"),
    ('ґ', "g"),
    ('ъ', ""),
];

/// 95th percentiles of searches as people type them, in milliseconds, and the processor time of one.
///
/// # Errors
/// Where something that is there is not found.
pub(super) fn measure(app: &App, question: &Value) -> Result<Value> {
    let mut dice = dice(question["seed"].as_u64().context("no seed")? + 1);
    let total = app.list(list_of("client", 0, 1))?.total;
    let any = |dice: &mut Dice| -> Result<Row> {
        Ok(app.list(list_of("client", dice.random_range(0..total), 1))?.rows.remove(0))
    };
    let mut times = Vec::new();
    for number in 0..200 {
        let row = any(&mut dice)?;
        let text = match number % 4 {
            0 => row.title.clone(),
            1 => words(&row.fields, "note"),
            2 => words(&row.fields, "phones"),
            _ => words(&row.fields, "address"),
        };
        let part = part_of(&text, &mut dice);
        let (took, found) = search(app, &part)?;
        ensure!(found, "nothing is found by {part:?}");
        times.push(took);
    }
    let before = cpu_seconds(std::process::id())?;
    let mut hard: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    let mut missed = Vec::new();
    for number in 0..400 {
        let row = any(&mut dice)?;
        let long: Vec<&str> = row.title.split(|letter: char| !letter.is_alphabetic()).collect();
        let Some(word) = long.into_iter().max_by_key(|word| word.chars().count()) else { continue };
        let word = word.to_lowercase();
        let (what, text) = match number % 7 {
            0 => ("layout", word.chars().map(key_of).collect()),
            1 => ("alphabet", word.chars().map(passport_of).collect()),
            2 => ("two letters", word.chars().take(2).collect()),
            3 => ("other way round", {
                let mut words: Vec<&str> = row.title.split_whitespace().collect();
                words.reverse();
                format!("{} {}", words.join(" "), self::words(&row.fields, "city"))
            }),
            4 => ("phone", with_other_prefix(&self::words(&row.fields, "phones"))),
            5 => ("last digits", {
                let digits = only_digits(&self::words(&row.fields, "phones"));
                digits[digits.len().saturating_sub(7)..].to_owned()
            }),
            _ => ("nothing", format!("{word}зщ")),
        };
        let (took, found) = search(app, &text)?;
        if !found && what != "nothing" {
            missed.push(format!("{what} {text:?}"));
        }
        hard.entry(what).or_default().push(took);
    }
    if !missed.is_empty() {
        eprintln!("nothing is found by {}", missed.join(", "));
    }
    let cpu = (cpu_seconds(std::process::id())? - before) * 1e3 / 400.0;
    let all: Vec<Duration> = hard.values().flatten().copied().collect();
    let each: BTreeMap<&str, f64> = hard.into_iter().map(|(what, times)| (what, p95(times))).collect();
    Ok(json!({ "ms": p95(times), "hard_ms": p95(all), "each_ms": each, "hard_cpu_ms": cpu }))
}

/// How long a search takes, and whether it finds anything.
fn search(app: &App, text: &str) -> Result<(Duration, bool)> {
    let start = Instant::now();
    let hits = app.search(Search { text: text.to_owned(), limit: 30 })?;
    Ok((start.elapsed(), !hits.is_empty()))
}

fn key_of(letter: char) -> char {
    let at = KEYS.0.chars().position(|other| other == letter);
    at.and_then(|at| KEYS.1.chars().nth(at)).unwrap_or(letter)
}

fn passport_of(letter: char) -> String {
    let known = PASSPORT.iter().find(|(other, _)| *other == letter);
    known.map_or_else(|| letter.to_string(), |(_, latin)| (*latin).to_owned())
}

fn only_digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// +7 as 8, +380 as 0.
fn with_other_prefix(phone: &str) -> String {
    let digits = only_digits(phone);
    match digits.strip_prefix("380") {
        Some(rest) => format!("0{rest}"),
        None => digits.strip_prefix('7').map_or(digits.clone(), |rest| format!("8 ({rest}")),
    }
}

/// A piece of three to seven characters of one word, as people type.
fn part_of(text: &str, dice: &mut Dice) -> String {
    let words: Vec<Vec<char>> =
        text.split(|letter: char| !letter.is_alphanumeric()).map(|word| word.chars().collect()).collect();
    let long: Vec<&Vec<char>> = words.iter().filter(|word| word.len() >= 3).collect();
    let Some(word) = long.get(dice.random_range(0..long.len().max(1))) else { return text.to_owned() };
    let length = dice.random_range(3..=7usize).min(word.len());
    let start = dice.random_range(0..=word.len() - length);
    word[start..start + length].iter().collect()
}
