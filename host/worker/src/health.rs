//! Whether a worker is up, and what it is doing: Kafka's sentences for `GET /health` (KIP-1017) and for requests that
//! took too long.

use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use watertight_data::java::calendar::civil;

use crate::entities::{Health, HealthState};

/// What a herder tells of itself. Clones are the same one.
#[derive(Clone, Default)]
pub struct HealthWatch(Arc<Mutex<Told>>);

#[derive(Default)]
struct Told {
    started: bool,
    stages: Vec<(u64, Stage)>,
    last: Option<(Stage, SystemTime)>,
    next: u64,
}

struct Stage {
    what: String,
    begun: SystemTime,
}

/// A stage is over when this is dropped.
pub struct StageGuard {
    watch: HealthWatch,
    number: u64,
}

impl HealthWatch {
    /// Begins with something, said as "starting connector c".
    pub fn stage(&self, what: impl Into<String>) -> StageGuard {
        let mut number = 0;
        if let Ok(mut told) = self.0.lock() {
            number = told.next;
            told.next += 1;
            told.stages.push((number, Stage { what: what.into(), begun: SystemTime::now() }));
        }
        StageGuard { watch: self.clone(), number }
    }

    /// The worker is up.
    pub fn started(&self) {
        if let Ok(mut told) = self.0.lock() {
            told.started = true;
        }
    }

    /// What `GET /health` says.
    pub fn health(&self) -> Health {
        // Poisoned: something panicked while it told what it does.
        let Ok(told) = self.0.lock() else {
            let message = "Worker was unable to handle this request and may be unable to handle other requests.";
            return Health { state: HealthState::Unhealthy, message: message.to_owned() };
        };
        match told.started {
            true => Health {
                state: HealthState::Healthy,
                message: "Worker has completed startup and is ready to handle requests.".to_owned(),
            },
            false => {
                let message = format!("Worker is still starting up. {}", told.summary());
                Health { state: HealthState::Starting, message: message.trim_end().to_owned() }
            }
        }
    }

    /// One sentence about what is being done, or was last done; empty if that is nothing.
    pub fn summary(&self) -> String {
        self.0.lock().map(|told| told.summary()).unwrap_or_default()
    }
}

impl Told {
    /// The stage that takes longest is the one to blame.
    fn summary(&self) -> String {
        match (self.stages.first(), &self.last) {
            (Some((_, Stage { what, begun })), _) => {
                format!("The worker is currently {what}, which began at {}.", iso(*begun))
            }
            (None, Some((Stage { what, begun }, ended))) => format!(
                "The last operation the worker completed was {what}, which began at {} and completed at {}.",
                iso(*begun),
                iso(*ended)
            ),
            (None, None) => String::new(),
        }
    }
}

/// As Java's `Instant` is printed, to the millisecond.
fn iso(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, millis) = (since.as_secs(), since.subsec_millis());
    let (year, month, day) = civil(i64::try_from(seconds / 86_400).unwrap_or_default());
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

impl Drop for StageGuard {
    fn drop(&mut self) {
        if let Ok(mut told) = self.watch.0.lock()
            && let Some(at) = told.stages.iter().position(|(number, _)| *number == self.number)
        {
            let (_, stage) = told.stages.remove(at);
            told.last = Some((stage, SystemTime::now()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_starts_says_what_it_is_doing() {
        let watch = HealthWatch::default();
        assert_eq!(watch.health().message, "Worker is still starting up.");
        let stage = watch.stage("starting connector c");
        let health = watch.health();
        assert_eq!(health.state, HealthState::Starting);
        let said = "Worker is still starting up. The worker is currently starting connector c, which began at 20";
        assert!(health.message.starts_with(said) && health.message.ends_with("Z."), "{}", health.message);
        drop(stage);
        let said = "The last operation the worker completed was starting connector c, which began at 20";
        assert!(watch.summary().starts_with(said), "{}", watch.summary());
        watch.started();
        assert_eq!(watch.health().state, HealthState::Healthy);
        assert_eq!(watch.health().message, "Worker has completed startup and is ready to handle requests.");
    }

    #[test]
    fn times_are_written_as_java_prints_an_instant() {
        let time = UNIX_EPOCH + std::time::Duration::from_millis(1_795_165_200_123);
        assert_eq!(iso(time), "2026-11-20T09:00:00.123Z");
    }

    #[test]
    fn of_several_stages_the_longest_is_named() {
        let watch = HealthWatch::default();
        let (first, second) = (watch.stage("one"), watch.stage("two"));
        assert!(watch.summary().contains("currently one,"));
        drop(first);
        assert!(watch.summary().contains("currently two,"));
        drop(second);
        assert!(watch.summary().contains("completed was two,"));
    }
}
