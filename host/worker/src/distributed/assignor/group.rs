//! From what the coordinator hands the leader to what the leader hands back.

use std::collections::{BTreeMap, BTreeSet};

use super::{Distribution, Share, Work};
use crate::distributed::protocol::{Assignment, Fault, ProtocolError, Subscription};

/// Who leads, as all members are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leader {
    /// Its member id.
    pub id: String,
    /// Where its REST interface is.
    pub url: String,
    /// The version of the protocol that the group settled on.
    pub version: i16,
}

/// The members of a group, as its leader learns of them.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// By member id.
    pub members: BTreeMap<String, Subscription>,
    /// Members that cannot be understood: something else that uses this group. They get no work, and do not keep the
    /// others from theirs.
    pub strangers: BTreeMap<String, ProtocolError>,
}

impl Group {
    /// Reads what the members sent.
    pub fn read(members: &[(String, Vec<u8>)]) -> Self {
        let mut group = Self::default();
        for (id, metadata) in members {
            match Subscription::decode(metadata) {
                Ok(subscription) => drop(group.members.insert(id.clone(), subscription)),
                Err(error) => drop(group.strangers.insert(id.clone(), error)),
            }
        }
        group
    }

    /// How far the member that knows most has read the config topic.
    pub fn config_offset(&self) -> i64 {
        self.members.values().map(|member| member.config_offset).max().unwrap_or(-1)
    }

    /// What each member says it runs.
    pub fn work(&self) -> BTreeMap<String, Work> {
        let work = |member: &Subscription| {
            member.allocation.as_ref().map(|allocation| allocation.assigned.clone()).unwrap_or_default()
        };
        self.members.iter().map(|(id, member)| (id.clone(), work(member))).collect()
    }

    /// Ids of all members that can work.
    pub fn ids(&self) -> BTreeSet<String> {
        self.members.keys().cloned().collect()
    }

    /// Messages to all members: what each is to do.
    ///
    /// # Errors
    /// When a name is too long for the encoding.
    pub fn tell(
        &self,
        leader: &Leader,
        config_offset: i64,
        distribution: &Distribution,
    ) -> Result<Vec<(String, Vec<u8>)>, ProtocolError> {
        let nothing = Share::default();
        let mut messages = Vec::with_capacity(self.members.len() + self.strangers.len());
        for id in self.members.keys() {
            let share = distribution.shares.get(id).unwrap_or(&nothing);
            let assignment = Assignment {
                assigned: share.assigned.clone(),
                revoked: share.revoked.clone(),
                delay: distribution.delay,
                ..blank(leader, config_offset)
            };
            messages.push((id.clone(), assignment.encode()?));
        }
        let nothing = Assignment { fault: Fault::ConfigMismatch, ..blank(leader, config_offset) }.encode()?;
        messages.extend(self.strangers.keys().map(|id| (id.clone(), nothing.clone())));
        Ok(messages)
    }

    /// Messages to all members: the leader knows too little; they are to read the config topic that far and join again.
    ///
    /// # Errors
    /// When a name is too long for the encoding.
    pub fn tell_mismatch(&self, leader: &Leader) -> Result<Vec<(String, Vec<u8>)>, ProtocolError> {
        let fault = Assignment { fault: Fault::ConfigMismatch, ..blank(leader, self.config_offset()) }.encode()?;
        Ok(self.members.keys().chain(self.strangers.keys()).map(|id| (id.clone(), fault.clone())).collect())
    }
}

fn blank(leader: &Leader, config_offset: i64) -> Assignment {
    Assignment {
        version: leader.version,
        leader: leader.id.clone(),
        leader_url: leader.url.clone(),
        config_offset,
        ..Assignment::default()
    }
}
