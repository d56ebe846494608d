//! What is done to a database behind the app's back, for tests that only know the app.

use crate::domain::ids::RecordId;
use crate::store::Store;

/// Number of the last page of a table that holds rows, counted from 1.
pub(crate) fn last_leaf(store: &Store, table: &str) -> i64 {
    let sql = "SELECT max(pageno) FROM dbstat WHERE name = ? AND pagetype = 'leaf'";
    store.read(|conn| Ok(conn.query_row(sql, [table], |row| row.get(0))?)).unwrap()
}

/// Makes every client's row say another name than its document.
pub(crate) fn rename_rows(store: &Store) {
    store.write(|tx| Ok(tx.execute_batch("UPDATE v_client SET f_name = 'x', title_fold = 'x'")?)).unwrap();
}

/// Leaves the person nothing but reading in every home there is.
pub(crate) fn only_reading(store: &Store) {
    store.write(|tx| Ok(tx.execute_batch("UPDATE grants SET level = 0")?)).unwrap();
}

/// Leaves of a record's document what nobody can read.
pub(crate) fn spoil(store: &Store, id: RecordId) {
    let sql = "UPDATE documents SET chunks = x'00' WHERE id = ?";
    store.write(|tx| Ok(tx.execute(sql, [id.bytes()])?)).unwrap();
}
