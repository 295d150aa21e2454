//! The bytes are those of Kafka 4.3.1's own classes.

use std::time::Duration;

use super::*;
use crate::distributed::work::Work;
use crate::entities::TaskId;

const EAGER_SUBSCRIPTION: &str = "0000000e687474703a2f2f683a383038332f000000000000002a";
const EAGER_ASSIGNMENT: &str = "0000000000086c65616465722d31000e687474703a2f2f683a383038332f000000000000002a000000020\
    0016100000003ffffffff00000000000000010002c3a90000000100000007";
/// Without the version in front.
const ASSIGNMENT: &str = "000000086c65616465722d31000e687474703a2f2f683a383038332f000000000000002a0000000200016100000003\
    ffffffff00000000000000010002c3a900000001000000070000000100016200000002ffffffff00000002000493e0";
const MISMATCH: &str = "0002000100086c65616465722d31000e687474703a2f2f683a383038332fffffffffffffffff0000000000000000000\
    00000";
/// Without the version in front.
const NEWCOMER: &str = "000e687474703a2f2f683a383038332fffffffffffffffffffffffff";
/// Without the version in front and the allocation behind.
const MEMBER: &str = "000e687474703a2f2f683a383038332f000000000000002a00000060";

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap()).collect()
}

fn work(connectors: &[&str], tasks: &[(&str, u32)]) -> Work {
    let task = |(connector, task): &(&str, u32)| TaskId { connector: (*connector).to_owned(), task: *task };
    Work {
        connectors: connectors.iter().map(|name| (*name).to_owned()).collect(),
        tasks: tasks.iter().map(task).collect(),
    }
}

fn assignment(version: i16) -> Assignment {
    Assignment {
        version,
        fault: Fault::None,
        leader: "leader-1".to_owned(),
        leader_url: "http://h:8083/".to_owned(),
        config_offset: 42,
        assigned: work(&["a"], &[("a", 0), ("a", 1), ("é", 7)]),
        revoked: work(&["b"], &[("b", 2)]),
        delay: Duration::from_secs(300),
    }
}

fn subscription(version: i16, config_offset: i64, allocation: Option<Assignment>) -> Subscription {
    Subscription { version, url: "http://h:8083/".to_owned(), config_offset, allocation }
}

#[test]
fn what_a_member_tells_has_kafkas_bytes() {
    for (message, bytes) in [
        (subscription(0, 42, None), EAGER_SUBSCRIPTION.to_owned()),
        (subscription(1, -1, None), format!("0001{NEWCOMER}")),
        (subscription(2, -1, None), format!("0002{NEWCOMER}")),
        (subscription(1, 42, Some(assignment(1))), format!("0001{MEMBER}0001{ASSIGNMENT}")),
        (subscription(2, 42, Some(assignment(2))), format!("0002{MEMBER}0002{ASSIGNMENT}")),
    ] {
        assert_eq!(message.encode().unwrap(), hex(&bytes));
        assert_eq!(Subscription::decode(&hex(&bytes)).unwrap(), message);
    }
}

#[test]
fn what_the_leader_tells_has_kafkas_bytes() {
    let eager = Assignment { revoked: Work::default(), delay: Duration::ZERO, ..assignment(0) };
    let mismatch = Assignment {
        fault: Fault::ConfigMismatch,
        config_offset: -1,
        assigned: Work::default(),
        revoked: Work::default(),
        delay: Duration::ZERO,
        ..assignment(2)
    };
    for (message, bytes) in [
        (eager, EAGER_ASSIGNMENT.to_owned()),
        (assignment(1), format!("0001{ASSIGNMENT}")),
        (assignment(2), format!("0002{ASSIGNMENT}")),
        (mismatch, MISMATCH.to_owned()),
    ] {
        assert_eq!(message.encode().unwrap(), hex(&bytes));
        assert_eq!(Assignment::decode(&hex(&bytes)).unwrap(), message);
    }
}

#[test]
fn what_a_member_runs_is_told_in_the_version_that_it_is_offered_with() {
    let message = subscription(1, 42, Some(assignment(2)));
    assert_eq!(message.encode().unwrap(), hex(&format!("0001{MEMBER}0001{ASSIGNMENT}")));
}

#[test]
fn nothing_is_told_about_work_before_it_was_incremental() {
    assert_eq!(subscription(0, 42, Some(assignment(0))).encode().unwrap(), hex(EAGER_SUBSCRIPTION));
}

