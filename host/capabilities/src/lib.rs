//! What a guest may be granted beyond computing: one module each, with its policy. Nothing is granted by
//! default, and a denial names the setting that would grant it.

pub mod files;
pub mod grants;
pub mod net;
pub mod secrets;
pub mod sql;

pub use grants::{Grants, GrantsError};
