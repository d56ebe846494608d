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

impl Waiting {
    fn hold(&self, urls: &[Url]) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.extend(urls.iter().filter(|url| is_ours(url)).map(ToString::to_string));
        held.truncate(MOST);
    }

    fn give(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Takes the address the app was started with, and those that come later.
pub(crate) fn listen(handle: &AppHandle) {
    handle.manage(Waiting::default());
    // First those that come: one between the two steps is opened twice rather than never.
    let told = handle.clone();
    handle.deep_link().on_open_url(move |event| take(&told, &event.urls()));
    match handle.deep_link().get_current() {
        Ok(urls) => take(handle, &urls.unwrap_or_default()),
        Err(error) => tracing::warn!(%error, "reading the address of the start"),
    }
}

/// Gives the waiting addresses to the interface, once.
#[tauri::command]
pub(crate) fn links(waiting: State<'_, Waiting>) -> Vec<String> {
    waiting.give()
}

fn take(handle: &AppHandle, urls: &[Url]) {
    handle.state::<Waiting>().hold(urls);
    if let Err(error) = handle.emit("link", ()) {
        tracing::warn!(%error, "telling the window of an address");
    }
}

/// By the scheme and the length only: the address comes from any page or program.
fn is_ours(url: &Url) -> bool {
    url.scheme() == SCHEME && url.as_str().len() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(addresses: &[&str]) -> Vec<String> {
        let waiting = Waiting::default();
        waiting.hold(&addresses.iter().map(|address| address.parse().unwrap()).collect::<Vec<_>>());
        waiting.give()
    }

    #[test]
    fn only_addresses_of_the_app_are_taken() {
        let call = "satchel://call/+380441112233";
        assert_eq!(held(&["https://example.com/call/1", call, "file:///etc/passwd", "javascript:alert(1)"]), [call]);
        let room = LONGEST - "satchel://call/".len();
        assert_eq!(held(&[&format!("satchel://call/{}", "1".repeat(room))]).len(), 1);
        assert!(held(&[&format!("satchel://call/{}", "1".repeat(room + 1))]).is_empty());
        // Letters that grow when they are written out count as they travel.
        assert!(held(&[&format!("satchel://call/{}", "\u{1}".repeat(room / 2))]).is_empty());
    }

    #[test]
    fn an_address_is_given_once_and_a_flood_is_cut_off() {
        let waiting = Waiting::default();
        for number in 0..MOST + 5 {
            waiting.hold(&[format!("satchel://call/{number}").parse().unwrap()]);
        }
        let given = waiting.give();
        assert_eq!((given.len(), given[0].as_str()), (MOST, "satchel://call/0"));
        assert!(waiting.give().is_empty());
    }
}
