//! Tables of small cases that share a worker, so that a hundred of them do not start a hundred workers.
//!
//! `WATERTIGHT_CASE` picks the cases whose sentence holds its words.

use watertight_harness::broker::Kind;
use watertight_harness::worker::Make;

use crate::{Scene, genuine, is_wanted};

/// A sentence that is true when the function returns.
pub type Case<G> = (&'static str, fn(&G) -> anyhow::Result<()>);

/// What the cases of a table stand on.
pub trait Ground: Sized {
    /// Starts the worker.
    fn start(scene: Scene) -> anyhow::Result<Self>;

    /// Before each case: a name that no other case has.
    fn enter(&mut self, name: String) -> anyhow::Result<()>;

    /// After each case: the worker is as it was before.
    fn clear(&self) -> anyhow::Result<()>;
}

/// Our worker on the embedded broker, the genuine one on its own, as [`is_wanted`] says.
pub fn on_both<G: Ground>(group: &str, cases: &[Case<G>]) -> anyhow::Result<()> {
    if is_wanted("ours") {
        run(Kind::Embedded, Make::Ours, group, cases)?;
    }
    if !is_wanted("genuine") {
        return Ok(());
    }
    match genuine(group)? {
        Some(peer) => run(Kind::Genuine(peer.clone()), Make::Genuine(peer), &format!("{group}-theirs"), cases),
        None => Ok(()),
    }
}

/// Our worker on the genuine broker.
pub fn on_genuine_broker<G: Ground>(group: &str, cases: &[Case<G>]) -> anyhow::Result<()> {
    match genuine(group)? {
        Some(peer) => run(Kind::Genuine(peer), Make::Ours, group, cases),
        None => Ok(()),
    }
}

/// A worker that is the only one of its cluster, on the genuine broker: ours, or the genuine one as [`is_wanted`] says.
pub fn in_a_cluster<G: Ground>(group: &str, cases: &[Case<G>]) -> anyhow::Result<()> {
    match genuine(group)? {
        Some(peer) => run_in(Scene::distributed(peer, Make::Ours, group)?, group, cases),
        None => Ok(()),
    }
}

fn run<G: Ground>(kind: Kind, make: Make, group: &str, cases: &[Case<G>]) -> anyhow::Result<()> {
    run_in(Scene::on(kind, make, group)?, group, cases)
}

fn run_in<G: Ground>(scene: Scene, group: &str, cases: &[Case<G>]) -> anyhow::Result<()> {
    let wanted = std::env::var("WATERTIGHT_CASE").unwrap_or_default();
    let mut ground = G::start(scene)?;
    let mut wrong = Vec::new();
    for (number, (sentence, case)) in cases.iter().enumerate().filter(|(_, (sentence, _))| sentence.contains(&wanted)) {
        ground.enter(format!("c{number}"))?;
        let result = case(&ground);
        println!("{group}: {}: {sentence}", if result.is_ok() { "ok" } else { "WRONG" });
        if let Err(error) = result {
            wrong.push(format!("{sentence}: {error:#}"));
        }
        ground.clear()?;
    }
    anyhow::ensure!(wrong.is_empty(), "{group}: {} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    Ok(())
}
