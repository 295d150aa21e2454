//! File source and file sink: three passes in the same processes, genuine worker, ours and the bare loop in
//! turn. A new connector, topic and file each; the sinks of a pass read the same topic.

use crate::bare;
use crate::options::Options;
use crate::passes::{Figures, Subject, compare};
use crate::sides::{Ground, Side};
use crate::table::{Table, count, percent, times};
use std::path::Path;
use watertight_harness::lines;

const PASSES: usize = 3;
const NAMES: [&str; PASSES] = ["cold", "2nd pass", "3rd pass"];

/// Of one direction: a pass each.
#[derive(Default)]
struct Column {
    genuine: Vec<Figures>,
    ours: Vec<Figures>,
    bare: Vec<Figures>,
}

impl Column {
    fn of(&mut self, side: Side) -> &mut Vec<Figures> {
        match side {
            Side::Genuine => &mut self.genuine,
            Side::Ours => &mut self.ours,
        }
    }
}

/// Measures and prints.
pub fn run(ground: &Ground, options: &Options) -> anyhow::Result<()> {
    let input = ground.dir.join("input");
    lines::append(&input, 0, options.records)?;
    let mut subjects = Vec::new();
    for side in Side::BOTH {
        subjects.push(Subject::start(ground, side, &options.producer)?);
    }
    let (mut source, mut sink) = (Column::default(), Column::default());
    for (pass, name) in NAMES.iter().enumerate() {
        eprintln!("{name} of {} records: sources", options.records);
        for subject in &subjects {
            source.of(subject.side).push(subject.source(ground, &input, options.records, pass)?);
        }
        let topic = format!("bare-{pass}");
        ground.topics.create(&topic)?;
        source.bare.push(bare::produce(&ground.bootstrap(), &options.producer, &input, &topic, options.records)?);
        eprintln!("{name} of {} records: sinks", options.records);
        for subject in &subjects {
            sink.of(subject.side).push(subject.sink(ground, &topic, &input, options.records, pass)?);
        }
        sink.bare.push(bare_sink(ground, &topic, &input, options.records)?);
        // Who came first does not come first again.
        subjects.reverse();
    }
    let mut peaks = [0.0; 2];
    for subject in subjects {
        peaks[usize::from(subject.side == Side::Ours)] = subject.peak()?;
        subject.stop()?;
    }
    print(&source, &sink, peaks, options);
    Ok(())
}

fn bare_sink(ground: &Ground, topic: &str, input: &Path, records: u64) -> anyhow::Result<Figures> {
    let output = ground.dir.join(topic);
    let figures = bare::consume(&ground.bootstrap(), topic, &output, records)?;
    compare(input, &output)?;
    std::fs::remove_file(output)?;
    Ok(figures)
}

fn print(source: &Column, sink: &Column, peaks: [f64; 2], options: &Options) {
    let title = format!(
        "File source and file sink: {} lines of {} bytes, one partition, StringConverter, genuine broker\n\
         producers: {}; consumers and commits: Kafka's defaults; the ratio that counts is that of the 3rd pass",
        count(options.records as f64),
        lines::WIDTH,
        options.producer_text(),
    );
    let mut table = Table::new(&title, &["", "Kafka Connect", "Watertight", "better"]);
    for (name, column) in [("source", source), ("sink", sink)] {
        for (i, pass) in NAMES.iter().enumerate() {
            let (theirs, ours) = (column.genuine[i], column.ours[i]);
            let cells = [count(theirs.rate), count(ours.rate), times(ours.rate / theirs.rate)];
            table.row([format!("{name}, records/s, {pass}")].into_iter().chain(cells));
        }
        for (i, pass) in NAMES.iter().enumerate() {
            let (theirs, ours) = (column.genuine[i], column.ours[i]);
            let cells = [seconds(theirs.cpu), seconds(ours.cpu), times(theirs.cpu / ours.cpu)];
            table.row([format!("{name}, CPU s per million records, {pass}")].into_iter().chain(cells));
        }
        let (theirs, ours) = (column.genuine[PASSES - 1], column.ours[PASSES - 1]);
        let cells = [seconds(theirs.first), seconds(ours.first), times(theirs.first / ours.first)];
        table.row([format!("{name}, s from request to first record, 3rd pass")].into_iter().chain(cells));
    }
    let [theirs, ours] = peaks;
    table.row(["peak RSS, MiB".to_owned(), format!("{theirs:.1}"), format!("{ours:.1}"), times(theirs / ours)]);
    table.print();

    let title = "The ceiling: a bare rdkafka loop with the same settings, 3rd pass";
    let mut table = Table::new(title, &["", "bare loop", "Watertight", "of the ceiling"]);
    for (name, column) in [("source", source), ("sink", sink)] {
        let (bare, ours) = (column.bare[PASSES - 1], column.ours[PASSES - 1]);
        let rates = [count(bare.rate), count(ours.rate), percent(ours.rate / bare.rate)];
        table.row([format!("{name}, records/s")].into_iter().chain(rates));
        let costs = [seconds(bare.cpu), seconds(ours.cpu), percent(bare.cpu / ours.cpu)];
        table.row([format!("{name}, CPU s per million records")].into_iter().chain(costs));
    }
    table.print();
}

fn seconds(value: f64) -> String {
    format!("{value:.2}")
}
