//! Many short transactions, as a source makes them whose every poll is one.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod genuine;
mod support;

use std::time::{Duration, Instant};

use genuine::*;
use support::{record, send, unique};
use watertight_kafka::*;

const LONG: Duration = Duration::from_secs(60);

async fn acknowledged(lease: &ProducerLease, round: u64) {
    let begin = Instant::now();
    let mut acks = Vec::new();
    loop {
        lease.drive();
        lease.take_acks(&mut acks);
        for ack in acks.drain(..) {
            assert!(ack.result.is_ok(), "{ack:?}");
        }
        if lease.in_flight() == 0 {
            return;
        }
        assert!(begin.elapsed() < LONG, "round {round}: {} are never acknowledged", lease.in_flight());
        lease.wait(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_short_transactions_take_a_thousand_short_times() {
    let Some(at) = shared("short-transactions").map(At) else { return };
    let (records, offsets) = (unique(), unique());
    at.topic(&records, 1, &[]).await;
    at.topic(&offsets, 5, &[]).await;
    let lease = at.transactions(&unique(), &[]).await;
    let begin = Instant::now();
    let mut longest = Duration::ZERO;
    for round in 0..1000u64 {
        let start = Instant::now();
        lease.begin_transaction().await.unwrap();
        for n in 0..round % 3 + 1 {
            send(&lease, record(&records, b"x"), round * 10 + n).await;
        }
        send(&lease, record(&offsets, round.to_string().as_bytes()), round * 10 + 9).await;
        acknowledged(&lease, round).await;
        lease.commit_transaction(LONG).await.unwrap();
        longest = longest.max(start.elapsed());
    }
    println!("{:.0} transactions a second, the longest {longest:?}", 1000.0 / begin.elapsed().as_secs_f64());
}
