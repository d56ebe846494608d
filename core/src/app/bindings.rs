//! Writes what other languages read of the table of commands: the TypeScript client and docs/commands.md.
//!
//! A test compares both with the checked-in files; `SATCHEL_UPDATE=1` writes them.

use std::any::TypeId;
use std::collections::HashSet;
use std::fmt::Write;

use ts_rs::{Config, TS, TypeVisitor};

use super::commands::{self, CommandInfo};
use super::error::Code;
use crate::domain::kind::Registry;

const HEAD: &str = "/* eslint-disable */
// Written by core from its table of commands: change it there, then run the core tests with SATCHEL_UPDATE=1.
import { call } from './call';
";

/// The TypeScript client: all types of the commands, the commands, error codes and the keys of the kinds.
#[must_use]
pub fn typescript(registry: &Registry) -> String {
    let mut text = HEAD.to_owned();
    for declared in declared_types() {
        text.push('\n');
        comment(&mut text, "", &declared.docs);
        let _ = writeln!(text, "export {}", declared.declaration);
    }
    text.push_str("\n/** Codes of everything that can go wrong; each has words in every language. */\n");
    let _ = writeln!(text, "export type Code = {};", union(Code::ALL.iter().map(|code| code.key())));
    text.push('\n');
    text.push_str(&key_types(registry));
    text.push_str("\n/** The commands of the host. */\nexport const commands = {\n");
    let commands = commands::describe();
    for (idx, command) in commands.iter().enumerate() {
        comment(&mut text, "\t", command.doc);
        let _ = write!(text, "\t{}", method(command));
        text.push_str(if idx + 1 == commands.len() { "\n" } else { ",\n" });
    }
    text.push_str("};\n");
    text
}

/// Unions of the keys of kinds and of the fields of each kind, for the kinds of `registry`.
#[must_use]
pub fn key_types(registry: &Registry) -> String {
    let mut text = String::from("/** Keys of the record kinds. */\n");
    let _ = writeln!(text, "export type KindKey = {};", union(registry.iter().map(|kind| kind.key)));
    text.push_str("\n/** Keys of the fields of each kind. */\nexport type FieldKeys = {\n");
    for kind in registry.iter() {
        let _ = writeln!(text, "\t{}: {};", kind.key, union(kind.fields.iter().map(|field| field.key)));
    }
    text.push_str("};\n");
    text
}

/// docs/commands.md.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from(
        "# Commands\n\nWritten by core from its table of commands; do not edit.\n\n\
         Every command is `POST /ipc/<name>` on the browser host with its argument as JSON in the body, and the `ipc` \
         command of the window. A failure is a `Failure` with one of the codes at the end of this page. Instants are \
         RFC 3339 in UTC, days `YYYY-MM-DD`, ids UUIDs.\n\n## Commands\n\n\
         | Command | Argument | Result | What it does |\n|---|---|---|---|\n",
    );
    for command in commands::describe() {
        let argument = if takes_nothing(&command) { "`{}`".to_owned() } else { format!("`{}`", command.argument) };
        let _ = writeln!(text, "| `{}` | {argument} | `{}` | {} |", command.name, command.result, command.doc);
    }
    text.push_str("\n## Types\n\nIn the words of TypeScript.\n");
    for declared in declared_types() {
        let _ = writeln!(text, "\n### {}\n\n{}\n\n```ts\n{}\n```", declared.name, declared.docs, declared.declaration);
    }
    text.push_str("\n## Error codes\n\n| Code | Who mends it | Meaning |\n|---|---|---|\n");
    for code in Code::ALL {
        let _ = writeln!(text, "| `{}` | {} | {} |", code.key(), code.kind().key(), code.doc().trim());
    }
    text
}

struct Declared {
    name: String,
    docs: String,
    declaration: String,
}

struct Collect {
    config: Config,
    seen: HashSet<TypeId>,
    found: Vec<Declared>,
}

