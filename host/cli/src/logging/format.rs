//! One event as one line of Connect's log.

use std::fmt::{self, Debug, Write};
use std::time::SystemTime;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;
use watertight_worker::secrets::Vault;

use super::context::{ConnectorContext, FIELD};
use super::timestamp;

/// Where an event names its logger itself.
const LOGGER: &str = "logger";

/// `[time] LEVEL [context] message field=value (target)`
pub(super) struct ConnectFormat {
    /// What must not be seen.
    pub(super) vault: Vault,
}

impl<S, N> FormatEvent<S, N> for ConnectFormat
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut parts = Parts::default();
        event.record(&mut parts);
        let of_span = || {
            context
                .event_scope()
                .into_iter()
                .flatten()
                .find_map(|span| span.extensions().get::<ConnectorContext>().map(|context| context.0.clone()))
        };
        timestamp::write(&mut line, SystemTime::now())?;
        write!(line, " {} ", event.metadata().level())?;
        let context = parts.context.or_else(of_span);
        if let Some(context) = &context {
            write!(line, "[{}] ", Harmless(context))?;
        }
        let connector = context.as_deref().map(|context| context.rsplit_once('|').map_or(context, |(name, _)| name));
        let message = self.vault.scrub(connector, &parts.message);
        let fields = self.vault.scrub(connector, &parts.fields);
        let logger = parts.logger.as_deref().unwrap_or_else(|| event.metadata().target());
        writeln!(line, "{}{} ({})", Harmless(&message), Harmless(&fields), Harmless(logger))
    }
}

/// What an event carries, by its place in the line.
#[derive(Default)]
struct Parts {
    message: String,
    fields: String,
    context: Option<String>,
    logger: Option<String>,
}

impl Visit for Parts {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field, format_args!("{value:?}"));
    }
}

impl Parts {
    fn put(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value}"),
            FIELD => write!(self.context.insert(String::new()), "{value}"),
            LOGGER => write!(self.logger.insert(String::new()), "{value}"),
            name => write!(self.fields, " {name}={value}"),
        };
    }
}

/// Text that cannot end the entry it stands in, nor move a terminal's cursor.
struct Harmless<'a>(&'a str);

impl fmt::Display for Harmless<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.trim_end_matches('\n');
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '\n' if characters.peek().is_some_and(|next| *next == ' ' || *next == '\t') => f.write_char('\n')?,
                '\n' => f.write_str("\n\t")?,
                '\t' => f.write_char('\t')?,
                '\r' if characters.peek() == Some(&'\n') => {}
                control if control.is_control() => write!(f, "{}", control.escape_default())?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt;

    use super::super::context::ContextLayer;
    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Everything after the time.
    fn logged(events: impl FnOnce()) -> String {
        logged_without(Vault::default(), events)
    }

    fn logged_without(vault: Vault, events: impl FnOnce()) -> String {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let layer =
            tracing_subscriber::fmt::layer().with_writer(move || writer.clone()).event_format(ConnectFormat { vault });
        let subscriber = tracing_subscriber::registry().with(ContextLayer).with(layer);
        tracing::subscriber::with_default(subscriber, events);
        let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
        let (time, rest) = text.split_once("] ").unwrap();
        assert_eq!(time.len(), "[2026-11-20 09:00:00,123".len(), "{time}");
        rest.to_owned()
    }

    #[test]
    fn a_line_has_level_message_fields_and_target() {
        let line = logged(|| tracing::info!(target: "worker", records = 3, "Committed"));
        assert_eq!(line, "INFO Committed records=3 (worker)\n");
    }

    #[test]
    fn a_line_may_name_its_logger() {
        let line = logged(|| tracing::info!(target: "plugin", logger = "com.example.Sink", "Put"));
        assert_eq!(line, "INFO Put (com.example.Sink)\n");
    }

    #[test]
    fn the_context_comes_from_the_nearest_span_that_has_one() {
        let line = logged(|| {
            let outer = tracing::info_span!("task", connector_context = "a|task-0").entered();
            let inner = tracing::info_span!("poll").entered();
            tracing::warn!(target: "worker", "Slow");
            drop(inner);
            drop(outer);
        });
        assert_eq!(line, "WARN [a|task-0] Slow (worker)\n");
    }

    #[test]
    fn an_event_may_bring_its_own_context() {
        let line = logged(|| {
            let _span = tracing::info_span!("task", connector_context = %"a|task-0").entered();
            tracing::error!(target: "guest", connector_context = "b|worker", "Failed");
        });
        assert_eq!(line, "ERROR [b|worker] Failed (guest)\n");
    }

    #[test]
    fn secrets_are_hidden_from_lines_about_their_connector_and_about_none() {
        let vault = Vault::default();
        let secrets = vault.of("a");
        secrets.add("hunter22");
        let of = |events: &dyn Fn()| logged_without(vault.clone(), events);
        let line = of(&|| tracing::info!(target: "t", connector_context = "a|task-0", why = "hunter22", "x hunter22"));
        assert_eq!(line, "INFO [a|task-0] x [hidden] why=[hidden] (t)\n");
        assert_eq!(of(&|| tracing::info!(target: "t", "x hunter22")), "INFO x [hidden] (t)\n");
        let line = of(&|| tracing::info!(target: "t", connector_context = "b|worker", "x hunter22"));
        assert_eq!(line, "INFO [b|worker] x hunter22 (t)\n");
    }

    #[test]
    fn no_text_can_pass_for_an_entry_of_its_own() {
        let forged = "x\n[2026-11-20 09:00:00,123] INFO all is well (worker)\r\n\tat y\u{1b}[2J\rz\n";
        let line = logged(|| tracing::info!(target: "guest", "{forged}"));
        assert_eq!(
            line,
            "INFO x\n\t[2026-11-20 09:00:00,123] INFO all is well (worker)\n\tat y\\u{1b}[2J\\rz (guest)\n"
        );
    }
}
