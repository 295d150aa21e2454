//! JSON Schema, which this broker does not have. The engine names its error to convert it.

use std::marker::PhantomData;

/// Where a document would break its schema.
#[derive(Clone, Copy, Debug)]
pub struct ValidationError<'a>(PhantomData<&'a ()>);
