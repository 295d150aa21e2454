//! The file connectors under a rolling restart.

use watertight_cases::cluster::Ground;
use watertight_cases::{SOON, wait_for_lines};
use watertight_harness::cluster::SETTLED;
use watertight_harness::paced::PacedWriter;
use watertight_harness::worker::{file_sink, file_source};

/// Each worker is restarted in order, so often.
pub fn rolling(rounds: usize) -> anyhow::Result<()> {
    let Some(mut g) = Ground::start("bounce-files", 3, &[])? else { return Ok(()) };
    let (input, output) = (g.dir.join("input.txt"), g.dir.join("output.txt"));
    let writer = PacedWriter::start(&input, 0, 200)?;
    for config in [file_source("lines-source", &input, "lines"), file_sink("lines-sink", &output, "lines")] {
        g.create(&config, 1)?;
    }
    for round in 0..rounds {
        for step in 0..g.cluster.len() {
            let worker = (round + step) % g.cluster.len();
            let before = writer.written();
            g.cluster.worker(worker).stop()?;
            g.cluster.start(worker)?;
            for name in ["lines-source", "lines-sink"] {
                g.connect().wait_running(name, SETTLED)?;
            }
            wait_for_lines(&output, before, 4 * SOON)?;
        }
    }
    let (written, _) = writer.stop()?;
    let tally = wait_for_lines(&output, written, 4 * SOON)?;
    println!("{rounds} rounds: {tally}");
    anyhow::ensure!(tally.is_exact(), "{tally}");
    g.cluster.stop_all()
}
