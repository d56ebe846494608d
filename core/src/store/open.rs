//! Opening the file: key, lock, pragmas, one writer, a small read pool.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::error::StoreError;
use super::state::{Identity, Me};
use super::twins::Twins;
use super::{arrange, collate, lease, rescue, schema, views};
use crate::domain::fold;
use crate::domain::kind::Registry;

/// Connections kept for readers.
const READERS: usize = 4;

/// The raw key of a database. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseKey(pub [u8; 32]);

impl std::fmt::Debug for DatabaseKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseKey(…)")
    }
}

impl DatabaseKey {
    /// Eight bytes by which the lock file tells a wrong key from a damaged database.
    pub(super) fn mark(&self) -> [u8; 8] {
        let digest = Sha256::new().chain_update(b"satchel database key").chain_update(self.0).finalize();
        let mut mark = [0; 8];
        mark.copy_from_slice(&digest[..8]);
        mark
    }
}

/// The device's database. Cheap to clone; the file stays locked until the last clone is gone.
#[derive(Clone)]
pub struct Store {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) path: PathBuf,
    /// The kinds of this build, without what the organisation made of them.
    built: Registry,
    declared: RwLock<views::Declared>,
    key: DatabaseKey,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    /// When something was read last.
    read_at: Mutex<Instant>,
    /// Transactions written since the file was opened, but for those of the search index and of [`Store::write_aside`].
    pub(super) written: AtomicU64,
    /// Transactions of the search index since then.
    pub(super) indexed: AtomicU64,
    pub(super) me: Remembered<Me>,
    pub(super) lease: Remembered<Option<lease::Noted>>,
    /// Whether there is any order of this device's own.
    pub(super) commanded: Remembered<bool>,
    /// The names of colleagues.
    pub(super) people: Remembered<Arc<HashMap<Uuid, String>>>,
    /// Clients that may have been made twice.
    pub(super) twins: Remembered<Arc<Vec<Twins>>>,
    /// Lists worked out lately.
    pub(super) arranged: arrange::Kept,
    // Declared last: the lock goes after the connections are closed.
    _lock: File,
}

/// Something that every command asks for, as it was when so many transactions had been written.
pub(super) struct Remembered<T>(Mutex<Option<(u64, T)>>);

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

/// A read transaction; its two statements are kept prepared.
struct Snapshot<'c>(&'c Connection);

impl<'c> Snapshot<'c> {
    fn of(conn: &'c Connection) -> Result<Self, StoreError> {
        conn.prepare_cached("BEGIN DEFERRED")?.execute([])?;
        Ok(Self(conn))
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        // Nothing was written: where SQLite has ended it by itself there is nothing to end.
        let _ = self.0.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([]));
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.inner.path.display())
    }
}

