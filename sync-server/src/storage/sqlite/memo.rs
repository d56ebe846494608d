//! Facts read once for many answers from the same snapshot. Only facts about records and transactions: whether
//! somebody sees them is looked up for each person by itself (VIS-1).

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;

use satchel_core::domain::authority::Home;
use satchel_core::domain::ids::*;

use super::Ledger;
use super::proposals::Proposed;
use super::records::RecordRow;
use super::sql::Result;
use crate::pull::draft::Content;

/// Answers by what was asked.
type Known<K, V> = RefCell<HashMap<K, V>>;

/// What was read before.
#[derive(Default)]
pub struct Memo {
    pub head: Known<(), u64>,
    /// Rows of the log after a number, at most so many.
    pub log: Known<(u64, usize), Vec<(u64, RecordId)>>,
    pub proposals: Known<(u64, u64), Vec<Proposed>>,
    pub records: Known<RecordId, Option<RecordRow>>,
    /// Changes of a record: of one transaction, or all; as a snapshot for those who take one.
    pub contents: Known<(RecordId, Option<u64>, bool), Content>,
    /// Homes of a record with the transaction that put it there.
    pub homes: Known<RecordId, Vec<(Home, u64)>>,
    /// The last transactions of which somebody sees something, and of which the office says something to him.
    pub touched: Known<UserId, (u64, u64)>,
    pub devices: Known<DeviceId, Option<(String, UserId)>>,
}

impl Ledger<'_> {
    /// From here on facts are read once. Only in a snapshot that nothing is written to.
    pub(super) fn read_once(&self) {
        let _ = self.memo.set(Memo::default());
    }
}

/// The answer given before, or the one read now.
pub fn or_read<K: Hash + Eq, V: Clone>(
    ledger: &Ledger<'_>,
    known: impl Fn(&Memo) -> &Known<K, V>,
    key: K,
    read: impl FnOnce() -> Result<V>,
) -> Result<V> {
    let Some(memo) = ledger.memo.get() else { return read() };
    if let Some(value) = known(memo).borrow().get(&key) {
        return Ok(value.clone());
    }
    let value = read()?;
    known(memo).borrow_mut().insert(key, value.clone());
    Ok(value)
}
