//! Every edit anybody typed, from "saved on this device" to its end (OFF-1).

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use satchel_core::domain::ids::*;

use super::access::{Expected, May};
use super::{Known, Oracle};
use crate::simulator::tokens::{EditId, Owner};

/// What somebody typed.
#[derive(Clone, Debug)]
pub struct Typed {
    /// On which device.
    pub device: DeviceId,
    /// Into which record.
    pub record: RecordId,
    /// The record's kind.
    pub kind: String,
    /// The client the record belongs to.
    pub client: Option<RecordId>,
    /// It makes the record.
    pub creates: bool,
    /// It says that the interaction is done (or made as done).
    pub closes: bool,
    /// It goes on with a long text: whoever types after it types its words as well.
    pub goes_on: bool,
    /// Its field says something about a person.
    pub personal: bool,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// No verdict yet.
    Waiting,
    /// In everybody's document.
    Merged,
    /// Kept for somebody's decision.
    SetAside(ProposalId),
    /// Decided: left out.
    Declined,
    /// Refused with a reason.
    Refused,
    /// Its author took it back before it had a verdict.
    Withdrawn,
    /// Erased with all that was personal (ERA-1).
    Erased,
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub typed: Option<Typed>,
    pub fate: Fate,
    /// Its device went back to a backup since: it may be sent once more, or its tray may be gone with the disk.
    pub went_back: bool,
    /// It was set aside once: its author has a receipt for it, whatever came of it.
    pub late: bool,
}

/// Late edits of one author that arrived together or build on one another: decided on as a whole (rule 12).
#[derive(Clone, Debug)]
pub(super) struct Bundle {
    pub author: UserId,
    pub client: RecordId,
    pub proposals: BTreeSet<ProposalId>,
    pub groups: BTreeSet<uuid::Uuid>,
    pub edits: BTreeSet<EditId>,
    pub decided: Option<bool>,
}

impl Oracle {
    /// A number for the edit that is about to be typed, so that its token may name it.
    pub fn next_edit(&mut self) -> EditId {
        self.edits.push(Entry { typed: None, fate: Fate::Withdrawn, went_back: false, late: false });
        self.edits.len() - 1
    }

    /// Notes an edit the moment the device said "saved".
    pub fn typed(&mut self, edit: EditId, typed: Typed) {
        if typed.creates {
            let by = self.devices.get(&typed.device).copied().expect("the device types after it was enrolled");
            let known = Known { kind: typed.kind.clone(), client: typed.client, by, exists: false };
            self.records.insert(typed.record, known);
        }
        self.edits[edit] = Entry { typed: Some(typed), fate: Fate::Waiting, went_back: false, late: false };
        self.count("edits");
    }

    /// The edit's author tries it again after it was refused.
    pub fn again(&mut self, edit: EditId) {
        self.edits[edit].fate = Fate::Waiting;
    }

    /// The edit's author took it back.
    pub fn withdrawn(&mut self, edit: EditId) {
        self.edits[edit].fate = Fate::Withdrawn;
        self.count("withdrawn");
    }

    /// A device goes on from a backup made before edit `next`: what was typed since and had not arrived is gone with
    /// the disk.
    pub fn restored(&mut self, device: DeviceId, next: EditId) {
        for (id, entry) in self.edits.iter_mut().enumerate() {
            if entry.typed.as_ref().is_some_and(|typed| typed.device == device) {
                entry.went_back = true;
                if id >= next && entry.fate == Fate::Waiting {
                    entry.fate = Fate::Withdrawn;
                }
            }
        }
        self.count("restored");
    }

    /// Whether an edit's device went back to a backup after it was typed.
    #[must_use]
    pub fn went_back(&self, edit: EditId) -> bool {
        self.edits[edit].went_back
    }

    /// What the edit was typed on was taken back: it stays with its author.
    pub fn stranded(&mut self, edit: EditId) {
        if self.edits[edit].fate == Fate::Waiting {
            self.edits[edit].fate = Fate::Refused;
            self.count("stranded");
        }
    }

    /// All edits with what became of them.
    pub fn edits(&self) -> impl Iterator<Item = (EditId, &Typed, Fate)> {
        let entries = self.edits.iter().enumerate();
        entries.filter_map(|(id, entry)| Some((id, entry.typed.as_ref()?, entry.fate)))
    }

    /// Edits that were set aside once, by a device that has kept its disk since.
    pub fn late(&self) -> impl Iterator<Item = (EditId, &Typed, Fate)> {
        self.edits().filter(|(id, ..)| self.edits[*id].late && !self.edits[*id].went_back)
    }

    /// Whether an edit was taken in after its record's erasure.
    #[must_use]
    pub fn is_written_anew(&self, edit: EditId) -> bool {
        self.written_anew.contains(&edit)
    }

