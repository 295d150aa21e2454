//! The right to write, with writers that do as they are told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex as Lock};

use super::writer::{Leader, Maker};
use super::*;
use crate::storage::live::Privileged;
use crate::storage::memory::Memory;

struct Claims {
    memory: Memory,
    /// What becomes of each claim.
    fates: Lock<VecDeque<Result<(), String>>>,
}

struct Granted(Memory);

#[async_trait::async_trait]
impl Privileged for Granted {
    async fn send(&self, pairs: Vec<Pair>) -> Result<(), LogTrouble> {
        Log::send(&self.0, pairs).await
    }
}

#[async_trait::async_trait]
impl Maker for Claims {
    async fn make(&self) -> Result<Arc<dyn Privileged>, String> {
        self.fates.lock().unwrap().pop_front().unwrap_or(Ok(()))?;
        Ok(Arc::new(Granted(self.memory.clone())))
    }
}

/// The leader's records go to a topic of their own here, so that one can tell who wrote what.
async fn cluster(fates: impl IntoIterator<Item = Result<(), String>>) -> (ConfigLog, Memory, Memory) {
    let (plain, privileged) = (Memory::default(), Memory::default());
    let claims = Claims { memory: privileged.clone(), fates: Lock::new(fates.into_iter().collect()) };
    let memory = plain.clone();
    let start = |apply| async move { Ok(memory.start(apply)) };
    let leader = Some(Arc::new(Leader::with(Box::new(claims))));
    let (log, _) = ConfigLog::build(leader, "t", "config.storage.topic", start).await.unwrap();
    (log, plain, privileged)
}

#[tokio::test]
async fn who_has_not_claimed_may_write_target_states_and_levels_only() {
    let (log, plain, privileged) = cluster([]).await;
    let error = log.remove_connector("c").await.unwrap_err();
    assert!(matches!(error, StorageError::Fenced(_)), "{error}");
    log.put_target_state("c", TargetState::Paused).await.unwrap();
    log.put_logger("n", "INFO").await.unwrap();
    assert_eq!((plain.written().len(), privileged.written().len()), (2, 0));
    log.claim().await.unwrap();
    log.claim().await.unwrap();
    log.remove_connector("c").await.unwrap();
    log.put_target_state("c", TargetState::Paused).await.unwrap();
    assert_eq!((plain.written().len(), privileged.written().len()), (3, 2));
    log.give_up_claim().await;
    assert!(log.put_task_count("c", 1).await.is_err());
}

#[tokio::test]
async fn after_a_failure_the_right_is_gone_until_it_is_claimed_again() {
    let (log, _, privileged) = cluster([]).await;
    log.claim().await.unwrap();
    privileged.next_writes([Err(LogTrouble { retriable: false, timed_out: false, text: "taken over".into() })]);
    let error = log.put_task_count("c", 1).await.unwrap_err();
    assert_eq!(error.to_string(), "Failed to perform fencable send to config topic: taken over");
    assert!(matches!(log.put_task_count("c", 1).await, Err(StorageError::Fenced(_))));
    assert!(privileged.written().is_empty());
    log.claim().await.unwrap();
    log.put_task_count("c", 1).await.unwrap();
    assert_eq!(privileged.written().len(), 1);
}

#[tokio::test]
async fn a_claim_that_fails_may_be_tried_again() {
    let (log, _, _) = cluster([Err("no coordinator".to_owned())]).await;
    let error = log.claim().await.unwrap_err();
    assert_eq!(error.to_string(), "Failed to create and initialize fencable producer for config topic: no coordinator");
    log.claim().await.unwrap();
}
