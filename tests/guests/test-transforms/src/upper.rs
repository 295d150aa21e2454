//! Text in capital letters.

use watertight_sdk::{Class, Config, Record, Result, Transformation, Value, ValueNode, Verdict};

use crate::VERSION;

/// Changes text in values, wherever it stands, and leaves a record without any alone.
#[derive(Default)]
pub struct Upper;

impl Transformation for Upper {
    const CLASS: Class =
        Class::new("watertight.test.Upper$Value", VERSION).documentation("Text of the value in capital letters");

    fn configure(&mut self, _config: &Config) -> Result<()> {
        Ok(())
    }

    fn apply(&mut self, record: &mut Record<'_>) -> Result<Verdict> {
        let mut changed = false;
        let mut raise = |text: &mut String| {
            let raised = text.to_uppercase();
            changed |= raised != *text;
            *text = raised;
        };
        match &mut record.value.value {
            Value::Text(text) => raise(text),
            Value::Tape(nodes) => {
                for node in nodes {
                    if let ValueNode::Text(text) = node {
                        raise(text);
                    }
                }
            }
            _ => {}
        }
        Ok(if changed { Verdict::Changed } else { Verdict::Unchanged })
    }
}
