//! What the workers of a cluster ask of each other (KIP-507, KIP-618): a worker that is alone says so, in Kafka's words.

use axum::extract::Request;
use hyper::body::Body as _;

use crate::body;
use crate::error::ApiError;
use crate::path::Name;

/// `POST /connectors/{name}/tasks`: the answer is the same whatever the body, and no user is asked for; so it is not
/// read.
pub(crate) async fn put_task_configs(Name(_): Name, request: Request) -> ApiError {
    if request.body().is_end_stream() {
        return ApiError::bad_request(body::MISSING);
    }
    ApiError::internal("Kafka Connect in standalone mode does not support externally setting task configurations.")
}

/// `PUT /connectors/{name}/fence`
pub(crate) async fn fence(Name(_): Name) -> ApiError {
    ApiError::internal("Kafka Connect in standalone mode does not support exactly-once source connectors.")
}
