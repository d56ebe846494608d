//! Importing: a file comes in piece by piece, is looked at, tried, written and, if need be, taken back.
//!
//! One import works at a time, on a thread of its own. What it does is remembered in the database, so that it can be
//! taken back after the app was closed. Every row is a group of its own for the server: one that is refused there
//! leaves the others alone.

mod applying;
mod matching;
mod run;
mod undo;

pub(in crate::app) use matching::each;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::api::*;
use super::handle::locked;
use super::{App, Code, Error, exporting};
use crate::domain::authority::User;
use crate::domain::ids::*;
use crate::domain::kind::HomeRule;
use crate::exchange::columns;
use crate::exchange::read::{self, FileFormat, ReadError};
use crate::exchange::values::Why;
use crate::exchange::vcard_rows;
use crate::exchange::words;
use crate::exchange::write::{self, Out};
use crate::store::imports::{ImportNumber, StoredImport};
use crate::store::{Store, StoreError};

/// Largest file that is taken, in bytes.
const FILE_BYTES: u64 = 256 * 1024 * 1024;
/// Imports remembered; older ones can no longer be taken back.
const REMEMBERED: usize = 20;
/// Rejected rows read at once.
const PIECE: u32 = 500;

/// What is at work.
#[derive(Default)]
pub(super) struct Importing {
    /// The import at work, and how to stop it.
    at_work: Option<(Uuid, Arc<AtomicBool>)>,
    /// As it stands now.
    state: Option<ImportState>,
}

/// What the database keeps of an import.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Remembered {
    state: ImportState,
    plan: Option<ImportPlan>,
    columns: Vec<String>,
    /// Clients that were made and are still to go to their owner.
    #[serde(default)]
    to_move: Vec<RecordId>,
}

/// What a person chose for a file, for the next one with the same columns.
#[derive(Serialize, Deserialize)]
struct Choice {
    columns: Vec<Option<Target>>,
}

impl App {
    /// Opens a file to be imported; its bytes follow in pieces.
    ///
    /// # Errors
    /// `unknown_kind`, `bad_argument` for what changes the product itself, `too_large` beyond 256 MiB,
    /// `import_running`.
    pub fn import_open(&self, argument: ImportOpen) -> Result<ImportState, Error> {
        let store = self.store()?;
        if self.kind(&argument.kind)?.home == HomeRule::OrganisationByAdmin {
            return Err(Code::BadArgument.into());
        }
        if argument.bytes > FILE_BYTES {
            return Err(Code::TooLarge.into());
        }
        self.none_at_work()?;
        self.forget_old(&store)?;
        let state = ImportState {
            import: self.ids().fresh(),
            name: argument.name,
            kind: argument.kind,
            at: self.now(),
            phase: ImportPhase::Opened,
            n_rows: 0,
            n_total: 0,
            counts: ImportCounts::default(),
            reasons: BTreeMap::new(),
            kept: Vec::new(),
            n_kept: 0,
            owner: String::new(),
            can_undo: false,
            error: String::new(),
        };
        remember(&store, &Remembered { state: state.clone(), plan: None, columns: Vec::new(), to_move: Vec::new() })?;
        Ok(state)
    }

    /// Takes a piece of the file.
    ///
    /// # Errors
    /// `not_found`, `too_large`, `bad_argument` for a piece out of order.
    pub fn import_piece(&self, argument: ImportPiece) -> Result<Nothing, Error> {
        let store = self.store()?;
        let bytes = STANDARD.decode(&argument.base64).map_err(|_| Code::BadArgument)?;
        let id = ImportNumber(argument.import);
        store.import(id)?;
        if u64::from(argument.n) * bytes.len() as u64 > FILE_BYTES {
            return Err(Code::TooLarge.into());
        }
        match store.put_block(id, argument.n, &bytes) {
            Err(StoreError::WrongState) => Err(Code::BadArgument.into()),
            other => Ok(other.map(|()| Nothing {})?),
        }
    }