impl Store {
    /// Makes the database of a freshly enrolled device (or a local-only one). Never writes over an existing file.
    ///
    /// # Errors
    /// `Exists`, `InUse`, `DiskFull`, `Io`.
    pub fn create(path: &Path, key: &DatabaseKey, registry: Registry, identity: &Identity) -> Result<Self, StoreError> {
        let mut lock = lock(path)?;
        if path.exists() {
            return Err(StoreError::Exists(path.to_owned()));
        }
        // The whole database is made under another name first: a kill in the middle leaves nothing that looks whole.
        let unfinished = with_suffix(path, ".new");
        remove_if_there(&unfinished)?;
        remove_if_there(&with_suffix(&unfinished, "-wal"))?;
        remove_if_there(&with_suffix(&unfinished, "-shm"))?;
        let mut conn = connect(&unfinished, key, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        conn.execute_batch("PRAGMA auto_vacuum = INCREMENTAL;")?;
        prepare_writer(&conn)?;
        schema::migrate(&mut conn)?;
        let tx = conn.transaction()?;
        super::state::enrol(&tx, identity)?;
        tx.commit()?;
        conn.close().map_err(|(_, error)| error)?;
        lock.write_all(&key.mark())?;
        lock.sync_all()?;
        std::fs::rename(&unfinished, path)?;
        sync_folder(path);
        Self::with_lock(lock, path, key, registry, None)
    }

    /// Opens an existing database; never makes one. Missing view tables and changed declarations are rebuilt here.
    ///
    /// # Errors
    /// `Missing`, `InUse`, `WrongKey`, `NotADatabase`, `Damaged`, `Newer`, `DiskFull`, `Io`.
    pub fn open(path: &Path, key: &DatabaseKey, registry: Registry) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::Missing(path.to_owned()));
        }
        let lock = lock(path)?;
        rescue::finish(path)?;
        Self::with_lock(lock, path, key, registry, None)
    }

    /// Opens a file whose lock is held; `owner` is written into one that has none.
    pub(super) fn with_lock(
        mut lock: File,
        path: &Path,
        key: &DatabaseKey,
        registry: Registry,
        owner: Option<&Identity>,
    ) -> Result<Self, StoreError> {
        let mut conn = connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        if let Err(error) = first_read(&conn) {
            return Err(why_unreadable(&mut lock, path, key, error));
        }
        prepare_writer(&conn)?;
        schema::migrate(&mut conn)?;
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (declared, _) = views::ensure(&tx, &registry)?;
        super::custom::were_noticed(&tx)?;
        if let Some(owner) = owner {
            super::state::enrol(&tx, owner)?;
        }
        tx.commit()?;
        let inner = Inner {
            path: path.to_owned(),
            built: registry,
            declared: RwLock::new(declared),
            key: key.clone(),
            writer: Mutex::new(conn),
            readers: Mutex::default(),
            read_at: Mutex::new(Instant::now()),
            written: AtomicU64::new(0),
            indexed: AtomicU64::new(0),
            me: Remembered::default(),
            lease: Remembered::default(),
            commanded: Remembered::default(),
            people: Remembered::default(),
            twins: Remembered::default(),
            arranged: arrange::Kept::default(),
            _lock: lock,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The kinds as they stand now, with the fields the organisation made.
    #[must_use]
    pub fn registry(&self) -> Registry {
        self.declared().registry
    }

    /// How the tables of these kinds look. Whoever writes asks within his transaction: columns are added meanwhile.
    pub(super) fn layouts(&self) -> &'static views::Layouts {
        self.declared().layouts
    }

    fn declared(&self) -> views::Declared {
        self.inner.declared.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Its key, to open what comes after it.
    pub(crate) fn key(&self) -> &DatabaseKey {
        &self.inner.key
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Drops all view tables and the search index and makes them again from the documents. Returns how many records
    /// are set aside as damaged.
    ///
    /// # Errors
    /// Those of the database.
    pub fn rebuild_views(&self) -> Result<u64, StoreError> {
        self.write(|tx| {
            views::drop_all(tx)?;
            let (_, n_damaged) = views::ensure(tx, &self.inner.built)?;
            Ok(n_damaged)
        })
    }

    /// Runs `work` in one transaction of the one writer; an error rolls all of it back.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let done = self.write_aside(work)?;
        self.inner.written.fetch_add(1, Ordering::SeqCst);
        Ok(done)
    }

    /// As [`Store::write`], for the search index: only what was found by words is stale afterwards.
    pub(super) fn write_index<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let done = self.write_aside(work)?;
        self.inner.indexed.fetch_add(1, Ordering::SeqCst);
        Ok(done)
    }

    /// As [`Store::write`], for what no list and nothing remembered is made of, such as drafts.
    pub(super) fn write_aside<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut conn = self.inner.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&tx)?;
        let declared = views::declare_again(&tx, &self.inner.built, self.layouts())?;
        tx.commit()?;
        if let Some(declared) = declared {
            *self.inner.declared.write().unwrap_or_else(PoisonError::into_inner) = declared;
        }
        Ok(done)
    }

    /// Runs `work` on the writer outside a transaction, for pragmas that want that.
    pub(super) fn maintain<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let conn = self.inner.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let done = work(&conn);
        self.inner.written.fetch_add(1, Ordering::SeqCst);
        done
    }

    /// Runs `work` on one snapshot.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        *self.inner.read_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        let conn = self.reader()?;
        let done = {
            let snapshot = Snapshot::of(&conn)?;
            work(snapshot.0)?
        };
        self.give_back(conn);
        Ok(done)
    }

    /// What was read before, unless something was written since.
    pub(super) fn remembered<T: Clone>(
        &self,
        memory: &Remembered<T>,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        // Counted before it is read: what is written meanwhile makes it stale at once.
        self.remembered_as_of(self.inner.written.load(Ordering::SeqCst), memory, read)
    }

    /// What was read before, when so many transactions had been written.
    pub(super) fn remembered_as_of<T: Clone>(
        &self,
        written: u64,
        memory: &Remembered<T>,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let held = memory.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, value)) = held.filter(|(at, _)| *at == written) {
            return Ok(value);
        }
        let value = self.read(read)?;
        *memory.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((written, value.clone()));
        Ok(value)
    }

    /// As [`Store::read`], for what goes through a whole table: on the writer's connection where nobody writes just
    /// now. Its pages stay decrypted over its own writes, while a reader begins with none after each of them.
    pub(super) fn read_through<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let Ok(conn) = self.inner.writer.try_lock() else { return self.read(work) };
        *self.inner.read_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        let snapshot = conn.unchecked_transaction()?;
        work(&snapshot)
    }

    /// Waits until nobody has read anything for so long, but no longer than `at_most`.
    pub(crate) fn wait_for_quiet(&self, quiet: Duration, at_most: Duration) {
        let until = Instant::now() + at_most;
        loop {
            let read_at = *self.inner.read_at.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let next = (read_at + quiet).min(until);
            if next <= now {
                return;
            }
            std::thread::sleep(next - now);
        }
    }

    pub(super) fn reader(&self) -> Result<Connection, StoreError> {
        let kept = self.inner.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(conn) = kept {
            return Ok(conn);
        }
        let conn = connect(&self.inner.path, &self.inner.key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        conn.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -16384;")?;
        Ok(conn)
    }

    pub(super) fn give_back(&self, conn: Connection) {
        let mut readers = self.inner.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS {
            readers.push(conn);
        }
    }
}

