//! A device without a database: speaks the protocol by hand. Fills the demo quickly, asks what no app would ask, and
//! reads what the server holds without trusting the app's half of sync.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use satchel_core::docs::Doc;
use satchel_core::domain::authority::{Home, User, actor_bytes};
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::Kind;
use satchel_core::domain::patch::Patch;
use satchel_core::store::state::Identity;
use satchel_core::sync::device::Transport;
use satchel_core::sync::device::identity::{enrol, parse_link};
use satchel_core::sync::wire::*;

use super::Office;

/// A device without a database.
pub struct Probe {
    /// Who it is.
    pub identity: Identity,
    /// What it was sent so far.
    pub held: Held,
    transport: Arc<dyn Transport>,
    push_counter: u64,
    unsent: Vec<Frame<Up>>,
}

/// What a device was sent.
#[derive(Debug, Default)]
pub struct Held {
    /// Where it stands.
    pub cursor: Cursor,
    /// Records with all their changes.
    pub records: BTreeMap<RecordId, HeldRecord>,
    /// Homes it was given and not deprived of.
    pub homes: BTreeMap<Home, Granted>,
    /// Homes it lost and has not confirmed.
    pub lost: Vec<PurgeAck>,
    /// Colleagues.
    pub users: BTreeMap<UserId, User>,
    /// Late edits it was shown.
    pub proposals: BTreeMap<ProposalId, ProposalState>,
}

/// A record with all its changes.
#[derive(Debug, Default)]
pub struct HeldRecord {
    /// Its kind.
    pub kind: String,
    /// Its homes, as far as they are shown.
    pub homes: BTreeSet<Home>,
    /// Its changes.
    pub changes: Vec<Vec<u8>>,
    /// What the office says of it.
    pub authority: RecordAuthority,
}

impl HeldRecord {
    /// The document.
    ///
    /// # Errors
    /// Where the changes are none.
    pub fn doc(&self) -> Result<Doc> {
        Doc::load(&self.changes.concat()).context("loading a document")
    }
}

/// A group that makes or changes nothing yet.
#[must_use]
pub fn group(id: GroupId, at: DateTime<Utc>) -> Frame<Up> {
    Frame::bare(Up::Group(Group { id, at, depends_on: Vec::new(), items: Vec::new() }))
}

impl Probe {
    /// Enrols with a link.
    ///
    /// # Errors
    /// What the server answers.
    pub fn enrol(transport: Arc<dyn Transport>, link: &str, password: &str, name: &str) -> Result<Self> {
        let link = parse_link(link).context("reading the link")?;
        let identity = enrol(&*transport, &link, password, name).context("enrolling")?;
        Ok(Self { identity, held: Held::default(), transport, push_counter: 0, unsent: Vec::new() })
    }

    /// The Automerge actor it writes under.
    #[must_use]
    pub fn actor(&self) -> [u8; 20] {
        actor_bytes(self.identity.device, 0)
    }

    /// Makes a record in a group of its own or the one given, to go up with the next push.
    ///
    /// # Errors
    /// Where the patch does not fit the kind.
    pub fn create(
        &mut self,
        frame: &mut Frame<Up>,
        kind: &Kind,
        id: RecordId,
        home: Home,
        patch: &Patch,
    ) -> Result<()> {
        let Up::Group(group) = &mut frame.message else { bail!("not a group") };
        let (_, changes) = Doc::create(kind, patch, &self.actor(), group.at).context("making a document")?;
        let record = RecordKey { id, generation: 0 };
        group.items.push(Item::Create { record, kind: kind.key.to_owned(), homes: vec![home] });
        group.items.push(Item::Changes { record, n: u32::try_from(changes.len())? });
        frame.blobs.extend(changes);
        Ok(())
    }

    /// Edits a record it holds, asking nobody whether it may. Answers what became of that.
    ///
    /// # Panics
    /// Where it does not hold the record, or the server refuses the request as a whole.
    pub fn edit_by_hand(&mut self, office: &Office, record: RecordId, patch: Patch) -> Outcome {
        let held = &self.held.records[&record];
        let kind = office.registry.kind(&held.kind).expect("the kind is declared");
        let mut doc = held.doc().expect("the document reads");
        let changes = doc.edit(kind, &patch, &self.actor(), office.now()).expect("the patch fits");
        let id = GroupId(office.ids.fresh());
        let mut frame = group(id, office.now());
        let Up::Group(group) = &mut frame.message else { unreachable!("a group was made a line above") };
        let n = u32::try_from(changes.len()).expect("an edit is a few changes");
        group.items.push(Item::Changes { record: RecordKey { id: record, generation: 0 }, n });
        frame.blobs = changes;
        self.queue(frame);
        self.push(&*office.ids).expect("the request is answered").remove(&id).expect("the group has a verdict")
    }

