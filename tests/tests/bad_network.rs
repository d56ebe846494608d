//! Sync over a network that is slow, breaks off, hangs, lies, or belongs to a hotel. Nobody crashes, nobody takes it
//! for the office's word, and once it heals everybody has the same [DUR-4, REV-4, CONV-1].
//!
//! The server answers on a real socket; the clock is the tests' own.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use rand::Rng;
use satchel_core::domain::ids::RecordId;
use satchel_core::domain::kinds::client;
use satchel_core::store::outbox::ItemState;
use satchel_core::sync::device::http::Http;
use satchel_core::sync::device::{NetError, Report, SyncError, Transport, identity, sync_once};
use satchel_tests::faults::Served;
use satchel_tests::generator::dice;
use satchel_tests::harness::{Device, Office, Proxy, Weather};

/// An office on a socket, with a proxy before it.
struct Site {
    office: Office,
    proxy: Proxy,
    _served: Served,
}

impl Site {
    fn open() -> Self {
        let office = Office::open();
        let served = Served::office(office.door()).unwrap();
        let proxy = Proxy::open(served.address).unwrap();
        Self { office, proxy, _served: served }
    }

    /// Over a connection of its own, with little patience.
    fn contact(&self, device: &Device) -> Result<Report, SyncError> {
        let net = Http::with_patience(&self.proxy.url, Duration::from_millis(1500));
        sync_once(device.store(), &net, &self.office.clock, &*self.office.ids, "tests", None, &|_| {})
    }

    /// What Anna does before each contact.
    fn work(&self, anna: &Device, n: usize) -> RecordId {
        let firm = anna.client(&format!("Фірма {n}"));
        anna.person(firm, &format!("Людина {n}"));
        anna.log(firm, &"розмова ".repeat(40));
        firm
    }

    /// The network is well again: everything goes up, and a colleague's device has the same.
    fn heals(&self, anna: &Device, olena: &Device, what: &str) {
        self.proxy.set(Weather::default());
        let report = self.contact(anna).unwrap_or_else(|error| panic!("{what}: after healing: {error:?}"));
        assert!(report.complete, "{what}");
        assert_eq!(anna.waiting(ItemState::Waiting).len(), 0, "{what}");
        assert_eq!(anna.waiting(ItemState::Refused).len(), 0, "{what}");
        olena.sync();
        let firms = anna.rows("client");
        assert_eq!(firms.len(), olena.rows("client").len(), "{what}: every client once");
        for firm in firms {
            let (here, there) = (anna.sees(firm.id).unwrap(), olena.sees(firm.id).unwrap());
            assert_eq!(here.record, there.record, "{what}");
        }
        assert_eq!(anna.all_records(), olena.all_records(), "{what}");
    }
}

/// A bad contact may fail, and must not be taken for an order of the office.
fn is_no_order(device: &Device, outcome: &Result<Report, SyncError>, what: &str) {
    match outcome {
        Ok(_) | Err(SyncError::Net(_) | SyncError::Malformed) => {}
        // The server could not read what arrived; it is asked again.
        Err(SyncError::Denied(code)) if code == "malformed" => {}
        Err(error) => panic!("{what}: {error:?}"),
    }
    let facts = device.store().sync_facts().unwrap();
    assert!(!facts.revoked && !facts.signed_out, "{what}: {facts:?}");
}

fn weather(change: impl FnOnce(&mut Weather)) -> Weather {
    let mut weather = Weather::default();
    change(&mut weather);
    weather
}

/// Runs every weather in turn: work, a bad contact with good tokens, another with expired ones, healing.
fn plays(weathers: impl IntoIterator<Item = (String, Weather)>) -> usize {
    let site = Site::open();
    let office = &site.office;
    let (anna, olena) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.olena, "laptop"));
    let mut n = 0;
    for (what, weather) in weathers {
        site.proxy.set(weather);
        let firm = site.work(&anna, n);
        is_no_order(&anna, &site.contact(&anna), &what);
        // Now the refresh token goes up as well, and its answer may be lost (REV-4).
        office.clock.forward(chrono::Duration::minutes(11));
        anna.types(firm, client::CITY, format!("Місто {n}"));
        for _ in 0..2 {
            is_no_order(&anna, &site.contact(&anna), &what);
            office.clock.forward(chrono::Duration::seconds(15));
        }
        site.heals(&anna, &olena, &what);
        n += 1;
    }
    n
}

#[test]
fn a_slow_network_carries_everything() {
    let slow = [
        weather(|it| it.latency = Duration::from_millis(20)),
        weather(|it| it.bytes_per_tick = Some(200)),
        weather(|it| (it.latency, it.bytes_per_tick) = (Duration::from_millis(5), Some(100))),
    ];
    assert_eq!(plays(slow.map(|one| (format!("{one:?}"), one))), 3);
}

