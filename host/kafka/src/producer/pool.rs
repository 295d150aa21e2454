//! Which tasks share which producer.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, Weak};

use super::close::close;
use super::lease::ProducerLease;
use super::shared::Shared;
use super::slot::lock;
use crate::KafkaError;
use crate::settings::ClientSettings;

/// Producers by settings. Clones are the same pool.
#[derive(Clone)]
pub struct ProducerPool(Arc<Pool>);

pub(super) struct Pool {
    per_settings: usize,
    producers: Mutex<HashMap<ClientSettings, Vec<Arc<Shared>>>>,
    /// All that live, those that nobody shares and those that are closing too.
    made: Mutex<Vec<Weak<Shared>>>,
}

impl ProducerPool {
    /// A pool with at most this many producers for tasks of equal settings (at least one).
    /// With one request in flight per broker, which is Connect's default, librdkafka sends one
    /// partition per round trip: the more partitions share a producer, the longer the last waits.
    pub fn new(per_settings: usize) -> Self {
        let producers = Mutex::new(HashMap::new());
        Self(Arc::new(Pool { per_settings: per_settings.max(1), producers, made: Mutex::default() }))
    }

    /// A place in a producer of these settings. Creates a producer when there are fewer than the
    /// pool allows, which takes about a millisecond and starts three threads: on a blocking thread,
    /// please.
    ///
    /// Idempotent and transactional producers are never shared, because one fatal error of theirs
    /// would fail every user.
    ///
    /// # Errors
    /// When librdkafka refuses the settings.
    pub fn lease(&self, settings: &ClientSettings) -> Result<ProducerLease, KafkaError> {
        if !settings.is_shareable() {
            return self.0.create(settings)?.lease(None);
        }
        let mut producers = lock(&self.0.producers);
        let those = producers.entry(settings.clone()).or_default();
        // A producer that failed for good keeps its tasks but gets no new ones.
        let usable = those.iter().filter(|p| p.broken().is_none());
        let chosen = if usable.clone().count() < self.0.per_settings {
            None
        } else {
            usable.min_by_key(|p| p.leases.load(Ordering::Acquire)).cloned()
        };
        let place = match chosen.and_then(|p| p.take_slot().map(|slot| (p, slot))) {
            Some((producer, slot)) => Place { producer, slot },
            None => {
                let place = match self.0.create(settings) {
                    Ok(place) => place,
                    Err(error) => {
                        if those.is_empty() {
                            producers.remove(settings);
                        }
                        return Err(error);
                    }
                };
                those.push(place.producer.clone());
                place
            }
        };
        place.lease(Some(&self.0))
    }

    /// Drops what all producers it made have queued and on its way, also those whose last task is gone and which are
    /// writing their last records; see [`ProducerLease::purge`].
    pub fn purge(&self) {
        let all: Vec<_> = lock(&self.0.made).iter().filter_map(Weak::upgrade).collect();
        for producer in all {
            producer.purge();
            // May have been the last to hold it: destroying blocks.
            if let Some(last) = Arc::into_inner(producer) {
                close(Arc::new(last));
            }
        }
    }

    /// Producers that live. For metrics and tests.
    pub fn producers(&self) -> usize {
        lock(&self.0.producers).values().map(Vec::len).sum()
    }
}

struct Place {
    producer: Arc<Shared>,
    slot: (u16, Arc<super::slot::Slot>),
}

impl Place {
    fn lease(self, pool: Option<&Arc<Pool>>) -> Result<ProducerLease, KafkaError> {
        self.producer.add_lease();
        let (number, slot) = self.slot;
        Ok(ProducerLease::new(self.producer, number, slot, pool.map(Arc::downgrade)))
    }
}

impl Pool {
    fn create(&self, settings: &ClientSettings) -> Result<Place, KafkaError> {
        let producer = Arc::new(Shared::new(settings)?);
        let mut made = lock(&self.made);
        made.retain(|one| one.strong_count() > 0);
        made.push(Arc::downgrade(&producer));
        drop(made);
        let slot =
            producer.take_slot().ok_or_else(|| KafkaError::Creation("a new producer has no free slot".to_owned()))?;
        Ok(Place { producer, slot })
    }

    /// Takes a lease back. The last one closes the producer, on a thread of its own.
    pub(super) fn give_back(&self, producer: Arc<Shared>) {
        let mut producers = lock(&self.producers);
        if !producer.remove_lease() {
            return;
        }
        if let Some(those) = producers.get_mut(&producer.settings) {
            those.retain(|p| !Arc::ptr_eq(p, &producer));
            if those.is_empty() {
                producers.remove(&producer.settings);
            }
        }
        drop(producers);
        close(producer);
    }
}
