//! Logging through the worker: the lines carry the connector and the task as Connect's do.
//!
//! The macros ask first whether the line would be written, so that a line nobody wants costs no formatting.

/// Asks the worker, and writes.
#[doc(hidden)]
pub fn write(level: &str, message: std::fmt::Arguments<'_>) {
    #[cfg(target_arch = "wasm32")]
    use crate::bindings::base::watertight::runtime::log as host;
    #[cfg(not(target_arch = "wasm32"))]
    use crate::testing::log as host;
    if host::enabled(level) {
        match message.as_str() {
            Some(text) => host::log(level, text),
            None => host::log(level, &message.to_string()),
        }
    }
}

/// Logs at `error`.
#[macro_export]
macro_rules! error { ($($part:tt)*) => { $crate::log::write("error", ::core::format_args!($($part)*)) } }
/// Logs at `warn`.
#[macro_export]
macro_rules! warn { ($($part:tt)*) => { $crate::log::write("warn", ::core::format_args!($($part)*)) } }
/// Logs at `info`.
#[macro_export]
macro_rules! info { ($($part:tt)*) => { $crate::log::write("info", ::core::format_args!($($part)*)) } }
/// Logs at `debug`.
#[macro_export]
macro_rules! debug { ($($part:tt)*) => { $crate::log::write("debug", ::core::format_args!($($part)*)) } }
/// Logs at `trace`.
#[macro_export]
macro_rules! trace { ($($part:tt)*) => { $crate::log::write("trace", ::core::format_args!($($part)*)) } }
