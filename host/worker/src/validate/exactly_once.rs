//! What a worker of a cluster minds about sources that are to write exactly once (KIP-618). Only the plugin knows whether
//! it can, so it is asked, but only where the settings want to know.

use super::Validation;
use crate::distributed::config::ExactlyOnce;
use crate::entities::ConfigMap;

const SUPPORT: &str = "exactly.once.support";
const BOUNDARY: &str = "transaction.boundary";
const WORKERS: &str = "exactly.once.source.support";

/// What the plugin is to be asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Questions {
    /// Whether it can write exactly once.
    pub(super) support: bool,
    /// Whether it says where transactions end.
    pub(super) boundaries: bool,
}

/// What it answered to those that it was asked; an error is its message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Answers {
    pub(super) support: Option<Result<Option<bool>, String>>,
    pub(super) boundaries: Option<Result<bool, String>>,
}

impl Questions {
    /// Those that a config raises, unless what it says there is nonsense.
    pub(super) fn of(settings: &ConfigMap, validation: &Validation) -> Self {
        let says = |key: &str, word: &str| {
            let given = settings.get(key).is_some_and(|given| given.trim().eq_ignore_ascii_case(word));
            given && !validation.has_errors(key)
        };
        Self { support: says(SUPPORT, "required"), boundaries: says(BOUNDARY, "connector") }
    }

    /// What is wrong whatever the plugin says.
    pub(super) fn check(self, worker: &ConfigMap, validation: &mut Validation) {
        let enabled = worker.get(WORKERS).and_then(|word| ExactlyOnce::of(word.trim()));
        if self.support && !enabled.is_some_and(ExactlyOnce::is_enabled) {
            validation.fault(SUPPORT, "This worker does not have exactly-once source support enabled.");
        }
    }
}

impl Answers {
    /// What is wrong by the plugin's word.
    pub(super) fn faults(self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        match self.support {
            None | Some(Ok(Some(true))) => {}
            Some(Ok(Some(false))) => faults.push((SUPPORT, UNSUPPORTED.to_owned())),
            Some(Ok(None)) => faults.push((SUPPORT, UNKNOWN.to_owned())),
            Some(Err(message)) => faults.push((SUPPORT, unexpected(&message))),
        }
        match self.boundaries {
            None | Some(Ok(true)) => {}
            Some(Ok(false)) => faults.push((BOUNDARY, NO_BOUNDARIES.to_owned())),
            Some(Err(message)) => faults.push((BOUNDARY, unexpected(&message))),
        }
        faults
    }
}

const UNSUPPORTED: &str = "The connector does not support exactly-once semantics with the provided configuration.";
const UNKNOWN: &str = "The connector does not implement the API required for preflight validation of exactly-once source \
                       support. Please consult the documentation for the connector to determine whether it supports \
                       exactly-once semantics, and then consider reconfiguring the connector to use the value \
                       \"requested\" for this property (which will disable this preflight check and allow the connector \
                       to be created).";
const NO_BOUNDARIES: &str = "The connector does not support connector-defined transaction boundaries with the given \
                             configuration. Please reconfigure it to use a different transaction boundary definition.";

fn unexpected(message: &str) -> String {
    const WHAT: &str = "An unexpected error occurred during validation";
    match message.trim() {
        "" => format!("{WHAT}; please see the worker logs for more details."),
        message => format!("{WHAT}: {message}"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use watertight_data::config::ConfigDef;

    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> ConfigMap {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn empty() -> Validation {
        Validation::new("c", &ConfigDef::default(), Vec::new())
    }

    #[test]
    fn the_plugin_is_asked_only_what_the_settings_want_to_know() {
        let of = |pairs: &[(&str, &str)]| Questions::of(&settings(pairs), &empty());
        assert_eq!(of(&[]), Questions::default());
        assert_eq!(of(&[(SUPPORT, "requested"), (BOUNDARY, "poll")]), Questions::default());
        let all = Questions { support: true, boundaries: true };
        assert_eq!(of(&[(SUPPORT, " REQUIRED"), (BOUNDARY, "Connector")]), all);
    }

    #[test]
    fn a_worker_without_it_cannot_be_required_to_have_it() {
        let questions = Questions { support: true, boundaries: true };
        for (word, faults) in [(None, 1), (Some("preparing"), 1), (Some("ENABLED"), 0)] {
            let mut validation = empty();
            let worker: Vec<_> = word.iter().map(|word| (WORKERS, *word)).collect();
            questions.check(&settings(&worker), &mut validation);
            assert_eq!(validation.errors().len(), faults, "{word:?}");
        }
    }

    #[test]
    fn what_a_plugin_answers_is_told_in_kafkas_words() {
        let of = |support, boundaries| {
            let faults = Answers { support, boundaries }.faults();
            faults.into_iter().map(|(key, fault)| format!("{key}: {}", &fault[..40])).collect::<Vec<_>>()
        };
        assert!(of(Some(Ok(Some(true))), Some(Ok(true))).is_empty() && of(None, None).is_empty());
        assert_eq!(
            of(Some(Ok(None)), Some(Ok(false))),
            [
                "exactly.once.support: The connector does not implement the API",
                "transaction.boundary: The connector does not support connector",
            ]
        );
        let failed = Answers { support: Some(Err(" boom ".into())), boundaries: Some(Err(String::new())) }.faults();
        assert_eq!(failed[0].1, "An unexpected error occurred during validation: boom");
        assert!(failed[1].1.ends_with("please see the worker logs for more details."));
    }
}