    /// What became of one edit.
    #[must_use]
    pub fn fate(&self, edit: EditId) -> Fate {
        self.edits[edit].fate
    }

    /// Late edits that wait for a decision, with the client they are for.
    pub fn undecided(&self) -> impl Iterator<Item = (EditId, RecordId)> {
        let waiting = self.bundles.iter().filter(|one| one.decided.is_none());
        waiting.flat_map(|one| one.edits.iter().map(|edit| (*edit, one.client)))
    }

    /// Whether somebody is asked to decide on a late edit of a record, which shows him what was typed.
    #[must_use]
    pub fn is_asked(&self, user: UserId, record: RecordId) -> bool {
        self.undecided().any(|(edit, client)| {
            self.record_of(Owner::Edit(edit)) == Some(record) && self.deciders(client).contains(&user)
        })
    }

    /// Whether a device's own user may keep these words: he typed them there, and they are not merged or decided on.
    #[must_use]
    pub fn is_own(&self, owner: Owner, device: DeviceId) -> bool {
        let own = |entry: &Entry| {
            let undecided = matches!(entry.fate, Fate::Waiting | Fate::SetAside(_) | Fate::Refused) || entry.went_back;
            entry.typed.as_ref().is_some_and(|typed| typed.device == device) && undecided
        };
        match owner {
            Owner::Edit(edit) => self.edits.get(edit).is_some_and(own),
            // The title of a record carries both words.
            Owner::Record(record) => {
                let creates =
                    |entry: &&Entry| entry.typed.as_ref().is_some_and(|one| one.creates && one.record == record);
                self.edits.iter().filter(creates).any(own)
            }
        }
    }

    /// Whoever is asked about late edits of a client.
    #[must_use]
    pub fn deciders(&self, client: RecordId) -> Vec<UserId> {
        self.people.keys().copied().filter(|user| self.decides(*user, client)).collect()
    }

    /// A group of edits reached the server and was given `outcome`.
    pub(super) fn judge(
        &mut self,
        device: DeviceId,
        (group, conditions): (GroupId, &[uuid::Uuid]),
        edits: &[EditId],
        outcome: &Judged,
        now: DateTime<Utc>,
    ) {
        if let Judged::SetAside(proposal) = outcome {
            self.bundle(device, (group, conditions), edits, *proposal);
        }
        for edit in edits {
            let Some(typed) = self.edits[*edit].typed.clone() else {
                self.object(format!("edit {edit} reached the server and was never saved"));
                continue;
            };
            let expected = self.expected_of(device, *edit, &typed, now);
            // Of a device whose rights have ended nothing is taken in without a decision (REV-2).
            let expected = match expected {
                Expected::Accepted if self.revoked.contains(&device) => Expected::SetAside,
                Expected::Open if self.revoked.contains(&device) => Expected::NotAccepted,
                expected => expected,
            };
            let fits = match (expected, outcome) {
                (Expected::Open, _) | (_, Judged::NotYet | Judged::Stranded) => true,
                (Expected::Accepted, outcome) => *outcome == Judged::Accepted,
                (Expected::SetAside, outcome) => matches!(outcome, Judged::SetAside(_)),
                (Expected::Refused, outcome) => *outcome == Judged::Refused,
                (Expected::NotAccepted, outcome) => *outcome != Judged::Accepted,
            };
            if !fits {
                let who = self.devices.get(&device).map_or("nobody", |user| self.name(*user));
                self.object(format!("edit {edit} of {who} ({typed:?}) was {outcome:?}, expected {expected:?}"));
            }
            if self.edits[*edit].fate == Fate::Withdrawn && !typed.goes_on && !self.edits[*edit].went_back {
                self.object(format!("edit {edit} reached the server after its author took it back"));
            }
            if self.edits[*edit].fate == Fate::Erased {
                if *outcome == Judged::Accepted {
                    self.object(format!("edit {edit} was erased and taken in again"));
                }
                continue;
            }
            // Sent once more after a restored backup: what is merged stays merged.
            if self.edits[*edit].went_back && self.edits[*edit].fate == Fate::Merged {
                continue;
            }
            self.edits[*edit].fate = match outcome {
                Judged::Accepted => Fate::Merged,
                Judged::SetAside(proposal) => Fate::SetAside(*proposal),
                Judged::Refused | Judged::Stranded => Fate::Refused,
                Judged::NotYet => Fate::Waiting,
            };
            self.edits[*edit].late |= matches!(outcome, Judged::SetAside(_));
            match outcome {
                Judged::Accepted => self.merge(&typed, self.devices[&typed.device]),
                Judged::SetAside(_) => self.count("set aside"),
                Judged::Refused => self.count("refused"),
                Judged::Stranded => self.count("stranded"),
                Judged::NotYet => {}
            }
        }
    }

