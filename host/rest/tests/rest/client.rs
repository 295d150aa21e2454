//! Sends requests into the router and looks at what comes back.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt;
use watertight_rest::{RestOptions, router};

use crate::fake::FakeHerder;

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        assert_eq!(self.headers["content-type"], "application/json");
        serde_json::from_str(&self.text).unwrap()
    }

    /// Asserts Kafka's error shape, whole, and gives its message.
    pub fn error(&self, status: u16) -> String {
        let json = self.json();
        assert_eq!((self.status.as_u16(), &json["error_code"]), (status, &Value::from(status)), "{json}");
        assert_eq!(json.as_object().unwrap().len(), 2, "{json}");
        json["message"].as_str().unwrap().to_owned()
    }

    /// Asserts a status without a body.
    pub fn empty(&self, status: u16) {
        assert_eq!((self.status.as_u16(), self.text.as_str()), (status, ""));
    }
}

#[derive(Clone, Default)]
pub struct Client {
    pub herder: Arc<FakeHerder>,
    pub options: RestOptions,
}

impl Client {
    pub fn of(herder: FakeHerder) -> Self {
        Client { herder: Arc::new(herder), options: RestOptions::default() }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let router = router(self.herder.clone(), self.options.clone());
        let response = router.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// `METHOD /path`, without a body.
    pub async fn ask(&self, line: &str) -> Answer {
        let (method, uri) = line.split_once(' ').unwrap();
        self.send(Request::builder().method(method).uri(uri).body(Body::empty()).unwrap()).await
    }

    /// `METHOD /path` with a JSON body.
    pub async fn tell(&self, line: &str, body: impl Into<Body>) -> Answer {
        self.tell_as("application/json", line, body).await
    }

    pub async fn tell_as(&self, content_type: &str, line: &str, body: impl Into<Body>) -> Answer {
        let (method, uri) = line.split_once(' ').unwrap();
        let request = Request::builder().method(method).uri(uri).header("host", "worker:8083");
        self.send(request.header("content-type", content_type).body(body.into()).unwrap()).await
    }

    pub fn asked(&self) -> Vec<String> {
        self.herder.asked.lock().unwrap().clone()
    }
}
