//! The exception classes other than `DataException` that Kafka's transforms end in, on purpose or by accident.
//! Operators see class and message in a task's trace and in the headers of a dead letter queue, so an accident
//! of Java's (a null pointer) is as much part of the interface as a message that somebody wrote.

use crate::error::DataError;

/// `SchemaBuilderException`.
pub(super) fn schema_builder(message: impl Into<String>) -> DataError {
    DataError::new(message).with_class("org.apache.kafka.connect.errors.SchemaBuilderException")
}

/// `ConnectException`.
pub(super) fn connect(message: impl Into<String>) -> DataError {
    DataError::new(message).with_class("org.apache.kafka.connect.errors.ConnectException")
}

/// `IllegalArgumentException`.
pub(super) fn illegal_argument(message: impl Into<String>) -> DataError {
    DataError::new(message).with_class("java.lang.IllegalArgumentException")
}

/// `NullPointerException`, with the words that the JVM finds for it.
pub(super) fn null_pointer(message: impl Into<String>) -> DataError {
    DataError::new(message).with_class("java.lang.NullPointerException")
}

/// `ClassCastException` where text was taken for granted.
pub(super) fn not_a_string(class: &str) -> DataError {
    DataError::new(format!(
        "class {class} cannot be cast to class java.lang.String ({class} and java.lang.String are in module java.base of loader 'bootstrap')"
    ))
    .with_class("java.lang.ClassCastException")
}
