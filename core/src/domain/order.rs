//! Office commands: orders that change authority, and what the office makes of them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::absence::{Absence, DISMISSAL, StandIn};
use super::authority::{Cause, Home, Level, Reason};
use super::ids::*;

/// An order with what its author knew when he gave it (rule 2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Made by the device; applied once whatever the number of deliveries.
    pub id: CommandId,
    /// When it was given, by the device's clock.
    pub at: DateTime<Utc>,
    /// What is to be done.
    pub order: Order,
    /// Commands that must have been applied before this one.
    pub builds_on: Vec<CommandId>,
    /// What the rehearsal showed and the person confirmed.
    pub confirmed: Option<Mark>,
}

impl Command {
    /// How many things it names, each of which has to be looked at.
    #[must_use]
    pub fn n_items(&self) -> usize {
        let of_order = match &self.order {
            Order::MoveClients { moves, .. } => moves.len(),
            Order::MergeClients { others, .. } => 1 + others.len(),
            Order::Erase { records, .. } => records.len(),
            Order::DeclineProposal { picked, .. } => picked.len(),
            Order::RecordAbsence { clients, interactions, .. } | Order::ChangeAbsence { clients, interactions, .. } => {
                clients.len() + interactions.len()
            }
            Order::RedirectInteraction { .. }
            | Order::Undo { .. }
            | Order::RevokeDevice { .. }
            | Order::RevokePerson { .. }
            | Order::WithdrawWipe { .. }
            | Order::EndAbsence { .. }
            | Order::WithdrawAbsence { .. }
            | Order::FinishDismissal { .. }
            | Order::AcceptProposal { .. } => 1,
        };
        of_order + self.builds_on.len()
    }
}

/// What is to be done. Every order names the value it expects to change, so that a contradiction is noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// Hands one planned interaction to a colleague (C-124).
    RedirectInteraction {
        /// The interaction.
        interaction: RecordId,
        /// Who has it, as far as the author knew.
        from: UserId,
        /// Who is to have it.
        to: UserId,
        /// What to tell him.
        comment: String,
        /// How long the colleague may see the client for it.
        until: DateTime<Utc>,
    },
    /// Moves clients to a colleague for good, with their open interactions (C-171).
    MoveClients {
        /// The clients, each with the person the author believes responsible.
        moves: Vec<Move>,
        /// Who is to have them.
        to: UserId,
        /// `illness`, `holiday`, `dismissal` or `other`.
        reason: String,
    },
    /// Makes one client of several (docs/adr/0014).
    MergeClients {
        /// The one that stays, with the person the author believes responsible.
        into: Move,
        /// Those that go.
        others: Vec<Move>,
    },
    /// Takes back a command, item by item, where the value is still what it set (rule 3).
    Undo {
        /// The command.
        command: CommandId,
    },
    /// Ends a device's rights at once, and has it emptied where that is wanted. Of a device whose rights have ended
    /// before only the wipe counts.
    RevokeDevice {
        /// The device.
        device: DeviceId,
        /// How it is emptied; nothing is where there is none.
        #[serde(default)]
        wipe: Option<Wipe>,
    },
    /// Ends a person's rights at once, with all his devices'. His clients stay his until somebody moves them.
    RevokePerson {
        /// The person.
        user: UserId,
        /// How his devices are emptied.
        #[serde(default)]
        wipe: Option<Wipe>,
    },
    /// Takes a wipe back while its delay runs.
    WithdrawWipe {
        /// The device.
        device: DeviceId,
    },
    /// Erases what is personal in records, for good (ERA-1). While the delay runs an undo takes it back.
    Erase {
        /// The records.
        records: Vec<RecordId>,
        /// Seconds in which it can be taken back.
        after_seconds: u32,
    },
    /// Takes a set-aside edit in, its whole chain.
    AcceptProposal {
        /// The proposal.
        proposal: ProposalId,
    },
    /// Leaves a set-aside edit out.
    DeclineProposal {
        /// The proposal.
        proposal: ProposalId,
        /// Fields whose values the decider took over by an edit of his own (rule 12); for the author's receipt.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        picked: Vec<String>,
    },
    /// Records that somebody is away and who stands in for him (C-020, C-125, C-171).
    RecordAbsence {
        /// A never used id.
        absence: AbsenceId,
        /// Who is away.
        person: UserId,
        /// One of [`super::absence::REASONS`].
        reason: String,
        /// The first moment he is away.
        from: DateTime<Utc>,
        /// The first moment he is back; open while `None`.
        until: Option<DateTime<Utc>>,
        /// Clients, each with its substitute.
        clients: Vec<StandIn>,
        /// Planned interactions, each with its substitute.
        interactions: Vec<StandIn>,
    },
    /// Changes time and distribution of an absence; what is said here replaces what was said before.
    ChangeAbsence {
        /// The absence.
        absence: AbsenceId,
        /// Its revision, as far as the author knew.
        revision: u32,
        /// The first moment he is away; counts while it has not begun.
        from: DateTime<Utc>,
        /// The first moment he is back; open while `None`.
        until: Option<DateTime<Utc>>,
        /// Clients, each with its substitute.
        clients: Vec<StandIn>,
        /// Planned interactions, each with its substitute.
        interactions: Vec<StandIn>,
    },
    /// He is back now: the cover runs out at this moment.
    EndAbsence {
        /// The absence.
        absence: AbsenceId,
    },
    /// Takes an absence back, as if it had never been recorded; what was done meanwhile stays.
    WithdrawAbsence {
        /// The absence.
        absence: AbsenceId,
    },
    /// The last step of a dismissal: account and devices end.
    FinishDismissal {
        /// The absence that carries the dismissal.
        absence: AbsenceId,
    },
}

