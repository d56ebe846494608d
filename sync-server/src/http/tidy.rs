//! What is done now and then and nobody waits for.

use std::time::Duration;

use tokio::sync::watch;

use crate::office::Office;

/// How often long histories are looked for.
const EVERY: Duration = Duration::from_secs(600);

/// Folds long histories now and then, a few at a time and one after the other, until the server closes.
pub async fn compact_now_and_then(office: Office, mut closing: watch::Receiver<bool>) {
    let mut more = false;
    loop {
        tokio::select! {
            () = tokio::time::sleep(if more { Duration::ZERO } else { EVERY }) => {}
            _ = closing.changed() => return,
        }
        let folding = office.clone();
        more = match tokio::task::spawn_blocking(move || folding.compact()).await {
            // What could not be written because something came between is not tried again at once.
            Ok(Ok(done)) => done.more && done.n_records > 0,
            Ok(Err(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "folding long histories");
                false
            }
            Err(_) => false,
        };
    }
}
