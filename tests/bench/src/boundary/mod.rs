//! The second table: what a record costs on its way across the boundary, beside the same connector called
//! natively, and how long a task takes to start. In this process, with the worker's own sandbox.

mod guest;
mod native;
mod samples;
mod starts;

use crate::options::Options;
use crate::table::{Table, count, median, times};
use bench_connectors::Shape;
use std::time::{Duration, Instant};

const BATCHES: [usize; 3] = [1, 100, 1000];
const SHAPES: [(Shape, &str); 2] = [(Shape::Text, "100 B text"), (Shape::Row, "10-field row")];
/// Both kinds in turn; the median counts.
const ROUNDS: usize = 5;
/// Records between two looks at the clock.
const STRIDE: usize = 10_000;

/// Moves records in batches of a given size; `strides` of [`STRIDE`] records or so, and how long it took.
trait Mover {
    fn stride(&mut self, batch: usize) -> anyhow::Result<Duration>;
}

/// Measures and prints.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let sandbox = guest::Sandbox::open(&runtime)?;
    eprintln!("the boundary");
    let mut table = Table::new(
        "Across the boundary, ns per record (one thread; the source makes the records, the sink adds them up)",
        &["", "native", "sandboxed", "boundary", "ratio"],
    );
    for poll in [true, false] {
        for (shape, name) in SHAPES {
            for batch in BATCHES {
                let mut native: Box<dyn Mover> = match poll {
                    true => Box::new(native::Source::start(shape)?),
                    false => Box::new(native::Sink::start(shape)?),
                };
                let mut guest: Box<dyn Mover> = match poll {
                    true => Box::new(guest::Source::start(&sandbox, shape)?),
                    false => Box::new(guest::Sink::start(&sandbox, shape)?),
                };
                let (mut outside, mut inside) = (Vec::new(), Vec::new());
                for _ in 0..ROUNDS {
                    outside.push(round(native.as_mut(), batch, options.round)?);
                    inside.push(round(guest.as_mut(), batch, options.round)?);
                }
                let (outside, inside) = (median(outside), median(inside));
                let call = if poll { "poll" } else { "put" };
                table.row([
                    format!("{call}, {name}, batches of {batch}"),
                    count(outside),
                    count(inside),
                    count(inside - outside),
                    times(inside / outside),
                ]);
            }
        }
    }
    table.print();
    starts::run(&sandbox, options)
}

/// Nanoseconds per record.
fn round(mover: &mut dyn Mover, batch: usize, length: Duration) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let (mut records, mut time) = (0, Duration::ZERO);
    while begun.elapsed() < length {
        time += mover.stride(batch)?;
        records += calls(batch) * batch;
    }
    Ok(time.as_secs_f64() * 1e9 / records as f64)
}

/// Calls of a stride.
fn calls(batch: usize) -> usize {
    (STRIDE / batch).max(1)
}
