//! Live connections without sockets: who gets what, and when nothing more.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use chrono::Duration as Days;
use rand::Rng;
use satchel_core::domain::ids::RecordId;
use satchel_core::domain::kinds::client;
use satchel_core::sync::device::SyncError;
use satchel_core::sync::wire::{Credit, Down, Frame, Up, pack, unpack};
use satchel_server::live::Next;
use satchel_tests::generator::dice;
use satchel_tests::harness::{Device, Office, Wired, settle};
use satchel_tests::tap;

fn pages(wired: &Wired<'_>) -> usize {
    let is_page = |body: &Vec<u8>| matches!(unpack::<Down>(body).unwrap()[0].message, Down::Page(_));
    wired.received.iter().filter(|body| is_page(body)).count()
}

fn holds(wired: &Wired<'_>, marker: &str) -> bool {
    wired.received.iter().any(|body| tap::holds(&tap::plain(body), marker.as_bytes()))
}

fn name(device: &Device, id: RecordId) -> String {
    device.text(id, client::NAME)
}

#[test]
fn an_edit_is_on_the_other_device_without_anybody_asking() {
    let office = Office::open();
    let (phone, laptop) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.anna, "laptop"));
    let (mut one, mut other) = (phone.connect(&office), laptop.connect(&office));
    settle([&mut one, &mut other]);
    let before = pages(&other);
    let id = phone.client("Альфа");
    one.edited();
    settle([&mut one, &mut other]);
    assert_eq!(name(&laptop, id), "Альфа");
    assert_eq!(pages(&other) - before, 1);
    laptop.types(id, client::NAME, "Бета".to_owned());
    other.edited();
    settle([&mut one, &mut other]);
    assert_eq!(name(&phone, id), "Бета");
    for device in [&phone, &laptop] {
        let facts = device.store().sync_facts().unwrap();
        assert_eq!((facts.n_waiting, facts.synced_at), (0, Some(office.now())));
    }
}

#[test]
fn a_month_offline_goes_up_before_anything_comes_down() {
    let office = Office::open();
    let (phone, laptop) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.anna, "laptop"));
    let theirs = laptop.client("Альфа");
    laptop.sync();
    let ids: Vec<_> = (0..1_200).map(|n| phone.client(&format!("Клиент {n}"))).collect();
    let mut wired = phone.connect(&office);
    settle([&mut wired]);
    let frames: Vec<_> = wired.received.iter().flat_map(|body| unpack::<Down>(body).unwrap()).collect();
    let first_page = frames.iter().position(|frame| matches!(frame.message, Down::Page(_))).unwrap();
    let verdicts =
        |frames: &[Frame<Down>]| frames.iter().filter(|frame| matches!(frame.message, Down::Verdict(_))).count();
    assert_eq!((verdicts(&frames[..first_page]), verdicts(&frames)), (1_200, 1_200));
    assert_eq!(name(&phone, theirs), "Альфа");
    assert_eq!(name(&phone, ids[1_199]), "Клиент 1199");
    assert_eq!(phone.store().sync_facts().unwrap().n_waiting, 0);
}

#[test]
fn vis_1_who_sees_nothing_of_a_change_is_sent_nothing() {
    let office = Office::open();
    let anna = office.ready(office.cast.anna, "phone");
    let others = [office.cast.bohdan, office.cast.taras, office.cast.maria].map(|user| office.ready(user, "phone"));
    let boss = office.ready(office.cast.olena, "laptop");
    let mut wired = anna.connect(&office);
    let mut above = boss.connect(&office);
    let [mut a, mut b, mut c] = [&others[0], &others[1], &others[2]].map(|device| device.connect(&office));
    settle([&mut wired, &mut above, &mut a, &mut b, &mut c]);
    let before = [&a, &b, &c].map(|one| one.received.len());
    anna.client("marker-of-anna");
    wired.edited();
    settle([&mut wired, &mut above, &mut a, &mut b, &mut c]);
    assert!(holds(&above, "marker-of-anna"));
    assert_eq!([&a, &b, &c].map(|one| one.received.len()), before);
}

