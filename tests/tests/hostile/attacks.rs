//! What a hostile device sends.

use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, ObjType, ROOT};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};
use satchel_core::domain::authority::{Home, actor_bytes};
use satchel_core::domain::ids::*;
use satchel_core::domain::kinds::client;
use satchel_core::domain::limits::*;
use satchel_core::domain::order::{Command, Move, Order};
use satchel_core::sync::wire::*;
use satchel_tests::harness::{Office, Probe};

/// One request.
pub struct Attack {
    pub name: &'static str,
    pub body: Vec<u8>,
    pub expected: Expected,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug)]
pub enum Expected {
    /// Refused with this code.
    Refused(&'static str),
    /// Within the limit: taken in.
    Taken,
}

use Expected::{Refused, Taken};

struct Kit<'o> {
    office: &'o Office,
    probe: Probe,
    /// A client of the prober's own, with all its changes.
    own: (RecordId, Vec<u8>),
    /// Somebody else's client.
    foreign: (RecordId, Vec<u8>),
    /// Somebody else's device.
    other: DeviceId,
}

impl Kit<'_> {
    fn id(&self) -> uuid::Uuid {
        self.office.ids.fresh()
    }

    fn hello(&self) -> Frame<Up> {
        Frame::bare(Up::Hello(self.probe.hello(Some(GroupId(uuid::Uuid::from_u128(9))), false)))
    }

    fn group(&self, items: Vec<Item>, blobs: Vec<Vec<u8>>) -> Frame<Up> {
        let group = Group { id: GroupId(self.id()), at: self.office.now(), depends_on: Vec::new(), items };
        Frame { message: Up::Group(group), blobs }
    }

    fn push(&self, frame: Frame<Up>) -> Vec<u8> {
        pack(&[self.hello(), frame]).unwrap()
    }

    /// A new client of one change.
    fn client_of(&self, change: Vec<u8>) -> Vec<u8> {
        let record = RecordKey { id: RecordId(self.id()), generation: 0 };
        let create = Item::Create { record, kind: "client".into(), homes: vec![Home::Client(record.id)] };
        self.push(self.group(vec![create, Item::Changes { record, n: 1 }], vec![change]))
    }

    /// A change to a record.
    fn change_of(&self, id: RecordId, change: Vec<u8>) -> Vec<u8> {
        let record = RecordKey { id, generation: 0 };
        self.push(self.group(vec![Item::Changes { record, n: 1 }], vec![change]))
    }

    fn order(&self, order: Order) -> Vec<u8> {
        let id = CommandId(self.id());
        let command = Command { id, at: self.office.now(), order, builds_on: Vec::new(), confirmed: None };
        self.push(self.group(vec![Item::Command(command)], Vec::new()))
    }

    fn blank(&self) -> AutoCommit {
        AutoCommit::new().with_actor(ActorId::from(self.probe.actor().as_slice()))
    }

    /// The own client as an Automerge document, written by `actor`.
    fn own_as(&self, actor: &[u8]) -> AutoCommit {
        AutoCommit::load(&self.own.1).unwrap().with_actor(ActorId::from(actor))
    }

    /// One change with so many operations in few bytes: the same number again and again in a list.
    fn run_of(&self, n: u64) -> Vec<u8> {
        let mut doc = self.blank();
        let list = doc.put_object(ROOT, "x.list", ObjType::List).unwrap();
        let ones = std::iter::repeat_n(automerge::ScalarValue::Int(1), usize::try_from(n - 1).unwrap());
        doc.splice(&list, 0, 0, ones.collect::<Vec<_>>()).unwrap();
        last(doc)
    }
}

fn last(mut doc: AutoCommit) -> Vec<u8> {
    doc.commit();
    doc.get_last_local_change().unwrap().raw_bytes().to_vec()
}

fn city(mut doc: AutoCommit, city: &str) -> Vec<u8> {
    doc.put(ROOT, "city", city).unwrap();
    last(doc)
}

/// A chunk with its checksum made right, so that only what it says is wrong.
fn resealed(mut chunk: Vec<u8>) -> Vec<u8> {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(&chunk[8..]);
    chunk[4..8].copy_from_slice(&digest[..4]);
    chunk
}

/// A body of raw bytes, packed.
fn packed(plain: &[u8]) -> Vec<u8> {
    zstd::encode_all(plain, 3).unwrap()
}

/// A frame with this header.
fn framed(header: &[u8]) -> Vec<u8> {
    let mut plain = u32::try_from(header.len()).unwrap().to_be_bytes().to_vec();
    plain.extend_from_slice(header);
    plain
}

