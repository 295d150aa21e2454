//! A map that forgets: what came first goes first. For what can be had again at some cost, such as the plan for a
//! schema, where the keys come from outside and must not fill the memory.

use std::borrow::Borrow;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// At most so many entries; none for a size of 0.
#[derive(Debug)]
pub(super) struct Bounded<K, V> {
    entries: HashMap<K, V>,
    order: VecDeque<K>,
    size: usize,
}

impl<K: Hash + Eq + Clone, V> Bounded<K, V> {
    pub(super) fn new(size: usize) -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new(), size }
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    pub(super) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.entries.get(key)
    }

    /// Whether it was kept.
    pub(super) fn put(&mut self, key: K, value: V) -> bool {
        if self.size == 0 {
            return false;
        }
        if self.entries.insert(key.clone(), value).is_none() {
            self.order.push_back(key);
            if self.order.len() > self.size
                && let Some(oldest) = self.order.pop_front()
            {
                self.entries.remove(&oldest);
            }
        }
        true
    }
}
