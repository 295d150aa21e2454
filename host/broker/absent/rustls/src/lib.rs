//! TLS, which a broker on the loopback interface does not have.

/// A listener's certificates; there is none.
#[derive(Clone, Copy, Debug)]
pub enum ServerConfig {}

/// A TLS error; there is none.
#[derive(Clone, Copy, Debug)]
pub enum Error {}

impl std::fmt::Display for Error {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Error {}
