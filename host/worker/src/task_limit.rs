//! `tasks.max`, which is a promise of the connector's to its operator (KIP-1004).

use std::time::Duration;

use watertight_data::config::connector::TASKS_MAX;

use crate::entities::ConfigMap;
use crate::failure::Failure;

/// Whether `tasks.max` is more than a wish.
const ENFORCED: &str = "tasks.max.enforce";
/// When task configs that could not be had are asked for again, first and at most; as in Kafka's distributed mode.
const RETRY: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(60));

/// `tasks.max`, which has been validated.
pub fn tasks_max(connector: &ConfigMap) -> u32 {
    connector.get(TASKS_MAX).and_then(|value| value.trim().parse().ok()).unwrap_or(1)
}

/// Whether a connector may have so many tasks.
///
/// # Errors
/// Kafka's words where it may not.
pub fn check(name: &str, tasks: usize, connector: &ConfigMap) -> Result<(), Failure> {
    let max = tasks_max(connector);
    let enforced = connector.get(ENFORCED).is_none_or(|value| !value.trim().eq_ignore_ascii_case("false"));
    if !enforced || u32::try_from(tasks).is_ok_and(|tasks| tasks <= max) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "org.apache.kafka.connect.runtime.TooManyTasksException: The connector {name} has generated {tasks} tasks, which is greater than {max}, the maximum number of tasks it is configured to create. This behaviour should be considered a bug and is disallowed. If necessary, it can be permitted by reconfiguring the connector with '{ENFORCED}' set to false; however, this option will be removed in a future release of Kafka Connect."
    )))
}

/// How long to wait after so many attempts in a row that failed.
pub fn retry_after(attempts: u32) -> Duration {
    let (first, most) = RETRY;
    first.saturating_mul(1_u32.checked_shl(attempts).unwrap_or(u32::MAX)).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_with(tasks: usize, settings: &[(&str, &str)]) -> Result<(), Failure> {
        let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        check("c", tasks, &settings)
    }

    #[test]
    fn more_tasks_than_allowed_are_refused_unless_it_is_not_enforced() {
        assert!(check_with(1, &[]).is_ok());
        assert!(check_with(2, &[("tasks.max", " 2 ")]).is_ok());
        assert!(check_with(3, &[("tasks.max", "2"), ("tasks.max.enforce", "False")]).is_ok());
        for settings in [&[("tasks.max", "2")][..], &[("tasks.max", "2"), ("tasks.max.enforce", "true")]] {
            let trace = check_with(3, settings).err().map(|failure| failure.trace).unwrap_or_default();
            assert!(trace.contains("The connector c has generated 3 tasks, which is greater than 2, the maximum"));
        }
    }

    #[test]
    fn waiting_doubles_up_to_a_minute() {
        let waits: Vec<u64> =
            [0, 1, 2, 7, 8, 31, 32, 4000].iter().map(|n| retry_after(*n).as_millis() as u64).collect();
        assert_eq!(waits, [250, 500, 1000, 32_000, 60_000, 60_000, 60_000, 60_000]);
    }
}
