//! A database file with its key, page by page as SQLite would read it, free pages and stale log frames included.
//!
//! SQLCipher decrypts below the pager, and the pager reads a page whether or not anything refers to it; so a copy of
//! the file in which one page is replaced by a frame of the write-ahead log shows what that frame held.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rusqlite::Connection;

/// Decrypted pages of a file, the log's frames after them.
#[derive(Debug, Default)]
pub struct Pages {
    /// Content of pages of the file and of every frame of its log.
    pub pages: Vec<Vec<u8>>,
    /// How many of them are frames of the log.
    pub n_frames: usize,
}

impl Pages {
    /// True where the bytes stand in a page as they are, or inside a compressed piece that begins in one.
    #[must_use]
    pub fn hold(&self, needle: &[u8]) -> bool {
        self.pages.iter().any(|page| super::holds(page, needle) || inflated(page).any(|plain| super::holds(&plain, needle)))
    }
}

/// All pages of the database at `path` and of its log. Works on copies: the file itself is only read.
///
/// # Errors
/// Where the key does not open it or a page cannot be read.
pub fn pages_of(path: &Path, key: Option<&[u8; 32]>) -> Result<Pages> {
    let scratch = tempfile::tempdir().context("making a folder for copies")?;
    let file = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    let log = std::fs::read(beside(path, "-wal")).unwrap_or_default();
    let frames = Frames::of(&log);
    let mut all = Pages::default();
    let copy = scratch.path().join("copy.db");
    std::fs::write(&copy, &file).context("writing a copy")?;
    match read_pages(&copy, key) {
        Ok(pages) => all.pages = pages,
        // A file whose first page stands only in the log is not a database by itself.
        Err(_) if !frames.is_empty() => {}
        Err(error) => return Err(error),
    }
    let mut wanted: BTreeSet<(u32, usize)> = frames.all();
    // The first page says how many pages there are; another version of it may reach further.
    for head in frames.heads(&file) {
        for round in 0..frames.n_rounds() {
            let put: Vec<(u32, usize)> = wanted.iter().filter(|(_, version)| *version == round).copied().collect();
            if put.is_empty() {
                continue;
            }
            let mut bytes = file.clone();
            place(&mut bytes, 1, head);
            for (page, version) in &put {
                place(&mut bytes, *page, &frames.versions[page][*version]);
            }
            std::fs::write(&copy, &bytes).context("writing a copy")?;
            let pages = read_pages(&copy, key)?;
            for (page, version) in put {
                if let Some(content) = pages.get(page as usize - 1) {
                    all.pages.push(content.clone());
                    all.n_frames += 1;
                    wanted.remove(&(page, version));
                }
            }
        }
    }
    match wanted.first() {
        Some((page, _)) => bail!("no version of the file reaches page {page}"),
        None => Ok(all),
    }
}

/// The path of a file SQLite keeps beside a database.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[derive(Default)]
struct Frames {
    versions: BTreeMap<u32, Vec<Vec<u8>>>,
}

impl Frames {
    /// Every frame that stands in the log's file, whether or not it still counts.
    fn of(log: &[u8]) -> Self {
        let mut frames = Self::default();
        let Some(header) = log.first_chunk::<32>() else { return frames };
        let size = u32::from_be_bytes([header[8], header[9], header[10], header[11]]) as usize;
        let mut rest = &log[32..];
        while let Some((frame, after)) = rest.split_at_checked(24 + size) {
            let page = u32::from_be_bytes([frame[0], frame[1], frame[2], frame[3]]);
            if page > 0 {
                frames.versions.entry(page).or_default().push(frame[24..].to_vec());
            }
            rest = after;
        }
        frames
    }

    fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    fn n_rounds(&self) -> usize {
        self.versions.values().map(Vec::len).max().unwrap_or(0)
    }

    fn all(&self) -> BTreeSet<(u32, usize)> {
        self.versions.iter().flat_map(|(page, versions)| (0..versions.len()).map(|version| (*page, version))).collect()
    }

    /// All first pages there are, the latest first, the file's own last.
    fn heads<'a>(&'a self, file: &'a [u8]) -> Vec<&'a [u8]> {
        let mut heads: Vec<&[u8]> = self.versions.get(&1).into_iter().flatten().rev().map(Vec::as_slice).collect();
        let size = self.versions.values().flatten().map(Vec::len).next().unwrap_or(0);
        heads.extend(file.get(..size));
        heads
    }
}

