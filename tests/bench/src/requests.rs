//! How long REST requests take on a worker with many connectors: sources and sinks, each with one RUNNING task that has
//! nothing to do.
//!
//! Both workers stand beside each other, hold the same connectors, and are asked in turn over one kept connection each:
//! a few requests here, as many there. What is printed is the third pass. The heap of the genuine worker is what its
//! start script gives it; if it cannot hold all of the connectors, that is said, and it is measured with those it holds.

mod crowd;
mod latencies;
mod questions;

use crate::options::Options;
use crate::sides::{Ground, Side};
use crate::table::{Table, count, times};
use crowd::Crowd;
use latencies::Latencies;
use questions::{Ask, QUESTIONS};

const PASSES: usize = 3;
/// Requests of one kind in a row, before the other worker's turn.
const ROW: usize = 20;

/// Deleted and measured, at the end.
const DELETED: usize = 60;

/// Of both sides.
#[derive(Default)]
struct Pair {
    genuine: Latencies,
    ours: Latencies,
}

impl Pair {
    fn of(&mut self, side: Side) -> &mut Latencies {
        match side {
            Side::Genuine => &mut self.genuine,
            Side::Ours => &mut self.ours,
        }
    }
}

/// Measures and prints.
pub fn run(ground: &Ground, options: &Options) -> anyhow::Result<()> {
    ground.topics.create(crowd::TOPIC)?;
    let mut crowds = Vec::new();
    for side in Side::BOTH {
        crowds.push(Crowd::start(ground, side)?);
    }
    // A small crowd first: creating and deleting are to be measured warm as well.
    let (mut create, mut delete) = (Pair::default(), Pair::default());
    fill(&mut crowds, options.connectors / 10, &mut create)?;
    empty(&mut crowds, &mut delete)?;
    (create, delete) = (Pair::default(), Pair::default());
    fill(&mut crowds, options.connectors, &mut create)?;

    let mut held = Vec::new();
    for crowd in &mut crowds {
        let running = crowd.wait_running()?;
        held.push(format!(
            "{} {} connectors and tasks RUNNING, {}",
            crowd.name(),
            count(running as f64),
            crowd.weight()?
        ));
    }
    let mut answers = Vec::new();
    for question in QUESTIONS {
        let mut pair = Pair::default();
        for pass in 0..PASSES {
            eprintln!("{}, pass {}", question.name, pass + 1);
            pair = Pair::default();
            let rows = question.requests(options.connectors).div_ceil(ROW);
            for row in 0..rows {
                for crowd in &mut crowds {
                    let times = pair.of(crowd.side);
                    for number in row * ROW..(row + 1) * ROW {
                        times.push(crowd.ask(question, number)?);
                    }
                }
                crowds.reverse();
            }
        }
        answers.push((question, pair));
    }
    // The genuine worker takes half a second for each: a few are enough.
    eprintln!("{} connectors are deleted", DELETED.min(2 * options.connectors));
    for _ in 0..DELETED.div_ceil(ROW) {
        for crowd in &mut crowds {
            crowd.delete(ROW, delete.of(crowd.side))?;
        }
        crowds.reverse();
    }

    for line in held {
        println!("\n{line}");
    }
    let title = format!("REST with {} sources and as many sinks, milliseconds, warm", options.connectors);
    let columns = ["", "Kafka Connect p50", "p99", "Watertight p50", "p99", "p50", "p99"];
    let mut table = Table::new(&title, &columns);
    let mut row = |name: &str, pair: &Pair| {
        let ms = |time: f64| format!("{:.2}", time * 1e3);
        let (theirs, ours) = (&pair.genuine, &pair.ours);
        let ratio = |q: f64| times(theirs.quantile(q) / ours.quantile(q));
        let figures = [theirs, ours].into_iter().flat_map(|side| [ms(side.quantile(0.5)), ms(side.quantile(0.99))]);
        table.row([name.to_owned()].into_iter().chain(figures).chain([ratio(0.5), ratio(0.99)]));
    };
    row("POST /connectors", &create);
    for (question, pair) in &answers {
        row(question.name, pair);
    }
    row("DELETE /connectors/{c}", &delete);
    table.print();
    for crowd in crowds {
        // With hundreds of tasks the genuine worker does not end in time.
        if let Err(error) = crowd.stop() {
            eprintln!("{error:#}");
        }
    }
    Ok(())
}

/// `each` sources and as many sinks, the workers in turn.
fn fill(crowds: &mut [Crowd], each: usize, times: &mut Pair) -> anyhow::Result<()> {
    eprintln!("{each} sources and {each} sinks on each worker");
    let mut done = 0;
    while done < each {
        let until = each.min(done + ROW / 2);
        for crowd in &mut *crowds {
            crowd.create(done..until, times.of(crowd.side))?;
        }
        crowds.reverse();
        done = until;
    }
    Ok(())
}

/// Deletes them all, the workers in turn.
fn empty(crowds: &mut [Crowd], times: &mut Pair) -> anyhow::Result<()> {
    eprintln!("all connectors are deleted");
    while crowds.iter().any(|crowd| !crowd.is_empty()) {
        for crowd in &mut *crowds {
            crowd.delete(ROW, times.of(crowd.side))?;
        }
        crowds.reverse();
    }
    Ok(())
}

/// Which worker's turn it is does not matter to a question.
impl Crowd {
    fn ask(&mut self, question: &Ask, number: usize) -> anyhow::Result<std::time::Duration> {
        let (name, config) = self.member(number);
        self.request(question.method, &(question.path)(&name), (question.body)(&config).as_deref(), question.status)
    }
}
