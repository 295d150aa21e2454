//! Basic authentication, as Kafka's `BasicAuthSecurityRestExtension` does it: a JAAS file names a login module with a
//! file of users and passwords, and each request must name one of them.
//!
//! Kafka loads REST extensions from jars. There are no jars here, so this one is built in under its class name, and any
//! other is refused at the start: serving without what somebody set up to protect the worker would be worst of all.
//!
//! As in Kafka, requests among workers (which are signed) need no user, admin listeners neither, and whoever asks for
//! a path or a method that does not exist learns so first.

mod credentials;
mod extension;
mod header;
mod jaas;

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header as names};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::App;
use credentials::CredentialFile;
use header::Credentials;

pub use extension::AuthError;

/// Kafka's words.
const REFUSAL: &str = "User cannot access the resource.";

/// Who may ask.
#[derive(Debug, Clone)]
pub struct BasicAuth(Arc<CredentialFile>);

impl PartialEq for BasicAuth {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for BasicAuth {}

/// Around every route: lets through who may, answers 401 to all others.
pub(crate) async fn check(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(auth) = &app.options.basic_auth else {
        return next.run(request).await;
    };
    if is_between_workers(&request) {
        return next.run(request).await;
    }
    let credentials = Credentials::from_headers(request.headers());
    // What the answer would have been, had there been one: that is Jersey's way.
    let kind = if request.method() == Method::OPTIONS { "text/plain" } else { "application/json" };
    if auth.0.allows(credentials.as_ref()).await {
        next.run(request).await
    } else {
        tracing::debug!("refused, for want of a user's name and password: {} {}", request.method(), request.uri());
        (StatusCode::UNAUTHORIZED, [(names::CONTENT_TYPE, kind)], REFUSAL).into_response()
    }
}

/// By the route that was found, so that no spelling of another path can pass for these.
fn is_between_workers(request: &Request) -> bool {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    match *request.method() {
        Method::POST => route.trim_end_matches('/') == "/connectors/{name}/tasks",
        Method::PUT => route.trim_end_matches('/') == "/connectors/{name}/fence",
        _ => false,
    }
}
