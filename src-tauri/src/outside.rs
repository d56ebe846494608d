//! Addresses that do not belong into the window: a number to dial, a letter to write, a page of the web.

use tauri::plugin::{Builder, TauriPlugin};
use tauri::{AppHandle, Manager, Url, Wry};
use tauri_plugin_opener::OpenerExt;

/// What the system is asked to open; everything else is dropped.
const SCHEMES: [&str; 4] = ["tel", "mailto", "https", "http"];

/// Keeps the window on the app's own pages and hands other addresses to the system; needs the opener plugin.
pub(crate) fn plugin() -> TauriPlugin<Wry> {
    Builder::new("outside")
        .on_navigation(|webview, url| {
            if is_ours(url) {
                return true;
            }
            open(webview.app_handle(), url);
            false
        })
        .build()
}

/// The addresses under which the shell itself serves the interface.
fn is_ours(url: &Url) -> bool {
    match url.scheme() {
        "tauri" | "about" | "blob" => true,
        "http" | "https" => {
            url.host_str() == Some("tauri.localhost")
                || (cfg!(dev) && url.host_str() == Some("127.0.0.1") && url.port() == Some(5173))
        }
        _ => false,
    }
}

fn open(handle: &AppHandle, url: &Url) {
    if !SCHEMES.contains(&url.scheme()) {
        tracing::warn!(scheme = url.scheme(), "not opened");
        return;
    }
    if let Err(error) = handle.opener().open_url(url.as_str(), None::<&str>) {
        tracing::warn!(%error, scheme = url.scheme(), "opening outside");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_apps_own_pages_open_in_the_window() {
        let ours = |address: &str| is_ours(&address.parse().unwrap());
        assert!(ours("tauri://localhost/clients/1") && ours("http://tauri.localhost/"));
        for other in ["https://example.com/", "tel:+380441112233", "file:///etc/passwd", "http://127.0.0.1:8080/"] {
            assert!(!ours(other), "{other}");
        }
    }
}
