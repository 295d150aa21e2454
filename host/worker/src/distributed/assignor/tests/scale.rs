//! Large clusters. `large_clusters` prints how long an assignment takes and how even it is, and takes a minute:
//!
//! ```text
//! cargo test -p watertight-worker --lib large_clusters -- --ignored --nocapture
//! ```

use super::*;

/// How long each step of a cluster's life took its leader.
struct Times(Vec<(&'static str, Duration)>);

/// A cluster is filled, gets a worker more, loses one, and has a connector in ten deleted.
fn live(workers: usize, tasks: usize) -> (Cluster, Times) {
    let connectors = tasks / 4;
    let mut cluster = Cluster::new(0);
    cluster.leave("w1");
    cluster.connectors = (0..connectors).map(|number| (format!("connector-{number:06}"), 4)).collect();
    (0..workers).for_each(|number| cluster.join(&format!("worker-{number:04}")));
    let mut times = Times(Vec::new());
    timed(&mut cluster, &mut times, "fill");
    cluster.expect_complete_and_balanced();
    timed(&mut cluster, &mut times, "nothing new");
    cluster.expect_nothing_new();
    cluster.join("worker-new");
    timed(&mut cluster, &mut times, "one joins: revoke");
    timed(&mut cluster, &mut times, "one joins: assign");
    cluster.expect_complete_and_balanced();
    cluster.leave("worker-0000");
    timed(&mut cluster, &mut times, "one leaves: wait");
    cluster.sleep(MAX_DELAY);
    timed(&mut cluster, &mut times, "one leaves: assign");
    cluster.expect_complete_and_balanced();
    cluster.connectors = std::mem::take(&mut cluster.connectors)
        .into_iter()
        .enumerate()
        .filter(|(number, _)| number % 10 != 0)
        .map(|(_, connector)| connector)
        .collect();
    timed(&mut cluster, &mut times, "a tenth deleted");
    for _ in 0..3 {
        cluster.sleep(cluster.last.delay);
        timed(&mut cluster, &mut times, "evened out");
    }
    cluster.expect_complete_and_balanced();
    (cluster, times)
}

fn timed(cluster: &mut Cluster, times: &mut Times, step: &'static str) {
    let configured = cluster.configured();
    let mut assignor = cluster.assignor.clone();
    let generations = Generations { last_completed: cluster.generation, current: cluster.generation + 1 };
    let begun = Instant::now();
    std::hint::black_box(assignor.assign(&configured, &cluster.members, generations, cluster.now));
    times.0.push((step, begun.elapsed()));
    cluster.rebalance();
}

#[test]
fn a_hundred_workers_are_balanced() {
    let (cluster, _) = live(100, 4_000);
    cluster.expect_complete_and_balanced();
}

#[test]
fn large_clusters_are_balanced_and_their_times_are_printed() {
    for (workers, tasks) in [(100, 10_000), (100, 30_000), (100, 100_000), (10, 100_000), (1_000, 100_000)] {
        let (cluster, times) = live(workers, tasks);
        cluster.expect_complete_and_balanced();
        let (connectors, counts) = cluster.counts();
        println!("{workers} workers, {} connectors, {tasks} tasks", tasks / 4);
        for (step, time) in times.0 {
            println!("  {step:<20} {:>8.1} ms", time.as_secs_f64() * 1e3);
        }
        println!(
            "  in the end {}..{} connectors and {}..{} tasks on a worker",
            connectors.first().unwrap(),
            connectors.last().unwrap(),
            counts.first().unwrap(),
            counts.last().unwrap()
        );
        let group = Group {
            members: cluster.members.keys().map(|id| (id.clone(), Default::default())).collect(),
            strangers: BTreeMap::new(),
        };
        let leader = Leader { id: "leader".to_owned(), url: "http://127.0.0.1:8083/".to_owned(), version: 2 };
        let shares = cluster.members.iter();
        let all = Distribution {
            shares: shares
                .map(|(id, work)| (id.clone(), Share { assigned: work.clone(), ..Share::default() }))
                .collect(),
            delay: Duration::ZERO,
        };
        let begun = Instant::now();
        let messages = group.tell(&leader, 1, &all).unwrap();
        let bytes: usize = messages.iter().map(|(_, bytes)| bytes.len()).sum();
        println!("  all of it in bytes   {:>8.1} ms, {} kB", begun.elapsed().as_secs_f64() * 1e3, bytes / 1000);
    }
}
