//! Counts and versions for support; never anything a person typed.

use super::error::StoreError;
use super::open::Store;
use super::schema;

impl Store {
    /// Names and numbers: records per kind, outbox per state, damaged records, schema, size of the file, versions of
    /// the database library.
    ///
    /// # Errors
    /// Those of the database.
    pub fn diagnosis(&self) -> Result<Vec<(String, String)>, StoreError> {
        let mut lines = self.read(|conn| {
            let mut lines = Vec::new();
            let groups = [
                ("records", "SELECT kind, count(*) FROM documents GROUP BY kind ORDER BY kind"),
                ("outbox_state", "SELECT CAST(state AS TEXT), count(*) FROM outbox GROUP BY state ORDER BY state"),
                ("refused", "SELECT code, count(*) FROM outbox WHERE code <> '' GROUP BY code ORDER BY code"),
                ("repaired", "SELECT what, sum(n) FROM repairs GROUP BY what ORDER BY what"),
                ("notices", "SELECT what, count(*) FROM notices GROUP BY what ORDER BY what"),
            ];
            for (name, sql) in groups {
                let mut statement = conn.prepare(sql)?;
                let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
                for row in rows {
                    let (key, n) = row?;
                    lines.push((format!("{name}.{key}"), n.to_string()));
                }
            }
            let counts = [
                ("damaged", "SELECT count(*) FROM documents WHERE damaged <> 0"),
                ("homes", "SELECT count(DISTINCT home) FROM grants"),
                ("losses", "SELECT count(*) FROM losses"),
                ("proposals", "SELECT count(*) FROM proposals"),
                ("users", "SELECT count(*) FROM users"),
                ("index_pending", "SELECT count(*) FROM search_dirty"),
                ("pages", "SELECT page_count FROM pragma_page_count()"),
                ("free_pages", "SELECT freelist_count FROM pragma_freelist_count()"),
            ];
            for (name, sql) in counts {
                let n: i64 = conn.query_row(sql, [], |row| row.get(0))?;
                lines.push((name.to_owned(), n.to_string()));
            }
            let cipher: String = conn.query_row("PRAGMA cipher_version", [], |row| row.get(0))?;
            lines.push(("cipher".to_owned(), cipher));
            Ok(lines)
        })?;
        lines.push(("sqlite".to_owned(), rusqlite::version().to_owned()));
        lines.push(("schema".to_owned(), schema::known().to_string()));
        let bytes = std::fs::metadata(self.path()).map_or(0, |file| file.len());
        lines.push(("file_bytes".to_owned(), bytes.to_string()));
        Ok(lines)
    }

    /// Checks every page of the file against its authentication code; answers what is wrong, empty when nothing is.
    ///
    /// # Errors
    /// Those of the database.
    pub fn check_pages(&self) -> Result<Vec<String>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare("PRAGMA cipher_integrity_check")?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
