//! `cargo xtask`: everything one does with this source tree, with no tool beyond cargo itself. It is the
//! first thing a newcomer compiles, so its dependencies are few and small.

mod args;
mod bench;
mod build;
mod cargo;
mod checks;
mod components;
mod peer;
mod progress;
mod run;
mod soak;
mod test;
mod wasm_target;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask COMMAND

  run [--example files|jdbc] [--rest-port PORT] [--broker-port PORT]
        builds what is needed, starts a broker and a worker with a file source and a file sink;
        jdbc: copies a table of one SQLite database to another
  build [--release]
        leaves the binaries in cargo's target folder and every plugin component in target/plugins
  test [--no-skips] [FILTER]
        sets everything up and runs all tests; FILTER: only stages or cases whose names contain it
  soak [NAME]
        the black-box cases with their full counts
  peer [fetch|start|record]
        genuine Apache Kafka and Connect: fetch from Maven Central, or fetch and start
  bench [--quick] [--records N] [--only start|idle|throughput|data|requests|cluster|boundary]
        [--profile release|quick] [--producer KEY=VALUE ...] [--own-defaults] [--connectors N]
        [--workers N] [--sources N] [--sinks N] [--genuine-sources N] [--genuine-sinks N] [--limit SECONDS]
        measures the release build beside the genuine worker; --quick: to try it, with 100,000 records;
        --producer: another setting of both producers; --own-defaults: each side's own instead;
        --workers to --limit: of clusters, 1000 sources and 100 sinks on three workers, 100 and 10 on genuine ones";

fn main() -> ExitCode {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let command = if words.is_empty() { String::new() } else { words.remove(0) };
    let result = match command.as_str() {
        "run" => run::main(words),
        "build" => build::main(words),
        "test" => test::main(words),
        "soak" => soak::main(words),
        "peer" => peer::main(words),
        "bench" => bench::main(words),
        "" | "help" | "--help" | "-h" => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        other => Err(anyhow::anyhow!("no command `{other}`\n{USAGE}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
