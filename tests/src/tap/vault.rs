//! A database file with its key, page by page as SQLite would read it, free pages and stale log frames included.
//!
//! SQLCipher decrypts below the pager, and the pager reads a page of the file whether or not anything refers to it.
//! Frames of the write-ahead log that no longer count are reached by nobody: those are decrypted here.

use std::io::Read;
use std::path::{Path, PathBuf};

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockDecryptMut, KeyIvInit};
use anyhow::{Context, Result};
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
        self.pages
            .iter()
            .any(|page| super::holds(page, needle) || inflated(page).any(|plain| super::holds(&plain, needle)))
    }
}

/// All pages of the database at `path` and all frames of its log. The file itself is only read.
///
/// # Errors
/// Where the key does not open it or a page cannot be read.
pub fn pages_of(path: &Path, key: Option<&[u8; 32]>) -> Result<Pages> {
    let scratch = tempfile::tempdir().context("making a folder for a copy")?;
    let copy = scratch.path().join("copy.db");
    std::fs::copy(path, &copy).with_context(|| format!("reading {}", path.display()))?;
    let log = std::fs::read(beside(path, "-wal")).unwrap_or_default();
    let frames = frames_of(&log);
    let mut pages = match read_pages(&copy, key) {
        Ok(pages) => pages,
        // A file whose first page stands only in the log is not a database by itself.
        Err(_) if !frames.is_empty() => Vec::new(),
        Err(error) => return Err(error),
    };
    let n_frames = frames.len();
    pages.extend(frames.into_iter().map(|frame| match key {
        Some(key) => decrypted(frame, key),
        None => frame,
    }));
    Ok(Pages { pages, n_frames })
}

/// The path of a file SQLite keeps beside a database.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Every frame that stands in the log's file, whether or not it still counts.
fn frames_of(log: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let Some(header) = log.first_chunk::<32>() else { return frames };
    let size = u32::from_be_bytes([header[8], header[9], header[10], header[11]]) as usize;
    let mut rest = &log[32..];
    while let Some((frame, after)) = rest.split_at_checked(24 + size) {
        frames.push(frame[24..].to_vec());
        rest = after;
    }
    frames
}

/// Bytes at the end of each of SQLCipher's pages: the initialisation vector, then the page's authentication code.
const RESERVED: usize = 80;
const VECTOR: usize = 16;

/// A page as SQLCipher 4 writes it: AES-256 in CBC mode. A raw key is the page key itself.
fn decrypted(mut page: Vec<u8>, key: &[u8; 32]) -> Vec<u8> {
    let Some(end) = page.len().checked_sub(RESERVED) else { return page };
    let Ok(vector) = <[u8; VECTOR]>::try_from(&page[end..end + VECTOR]) else { return page };
    // The first page begins with the salt in the clear; read like the others it loses its header, where nobody's
    // words stand, and nothing else.
    let decryptor = cbc::Decryptor::<aes::Aes256>::new(key.into(), &vector.into());
    let whole = decryptor.decrypt_padded_mut::<NoPadding>(&mut page[..end]).is_ok();
    debug_assert!(whole, "a page is a multiple of the block");
    page
}

fn read_pages(path: &Path, key: Option<&[u8; 32]>) -> Result<Vec<Vec<u8>>> {
    let connection = Connection::open(path).context("opening a copy")?;
    if let Some(key) = key {
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        connection.pragma_update(None, "key", format!("x'{hex}'")).context("giving the key")?;
    }
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

        connection
            .execute_batch("PRAGMA secure_delete = on; INSERT INTO words VALUES ('another'); DELETE FROM words")
            .unwrap();
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
