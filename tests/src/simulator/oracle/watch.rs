//! Watching the wire: what reached the server, what it answered, and whether anybody was shown what is not his.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use satchel_core::domain::authority::Home;
use satchel_core::domain::ids::*;
use satchel_core::domain::order::Plan;
use satchel_core::sync::wire::{Down, Frame, Group, Item, Outcome, Up};

use super::edits::Judged;
use super::{Fate, Oracle};
use crate::simulator::tokens::Owner;
use crate::tap;

/// One request that reached the server, with its answer, whether or not the device got it.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Which device asked.
    pub device: DeviceId,
    /// The server's clock.
    pub at: DateTime<Utc>,
    /// The request's body.
    pub sent: Vec<u8>,
    /// The answer's body.
    pub received: Vec<u8>,
}

impl Oracle {
    /// Takes an exchange on `/v1/sync` into the books and checks it.
    pub fn watch(&mut self, exchange: &Exchange) {
        let Some(user) = self.devices.get(&exchange.device).copied() else { return };
        let was_revoked = self.revoked.contains(&exchange.device);
        let (Ok(sent), Ok(received)) = (tap::up(&exchange.sent), tap::down(&exchange.received)) else {
            return self.object("a body on the wire is not frames");
        };
        // The server does the clock's work for whoever it knows; nobody else makes it look at the clock.
        if received.iter().any(|frame| matches!(frame.message, Down::Welcome(_))) {
            self.run_out(exchange.at);
        }
        if was_revoked {
            return self.check_silence(user, &received);
        }
        self.note_acknowledgements(exchange.device, &sent);
        self.known_at_contact.insert(exchange.device, self.edits.len());
        if is_turned_away(&sent, &received) {
            return;
        }
        for frame in &sent {
            if let Up::Group(group) = &frame.message {
                self.note_group(exchange.device, user, group, &frame.blobs, &received, exchange.at);
            }
        }
        self.note_page(exchange.device, &received);
        self.check_view(user, exchange);
    }

    /// What the device says it has purged. It must not have kept back anything it typed there (rule 20).
    fn note_acknowledgements(&mut self, device: DeviceId, sent: &[Frame<Up>]) {
        let purged = sent.iter().filter_map(|frame| match &frame.message {
            Up::Hello(hello) => Some(hello.purged.clone()),
            Up::Group(_) | Up::Credit(_) => None,
        });
        for ack in purged.flatten().collect::<Vec<_>>() {
            let Home::Client(client) = ack.home else { continue };
            let ends = self.told.get(&(device, client, ack.revoked)).copied();
            let Some(ends) = ends else {
                self.object("a purge was acknowledged that was never asked for");
                continue;
            };
            let known = self.acknowledged.entry((device, client)).or_default();
            *known = (*known).max(ends);
            self.count("purges");
            let unsent = self.edits().find(|(_, typed, fate)| {
                typed.device == device && typed.client == Some(client) && *fate == Fate::Waiting
            });
            if let Some((edit, ..)) = unsent {
                self.object(format!("a purge was acknowledged while edit {edit} was not sent"));
            }
        }
    }

    fn note_group(
        &mut self,
        device: DeviceId,
        user: UserId,
        group: &Group,
        blobs: &[Vec<u8>],
        received: &[Frame<Down>],
        now: DateTime<Utc>,
    ) {
        let verdict = received.iter().find_map(|frame| match &frame.message {
            Down::Verdict(verdict) if verdict.group == group.id => Some(verdict.outcome.clone()),
            _ => None,
        });
        let Some(outcome) = verdict else {
            // A request refused as a whole has no verdicts, nor has one of a clone: the groups come again.
            let taken = |frame: &Frame<Down>| matches!(&frame.message, Down::Welcome(one) if one.incarnation.is_none());
            if received.iter().any(taken) {
                self.object("a group was given no verdict");
            }
            return;
        };
        let command = group.items.iter().find_map(|item| match item {
            Item::Command(command) => Some(command),
            _ => None,
        });
        match (command, outcome) {
            (None, outcome) => self.judge_group(device, (group, blobs), outcome, now),
            (Some(command), outcome) => {
                if self.is_repeated(group.id, &outcome) {
                    return;
                }
                match outcome {
                    Outcome::Applied(plan) => self.ordered(user, command, Some(&plan), now),
                    Outcome::Confirm(_) | Outcome::Refused(_) => self.ordered(user, command, None, now),
                    _ => {}
                }
            }
        }
    }

    /// A verdict on edits, whichever way it was given.
    pub(super) fn judge_group(
        &mut self,
        device: DeviceId,
        (group, blobs): (&Group, &[Vec<u8>]),
        outcome: Outcome,
        now: DateTime<Utc>,
    ) {
        if self.is_repeated(group.id, &outcome) {
            return;
        }
        let judged = match outcome {
            Outcome::Accepted => Judged::Accepted,
            Outcome::SetAside(proposal) => Judged::SetAside(proposal),
            Outcome::Refused(_) => Judged::Refused,
            Outcome::Duplicate => return self.object("a group never seen before was called a duplicate"),
            Outcome::DependsOn(_) => Judged::Stranded,
            _ => Judged::NotYet,
        };
        let edits = self.edits_in(blobs);
        let anew = |item: &Item| matches!(item, Item::Changes { record, .. } if record.generation > 0);
        if judged == Judged::Accepted && group.items.iter().any(anew) {
            self.written_anew.extend(&edits);
        }
        self.judge(device, (group.id, &group.depends_on), &edits, &judged, now);
    }