    /// Says what is in a file and proposes where its columns go.
    ///
    /// # Errors
    /// `not_found`, `file_unreadable`, `file_other_workbook`.
    pub fn import_look(&self, argument: ImportLook) -> Result<ImportPreview, Error> {
        let store = self.store()?;
        let remembered = recall(&store, argument.import)?;
        let kind = self.kind(&remembered.state.kind)?;
        let mut file = store.import_file(ImportNumber(argument.import))?;
        // What the person said of this file when it was tried holds.
        let reading = match argument.reading.or(remembered.plan.as_ref().map(|plan| plan.reading.clone())) {
            Some(reading) => reading,
            None => {
                let country = if argument.country.is_empty() { own_country(&store)? } else { argument.country };
                read::detect(&mut file, &remembered.state.name, &country)?
            }
        };
        let looked = read::look(&mut file, &reading)?;
        let (targets, known) = match reading.format {
            FileFormat::Vcard => (vcard_rows::COLUMNS.iter().map(|column| Some(column.target())).collect(), false),
            _ => match choice(&store, kind.key, &looked.columns)? {
                Some(choice) if choice.columns.len() == looked.columns.len() => (choice.columns, true),
                _ => (columns::propose(&self.registry(), kind, &looked.columns), false),
            },
        };
        let columns = looked.columns.into_iter().zip(looked.samples).zip(targets);
        Ok(ImportPreview {
            reading: looked.reading,
            sheets: looked.sheets,
            columns: columns.map(|((name, sample), target)| ImportColumn { name, sample, target }).collect(),
            rows: looked.rows.iter().take(read::PREVIEW_ROWS).map(shown).collect(),
            targets: columns::targets(&self.registry(), kind),
            remembered: known,
            plan: remembered.plan,
        })
    }

    /// Goes through all rows without writing anything.
    ///
    /// # Errors
    /// `not_found`, `import_running`, `bad_value`; `not_allowed` for an owner this person does not look after.
    pub fn import_check(&self, mut plan: ImportPlan) -> Result<ImportState, Error> {
        let store = self.store()?;
        let mut remembered = recall(&store, plan.import)?;
        let kind = self.kind(&remembered.state.kind)?;
        let mut file = store.import_file(ImportNumber(plan.import))?;
        let looked = read::look(&mut file, &plan.reading)?;
        if plan.reading.format != FileFormat::Vcard {
            remember_choice(&store, kind.key, &looked.columns, &Choice { columns: plan.columns.clone() })?;
        }
        plan.owner.take_if(|owner| store.me().is_ok_and(|me| me.user == *owner));
        remembered.state.owner = match plan.owner {
            Some(owner) => self.staff_name(&store, owner)?,
            None => String::new(),
        };
        remembered.columns = looked.columns;
        remembered.plan = Some(plan);
        remember(&store, &remembered)?;
        self.work(remembered, run::Way::Check)
    }

    /// Writes all rows as they were tried last.
    ///
    /// # Errors
    /// `not_found`, also where nothing was tried; `import_running`.
    pub fn import_run(&self, argument: ImportKey) -> Result<ImportState, Error> {
        let remembered = recall(&self.store()?, argument.import)?;
        if remembered.plan.is_none() {
            return Err(Code::NotFound.into());
        }
        self.work(remembered, run::Way::Write)
    }

    /// Stops the import at work after the rows it is writing; what was written stays.
    ///
    /// # Errors
    /// `not_found`.
    pub fn import_stop(&self, argument: ImportKey) -> Result<ImportState, Error> {
        if let Some((import, stop)) = &locked(&self.inner.importing).at_work
            && *import == argument.import
        {
            stop.store(true, std::sync::atomic::Ordering::SeqCst);
        }
        self.import_state(argument)
    }

    /// Where an import stands.
    ///
    /// # Errors
    /// `not_found`.
    pub fn import_state(&self, argument: ImportKey) -> Result<ImportState, Error> {
        let store = self.store()?;
        if let Some(state) = &locked(&self.inner.importing).state
            && state.import == argument.import
        {
            return Ok(state.clone());
        }
        self.rested(&store, recall(&store, argument.import)?.state)
    }

    /// The imports remembered on this device, latest first; those that never wrote anything left out.
    ///
    /// # Errors
    /// Those of the database.
    pub fn imports(&self, _: Nothing) -> Result<Vec<ImportState>, Error> {
        let store = self.store()?;
        let mut states = Vec::new();
        for import in store.imports()? {
            let state = self.import_state(ImportKey { import: import.id.0 })?;
            if !matches!(state.phase, ImportPhase::Opened | ImportPhase::Checking | ImportPhase::Checked) {
                states.push(state);
            }
        }
        Ok(states)
    }

