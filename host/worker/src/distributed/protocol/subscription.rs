//! What a member tells about itself when it joins.

use super::Assignment;
use super::bytes::{ProtocolError, Reader, Writer};

/// What a member tells about itself when it joins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subscription {
    /// Of the protocol: [`ConnectProtocol::version`](crate::distributed::config::ConnectProtocol::version).
    pub version: i16,
    /// Where its REST interface is.
    pub url: String,
    /// How far it has read the config topic.
    pub config_offset: i64,
    /// Its last assignment with all that it runs now; none if it runs nothing. Not in version 0, which gives up
    /// everything before it joins.
    pub allocation: Option<Assignment>,
}

impl Subscription {
    /// As it is sent.
    ///
    /// # Errors
    /// When a name is too long for the encoding.
    pub fn encode(&self) -> Result<Vec<u8>, ProtocolError> {
        let mut writer = Writer::default();
        writer.i16(self.version);
        writer.text("url", &self.url)?;
        writer.i64(self.config_offset);
        if self.version > 0 {
            let allocation =
                self.allocation.as_ref().map(|allocation| allocation.encode_as(self.version)).transpose()?;
            writer.bytes("allocation", allocation.as_deref())?;
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
        let url = reader.text("url")?.to_owned();
        let config_offset = reader.i64("config-offset")?;
        let allocation = if reader.is_at_end() { None } else { reader.bytes("allocation")? };
        let allocation = allocation.map(Assignment::decode).transpose()?;
        Ok(Self { version, url, config_offset, allocation })
    }
}
