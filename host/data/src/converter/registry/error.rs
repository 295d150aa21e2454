//! What a registry may answer instead of a schema, and what a converter makes of it.
//!
//! Three ends, as with Confluent's converters: what may pass is retriable, what the registry refuses because of
//! who asks or how is a matter of configuration, and everything else is bad data.

use crate::error::DataError;

const SERIALIZATION: &str = "org.apache.kafka.common.errors.SerializationException";
const REST: &str = "io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException";

/// Why a registry gave no answer. Never holds credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// The registry's own answer.
    #[error("{message}; error code: {code}")]
    Refused {
        /// HTTP's status.
        status: u16,
        /// The registry's `error_code`; the status where it has none.
        code: i32,
        /// Its words.
        message: String,
    },
    /// No registry could be reached.
    #[error("{0}")]
    Unreachable(String),
    /// An answer, or a schema in it, that cannot be understood.
    #[error("{0}")]
    Malformed(String),
}

impl RegistryError {
    /// Whether the same question may be answered later.
    pub fn is_retriable(&self) -> bool {
        match self {
            RegistryError::Refused { status, .. } => matches!(status, 408 | 429 | 500..=599),
            RegistryError::Unreachable(_) => true,
            RegistryError::Malformed(_) => false,
        }
    }

    /// As a converter's error. `own` is the converter's sentence, `what` the serializer's
    /// (`Error registering Avro schema...`), `format` the word in `Failed to access Avro data`.
    pub fn into_data(self, own: &str, format: &str, topic: &str, what: &str) -> DataError {
        let retriable = self.is_retriable();
        if let RegistryError::Refused { code: 400..=499, .. } = self
            && !retriable
        {
            return DataError::new(format!("Failed to access {format} data from topic {topic} : {self}"))
                .with_class("org.apache.kafka.common.config.ConfigException");
        }
        let class = match &self {
            RegistryError::Refused { .. } => REST,
            RegistryError::Unreachable(_) | RegistryError::Malformed(_) => "java.io.IOException",
        };
        let error = DataError::caused_by(own, format_args!("{SERIALIZATION}: {what}\nCaused by: {class}: {self}"));
        if retriable {
            error.with_class("org.apache.kafka.connect.errors.RetriableException").with_retriable(true)
        } else {
            error
        }
    }
}

/// A converter's error whose cause is the serializer's own, such as `Unknown magic byte!`.
pub(super) fn serialization(own: &str, what: &str) -> DataError {
    DataError::caused_by(own, format_args!("{SERIALIZATION}: {what}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn refused(status: u16, code: i32) -> RegistryError {
        RegistryError::Refused { status, code, message: "no".to_owned() }
    }

    #[test]
    fn what_may_pass_is_retriable_and_nothing_else() {
        for (error, retriable) in [
            (refused(500, 50001), true),
            (refused(429, 42901), true),
            (refused(404, 40403), false),
            (refused(409, 409), false),
            (RegistryError::Unreachable("x".to_owned()), true),
            (RegistryError::Malformed("x".to_owned()), false),
        ] {
            assert_eq!(error.clone().into_data("own: ", "Avro", "t", "what").is_retriable(), retriable, "{error}");
        }
    }

    #[test]
    fn a_refusal_for_a_reason_of_configuration_says_so() {
        let error = refused(409, 409).into_data("own: ", "Avro", "t", "what");
        assert_eq!(error.class(), "org.apache.kafka.common.config.ConfigException");
        assert_eq!(error.message(), "Failed to access Avro data from topic t : no; error code: 409");
    }

    #[test]
    fn a_missing_schema_is_bad_data() {
        let error = refused(404, 40403).into_data("own: ", "Avro", "t", "Error retrieving Avro schema");
        assert_eq!(error.own_message(), "own: ");
        assert_eq!(
            error.stack_trace(),
            "org.apache.kafka.connect.errors.DataException: own: \n\
             Caused by: org.apache.kafka.common.errors.SerializationException: Error retrieving Avro schema\n\
             Caused by: io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException: \
             no; error code: 40403"
        );
    }
}
