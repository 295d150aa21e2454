//! The ceiling: librdkafka through rdkafka with the worker's settings, the same file's lines, and nothing in
//! between: no plugin, no converter, no offsets. In this process, which does nothing else meanwhile.

use crate::passes::{Figures, Meter};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::producer::{
    BaseProducer, BaseRecord, DeliveryResult, NoCustomPartitioner, Producer as _, ProducerContext,
};
use rdkafka::{ClientConfig, ClientContext, Message as _};
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use watertight_kafka::producer::WINDOW_RECORDS;
use watertight_kafka::{ClientSettings, consumer_settings, producer_settings};

/// How many records between two looks at what came back.
const LOOK: u64 = 1000;
const BUFFER: usize = 64 << 10;
const STALL: Duration = Duration::from_secs(30);

#[derive(Default)]
struct Counting {
    delivered: AtomicU64,
    failed: AtomicU64,
}

impl Counting {
    fn arrived(&self) -> u64 {
        self.delivered.load(Ordering::Relaxed)
    }
}

impl ClientContext for Counting {}

impl ProducerContext<NoCustomPartitioner> for Counting {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_err() {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
        self.delivered.fetch_add(1, Ordering::Relaxed);
    }
}

/// Sends the lines of a file.
pub fn produce(
    bootstrap: &str,
    settings: &[(String, String)],
    input: &Path,
    topic: &str,
    records: u64,
) -> anyhow::Result<Figures> {
    let mut base = vec![("bootstrap.servers".to_owned(), bootstrap.to_owned())];
    base.extend_from_slice(settings);
    let settings = producer_settings(base, "bench-bare")?.settings;
    let mut meter = Meter::begin(std::process::id(), records)?;
    let producer: BaseProducer<Counting> = config(&settings).create_with_context(Counting::default())?;
    let mut lines = BufReader::with_capacity(BUFFER, File::open(input)?);
    let mut line = Vec::new();
    let mut sent = 0;
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        while sent - producer.context().arrived() >= WINDOW_RECORDS as u64 {
            producer.poll(Duration::from_millis(1));
        }
        let payload = &line[..line.len() - 1];
        producer.send(BaseRecord::<(), [u8]>::to(topic).payload(payload)).map_err(|(error, _)| error)?;
        sent += 1;
        if sent % LOOK == 0 {
            producer.poll(Duration::ZERO);
            meter.seen(producer.context().arrived());
        }
    }
    while producer.context().arrived() < sent {
        producer.poll(Duration::from_millis(1));
        meter.seen(producer.context().arrived());
    }
    let figures = meter.end()?;
    let failed = producer.context().failed.load(Ordering::Relaxed);
    anyhow::ensure!(sent == records && failed == 0, "the bare loop sent {sent} records, {failed} of them failed");
    Ok(figures)
}

/// Writes a topic's records to a file, a line each.
pub fn consume(bootstrap: &str, topic: &str, output: &Path, records: u64) -> anyhow::Result<Figures> {
    let group = format!("bare-{topic}");
    let settings = consumer_settings([("bootstrap.servers", bootstrap)], &group, "bench-bare")?.settings;
    let mut meter = Meter::begin(std::process::id(), records)?;
    let consumer: BaseConsumer = config(&settings).create()?;
    consumer.subscribe(&[topic])?;
    let mut file = BufWriter::with_capacity(BUFFER, File::create(output)?);
    let (mut count, mut since) = (0, Instant::now());
    while count < records {
        // Nothing is also the answer to events of the group.
        let Some(message) = consumer.poll(Duration::from_millis(100)) else {
            anyhow::ensure!(since.elapsed() < STALL, "the bare loop stands still at {count} of {records} records");
            continue;
        };
        let message = message?;
        file.write_all(message.payload().unwrap_or_default())?;
        file.write_all(b"\n")?;
        count += 1;
        meter.seen(count);
        if count % LOOK == 0 {
            since = Instant::now();
        }
    }
    file.flush()?;
    meter.end()
}

fn config(settings: &ClientSettings) -> ClientConfig {
    settings.effective().into_iter().collect()
}
