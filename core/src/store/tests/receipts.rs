//! Receipts for one's own edits that were not simply taken in (OFF-1).

use super::fixture::*;
use crate::domain::kinds::client;
use crate::domain::patch::Patch;
use crate::domain::value::Value;
use crate::store::StoreError;
use crate::store::receipts::Fate;
use crate::sync::wire::Outcome;

fn refused() -> (Bag, crate::domain::ids::GroupId) {
    let device = Bag::new();
    let id = device.client("Ромашка");
    device.accept_all();
    let group = device.edit(id, Patch::new().set(client::CITY, "Львів".to_owned())).unwrap();
    device.judge(vec![(group, Outcome::Refused("read_only".to_owned()))]);
    (device, group)
}

#[test]
fn off_1_a_refused_edit_says_why_and_keeps_what_was_typed() {
    let (device, group) = refused();
    let receipt = device.store.receipts().unwrap().remove(0);
    assert_eq!((receipt.group, receipt.fate, receipt.code.as_str()), (group, Fate::Refused, "read_only"));
    assert_eq!(receipt.values["city"], Value::Text("Львів".to_owned()));
    assert_eq!((receipt.title.as_str(), receipt.made_at, receipt.at), ("Ромашка", device.now, Some(device.now)));
    assert!(matches!(device.store.forget_receipt(receipt.id), Err(StoreError::WrongState)));
}

#[test]
fn off_1_what_is_sent_again_or_put_away_leaves_a_receipt_without_the_words() {
    let (device, group) = refused();
    device.store.retry(group, device.now, &device.ids).unwrap();
    let again = device.store.receipts().unwrap().remove(0);
    assert_eq!((again.fate, again.values.len(), again.fields), (Fate::SentAgain, 0, vec!["city".to_owned()]));
    device.store.forget_receipt(again.id).unwrap();
    assert!(device.store.receipts().unwrap().is_empty());

    let (device, group) = refused();
    device.store.withdraw(group, device.now, &device.ids).unwrap();
    let away = device.store.receipts().unwrap().remove(0);
    assert_eq!((away.fate, away.values.len()), (Fate::Refused, 0));
    device.store.forget_receipt(away.id).unwrap();
}

#[test]
fn off_1_what_falls_with_a_refused_making_has_receipts_too() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    let made = device.sent()[0].0.id;
    device.edit(id, Patch::new().set(client::CITY, "Львів".to_owned())).unwrap();
    device.judge(vec![(made, Outcome::Refused("too_large".to_owned()))]);
    let fates: Vec<_> = device.store.receipts().unwrap().into_iter().map(|one| (one.fate, one.code)).collect();
    assert_eq!(fates, [(Fate::Refused, "depends_on".to_owned()), (Fate::Refused, "too_large".to_owned())]);
}
