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
    admin: Desk,
    anna: Desk,
    first: RecordId,
    second: RecordId,
    /// A field of clients the organisation made.
    motto: String,
    /// A field of persons that names a client.
    knows: String,
}

/// Makes a field and gives its key.
fn define(admin: &Desk, pairs: &[(&str, &str)]) -> String {
    let fields = pairs.iter().map(|(key, value)| ((*key).to_owned(), text(value))).collect();
    let made = admin.app.create(Create { kind: "custom_field".into(), client: None, fields, named_in: None }).unwrap();
    format!("x.{}", made.id)
}

fn twins() -> Twins {
    let office = Office::open();
    let admin = Desk::of(&office, office.cast.admin, "desk");
    let motto = define(&admin, &[("name", "Девиз"), ("of", "client"), ("type", "text")]);
    let knows = [("name", "Знает"), ("of", "person"), ("type", "reference"), ("target", "client")];
    let knows = define(&admin, &knows);
    admin.sync();
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
            (&motto, text("вперёд")),
        ],
    );
    anna.sync();
    Twins { office, admin, anna, first, second, motto, knows }
}

fn knowing(twins: &Twins, under: RecordId, name: &str) -> RecordId {
    let whom = Shown::Reference(Reference { id: twins.second.to_string(), title: String::new() });
    let fields = Fields::from([("name".to_owned(), text(name)), (twins.knows.clone(), whom)]);
    twins.anna.app.create(Create { kind: "person".into(), client: Some(under), fields, named_in: None }).unwrap().id
}

/// Whom a person knows by this field.
fn known(twins: &Twins, person: RecordId) -> String {
    let shown = twins.anna.app.record(RecordKey { kind: "person".into(), id: person }).unwrap();
    match &shown.row.fields[&twins.knows] {
        Shown::Reference(known) => known.id.clone(),
        other => panic!("{other:?}"),
    }
}

fn edit(desk: &Desk, id: RecordId, changes: &[(&str, Shown, Shown)]) {
    let seen = changes.iter().map(|(field, seen, _)| ((*field).to_owned(), seen.clone())).collect();
    let changed = changes.iter().map(|(field, _, value)| ((*field).to_owned(), value.clone())).collect();
    desk.app.edit(Edit { kind: "client".into(), id, seen, changed }).unwrap();
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
    assert_eq!(
        (field(&twins.motto).proposed, field(&twins.motto).joins),
        (1, false),
        "a field made here is one like any"
    );
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
    assert_eq!(now.record.row.fields[&twins.motto], text("вперёд"));
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
    let changes = [
        ("address", Shown::Empty, text("Садова, 7")),
        (&twins.motto, text("вперёд"), text("назад")),
        ("note", text("два"), text("два, после 5")),
    ];
    edit(&tablet, twins.second, &changes);
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
        let now = card(desk, twins.first).record.row.fields;
        assert_eq!(now["address"], text("Садова, 7"));
        assert_eq!(now[&twins.motto], text("назад"));
        assert_eq!(now["note"], text("один\n\nдва, после 5"), "the words of the one that stayed stay");
        assert!(desk.app.proposals(Nothing {}).unwrap().is_empty());
    }
    assert_eq!(tablet.app.receipts(Nothing {}).unwrap()[0].picked, ["address", "note", &twins.motto]);
}

#[test]
fn two_extensions_of_one_number_stay_two_entries() {
    let office = Office::open();
    let anna = Desk::of(&office, office.cast.anna, "phone");
    let (one, two) = ("+380 44 123-45-67 доб. 12", "+380 44 123-45-67 доб. 34");
    let first = made(&anna, &[("name", text("Ромашка")), ("phones", entries(&[one, "123-45-67"]))]);
    let second = made(&anna, &[("name", text("Ромашка 2")), ("phones", entries(&[two, "(044)1234567 ext 12"]))]);
    let third = made(&anna, &[("name", text("Ромашка 3")), ("phones", entries(&["+380441234567 вн 12"]))]);
    let argument =
        MergeClients { into: first, others: vec![second, third], choices: Default::default(), confirmed: None };
    anna.app.merge_clients(argument).unwrap();
    let mut now = phones(&card(&anna, first));
    now.sort();
    assert_eq!(now, ["(044)1234567 ext 12", one, two, "123-45-67"]);
}