#[test]
fn fields_that_are_missing_at_the_end_are_as_if_they_were_empty() {
    let bytes = format!("0002{ASSIGNMENT}");
    let whole = hex(&bytes);
    let without_delay = Assignment::decode(&whole[..whole.len() - 4]).unwrap();
    assert_eq!(without_delay, Assignment { delay: Duration::ZERO, ..assignment(2) });
    let revoked = 4 + 3 + 4 + 4 + 4;
    let without_revoked = Assignment::decode(&whole[..whole.len() - 4 - revoked]).unwrap();
    assert_eq!(without_revoked, Assignment { delay: Duration::ZERO, revoked: Work::default(), ..assignment(2) });
    let without_allocation = Subscription::decode(&hex(&format!("0002{}", &NEWCOMER[..NEWCOMER.len() - 8]))).unwrap();
    assert_eq!(without_allocation, subscription(2, -1, None));
}

#[test]
fn later_versions_are_read_as_far_as_they_are_known() {
    let mut bytes = hex(&format!("0007{ASSIGNMENT}"));
    bytes.extend([1, 2, 3]);
    assert_eq!(Assignment::decode(&bytes).unwrap(), assignment(7));
    let fault = hex(&MISMATCH.replacen("00020001", "00070009", 1));
    assert_eq!(Assignment::decode(&fault).unwrap().fault, Fault::Other(9));
}

#[test]
fn nonsense_is_told_from_a_message() {
    for (bytes, error) in [
        ("", "the message ends within the field 'version'"),
        ("00", "the message ends within the field 'version'"),
        ("ffff", "Unsupported subscription version: -1"),
        ("0002", "the message ends within the field 'url'"),
        ("00020003616263", "the message ends within the field 'config-offset'"),
        ("0002ffff000000000000002a", "the field 'url' has the length -1"),
        ("00020003ff6263000000000000002a", "the field 'url' is no UTF-8"),
        ("0002000161000000000000002a0000", "the message ends within the field 'allocation'"),
        ("0002000161000000000000002a7fffffff", "the message ends within the field 'allocation'"),
        ("0002000161000000000000002a00000000", "the message ends within the field 'version'"),
    ] {
        assert_eq!(Subscription::decode(&hex(bytes)).unwrap_err().to_string(), error, "{bytes}");
    }
    let head = "000200000001610001620000000000000001";
    for (bytes, error) in [
        ("7fffffff", "the message ends within the field 'connector'"),
        ("00000001000163ffffffff", "the field 'tasks' has the length -1"),
        ("000000010001637fffffff", "the message ends within the field 'tasks'"),
        ("0000000100016300000001fffffffe", "connector 'c' has no task -2"),
    ] {
        let bytes = hex(&format!("{head}{bytes}"));
        assert_eq!(Assignment::decode(&bytes).unwrap_err().to_string(), error, "{bytes:x?}");
    }
}

#[test]
fn no_piece_of_a_message_and_no_changed_byte_is_a_panic() {
    let whole = hex(&format!("0002{MEMBER}0002{ASSIGNMENT}"));
    for end in 0..whole.len() {
        let _ = Subscription::decode(&whole[..end]);
        let _ = Assignment::decode(&whole[..end]);
        for byte in [0, 1, 0x7f, 0x80, 0xff] {
            let mut changed = whole.clone();
            changed[end] = byte;
            let _ = Subscription::decode(&changed);
            let _ = Assignment::decode(&changed[28..]);
        }
    }
}

#[test]
fn a_small_message_does_not_become_a_large_amount_of_memory() {
    let mut bytes = hex("00020000000161000162000000000000000100000001");
    let name = "x".repeat(32_000);
    bytes.extend(32_000_i16.to_be_bytes());
    bytes.extend(name.as_bytes());
    bytes.extend(1_000_000_i32.to_be_bytes());
    (0..1_000_000_i32).for_each(|task| bytes.extend(task.to_be_bytes()));
    let error = Assignment::decode(&bytes).unwrap_err();
    assert_eq!(error, ProtocolError::TooMuch(64 << 20));
}

#[test]
fn what_does_not_fit_the_encoding_is_refused() {
    let message = Subscription { url: "u".repeat(40_000), ..subscription(2, 0, None) };
    assert_eq!(message.encode().unwrap_err().to_string(), "the field 'url' is too long: 40000 bytes");
}

#[test]
fn nobody_is_told_to_come_back_too_early() {
    let message = Assignment { delay: Duration::from_micros(1_001), ..assignment(2) };
    assert_eq!(Assignment::decode(&message.encode().unwrap()).unwrap().delay, Duration::from_millis(2));
}
