//! Why nothing came back: in words without a URL, whose query may hold a secret; and whether the
//! request can have been acted on.

use std::error::Error as _;
use std::io::ErrorKind;

/// How an exchange failed.
#[derive(Debug)]
pub struct Failure {
    /// In words.
    pub why: String,
    /// What is known of the request.
    pub reached: Reached,
}

/// How far a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// There was no connection that it could have been sent on.
    NoConnection,
    /// It was sent, or some of it; the connection ended before any byte of an answer.
    NoAnswer,
    /// Anything else: another attempt would end alike, or the answer had begun.
    Further,
}

impl Failure {
    /// Before the head of an answer had come.
    pub fn before_answer(error: reqwest::Error) -> Self {
        let cut = closed(&error);
        let reached = match (error.is_connect(), cut) {
            _ if error.is_timeout() => Reached::Further,
            (true, true) => Reached::NoConnection,
            (false, true) => Reached::NoAnswer,
            (_, false) => Reached::Further,
        };
        Self {
            why: describe(error),
            reached,
        }
    }

    /// After that.
    pub fn within_answer(error: reqwest::Error) -> Self {
        Self {
            why: describe(error),
            reached: Reached::Further,
        }
    }
}

/// Whether the other side closed, reset or refused the connection.
fn closed(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<std::io::Error>()
            && matches!(
                io.kind(),
                ErrorKind::ConnectionRefused
                    | ErrorKind::ConnectionReset
                    | ErrorKind::ConnectionAborted
                    | ErrorKind::BrokenPipe
                    | ErrorKind::UnexpectedEof
            )
        {
            return true;
        }
        // The HTTP library's own error has no kind that can be asked from here. A head that was
        // cut in its middle reads the same, and counts as an answer that had begun nowhere.
        if inner
            .to_string()
            .contains("connection closed before message completed")
        {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// The error with its causes, without the URL.
pub fn describe(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.ends_with(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        cause = inner.source();
    }
    text
}
