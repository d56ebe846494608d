//! A small office with a clock of its own, and devices that know just enough to push and pull.
#![allow(dead_code)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration, Utc};
use ed25519_dalek::{Signer, SigningKey};
use satchel_core::docs::{Doc, Record, change};
use satchel_core::domain::authority::*;
use satchel_core::domain::clock::Clock;
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::{Kind, Registry};
use satchel_core::domain::kinds::{client, interaction, person};
use satchel_core::domain::order::{Command, Mark, Move, Order, Plan};
use satchel_core::domain::patch::Patch;
use satchel_core::sync::wire::*;
use satchel_server::storage::Storage;
use satchel_server::storage::sqlite::SqliteStorage;
use satchel_server::{Office, Settings};
use uuid::Uuid;

pub struct TestClock(Mutex<DateTime<Utc>>);

impl TestClock {
    pub fn forward(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

#[derive(Default)]
pub struct CountingIds(AtomicU64);

impl IdSource for CountingIds {
    fn fresh(&self) -> Uuid {
        let n = self.0.fetch_add(1, Ordering::Relaxed);
        // Scrambled, so that the order of ids is not the order of making.
        Uuid::from_u64_pair(n.wrapping_mul(0x9e37_79b9_7f4a_7c15), n)
    }
}

pub const PASSWORD: &str = "correct horse";

/// Two departments: north under boss with anna and boris, south under dora with clara.
pub struct World {
    pub office: Office,
    pub storage: Arc<dyn Storage>,
    pub clock: Arc<TestClock>,
    pub ids: Arc<CountingIds>,
    pub organisation: OrganisationId,
    pub north: DepartmentId,
    pub south: DepartmentId,
    pub admin: UserId,
    pub boss: UserId,
    pub anna: UserId,
    pub boris: UserId,
    pub dora: UserId,
    pub clara: UserId,
}

impl World {
    pub fn new() -> Self {
        Self::on(Arc::new(SqliteStorage::in_memory().unwrap()))
    }

    pub fn on(storage: Arc<dyn Storage>) -> Self {
        let clock = Arc::new(TestClock(Mutex::new(DateTime::from_timestamp(1_790_000_000, 0).unwrap())));
        let ids = Arc::new(CountingIds(AtomicU64::new(1)));
        let office =
            Office::open(storage.clone(), clock.clone(), ids.clone(), Registry::built_in(), Settings::for_tests())
                .unwrap();
        let organisation = office.init_organisation("Ромашка", "ru").unwrap();
        let north = office.add_department("North", None).unwrap();
        let south = office.add_department("South", None).unwrap();
        let admin = office.add_user("Admin", Role::Admin, north).unwrap();
        let boss = office.add_user("Boss", Role::Supervisor, north).unwrap();
        let anna = office.add_user("Anna", Role::Rep, north).unwrap();
        let boris = office.add_user("Boris", Role::Rep, north).unwrap();
        let dora = office.add_user("Dora", Role::Supervisor, south).unwrap();
        let clara = office.add_user("Clara", Role::Rep, south).unwrap();
        Self { office, storage, clock, ids, organisation, north, south, admin, boss, anna, boris, dora, clara }
    }

    pub fn device(&self, user: UserId) -> Device {
        let token = self.office.invite(user, None).unwrap().token;
        let key = SigningKey::from_bytes(&[(self.ids.fresh().as_u128() >> 64) as u8; 32]);
        let request = EnrolRequest {
            token,
            password: PASSWORD.into(),
            device_name: "phone".into(),
            device_key: STANDARD.encode(key.verifying_key().to_bytes()),
            protocol: PROTOCOL,
        };
        let answer = self.office.enrol(&request, None).unwrap();
        Device {
            office: self.office.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            organisation: self.organisation,
            id: answer.device,
            user,
            key,
            tokens: answer.tokens,
            incarnation: 0,
            push_counter: 0,
            cursor: Cursor::default(),
            credit: 0,
            purged: Vec::new(),
            homes: BTreeMap::new(),
            records: BTreeMap::new(),
            last: Page::default(),
            n_pages: 0,
            proposals: Vec::new(),
            receipts: Vec::new(),
            revoked: Vec::new(),
            bytes: Vec::new(),
        }
    }
}

#[derive(Clone)]
pub struct Held {
    pub kind: String,
    pub homes: BTreeSet<Home>,
    pub chunks: Vec<Vec<u8>>,
    pub authority: RecordAuthority,
}

#[derive(Clone)]
pub struct Device {
    pub office: Office,
    pub clock: Arc<TestClock>,
    pub ids: Arc<CountingIds>,
    pub organisation: OrganisationId,
    pub id: DeviceId,
    pub user: UserId,
    pub key: SigningKey,
    pub tokens: Tokens,
    pub incarnation: u32,
    pub push_counter: u64,
    pub cursor: Cursor,
    pub credit: u32,
    pub purged: Vec<PurgeAck>,
    pub homes: BTreeMap<Home, Vec<Grant>>,
    pub records: BTreeMap<RecordId, Held>,
    pub last: Page,
    pub n_pages: u32,
    pub proposals: Vec<ProposalState>,
    pub receipts: Vec<Receipt>,
    pub revoked: Vec<Revoked>,
    /// Every page received, unpacked.
    pub bytes: Vec<u8>,
}

pub struct Heard {
    pub welcome: Welcome,
    pub verdicts: Vec<Outcome>,
    pub page: Option<(Page, Vec<Vec<u8>>)>,
}

impl Device {
    pub fn hello(&self, push: bool, pull: bool) -> Hello {
        Hello {
            protocol: PROTOCOL,
            app: "test".into(),
            organisation: self.organisation,
            device: self.id,
            credential: self.credential(),
            epoch: 1,
            incarnation: self.incarnation,
            push_counter: self.push_counter,
            push_id: push.then(|| GroupId(self.ids.fresh())),
            cursor: self.cursor.clone(),
            ahead: false,
            purged: self.purged.clone(),
            n_unsent: 0,
            pull,
            credit: self.credit,
            want_devices: false,
            clock: None,
            snapshots: false,
        }
    }

    pub fn credential(&self) -> Credential {
        if self.clock.now() < self.tokens.access_until {
            return Credential::Access(self.tokens.access.clone());
        }
        let proof = self.key.sign(&refresh_challenge(self.id, &self.tokens.refresh));
        Credential::Refresh(self.tokens.refresh.clone(), STANDARD.encode(proof.to_bytes()))
    }

    pub fn exchange(&mut self, hello: Hello, groups: &[Frame<Group>]) -> Result<Heard, Denied> {
        let mut frames = vec![Frame::bare(Up::Hello(hello))];
        frames.extend(
            groups.iter().map(|group| Frame { message: Up::Group(group.message.clone()), blobs: group.blobs.clone() }),
        );
        let answer = self.office.sync(&pack(&frames).unwrap());
        self.bytes.extend(inflate(&answer).unwrap());
        let mut heard: Option<Heard> = None;
        for frame in unpack::<Down>(&answer).unwrap() {
            match frame.message {
                Down::Welcome(welcome) => heard = Some(Heard { welcome, verdicts: Vec::new(), page: None }),
                Down::Verdict(verdict) => heard.as_mut().unwrap().verdicts.push(verdict.outcome),
                Down::Page(page) => heard.as_mut().unwrap().page = Some((*page, frame.blobs)),
                Down::Refused(denied) => return Err(denied),
            }
        }
        let heard = heard.unwrap();
        if let Some(tokens) = &heard.welcome.tokens {
            self.tokens = tokens.clone();
        }
        self.push_counter = heard.welcome.push_counter;
        Ok(heard)
    }

    /// Pushes groups and nothing else.
    pub fn push(&mut self, groups: &[Frame<Group>]) -> Vec<Outcome> {
        let hello = self.hello(true, false);
        self.exchange(hello, groups).unwrap().verdicts
    }

    pub fn push_one(&mut self, group: &Frame<Group>) -> Outcome {
        self.push(std::slice::from_ref(group)).pop().unwrap()
    }

    pub fn must_push(&mut self, group: &Frame<Group>) {
        assert_eq!(self.push_one(group), Outcome::Accepted);
    }

    /// One page, taken in. True where there is more.
    pub fn pull_page(&mut self) -> bool {
        let hello = self.hello(false, true);
        let heard = self.exchange(hello, &[]).unwrap();
        self.purged.clear();
        let (page, blobs) = heard.page.unwrap();
        self.take_in(page, blobs)
    }

    pub fn pull(&mut self) {
        self.n_pages = 0;
        while self.pull_page() {
            assert!(self.n_pages < 10_000, "pulling does not end");
        }
    }

    pub fn take_in(&mut self, page: Page, blobs: Vec<Vec<u8>>) -> bool {
        self.n_pages += 1;
        self.last = page.clone();
        for granted in &page.granted {
            if granted.anew {
                self.lose(granted.home);
            }
            assert!(!granted.grants.is_empty(), "a home is granted for no reason");
            self.homes.insert(granted.home, granted.grants.clone());
        }
        for revoked in &page.revoked {
            self.homes.remove(&revoked.home);
            self.lose(revoked.home);
            self.purged.push(PurgeAck { home: revoked.home, revoked: revoked.number });
            self.revoked.push(revoked.clone());
        }
        for gone in &page.gone {
            self.records.remove(gone);
        }
        let mut blobs = blobs.into_iter();
        for record in page.records {
            let chunks: Vec<Vec<u8>> = blobs.by_ref().take(record.n as usize).collect();
            assert_eq!(chunks.len(), record.n as usize);
            assert!(!record.homes.is_empty(), "a record without a home");
            for home in &record.homes {
                assert!(self.homes.contains_key(home), "a record of a home that is not held");
            }
            if !record.full {
                assert!(self.records.contains_key(&record.record.id), "news of a record that was never sent");
            }
            let held = self.records.entry(record.record.id).or_insert_with(|| Held {
                kind: record.kind.clone(),
                homes: BTreeSet::new(),
                chunks: Vec::new(),
                authority: RecordAuthority::default(),
            });
            held.homes = record.homes.iter().copied().collect();
            if record.full {
                held.chunks.clear();
            }
            for chunk in chunks {
                if !held.chunks.contains(&chunk) {
                    held.chunks.push(chunk);
                }
            }
            if let Some(authority) = record.authority {
                held.authority = authority;
            }
        }
        assert!(blobs.next().is_none());
        for proposal in page.proposals {
            self.proposals.retain(|other| other.id != proposal.id);
            self.proposals.push(proposal);
        }
        self.receipts.extend(page.receipts);
        self.cursor = page.cursor;
        page.more
    }

    fn lose(&mut self, home: Home) {
        for held in self.records.values_mut() {
            held.homes.remove(&home);
        }
        self.records.retain(|_, held| !held.homes.is_empty());
    }

    /// The actor this device writes with.
    pub fn actor(&self) -> [u8; 20] {
        actor_bytes(self.id, self.incarnation)
    }

    pub fn doc(&self, id: RecordId) -> Doc {
        Doc::load(&self.records[&id].chunks.concat()).unwrap()
    }

    pub fn read(&self, id: RecordId, kind: &Kind) -> Record {
        self.doc(id).read(kind).unwrap()
    }

    /// A creation and its group; the device keeps the record as if it had been pulled.
    pub fn create(&mut self, kind: &Kind, home: impl Fn(RecordId) -> Home, patch: &Patch) -> (RecordId, Frame<Group>) {
        let id = RecordId(self.ids.fresh());
        let (_, chunks) = Doc::create(kind, patch, &self.actor(), self.clock.now()).unwrap();
        let record = RecordKey { id, generation: 0 };
        let home = home(id);
        let items = vec![
            Item::Create { record, kind: kind.key.into(), homes: vec![home] },
            Item::Changes { record, n: chunks.len() as u32 },
        ];
        let held = Held {
            kind: kind.key.into(),
            homes: BTreeSet::from([home]),
            chunks: chunks.clone(),
            authority: RecordAuthority::default(),
        };
        self.records.insert(id, held);
        (id, self.group(items, chunks))
    }

    pub fn new_client(&mut self, name: &str) -> (RecordId, Frame<Group>) {
        self.create(&client::KIND, Home::Client, &Patch::new().set(client::NAME, name.into()))
    }

    pub fn new_person(&mut self, of: RecordId, name: &str) -> (RecordId, Frame<Group>) {
        self.create(&person::KIND, |_| Home::Client(of), &Patch::new().set(person::NAME, name.into()))
    }

    pub fn new_interaction(&mut self, of: RecordId, subject: &str) -> (RecordId, Frame<Group>) {
        let patch = Patch::new()
            .set(interaction::SUBJECT, subject.into())
            .set(interaction::CHANNEL, "call".into())
            .set(interaction::STATE, "planned".into());
        self.create(&interaction::KIND, |_| Home::Client(of), &patch)
    }

    pub fn edit(&mut self, id: RecordId, kind: &Kind, patch: &Patch) -> Frame<Group> {
        let chunks = self.doc(id).edit(kind, patch, &self.actor(), self.clock.now()).unwrap();
        assert!(!chunks.is_empty());
        self.records.get_mut(&id).unwrap().chunks.extend(chunks.clone());
        let record = RecordKey { id, generation: 0 };
        self.group(vec![Item::Changes { record, n: chunks.len() as u32 }], chunks)
    }

    pub fn edit_city(&mut self, id: RecordId, city: &str) -> Frame<Group> {
        self.edit(id, &client::KIND, &Patch::new().set(client::CITY, city.into()))
    }

    pub fn group(&self, items: Vec<Item>, blobs: Vec<Vec<u8>>) -> Frame<Group> {
        let group = Group { id: GroupId(self.ids.fresh()), at: self.clock.now(), depends_on: Vec::new(), items };
        Frame { message: group, blobs }
    }

    pub fn command(&self, order: Order) -> (CommandId, Frame<Group>) {
        self.confirmed(order, None)
    }

    pub fn confirmed(&self, order: Order, confirmed: Option<Mark>) -> (CommandId, Frame<Group>) {
        let id = CommandId(self.ids.fresh());
        let command = Command { id, at: self.clock.now(), order, builds_on: Vec::new(), confirmed };
        (id, self.group(vec![Item::Command(command)], Vec::new()))
    }

    pub fn order(&mut self, order: Order) -> (CommandId, Outcome) {
        let (id, group) = self.command(order);
        (id, self.push_one(&group))
    }

    pub fn move_client(&mut self, client: RecordId, from: UserId, to: UserId) -> CommandId {
        let moves = vec![Move { client, from }];
        let (id, outcome) = self.order(Order::MoveClients { moves, to, reason: "other".into() });
        assert!(matches!(outcome, Outcome::Applied(_)), "{outcome:?}");
        id
    }

    pub fn redirect(&mut self, interaction: RecordId, from: UserId, to: UserId, until: DateTime<Utc>) -> CommandId {
        let order = Order::RedirectInteraction { interaction, from, to, comment: "please".into(), until };
        let (id, outcome) = self.order(order);
        assert!(matches!(outcome, Outcome::Applied(_)), "{outcome:?}");
        id
    }

    pub fn holds(&self, marker: &str) -> bool {
        self.records.values().any(|held| held.chunks.iter().any(|chunk| contains(chunk, marker)))
    }

    pub fn was_sent(&self, marker: &str) -> bool {
        contains(&self.bytes, marker)
    }
}

pub fn contains(bytes: &[u8], marker: &str) -> bool {
    bytes.windows(marker.len()).any(|window| window == marker.as_bytes())
}

pub fn refused(code: &str) -> Outcome {
    Outcome::Refused(code.into())
}

pub fn plan_of(outcome: &Outcome) -> &Plan {
    match outcome {
        Outcome::Applied(plan) => plan,
        other => panic!("not applied: {other:?}"),
    }
}

pub fn hash_of(chunk: &[u8]) -> [u8; 32] {
    change::inspect(chunk).unwrap().hash
}
