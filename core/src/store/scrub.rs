//! Leaving no byte behind: after a purge the unused parts of the file's pages are cleared and the log is emptied.
//!
//! `secure_delete` clears a cell when it is deleted, but not the copies that stay in the unused part of a page after
//! SQLite moved cells to a neighbour. Those are found and cleared page by page through `sqlite_dbpage`; a library
//! built without it vacuums instead.

use rusqlite::{Connection, params};

use super::error::StoreError;
use super::index;
use super::open::Store;
use super::state::{self, keys};

impl Store {
    /// Clears what purges left in unused parts of the file, if any purge has happened since the last time.
    ///
    /// # Errors
    /// Those of the database; it is done again the next time.
    pub fn scrub(&self) -> Result<(), StoreError> {
        if !self.read(|conn| Ok(state::get(conn, keys::SCRUB_DUE)?.unwrap_or(false)))? {
            return Ok(());
        }
        self.write(|tx| index::forget_removed(tx))?;
        self.maintain(|conn| {
            conn.execute_batch("PRAGMA incremental_vacuum;")?;
            if knows_pages(conn)? { Ok(()) } else { Ok(conn.execute_batch("VACUUM;")?) }
        })?;
        self.write(|tx| {
            if knows_pages(tx)? {
                clear_pages(tx)?;
            }
            Ok(())
        })?;
        self.maintain(|conn| {
            state::remove(conn, keys::SCRUB_DUE)?;
            let busy: i64 = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
            // A reader in the middle of something holds the log; the next round tries again.
            if busy == 0 { Ok(()) } else { state::set(conn, keys::SCRUB_DUE, &true) }
        })
    }
}

fn knows_pages(conn: &Connection) -> Result<bool, StoreError> {
    Ok(conn.prepare("SELECT 1 FROM pragma_module_list WHERE name = 'sqlite_dbpage'")?.exists([])?)
}

/// Clears the unused parts of all pages; returns in how many something stood.
fn clear_pages(conn: &Connection) -> Result<usize, StoreError> {
    let reserved = reserved_bytes(conn)?;
    let mut read = conn.prepare("SELECT pgno, data FROM sqlite_dbpage ORDER BY pgno")?;
    let mut write = conn.prepare("UPDATE sqlite_dbpage SET data = ? WHERE pgno = ?")?;
    // Written after reading: changing the table under its own cursor is asking for trouble.
    let mut stale: Vec<(i64, Vec<u8>)> = Vec::new();
    let mut rows = read.query([])?;
    let mut map = PageMap::default();
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        let page = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        if number == 1 {
            map = PageMap::of(page, reserved);
        }
        if map.is_pointer_map(number) {
            continue;
        }
        let unused = unused_parts(number, page, page.len().saturating_sub(reserved));
        if unused.iter().any(|part| page[part.clone()].iter().any(|byte| *byte != 0)) {
            let mut cleared = page.to_vec();
            unused.into_iter().for_each(|part| cleared[part].fill(0));
            stale.push((number, cleared));
        }
    }
    drop(rows);
    for (number, page) in &stale {
        write.execute(params![page, number])?;
    }
    Ok(stale.len())
}

/// Bytes at the end of each page that SQLCipher keeps for itself.
fn reserved_bytes(conn: &Connection) -> Result<usize, StoreError> {
    let first: Vec<u8> = conn.query_row("SELECT data FROM sqlite_dbpage WHERE pgno = 1", [], |row| row.get(0))?;
    Ok(first.get(20).copied().unwrap_or(0).into())
}

/// Which pages are pointer maps: they look like tree pages by accident and must be left alone.
#[derive(Default)]
struct PageMap {
    /// Pages from one pointer map to the next; 0 where the file has none.
    stride: i64,
}

impl PageMap {
    fn of(first: &[u8], reserved: usize) -> Self {
        // A non-zero largest root page in the header says that the file keeps pointer maps.
        let largest_root = first.get(52..56).is_some_and(|bytes| bytes.iter().any(|byte| *byte != 0));
        let usable = first.len().saturating_sub(reserved) as i64;
        Self { stride: if largest_root { usable / 5 + 1 } else { 0 } }
    }

    fn is_pointer_map(&self, number: i64) -> bool {
        self.stride > 0 && number >= 2 && (number - 2) % self.stride == 0
    }
}

/// Parts of a tree page that hold nothing: between the cell pointers and the first cell, and free blocks between
/// cells. Empty for pages that are no tree pages or do not look sound.
fn unused_parts(number: i64, page: &[u8], usable: usize) -> Vec<std::ops::Range<usize>> {
    let head = if number == 1 { 100 } else { 0 };
    let two = |at: usize| page.get(at..at + 2).map(|bytes| usize::from(bytes[0]) << 8 | usize::from(bytes[1]));
    let Some(kind) = page.get(head) else { return Vec::new() };
    let head_bytes = match kind {
        2 | 5 => 12,
        10 | 13 => 8,
        _ => return Vec::new(),
    };
    let (Some(mut block), Some(n_cells), Some(content)) = (two(head + 1), two(head + 3), two(head + 5)) else {
        return Vec::new();
    };
    let content = if content == 0 { 65_536 } else { content };
    let pointers_end = head + head_bytes + 2 * n_cells;
    if pointers_end > content || content > usable {
        return Vec::new();
    }
    let mut parts: Vec<_> = std::iter::once(pointers_end..content).collect();
    while block != 0 {
        let (Some(next), Some(size)) = (two(block), two(block + 2)) else { return parts };
        if size < 4 || block + size > usable || (next != 0 && next <= block) {
            return parts;
        }
        parts.push(block + 4..block + size);
        block = next;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_left_behind_by_moved_cells_are_cleared() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA secure_delete = ON; CREATE TABLE t (n INTEGER PRIMARY KEY, v TEXT);").unwrap();
        let mut seed = 1u64;
        let mut random = move |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for _ in 0..20_000 {
            let (n, length) = (random(2_000), random(900) as usize);
            let text = format!("secret{}", "x".repeat(length));
            conn.execute("INSERT OR REPLACE INTO t (n, v) VALUES (?, ?)", params![n as i64, text]).unwrap();
        }
        conn.execute("DELETE FROM t WHERE n % 3 <> 0", []).unwrap();
        conn.execute("UPDATE t SET v = 'plain'", []).unwrap();
        let holds = || -> bool {
            conn.query_row(
                "SELECT count(*) FROM sqlite_dbpage WHERE instr(data, CAST('secret' AS BLOB)) > 0",
                [],
                |row| row.get::<_, i64>(0),
            )
            .unwrap()
                > 0
        };
        assert!(holds(), "secure_delete alone is not enough");
        assert!(clear_pages(&conn).unwrap() > 0);
        assert!(!holds());
        let sound: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
        assert_eq!(clear_pages(&conn).unwrap(), 0);
    }
}
