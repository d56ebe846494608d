//! Tauri's own preparations, and one matter of linking.

fn main() {
    // The program would otherwise export the database library's functions, and the web view, loaded into the same
    // process, would run its own databases on our encrypted build of it.
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-link-arg-bins=-Wl,--exclude-libs,ALL");
    }
    tauri_build::build();
}
