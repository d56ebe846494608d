//! The server goes back to a backup, and nothing acknowledged that a living device holds is lost ([DUR-7], rule 24).

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use satchel_core::domain::authority::{Home, actor_bytes};
use satchel_core::domain::ids::{GroupId, RecordId};
use satchel_core::domain::kinds::{client, interaction, person};
use satchel_core::domain::order::Order;
use satchel_core::domain::patch::Patch;
use satchel_core::store::outbox::ItemState;
use satchel_core::sync::device::{SyncError, Transport};
use satchel_core::sync::wire::*;
use satchel_server::storage::HeldWhat;
use satchel_tests::harness::{Device, Office};
use satchel_tests::tap;

/// An office whose database is a file, with a place for its backup.
struct Kept {
    office: Office,
    database: PathBuf,
    backup: PathBuf,
    _folder: tempfile::TempDir,
}

impl Kept {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (database, backup) = (folder.path().join("server.sqlite"), folder.path().join("backup.sqlite"));
        Self { office: Office::in_file(&database), database, backup, _folder: folder }
    }

    fn back_up(&self) {
        self.office.backup(&self.database, &self.backup);
    }

    fn restore(&mut self) {
        self.office.restore(&self.backup, &self.database);
    }

    /// All records with all their changes, as the admin's fresh device gets them.
    fn truth(&self) -> BTreeMap<RecordId, Vec<Vec<u8>>> {
        let auditor = self.office.auditor();
        let records = auditor.held.records.into_iter().map(|(id, held)| {
            let mut changes = held.changes;
            changes.sort();
            (id, changes)
        });
        records.collect()
    }

    fn held(&self, what: HeldWhat) -> Vec<u64> {
        self.office.door().held().unwrap().iter().filter(|item| item.what == what).map(|item| item.n).collect()
    }
}

fn is_held(device: &Device) {
    assert!(matches!(device.try_sync(), Err(SyncError::Denied(code)) if code == "held"));
}

#[test]
fn dur_7_a_hundred_edits_of_after_the_backup_come_back_byte_for_byte() {
    let mut kept = Kept::new();
    let office = &kept.office;
    let phone = office.ready(office.cast.anna, "phone");
    let laptop = office.ready(office.cast.anna, "laptop");
    let desk = office.ready(office.cast.olena, "desk");
    let firm = phone.client("Альфа");
    for device in [&phone, &laptop, &desk] {
        device.sync();
    }
    kept.back_up();
    let n = kept.truth().len();
    for round in 0..34 {
        for (idx, device) in [&phone, &laptop, &desk].into_iter().enumerate() {
            match round % 3 {
                0 => device.types(firm, client::CITY, format!("город {round} {idx}")),
                1 => drop(device.log(firm, &format!("итог {round} {idx}"))),
                _ => drop(device.person(firm, &format!("Человек {round} {idx}"))),
            }
            device.sync();
        }
    }
    for device in [&phone, &laptop, &desk] {
        device.sync();
    }
    let before = kept.truth();
    assert!(before.len() > n + 60);
    let unsent = phone.offline().plan(firm, "не отправлено до отката");

    kept.restore();
    phone.online();
    for device in [&phone, &laptop, &desk] {
        device.line.take_log();
        is_held(device);
        for one in device.line.take_log() {
            assert_eq!(tap::change_bytes(&one.received), 0, "{} carries data from a held server", one.path);
        }
        assert_eq!(device.text(firm, client::NAME), "Альфа");
    }
    // Waiting costs nothing more than asking.
    phone.line.take_log();
    is_held(&phone);
    assert!(phone.line.take_log().iter().map(|one| one.sent.len()).sum::<usize>() < 4096);
    assert_eq!(phone.waiting(ItemState::Waiting).len(), 1);
    kept.office.door().release().unwrap();
    for device in [&phone, &laptop, &desk, &phone] {
        device.sync();
    }
    let mut after = kept.truth();
    assert!(after.remove(&unsent).is_some(), "what waited went up as well");
    assert_eq!(after, before);
    for device in [&phone, &laptop, &desk] {
        device.store().check_soon().unwrap();
        assert!(device.sync().report.repaired.is_nothing());
    }
    assert!(kept.office.storage().examine(false).unwrap().is_empty());
    let vouched = kept.office.storage().audit_rows(1000).unwrap();
    assert!(vouched.iter().filter(|row| row.action == "record_vouched").count() > 60);
}

