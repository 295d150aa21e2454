//! One row, from its message to its tape.

use watertight_sandbox::limits::key;
use watertight_sandbox::sql::{Fault, ValueNode, code};

use super::super::message::Body;
use super::Query;
use crate::sql::forms::{Form, faults};

/// What a row has besides its values: a node for each of at most 1,664 columns.
const AROUND: usize = 32 * 1024;

/// One row as the tape of a struct, and about how much it takes. An error of None: it is not the protocol's.
pub(super) fn row(
    query: &Query,
    forms: &[Form],
    number: u64,
    body: &[u8],
    most: usize,
) -> Result<(Vec<ValueNode>, usize), Option<Fault>> {
    let mut body = Body(body);
    let count = query.readers.len();
    if body.u16().map(usize::from) != Some(count) {
        return Err(None);
    }
    let mut tape = Vec::with_capacity(count + 1);
    tape.push(ValueNode::Fields(u32::try_from(count).unwrap_or(u32::MAX)));
    // Besides what its values take, as in a message.
    let room = most.saturating_add(AROUND);
    let mut left = room;
    for (index, reader) in query.readers.iter().enumerate() {
        match body.value().ok_or(None)? {
            None => tape.push(ValueNode::Null),
            Some(raw) => {
                let Err(error) = reader.read(raw, &mut tape, &mut left) else { continue };
                let column = &query.columns[index];
                if error.too_long {
                    let text = format!(
                        "column {}, row {number}: with it, the row takes more than {} = {most}; select less of it, or \
                         raise the limit",
                        column.name,
                        key::SQL_ROW
                    );
                    return Err(Some(Fault::new(code::LIMIT, text)));
                }
                let natural = column.form.parse().unwrap_or(Form::Natural);
                let form = if forms[index] == Form::Natural { &natural } else { &forms[index] };
                return Err(Some(faults::read(&column.name, number, form, error.value, error.why)));
            }
        }
    }
    Ok((tape, room - left))
}
