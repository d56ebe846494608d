//! Taking in a page: everything of it and its cursor in one transaction.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use super::documents::{self, Document, NewDocument};
use super::error::StoreError;
pub(crate) use super::incoming::{Incoming, decode};
use super::incoming::{Snapshot, read};
use super::notices::{self, NewNotice};
use super::open::Store;
use super::state::{self, Me, keys};
use super::views::{self, Layouts, RowFacts};
use super::write::Touched;
use super::{
    absences, access, contacts, digest, erasure, folding, index, mirror, outbox, proposals, purge, rebase, receipts,
    stamps,
};
use crate::docs::Hash;
use crate::domain::absence::Stage;
use crate::domain::authority::{Cause, EndedBy, Home, Reason};
use crate::domain::ids::*;
use crate::sync::wire::{AbsenceState, Granted, Page, PageRecord, Receipt, RecordAuthority, Revoked};

/// Records after which a page is too large to name each to the interface.
const NAMED: usize = 200;

/// What a page did to the database.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    pub touched: Touched,
    pub left: Vec<(RecordId, String)>,
    pub damaged: Vec<RecordId>,
    pub n_done: u64,
    pub n_planned: u64,
}

impl Store {
    /// Takes a page in.
    pub(crate) fn apply_page(
        &self,
        page: &Page,
        incoming: Vec<Incoming>,
        now: DateTime<Utc>,
        ids: &dyn IdSource,
    ) -> Result<Applied, StoreError> {
        self.write(|tx| {
            let mut work = Work {
                conn: tx,
                layouts: self.layouts(),
                me: state::me(tx)?,
                now,
                settled: state::get(tx, keys::FIRST_SYNC_DONE)?.unwrap_or(false),
                applied: Applied::default(),
                contacts: BTreeSet::new(),
                to_rebase: BTreeSet::new(),
            };
            work.authority(page)?;
            let n_records = incoming.len();
            for one in incoming {
                work.record(one)?;
            }
            for id in &page.gone {
                work.gone(*id)?;
            }
            for revoked in &page.revoked {
                purge::note_loss(tx, revoked)?;
            }
            if !page.more {
                work.never_seen()?;
            }
            let to_rebase = std::mem::take(&mut work.to_rebase);
            rebase::rebase(tx, work.layouts, to_rebase, ids, &mut work.applied.touched)?;
            work.applied.left = purge::purge_due(tx, work.layouts, now, &mut work.applied.touched)?;
            contacts::refresh(tx, work.layouts, &work.contacts)?;
            work.office(page)?;
            work.finish(page, n_records)
        })
    }
}

struct Work<'a> {
    conn: &'a Connection,
    layouts: &'a Layouts,
    me: Me,
    now: DateTime<Utc>,
    /// The first sync is behind: what comes now is news.
    settled: bool,
    applied: Applied,
    contacts: BTreeSet<RecordId>,
    to_rebase: BTreeSet<RecordId>,
}

