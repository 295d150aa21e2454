//! A topic that nobody configured has one partition, however it comes to be.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{Broker, Scratch};

const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;
const INVALID_TOPIC_EXCEPTION: i16 = 17;
const TOPIC_ALREADY_EXISTS: i16 = 36;

#[test]
fn asking_for_metadata_creates_a_topic_of_one_partition() {
    let scratch = Scratch::new();
    let broker = Broker::start(scratch.path());
    let mut client = broker.client();

    assert_eq!((0, 1), client.metadata(&["new"], true)["new"]);
    assert_eq!((0, 1), client.old_metadata(&["old"])["old"]);

    let both = client.metadata(&["x", "y"], true);
    assert_eq!(((0, 1), (0, 1)), (both["x"], both["y"]));
    assert_eq!(4, client.all_topics().len());
}

#[test]
fn nothing_is_created_where_the_client_does_not_allow_it() {
    let scratch = Scratch::new();
    let broker = Broker::start(scratch.path());
    let mut client = broker.client();

    assert_eq!((UNKNOWN_TOPIC_OR_PARTITION, 0), client.metadata(&["absent"], false)["absent"]);
    assert_eq!((INVALID_TOPIC_EXCEPTION, 0), client.metadata(&["not a name"], true)["not a name"]);
    assert!(client.all_topics().is_empty());
}

#[test]
fn create_topics_without_a_count_creates_one_partition() {
    let scratch = Scratch::new();
    let broker = Broker::start(scratch.path());
    let mut client = broker.client();

    assert_eq!(0, client.create_topic("unsaid", -1));
    assert_eq!((0, 1), client.metadata(&["unsaid"], false)["unsaid"]);
}

#[test]
fn a_count_that_was_said_is_kept() {
    let scratch = Scratch::new();
    let broker = Broker::start(scratch.path());
    let mut client = broker.client();

    for partitions in [1, 3, 4, 7] {
        let name = format!("t{partitions}");
        assert_eq!(0, client.create_topic(&name, partitions as i32));
        assert_eq!((0, partitions), client.metadata(&[&name], true)[&name]);
    }
    assert_eq!(0, client.create_assigned_topic("assigned", &[1, 1]));
    assert_eq!((0, 2), client.metadata(&["assigned"], true)["assigned"]);
    assert_eq!(TOPIC_ALREADY_EXISTS, client.create_topic("t3", -1));
    assert_eq!((0, 3), client.metadata(&["t3"], true)["t3"]);
}

#[test]
fn topics_of_the_command_line_are_created_once() {
    let scratch = Scratch::new();
    let first = Broker::start_with(scratch.path(), &["--topic", "a:1", "--topic", "b:5"]);
    let topics = first.client().all_topics();
    assert_eq!(((0, 1), (0, 5)), (topics["a"], topics["b"]));
    first.end_with("TERM");

    let second = Broker::start_with(scratch.path(), &["--topic", "b:9", "--topic", "c:2"]);
    let topics = second.client().all_topics();
    assert_eq!(((0, 1), (0, 5), (0, 2)), (topics["a"], topics["b"], topics["c"]));
}
