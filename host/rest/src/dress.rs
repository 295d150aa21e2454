//! Headers that every answer gets, whoever gives it: what the worker's properties say about origins and other headers.
//! Not on listeners that are only for administration; nor does Kafka's worker put them there.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::cors::CrossOrigin;
use crate::headers::HeaderRules;

/// What there is to say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dress {
    pub(crate) cross_origin: Option<CrossOrigin>,
    pub(crate) rules: HeaderRules,
}

impl Dress {
    /// True where answers are good as they are.
    pub(crate) fn is_empty(&self) -> bool {
        self.cross_origin.is_none() && self.rules.is_empty()
    }
}

/// Our headers come first, as in Kafka: what the handler says of its body's type wins, all else stands beside it.
pub(crate) async fn dress(State(dress): State<Arc<Dress>>, request: Request, next: Next) -> Response {
    let mut headers = HeaderMap::new();
    if let Some(cross_origin) = &dress.cross_origin {
        cross_origin.tell(request.method(), request.headers(), &mut headers);
    }
    dress.rules.apply(&mut headers);
    let mut response = next.run(request).await;
    let of_handler = std::mem::replace(response.headers_mut(), headers);
    let mut name = None;
    for (next_name, value) in of_handler {
        name = next_name.or(name);
        match &name {
            Some(name) if *name == header::CONTENT_TYPE => {
                response.headers_mut().insert(name, value);
            }
            Some(name) => {
                response.headers_mut().append(name, value);
            }
            None => {}
        }
    }
    response
}
