//! The committed corpus and seeded mutations of it through what cargo-fuzz feeds, on the stable compiler.
//!
//! `SATCHEL_MUTATIONS` sets how many for each file, `SATCHEL_SEED` where they begin; `SATCHEL_UPDATE=1` writes the
//! corpus anew.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use rand::Rng;
use satchel_core::docs::Doc;
use satchel_core::docs::change::birth_change;
use satchel_core::domain::ids::{GroupId, RecordId};
use satchel_core::domain::kinds::client;
use satchel_core::domain::patch::Patch;
use satchel_core::sync::wire::{Frame, Up, pack};
use satchel_tests::fuzzing::{files, frames, ingestion};
use satchel_tests::generator::{Dice, dice};
use satchel_tests::harness::{Office, group};
use satchel_tests::tap;

fn corpus(of: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(of);
    if std::env::var_os("SATCHEL_UPDATE").is_some() {
        std::fs::create_dir_all(&folder).unwrap();
        for (name, bytes) in seeds(of) {
            std::fs::write(folder.join(name), bytes).unwrap();
        }
    }
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// Honest inputs, which mutations start from.
fn seeds(of: &str) -> Vec<(&'static str, Vec<u8>)> {
    if of == "files" {
        return foreign_files();
    }
    let office = Office::open();
    let patch = Patch::new().set(client::NAME, "Фірма".to_owned()).set(client::CITY, "Київ".to_owned());
    let (mut doc, made) = Doc::create(&client::KIND, &patch, &[1; 20], office.now()).unwrap();
    let edit = Patch::new().set(client::CITY, "Львів".repeat(200));
    let edited = doc.edit(&client::KIND, &edit, &[1; 20], office.now()).unwrap();
    if of == "changes" {
        return vec![("made", made[0].clone()), ("edited", edited[0].clone()), ("birth", birth_change("note"))];
    }
    let mut probe = office.probe(office.cast.anna);
    let hello = Frame::bare(Up::Hello(probe.hello(Some(GroupId(uuid::Uuid::from_u128(1))), true)));
    let mut push = group(GroupId(uuid::Uuid::from_u128(2)), office.now());
    let id = RecordId(uuid::Uuid::from_u128(3));
    probe.create(&mut push, &client::KIND, id, satchel_core::domain::authority::Home::Client(id), &patch).unwrap();
    let body = pack(&[hello, push]).unwrap();
    let answer = office.door().sync(&body);
    vec![("request", tap::plain(&body)), ("packed", body), ("answer", tap::plain(&answer))]
}

/// Files as other programs write them.
fn foreign_files() -> Vec<(&'static str, Vec<u8>)> {
    let table = "Наименование;ИНН;Телефон;Контактное лицо;Дата рождения\r\n\"ООО \"\"Ромашка\"\"\";7707083893;8 (495) \
                 000-00-00, доб. 5;Иванов Иван Петрович;12.04.1985\r\nЛютик;1,23E+11;;;31.02.2026\r\n";
    let wide = table.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let old = "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=9F=D0=B5=\r\n=D1=82=D1=80;;;;\r\n\
               TEL;CELL:+380501112233\r\nPHOTO;ENCODING=BASE64;JPEG:QUJD\r\n QUJD\r\n\r\nEND:VCARD\r\n";
    let new = "BEGIN:VCARD\nVERSION:4.0\nKIND:org\nFN:Світоч\nitem1.TEL;TYPE=\"work,voice\":032 111\n\
               ADR:;;вул. Лесі\\; 5;Львів;;;\nNOTE:довгий\n  рядок\nBDAY:--0415\nX-EDRPOU:00032112\nEND:VCARD\n";
    vec![
        ("table", table.as_bytes().to_vec()),
        ("windows", encoding_rs::WINDOWS_1251.encode(table).0.into_owned()),
        ("wide", wide),
        ("card21", old.as_bytes().to_vec()),
        ("card40", new.as_bytes().to_vec()),
    ]
}

fn mutated(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..dice.random_range(1..6) {
        let at = dice.random_range(0..bytes.len().max(1));
        match dice.random_range(0..6) {
            _ if bytes.is_empty() => bytes.push(dice.random()),
            0 => bytes[at] = dice.random(),
            1 => bytes[at] ^= 1 << dice.random_range(0..8),
            2 => bytes[at] = *[0, 0x7f, 0x80, 0xff].get(dice.random_range(0..4usize)).unwrap(),
            3 => bytes.truncate(at),
            4 => bytes.insert(at, dice.random()),
            _ => {
                let end = (at + dice.random_range(1..40usize)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

/// The checksum of a chunk made right again: what is looked at stands behind it.
fn resealed(mut chunk: Vec<u8>) -> Vec<u8> {
    use sha2::Digest;
    if chunk.len() > 8 {
        let digest = sha2::Sha256::digest(&chunk[8..]);
        chunk[4..8].copy_from_slice(&digest[..4]);
    }
    chunk
}

fn feed(of: &str, target: fn(&[u8]), reseal: fn(Vec<u8>) -> Vec<u8>, usual: u64) {
    let from_env = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let (seed, n) = (from_env("SATCHEL_SEED").unwrap_or(1), from_env("SATCHEL_MUTATIONS").unwrap_or(usual));
    let files = corpus(of);
    assert!(!files.is_empty(), "the corpus is committed");
    let mut dice = dice(seed);
    for (path, bytes) in &files {
        target(bytes);
        for idx in 0..n {
            let input = reseal(mutated(bytes, &mut dice));
            let outcome = std::panic::catch_unwind(|| target(&input));
            assert!(outcome.is_ok(), "seed {seed}, mutation {idx} of {}: {input:02x?}", path.display());
        }
    }
    println!("seed {seed}: {n} mutations of each of {} files", files.len());
}

#[test]
fn frames_of_nonsense_are_refused_without_a_panic() {
    feed("frames", frames, |bytes| bytes, 1500);
}

#[test]
fn changes_of_nonsense_are_refused_without_a_panic() {
    feed("changes", ingestion, resealed, 1500);
}

#[test]
fn files_of_nonsense_are_read_or_refused_without_a_panic() {
    feed("files", files, |bytes| bytes, 200);
}
