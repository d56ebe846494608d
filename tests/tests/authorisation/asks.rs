//! What can be asked about a place: edits, creations, looking, and every office command.

use chrono::Duration;
use satchel_core::domain::absence::StandIn;
use satchel_core::domain::authority::Home;
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::Kind;
use satchel_core::domain::kinds::{business_region, client, interaction, person};
use satchel_core::domain::order::{Move, Order, Wipe};
use satchel_core::domain::patch::Patch;
use satchel_core::sync::wire::{Item, RecordKey};

use crate::stage::{Place, Stage};

macro_rules! asks {
    ($($name:ident = $key:literal,)*) => {
        /// A question or an order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Ask { $($name,)* }

        impl Ask {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its row in the table.
            pub fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }
        }
    };
}

asks! {
    Pull = "pull",
    EditClient = "edit_client",
    EditPerson = "edit_person",
    EditVisit = "edit_visit",
    EditHanded = "edit_handed",
    EditOtherGeneration = "edit_other_generation",
    AddPerson = "add_person",
    AddInteraction = "add_interaction",
    AddToTwoHomes = "add_to_two_homes",
    AddClientTwice = "add_client_twice",
    AddCatalogueEntry = "add_catalogue_entry",
    AddToForeignDepartment = "add_to_department",
    Redirect = "redirect",
    RedirectToLeaver = "redirect_to_leaver",
    MoveClients = "move_clients",
    MoveToLeaver = "move_to_leaver",
    MoveFromWrongPerson = "move_from_wrong",
    MergeClients = "merge_clients",
    Undo = "undo",
    RevokeDevice = "revoke_device",
    RevokeAndWipe = "revoke_and_wipe",
    RevokePerson = "revoke_person",
    WithdrawWipe = "withdraw_wipe",
    Erase = "erase",
    AcceptProposal = "accept_proposal",
    DeclineProposal = "decline_proposal",
    RecordAbsence = "record_absence",
    ChangeAbsence = "change_absence",
    EndAbsence = "end_absence",
    WithdrawAbsence = "withdraw_absence",
    FinishDismissal = "finish_dismissal",
}

/// Which of the asks give an order: exhaustive, so that a new order does not compile before it has rows.
pub fn asks_of(order: &Order) -> &'static [Ask] {
    match order {
        Order::RedirectInteraction { .. } => &[Ask::Redirect, Ask::RedirectToLeaver],
        Order::MoveClients { .. } => &[Ask::MoveClients, Ask::MoveToLeaver, Ask::MoveFromWrongPerson],
        Order::MergeClients { .. } => &[Ask::MergeClients],
        Order::Undo { .. } => &[Ask::Undo],
        Order::RevokeDevice { .. } => &[Ask::RevokeDevice, Ask::RevokeAndWipe],
        Order::RevokePerson { .. } => &[Ask::RevokePerson],
        Order::WithdrawWipe { .. } => &[Ask::WithdrawWipe],
        Order::Erase { .. } => &[Ask::Erase],
        Order::AcceptProposal { .. } => &[Ask::AcceptProposal],
        Order::DeclineProposal { .. } => &[Ask::DeclineProposal],
        Order::RecordAbsence { .. } => &[Ask::RecordAbsence],
        Order::ChangeAbsence { .. } => &[Ask::ChangeAbsence],
        Order::EndAbsence { .. } => &[Ask::EndAbsence],
        Order::WithdrawAbsence { .. } => &[Ask::WithdrawAbsence],
        Order::FinishDismissal { .. } => &[Ask::FinishDismissal],
    }
}

impl Ask {
    /// The order, where the ask gives one.
    pub fn order(self, stage: &Stage, place: &Place) -> Option<Order> {
        let cast = &stage.people;
        let redirect = |to| Order::RedirectInteraction {
            interaction: place.visit,
            from: place.responsible,
            to,
            comment: String::new(),
            until: stage.now() + Duration::days(3),
        };
        let move_to = |from, to| Order::MoveClients {
            moves: vec![Move { client: place.client, from }],
            to,
            reason: "other".to_owned(),
        };
        match self {
            Self::Pull
            | Self::EditClient
            | Self::EditPerson
            | Self::EditVisit
            | Self::EditHanded
            | Self::EditOtherGeneration
            | Self::AddPerson
            | Self::AddInteraction
            | Self::AddToTwoHomes
            | Self::AddClientTwice
            | Self::AddCatalogueEntry
            | Self::AddToForeignDepartment => None,
            Self::Redirect => Some(redirect(cast.oleh)),
            Self::RedirectToLeaver => Some(redirect(cast.left)),
            Self::MoveClients => Some(move_to(place.responsible, cast.oleh)),
            Self::MoveToLeaver => Some(move_to(place.responsible, cast.left)),
            Self::MoveFromWrongPerson => Some(move_to(cast.ihor, cast.oleh)),
            // Into the one that lies in the trash: it is Anna's.
            Self::MergeClients => {
                let into = &stage.places["trashed"];
                Some(Order::MergeClients {
                    into: Move { client: into.client, from: into.responsible },
                    others: vec![Move { client: place.client, from: place.responsible }],
                })
            }
            Self::Undo => Some(Order::Undo { command: place.command }),
            Self::RevokeDevice => Some(Order::RevokeDevice { device: place.device, wipe: None }),
            Self::RevokeAndWipe => {
                let wipe = Some(Wipe { rescue: true, after_seconds: 60 });
                Some(Order::RevokeDevice { device: place.device, wipe })
            }
            Self::RevokePerson => Some(Order::RevokePerson { user: place.responsible, wipe: None }),
            Self::Erase => Some(Order::Erase { records: vec![place.person], after_seconds: 60 }),
            Self::WithdrawWipe => Some(Order::WithdrawWipe { device: place.device }),
            Self::AcceptProposal => Some(Order::AcceptProposal { proposal: place.proposal }),
            Self::DeclineProposal => Some(Order::DeclineProposal { proposal: place.proposal, picked: Vec::new() }),
            Self::RecordAbsence => Some(Order::RecordAbsence {
                absence: AbsenceId(stage.fresh_id()),
                person: place.responsible,
                reason: "illness".to_owned(),
                from: stage.now() + Duration::days(1),
                until: Some(stage.now() + Duration::days(3)),
                clients: vec![StandIn { record: place.client, to: cast.oleh }],
                interactions: vec![StandIn { record: place.visit, to: cast.oleh }],
            }),
            Self::ChangeAbsence => Some(Order::ChangeAbsence {
                absence: place.absence,
                revision: 0,
                from: stage.now() + Duration::days(90),
                until: None,
                clients: vec![StandIn { record: place.client, to: cast.ihor }],
                interactions: vec![],
            }),
            Self::EndAbsence => Some(Order::EndAbsence { absence: place.absence }),
            Self::WithdrawAbsence => Some(Order::WithdrawAbsence { absence: place.absence }),
            Self::FinishDismissal => Some(Order::FinishDismissal { absence: place.absence }),
        }
    }