#[test]
fn vis_3_a_client_that_is_moved_leaves_one_device_and_comes_to_another_while_both_are_connected() {
    let office = Office::open();
    let (anna, bohdan) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.bohdan, "phone"));
    let boss = office.ready(office.cast.olena, "laptop");
    let id = anna.client("Альфа");
    anna.sync();
    boss.sync();
    let (mut one, mut other, mut above) = (anna.connect(&office), bohdan.connect(&office), boss.connect(&office));
    settle([&mut one, &mut other, &mut above]);
    boss.move_clients(&[id], office.cast.anna, office.cast.bohdan);
    above.edited();
    settle([&mut above]);
    // Typed before the news came: it goes up before the client goes, and waits for a decision.
    anna.types(id, client::CITY, "Львів".to_owned());
    settle([&mut one, &mut other, &mut above]);
    assert_eq!(name(&bohdan, id), "Альфа");
    assert!(anna.sees(id).is_none());
    assert!(bohdan.proposed_records().contains(&id), "the late edit waits for his decision");
    let devices = office.storage().devices(Some(office.cast.anna)).unwrap();
    assert_eq!(devices[0].n_purges, 0, "the purge was acknowledged on the same connection");
}

#[test]
fn rev_1_a_device_revoked_while_connected_is_sent_nothing_more() {
    let office = Office::open();
    let (phone, laptop) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.anna, "laptop"));
    let (mut one, mut other) = (phone.connect(&office), laptop.connect(&office));
    settle([&mut one, &mut other]);
    phone.client("marker-before");
    one.edited();
    while one.step() {}
    // The page lies ready, read while the device still had its rights.
    office.roster.deliver(&office.door());
    let before = other.received.len();
    office.door().revoke_device(laptop.id, None).unwrap();
    phone.client("marker-after");
    one.edited();
    settle([&mut one, &mut other]);
    assert!(!other.lasts());
    assert!(!holds(&other, "marker-before") && !holds(&other, "marker-after"));
    assert!(other.received.len() <= before + 1, "a refusal at most");
    assert_eq!(office.roster.n_connected(), 1);
}

#[test]
fn rev_1_without_a_good_token_no_page_is_sent_and_a_new_one_comes_in_time() {
    let office = Office::open();
    let (phone, laptop) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.anna, "laptop"));
    let (mut one, mut other) = (phone.connect(&office), laptop.connect(&office));
    settle([&mut one, &mut other]);
    // The phone's half notices the time and shows its refresh token; the laptop's sleeps.
    office.clock.forward(Days::seconds(9 * 60 + 45));
    one.later(Duration::from_secs(9 * 60 + 45));
    settle([&mut one]);
    office.clock.forward(Days::seconds(60));
    let id = phone.client("marker");
    one.edited();
    settle([&mut one, &mut other]);
    assert!(one.lasts());
    assert!(!other.lasts() && !holds(&other, "marker"));
    assert!(matches!(other.ended, Some(SyncError::SignedOut)));
    // Anew, with the refresh token in the first message.
    let mut other = laptop.connect(&office);
    settle([&mut one, &mut other]);
    assert_eq!(name(&laptop, id), "marker");
    office.clock.forward(Days::minutes(5));
    phone.client("another");
    one.edited();
    settle([&mut one, &mut other]);
    assert!(one.lasts() && other.lasts());
}

