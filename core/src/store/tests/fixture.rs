//! A device with a database in a temporary folder.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

use crate::domain::authority::*;
use crate::domain::ids::*;
use crate::domain::kind::Registry;
use crate::domain::kinds::{client, interaction};
use crate::domain::patch::Patch;
use crate::store::pages::{Applied, decode};
use crate::store::push::Received;
use crate::store::state::Identity;
use crate::store::write::{GroupDraft, Write};
use crate::store::{DatabaseKey, Store, StoreError};
use crate::sync::wire::*;

/// Ids that count up.
#[derive(Default)]
pub struct Counting(AtomicU64);

impl IdSource for Counting {
    fn fresh(&self) -> Uuid {
        let n = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | n)
    }
}

pub fn user_id(n: u8) -> UserId {
    UserId(Uuid::from_bytes([n; 16]))
}

pub fn department_id() -> DepartmentId {
    DepartmentId(Uuid::from_bytes([0xdd; 16]))
}

pub fn person(n: u8, role: Role) -> User {
    User { id: user_id(n), name: format!("Person {n}"), role, department: department_id(), active: true }
}

pub const KEY: DatabaseKey = DatabaseKey([7; 32]);

pub struct Bag {
    pub folder: tempfile::TempDir,
    pub store: Store,
    pub ids: Counting,
    pub now: DateTime<Utc>,
}

impl Bag {
    pub fn new() -> Self {
        Self::of(Role::Rep, Registry::built_in())
    }

    pub fn of(role: Role, registry: Registry) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let identity = identity(role, Some("http://127.0.0.1:1".to_owned()));
        let store = Store::create(&folder.path().join("a.satchel"), &KEY, registry, &identity).unwrap();
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        Self { folder, store, ids: Counting::default(), now }
    }

    pub fn write(&self, writes: Vec<Write>) -> Result<GroupId, StoreError> {
        let written = self.store.write_group(&GroupDraft { at: self.now, writes }, &self.ids)?;
        Ok(written.group.unwrap())
    }

    pub fn create(&self, kind: &str, client: Option<RecordId>, patch: Patch) -> (RecordId, GroupId) {
        let id = RecordId(self.ids.fresh());
        let group = self.write(vec![Write::Create { kind: kind.to_owned(), id, client, patch }]).unwrap();
        (id, group)
    }

    pub fn client(&self, name: &str) -> RecordId {
        self.create("client", None, Patch::new().set(client::NAME, name.to_owned())).0
    }

    pub fn interaction(&self, client: RecordId, state: &str, in_days: i64) -> RecordId {
        let patch = Patch::new()
            .set(interaction::CHANNEL, "call".to_owned())
            .set(interaction::STATE, state.to_owned())
            .set(interaction::SUBJECT, format!("{state} {in_days}"))
            .set(interaction::STARTS_AT, self.now + Duration::days(in_days));
        self.create("interaction", Some(client), patch).0
    }

    pub fn edit(&self, id: RecordId, patch: Patch) -> Result<GroupId, StoreError> {
        self.write(vec![Write::Edit { id, patch }])
    }

    /// All groups as the server would get them.
    pub fn sent(&self) -> Vec<(Group, Vec<Vec<u8>>)> {
        self.store.outgoing(&Default::default(), &self.ids).unwrap().groups
    }

    pub fn judge(&self, verdicts: Vec<(GroupId, Outcome)>) -> Received {
        let verdicts: Vec<Verdict> = verdicts.into_iter().map(|(group, outcome)| Verdict::of(group, outcome)).collect();
        self.store.judged(&verdicts, self.now, &self.ids).unwrap()
    }

    /// The server takes everything and grants what was made.
    pub fn accept_all(&self) {
        let sent = self.sent();
        let granted = sent.iter().flat_map(|(group, _)| made_clients(group)).map(granted).collect();
        self.judge(sent.into_iter().map(|(group, _)| (group.id, Outcome::Accepted)).collect());
        self.take_page(Page { granted, ..Page::default() }, Vec::new());
    }

    pub fn take_page(&self, mut page: Page, blobs: Vec<Vec<u8>>) -> Applied {
        let records = std::mem::take(&mut page.records);
        let incoming = decode(&self.store.registry(), records, blobs).unwrap();
        self.store.apply_page(&page, incoming, self.now, &self.ids).unwrap()
    }

    /// The database as a power cut would leave it, opened in another folder.
    pub fn after_power_cut(&self, registry: Registry) -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        for suffix in ["", "-wal"] {
            let name = format!("a.satchel{suffix}");
            if self.folder.path().join(&name).exists() {
                std::fs::copy(self.folder.path().join(&name), folder.path().join(&name)).unwrap();
            }
        }
        let store = Store::open(&folder.path().join("a.satchel"), &KEY, registry).unwrap();
        (folder, store)
    }
}

pub fn identity(role: Role, server: Option<String>) -> Identity {
    Identity {
        organisation: OrganisationId(Uuid::from_bytes([0xaa; 16])),
        organisation_name: "Org".to_owned(),
        language: "ru".to_owned(),
        user: person(1, role),
        device: DeviceId(Uuid::from_bytes([0xd1; 16])),
        device_name: "phone".to_owned(),
        server,
        device_key: Some([3; 32]),
        tokens: Some(tokens("a1", "r1", DateTime::from_timestamp(1_790_000_000, 0).unwrap())),
        epoch: 1,
    }
}

/// A record sent in full, with its changes.
pub fn full(id: RecordId, kind: &str, homes: Vec<Home>, blobs: &[Vec<u8>]) -> PageRecord {
    PageRecord {
        folded: 0,
        record: RecordKey { id, generation: 0 },
        kind: kind.to_owned(),
        homes,
        full: true,
        n: blobs.len() as u32,
        authority: None,
        received: Vec::new(),
    }
}

/// Homes of the clients a group makes.
pub fn made_clients(group: &Group) -> Vec<Home> {
    let made = group.items.iter().filter_map(|item| match item {
        Item::Create { record, kind, .. } if kind == "client" => Some(Home::Client(record.id)),
        _ => None,
    });
    made.collect()
}

pub fn granted(home: Home) -> Granted {
    Granted {
        home,
        grants: vec![Grant { reason: Reason::Responsible, level: Level::Write, until: None }],
        anew: false,
        given: None,
    }
}

pub fn revoked(home: Home, number: u64, at: DateTime<Utc>) -> Revoked {
    Revoked {
        home,
        number,
        ended_by: EndedBy::Somebody,
        now_with: Some(user_id(2)),
        by: Some(user_id(9)),
        at,
        cause: Cause::default(),
    }
}

/// A pair whose access half is good for ten minutes from `now`.
pub fn tokens(access: &str, refresh: &str, now: DateTime<Utc>) -> Tokens {
    Tokens { access: access.to_owned(), access_until: now + Duration::minutes(10), refresh: refresh.to_owned() }
}