    /// Whether a group was judged before. Nothing may happen a second time (DUR-4).
    fn is_repeated(&mut self, group: GroupId, outcome: &Outcome) -> bool {
        let final_words = match outcome {
            // These are judged anew when they come again: the world may have changed meanwhile.
            Outcome::MissingDependencies | Outcome::DependsOn(_) | Outcome::Refused(_) | Outcome::Confirm(_) => None,
            Outcome::Duplicate => Some(format!("{:?}", Outcome::Accepted)),
            other => Some(format!("{other:?}")),
        };
        if let Some(first) = self.judged.get(&group) {
            if final_words.as_ref() != Some(first) {
                self.object(format!("a group was judged {first}, and then {outcome:?}"));
            }
            self.count("repeated");
            return true;
        }
        if let Some(words) = final_words {
            self.judged.insert(group, words);
        }
        false
    }

    fn note_page(&mut self, device: DeviceId, received: &[Frame<Down>]) {
        let user = self.devices[&device];
        for frame in received {
            let Down::Page(page) = &frame.message else { continue };
            for revoked in &page.revoked {
                let Home::Client(client) = revoked.home else { continue };
                let n_ends = self.ends.get(&(user, client)).map_or(0, Vec::len);
                self.told.insert((device, client, revoked.number), n_ends);
            }
            for state in &page.proposals {
                self.note_proposal(state.id, state.author, state.record.id);
            }
        }
    }

    /// A revoked device gets verdicts at most, never data (REV-1, REV-2).
    fn check_silence(&mut self, user: UserId, received: &[Frame<Down>]) {
        self.count("revoked device asked");
        let page = received.iter().any(|frame| matches!(frame.message, Down::Page(_)));
        let blobs = received.iter().any(|frame| !frame.blobs.is_empty());
        if page || blobs {
            self.object(format!("a revoked device of {} was answered with data", self.name(user)));
        }
    }

    /// No byte of a record goes to whoever does not see it in the snapshot the answer is read from (VIS-1).
    pub(super) fn check_view(&mut self, user: UserId, exchange: &Exchange) {
        let plain = tap::plain(&exchange.received);
        for owner in self.tokens.in_bytes(&plain) {
            if self.is_erased(owner) {
                self.object(format!("{} was sent {owner:?}, which was erased", self.name(user)));
                continue;
            }
            let Some(record) = self.record_of(owner) else { continue };
            let Some(known) = self.records.get(&record) else { continue };
            let sees = known.exists && self.sees(user, known.client, exchange.at);
            let decides = known.client.is_some_and(|client| self.decides(user, client));
            let late = matches!(owner, Owner::Edit(edit) if !matches!(self.fate(edit), Fate::Merged));
            if !decides && (late || !sees) {
                let (name, kind) = (self.name(user), known.kind.clone());
                self.object(format!("{name} was sent {owner:?} of a {kind} he does not see"));
            }
        }
        self.check_ids(user, &plain, &exchange.sent);
    }

    /// Not even the id of a record goes to somebody who never saw it.
    fn check_ids(&mut self, user: UserId, plain: &[u8], sent: &[u8]) {
        let strangers = self.records.iter().filter(|(_, known)| {
            // Whoever decides on what a lost device made is shown it before he sees it.
            let shown = |client| self.ever_seen.contains(&(user, client)) || self.decides(user, client);
            let never = known.client.is_some_and(|client| !shown(client));
            never && known.by != user
        });
        let strangers: HashSet<[u8; 16]> = strangers.map(|(id, _)| *id.bytes()).collect();
        let shown = tap::ids_among(plain, &strangers);
        if shown.is_empty() {
            return;
        }
        // What he asked about himself may come back to him.
        let asked = tap::ids_among(&tap::plain(sent), &strangers);
        if shown.difference(&asked).next().is_some() {
            let name = self.name(user);
            self.object(format!("{name} was sent the id of a record he never saw"));
        }
    }

    /// A rehearsal shows what an order would do, and no more than an order's answer may.
    #[must_use]
    pub fn is_about_own(&self, user: UserId, plan: &Plan) -> bool {
        let clients = plan.mark().moves;
        clients.iter().all(|(client, ..)| self.ever_seen.contains(&(user, *client)))
    }
}

/// Whether the server has gone back to a backup since the device asked last: it is told so and nothing else (rule 24).
fn is_turned_away(sent: &[Frame<Up>], received: &[Frame<Down>]) -> bool {
    let epoch = sent.iter().find_map(|frame| match &frame.message {
        Up::Hello(hello) => Some(hello.epoch),
        _ => None,
    });
    received.iter().any(|frame| match &frame.message {
        Down::Welcome(welcome) => welcome.held || Some(welcome.epoch) != epoch,
        _ => false,
    }) && received.len() == 1
}
