//! How far a log has been read.

/// The offset that comes next in each partition; all before it has been applied or was nothing to apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place(Vec<i64>);

impl Place {
    /// At the beginning of this many partitions.
    pub(super) fn new(partitions: usize) -> Self {
        Self(vec![0; partitions])
    }

    /// The newest word counts, even if it goes back: a topic may have been deleted and made anew.
    pub(super) fn set(&mut self, partition: i32, next: i64) {
        if let Some(place) = usize::try_from(partition).ok().and_then(|at| self.0.get_mut(at)) {
            *place = next;
        }
    }

    pub(super) fn has_reached(&self, ends: &[i64]) -> bool {
        self.behind(ends).is_none()
    }

    /// The first partition that is not there yet, where it is and where it should be.
    pub(super) fn behind(&self, ends: &[i64]) -> Option<(usize, i64, i64)> {
        self.0
            .iter()
            .zip(ends)
            .enumerate()
            .find(|(_, (next, end))| next < end)
            .map(|(at, (next, end))| (at, *next, *end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_reached_when_every_partition_is_there() {
        let mut place = Place::new(3);
        assert!(place.has_reached(&[0, 0, 0]));
        assert_eq!(place.behind(&[0, 2, 1]), Some((1, 0, 2)));
        place.set(1, 2);
        assert_eq!(place.behind(&[0, 2, 1]), Some((2, 0, 1)));
        place.set(2, 7);
        assert!(place.has_reached(&[0, 2, 1]));
    }

    #[test]
    fn a_topic_that_was_made_anew_is_read_anew() {
        let mut place = Place::new(1);
        place.set(0, 100);
        place.set(0, 3);
        assert!(!place.has_reached(&[4]));
    }

    #[test]
    fn partitions_that_came_later_are_nobodys() {
        let mut place = Place::new(1);
        place.set(5, 100);
        place.set(-1, 100);
        assert_eq!(place, Place::new(1));
    }
}
