//! Telemetry export, which this broker does not have: it is on only when an endpoint is set.

use opentelemetry_sdk::metrics::SdkMeterProvider;
use url::Url;

/// Why an exporter could not be made.
#[derive(Clone, Copy, Debug)]
pub struct Error;

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("this broker exports no telemetry")
    }
}

impl std::error::Error for Error {}

/// Would export metrics.
///
/// # Errors
///
/// Always.
pub fn meter_provider(_endpoint: Url, _service: &'static str) -> Result<SdkMeterProvider, Error> {
    Err(Error)
}
