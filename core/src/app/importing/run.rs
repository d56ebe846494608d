//! Going through all rows of a file: to see what would become of them, or to write them.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use chrono_tz::Tz;

use super::applying::{Applying, Outcome, RowError};
use super::matching::{self, Matching};
use super::{Remembered, remember, stored, undo};
use crate::app::api::*;
use crate::app::handle::locked;
use crate::app::shown::value_of;
use crate::app::{App, Code, Error};
use crate::domain::fold::fold;
use crate::domain::ids::*;
use crate::domain::kind::{FieldType, HomeRule, Kind};
use crate::domain::kinds::client;
use crate::domain::order::{Move, Order};
use crate::domain::value::Value;
use crate::exchange::cell::Row;
use crate::exchange::columns;
use crate::exchange::read::{self, FileFormat};
use crate::exchange::row::{Draft, Drafter, Fault};
use crate::exchange::values::{Known, Reader, Why};
use crate::store::imports::{ImportNumber, Reject, RowWrite};
use crate::store::write::{GroupDraft, Write};
use crate::store::{Store, StoreError};

/// Rows written in one transaction.
const BATCH: usize = 200;
/// Clients that go to their owner by one order.
const MOVED_AT_ONCE: usize = 1_000;
/// Rows between two looks at the screen.
const TELL: u64 = 200;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Check,
    Write,
    Undo,
}

impl Way {
    pub fn phase(self) -> ImportPhase {
        match self {
            Self::Check => ImportPhase::Checking,
            Self::Write => ImportPhase::Running,
            Self::Undo => ImportPhase::Undoing,
        }
    }
}

/// Does all of it, and leaves what came of it in the database.
pub(super) fn all(app: &App, mut remembered: Remembered, way: Way, stop: &AtomicBool) {
    remembered.state.error.clear();
    let done = catch_unwind(AssertUnwindSafe(|| match way {
        Way::Undo => undo::all(app, &mut remembered, stop),
        _ => through(app, &mut remembered, way, stop),
    }));
    let done = done.unwrap_or_else(|_| Err(Error::Internal("an import panicked".to_owned(), None)));
    let stopped = stop.load(Ordering::SeqCst);
    remembered.state.phase = match (&done, way) {
        (Ok(()), Way::Check) if !stopped => ImportPhase::Checked,
        (_, Way::Check) => ImportPhase::Opened,
        (Ok(()), Way::Write) if !stopped => ImportPhase::Done,
        (Ok(()), Way::Undo) if !stopped => ImportPhase::Undone,
        _ => ImportPhase::Stopped,
    };
    if let Err(error) = &done {
        remembered.state.error = error.failure().code;
    }
    if let Ok(store) = app.store() {
        let kept = remember(&store, &remembered);
        let forgot = match remembered.state.phase {
            ImportPhase::Done => store.forget_import_file(ImportNumber(remembered.state.import)),
            _ => Ok(()),
        };
        let left = store.n_done_writes(ImportNumber(remembered.state.import)).unwrap_or(0);
        remembered.state.can_undo = left > 0 && remembered.state.phase != ImportPhase::Undone;
        if kept.is_err() || forgot.is_err() {
            tracing::warn!("what came of an import is not remembered");
        }
    }
    {
        let mut importing = locked(&app.inner.importing);
        importing.at_work = None;
        importing.state = Some(remembered.state);
    }
    app.emit(&[Topic::Imports, Topic::Status]);
    app.inner.desk.ask_soon();
}

