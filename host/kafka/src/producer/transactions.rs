//! Transactions of a producer that is one task's own.
//!
//! librdkafka's calls wait for the coordinator, so they run on blocking threads. While one runs somebody has to serve
//! the delivery reports, else committing and aborting would wait for them for ever: the future does. rdkafka's own
//! commit polls in steps of a tenth of a second and so costs one at least; librdkafka's does not.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::bindings;

use super::lease::ProducerLease;
use super::shared::Shared;
use crate::native::client::lossy;
use crate::native::code;

/// Looks for delivery reports at least this often while a call waits for them.
const LOOK: Duration = Duration::from_millis(20);

/// A failed call of a transaction, with what is left to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{action}: {text} ({name})")]
pub struct TransactionError {
    /// What was being done.
    pub action: &'static str,
    /// The same call, and nothing else, has to be made again.
    pub retriable: bool,
    /// The transaction has to be aborted; after that the producer is good for the next.
    pub abortable: bool,
    /// The producer is of no use any more.
    pub fatal: bool,
    /// Another producer has taken over the `transactional.id`; always fatal.
    pub fenced: bool,
    /// librdkafka's code.
    pub code: i32,
    /// The code's name, such as `_FENCED`.
    pub name: &'static str,
    /// What librdkafka said.
    pub text: String,
}

impl TransactionError {
    fn new(action: &'static str, code: i32, text: String) -> Self {
        let fenced = code::is_fenced(code);
        let text = if text.is_empty() { code::text(code).to_owned() } else { text };
        Self { action, retriable: false, abortable: false, fatal: fenced, fenced, code, name: code::name(code), text }
    }

    /// Takes over an error object; null is success.
    ///
    /// # Safety
    /// `error` must be null or owned by the caller.
    unsafe fn take(action: &'static str, error: *mut bindings::rd_kafka_error_t) -> Result<(), Self> {
        if error.is_null() {
            return Ok(());
        }
        // SAFETY: by the caller's promise; freed once, here.
        unsafe {
            let code = bindings::rd_kafka_error_code(error) as i32;
            let mut found = Self::new(action, code, lossy(bindings::rd_kafka_error_string(error)));
            found.retriable = bindings::rd_kafka_error_is_retriable(error) != 0;
            found.abortable = bindings::rd_kafka_error_txn_requires_abort(error) != 0;
            found.fatal |= bindings::rd_kafka_error_is_fatal(error) != 0;
            bindings::rd_kafka_error_destroy(error);
            Err(found)
        }
    }
}

type Call = unsafe extern "C" fn(*mut bindings::rd_kafka_t, std::os::raw::c_int) -> *mut bindings::rd_kafka_error_t;

unsafe extern "C" fn begin(
    native: *mut bindings::rd_kafka_t,
    _: std::os::raw::c_int,
) -> *mut bindings::rd_kafka_error_t {
    // SAFETY: the caller's handle.
    unsafe { bindings::rd_kafka_begin_transaction(native) }
}

impl ProducerLease {
    /// Registers the `transactional.id`: whoever used it before is fenced off, and what he left open is aborted. Once,
    /// before the first transaction.
    ///
    /// All calls of this kind go on in the background when their future is dropped: ask no other before it is over.
    pub fn init_transactions(
        &self,
        timeout: Duration,
    ) -> impl Future<Output = Result<(), TransactionError>> + Send + use<> {
        self.transaction("initialising transactions", bindings::rd_kafka_init_transactions, timeout)
    }

    /// Begins a transaction. What is sent from now on belongs to it.
    pub fn begin_transaction(&self) -> impl Future<Output = Result<(), TransactionError>> + Send + use<> {
        self.transaction("beginning a transaction", begin, Duration::ZERO)
    }

    /// Commits. What is on its way is waited for first, without lingering; a record that failed makes it an error that
    /// is [`abortable`](TransactionError::abortable). After a time-out, which is retriable, it has to be asked again.
    pub fn commit_transaction(
        &self,
        timeout: Duration,
    ) -> impl Future<Output = Result<(), TransactionError>> + Send + use<> {
        self.transaction("committing a transaction", bindings::rd_kafka_commit_transaction, timeout)
    }

    /// Aborts. What is not acknowledged yet is dropped, and acknowledged as such.
    pub fn abort_transaction(
        &self,
        timeout: Duration,
    ) -> impl Future<Output = Result<(), TransactionError>> + Send + use<> {
        self.transaction("aborting a transaction", bindings::rd_kafka_abort_transaction, timeout)
    }

    fn transaction(
        &self,
        action: &'static str,
        call: Call,
        timeout: Duration,
    ) -> impl Future<Output = Result<(), TransactionError>> + Send + use<> {
        let producer = self.shared().cloned();
        async move {
            let gone = || TransactionError::new(action, code::DESTROY, "the worker is shutting down".to_owned());
            let producer = producer.ok_or_else(gone)?;
            let millis = i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX);
            let callee = producer.clone();
            // SAFETY: a live handle, kept alive by the closure; the error becomes ours.
            let mut running = tokio::task::spawn_blocking(move || unsafe {
                TransactionError::take(action, call(callee.client.ptr(), millis))
            });
            loop {
                tokio::select! {
                    outcome = &mut running => {
                        producer.serve(0);
                        return outcome.unwrap_or_else(|_| Err(gone()));
                    }
                    () = served(&producer) => {}
                }
            }
        }
    }
}

/// Serves reports when some arrive, and now and then: the arrival may be told to somebody else.
async fn served(producer: &Arc<Shared>) {
    let _ = tokio::time::timeout(LOOK, producer.client.arrived().notified()).await;
    producer.serve(0);
}
