//! What an assignment means for who ran something before it.

use crate::distributed::config::ConnectProtocol;
use crate::distributed::protocol::Assignment;
use crate::distributed::work::Work;

/// What is to stop, and what is to run then.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// No more this worker's.
    pub(super) lost: Work,
    /// This worker's, from before or new.
    pub(super) work: Work,
    /// Others wait for what is lost: join again as soon as it has stopped.
    pub(super) again: bool,
}

impl Outcome {
    /// Of an assignment to a worker that runs `before`.
    pub(super) fn of(before: &Work, given: &Assignment, protocol: ConnectProtocol) -> Self {
        match protocol {
            ConnectProtocol::Eager => {
                // A group that is eager from now on has told nobody to stop anything.
                let mut lost = before.clone();
                lost.remove(&given.assigned);
                Self { lost, work: given.assigned.clone(), again: false }
            }
            ConnectProtocol::Compatible | ConnectProtocol::Sessioned => {
                let mut work = before.clone();
                work.remove(&given.revoked);
                work.add(given.assigned.clone());
                Self { lost: given.revoked.clone(), work, again: !given.revoked.is_empty() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::TaskId;

    fn work(connectors: &[&str], tasks: &[u32]) -> Work {
        let id = |task: &u32| TaskId { connector: "c".to_owned(), task: *task };
        Work {
            connectors: connectors.iter().map(|name| (*name).to_owned()).collect(),
            tasks: tasks.iter().map(id).collect(),
        }
    }

    fn outcome(before: &Work, assigned: Work, revoked: Work, protocol: ConnectProtocol) -> Outcome {
        Outcome::of(before, &Assignment { assigned, revoked, ..Assignment::default() }, protocol)
    }

    #[test]
    fn what_nobody_mentions_stays_where_it_is() {
        let before = work(&["c"], &[0, 1]);
        let made = outcome(&before, work(&[], &[2]), Work::default(), ConnectProtocol::Sessioned);
        assert_eq!(made, Outcome { lost: Work::default(), work: work(&["c"], &[0, 1, 2]), again: false });
    }

    #[test]
    fn what_is_revoked_stops_and_then_the_group_is_joined_again() {
        let before = work(&["c"], &[0, 1]);
        let made = outcome(&before, Work::default(), work(&["c"], &[1]), ConnectProtocol::Compatible);
        assert_eq!(made, Outcome { lost: work(&["c"], &[1]), work: work(&[], &[0]), again: true });
    }

    #[test]
    fn an_eager_group_says_all_that_is_to_run() {
        let made = outcome(&Work::default(), work(&["c"], &[0]), Work::default(), ConnectProtocol::Eager);
        assert_eq!(made, Outcome { lost: Work::default(), work: work(&["c"], &[0]), again: false });
    }

    #[test]
    fn what_a_group_that_has_become_eager_does_not_mention_stops() {
        let before = work(&["c"], &[0, 1]);
        let made = outcome(&before, work(&[], &[1, 2]), Work::default(), ConnectProtocol::Eager);
        assert_eq!(made, Outcome { lost: work(&["c"], &[0]), work: work(&[], &[1, 2]), again: false });
    }
}
