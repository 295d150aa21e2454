//! Looking at a config takes as long as the config is big, and threads that serve everybody must not be held up by the
//! big ones. Small ones are looked at where they are. Big ones go elsewhere, a few at a time; the others wait for a
//! while.

use std::time::Duration;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;

use crate::entities::ConfigMap;
use crate::failure::Failure;

/// Bytes of a config that is looked at within a millisecond or two.
const LIGHT: usize = 16 * 1024;
/// What a name in a list of transforms or groups weighs, since settings follow from it.
const NAME: usize = 256;
/// Big ones at a time.
const SEATS: usize = 2;
/// How long one waits for a seat.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where big configs are looked at.
pub(super) struct Scales(Semaphore);

impl Default for Scales {
    fn default() -> Self {
        Self(Semaphore::new(SEATS))
    }
}

impl Scales {
    /// Does some work on a config.
    ///
    /// # Errors
    /// When too many others are in the way for too long.
    pub(super) async fn work<T>(&self, weight: usize, work: impl FnOnce() -> T) -> Result<T, Failure> {
        if weight < LIGHT {
            return Ok(work());
        }
        let seat = tokio::time::timeout(PATIENCE, self.0.acquire()).await;
        let _seat = seat.map_err(|_| Failure::new("too many big configs are being looked at; try again later"))?;
        // There is nobody to hand the other work to.
        let alone = Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread;
        Ok(if alone { work() } else { tokio::task::block_in_place(work) })
    }
}

/// What looking at a config costs, in bytes of an ordinary one.
pub(super) fn weight(settings: &ConfigMap, nulls: &[String]) -> usize {
    let names = |value: &str| value.bytes().filter(|byte| *byte == b',').count() * NAME;
    let one = |(key, value): (&String, &String)| {
        let lists = matches!(key.as_str(), "transforms" | "predicates" | "topic.creation.groups");
        key.len() + value.len() + if lists { names(value) } else { 0 }
    };
    settings.iter().map(one).sum::<usize>() + nulls.iter().map(String::len).sum::<usize>()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use super::*;

    #[test]
    fn names_weigh_more_than_their_letters() {
        let config = |key: &str, value: String| ConfigMap::from([(key.to_owned(), value)]);
        assert!(weight(&config("transforms", vec!["a"; 100].join(",")), &[]) > LIGHT);
        assert!(weight(&config("topics", vec!["a"; 100].join(",")), &[]) < 300);
        assert_eq!(weight(&config("a", "b".to_owned()), &["cd".to_owned()]), 4);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn big_configs_hold_up_nobody_and_wait_for_each_other() {
        let scales = Arc::new(Scales::default());
        let begun = Instant::now();
        let work = || std::thread::sleep(Duration::from_millis(200));
        let big: Vec<_> = (0..2 * SEATS)
            .map(|_| {
                let scales = Arc::clone(&scales);
                tokio::spawn(async move { scales.work(LIGHT, work).await.is_ok() })
            })
            .collect();
        tokio::spawn(async {}).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        let small = tokio::spawn(async { Instant::now() }).await.unwrap();
        assert!(small - begun < Duration::from_millis(150), "{:?}", small - begun);
        for one in big {
            assert!(one.await.unwrap());
        }
        assert!(begun.elapsed() >= Duration::from_millis(400));
    }
}
