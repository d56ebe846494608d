//! `satchel-app`: the desktop program.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() {
    satchel_app_lib::run();
}
