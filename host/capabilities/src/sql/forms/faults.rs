//! Values that their form cannot say, with the place where they stand: the same words from every driver.

use std::fmt::Display;

use watertight_sandbox::sql::{Fault, ValueNode, code};

use super::{Form, FormError};

/// A value that was read. Rows count from 1.
pub fn read(column: &str, row: u64, form: &Form, value: impl Display, why: impl Display) -> Fault {
    Fault::new(
        code::DATA,
        format!("column {column}, row {row}: {} cannot be read as {form}: {why}", shown(&value.to_string())),
    )
}

/// A parameter that is to be bound, counted from 1, of an execution counted from 0.
pub fn bound(parameter: usize, row: u32, form: &Form, value: &ValueNode, why: impl Display) -> Fault {
    let as_form = if *form == Form::Natural { String::new() } else { format!(" as {form}") };
    let text = format!("parameter {parameter}, row {row}: {} cannot be written{as_form}: {why}", node(value));
    Fault { row: Some(row), ..Fault::new(code::DATA, text) }
}

/// A form that nobody knows, of the column or parameter at this place, counted from 1.
pub fn form(place: usize, error: &FormError) -> Fault {
    Fault::new(code::DATA, format!("form {place}: {error}"))
}

/// About what a node costs in a batch.
pub fn weight(node: &ValueNode) -> usize {
    match node {
        ValueNode::Text(text) => 16 + text.len(),
        ValueNode::Bytes(bytes) => 16 + bytes.len(),
        ValueNode::Null
        | ValueNode::Boolean(_)
        | ValueNode::Integer(_)
        | ValueNode::Float(_)
        | ValueNode::Elements(_)
        | ValueNode::Entries(_)
        | ValueNode::Fields(_) => 16,
    }
}

fn node(value: &ValueNode) -> String {
    match value {
        ValueNode::Null => "null".into(),
        ValueNode::Boolean(value) => format!("boolean {value}"),
        ValueNode::Integer(value) => format!("integer {value}"),
        ValueNode::Float(value) => format!("float {value}"),
        ValueNode::Text(value) => format!("text {}", shown(value)),
        ValueNode::Bytes(value) => format!("{} bytes", value.len()),
        ValueNode::Elements(count) => format!("an array of {count}"),
        ValueNode::Entries(count) => format!("a map of {count}"),
        ValueNode::Fields(count) => format!("a struct of {count}"),
    }
}

/// Enough of a value to find it by, on one line.
fn shown(value: &str) -> String {
    const MOST: usize = 60;
    let mut text: String =
        value.chars().take(MOST).map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect();
    if value.chars().nth(MOST).is_some() {
        text.push('…');
    }
    format!("'{text}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_does_not_fit_is_shown_with_its_place() {
        let fault = read("price", 17, &Form::Unscaled(2), "12.345", super::super::decimal::DecimalError::Fine(2));
        assert_eq!(
            fault.message,
            "column price, row 17: '12.345' cannot be read as decimal:2: it has more than 2 digits after the point, \
             and is not rounded"
        );
        assert_eq!(fault.code, code::DATA);
        let fault = bound(3, 5, &Form::Date, &ValueNode::Text("a\nb".repeat(40)), "it is no date");
        assert_eq!(fault.row, Some(5));
        assert!(fault.message.starts_with("parameter 3, row 5: text 'a\u{fffd}ba"), "{}", fault.message);
        assert!(fault.message.len() < 200);
    }
}