fn through(app: &App, remembered: &mut Remembered, way: Way, stop: &AtomicBool) -> Result<(), Error> {
    let store = app.store()?;
    let plan = remembered.plan.clone().ok_or(Code::BadArgument)?;
    let kind = app.kind(&remembered.state.kind)?;
    let kinds = columns::together(&app.registry(), kind);
    let known = known(&store, &kinds, &plan)?;
    let zone: Tz = plan.zone.parse().map_err(|_| Error::with(Code::BadValue, "field", "zone"))?;
    let country = plan.reading.country.clone();
    let drafter = Drafter {
        defaults: defaults(app, &kinds, &plan)?,
        kinds,
        columns: &plan.columns,
        country: &country,
        lenient: plan.reading.format == FileFormat::Vcard,
        reader: Reader { month_first: plan.reading.month_first, zone, known },
    };
    let under_clients = kind.home == HomeRule::OwnClient || kind.home.under_client();
    let matching =
        if under_clients { Matching::load(&store, &country, &plan.match_by)? } else { Matching::load_none(&country) };
    let applying = Applying {
        store: &store,
        ids: app.ids(),
        at: app.now(),
        kind,
        mode: plan.mode,
        country: country.clone(),
        matching,
        titles: titles(&store, kind)?,
    };
    store.forget_rejects(ImportNumber(remembered.state.import))?;
    let state = &mut remembered.state;
    (state.counts, state.n_rows, state.phase) = (ImportCounts::default(), 0, way.phase());
    state.reasons.clear();
    let mut walk = Walk {
        app,
        store: &store,
        remembered,
        way,
        owner: plan.owner,
        applying,
        batch: Vec::new(),
        outcomes: Vec::new(),
        rejects: Vec::new(),
        busy: BTreeSet::new(),
        imagined: HashMap::new(),
        cells: HashMap::new(),
    };
    let mut file = store.import_file(ImportNumber(plan.import))?;
    read::each_row(&mut file, &plan.reading, &mut |row: Row| -> Result<ControlFlow<()>, Error> {
        if stop.load(Ordering::SeqCst) {
            return Ok(ControlFlow::Break(()));
        }
        walk.row(&drafter, &row)?;
        Ok(ControlFlow::Continue(()))
    })?;
    walk.flush()?;
    // What the database refused of the last rows is known only now.
    walk.flush()?;
    walk.hand_over()?;
    if !stop.load(Ordering::SeqCst) {
        walk.remembered.state.n_total = walk.remembered.state.n_rows;
    }
    walk.tell();
    Ok(())
}

/// The client a row makes.
fn made_client(draft: &GroupDraft) -> Option<RecordId> {
    draft.writes.iter().find_map(|write| match write {
        Write::Create { kind, id, .. } if *kind == client::KIND.key => Some(*id),
        _ => None,
    })
}

struct Walk<'a> {
    app: &'a App,
    store: &'a Store,
    remembered: &'a mut Remembered,
    way: Way,
    /// Who gets clients that are made, where that is somebody else.
    owner: Option<UserId>,
    applying: Applying<'a>,
    batch: Vec<RowWrite>,
    outcomes: Vec<Outcome>,
    rejects: Vec<Reject>,
    /// Records the batch writes; a row about one of them waits until it is written.
    busy: BTreeSet<RecordId>,
    /// Records a trial would have made, with what the rows said of them.
    imagined: HashMap<RecordId, Said>,
    /// Rows of the batch as they stood in the file, should one not be taken.
    cells: HashMap<u64, Vec<String>>,
}

