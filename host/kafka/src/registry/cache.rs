//! A map that forgets its oldest entries.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

#[derive(Debug)]
pub(super) struct Cache<K, V> {
    inner: Mutex<(HashMap<K, V>, VecDeque<K>)>,
    size: usize,
}

impl<K: Hash + Eq + Clone, V: Clone> Cache<K, V> {
    pub(super) fn new(size: usize) -> Self {
        Self { inner: Mutex::new((HashMap::new(), VecDeque::new())), size }
    }

    /// What is known, or what `ask` finds out; that it found nothing is not kept. Not locked while asking: two
    /// threads may ask the same at once.
    pub(super) fn get_or<E>(&self, key: K, ask: impl FnOnce() -> Result<V, E>) -> Result<V, E> {
        let known = self.inner.lock().unwrap_or_else(PoisonError::into_inner).0.get(&key).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let value = ask()?;
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let (entries, order) = &mut *inner;
        if self.size > 0 && entries.insert(key.clone(), value.clone()).is_none() {
            order.push_back(key);
            if order.len() > self.size
                && let Some(oldest) = order.pop_front()
            {
                entries.remove(&oldest);
            }
        }
        Ok(value)
    }
}
