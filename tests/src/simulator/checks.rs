//! What must hold when a history has come to rest.

use std::collections::{BTreeMap, BTreeSet};

use satchel_core::docs::Record;
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::Registry;
use satchel_core::store::receipts;

use super::oracle::Fate;
use super::stage::Stage;
use super::tokens::Owner;
use crate::harness::{Held, Probe};
use crate::tap;

/// Reading every page of every database costs as much as a history: one seed in so many pays for it.
const PAGES_EVERY: u64 = 4;

/// All checks.
pub fn everything(stage: &mut Stage) {
    let auditor = stage.office.auditor();
    no_edit_has_vanished(stage, &auditor.held);
    every_late_edit_has_its_receipt(stage);
    everybody_holds_what_he_sees(stage);
    all_show_the_same(stage, &auditor);
    what_was_erased_is_nowhere(stage, &auditor.held);
    if stage.seed.is_multiple_of(PAGES_EVERY) {
        what_has_left_is_gone(stage);
    }
}

/// Every edit is merged, set aside, refused or withdrawn, and where it is not merged its author can still read it.
fn no_edit_has_vanished(stage: &mut Stage, held: &Held) {
    let mut in_documents: BTreeSet<Owner> = BTreeSet::new();
    for record in held.records.values() {
        for change in &record.changes {
            in_documents.extend(stage.books().tokens.in_bytes(change));
        }
    }
    let trays: BTreeMap<DeviceId, BTreeSet<Owner>> = stage
        .seats
        .iter()
        .map(|seat| (seat.device.id, stage.books().tokens.in_bytes(seat.device.tray().as_bytes())))
        .collect();
    let receipts: BTreeMap<DeviceId, BTreeSet<RecordId>> =
        stage.seats.iter().map(|seat| (seat.device.id, seat.device.declined())).collect();
    let edits: Vec<_> = stage.books().edits().map(|(id, typed, fate)| (id, typed.clone(), fate)).collect();
    let revoked = stage.books().revoked.clone();
    for (id, typed, fate) in edits {
        let merged = in_documents.contains(&Owner::Edit(id));
        let readable = trays.get(&typed.device).is_some_and(|tray| tray.contains(&Owner::Edit(id)));
        // What was saved together is decided on together, and told once.
        let told = receipts.get(&typed.device).is_some_and(|told| {
            let together = stage.groups.values().filter(|group| group.contains(&id)).flatten();
            let records = together.filter_map(|edit| stage.books().record_of(Owner::Edit(*edit)));
            records.collect::<Vec<_>>().iter().any(|record| told.contains(record))
        });
        let cut_off = revoked.contains(&typed.device);
        // Given up with the device, by an order that said so or before it could say anything.
        let emptied = stage.books().wipes.get(&typed.device).is_some_and(|order| order.done);
        let well = match fate {
            _ if typed.goes_on && merged => true,
            // Of what was written before an erasure only what was shown goes on; see below.
            Fate::Merged | Fate::Refused | Fate::Declined
                if stage.books().erased.contains(&typed.record) && !stage.books().is_written_anew(id) =>
            {
                true
            }
            // What a restored backup had forgotten is not asked of it; what it knew must have come through.
            Fate::SetAside(_) | Fate::Refused | Fate::Declined | Fate::Withdrawn if stage.books().went_back(id) => true,
            Fate::Merged => merged,
            Fate::SetAside(_) | Fate::Refused => !merged && (readable || cut_off),
            Fate::Declined => !merged && (told || cut_off),
            Fate::Withdrawn | Fate::Erased => !merged,
            Fate::Waiting => !merged && cut_off && (readable || emptied),
        };
        if !well {
            let what =
                format!("edit {id} {typed:?} is {fate:?}: in documents {merged}, readable {readable}, told {told}");
            stage.books().object(what);
        }
    }
}

