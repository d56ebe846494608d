//! Keys and types of fields are for ever: documents of every device hold them. `keys.txt` lists them; a key that is
//! renamed, retyped or taken away fails here, a new one is added with `SATCHEL_UPDATE=1`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use satchel_core::domain::kind::{FieldDecl, FieldType, Registry};

#[test]
fn no_key_of_a_kind_or_field_is_renamed_or_retyped() {
    let declared = declared();
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("keys.txt");
    let held = std::fs::read_to_string(&path).unwrap_or_default();
    for line in held.lines().filter(|line| !line.is_empty()) {
        let (key, holds) = line.split_once(' ').unwrap();
        assert_eq!(declared.get(key).map(String::as_str), Some(holds), "{key} was renamed or retyped");
    }
    let mut text = String::new();
    for (key, holds) in &declared {
        writeln!(text, "{key} {holds}").unwrap();
    }
    if std::env::var_os("SATCHEL_UPDATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text, "new keys: run with SATCHEL_UPDATE=1");
}

fn declared() -> BTreeMap<String, String> {
    let mut lines = BTreeMap::new();
    for kind in Registry::built_in().iter() {
        lines.insert(kind.key.to_owned(), format!("kind {:?} {}", kind.home, kind.title));
        for field in kind.fields {
            lines.insert(format!("{}.{}", kind.key, field.key), holds(field));
        }
    }
    lines
}

fn holds(field: &FieldDecl) -> String {
    let many = if field.many { "many " } else { "" };
    let target = match field.field_type {
        FieldType::Reference(kind) => format!(" {kind}"),
        _ => String::new(),
    };
    format!("{} {many}{}{target}", field.source.key(), field.field_type.key())
}
