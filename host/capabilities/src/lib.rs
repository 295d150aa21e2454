//! What a guest may be granted beyond computing: one module each, with its policy. Nothing is granted by
//! default, and a denial names the setting that would grant it.

pub mod files;
pub mod grants;
pub mod secrets;

pub use grants::{Grants, GrantsError};