    /// Rows that were not taken, or would not be.
    ///
    /// # Errors
    /// Those of the database.
    pub fn import_rejects(&self, argument: ImportRejects) -> Result<Vec<ImportFault>, Error> {
        let rejects =
            self.store()?.rejects(ImportNumber(argument.import), argument.offset, argument.limit.min(PIECE))?;
        let fault = |reject: crate::store::imports::Reject| ImportFault {
            row: reject.row,
            why: reject.why,
            kind: reject.kind,
            field: reject.field,
            taken: reject.taken,
            cells: reject.cells,
        };
        Ok(rejects.into_iter().map(fault).collect())
    }

    /// A table of the rows that were not taken, as they stood in the file, each with the reason.
    ///
    /// # Errors
    /// `not_found`, `disk_full`.
    pub fn import_reject_file(&self, argument: ImportRejectFile) -> Result<FileMade, Error> {
        let store = self.store()?;
        let remembered = recall(&store, argument.import)?;
        let labels = crate::domain::labels::Labels::of(&argument.language);
        let width = remembered.columns.len();
        let mut heading = remembered.columns;
        heading.extend([words::reason(labels), words::field(labels)]);
        let mut table = write::csv_excel(&heading, write::Manner { labels, zone: chrono_tz::UTC })?;
        let mut n = 0;
        loop {
            let rejects = store.rejects(ImportNumber(argument.import), n, PIECE)?;
            for reject in rejects.iter().filter(|reject| !reject.taken) {
                let mut cells: Vec<Out> = reject.cells.iter().take(width).cloned().map(Out::Text).collect();
                cells.resize(width, Out::Empty);
                let why = Why::parse(&reject.why).map(|why| words::why(labels, why)).unwrap_or_default();
                let field = self.registry().kind(&reject.kind).map(|kind| labels.field(kind, &reject.field));
                cells.extend([Out::Text(why), Out::Text(field.unwrap_or_default())]);
                table.row(&cells)?;
            }
            n += u32::try_from(rejects.len()).unwrap_or(u32::MAX);
            if rejects.len() < PIECE as usize {
                break;
            }
        }
        self.keep_file(table.finish()?, n, exporting::CSV)
    }

    /// Takes an import back, updates included, wherever its values still stand.
    ///
    /// # Errors
    /// `not_found`, `import_running`, `cannot_undo`.
    pub fn import_undo(&self, argument: ImportKey) -> Result<ImportState, Error> {
        let store = self.store()?;
        let remembered = recall(&store, argument.import)?;
        if store.n_done_writes(ImportNumber(argument.import))? == 0 {
            return Err(Code::CannotUndo.into());
        }
        self.work(remembered, run::Way::Undo)
    }

    /// Forgets an import: its file, its rejects, and how to take it back.
    ///
    /// # Errors
    /// `import_running` for the one at work.
    pub fn import_forget(&self, argument: ImportKey) -> Result<Nothing, Error> {
        let store = self.store()?;
        if locked(&self.inner.importing).at_work.as_ref().is_some_and(|(import, _)| *import == argument.import) {
            return Err(Code::ImportRunning.into());
        }
        locked(&self.inner.importing).state.take_if(|state| state.import == argument.import);
        store.forget_import(ImportNumber(argument.import))?;
        self.emit(&[Topic::Imports]);
        Ok(Nothing {})
    }

    /// Starts the thread, or does all of it here where the app has none of its own.
    fn work(&self, remembered: Remembered, way: run::Way) -> Result<ImportState, Error> {
        let (import, stop) = (remembered.state.import, Arc::new(AtomicBool::new(false)));
        {
            let mut importing = locked(&self.inner.importing);
            if importing.at_work.is_some() {
                return Err(Code::ImportRunning.into());
            }
            let mut state = remembered.state.clone();
            (state.phase, state.n_rows) = (way.phase(), 0);
            importing.at_work = Some((import, Arc::clone(&stop)));
            importing.state = Some(state);
        }
        self.emit(&[Topic::Imports]);
        if self.inner.config.background {
            let app = self.clone();
            let spawned = std::thread::Builder::new()
                .name("import".to_owned())
                .spawn(move || run::all(&app, remembered, way, &stop));
            if let Err(error) = spawned {
                locked(&self.inner.importing).at_work = None;
                return Err(Error::io("starting the import", error));
            }
        } else {
            run::all(self, remembered, way, &stop);
        }
        self.import_state(ImportKey { import })
    }

