//! Values that are not what they say.

use watertight_sdk::{
    Datum, Message, PollLimits, Scalar, SchemaId, SourceBatch, SourceRecord, Tape, Value, ValueNode, ids,
};

use super::batches::batch;

fn one(schema: SchemaId, value: Value) -> SourceBatch {
    batch(vec![SourceRecord::at(Message::new(0, Datum { schema, value }), vec![Scalar::Integer(0)])])
}

fn tape(tape: Tape) -> SourceBatch {
    one(ids::NONE, Value::Tape(tape))
}

/// Code that walks it by recursion overflows its stack.
pub fn deep_tape(_limits: &PollLimits) -> SourceBatch {
    let mut nodes = vec![ValueNode::Elements(1); 200_000];
    nodes.push(ValueNode::Null);
    tape(nodes)
}

pub fn tape_that_promises_more(_limits: &PollLimits) -> SourceBatch {
    tape(vec![ValueNode::Elements(3), ValueNode::Null])
}

pub fn tape_with_a_rest(_limits: &PollLimits) -> SourceBatch {
    tape(vec![ValueNode::Elements(1), ValueNode::Null, ValueNode::Null])
}

/// Code that reserves room for what is promised runs out of memory.
pub fn tape_that_promises_billions(_limits: &PollLimits) -> SourceBatch {
    tape(vec![ValueNode::Entries(u32::MAX), ValueNode::Null, ValueNode::Null])
}

pub fn unknown_schema(_limits: &PollLimits) -> SourceBatch {
    one(123_456_789, Value::from("text"))
}

pub fn value_not_of_its_schema(_limits: &PollLimits) -> SourceBatch {
    one(ids::INT32, Value::from("text"))
}

pub fn integer_out_of_range(_limits: &PollLimits) -> SourceBatch {
    one(ids::INT8, Value::Integer(300))
}

pub fn broken_json(_limits: &PollLimits) -> SourceBatch {
    one(ids::NONE, Value::Json("{\"a\": [1, 2".to_owned()))
}
