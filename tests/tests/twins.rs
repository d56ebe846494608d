//! Clients made twice, as those see it who are concerned: the supervisor is told, merges them or tells them apart; a rep
//! is told of his own. [C-009]

#![allow(clippy::unwrap_used)]

use satchel_core::app::Code;
use satchel_core::app::api::*;
use satchel_core::domain::clock::Clock;
use satchel_core::domain::ids::*;
use satchel_tests::harness::{Desk, Office};

fn text(text: &str) -> Shown {
    Shown::Text(text.to_owned())
}

fn phone(number: &str) -> Shown {
    let (value, label, title) = (number.to_owned(), String::new(), String::new());
    Shown::Entries(vec![Entry { entry: None, value, label, title, removed: false }])
}

fn made(desk: &Desk, name: &str, number: &str, tax: &str) -> RecordId {
    let client = Fields::from([("name".to_owned(), text(name)), ("phones".to_owned(), phone(number))]);
    let legal_entity = match tax {
        "" => Fields::new(),
        tax => Fields::from([("tax_number".to_owned(), text(tax))]),
    };
    desk.app.create_client(CreateClient { client, legal_entity }).unwrap().id
}

fn pairs(desk: &Desk) -> Vec<(RecordId, RecordId)> {
    let twins = desk.app.twins(Nothing {}).unwrap();
    assert_eq!(desk.app.status(Nothing {}).unwrap().n_twins, twins.total, "the count is that of the list");
    let id = |client: &TwinClient| client.client.id.parse().unwrap();
    let mut pairs: Vec<_> = twins.pairs.iter().map(|pair| (id(&pair.one), id(&pair.other))).collect();
    pairs.iter_mut().for_each(|pair| *pair = if pair.0 < pair.1 { *pair } else { (pair.1, pair.0) });
    pairs
}

fn pair(one: RecordId, other: RecordId) -> (RecordId, RecordId) {
    if one < other { (one, other) } else { (other, one) }
}

/// The same client made by two reps without a network, and by one of another department.
struct Made {
    office: Office,
    anna: Desk,
    bohdan: Desk,
    olena: Desk,
    hers: RecordId,
    his: RecordId,
}

fn twice() -> Made {
    let office = Office::open();
    let cast = office.cast;
    let [anna, bohdan, taras] = [(cast.anna, "anna"), (cast.bohdan, "bohdan"), (cast.taras, "taras")]
        .map(|(user, at)| Desk::of(&office, user, at));
    let olena = Desk::of(&office, cast.olena, "olena");
    for desk in [&anna, &bohdan, &taras] {
        desk.line.unplug();
    }
    let hers = made(&anna, "ООО «Ромашка»", "8 (912) 345-67-89", "7707083893");
    let his = made(&bohdan, "Ромашка плюс", "+7 912 345-67-89", "7707083893");
    made(&taras, "Ромашка", "+7 912 345 67 89", "");
    for desk in [&anna, &bohdan, &taras] {
        desk.line.plug_in();
        desk.sync();
    }
    olena.sync();
    Made { office, anna, bohdan, olena, hers, his }
}

#[test]
fn two_reps_who_made_one_client_offline_are_flagged_to_their_supervisor_until_he_merges_them() {
    let Made { office, anna, bohdan, olena, hers, his } = twice();
    let maria = Desk::of(&office, office.cast.maria, "maria");
    assert_eq!(pairs(&olena), [pair(hers, his)], "the one of the other department is not hers");
    assert_eq!((pairs(&maria), pairs(&anna), pairs(&bohdan)), (vec![], vec![], vec![]));
    let told = olena.app.twins(Nothing {}).unwrap().pairs.remove(0);
    assert!(told.may_merge);
    let reasons: Vec<_> = told.reasons.iter().map(|it| (it.why, it.value.as_str())).collect();
    assert_eq!(reasons, [(Alikeness::Number, "7707083893"), (Alikeness::Phone, "8 (912) 345-67-89")]);
    let responsible = [&told.one, &told.other].map(|one| one.responsible.as_ref().unwrap().id);
    assert!(responsible.contains(&office.cast.anna) && responsible.contains(&office.cast.bohdan));
    assert_eq!(told.one.under["legal_entity"], 1);

    olena.line.unplug();
    let argument = MergeClients { into: hers, others: vec![his], choices: Default::default(), confirmed: None };
    olena.app.merge_clients(argument).unwrap();
    assert_eq!(pairs(&olena), [], "it is dealt with as soon as she said so");
    olena.line.plug_in();
    olena.sync();
    assert_eq!(pairs(&olena), []);
    let laptop = Desk::of(&office, office.cast.olena, "laptop");
    assert_eq!(pairs(&laptop), []);
    // Taken apart again they are two that look like one.
    let undone = olena.app.undo(UndoActions::default()).unwrap();
    olena
        .app
        .give_order(GiveOrder { order: Order::Undo { command: undone.command.unwrap() }, confirmed: None })
        .unwrap();
    olena.sync();
    laptop.sync();
    assert_eq!((pairs(&olena), pairs(&laptop)), (vec![pair(hers, his)], vec![pair(hers, his)]));
}

