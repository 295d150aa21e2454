//! The log's filter, which can be changed while it is at work.
//!
//! tracing asks once for each place in the code and remembers the answer, so what is not written costs one look
//! at a flag. A change makes it forget, and ask again.

use std::sync::{Arc, PoisonError, RwLock};

use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use watertight_worker::loggers::names::PLUGIN;
use watertight_worker::loggers::{self, Levels, LogFilter};

/// Clones are the same one.
#[derive(Clone)]
pub(super) struct Filter(Arc<RwLock<Levels>>);

impl Filter {
    pub(super) fn new(levels: &Levels) -> Self {
        Self(Arc::new(RwLock::new(levels.clone())))
    }

    fn admits(&self, place: &Metadata<'_>) -> bool {
        // A span of this level says whose lines these are; and plugins are measured where they write.
        if (place.is_span() && *place.level() == Level::ERROR) || place.target() == PLUGIN {
            return true;
        }
        let levels = self.0.read().unwrap_or_else(PoisonError::into_inner);
        *place.level() <= filter_of(levels.of_target(place.target()))
    }
}

impl LogFilter for Filter {
    fn follow(&self, levels: &Levels) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clone_from(levels);
        tracing::callsite::rebuild_interest_cache();
    }
}

impl<S: Subscriber> Layer<S> for Filter {
    fn register_callsite(&self, place: &'static Metadata<'static>) -> Interest {
        if self.admits(place) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, place: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.admits(place)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let levels = self.0.read().unwrap_or_else(PoisonError::into_inner);
        // Not below ERROR: see `admits`.
        Some(filter_of(levels.most()).max(LevelFilter::ERROR))
    }
}

fn filter_of(level: loggers::Level) -> LevelFilter {
    match level {
        loggers::Level::Off | loggers::Level::Fatal => LevelFilter::OFF,
        loggers::Level::Error => LevelFilter::ERROR,
        loggers::Level::Warn => LevelFilter::WARN,
        loggers::Level::Info => LevelFilter::INFO,
        loggers::Level::Debug => LevelFilter::DEBUG,
        loggers::Level::Trace | loggers::Level::All => LevelFilter::TRACE,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Count(Arc<AtomicUsize>);

    impl<S: Subscriber> Layer<S> for Count {
        fn on_event(&self, _: &tracing::Event<'_>, _: Context<'_, S>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn lines() {
        tracing::debug!(target: "watertight_worker::task::sink::put", "x");
        tracing::debug!(target: "watertight_rest::serve", "x");
        tracing::info!(target: "watertight_rest::serve", "x");
        tracing::error!(target: "hyper", "x");
    }

    #[test]
    fn a_change_reaches_places_that_were_asked_before() {
        let filter = Filter::new(&Levels::default());
        let count = Count::default();
        let subscriber = tracing_subscriber::registry().with(filter.clone()).with(count.clone());
        tracing::subscriber::with_default(subscriber, || {
            let written = |list: &str| {
                filter.follow(&Levels::parse(list).unwrap());
                count.0.store(0, Ordering::Relaxed);
                lines();
                count.0.load(Ordering::Relaxed)
            };
            assert_eq!(written("info"), 2);
            assert_eq!(written("info,watertight_worker=debug"), 3);
            assert_eq!(written("debug"), 4);
            assert_eq!(written("info"), 2);
            assert_eq!(written("off"), 0);
            assert_eq!(written("off,hyper=error"), 1);
        });
    }

    #[test]
    fn plugins_and_the_spans_that_name_a_connector_pass() {
        let filter = Filter::new(&Levels::parse("off").unwrap());
        let count = Count::default();
        let subscriber = tracing_subscriber::registry().with(filter.clone()).with(count.clone());
        tracing::subscriber::with_default(subscriber, || {
            assert!(!tracing::error_span!("task", connector_context = "c|task-0").is_disabled());
            tracing::error!(target: "plugin", "x");
            assert_eq!(count.0.load(Ordering::Relaxed), 1);
        });
    }
}