    /// Queues a group.
    pub fn queue(&mut self, frame: Frame<Up>) {
        self.unsent.push(frame);
    }

    /// Sends what is queued, as many groups at a time as the limits allow.
    ///
    /// # Errors
    /// Where the server refuses a request.
    pub fn push(&mut self, ids: &dyn IdSource) -> Result<BTreeMap<GroupId, Outcome>> {
        let mut outcomes = BTreeMap::new();
        while !self.unsent.is_empty() {
            let mut frames = vec![Frame::bare(Up::Hello(self.hello(Some(GroupId(ids.fresh())), false)))];
            let (mut n_changes, mut n_bytes) = (0, 0);
            while let Some(next) = self.unsent.first() {
                n_changes += next.blobs.len();
                n_bytes += next.blobs.iter().map(Vec::len).sum::<usize>();
                if frames.len() > 1 && (n_changes > 900 || n_bytes > 2_000_000) {
                    break;
                }
                frames.push(self.unsent.remove(0));
            }
            for frame in self.ask(&frames)? {
                match frame.message {
                    Down::Verdict(verdict) => {
                        outcomes.insert(verdict.group, verdict.outcome);
                    }
                    Down::Welcome(welcome) => self.push_counter = welcome.push_counter,
                    Down::Refused(denied) => bail!("the server refuses the push: {}", denied.code),
                    Down::Page(_) => {}
                }
            }
        }
        Ok(outcomes)
    }

    /// Pulls until there is no more. Returns how many records came.
    ///
    /// # Errors
    /// Where the server refuses.
    pub fn pull(&mut self) -> Result<usize> {
        let mut n = 0;
        loop {
            let mut hello = self.hello(None, true);
            hello.purged = std::mem::take(&mut self.held.lost);
            let mut more = false;
            for frame in self.ask(&[Frame::bare(Up::Hello(hello))])? {
                match frame.message {
                    Down::Page(page) => {
                        n += page.records.len();
                        more = page.more;
                        self.held.take(*page, frame.blobs);
                    }
                    Down::Refused(denied) => bail!("the server refuses the pull: {}", denied.code),
                    Down::Welcome(_) | Down::Verdict(_) => {}
                }
            }
            if !more && self.held.lost.is_empty() {
                return Ok(n);
            }
        }
    }

    /// A hello as the app would say it.
    #[must_use]
    pub fn hello(&self, push_id: Option<GroupId>, pull: bool) -> Hello {
        let access = self.identity.tokens.as_ref().map_or_else(String::new, |tokens| tokens.access.clone());
        Hello {
            protocol: PROTOCOL,
            app: "probe".to_owned(),
            organisation: self.identity.organisation,
            device: self.identity.device,
            credential: Credential::Access(access),
            epoch: self.identity.epoch,
            incarnation: 0,
            push_counter: self.push_counter,
            push_id,
            cursor: self.held.cursor.clone(),
            ahead: false,
            purged: Vec::new(),
            n_unsent: 0,
            pull,
            credit: 4 * 1024 * 1024,
            want_devices: false,
            clock: None,
            snapshots: false,
        }
    }

    /// Sends frames and reads the answer's.
    ///
    /// # Errors
    /// Where nobody answers, or no frames.
    pub fn ask(&self, frames: &[Frame<Up>]) -> Result<Vec<Frame<Down>>> {
        let body = pack(frames).context("packing")?;
        let answer = self.transport.post(paths::SYNC, None, "application/octet-stream", &body).context("asking")?;
        unpack(&answer).context("reading the answer")
    }
}

impl Held {
    fn take(&mut self, page: Page, blobs: Vec<Vec<u8>>) {
        let mut blobs = blobs.into_iter();
        self.cursor = page.cursor;
        self.users.extend(page.users.into_iter().map(|user| (user.id, user)));
        for granted in page.granted {
            if granted.anew {
                self.leave(granted.home);
            }
            self.homes.insert(granted.home, granted);
        }
        for revoked in page.revoked {
            self.homes.remove(&revoked.home);
            self.leave(revoked.home);
            self.lost.push(PurgeAck { home: revoked.home, revoked: revoked.number });
        }
        for gone in page.gone {
            self.records.remove(&gone);
        }
        for one in page.records {
            let record = self.records.entry(one.record.id).or_default();
            record.kind = one.kind;
            record.homes = one.homes.into_iter().collect();
            if one.full {
                record.changes.clear();
            }
            record.changes.extend(blobs.by_ref().take(one.n as usize));
            if let Some(authority) = one.authority {
                record.authority = authority;
            }
        }
        self.proposals.extend(page.proposals.into_iter().map(|state| (state.id, state)));
    }

    fn leave(&mut self, home: Home) {
        self.records.retain(|_, record| {
            record.homes.remove(&home);
            !record.homes.is_empty()
        });
    }
}
