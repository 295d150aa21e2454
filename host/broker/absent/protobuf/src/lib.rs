//! Protocol Buffers, which this broker does not have: nothing of this crate is named.
