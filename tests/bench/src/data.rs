//! What conversion and reshaping cost: rows of ten fields through JsonConverter with schemas, through a chain of
//! three transforms, built in and as plugins, and through Avro. Both workers run the same connectors, ours as a
//! component, the genuine worker's as its Java twin (`tests/bench/java`).

use std::collections::BTreeMap;

use watertight_harness::apicurio::VERSION;
use watertight_harness::properties::Properties;

use crate::avro::Avro;
use crate::options::Options;
use crate::passes::{Figures, Subject};
use crate::sides::{Ground, Side};
use crate::table::{Table, count, times};

const PASSES: usize = 3;
const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";
const KAFKAS: &str = "org.apache.kafka.connect.transforms";
const PLUGINS: &str = "watertight.example";

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Job {
    WriteJson,
    ReadJson,
    BuiltIn,
    Plugins,
    WriteAvro,
    ReadAvro,
}

impl Job {
    const ALL: [Self; 6] =
        [Self::WriteJson, Self::ReadJson, Self::BuiltIn, Self::Plugins, Self::WriteAvro, Self::ReadAvro];

    fn name(self) -> &'static str {
        match self {
            Self::WriteJson => "source, JSON with schemas",
            Self::ReadJson => "sink, JSON with schemas",
            Self::BuiltIn => "the same sink behind three transforms",
            Self::Plugins => "the same, ours as Wasm plugins",
            Self::WriteAvro => "source, Avro",
            Self::ReadAvro => "sink, Avro",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::WriteJson => "write-json",
            Self::ReadJson => "read-json",
            Self::BuiltIn => "built-in",
            Self::Plugins => "plugins",
            Self::WriteAvro => "write-avro",
            Self::ReadAvro => "read-avro",
        }
    }

    fn is_avro(self) -> bool {
        matches!(self, Self::WriteAvro | Self::ReadAvro)
    }
}

/// Measures and prints.
pub fn run(ground: &Ground, options: &Options) -> anyhow::Result<()> {
    // What has to be fetched first may be missing: the rest is worth measuring all the same.
    let (avro, without) = match Avro::start(ground).and_then(|avro| ground.avro_plugins().map(|_| avro)) {
        Ok(avro) => (Some(avro), None),
        Err(error) => (None, Some(format!("{error:#}"))),
    };
    let mut subjects = Vec::new();
    for side in Side::BOTH {
        subjects.push(Subject::start_for_rows(ground, side, &options.producer, avro.is_some())?);
    }
    let format = |job: Job, side, config| match &avro {
        Some(avro) if job.is_avro() => avro.converter(side, config),
        _ => json(config),
    };
    let jobs = || Job::ALL.into_iter().filter(|job| avro.is_some() || !job.is_avro());
    // One topic of each format, the same for all sinks.
    for job in jobs() {
        let (Job::WriteJson | Job::WriteAvro) = job else { continue };
        let topic = topic(job);
        ground.topics.create(topic)?;
        if let Some(ours) = subjects.iter().find(|subject| subject.side == Side::Ours) {
            let config = format(job, Side::Ours, source(&format!("{topic}-filler"), topic, options.records));
            ours.rows_source(ground, &config, topic, options.records)?;
        }
    }
    let mut figures: BTreeMap<(Job, bool), Vec<Figures>> = BTreeMap::new();
    for pass in 0..PASSES {
        eprintln!("pass {} of {PASSES}, {} rows", pass + 1, options.records);
        for job in jobs() {
            for subject in &subjects {
                let name = format!("{}-{}-{pass}", subject.side.word(), job.word());
                let sink = || format(job, subject.side, sink(&name, topic(job)));
                let read = |config| subject.rows_sink(ground, &config, topic(job), options.records);
                let measured = match job {
                    Job::WriteJson | Job::WriteAvro => {
                        ground.topics.create(&name)?;
                        let config = format(job, subject.side, source(&name, &name, options.records));
                        subject.rows_source(ground, &config, &name, options.records)?
                    }
                    Job::ReadJson | Job::ReadAvro => read(sink())?,
                    Job::BuiltIn => read(chain(sink(), KAFKAS))?,
                    Job::Plugins => read(chain(sink(), if subject.side == Side::Ours { PLUGINS } else { KAFKAS }))?,
                };
                figures.entry((job, subject.side == Side::Ours)).or_default().push(measured);
            }
            // Who came first does not come first again.
            subjects.reverse();
        }
    }
    for subject in subjects {
        subject.stop()?;
    }
    if let Some(avro) = avro {
        avro.stop()?;
    }
    print(&figures, options, without.as_deref());
    Ok(())
}

