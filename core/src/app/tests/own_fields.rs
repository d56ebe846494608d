//! Fields the organisation made, as people who fill them in meet them.

use super::*;

fn declared(app: &App, key: &str) -> Value {
    let declarations = run(app, "declarations", json!({ "language": "uk" }));
    let kinds = declarations["kinds"].as_array().unwrap();
    let client = kinds.iter().find(|kind| kind["key"] == "client").unwrap();
    client["fields"].as_array().unwrap().iter().find(|field| field["key"] == key).unwrap().clone()
}

fn labels(choices: &Value) -> Vec<&str> {
    choices.as_array().unwrap().iter().map(|choice| choice["label"].as_str().unwrap()).collect()
}

#[test]
fn a_value_taken_from_a_list_keeps_its_word_where_a_record_holds_it() {
    let machine = Machine::new();
    let app = machine.local();
    let word = |text: &str| json!({ "entry": null, "value": text, "label": "", "title": "", "removed": false });
    let fields =
        json!({ "name": "Рівень", "of": "client", "type": "choice", "choices": [word("золото"), word("срібло")] });
    let made = run(&app, "create", json!({ "kind": "custom_field", "fields": fields }));
    let key = format!("x.{}", made["id"].as_str().unwrap());
    let gold = declared(&app, &key)["choices"][0].clone();
    assert_eq!(gold["label"], "золото");

    let stored = run(&app, "record", json!({ "kind": "custom_field", "id": made["id"] }));
    let mut gone = stored["fields"]["choices"][0].clone();
    gone["label"] = "former".into();
    let edit = json!({ "kind": "custom_field", "id": made["id"], "seen": {}, "changed": { "choices": [gone] } });
    run(&app, "edit", edit);
    let field = declared(&app, &key);
    assert_eq!((labels(&field["choices"]), labels(&field["former"])), (vec!["срібло"], vec!["золото"]));
    assert_eq!(field["former"][0], gold);
}
