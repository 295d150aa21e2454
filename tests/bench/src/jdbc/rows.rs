//! The rows of these measurements: nine columns of what tables usually hold, as JSON with schemas and as a table.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};

/// What the sinks read.
pub const TOPIC: &str = "orders";

/// All columns, in order.
pub const COLUMNS: &str = "id, customer, price, amount, name, note, paid, due, placed";

/// Number `n`, as `JsonConverter` has it. By hand: a million of them are made before anything is measured.
fn json(n: u64) -> String {
    let field = |name: &str, kind: &str| format!("{{\"field\":\"{name}\",\"type\":\"{kind}\",\"optional\":false}}");
    let named = |name: &str, kind: &str, class: &str, more: &str| {
        format!(
            "{{\"field\":\"{name}\",\"type\":\"{kind}\",\"optional\":false,\"version\":1,\
             \"name\":\"org.apache.kafka.connect.data.{class}\"{more}}}"
        )
    };
    let fields = [
        field("id", "int64"),
        field("customer", "int32"),
        field("price", "double"),
        named("amount", "bytes", "Decimal", ",\"parameters\":{\"scale\":\"2\"}"),
        field("name", "string"),
        field("note", "string"),
        field("paid", "boolean"),
        named("due", "int32", "Date", ""),
        named("placed", "int64", "Timestamp", ""),
    ];
    let payload = format!(
        "{{\"id\":{n},\"customer\":{},\"price\":{}.25,\"amount\":\"{}\",\"name\":\"customer number {}\",\"note\":\"{}\",\
         \"paid\":{},\"due\":{},\"placed\":{}}}",
        n * 31 % 100_000,
        n % 10_000,
        // 1234.56, as its digits in two's complement: 01 E2 40.
        "AeJA",
        n * 31 % 100_000,
        "a note of the length that people write into such fields, more or less",
        n.is_multiple_of(3),
        18_000 + n % 2000,
        1_700_000_000_000 + n * 1000 + n % 1000,
    );
    format!(
        "{{\"schema\":{{\"type\":\"struct\",\"optional\":false,\"name\":\"order\",\"fields\":[{}]}},\"payload\":{payload}}}",
        fields.join(",")
    )
}

/// Fills a topic.
pub fn produce(bootstrap: &str, topic: &str, records: u64) -> anyhow::Result<()> {
    let producer: BaseProducer =
        ClientConfig::new().set("bootstrap.servers", bootstrap).set("linger.ms", "20").set("acks", "all").create()?;
    for n in 0..records {
        let value = json(n);
        let mut record: BaseRecord<'_, [u8], str> = BaseRecord::to(topic).payload(&value);
        while let Err((error, back)) = producer.send(record) {
            anyhow::ensure!(error == KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), "{error}");
            producer.poll(Duration::from_millis(10));
            record = back;
        }
        if n % 1000 == 0 {
            producer.poll(Duration::ZERO);
        }
    }
    Ok(producer.flush(Duration::from_secs(60))?)
}

/// An empty table for them. The same for everybody, so that nobody is measured by the types it would have chosen.
pub fn table(product: &str, name: &str) -> String {
    let (double, boolean, timestamp) = match product {
        "postgresql" => ("DOUBLE PRECISION", "BOOLEAN", "TIMESTAMP(3)"),
        _ => ("DOUBLE", "BOOLEAN", "DATETIME(3)"),
    };
    format!(
        "DROP TABLE IF EXISTS {name}; CREATE TABLE {name} (id BIGINT NOT NULL PRIMARY KEY, customer INT NOT NULL, \
         price {double} NOT NULL, amount DECIMAL(12,2) NOT NULL, name VARCHAR(100) NOT NULL, note TEXT NOT NULL, \
         paid {boolean} NOT NULL, due DATE NOT NULL, placed {timestamp} NOT NULL);"
    )
}

/// A query that answers one line for all of a table's content.
pub fn digest(product: &str, name: &str) -> String {
    match product {
        "postgresql" => {
            format!("SELECT COUNT(*), MD5(STRING_AGG(t::text, '|' ORDER BY id)) FROM (SELECT {COLUMNS} FROM {name}) t;")
        }
        _ => format!("SELECT COUNT(*), SUM(CRC32(CONCAT_WS('|', {COLUMNS}))) FROM {name};"),
    }
}
