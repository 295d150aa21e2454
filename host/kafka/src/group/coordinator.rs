//! The group's coordinator: found, asked, and looked for again when it moved.

use std::time::Duration;

use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::{GroupId, HeartbeatRequest, LeaveGroupRequest};
use kafka_protocol::protocol::StrBytes;
use tokio::time::timeout;

use super::codes;
use super::state::{Parting, Place};
use crate::raw::{Brokers, Coordinated, RawError, Request, Versions};
use crate::settings::AdminSettings;

/// How long leaving may take.
const FAREWELL: Duration = Duration::from_secs(5);
const BEFORE_LEAVING_AGAIN: Duration = Duration::from_millis(100);

/// How long a pause is after so many failures.
#[derive(Debug, Clone)]
pub(super) struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    pub(super) fn new((first, longest): (Duration, Duration)) -> Self {
        Self { first, longest, next: Duration::ZERO }
    }

    /// The pause that is due; the next one is longer if this was not enough.
    pub(super) async fn pause(&self) {
        if !self.next.is_zero() {
            tokio::time::sleep(self.next).await;
        }
    }

    pub(super) fn failed(&mut self) {
        self.next = (self.next * 2).clamp(self.first, self.longest);
    }

    pub(super) fn worked(&mut self) {
        self.next = Duration::ZERO;
    }
}

/// The way to a coordinator. Who waits for an answer on it holds up nobody but himself: each user has one.
pub(super) struct Coordinator {
    brokers: Brokers,
    group: String,
    address: Option<String>,
    /// For requests whose answer waits for other members.
    answered_late: Duration,
}

impl Coordinator {
    pub(super) fn new(settings: AdminSettings, group: &str, answered_late: Duration) -> Result<Self, RawError> {
        Ok(Self { brokers: Brokers::new(settings)?, group: group.to_owned(), address: None, answered_late })
    }

    pub(super) fn group_id(&self) -> GroupId {
        GroupId(text(&self.group))
    }

    /// Asks the coordinator, which is found first unless it is known. The answer may wait for other members.
    pub(super) async fn ask_patiently<R: Request>(
        &mut self,
        name: &'static str,
        versions: Versions,
        request: impl FnOnce(i16) -> R,
    ) -> Result<R::Response, RawError> {
        let limit = self.answered_late;
        self.ask_within(limit, name, versions, request).await
    }

    async fn ask_within<R: Request>(
        &mut self,
        limit: Duration,
        name: &'static str,
        versions: Versions,
        request: impl FnOnce(i16) -> R,
    ) -> Result<R::Response, RawError> {
        // Whatever goes wrong or is given up half-way: the next one asks who the coordinator is.
        let address = match self.address.take() {
            Some(address) => address,
            None => self.find().await?,
        };
        let mut broker = self.brokers.at(&address).await?;
        let version = broker.version::<R>(name, versions)?;
        let answer = broker.ask_within(limit, name, &request(version), version).await?;
        self.address = Some(address);
        Ok(answer)
    }

    async fn find(&self) -> Result<String, RawError> {
        let limit = self.brokers.request_timeout;
        let found = timeout(limit, self.brokers.find_coordinator(Coordinated::Group, &self.group)).await;
        let address = found.unwrap_or_else(|_| Err(self.brokers.silent(limit)))?;
        tracing::debug!(group = self.group, address, "found the group's coordinator");
        Ok(address)
    }

    /// What the coordinator answered as an error, if it did. One that says it is none is not asked again.
    pub(super) fn judge(&mut self, request: &'static str, code: i16) -> Result<(), RawError> {
        if code == 0 {
            return Ok(());
        }
        let at = self.address.clone().unwrap_or_default();
        if codes::is_elsewhere(code) {
            self.address = None;
        }
        Err(RawError::answered(&at, request, code, Some(format!("group {}", self.group))))
    }

    /// Sends a heartbeat; the coordinator's error code.
    pub(super) async fn heartbeat(&mut self, place: &Place) -> Result<i16, RawError> {
        let request = HeartbeatRequest::default()
            .with_group_id(self.group_id())
            .with_generation_id(place.generation)
            .with_member_id(text(&place.member));
        let limit = self.brokers.request_timeout;
        // Connecting, too, must not take longer than an answer may.
        let asked = timeout(limit, self.ask_within(limit, "Heartbeat", Versions(3, 4), |_| request)).await;
        let answer = asked.unwrap_or_else(|_| Err(self.brokers.silent(limit)))?;
        if codes::is_elsewhere(answer.error_code) {
            self.address = None;
        }
        Ok(answer.error_code)
    }

    /// Leaves the group; that it did not work is only worth a line, because silence does the same a little later.
    pub(super) async fn leave(&mut self, parting: &Parting) {
        let asked = timeout(FAREWELL, self.insist_on_leaving(parting)).await;
        let group = &self.group;
        match asked {
            Ok(Ok(code)) => {
                tracing::info!(group, member = parting.member, reason = parting.reason, code, "left the group");
            }
            Ok(Err(error)) => tracing::warn!(group, %error, "could not leave the group"),
            Err(_) => tracing::warn!(group, "could not leave the group: no answer"),
        }
    }

    /// The connection may be one that has long been closed at the other end, so one failure says little.
    async fn insist_on_leaving(&mut self, parting: &Parting) -> Result<i16, RawError> {
        loop {
            let error = match self.ask_to_leave(parting).await {
                Ok(code) if codes::is_elsewhere(code) || code == codes::COORDINATOR_LOAD_IN_PROGRESS => {
                    self.judge("LeaveGroup", code).err()
                }
                Ok(code) => return Ok(code),
                Err(error) if error.is_retriable() => Some(error),
                Err(error) => return Err(error),
            };
            tracing::debug!(group = self.group, ?error, "leaving the group again");
            tokio::time::sleep(BEFORE_LEAVING_AGAIN).await;
        }
    }

    async fn ask_to_leave(&mut self, parting: &Parting) -> Result<i16, RawError> {
        let group = self.group_id();
        let request = |version: i16| {
            let mut one = MemberIdentity::default().with_member_id(text(&parting.member));
            if version >= 5 {
                one = one.with_reason(Some(text(shortened(&parting.reason))));
            }
            LeaveGroupRequest::default().with_group_id(group).with_members(vec![one])
        };
        let answer = self.ask_within(FAREWELL, "LeaveGroup", Versions(3, 5), request).await?;
        let mut codes = std::iter::once(answer.error_code).chain(answer.members.iter().map(|one| one.error_code));
        Ok(codes.find(|code| *code != 0).unwrap_or(0))
    }
}

/// The coordinator takes no longer reasons.
fn shortened(reason: &str) -> &str {
    const LONGEST: usize = 255;
    let end = (0..=LONGEST.min(reason.len())).rev().find(|at| reason.is_char_boundary(*at)).unwrap_or(0);
    &reason[..end]
}

pub(super) fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}