/// Our own devices do not ask before the release; one that does is told the same, over HTTP and live.
#[test]
fn dur_7_a_held_server_sends_no_page_to_one_who_asks_in_its_new_epoch() {
    let mut kept = Kept::new();
    let phone = kept.office.ready(kept.office.cast.anna, "phone");
    phone.client("Альфа");
    phone.sync();
    kept.back_up();
    kept.restore();
    is_held(&phone);
    let office = &kept.office;
    let organisation = office.storage().organisation().unwrap().unwrap();
    let access = phone.store().access_token(office.now()).unwrap().unwrap();
    let hello = Hello {
        protocol: PROTOCOL,
        app: "tests".to_owned(),
        organisation: organisation.id,
        device: phone.id,
        credential: Credential::Access(access),
        epoch: organisation.epoch,
        incarnation: 0,
        push_counter: 0,
        push_id: None,
        cursor: Cursor::default(),
        ahead: false,
        purged: Vec::new(),
        n_unsent: 0,
        pull: true,
        credit: 1024 * 1024,
        want_devices: false,
        clock: None,
        snapshots: true,
    };
    let body = pack(&[Frame::bare(Up::Hello(hello))]).unwrap();
    let answer = unpack::<Down>(&office.door().sync(&body)).unwrap();
    assert!(matches!(&answer[0].message, Down::Welcome(welcome) if welcome.held) && answer.len() == 1, "{answer:?}");
    let refusal = office.door().hear(&body, None).unwrap_err();
    let refusal = unpack::<Down>(&refusal).unwrap().remove(0).message;
    assert!(matches!(&refusal, Down::Refused(denied) if denied.code == "held"), "{refusal:?}");
}

#[test]
fn dur_7_what_a_device_that_is_gone_made_is_brought_back_by_a_colleagues() {
    let mut kept = Kept::new();
    let office = &kept.office;
    let phone = office.ready(office.cast.anna, "phone");
    let desk = office.ready(office.cast.olena, "desk");
    kept.back_up();
    let firm = phone.client("Бета");
    let boss = phone.person(firm, "Петров");
    phone.sync();
    desk.sync();
    desk.types(boss, person::POSITION, "директор");
    desk.sync();
    let before = kept.truth();
    drop(phone);
    kept.restore();
    assert_eq!(kept.office.storage().counts().unwrap().records, 0);
    is_held(&desk);
    kept.office.door().release().unwrap();
    desk.sync();
    assert_eq!(kept.truth(), before);
    // The client is Anna's, who made it, and not her supervisor's, who brought it.
    let laptop = kept.office.ready(kept.office.cast.anna, "laptop");
    assert_eq!(laptop.text(boss, person::POSITION), "директор");
    assert_eq!(laptop.responsible(firm), Some(kept.office.cast.anna));
    assert_eq!(desk.text(firm, client::NAME), "Бета");
}

#[test]
fn dur_7_a_revocation_and_a_move_lost_with_the_backup_wait_for_the_admins_word() {
    let mut kept = Kept::new();
    let office = &kept.office;
    let (anna, bohdan) = (office.cast.anna, office.cast.bohdan);
    let stolen = office.ready(anna, "stolen");
    let phone = office.ready(anna, "phone");
    let tablet = office.ready(bohdan, "tablet");
    let desk = office.ready(office.cast.olena, "desk");
    let firm = phone.client("Гамма");
    for device in [&phone, &stolen, &desk] {
        device.sync();
    }
    kept.back_up();
    desk.order(Order::RevokeDevice { device: stolen.id, wipe: None });
    desk.move_clients(&[firm], anna, bohdan);
    desk.sync();
    desk.store().ask_for_devices().unwrap();
    for device in [&desk, &tablet, &phone] {
        device.sync();
    }
    let call = tablet.log(firm, "теперь мой");
    tablet.sync();
    let before = kept.truth();

    kept.restore();
    is_held(&desk);
    is_held(&tablet);
    is_held(&phone);
    assert_eq!(kept.held(HeldWhat::Revocation).len(), 1);
    assert_eq!(kept.held(HeldWhat::Move).len(), 1);
    for item in kept.office.door().held().unwrap() {
        kept.office.door().confirm_held(item.n).unwrap();
    }
    is_held(&tablet);
    kept.office.door().release().unwrap();
    for device in [&desk, &tablet, &phone] {
        device.sync();
    }
    assert!(matches!(stolen.try_sync(), Err(SyncError::Revoked | SyncError::SignedOut)));
    assert_eq!(kept.truth(), before);
    assert_eq!(tablet.text(call, interaction::RESULT), "теперь мой");
    assert_eq!(desk.responsible(firm), Some(bohdan));
    assert!(!phone.holds_home(firm));
}

