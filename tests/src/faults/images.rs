//! Crash images: what a power cut may leave on the disk, made from everything a process wrote and flushed.
//!
//! The scenario is played once by real processes while every write, flush, truncation, rename and removal is recorded
//! with its bytes and its moment. An image is the files as they were before, all that was flushed, and of what was
//! not flushed any choice of 512-byte sectors: dropped, torn inside a page, later ones without earlier ones. Each is
//! opened by the real store, and whatever was answered before the cut has to be there [DUR-1, DUR-2, DUR-3].
//!
//! The recording is taken from the system calls and not from a file system inside SQLite: it holds what any library
//! wrote, key and lock files included, and needs no unsafe code.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rand::Rng;
use rand::seq::IndexedRandom;

use super::ground::Ground;
use super::injected::{Side, Strike, Trouble};
use super::play::{Options, Round, check_image};
use super::report::Line;
use crate::generator::dice;

/// Smallest piece a disk writes as one.
const SECTOR: usize = 512;

/// Something that happened to a file.
#[derive(Clone, Debug)]
enum Op {
    Write { path: PathBuf, at: u64, bytes: Vec<u8> },
    Flush { path: PathBuf },
    Truncate { path: PathBuf, length: u64 },
    Rename { from: PathBuf, to: PathBuf },
    Remove { path: PathBuf },
}

/// Makes so many images of one process's disk and opens each.
///
/// # Errors
/// Where the stage itself fails.
pub fn run_images(side: Side, n_images: usize, seed: u64) -> Result<Line> {
    let ground = Ground::prepare()?;
    let options = Options { side, trouble: Trouble::Kill, sample: None, seed, jobs: 1 };
    let mut round = Round::open(&ground, options, Strike::Record)?;
    round.play()?;
    let facts = round.facts_so_far();
    let root = round.folder(side);
    let log = round.end_recorded()?;
    let ops = read_log(&log, &root)?;
    drop(round);
    let n_flushes = ops.iter().filter(|(_, op)| matches!(op, Op::Flush { .. })).count();
    // A busy machine answers several pushes with one commit: the number varies, none at all would be a broken recording.
    ensure!(n_flushes >= 4, "only {n_flushes} flushes were recorded");

    let mut line =
        Line { series: format!("{side:?} images").to_lowercase(), seed, points: ops.len(), ..Line::default() };
    let mut dice = dice(seed);
    for n in 0..n_images {
        let cut = dice.random_range(1..=ops.len());
        let keep = *[0.0, 0.1, 0.5, 0.9, 1.0].choose(&mut dice).context("there are chances")?;
        let at = ops.get(cut).map_or(f64::MAX, |(at, _)| *at);
        let copy = ground.copy()?;
        let folder = copy.folder(side);
        let image = image_of(&ops[..cut], &folder, &mut || dice.random_bool(keep))?;
        for (name, bytes) in image {
            match bytes {
                Some(bytes) => std::fs::write(folder.join(&name), bytes)?,
                None => drop(std::fs::remove_file(folder.join(&name))),
            }
        }
        let told = facts.told_before(at);
        line.struck += 1;
        if let Err(error) = check_image(&ground, copy, side, &told) {
            line.failures.push(format!("seed {seed}, image {n}, cut at {cut}, keeping {keep}: {error:#}"));
        }
    }
    Ok(line)
}

type Files = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// The files that differ from the folder's: what is on the disk when the power goes after these operations.
fn image_of(ops: &[(f64, Op)], folder: &Path, keeps: &mut dyn FnMut() -> bool) -> Result<Files> {
    // Where each file was flushed last: everything of it before that is on the disk.
    let mut flushed: BTreeMap<&Path, usize> = BTreeMap::new();
    for (n, (_, op)) in ops.iter().enumerate() {
        if let Op::Flush { path } = op {
            flushed.insert(path, n);
        }
    }
    let mut files = Files::new();
    let safe = |path: &Path, n: usize| flushed.get(path).is_some_and(|last| n < *last);
    for (n, (_, op)) in ops.iter().enumerate() {
        match op {
            Op::Write { path, at, bytes } => {
                let file = held(&mut files, folder, path)?;
                for (idx, sector) in bytes.chunks(SECTOR).enumerate() {
                    if safe(path, n) || keeps() {
                        let start = usize::try_from(*at)? + idx * SECTOR;
                        if file.len() < start + sector.len() {
                            file.resize(start + sector.len(), 0);
                        }
                        file[start..start + sector.len()].copy_from_slice(sector);
                    }
                }
            }
            Op::Truncate { path, length } => {
                let file = held(&mut files, folder, path)?;
                if safe(path, n) || keeps() {
                    file.resize(usize::try_from(*length)?, 0);
                }
            }
            Op::Rename { from, to } => {
                let bytes = std::mem::take(held(&mut files, folder, from)?);
                files.insert(from.clone(), None);
                files.insert(to.clone(), Some(bytes));
            }
            Op::Remove { path } => {
                files.insert(path.clone(), None);
            }
            Op::Flush { .. } => {}
        }
    }
    Ok(files)
}

