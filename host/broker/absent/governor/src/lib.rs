//! Rate limits for object stores, which this broker does not have. The engine names its error to
//! convert it.

/// A rate limit's error; there is none.
#[derive(Clone, Copy, Debug)]
pub enum InsufficientCapacity {}

impl std::fmt::Display for InsufficientCapacity {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {}
    }
}

impl std::error::Error for InsufficientCapacity {}
