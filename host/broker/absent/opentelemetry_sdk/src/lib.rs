//! The recording half of telemetry, which this broker does not have. Measurements go to the interface
//! crate's own recorder, which drops them.

/// Metrics.
pub mod metrics {
    /// What would collect measurements.
    #[derive(Clone, Copy, Debug)]
    pub enum SdkMeterProvider {}

    impl SdkMeterProvider {
        /// Would export what is pending.
        ///
        /// # Errors
        ///
        /// Never, as it is never called.
        pub fn force_flush(&self) -> Result<(), String> {
            match *self {}
        }

        /// Would end the collection.
        ///
        /// # Errors
        ///
        /// Never, as it is never called.
        pub fn shutdown(&self) -> Result<(), String> {
            match *self {}
        }
    }
}

/// Traces.
pub mod trace {
    /// What would collect spans.
    #[derive(Clone, Copy, Debug)]
    pub enum SdkTracerProvider {}

    impl SdkTracerProvider {
        /// Would end the collection.
        ///
        /// # Errors
        ///
        /// Never, as it is never called.
        pub fn shutdown(&self) -> Result<(), String> {
            match *self {}
        }
    }
}
