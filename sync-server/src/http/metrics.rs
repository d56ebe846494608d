//! Numbers for whoever watches the server, as Prometheus reads them, on a port of their own: how much is asked, how it
//! is answered, how long that takes, how much there is. Routes by their pattern, never a path, an id or a name.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::live::Roster;
use crate::office::Office;

/// Upper ends of the stretches of time answers are counted in, in seconds.
const STRETCHES: [f64; 8] = [0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0];

/// What was counted since the start. Clones count together.
#[derive(Clone, Default)]
pub struct Metrics(Arc<Mutex<BTreeMap<(&'static str, u16), Count>>>);

#[derive(Default)]
struct Count {
    n: u64,
    seconds: f64,
    within: [u64; STRETCHES.len()],
}

impl Metrics {
    /// Counts an answer to a route.
    pub fn answered(&self, route: &'static str, status: u16, took: Duration) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry((route, status)).or_default();
        let seconds = took.as_secs_f64();
        count.n += 1;
        count.seconds += seconds;
        for (within, end) in count.within.iter_mut().zip(STRETCHES) {
            *within += u64::from(seconds <= end);
        }
    }

    fn text(&self, office: &Office, roster: &Roster) -> String {
        let mut text = String::new();
        let mut line = |line: std::fmt::Arguments<'_>| {
            let _ = writeln!(text, "{line}");
        };
        line(format_args!("# TYPE satchel_request_seconds histogram"));
        for ((route, status), count) in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let labels = format!("route=\"{route}\",status=\"{status}\"");
            for (n, end) in count.within.iter().zip(STRETCHES) {
                line(format_args!("satchel_request_seconds_bucket{{{labels},le=\"{end}\"}} {n}"));
            }
            line(format_args!("satchel_request_seconds_bucket{{{labels},le=\"+Inf\"}} {}", count.n));
            line(format_args!("satchel_request_seconds_sum{{{labels}}} {}", count.seconds));
            line(format_args!("satchel_request_seconds_count{{{labels}}} {}", count.n));
        }
        let mut gauges = vec![("live_connections", roster.n_connected() as u64)];
        if let Ok(counts) = office.storage().counts() {
            gauges.extend([
                ("records", counts.records),
                ("changes", counts.changes),
                ("proposals", counts.proposals),
                ("users", counts.users),
                ("devices", counts.devices),
            ]);
        }
        let held = office.organisation().is_ok_and(|organisation| organisation.held);
        gauges.push(("held", u64::from(held)));
        for (name, value) in gauges {
            line(format_args!("# TYPE satchel_{name} gauge\nsatchel_{name} {value}"));
        }
        text
    }
}

/// Answers `/metrics` until the task is dropped.
pub async fn serve(listener: TcpListener, metrics: Metrics, office: Office, roster: Roster) {
    let answer = |State((metrics, office, roster)): State<(Metrics, Office, Roster)>| async move {
        let read = tokio::task::spawn_blocking(move || metrics.text(&office, &roster)).await;
        ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], read.unwrap_or_default()).into_response()
    };
    let app = Router::new().route("/metrics", get(answer)).with_state((metrics, office, roster));
    if let Err(error) = axum::serve(listener, app).await {
        tracing::error!(%error, "serving metrics");
    }
}
