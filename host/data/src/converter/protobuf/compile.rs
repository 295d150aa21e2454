//! The text of a `.proto` file, as the registry keeps it, as descriptors.
//!
//! Some clients register a descriptor in base64 instead of text; that is understood too. Text written by
//! Confluent's converter uses Confluent's options without importing them, so the import is added.

use std::path::Path;

use prost_reflect::FileDescriptor;
use protox::Compiler;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};

use crate::error::DataError;
use crate::java::json::decode_base64;

/// What the schema itself is called while it is compiled.
const ROOT: &str = "default";
/// Deepest nesting of brackets in a text. The parser bounds messages itself, but not the values of options.
const MAX_NESTING: usize = 100;
/// Longest text.
const MAX_LENGTH: usize = 4 << 20;

const META: &str = "confluent/meta.proto";

/// What registries know without a reference.
const KNOWN: &[(&str, &str)] = &[
    (
        META,
        "syntax = \"proto3\"; package confluent; import \"google/protobuf/descriptor.proto\";
         message Meta { string doc = 1; map<string, string> params = 2; repeated string tags = 3; }
         extend google.protobuf.FileOptions { Meta file_meta = 1088; }
         extend google.protobuf.MessageOptions { Meta message_meta = 1088; }
         extend google.protobuf.FieldOptions { Meta field_meta = 1088; }
         extend google.protobuf.EnumOptions { Meta enum_meta = 1088; }
         extend google.protobuf.EnumValueOptions { Meta enum_value_meta = 1088; }",
    ),
    (
        "confluent/type/decimal.proto",
        "syntax = \"proto3\"; package confluent.type;
         message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }",
    ),
    ("confluent/types/decimal.proto", "syntax = \"proto3\"; import public \"confluent/type/decimal.proto\";"),
    (
        "google/type/date.proto",
        "syntax = \"proto3\"; package google.type; message Date { int32 year = 1; int32 month = 2; int32 day = 3; }",
    ),
    (
        "google/type/timeofday.proto",
        "syntax = \"proto3\"; package google.type;
         message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }",
    ),
    (
        "google/type/latlng.proto",
        "syntax = \"proto3\"; package google.type; message LatLng { double latitude = 1; double longitude = 2; }",
    ),
    (
        "google/type/money.proto",
        "syntax = \"proto3\"; package google.type;
         message Money { string currency_code = 1; int64 units = 2; int32 nanos = 3; }",
    ),
    (
        "google/type/month.proto",
        "syntax = \"proto3\"; package google.type;
         enum Month { MONTH_UNSPECIFIED = 0; JANUARY = 1; FEBRUARY = 2; MARCH = 3; APRIL = 4; MAY = 5; JUNE = 6;
         JULY = 7; AUGUST = 8; SEPTEMBER = 9; OCTOBER = 10; NOVEMBER = 11; DECEMBER = 12; }",
    ),
    (
        "google/type/dayofweek.proto",
        "syntax = \"proto3\"; package google.type;
         enum DayOfWeek { DAY_OF_WEEK_UNSPECIFIED = 0; MONDAY = 1; TUESDAY = 2; WEDNESDAY = 3; THURSDAY = 4;
         FRIDAY = 5; SATURDAY = 6; SUNDAY = 7; }",
    ),
];

/// Compiles a schema. `references` are the files it imports, by the names it imports them by.
pub(super) fn compile(text: &str, references: &[(String, String)]) -> Result<FileDescriptor, DataError> {
    let root = open(ROOT, text)?;
    let name = root.name().to_owned();
    let mut files = vec![root];
    for (name, text) in references {
        files.push(renamed(open(name, text)?, name));
    }
    let mut resolver = ChainFileResolver::new();
    resolver.add(Files(files));
    resolver.add(Known);
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.open_file(Path::new(&name)).map_err(|error| invalid(&error))?;
    compiler
        .descriptor_pool()
        .get_file_by_name(&name)
        .ok_or_else(|| invalid(&"the file is not among its own descriptors"))
}

fn invalid(cause: &dyn std::fmt::Display) -> DataError {
    DataError::new(format!("The Protobuf schema cannot be used: {cause}"))
}

fn open(name: &str, text: &str) -> Result<File, DataError> {
    if text.len() > MAX_LENGTH || nesting(text) > MAX_NESTING {
        return Err(invalid(&format!("longer than {MAX_LENGTH} bytes or nested deeper than {MAX_NESTING}")));
    }
    let plain = text.trim();
    if !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)) {
        let encoded = decode_base64(plain).ok_or_else(|| invalid(&"neither text nor base64"))?;
        return File::decode_file_descriptor_proto(encoded.as_slice()).map_err(|error| invalid(&error));
    }
    let mut source = text.to_owned();
    if text.contains("(confluent.") && !text.contains(META) {
        source.push_str(&format!("\nimport \"{META}\";\n"));
    }
    File::from_source(name, &source).map_err(|error| invalid(&error))
}

/// A referenced descriptor may have been registered under another name than the one it has itself.
fn renamed(file: File, name: &str) -> File {
    if file.name() == name {
        return file;
    }
    let mut descriptor = file.file_descriptor_proto().clone();
    descriptor.name = Some(name.to_owned());
    File::from_file_descriptor_proto(descriptor)
}

fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0usize);
    for byte in text.bytes() {
        match byte {
            b'{' | b'[' | b'<' | b'(' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' | b'>' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The schema and its references.
struct Files(Vec<File>);

impl FileResolver for Files {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        let found = self.0.iter().find(|file| file.name() == name);
        found.cloned().ok_or_else(|| protox::Error::file_not_found(name))
    }
}

/// [`KNOWN`].
struct Known;

impl FileResolver for Known {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        match KNOWN.iter().find(|(known, _)| *known == name) {
            Some((_, text)) => File::from_source(name, text),
            None => Err(protox::Error::file_not_found(name)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_known_compiles() {
        for (name, _) in KNOWN {
            let file = compile(&format!("syntax = \"proto3\"; import \"{name}\"; message A {{}}"), &[]).unwrap();
            assert_eq!(file.messages().len(), 1, "{name}");
        }
    }

    #[test]
    fn options_need_no_import() {
        let text = "syntax = \"proto3\";\npackage a.b;\n\nmessage V {\n  int32 x = 5 [(confluent.field_meta) = {\n    \
                    params: [\n      {\n        key: \"connect.type\",\n        value: \"int16\"\n      }\n    ]\n  }];\n}\n";
        assert_eq!(compile(text, &[]).unwrap().messages().next().unwrap().full_name(), "a.b.V");
    }

    #[test]
    fn imports_come_from_references() {
        let text = "syntax = \"proto3\"; import \"other.proto\"; message A { o.B b = 1; }";
        let other = "syntax = \"proto3\"; package o; message B { string s = 1; }".to_owned();
        assert!(compile(text, &[]).is_err());
        assert!(compile(text, &[("other.proto".to_owned(), other)]).is_ok());
    }

    #[test]
    fn hostile_text_is_an_error() {
        let deep = format!("message A {{ option x = {}", "{a:".repeat(100_000));
        for text in ["", "\u{0}", "message", "AAAA", "////", &deep, "syntax = \"proto9\";"] {
            let _ = compile(text, &[]);
        }
        assert!(compile(&deep, &[]).is_err());
        assert!(compile("message A { A", &[]).is_err());
    }
}
