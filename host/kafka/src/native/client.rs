//! One librdkafka handle with its event queue.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_int, c_void};
use std::ptr::{self, NonNull};
use std::sync::Arc;

use rdkafka::bindings;
use tokio::sync::Notify;

use super::{NativeEvent, tokens};
use crate::KafkaError;
use crate::oauth::OAuth;
use crate::settings::ClientSettings;
use crate::verbosity::{CONSUMER, Listed, PRODUCER};

/// What kind of client, with what differs between the two at creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Delivery reports arrive on the main queue.
    Producer,
    /// Everything arrives on the consumer queue, the main queue being redirected to it.
    Consumer,
    /// Without a group: errors arrive on the main queue, records where each partition is led.
    Reader,
}

/// A librdkafka handle. Dropping it blocks: on a thread of its own only.
pub(crate) struct Client {
    native: NonNull<bindings::rd_kafka_t>,
    queue: NonNull<bindings::rd_kafka_queue_t>,
    /// Told whenever the empty queue got its first event. Boxed: librdkafka holds its address.
    arrived: Box<Notify>,
    /// librdkafka holds its address until it is destroyed.
    _oauth: Option<Arc<OAuth>>,
    /// Taken off before the handle is destroyed.
    listed: Option<Listed>,
}

// SAFETY: librdkafka's handles and queues may be used from any thread at any time.
unsafe impl Send for Client {}
// SAFETY: as above.
unsafe impl Sync for Client {}

impl Client {
    /// Creates a handle. Starts threads, so it takes a millisecond or so; connects to nobody yet.
    pub(crate) fn new(kind: Kind, settings: &ClientSettings) -> Result<Self, KafkaError> {
        let mut said = [0 as c_char; 512];
        let conf = Conf::new(&settings.effective())?;
        let oauth = settings.oauth().cloned();
        let events = match kind {
            Kind::Producer => bindings::RD_KAFKA_EVENT_DR | bindings::RD_KAFKA_EVENT_ERROR,
            Kind::Consumer => {
                bindings::RD_KAFKA_EVENT_FETCH
                    | bindings::RD_KAFKA_EVENT_REBALANCE
                    | bindings::RD_KAFKA_EVENT_OFFSET_COMMIT
                    | bindings::RD_KAFKA_EVENT_ERROR
            }
            Kind::Reader => bindings::RD_KAFKA_EVENT_FETCH | bindings::RD_KAFKA_EVENT_ERROR,
        };
        let native_kind = match kind {
            Kind::Producer => bindings::rd_kafka_type_t::RD_KAFKA_PRODUCER,
            Kind::Consumer | Kind::Reader => bindings::rd_kafka_type_t::RD_KAFKA_CONSUMER,
        };
        // SAFETY: the configuration is ours; rd_kafka_new takes it over when, and only when, it succeeds.
        unsafe {
            bindings::rd_kafka_conf_set_events(conf.0, events);
            bindings::rd_kafka_conf_set_log_cb(conf.0, Some(log));
            if let Some(oauth) = &oauth {
                tokens::prepare(conf.0, oauth);
            }
            let native = bindings::rd_kafka_new(native_kind, conf.0, said.as_mut_ptr(), said.len());
            let Some(native) = NonNull::new(native) else {
                return Err(KafkaError::Creation(lossy(said.as_ptr())));
            };
            std::mem::forget(conf);
            let queue = match kind {
                Kind::Producer | Kind::Reader => bindings::rd_kafka_queue_get_main(native.as_ptr()),
                Kind::Consumer => {
                    bindings::rd_kafka_poll_set_consumer(native.as_ptr());
                    bindings::rd_kafka_queue_get_consumer(native.as_ptr())
                }
            };
            let Some(queue) = NonNull::new(queue) else {
                bindings::rd_kafka_destroy(native.as_ptr());
                return Err(KafkaError::Creation("the consumer has no group.id".to_owned()));
            };
            let arrived = Box::new(Notify::new());
            let address = ptr::from_ref::<Notify>(&arrived).cast_mut().cast::<c_void>();
            bindings::rd_kafka_queue_cb_event_enable(queue.as_ptr(), Some(wake), address);
            let listed = Some(Listed::new(native.as_ptr()));
            let client = Self { native, queue, arrived, _oauth: oauth, listed };
            if client._oauth.is_some() {
                tokens::start(client.ptr())?;
            }
            Ok(client)
        }
    }

    pub(crate) fn ptr(&self) -> *mut bindings::rd_kafka_t {
        self.native.as_ptr()
    }

    pub(crate) fn queue(&self) -> *mut bindings::rd_kafka_queue_t {
        self.queue.as_ptr()
    }

    /// Told when the queue was empty and is not any more. Edge-triggered: drain before waiting.
    pub(crate) fn arrived(&self) -> &Notify {
        &self.arrived
    }

    /// The next event, at once or after at most this many milliseconds. With zero it never blocks.
    pub(crate) fn poll(&self, timeout_ms: c_int) -> Option<NativeEvent> {
        // SAFETY: the queue lives as long as this client; the event is owned by who gets it.
        NativeEvent::from_ptr(unsafe { bindings::rd_kafka_queue_poll(self.queue.as_ptr(), timeout_ms) })
    }
}