    /// What is in the documents counts from here on.
    fn merge(&mut self, typed: &Typed, holder: UserId) {
        self.count("merged");
        if typed.creates {
            let by = if typed.kind == "client" { holder } else { self.devices[&typed.device] };
            self.exist(typed, by);
        }
        if typed.closes
            && let Some(task) = self.tasks.get_mut(&typed.record)
        {
            task.open = false;
        }
    }

    fn exist(&mut self, typed: &Typed, by: UserId) {
        if let Some(known) = self.records.get_mut(&typed.record) {
            known.exists = true;
        }
        match (typed.kind.as_str(), typed.client) {
            ("client", _) => self.open_client(typed.record, by),
            ("interaction", Some(client)) => self.open_task(typed.record, client, by, !typed.closes),
            _ => {}
        }
    }

    fn bundle(
        &mut self,
        device: DeviceId,
        (group, conditions): (GroupId, &[uuid::Uuid]),
        edits: &[EditId],
        proposal: ProposalId,
    ) {
        let author = self.devices[&device];
        let records = |edits: &mut dyn Iterator<Item = &EditId>| -> BTreeSet<RecordId> {
            edits.filter_map(|edit| self.edits[*edit].typed.as_ref()).map(|typed| typed.record).collect()
        };
        let mine = records(&mut edits.iter());
        let client = edits.iter().find_map(|edit| self.edits[*edit].typed.as_ref()?.client);
        let Some(client) = client else { return self.object("an edit was set aside without a client") };
        let mut whole = Bundle {
            author,
            client,
            proposals: BTreeSet::from([proposal]),
            groups: BTreeSet::from([group.0]),
            edits: edits.iter().copied().collect(),
            decided: None,
        };
        let mut others = Vec::new();
        for one in std::mem::take(&mut self.bundles) {
            let theirs: BTreeSet<RecordId> = one
                .edits
                .iter()
                .filter_map(|edit| self.edits[*edit].typed.as_ref())
                .map(|typed| typed.record)
                .collect();
            let built_on = conditions.iter().any(|condition| one.groups.contains(condition));
            let same = one.proposals.contains(&proposal) || !theirs.is_disjoint(&mine) || built_on;
            if one.author == author && one.decided.is_none() && same {
                whole.proposals.extend(one.proposals);
                whole.groups.extend(one.groups);
                whole.edits.extend(one.edits);
            } else {
                others.push(one);
            }
        }
        others.push(whole);
        self.bundles = others;
    }

    /// A page names a proposal: of a group that touched several records only the first one was named before.
    pub(super) fn note_proposal(&mut self, proposal: ProposalId, author: UserId, record: RecordId) {
        if self.bundles.iter().any(|one| one.proposals.contains(&proposal)) {
            return;
        }
        let of = |edit: &EditId| self.edits[*edit].typed.as_ref().is_some_and(|typed| typed.record == record);
        let found = self.bundles.iter().position(|one| one.author == author && one.edits.iter().any(of));
        match found {
            Some(at) => {
                self.bundles[at].proposals.insert(proposal);
            }
            None => self.object("a proposal was shown that nobody made"),
        }
    }

    /// What is personal in a record is erased. Of what was set aside for it nobody decides on anything any more; what
    /// was not personal its author keeps to himself.
    pub fn erase(&mut self, record: RecordId) {
        self.erased.insert(record);
        let mut undecided = BTreeSet::new();
        for (edit, entry) in self.edits.iter_mut().enumerate() {
            let Some(typed) = entry.typed.as_ref().filter(|typed| typed.record == record) else { continue };
            let set_aside = matches!(entry.fate, Fate::SetAside(_));
            if typed.personal || set_aside {
                undecided.insert(edit);
                entry.fate = if typed.personal { Fate::Erased } else { Fate::Refused };
            }
        }
        for bundle in self.bundles.iter_mut().filter(|one| one.decided.is_none()) {
            bundle.edits.retain(|edit| !undecided.contains(edit));
        }
        self.bundles.retain(|one| one.decided.is_some() || !one.edits.is_empty());
        self.count("records erased");
    }

    /// Whether words may be found nowhere any more.
    #[must_use]
    pub fn is_erased(&self, owner: Owner) -> bool {
        match owner {
            Owner::Edit(edit) => self.edits.get(edit).is_some_and(|entry| entry.fate == Fate::Erased),
            Owner::Record(record) => self.erased.contains(&record),
        }
    }