    /// The name of somebody this person looks after, who may be given clients.
    fn staff_name(&self, store: &Store, user: UserId) -> Result<String, Error> {
        let is_given = |one: &User| one.id == user && one.active;
        let found =
            store.staff()?.into_iter().find(is_given).filter(|_| store.me().is_ok_and(|me| me.server.is_some()));
        Ok(found.ok_or(Code::NotAllowed)?.name)
    }

    fn none_at_work(&self) -> Result<(), Error> {
        if locked(&self.inner.importing).at_work.is_some() { Err(Code::ImportRunning.into()) } else { Ok(()) }
    }

    /// Nothing is at work: what was, was ended by the end of the app.
    fn rested(&self, store: &Store, mut state: ImportState) -> Result<ImportState, Error> {
        state.phase = match state.phase {
            ImportPhase::Checking => ImportPhase::Opened,
            ImportPhase::Running | ImportPhase::Undoing => ImportPhase::Stopped,
            phase => phase,
        };
        state.can_undo = state.phase != ImportPhase::Undone && store.n_done_writes(ImportNumber(state.import))? > 0;
        Ok(state)
    }

    /// Files that were opened and never imported, and imports of long ago.
    fn forget_old(&self, store: &Store) -> Result<(), Error> {
        let mut n = 0;
        for import in store.imports()? {
            let state = self.rested(store, recall(store, import.id.0)?.state)?;
            let never_ran = matches!(state.phase, ImportPhase::Opened | ImportPhase::Checked);
            if never_ran || n >= REMEMBERED {
                store.forget_import(import.id)?;
                continue;
            }
            n += 1;
        }
        Ok(())
    }
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::OtherWorkbook => Code::FileOtherWorkbook.into(),
            ReadError::Malformed | ReadError::RowTooLarge => Code::FileUnreadable.into(),
            ReadError::Io(error) if error.kind() == std::io::ErrorKind::NotFound => Code::NotFound.into(),
            ReadError::Io(error) => Self::io("reading the file", error),
        }
    }
}

impl From<write::WriteError> for Error {
    fn from(error: write::WriteError) -> Self {
        match error {
            write::WriteError::TooLarge => Code::TooLarge.into(),
            write::WriteError::Io(error) => Self::io("writing the file", error),
            error => Self::internal("writing the file", error),
        }
    }
}

fn shown(row: &crate::exchange::cell::Row) -> ImportRow {
    ImportRow { row: row.number, cells: row.cells.iter().map(|cell| cell.text()).collect() }
}

/// The organisation's own country in the words of [`read::Reading::country`]; empty where nobody knows it.
fn own_country(store: &Store) -> Result<String, Error> {
    let code = store.region()?.map(|region| region.code().to_lowercase());
    Ok(match code.as_deref() {
        Some(known @ ("ru" | "ua" | "by" | "kz")) => known.to_owned(),
        Some(_) => "other".to_owned(),
        None => String::new(),
    })
}

fn recall(store: &Store, import: Uuid) -> Result<Remembered, Error> {
    let stored = store.import(ImportNumber(import))?;
    serde_json::from_slice(&stored.state).map_err(|error| Error::internal("reading an import", error))
}

fn stored(remembered: &Remembered) -> Result<StoredImport, Error> {
    let state = serde_json::to_vec(remembered).map_err(|error| Error::internal("keeping an import", error))?;
    Ok(StoredImport { id: ImportNumber(remembered.state.import), at: remembered.state.at, state })
}

fn remember(store: &Store, remembered: &Remembered) -> Result<(), Error> {
    Ok(store.put_import(&stored(remembered)?)?)
}

fn choice_key(kind: &str, names: &[String]) -> String {
    format!("import:{kind}:{}", columns::signature(names))
}

fn choice(store: &Store, kind: &str, names: &[String]) -> Result<Option<Choice>, Error> {
    let text = store.setting(&choice_key(kind, names))?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

fn remember_choice(store: &Store, kind: &str, names: &[String], choice: &Choice) -> Result<(), Error> {
    let text = serde_json::to_string(choice).map_err(|error| Error::internal("keeping a choice", error))?;
    Ok(store.set_setting(&choice_key(kind, names), &text)?)
}
