//! One office with everybody in it, kept in a file and copied for each cell of the table.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use satchel_core::domain::absence::StandIn;
use satchel_core::domain::authority::{Home, Role};
use satchel_core::domain::clock::Clock;
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::{Kind, Registry};
use satchel_core::domain::kinds::{client, interaction, person};
use satchel_core::domain::order::{Command, Move, Order};
use satchel_core::domain::patch::Patch;
use satchel_core::domain::value::Value;
use satchel_core::store::state::Identity;
use satchel_core::sync::wire::{Hello, Item, Outcome, Up};
use satchel_server::storage::sqlite::SqliteStorage;
use satchel_tests::harness::{Office, PASSWORD, Probe, SeededIds, TestClock, group, opened, scratch};
use tempfile::TempDir;
use uuid::Uuid;

/// Who is asked about, or for whom.
pub struct People {
    pub north: DepartmentId,
    pub oleh: UserId,
    pub ihor: UserId,
    pub left: UserId,
}

/// What an ask is about.
#[derive(Clone, Debug)]
pub struct Place {
    pub client: RecordId,
    pub person: RecordId,
    /// A planned interaction of the responsible person.
    pub visit: RecordId,
    /// A planned interaction handed to Bohdan, who sees the client for it.
    pub handed: RecordId,
    /// A late edit that waits for a decision.
    pub proposal: ProposalId,
    /// The order that gave the client to whom it belongs now.
    pub command: CommandId,
    /// A device of the person responsible.
    pub device: DeviceId,
    /// An absence of that person that has not begun.
    pub absence: AbsenceId,
    pub responsible: UserId,
    /// Of all of its records.
    pub generation: u32,
    pub chunks: Chunks,
}

/// All changes of a place's records.
#[derive(Clone, Debug)]
pub struct Chunks {
    pub client: Vec<u8>,
    pub person: Vec<u8>,
    pub visit: Vec<u8>,
    pub handed: Vec<u8>,
}

/// The names of the places, as headings of the table.
pub const PLACES: [&str; 5] = ["live", "trashed", "erased", "moved", "missing"];

/// Somebody who asks.
pub struct Asker {
    pub identity: Identity,
    pub hello: Hello,
    /// A client of his own, if he may have one.
    pub own: RecordId,
}

pub struct Stage {
    pub people: People,
    pub places: BTreeMap<&'static str, Place>,
    pub askers: BTreeMap<&'static str, Asker>,
    file: PathBuf,
    clock: TestClock,
    ids: Arc<SeededIds>,
    _folder: TempDir,
}

impl Stage {
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The same id in the same cell for every asker and place.
    pub fn fresh_id(&self) -> Uuid {
        SeededIds::new(99, &self.clock).fresh()
    }

    /// A server on a copy of the office as it was prepared.
    pub fn server(&self) -> (TempDir, satchel_server::Office) {
        let folder = scratch();
        let copy = folder.path().join("server.db");
        std::fs::copy(&self.file, &copy).unwrap();
        let storage: Arc<dyn satchel_server::storage::Storage> = Arc::new(SqliteStorage::open(&copy).unwrap());
        // Ids repeat from cell to cell, so that answers can be compared byte by byte.
        let ids = Arc::new(SeededIds::new(7, &self.clock));
        (folder, opened(&storage, &self.clock, &ids, &Registry::built_in()))
    }

    /// A place that is not there, asked about with the very same bytes as `like`.
    pub fn missing_like(&self, like: &Place) -> Place {
        let fresh = || self.ids.fresh();
        Place {
            client: RecordId(fresh()),
            person: RecordId(fresh()),
            visit: RecordId(fresh()),
            handed: RecordId(fresh()),
            proposal: ProposalId(fresh()),
            command: CommandId(fresh()),
            device: DeviceId(fresh()),
            absence: AbsenceId(fresh()),
            responsible: like.responsible,
            generation: like.generation,
            chunks: like.chunks.clone(),
        }
    }