impl Order {
    /// The absence it is about.
    #[must_use]
    pub const fn absence(&self) -> Option<AbsenceId> {
        match self {
            Self::RecordAbsence { absence, .. }
            | Self::ChangeAbsence { absence, .. }
            | Self::EndAbsence { absence }
            | Self::WithdrawAbsence { absence }
            | Self::FinishDismissal { absence } => Some(*absence),
            _ => None,
        }
    }
}

impl Order {
    /// What a person is told who gains or loses access by it.
    #[must_use]
    pub fn cause(&self) -> Cause {
        let (order, reason) = match self {
            Self::RedirectInteraction { .. } => ("redirect_interaction", ""),
            Self::MoveClients { reason, .. } => ("move_clients", reason.as_str()),
            Self::MergeClients { .. } => ("merge_clients", ""),
            Self::Undo { .. } => ("undo", ""),
            Self::RevokeDevice { .. } => ("revoke_device", ""),
            Self::RevokePerson { .. } => ("revoke_person", ""),
            Self::WithdrawWipe { .. } => ("withdraw_wipe", ""),
            Self::Erase { .. } => ("erase", ""),
            Self::AcceptProposal { .. } => ("accept_proposal", ""),
            Self::DeclineProposal { .. } => ("decline_proposal", ""),
            // Why somebody is away is not told to those who stand in; that he has left is.
            Self::RecordAbsence { reason, .. } if reason == DISMISSAL => ("record_absence", DISMISSAL),
            Self::RecordAbsence { .. } => ("record_absence", ""),
            Self::ChangeAbsence { .. } => ("change_absence", ""),
            Self::EndAbsence { .. } => ("end_absence", ""),
            Self::WithdrawAbsence { .. } => ("withdraw_absence", ""),
            Self::FinishDismissal { .. } => ("finish_dismissal", ""),
        };
        // A reason is one of a few keys; whatever else somebody sends is nobody's words to show.
        let known = ["illness", "holiday", "dismissal", "other"].contains(&reason);
        Cause { order: order.to_owned(), reason: if known { reason.to_owned() } else { String::new() } }
    }
}

/// How a device is emptied (REV-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wipe {
    /// What was not sent goes to the tray of late edits first.
    pub rescue: bool,
    /// Seconds in which the wipe can be taken back; revocation itself never waits.
    pub after_seconds: u32,
}

/// Longest delay of a wipe or an erasure, in seconds.
pub const LONGEST_DELAY: u32 = 30 * 24 * 3600;

/// One client to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// The client.
    pub client: RecordId,
    /// Who is responsible, as far as the author knew.
    pub from: UserId,
}