pub(super) fn lock(path: &Path) -> Result<File, StoreError> {
    let name = with_suffix(path, ".lock");
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(name)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Makes a file with all tables and no owner.
pub(super) fn blank_file(path: &Path, key: &DatabaseKey, registry: &Registry) -> Result<(), StoreError> {
    let mut conn = connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    conn.execute_batch("PRAGMA auto_vacuum = INCREMENTAL;")?;
    prepare_writer(&conn)?;
    schema::migrate(&mut conn)?;
    let tx = conn.transaction()?;
    views::ensure(&tx, registry)?;
    tx.commit()?;
    // Closing the last connection moves the log into the file.
    conn.close().map_err(|(_, error)| error.into())
}

pub(super) fn connect(path: &Path, key: &DatabaseKey, flags: OpenFlags) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let digits: String = key.0.iter().map(|byte| format!("{byte:02x}")).collect();
    conn.execute_batch(&format!("PRAGMA key = \"x'{digits}'\";"))?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    conn.set_prepared_statement_cache_capacity(128);
    let pure = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_scalar_function("sort_key", 1, pure, |call| {
        let text: Option<String> = call.get(0)?;
        Ok(text.map(|text| collate::sort_key(&text)))
    })?;
    conn.create_scalar_function("fold", 1, pure, |call| {
        let text = call.get_raw(0).as_str_or_null()?;
        Ok(text.map(fold::fold))
    })?;
    // Where a folded text begins within the folded form of another, counted in bytes from 1; 0 where it does not.
    conn.create_scalar_function("fold_at", 2, pure, |call| {
        let (Some(text), Some(part)) = (call.get_raw(0).as_str_or_null()?, call.get_raw(1).as_str_or_null()?) else {
            return Ok(0);
        };
        Ok(fold::fold(text).find(part).map_or(0, |at| at as i64 + 1))
    })?;
    Ok(conn)
}

/// The writer's cache holds what the largest page of a first sync touches: what does not fit is encrypted twice.
pub(super) fn prepare_writer(conn: &Connection) -> Result<(), StoreError> {
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA foreign_keys = OFF;
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -49152; PRAGMA wal_autocheckpoint = 2000;
         PRAGMA journal_size_limit = 16777216;",
    )?;
    if cfg!(target_vendor = "apple") {
        conn.execute_batch("PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;")?;
    }
    Ok(())
}

/// The key is first used when the first page is read.
fn first_read(conn: &Connection) -> Result<(), rusqlite::Error> {
    conn.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))
}

/// SQLCipher answers "not a database" to a wrong key and to a damaged first page alike.
fn why_unreadable(lock: &mut File, path: &Path, key: &DatabaseKey, error: rusqlite::Error) -> StoreError {
    if error.sqlite_error_code() != Some(rusqlite::ErrorCode::NotADatabase) {
        return error.into();
    }
    let length = std::fs::metadata(path).map_or(0, |file| file.len());
    let mut head = [0; 16];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    let mut mark = Vec::new();
    let marked = lock.read_to_end(&mut mark).is_ok() && mark.len() >= 8;
    match () {
        () if marked && mark[..8] != key.mark() => StoreError::WrongKey,
        () if read.is_err() || length < 4096 || &head == b"SQLite format 3\0" => StoreError::NotADatabase,
        () if marked || !length.is_multiple_of(4096) => StoreError::Damaged(Some(error)),
        () => StoreError::WrongKey,
    }
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

pub(super) fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Makes the rename itself durable, where the system lets a folder be synced.
pub(super) fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent()
        && let Ok(folder) = File::open(folder)
    {
        let _ = folder.sync_all();
    }
}
