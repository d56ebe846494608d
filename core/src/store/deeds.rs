//! Edits and the order they belong to: given at once, in one transaction, and taken back together. A kill leaves both or
//! neither (DUR-3).

use chrono::{DateTime, Utc};

use super::error::StoreError;
use super::imports::{in_savepoint, of_one_row};
use super::open::Store;
use super::write::{GroupDraft, Touched, Write, write_group_seen_now};
use super::{commands, undo};
use crate::domain::ids::*;
use crate::domain::order::{Mark, Order};

/// Edits, the order that makes no sense without them, and what follows from it.
#[derive(Clone, Debug)]
pub struct Deed {
    /// When, by this device's clock.
    pub at: DateTime<Utc>,
    /// One group, which must have gone well before the order is carried out.
    pub edits: Vec<Write>,
    /// The order.
    pub order: Order,
    /// What the person confirmed.
    pub confirmed: Option<Mark>,
    /// Edits behind the order, each a group of its own: one that is refused holds up nothing. One that cannot be written
    /// is left out.
    pub then: Vec<Write>,
}

impl Store {
    /// Writes the edits and queues the order behind them.
    ///
    /// # Errors
    /// Those of [`Store::write_group`] and [`Store::queue_command`]; after any of them nothing was written or given.
    pub fn do_deed(&self, deed: &Deed, ids: &dyn IdSource) -> Result<(CommandId, Touched), StoreError> {
        self.setting_aside(|store| {
            store.write(|tx| {
                let (layouts, at) = (store.layouts(), deed.at);
                let mut images = Vec::new();
                let draft = GroupDraft { at, writes: deed.edits.clone() };
                let written = write_group_seen_now(tx, layouts, &draft, ids, &mut images)?;
                let (order, confirmed) = (deed.order.clone(), deed.confirmed.clone());
                let (command, mut touched) = commands::queue(tx, written.group, order, confirmed, at, ids)?;
                touched.join(written.touched);
                for write in &deed.then {
                    let draft = GroupDraft { at, writes: vec![write.clone()] };
                    let mut seen = Vec::new();
                    match in_savepoint(tx, |conn| write_group_seen_now(conn, layouts, &draft, ids, &mut seen)) {
                        Ok(written) => {
                            touched.join(written.touched);
                            images.append(&mut seen);
                        }
                        Err(error) if of_one_row(&error) => {}
                        Err(error) => return Err(error),
                    }
                }
                if let Some(action) = undo::remember(tx, at, &images)? {
                    undo::bind(tx, command, action)?;
                }
                Ok((command, touched))
            })
        })
    }
}
