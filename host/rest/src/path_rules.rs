//! URLs that are refused before anyone looks where they lead: too long to be meant, or not to be read in one way only.
//!
//! Kafka's worker refuses the same ones, and some more that are legal and are served here: an encoded slash, percent
//! sign or dot is how a client addresses a connector with such a name.

use axum::extract::Request;
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::ApiError;

/// Bytes of path and query, as in Kafka. A name that does not fit cannot be asked for, so none is created.
pub(crate) const LONGEST: usize = 8 * 1024;

/// Goes on, or refuses.
pub(crate) async fn enforce(request: Request, next: Next) -> Response {
    match check(request.uri()) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

fn check(uri: &Uri) -> Result<(), ApiError> {
    let length = uri.path_and_query().map_or(0, |both| both.as_str().len());
    if length > LONGEST {
        let message = format!("The URL has {length} bytes; at most {LONGEST} are read");
        return Err(ApiError::new(StatusCode::URI_TOO_LONG, message));
    }
    let path = uri.path();
    if path.contains("//") {
        return Err(ApiError::bad_request("Ambiguous URI empty segment"));
    }
    match first_misfit(path) {
        None => Ok(()),
        Some(Misfit::Encoding(at)) => {
            let message = format!("A percent sign in the URL's path needs two hexadecimal digits behind it: \"{at}\"");
            Err(ApiError::bad_request(message))
        }
        Some(Misfit::Control(byte)) => {
            Err(ApiError::bad_request(format!("A URL's path may not have control characters in it: %{byte:02X}")))
        }
    }
}

enum Misfit<'a> {
    /// And what stands there.
    Encoding(&'a str),
    Control(u8),
}

fn first_misfit(path: &str) -> Option<Misfit<'_>> {
    path.match_indices('%').find_map(|(at, _)| {
        let digits = path.get(at + 1..at + 3).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if byte.is_ascii_control() => Some(Misfit::Control(byte)),
            Some(_) => None,
            None => Some(Misfit::Encoding(path.get(at..at + 3).unwrap_or(&path[at..]))),
        }
    })
}
