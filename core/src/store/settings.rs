//! What this device remembers about its looks, and half-typed forms.

use rusqlite::{OptionalExtension, params};

use super::error::StoreError;
use super::open::Store;

impl Store {
    /// A setting, e.g. `language`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT value FROM settings WHERE key = ?")?;
            Ok(statement.query_row([key], |row| row.get(0)).optional()?)
        })
    }

    /// Changes a setting; empty forgets it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_setting(&self, key: &str, value: &str) -> Result<(), StoreError> {
        self.write_aside(|tx| {
            if value.is_empty() {
                tx.execute("DELETE FROM settings WHERE key = ?", [key])?;
            } else {
                tx.execute("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", params![key, value])?;
            }
            Ok(())
        })
    }

    /// A draft; empty where there is none. Drafts whose key names a record (by its id) leave the device with it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn draft(&self, key: &str) -> Result<String, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT text FROM drafts WHERE key = ?")?;
            Ok(statement.query_row([key], |row| row.get(0)).optional()?.unwrap_or_default())
        })
    }

    /// Keeps a draft; empty forgets it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_draft(&self, key: &str, text: &str) -> Result<(), StoreError> {
        self.write_aside(|tx| {
            if text.is_empty() {
                tx.execute("DELETE FROM drafts WHERE key = ?", [key])?;
            } else {
                tx.execute("INSERT OR REPLACE INTO drafts (key, text) VALUES (?, ?)", params![key, text])?;
            }
            Ok(())
        })
    }
}
