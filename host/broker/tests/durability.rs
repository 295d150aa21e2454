//! What was acknowledged is there after a SIGKILL.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::time::Duration;

use common::{Broker, Scratch};

const NOW: Duration = Duration::from_millis(100);

#[test]
fn acknowledged_records_and_offsets_survive_kills() {
    let scratch = Scratch::new();
    let mut broker = Broker::start_with(scratch.path(), &["--topic", "t:1"]);
    let cluster_id = broker.client().cluster_id();
    let mut acknowledged: i64 = 0;

    for round in 0..4 {
        let mut client = broker.client();
        for _ in 0..20 {
            let values: Vec<Vec<u8>> = (0..25).map(|n| (acknowledged + n).to_string().into_bytes()).collect();
            let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
            assert_eq!((0, acknowledged), client.produce("t", &values));
            acknowledged += 25;
        }
        assert_eq!(0, client.commit("group", "t", acknowledged - round));
        broker.kill();
        broker = Broker::start(scratch.path());
        assert_eq!(acknowledged - round, broker.client().committed("group", "t"));
    }

    let mut client = broker.client();
    let mut next = 0;
    while next < acknowledged {
        let (code, records) = client.fetch("t", next, NOW);
        assert_eq!(0, code);
        assert!(!records.is_empty(), "nothing at {next}");
        for (offset, value) in records {
            assert_eq!(next, offset);
            assert_eq!(next.to_string().into_bytes(), value);
            next += 1;
        }
    }
    assert_eq!((0, vec![]), client.fetch("t", next, NOW));
    assert_eq!(cluster_id, client.cluster_id());
}

#[test]
fn the_address_can_be_used_again_at_once() {
    let scratch = Scratch::new();
    let first = Broker::start_with(scratch.path(), &["--topic", "t:1"]);
    let address = first.address.clone();
    let mut client = first.client();
    client.produce("t", &[b"one"]);
    first.kill();

    let second = Broker::start_on(&address, scratch.path(), &[]);

    let answer = second.client().fetch("t", 0, NOW);
    assert_eq!((0, vec![(0, b"one".to_vec())]), answer);
}
