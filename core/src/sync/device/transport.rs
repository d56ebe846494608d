//! What carries requests to the server.

use std::time::Duration;

use crate::sync::wire::ErrorBody;

/// Carries requests to one server.
pub trait Transport: Send + Sync {
    /// Posts a body to a path and answers the body of a 2xx answer.
    ///
    /// # Errors
    /// `Offline`, `Unanswered`, `Status`, `Foreign`.
    fn post(&self, path: &str, bearer: Option<&str>, content_type: &str, body: &[u8]) -> Result<Vec<u8>, NetError>;

    /// Base address of the server, e.g. `https://crm.example`.
    fn base(&self) -> &str;

    /// Opens a live connection.
    ///
    /// # Errors
    /// `Offline` where nobody answers or this way carries none, `Foreign` where something on the way does not let it
    /// through.
    fn connect(&self) -> Result<(Box<dyn Channel>, Bell), NetError> {
        Err(NetError::Offline)
    }
}

/// A connection that carries bodies both ways.
pub trait Channel: Send {
    /// Sends a body, now or as soon as the line takes it.
    ///
    /// # Errors
    /// `Offline` where the connection has ended.
    fn send(&mut self, body: Vec<u8>) -> Result<(), NetError>;

    /// Waits for what comes next, at most for `patience`. Its bell ends the wait at once.
    ///
    /// # Errors
    /// `Offline` where the connection has ended, `Foreign` for what is none of ours.
    fn wait(&mut self, patience: Duration) -> Result<Coming, NetError>;
}

/// What came over a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coming {
    /// A body.
    Body(Vec<u8>),
    /// A sign of life, or a part of a body.
    Sign,
    /// Nothing: the time is over, or the bell rang.
    Nothing,
}

/// Ends the wait of a connection from another thread.
pub type Bell = Box<dyn Fn() + Send + Sync>;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// Nobody answers: the request has reached nobody.
    #[error("the server is not within reach")]
    Offline,
    /// The connection broke, or the answer did not come in time: the server may have the request.
    #[error("the server did not answer")]
    Unanswered,
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
            Self::Offline | Self::Unanswered => "offline".to_owned(),
            Self::Foreign => "wrong_server".to_owned(),
            Self::Status { body, .. } => match serde_json::from_slice::<ErrorBody>(body) {
                Ok(body) => body.code,
                Err(_) => "wrong_server".to_owned(),
            },
        }
    }
}