/// A file of the image, begun with what lies in the folder.
fn held<'f>(files: &'f mut Files, folder: &Path, path: &Path) -> Result<&'f mut Vec<u8>> {
    let file = files.entry(path.to_owned()).or_insert_with(|| std::fs::read(folder.join(path)).ok());
    Ok(file.get_or_insert_with(Vec::new))
}

/// The operations on files of the folder, by name in it, with their moments.
fn read_log(log: &Path, root: &Path) -> Result<Vec<(f64, Op)>> {
    let text = std::fs::read_to_string(log).with_context(|| format!("reading {}", log.display()))?;
    let mut ops = Vec::new();
    for line in text.lines().filter(|line| !line.contains("resumed>")) {
        let Some((at, op)) = read_line(line, root) else { continue };
        ops.push((at, op));
    }
    Ok(ops)
}

/// `PID SECONDS.MICROS call(3</path>, "\x..", 4096, 0) = 4096`
fn read_line(line: &str, root: &Path) -> Option<(f64, Op)> {
    let mut words = line.splitn(3, ' ');
    let at = words.nth(1)?.trim().parse().ok().or_else(|| line.split_whitespace().nth(1)?.parse().ok())?;
    let open = line.find('(')?;
    let call = line[..open].rsplit(' ').next()?;
    let arguments = &line[open + 1..];
    // A call that failed did nothing; one whose end stands elsewhere went well or was the last.
    if line.contains(") = -1") {
        return None;
    }
    let inside = |path: &str| -> Option<PathBuf> {
        let path = String::from_utf8(plain(path)).ok()?;
        let inside = Path::new(&path).strip_prefix(root).ok()?.to_owned();
        // The index of the log is memory shared by processes and made anew after a crash.
        (!inside.to_string_lossy().ends_with("-shm")).then_some(inside)
    };
    let of_number = |arguments: &str| inside(arguments.split_once('<')?.1.split_once('>')?.0);
    let quoted = |n: usize| arguments.split('"').nth(2 * n + 1);
    let after_quote = || arguments.rsplit_once("\", ").map(|(_, rest)| rest);
    let number = |text: &str| text.trim().trim_end_matches([')', ' ']).split([')', ' ']).next()?.parse::<u64>().ok();
    let op = match call {
        "pwrite64" => {
            let (_, offset) = after_quote()?.split_once(", ")?;
            Op::Write { path: of_number(arguments)?, at: number(offset)?, bytes: plain(quoted(0)?) }
        }
        "fsync" | "fdatasync" => Op::Flush { path: of_number(arguments)? },
        "ftruncate" => Op::Truncate { path: of_number(arguments)?, length: number(arguments.split_once(">, ")?.1)? },
        "rename" => Op::Rename { from: inside(quoted(0)?)?, to: inside(quoted(1)?)? },
        "unlink" => Op::Remove { path: inside(quoted(0)?)? },
        _ => return None,
    };
    Some((at, op))
}

/// Text in which every byte is `\xNN`, or plain text.
fn plain(text: &str) -> Vec<u8> {
    if !text.contains("\\x") {
        return text.as_bytes().to_vec();
    }
    text.split("\\x").skip(1).filter_map(|digits| u8::from_str_radix(digits.get(..2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::harness::scratch;

    fn write(at: u64, byte: u8) -> (f64, Op) {
        (0.0, Op::Write { path: "db".into(), at, bytes: vec![byte; 2 * SECTOR] })
    }

    #[test]
    fn what_was_flushed_is_there_and_the_rest_is_a_choice_of_sectors() {
        let folder = scratch();
        let ops = [write(0, 1), (0.0, Op::Flush { path: "db".into() }), write(0, 2)];
        let image = |keeps: &mut dyn FnMut() -> bool| {
            image_of(&ops, folder.path(), keeps).unwrap().remove(Path::new("db")).unwrap().unwrap()
        };
        assert_eq!(image(&mut || false), vec![1; 2 * SECTOR]);
        assert_eq!(image(&mut || true), vec![2; 2 * SECTOR]);
        let mut second = false;
        let torn = image(&mut || {
            second = !second;
            !second
        });
        assert_eq!(torn, [vec![1; SECTOR], vec![2; SECTOR]].concat());
    }

    #[test]
    fn calls_are_read_as_they_are_logged() {
        let root = Path::new("/tmp/x");
        let line = r#"12 1700000000.000001 pwrite64(4<\x2f\x74\x6d\x70\x2f\x78\x2f\x61>, "\x01\x02", 2, 4096) = 2"#;
        let (at, op) = read_line(line, root).unwrap();
        assert!(at > 1_699_999_999.0);
        assert!(matches!(op, Op::Write { path, at: 4096, bytes } if path == Path::new("a") && bytes == [1, 2]));
        let line = "12 1700000000.000001 ftruncate(4</tmp/x/a>, 17) = 0";
        assert!(matches!(read_line(line, root).unwrap().1, Op::Truncate { length: 17, .. }));
        let line = "12 1700000000.000001 pwrite64(4</tmp/x/a>, \"\\x01\", 1, 0) = -1 EIO (Input/output error)";
        assert!(read_line(line, root).is_none());
    }
}