#[test]
fn not_the_same_is_remembered_on_all_devices_of_those_who_supervise_both() {
    let Made { office, anna, bohdan, olena, hers, his } = twice();
    let laptop = Desk::of(&office, office.cast.olena, "laptop");
    let admin = Desk::of(&office, office.cast.admin, "admin");
    assert_eq!((pairs(&laptop), pairs(&admin).len()), (vec![pair(hers, his)], 3), "the admin supervises all three");
    olena.line.unplug();
    olena.app.tell_apart(TellApart { one: his, other: hers, apart: true }).unwrap();
    assert_eq!(pairs(&olena), []);
    olena.line.plug_in();
    for desk in [&olena, &laptop, &admin, &anna, &bohdan] {
        desk.sync();
    }
    assert_eq!((pairs(&olena), pairs(&laptop), pairs(&admin).len()), (vec![], vec![], 2));
    let fresh = Desk::of(&office, office.cast.olena, "fresh");
    assert_eq!(pairs(&fresh), []);
    // What the reps of the department get of it names no client. [VIS-1]
    let held = anna.app.list(ListRequest { kind: "distinction".into(), limit: 10, ..ListRequest::default() }).unwrap();
    assert_eq!(held.total, 1);
    let said = format!("{:?}", held.rows);
    assert!(!said.contains(&his.to_string()) && !said.contains(&hers.to_string()), "{said}");

    // Taken back on another device.
    laptop.app.tell_apart(TellApart { one: hers, other: his, apart: false }).unwrap();
    laptop.sync();
    olena.sync();
    assert_eq!(pairs(&olena), [pair(hers, his)]);
    let trash = TrashRequest { kind: None, text: String::new(), offset: 0, limit: 10 };
    assert_eq!(laptop.app.trash_bin(trash).unwrap().total, 0);
}

fn alike(desk: &Desk, client: RecordId) -> Vec<(RecordId, bool)> {
    let found = desk.app.alike_clients(ClientKey { client }).unwrap();
    found.iter().map(|one| (one.client.id.parse().unwrap(), one.may_merge)).collect()
}

#[test]
fn the_card_and_the_form_lead_to_merging_whoever_may_write_both() {
    let Made { office, anna, bohdan, olena, hers, his } = twice();
    assert_eq!((alike(&anna, hers), alike(&olena, hers)), (vec![], vec![(his, true)]), "a rep sees his own only");
    let second = made(&anna, "Ромашка", "+7 912 345-67-89", "");
    anna.sync();
    assert_eq!(alike(&anna, hers), [(second, true)]);
    assert_eq!(anna.app.alike_clients(ClientKey { client: his }).unwrap_err().code(), Code::NotFound);
    // In the form: with one of her own Anna may merge what she is about to make, with one handed to her for a talk not.
    let form = |desk: &Desk| {
        let client = Fields::from([("phones".to_owned(), phone("8 912 3456789"))]);
        let found = desk.app.similar_clients(LikeClient { client, legal_entity: Fields::new() }).unwrap();
        let mut found: Vec<(RecordId, bool)> =
            found.iter().map(|one| (one.client.id.parse().unwrap(), one.may_merge)).collect();
        found.sort();
        found
    };
    let mut own = vec![(hers, true), (second, true)];
    own.sort();
    assert_eq!(form(&anna), own);
    let talk = PlanInteraction {
        client: his,
        persons: Vec::new(),
        channel: "call".into(),
        subject: "цена".into(),
        description: String::new(),
        starts_at: office.clock.now(),
        ends_at: None,
    };
    let planned = bohdan.app.plan_interaction(talk).unwrap().id;
    bohdan.sync();
    let order = Order::RedirectInteraction { interaction: planned, to: office.cast.anna, comment: String::new() };
    bohdan.app.give_order(GiveOrder { order, confirmed: None }).unwrap();
    bohdan.sync();
    anna.sync();
    own.push((his, false));
    own.sort();
    assert_eq!(form(&anna), own);
    assert!(alike(&anna, hers).contains(&(his, false)));
    // A rep's own "not the same" is his own.
    anna.app.tell_apart(TellApart { one: hers, other: his, apart: true }).unwrap();
    anna.sync();
    olena.sync();
    assert_eq!(alike(&anna, hers), [(second, true)]);
    assert!(pairs(&olena).contains(&pair(hers, his)), "and decides nothing for her supervisor");
}
