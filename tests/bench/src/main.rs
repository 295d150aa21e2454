//! The benchmark behind `cargo xtask bench`, which builds this, the worker and the components, and then runs
//! this. It prints two tables: the worker beside the genuine one, and the boundary between worker and plugin
//! beside the same connector called natively.
//!
//! A program of its own and not part of xtask: it needs the sandbox and librdkafka, which xtask must not make
//! a newcomer compile first.

mod avro;
mod bare;
mod boundary;
mod cluster;
mod data;
mod idle;
mod jdbc;
mod machine;
mod options;
mod passes;
mod requests;
mod sides;
mod start;
mod table;
mod throughput;
mod topics;

use options::{Options, Part};
use std::process::ExitCode;

fn main() -> ExitCode {
    match Options::parse(std::env::args().skip(1)).and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> anyhow::Result<()> {
    println!("{}", machine::describe());
    if let Some(warning) = machine::warning() {
        println!("{warning}");
    }
    if [Part::Throughput, Part::Start, Part::Idle, Part::Data, Part::Requests, Part::Cluster, Part::Jdbc]
        .into_iter()
        .any(|part| options.wants(part))
    {
        worker_tables(options)?;
    }
    if options.wants(Part::Boundary) {
        boundary::run(options)?;
    }
    Ok(())
}

fn worker_tables(options: &Options) -> anyhow::Result<()> {
    let ground = sides::Ground::prepare()?;
    // The quiet measurements first: nothing else of ours runs but the broker.
    if options.wants(Part::Start) {
        start::run(&ground, options)?;
    }
    if options.wants(Part::Idle) {
        idle::run(&ground, options)?;
    }
    if options.wants(Part::Throughput) {
        throughput::run(&ground, options)?;
    }
    if options.wants(Part::Data) {
        data::run(&ground, options)?;
    }
    if options.wants(Part::Requests) {
        requests::run(&ground, options)?;
    }
    if options.wants(Part::Cluster) {
        cluster::run(&ground, options)?;
    }
    if options.wants(Part::Jdbc) {
        jdbc::run(&ground, options)?;
    }
    Ok(())
}
