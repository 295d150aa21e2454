//! OAUTHBEARER tokens for librdkafka, handed over when it asks.
//!
//! Asked on the client's main queue, a client that nobody polls would never authenticate. So librdkafka asks from
//! its background thread, which may also wait for an identity provider.

use std::ffi::CString;
use std::os::raw::{c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Arc;

use rdkafka::bindings;

use super::client::{lossy, take_error};
use super::code;
use crate::KafkaError;
use crate::oauth::{OAuth, Token};

/// # Safety
/// `conf` must be live, and the source must outlive the client made of it.
pub(super) unsafe fn prepare(conf: *mut bindings::rd_kafka_conf_t, oauth: &Arc<OAuth>) {
    // SAFETY: by the caller's promise.
    unsafe {
        bindings::rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf, Some(refresh));
        bindings::rd_kafka_conf_enable_sasl_queue(conf, 1);
        bindings::rd_kafka_conf_set_opaque(conf, Arc::as_ptr(oauth).cast_mut().cast::<c_void>());
    }
}

/// Moves the asking to the background thread.
///
/// # Safety
/// `native` must be live.
pub(super) unsafe fn start(native: *mut bindings::rd_kafka_t) -> Result<(), KafkaError> {
    // SAFETY: by the caller's promise; the error becomes ours.
    unsafe { take_error("starting OAUTHBEARER", bindings::rd_kafka_sasl_background_callbacks_enable(native)) }
}

/// Runs on librdkafka's background thread.
unsafe extern "C" fn refresh(native: *mut bindings::rd_kafka_t, _config: *const c_char, oauth: *mut c_void) {
    // SAFETY: the address given in `prepare`; whoever owns the client owns the source longer.
    let oauth = unsafe { &*oauth.cast_const().cast::<OAuth>() };
    let found = catch_unwind(AssertUnwindSafe(|| oauth.renewed()));
    let found = found.unwrap_or_else(|_| Err("an internal error".to_owned()));
    // SAFETY: librdkafka's own handle.
    if let Err(reason) = found.and_then(|token| unsafe { hand_over(native, oauth, &token) }) {
        let reason = CString::new(reason.replace('\0', " ")).unwrap_or_default();
        // SAFETY: a live handle and a string that ends in zero.
        unsafe { bindings::rd_kafka_oauthbearer_set_token_failure(native, reason.as_ptr()) };
    }
}

unsafe fn hand_over(native: *mut bindings::rd_kafka_t, oauth: &OAuth, token: &Token) -> Result<(), String> {
    let text = |value: &str| CString::new(value).map_err(|_| "a zero byte in the token".to_owned());
    let (value, principal) = (text(&token.value)?, text(&token.principal)?);
    let extensions =
        oauth.extensions().iter().flat_map(|(name, value)| [text(name), text(value)]).collect::<Result<Vec<_>, _>>()?;
    let mut pointers: Vec<*const c_char> = extensions.iter().map(|text| text.as_ptr()).collect();
    let list = if pointers.is_empty() { ptr::null_mut() } else { pointers.as_mut_ptr() };
    let mut said = [0 as c_char; 512];
    // SAFETY: a live handle, strings that end in zero, a list of as many as told; librdkafka copies.
    unsafe {
        let result = bindings::rd_kafka_oauthbearer_set_token(
            native,
            value.as_ptr(),
            token.expires,
            principal.as_ptr(),
            list,
            pointers.len(),
            said.as_mut_ptr(),
            said.len(),
        );
        if result as i32 == code::NO_ERROR { Ok(()) } else { Err(lossy(said.as_ptr())) }
    }
}
