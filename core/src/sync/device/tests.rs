//! Rounds against a scripted server. What a real one decides is tested with the real one, in `tests/`.

use std::collections::VecDeque;
use std::sync::Mutex;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration, Utc};
use ed25519_dalek::{Signature, SigningKey, Verifier};

use super::*;
use crate::docs::Doc;
use crate::domain::authority::Home;
use crate::domain::clock::Clock;
use crate::domain::ids::*;
use crate::domain::kinds::client;
use crate::domain::patch::Patch;
use crate::store::tests::fixture::*;
use crate::sync::wire::*;

/// What the server does with one request.
enum Step {
    /// No answer, though the request arrived.
    Lost,
    /// Refuses the whole request.
    Refuse(&'static str),
    /// Takes every group and sends this page, if one is wanted.
    Take(Box<Page>, Vec<Vec<u8>>),
    /// Gives these outcomes, in order of the groups, and sends an empty page.
    Judge(Vec<Outcome>),
}

struct Server {
    steps: Mutex<VecDeque<Step>>,
    seen: Mutex<Vec<(Hello, Vec<Group>)>>,
    now: DateTime<Utc>,
}

impl Server {
    fn new(now: DateTime<Utc>, steps: Vec<Step>) -> Self {
        Self { steps: Mutex::new(steps.into()), seen: Mutex::default(), now }
    }

    fn hello(&self, at: usize) -> Hello {
        self.seen.lock().unwrap()[at].0.clone()
    }

    fn groups(&self, at: usize) -> Vec<GroupId> {
        self.seen.lock().unwrap()[at].1.iter().map(|group| group.id).collect()
    }

