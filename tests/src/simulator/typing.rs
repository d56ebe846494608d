//! What people type: new records and edits, each with its token.

use std::sync::{Arc, Mutex, PoisonError};

use rand::Rng;
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::Field;
use satchel_core::domain::kinds::{client, interaction, person};
use satchel_core::domain::patch::Patch;
use satchel_core::store::StoreError;
use satchel_core::store::records::ViewRow;

use super::oracle::Typed;
use super::stage::Stage;
use super::tokens::{EditId, Owner};
use crate::harness::Writes;

/// A new client.
pub fn create_client(stage: &mut Stage, idx: usize) {
    let id = stage.seats[idx].device.fresh();
    let (title, edit) = title(stage, id);
    let patch = Patch::new().set(client::NAME, title).set(client::NOTE, "first lines".to_owned());
    type_group(stage, idx, vec![Line::create("client", id, id, patch, edit)]);
}

/// A plan for one of the clients, now and then together with what was just done.
pub fn plan_for_any(stage: &mut Stage, idx: usize) {
    let Some(row) = any_row(stage, idx, "client") else { return };
    let mut lines = vec![new_interaction(stage, idx, row.id, true)];
    if stage.dice.random_bool(0.2) {
        lines.insert(0, new_interaction(stage, idx, row.id, false));
    }
    type_group(stage, idx, lines);
}

fn new_interaction(stage: &mut Stage, idx: usize, under: RecordId, planned: bool) -> Line {
    let id = stage.seats[idx].device.fresh();
    let (title, edit) = title(stage, id);
    let state = if planned { "planned" } else { "held" };
    let patch = Patch::new()
        .set(interaction::CHANNEL, "visit".to_owned())
        .set(interaction::STATE, state.to_owned())
        .set(interaction::SUBJECT, title);
    Line { closes: !planned, ..Line::create("interaction", id, under, patch, edit) }
}

/// A contact person of one of the clients.
pub fn person_for_any(stage: &mut Stage, idx: usize) {
    let Some(row) = any_row(stage, idx, "client") else { return };
    let id = stage.seats[idx].device.fresh();
    let (title, edit) = title(stage, id);
    let patch = Patch::new().set(person::NAME, title);
    type_group(stage, idx, vec![Line { personal: true, ..Line::create("person", id, row.id, patch, edit) }]);
}

/// One field of any record on the device.
pub fn edit_any(stage: &mut Stage, idx: usize) {
    if let Some(line) = any_edit(stage, idx) {
        type_group(stage, idx, vec![line]);
    }
}

/// The same while the device is in the middle of a sync.
pub fn edit_while_syncing(stage: &mut Stage, idx: usize) {
    let Some(line) = any_edit(stage, idx) else { return };
    stage.note(format!("{}: syncs and types {} {} meanwhile", stage.seats[idx].name, line.kind, short(line.record)));
    let device = &stage.seats[idx].device;
    let (typing, typed, edit) = (device.typing(), line.typed(device.id), line.edit);
    let writes = Writes::new().edit(line.record, line.patch.clone());
    let group = Arc::new(Mutex::new(None));
    let made = group.clone();
    stage.sync_meanwhile(
        idx,
        Box::new(move |books| match typing.write(writes) {
            Ok(Some(group)) => {
                books.typed(edit, typed);
                books.count("typed in mid-sync");
                *made.lock().unwrap_or_else(PoisonError::into_inner) = Some(group);
            }
            // The request before may have brought the record away, or other words into the field.
            Ok(None) | Err(StoreError::NotAllowed | StoreError::NotFound | StoreError::ChangedMeanwhile { .. }) => {}
            Err(error) => books.object(format!("typing in mid-sync failed: {error}")),
        }),
    );
    let group = group.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(group) = group {
        stage.groups.insert(group, vec![edit]);
    }
}

fn any_edit(stage: &mut Stage, idx: usize) -> Option<Line> {
    let kind = ["client", "client", "person", "interaction"][stage.dice.random_range(0..4usize)];
    let row = any_row(stage, idx, kind)?;
    let fields: &[Field<String>] = match kind {
        "client" => &[client::CITY, client::ADDRESS, client::SOURCE, client::NOTE, client::NAME],
        // Who does not know yet that a person's data were erased would type them anew.
        "person" if stage.books().erased.contains(&row.id) => &[person::POSITION],
        "person" => &[person::POSITION, person::NAME, person::NOTE],
        _ => &[interaction::SUBJECT, interaction::DESCRIPTION, interaction::RESULT],
    };
    let field = fields[stage.dice.random_range(0..fields.len())];
    let Some(stored) = stage.seats[idx].device.sees(row.id) else {
        stage.books().object("a record of a list cannot be opened");
        return None;
    };
    let (token, edit) = token(stage);
    let now = stored.record.get(field).unwrap_or_default();
    // Notes grow at their end, everything else is typed over.
    let value = if field.key() == client::NOTE.key() { format!("{now}\n{token}") } else { token };
    let mut patch = Patch::new().set(field, value);
    if let Some(seen) = stored.record.values.get(field.key()) {
        patch.seen.insert(field.key().to_owned(), seen.clone());
    }
    let goes_on = field.key() == client::NOTE.key();
    let personal = person::KIND.field(field.key()).is_some_and(|field| kind == "person" && field.personal);
    Some(Line { goes_on, personal, ..Line::edit(&row, patch, edit) })
}