impl Work<'_> {
    /// People and homes, before any record: grants come before revokes (rule 17).
    fn authority(&mut self, page: &Page) -> Result<(), StoreError> {
        for user in &page.users {
            mirror::put_user(self.conn, user)?;
        }
        for department in &page.departments {
            mirror::put_department(self.conn, department)?;
        }
        for author in &page.authors {
            mirror::put_author(self.conn, author)?;
        }
        self.me = state::me(self.conn)?;
        for state in &page.absences {
            self.absence(state)?;
        }
        for granted in &page.granted {
            self.granted(granted)?;
        }
        let touched = &mut self.applied.touched;
        touched.office |= !(page.users.is_empty() && page.departments.is_empty() && page.granted.is_empty());
        touched.office |= !page.absences.is_empty();
        Ok(())
    }

    /// Somebody is away, or back: whoever stands in and whoever was away are told once, not for every client.
    fn absence(&mut self, state: &AbsenceState) -> Result<(), StoreError> {
        let absence = &state.absence;
        let held = absences::find(self.conn, absence.id)?;
        let before = held.as_ref().map(|held| held.absence.stage);
        absences::put(self.conn, state)?;
        let me = self.me.user;
        let running = |stage: Option<Stage>| stage == Some(Stage::Running);
        let now = (!state.gone).then_some(absence.stage);
        let stands_in = state.stands_in || held.is_some_and(|held| held.stands_in);
        let what = match (running(before), running(now)) {
            (false, true) if absence.person == me => "others_stand_in",
            (false, true) if stands_in => "cover_began",
            (true, false) if absence.person == me => "you_are_back",
            (true, false) => "cover_ended",
            _ => return Ok(()),
        };
        if !self.settled || !(absence.person == me || stands_in) {
            return Ok(());
        }
        let mut params = BTreeMap::new();
        params.insert("user", absence.person.to_string());
        params.insert("until", absence.until.map(|until| until.to_rfc3339()).unwrap_or_default());
        self.applied.touched.outbox = true;
        notices::put(self.conn, self.now, &NewNotice { what, params, ..NewNotice::default() })
    }

    fn granted(&mut self, granted: &Granted) -> Result<(), StoreError> {
        let had = access::grants(self.conn, granted.home)?;
        if granted.anew {
            purge::drop_before_regrant(self.conn, self.layouts, granted.home, &mut self.applied.touched)?;
        } else {
            // Lost and given back before the loss could be carried out: there is nothing to purge any more.
            self.conn.prepare_cached("DELETE FROM losses WHERE home = ?")?.execute([granted.home.bytes()])?;
        }
        access::set_grants(self.conn, granted.home, &granted.grants)?;
        let Home::Client(client) = granted.home else { return Ok(()) };
        state::made_homes::remove(self.conn, client)?;
        let responsible =
            |grants: &[crate::domain::authority::Grant]| grants.iter().any(|grant| grant.reason == Reason::Responsible);
        if self.settled && responsible(&granted.grants) && !responsible(&had) {
            let mut params = BTreeMap::new();
            let given = granted.given.clone().unwrap_or_default();
            params.extend(given.by.map(|by| ("by", by.to_string())));
            params.extend(given.from.map(|from| ("user", from.to_string())));
            params.insert("order", given.cause.order);
            params.insert("reason", given.cause.reason);
            let notice = NewNotice {
                what: "client_came",
                params,
                client: Some(client),
                record: Some(client),
                kind: "client",
                ..NewNotice::default()
            };
            notices::put(self.conn, self.now, &notice)?;
            self.applied.touched.outbox = true;
        }
        if self.applied.touched.records.len() < NAMED {
            self.applied.touched.records.insert(client);
        }
        Ok(())
    }

    /// Clients made here, acknowledged, and not granted by all the server had to say: given away before this device
    /// ever saw them as the server's.
    fn never_seen(&mut self) -> Result<(), StoreError> {
        for client in state::made_homes::all(self.conn)? {
            if outbox::maker_of(self.conn, client)?.is_some() {
                continue;
            }
            state::made_homes::remove(self.conn, client)?;
            if documents::number(self.conn, client)?.is_some() {
                let home = Home::Client(client);
                let (ended_by, at) = (EndedBy::Somebody, self.now);
                let cause = Cause::default();
                let revoked = Revoked { home, number: 0, ended_by, now_with: None, by: None, at, cause };
                purge::note_loss(self.conn, &revoked)?;
            }
        }
        Ok(())
    }

    fn gone(&mut self, id: RecordId) -> Result<(), StoreError> {
        if let Some((_, kind, client)) = documents::place(self.conn, id)? {
            self.contacts.extend(contacts::concerned(&kind, id, client));
        }
        purge::gone(self.conn, self.layouts, id, &mut self.applied.touched)
    }

    fn record(&mut self, incoming: Incoming) -> Result<(), StoreError> {
        let id = incoming.page.record.id;
        stamps::put(self.conn, id, &incoming.page.received, &incoming.blobs)?;
        let nothing = incoming.blobs.is_empty() && incoming.snapshot.is_none();
        match documents::find(self.conn, id)? {
            None if nothing => Ok(()),
            None => self.new_record(&incoming),
            Some(document) => self.known_record(incoming, document),
        }
    }

    fn new_record(&mut self, incoming: &Incoming) -> Result<(), StoreError> {
        let page = &incoming.page;
        let blob = incoming.chunks();
        if incoming.snapshot.is_some() {
            self.keep_stamps(incoming)?;
        }
        let layout = self.layouts.get(&page.kind);
        let decoded_here;
        let decoded = match &incoming.decoded {
            Some(decoded) => decoded.as_ref(),
            None => {
                decoded_here = read(layout.map(|layout| layout.kind), &blob);
                decoded_here.as_ref()
            }
        };
        let heads: &[Hash] = decoded.map_or(&[], |decoded| &decoded.heads);
        let new = NewDocument {
            key: page.record,
            kind: &page.kind,
            homes: &page.homes,
            chunks: &blob,
            heads,
            damaged: decoded.is_none(),
        };
        let n = documents::insert(self.conn, &new)?;
        let none = RecordAuthority::default();
        let authority = page.authority.as_ref().unwrap_or(&none);
        if page.authority.is_some() {
            mirror::put_authority(self.conn, n, authority)?;
            self.tell_assignment(page, &none, authority)?;
        }
        if decoded.is_none() {
            self.applied.damaged.push(page.record.id);
        }
        if let (Some(layout), Some(decoded)) = (layout, decoded) {
            let (id, client) = (page.record.id, documents::client_of(page.record.id, &page.homes));
            let facts = RowFacts { n, id, client, record: &decoded.record, heads: &decoded.heads, authority };
            for kind in views::put_row(self.conn, self.layouts, layout, &facts)? {
                self.applied.touched.kinds.insert(kind.to_owned());
            }
            index::mark(self.conn, n)?;
        }
        self.note(&page.kind, page.record.id, documents::client_of(page.record.id, &page.homes));
        Ok(())
    }

    fn known_record(&mut self, incoming: Incoming, mut document: Document) -> Result<(), StoreError> {
        let page = &incoming.page;
        let mut moved = false;
        if document.homes != page.homes && !page.homes.is_empty() {
            moved = documents::client_of(document.key.id, &page.homes) != document.client;
            documents::set_homes(self.conn, &document, &page.homes)?;
            // The client it leaves was contacted one time less.
            self.note(&document.kind, document.key.id, document.client);
            document.homes.clone_from(&page.homes);
            document.client = documents::client_of(document.key.id, &page.homes);
        }
        let before = mirror::authority(self.conn, document.n)?;
        let authority = page.authority.as_ref().unwrap_or(&before);
        if page.authority.is_some() {
            mirror::put_authority(self.conn, document.n, authority)?;
            self.tell_assignment(page, &before, authority)?;
            if let Some(layout) = self.layouts.get(&document.kind) {
                views::put_authority(self.conn, layout, document.n, authority)?;
            }
            moved |= authority.merged != before.merged;
        }
        self.note(&document.kind, document.key.id, document.client);
        let newer = page.record.generation > document.key.generation;
        if newer {
            self.replace(&incoming, &mut document)?;
        } else if document.damaged && page.full {
            self.mend(&incoming, &mut document)?;
        } else if !self.append(&incoming, &mut document)? && !moved {
            return Ok(());
        }
        self.show(&mut document, authority)
    }

    /// Takes the page's changes instead of what is held of a record that stood aside, and unsent edits as they were
    /// written, with the hashes under which they may have reached the server already.
    fn mend(&mut self, incoming: &Incoming, document: &mut Document) -> Result<(), StoreError> {
        let mut held: BTreeSet<Hash> = incoming.hashes().collect();
        self.acknowledge(document.key.id, &held)?;
        let mut chunks = incoming.chunks();
        for write in outbox::unsent_of(self.conn, document.key.id)? {
            let split = documents::split(&write.chunks).unwrap_or_default();
            for chunk in split.into_iter().filter(|chunk| held.insert(documents::hash(chunk))) {
                chunks.extend_from_slice(chunk);
            }
        }
        let kind = self.layouts.get(&document.kind).map(|layout| layout.kind);
        if read(kind, &chunks).is_none() {
            return self.replace(incoming, document);
        }
        self.keep_stamps(incoming)?;
        document.chunks = chunks;
        document.damaged = false;
        Ok(())
    }

    /// Takes the changes of another generation instead of what is held. Unsent edits are written on top again.
    fn replace(&mut self, incoming: &Incoming, document: &mut Document) -> Result<(), StoreError> {
        if incoming.page.record.generation > document.key.generation {
            // What is personal was erased: the search index forgets it now, not with the next batch.
            erasure::forget(self.conn, self.layouts, document.key.id)?;
            if let Some(layout) = self.layouts.get(&document.kind) {
                index::remove(self.conn, layout, document.n)?;
            }
        }
        document.chunks = incoming.chunks();
        self.keep_stamps(incoming)?;
        document.key.generation = incoming.page.record.generation;
        documents::set_generation(self.conn, document.n, document.key.generation)?;
        if !outbox::unsent_of(self.conn, document.key.id)?.is_empty() {
            self.to_rebase.insert(document.key.id);
        }
        Ok(())
    }

    /// Adds what is not held yet; false where nothing is new. A change of this device that comes back is acknowledged
    /// by that.
    fn append(&mut self, incoming: &Incoming, document: &mut Document) -> Result<bool, StoreError> {
        let came: BTreeSet<Hash> = incoming.hashes().collect();
        self.acknowledge(document.key.id, &came)?;
        if let Some(snapshot) = &incoming.snapshot {
            return self.merge(incoming, snapshot, document);
        }
        let parts = documents::split(&document.chunks).unwrap_or_default();
        let mut held: HashSet<Hash> = parts.into_iter().map(documents::hash).collect();
        held.extend(folding::made_in_snapshot(&document.chunks).into_iter().map(|made| made.hash));
        let mut new = false;
        for blob in incoming.blobs.iter().filter(|blob| !held.contains(&documents::hash(blob))) {
            document.chunks.extend_from_slice(blob);
            new = true;
        }
        Ok(new)
    }

    /// A snapshot is put together with what is held, never in its place (rule 11): whatever it does not hold stays.
    fn merge(&mut self, incoming: &Incoming, snapshot: &Snapshot, document: &mut Document) -> Result<bool, StoreError> {
        let came: BTreeSet<Hash> = incoming.hashes().collect();
        let Ok(held) = folding::singles(&document.chunks) else {
            return self.mend(incoming, document).map(|()| true);
        };
        let before = folding::made_in_snapshot(&document.chunks);
        stamps::unfold(self.conn, document.key.id, &before, &snapshot.made)?;
        self.keep_stamps(incoming)?;
        document.chunks = incoming.chunks();
        held.iter().filter(|(hash, _)| !came.contains(*hash)).for_each(|(_, change)| {
            document.chunks.extend_from_slice(change);
        });
        Ok(true)
    }

    /// Changes of this device that come back are acknowledged by that.
    fn acknowledge(&self, record: RecordId, came: &BTreeSet<Hash>) -> Result<(), StoreError> {
        let unsent = digest::unsent_of(self.conn, record)?;
        let mut acknowledge = self.conn.prepare_cached("DELETE FROM unsent WHERE record = ? AND hash = ?")?;
        for hash in unsent.intersection(came) {
            acknowledge.execute(params![record.bytes(), hash])?;
        }
        Ok(())
    }

    fn keep_stamps(&self, incoming: &Incoming) -> Result<(), StoreError> {
        let packed = incoming.snapshot.as_ref().map(|snapshot| snapshot.stamps.as_slice());
        stamps::put_packed(self.conn, incoming.page.record.id, packed)
    }

    /// Makes row and heads anew. A document that cannot be read is set aside: its row stays as it was.
    fn show(&mut self, document: &mut Document, authority: &RecordAuthority) -> Result<(), StoreError> {
        let layout = self.layouts.get(&document.kind);
        let Some(decoded) = read(layout.map(|layout| layout.kind), &document.chunks) else {
            self.applied.damaged.push(document.key.id);
            return documents::set_chunks(self.conn, document.n, &document.chunks, &[], true);
        };
        document.chunks = folding::fold(self.conn, document.key.id, std::mem::take(&mut document.chunks))?;
        documents::set_chunks(self.conn, document.n, &document.chunks, &decoded.heads, false)?;
        if let Some(layout) = layout {
            let (n, id, client) = (document.n, document.key.id, document.client);
            let facts = RowFacts { n, id, client, record: &decoded.record, heads: &decoded.heads, authority };
            for kind in views::put_row(self.conn, self.layouts, layout, &facts)? {
                self.applied.touched.kinds.insert(kind.to_owned());
            }
            index::mark(self.conn, document.n)?;
        }
        Ok(())
    }

    /// Somebody handed an interaction to this person.
    fn tell_assignment(
        &mut self,
        page: &PageRecord,
        before: &RecordAuthority,
        now: &RecordAuthority,
    ) -> Result<(), StoreError> {
        let came = now.assigned == Some(self.me.user) && before.assigned != now.assigned;
        let Some(last) = now.hand_overs.last().filter(|last| came && self.settled && last.to == self.me.user) else {
            return Ok(());
        };
        let mut params = BTreeMap::new();
        params.insert("user", last.from.to_string());
        params.insert("by", last.by.to_string());
        let notice = NewNotice {
            what: "interaction_came",
            params,
            client: documents::client_of(page.record.id, &page.homes),
            record: Some(page.record.id),
            kind: &page.kind,
            ..NewNotice::default()
        };
        self.applied.touched.outbox = true;
        notices::put(self.conn, self.now, &notice)
    }

    fn note(&mut self, kind: &str, id: RecordId, client: Option<RecordId>) {
        self.contacts.extend(contacts::concerned(kind, id, client));
        let touched = &mut self.applied.touched;
        if touched.records.len() < NAMED {
            touched.record(kind, id, client);
        } else if !touched.kinds.contains(kind) {
            touched.kinds.insert(kind.to_owned());
        }
    }

    fn office(&mut self, page: &Page) -> Result<(), StoreError> {
        for proposal in &page.proposals {
            proposals::put(self.conn, proposal)?;
        }
        for receipt in &page.receipts {
            self.receipt(receipt)?;
        }
        for erased in &page.erased {
            erasure::forget(self.conn, self.layouts, *erased)?;
            self.applied.touched.outbox = true;
        }
        for alert in page.alerts.iter().filter(|_| self.settled) {
            let mut params = BTreeMap::new();
            params.insert("user", alert.user.to_string());
            params.insert("device", alert.device_name.clone());
            let notice = NewNotice { what: &alert.what, params, ..NewNotice::default() };
            notices::put(self.conn, alert.at, &notice)?;
            self.applied.touched.outbox = true;
        }
        self.applied.touched.office |= !(page.proposals.is_empty() && page.receipts.is_empty());
        Ok(())
    }

    /// A set-aside edit was decided on: the person is told, and what he typed is not kept any longer (OFF-3).
    fn receipt(&mut self, receipt: &Receipt) -> Result<(), StoreError> {
        let mut items =
            outbox::select(self.conn, "proposal = ?1 OR id = ?2", [receipt.proposal.bytes(), receipt.group.bytes()])?;
        // One decision may be about edits of several devices of his, and each is told of all of them.
        receipts::answered(self.conn, receipt.group, receipt)?;
        let named = items.iter().position(|item| item.id == receipt.group);
        let Some(item) = named.map(|at| items.swap_remove(at)).or_else(|| items.pop()) else { return Ok(()) };
        receipts::answered(self.conn, item.id, receipt)?;
        let writes = outbox::writes_of(self.conn, item.seq)?;
        // A group of several records has a proposal and a receipt for each: the others wait for theirs.
        if writes.iter().any(|write| write.record != receipt.record)
            && writes.iter().any(|write| write.record == receipt.record)
        {
            self.conn
                .prepare_cached("DELETE FROM outbox_writes WHERE seq = ? AND record = ?")?
                .execute(rusqlite::params![item.seq, receipt.record.bytes()])?;
        } else {
            outbox::delete(self.conn, item.seq)?;
            notices::forget_group(self.conn, item.id)?;
        }
        // What he typed may be about a client that has left: its last words go from the file as well.
        state::set(self.conn, keys::SCRUB_DUE, &true)?;
        let mut params = BTreeMap::new();
        params.insert("by", receipt.by.to_string());
        params.insert("n_picked", receipt.picked.len().to_string());
        let write = writes.iter().find(|write| write.record == receipt.record).or(writes.first());
        let notice = NewNotice {
            what: if receipt.accepted { "edit_accepted" } else { "edit_declined" },
            params,
            client: write.and_then(|write| write.client),
            record: Some(receipt.record),
            kind: write.map_or("", |write| &write.kind),
            ..NewNotice::default()
        };
        self.applied.touched.outbox = true;
        notices::put(self.conn, receipt.at, &notice)
    }

    fn finish(mut self, page: &Page, n_records: usize) -> Result<Applied, StoreError> {
        let mut planned: u64 = state::get(self.conn, keys::PLANNED)?.unwrap_or(0);
        let mut done: u64 = state::get(self.conn, keys::DONE)?.unwrap_or(0);
        if let Some(announced) = page.announced {
            // A plan announced while another runs is on top of it.
            planned = if planned > done { planned + announced.n_records } else { announced.n_records };
            done = if planned == announced.n_records { 0 } else { done };
        }
        done = (done + n_records as u64).min(planned.max(n_records as u64));
        if !page.more {
            (planned, done) = (0, 0);
            if !self.settled {
                state::set(self.conn, keys::FIRST_SYNC_DONE, &true)?;
            }
        }
        state::set(self.conn, keys::PLANNED, &planned)?;
        state::set(self.conn, keys::DONE, &done)?;
        state::set(self.conn, keys::CURSOR, &page.cursor)?;
        if self.applied.touched.records.len() >= NAMED {
            self.applied.touched.records.clear();
        }
        (self.applied.n_planned, self.applied.n_done) = (planned, done);
        Ok(self.applied)
    }
}
