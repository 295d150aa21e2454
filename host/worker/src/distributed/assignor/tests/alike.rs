//! Kafka 4.3.1's own assignor went through a few hundred steps at random (`Alike.java`); ours comes to the same, worker by
//! worker.

use super::*;

const RECORDED: &str = include_str!("alike.txt");

#[test]
fn the_genuine_assignor_comes_to_the_same() {
    let mut compared = 0;
    let mut cluster = Cluster::new(0);
    for (number, line) in RECORDED.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        let (words, expected) = line.split_once(" = ").unwrap_or((line, ""));
        let words: Vec<&str> = words.split(' ').collect();
        match words[..] {
            ["delay", delay] => {
                cluster = Cluster::waiting(0, Duration::from_millis(delay.parse().unwrap()));
                cluster.leave("w1");
            }
            ["join", name] => cluster.join(name),
            ["leave", name] => drop(cluster.leave(name)),
            ["connector", name, tasks] => drop(cluster.connectors.insert(name.to_owned(), tasks.parse().unwrap())),
            ["delete", name] => drop(cluster.connectors.remove(name)),
            ["sleep", time] => cluster.sleep(Duration::from_millis(time.parse().unwrap())),
            ["fresh"] => cluster.change_leader(),
            ["twice", to, from, tasks] => {
                let Work { connectors, tasks: all } = cluster.members[from].clone();
                let tasks = if tasks == "1" { all } else { BTreeSet::new() };
                cluster.members.get_mut(to).unwrap().add(Work { connectors, tasks });
            }
            ["rebalance"] => cluster.rebalance(),
            ["vain"] => cluster.rebalance_in_vain(),
            ["behind"] => cluster.rebalance_after(cluster.generation - 1),
            _ => panic!("{line}"),
        }
        if !expected.is_empty() {
            let (delay, members) = expected.split_once(' ').unwrap_or((expected, ""));
            // Kafka's longest pause falls short of the longest delay by a millisecond: it comes from a logarithm.
            let delay = Duration::from_millis(delay.parse().unwrap()).abs_diff(cluster.last.delay);
            assert!(delay <= Duration::from_millis(1), "line {}: off by {delay:?}", number + 1);
            assert_eq!(shown(&cluster), members, "line {}", number + 1);
            compared += 1;
        }
    }
    assert!(compared > 500, "{compared}");
}

/// For each member how many connectors and tasks it runs, and a sum that tells which.
fn shown(cluster: &Cluster) -> String {
    let number = |name: &str| -> u32 { name[1..].parse().unwrap() };
    let member = |(name, work): (&String, &Work)| {
        let connectors: u32 = work.connectors.iter().map(|connector| number(connector) * 1000).sum();
        let tasks: u32 = work.tasks.iter().map(|task| number(&task.connector) * 16 + task.task).sum();
        format!("{name}:{},{},{}", work.connectors.len(), work.tasks.len(), connectors + tasks)
    };
    cluster.members.iter().map(member).collect::<Vec<_>>().join(" ")
}
