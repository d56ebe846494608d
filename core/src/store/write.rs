//! The write path: access check, document changes, views, search, outbox, in one transaction.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::access::Under;
use super::documents::NewDocument;
use super::error::StoreError;
use super::open::Store;
use super::outbox::NewWrite;
use super::state::Me;
use super::undo::{self, Image};
use super::views::{Layout, Layouts, RowFacts};
use super::{access, contacts, documents, folding, index, mirror, outbox, state, views};
use crate::docs::{Doc, Record};
use crate::domain::authority::{ClientAuthority, Home};
use crate::domain::ids::*;
use crate::domain::kind::HomeRule;
use crate::domain::limits;
use crate::domain::patch::Patch;
use crate::sync::wire::{RecordAuthority, RecordKey};

/// Edits that belong together.
#[derive(Clone, Debug)]
pub struct GroupDraft {
    /// When, by this device's clock.
    pub at: DateTime<Utc>,
    /// In order; later ones may refer to records made by earlier ones.
    pub writes: Vec<Write>,
}

/// One write of a group.
#[derive(Clone, Debug)]
pub enum Write {
    /// Makes a record.
    Create {
        /// Its kind.
        kind: String,
        /// Its fresh id, from the id source.
        id: RecordId,
        /// The client it lives under; `None` for clients, catalogues and personal records.
        client: Option<RecordId>,
        /// Its values.
        patch: Patch,
    },
    /// Makes a record everybody of a department sees.
    Share {
        /// Its kind.
        kind: String,
        /// Its fresh id, from the id source.
        id: RecordId,
        /// The department.
        department: DepartmentId,
        /// Its values.
        patch: Patch,
    },
    /// Changes fields of a record; `trashed` puts it into the trash or takes it out.
    Edit {
        /// The record.
        id: RecordId,
        /// New values, and the ones the person saw.
        patch: Patch,
    },
}

/// What a write did; everything in it is on disk.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The group that waits to be sent; `None` in local-only use, and where nothing changed.
    pub group: Option<GroupId>,
    /// What the interface has to ask for again.
    pub touched: Touched,
    /// The action it is remembered as, where it can be taken back.
    pub action: Option<i64>,
}

/// What changed in the database, for topics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Kinds of which records changed.
    pub kinds: BTreeSet<String>,
    /// Records that changed, with the client they live under. Empty after a large page: then `kinds` says enough.
    pub records: BTreeSet<RecordId>,
    /// Orders, proposals, devices, people.
    pub office: bool,
    /// Not sent, notices.
    pub outbox: bool,
    /// Nothing waits to be indexed any more: what is counted by the index may be another number.
    pub indexed: bool,
}

impl Touched {
    /// Adds what another one touched.
    pub fn join(&mut self, other: Self) {
        self.kinds.extend(other.kinds);
        self.records.extend(other.records);
        self.office |= other.office;
        self.outbox |= other.outbox;
        self.indexed |= other.indexed;
    }

    /// True where nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn record(&mut self, kind: &str, id: RecordId, client: Option<RecordId>) {
        if !self.kinds.contains(kind) {
            self.kinds.insert(kind.to_owned());
        }
        self.records.insert(id);
        self.records.extend(client);
    }
}

/// When a record is put into the search index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Indexing {
    /// With the write.
    Now,
    /// In quiet moments: a great many are written at once.
    Later,
}

impl Store {
    /// Writes a group: all of it or nothing.
    ///
    /// # Errors
    /// `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `BadValue`, `UnknownKind`, `TooLarge`, `DiskFull` and those of
    /// the database; after any of them nothing was written.
    pub fn write_group(&self, draft: &GroupDraft, ids: &dyn IdSource) -> Result<Written, StoreError> {
        self.setting_aside(|store| store.write(|tx| write_group(tx, store.layouts(), draft, ids)))
    }

    /// As [`Store::write_group`], for what a person does: he can take it back with [`Store::undo`].
    ///
    /// # Errors
    /// As there.
    pub fn act(&self, draft: &GroupDraft, ids: &dyn IdSource) -> Result<Written, StoreError> {
        self.setting_aside(|store| {
            store.write(|tx| {
                let mut images = Vec::new();
                let mut written = write_group_seen_now(tx, store.layouts(), draft, ids, &mut images)?;
                written.action = undo::remember(tx, draft.at, &images)?;
                Ok(written)
            })
        })
    }

    /// A record found damaged while it is written is set aside for the next contact to fetch it.
    pub(super) fn setting_aside<T>(&self, work: impl FnOnce(&Self) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let written = work(self);
        if let Err(StoreError::RecordDamaged(id)) = written {
            self.set_aside(&BTreeSet::from([id]))?;
        }
        written
    }
}

