//! PostgreSQL, which this broker does not have. The engine names its error to convert it.

/// Errors.
pub mod error {
    /// A database error; there is none.
    #[derive(Clone, Copy, Debug)]
    pub enum Error {}

    impl Error {
        /// The code of the error.
        #[must_use]
        pub fn code(&self) -> Option<&SqlState> {
            match *self {}
        }
    }

    impl std::fmt::Display for Error {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            match *self {}
        }
    }

    impl std::error::Error for Error {}

    /// An error code.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct SqlState(());

    impl SqlState {
        /// A statement that took too long.
        pub const QUERY_CANCELED: Self = Self(());
    }
}

pub use error::Error;