/// Everything, at the limit, just past it and far past it.
#[allow(clippy::too_many_lines)] // A list.
pub fn all(office: &Office) -> Vec<Attack> {
    let victim = office.ready(office.cast.anna, "victim");
    let foreign = victim.client("Чужа фірма");
    victim.sync();
    let mut probe = office.probe(office.cast.taras);
    let other = victim.id;
    let own = RecordId(office.ids.fresh());
    let mut frame = satchel_tests::harness::group(GroupId(office.ids.fresh()), office.now());
    let patch = satchel_core::domain::patch::Patch::new().set(client::NAME, "Своя".to_owned());
    probe.create(&mut frame, &client::KIND, own, Home::Client(own), &patch).unwrap();
    probe.queue(frame);
    probe.push(&*office.ids).unwrap();
    let held = office.auditor().held;
    let all_of = |id: RecordId| held.records[&id].changes.concat();
    let kit = Kit { office, probe, own: (own, all_of(own)), foreign: (foreign, all_of(foreign)), other };
    let mut list = Vec::new();
    let mut add = |name, body, expected| list.push(Attack { name, body, expected });

    // Bodies.
    add("8 MiB of nothing", vec![0; BODY_BYTES], Refused("malformed"));
    add("8 MiB and a byte", vec![0; BODY_BYTES + 1], Refused("too_large"));
    add("64 MiB of nothing", vec![0; BODY_BYTES * 8], Refused("too_large"));
    add("unpacks to 8 MiB", packed(&vec![0; BODY_BYTES]), Refused("malformed"));
    add("unpacks to 8 MiB and a byte", packed(&vec![0; BODY_BYTES + 1]), Refused("too_large"));
    let bomb = zstd::encode_all(std::io::Read::take(std::io::repeat(0), 256 << 20), 3).unwrap();
    add("unpacks to 256 MiB", bomb, Refused("too_large"));
    let mut wide = zstd::Encoder::new(Vec::new(), 3).unwrap();
    wide.window_log(27).unwrap();
    std::io::Write::write_all(&mut wide, &vec![7; 4 << 20]).unwrap();
    add("asks for a window of 128 MiB", wide.finish().unwrap(), Refused("malformed"));
    add("a frame of 4 GiB", packed(&[0xff; 64]), Refused("malformed"));
    let deep = |n: usize| packed(&framed(&[vec![0x81; n], vec![0]].concat()));
    add("nested 60 deep", deep(60), Refused("malformed"));
    add("nested 1,000,000 deep", deep(1_000_000), Refused("malformed"));
    let hello_bytes = satchel_tests::tap::plain(&pack(&[kit.hello()]).unwrap());
    // An envelope that claims and then brings blobs without end: {"message": hello, "blobs": [0, 0, …]}.
    let many_blobs = |n: usize| {
        let header = &hello_bytes[4..];
        let cut = header.len() - 1;
        assert_eq!(header[cut], 0x80, "the hello's header ends in an empty list of blobs");
        let mut made = header[..cut].to_vec();
        made.push(0x9a);
        made.extend_from_slice(&u32::try_from(n).unwrap().to_be_bytes());
        made.extend(std::iter::repeat_n(0, n));
        packed(&framed(&made))
    };
    add("1,001 blobs of nothing", many_blobs(1_001), Refused("too_large"));
    add("a million blobs of nothing", many_blobs(1_000_000), Refused("malformed"));
    add("seven million blobs of nothing", many_blobs(7_000_000), Refused("too_large"));
    let empty = kit.group(Vec::new(), Vec::new());
    let groups = |n: usize| {
        let frames: Vec<_> = std::iter::once(kit.hello()).chain(std::iter::repeat_n(empty.clone(), n)).collect();
        pack(&frames).unwrap()
    };
    add("1,001 empty groups", groups(1_001), Refused("too_large"));
    add("60,000 empty groups", groups(60_000), Refused("too_large"));
    let items = |n: usize| {
        let item = || Item::Changes { record: RecordKey { id: RecordId(kit.id()), generation: 0 }, n: 0 };
        kit.push(kit.group((0..n).map(|_| item()).collect(), Vec::new()))
    };
    add("2,001 items without changes", items(2_001), Refused("too_large"));
    add("80,000 items without changes", items(80_000), Refused("too_large"));
    let moves = |n: usize| {
        let moves = (0..n).map(|_| Move { client: RecordId(kit.id()), from: office.cast.anna }).collect();
        kit.order(Order::MoveClients { moves, to: office.cast.taras, reason: "other".into() })
    };
    add("moving a client that is not there", moves(1), Refused("not_found"));
    add("moving 10,001 clients", moves(10_001), Refused("too_large"));
    add("moving 60,000 clients", moves(60_000), Refused("too_large"));
    let purged = |n: usize| {
        let mut hello = kit.probe.hello(None, false);
        hello.purged = (0..n).map(|_| PurgeAck { home: Home::Client(RecordId(kit.id())), revoked: 1 }).collect();
        pack(&[Frame::bare(Up::Hello(hello))]).unwrap()
    };
    add("100,001 purges", purged(100_001), Refused("too_large"));

    // Chunks.
    let mut doc = kit.blank();
    doc.put(ROOT, "city", "x".repeat(4000)).unwrap();
    doc.commit();
    let deflated = doc.get_last_local_change().unwrap().bytes().to_vec();
    add("a deflated chunk", kit.client_of(deflated), Refused("refused_malformed"));
    add("a document chunk", kit.client_of(doc.save()), Refused("refused_malformed"));
    let mut deflated_column = city(kit.blank(), "Одеса");
    // The first column's specification gets the bit that says "deflated".
    if let Some(at) = deflated_column.windows(2).position(|pair| pair == [0x15, 0x06]) {
        deflated_column[at] |= 0b1000;
    }
    let deflated_column = resealed(deflated_column);
    add("a deflated column", kit.client_of(deflated_column), Refused("refused_malformed"));
    add("10,000 operations", kit.client_of(kit.run_of(OPERATIONS_PER_CHANGE)), Taken);
    add("10,001 operations", kit.client_of(kit.run_of(OPERATIONS_PER_CHANGE + 1)), Refused("too_large"));
    add("100,000 operations", kit.client_of(kit.run_of(100_000)), Refused("too_large"));
    let keyed = |n: usize| {
        let mut doc = kit.own_as(&kit.probe.actor());
        doc.put(ROOT, "k".repeat(n), 1).unwrap();
        kit.change_of(kit.own.0, last(doc))
    };
    add("a key of 257 bytes", keyed(KEY_BYTES + 1), Refused("too_large"));
    add("a key of a megabyte", keyed(1 << 20), Refused("too_large"));
    let mut nested = kit.own_as(&kit.probe.actor());
    let mut at = nested.put_object(ROOT, "x.deep", ObjType::Map).unwrap();
    for _ in 0..200 {
        at = nested.put_object(&at, "deeper", ObjType::Map).unwrap();
    }
    add("maps 200 deep", kit.change_of(kit.own.0, last(nested)), Refused("too_large"));
    let long = city(kit.own_as(&kit.probe.actor()), &"x".repeat(64 * 1024 + 1));
    add("a value of 64 KiB and a byte", kit.change_of(kit.own.0, long), Refused("too_large"));
    let longest = city(kit.own_as(&kit.probe.actor()), &"x".repeat(5 << 20));
    add("a value of 5 MiB", kit.change_of(kit.own.0, longest), Refused("too_large"));

    // Whose, where, after what.
    let forged = city(kit.own_as(&actor_bytes(kit.other, 0)), "Одеса");
    add("in another device's name", kit.change_of(kit.own.0, forged), Refused("refused_malformed"));
    let later = city(kit.own_as(&actor_bytes(kit.probe.identity.device, 77)), "Одеса");
    add("under an incarnation never drawn", kit.change_of(kit.own.0, later), Refused("refused_malformed"));
    let mut gap = kit.own_as(&kit.probe.actor());
    gap.put(ROOT, "city", "1").unwrap();
    gap.commit();
    add("after a gap", kit.change_of(kit.own.0, city(gap, "2")), Refused("missing_dependencies"));
    let mut stranger =
        AutoCommit::load(&kit.foreign.1).unwrap().with_actor(ActorId::from(kit.probe.actor().as_slice()));
    stranger.put(ROOT, "city", "Одеса").unwrap();
    let onto = last(stranger);
    add("onto another's record", kit.change_of(kit.foreign.0, onto.clone()), Refused("no_access"));
    add("onto no record", kit.change_of(RecordId(kit.id()), onto.clone()), Refused("no_access"));
    add("naming another's hash", kit.change_of(kit.own.0, onto), Refused("missing_dependencies"));
    let record = RecordKey { id: RecordId(kit.id()), generation: 0 };
    let into = |home: Home| {
        let create = Item::Create { record, kind: "person".into(), homes: vec![home] };
        kit.push(kit.group(vec![create, Item::Changes { record, n: 1 }], vec![city(kit.blank(), "Одеса")]))
    };
    add("into another's home", into(Home::Client(kit.foreign.0)), Refused("no_access"));
    add("into a home that is not there", into(Home::Client(RecordId(kit.id()))), Refused("no_access"));
    add("into everybody's home", into(Home::Organisation), Refused("refused_malformed"));
    add("into another person's home", into(Home::User(office.cast.anna)), Refused("refused_malformed"));
    // Views are shared by those who supervise a department, and nobody puts one among another person's own.
    let view_into = |home: Home| {
        let create = Item::Create { record, kind: "saved_view".into(), homes: vec![home] };
        kit.push(kit.group(vec![create, Item::Changes { record, n: 1 }], vec![city(kit.blank(), "Одеса")]))
    };
    let cast = office.cast;
    add("a view into another person's home", view_into(Home::User(cast.anna)), Refused("refused_malformed"));
    add("a view into a foreign department", view_into(Home::Department(cast.north)), Refused("no_access"));
    add("a view into one's department as a rep", view_into(Home::Department(cast.south)), Refused("read_only"));
    add("a view into everybody's home", view_into(Home::Organisation), Refused("refused_malformed"));
    // A counter near its end makes the next edit panic.
    let right = started_at(&city(kit.blank(), "Одеса"), 1);
    add("a chunk taken apart and put together again", kit.client_of(right), Taken);
    for (name, start) in [("an operation far ahead", 1_000_000u64), ("an operation near 2^32", u64::from(u32::MAX) - 1)]
    {
        let ahead = started_at(&city(kit.blank(), "Одеса"), start);
        add(name, kit.client_of(ahead), Refused("refused_malformed"));
    }
    list
}