pub(super) fn write_group(
    conn: &Connection,
    layouts: &Layouts,
    draft: &GroupDraft,
    ids: &dyn IdSource,
) -> Result<Written, StoreError> {
    write_group_seen(conn, layouts, draft, ids, None, Indexing::Now)
}

/// As [`write_group`], leaving the search index to quiet moments: a great many are written at once.
pub(super) fn write_group_of_many(
    conn: &Connection,
    layouts: &Layouts,
    draft: &GroupDraft,
    ids: &dyn IdSource,
) -> Result<Written, StoreError> {
    write_group_seen(conn, layouts, draft, ids, None, Indexing::Later)
}

/// As [`write_group`], for what a person does: gives the records before and after.
pub(super) fn write_group_seen_now(
    conn: &Connection,
    layouts: &Layouts,
    draft: &GroupDraft,
    ids: &dyn IdSource,
    images: &mut Vec<Image>,
) -> Result<Written, StoreError> {
    write_group_seen(conn, layouts, draft, ids, Some(images), Indexing::Now)
}

/// As [`write_group`]; shows the records before and after where somebody wants to know.
fn write_group_seen(
    conn: &Connection,
    layouts: &Layouts,
    draft: &GroupDraft,
    ids: &dyn IdSource,
    images: Option<&mut Vec<Image>>,
    indexing: Indexing,
) -> Result<Written, StoreError> {
    let me = state::me(conn)?;
    let mut writing = Writing {
        conn,
        layouts,
        indexing,
        actor: state::actor(conn)?,
        at: draft.at,
        me,
        made: Vec::new(),
        depends_on: BTreeSet::new(),
        contacts: BTreeSet::new(),
        touched: Touched::default(),
        images,
    };
    for write in &draft.writes {
        match write {
            Write::Create { kind, id, client, patch } => {
                writing.create(kind, *id, client.map_or(Under::Nothing, Under::Client), patch)?;
            }
            Write::Share { kind, id, department, patch } => {
                writing.create(kind, *id, Under::Department(*department), patch)?;
            }
            Write::Edit { id, patch } => writing.edit(*id, patch)?,
        }
    }
    writing.finish(ids)
}

struct Writing<'a> {
    conn: &'a Connection,
    layouts: &'a Layouts,
    indexing: Indexing,
    me: Me,
    actor: [u8; 20],
    at: DateTime<Utc>,
    made: Vec<Made<'a>>,
    depends_on: BTreeSet<uuid::Uuid>,
    contacts: BTreeSet<RecordId>,
    touched: Touched,
    images: Option<&'a mut Vec<Image>>,
}

struct Made<'a> {
    key: RecordKey,
    layout: &'a Layout,
    creates: bool,
    homes: Vec<Home>,
    patch: &'a Patch,
    chunks: Vec<Vec<u8>>,
}

impl<'a> Writing<'a> {
    fn create(&mut self, kind: &str, id: RecordId, under: Under, patch: &'a Patch) -> Result<(), StoreError> {
        let layout = self.layouts.need(kind)?;
        if documents::number(self.conn, id)?.is_some() {
            return Err(StoreError::WrongState);
        }
        let home = access::home_for_new(self.conn, &self.me, layout.kind, id, under)?;
        if let Home::Client(client) = home
            && client != id
        {
            self.depends_on.extend(outbox::maker_of(self.conn, client)?);
        }
        let (mut doc, chunks) = Doc::create(layout.kind, patch, &self.actor, self.at)?;
        let record = doc.read(layout.kind)?;
        let blob = chunks.concat();
        check_size(blob.len())?;
        let key = RecordKey { id, generation: 0 };
        let homes = vec![home];
        let heads = doc.heads();
        let new = NewDocument { key, kind, homes: &homes, chunks: &blob, heads: &heads, damaged: false };
        let n = documents::insert(self.conn, &new)?;
        let authority = self.authority_of_new(layout);
        mirror::put_authority(self.conn, n, &authority)?;
        if let Some(images) = &mut self.images {
            images.push(Image::of_new(kind, id, &record));
        }
        let client = documents::client_of(id, &homes);
        self.show(layout, &RowFacts { n, id, client, record: &record, heads: &heads, authority: &authority })?;
        self.made.push(Made { key, layout, creates: true, homes, patch, chunks });
        Ok(())
    }