#[test]
fn a_device_made_after_the_backup_waits_for_the_admin_and_so_do_its_changes() {
    let mut kept = Kept::new();
    let office = &kept.office;
    let desk = office.ready(office.cast.olena, "desk");
    kept.back_up();
    let phone = office.ready(office.cast.anna, "phone");
    let firm = phone.client("Дельта");
    phone.sync();
    desk.sync();
    let before = kept.truth();
    kept.restore();
    assert!(matches!(phone.try_sync(), Err(SyncError::SignedOut)));
    assert_eq!(phone.text(firm, client::NAME), "Дельта");
    is_held(&desk);
    let items = kept.held(HeldWhat::Device);
    assert_eq!(items.len(), 1);
    assert_eq!(kept.office.storage().counts().unwrap().records, 0);
    kept.office.door().confirm_held(items[0]).unwrap();
    is_held(&desk);
    kept.office.door().release().unwrap();
    desk.sync();
    assert_eq!(kept.truth(), before);
}

#[test]
fn only_a_device_that_has_not_come_back_yet_may_vouch_for_others() {
    let kept = Kept::new();
    let office = &kept.office;
    let phone = office.ready(office.cast.anna, "phone");
    let tablet = office.ready(office.cast.bohdan, "tablet");
    let firm = tablet.client("Эпсилон");
    tablet.sync();
    let access = phone.store().access_token(office.now()).unwrap().unwrap();
    let ask = |bring: &Bring| {
        let body = pack(&[Frame::bare(bring)]).unwrap();
        unpack::<Brought>(&phone.line.post(paths::BRING, Some(&access), "", &body).unwrap()).unwrap().remove(0).message
    };
    let record = RecordKey { id: firm, generation: 0 };
    assert_eq!(ask(&Bring::Offer(vec![Offered { record, heads: vec![vec![7; 32]] }])), Brought::Wanted(Vec::new()));
    let told = Mirror { revoked: vec![tablet.id], ..Mirror::default() };
    assert_eq!(ask(&Bring::Mirror(told)), Brought::Noted);
    assert!(office.door().held().unwrap().is_empty());
    // A whole record as it would be brought back, with a forged edit in its owner's name on top.
    let truth = office.auditor().held.records.remove(&firm).unwrap();
    let forged = Patch::new().set(client::CITY, "подделка".to_owned());
    let forged = truth.doc().unwrap().edit(&client::KIND, &forged, &actor_bytes(tablet.id, 0), office.now()).unwrap();
    let mut blobs = truth.changes.clone();
    blobs.extend(forged);
    let vouch = |device: &Device| {
        let access = device.store().access_token(kept.office.now()).unwrap().unwrap();
        let (n, homes) = (u32::try_from(blobs.len()).unwrap(), vec![Home::Client(firm)]);
        let items = vec![Item::Create { record, kind: "client".to_owned(), homes }, Item::Changes { record, n }];
        let id = GroupId(firm.0);
        let group = Group { id, at: kept.office.now(), depends_on: Vec::new(), items };
        let body = pack(&[Frame { message: Bring::Record(group), blobs: blobs.clone() }]).unwrap();
        let answer = device.line.post(paths::BRING, Some(&access), "", &body).unwrap();
        match unpack::<Brought>(&answer).unwrap().remove(0).message {
            Brought::Verdict(verdict) => verdict.outcome,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(vouch(&phone), Outcome::Refused("no_access".to_owned()));
    assert_eq!(vouch(&tablet), Outcome::Refused("no_access".to_owned()));
    assert_eq!(office.auditor().held.records.remove(&firm).unwrap().changes, truth.changes);
}

#[test]
fn vis_4_even_after_a_restore_nobody_vouches_for_what_he_does_not_see() {
    let mut kept = Kept::new();
    let office = &kept.office;
    let phone = office.ready(office.cast.anna, "phone");
    let tablet = office.ready(office.cast.bohdan, "tablet");
    let firm = tablet.client("Эпсилон");
    tablet.sync();
    kept.back_up();
    let before = kept.truth();
    kept.restore();
    is_held(&phone);
    let forged = Patch::new().set(client::CITY, "подделка".to_owned());
    let mut blobs = before[&firm].clone();
    let mut doc = satchel_core::docs::Doc::load(&blobs.concat()).unwrap();
    blobs.extend(doc.edit(&client::KIND, &forged, &actor_bytes(tablet.id, 0), kept.office.now()).unwrap());
    let access = phone.store().access_token(kept.office.now()).unwrap().unwrap();
    let record = RecordKey { id: firm, generation: 0 };
    let (n, homes) = (u32::try_from(blobs.len()).unwrap(), vec![Home::Client(firm)]);
    let items = vec![Item::Create { record, kind: "client".to_owned(), homes }, Item::Changes { record, n }];
    let group = Group { id: GroupId(firm.0), at: kept.office.now(), depends_on: Vec::new(), items };
    let body = pack(&[Frame { message: Bring::Record(group), blobs }]).unwrap();
    let answer = phone.line.post(paths::BRING, Some(&access), "", &body).unwrap();
    let Brought::Verdict(verdict) = unpack::<Brought>(&answer).unwrap().remove(0).message else { panic!() };
    assert_eq!(verdict.outcome, Outcome::Refused("held".to_owned()));
    kept.office.door().release().unwrap();
    assert_eq!(kept.truth(), before);
}

/// A person erased after the backup, and typed into since; returns it with the device that knows.
fn erased_since(kept: &Kept, phone: &Device, tablet: &Device) -> RecordId {
    let firm = phone.client("Гамма");
    let human = phone.person(firm, "Жук");
    phone.types(human, person::POSITION, "директор".to_owned());
    phone.sync();
    tablet.sync();
    kept.back_up();
    kept.office.door().erase(human, 0).unwrap();
    kept.office.door().keep_time().unwrap();
    phone.sync();
    phone.types(human, person::POSITION, "бухгалтер".to_owned());
    phone.sync();
    assert_eq!(phone.text(human, person::NAME), "");
    human
}

#[test]
fn era_1_an_erasure_lost_with_the_backup_is_carried_out_again_and_what_was_typed_since_stays() {
    let mut kept = Kept::new();
    let office = &kept.office;
    let (phone, tablet) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.anna, "tablet"));
    let human = erased_since(&kept, &phone, &tablet);
    let before = kept.truth();

    kept.restore();
    is_held(&tablet);
    is_held(&phone);
    assert_eq!(kept.held(HeldWhat::Erasure).len(), 1);
    assert!(kept.office.door().release().is_err(), "nothing flows while it is open what was erased");
    for n in kept.held(HeldWhat::Erasure) {
        kept.office.door().confirm_held(n).unwrap();
    }
    kept.office.door().release().unwrap();
    for device in [&tablet, &phone, &tablet] {
        device.sync();
    }
    assert_eq!(kept.truth(), before);
    for device in [&phone, &tablet] {
        assert_eq!(device.text(human, person::NAME), "");
        assert_eq!(device.text(human, person::POSITION), "бухгалтер");
        device.store().check_soon().unwrap();
        assert!(device.sync().report.repaired.is_nothing());
    }
}

#[test]
fn a_record_that_was_never_erased_goes_on_whole_where_the_admin_says_so() {
    let mut kept = Kept::new();
    let office = &kept.office;
    let (phone, tablet) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.anna, "tablet"));
    let human = erased_since(&kept, &phone, &tablet);

    kept.restore();
    is_held(&phone);
    for n in kept.held(HeldWhat::Erasure) {
        kept.office.door().drop_held(n).unwrap();
    }
    kept.office.door().release().unwrap();
    for device in [&tablet, &phone, &tablet] {
        device.sync();
    }
    for device in [&phone, &tablet] {
        assert_eq!(device.text(human, person::NAME), "Жук");
        assert_eq!(device.text(human, person::POSITION), "директор");
        device.store().check_soon().unwrap();
        assert!(device.sync().report.repaired.is_nothing());
    }
}