/// What the sinks read.
fn topic(job: Job) -> &'static str {
    if job.is_avro() { "rows-avro" } else { "rows" }
}

fn json(config: Properties) -> Properties {
    config.with("value.converter", JSON).with("value.converter.schemas.enable", true)
}

fn source(name: &str, topic: &str, records: u64) -> Properties {
    Properties::new()
        .with("name", name)
        .with("connector.class", "watertight.bench.BenchSourceConnector")
        .with("tasks.max", 1)
        .with("shape", "row")
        .with("topic", topic)
        .with("records", records)
}

fn sink(name: &str, topic: &str) -> Properties {
    Properties::new()
        .with("name", name)
        .with("connector.class", "watertight.bench.BenchSinkConnector")
        .with("tasks.max", 1)
        .with("topics", topic)
}

/// A field in, a field out and one renamed, a field masked.
fn chain(config: Properties, package: &str) -> Properties {
    config
        .with("transforms", "in,out,mask")
        .with("transforms.in.type", format!("{package}.InsertField$Value"))
        .with("transforms.in.static.field", "origin")
        .with("transforms.in.static.value", "bench")
        .with("transforms.out.type", format!("{package}.ReplaceField$Value"))
        .with("transforms.out.exclude", "field2")
        .with("transforms.out.renames", "field3:third")
        .with("transforms.mask.type", format!("{package}.MaskField$Value"))
        .with("transforms.mask.fields", "field9")
}

fn print(figures: &BTreeMap<(Job, bool), Vec<Figures>>, options: &Options, without_avro: Option<&str>) {
    let avro = match without_avro {
        None => format!("Kafka Connect's by Apicurio's converter {VERSION}"),
        Some(reason) => format!("left out: {reason}"),
    };
    let title = format!(
        "Rows of ten fields: {} of them, one partition, genuine broker, 3rd pass\nproducers: {}\nAvro: {avro}",
        count(options.records as f64),
        options.producer_text(),
    );
    let mut table = Table::new(&title, &["", "Kafka Connect", "Watertight", "better"]);
    let last = |job, ours| figures.get(&(job, ours)).and_then(|passes: &Vec<Figures>| passes.last().copied());
    for job in Job::ALL {
        let (Some(theirs), Some(ours)) = (last(job, false), last(job, true)) else { continue };
        let cells = [count(theirs.rate), count(ours.rate), times(ours.rate / theirs.rate)];
        table.row([format!("{}, records/s", job.name())].into_iter().chain(cells));
        let cells = [format!("{:.2}", theirs.cpu), format!("{:.2}", ours.cpu), times(theirs.cpu / ours.cpu)];
        table.row([format!("{}, CPU s per million records", job.name())].into_iter().chain(cells));
    }
    for (job, name) in [(Job::BuiltIn, "the three transforms alone"), (Job::Plugins, "the same, ours as Wasm plugins")]
    {
        let alone = |ours| Some(last(job, ours)?.cpu - last(Job::ReadJson, ours)?.cpu);
        if let (Some(theirs), Some(ours)) = (alone(false), alone(true)) {
            let cells = [format!("{theirs:.2}"), format!("{ours:.2}"), times(theirs / ours)];
            table.row([format!("{name}, CPU s per million records")].into_iter().chain(cells));
        }
    }
    table.print();
}