impl Walk<'_> {
    fn row(&mut self, drafter: &Drafter<'_>, row: &Row) -> Result<(), Error> {
        self.remembered.state.n_rows += 1;
        match self.take(drafter, row) {
            Ok(()) => {}
            Err(RowError::Fault(fault)) => {
                self.remembered.state.counts.refused += 1;
                self.reject(row.number, cells(row), &fault, false);
            }
            Err(RowError::Ends(error)) => return Err(error),
        }
        if self.batch.len() >= BATCH || self.rejects.len() >= BATCH {
            self.flush()?;
        }
        if self.remembered.state.n_rows.is_multiple_of(TELL) {
            self.tell();
        }
        Ok(())
    }

    fn take(&mut self, drafter: &Drafter<'_>, row: &Row) -> Result<(), RowError> {
        let mut draft = drafter.draft(row)?;
        self.applying.tell_foreign(&mut draft)?;
        let subject = self.applying.subject(&draft)?;
        if subject.is_some_and(|subject| self.busy.contains(&subject)) {
            self.flush()?;
        }
        let outcome = match subject.and_then(|subject| self.imagined.get_mut(&subject)) {
            Some(_) if self.applying.mode == ImportMode::Create && self.applying.makes_subjects() => {
                return Err(Fault::of_row(Why::There).into());
            }
            // Whether a row after it would change something is known only of the very same row.
            Some(said) => said.outcome(&draft, self.applying.kind),
            None => {
                let (write, outcome, id) = self.applying.row(row.number, &draft)?;
                self.applying.taken(&draft, id);
                match self.way {
                    Way::Write if outcome != Outcome::Same => {
                        self.busy.insert(id);
                        self.cells.insert(row.number, cells(row));
                        self.batch.push(write);
                        self.outcomes.push(outcome);
                    }
                    Way::Check if subject.is_none() => {
                        let mut said = Said::default();
                        said.outcome(&draft, self.applying.kind);
                        self.imagined.insert(id, said);
                    }
                    _ => {}
                }
                outcome
            }
        };
        count(&mut self.remembered.state.counts, outcome, 1);
        if !draft.left_out.is_empty() {
            self.remembered.state.counts.left_out += 1;
        }
        for fault in &draft.left_out {
            self.reject(row.number, cells(row), fault, true);
        }
        Ok(())
    }

    fn reject(&mut self, row: u64, cells: Vec<String>, fault: &Fault, taken: bool) {
        let key = fault.why.key().to_owned();
        *self.remembered.state.reasons.entry(key.clone()).or_default() += 1;
        let (kind, field) = (fault.kind.clone(), fault.field.clone());
        self.rejects.push(Reject { row, why: key, kind, field, taken, cells });
    }

    fn flush(&mut self) -> Result<(), Error> {
        if self.batch.is_empty() && self.rejects.is_empty() {
            return Ok(());
        }
        // The app may have been closed, locked or emptied meanwhile.
        self.app.store()?;
        let (batch, rejects) = (std::mem::take(&mut self.batch), std::mem::take(&mut self.rejects));
        if self.owner.is_some() {
            self.remembered.to_move.extend(batch.iter().filter_map(|write| made_client(&write.draft)));
        }
        let import = stored(self.remembered)?;
        let (results, touched) = self.store.write_rows(&import, &batch, &rejects, self.app.ids())?;
        let outcomes = std::mem::take(&mut self.outcomes);
        for ((result, outcome), write) in results.into_iter().zip(outcomes).zip(&batch) {
            let Err(error) = result else { continue };
            if let Some(client) = made_client(&write.draft) {
                self.remembered.to_move.retain(|made| *made != client);
            }
            let counts = &mut self.remembered.state.counts;
            match outcome {
                Outcome::New => counts.new -= 1,
                Outcome::Updated => counts.updated -= 1,
                Outcome::Same => counts.same -= 1,
            }
            counts.refused += 1;
            let cells = self.cells.remove(&write.row).unwrap_or_default();
            self.reject(write.row, cells, &Fault::of_row(why(&error)), false);
        }
        self.busy.clear();
        self.cells.clear();
        self.app.emit_touched(&touched);
        self.app.inner.desk.ask_soon();
        if self.remembered.to_move.len() >= MOVED_AT_ONCE { self.hand_over() } else { Ok(()) }
    }

    /// Clients made so far go to whom they are to belong.
    fn hand_over(&mut self) -> Result<(), Error> {
        let (Some(to), Way::Write) = (self.owner, self.way) else { return Ok(()) };
        let (me, mut moves) = (self.store.me()?.user, Vec::new());
        for client in std::mem::take(&mut self.remembered.to_move) {
            // Made by an earlier run, it may be gone since.
            if self.store.row(client)?.is_some_and(|row| !row.trashed) {
                moves.push(Move { client, from: me });
            }
        }
        if moves.is_empty() {
            return Ok(());
        }
        let order = Order::MoveClients { moves, to, reason: "other".to_owned() };
        let touched = self.store.order_of_import(&stored(self.remembered)?, order, self.app.now(), self.app.ids())?;
        self.app.written(&touched);
        Ok(())
    }

    fn tell(&self) {
        locked(&self.app.inner.importing).state = Some(self.remembered.state.clone());
        self.app.emit(&[Topic::Imports]);
    }
}

