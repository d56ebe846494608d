//! Whose phone it is: looked up by the last digits of the number, then compared whole.

use super::error::StoreError;
use super::index;
use super::open::Store;
use super::search::{SearchHit, hit_of};
use crate::domain::phone::{self, Likeness, Region};

/// Records compared before a number that many share is given up.
const COMPARED: u32 = 200;

/// A record with the number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneOwner {
    /// The record; the snippet is the number as it stands there.
    pub hit: SearchHit,
    /// Whether it is the number, or may be.
    pub likeness: Likeness,
}

impl Store {
    /// Records with a phone, those that surely have it first. Numbers without a country's code are read by `region`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn owners_of_phone(
        &self,
        number: &str,
        region: Option<Region>,
        limit: usize,
    ) -> Result<Vec<PhoneOwner>, StoreError> {
        self.read(|conn| {
            let mut owners: Vec<(Likeness, i64, PhoneOwner)> = Vec::new();
            let mut statement =
                conn.prepare_cached("SELECT row FROM search_phone WHERE tail = ? ORDER BY row LIMIT ?")?;
            for tail in phone::tails(number) {
                let rows = statement.query_map(rusqlite::params![tail, COMPARED], |row| row.get::<_, i64>(0))?;
                for row in rows.collect::<Result<Vec<_>, _>>()? {
                    let Some((layout, n)) = index::origin(self.layouts(), row) else { continue };
                    if owners.iter().any(|(_, known, _)| *known == row) {
                        continue;
                    }
                    let Some(texts) = index::texts(conn, layout, n)? else { continue };
                    let same = texts.phones.iter().filter_map(|phone| {
                        phone::compare(number, phone, region).map(|likeness| (likeness, phone.clone()))
                    });
                    let (Some((likeness, phone)), Some((mut hit, _))) =
                        (same.min_by_key(|(likeness, _)| *likeness), hit_of(conn, layout, n)?)
                    else {
                        continue;
                    };
                    hit.snippet = phone;
                    owners.push((likeness, row, PhoneOwner { hit, likeness }));
                }
            }
            owners.sort_by_key(|(likeness, row, _)| (*likeness, *row));
            Ok(owners.into_iter().take(limit).map(|(_, _, owner)| owner).collect())
        })
    }
}
