//! From the decision to start a task to the answer of its first poll: an instance is made, its functions are
//! looked up, `start` and `poll` are called. The code is compiled and loaded already, as it is in a worker.

use super::guest::{SOURCE, Sandbox, config};
use crate::options::Options;
use crate::table::{Table, median, times};
use bench_connectors::Shape;
use bench_connectors::source::BenchSourceTask;
use std::hint::black_box;
use std::time::Instant;
use watertight_sdk::{Config, PollLimits, SourceTask as _};

const STARTS: usize = 500;

/// Measures and prints.
pub fn run(sandbox: &Sandbox<'_>, _options: &Options) -> anyhow::Result<()> {
    let mut native = Vec::new();
    let mut guest = Vec::new();
    for _ in 0..STARTS {
        let begun = Instant::now();
        native_start()?;
        native.push(begun.elapsed().as_secs_f64() * 1e6);
        let begun = Instant::now();
        let (task, taken) = guest_start(sandbox, begun)?;
        guest.push(taken);
        drop(task);
    }
    let worst = quantile(guest.clone(), 0.99);
    let (outside, inside) = (median(native), median(guest));
    let title = format!("Start of a task, from the decision to the answer of the first poll, {STARTS} starts");
    let mut table = Table::new(&title, &["us", "native", "sandboxed", "ratio"]);
    table.row(["median".to_owned(), format!("{outside:.1}"), format!("{inside:.1}"), times(inside / outside)]);
    table.row(["99 of 100 are below".to_owned(), String::new(), format!("{worst:.1}")]);
    table.print();

    let loading = &sandbox.loading;
    let mut table =
        Table::new("Code of file-stream.wasm, once per worker", &["ms", "compiled", "from the cache", "sooner"]);
    table.row([
        "until its classes are known".to_owned(),
        format!("{:.1}", loading.compile * 1e3),
        format!("{:.1}", loading.cached * 1e3),
        times(loading.compile / loading.cached),
    ]);
    table.print();
    Ok(())
}

fn native_start() -> anyhow::Result<()> {
    let mut task = BenchSourceTask::default();
    let config = Config::from_iter([("shape", Shape::Text.word())]);
    task.start(&config).map_err(|failure| anyhow::anyhow!("{}", failure.message))?;
    let limits = PollLimits { max_records: 1, max_bytes: 16 << 20, max_ms: 1000 };
    black_box(task.poll(&limits).map_err(|failure| anyhow::anyhow!("{}", failure.message))?);
    Ok(())
}

/// The task itself is handed back so that its end is not part of its start.
fn guest_start(sandbox: &Sandbox<'_>, begun: Instant) -> anyhow::Result<(impl Sized, f64)> {
    sandbox.runtime.block_on(async {
        let mut task = sandbox.plugin.source_task(sandbox.setup()?).await?;
        task.start(SOURCE, &config(Shape::Text)).await?;
        black_box(task.poll(1, 16 << 20, 1000).await?);
        Ok((task, begun.elapsed().as_secs_f64() * 1e6))
    })
}

fn quantile(mut values: Vec<f64>, at: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let index = (values.len() as f64 * at) as usize;
    values.get(index).copied().unwrap_or(f64::NAN)
}