#[test]
fn everything_that_names_the_one_that_went_names_the_other_however_many_they_are() {
    const N: usize = 510;
    let twins = twins();
    let people: Vec<RecordId> = (0..N).map(|n| knowing(&twins, twins.first, &format!("Знакомый {n}"))).collect();
    let order = merge(&twins, &[]);
    let first = twins.first.to_string();
    assert_eq!(people.iter().filter(|id| known(&twins, **id) == first).count(), N);
    for _ in 0..5 {
        twins.anna.sync();
    }
    let given = twins.anna.app.orders(Nothing {}).unwrap().into_iter().find(|one| one.id == order.id).unwrap();
    assert_eq!((given.state, twins.anna.app.outbox(Nothing {}).unwrap().len()), (OrderState::Applied, 0));
    // The way back is as long.
    twins.anna.app.give_order(GiveOrder { order: Order::Undo { command: order.id }, confirmed: None }).unwrap();
    let second = twins.second.to_string();
    assert_eq!(people.iter().filter(|id| known(&twins, **id) == second).count(), N);
}

#[test]
fn a_record_that_left_meanwhile_does_not_hold_the_merge_up() {
    let twins = twins();
    let third = made(&twins.anna, &[("name", text("Василёк"))]);
    let (left, stays) = (knowing(&twins, third, "Иван"), knowing(&twins, twins.first, "Пётр"));
    twins.anna.sync();
    twins.anna.line.unplug();
    let order = merge(&twins, &[]);
    let olena = Desk::of(&twins.office, twins.office.cast.olena, "laptop");
    let (clients, to) = (vec![third], twins.office.cast.bohdan);
    let away = Order::MoveClients { clients, to, reason: "holiday".into() };
    olena.app.give_order(GiveOrder { order: away, confirmed: None }).unwrap();
    olena.sync();
    twins.anna.line.plug_in();
    twins.anna.sync();
    twins.anna.sync();
    let given = twins.anna.app.orders(Nothing {}).unwrap().into_iter().find(|one| one.id == order.id).unwrap();
    assert_eq!(given.state, OrderState::Applied);
    assert_eq!(card(&twins.anna, twins.first).record.row.fields["city"], text("Київ"));
    assert_eq!(known(&twins, stays), twins.first.to_string());
    assert_eq!(twins.anna.app.receipts(Nothing {}).unwrap()[0].record, left, "what was meant for it is not lost");
}

#[test]
fn what_an_undo_leaves_as_it_is_is_told() {
    let twins = twins();
    let order = merge(&twins, &[]);
    twins.anna.sync();
    edit(&twins.anna, twins.first, &[("city", text("Київ"), text("Львів"))]);
    let undo = GiveOrder { order: Order::Undo { command: order.id }, confirmed: None };
    let undone = twins.anna.app.give_order(undo).unwrap();
    let kept: Vec<_> = undone.kept.iter().map(|kept| (kept.record.id, kept.field.as_str(), kept.why)).collect();
    assert_eq!(kept, [(twins.first, "city", KeptBecause::Changed)]);
    assert_eq!(card(&twins.anna, twins.first).record.row.fields["city"], text("Львів"));
    // The same where the order has not gone out yet.
    twins.anna.sync();
    twins.anna.line.unplug();
    let order = merge(&twins, &[("city", twins.second)]);
    edit(&twins.anna, twins.first, &[("city", text("Київ"), text("Одеса"))]);
    let back = twins.anna.app.withdraw_item(OutboxKey { id: order.id.to_string() }).unwrap();
    assert_eq!(back.kept.iter().map(|kept| kept.field.as_str()).collect::<Vec<_>>(), ["city"]);
}

#[test]
fn era_1_who_erases_a_client_erases_what_was_merged_into_it() {
    let twins = twins();
    merge(&twins, &[]);
    twins.anna.sync();
    twins.admin.sync();
    assert!(card(&twins.admin, twins.second).record.row.fields.contains_key("note"));
    let erase = Order::Erase { records: vec![twins.first], after_seconds: 0 };
    twins.admin.app.give_order(GiveOrder { order: erase, confirmed: None }).unwrap();
    twins.admin.sync();
    twins.admin.sync();
    twins.anna.sync();
    for desk in [&twins.admin, &twins.anna] {
        for id in [twins.first, twins.second] {
            let left = card(desk, id).record.row.fields;
            assert!(!left.contains_key("note") && !left.contains_key("phones"), "{left:?}");
        }
    }
}