#[cfg(test)]
impl Client {
    /// What librdkafka says is in force for this handle.
    pub(crate) fn dump(&self) -> std::collections::BTreeMap<String, String> {
        let mut found = std::collections::BTreeMap::new();
        // SAFETY: a live handle; each array holds as many strings as told, names and values in turn, and is ours to
        // free, as the copy of the topics' settings is.
        unsafe {
            let mut read = |all: *mut *const c_char, count: usize| {
                for at in 0..count / 2 {
                    let (name, value) = (lossy(*all.add(2 * at)), lossy(*all.add(2 * at + 1)));
                    // Topics inherit what has the same name.
                    found.entry(name).or_insert(value);
                }
                bindings::rd_kafka_conf_dump_free(all, count);
            };
            let mut count = 0;
            let all = bindings::rd_kafka_conf_dump(bindings::rd_kafka_conf(self.ptr()).cast_mut(), &mut count);
            read(all, count);
            let topics = bindings::rd_kafka_default_topic_conf_dup(self.ptr());
            let all = bindings::rd_kafka_topic_conf_dump(topics, &mut count);
            read(all, count);
            bindings::rd_kafka_topic_conf_destroy(topics);
        }
        found
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.listed = None;
        // SAFETY: nothing else holds the handle. The callback goes first, then our reference to
        // the queue, then the handle; a consumer was closed before, so the group is not asked again.
        unsafe {
            bindings::rd_kafka_queue_cb_event_enable(self.queue.as_ptr(), None, ptr::null_mut());
            bindings::rd_kafka_queue_destroy(self.queue.as_ptr());
            bindings::rd_kafka_destroy_flags(self.native.as_ptr(), bindings::RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        }
    }
}

struct Conf(*mut bindings::rd_kafka_conf_t);

impl Conf {
    fn new(settings: &BTreeMap<String, String>) -> Result<Self, KafkaError> {
        // SAFETY: plain construction; the guard destroys it on every early return.
        let conf = Self(unsafe { bindings::rd_kafka_conf_new() });
        let mut said = [0 as c_char; 512];
        for (key, value) in settings {
            let (Ok(name), Ok(text)) = (CString::new(key.as_str()), CString::new(value.as_str())) else {
                return Err(KafkaError::Creation(format!("{key}: a zero byte in the setting")));
            };
            // SAFETY: both strings end in zero, and the buffer's length is told.
            let result = unsafe {
                bindings::rd_kafka_conf_set(conf.0, name.as_ptr(), text.as_ptr(), said.as_mut_ptr(), said.len())
            };
            if result != bindings::rd_kafka_conf_res_t::RD_KAFKA_CONF_OK {
                // SAFETY: librdkafka wrote a string that ends in zero.
                return Err(KafkaError::Creation(format!("{key}: {}", unsafe { lossy(said.as_ptr()) })));
            }
        }
        Ok(conf)
    }
}

impl Drop for Conf {
    fn drop(&mut self) {
        // SAFETY: still ours, or this would have been forgotten.
        unsafe { bindings::rd_kafka_conf_destroy(self.0) };
    }
}

/// # Safety
/// `text` must be null or a string that ends in zero.
pub(crate) unsafe fn lossy(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: by the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().trim().to_owned()
}

/// Turns an error object into ours and frees it. Null is success.
///
/// # Safety
/// `error` must be null or owned by the caller.
pub(crate) unsafe fn take_error(
    action: &'static str,
    error: *mut bindings::rd_kafka_error_t,
) -> Result<(), KafkaError> {
    if error.is_null() {
        return Ok(());
    }
    // SAFETY: by the caller's promise; freed once, here.
    unsafe {
        let code = bindings::rd_kafka_error_code(error) as i32;
        let text = lossy(bindings::rd_kafka_error_string(error));
        bindings::rd_kafka_error_destroy(error);
        Err(KafkaError::with_text(action, code, text))
    }
}

/// Runs on librdkafka's threads with the queue locked: only wakes.
unsafe extern "C" fn wake(_: *mut bindings::rd_kafka_t, notify: *mut c_void) {
    // SAFETY: the address given at creation; the callback is taken off before the box is freed.
    unsafe { &*notify.cast::<Notify>() }.notify_one();
}

/// Hands a log line over at once, so that a client nobody polls is not mute.
unsafe extern "C" fn log(
    native: *const bindings::rd_kafka_t,
    level: c_int,
    facility: *const c_char,
    line: *const c_char,
) {
    // SAFETY: librdkafka's strings end in zero; its handle may be null before creation is through.
    let (client, consumes, facility, line) = unsafe {
        let client = if native.is_null() { String::new() } else { lossy(bindings::rd_kafka_name(native)) };
        let consumes =
            !native.is_null() && bindings::rd_kafka_type(native) == bindings::rd_kafka_type_t::RD_KAFKA_CONSUMER;
        (client, consumes, lossy(facility), lossy(line))
    };
    // A place in the code has one target.
    macro_rules! say {
        ($target:expr) => {
            match level {
                0..=3 => tracing::error!(target: $target, %client, "{facility}: {line}"),
                4 => tracing::warn!(target: $target, %client, "{facility}: {line}"),
                5 | 6 => tracing::info!(target: $target, %client, "{facility}: {line}"),
                _ => tracing::debug!(target: $target, %client, "{facility}: {line}"),
            }
        };
    }
    if consumes { say!(CONSUMER) } else { say!(PRODUCER) }
}
