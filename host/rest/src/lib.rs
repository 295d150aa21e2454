//! Kafka Connect's REST interface over a [`Herder`].
//!
//! Clients of Connect compare statuses, match fragments of messages and read fields by name, so what stands
//! here is a translation and nothing else: no decision about a connector is taken in this crate. One module
//! for each resource, one for what all of them share (bodies, paths, errors, shapes), one for the socket, one for
//! requests to other workers.
//!
//! Where we differ from Kafka on purpose: a body that is no JSON, or JSON of the wrong shape, is the client's
//! mistake and gets 400 with its position, not 500; a body over `rest.max.body.bytes` gets 413.

mod advertised;
mod answer;
mod basic_auth;
mod body;
mod budget;
mod client;
mod connections;
mod connectors;
mod cors;
mod dress;
mod error;
mod expand;
mod forward;
mod guard;
mod headers;
mod health;
mod internal;
mod lifecycle;
mod linger;
pub mod listeners;
mod location;
mod loggers;
mod media;
mod offsets;
mod openapi;
mod options;
mod path;
mod path_rules;
mod patient;
mod plugins;
mod received;
pub mod request;
mod resource;
mod root;
mod seldom;
mod serve;
mod shapes;
mod socket_options;
mod tasks;
pub mod tls;
mod topics;
mod turn_away;
mod validation;

use std::sync::Arc;

use axum::middleware::{from_fn, from_fn_with_state};
use axum::{Extension, Router};
use watertight_worker::herder::Herder;

use openapi::Document;
use resource::Resource;

pub use advertised::Advertised;
pub use basic_auth::{AuthError, BasicAuth};
pub use client::WorkerClient;
pub use connections::Connections;
pub use cors::CrossOriginError;
pub use error::ErrorBody;
pub use headers::HeaderRuleError;
pub use options::{OptionsError, RestOptions, RestOptionsError};
pub use serve::{Door, Peer, serve, serve_with};
pub use socket_options::SocketOptions;

/// What every handler gets.
#[derive(Clone)]
struct App {
    herder: Arc<dyn Herder>,
    options: RestOptions,
}

/// What a listener serves, ready for [`serve`] or for a test that calls it without a socket.
pub fn router(herder: Arc<dyn Herder>, options: RestOptions) -> Router {
    let app = App { herder, options };
    let mut resources = everyday(&app);
    if app.options.admin_everywhere {
        resources.extend(administration(&app));
    }
    let routes: Vec<_> = resources.iter().flat_map(Resource::routes).copied().collect();
    let document = Document::of(&routes, app.options.basic_auth.is_some());
    let router = assemble(&app, resources).layer(Extension(document));
    let dress = &app.options.dress;
    if dress.is_empty() { router } else { router.layer(from_fn_with_state(Arc::new(dress.clone()), dress::dress)) }
}

/// What the listeners of `admin.listeners` serve: nothing else than `/admin`. REST extensions are not asked there, as in
/// Kafka: whoever reaches such a listener may use it.
pub fn admin_router(herder: Arc<dyn Herder>, options: RestOptions) -> Router {
    let app = App { herder, options: RestOptions { basic_auth: None, ..options } };
    assemble(&app, administration(&app))
}

fn everyday(app: &App) -> Vec<Resource<'_>> {
    let at = |path| Resource::at(app, path);
    vec![
        at("/").get_whatever_comes(root::server_info),
        at("/health").get_whatever_comes(health::health),
        at(openapi::PATH).get_whatever_comes(openapi::serve),
        at("/connector-plugins").get(plugins::list),
        at("/connector-plugins/{name}/config").get(plugins::config),
        at("/connector-plugins/{name}/config/validate").put(plugins::validate),
        at("/connectors").get(connectors::list).post(connectors::create),
        at("/connectors/{name}").get(connectors::info).delete(connectors::delete),
        at("/connectors/{name}/config")
            .get(connectors::config)
            .put(connectors::put_config)
            .patch(connectors::patch_config),
        at("/connectors/{name}/status").get(connectors::status),
        at("/connectors/{name}/pause").put(lifecycle::pause),
        at("/connectors/{name}/resume").put(lifecycle::resume),
        at("/connectors/{name}/stop").put(lifecycle::stop),
        at("/connectors/{name}/restart").post(lifecycle::restart),
        at("/connectors/{name}/tasks").get(tasks::list).post_whatever_comes(internal::put_task_configs),
        at("/connectors/{name}/tasks/{task}/status").get(tasks::status),
        at("/connectors/{name}/tasks/{task}/restart").post(tasks::restart),
        at("/connectors/{name}/offsets").get(offsets::list).patch(offsets::alter).delete(offsets::reset),
        at("/connectors/{name}/topics").get(topics::list),
        at("/connectors/{name}/topics/reset").put(topics::reset),
        at("/connectors/{name}/fence").put_whatever_comes(internal::fence),
    ]
}

fn administration(app: &App) -> Vec<Resource<'_>> {
    let at = |path| Resource::at(app, path);
    vec![at("/admin/loggers").get(loggers::list), at("/admin/loggers/{name}").get(loggers::get).put(loggers::set)]
}

/// Refusals of a URL come last, so that they stand around everything.
fn assemble(app: &App, resources: Vec<Resource<'_>>) -> Router {
    resources
        .into_iter()
        .fold(Router::new(), |router, resource| resource.add_to(router))
        .fallback(error::no_such_path)
        .layer(from_fn(path_rules::enforce))
        .layer(from_fn_with_state(app.clone(), forward::forward))
        .layer(from_fn_with_state(app.clone(), guard::guard))
        .with_state(app.clone())
}
