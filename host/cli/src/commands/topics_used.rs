//! `watertight topics-used`

use serde_json::Value;
use ureq::http::Method;

use super::{change, of, tell};
use crate::args::TopicsUsed;
use crate::client::Client;
use crate::failure::Failure;
use crate::ui::{confirm, text};

pub(super) fn topics_used(used: &TopicsUsed) -> Result<(), Failure> {
    let (name, asked) = (&used.one.connector, &used.one.asked);
    let client = Client::new(&asked.worker)?;
    if used.reset {
        confirm::ask(used.sure.yes, &format!("Forget which topics {name} has used, on {}?", client.url()))?;
        let done = format!("The list of {name} begins anew");
        return change(&client, asked, Method::PUT, &of(name, &["topics", "reset"]), None, &done);
    }
    let answer = client.get(&of(name, &["topics"]))?;
    tell(asked, &answer, || {
        let found: Value = client.parse(&answer)?;
        let topics = found.get(name).and_then(|entry| entry.get("topics")).and_then(Value::as_array);
        let mut topics: Vec<_> = topics.into_iter().flatten().filter_map(Value::as_str).map(text::safe).collect();
        if topics.is_empty() {
            // Kafka says so of connectors that nobody knows, too; then this one is refused.
            client.get(&of(name, &[]))?;
            return Ok("None yet\n".to_owned());
        }
        topics.sort();
        Ok(topics.join("\n"))
    })
}
