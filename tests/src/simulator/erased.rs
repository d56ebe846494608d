//! Somebody asks for his data to be erased, and whoever runs the server does it (ERA-1).

use rand::Rng;
use satchel_core::domain::ids::RecordId;

use super::stage::Stage;
use super::typing::{pick, short};

/// Erases what is personal in one or two of the persons there are, in mid-history: some devices are out of reach, some
/// have edits of them that nobody has seen yet.
pub fn erase_any(stage: &mut Stage) {
    for _ in 0..stage.dice.random_range(1..=2usize) {
        let persons: Vec<RecordId> = {
            let books = stage.books();
            let there = books
                .records
                .iter()
                .filter(|(id, known)| known.exists && known.kind == "person" && !books.erased.contains(id));
            there.map(|(id, _)| *id).collect()
        };
        let Some(record) = pick(stage, &persons) else { return };
        stage.note(format!("person {} is erased", short(record)));
        let (door, now) = (stage.office.door(), stage.office.now());
        if let Err(error) = door.erase(record, 0).map(|_| ()).and_then(|()| Ok(door.keep_time().map(|_| ())?)) {
            return stage.books().object(format!("erasing failed: {error}"));
        }
        stage.books().run_out(now);
        stage.books().erase(record);
    }
}
