//! Where a topic ends, asked once for all who want to know at the same time.
//!
//! A thousand tasks that start each read their offsets, and so want to know it. There is one connection to a broker,
//! with one question on it at a time: asked one by one, each would wait for all before it, and with a broker that is
//! busy or far away that takes longest of all that a start takes.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

/// Shares answers among askers. An answer serves those who asked before its question was sent, never later ones.
#[derive(Debug)]
pub(super) struct Shared<T> {
    /// Questions that were sent.
    sent: AtomicU64,
    /// The number of the last question that was answered, and its answer. Whoever asks holds it.
    last: Mutex<(u64, Option<T>)>,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self { sent: AtomicU64::new(0), last: Mutex::new((0, None)) }
    }
}

impl<T: Clone> Shared<T> {
    /// The answer to a question that is sent after this call: somebody else's, or one's own. Cancel-safe: if who asks
    /// gives up, the next one asks.
    pub(super) async fn ask<F: Future<Output = T>>(&self, question: impl FnOnce() -> F) -> T {
        let seen = self.sent.load(Ordering::SeqCst);
        let mut last = self.last.lock().await;
        if let (number, Some(answer)) = &*last
            && *number > seen
        {
            return answer.clone();
        }
        let number = self.sent.fetch_add(1, Ordering::SeqCst) + 1;
        let answer = question().await;
        *last = (number, Some(answer.clone()));
        answer
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::sync::Semaphore;
    use tokio::task::yield_now;

    use super::*;

    /// Questions wait for a permit each; the answer is how many were sent before.
    struct Broker {
        asked: AtomicU64,
        answers: Semaphore,
    }

    impl Broker {
        fn new() -> Arc<Self> {
            Arc::new(Self { asked: AtomicU64::new(0), answers: Semaphore::new(0) })
        }

        async fn ask(&self) -> u64 {
            let before = self.asked.fetch_add(1, Ordering::SeqCst);
            self.answers.acquire().await.unwrap().forget();
            before
        }
    }

    #[tokio::test]
    async fn who_asks_while_a_question_is_out_shares_the_next_answer() {
        let (broker, shared) = (Broker::new(), Arc::new(Shared::default()));
        let ask = || {
            let (broker, shared) = (Arc::clone(&broker), Arc::clone(&shared));
            tokio::spawn(async move { shared.ask(|| broker.ask()).await })
        };
        let first = ask();
        yield_now().await;
        let later: Vec<_> = (0..100).map(|_| ask()).collect();
        yield_now().await;
        broker.answers.add_permits(2);
        assert_eq!(first.await.unwrap(), 0);
        for one in later {
            assert_eq!(one.await.unwrap(), 1, "the first question was sent before this one asked");
        }
        assert_eq!(broker.asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn an_old_answer_is_nobodys_and_who_gives_up_is_replaced() {
        let (broker, shared) = (Broker::new(), Shared::default());
        let given_up = tokio::time::timeout(Duration::from_millis(1), shared.ask(|| broker.ask())).await;
        assert!(given_up.is_err());
        broker.answers.add_permits(2);
        assert_eq!(shared.ask(|| broker.ask()).await, 1);
        assert_eq!(shared.ask(|| broker.ask()).await, 2, "asked anew");
    }
}
