//! A record that stood aside takes what the server has of it, and keeps what the server has not.

use super::fixture::*;
use crate::domain::authority::Home;
use crate::domain::kinds::client;
use crate::domain::patch::Patch;
use crate::store::StoreError;
use crate::store::pages::decode;
use crate::sync::wire::Page;

#[test]
fn dur_5_unsent_edits_are_put_on_top_of_a_fetched_record_as_they_were_written() {
    let bag = Bag::new();
    let id = bag.client("Ромашка");
    let acknowledged = bag.sent().remove(0).1;
    bag.accept_all();
    bag.edit(id, Patch::new().set(client::CITY, "Львів".to_owned())).unwrap();
    let unsent = bag.sent();
    bag.store.write(|tx| Ok(tx.execute("UPDATE documents SET chunks = x'00' WHERE id = ?", [id.bytes()])?)).unwrap();
    assert!(matches!(bag.store.record(id), Err(StoreError::RecordDamaged(_))));
    assert_eq!(bag.store.to_fetch().unwrap(), [id].into());

    let page = vec![full(id, "client", vec![Home::Client(id)], &acknowledged)];
    let incoming = decode(&bag.store.registry(), page, acknowledged.clone()).unwrap();
    bag.store.take_fetched(Page::default(), incoming, bag.now, &bag.ids).unwrap();
    assert!(bag.store.to_fetch().unwrap().is_empty());
    let stored = bag.store.record(id).unwrap();
    assert_eq!(stored.row.get(client::CITY).as_deref(), Some("Львів"));
    assert_eq!(stored.row.get(client::NAME).as_deref(), Some("Ромашка"));
    assert!(stored.row.unsent);
    let (before, after) = (&unsent[0], &bag.sent()[0]);
    assert_eq!((before.0.id, &before.1), (after.0.id, &after.1), "the group goes up as it was");
}

#[test]
fn dur_5_a_record_that_cannot_be_read_even_as_the_server_has_it_is_not_asked_for_all_the_time() {
    let bag = Bag::new();
    let id = bag.client("Ромашка");
    bag.accept_all();
    bag.store.set_aside(&[id].into()).unwrap();
    let page = vec![full(id, "client", vec![Home::Client(id)], &[vec![1, 2, 3]])];
    let incoming = decode(&bag.store.registry(), page, vec![vec![1, 2, 3]]).unwrap();
    bag.store.take_fetched(Page::default(), incoming, bag.now, &bag.ids).unwrap();
    assert!(bag.store.to_fetch().unwrap().is_empty());
    bag.store.record(id).unwrap_err();
    assert!(bag.store.to_fetch().unwrap().is_empty());
    bag.store.check_soon().unwrap();
    assert_eq!(bag.store.to_fetch().unwrap(), [id].into());
}