    pub fn prepare() -> Self {
        let folder = scratch();
        let file = folder.path().join("prepared.db");
        let office = Office::in_file(&file);
        let cast = office.cast;
        let oleh = office.door().add_user("Олег Кравець", Role::Rep, cast.north).unwrap();
        let ihor = office.door().add_user("Ігор Бондар", Role::Rep, cast.north).unwrap();
        let left = office.door().add_user("Лідія Ткач", Role::Rep, cast.north).unwrap();
        let people = People { north: cast.north, oleh, ihor, left };

        let mut set = Setting {
            anna: office.probe(cast.anna),
            late: office.probe(cast.anna),
            olena: office.probe(cast.olena),
            admin: office.probe(cast.admin),
            office: &office,
        };
        let mut places = BTreeMap::new();
        for name in ["live", "trashed", "erased", "moved"] {
            let place = set.place(name, ihor);
            places.insert(name, place);
        }
        let columns = [
            ("anna", cast.anna),
            ("bohdan", cast.bohdan),
            ("oleh", oleh),
            ("taras", cast.taras),
            ("olena", cast.olena),
            ("maria", cast.maria),
            ("admin", cast.admin),
            // Credentials that open nothing.
            ("expired", cast.anna),
            ("revoked", cast.anna),
            ("left", left),
        ];
        let mut askers = BTreeMap::new();
        // The expired one's token is ten minutes older than everybody else's.
        let mut probes: Vec<(&'static str, Probe)> = vec![("expired", office.probe(cast.anna))];
        office.clock.forward(Duration::minutes(11));
        for (name, user) in columns.iter().filter(|(name, _)| *name != "expired") {
            // Anna's own phone was there when clients left her, and has said that they are gone.
            let probe = if *name == "anna" { set.renewed_anna() } else { office.probe(*user) };
            probes.push((name, probe));
        }
        for (name, mut probe) in probes {
            let own = RecordId(office.ids.fresh());
            if name != "expired" {
                let patch = Patch::new().set(client::NAME, format!("Свой {name}"));
                let made = made(&office, &mut probe, (&client::KIND, own, Home::Client(own)), &patch);
                assert_eq!(made, Outcome::Accepted);
                probe.pull().unwrap();
            }
            let hello = probe.hello(Some(GroupId(Uuid::from_u128(5))), false);
            askers.insert(name, Asker { identity: probe.identity.clone(), hello, own });
        }
        office.door().revoke_device(askers["revoked"].identity.device, None).unwrap();
        office.door().deactivate(left).unwrap();
        let (clock, ids) = (office.clock.clone(), office.ids.clone());
        drop(set);
        drop(office);
        Self { people, places, askers, file, clock, ids, _folder: folder }
    }
}

/// The office while it is being prepared.
struct Setting<'o> {
    office: &'o Office,
    anna: Probe,
    /// A device of Anna's that stayed away.
    late: Probe,
    olena: Probe,
    admin: Probe,
}

