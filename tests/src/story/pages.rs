//! Looks into a SQLCipher file and its write-ahead log page by page, free pages included, with nothing but the key.
//!
//! Layout of SQLCipher 4 with a raw key: pages of 4,096 bytes, each ending in 80 reserved bytes (16 of IV, 64 of HMAC);
//! the rest is AES-256 in CBC mode; the first page begins with 16 bytes of salt
//! (<https://www.zetetic.net/sqlcipher/design/>).

use std::path::Path;

use aes::cipher::{BlockDecryptMut, KeyIvInit, block_padding::NoPadding};
use anyhow::{Context, Result};

const PAGE: usize = 4096;
const RESERVED: usize = 80;
const WAL_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// True where the marker stands in any page of the database or of its log.
pub fn holds_marker(database: &Path, key: &[u8; 32], marker: &str) -> Result<bool> {
    let bytes = std::fs::read(database).with_context(|| format!("reading {}", database.display()))?;
    for (index, page) in bytes.chunks_exact(PAGE).enumerate() {
        if super::proxy::contains(&plain(page, key, index == 0)?, marker.as_bytes()) {
            return Ok(true);
        }
    }
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    let Ok(bytes) = std::fs::read(Path::new(&log)) else { return Ok(false) };
    for frame in bytes.get(WAL_HEADER..).unwrap_or_default().chunks_exact(FRAME_HEADER + PAGE) {
        let first = frame[..4] == [0, 0, 0, 1];
        if super::proxy::contains(&plain(&frame[FRAME_HEADER..], key, first)?, marker.as_bytes()) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn plain(page: &[u8], key: &[u8; 32], first: bool) -> Result<Vec<u8>> {
    let start = if first { 16 } else { 0 };
    let end = PAGE - RESERVED;
    let iv: [u8; 16] = page[end..end + 16].try_into().context("reading a page's IV")?;
    let mut data = page[start..end].to_vec();
    cbc::Decryptor::<aes::Aes256>::new(key.into(), &iv.into())
        .decrypt_padded_mut::<NoPadding>(&mut data)
        .map_err(|error| anyhow::anyhow!("decrypting a page: {error}"))?;
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_found_while_it_is_there_and_not_after_it_was_securely_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        let key = [7u8; 32];
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        let db = rusqlite::Connection::open(&path).unwrap();
        db.execute_batch(&format!("PRAGMA key = \"x'{hex}'\"; PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON; CREATE TABLE t(x);"))
            .unwrap();
        db.execute("INSERT INTO t VALUES ('МАРКЕР-123')", []).unwrap();
        assert!(holds_marker(&path, &key, "МАРКЕР-123").unwrap());
        db.execute("DELETE FROM t", []).unwrap();
        db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        assert!(!holds_marker(&path, &key, "МАРКЕР-123").unwrap());
    }
}
