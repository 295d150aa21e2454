//! One cluster from its first connector to its end.

use super::PARTITIONS;
use super::crowd::Crowd;
use super::weight::{self, each};
use crate::options::{self, Size};
use crate::sides::{Ground, Side};
use crate::{machine, table};
use std::time::{Duration, Instant};

/// Between RUNNING and the measurement: who starts is still busy.
const CALM: Duration = Duration::from_secs(5);

/// Figures in the order in which they were made.
#[derive(Default)]
pub struct Round {
    figures: Vec<(&'static str, String)>,
    remarks: Vec<String>,
}

impl Round {
    fn note(&mut self, name: &'static str, figure: String) {
        eprintln!("{name}: {figure}");
        self.figures.push((name, figure));
    }

    /// How long it took, with the load; or that it did not come to its end, and why.
    fn note_time(&mut self, name: &'static str, begun: Instant, result: anyhow::Result<()>) {
        match result {
            Ok(()) => self.note(name, format!("{:.1} s (load {:.0})", begun.elapsed().as_secs_f64(), machine::load())),
            Err(error) => {
                self.note(name, format!("not in {:.0} s", begun.elapsed().as_secs_f64()));
                self.remarks.push(format!("{name}: {error:#}"));
            }
        }
    }

    /// What there are figures of.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.figures.iter().map(|(name, _)| *name)
    }

    /// For people; empty where there is none.
    pub fn figure(&self, name: &str) -> String {
        self.figures.iter().find(|(one, _)| *one == name).map_or_else(String::new, |(_, figure)| figure.clone())
    }

    /// What went otherwise than wanted.
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }
}

/// Starts a cluster, fills it, lets a worker join and leave, and ends it.
pub fn run(ground: &Ground, side: Side, size: Size, options: &options::Cluster) -> anyhow::Result<Round> {
    let mut round = Round::default();
    let until = || Instant::now() + options.limit;
    let begun = Instant::now();
    let mut crowd = Crowd::start(ground, side, size, options)?;
    round.note_time("all workers are members", begun, Ok(()));
    let at_first: Vec<usize> = (0..options.workers).collect();

    let begun = Instant::now();
    let (error, refused) = crowd.create(size, until());
    round.note_time("connectors are created", begun, error.map_or(Ok(()), Err));
    if refused > 0 {
        round.remarks.push(format!("{refused} requests were answered by 409 and sent again"));
    }
    round.note("connectors held", table::count(crowd.connectors() as f64));
    let balanced = crowd.wait_balanced(&at_first, until());
    round.note_time("RUNNING and balanced, from the first request", begun, balanced);

    std::thread::sleep(CALM);
    measure(&mut round, ground, &mut crowd, options.steady)?;

    let begun = Instant::now();
    let more = crowd.add()?;
    crowd.cluster().start(more)?;
    round.note_time("one more worker is ready and a member", begun, Ok(()));
    let all: Vec<usize> = (0..=more).collect();
    let balanced = crowd.wait_balanced(&all, until());
    round.note_time("balanced again, from its start", begun, balanced);

    let begun = Instant::now();
    crowd.cluster().worker(more).ask_to_stop();
    let balanced = crowd.wait_balanced(&at_first, until());
    round.note_time("it leaves (SIGTERM): balanced again", begun, balanced);
    crowd.cluster().worker(more).stop().unwrap_or_else(|error| round.remarks.push(format!("{error:#}")));

    if let Some(line) = crowd.exhausted() {
        round.remarks.push(line);
    }
    let begun = Instant::now();
    let ended = crowd.cluster().stop_all();
    round.note_time("all workers end (SIGTERM)", begun, ended);
    Ok(round)
}

fn measure(round: &mut Round, ground: &Ground, crowd: &mut Crowd, over: Duration) -> anyhow::Result<()> {
    let pids = crowd.pids()?;
    let topics = crowd.topics().to_vec();
    let records = || Ok((ground.topics.records_in(&topics, PARTITIONS)?, ground.broker_cpu()?));
    let (weights, before, after, took) = weight::of(&pids, over, records)?;
    round.note("records arriving per second", table::count((after.0 - before.0) as f64 / took));
    round.note("CPU seconds per second, each worker", each(&weights, |w| format!("{:.2}", w.cpu)));
    round.note("    of the broker", format!("{:.2}", after.1.saturating_sub(before.1).as_secs_f64() / took));
    round.note("threads", each(&weights, |w| w.threads.to_string()));
    round.note("RSS, MiB", each(&weights, |w| format!("{:.0}", w.rss)));
    round.note("PSS, MiB", each(&weights, |w| format!("{:.0}", w.pss)));
    round.note("load average meanwhile", format!("{:.1}", machine::load()));
    Ok(())
}
