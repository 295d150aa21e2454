//! Whatever happens to a cluster: what must hold in each rebalance holds ([`Cluster::check`]), and when nothing happens
//! any more it comes to rest, with everything running once and evenly.

use super::*;

/// Numbers that only look like chance: a failure comes back.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    fn pick<'a, T>(&mut self, items: impl Iterator<Item = &'a T>) -> Option<&'a T> {
        let items: Vec<&T> = items.collect();
        let at = self.roll(items.len().max(1) as u64);
        items.get(at as usize).copied()
    }
}

fn something_happens(cluster: &mut Cluster, dice: &mut Dice, number: u64) {
    match dice.roll(12) {
        0 | 1 if cluster.members.len() < 9 => cluster.join(&format!("n{number}")),
        2 | 3 if cluster.members.len() > 1 => {
            let name = dice.pick(cluster.members.keys()).unwrap().clone();
            cluster.leave(&name);
        }
        4 => drop(cluster.connectors.insert(format!("c{number}"), dice.roll(12) as u32)),
        5 => {
            let name = dice.pick(cluster.connectors.keys()).cloned();
            let tasks = dice.roll(12) as u32;
            name.map(|name| cluster.connectors.insert(name, tasks));
        }
        6 => {
            let name = dice.pick(cluster.connectors.keys()).cloned();
            name.map(|name| cluster.connectors.remove(&name));
        }
        7 => cluster.change_leader(),
        8 => cluster.rebalance_in_vain(),
        9 => cluster.rebalance_after(cluster.generation - 1),
        10 => {
            // Somebody did not hear that it has been thrown out, and somebody else has its work.
            let from = dice.pick(cluster.members.values()).cloned();
            let to = dice.pick(cluster.members.keys()).cloned();
            if let (Some(work), Some(name)) = (from, to) {
                cluster.members.get_mut(&name).unwrap().add(work);
            }
        }
        _ => cluster.sleep(cluster.max_delay.mul_f64(dice.roll(5) as f64 / 4.0)),
    }
}

#[test]
fn a_cluster_comes_to_rest_balanced_and_complete() {
    let mut longest = 0;
    for seed in 1..=400_u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let delays = [0, 1, 1_000, 300_000];
        let delay = delays[dice.roll(4) as usize];
        let mut cluster = Cluster::waiting(dice.roll(4) as usize, Duration::from_millis(delay));
        for number in 0..dice.roll(40) {
            something_happens(&mut cluster, &mut dice, number);
            if dice.roll(3) > 0 {
                cluster.rebalance();
            }
        }
        let mut rounds = 0;
        loop {
            cluster.sleep(cluster.last.delay);
            cluster.rebalance();
            rounds += 1;
            let is_quiet =
                cluster.last.shares.values().all(|share| share.assigned.is_empty() && share.revoked.is_empty());
            if is_quiet && cluster.last.delay.is_zero() {
                break;
            }
            assert!(rounds < 20, "seed {seed}: {:?}", cluster.counts());
        }
        longest = longest.max(rounds);
        cluster.expect_complete_and_balanced();
    }
    assert!(longest > 3, "nothing ever happened: {longest}");
}

#[test]
fn what_need_not_move_does_not_move() {
    for seed in 1..=100_u64 {
        let mut dice = Dice(seed);
        let mut cluster = Cluster::new(1 + dice.roll(6) as usize);
        (0..dice.roll(6)).for_each(|number| cluster.join(&format!("n{number}")));
        cluster.rebalance();
        let before = cluster.members.clone();
        cluster.join("newcomer");
        cluster.rebalance();
        cluster.rebalance();
        let (_, counts) = cluster.counts();
        let moved: usize =
            before.iter().map(|(name, work)| work.tasks.difference(&cluster.members[name].tasks).count()).sum();
        assert_eq!(moved, cluster.members["newcomer"].tasks.len(), "seed {seed}: {counts:?}");
        cluster.expect_complete_and_balanced();
    }
}
