//! What history tells, and that its own reading of a note agrees with Automerge's.

use super::*;
use crate::domain::authority::actor_bytes;
use crate::domain::ids::DeviceId;
use crate::domain::kinds::client;
use crate::domain::patch::Patch;
use crate::domain::value::Entry;

fn at(minute: i64) -> DateTime<Utc> {
    at_seconds(1_790_000_000 + minute * 60)
}

fn actor(n: u8) -> [u8; 20] {
    actor_bytes(DeviceId(uuid::Uuid::from_bytes([n; 16])), 1)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn romashka() -> Doc {
    let patch = Patch::new().set(client::NAME, "Ромашка".to_owned()).set(client::CITY, "Київ".to_owned());
    Doc::create(&client::KIND, &patch, &actor(1), at(0)).unwrap().0
}

fn copy(doc: &mut Doc) -> Doc {
    Doc::load(&doc.changes().concat()).unwrap()
}

fn set(doc: &mut Doc, n: u8, minute: i64, patch: Patch) {
    doc.edit(&client::KIND, &patch, &actor(n), at(minute)).unwrap();
}

fn city(name: &str) -> Patch {
    Patch::new().set(client::CITY, name.to_owned())
}

fn told(doc: &mut Doc) -> Vec<(i64, String, Value, Value)> {
    let steps = doc.history(&client::KIND).unwrap();
    let minute = |step: &Step| (step.at - at(0)).num_minutes();
    let each = steps.iter().flat_map(|step| step.fields.iter().map(move |field| (minute(step), field)));
    each.map(|(minute, field)| (minute, field.field.clone(), field.before.clone(), field.after.clone())).collect()
}

#[test]
fn each_change_tells_what_its_author_saw_and_what_he_made_of_it() {
    let mut doc = romashka();
    set(&mut doc, 2, 5, city("Львів"));
    set(&mut doc, 1, 9, Patch::new().clear(client::CITY));
    let steps = doc.history(&client::KIND).unwrap();
    assert_eq!(steps.iter().map(|step| step.creates).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!(steps[1].actor, actor(2));
    let expected = [
        (0, "name".to_owned(), Value::Empty, text("Ромашка")),
        (0, "city".to_owned(), Value::Empty, text("Київ")),
        (5, "city".to_owned(), text("Київ"), text("Львів")),
        (9, "city".to_owned(), text("Львів"), Value::Empty),
    ];
    assert_eq!(told(&mut doc), expected);
}

#[test]
fn two_people_at_once_both_changed_what_they_saw_and_the_third_settled_it() {
    let mut a = romashka();
    let mut b = copy(&mut a);
    set(&mut a, 1, 3, city("Львів"));
    set(&mut b, 2, 2, city("Одеса"));
    let (from_a, from_b) = (a.changes(), b.changes());
    a.apply(&from_b).unwrap();
    b.apply(&from_a).unwrap();
    assert_eq!(told(&mut a), told(&mut b), "the same on every device");
    let expected = [(2, text("Київ"), text("Одеса")), (3, text("Київ"), text("Львів"))];
    let cities = told(&mut a).into_iter().skip(2).map(|(minute, _, before, after)| (minute, before, after));
    assert_eq!(cities.collect::<Vec<_>>(), expected);
    let shown = a.read(&client::KIND).unwrap().get(client::CITY).unwrap();
    set(&mut a, 1, 7, city(&shown));
    let last = a.history(&client::KIND).unwrap().pop().unwrap();
    assert!(last.fields[0].settles);
    assert_eq!((last.fields[0].before.clone(), last.fields[0].after.clone()), (text(&shown), text(&shown)));
}

#[test]
fn entries_tell_when_they_came_changed_and_went() {
    let mut doc = romashka();
    let id = EntryId(uuid::Uuid::from_u128(5));
    let phone = |number: &str, label: &str| Patch::new().entry("phones", id, text(number), label);
    let mut gone = Patch::new();
    gone.push_entry("phones", Entry { id, value: Box::new(Value::Empty), label: String::new(), removed: true });
    set(&mut doc, 1, 1, phone("112", "work"));
    set(&mut doc, 1, 2, phone("113", "work"));
    set(&mut doc, 1, 3, phone("113", "mobile"));
    set(&mut doc, 1, 4, gone);
    set(&mut doc, 1, 5, phone("113", "mobile"));
    let steps = doc.history(&client::KIND).unwrap();
    let fields = steps[1..].iter().map(|step| {
        let [field] = step.fields.as_slice() else { panic!("one field each: {step:?}") };
        assert_eq!((field.field.as_str(), field.entry), ("phones", Some(id)));
        (field.before.clone(), field.after.clone(), field.label.clone())
    });
    let expected = [
        (Value::Empty, text("112"), "work".to_owned()),
        (text("112"), text("113"), "work".to_owned()),
        (Value::Empty, Value::Empty, "mobile".to_owned()),
        (text("113"), Value::Empty, "mobile".to_owned()),
        (Value::Empty, text("113"), "mobile".to_owned()),
    ];
    assert_eq!(fields.collect::<Vec<_>>(), expected);
}

#[test]
fn a_note_tells_what_was_typed_and_struck_with_what_stands_around_it() {
    let mut doc = romashka();
    let note = |text: &str| Patch::new().set(client::NOTE, text.to_owned());
    let long = "Звонить утром, лучше всего по вторникам или по четвергам, спросить Анну Петровну";
    set(&mut doc, 1, 1, note(long));
    set(&mut doc, 2, 2, note(&long.replace("Анну", "Ольгу")));
    let steps = doc.history(&client::KIND).unwrap();
    assert_eq!(steps[1].fields[0].pieces, [Piece::Typed(long.to_owned())]);
    let expected = [
        Piece::Same("… или по четвергам, спросить ".to_owned()),
        Piece::Struck("Анн".to_owned()),
        Piece::Typed("Ольг".to_owned()),
        Piece::Same("у Петровну".to_owned()),
    ];
    let mut found = steps[2].fields[0].pieces.clone();
    if let Some(Piece::Same(head)) = found.first_mut() {
        assert!(head.starts_with('…') && head.chars().count() <= 33, "{head}");
        *head = "… или по четвергам, спросить ".to_owned();
    }
    assert_eq!(found, expected);
}

#[test]
fn putting_into_the_trash_and_taking_out_are_told() {
    let mut doc = romashka();
    let trash = |flag| Patch::new().set_key(TRASHED, Value::Bool(flag));
    set(&mut doc, 1, 1, trash(true));
    set(&mut doc, 2, 2, trash(false));
    let told: Vec<_> =
        told(&mut doc).into_iter().skip(2).map(|(_, field, before, after)| (field, before, after)).collect();
    let (yes, no) = (Value::Bool(true), Value::Bool(false));
    assert_eq!(told, [(TRASHED.to_owned(), no.clone(), yes.clone()), (TRASHED.to_owned(), yes, no)]);
}

#[test]
fn a_text_field_born_later_is_no_step_of_its_own() {
    mod later {
        crate::kind! { client, title: NAME, home: OwnClient, {
            /// Name.
            NAME: String = text("name");
            /// Declared later.
            DIARY: String = note("diary");
        } }
    }
    let mut doc = romashka();
    doc.edit(&later::KIND, &Patch::new().set(later::DIARY, "один".into()), &actor(1), at(1)).unwrap();
    let steps = doc.history(&later::KIND).unwrap();
    assert_eq!((steps.len(), steps[1].at), (2, at(1)));
    assert_eq!(steps[1].fields[0].pieces, [Piece::Typed("один".to_owned())]);
}

#[test]
fn a_folded_history_tells_the_same() {
    let mut doc = romashka();
    let note = |text: &str| Patch::new().set(client::NOTE, text.to_owned());
    let phone = |id: u128| Patch::new().entry("phones", EntryId(uuid::Uuid::from_u128(id)), text("112"), "work");
    let mut other = copy(&mut doc);
    for minute in 1..20 {
        set(&mut doc, 1, minute, city(&format!("город {minute}")));
        set(&mut other, 2, minute, note(&"раз ".repeat(usize::try_from(minute).unwrap())));
    }
    set(&mut other, 2, 30, phone(7));
    let changes = other.changes();
    doc.apply(&changes).unwrap();
    let mut folded = Doc::load(&doc.at_rest().unwrap()).unwrap();
    set(&mut doc, 1, 40, city("Львів"));
    set(&mut folded, 1, 40, city("Львів"));
    let steps = doc.history(&client::KIND).unwrap();
    assert_eq!((steps.len(), steps.clone()), (41, folded.history(&client::KIND).unwrap()));
    let some = steps[17].hash;
    let then = folded.read_after(&client::KIND, &some).unwrap();
    assert!(then.is_some() && then == doc.read_after(&client::KIND, &some).unwrap());
}

/// Random edits of three people who meet now and then: told values lead where the document stands, the note read
/// letter by letter is the note, and the record after each change is what somebody had who knew those before it.
#[test]
fn random_histories_agree_with_the_documents_they_are_read_from() {
    let seed = std::env::var("SATCHEL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_122);
    println!("seed {seed}");
    let mut random = Random(seed);
    for round in 0..12 {
        let mut docs = vec![romashka()];
        let first = copy(&mut docs[0]);
        docs.push(first);
        let second = copy(&mut docs[0]);
        docs.push(second);
        for minute in 0..25 {
            let who = random.below(3);
            // Clocks disagree.
            let minute = minute + random.below(4) as i64;
            let now = docs[who].read(&client::KIND).unwrap();
            let patch = match random.below(4) {
                0 => city(["Львів", "Одеса", "Харків"][random.below(3)]),
                1 => Patch::new().entry(
                    "phones",
                    EntryId(uuid::Uuid::from_u128(who as u128)),
                    text(&random.below(9).to_string()),
                    "",
                ),
                _ => {
                    let note = now.get(client::NOTE).unwrap_or_default();
                    let mut letters: Vec<char> = note.chars().collect();
                    let from = random.below(letters.len() + 1);
                    let to = (from + random.below(4)).min(letters.len());
                    let typed = ["", "ой", "раз два", "ґ"][random.below(4)];
                    letters.splice(from..to, typed.chars());
                    Patch::new().set(client::NOTE, letters.into_iter().collect())
                }
            };
            set(&mut docs[who], who as u8 + 1, minute, patch);
            if random.below(3) == 0 {
                let (from, to) = (random.below(3), random.below(3));
                let changes = docs[from].changes();
                docs[to].apply(&changes).unwrap();
            }
        }
        for other in 1..3 {
            let changes = docs[other].changes();
            docs[0].apply(&changes).unwrap();
        }
        let doc = &mut docs[0];
        let order = doc.in_order();
        let mut telling = Telling::new(&client::KIND, &order);
        for change in &order {
            telling.read(change).unwrap();
            let then = doc.read_after(&client::KIND, &change.hash().0).unwrap().unwrap();
            let read: String = telling.notes.values().map(|(_, letters)| letters.text()).collect();
            assert_eq!(read, then.get(client::NOTE).unwrap_or_default(), "round {round} of seed {seed}");
        }
        let last = order.last().unwrap().hash().0;
        assert_eq!(doc.read_after(&client::KIND, &last).unwrap().unwrap(), doc.read(&client::KIND).unwrap());
        assert_eq!(doc.read_after(&client::KIND, &[9; 32]).unwrap(), None);
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}
