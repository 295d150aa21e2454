//! `watertight offsets`

use serde_json::{Value, json};
use ureq::http::Method;

use super::{of, read, tell};
use crate::args::{Alter, Asked, Offsets, OffsetsCommand, Reset};
use crate::client::shapes::{Offset, Offsets as Answered};
use crate::client::{Answer, Client};
use crate::failure::Failure;
use crate::ui::confirm;
use crate::ui::look::Look;
use crate::ui::table::Table;

pub(super) fn offsets(offsets: &Offsets) -> Result<(), Failure> {
    match (&offsets.command, &offsets.connector) {
        (Some(OffsetsCommand::Show(one)), _) => show(&one.connector, &one.asked),
        (Some(OffsetsCommand::Alter(alter)), _) => self::alter(alter),
        (Some(OffsetsCommand::Reset(reset)), _) => self::reset(reset),
        (None, Some(connector)) => show(connector, &offsets.asked),
        (None, None) => Err(Failure::Usage("offsets: a connector is wanted".to_owned())),
    }
}

fn show(connector: &str, asked: &Asked) -> Result<(), Failure> {
    let client = Client::new(&asked.worker)?;
    let answer = client.get(&of(connector, &["offsets"]))?;
    tell(asked, &answer, || Ok(rendered(&Look::of_stdout(), &client.parse(&answer)?)))
}

fn rendered(look: &Look, found: &Answered) -> String {
    if found.offsets.is_empty() {
        return "No offsets yet\n".to_owned();
    }
    if let Some(mut places) = found.offsets.iter().map(place).collect::<Option<Vec<_>>>() {
        places.sort();
        let mut table = Table::new(["TOPIC", "PARTITION", "OFFSET"]);
        for (topic, partition, offset) in places {
            table.row([topic.into(), partition.to_string().into(), offset.into()]);
        }
        return table.render(look);
    }
    let mut table = Table::new(["PARTITION", "OFFSET"]);
    for entry in &found.offsets {
        table.row([entry.partition.to_string().into(), entry.offset.to_string().into()]);
    }
    table.render(look)
}

/// Of a sink.
fn place(entry: &Offset) -> Option<(String, i64, String)> {
    let topic = entry.partition.get("kafka_topic")?.as_str()?;
    let partition = entry.partition.get("kafka_partition")?.as_i64()?;
    let offset = entry.offset.get("kafka_offset")?.as_i64()?;
    Some((topic.to_owned(), partition, offset.to_string()))
}

fn alter(alter: &Alter) -> Result<(), Failure> {
    let body = match &alter.file {
        Some(file) => serde_json::from_slice(&read(file)?)
            .map_err(|error| Failure::Invalid(format!("{} is no JSON: {error}\n{FORM}", file.display())))?,
        None => {
            let entries = alter.to.iter().map(|text| position(text)).collect::<Result<Vec<_>, _>>()?;
            json!({"offsets": entries})
        }
    };
    if !body.get("offsets").is_some_and(Value::is_array) {
        return Err(Failure::Invalid(format!("there is no list of \"offsets\"\n{FORM}")));
    }
    let client = Client::new(&alter.asked.worker)?;
    confirm::ask(alter.sure.yes, &format!("Alter the offsets of {} on {}?", alter.connector, client.url()))?;
    let answer = client.ask(Method::PATCH, &of(&alter.connector, &["offsets"]), Some(&body))?;
    told(&client, &alter.asked, &answer)
}

fn reset(reset: &Reset) -> Result<(), Failure> {
    let one = &reset.one;
    let client = Client::new(&one.asked.worker)?;
    confirm::ask(
        reset.sure.yes,
        &format!("Forget all offsets of {} on {}? It begins anew then", one.connector, client.url()),
    )?;
    let answer = client.ask(Method::DELETE, &of(&one.connector, &["offsets"]), None)?;
    told(&client, &one.asked, &answer)
}

fn told(client: &Client, asked: &Asked, answer: &Answer) -> Result<(), Failure> {
    tell(asked, answer, || {
        let body: Value = client.parse(answer)?;
        Ok(crate::ui::text::safe(body.get("message").and_then(Value::as_str).unwrap_or("Done")).into_owned())
    })
}

const FORM: &str = "It should be as 'watertight offsets CONNECTOR --json' prints it: \
{\"offsets\": [{\"partition\": {...}, \"offset\": {...}}]}";

/// `TOPIC:PARTITION=OFFSET`
fn position(text: &str) -> Result<Value, Failure> {
    let wrong = || Failure::Usage(format!("--to {text}: TOPIC:PARTITION=OFFSET is wanted, such as orders:0=42"));
    let (place, offset) = text.rsplit_once('=').ok_or_else(wrong)?;
    let (topic, partition) = place.rsplit_once(':').ok_or_else(wrong)?;
    let partition: u32 = partition.parse().map_err(|_| wrong())?;
    let offset = match offset {
        "" => Value::Null,
        number => json!({"kafka_offset": number.parse::<u64>().map_err(|_| wrong())?}),
    };
    Ok(json!({"partition": {"kafka_topic": topic, "kafka_partition": partition}, "offset": offset}))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_a_topic_a_partition_and_an_offset_or_none() {
        let partition = json!({"kafka_topic": "a.b", "kafka_partition": 1});
        let to = position("a.b:1=42").unwrap();
        assert_eq!(to, json!({"partition": partition, "offset": {"kafka_offset": 42}}));
        assert_eq!(position("a.b:1=").unwrap(), json!({"partition": partition, "offset": null}));
        for wrong in ["a", "a:1", "a=1", "a:x=1", "a:1=x", "a:-1=1"] {
            assert_eq!(position(wrong).unwrap_err().code(), 2, "{wrong}");
        }
    }

    #[test]
    fn offsets_of_sinks_are_shown_by_partition_and_those_of_sources_as_they_are() {
        let sink = json!({"offsets": [
            {"partition": {"kafka_topic": "t", "kafka_partition": 10}, "offset": {"kafka_offset": 5}},
            {"partition": {"kafka_topic": "t", "kafka_partition": 9}, "offset": {"kafka_offset": 7}}]});
        let shown = rendered(&Look::plain(), &serde_json::from_value(sink).unwrap());
        assert_eq!(shown, "TOPIC  PARTITION  OFFSET\nt      9          7\nt      10         5\n");
        let source = json!({"offsets": [{"partition": {"filename": "f"}, "offset": {"position": 3}}]});
        let shown = rendered(&Look::plain(), &serde_json::from_value(source).unwrap());
        assert_eq!(shown, "PARTITION         OFFSET\n{\"filename\":\"f\"}  {\"position\":3}\n");
    }
}