/// [REV-1] [VIS-1] Devices of one person that stand at the same place share what was read, never whether they may have
/// it; another person's share nothing with them.
#[test]
fn rev_1_what_one_device_of_a_person_is_sent_another_is_not_once_its_token_is_not_good() {
    let office = Office::open();
    let author = office.ready(office.cast.anna, "desktop");
    let (phone, laptop) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.anna, "laptop"));
    let stranger = office.ready(office.cast.bohdan, "phone");
    author.sync();
    let (mut one, mut other, mut third) = (phone.connect(&office), laptop.connect(&office), stranger.connect(&office));
    settle([&mut one, &mut other, &mut third]);
    let id = author.client("Альфа");
    author.sync();
    settle([&mut one, &mut other, &mut third]);
    author.types(id, client::NAME, "Бета".to_owned());
    author.sync();
    settle([&mut one, &mut other, &mut third]);
    assert_eq!((name(&phone, id), name(&laptop, id)), ("Бета".to_owned(), "Бета".to_owned()));
    assert_eq!(one.received.last(), other.received.last());
    office.clock.forward(Days::seconds(9 * 60 + 45));
    one.later(Duration::from_secs(9 * 60 + 45));
    settle([&mut one]);
    office.clock.forward(Days::seconds(60));
    author.types(id, client::NAME, "Омега".to_owned());
    author.sync();
    settle([&mut one, &mut other]);
    assert_eq!(name(&phone, id), "Омега");
    assert!(matches!(other.ended, Some(SyncError::SignedOut)));
    assert!(!holds(&other, "Омега") && !holds(&third, "Альфа") && !holds(&third, "Омега"));
}

#[test]
fn a_device_has_one_connection_and_the_newer_one_counts() {
    let office = Office::open();
    let phone = office.ready(office.cast.anna, "phone");
    let mut old = phone.connect(&office);
    settle([&mut old]);
    let mut new = phone.connect(&office);
    settle([&mut new, &mut old]);
    assert!(!old.lasts() && new.lasts());
    assert_eq!(office.roster.n_connected(), 1);
}

#[test]
fn one_who_does_not_read_holds_one_page_and_nobody_up() {
    let office = Office::open();
    let cast = office.cast;
    let (phone, slow, laptop) =
        (office.ready(cast.anna, "phone"), office.ready(cast.anna, "slow"), office.ready(cast.anna, "laptop"));
    let (mut one, mut stuck, mut other) = (phone.connect(&office), slow.connect(&office), laptop.connect(&office));
    settle([&mut one, &mut stuck, &mut other]);
    let before = stuck.received.len();
    let mut last = None;
    for n in 0..40 {
        last = Some(phone.client(&format!("Клиент {n}")));
        one.edited();
        settle([&mut one, &mut other]);
    }
    assert_eq!(name(&laptop, last.unwrap()), "Клиент 39");
    assert_eq!(stuck.received.len(), before);
    // What it was not sent yet comes in a few pages, not in forty.
    settle([&mut stuck]);
    assert_eq!(name(&slow, last.unwrap()), "Клиент 39");
    assert!(stuck.received.len() <= before + 2, "{}", stuck.received.len() - before);
}

#[test]
fn the_server_never_sends_more_pages_than_it_was_given_credit_for() {
    let office = Office::open();
    let phone = office.ready(office.cast.anna, "phone");
    let mut one = phone.connect(&office);
    settle([&mut one]);
    // A reader by hand: it says hello with room for two pages.
    let request = Frame::bare(Up::Hello(office.probe(office.cast.anna).hello(None, false)));
    let door = office.door();
    let body = pack(&[request, Frame::bare(Up::Credit(Credit { pages: 2, bytes: 0 }))]).unwrap();
    let heard = door.hear(&body, None).unwrap();
    let seat = office.roster.join(satchel_server::live::Seat::new(heard.standing.unwrap(), &heard.credit));
    let sent = || {
        let mut n = 0;
        loop {
            match seat.next(false) {
                Next::Send(..) => n += 1,
                Next::Read(due) => door.live_pages(&[due], &mut |_, page| seat.took(page)),
                Next::Queue => {
                    office.roster.queue(&seat);
                    office.roster.deliver(&door);
                }
                _ => return n,
            }
        }
    };
    assert_eq!(sent(), 1, "where it stands");
    for n in 0..5 {
        phone.client(&format!("Клиент {n}"));
        one.edited();
        settle([&mut one]);
        assert_eq!(sent(), u32::from(n == 0));
    }
    assert!(matches!(seat.next(true), Next::Talk));
    let more = pack(&[Frame::bare(Up::Credit(Credit { pages: 1, bytes: 0 }))]).unwrap();
    let heard = door.hear(&more, Some(seat.session)).unwrap();
    seat.talked(heard.standing, &heard.credit);
    assert_eq!(sent(), 1);
}

