//! Commands and change events: what the window's shell does with `invoke` and `emit`.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::stream;
use satchel_core::app::api::{Failure, Topic};
use satchel_core::app::{App, Code, commands};
use serde_json::Value;
use tokio::sync::{broadcast, watch};

/// Bursts a page may fall behind before it is told to ask for everything again.
const BURSTS_BEHIND: usize = 256;

#[derive(Clone)]
struct Door {
    app: App,
    changes: broadcast::Sender<Vec<Topic>>,
    stop: watch::Receiver<bool>,
}

/// `POST /ipc/<command>` and `GET /events`.
pub(crate) fn routes(app: App, stop: watch::Receiver<bool>) -> Router {
    let changes = broadcast::Sender::new(BURSTS_BEHIND);
    let tell = changes.clone();
    app.subscribe(Box::new(move |topics: &[Topic]| {
        // Nobody listening is normal: no page is open.
        let _ = tell.send(topics.to_vec());
    }));
    Router::new().route("/ipc/{command}", post(command)).route("/events", get(events)).with_state(Door {
        app,
        changes,
        stop,
    })
}

async fn command(State(door): State<Door>, Path(name): Path<String>, body: Result<Bytes, BytesRejection>) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(refused) if refused.status() == StatusCode::PAYLOAD_TOO_LARGE => return failed(&told(Code::TooLarge)),
        Err(_) => return failed(&told(Code::BadArgument)),
    };
    let argument = match argument(&body) {
        Ok(argument) => argument,
        Err(_) => return failed(&told(Code::BadArgument)),
    };
    let done = tokio::task::spawn_blocking(move || commands::dispatch(&door.app, &name, argument)).await;
    match done {
        Ok(Ok(value)) => answer(StatusCode::OK, &value),
        Ok(Err(failure)) => failed(&failure),
        Err(panicked) => {
            tracing::error!(%panicked, "command panicked");
            failed(&told(Code::Internal))
        }
    }
}

/// No body is no argument, as in the window.
fn argument(body: &[u8]) -> serde_json::Result<Value> {
    if body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(body) }
}

fn told(code: Code) -> Failure {
    satchel_core::app::Error::from(code).failure()
}

fn failed(failure: &Failure) -> Response {
    match serde_json::to_value(failure) {
        Ok(value) => answer(status_of(failure), &value),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The status is for tools; the interface reads the code.
fn status_of(failure: &Failure) -> StatusCode {
    match (failure.code.as_str(), failure.kind.as_str()) {
        ("not_found" | "no_such_command", _) => StatusCode::NOT_FOUND,
        ("bad_argument", _) => StatusCode::BAD_REQUEST,
        ("too_large", _) => StatusCode::PAYLOAD_TOO_LARGE,
        (_, "fix") => StatusCode::UNPROCESSABLE_ENTITY,
        (_, "quiet") => StatusCode::CONFLICT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn answer(status: StatusCode, value: &Value) -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    (status, headers, value.to_string()).into_response()
}

/// A stream of arrays of topics. It ends when the host stops or the page fell too far behind; the page then
/// connects again and asks for everything.
async fn events(State(door): State<Door>) -> Response {
    let listening = (door.changes.subscribe(), door.stop);
    let events = stream::unfold(listening, |(mut changes, mut stop)| async move {
        let topics = tokio::select! {
            topics = changes.recv() => topics.ok()?,
            _ = stop.wait_for(|stopping| *stopping) => return None,
        };
        let event = Event::default().json_data(topics).ok()?;
        Some((Ok::<_, Infallible>(event), (changes, stop)))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))).into_response()
}