/// What changes. Events are what a plan is made of and what the office's tables apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A client has a new responsible person.
    ClientMoved {
        /// The client.
        client: RecordId,
        /// Who had it.
        from: UserId,
        /// Who has it.
        to: UserId,
        /// The department its home belongs to now.
        department: DepartmentId,
    },
    /// A client was made twice: what lives under it lives under another one from now on.
    ClientMerged {
        /// The client that goes.
        client: RecordId,
        /// The one that stays.
        into: RecordId,
        /// Who had the one that goes.
        from: UserId,
        /// Who has the one that stays.
        to: UserId,
    },
    /// Two clients are not the same after all: everything that came with one goes with it again.
    ClientParted {
        /// The client that went.
        client: RecordId,
        /// The one that stayed.
        from: RecordId,
        /// Who has it from now on.
        to: UserId,
        /// The department its home belongs to.
        department: DepartmentId,
    },
    /// An interaction is to be done by somebody else.
    InteractionAssigned {
        /// The interaction.
        interaction: RecordId,
        /// Its client.
        client: RecordId,
        /// Who had it.
        from: UserId,
        /// Who has it.
        to: UserId,
        /// What he was told.
        comment: String,
    },
    /// A person has a home for a further reason.
    GrantGiven {
        /// The home.
        home: Home,
        /// The person.
        user: UserId,
        /// Why.
        reason: Reason,
        /// How much.
        level: Level,
        /// When it runs out.
        until: Option<DateTime<Utc>>,
    },
    /// A person has lost a reason for a home.
    GrantEnded {
        /// The home.
        home: Home,
        /// The person.
        user: UserId,
        /// Which reason.
        reason: Reason,
        /// Its time was over: late edits are still taken in (rule 20).
        #[serde(default)]
        by_itself: bool,
    },
    /// A device's rights have ended.
    DeviceRevoked {
        /// The device.
        device: DeviceId,
        /// Whose.
        user: UserId,
    },
    /// A person's rights have ended; those of his devices are events of their own.
    PersonRevoked {
        /// The person.
        user: UserId,
    },
    /// A device is to be emptied.
    WipeOrdered {
        /// The device.
        device: DeviceId,
        /// Whose.
        user: UserId,
        /// The order, by which the device confirms it.
        order: CommandId,
        /// What was not sent goes to the tray of late edits first.
        rescue: bool,
        /// Not before this, by the server's clock.
        due: DateTime<Utc>,
    },
    /// What is personal in a record is to be erased.
    ErasureOrdered {
        /// The record.
        record: RecordId,
        /// The order.
        order: CommandId,
        /// Not before this, by the server's clock.
        due: DateTime<Utc>,
    },
    /// An erasure was taken back in time.
    ErasureWithdrawn {
        /// The record.
        record: RecordId,
        /// The order.
        order: CommandId,
    },
    /// A wipe was taken back in time.
    WipeWithdrawn {
        /// The device.
        device: DeviceId,
        /// Whose.
        user: UserId,
        /// The order.
        order: CommandId,
    },
    /// A set-aside edit was decided on.
    ProposalDecided {
        /// The proposal.
        proposal: ProposalId,
        /// Taken in or left out.
        accepted: bool,
        /// Fields whose values the decider took over himself.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        picked: Vec<String>,
    },
    /// An absence stands differently from now on.
    AbsenceSet {
        /// As it stood; `None` where there was none.
        before: Option<Box<Absence>>,
        /// As it stands.
        after: Box<Absence>,
    },
}

/// What an order does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// In the order in which they apply.
    pub events: Vec<Event>,
    /// Items that cannot be done, with the reason.
    pub refused: Vec<(RecordId, Refusal)>,
}

impl Plan {
    /// What a person confirms: clients, people and levels, and nothing that a device may not know.
    #[must_use]
    pub fn mark(&self) -> Mark {
        let mut mark = Mark::default();
        for event in &self.events {
            match event {
                Event::ClientMoved { client, from, to, .. } => {
                    mark.moves.insert((*client, *from, *to));
                }
                Event::ClientMerged { client, into, .. } => {
                    mark.merges.insert((*client, *into));
                }
                Event::ClientParted { client, from, .. } => {
                    mark.merges.insert((*from, *client));
                }
                Event::InteractionAssigned { interaction, from, to, .. } => {
                    mark.hand_overs.insert((*interaction, *from, *to));
                }
                Event::GrantGiven { home: Home::Client(client), user, level, reason: Reason::Assigned(_), .. } => {
                    mark.grants.insert((*client, *user, *level));
                }
                // Who is to stand in counts, whether or not the day has come when the order is carried out.
                Event::AbsenceSet { after, .. } if after.is_alive() => mark.absence(after),
                _ => {}
            }
        }
        mark
    }
}