/// The author of a late edit has a receipt that says what became of it (OFF-3).
fn every_late_edit_has_its_receipt(stage: &mut Stage) {
    for idx in stage.living() {
        let (name, device) = (stage.seats[idx].name, &stage.seats[idx].device);
        let receipts = match device.store().receipts() {
            Ok(receipts) => receipts,
            Err(error) => return stage.books().object(format!("{name} device's receipts do not read: {error}")),
        };
        let late: Vec<_> = {
            let books = stage.books();
            let his = books.late().filter(|(_, typed, _)| typed.device == device.id);
            his.map(|(edit, typed, fate)| (edit, typed.record, fate)).collect()
        };
        for (edit, record, fate) in late {
            let of_record = || receipts.iter().filter(|receipt| receipt.record == record);
            let of_edit = |receipt: &&receipts::ReceiptEntry| {
                stage.groups.get(&receipt.group).is_some_and(|edits| edits.contains(&edit))
            };
            // A group that was written anew, as on a restored disk, has another name.
            let renamed = |receipt: &&receipts::ReceiptEntry| !stage.groups.contains_key(&receipt.group);
            let mut said: Vec<_> = of_record().filter(of_edit).map(|receipt| receipt.fate).collect();
            if said.is_empty() {
                said = of_record().filter(renamed).map(|receipt| receipt.fate).collect();
            }
            let fits = match fate {
                Fate::SetAside(_) => said.contains(&receipts::Fate::Waiting),
                Fate::Merged => said.contains(&receipts::Fate::Accepted),
                Fate::Declined => said.contains(&receipts::Fate::Declined),
                Fate::Waiting | Fate::Refused | Fate::Withdrawn | Fate::Erased => !said.is_empty(),
            };
            if !fits {
                stage.books().object(format!("{name} device's receipt for late edit {edit}, {fate:?}, says {said:?}"));
            }
            stage.books().count("late edits with a receipt");
        }
    }
}

/// Everybody holds exactly the records he sees.
fn everybody_holds_what_he_sees(stage: &mut Stage) {
    for idx in stage.living() {
        let (name, user) = (stage.seats[idx].name, stage.seats[idx].device.user);
        let held = stage.seats[idx].device.all_records();
        let now = stage.office.now();
        let seen = stage.books().visible_to(user, now);
        for lacking in seen.difference(&held) {
            stage.books().object(format!("{name} device lacks record {lacking}"));
        }
        for foreign in held.difference(&seen) {
            stage.books().object(format!("{name} device holds record {foreign}, which {name} does not see"));
        }
        let deciding: Vec<RecordId> = {
            let books = stage.books();
            let his = books.undecided().filter(|(_, client)| books.deciders(*client).contains(&user));
            his.filter_map(|(edit, _)| books.record_of(Owner::Edit(edit))).collect()
        };
        let asked = stage.seats[idx].device.proposed_records();
        for record in deciding {
            if !asked.contains(&record) {
                stage.books().object(format!("{name} device does not ask about a late edit of {record}"));
            }
        }
    }
}

/// Whoever holds a record shows the same of it, byte for byte, and what the office says of it is so (CONV-1).
fn all_show_the_same(stage: &mut Stage, auditor: &Probe) {
    let registry = Registry::built_in();
    for idx in stage.living() {
        let name = stage.seats[idx].name;
        for id in stage.seats[idx].device.all_records() {
            let Some(stored) = stage.seats[idx].device.sees(id) else {
                stage.books().object(format!("{name} device lists record {id} and cannot open it"));
                continue;
            };
            let truth = auditor.held.records.get(&id).and_then(|held| {
                let kind = registry.kind(&held.kind)?;
                held.doc().ok()?.read(kind).ok()
            });
            if truth.as_ref().map(bytes_of) != Some(bytes_of(&stored.record)) {
                let shown = &stored.record;
                stage.books().object(format!("{name} device shows {shown:?} where the documents say {truth:?}"));
            }
            let (responsible, assigned) = {
                let books = stage.books();
                (books.clients.get(&id).map(|place| place.responsible), books.tasks.get(&id).map(|task| task.assigned))
            };
            if stored.authority.client.as_ref().map(|client| client.responsible) != responsible {
                stage.books().object(format!("{name} device names the wrong person responsible for {id}"));
            }
            if stored.authority.assigned != assigned {
                stage.books().object(format!("{name} device names the wrong person to do {id}"));
            }
            if !stored.unsent_fields.is_empty() || stored.row.unsent {
                stage.books().object(format!("{name} device marks {id} as not sent"));
            }
        }
    }
}