/// The same first change, its operations counted from elsewhere.
fn started_at(chunk: &[u8], start: u64) -> Vec<u8> {
    // magic 4, checksum 4, type 1, length, then: number of dependencies, actor with its length, sequence, start.
    let (length, header) = unsigned(&chunk[9..]);
    let body = &chunk[9 + header..];
    assert_eq!(body.len() as u64, length);
    let (n_deps, at) = unsigned(body);
    assert_eq!(n_deps, 0);
    let (n_actor, more) = unsigned(&body[at..]);
    let at = at + more + usize::try_from(n_actor).unwrap();
    let (_, more) = unsigned(&body[at..]);
    let at = at + more;
    let (_, more) = unsigned(&body[at..]);
    let mut made = body[..at].to_vec();
    made.extend(leb(start));
    made.extend_from_slice(&body[at + more..]);
    let mut whole = chunk[..9].to_vec();
    whole.extend(leb(made.len() as u64));
    whole.extend(made);
    resealed(whole)
}

fn unsigned(bytes: &[u8]) -> (u64, usize) {
    let mut value = 0;
    for (at, byte) in bytes.iter().enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return (value, at + 1);
        }
    }
    panic!("a number has an end")
}

fn leb(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

type Guess = (&'static str, Box<dyn Fn(&satchel_server::Office) -> String>, usize);

/// Ways to try a password, and how often it is to be hashed for each.
pub fn passwords(office: &Office, server: &satchel_server::Office, right: &str) -> Vec<Guess> {
    let now = office.now();
    let key = SigningKey::from_bytes(&[6; 32]);
    let code = |answer: Result<(), Denied>| answer.err().map_or("ok".to_owned(), |denied| denied.code);
    let request = |token: &str, password: &str, key: &SigningKey| EnrolRequest {
        token: token.to_owned(),
        password: password.to_owned(),
        device_name: "x".into(),
        device_key: STANDARD.encode(key.verifying_key().as_bytes()),
        protocol: PROTOCOL,
    };
    let token = || server.invite(office.cast.bohdan, None).unwrap().token;
    // The first password is hashed at the real price as well.
    let device = server.enrol(&request(&token(), right, &key), None).unwrap().device;
    let sign_in = move |device: DeviceId, key: SigningKey, password: String| {
        move |server: &satchel_server::Office| {
            let proof = STANDARD.encode(key.sign(&sign_in_challenge(device, now)).to_bytes());
            let request = SignInRequest { device, password: password.clone(), proof, at: now };
            code(server.sign_in(&request, None).map(|_| ()))
        }
    };
    let enrol = move |token: String, password: String| {
        let request = request(&token, &password, &SigningKey::from_bytes(&[4; 32]));
        move |server: &satchel_server::Office| code(server.enrol(&request, None).map(|_| ()))
    };
    let (fresh, long) = (token(), "x".repeat(1 << 20));
    let stranger = SigningKey::from_bytes(&[5; 32]);
    let unknown = DeviceId(uuid::Uuid::from_u128(3));
    vec![
        ("a wrong password", Box::new(sign_in(device, key.clone(), "wrong".into())), 1),
        ("a wrong password of a megabyte", Box::new(sign_in(device, key, long.clone())), 1),
        ("the right one with another key", Box::new(sign_in(device, stranger.clone(), right.into())), 1),
        ("a device that is not there", Box::new(sign_in(unknown, stranger, right.into())), 1),
        ("a link that is not there", Box::new(enrol("nothing".into(), right.into())), 1),
        ("a wrong password on a link", Box::new(enrol(fresh.clone(), "wrong password".into())), 1),
        ("a wrong password of a megabyte on a link", Box::new(enrol(fresh, long)), 1),
    ]
}
