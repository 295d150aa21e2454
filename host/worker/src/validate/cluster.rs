//! What only a worker of a cluster minds: a sink must not read as a member of the workers' own group.

use super::Validation;
use crate::entities::ConfigMap;

const OVERRIDE: &str = "consumer.override.group.id";

/// Kafka's words, and the setting that they are about, where a sink's consumers would be in the workers' group.
fn conflict(group: &str, settings: &ConfigMap) -> Option<(&'static str, String)> {
    match (settings.get(OVERRIDE), settings.get("name")) {
        (Some(own), _) => {
            let text = || format!("Consumer group {own} conflicts with Connect worker group {group}");
            (own == group).then(|| (OVERRIDE, text()))
        }
        (None, Some(name)) => {
            let text = || {
                format!("Consumer group for sink connector named {name} conflicts with Connect worker group {group}")
            };
            (format!("connect-{name}") == group).then(|| ("name", text()))
        }
        (None, None) => None,
    }
}

/// Notes it.
pub(super) fn check_sink(group: &str, settings: &ConfigMap, validation: &mut Validation) {
    if let Some((key, text)) = conflict(group, settings) {
        validation.fault(key, &text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_does_not_read_in_the_workers_group() {
        let of = |group: &str, settings: &[(&str, &str)]| {
            let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            conflict(group, &settings).map(|(key, text)| format!("{key}: {text}"))
        };
        let named = "name: Consumer group for sink connector named c conflicts with Connect worker group connect-c";
        let overridden = "consumer.override.group.id: Consumer group g conflicts with Connect worker group g";
        assert_eq!(of("connect-c", &[("name", "c")]).as_deref(), Some(named));
        assert_eq!(of("g", &[("name", "c"), (OVERRIDE, "g")]).as_deref(), Some(overridden));
        assert_eq!(of("connect-c", &[("name", "c"), (OVERRIDE, "g")]), None);
        assert_eq!((of("connect", &[("name", "c")]), of("g", &[])), (None, None));
    }
}
