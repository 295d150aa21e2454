//! One attempt to join: JoinGroup, the leader's assignment, SyncGroup.

use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::messages::{JoinGroupRequest, JoinGroupResponse, SyncGroupRequest, SyncGroupResponse};

use super::coordinator::{Backoff, Coordinator, text};
use super::state::{Shared, Standing};
use super::{GroupError, GroupMember, GroupSettings, Leadership, Membership, codes};
use crate::raw::{RawError, Versions};

const JOIN: &str = "JoinGroup";
const SYNC: &str = "SyncGroup";

impl GroupMember {
    /// Makes one attempt to join or to join again, with protocols and their metadata, most wanted first. Returns when
    /// the coordinator has this member's assignment: when all members have joined and their leader has assigned. Where
    /// that is this member, `assign` is called with what the members offered and answers each one's assignment by
    /// member id.
    ///
    /// May be dropped at any time; then join again.
    ///
    /// # Errors
    /// See [`GroupError`] for what to do about each. That `assign` failed is a reason to join again.
    pub async fn join<A, F>(&mut self, protocols: Vec<(String, Vec<u8>)>, assign: A) -> Result<Membership, GroupError>
    where
        A: FnOnce(Leadership) -> F,
        F: Future<Output = Result<Vec<(String, Vec<u8>)>, String>>,
    {
        self.backoff.pause().await;
        let (_pending, holding) = self.shared.begin().map_err(GroupError::Lost)?;
        let attempt = Attempt {
            settings: &self.settings,
            coordinator: &mut self.coordinator,
            shared: &self.shared,
            backoff: &mut self.backoff,
        };
        let attempt = attempt.run(protocols, assign);
        tokio::select! {
            biased;
            reason = self.shared.cut_off() => {
                self.backoff.failed();
                Err(if holding { GroupError::Lost(reason) } else { GroupError::Again(reason) })
            }
            result = attempt => result,
        }
    }
}

struct Attempt<'a> {
    settings: &'a GroupSettings,
    coordinator: &'a mut Coordinator,
    shared: &'a Shared,
    backoff: &'a mut Backoff,
}