fn bytes_of(record: &Record) -> Vec<u8> {
    format!("{record:?}").into_bytes()
}

/// Of erased values no byte is left on the server or on a device that is in use; other edits of the record survive
/// (ERA-1).
fn what_was_erased_is_nowhere(stage: &mut Stage, held: &Held) {
    let erased = stage.books().erased.clone();
    if erased.is_empty() {
        return;
    }
    let mut files = vec![("the server".to_owned(), stage.office.server_file(), None)];
    for idx in stage.living() {
        let seat = &stage.seats[idx];
        files.push((format!("{} device", seat.name), seat.device.snapshot(), Some(*seat.device.key())));
    }
    for (whose, file, key) in files {
        let pages = match tap::pages_of(&file, key.as_ref()) {
            Ok(pages) => pages,
            Err(error) => return stage.books().object(format!("pages of {whose} cannot be read: {error:#}")),
        };
        let found: BTreeSet<Owner> = {
            let books = stage.books();
            let all = pages.pages.iter().flat_map(|page| books.tokens.in_bytes(page));
            all.filter(|owner| books.is_erased(*owner)).collect()
        };
        for owner in found {
            stage.books().object(format!("{whose} still has {owner:?}, which was erased"));
        }
    }
    for record in erased {
        let others: BTreeSet<Owner> = {
            let books = stage.books();
            let merged = books.edits().filter(|(_, typed, fate)| typed.record == record && *fate == Fate::Merged);
            merged.map(|(edit, ..)| Owner::Edit(edit)).collect()
        };
        let kept = held.records.get(&record).map(|held| held.changes.concat()).unwrap_or_default();
        let kept = stage.books().tokens.in_bytes(&kept);
        if !others.is_empty() && others.is_disjoint(&kept) {
            stage.books().object(format!("nothing of what else was known of {record} survived its erasure"));
        }
    }
}

/// No page of a device's database, free ones and the log's included, holds a word of what its user does not see,
/// except what he typed himself (VIS-3).
fn what_has_left_is_gone(stage: &mut Stage) {
    for idx in stage.living() {
        if !stage.books().has_purged(stage.seats[idx].device.id) {
            continue;
        }
        let (name, user, device) = {
            let seat = &stage.seats[idx];
            (seat.name, seat.device.user, seat.device.id)
        };
        let disk = stage.seats[idx].device.snapshot();
        let pages = match tap::pages_of(&disk, Some(stage.seats[idx].device.key())) {
            Ok(pages) => pages,
            Err(error) => {
                stage.books().object(format!("{name} device's pages cannot be read: {error:#}"));
                continue;
            }
        };
        let now = stage.office.now();
        let mut found: BTreeMap<Owner, String> = BTreeMap::new();
        let n_file = pages.pages.len() - pages.n_frames;
        for (at, page) in pages.pages.iter().enumerate() {
            for owner in stage.books().tokens.in_bytes(page) {
                let place = if at < n_file { format!("page {}", at + 1) } else { format!("log frame {}", at - n_file) };
                found.entry(owner).or_insert(place);
            }
        }
        // Long texts are typed on: his own unsent one may hold the words that stood there before.
        let tray = stage.books().tokens.in_bytes(stage.seats[idx].device.tray().as_bytes());
        for (owner, place) in found {
            let (record, own) = {
                let books = stage.books();
                (books.record_of(owner), books.is_own(owner, device))
            };
            let Some(record) = record else { continue };
            // Late edits of his client are his to read, whatever became of them; and so are those he is asked about that
            // make a client which is nowhere else yet (rule 13).
            let known = {
                let books = stage.books();
                books.may_know(user, record, now) || books.is_asked(user, record)
            };
            if !known && !own && !tray.contains(&owner) {
                let fate = match owner {
                    Owner::Edit(edit) => format!("{:?}", stage.books().fate(edit)),
                    Owner::Record(_) => String::new(),
                };
                stage
                    .books()
                    .object(format!("{name} device still has {owner:?} {fate} of lost record {record} in {place}"));
            }
        }
    }
}
