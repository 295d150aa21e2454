//! The REST interface, asked from outside: what stands here was asked of Apache Kafka Connect 4.3.1 first, and is asked
//! of both workers. A case that `differs` holds both answers and the reason, which DIFFERENCES.md has for its readers.
//!
//! Cases are tables, one a resource; each group of them shares one running worker. `WATERTIGHT_CASE=WORDS` asks only
//! those whose sentence holds the words, `WATERTIGHT_WORKER=genuine` asks the genuine worker everything.

mod acting;
mod blocking;
mod case;
mod config;
mod create;
mod files;
mod loggers;
mod names;
mod offsets;
mod plugins;
mod reading;
mod replay;
mod root;
mod run;
mod switches;
mod want;
mod words;

use run::Asked;
use watertight_cases::{Scene, genuine};
use watertight_harness::broker::Kind;
use watertight_harness::worker::Make;

/// A group on our worker, and on the genuine one.
macro_rules! group {
    ($ours:ident, $theirs:ident, $set_up:expr, $($table:path),+ $(,)?) => {
        #[test]
        fn $ours() -> anyhow::Result<()> {
            ask(Make::Ours, stringify!($ours), $set_up, vec![$($table()),+])
        }

        #[test]
        fn $theirs() -> anyhow::Result<()> {
            match genuine(stringify!($theirs))? {
                Some(peer) => ask(Make::Genuine(peer), stringify!($theirs), $set_up, vec![$($table()),+]),
                None => Ok(()),
            }
        }
    };
}

/// A worker as it comes, running.
fn start(make: Make, folder: &str) -> anyhow::Result<Scene> {
    Scene::on(Kind::Embedded, make, folder)?.start()
}

fn ask(
    make: Make,
    group: &str,
    set_up: impl FnOnce(Scene) -> anyhow::Result<Asked>,
    tables: Vec<Vec<case::Case>>,
) -> anyhow::Result<()> {
    let mut scene = Scene::on(Kind::Embedded, make, &format!("conformance-{group}"))?;
    // A hundred idle consumers that ask every 20 ms would keep the machine busy.
    scene = scene.with("consumer.fetch.max.wait.ms", 500);
    if scene.worker.is_ours() {
        scene.worker = scene.worker.with_test_guests();
    }
    let mut asked = set_up(scene)?;
    asked.scene.worker.start()?;
    let prefix: String = group.split('_').filter_map(|word| word.chars().next()).collect();
    run::run(&asked, &prefix, tables.into_iter().flatten().collect())
}

/// A worker as it comes.
fn plain(scene: Scene) -> anyhow::Result<Asked> {
    Ok(Asked::of(scene))
}

group!(creating, creating_on_the_genuine_worker, plain, create::cases, names::cases, root::cases);
group!(reading_and_configuring, reading_and_configuring_on_the_genuine_worker, plain, reading::cases, config::cases);
group!(acting, acting_on_the_genuine_worker, plain, acting::cases, offsets::cases);
group!(
    files_plugins_and_loggers,
    files_plugins_and_loggers_of_the_genuine_worker,
    files::forms,
    loggers::cases,
    plugins::cases,
    files::cases,
);
group!(guarded, guarded_by_the_genuine_worker, switches::guarded, switches::guarded_cases);
group!(spread, spread_by_the_genuine_worker, switches::spread, switches::spread_cases);
group!(blocked, blocked_on_the_genuine_worker, blocking::hostile, blocking::cases);
group!(starting, starting_a_genuine_worker, blocking::starting, blocking::starting_cases);
