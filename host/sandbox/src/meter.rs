//! The memory account of one instance: all its linear memories and tables together. Per-memory limits would
//! let a component with many memories have many times the limit.

use wasmtime::{ResourceLimiter, Result};

/// Host bytes that one table element costs.
const ELEMENT: usize = std::mem::size_of::<usize>();

/// Counts and refuses.
#[derive(Debug)]
pub struct Meter {
    limit: usize,
    used: usize,
    refused: Option<usize>,
}

impl Meter {
    /// An account of `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { limit, used: 0, refused: None }
    }

    /// The limit, if growth beyond it was refused: explains a trap that follows.
    pub fn refused(&self) -> Option<usize> {
        self.refused
    }

    fn grow(&mut self, current: usize, desired: usize) -> bool {
        let wanted = self.used.saturating_add(desired.saturating_sub(current));
        if wanted > self.limit {
            self.refused = Some(self.limit);
            return false;
        }
        self.used = wanted;
        true
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        Ok(self.grow(current, desired))
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        Ok(self.grow(current.saturating_mul(ELEMENT), desired.saturating_mul(ELEMENT)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn memories_and_tables_share_one_account() {
        let mut meter = Meter::new(1000);
        assert!(meter.memory_growing(0, 600, None).unwrap());
        assert!(meter.table_growing(0, 40, None).unwrap());
        assert!(!meter.memory_growing(0, 100, None).unwrap(), "a second memory counts too");
        assert_eq!(meter.refused(), Some(1000));
        assert_eq!(meter.used, 920);
    }

    #[test]
    fn a_table_of_absurd_size_is_refused_without_overflow() {
        assert!(!Meter::new(1000).table_growing(0, usize::MAX, None).unwrap());
    }
}