#[test]
fn cut_anywhere_nothing_is_lost_and_nothing_comes_twice() {
    let seed = 20_261_122;
    let mut dice = dice(seed);
    for round in 0..12 {
        let office = Office::open();
        let (phone, laptop) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.anna, "laptop"));
        let id = phone.client("Альфа");
        for n in 0..6 {
            let (mut one, mut other) = (phone.connect(&office), laptop.connect(&office));
            phone.types(id, client::CITY, format!("город {n}"));
            laptop.client(&format!("Клиент {n}"));
            one.edited();
            other.edited();
            for _ in 0..dice.random_range(0..12) {
                if dice.random_bool(0.5) {
                    one.step()
                } else {
                    other.step()
                };
                office.roster.deliver(&office.door());
            }
            one.hang_up();
            other.hang_up();
        }
        let (mut one, mut other) = (phone.connect(&office), laptop.connect(&office));
        settle([&mut one, &mut other]);
        assert!(one.lasts() && other.lasts(), "seed {seed}, round {round}: {:?} {:?}", one.ended, other.ended);
        for device in [&phone, &laptop] {
            assert_eq!(device.text(id, client::CITY), "город 5", "seed {seed}, round {round}");
            assert_eq!(device.store().sync_facts().unwrap().n_waiting, 0, "seed {seed}, round {round}");
        }
        assert_eq!(office.auditor().held.records.len(), 7, "seed {seed}, round {round}");
    }
}

#[test]
fn a_line_that_is_dead_is_noticed() {
    let office = Office::open();
    let phone = office.ready(office.cast.anna, "phone");
    let mut wired = phone.connect(&office);
    settle([&mut wired]);
    wired.silent(Duration::from_secs(74));
    assert!(wired.lasts());
    wired.later(Duration::from_secs(1));
    wired.silent(Duration::from_secs(74));
    assert!(wired.lasts(), "a sign of life counts");
    wired.silent(Duration::from_secs(1));
    assert!(matches!(wired.ended, Some(SyncError::Net(_))));
    // With an answer outstanding sooner.
    let mut wired = phone.connect(&office);
    settle([&mut wired]);
    phone.client("Альфа");
    wired.edited();
    wired.silent(Duration::from_secs(29));
    assert!(wired.lasts());
    wired.silent(Duration::from_secs(1));
    assert!(!wired.lasts());
    assert_eq!(phone.store().sync_facts().unwrap().n_waiting, 1);
}

#[test]
fn a_round_made_meanwhile_ends_the_connection_instead_of_mixing_with_it() {
    let office = Office::open();
    let (phone, laptop) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.anna, "laptop"));
    let (mut one, mut other) = (phone.connect(&office), laptop.connect(&office));
    settle([&mut one, &mut other]);
    laptop.client("Альфа");
    other.edited();
    settle([&mut other]);
    // The page for the phone is read; then the phone makes a client and has it taken over HTTP.
    let id = phone.client("Бета");
    phone.sync();
    settle([&mut one, &mut other]);
    assert!(!one.lasts());
    let mut one = phone.connect(&office);
    settle([&mut one, &mut other]);
    assert_eq!(name(&phone, id), "Бета");
    assert_eq!(name(&laptop, id), "Бета");
}
