//! Kafka's oldest encoding of structures: big-endian numbers, texts after a length of two bytes, lists after a count of
//! four.

/// Bytes that are no message of a worker's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// The bytes end too early.
    #[error("the message ends within the field '{0}'")]
    Short(&'static str),
    /// A length that cannot be.
    #[error("the field '{field}' has the length {length}")]
    Length {
        /// Which field.
        field: &'static str,
        /// As it is written.
        length: i64,
    },
    /// A text that is none.
    #[error("the field '{0}' is no UTF-8")]
    Text(&'static str),
    /// Kafka's words.
    #[error("Unsupported subscription version: {0}")]
    Version(i16),
    /// A task with a number that no task has.
    #[error("connector '{connector}' has no task {task}")]
    Task {
        /// Of which connector.
        connector: String,
        /// Its number.
        task: i32,
    },
    /// Few bytes that would become very many.
    #[error("the names of the tasks would take more than {0} bytes")]
    TooMuch(usize),
    /// Something too long for the encoding.
    #[error("the field '{field}' is too long: {length} bytes")]
    TooLong {
        /// Which field.
        field: &'static str,
        /// How long it would be.
        length: usize,
    },
}

/// Reads one field after the other. Nothing is allocated for more than there is.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether nothing is left: older workers leave later fields out.
    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], ProtocolError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(ProtocolError::Short(field))?;
        self.rest = rest;
        Ok(*taken)
    }

    fn slice(&mut self, field: &'static str, length: i64) -> Result<&'a [u8], ProtocolError> {
        let count = usize::try_from(length).map_err(|_| ProtocolError::Length { field, length })?;
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(ProtocolError::Short(field))?;
        self.rest = rest;
        Ok(taken)
    }

    /// With which every message begins. Later ones than ours are read as far as we know them.
    pub(super) fn version(&mut self) -> Result<i16, ProtocolError> {
        match self.i16("version")? {
            version @ ..0 => Err(ProtocolError::Version(version)),
            version => Ok(version),
        }
    }

    pub(super) fn i16(&mut self, field: &'static str) -> Result<i16, ProtocolError> {
        self.array(field).map(i16::from_be_bytes)
    }

    pub(super) fn i32(&mut self, field: &'static str) -> Result<i32, ProtocolError> {
        self.array(field).map(i32::from_be_bytes)
    }

    pub(super) fn i64(&mut self, field: &'static str) -> Result<i64, ProtocolError> {
        self.array(field).map(i64::from_be_bytes)
    }

    pub(super) fn text(&mut self, field: &'static str) -> Result<&'a str, ProtocolError> {
        let length = self.i16(field)?;
        std::str::from_utf8(self.slice(field, length.into())?).map_err(|_| ProtocolError::Text(field))
    }

    /// Bytes, or none.
    pub(super) fn bytes(&mut self, field: &'static str) -> Result<Option<&'a [u8]>, ProtocolError> {
        match self.i32(field)? {
            ..0 => Ok(None),
            length => self.slice(field, length.into()).map(Some),
        }
    }

    /// How many elements follow; none for no list.
    pub(super) fn count(&mut self, field: &'static str) -> Result<Option<usize>, ProtocolError> {
        Ok(usize::try_from(self.i32(field)?).ok())
    }
}

/// Writes one field after the other.
#[derive(Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn i16(&mut self, value: i16) {
        self.bytes.extend(value.to_be_bytes());
    }

    pub(super) fn i32(&mut self, value: i32) {
        self.bytes.extend(value.to_be_bytes());
    }

    pub(super) fn i64(&mut self, value: i64) {
        self.bytes.extend(value.to_be_bytes());
    }

    pub(super) fn text(&mut self, field: &'static str, text: &str) -> Result<(), ProtocolError> {
        let length = i16::try_from(text.len()).map_err(|_| ProtocolError::TooLong { field, length: text.len() })?;
        self.i16(length);
        self.bytes.extend(text.as_bytes());
        Ok(())
    }

    pub(super) fn bytes(&mut self, field: &'static str, bytes: Option<&[u8]>) -> Result<(), ProtocolError> {
        match bytes {
            None => self.i32(-1),
            Some(bytes) => {
                self.count(field, bytes.len())?;
                self.bytes.extend(bytes);
            }
        }
        Ok(())
    }

    pub(super) fn count(&mut self, field: &'static str, count: usize) -> Result<(), ProtocolError> {
        self.i32(i32::try_from(count).map_err(|_| ProtocolError::TooLong { field, length: count })?);
        Ok(())
    }

    pub(super) fn done(self) -> Vec<u8> {
        self.bytes
    }
}
