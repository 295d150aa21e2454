//! Whether data of one Connect schema is data of another: what `latest.compatibility.strict` asks before
//! records are written under a schema that was registered by somebody else.
//!
//! Judged by what the other schema means to Connect, not by every word of JSON Schema in it.

use crate::schema::{Schema, Type};

/// Says what does not fit, and where.
pub(super) fn check(ours: &Schema, theirs: &Schema) -> Result<(), String> {
    at("", ours, theirs)
}

fn at(place: &str, ours: &Schema, theirs: &Schema) -> Result<(), String> {
    let here = || if place.is_empty() { "the value".to_owned() } else { format!("field {place}") };
    if ours.optional && !theirs.optional && theirs.default.is_none() && ours.default.is_none() {
        return Err(format!("{} may be null here and not there", here()));
    }
    if !fits(ours.ty, theirs.ty) {
        return Err(format!("{} is {} here and {} there", here(), ours.ty, theirs.ty));
    }
    for (ours, theirs) in [(&ours.key_schema, &theirs.key_schema), (&ours.value_schema, &theirs.value_schema)] {
        if let (Some(ours), Some(theirs)) = (ours, theirs) {
            at(place, ours, theirs)?;
        }
    }
    let inner = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    for field in &theirs.fields {
        match ours.field(&field.name) {
            Some((_, own)) => at(&inner(&field.name), &own.schema, &field.schema)?,
            None if field.schema.optional || field.schema.default.is_some() => {}
            None => return Err(format!("field {} is required there and missing here", inner(&field.name))),
        }
    }
    Ok(())
}

/// A wider number takes a narrower one.
fn fits(ours: Type, theirs: Type) -> bool {
    const NUMBERS: [Type; 6] = [Type::Int8, Type::Int16, Type::Int32, Type::Int64, Type::Float32, Type::Float64];
    let rank = |ty| NUMBERS.iter().position(|number| *number == ty);
    match (rank(ours), rank(theirs)) {
        (Some(ours), Some(theirs)) => ours <= theirs,
        _ => ours == theirs,
    }
}
