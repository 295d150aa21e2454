//! One path and what may be done with it.
//!
//! Clients of Connect see the order in which JAX-RS checks a request: is there such a path (404), does it know the
//! method (405), is the body's type taken (415), is the answer's type wanted (406), may this client ask (401). Each of
//! those comes before anything is read or done, and each path answers `OPTIONS`. axum has none of this ready, so it
//! stands here once.

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, get, on};

use crate::error::ApiError;
use crate::{App, basic_auth, media};

/// Methods in the order in which Kafka's worker lists them.
const ORDER: [&str; 7] = ["HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH"];

/// One method of one path, `HEAD` and `OPTIONS` aside.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    /// 415 for a body that is something else, needed or not.
    pub(crate) wants_json: bool,
}

/// A path in the making.
pub(crate) struct Resource<'a> {
    app: &'a App,
    path: &'static str,
    known: Vec<&'static str>,
    routes: Vec<Route>,
    router: MethodRouter<App>,
}

impl<'a> Resource<'a> {
    /// A path that only tells its methods so far.
    pub(crate) fn at(app: &'a App, path: &'static str) -> Self {
        Resource { app, path, known: vec!["OPTIONS"], routes: Vec::new(), router: MethodRouter::new() }
    }

    /// `GET`, and with it `HEAD`.
    pub(crate) fn get<T: 'static>(self, handler: impl Handler<T, App>) -> Self {
        self.with(&["GET", "HEAD"], get(handler), true)
    }

    /// `GET` for those paths where Kafka does not look at the type of a body that nobody needs.
    pub(crate) fn get_whatever_comes<T: 'static>(self, handler: impl Handler<T, App>) -> Self {
        self.with(&["GET", "HEAD"], get(handler), false)
    }

    pub(crate) fn post<T: 'static>(self, handler: impl Handler<T, App>) -> Self {
        self.with(&["POST"], on(MethodFilter::POST, handler), true)
    }

    pub(crate) fn post_whatever_comes<T: 'static>(self, handler: impl Handler<T, App>) -> Self {
        self.with(&["POST"], on(MethodFilter::POST, handler), false)
    }

    pub(crate) fn put<T: 'static>(self, handler: impl Handler<T, App>) -> Self {
        self.with(&["PUT"], on(MethodFilter::PUT, handler), true)
    }

    pub(crate) fn put_whatever_comes<T: 'static>(self, handler: impl Handler<T, App>) -> Self {
        self.with(&["PUT"], on(MethodFilter::PUT, handler), false)
    }

    pub(crate) fn patch<T: 'static>(self, handler: impl Handler<T, App>) -> Self {
        self.with(&["PATCH"], on(MethodFilter::PATCH, handler), true)
    }

    pub(crate) fn delete<T: 'static>(self, handler: impl Handler<T, App>) -> Self {
        self.with(&["DELETE"], on(MethodFilter::DELETE, handler), true)
    }

    fn with(mut self, methods: &[&'static str], route: MethodRouter<App>, only_json: bool) -> Self {
        self.known.extend(methods);
        let path = self.path;
        self.routes.extend(methods.first().map(|method| Route { method, path, wants_json: only_json }));
        let route = self.guarded(route).route_layer(from_fn(answer_in_json));
        let route = if only_json { route.route_layer(from_fn(body_in_json)) } else { route };
        self.router = self.router.merge(route);
        self
    }

    fn guarded(&self, route: MethodRouter<App>) -> MethodRouter<App> {
        route.route_layer(from_fn_with_state(self.app.clone(), basic_auth::check))
    }

    /// What may be done so far.
    pub(crate) fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// Adds the path; Jersey does not tell `/connectors/` from `/connectors`, and scripts rely on it.
    pub(crate) fn add_to(self, router: Router<App>) -> Router<App> {
        let known: Vec<&str> = ORDER.into_iter().filter(|method| self.known.contains(method)).collect();
        let text = known.join(", ");
        // Words without spaces or control characters: always a value.
        let allow = HeaderValue::try_from(known.join(",")).ok();
        let (to_tell, to_refuse) = (allow.clone(), allow);
        let options = on(MethodFilter::OPTIONS, move |headers: HeaderMap| async move { tell(&headers, text, to_tell) });
        let options = self.guarded(options);
        let methods = self.router.merge(options).fallback(move || async move { refuse(to_refuse) });
        let router = router.route(self.path, methods.clone());
        if self.path.ends_with('/') { router } else { router.route(&format!("{}/", self.path), methods) }
    }
}

/// Answers 415 to a body that says it is something else. Where nothing is said there may be no body: who reads one
/// looks again.
async fn body_in_json(request: Request, next: Next) -> Response {
    if media::is_json_body(request.headers()) {
        next.run(request).await
    } else {
        ApiError::bare(StatusCode::UNSUPPORTED_MEDIA_TYPE).into_response()
    }
}

/// Answers 406 unless the client takes JSON.
async fn answer_in_json(request: Request, next: Next) -> Response {
    if media::accepts_json(request.headers()) {
        next.run(request).await
    } else {
        ApiError::bare(StatusCode::NOT_ACCEPTABLE).into_response()
    }
}

/// What `OPTIONS` tells: the methods as text to those who take text, and to all in `Allow`.
fn tell(headers: &HeaderMap, text: String, allow: Option<HeaderValue>) -> Response {
    let mut response = if media::accepts(headers, "text", "plain") {
        ([(header::CONTENT_TYPE, "text/plain")], text).into_response()
    } else {
        StatusCode::OK.into_response()
    };
    insert_allow(&mut response, allow);
    response
}

/// 405. Kafka's worker forgets `Allow` here; HTTP asks for it.
fn refuse(allow: Option<HeaderValue>) -> Response {
    let mut response = ApiError::bare(StatusCode::METHOD_NOT_ALLOWED).into_response();
    insert_allow(&mut response, allow);
    response
}

fn insert_allow(response: &mut Response, allow: Option<HeaderValue>) {
    if let Some(allow) = allow {
        response.headers_mut().insert(header::ALLOW, allow);
    }
}
