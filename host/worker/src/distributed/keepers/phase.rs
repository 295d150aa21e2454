//! What a keeper has, what is wanted, and what to do next: the rules of Kafka's connector state machine, without doing
//! anything.

use crate::entities::TargetState;
use crate::failure::Failure;

/// What there is of an instance or a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Phase {
    /// On its way up, in its plugin's hands.
    Starting,
    /// It works.
    Up,
    /// A connector that is paused has no instance.
    Paused,
    /// Likewise.
    Stopped,
    /// It waits for a person.
    Failed(Failure),
}

/// What is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Here {
    /// Of what was wanted when it was made.
    pub(super) revision: u64,
    /// What it is doing.
    pub(super) phase: Phase,
    /// What its operator wanted when that was last looked at.
    pub(super) target: TargetState,
}

/// What to do with a connector instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InstanceStep {
    /// All is as it should be.
    Rest,
    /// Start it, and ask it for the settings of its tasks.
    Start,
    /// Stop it if it is up; it is paused or stopped from now on.
    Park(TargetState),
    /// It has failed, and can neither be paused nor resumed.
    Refuse(TargetState),
    /// Stop it if it is up, and forget it.
    End,
}

/// What to do with a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TaskStep {
    /// All is as it should be.
    Rest,
    /// Start it.
    Start,
    /// Tell it to pause or to go on.
    Order(TargetState),
    /// Stop it, and forget it.
    End,
}

/// The next step of a connector instance. `wanted` is a revision and a target state.
pub(super) fn instance_step(here: Option<&Here>, wanted: Option<(u64, TargetState)>) -> InstanceStep {
    let (here, target) = match (here, wanted) {
        (None, None) => return InstanceStep::Rest,
        (Some(_), None) => return InstanceStep::End,
        (Some(here), Some((revision, _))) if here.revision != revision => return InstanceStep::End,
        (here, Some((_, target))) => (here, target),
    };
    match (here.map(|here| &here.phase), target) {
        (None | Some(Phase::Paused | Phase::Stopped | Phase::Starting), TargetState::Started) => InstanceStep::Start,
        (Some(Phase::Up), TargetState::Started)
        | (Some(Phase::Paused), TargetState::Paused)
        | (Some(Phase::Stopped), TargetState::Stopped) => InstanceStep::Rest,
        (Some(Phase::Failed(_)), TargetState::Started | TargetState::Paused) => {
            let known = here.is_some_and(|here| here.target == target);
            if known { InstanceStep::Rest } else { InstanceStep::Refuse(target) }
        }
        (
            None | Some(Phase::Starting | Phase::Up | Phase::Paused | Phase::Stopped | Phase::Failed(_)),
            TargetState::Paused | TargetState::Stopped,
        ) => InstanceStep::Park(target),
    }
}

/// The next step of a task. One that has failed is told as well: it does not hear it.
pub(super) fn task_step(here: Option<&Here>, wanted: Option<(u64, TargetState)>) -> TaskStep {
    let wanted = wanted.filter(|(_, target)| *target != TargetState::Stopped);
    match (here, wanted) {
        (None, None) => TaskStep::Rest,
        (None, Some(_)) => TaskStep::Start,
        (Some(_), None) => TaskStep::End,
        (Some(here), Some((revision, _))) if here.revision != revision => TaskStep::End,
        (Some(here), Some((_, target))) if here.target == target => TaskStep::Rest,
        (Some(_), Some((_, target))) => TaskStep::Order(target),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TargetState::{Paused, Started, Stopped};

    fn here(revision: u64, phase: Phase, target: TargetState) -> Option<Here> {
        Some(Here { revision, phase, target })
    }

    fn failed() -> Phase {
        Phase::Failed(Failure::new("why"))
    }

    #[test]
    fn an_instance_follows_kafkas_state_machine() {
        for (from, to, step) in [
            (None, Started, InstanceStep::Start),
            (None, Paused, InstanceStep::Park(Paused)),
            (None, Stopped, InstanceStep::Park(Stopped)),
            (here(1, Phase::Up, Started), Started, InstanceStep::Rest),
            (here(1, Phase::Up, Started), Paused, InstanceStep::Park(Paused)),
            (here(1, Phase::Up, Started), Stopped, InstanceStep::Park(Stopped)),
            (here(1, Phase::Paused, Paused), Started, InstanceStep::Start),
            (here(1, Phase::Paused, Paused), Paused, InstanceStep::Rest),
            (here(1, Phase::Paused, Paused), Stopped, InstanceStep::Park(Stopped)),
            (here(1, Phase::Stopped, Stopped), Started, InstanceStep::Start),
            (here(1, Phase::Stopped, Stopped), Paused, InstanceStep::Park(Paused)),
            (here(1, Phase::Stopped, Stopped), Stopped, InstanceStep::Rest),
            (here(1, failed(), Started), Started, InstanceStep::Rest),
            (here(1, failed(), Started), Paused, InstanceStep::Refuse(Paused)),
            (here(1, failed(), Paused), Started, InstanceStep::Refuse(Started)),
            (here(1, failed(), Started), Stopped, InstanceStep::Park(Stopped)),
        ] {
            assert_eq!(instance_step(from.as_ref(), Some((1, to))), step, "{from:?} -> {to:?}");
        }
    }

    #[test]
    fn whatever_there_is_ends_when_nothing_or_something_else_is_wanted() {
        for phase in [Phase::Starting, Phase::Up, Phase::Paused, Phase::Stopped, failed()] {
            let here = here(1, phase, Started);
            for wanted in [None, Some((2, Started)), Some((2, Paused)), Some((2, Stopped))] {
                assert_eq!(instance_step(here.as_ref(), wanted), InstanceStep::End);
                assert_eq!(task_step(here.as_ref(), wanted), TaskStep::End);
            }
        }
        assert_eq!((instance_step(None, None), task_step(None, None)), (InstanceStep::Rest, TaskStep::Rest));
    }

    #[test]
    fn a_task_that_is_wanted_as_it_is_stays_untouched() {
        let up = here(7, Phase::Up, Started);
        assert_eq!(task_step(up.as_ref(), Some((7, Started))), TaskStep::Rest);
        assert_eq!(task_step(up.as_ref(), Some((7, Paused))), TaskStep::Order(Paused));
        let paused = here(7, Phase::Up, Paused);
        assert_eq!(task_step(paused.as_ref(), Some((7, Paused))), TaskStep::Rest);
        assert_eq!(task_step(paused.as_ref(), Some((7, Started))), TaskStep::Order(Started));
    }

    #[test]
    fn a_task_of_a_stopped_connector_does_not_run() {
        assert_eq!(task_step(None, Some((1, Stopped))), TaskStep::Rest);
        assert_eq!(task_step(here(1, Phase::Up, Started).as_ref(), Some((1, Stopped))), TaskStep::End);
        assert_eq!(task_step(None, Some((1, Paused))), TaskStep::Start);
    }
}