impl Setting<'_> {
    /// A client of Anna's with everything that can be asked about, then what the name says.
    fn place(&mut self, name: &str, meanwhile: UserId) -> Place {
        let office = self.office;
        let cast = office.cast;
        let id = || RecordId(office.ids.fresh());
        let (firm, human, visit, handed) = (id(), id(), id(), id());
        let home = Home::Client(firm);
        let text = |what: &str| format!("{what} МАРКЕР-{name}");
        let plan = Patch::new()
            .set(interaction::CHANNEL, "visit".to_owned())
            .set(interaction::STATE, "planned".to_owned())
            .set(interaction::SUBJECT, text("визит"));
        let firm_patch = Patch::new().set(client::NAME, text("фирма"));
        let human_patch = Patch::new().set(person::NAME, text("человек"));
        for (kind, id, patch) in [
            (&client::KIND, firm, &firm_patch),
            (&person::KIND, human, &human_patch),
            (&interaction::KIND, visit, &plan),
            (&interaction::KIND, handed, &plan),
        ] {
            assert_eq!(made(office, &mut self.anna, (kind, id, home), patch), Outcome::Accepted);
        }
        self.anna.pull().unwrap();
        self.late.pull().unwrap();
        let until = office.now() + Duration::days(5);
        let redirect = Order::RedirectInteraction {
            interaction: handed,
            from: cast.anna,
            to: cast.bohdan,
            comment: "прошу".to_owned(),
            until,
        };
        applied(office, &mut self.anna, redirect);

        let moved =
            |from, to| Order::MoveClients { moves: vec![Move { client: firm, from }], to, reason: "other".to_owned() };
        // While somebody else has the client, Anna's other device brings a late edit.
        applied(office, &mut self.olena, moved(cast.anna, meanwhile));
        let late = Patch::new().set(client::ADDRESS, text("поздно"));
        let Outcome::SetAside(proposal) = self.late.edit_by_hand(office, firm, late) else {
            panic!("a late edit is set aside")
        };
        let mut command = applied(office, &mut self.olena, moved(meanwhile, cast.anna));
        self.anna.pull().unwrap();
        let mut responsible = cast.anna;
        match name {
            "trashed" => {
                let trash = || Patch::new().set_key("trashed", Value::Bool(true));
                for id in [firm, human, visit] {
                    assert_eq!(self.anna.edit_by_hand(office, id, trash()), Outcome::Accepted);
                    self.anna.pull().unwrap();
                }
            }
            "erased" => {
                for id in [firm, human, visit, handed] {
                    office.door().erase(id, 0).unwrap();
                }
                office.door().keep_time().unwrap();
                self.anna.pull().unwrap();
            }
            "moved" => {
                self.olena.pull().unwrap();
                command = applied(office, &mut self.admin, moved(cast.anna, cast.taras));
                responsible = cast.taras;
                // Both have heard of it and have said that it is gone.
                self.olena.pull().unwrap();
                self.anna.pull().unwrap();
            }
            _ => {}
        }
        let absence = AbsenceId(office.ids.fresh());
        let weeks = PLACES.iter().position(|place| *place == name).unwrap();
        let from = office.now() + Duration::weeks(4 + i64::try_from(weeks).unwrap());
        let away = Order::RecordAbsence {
            absence,
            person: responsible,
            reason: "holiday".to_owned(),
            from,
            until: Some(from + Duration::days(5)),
            clients: vec![StandIn { record: firm, to: meanwhile }],
            interactions: vec![],
        };
        applied(office, &mut self.admin, away);
        let held = office.auditor().held;
        let chunks = |id: RecordId| held.records[&id].changes.concat();
        let chunks =
            Chunks { client: chunks(firm), person: chunks(human), visit: chunks(visit), handed: chunks(handed) };
        let device = office.probe(responsible).identity.device;
        // Enrolling is not what the tables are about; a spare device has to be there for somebody to take away.
        let generation = u32::from(name == "erased");
        Place {
            client: firm,
            person: human,
            visit,
            handed,
            proposal,
            command,
            device,
            absence,
            responsible,
            generation,
            chunks,
        }
    }

    /// Anna's phone with tokens of today.
    fn renewed_anna(&mut self) -> Probe {
        let identity = self.anna.identity.clone();
        let tokens = crate::routes::signed_in(&self.office.door(), &identity, PASSWORD, self.office.now()).unwrap();
        let mut probe = std::mem::replace(&mut self.anna, self.office.probe(self.office.cast.anna));
        probe.identity.tokens = Some(tokens);
        probe
    }
}

fn made(office: &Office, probe: &mut Probe, of: (&Kind, RecordId, Home), patch: &Patch) -> Outcome {
    let (kind, id, home) = of;
    let group_id = GroupId(office.ids.fresh());
    let mut frame = group(group_id, office.now());
    probe.create(&mut frame, kind, id, home, patch).unwrap();
    probe.queue(frame);
    probe.push(&*office.ids).unwrap().remove(&group_id).unwrap()
}

fn applied(office: &Office, probe: &mut Probe, order: Order) -> CommandId {
    let (id, group_id) = (CommandId(office.ids.fresh()), GroupId(office.ids.fresh()));
    let command = Command { id, at: office.now(), order, builds_on: Vec::new(), confirmed: None };
    let mut frame = group(group_id, office.now());
    let Up::Group(made) = &mut frame.message else { unreachable!() };
    made.items.push(Item::Command(command));
    probe.queue(frame);
    let outcome = probe.push(&*office.ids).unwrap().remove(&group_id).unwrap();
    assert!(matches!(outcome, Outcome::Applied(_)), "{outcome:?}");
    id
}