/// Notes the result of one of the plans.
pub fn close_any(stage: &mut Stage, idx: usize) {
    let rows = rows(stage, idx, "interaction");
    let open = |row: &ViewRow| row.get(interaction::STATE).as_deref() == Some("planned");
    let open: Vec<ViewRow> = rows.into_iter().filter(open).collect();
    let Some(row) = pick(stage, &open) else { return };
    let (token, edit) = token(stage);
    let patch = Patch::new().set(interaction::STATE, "held".to_owned()).set(interaction::RESULT, token);
    type_group(stage, idx, vec![Line { closes: true, ..Line::edit(&row, patch, edit) }]);
}

/// What one write of a group types.
struct Line {
    kind: String,
    record: RecordId,
    client: Option<RecordId>,
    creates: bool,
    closes: bool,
    goes_on: bool,
    personal: bool,
    patch: Patch,
    edit: EditId,
}

impl Line {
    fn create(kind: &str, record: RecordId, client: RecordId, patch: Patch, edit: EditId) -> Self {
        Self {
            kind: kind.to_owned(),
            record,
            client: Some(client),
            creates: true,
            closes: false,
            goes_on: false,
            personal: false,
            patch,
            edit,
        }
    }

    fn edit(row: &ViewRow, patch: Patch, edit: EditId) -> Self {
        let client = if row.kind == "client" { Some(row.id) } else { row.client };
        Self {
            kind: row.kind.clone(),
            record: row.id,
            client,
            creates: false,
            closes: false,
            goes_on: false,
            personal: false,
            patch,
            edit,
        }
    }

    fn typed(&self, device: DeviceId) -> Typed {
        Typed {
            device,
            record: self.record,
            kind: self.kind.clone(),
            client: self.client,
            creates: self.creates,
            closes: self.closes,
            goes_on: self.goes_on,
            personal: self.personal,
        }
    }
}

fn type_group(stage: &mut Stage, idx: usize, lines: Vec<Line>) {
    let mut writes = Writes::new();
    for line in &lines {
        let under = line.client.filter(|client| *client != line.record);
        writes = if line.creates {
            writes.create(&line.kind, line.record, under, line.patch.clone())
        } else {
            writes.edit(line.record, line.patch.clone())
        };
    }
    let (name, id) = (stage.seats[idx].name, stage.seats[idx].device.id);
    let what: Vec<String> =
        lines.iter().map(|line| format!("{} {} (edit {})", line.kind, short(line.record), line.edit)).collect();
    let what = what.join(" and ");
    match stage.seats[idx].device.write(writes) {
        Ok(Some(group)) => {
            for line in &lines {
                stage.books().typed(line.edit, line.typed(id));
            }
            stage.groups.insert(group, lines.iter().map(|line| line.edit).collect());
            stage.note(format!("{name}: types {what}"));
        }
        Ok(None) => stage.books().object(format!("{name}: an edit that changes something was saved as nothing")),
        // The device knows that this is not his to write, and says so before anything is lost.
        Err(StoreError::NotAllowed) => {
            stage.books().count("not allowed");
            stage.note(format!("{name}: may not type {what}"));
        }
        // Lost, with the round that takes it away cut short: still listed, and not to be written any more.
        Err(StoreError::NotFound) if lines.iter().any(|line| stage.has_left(idx, line.client)) => {
            stage.books().count("not allowed");
            stage.note(format!("{name}: may not type {what} any more"));
        }
        Err(error) => {
            let chain = format!("{:#}", anyhow::Error::from(error));
            stage.books().object(format!("{name}: typing {what} failed: {chain}"));
        }
    }
}

/// The title of a new record: the record's token and the token of the edit that makes it.
fn title(stage: &mut Stage, id: RecordId) -> (String, EditId) {
    let record = stage.mint(Owner::Record(id));
    let (token, edit) = token(stage);
    (format!("{record} {token}"), edit)
}

fn token(stage: &mut Stage) -> (String, EditId) {
    let edit = stage.books().next_edit();
    (stage.mint(Owner::Edit(edit)), edit)
}

/// Rows of a kind as the device lists them.
pub fn rows(stage: &Stage, idx: usize, kind: &str) -> Vec<ViewRow> {
    stage.seats[idx].device.rows(kind)
}

fn any_row(stage: &mut Stage, idx: usize, kind: &str) -> Option<ViewRow> {
    let rows = rows(stage, idx, kind);
    pick(stage, &rows)
}

/// One of them, if there is any.
pub fn pick<T: Clone>(stage: &mut Stage, from: &[T]) -> Option<T> {
    if from.is_empty() {
        return None;
    }
    Some(from[stage.dice.random_range(0..from.len())].clone())
}

/// The end of an id, enough to tell records of a history apart.
#[must_use]
pub fn short(id: RecordId) -> String {
    let text = id.to_string();
    text[text.len() - 6..].to_owned()
}
