//! What carries requests to the server.

use crate::sync::wire::ErrorBody;

/// Carries requests to one server.
pub trait Transport: Send + Sync {
    /// Posts a body to a path and answers the body of a 2xx answer.
    ///
    /// # Errors
    /// `Offline`, `Status`, `Foreign`.
    fn post(&self, path: &str, bearer: Option<&str>, content_type: &str, body: &[u8]) -> Result<Vec<u8>, NetError>;

    /// Base address of the server, e.g. `https://crm.example`.
    fn base(&self) -> &str;
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// Nobody answers, or the connection broke.
    #[error("the server is not within reach")]
    Offline,
    /// The server refuses, with a body of its own.
    #[error("the server answers with status {status}")]
    Status {
        /// HTTP status.
        status: u16,
        /// JSON [`ErrorBody`] where the server is ours.
        body: Vec<u8>,
    },
    /// Somebody else answers: a hotel's sign-in page, a proxy.
    #[error("somebody else answers in the server's place")]
    Foreign,
}

impl NetError {
    /// Stable key of its words: `offline`, `wrong_server`, or the code the server gave.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::Offline => "offline".to_owned(),
            Self::Foreign => "wrong_server".to_owned(),
            Self::Status { body, .. } => match serde_json::from_slice::<ErrorBody>(body) {
                Ok(body) => body.code,
                Err(_) => "wrong_server".to_owned(),
            },
        }
    }
}
