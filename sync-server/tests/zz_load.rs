mod support;
use satchel_core::sync::wire::*;
use satchel_server::storage::sqlite::SqliteStorage;
use std::sync::Arc;
use std::time::Instant;
use support::*;
#[test]
fn load() {
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let w = World::on(Arc::new(SqliteStorage::open(&folder.path().join("s.sqlite")).unwrap()));
    let mut anna = w.device(w.anna);
    let n: usize = std::env::var("N").ok().and_then(|n| n.parse().ok()).unwrap_or(1000);
    let mut groups = Vec::new();
    for i in 0..n {
        let (id, g) = anna.new_client(&format!("Клиент номер {i}"));
        groups.push(g);
        for k in 0..5 {
            let (_, g) = anna.new_interaction(id, &format!("Звонок {k}"));
            groups.push(g);
        }
    }
    let t = Instant::now();
    for chunk in groups.chunks(500) {
        assert!(anna.push(chunk).iter().all(|o| *o == Outcome::Accepted));
    }
    eprintln!("push {} groups {:?}", groups.len(), t.elapsed());
    let ids: Vec<_> = anna.records.iter().filter(|(_, h)| h.kind == "client").map(|(id, _)| *id).collect();
    let edits: Vec<_> = (0..5000).map(|i| anna.edit_city(ids[i % ids.len()], &format!("Г{i}"))).collect();
    let t = Instant::now();
    for chunk in edits.chunks(500) {
        assert!(anna.push(chunk).iter().all(|o| *o == Outcome::Accepted));
    }
    eprintln!("push {} edits {:?}", edits.len(), t.elapsed());
    for user in [w.anna, w.boss, w.admin] {
        let mut d = w.device(user);
        let t = Instant::now();
        let mut pages = 0;
        let mut recs = 0;
        let mut first = None;
        loop {
            let hello = d.hello(false, true);
            let t1 = Instant::now();
            let body = w.office.sync(&pack(&[Frame::bare(Up::Hello(hello))]).unwrap());
            first.get_or_insert((t1.elapsed(), body.len()));
            pages += 1;
            let mut more = false;
            for f in unpack::<Down>(&body).unwrap() {
                if let Down::Page(p) = f.message {
                    recs += p.records.len();
                    d.cursor = p.cursor.clone();
                    more = p.more;
                }
            }
            if !more {
                break;
            }
        }
        eprintln!("pull {recs} records in {pages} pages {:?}, first {:?}", t.elapsed(), first.unwrap());
        let one = anna.edit_city(ids[0], &format!("live{pages}{recs}{user}"));
        let t = Instant::now();
        anna.must_push(&one);
        eprintln!("push one {:?}", t.elapsed());
        let hello = d.hello(false, true);
        let t = Instant::now();
        let body = w.office.sync(&pack(&[Frame::bare(Up::Hello(hello))]).unwrap());
        eprintln!("live pull {:?} {} bytes", t.elapsed(), body.len());
        let p = match unpack::<Down>(&body).unwrap().remove(1).message {
            Down::Page(p) => p,
            _ => panic!(),
        };
        d.cursor = p.cursor.clone();
        let hello = d.hello(false, true);
        let up = pack(&[Frame::bare(Up::Hello(hello))]).unwrap();
        let t = Instant::now();
        let body = w.office.sync(&up);
        eprintln!("quiet {:?} up {} down {} bytes", t.elapsed(), up.len(), body.len());
    }
}