    /// Somebody decided.
    pub(super) fn decided(&mut self, by: UserId, proposal: ProposalId, accepted: bool) {
        let Some(at) = self.bundles.iter().position(|one| one.proposals.contains(&proposal)) else {
            return self.object("a proposal nobody made was decided on");
        };
        self.bundles[at].decided = Some(accepted);
        let Bundle { author, edits, client, .. } = self.bundles[at].clone();
        let mut made = Vec::new();
        for edit in edits {
            let Some(typed) = self.edits[edit].typed.clone() else { continue };
            if !accepted {
                self.edits[edit].fate = Fate::Declined;
                continue;
            }
            self.edits[edit].fate = Fate::Merged;
            // Of a client that is nowhere else its author has it, or who took it in for somebody who has left.
            let holder = if self.people.get(&author).is_some_and(|one| one.active) { author } else { by };
            self.merge(&typed, holder);
            made.extend(typed.creates.then_some(typed.record));
        }
        for record in made {
            // Its author sees the client no more: whoever has the client does what is still to be done.
            let responsible = self.clients.get(&client).map_or(author, |place| place.responsible);
            if let Some(task) = self.tasks.get_mut(&record).filter(|task| task.open) {
                task.assigned = responsible;
            }
        }
        self.count(if accepted { "accepted" } else { "declined" });
    }

    pub(super) fn is_decided(&self, proposal: ProposalId) -> Option<(RecordId, bool)> {
        let one = self.bundles.iter().find(|one| one.proposals.contains(&proposal))?;
        Some((one.client, one.decided.is_some()))
    }

    fn expected_of(&self, device: DeviceId, edit: EditId, typed: &Typed, now: DateTime<Utc>) -> Expected {
        let Some(client) = typed.client else { return Expected::Accepted };
        if typed.creates && typed.kind == "client" {
            return Expected::Accepted;
        }
        // What builds on an edit that was not taken shares its fate or is written anew: the promises leave it open.
        let shaky = self.edits.iter().take(edit).any(|earlier| {
            let same = earlier.typed.as_ref().is_some_and(|one| one.device == device && one.record == typed.record);
            same && !matches!(earlier.fate, Fate::Merged | Fate::Withdrawn)
        });
        let shaky = shaky || (self.edits[edit].went_back && self.edits[edit].fate != Fate::Waiting);
        let made = typed.creates || self.records.get(&typed.record).is_some_and(|known| known.exists);
        if shaky || !made || self.erased.contains(&typed.record) {
            return Expected::Open;
        }
        if !self.clients.contains_key(&client) {
            return Expected::Open;
        }
        let needed = self.needed(device, typed);
        // What was his to do when his access ran out by itself, and was given to somebody else afterwards: rule 20 looks
        // at his access, the assignment at who does it now.
        if typed.kind == "interaction" && needed == May::Write && self.ran_out_by_itself(device, client) {
            return Expected::Open;
        }
        // Whoever is away and whoever stands in for him may both go on with it (rule 16).
        if self.devices.get(&device).is_some_and(|user| self.handed_over_by(*user, typed.record)) {
            return Expected::Open;
        }
        self.expected(device, client, needed, now)
    }

    /// Interactions one made or is to do oneself are open to everybody who may add; everything else needs all rights.
    fn needed(&self, device: DeviceId, typed: &Typed) -> May {
        if typed.kind != "interaction" {
            return May::Write;
        }
        let user = self.devices.get(&device).copied();
        let made = self.records.get(&typed.record).map(|known| known.by) == user;
        let assigned = self.tasks.get(&typed.record).map(|task| task.assigned) == user;
        if typed.creates || made || assigned { May::Add } else { May::Write }
    }

    /// An edit of a person that a device of his had when it was last in touch, and that has no verdict. What was typed
    /// out of reach afterwards nobody in the office can know of.
    pub(super) fn told_unsent(&self, person: UserId) -> Option<EditId> {
        self.edits().find_map(|(id, typed, fate)| {
            let his = self.devices.get(&typed.device) == Some(&person) && !self.revoked.contains(&typed.device);
            let known = self.known_at_contact.get(&typed.device).is_some_and(|next| id < *next);
            (his && known && fate == Fate::Waiting && !self.edits[id].went_back).then_some(id)
        })
    }

    /// Edits whose token stands in the bytes of a push.
    pub(super) fn edits_in(&self, blobs: &[Vec<u8>]) -> Vec<EditId> {
        let owners: BTreeSet<Owner> = blobs.iter().flat_map(|blob| self.tokens.in_bytes(blob)).collect();
        owners
            .into_iter()
            .filter_map(|owner| match owner {
                Owner::Edit(edit) => Some(edit),
                Owner::Record(_) => None,
            })
            .collect()
    }
}

/// A verdict, as far as the oracle cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    Accepted,
    SetAside(ProposalId),
    Refused,
    /// What it builds on was left out: it waits for its author, who can read it and send it again.
    Stranded,
    /// Comes again: something it builds on is missing.
    NotYet,
}
