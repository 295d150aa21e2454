//! Restarts that were asked for and wait to be carried out. One per connector: a worker that was busy does the one that
//! restarts most, and does it once (KIP-745).

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::entities::RestartRequest;

/// By connector.
#[derive(Debug, Default)]
pub(super) struct PendingRestarts(BTreeMap<String, RestartRequest>);

impl PendingRestarts {
    /// Notes one more.
    pub(super) fn add(&mut self, connector: String, request: RestartRequest) {
        let waiting = self.0.entry(connector).or_insert(request);
        if request.compare_impact(*waiting) == Ordering::Greater {
            *waiting = request;
        }
    }

    /// All of them, once.
    pub(super) fn take(&mut self) -> BTreeMap<String, RestartRequest> {
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_restarts_of_a_connector_the_one_that_restarts_most_is_done_once() {
        let request = |include_tasks, only_failed| RestartRequest { include_tasks, only_failed };
        let mut pending = PendingRestarts::default();
        for (name, request) in [
            ("a", request(false, true)),
            ("a", request(true, false)),
            ("a", request(true, true)),
            ("b", request(true, true)),
            ("b", request(true, true)),
        ] {
            pending.add(name.to_owned(), request);
        }
        let expected = [("a".to_owned(), request(true, false)), ("b".to_owned(), request(true, true))];
        assert_eq!(pending.take(), expected.into_iter().collect());
        assert!(pending.take().is_empty());
    }
}
