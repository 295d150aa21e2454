//! Which broker to ask: any, a partition's leader, a group's coordinator.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::{FindCoordinatorRequest, MetadataRequest, MetadataResponse, TopicName};
use kafka_protocol::protocol::StrBytes;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::RawError;
use super::connection::{Connection, Opening, Request, Versions};
use super::stream::Connector;
use crate::settings::{AdminSettings, SettingsError};

/// Where the brokers are and what is open to them. One connection a broker, one request at a time.
pub(crate) struct Brokers {
    bootstrap: Vec<String>,
    /// Which of them is asked first: the one that answered last, and never again first one that was silent.
    first: AtomicUsize,
    how: Opening,
    /// For one request.
    pub(crate) request_timeout: Duration,
    /// For a call with all its attempts.
    call_timeout: Duration,
    /// Attempts after the first.
    retries: u32,
    /// The first pause between attempts, and the longest.
    backoff: (Duration, Duration),
    /// Longer unused connections are not trusted: the broker may have closed them.
    idle: Option<Duration>,
    open: Mutex<HashMap<String, Arc<Mutex<Option<Connection>>>>>,
}

/// What a broker coordinates.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Coordinated {
    /// A group of this name.
    Group,
    /// The transactions of this transactional id.
    Transactions,
}

impl Coordinated {
    fn number(self) -> i8 {
        match self {
            Self::Group => 0,
            Self::Transactions => 1,
        }
    }
}

/// A connection, lent for as long as nobody else may ask on it.
pub(crate) struct Lent {
    place: OwnedMutexGuard<Option<Connection>>,
    address: String,
}

impl Lent {
    /// The newest version of a request that both sides have.
    pub(crate) fn version<R: Request>(&self, name: &'static str, ours: Versions) -> Result<i16, RawError> {
        self.place.as_ref().ok_or_else(|| self.closed(name))?.version::<R>(name, ours)
    }

    /// Whether the broker has a request at all.
    pub(super) fn offers(&self, key: i16) -> bool {
        self.place.as_ref().is_some_and(|connection| connection.offers(key))
    }

    /// Asks. The connection is taken out meanwhile: a call that is cancelled half-way, or breaks,
    /// leaves none behind on which its answer would be read as somebody else's.
    pub(super) async fn ask<R: Request>(
        &mut self,
        name: &'static str,
        request: &R,
        version: i16,
    ) -> Result<R::Response, RawError> {
        let mut connection = self.place.take().ok_or_else(|| self.closed(name))?;
        let answer = connection.ask(name, request, version).await?;
        *self.place = Some(connection);
        Ok(answer)
    }

    /// The same with a time limit of its own.
    pub(crate) async fn ask_within<R: Request>(
        &mut self,
        limit: Duration,
        name: &'static str,
        request: &R,
        version: i16,
    ) -> Result<R::Response, RawError> {
        let mut connection = self.place.take().ok_or_else(|| self.closed(name))?;
        let answer = connection.ask_within(limit, name, request, version).await?;
        *self.place = Some(connection);
        Ok(answer)
    }

    /// Turns an answer's error code into ours.
    pub(crate) fn succeeded(&self, request: &'static str, code: i16, message: Option<String>) -> Result<(), RawError> {
        if code == 0 { Ok(()) } else { Err(RawError::answered(&self.address, request, code, message)) }
    }

    fn closed(&self, request: &'static str) -> RawError {
        RawError::Connection { address: self.address.clone(), request, reason: "the connection is closed".to_owned() }
    }
}

impl Brokers {
    pub(crate) fn new(settings: AdminSettings) -> Result<Self, SettingsError> {
        let connector = settings.security.tls.as_ref().map(Connector::new).transpose()?;
        let how =
            Opening { client_id: settings.client_id, connector, sasl: settings.security.sasl, limit: settings.request };
        Ok(Self {
            bootstrap: settings.bootstrap,
            first: AtomicUsize::new(0),
            how,
            request_timeout: settings.request,
            call_timeout: settings.call,
            retries: settings.retries,
            backoff: settings.backoff,
            idle: settings.idle,
            open: Mutex::new(HashMap::new()),
        })
    }

