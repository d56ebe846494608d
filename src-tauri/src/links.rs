//! `satchel://…` addresses that the system hands over. They wait here until the interface asks for them: at a cold
//! start it is not there yet. What they open is the interface's to say.

use std::sync::{Mutex, PoisonError};

use tauri::{AppHandle, Emitter, Manager, State, Url};
use tauri_plugin_deep_link::DeepLinkExt;

const SCHEME: &str = "satchel";
/// Longer addresses are nobody's number, in bytes.
const LONGEST: usize = 1024;
/// More that wait are dropped.
const MOST: usize = 16;

/// Addresses nobody has opened yet.
#[derive(Default)]
pub(crate) struct Waiting(Mutex<Vec<String>>);

/// Takes the address the app was started with, and those that come later.
pub(crate) fn listen(handle: &AppHandle) {
    handle.manage(Waiting::default());
    match handle.deep_link().get_current() {
        Ok(urls) => take(handle, &urls.unwrap_or_default()),
        Err(error) => tracing::warn!(%error, "reading the address of the start"),
    }
    let told = handle.clone();
    handle.deep_link().on_open_url(move |event| take(&told, &event.urls()));
}

/// Gives the waiting addresses to the interface, once.
#[tauri::command]
pub(crate) fn links(waiting: State<'_, Waiting>) -> Vec<String> {
    std::mem::take(&mut *waiting.0.lock().unwrap_or_else(PoisonError::into_inner))
}

fn take(handle: &AppHandle, urls: &[Url]) {
    let waiting = handle.state::<Waiting>();
    let mut held = waiting.0.lock().unwrap_or_else(PoisonError::into_inner);
    held.extend(urls.iter().filter(|url| is_ours(url)).map(ToString::to_string));
    held.truncate(MOST);
    drop(held);
    if let Err(error) = handle.emit("link", ()) {
        tracing::warn!(%error, "telling the window of an address");
    }
}

fn is_ours(url: &Url) -> bool {
    url.scheme() == SCHEME && url.as_str().len() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_app_are_taken() {
        let ours = |address: &str| is_ours(&address.parse().unwrap());
        assert!(ours("satchel://call/+380441112233"));
        assert!(!ours("https://example.com/call/1") && !ours("file:///etc/passwd"));
        assert!(!ours(&format!("satchel://call/{}", "1".repeat(LONGEST))));
    }
}