    fn n(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

impl Transport for Server {
    fn post(&self, path: &str, _: Option<&str>, _: &str, body: &[u8]) -> Result<Vec<u8>, NetError> {
        // Never restored: a device's key alone gets it nothing.
        if path == paths::COME_BACK {
            return Err(NetError::Status { status: 401, body: br#"{"code":"signed_out"}"#.to_vec() });
        }
        assert_eq!(path, paths::SYNC);
        let mut frames = unpack::<Up>(body).unwrap().into_iter();
        let Some(Up::Hello(hello)) = frames.next().map(|frame| frame.message) else { panic!("no hello") };
        let groups: Vec<Group> = frames
            .map(|frame| match frame.message {
                Up::Group(group) => group,
                Up::Hello(_) | Up::Credit(_) => panic!("neither belongs into a round"),
            })
            .collect();
        let step = self.steps.lock().unwrap().pop_front().unwrap_or_else(|| Step::Take(Box::default(), Vec::new()));
        self.seen.lock().unwrap().push((hello.clone(), groups.clone()));
        let (outcomes, page, blobs) = match step {
            Step::Lost => return Err(NetError::Offline),
            Step::Refuse(code) => {
                let denied = Denied { code: code.to_owned() };
                return Ok(pack(&[Frame::bare(Down::Refused(denied))]).unwrap());
            }
            Step::Take(mut page, blobs) => {
                page.granted.extend(groups.iter().flat_map(made_clients).map(granted));
                (vec![Outcome::Accepted; groups.len()], page, blobs)
            }
            Step::Judge(outcomes) => (outcomes, Box::default(), Vec::new()),
        };
        let refreshed = match &hello.credential {
            Credential::Access(_) => None,
            Credential::Refresh(refresh, _) => Some(tokens("fresh", &format!("{refresh}+"), self.now)),
        };
        let welcome = Welcome {
            lease_days: crate::domain::limits::LEASE_DAYS,
            held: false,
            protocol: 1,
            now: self.now,
            epoch: 1,
            tokens: refreshed,
            incarnation: None,
            push_counter: hello.push_counter + u64::from(!groups.is_empty()),
            devices: hello.want_devices.then(Vec::new),
        };
        let mut answer = vec![Frame::bare(Down::Welcome(welcome))];
        for (group, outcome) in groups.iter().zip(outcomes) {
            answer.push(Frame::bare(Down::Verdict(Verdict::of(group.id, outcome))));
        }
        if hello.pull {
            answer.push(Frame { message: Down::Page(page), blobs });
        }
        Ok(pack(&answer).unwrap())
    }

    fn base(&self) -> &str {
        "http://127.0.0.1:1"
    }
}

struct At(DateTime<Utc>);

impl Clock for At {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}

/// The page asked for ahead is thrown away where something was typed before the one in hand was written.
#[test]
fn what_is_typed_during_a_pull_goes_up_before_the_next_page_comes_down() {
    let bag = Bag::new();
    let more = |records| Page { more: true, cursor: Cursor { records, ..Cursor::default() }, ..Page::default() };
    let last = Page { cursor: Cursor { records: 9, ..Cursor::default() }, ..Page::default() };
    let steps = vec![
        Step::Take(Box::new(more(3)), Vec::new()),
        Step::Take(Box::new(more(6)), Vec::new()),
        Step::Take(Box::new(more(6)), Vec::new()),
        Step::Take(Box::new(last), Vec::new()),
    ];
    let server = Server::new(bag.now, steps);
    let typed = std::cell::Cell::new(false);
    let progress = |_: Progress| {
        if !typed.replace(true) {
            bag.client("Ромашка");
        }
    };
    sync_once(&bag.store, &server, &At(bag.now), &bag.ids, "1.0", None, &progress).unwrap();
    let asked: Vec<(u64, bool, usize)> = (0..server.n())
        .map(|at| (server.hello(at).cursor.records, server.hello(at).ahead, server.groups(at).len()))
        .collect();
    assert_eq!(asked[..3], [(0, false, 0), (3, true, 0), (3, false, 1)], "the group goes up with the cursor stored");
    assert!(asked[3..].iter().all(|(records, ahead, n_groups)| *records == 6 && *ahead && *n_groups == 0), "{asked:?}");
}

fn sync(bag: &Bag, server: &Server) -> Result<Report, SyncError> {
    sync_once(&bag.store, server, &At(bag.now), &bag.ids, "1.0", None, &|_| {})
}

fn taking(page: Page) -> Step {
    Step::Take(Box::new(page), Vec::new())
}

#[test]
fn with_nothing_to_say_one_request_is_enough() {
    let bag = Bag::new();
    let server = Server::new(bag.now, Vec::new());
    assert!(sync(&bag, &server).unwrap().complete);
    assert_eq!(server.n(), 1);
    assert_eq!(server.hello(0).push_id, None);
    assert_eq!(bag.store.sync_facts().unwrap().synced_at, Some(bag.now));
    sync(&bag, &server).unwrap();
    assert_eq!(server.n(), 2);
    assert!(!server.hello(1).want_devices, "asked a moment ago");
}

#[test]
fn a_push_whose_answer_was_lost_is_repeated_as_the_same_push() {
    let bag = Bag::new();
    bag.client("Ромашка");
    let server = Server::new(bag.now, vec![Step::Lost]);
    assert_eq!(sync(&bag, &server).unwrap_err().code(), "offline");
    assert_eq!(bag.store.sync_facts().unwrap().last_error, "offline");
    bag.client("Василёк");
    sync(&bag, &server).unwrap();
    let (first, second) = (server.hello(0), server.hello(1));
    assert!(first.push_id.is_some());
    assert_eq!((first.push_id, first.push_counter), (second.push_id, second.push_counter));
    assert_eq!(server.groups(1)[0], server.groups(0)[0]);
    assert_eq!(server.groups(1).len(), 2);
    sync(&bag, &server).unwrap();
    let third = server.hello(server.n() - 1);
    assert_eq!((third.push_id, third.push_counter), (None, 1));
}

#[test]
fn an_expired_access_token_is_replaced_by_the_refresh_token_in_the_same_request() {
    let bag = Bag::new();
    let later = bag.now + Duration::minutes(11);
    let server = Server::new(later, Vec::new());
    sync_once(&bag.store, &server, &At(later), &bag.ids, "1.0", None, &|_| {}).unwrap();
    assert_eq!(server.n(), 1);
    let Credential::Refresh(refresh, proof) = server.hello(0).credential else { panic!("no refresh token") };
    let key = SigningKey::from_bytes(&[3; 32]).verifying_key();
    let signature = Signature::from_slice(&STANDARD.decode(proof).unwrap()).unwrap();
    key.verify(&refresh_challenge(server.hello(0).device, &refresh), &signature).unwrap();
    assert_eq!(bag.store.access_token(later).unwrap().as_deref(), Some("fresh"));
}

#[test]
fn an_access_token_the_server_does_not_take_is_no_reason_to_ask_for_the_password() {
    let bag = Bag::new();
    let server = Server::new(bag.now, vec![Step::Refuse("signed_out")]);
    assert!(sync(&bag, &server).unwrap().complete);
    assert!(matches!(server.hello(1).credential, Credential::Refresh(..)));
    let server = Server::new(bag.now, vec![Step::Refuse("signed_out"), Step::Refuse("signed_out")]);
    assert!(matches!(sync(&bag, &server), Err(SyncError::SignedOut)));
    assert!(bag.store.sync_facts().unwrap().signed_out);
    assert!(matches!(sync(&bag, &server), Err(SyncError::SignedOut)));
    assert_eq!(server.n(), 2, "a device that is signed out does not knock again");
}

#[test]
fn a_revoked_device_says_so() {
    let bag = Bag::new();
    let server = Server::new(bag.now, vec![Step::Refuse("revoked")]);
    assert!(matches!(sync(&bag, &server), Err(SyncError::Revoked)));
    assert!(bag.store.sync_facts().unwrap().revoked);
}

#[test]
fn a_month_of_edits_goes_up_in_batches_before_anything_comes_down() {
    let bag = Bag::new();
    let id = bag.client("Ромашка");
    for n in 0..1200 {
        bag.edit(id, Patch::new().set(client::CITY, n.to_string())).unwrap();
    }
    let server = Server::new(bag.now, Vec::new());
    let report = sync(&bag, &server).unwrap();
    assert_eq!((report.n_pushed, server.n()), (1201, 2));
    assert_eq!((server.groups(0).len(), server.groups(1).len()), (1000, 201));
    assert_eq!((server.hello(0).pull, server.hello(1).pull), (false, true));
    assert_eq!((server.hello(0).n_unsent, server.hello(1).n_unsent), (201, 0));
    assert_eq!(bag.store.sync_facts().unwrap().n_waiting, 0);
}

#[test]
fn a_lost_client_is_purged_after_its_edits_and_the_server_is_told() {
    let bag = Bag::new();
    let id = bag.client("Ромашка");
    bag.accept_all();
    // The edit is made between the push and the page that takes the client away.
    let page = Page { revoked: vec![revoked(Home::Client(id), 9, bag.now)], ..Page::default() };
    let edit = || bag.edit(id, Patch::new().set(client::CITY, "Львів".to_owned())).unwrap();
    let server = Server::new(bag.now, vec![taking(page)]);
    let edited = std::sync::OnceLock::new();
    let between = Between {
        server: &server,
        act: Box::new(|| {
            edited.get_or_init(edit);
        }),
    };
    let report = sync_once(&bag.store, &between, &At(bag.now), &bag.ids, "1.0", None, &|_| {}).unwrap();
    assert_eq!(report.left, [(id, "Ромашка".to_owned())]);
    assert_eq!(server.n(), 3);
    assert!(server.groups(0).is_empty());
    assert_eq!(server.groups(1), [*edited.get().unwrap()]);
    assert!(server.hello(1).purged.is_empty());
    assert_eq!(server.hello(2).purged, [PurgeAck { home: Home::Client(id), revoked: 9 }]);
    assert!(bag.store.row(id).unwrap().is_none());
    let notice = &bag.store.notices().unwrap()[0];
    assert_eq!((notice.what.as_str(), notice.params["n_accepted"].as_str()), ("client_left", "1"));
}

/// Does something while the first answer is under way.
struct Between<'a> {
    server: &'a Server,
    act: Box<dyn Fn() + Send + Sync + 'a>,
}

impl Transport for Between<'_> {
    fn post(&self, path: &str, bearer: Option<&str>, kind: &str, body: &[u8]) -> Result<Vec<u8>, NetError> {
        let answer = self.server.post(path, bearer, kind, body);
        (self.act)();
        answer
    }

    fn base(&self) -> &str {
        self.server.base()
    }
}

#[test]
fn a_first_sync_goes_on_where_it_was_cut() {
    let bag = Bag::new();
    let part = |n: u64| {
        let id = RecordId(bag.ids.fresh());
        let patch = Patch::new().set(client::NAME, format!("Клиент {n}"));
        let blobs = Doc::create(&client::KIND, &patch, &[9; 20], bag.now).unwrap().1;
        let page = Page {
            cursor: Cursor { authority: 5, records: n, backfills: Vec::new() },
            more: n < 3,
            announced: (n == 1).then_some(Announced { n_records: 3, n_bytes: 1000 }),
            granted: vec![granted(Home::Client(id))],
            records: vec![full(id, "client", vec![Home::Client(id)], &blobs)],
            ..Page::default()
        };
        Step::Take(Box::new(page), blobs)
    };
    let server = Server::new(bag.now, vec![part(1), Step::Lost, part(2), part(3)]);
    assert_eq!(sync(&bag, &server).unwrap_err().code(), "offline");
    let facts = bag.store.sync_facts().unwrap();
    assert_eq!((facts.n_done, facts.n_planned, facts.synced_at), (1, 3, None));
    let seen = Mutex::new(Vec::new());
    let watch = |progress: Progress| seen.lock().unwrap().push((progress.n_done, progress.n_planned));
    let report = sync_once(&bag.store, &server, &At(bag.now), &bag.ids, "1.0", None, &watch).unwrap();
    assert_eq!(server.hello(2).cursor.records, 1);
    assert_eq!((report.n_pulled, report.complete), (2, true));
    assert_eq!(*seen.lock().unwrap(), [(2, 3), (0, 0)]);
    while bag.store.index_pending(100).unwrap() > 0 {}
    assert_eq!(bag.store.search("клиент", 10).unwrap().len(), 3);
    assert!(bag.store.notices().unwrap().is_empty(), "a first sync is no news");
}

#[test]
fn a_deadline_stops_before_the_next_request() {
    let bag = Bag::new();
    bag.client("Ромашка");
    let server = Server::new(bag.now, Vec::new());
    let report = sync_once(&bag.store, &server, &At(bag.now), &bag.ids, "1.0", Some(bag.now), &|_| {}).unwrap();
    assert!(!report.complete);
    assert_eq!((server.n(), bag.store.sync_facts().unwrap().n_waiting), (0, 1));
}

#[test]
fn a_group_the_server_wants_more_of_is_sent_twice_and_no_more() {
    let bag = Bag::new();
    let id = bag.client("Ромашка");
    bag.accept_all();
    bag.edit(id, Patch::new().set(client::CITY, "Львів".to_owned())).unwrap();
    let steps = (0..9).map(|_| Step::Judge(vec![Outcome::DependsOn(uuid::Uuid::from_bytes([1; 16]))])).collect();
    let server = Server::new(bag.now, steps);
    sync(&bag, &server).unwrap();
    assert_eq!(server.n(), 1, "what it depends on is nowhere: it is refused at once");
    assert_eq!(bag.store.outbox().unwrap()[0].code, "depends_on");
}

#[test]
fn a_body_that_is_no_answer_is_called_so() {
    struct Nonsense;
    impl Transport for Nonsense {
        fn post(&self, _: &str, _: Option<&str>, _: &str, _: &[u8]) -> Result<Vec<u8>, NetError> {
            Ok(b"<html>".to_vec())
        }

        fn base(&self) -> &str {
            ""
        }
    }
    let bag = Bag::new();
    bag.client("Ромашка");
    let outcome = sync_once(&bag.store, &Nonsense, &At(bag.now), &bag.ids, "1.0", None, &|_| {});
    assert_eq!(outcome.unwrap_err().code(), "wrong_server");
    assert_eq!(bag.store.sync_facts().unwrap().n_waiting, 1);
}
