//! Merging clients as a person does it: side by side, a choice per field, offline, taken back whole.
#![allow(clippy::unwrap_used)]

use satchel_core::app::Code;
use satchel_core::app::api::*;
use satchel_core::domain::ids::*;
use satchel_tests::harness::{Desk, Office};

fn text(text: &str) -> Shown {
    Shown::Text(text.to_owned())
}

fn entries(values: &[&str]) -> Shown {
    let entry = |value: &&str| Entry {
        entry: None,
        value: (*value).to_owned(),
        label: String::new(),
        title: String::new(),
        removed: false,
    };
    Shown::Entries(values.iter().map(entry).collect())
}

fn made(desk: &Desk, fields: &[(&str, Shown)]) -> RecordId {
    let client = fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    let tax = Fields::from([("tax_number".to_owned(), text("7707083893"))]);
    desk.app.create_client(CreateClient { client, legal_entity: tax }).unwrap().id
}

struct Twins {
    office: Office,
    anna: Desk,
    first: RecordId,
    second: RecordId,
}

fn twins() -> Twins {
    let office = Office::open();
    let anna = Desk::of(&office, office.cast.anna, "phone");
    let first =
        made(&anna, &[("name", text("Ромашка")), ("phones", entries(&["+380 44 123-45-67"])), ("note", text("один"))]);
    let second = made(
        &anna,
        &[
            ("name", text("ТОВ Ромашка")),
            ("city", text("Київ")),
            ("phones", entries(&["(+380) 44 1234567", "+380 50 765 43 21"])),
            ("note", text("два")),
        ],
    );
    anna.sync();
    Twins { office, anna, first, second }
}

fn card(desk: &Desk, id: RecordId) -> ClientCard {
    desk.app.client_card(ClientKey { client: id }).unwrap()
}

fn phones(card: &ClientCard) -> Vec<String> {
    match card.record.row.fields.get("phones") {
        Some(Shown::Entries(entries)) => entries.iter().map(|entry| entry.value.clone()).collect(),
        _ => Vec::new(),
    }
}

fn merge(twins: &Twins, choices: &[(&str, RecordId)]) -> CommandView {
    let choices = choices.iter().map(|(field, from)| ((*field).to_owned(), *from)).collect();
    let argument = MergeClients { into: twins.first, others: vec![twins.second], choices, confirmed: None };
    twins.anna.app.merge_clients(argument).unwrap()
}

#[test]
fn clients_stand_side_by_side_with_what_would_become_of_each_field() {
    let twins = twins();
    let compared = twins.anna.app.compare_clients(CompareClients { clients: vec![twins.first, twins.second] }).unwrap();
    let field = |key: &str| compared.fields.iter().find(|field| field.field == key).unwrap();
    assert_eq!((field("city").proposed, field("city").joins), (1, false), "the first one says nothing of it");
    assert_eq!((field("name").proposed, field("phones").joins, field("note").joins), (0, true, true));
    assert_eq!(compared.clients[1].under["legal_entity"], 1);
    assert!(!compared.fields.iter().any(|field| field.field == "website"), "nobody says anything of it");
    let one = CompareClients { clients: vec![twins.first, twins.first] };
    assert_eq!(twins.anna.app.compare_clients(one).unwrap_err().code(), Code::BadArgument);
}

