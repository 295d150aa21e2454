//! Numbers by which keepers tell what has to be stopped and started anew from what stays as it is. A number never comes
//! back: what is given away and comes again later is another thing, even if nobody noticed that it was gone.

use std::collections::HashMap;
use std::hash::Hash;

/// The numbers of what a worker has been given.
#[derive(Debug)]
pub(super) struct Revisions<K> {
    last: u64,
    of: HashMap<K, u64>,
}

impl<K> Default for Revisions<K> {
    fn default() -> Self {
        Self { last: 0, of: HashMap::new() }
    }
}

impl<K: Eq + Hash + Clone> Revisions<K> {
    /// The number of something, made if need be.
    pub(super) fn of(&mut self, key: &K) -> u64 {
        if let Some(number) = self.of.get(key) {
            return *number;
        }
        self.renew(key)
    }

    /// Another number for it.
    pub(super) fn renew(&mut self, key: &K) -> u64 {
        self.last += 1;
        self.of.insert(key.clone(), self.last);
        self.last
    }

    /// Forgets what is gone.
    pub(super) fn keep(&mut self, stays: impl Fn(&K) -> bool) {
        self.of.retain(|key, _| stays(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stays_until_it_is_renewed_and_never_comes_back() {
        let mut revisions = Revisions::default();
        let (first, other) = (revisions.of(&"a"), revisions.of(&"b"));
        assert_ne!(first, other);
        assert_eq!(revisions.of(&"a"), first);
        let renewed = revisions.renew(&"a");
        assert_eq!(revisions.of(&"a"), renewed);
        revisions.keep(|key| *key == "b");
        assert_eq!(revisions.of(&"b"), other);
        let again = revisions.of(&"a");
        assert!(again > renewed && renewed > first);
    }
}
