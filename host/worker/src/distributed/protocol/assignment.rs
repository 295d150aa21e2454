//! What the leader tells a member to do; what a member says it does has the same form.

use std::collections::BTreeMap;
use std::time::Duration;

use super::bytes::{ProtocolError, Reader, Writer};
use crate::distributed::work::Work;
use crate::entities::TaskId;

/// The number that stands for a connector's instance among those of its tasks.
const INSTANCE: i32 = -1;

/// Why there is nothing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fault {
    /// Nothing is wrong.
    #[default]
    None,
    /// The leader knows less of the config topic than another member: read it to its end and join again.
    ConfigMismatch,
    /// Of a later Kafka.
    Other(i16),
}

impl Fault {
    fn code(self) -> i16 {
        match self {
            Self::None => 0,
            Self::ConfigMismatch => 1,
            Self::Other(code) => code,
        }
    }

    fn of(code: i16) -> Self {
        match code {
            0 => Self::None,
            1 => Self::ConfigMismatch,
            other => Self::Other(other),
        }
    }
}

/// What the leader tells a member. From version 1 on only what changes is in it; in version 0 everything, and `revoked`
/// and `delay` are not in the message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assignment {
    /// Of the protocol: [`ConnectProtocol::version`](crate::distributed::config::ConnectProtocol::version).
    pub version: i16,
    /// Why there is nothing to do.
    pub fault: Fault,
    /// The leader's member id.
    pub leader: String,
    /// Where the leader's REST interface is.
    pub leader_url: String,
    /// How far the leader had read the config topic.
    pub config_offset: i64,
    /// What the member is to start.
    pub assigned: Work,
    /// What the member is to stop.
    pub revoked: Work,
    /// After how long the members are to join again; zero if they need not. Sent in milliseconds, rounded up: who came
    /// back too early would have to wait once more.
    pub delay: Duration,
}

impl Assignment {
    /// As it is sent.
    ///
    /// # Errors
    /// When a name is too long for the encoding.
    pub fn encode(&self) -> Result<Vec<u8>, ProtocolError> {
        self.encode_as(self.version)
    }

    /// The same under another version: what a member does is told once for each protocol that it offers.
    pub(super) fn encode_as(&self, version: i16) -> Result<Vec<u8>, ProtocolError> {
        let mut writer = Writer::default();
        writer.i16(version);
        writer.i16(self.fault.code());
        writer.text("leader", &self.leader)?;
        writer.text("leader-url", &self.leader_url)?;
        writer.i64(self.config_offset);
        write(&mut writer, &self.assigned)?;
        if version > 0 {
            write(&mut writer, &self.revoked)?;
            let delay = self.delay.as_nanos().div_ceil(1_000_000);
            writer.i32(i32::try_from(delay).unwrap_or(i32::MAX));
        }
        Ok(writer.done())
    }

    /// As it came.
    ///
    /// # Errors
    /// When this is no such message.
    pub fn decode(bytes: &[u8]) -> Result<Self, ProtocolError> {
        let mut reader = Reader::new(bytes);
        let version = reader.version()?;
        let fault = Fault::of(reader.i16("error")?);
        let leader = reader.text("leader")?.to_owned();
        let leader_url = reader.text("leader-url")?.to_owned();
        let config_offset = reader.i64("config-offset")?;
        let assigned = read(&mut reader, "assignment")?;
        let revoked = read(&mut reader, "revoked")?;
        let delay = if reader.is_at_end() { 0 } else { reader.i32("delay")? };
        let delay = Duration::from_millis(u64::try_from(delay).unwrap_or(0));
        Ok(Self { version, fault, leader, leader_url, config_offset, assigned, revoked, delay })
    }
}

fn write(writer: &mut Writer, work: &Work) -> Result<(), ProtocolError> {
    let mut connectors: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for name in &work.connectors {
        connectors.entry(name).or_default().push(INSTANCE);
    }
    for TaskId { connector, task } in &work.tasks {
        let number =
            i32::try_from(*task).map_err(|_| ProtocolError::TooLong { field: "tasks", length: *task as usize })?;
        connectors.entry(connector).or_default().push(number);
    }
    writer.count("assignment", connectors.len())?;
    for (connector, numbers) in connectors {
        writer.text("connector", connector)?;
        writer.count("tasks", numbers.len())?;
        numbers.into_iter().for_each(|number| writer.i32(number));
    }
    Ok(())
}

/// What the names of the tasks of one message may take. A task is four bytes in the message, and its connector's whole
/// name in memory.
const NAMES: usize = 64 << 20;

/// No list, or none any more, is an empty one.
fn read(reader: &mut Reader<'_>, field: &'static str) -> Result<Work, ProtocolError> {
    let mut work = Work::default();
    if reader.is_at_end() {
        return Ok(work);
    }
    let mut names = 0;
    for _ in 0..reader.count(field)?.unwrap_or(0) {
        let connector = reader.text("connector")?;
        for _ in 0..reader.count("tasks")?.ok_or(ProtocolError::Length { field: "tasks", length: -1 })? {
            match reader.i32("tasks")? {
                INSTANCE => drop(work.connectors.insert(connector.to_owned())),
                number => {
                    names += connector.len();
                    if names > NAMES {
                        return Err(ProtocolError::TooMuch(NAMES));
                    }
                    let task = u32::try_from(number)
                        .map_err(|_| ProtocolError::Task { connector: connector.to_owned(), task: number })?;
                    work.tasks.insert(TaskId { connector: connector.to_owned(), task });
                }
            }
        }
    }
    Ok(work)
}