    /// Repeats a call while its error may pass, until the time is up; the last error counts.
    pub(super) async fn persist<T, F>(&self, mut call: impl FnMut() -> F) -> Result<T, RawError>
    where
        F: Future<Output = Result<T, RawError>>,
    {
        let start = Instant::now();
        let (mut pause, longest) = self.backoff;
        let mut retries = self.retries;
        let mut last = None;
        loop {
            let left = self.call_timeout.saturating_sub(start.elapsed());
            let error = match tokio::time::timeout(left, call()).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => error,
                // What an earlier attempt was told says more than that this one was cut short.
                Err(_) => match last {
                    Some(error) => return Err(self.in_the_end(start.elapsed(), error)),
                    None => return Err(self.unreachable(start.elapsed(), "no answer".to_owned())),
                },
            };
            if !error.is_retriable() {
                return Err(error);
            }
            if retries == 0 || start.elapsed() + pause >= self.call_timeout {
                return Err(self.in_the_end(start.elapsed(), error));
            }
            tracing::debug!(%error, "asking again");
            last = Some(error);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
            retries -= 1;
        }
    }

    /// The error of the last attempt, with the time that all of them took.
    fn in_the_end(&self, waited: Duration, error: RawError) -> RawError {
        match error {
            RawError::Unreachable { reason, .. } => self.unreachable(waited, reason),
            other => other,
        }
    }

    fn unreachable(&self, waited: Duration, reason: String) -> RawError {
        RawError::Unreachable { addresses: self.bootstrap.join(","), waited, reason }
    }

    /// Nobody answered for so long.
    pub(crate) fn silent(&self, waited: Duration) -> RawError {
        self.unreachable(waited, "no answer".to_owned())
    }

    /// A connection to this address: the open one, or a new one.
    pub(crate) async fn at(&self, address: &str) -> Result<Lent, RawError> {
        let place = self.open.lock().await.entry(address.to_owned()).or_default().clone();
        let mut place = place.lock_owned().await;
        if !place.as_ref().is_some_and(|connection| connection.is_good(self.idle)) {
            *place = None;
            *place = Some(Connection::open(address, &self.how).await?);
        }
        Ok(Lent { place, address: address.to_owned() })
    }

    /// A connection to whichever bootstrap broker answers, in the order given but beginning with the last good one.
    pub(super) async fn any(&self) -> Result<Lent, RawError> {
        let start = Instant::now();
        let mut reason = String::new();
        let (count, first) = (self.bootstrap.len(), self.first.load(Ordering::Relaxed));
        for number in 0..count {
            let number = (first + number) % count;
            // Somebody may give up waiting for this one: then the next attempt begins behind it.
            self.first.store((number + 1) % count, Ordering::Relaxed);
            match self.at(&self.bootstrap[number]).await {
                Ok(place) => {
                    self.first.store(number, Ordering::Relaxed);
                    return Ok(place);
                }
                Err(RawError::Connection { address, reason: why, .. }) => {
                    reason = format!("{address}: {why}");
                }
                Err(other) => return Err(other),
            }
        }
        Err(self.unreachable(start.elapsed(), reason))
    }

    /// A connection to the group's coordinator.
    pub(super) async fn coordinator(&self, group: &str) -> Result<Lent, RawError> {
        // The connection asked on is free again by now: the coordinator's place may be that very one.
        let address = self.find_coordinator(Coordinated::Group, group).await?;
        self.at(&address).await
    }

    /// The address of who coordinates this.
    pub(crate) async fn find_coordinator(&self, what: Coordinated, name: &str) -> Result<String, RawError> {
        const NAME: &str = "FindCoordinator";
        let mut broker = self.any().await?;
        let version = broker.version::<FindCoordinatorRequest>(NAME, Versions(1, 3))?;
        let request = FindCoordinatorRequest::default()
            .with_key(StrBytes::from_string(name.to_owned()))
            .with_key_type(what.number());
        let answer = broker.ask(NAME, &request, version).await?;
        let message = answer.error_message.as_ref().map(|text| text.to_string());
        broker.succeeded(NAME, answer.error_code, message)?;
        Ok(join(&answer.host, answer.port))
    }

    /// A connection to the controller; a broker without one forwards to it by itself.
    pub(super) async fn controller(&self) -> Result<Lent, RawError> {
        let answer = self.metadata(Some(&[])).await?;
        match answer.brokers.iter().find(|broker| broker.node_id == answer.controller_id) {
            Some(broker) => self.at(&join(&broker.host, broker.port)).await,
            None => self.any().await,
        }
    }

    /// Metadata of these topics (none: all topics), never creating one.
    pub(super) async fn metadata(&self, topics: Option<&[&str]>) -> Result<MetadataResponse, RawError> {
        self.metadata_of(topics, false).await
    }

    /// The same; with `create`, a broker that creates topics by itself creates the absent ones.
    pub(super) async fn metadata_of(
        &self,
        topics: Option<&[&str]>,
        create: bool,
    ) -> Result<MetadataResponse, RawError> {
        const NAME: &str = "Metadata";
        let mut broker = self.any().await?;
        let version = broker.version::<MetadataRequest>(NAME, Versions(5, 12))?;
        let wanted = |name: &&str| MetadataRequestTopic::default().with_name(Some(topic_name(name)));
        let request = MetadataRequest::default()
            .with_topics(topics.map(|names| names.iter().map(wanted).collect()))
            .with_allow_auto_topic_creation(create);
        broker.ask(NAME, &request, version).await
    }
}

pub(super) fn topic_name(name: &str) -> TopicName {
    TopicName(StrBytes::from_string(name.to_owned()))
}

pub(super) fn join(host: &str, port: i32) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}
