//! Where a new connector is to be found: `Location`, absolute, as the client addressed us.

use std::convert::Infallible;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use watertight_worker::entities::ConnectorInfo;

use crate::error::{ApiError, ApiResult};
use crate::listeners::Scheme;
use crate::path_rules::LONGEST;
use crate::shapes::ConnectorShape;

/// What may stand in one segment of a path as it is. Not the semicolon: for Kafka's worker, parameters begin there.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// The longest path behind a name, with room for a query.
const BEHIND: usize = 256;

/// The address that a client used; empty where it did not say.
pub(crate) struct Place(String);

impl<S: Send + Sync> FromRequestParts<S> for Place {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let scheme = parts.extensions.get::<Scheme>().copied().unwrap_or(Scheme::Http);
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        Ok(Place(host.map(|host| format!("{scheme}://{host}")).unwrap_or_default()))
    }
}

impl Place {
    /// A location that another worker told, as this client would find it.
    pub(crate) fn translate(&self, location: &HeaderValue) -> Option<HeaderValue> {
        let location: Uri = location.to_str().ok()?.parse().ok()?;
        HeaderValue::from_str(&format!("{}{}", self.0, location.path())).ok()
    }

    /// 201, the connector and where to find it.
    pub(crate) fn created(&self, info: &ConnectorInfo) -> Response {
        let location = format!("{}/connectors/{}", self.0, utf8_percent_encode(&info.name, SEGMENT));
        let mut response = (StatusCode::CREATED, Json(ConnectorShape::from(info))).into_response();
        if let Ok(location) = HeaderValue::from_str(&location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

/// A connector that no URL can name could be created and never be asked for, stopped or deleted again.
pub(crate) fn check_length(name: &str) -> ApiResult<()> {
    let length: usize = utf8_percent_encode(name, SEGMENT).map(str::len).sum();
    if length <= LONGEST - BEHIND {
        return Ok(());
    }
    Err(ApiError::bad_request(format!(
        "The connector's name has {length} bytes in a URL; no name may have more than {} there",
        LONGEST - BEHIND
    )))
}
