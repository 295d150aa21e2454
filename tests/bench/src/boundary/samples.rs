//! Batches for sinks, in the host's types and in the plugin's: the contract generates a set for each side.

use bench_connectors::{Shape, WIDTH};
use watertight_sandbox::bindings::exports::watertight::sink::sink_task as host;
use watertight_sandbox::bindings::watertight::types::data as host_data;
use watertight_sdk as sdk;

macro_rules! batch {
    ($shape:expr, $count:expr, $schema:expr, $task:path, $data:path) => {{
        use $data as data;
        use $task as task;
        let value = |n: i64| match $shape {
            Shape::Text => data::Value::Text("x".repeat(WIDTH)),
            Shape::Row => data::Value::Tape(vec![
                data::ValueNode::Fields(10),
                data::ValueNode::Integer(n),
                data::ValueNode::Integer(n & 0xffff),
                data::ValueNode::Integer(7),
                data::ValueNode::Integer(-n),
                data::ValueNode::Float(0.5),
                data::ValueNode::Float(n as f64),
                data::ValueNode::Boolean(true),
                data::ValueNode::Boolean(n & 1 == 0),
                data::ValueNode::Text("y".repeat(20)),
                data::ValueNode::Text("z".repeat(20)),
            ]),
        };
        let record = |n: i64| task::SinkRecord {
            message: data::Message {
                topic: 0,
                partition: Some(0),
                key: data::Datum { schema: 1, value: data::Value::Null },
                value: data::Datum { schema: $schema, value: value(n) },
                headers: Vec::new(),
                timestamp: Some(1_700_000_000_000 + n),
            },
            timestamp_type: task::TimestampType::CreateTime,
            origin: 0,
            offset: n,
        };
        task::SinkBatch {
            topics: vec!["bench".to_owned()],
            origins: vec![data::TopicPartition { topic: "bench".to_owned(), partition: 0 }],
            records: (0..$count as i64).map(record).collect(),
        }
    }};
}

/// Schemas are numbers on this path; whether one stands behind the number makes no difference to its cost.
const fn schema(shape: Shape) -> u32 {
    match shape {
        Shape::Text => 9,
        Shape::Row => 64,
    }
}

/// For a plugin called natively.
pub fn native(shape: Shape, count: usize) -> sdk::SinkBatch {
    batch!(shape, count, schema(shape), sdk, sdk)
}

/// For a sandboxed plugin.
pub fn hosted(shape: Shape, count: usize) -> host::SinkBatch {
    batch!(shape, count, schema(shape), host, host_data)
}
