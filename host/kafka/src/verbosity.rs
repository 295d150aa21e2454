//! How much living librdkafka clients say.
//!
//! librdkafka formats a line and only then hands it over, so a filter behind it comes too late: each handle must
//! know. What it can say at all is settled when it is made (`debug`, a list of contexts); how much of that it
//! says can be changed at any time. So every handle is made with the contexts that speak of connections, groups
//! and partitions, and is kept at librdkafka's usual level until somebody wants more. The contexts `msg`, `queue`
//! and `fetch` stand in the way of every batch and are left out: who wants them sets `debug`.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rdkafka::bindings;

/// Target of the lines of consumers.
pub const CONSUMER: &str = "librdkafka::consumer";
/// Target of the lines of producers.
pub const PRODUCER: &str = "librdkafka::producer";

/// The default of `debug`.
pub(crate) const CONTEXTS: &str = "generic,broker,topic,metadata,feature,protocol,cgrp,security,consumer,eos,assignor";

/// How much a client says: syslog's levels, as librdkafka has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    /// Nothing.
    Silent,
    /// What failed.
    Errors,
    /// What may.
    Warnings,
    /// librdkafka's default.
    Usual,
    /// What its `debug` allows.
    Debug,
}

impl Verbosity {
    fn syslog(self) -> i32 {
        match self {
            Self::Silent => 0,
            Self::Errors => 3,
            Self::Warnings => 4,
            Self::Usual => 6,
            Self::Debug => 7,
        }
    }
}

/// Clients of one kind, and what holds for them.
struct Clients {
    level: AtomicI32,
    /// Addresses of living handles. Under the lock none of them is destroyed.
    handles: Mutex<Vec<usize>>,
}

static CONSUMERS: Clients = Clients::new();
static PRODUCERS: Clients = Clients::new();

/// From now on clients of that target, living and to come, say this much. Other targets have no clients.
pub fn set(target: &str, verbosity: Verbosity) {
    match target {
        CONSUMER => CONSUMERS.set(verbosity),
        PRODUCER => PRODUCERS.set(verbosity),
        _ => {}
    }
}

/// Keeps a handle's level as wanted while it lives.
pub(crate) struct Listed {
    clients: &'static Clients,
    address: usize,
}

impl Listed {
    /// # Safety
    /// `native` must be a live handle, and stay so until this is dropped.
    pub(crate) unsafe fn new(native: *mut bindings::rd_kafka_t) -> Self {
        // SAFETY: by the caller's promise.
        let clients = match unsafe { bindings::rd_kafka_type(native) } {
            bindings::rd_kafka_type_t::RD_KAFKA_CONSUMER => &CONSUMERS,
            bindings::rd_kafka_type_t::RD_KAFKA_PRODUCER => &PRODUCERS,
        };
        let address = native.expose_provenance();
        let mut handles = clients.handles();
        handles.push(address);
        // SAFETY: by the caller's promise. A handle with `debug` begins at the most talkative level.
        unsafe { bindings::rd_kafka_set_log_level(native, clients.level.load(Ordering::Relaxed)) };
        drop(handles);
        Self { clients, address }
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.clients.handles().retain(|address| *address != self.address);
    }
}

impl Clients {
    const fn new() -> Self {
        Self { level: AtomicI32::new(6), handles: Mutex::new(Vec::new()) }
    }

    fn set(&self, verbosity: Verbosity) {
        let handles = self.handles();
        if self.level.swap(verbosity.syslog(), Ordering::Relaxed) == verbosity.syslog() {
            return;
        }
        for address in handles.iter() {
            let native = std::ptr::with_exposed_provenance_mut(*address);
            // SAFETY: listed, so it lives; it is taken off the list, under this lock, before it is destroyed.
            unsafe { bindings::rd_kafka_set_log_level(native, verbosity.syslog()) };
        }
    }

    fn handles(&self) -> MutexGuard<'_, Vec<usize>> {
        self.handles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::{Client, Kind};
    use crate::{consumer_settings, producer_settings};

    const BROKER: [(&str, &str); 1] = [("bootstrap.servers", "127.0.0.1:1")];

    fn level(client: &Client) -> String {
        client.dump()["log_level"].clone()
    }

    #[test]
    fn living_clients_and_those_to_come_say_as_much_as_was_asked_for() {
        let settings = consumer_settings(BROKER, "g", "c").unwrap().settings;
        let consumer = Client::new(Kind::Consumer, &settings).unwrap();
        let producer = Client::new(Kind::Producer, &producer_settings(BROKER, "p").unwrap().settings).unwrap();
        assert_eq!((level(&consumer), level(&producer)), ("6".to_owned(), "6".to_owned()), "in spite of `debug`");
        set(CONSUMER, Verbosity::Debug);
        assert_eq!((level(&consumer), level(&producer)), ("7".to_owned(), "6".to_owned()));
        let later = Client::new(Kind::Consumer, &settings).unwrap();
        assert_eq!(level(&later), "7");
        drop(consumer);
        set(CONSUMER, Verbosity::Usual);
        assert_eq!(level(&later), "6");
    }

    #[test]
    fn debug_is_the_users_where_they_set_it() {
        let own = BROKER.into_iter().chain([("debug", "msg")]);
        let settings = producer_settings(own, "p").unwrap().settings;
        assert_eq!(settings.get("debug"), Some("msg"));
        assert_eq!(producer_settings(BROKER, "p").unwrap().settings.get("debug"), Some(CONTEXTS));
    }
}