#[test]
fn dur_4_a_connection_cut_at_any_byte_loses_nothing_and_doubles_nothing() {
    // How long an exchange is, both ways.
    let site = Site::open();
    let anna = site.office.ready(site.office.cast.anna, "phone");
    site.work(&anna, 0);
    site.contact(&anna).unwrap();
    let (up, down) = site.proxy.n_of_latest();
    assert!(up > 600 && down > 150, "{up} up, {down} down");
    let points: usize = std::env::var("SATCHEL_CUTS").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    let ups = (0..points).map(|n| weather(|it| it.cut_up = Some(n * up / points)));
    let downs = (0..points).map(|n| weather(|it| it.cut_down = Some(n * down / points)));
    let n = plays(ups.chain(downs).map(|one| (format!("{one:?}"), one)));
    println!("{n} cuts of {} bytes", up + down);
}

#[test]
fn a_connection_that_hangs_ends_by_the_devices_own_patience() {
    plays([0, 200].map(|n| (format!("hangs after {n}"), weather(|it| it.stall_down = Some(n)))));
}

#[test]
fn a_byte_that_arrives_as_another_one_is_noticed() {
    let seed = std::env::var("SATCHEL_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(7);
    let points: usize = std::env::var("SATCHEL_CUTS").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    println!("seed {seed}");
    let mut dice = dice(seed);
    let at: Vec<(usize, usize)> =
        (0..points).map(|_| (dice.random_range(0..1200), dice.random_range(0..420))).collect();
    let ups = at.iter().map(|(up, _)| weather(|it| it.corrupt_up = Some(*up)));
    let downs = at.iter().map(|(_, down)| weather(|it| it.corrupt_down = Some(*down)));
    plays(ups.chain(downs).map(|one| (format!("seed {seed}: {one:?}"), one)));
}

#[test]
fn a_request_that_arrives_twice_counts_once() {
    plays([("twice".to_owned(), weather(|it| it.twice = true))]);
}

#[test]
fn a_hotels_page_is_neither_the_office_nor_an_order_of_it() {
    let html = "<html><body>Welcome to the hotel</body></html>";
    let page = |status: &str, kind: &str, body: &str| {
        format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    };
    let portals = [
        page("200 OK", "text/html", html),
        page("200 OK", "application/json", "{}"),
        page("200 OK", "application/octet-stream", html),
        page("302 Found\r\nlocation: http://hotel.example/", "text/html", ""),
        page("401 Unauthorized", "text/html", html),
        page("403 Forbidden", "application/json", "{\"error\":\"sign in first\"}"),
        page("511 Network Authentication Required", "text/html", html),
        "HTTP/1.1 200 OK\r\n".to_owned(),
        html.to_owned(),
    ];
    assert_eq!(plays(portals.map(|one| (one.clone(), weather(|it| it.portal = Some(one))))), 9);
}

#[test]
fn a_hotels_page_is_told_as_somebody_elses_answer() {
    let site = Site::open();
    let page = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 4\r\n\r\n<h1>";
    site.proxy.set(weather(|it| it.portal = Some(page.to_owned())));
    let net = Http::with_patience(&site.proxy.url, Duration::from_millis(1500));
    assert_eq!(net.post("/v1/sync", None, "application/octet-stream", b"x"), Err(NetError::Foreign));
    let anna = site.office.ready(site.office.cast.anna, "phone");
    let error = site.contact(&anna).unwrap_err();
    assert_eq!(error.code(), "wrong_server");
}

#[test]
fn rev_4_a_pair_of_tokens_lost_on_the_way_is_given_again_within_the_grace_and_not_after() {
    for (late, signed_out) in [(20, false), (120, true)] {
        let site = Site::open();
        let office = &site.office;
        let anna = office.ready(office.cast.anna, "phone");
        office.clock.forward(chrono::Duration::minutes(11));
        // The answer with the new pair breaks off.
        site.proxy.set(weather(|it| it.cut_down = Some(60)));
        assert!(site.contact(&anna).is_err());
        office.clock.forward(chrono::Duration::seconds(late));
        site.proxy.set(Weather::default());
        let outcome = site.contact(&anna);
        assert_eq!(matches!(outcome, Err(SyncError::SignedOut)), signed_out, "{late} s later: {outcome:?}");
        if signed_out {
            // The password opens it again; nothing is lost.
            let net: Arc<dyn Transport> = Arc::new(Http::new(&site.proxy.url));
            identity::sign_in(anna.store(), &*net, satchel_tests::harness::PASSWORD, office.now()).unwrap();
            site.contact(&anna).unwrap();
        }
    }
}