#[test]
fn lists_and_notes_join_single_values_are_chosen_and_all_of_it_is_taken_back_at_once() {
    let twins = twins();
    let before = card(&twins.anna, twins.first);
    twins.anna.line.unplug();
    let order = merge(&twins, &[("name", twins.second)]);
    let now = card(&twins.anna, twins.first);
    assert_eq!(now.record.row.title, "ТОВ Ромашка");
    assert_eq!(phones(&now), ["+380 50 765 43 21", "+380 44 123-45-67"], "one number in two spellings is one number");
    assert_eq!(now.record.row.fields["note"], text("один\n\nдва"));
    assert_eq!(now.record.row.fields["city"], text("Київ"));
    let waits = card(&twins.anna, twins.second).record.merged_into.unwrap();
    assert_eq!((waits.command, waits.at), (order.id, None), "it waits for a network");

    twins.anna.line.plug_in();
    twins.anna.sync();
    let now = card(&twins.anna, twins.first);
    assert_eq!(now.legal_entities.len(), 2);
    assert_eq!(now.record.merged.len(), 1);
    assert_eq!(now.record.merged[0].by.as_ref().unwrap().id, twins.office.cast.anna);
    let gone = card(&twins.anna, twins.second);
    assert!(gone.record.trashed && gone.record.access == Access::Read);
    let trash = TrashRequest { kind: None, text: String::new(), offset: 0, limit: 10 };
    assert_eq!(twins.anna.app.trash_bin(trash).unwrap().total, 0, "it comes back by taking the merge back");
    let links = twins.anna.app.related(RecordKey { kind: "client".into(), id: twins.second }).unwrap();
    assert!(links.is_empty(), "what named it names the other one: {links:?}");

    // Ctrl Z names the order; giving its undo brings the values back, too.
    let undone = twins.anna.app.undo(UndoActions::default()).unwrap();
    assert_eq!(undone.command, Some(order.id));
    let undo = GiveOrder { order: Order::Undo { command: order.id }, confirmed: None };
    twins.anna.app.give_order(undo).unwrap();
    twins.anna.sync();
    let now = card(&twins.anna, twins.first);
    assert_eq!(now.record.row.fields, before.record.row.fields);
    assert_eq!((now.legal_entities.len(), now.record.merged.len()), (1, 0));
    let back = card(&twins.anna, twins.second);
    assert!(!back.record.trashed && back.legal_entities.len() == 1 && back.record.merged_into.is_none());
}

#[test]
fn an_order_withdrawn_before_it_was_sent_takes_its_edit_back() {
    let twins = twins();
    let before = card(&twins.anna, twins.first).record.row.fields;
    twins.anna.line.unplug();
    let order = merge(&twins, &[]);
    twins.anna.app.withdraw_item(OutboxKey { id: order.id.to_string() }).unwrap();
    twins.anna.line.plug_in();
    twins.anna.sync();
    assert_eq!(card(&twins.anna, twins.first).record.row.fields, before);
    assert!(!card(&twins.anna, twins.second).record.trashed);
}

#[test]
fn what_the_office_would_refuse_leaves_no_edit_behind() {
    let twins = twins();
    let bohdan = Desk::of(&twins.office, twins.office.cast.bohdan, "bohdan");
    let own = made(&bohdan, &[("name", text("Ромашка"))]);
    bohdan.sync();
    let olena = Desk::of(&twins.office, twins.office.cast.olena, "olena");
    let argument = MergeClients { into: twins.first, others: vec![own], choices: Default::default(), confirmed: None };
    assert_eq!(twins.anna.app.merge_clients(argument.clone()).unwrap_err().code(), Code::NotFound);
    let given = olena.app.merge_clients(argument).unwrap();
    assert_eq!(given.state, OrderState::Pending);
    olena.sync();
    bohdan.sync();
    twins.anna.sync();
    assert_eq!(card(&twins.anna, twins.first).legal_entities.len(), 2);
    assert_eq!(bohdan.app.client_card(ClientKey { client: own }).unwrap_err().code(), Code::NotFound);
}

#[test]
fn off_3_a_late_edit_that_is_taken_in_goes_into_the_client_that_stayed() {
    let twins = twins();
    let tablet = Desk::of(&twins.office, twins.office.cast.anna, "tablet");
    tablet.line.unplug();
    let seen = Fields::from([("address".to_owned(), Shown::Empty)]);
    let changed = Fields::from([("address".to_owned(), text("Садова, 7"))]);
    tablet.app.edit(Edit { kind: "client".into(), id: twins.second, seen, changed }).unwrap();
    merge(&twins, &[]);
    twins.anna.sync();
    tablet.line.plug_in();
    tablet.sync();
    twins.anna.sync();
    let asked = twins.anna.app.proposals(Nothing {}).unwrap();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].may_pick);
    let accept = GiveOrder { order: Order::AcceptProposal { proposal: asked[0].id }, confirmed: None };
    twins.anna.app.give_order(accept).unwrap();
    twins.anna.sync();
    tablet.sync();
    for desk in [&twins.anna, &tablet] {
        assert_eq!(card(desk, twins.first).record.row.fields["address"], text("Садова, 7"));
        assert!(desk.app.proposals(Nothing {}).unwrap().is_empty());
    }
    assert_eq!(tablet.app.receipts(Nothing {}).unwrap()[0].picked, ["address"]);
}