impl Attempt<'_> {
    async fn run<A, F>(mut self, protocols: Vec<(String, Vec<u8>)>, assign: A) -> Result<Membership, GroupError>
    where
        A: FnOnce(Leadership) -> F,
        F: Future<Output = Result<Vec<(String, Vec<u8>)>, String>>,
    {
        let joined = self.join(&protocols).await?;
        let (member, generation) = (joined.member_id.to_string(), joined.generation_id);
        let protocol = joined.protocol_name.as_ref().map(|name| name.to_string()).unwrap_or_default();
        let leader = joined.leader.to_string();
        self.shared.joined(member.clone(), generation);
        tracing::debug!(group = self.settings.group, generation, member, leader, protocol, "joined the group");
        let assignments = if leader == member {
            if joined.skip_assignment {
                // Only for members with a fixed instance id, which none of ours has.
                return Err(self.broken(JOIN, "the coordinator wants no assignment from this leader"));
            }
            let members = joined.members.into_iter();
            let members = members.map(|one| (one.member_id.to_string(), one.metadata.to_vec())).collect();
            let leadership = Leadership { protocol: protocol.clone(), leader_id: leader.clone(), members };
            match assign(leadership).await {
                Ok(assignments) => assignments,
                Err(reason) => return Err(self.later(reason)),
            }
        } else {
            Vec::new()
        };
        let synced = self.sync(&member, generation, &protocol, assignments).await?;
        if !self.shared.settled(generation) {
            return Err(GroupError::Again("the membership changed while the assignment was on its way".to_owned()));
        }
        self.backoff.worked();
        let assignment = synced.assignment.to_vec();
        Ok(Membership { generation, member_id: member, leader_id: leader, protocol, assignment })
    }

    async fn join(&mut self, protocols: &[(String, Vec<u8>)]) -> Result<JoinGroupResponse, GroupError> {
        let mut named = false;
        loop {
            let answer = self.ask_to_join(protocols).await.map_err(|error| self.unanswered(error))?;
            match answer.error_code {
                0 => return self.of_our_kind(JOIN, answer.protocol_type.as_deref()).map(|()| answer),
                // Since version 4 a member gets its id before it counts, so that an attempt whose answer was lost
                // leaves no member behind for whom everybody waits.
                codes::MEMBER_ID_REQUIRED if !named => {
                    named = true;
                    self.shared.named(answer.member_id.to_string());
                }
                code => return Err(self.refused(JOIN, code)),
            }
        }
    }

    async fn ask_to_join(&mut self, protocols: &[(String, Vec<u8>)]) -> Result<JoinGroupResponse, RawError> {
        let offered = protocols.iter().map(|(name, metadata)| {
            JoinGroupRequestProtocol::default().with_name(text(name)).with_metadata(metadata.clone().into())
        });
        let request = JoinGroupRequest::default()
            .with_group_id(self.coordinator.group_id())
            .with_session_timeout_ms(millis(self.settings.session_timeout))
            .with_rebalance_timeout_ms(millis(self.settings.rebalance_timeout))
            .with_member_id(text(&self.shared.identity()))
            .with_protocol_type(text(&self.settings.protocol_type))
            .with_protocols(offered.collect());
        self.coordinator.ask_patiently(JOIN, Versions(4, 9), |_| request).await
    }

    async fn sync(
        &mut self,
        member: &str,
        generation: i32,
        protocol: &str,
        assignments: Vec<(String, Vec<u8>)>,
    ) -> Result<SyncGroupResponse, GroupError> {
        let assignments = assignments.into_iter().map(|(member, assignment)| {
            SyncGroupRequestAssignment::default().with_member_id(text(&member)).with_assignment(assignment.into())
        });
        let request = SyncGroupRequest::default()
            .with_group_id(self.coordinator.group_id())
            .with_generation_id(generation)
            .with_member_id(text(member))
            .with_assignments(assignments.collect());
        let kind = text(&self.settings.protocol_type);
        let request = |version: i16| match version {
            5.. => request.with_protocol_type(Some(kind)).with_protocol_name(Some(text(protocol))),
            _ => request,
        };
        let asked = self.coordinator.ask_patiently(SYNC, Versions(3, 5), request).await;
        let answer = asked.map_err(|error| self.unanswered(error))?;
        match answer.error_code {
            0 => {}
            code => return Err(self.refused(SYNC, code)),
        }
        self.of_our_kind(SYNC, answer.protocol_type.as_deref())?;
        match answer.protocol_name.as_deref() {
            Some(theirs) if theirs != protocol => Err(self.broken(SYNC, "an assignment of another protocol")),
            Some(_) | None => Ok(answer),
        }
    }

    fn of_our_kind(&self, request: &'static str, kind: Option<&str>) -> Result<(), GroupError> {
        match kind {
            Some(kind) if kind != self.settings.protocol_type => {
                Err(self.broken(request, &format!("the group is one of {kind}")))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn broken(&self, request: &'static str, what: &str) -> GroupError {
        let message = format!("group {}: {what}", self.settings.group);
        GroupError::Fatal(RawError::answered("any", request, codes::INCONSISTENT_GROUP_PROTOCOL, Some(message)))
    }

    /// No answer came.
    fn unanswered(&mut self, error: RawError) -> GroupError {
        if error.is_retriable() {
            return self.later(error.to_string());
        }
        self.shared.again();
        GroupError::Fatal(error)
    }

    fn later(&mut self, reason: String) -> GroupError {
        self.backoff.failed();
        self.shared.again();
        GroupError::Again(reason)
    }

    /// The coordinator answered with an error.
    fn refused(&mut self, request: &'static str, code: i16) -> GroupError {
        let error = match self.coordinator.judge(request, code) {
            Ok(()) => return GroupError::Again(String::new()),
            Err(error) => error,
        };
        match code {
            codes::UNKNOWN_MEMBER_ID | codes::ILLEGAL_GENERATION => match self.shared.disowned(code) {
                Standing::Lost => GroupError::Lost(error.to_string()),
                Standing::Kept => GroupError::Again(error.to_string()),
            },
            codes::REBALANCE_IN_PROGRESS => {
                self.shared.again();
                GroupError::Again(error.to_string())
            }
            codes::MEMBER_ID_REQUIRED
            | codes::COORDINATOR_LOAD_IN_PROGRESS
            | codes::COORDINATOR_NOT_AVAILABLE
            | codes::NOT_COORDINATOR => self.later(error.to_string()),
            _ => {
                self.shared.again();
                GroupError::Fatal(error)
            }
        }
    }
}

fn millis(duration: std::time::Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}
