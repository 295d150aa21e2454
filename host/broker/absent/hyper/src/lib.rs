//! HTTP, which this broker does not have. The engine names its error to convert it.

/// HTTP's types.
pub mod http {
    /// An HTTP error; there is none.
    #[derive(Clone, Copy, Debug)]
    pub enum Error {}
}