    /// What the server will say about a record made here.
    fn authority_of_new(&self, layout: &Layout) -> RecordAuthority {
        let own = ClientAuthority { responsible: self.me.user, department: self.me.department };
        RecordAuthority {
            created_by: Some(self.me.user),
            received_at: None,
            client: (layout.kind.home == HomeRule::OwnClient).then_some(own),
            assigned: layout.kind.field("assigned").map(|_| self.me.user),
            hand_overs: Vec::new(),
            merged: None,
        }
    }

    fn edit(&mut self, id: RecordId, patch: &'a Patch) -> Result<(), StoreError> {
        let document = documents::find(self.conn, id)?.ok_or(StoreError::NotFound)?;
        let layout = self.layouts.need(&document.kind)?;
        let authority = mirror::authority(self.conn, document.n)?;
        let level = access::best_level(self.conn, &self.me, &document.homes)?;
        if level.is_none() {
            return Err(StoreError::NotFound);
        }
        if !access::may_edit(layout.kind, &self.me, level, &authority) {
            return Err(StoreError::NotAllowed);
        }
        let fixed = |key: &&String| layout.kind.field(key).is_some_and(|field| field.fixed);
        if let Some(key) = patch.set.keys().find(fixed) {
            return Err(StoreError::BadValue(key.clone()));
        }
        let mut doc = documents::load(&document)?;
        let fields = doc.changed_meanwhile(layout.kind, patch)?;
        if !fields.is_empty() {
            return Err(StoreError::ChangedMeanwhile { record: id, fields });
        }
        let was = match &self.images {
            Some(_) => Some(doc.read(layout.kind)?),
            None => None,
        };
        let chunks = doc.edit(layout.kind, patch, &self.actor, self.at)?;
        if chunks.is_empty() {
            return Ok(());
        }
        let mut blob = folding::fold(self.conn, id, document.chunks)?;
        chunks.iter().for_each(|chunk| blob.extend_from_slice(chunk));
        check_size(blob.len())?;
        let record: Record = doc.read(layout.kind)?;
        if let (Some(images), Some(was)) = (&mut self.images, was) {
            images.push(Image::of_edit(layout.kind.key, id, patch, &was, &record));
        }
        let heads = doc.heads();
        documents::set_chunks(self.conn, document.n, &blob, &heads, false)?;
        self.depends_on.extend(outbox::maker_of(self.conn, id)?);
        let (n, client) = (document.n, document.client);
        self.show(layout, &RowFacts { n, id, client, record: &record, heads: &heads, authority: &authority })?;
        self.made.push(Made { key: document.key, layout, creates: false, homes: document.homes, patch, chunks });
        Ok(())
    }

    fn show(&mut self, layout: &Layout, facts: &RowFacts<'_>) -> Result<(), StoreError> {
        for kind in views::put_row(self.conn, self.layouts, layout, facts)? {
            self.touched.kinds.insert(kind.to_owned());
        }
        match self.indexing {
            Indexing::Now => index::put(self.conn, layout, facts.n)?,
            Indexing::Later => index::mark(self.conn, facts.n)?,
        }
        self.contacts.extend(contacts::concerned(layout.kind.key, facts.id, facts.client));
        self.touched.record(layout.kind.key, facts.id, facts.client);
        Ok(())
    }

    fn finish(mut self, ids: &dyn IdSource) -> Result<Written, StoreError> {
        contacts::refresh(self.conn, self.layouts, &self.contacts)?;
        if self.me.server.is_none() || self.made.is_empty() {
            return Ok(Written { touched: self.touched, ..Written::default() });
        }
        if self.made.iter().map(|made| made.chunks.len()).sum::<usize>() > limits::CHANGES_PER_PUSH {
            return Err(StoreError::TooLarge);
        }
        let bytes = self.made.iter().flat_map(|made| &made.chunks).map(Vec::len).sum::<usize>();
        // A group travels whole, in one body with its headers.
        if bytes > limits::BODY_BYTES * 3 / 4 {
            return Err(StoreError::TooLarge);
        }
        let id = GroupId(ids.fresh());
        let writes: Vec<NewWrite<'_>> = self
            .made
            .iter_mut()
            .map(|made| NewWrite {
                record: made.key.id,
                generation: made.key.generation,
                kind: made.layout.kind.key,
                creates: made.creates,
                homes: &made.homes,
                patch: made.patch,
                chunks: std::mem::take(&mut made.chunks),
            })
            .collect();
        outbox::push_group(self.conn, id, self.at, &self.depends_on, &writes)?;
        self.touched.outbox = true;
        Ok(Written { group: Some(id), touched: self.touched, action: None })
    }
}

fn check_size(bytes: usize) -> Result<(), StoreError> {
    if bytes > limits::RECORD_BYTES { Err(StoreError::TooLarge) } else { Ok(()) }
}
