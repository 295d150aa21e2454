//! One connection to one broker: a request, its answer, the next request.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::{Buf, BufMut, BytesMut};
use kafka_protocol::messages::{
    ApiVersionsRequest, ApiVersionsResponse, CreateTopicsRequest, CreateTopicsResponse, DeleteGroupsRequest,
    DeleteGroupsResponse, DescribeConfigsRequest, DescribeConfigsResponse, FindCoordinatorRequest,
    FindCoordinatorResponse, HeartbeatRequest, HeartbeatResponse, InitProducerIdRequest, InitProducerIdResponse,
    JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, LeaveGroupResponse, ListOffsetsRequest,
    ListOffsetsResponse, MetadataRequest, MetadataResponse, OffsetCommitRequest, OffsetCommitResponse,
    OffsetDeleteRequest, OffsetDeleteResponse, OffsetFetchRequest, OffsetFetchResponse, RequestHeader, ResponseHeader,
    SaslAuthenticateRequest, SaslAuthenticateResponse, SaslHandshakeRequest, SaslHandshakeResponse, SyncGroupRequest,
    SyncGroupResponse,
};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Message, StrBytes, VersionRange};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::RawError;
use super::stream::{self, Connector, Stream};
use crate::settings::security::Sasl;

/// The broker understands no version of ApiVersions that we sent, and answers in version 0.
const UNSUPPORTED_VERSION: i16 = 35;

/// No answer of Kafka to what we ask is larger; more means that it is not Kafka.
const LARGEST_ANSWER: usize = 100 * 1024 * 1024;

/// A request with its number and its answer. The codec's own trait of that kind wants every request
/// to be readable as well, which its client half leaves out.
pub(crate) trait Request: Message + Encodable + HeaderVersion {
    const KEY: i16;
    type Response: Decodable + HeaderVersion;
}

macro_rules! requests {
    ($($key:literal $request:ident $response:ident),* $(,)?) => {$(
        impl Request for $request {
            const KEY: i16 = $key;
            type Response = $response;
        }
    )*};
}

requests! {
    2 ListOffsetsRequest ListOffsetsResponse,
    3 MetadataRequest MetadataResponse,
    8 OffsetCommitRequest OffsetCommitResponse,
    9 OffsetFetchRequest OffsetFetchResponse,
    10 FindCoordinatorRequest FindCoordinatorResponse,
    11 JoinGroupRequest JoinGroupResponse,
    12 HeartbeatRequest HeartbeatResponse,
    13 LeaveGroupRequest LeaveGroupResponse,
    14 SyncGroupRequest SyncGroupResponse,
    17 SaslHandshakeRequest SaslHandshakeResponse,
    18 ApiVersionsRequest ApiVersionsResponse,
    19 CreateTopicsRequest CreateTopicsResponse,
    22 InitProducerIdRequest InitProducerIdResponse,
    32 DescribeConfigsRequest DescribeConfigsResponse,
    36 SaslAuthenticateRequest SaslAuthenticateResponse,
    42 DeleteGroupsRequest DeleteGroupsResponse,
    47 OffsetDeleteRequest OffsetDeleteResponse,
}

/// The versions of a request that this crate was written for, within what the codec knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Versions(pub(crate) i16, pub(crate) i16);

/// A connection, used by one request at a time.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    address: String,
    client_id: StrBytes,
    next_id: i32,
    offered: HashMap<i16, VersionRange>,
    timeout: Duration,
    /// When it was last used, and until when the broker believes who we are.
    used: Instant,
    expires: Option<Instant>,
}

/// How connections are made: the same for all brokers.
pub(super) struct Opening {
    pub(super) client_id: String,
    pub(super) connector: Option<Connector>,
    pub(super) sasl: Option<Sasl>,
    /// For each request.
    pub(super) limit: Duration,
}

impl Connection {
    /// Connects, asks what the broker understands, and says who we are.
    pub(super) async fn open(address: &str, how: &Opening) -> Result<Self, RawError> {
        let mut connection = Self {
            stream: stream::connect(address, how.connector.as_ref(), how.limit).await?,
            address: address.to_owned(),
            client_id: StrBytes::from_string(how.client_id.clone()),
            next_id: 0,
            offered: HashMap::new(),
            timeout: how.limit,
            used: Instant::now(),
            expires: None,
        };
        connection.learn_versions().await?;
        if let Some(sasl) = &how.sasl {
            let lifetime = connection.authenticate(sasl).await?;
            // Brokers cut who does not authenticate again in time; a new connection does.
            connection.expires = lifetime.map(|lifetime| Instant::now() + lifetime / 10 * 8);
        }
        Ok(connection)
    }