    /// The items and blobs of an edit or a creation; nothing for orders and for looking.
    pub fn edits(self, stage: &Stage, place: &Place, actor: &[u8; 20], own_client: RecordId) -> Option<Edits> {
        let edited = |id: RecordId, chunks: &[u8], kind: &Kind, patch: Patch| {
            let mut doc = satchel_core::docs::Doc::load(chunks).unwrap();
            let blobs = doc.edit(kind, &patch, actor, stage.now()).unwrap();
            let record = RecordKey { id, generation: place.generation };
            (vec![Item::Changes { record, n: u32::try_from(blobs.len()).unwrap() }], blobs)
        };
        let created = |id: RecordId, kind: &Kind, homes: Vec<Home>, patch: Patch| {
            let (_, blobs) = satchel_core::docs::Doc::create(kind, &patch, actor, stage.now()).unwrap();
            let record = RecordKey { id, generation: 0 };
            let n = u32::try_from(blobs.len()).unwrap();
            (vec![Item::Create { record, kind: kind.key.to_owned(), homes }, Item::Changes { record, n }], blobs)
        };
        let new = RecordId(stage.fresh_id());
        let home = Home::Client(place.client);
        let called = |name: &str| Patch::new().set(person::NAME, name.to_owned());
        Some(match self {
            Self::EditClient => {
                let patch = Patch::new().set(client::CITY, "Полтава".to_owned());
                edited(place.client, &place.chunks.client, &client::KIND, patch)
            }
            Self::EditPerson => edited(place.person, &place.chunks.person, &person::KIND, called("Другое имя")),
            Self::EditVisit => {
                let patch = Patch::new().set(interaction::RESULT, "договорились".to_owned());
                edited(place.visit, &place.chunks.visit, &interaction::KIND, patch)
            }
            Self::EditHanded => {
                let patch = Patch::new().set(interaction::RESULT, "договорились".to_owned());
                edited(place.handed, &place.chunks.handed, &interaction::KIND, patch)
            }
            Self::EditOtherGeneration => {
                let patch = Patch::new().set(client::CITY, "Полтава".to_owned());
                let (_, blobs) = edited(place.client, &place.chunks.client, &client::KIND, patch);
                let record = RecordKey { id: place.client, generation: 7 };
                (vec![Item::Changes { record, n: u32::try_from(blobs.len()).unwrap() }], blobs)
            }
            Self::AddPerson => created(new, &person::KIND, vec![home], called("Новый человек")),
            Self::AddInteraction => {
                let patch = Patch::new().set(interaction::CHANNEL, "call".to_owned());
                created(new, &interaction::KIND, vec![home], patch)
            }
            // What one may write must not carry what one may not.
            Self::AddToTwoHomes => {
                created(new, &person::KIND, vec![Home::Client(own_client), home], called("В двух домах"))
            }
            Self::AddClientTwice => {
                let patch = Patch::new().set(client::NAME, "Перехвачен".to_owned());
                created(place.client, &client::KIND, vec![home], patch)
            }
            Self::AddCatalogueEntry => {
                let patch = Patch::new().set(business_region::NAME, "Захід".to_owned());
                created(new, &business_region::KIND, vec![Home::Organisation], patch)
            }
            Self::AddToForeignDepartment => {
                created(new, &person::KIND, vec![Home::Department(stage.people.north)], called("В отделе"))
            }
            Self::Pull
            | Self::Redirect
            | Self::RedirectToLeaver
            | Self::MoveClients
            | Self::MoveToLeaver
            | Self::MoveFromWrongPerson
            | Self::MergeClients
            | Self::Undo
            | Self::RevokeDevice
            | Self::RevokeAndWipe
            | Self::RevokePerson
            | Self::WithdrawWipe
            | Self::Erase
            | Self::AcceptProposal
            | Self::DeclineProposal
            | Self::RecordAbsence
            | Self::ChangeAbsence
            | Self::EndAbsence
            | Self::WithdrawAbsence
            | Self::FinishDismissal => return None,
        })
    }
}

/// Items of a group and its blobs.
pub type Edits = (Vec<Item>, Vec<Vec<u8>>);
