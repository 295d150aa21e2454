//! Error codes as numbers.
//!
//! The bindings declare them as a Rust enum. A newer broker may answer a code that enum lacks, and
//! reading such a value as the enum would be undefined; so codes are read as `i32` and compared
//! with the enum's numbers.

use std::ffi::CStr;

use rdkafka::bindings::{self, rd_kafka_resp_err_t as Code};

use Code::*;

pub(crate) const NO_ERROR: i32 = RD_KAFKA_RESP_ERR_NO_ERROR as i32;
pub(crate) const TRANSPORT: i32 = RD_KAFKA_RESP_ERR__TRANSPORT as i32;
pub(crate) const QUEUE_FULL: i32 = RD_KAFKA_RESP_ERR__QUEUE_FULL as i32;
pub(crate) const UNKNOWN_TOPIC: i32 = RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC as i32;
pub(crate) const UNKNOWN_PARTITION: i32 = RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION as i32;
pub(crate) const UNKNOWN_TOPIC_OR_PART: i32 = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART as i32;
pub(crate) const MSG_SIZE_TOO_LARGE: i32 = RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE as i32;
pub(crate) const INVALID_ARG: i32 = RD_KAFKA_RESP_ERR__INVALID_ARG as i32;
pub(crate) const TIMED_OUT: i32 = RD_KAFKA_RESP_ERR__TIMED_OUT as i32;
pub(crate) const DESTROY: i32 = RD_KAFKA_RESP_ERR__DESTROY as i32;
pub(crate) const ASSIGN_PARTITIONS: i32 = RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS as i32;
pub(crate) const REVOKE_PARTITIONS: i32 = RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS as i32;
pub(crate) const PARTITION_EOF: i32 = RD_KAFKA_RESP_ERR__PARTITION_EOF as i32;
pub(crate) const MAX_POLL_EXCEEDED: i32 = RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED as i32;
pub(crate) const NO_OFFSET: i32 = RD_KAFKA_RESP_ERR__NO_OFFSET as i32;
pub(crate) const BAD_MSG: i32 = RD_KAFKA_RESP_ERR__BAD_MSG as i32;
pub(crate) const BAD_COMPRESSION: i32 = RD_KAFKA_RESP_ERR__BAD_COMPRESSION as i32;
pub(crate) const AUTO_OFFSET_RESET: i32 = RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET as i32;

/// Conditions that pass by themselves, or once a topic exists or a broker is back.
const RETRIABLE: &[Code] = &[
    RD_KAFKA_RESP_ERR__TRANSPORT,
    RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN,
    RD_KAFKA_RESP_ERR__RESOLVE,
    RD_KAFKA_RESP_ERR__TIMED_OUT,
    RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
    RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
    RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
    RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
    RD_KAFKA_RESP_ERR__WAIT_COORD,
    RD_KAFKA_RESP_ERR__WAIT_CACHE,
    RD_KAFKA_RESP_ERR__QUEUE_FULL,
    RD_KAFKA_RESP_ERR__IN_PROGRESS,
    RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS,
    RD_KAFKA_RESP_ERR__RETRY,
    RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
    RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
    RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
    RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
    RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
    RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE,
    RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION,
    RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
    RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
    RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
    RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
    RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
    RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
    RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT,
    RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED,
    RD_KAFKA_RESP_ERR_INVALID_MSG,
];

const AUTHORIZATION: &[Code] = &[
    RD_KAFKA_RESP_ERR__AUTHENTICATION,
    RD_KAFKA_RESP_ERR__SSL,
    RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
    RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
    RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
    RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
    RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM,
];

/// After these the client is of no use any more.
const USELESS: &[Code] = &[
    RD_KAFKA_RESP_ERR__FATAL,
    RD_KAFKA_RESP_ERR__FENCED,
    RD_KAFKA_RESP_ERR_PRODUCER_FENCED,
    RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
    RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
];

pub(crate) fn is_retriable(code: i32) -> bool {
    RETRIABLE.iter().any(|c| *c as i32 == code)
}

pub(crate) fn is_authorization(code: i32) -> bool {
    AUTHORIZATION.iter().any(|c| *c as i32 == code)
}

/// Another producer has taken over the `transactional.id`.
pub(crate) fn is_fenced(code: i32) -> bool {
    [RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH]
        .iter()
        .any(|c| *c as i32 == code)
}

pub(crate) fn is_useless(code: i32) -> bool {
    USELESS.iter().any(|c| *c as i32 == code)
}

/// The code as the bindings' enum, when librdkafka knows it.
fn known(code: i32) -> Option<Code> {
    let mut descriptions = std::ptr::null();
    let mut count = 0usize;
    // SAFETY: librdkafka hands out a static table; its entries live for ever. The code is read as
    // a number, and only a number found in the table is turned back into the enum.
    unsafe {
        bindings::rd_kafka_get_err_descs(&mut descriptions, &mut count);
        for at in 0..count {
            let entry = descriptions.add(at);
            let number = std::ptr::addr_of!((*entry).code).cast::<i32>().read();
            if number == code && !(*entry).name.is_null() {
                return Some(std::mem::transmute::<i32, Code>(code));
            }
        }
    }
    None
}

/// The code's name, such as `_TRANSPORT` or `UNKNOWN_TOPIC_OR_PART`.
pub(crate) fn name(code: i32) -> &'static str {
    described(code, bindings::rd_kafka_err2name, "UNKNOWN_CODE")
}

/// The code's description.
pub(crate) fn text(code: i32) -> &'static str {
    described(code, bindings::rd_kafka_err2str, "an error that librdkafka does not know")
}

fn described(
    code: i32,
    by: unsafe extern "C" fn(Code) -> *const std::os::raw::c_char,
    otherwise: &'static str,
) -> &'static str {
    let Some(code) = known(code) else {
        return otherwise;
    };
    // SAFETY: both functions return static strings for codes of their table.
    unsafe { CStr::from_ptr(by(code)) }.to_str().unwrap_or(otherwise)
}
