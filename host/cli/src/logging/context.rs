//! Remembers `connector_context` where a span carries it.

use std::fmt::Debug;

use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// The field's name, on spans and events.
pub(super) const FIELD: &str = "connector_context";

/// `file-source|task-0`, kept in a span's extensions.
pub(super) struct ConnectorContext(pub(super) String);

/// Looks at every span once, instead of at every event.
pub(super) struct ContextLayer;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for ContextLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut find = Find::default();
        attributes.record(&mut find);
        remember(find, id, &context);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut find = Find::default();
        values.record(&mut find);
        remember(find, id, &context);
    }
}

fn remember<S: Subscriber + for<'a> LookupSpan<'a>>(find: Find, id: &Id, context: &Context<'_, S>) {
    if let (Some(found), Some(span)) = (find.0, context.span(id)) {
        span.extensions_mut().replace(ConnectorContext(found));
    }
}

#[derive(Default)]
struct Find(Option<String>);

impl Visit for Find {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == FIELD {
            self.0 = Some(value.to_owned());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == FIELD {
            self.0 = Some(format!("{value:?}"));
        }
    }
}
