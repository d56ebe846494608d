//! The built interface: files as they are, and its one page for every other address.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use tower_http::services::ServeDir;

/// Adds the interface in `folder` to `router`; without one every page is "not found" and only commands work.
pub(crate) fn with_pages(router: Router, folder: Option<PathBuf>) -> Router {
    let Some(folder) = folder else { return router };
    let folder: Arc<Path> = folder.into();
    let start = folder.clone();
    let elsewhere = folder.clone();
    let page = move |method: Method, uri: Uri| async move { fallback(&elsewhere, &method, &uri).await };
    let files = ServeDir::new(&folder).append_index_html_on_directories(false);
    router.route("/", get(move || async move { index(&start).await })).fallback_service(files.fallback(get(page)))
}

/// Headers every answer carries.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let is_fingerprinted = request.uri().path().starts_with("/_app/immutable/");
    let mut response = next.run(request).await;
    let may_be_kept = is_fingerprinted && response.status() == StatusCode::OK;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    let keep = if may_be_kept { "private, max-age=31536000, immutable" } else { "no-store" };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    response
}

const ALWAYS: [(HeaderName, &str); 6] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// Addresses of the app are its one page; what looks like a file and is none is not found.
async fn fallback(folder: &Path, method: &Method, uri: &Uri) -> Response {
    let last = uri.path().rsplit('/').next().unwrap_or_default();
    if method != Method::GET || last.contains('.') || uri.path().starts_with("/_app/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    index(folder).await
}

/// Read anew each time, so that a build made while the host runs is seen together with its own policy.
async fn index(folder: &Path) -> Response {
    let page = match tokio::fs::read_to_string(folder.join("index.html")).await {
        Ok(page) => page,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "reading the page");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let Ok(policy) = HeaderValue::from_str(&policy(&page)) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    ([(CONTENT_TYPE, html), (CONTENT_SECURITY_POLICY, policy)], page).into_response()
}

/// Scripts only from here, and those in the page itself by their digest.
fn policy(page: &str) -> String {
    let inline: String =
        inline_scripts(page).map(|script| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script)))).collect();
    format!(
        "default-src 'none'; script-src 'self'{inline}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
         font-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}

fn inline_scripts(page: &str) -> impl Iterator<Item = &str> {
    page.split("<script").skip(1).filter_map(|rest| {
        let (attributes, body) = rest.split_once('>')?;
        let (script, _) = body.split_once("</script>")?;
        (!attributes.contains("src=")).then_some(script)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_are_named_by_digest_and_others_are_not() {
        let page = "<script>let a = 1;</script><script type=module src=\"/x.js\"></script><script>\n</script>";
        assert_eq!(inline_scripts(page).collect::<Vec<_>>(), ["let a = 1;", "\n"]);
        let digest = STANDARD.encode(Sha256::digest("let a = 1;"));
        assert!(policy(page).contains(&format!("script-src 'self' 'sha256-{digest}'")));
        assert!(!policy("").contains("sha256"));
    }
}