/// The part of a plan that a person confirms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Client, from whom, to whom.
    pub moves: BTreeSet<(RecordId, UserId, UserId)>,
    /// Interaction, from whom, to whom.
    pub hand_overs: BTreeSet<(RecordId, UserId, UserId)>,
    /// Client, who sees it for an interaction or in somebody's place, how much he may do.
    pub grants: BTreeSet<(RecordId, UserId, Level)>,
    /// Whose absences change.
    #[serde(default)]
    pub absences: BTreeSet<UserId>,
    /// Which client becomes part of which.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub merges: BTreeSet<(RecordId, RecordId)>,
}

impl Mark {
    fn absence(&mut self, absence: &Absence) {
        self.absences.insert(absence.person);
        for StandIn { record, to } in &absence.clients {
            if absence.is_for_good() {
                self.moves.insert((*record, absence.person, *to));
            } else {
                self.grants.insert((*record, *to, Level::Write));
            }
        }
        self.hand_overs.extend(absence.interactions.iter().map(|given| (given.record, absence.person, given.to)));
    }

    /// True where the server's plan touches the same clients, people and levels.
    ///
    /// Hand-overs of interactions that go along with a moved client are not compared one by one: colleagues go on
    /// working meanwhile, and the person confirmed the client.
    #[must_use]
    pub fn agrees_with(&self, now: &Self) -> bool {
        if !self.merges.is_empty() || !now.merges.is_empty() {
            // Whoever works on an interaction keeps it: not every device knows all of them.
            return self.merges == now.merges;
        }
        if !self.absences.is_empty() {
            // What somebody has done or passed on meanwhile is no reason to ask again, a new name is.
            let grants = |mark: &Self| -> BTreeSet<_> {
                mark.grants.iter().filter(|(_, _, level)| *level == Level::Write).copied().collect()
            };
            let same = self.absences == now.absences && self.moves == now.moves && grants(self) == grants(now);
            return same && now.hand_overs.iter().all(|one| self.names(one));
        }
        let alone = |mark: &Self| -> BTreeSet<_> {
            if mark.moves.is_empty() { mark.hand_overs.clone() } else { BTreeSet::new() }
        };
        self.moves == now.moves && self.grants == now.grants && alone(self) == alone(now)
    }
}

impl Mark {
    /// True where a hand-over was confirmed, or goes along with a client that was.
    fn names(&self, (interaction, from, to): &(RecordId, UserId, UserId)) -> bool {
        self.hand_overs.contains(&(*interaction, *from, *to)) || self.moves.iter().any(|(_, _, taker)| taker == to)
    }
}

/// Why an order or a part of it cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// Not there, or not this person's to see: the two look the same (VIS-2).
    NotFound,
    /// He may see it but not order this.
    NotAllowed,
    /// The value is not what the author expected any more.
    Expected {
        /// Who was expected to have it.
        expected: UserId,
        /// Who has it.
        found: UserId,
    },
    /// It is so already.
    Nothing,
    /// The person it goes to has left.
    Inactive,
    /// Decided before.
    Decided,
    /// The command to take back was never applied, or cannot be taken back.
    NoUndo,
    /// The delay in which it could be taken back is over.
    TooLate,
    /// It was done meanwhile and stays with whoever did it.
    Done,
    /// The end does not lie after the beginning and after now.
    Period,
    /// He is away at that time already.
    Overlaps,
    /// Somebody else changed the absence first.
    AbsenceChanged,
    /// Clients or interactions have nowhere to go yet.
    OpenItems,
    /// A device of his has edits that have not arrived, or has not been in touch since.
    UnsentEdits,
}

impl Refusal {
    /// Stable key of its words.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::NotAllowed => "not_allowed",
            Self::Expected { .. } => "changed_meanwhile_by_office",
            Self::Nothing => "nothing_to_do",
            Self::Inactive => "person_inactive",
            Self::Decided => "already_decided",
            Self::NoUndo => "cannot_undo",
            Self::TooLate => "too_late",
            Self::Done => "done_meanwhile",
            Self::Period => "absence_period",
            Self::Overlaps => "absence_overlaps",
            Self::AbsenceChanged => "absence_changed",
            Self::OpenItems => "dismissal_open_items",
            Self::UnsentEdits => "dismissal_unsent_edits",
        }
    }
}
