//! Sockets around the table of routes.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, post};
use axum::serve::ListenerExt;
use satchel_core::domain::limits;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::dispatch::{Access, Answer, Method, ROUTES, Request, Route, Socket, refusal};
use super::hint::{Hints, Line, watch_head};
use super::live::Lines;
use super::metrics::Metrics;
use super::tidy::compact_now_and_then;
use super::{hint, live, metrics};
use crate::office::Office;

/// How long requests under way may still take once the server is told to stop.
const DRAIN: Duration = Duration::from_secs(20);

/// Serves until `stop` is ready, then drains: requests under way are answered, live connections are told to come back.
/// `listeners` are the one for devices and, where there is one, that for metrics.
///
/// # Errors
/// Where the socket fails.
pub async fn serve(
    office: Office,
    (listener, watching): (TcpListener, Option<TcpListener>),
    behind_proxy: bool,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (close, closing) = watch::channel(false);
    let line = Line { office: office.clone(), hints: Hints::default(), closing: closing.clone() };
    let lines = Lines::new(office.clone(), closing.clone());
    let (hints, roster) = (line.hints.clone(), lines.roster.clone());
    office.on_commit(Box::new(move |users| {
        hints.wake(users);
        roster.touched(users);
    }));
    let roster = lines.roster.clone();
    let poll = tokio::spawn(watch_head(line.clone(), roster.clone()));
    let tidying = tokio::spawn(compact_now_and_then(office.clone(), closing.clone()));
    let (delivering, served) = (roster.clone(), office.clone());
    std::thread::Builder::new()
        .name("live pages".to_owned())
        .spawn(move || delivering.deliver_until_stopped(&served))?;

    let metrics = Metrics::default();
    let watched = watching
        .map(|listener| tokio::spawn(metrics::serve(listener, metrics.clone(), office.clone(), roster.clone())));
    let app = router(&Served { office, behind_proxy, line, lines, metrics });
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    // A small page must not wait for the acknowledgement of the one before.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let stopping = async move {
        stop.await;
        let _ = close.send(true);
    };
    let mut draining = closing;
    let serving = axum::serve(listener, app).with_graceful_shutdown(stopping).into_future();
    let late = async move {
        let _ = draining.changed().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        done = serving => done?,
        () = late => tracing::warn!("requests were still under way when the time to drain ran out"),
    }
    poll.abort();
    if let Some(watched) = watched {
        watched.abort();
    }
    tidying.abort();
    roster.stop();
    Ok(())
}

#[derive(Clone)]
struct Served {
    office: Office,
    behind_proxy: bool,
    line: Line,
    lines: Lines,
    metrics: Metrics,
}

fn router(served: &Served) -> Router {
    let mut router = Router::new();
    for route in &ROUTES {
        let socket: Option<MethodRouter<Served>> = match route.access {
            Access::Socket(Socket::Hint) => Some(any(hint::upgrade).with_state(served.line.clone())),
            Access::Socket(Socket::Live) => Some(any(live::upgrade).with_state(served.lines.clone())),
            _ => None,
        };
        if let Some(socket) = socket {
            router = router.route(route.path, socket);
            continue;
        }
        let answer =
            move |State(served): State<Served>,
                  ConnectInfo(peer): ConnectInfo<SocketAddr>,
                  headers: HeaderMap,
                  body: Result<Bytes, BytesRejection>| answer(route, served, peer, headers, body);
        let method = match route.method {
            Method::Get => get(answer),
            Method::Post => post(answer),
        };
        router = router.route(route.path, method);
    }
    router.layer(DefaultBodyLimit::max(limits::BODY_BYTES)).with_state(served.clone())
}

async fn answer(
    route: &'static Route,
    served: Served,
    peer: SocketAddr,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let (began, metrics) = (Instant::now(), served.metrics.clone());
    let answer = answered(route, served, peer, headers, body).await;
    metrics.answered(route.path, answer.status, began.elapsed());
    respond(answer)
}

async fn answered(
    route: &'static Route,
    served: Served,
    peer: SocketAddr,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer {
    let body = match body {
        Ok(body) => body,
        Err(rejected) if rejected.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return refusal(413, "too_large");
        }
        Err(_) => return refusal(400, "malformed"),
    };
    let work = move || {
        let address = address(&headers, peer, served.behind_proxy);
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let bearer = bearer.and_then(|value| value.strip_prefix("Bearer "));
        route.answer(&served.office, &Request { bearer, body: &body, address: Some(&address) })
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer,
        Err(_) => refusal(500, "internal"),
    }
}

/// Where a request came from; a proxy's word counts only where the server was told that one stands before it.
fn address(headers: &HeaderMap, peer: SocketAddr, behind_proxy: bool) -> String {
    let forwarded = headers.get("x-forwarded-for").and_then(|value| value.to_str().ok());
    let last = forwarded.and_then(|value| value.rsplit(',').next()).map(str::trim);
    match last {
        Some(last) if behind_proxy => last.to_owned(),
        _ => peer.ip().to_string(),
    }
}

fn respond(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"));
    response
}
