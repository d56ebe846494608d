//! Whose phone it is: looked up by the last digits of the number, then compared whole.

use rusqlite::Connection;

use super::error::StoreError;
use super::open::Store;
use super::search::{SearchHit, hit_of};
use super::views::Layouts;
use super::{index, known};
use crate::domain::phone::{self, Likeness, Region};

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
            let mut owners = owners(conn, self.layouts(), number, &phone::tails(number), region)?;
            owners.truncate(limit);
            Ok(owners)
        })
    }
}

/// Records with the number, found by these tails of it, those that surely have it first.
pub(super) fn owners(
    conn: &Connection,
    layouts: &Layouts,
    number: &str,
    tails: &[String],
    region: Option<Region>,
) -> Result<Vec<PhoneOwner>, StoreError> {
    let mut owners: Vec<(Likeness, i64, PhoneOwner)> = Vec::new();
    for tail in tails {
        for row in known::rows_with_phone(conn, tail)? {
            let Some((layout, n)) = index::origin(layouts, row) else { continue };
            if owners.iter().any(|(_, known, _)| *known == row) {
                continue;
            }
            let Some(texts) = index::texts(conn, layout, n)? else { continue };
            let same = texts
                .phones()
                .filter_map(|phone| phone::compare(number, phone, region).map(|likeness| (likeness, phone.to_owned())));
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
    Ok(owners.into_iter().map(|(_, _, owner)| owner).collect())
}
