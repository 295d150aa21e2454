//! Several workers and one status topic.

use watertight_worker::entities::{ConnectorType, State, TaskId};
use watertight_worker::secrets::Vault;
use watertight_worker::status::Statuses;
use watertight_worker::storage::StatusLog;

use crate::cluster::{Cluster, LONG, own, shared, until};

fn task(task: u32) -> TaskId {
    TaskId { connector: "c:1-a".to_owned(), task }
}

#[tokio::test]
async fn every_worker_shows_the_same_states_and_topics() {
    let Some(cluster) = shared("statuses-shared") else { return };
    let parts = cluster.parts(&[]);
    let first = StatusLog::start(&parts, "one:1", Vault::default()).await.unwrap();
    let second = StatusLog::start(&parts, "two:2", Vault::default()).await.unwrap();
    first.set_generation(3);
    second.set_generation(4);
    first.connector("c:1-a", ConnectorType::Sink, State::Running, None, Some("1.0"));
    for number in 0..20 {
        first.task(&task(number), State::Running, None, Some("1.0"));
    }
    first.topics_in_use().note(&task(0), "t");
    first.flush(LONG).await;
    for log in [&first, &second] {
        log.refresh(LONG).await.unwrap();
        let shown = log.get("c:1-a", ConnectorType::Sink).unwrap();
        assert_eq!((shown.connector.worker_id.as_str(), shown.tasks.len()), ("one:1", 20));
        assert_eq!(log.topics_in_use().of("c:1-a"), ["t"]);
    }
    // The second takes a task over; what the first says of its end comes too late.
    second.task(&task(7), State::Running, None, None);
    second.flush(LONG).await;
    first.task_unassigned(&task(7), None);
    first.flush(LONG).await;
    second.refresh(LONG).await.unwrap();
    assert_eq!(second.get_task(&task(7)).unwrap().worker_id, "two:2");
    assert_eq!(second.get_task(&task(7)).unwrap().state, State::Running);
    second.forget("c:1-a");
    second.reset_topics("c:1-a");
    second.flush(LONG).await;
    for log in [&first, &second] {
        log.refresh(LONG).await.unwrap();
        assert!(log.connectors().is_empty() && log.topics_in_use().of("c:1-a").is_empty());
    }
    first.stop().await;
    second.stop().await;
}

#[tokio::test]
async fn reports_wait_for_a_broker_that_is_away_and_the_newest_is_written() {
    let Some(mut broker) = own("statuses-away") else { return };
    let cluster = Cluster::new(&broker.bootstrap(), "statuses-away");
    let parts = cluster.parts(&[("delivery.timeout.ms", "3000"), ("request.timeout.ms", "1500"), ("linger.ms", "0")]);
    let log = StatusLog::start(&parts, "one:1", Vault::default()).await.unwrap();
    broker.kill();
    log.task(&task(0), State::Running, None, None);
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    log.task(&task(0), State::Paused, None, None);
    log.connector("c:1-a", ConnectorType::Sink, State::Running, None, None);
    log.task(&task(0), State::Failed, Some("why".into()), None);
    broker.restart().unwrap();
    log.flush(LONG).await;
    until("what was reported last is shown", || {
        let failed = log.get_task(&task(0)).is_some_and(|task| task.state == State::Failed);
        failed && log.get_connector("c:1-a").is_some()
    })
    .await;
    let later = StatusLog::start(&parts, "two:2", Vault::default()).await.unwrap();
    assert_eq!(later.get_task(&task(0)).unwrap().state, State::Failed);
    log.stop().await;
    later.stop().await;
}