impl TypeVisitor for Collect {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        // Only types of our own have a file they could be written to.
        if T::output_path().is_some() {
            let declaration = tidy(&T::decl(&self.config));
            let docs = T::docs().map(|docs| plain(&docs)).unwrap_or_default();
            self.found.push(Declared { name: T::ident(&self.config), docs, declaration });
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

fn declared_types() -> Vec<Declared> {
    let mut collect = Collect { config: config(), seen: HashSet::new(), found: Vec::new() };
    commands::visit_types(&mut collect);
    // Types come in an order that differs from one compilation to the next.
    collect.found.sort_by(|a, b| a.name.cmp(&b.name));
    collect.found
}

fn config() -> Config {
    Config::new().with_large_int("number")
}

fn takes_nothing(command: &CommandInfo) -> bool {
    command.argument == "Nothing"
}

fn method(command: &CommandInfo) -> String {
    let (name, wire, result) = (camel(command.name), command.name, &command.result);
    if takes_nothing(command) {
        return format!("{name}: () => call<{result}>('{wire}', {{}})");
    }
    format!("{name}: (argument: {}) => call<{result}>('{wire}', argument)", command.argument)
}

fn camel(snake: &str) -> String {
    let mut words = snake.split('_');
    let mut name = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

fn union<'a>(keys: impl Iterator<Item = &'a str>) -> String {
    keys.map(|key| format!("'{key}'")).collect::<Vec<_>>().join(" | ")
}

fn comment(text: &mut String, indent: &str, docs: &str) {
    if !docs.is_empty() {
        let _ = writeln!(text, "{indent}/** {} */", docs.trim());
    }
}

/// Comments of fields come as blocks of three lines; one line reads better.
fn tidy(declaration: &str) -> String {
    let mut text = String::new();
    let mut block: Option<Vec<String>> = None;
    for line in declaration.lines() {
        let bare = line.trim();
        match &mut block {
            None if bare == "/**" => block = Some(Vec::new()),
            Some(lines) if bare == "*/" => {
                let _ = writeln!(text, "\t/** {} */", lines.join(" "));
                block = None;
            }
            Some(lines) => lines.push(bare.trim_start_matches('*').trim().to_owned()),
            None if bare.is_empty() => {}
            None => {
                let (line, end) = bare.strip_suffix(" };").map_or((bare, ""), |line| (line, "};\n"));
                let (line, end) = if text.is_empty() { (bare, "") } else { (line, end) };
                let indent = if text.is_empty() || line.starts_with('}') { "" } else { "\t" };
                let _ = write!(text, "{indent}{line}\n{end}");
            }
        }
    }
    text.trim_end().to_owned()
}

fn plain(docs: &str) -> String {
    let lines = docs.lines().map(|line| line.trim().trim_start_matches("/**").trim_end_matches("*/"));
    let lines = lines.map(|line| line.trim().trim_start_matches('*').trim());
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::domain::kind::{HomeRule, Kind, day, text};

    fn same_as_checked_in(path: &str, text: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
        if std::env::var_os("SATCHEL_UPDATE").is_some() {
            std::fs::write(&path, text).unwrap();
        }
        let held = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(held == text, "{} is not what core writes: run with SATCHEL_UPDATE=1", path.display());
    }

    #[test]
    fn the_typescript_client_is_what_core_writes() {
        same_as_checked_in("ui/src/lib/ipc/bindings.ts", &typescript(&Registry::built_in()));
    }

    #[test]
    fn the_page_of_commands_is_what_core_writes() {
        same_as_checked_in("docs/commands.md", &markdown());
    }

    #[test]
    fn a_kind_the_product_does_not_bring_gets_its_keys_too() {
        static MACHINE: Kind = Kind {
            key: "machine",
            fields: &[text("brand").decl, day("bought").decl],
            title: "brand",
            home: HomeRule::UnderClient,
            open_when: None,
            own_labels: &[],
        };
        let types = key_types(&Registry::built_in().with(&MACHINE));
        assert!(types.contains(" | 'machine';"));
        assert!(types.contains("machine: 'brand' | 'bought';"));
    }

    #[test]
    fn no_type_needs_big_integers() {
        assert!(!typescript(&Registry::built_in()).contains("bigint"));
    }
}