/// What rows of a trial have said of a record it would have made.
#[derive(Default)]
struct Said {
    rows: HashSet<u64>,
    titles: HashSet<String>,
}

impl Said {
    fn outcome(&mut self, draft: &Draft, kind: &Kind) -> Outcome {
        let title = draft.part(kind).map(|part| fold(part.text(kind.title))).unwrap_or_default();
        let named_before = !self.titles.insert(title);
        match () {
            () if !self.rows.insert(digest(draft)) => Outcome::Same,
            // A client is the record itself, others come under it.
            () if named_before || kind.home == HomeRule::OwnClient => Outcome::Updated,
            () => Outcome::New,
        }
    }
}

fn count(counts: &mut ImportCounts, outcome: Outcome, n: u64) {
    match outcome {
        Outcome::New => counts.new += n,
        Outcome::Updated => counts.updated += n,
        Outcome::Same => counts.same += n,
    }
}

fn why(error: &StoreError) -> Why {
    match error {
        StoreError::NotAllowed | StoreError::NotFound => Why::NotAllowed,
        StoreError::ChangedMeanwhile { .. } => Why::ChangedMeanwhile,
        StoreError::TooLarge => Why::TooLarge,
        StoreError::RecordDamaged(_) => Why::Damaged,
        _ => Why::BadValue,
    }
}

fn cells(row: &Row) -> Vec<String> {
    row.cells.iter().map(|cell| cell.text()).collect()
}

fn digest(draft: &Draft) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{:?}", draft.parts).hash(&mut hasher);
    hasher.finish()
}

/// Names a file of these kinds may point at.
fn known(store: &Store, kinds: &[&'static Kind], plan: &ImportPlan) -> Result<Known, Error> {
    let mut known = Known::default();
    let wanted = plan.columns.iter().flatten().filter_map(|target| {
        let kind = kinds.iter().find(|kind| kind.key == target.kind)?;
        Some(kind.field(&target.field)?.field_type)
    });
    let mut pointed: BTreeSet<&str> = BTreeSet::new();
    for field_type in wanted {
        match field_type {
            FieldType::Reference(kind) => {
                pointed.insert(kind);
            }
            FieldType::User => {
                for user in store.users()? {
                    known.add("user", &user.name, user.id.0);
                }
            }
            _ => {}
        }
    }
    for kind in pointed {
        matching::each(store, kind, &mut |row| {
            if !row.trashed && !row.with_client {
                known.add(kind, &row.title, row.id.0);
            }
        })?;
    }
    Ok(known)
}

fn defaults(app: &App, kinds: &[&'static Kind], plan: &ImportPlan) -> Result<Vec<(Target, Value)>, Error> {
    let mut values = Vec::new();
    for default in &plan.defaults {
        let bad = || Error::with(Code::BadValue, "field", &default.target.field);
        let kind = kinds.iter().find(|kind| kind.key == default.target.kind).ok_or_else(bad)?;
        let field = columns::fillable(kind).find(|field| field.key == default.target.field && !field.many);
        let value = value_of(field.ok_or_else(bad)?, &default.value, app.ids())?;
        if !value.is_empty() {
            values.push((default.target.clone(), value));
        }
    }
    Ok(values)
}

/// Titles of a catalogue, by which its rows are recognised.
fn titles(store: &Store, kind: &'static Kind) -> Result<HashMap<String, Vec<RecordId>>, Error> {
    let mut titles: HashMap<String, Vec<RecordId>> = HashMap::new();
    if kind.home == HomeRule::Organisation {
        matching::each(store, kind.key, &mut |row| {
            if !row.trashed && !row.with_client {
                titles.entry(fold(&row.title)).or_default().push(row.id);
            }
        })?;
    }
    Ok(titles)
}

impl Applying<'_> {
    /// True where the kind imported is itself what a row is recognised by.
    fn makes_subjects(&self) -> bool {
        self.kind.key == client::KIND.key || self.kind.home == HomeRule::Organisation
    }
}
