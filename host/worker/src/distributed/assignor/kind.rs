//! Connectors and tasks are shared out by the same rules, each for itself: this is one of the two, for one rebalance.
//!
//! A cluster may have a hundred thousand tasks, so everything is kept sorted, told apart in one pass, and never copied
//! before it is known who gets what.

use std::collections::BTreeSet;

/// What one member runs, and what is to become of it.
pub(super) struct Load<'a, T> {
    /// Goes on.
    pub(super) kept: Vec<&'a T>,
    /// Must stop.
    pub(super) revoked: Vec<&'a T>,
    /// Is to start.
    pub(super) assigned: Vec<&'a T>,
}

impl<T> Load<'_, T> {
    pub(super) fn len(&self) -> usize {
        self.kept.len() + self.assigned.len()
    }
}

/// All connectors, or all tasks, in one rebalance.
pub(super) struct Kind<'a, T> {
    /// How many there are to be.
    configured: usize,
    /// Assigned before, run by nobody now.
    pub(super) lost: Vec<&'a T>,
    /// New.
    pub(super) created: Vec<&'a T>,
    /// By member, in the order of their ids.
    pub(super) loads: Vec<Load<'a, T>>,
}

/// All that members say they run, with what several of them run as often as that; sorted.
pub(super) fn active<'a, T: Ord>(members: &[&'a BTreeSet<T>]) -> Vec<&'a T> {
    let mut active: Vec<&T> = members.iter().flat_map(|member| member.iter()).collect();
    active.sort_unstable();
    active
}

impl<'a, T: Ord> Kind<'a, T> {
    /// Tells apart what is new, what is lost, what is deleted and what is run twice. The last two must stop, wherever
    /// they run: of a connector that runs twice nobody knows which of them is in order.
    pub(super) fn new(
        configured: &'a BTreeSet<T>,
        previous: &[&'a T],
        active: &[&'a T],
        members: &[&'a BTreeSet<T>],
    ) -> Self {
        let wanted: Vec<&T> = configured.iter().collect();
        let lost = minus(&minus(previous, active), &minus(previous, &wanted));
        let created = minus(&minus(&wanted, previous), active);
        let mut unwanted = minus(active, &wanted);
        unwanted.extend(active.windows(2).filter_map(|pair| match pair {
            [one, other] if one == other => Some(*one),
            _ => None,
        }));
        unwanted.sort_unstable();
        let loads = members.iter().map(|member| {
            let (revoked, kept) = member.iter().partition(|item| unwanted.binary_search(item).is_ok());
            Load { kept, revoked, assigned: Vec::new() }
        });
        Self { configured: wanted.len(), lost, created, loads: loads.collect() }
    }

    /// How much each member has beyond its fair part; none where nobody has.
    pub(super) fn excess(&self) -> Option<Vec<usize>> {
        let members = self.loads.len().max(1);
        let (least, mut extras) = (self.configured / members, self.configured % members);
        let with = |count: usize| self.loads.iter().filter(|load| load.len() == count).count();
        if with(least + 1) == extras && with(least) + extras == members {
            return None;
        }
        let excess: Vec<usize> = self
            .loads
            .iter()
            .map(|load| {
                let over = load.len().saturating_sub(least);
                if over > 0 && extras > 0 {
                    extras -= 1;
                    over - 1
                } else {
                    over
                }
            })
            .collect();
        excess.iter().any(|count| *count > 0).then_some(excess)
    }

    /// Makes each member stop that much of what it runs.
    pub(super) fn revoke(&mut self, excess: &[usize]) {
        for (load, count) in self.loads.iter_mut().zip(excess) {
            let count = (*count).min(load.kept.len());
            load.revoked.extend(load.kept.drain(..count));
        }
    }

    /// Takes back what members were only just given beyond their fair part. Nobody runs it yet: others can have it at
    /// once.
    fn take_back(&mut self) -> Vec<&'a T> {
        let excess = self.excess().unwrap_or_default();
        let mut back = Vec::new();
        for (load, count) in self.loads.iter_mut().zip(excess) {
            let rest = load.assigned.len().saturating_sub(count);
            back.extend(load.assigned.drain(rest..));
        }
        back
    }

    /// Gives what was lost to these members in turn. What would be too much for them comes back.
    pub(super) fn deal(&mut self, members: &[usize]) -> Vec<&'a T> {
        for (item, member) in self.lost.iter().zip(members.iter().cycle()) {
            if let Some(load) = self.loads.get_mut(*member) {
                load.assigned.push(item);
            }
        }
        self.take_back()
    }

    /// Gives to those who have least, until all have the same, and then to all in turn. `names` decides between
    /// equals: they are in order.
    pub(super) fn fill(&mut self, items: &[&'a T]) {
        let mut order: Vec<usize> = (0..self.loads.len()).collect();
        let len = |loads: &[Load<'a, T>], member: usize| loads.get(member).map_or(0, Load::len);
        order.sort_by_key(|member| len(&self.loads, *member));
        let mut items = items.iter();
        let Some(first) = order.first().copied() else { return };
        loop {
            let least = len(&self.loads, first);
            // Whoever got one stays before those who had more: the order holds.
            let poorest = order.partition_point(|member| len(&self.loads, *member) <= least);
            for member in order.iter().take(poorest) {
                let Some(item) = items.next() else { return };
                if let Some(load) = self.loads.get_mut(*member) {
                    load.assigned.push(item);
                }
            }
        }
    }
}

/// Of two sorted lists, what is in the first only.
pub(super) fn minus<'a, T: Ord>(base: &[&'a T], other: &[&T]) -> Vec<&'a T> {
    let mut other = other.iter().peekable();
    base.iter()
        .filter(|item| {
            while other.next_if(|next| next < item).is_some() {}
            other.peek().is_none_or(|next| next != item)
        })
        .copied()
        .collect()
}
