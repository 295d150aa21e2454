//! The service framework without its HTTP half: the core crate under the names the engine uses, and a
//! TCP stream that carries what a connection knows about itself.

pub use rama_core::{Layer, Service, ServiceInput, error, extensions, layer, matcher, service};

pub mod tcp;
