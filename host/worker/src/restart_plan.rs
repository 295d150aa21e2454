//! What a restart is about to restart (KIP-745), and which of several wishes for one connector counts.

use std::cmp::Ordering;

use crate::entities::{RestartRequest, State, StateInfo};

/// Which instances of one connector are restarted, and what its client is shown meanwhile.
#[derive(Debug, Clone, PartialEq)]
pub struct RestartPlan {
    /// The connector instance too.
    pub connector: bool,
    /// Numbers of tasks.
    pub tasks: Vec<u32>,
    /// As it is, but for those that are restarted: they say so, and keep everything else.
    pub shown: StateInfo,
}

impl RestartPlan {
    /// By the states that there are.
    pub fn of(request: RestartRequest, mut status: StateInfo) -> Self {
        let affected = |state: State| !request.only_failed || state == State::Failed;
        let connector = affected(status.connector.state);
        if connector {
            status.connector.state = State::Restarting;
        }
        let mut tasks = Vec::new();
        for (task, instance) in status.tasks.iter_mut().filter(|_| request.include_tasks) {
            if affected(instance.state) {
                instance.state = State::Restarting;
                tasks.push(*task);
            }
        }
        Self { connector, tasks, shown: status }
    }
}

impl RestartRequest {
    /// Whether there is a plan to show: without flags a restart is of the connector instance, whatever its state.
    pub fn has_flags(self) -> bool {
        self.include_tasks || self.only_failed
    }

    /// How much it restarts: of two requests that wait for one connector, a worker of a cluster does the greater.
    pub fn compare_impact(self, other: Self) -> Ordering {
        let impact = |request: Self| (!request.only_failed, request.include_tasks);
        impact(self).cmp(&impact(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::{ConnectorType, InstanceState};

    fn instance(state: State) -> InstanceState {
        let trace = (state == State::Failed).then(|| "why".to_owned());
        InstanceState { state, worker_id: "w:1".into(), trace, version: Some("1".into()) }
    }

    fn plan(include_tasks: bool, only_failed: bool, connector: State, tasks: &[State]) -> RestartPlan {
        let status = StateInfo {
            name: "c".into(),
            connector: instance(connector),
            tasks: (0..).zip(tasks.iter().map(|state| instance(*state))).collect(),
            kind: ConnectorType::Source,
        };
        RestartPlan::of(RestartRequest { include_tasks, only_failed }, status)
    }

    #[test]
    fn each_mix_of_flags_and_states_has_its_plan() {
        use State::{Failed, Paused, Running};
        for (include_tasks, only_failed, connector, tasks, restarts, numbers) in [
            (true, false, Running, [Running, Failed], true, vec![0, 1]),
            (true, true, Running, [Running, Failed], false, vec![1]),
            (true, true, Failed, [Running, Failed], true, vec![1]),
            (true, true, Failed, [Running, Running], true, vec![]),
            (false, true, Failed, [Failed, Failed], true, vec![]),
            (false, true, Running, [Failed, Failed], false, vec![]),
            (false, false, Paused, [Paused, Failed], true, vec![]),
            (true, false, Paused, [Paused, Failed], true, vec![0, 1]),
        ] {
            let made = plan(include_tasks, only_failed, connector, &tasks);
            assert_eq!(
                (made.connector, &made.tasks),
                (restarts, &numbers),
                "{include_tasks} {only_failed} {connector:?}"
            );
        }
    }

    #[test]
    fn what_is_restarted_says_so_and_keeps_its_trace_and_the_rest_stays_as_it_is() {
        let made = plan(true, true, State::Failed, &[State::Running, State::Failed]).shown;
        assert_eq!(made.connector, InstanceState { state: State::Restarting, ..instance(State::Failed) });
        assert_eq!(made.tasks[0].1, instance(State::Running));
        assert_eq!(made.tasks[1].1, InstanceState { state: State::Restarting, ..instance(State::Failed) });
    }

    #[test]
    fn a_restart_of_everything_outweighs_one_of_what_failed() {
        let request = |include_tasks, only_failed| RestartRequest { include_tasks, only_failed };
        let ranks = [request(false, true), request(true, true), request(false, false), request(true, false)];
        for pair in ranks.windows(2) {
            assert_eq!(pair[0].compare_impact(pair[1]), Ordering::Less);
        }
    }
}