fn place(file: &mut Vec<u8>, page: u32, content: &[u8]) {
    let at = (page as usize - 1) * content.len();
    if file.len() < at + content.len() {
        file.resize(at + content.len(), 0);
    }
    file[at..at + content.len()].copy_from_slice(content);
}

fn read_pages(path: &Path, key: Option<&[u8; 32]>) -> Result<Vec<Vec<u8>>> {
    let connection = Connection::open(path).context("opening a copy")?;
    if let Some(key) = key {
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        connection.pragma_update(None, "key", format!("x'{hex}'")).context("giving the key")?;
    }
    // A copy is put together from pages of different times: its schema need not make sense, only its pages count.
    connection.pragma_update(None, "writable_schema", true).context("not minding the schema")?;
    let bytes = serialized(&connection).context("reading pages")?;
    let n: u32 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).context("counting pages")?;
    let size = bytes.len() / n.max(1) as usize;
    Ok(bytes.chunks(size.max(1)).map(<[u8]>::to_vec).collect())
}

/// The whole file as the pager sees it. `rusqlite` has this behind a feature that would rebuild it for everybody.
#[allow(unsafe_code)]
fn serialized(connection: &Connection) -> Option<Vec<u8>> {
    use rusqlite::ffi;
    let mut length: ffi::sqlite3_int64 = 0;
    // SAFETY: the handle lives as long as `connection`; the buffer is SQLite's own until it is freed here.
    unsafe {
        let bytes = ffi::sqlite3_serialize(connection.handle(), c"main".as_ptr(), &raw mut length, 0);
        if bytes.is_null() {
            return None;
        }
        let copy = std::slice::from_raw_parts(bytes, usize::try_from(length).unwrap_or(0)).to_vec();
        ffi::sqlite3_free(bytes.cast());
        Some(copy)
    }
}

/// Everything in the bytes that unpacks as zstd, also where its end lies in another page.
fn inflated(page: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
    let starts = page.windows(4).enumerate().filter(|(_, window)| *window == MAGIC).map(|(at, _)| at);
    starts.filter_map(move |at| {
        let decoder = zstd::Decoder::new(&page[at..]).ok()?;
        let mut plain = Vec::new();
        // What comes out before the piece breaks off counts.
        let _ = decoder.take(16 * 1024 * 1024).read_to_end(&mut plain);
        (!plain.is_empty()).then_some(plain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn opened(path: &Path) -> Connection {
        let connection = Connection::open(path).unwrap();
        let hex: String = KEY.iter().map(|byte| format!("{byte:02x}")).collect();
        connection.pragma_update(None, "key", format!("x'{hex}'")).unwrap();
        connection.pragma_update(None, "journal_mode", "wal").unwrap();
        connection.execute_batch("CREATE TABLE IF NOT EXISTS words (word TEXT)").unwrap();
        connection
    }

    #[test]
    fn a_deleted_word_is_still_found_in_pages_and_log_until_it_is_wiped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("words.db");
        let connection = opened(&path);
        connection.execute("INSERT INTO words VALUES ('marker-of-the-lost')", []).unwrap();
        connection.execute("DELETE FROM words", []).unwrap();
        let pages = pages_of(&path, Some(&KEY)).unwrap();
        assert!(pages.n_frames > 0);
        assert!(pages.hold(b"marker-of-the-lost"));
        assert!(!super::super::holds(&std::fs::read(&path).unwrap(), b"marker-of-the-lost"));

        connection.execute_batch("PRAGMA secure_delete = on; INSERT INTO words VALUES ('another'); DELETE FROM words").unwrap();
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        connection.execute_batch("VACUUM").unwrap();
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        assert!(!pages_of(&path, Some(&KEY)).unwrap().hold(b"marker-of-the-lost"));
    }

    #[test]
    fn a_compressed_word_is_found_as_well() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("words.db");
        let connection = opened(&path);
        let text = "some text before the packed-marker and some text after it";
        let packed = zstd::encode_all(text.as_bytes(), 3).unwrap();
        connection.execute("INSERT INTO words VALUES (?1)", [packed]).unwrap();
        drop(connection);
        assert!(pages_of(&path, Some(&KEY)).unwrap().hold(b"packed-marker"));
    }

    #[test]
    fn a_wrong_key_is_an_error_and_not_an_empty_answer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("words.db");
        drop(opened(&path));
        assert!(pages_of(&path, Some(&[8; 32])).is_err());
    }
}
