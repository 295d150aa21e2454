//! Kafka Connect's REST interface over a [`Herder`].
//!
//! Clients of Connect compare statuses, match fragments of messages and read fields by name, so what stands
//! here is a translation and nothing else: no decision about a connector is taken in this crate. One module
//! for each resource, one for what all of them share (bodies, paths, errors, shapes), one for the socket.
//!
//! Where we differ from Kafka on purpose: a body that is no JSON, or JSON of the wrong shape, is the client's
//! mistake and gets 400 with its position, not 500; a body over `rest.max.body.bytes` gets 413.

mod accept;
mod body;
mod connectors;
mod error;
mod guard;
mod lifecycle;
pub mod listeners;
mod offsets;
mod options;
mod path;
mod plugins;
pub mod request;
mod root;
mod serve;
mod shapes;
mod tasks;

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get, post, put};
use watertight_worker::herder::Herder;

pub use error::ErrorBody;
pub use options::{OptionsError, RestOptions};
pub use serve::{Peer, SocketOptions, serve, serve_with};

/// What every handler gets.
#[derive(Clone)]
struct App {
    herder: Arc<dyn Herder>,
    options: RestOptions,
}

/// All of the interface, ready for [`serve`] or for a test that calls it without a socket.
pub fn router(herder: Arc<dyn Herder>, options: RestOptions) -> Router {
    let app = App { herder, options };
    let routes = Router::new().route("/", get(root::server_info));
    [
        ("/connector-plugins", get(plugins::list)),
        ("/connectors", get(connectors::list).post(connectors::create)),
        ("/connectors/{name}", get(connectors::info).delete(connectors::delete)),
        ("/connectors/{name}/config", get(connectors::config).put(connectors::put_config)),
        ("/connectors/{name}/status", get(connectors::status)),
        ("/connectors/{name}/pause", put(lifecycle::pause)),
        ("/connectors/{name}/resume", put(lifecycle::resume)),
        ("/connectors/{name}/stop", put(lifecycle::stop)),
        ("/connectors/{name}/restart", post(lifecycle::restart)),
        ("/connectors/{name}/tasks", get(tasks::list)),
        ("/connectors/{name}/tasks/{task}/status", get(tasks::status)),
        ("/connectors/{name}/tasks/{task}/restart", post(tasks::restart)),
        ("/connectors/{name}/offsets", get(offsets::list)),
    ]
    .into_iter()
    .fold(routes, with_and_without_slash)
    .route_layer(from_fn(accept::json_only))
    .fallback(error::not_found)
    .method_not_allowed_fallback(error::method_not_allowed)
    .layer(from_fn_with_state(app.clone(), guard::guard))
    .with_state(app)
}

/// Jersey does not tell `/connectors/` from `/connectors`, and scripts rely on it.
fn with_and_without_slash(router: Router<App>, (path, methods): (&str, MethodRouter<App>)) -> Router<App> {
    router.route(path, methods.clone()).route(&format!("{path}/"), methods)
}
