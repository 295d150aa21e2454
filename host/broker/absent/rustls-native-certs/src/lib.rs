//! TLS, which a broker on the loopback interface does not have: nothing of this crate is named.
