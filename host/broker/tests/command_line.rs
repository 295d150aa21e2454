//! The command line is the interface: what it accepts, what it refuses, how it ends.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::{fs, net::TcpListener, time::Duration};

use common::{Broker, Scratch, refusal, run};

const PROMPT: Duration = Duration::from_secs(2);

#[test]
fn help_and_version_are_answered_without_a_broker() {
    let help = run(&["--help"]);
    assert!(help.status.success());
    let text = String::from_utf8(help.stdout).unwrap();
    for flag in ["--listen", "--data", "--topic", "--help", "--version"] {
        assert!(text.contains(flag), "{flag} is not in the help");
    }

    let version = run(&["--version"]);
    assert!(version.status.success());
    let text = String::from_utf8(version.stdout).unwrap();
    assert!(text.starts_with("watertight-broker 0."), "{text}");
}

#[test]
fn a_malformed_topic_is_refused_and_nothing_is_created() {
    let scratch = Scratch::new();
    let data = scratch.join("data");

    for topic in ["lines", "lines:none", "lines:0", "not a name:1"] {
        let output = run(&["--data", data.to_str().unwrap(), "--topic", topic]);
        let line = refusal(&output);
        assert_eq!(Some(2), output.status.code(), "{line}");
        assert!(line.contains(&format!("--topic {topic}")), "{line}");
    }
    assert!(!data.exists());
}

#[test]
fn an_unknown_flag_a_missing_directory_and_a_wrong_address_are_refused() {
    let scratch = Scratch::new();
    let data = scratch.join("data");
    let data = data.to_str().unwrap();

    for (args, flag) in [
        (&["--data", data, "--port", "9092"][..], "--port"),
        (&["--listen", "127.0.0.1:0"][..], "--data"),
        (&["--data", data, "--listen", "9092"][..], "--listen 9092"),
    ] {
        let output = run(args);
        let line = refusal(&output);
        assert_eq!(Some(2), output.status.code(), "{line}");
        assert!(line.contains(flag), "{line}");
    }
}

#[test]
fn a_port_in_use_is_refused_and_nothing_is_created() {
    let scratch = Scratch::new();
    let data = scratch.join("data");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let output = run(&["--data", data.to_str().unwrap(), "--listen", &address]);

    let line = refusal(&output);
    assert_eq!(Some(1), output.status.code());
    assert!(line.contains(&address) && line.contains("--listen"), "{line}");
    assert!(!data.exists());
}

#[test]
fn a_directory_that_cannot_be_written_is_refused() {
    let scratch = Scratch::new();
    let file = scratch.join("file");
    fs::write(&file, "not a directory").unwrap();

    for data in [file.clone(), file.join("below"), "/proc/nobody/data".into()] {
        let output = run(&["--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"]);
        let line = refusal(&output);
        assert_eq!(Some(1), output.status.code());
        assert!(line.contains(data.to_str().unwrap()), "{line}");
        assert!(line.contains("--data"), "{line}");
    }
}

#[test]
fn a_directory_that_another_broker_uses_is_refused() {
    let scratch = Scratch::new();
    let _first = Broker::start(scratch.path());

    let data = scratch.path().to_str().unwrap();
    let output = run(&["--data", data, "--listen", "127.0.0.1:0"]);

    let line = refusal(&output);
    assert_eq!(Some(1), output.status.code());
    assert!(line.contains("another broker"), "{line}");
}

#[test]
fn a_directory_that_lost_its_identity_is_refused() {
    let scratch = Scratch::new();
    Broker::start(scratch.path()).kill();
    fs::remove_file(scratch.join("meta.properties")).unwrap();

    let data = scratch.path().to_str().unwrap();
    let output = run(&["--data", data, "--listen", "127.0.0.1:0"]);

    assert!(refusal(&output).contains("meta.properties"));
}

#[test]
fn a_database_that_is_none_is_refused_and_left_alone() {
    let scratch = Scratch::new();
    Broker::start(scratch.path()).kill();
    for leftover in ["broker.db-wal", "broker.db-shm"] {
        _ = fs::remove_file(scratch.join(leftover));
    }
    fs::write(scratch.join("broker.db"), "this is not a database".repeat(99)).unwrap();

    let data = scratch.path().to_str().unwrap();
    let output = run(&["--data", data, "--listen", "127.0.0.1:0"]);

    let line = refusal(&output);
    assert!(line.contains("--data"), "{line}");
    let text = fs::read(scratch.join("broker.db")).unwrap();
    assert!(text.starts_with(b"this is not a database"));
}

#[test]
fn the_ready_line_tells_address_and_directory() {
    let scratch = Scratch::new();
    let data = scratch.join("a directory with spaces, %41 and ümlaut");

    let broker = Broker::start(&data);

    assert_eq!(
        format!("watertight-broker ready on {}, data in {}\n", broker.address, data.display()),
        broker.ready_line
    );
    assert!(data.join("broker.db").is_file());
}

#[test]
fn either_signal_ends_it_promptly_with_exit_code_0_whatever_clients_do() {
    for signal in ["INT", "TERM"] {
        let scratch = Scratch::new();
        let broker = Broker::start_with(scratch.path(), &["--topic", "t:1"]);
        let mut idle = broker.client();
        idle.metadata(&[], false);
        let mut waiting = broker.client();
        let waiter = std::thread::spawn(move || {
            // The connection ends under it.
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| waiting.fetch("t", 0, Duration::from_secs(15))))
                .is_err()
        });
        std::thread::sleep(Duration::from_millis(100));

        let (status, took) = broker.end_with(signal);

        println!("ended {took:?} after SIG{signal}");
        assert_eq!(Some(0), status.code());
        assert!(took < PROMPT, "{took:?}");
        assert!(waiter.join().unwrap());
    }
}
