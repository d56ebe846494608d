//! The arrows of ARCHITECTURE.md, read off the sources.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn sources(dir: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "no sources in {}", dir.display());
    found
}

/// Lines that are code, without comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(|line| line.split("//").next().unwrap_or_default())
}

fn assert_never(dir: &str, forbidden: &[&str]) {
    for (path, text) in sources(&root().join(dir)) {
        for line in code(&text) {
            for word in forbidden {
                assert!(!line.contains(word), "{}: {} must not use {word}: {line}", path.display(), dir);
            }
        }
    }
}

#[test]
fn domain_stands_on_nothing() {
    assert_never(
        "core/src/domain",
        &[
            "crate::docs",
            "crate::store",
            "crate::sync",
            "crate::app",
            "rusqlite",
            "automerge::",
            "serde_json",
            "Utc::now",
            "std::fs",
            "async fn",
        ],
    );
}

#[test]
fn docs_know_only_domain() {
    assert_never(
        "core/src/docs",
        &["crate::store", "crate::sync", "crate::app", "rusqlite", "serde_json", "Utc::now", "async fn"],
    );
}

#[test]
fn files_are_read_and_written_without_a_database() {
    assert_never(
        "core/src/exchange",
        &["crate::docs", "crate::store", "crate::sync", "crate::app", "rusqlite", "Utc::now", "std::fs", "async fn"],
    );
    for dir in ["core/src/domain", "core/src/docs", "core/src/store", "core/src/sync", "sync-server/src"] {
        assert_never(dir, &["crate::exchange", "satchel_core::exchange"]);
    }
}

#[test]
fn the_store_knows_no_sync_state_machine_and_no_app() {
    assert_never("core/src/store", &["crate::sync::device", "crate::app", "async fn", "ureq", "tungstenite"]);
}

#[test]
fn sync_does_not_know_the_app() {
    assert_never("core/src/sync", &["crate::app"]);
}

#[test]
fn only_docs_know_automerge() {
    for dir in [
        "core/src/domain",
        "core/src/store",
        "core/src/sync",
        "core/src/app",
        "sync-server/src",
        "devhost/src",
        "src-tauri/src",
    ] {
        assert_never(dir, &["automerge::"]);
    }
}

#[test]
fn the_server_uses_domain_docs_and_frames_only() {
    assert_never("sync-server/src", &["satchel_core::store", "satchel_core::app", "satchel_core::sync::device"]);
}

#[test]
fn the_app_speaks_no_sql() {
    assert_never("core/src/app", &["rusqlite", "SELECT ", "INSERT "]);
}

#[test]
fn shells_hold_no_rule() {
    for dir in ["devhost/src", "src-tauri/src"] {
        assert_never(dir, &["satchel_core::store", "satchel_core::docs", "satchel_core::sync", "rusqlite"]);
    }
}

#[test]
fn entry_files_only_list_modules() {
    for file in [
        "core/src/lib.rs",
        "sync-server/src/lib.rs",
        "sync-server/src/main.rs",
        "devhost/src/main.rs",
        "src-tauri/src/main.rs",
        "tests/src/lib.rs",
    ] {
        let path = root().join(file);
        if let Ok(text) = std::fs::read_to_string(&path) {
            assert!(text.lines().count() < 150, "{file} is no entry file any more");
        }
    }
}

#[test]
fn the_window_is_imported_in_one_folder_only() {
    let mut folders = vec![root().join("ui/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.to_string_lossy().contains("lib/ipc")
                && path.extension().is_some_and(|it| it == "ts" || it == "svelte")
            {
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(!text.contains("@tauri-apps/"), "{} imports the window", path.display());
            }
        }
    }
}