    /// Whether it may be used once more, after so long a rest at most.
    pub(super) fn is_good(&self, idle: Option<Duration>) -> bool {
        idle.is_none_or(|idle| self.used.elapsed() < idle) && self.expires.is_none_or(|at| Instant::now() < at)
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    async fn learn_versions(&mut self) -> Result<(), RawError> {
        const NAME: &str = "ApiVersions";
        let request = ApiVersionsRequest::default()
            .with_client_software_name(StrBytes::from_static_str("watertight"))
            .with_client_software_version(StrBytes::from_static_str(env!("CARGO_PKG_VERSION")));
        let mut body = self.exchange(self.timeout, NAME, &request, 3).await?;
        // An answer to a version the broker lacks comes in version 0, whatever was asked.
        let refused = body.get(..2).is_some_and(|code| code == UNSUPPORTED_VERSION.to_be_bytes());
        let answer = if refused {
            let mut body = self.exchange(self.timeout, NAME, &ApiVersionsRequest::default(), 0).await?;
            self.decode::<ApiVersionsResponse>(NAME, &mut body, 0)?
        } else {
            self.decode::<ApiVersionsResponse>(NAME, &mut body, 3)?
        };
        if answer.error_code != 0 {
            return Err(RawError::answered(&self.address, NAME, answer.error_code, None));
        }
        self.offered = answer
            .api_keys
            .into_iter()
            .map(|api| (api.api_key, VersionRange { min: api.min_version, max: api.max_version }))
            .collect();
        Ok(())
    }

    /// The newest version that both sides have.
    pub(super) fn version<R: Request>(&self, name: &'static str, ours: Versions) -> Result<i16, RawError> {
        let ours = VersionRange { min: ours.0, max: ours.1 }.intersect(&R::VERSIONS);
        let theirs = self.offered.get(&R::KEY);
        let common = theirs.map(|theirs| theirs.intersect(&ours)).filter(|v| !v.is_empty());
        common.map(|common| common.max).ok_or_else(|| RawError::Version {
            address: self.address.clone(),
            request: name,
            theirs: theirs.map_or("none".to_owned(), ToString::to_string),
            ours: ours.to_string(),
        })
    }

    /// Whether the broker has a request at all.
    pub(super) fn offers(&self, key: i16) -> bool {
        self.offered.contains_key(&key)
    }

    /// Sends a request in this version and reads its answer.
    pub(super) async fn ask<R: Request>(
        &mut self,
        name: &'static str,
        request: &R,
        version: i16,
    ) -> Result<R::Response, RawError> {
        self.ask_within(self.timeout, name, request, version).await
    }

    /// The same with a time limit of its own: some answers come only when others have asked too.
    pub(super) async fn ask_within<R: Request>(
        &mut self,
        limit: Duration,
        name: &'static str,
        request: &R,
        version: i16,
    ) -> Result<R::Response, RawError> {
        let mut body = self.exchange(limit, name, request, version).await?;
        self.decode::<R::Response>(name, &mut body, version)
    }

    fn decode<T: Decodable>(&self, name: &'static str, body: &mut BytesMut, version: i16) -> Result<T, RawError> {
        let mut body = body.split().freeze();
        T::decode(&mut body, version)
            .map_err(|error| self.broken(name, format!("an answer that makes no sense: {error}")))
    }

    /// The answer's body. The header's correlation id was checked.
    async fn exchange<R: Request>(
        &mut self,
        limit: Duration,
        name: &'static str,
        request: &R,
        version: i16,
    ) -> Result<BytesMut, RawError> {
        self.used = Instant::now();
        self.next_id = self.next_id.wrapping_add(1);
        let id = self.next_id;
        let header = RequestHeader::default()
            .with_request_api_key(R::KEY)
            .with_request_api_version(version)
            .with_correlation_id(id)
            .with_client_id(Some(self.client_id.clone()));
        let mut out = BytesMut::new();
        out.put_i32(0);
        header
            .encode(&mut out, R::header_version(version))
            .and_then(|()| request.encode(&mut out, version))
            .map_err(|error| self.broken(name, format!("cannot be written: {error}")))?;
        let size =
            i32::try_from(out.len() - 4).map_err(|_| self.broken(name, "the request is too large".to_owned()))?;
        out[..4].copy_from_slice(&size.to_be_bytes());

        let answer = timeout(limit, async {
            self.stream.write_all(&out).await?;
            let size = usize::try_from(self.stream.read_i32().await?).unwrap_or(usize::MAX);
            if size > LARGEST_ANSWER {
                return Err(std::io::Error::other(
                    "the answer is not one of Kafka's (is security.protocol right for this listener?)",
                ));
            }
            let mut body = BytesMut::zeroed(size);
            self.stream.read_exact(&mut body).await?;
            Ok(body)
        })
        .await;
        let mut body = match answer {
            Ok(Ok(body)) => body,
            Ok(Err(error)) => return Err(self.lost(name, &error)),
            Err(_) => {
                return Err(self.broken(name, format!("no answer within {}s", limit.as_secs())));
            }
        };
        let header = ResponseHeader::decode(&mut body, R::Response::header_version(version))
            .map_err(|error| self.broken(name, format!("an answer that makes no sense: {error}")))?;
        if header.correlation_id != id {
            return Err(self.broken(name, "an answer to another request".to_owned()));
        }
        debug_assert!(body.remaining() <= LARGEST_ANSWER);
        Ok(body)
    }

    /// Reading or writing failed.
    fn lost(&self, request: &'static str, error: &std::io::Error) -> RawError {
        if let Some(reason) = stream::refusal(error) {
            return RawError::Tls { address: self.address.clone(), reason };
        }
        let closed = matches!(error.kind(), std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::ConnectionReset);
        if closed && self.offered.is_empty() {
            let reason = "the broker closed the connection at once (is security.protocol right for this listener?)";
            return self.broken(request, reason.to_owned());
        }
        self.broken(request, error.to_string())
    }

    /// An error that means this connection is of no use any more.
    fn broken(&self, request: &'static str, reason: String) -> RawError {
        RawError::Connection { address: self.address.clone(), request, reason }
    }
}
