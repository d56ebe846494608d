//! Where the server keeps everything. One trait whose methods are whole transactions, so that a store of several
//! stateless nodes can take the place of the single file; the suite in `tests/` runs on each.

pub mod rows;
pub mod sqlite;

use chrono::{DateTime, Utc};
use satchel_core::domain::absence::Absence;
use satchel_core::domain::authority::{Department, Device, Role, User};
use satchel_core::domain::custom::Definition;
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::Registry;
use satchel_core::domain::order::Command;
use satchel_core::sync::wire::{Alert, Check, Mirror, Offered, RehearsalAnswer};

use crate::pull::{Answered, Asked, Due, Pulled};
use crate::push::{Batch, Judged, Known};
pub use rows::*;

/// What went wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database refused.
    #[error("database")]
    Database(#[from] rusqlite::Error),
    /// Written by a newer version.
    #[error("database has schema {have}, this version knows {want}")]
    Newer {
        /// Schema of the file.
        have: i64,
        /// Schema of this build.
        want: i64,
    },
    /// Something stored does not read back.
    #[error("stored {0} does not read back")]
    Corrupt(&'static str),
    /// A file or folder.
    #[error("reading or writing the data folder")]
    File(#[from] std::io::Error),
    /// Named thing is not there.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// Devices hold records as erased that are not here.
    #[error("devices report erasures of after the backup: confirm or drop them first")]
    Undecided,
    /// Somebody else has the database open.
    #[error("the database is in use: stop the server first")]
    InUse,
    /// There is an organisation already.
    #[error("organisation exists already")]
    Exists,
}

/// Users who see something of what a transaction changed: whom a hint may reach (VIS-1).
pub type Touched = std::collections::BTreeSet<UserId>;

/// Every method is one transaction.
pub trait Storage: Send + Sync {
    /// Makes the organisation.
    fn create_organisation(&self, new: &NewOrganisation) -> Result<(), StorageError>;
    /// The organisation, once it is there.
    fn organisation(&self) -> Result<Option<Organisation>, StorageError>;
    /// Remembers the address people reach the server by.
    fn set_public_url(&self, url: &str) -> Result<(), StorageError>;
    /// Sets how many days a device may be out of contact.
    fn set_lease(&self, days: u32) -> Result<(), StorageError>;
    /// What supervisors should look at, newest first.
    fn alerts(&self, limit: u32) -> Result<Vec<Alert>, StorageError>;
    /// Adds a department; who supervises the one above supervises it too.
    fn add_department(&self, new: &Department) -> Result<Touched, StorageError>;
    /// All departments.
    fn departments(&self) -> Result<Vec<Department>, StorageError>;
    /// Adds a person, with the homes his role brings.
    fn add_user(&self, new: &User) -> Result<Touched, StorageError>;
    /// All people.
    fn users(&self) -> Result<Vec<User>, StorageError>;
    /// Ends a person's rights with all his devices'.
    fn deactivate(&self, user: UserId, now: DateTime<Utc>) -> Result<Touched, StorageError>;
    /// Devices of a person, or all.
    fn devices(&self, of: Option<UserId>) -> Result<Vec<Device>, StorageError>;
    /// Ends a device's rights; with an order to empty it where there is one.
    fn revoke_device(
        &self,
        device: DeviceId,
        wipe: Option<&NewWipe>,
        now: DateTime<Utc>,
    ) -> Result<Touched, StorageError>;
    /// Takes an order to empty a device back; `false` where none stands or its delay is over.
    fn withdraw_wipe(&self, device: DeviceId, now: DateTime<Utc>) -> Result<bool, StorageError>;
    /// What a device that asks by its key alone may know of itself.
    fn revocation(&self, device: DeviceId) -> Result<Option<Revocation>, StorageError>;
    /// Compares push counters of a revoked device that hands over what it had not sent (rule 9).
    fn count_last(&self, session: Session, pushing: &Pushing, now: DateTime<Utc>) -> Result<Greeted, StorageError>;
    /// Notes the contact of a revoked device.
    fn last_contact(
        &self,
        device: DeviceId,
        n_unsent: u32,
        rescued: bool,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// Notes that a device says it is empty.
    fn wiped(&self, device: DeviceId, order: CommandId, now: DateTime<Utc>) -> Result<(), StorageError>;
    /// Sequence number of the last transaction.
    fn head(&self) -> Result<u64, StorageError>;
    /// Who was touched by transactions after a number.
    fn touched_after(&self, seq: u64) -> Result<Touched, StorageError>;

    /// Keeps an enrolment link.
    fn add_link(&self, link: &NewLink) -> Result<(), StorageError>;
    /// Looks a link up by its token's hash.
    fn link(&self, hash: &[u8; 32]) -> Result<Option<LinkRow>, StorageError>;
    /// Notes a wrong password on a link.
    fn link_failed(&self, hash: &[u8; 32]) -> Result<(), StorageError>;
    /// Uses a link up, makes the device and its first token family; `false` where the link was used meanwhile.
    fn enrol(&self, new: &NewDevice, issue: &Issue) -> Result<bool, StorageError>;
    /// What signing in has to know.
    fn login(&self, device: DeviceId) -> Result<Option<Login>, StorageError>;
    /// A person's password hash; `None` where there is no such person.
    fn password(&self, user: UserId) -> Result<Option<Option<Vec<u8>>>, StorageError>;
    /// Starts a token family.
    fn sign_in(&self, device: DeviceId, issue: &Issue) -> Result<(), StorageError>;
    /// Who an access token belongs to.
    fn access(&self, hash: &[u8; 32], now: DateTime<Utc>) -> Result<Access, StorageError>;
    /// Changes a refresh token for the next pair.
    fn refresh(&self, device: DeviceId, shown: &[u8; 32], issue: &Issue) -> Result<(Refreshed, Touched), StorageError>;
    /// True where a device and its owner still have their rights.
    fn alive(&self, device: DeviceId) -> Result<bool, StorageError>;

    /// Begins and ends absences whose time has come, each in a transaction of its own, and ends the grants that have
    /// run out.
    fn expire(&self, now: DateTime<Utc>, registry: &Registry) -> Result<Touched, StorageError>;
    /// All absences ever recorded.
    fn absences(&self) -> Result<Vec<Absence>, StorageError>;
    /// Carries out the erasures that are due, and clears the file after them.
    fn erase_due(&self, now: DateTime<Utc>, registry: &Registry) -> Result<Touched, StorageError>;
    /// Orders what is personal in a record erased; `false` where there is no such record, or it is ordered already.
    fn order_erasure(
        &self,
        record: RecordId,
        order: CommandId,
        at: DateTime<Utc>,
        due: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
    /// Takes an erasure back; `false` where none stands or its delay is over.
    fn withdraw_erasure(&self, record: RecordId, at: DateTime<Utc>) -> Result<bool, StorageError>;
    /// Compares push counters and notes the contact (rule 9).
    fn greet(&self, session: Session, hello: &Greeting, now: DateTime<Utc>) -> Result<Greeted, StorageError>;
    /// Notes purges the device has carried out (rule 20).
    fn acknowledge(&self, session: Session, purged: &[Purged], now: DateTime<Utc>) -> Result<(), StorageError>;
    /// What is known of records before the lock is taken (rule 22).
    fn peek(&self, session: Session, records: &[RecordId]) -> Result<Vec<Known>, StorageError>;
    /// A record's document, and of how many changes.
    fn document(&self, record: RecordId) -> Result<(u64, Vec<u8>), StorageError>;
    /// Folds the changes of long histories, each record in a transaction of its own (rule 11).
    fn compact(&self, rule: &CompactionRule) -> Result<Compacted, StorageError>;
    /// The fields the organisation made, and the number of the transaction that last changed one; `None` where that is
    /// still `known`.
    fn definitions(&self, known: Option<u64>) -> Result<Option<(u64, Vec<Definition>)>, StorageError>;
    /// How many changes of a record there are.
    fn n_changes(&self, record: RecordId) -> Result<u64, StorageError>;
    /// Judges and writes groups, each for itself.
    fn push(&self, batch: &Batch<'_>) -> Result<Judged, StorageError>;
    /// What a command would do.
    fn rehearse(
        &self,
        by: UserId,
        command: &Command,
        now: DateTime<Utc>,
        registry: &Registry,
    ) -> Result<RehearsalAnswer, StorageError>;
    /// The next page, read in one snapshot.
    fn pull(&self, asked: &Asked) -> Result<Pulled, StorageError>;
    /// Answers a device that asks whether it holds the same, in one snapshot (rule 23).
    fn compare(&self, session: Session, check: &Check) -> Result<Answered, StorageError>;
    /// The next pages of live connections, all read in one snapshot: facts about records are read once, tokens and
    /// visibility are looked up for each connection by itself. `take` is given each as soon as it is there, with its
    /// place in `due`; one that has everything already is left out, unless it is sent a page in any case.
    fn pull_each(
        &self,
        due: &[Due],
        now: DateTime<Utc>,
        take: &mut dyn FnMut(usize, Pulled),
    ) -> Result<(), StorageError>;
    /// Devices a person may know of: his own and those of people he supervises.
    fn devices_for(&self, user: UserId) -> Result<Vec<Device>, StorageError>;
    /// Writes an audit row.
    fn audit(&self, entry: &Audit) -> Result<(), StorageError>;
    /// The newest audit rows, newest first.
    fn audit_rows(&self, limit: u32) -> Result<Vec<Audit>, StorageError>;
    /// Walks along the audit's chain; `noted` is a head written down earlier (AUD-1).
    fn verify_audit(&self, noted: Option<&AuditHead>) -> Result<AuditVerdict, StorageError>;
    /// Looks at everything stored; with `fix` puts right what can be made from something else.
    fn examine(&self, fix: bool) -> Result<Vec<Finding>, StorageError>;

    /// What speaks against the server's clock, which shows `now`: something stored that is later, or the clocks of most
    /// devices.
    fn examine_clock(&self, now: DateTime<Utc>) -> Result<Vec<Finding>, StorageError>;

    /// Tokens for a device that proved itself by its key; `false` where it is not one to come back (rule 24).
    fn come_back(&self, device: DeviceId, issue: &Issue) -> Result<bool, StorageError>;
    /// Takes a device's counters for right.
    fn resume(&self, device: DeviceId, incarnation: u32, push_counter: u64) -> Result<(), StorageError>;
    /// Of records a device holds, those of which it has changes that are not here.
    fn wanted(&self, session: Session, offered: &[Offered]) -> Result<Vec<RecordId>, StorageError>;
    /// Takes in what a device brings back, changes of others among it.
    fn vouch(&self, batch: &Batch<'_>) -> Result<Judged, StorageError>;
    /// Notes what a device knows otherwise.
    fn report(&self, session: Session, mirror: &Mirror, now: DateTime<Utc>) -> Result<(), StorageError>;
    /// The device has nothing more to bring back.
    fn has_returned(&self, device: DeviceId) -> Result<(), StorageError>;
    /// What devices reported.
    fn held_items(&self) -> Result<Vec<HeldItem>, StorageError>;
    /// Carries out what was reported.
    fn confirm_held(
        &self,
        n: u64,
        now: DateTime<Utc>,
        registry: &Registry,
        ids: &dyn IdSource,
    ) -> Result<Touched, StorageError>;
    /// Forgets what was reported.
    fn drop_held(&self, n: u64, now: DateTime<Utc>, registry: &Registry) -> Result<Touched, StorageError>;
    /// Lets data flow.
    fn release(&self, now: DateTime<Utc>) -> Result<(), StorageError>;
    /// Begins a new epoch, held.
    fn begin_epoch(&self, now: DateTime<Utc>) -> Result<u64, StorageError>;

    /// How much there is of what.
    fn counts(&self) -> Result<Counts, StorageError>;
}

/// Roles as tables hold them.
#[must_use]
pub fn role_code(role: Role) -> i64 {
    match role {
        Role::Rep => 0,
        Role::Supervisor => 1,
        Role::Admin => 2,
    }
}
