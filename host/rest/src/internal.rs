//! What the workers of a cluster ask of each other (KIP-507, KIP-618). Who may ask, the herder decides: it has the key that
//! the body must be signed with. So it gets the body as it came.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use watertight_worker::herder::Internal;

use crate::App;
use crate::body::{self, RawBody};
use crate::client::{ALGORITHM, SIGNATURE};
use crate::error::{ApiError, ApiResult};
use crate::path::Name;

/// What a request says of who sent it.
pub(crate) struct Proof {
    signature: Option<String>,
    algorithm: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Proof {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let said = |name: &HeaderName| all(&parts.headers, name);
        Ok(Proof { signature: said(&SIGNATURE), algorithm: said(&ALGORITHM) })
    }
}

/// A header that comes more than once is one with commas.
fn all(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Vec<_> = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    (!values.is_empty()).then(|| values.join(","))
}

impl Proof {
    fn of(self, RawBody(body): RawBody) -> Internal {
        let Proof { signature, algorithm } = self;
        Internal { body, signature, algorithm }
    }
}

/// `POST /connectors/{name}/tasks`
pub(crate) async fn put_task_configs(
    State(app): State<App>,
    Name(name): Name,
    proof: Proof,
    body: RawBody,
) -> ApiResult<StatusCode> {
    if body.0.trim_ascii().is_empty() {
        return Err(ApiError::bad_request(body::MISSING));
    }
    app.herder.put_task_configs(&name, proof.of(body)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /connectors/{name}/fence`: it has no body, or one that only its signature is made of.
pub(crate) async fn fence(
    State(app): State<App>,
    Name(name): Name,
    proof: Proof,
    body: RawBody,
) -> ApiResult<StatusCode> {
    app.herder.fence_zombies(&name, proof.of(body)).await?;
    Ok(StatusCode::NO_CONTENT)
}
