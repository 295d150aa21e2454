//! What this worker answers, as an OpenAPI 3.1 document at `/openapi.json`; Kafka has such a document in its
//! documentation only.
//!
//! It is made from the code, when the worker starts: paths and methods are those of the route table, so that a
//! listener without `/admin` does not promise it; bodies are described by the types that serde writes, errors by the
//! one type there is. What only a person can say of an operation (what it is for, which statuses it has) stands in
//! `operations`, and a test misses what does not.

mod operation;
mod operations;
mod requests;
mod words;

use axum::Extension;
use axum::http::header;
use axum::response::IntoResponse;
use bytes::Bytes;
use schemars::JsonSchema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use crate::error::ErrorBody;
use crate::resource::Route;

pub(crate) use words::{connector_type, importance, kind, level, plugin_type, state, status, width};

/// Where it is served.
pub(crate) const PATH: &str = "/openapi.json";

/// The document as it is sent.
#[derive(Clone)]
pub(crate) struct Document(Bytes);

/// `GET /openapi.json`
pub(crate) async fn serve(Extension(Document(text)): Extension<Document>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], text)
}

/// Schemas by name, and references to them.
struct Shapes(SchemaGenerator);

impl Shapes {
    fn of<T: JsonSchema>(&mut self) -> Value {
        self.0.subschema_for::<T>().to_value()
    }
}

impl Document {
    /// Of these routes. `asks_who`: whoever asks must say who they are.
    pub(crate) fn of(routes: &[Route], asks_who: bool) -> Self {
        Document(Bytes::from(document(routes, asks_who).to_string()))
    }
}

fn document(routes: &[Route], asks_who: bool) -> Value {
    let mut settings = SchemaSettings::draft2020_12().for_serialize();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut shapes = Shapes(settings.into_generator());
    let error = shapes.of::<ErrorBody>();
    let mut paths = Map::new();
    for route in routes {
        let operation = operations::describe(route.method, route.path, &mut shapes);
        let path = with_kafkas_parameters(route.path);
        let operation = operation.unwrap_or_default().finish(&path, route.wants_json, &error, asks_who);
        paths.entry(path).or_insert_with(|| json!({}))[route.method.to_ascii_lowercase()] = operation;
    }
    let mut schemas = shapes.0.take_definitions(true);
    schemas.values_mut().for_each(close);
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Kafka Connect REST API of Watertight",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": "What stands under GET is answered to HEAD, without a body; OPTIONS tells a path's methods; \
                            a slash at the end of a path changes nothing.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas},
    });
    if asks_who {
        document["components"]["securitySchemes"] = json!({"basic": {"type": "http", "scheme": "basic"}});
        document["security"] = json!([{"basic": []}]);
    }
    document
}

/// What a name in a path is the name of.
fn with_kafkas_parameters(path: &str) -> String {
    path.replace("/connectors/{name}", "/connectors/{connector}")
        .replace("/connector-plugins/{name}", "/connector-plugins/{pluginName}")
        .replace("/loggers/{name}", "/loggers/{logger}")
}

/// What serde writes of a struct is all there is.
fn close(schema: &mut Value) {
    if schema.get("properties").is_some() && schema.get("additionalProperties").is_none() {
        schema["additionalProperties"] = json!(false);
    }
}
