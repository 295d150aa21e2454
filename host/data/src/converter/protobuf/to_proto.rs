//! A Connect schema as the text of a `.proto` file.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use super::names;
use super::numbers::Numbers;
use super::settings::ProtobufSettings;
use crate::error::DataError;
use crate::logical::Logical;
use crate::schema::{Field, Schema, Type};

/// Deepest message that is written: what compilers accept.
const MAX_DEPTH: usize = 30;

/// The text to register. Its first message is the schema.
pub(super) fn text(schema: &Schema, settings: &ProtobufSettings) -> Result<String, DataError> {
    if schema.ty != Type::Struct {
        let message = format!("Unsupported root schema of type {}", schema.ty);
        return Err(DataError::new(message).with_class("java.lang.IllegalArgumentException"));
    }
    let mut printer = Printer { settings, imports: BTreeSet::new(), unnamed: 0 };
    let full = printer.full_name(schema);
    let (package, name) = full.rsplit_once('.').unwrap_or(("", &full));
    let mut body = String::new();
    printer.message(&mut body, schema, &printer.acceptable(name), 0)?;
    let mut out = String::from("syntax = \"proto3\";\n");
    if !package.is_empty() {
        let parts: Vec<_> = package.split('.').map(|part| printer.acceptable(part)).collect();
        let _ = writeln!(out, "package {};", parts.join("."));
    }
    out.push('\n');
    for import in &printer.imports {
        let _ = writeln!(out, "import \"{import}\";");
    }
    if !printer.imports.is_empty() {
        out.push('\n');
    }
    out.push_str(&body);
    Ok(out)
}

struct Printer<'a> {
    settings: &'a ProtobufSettings,
    imports: BTreeSet<&'static str>,
    unnamed: usize,
}

/// The types that a message defines for its own fields.
#[derive(Default)]
struct Nested {
    messages: HashMap<String, Arc<Schema>>,
    text: Vec<String>,
}

/// What stands between label and name of a field, and its annotations.
struct Typed {
    name: String,
    meta: Vec<(&'static str, String)>,
    scalar: bool,
}

impl Printer<'_> {
    fn full_name(&mut self, schema: &Schema) -> String {
        match schema.name.as_deref().filter(|name| !name.is_empty()) {
            Some(name) => name.to_owned(),
            None => {
                self.unnamed += 1;
                format!("{}{}", names::DEFAULT_NAME, self.unnamed)
            }
        }
    }

    fn acceptable(&self, name: &str) -> String {
        if self.settings.scrub_invalid_names { names::scrubbed(name) } else { name.to_owned() }
    }

    fn message(&mut self, out: &mut String, schema: &Schema, name: &str, depth: usize) -> Result<(), DataError> {
        if depth > MAX_DEPTH {
            return Err(DataError::new(format!("Schema is nested deeper than {MAX_DEPTH} levels")));
        }
        let mut nested = Nested::default();
        let mut numbers = Numbers::of(schema)?;
        let indent = "  ".repeat(depth + 1);
        let _ = writeln!(out, "{}message {name} {{", "  ".repeat(depth));
        for field in schema.fields.iter().filter(|field| names::union_name(&field.schema).is_none()) {
            self.field(out, field, &mut numbers, &mut nested, depth, false)?;
        }
        for field in &schema.fields {
            let Some(union) = names::union_name(&field.schema) else {
                continue;
            };
            let _ = writeln!(out, "{indent}oneof {} {{", self.acceptable(union));
            let mut members = String::new();
            for member in &field.schema.fields {
                self.field(&mut members, member, &mut numbers, &mut nested, depth, true)?;
            }
            for line in members.lines() {
                let _ = writeln!(out, "  {line}");
            }
            let _ = writeln!(out, "{indent}}}");
        }
        for (index, text) in nested.text.iter().enumerate() {
            if index == 0 {
                let _ = writeln!(out, "{}", "  ".repeat(depth));
            }
            out.push_str(text);
        }
        let _ = writeln!(out, "{}}}", "  ".repeat(depth));
        Ok(())
    }

    fn field(
        &mut self,
        out: &mut String,
        field: &Field,
        numbers: &mut Numbers,
        nested: &mut Nested,
        depth: usize,
        member: bool,
    ) -> Result<(), DataError> {
        let number = numbers.next(field);
        let name = self.acceptable(&field.name);
        let schema = &field.schema;
        let (label, typed) = match schema.ty {
            Type::Array => {
                let element = part(schema.value_schema.as_ref(), &field.name)?;
                if matches!(element.ty, Type::Array | Type::Map) {
                    let message = format!(
                        "Array cannot be nested: field {} holds {} in an array, which Protobuf cannot say",
                        field.name, element.ty
                    );
                    return Err(DataError::new(message).with_class("java.lang.IllegalArgumentException"));
                }
                ("repeated ", self.typed(element, &field.name, nested, depth)?)
            }
            Type::Map => self.map(field, nested, depth)?,
            _ if self.settings.wrapper_for_nullables
                && schema.optional
                && Logical::of(schema).is_none()
                && names::enum_parameter(schema).is_none()
                && !member =>
            {
                let typed = self.typed(schema, &field.name, nested, depth)?;
                match names::wrapper(schema.ty) {
                    Some(wrapper) => {
                        self.imports.insert("google/protobuf/wrappers.proto");
                        ("", Typed { name: wrapper.to_owned(), scalar: false, ..typed })
                    }
                    None => ("", typed),
                }
            }
            _ => {
                let typed = self.typed(schema, &field.name, nested, depth)?;
                let marked = self.settings.optional_for_nullables && schema.optional && typed.scalar && !member;
                (if marked { "optional " } else { "" }, typed)
            }
        };
        let indent = "  ".repeat(depth + 1);
        let _ = write!(out, "{indent}{label}{} {name} = {number}", typed.name);
        self.meta(out, &typed.meta, &indent);
        out.push_str(";\n");
        Ok(())
    }

    fn meta(&mut self, out: &mut String, meta: &[(&'static str, String)], indent: &str) {
        if meta.is_empty() {
            return;
        }
        // readers know this option without an import, and what Confluent's converter registers has none
        let _ = write!(out, " [(confluent.field_meta) = {{\n{indent}  params: [\n");
        for (index, (key, value)) in meta.iter().enumerate() {
            let comma = if index + 1 < meta.len() { "," } else { "" };
            let value = value.replace('\\', "\\\\").replace('"', "\\\"");
            let (key, value) = (format!("key: \"{key}\""), format!("value: \"{value}\""));
            // the order in which Confluent's converter has them; texts are compared
            let (first, second) = if key.contains(names::CONNECT_TYPE) { (key, value) } else { (value, key) };
            let _ =
                write!(out, "{indent}    {{\n{indent}      {first},\n{indent}      {second}\n{indent}    }}{comma}\n");
        }
        let _ = write!(out, "{indent}  ]\n{indent}}}]");
    }

    /// Always a message for the entries, which says the same on the wire as `map<..>` and takes any key.
    fn map(&mut self, field: &Field, nested: &mut Nested, depth: usize) -> Result<(&'static str, Typed), DataError> {
        let key = part(field.schema.key_schema.as_ref(), &field.name)?;
        let value = part(field.schema.value_schema.as_ref(), &field.name)?;
        let full = self.full_name(&field.schema);
        let name = format!("{}Entry", self.acceptable(full.rsplit('.').next().unwrap_or(&full)));
        let entry = Schema::structure(vec![Field::new("key", key.clone()), Field::new("value", value.clone())])?;
        self.define(&name, &entry.shared(), nested, depth)?;
        Ok(("repeated ", Typed { name, meta: Vec::new(), scalar: false }))
    }

    fn define(&mut self, name: &str, schema: &Arc<Schema>, nested: &mut Nested, depth: usize) -> Result<(), DataError> {
        match nested.messages.get(name) {
            Some(known) if same_fields(known, schema) => Ok(()),
            Some(_) => Err(DataError::new(format!("Two different structs in one struct would both be message {name}"))),
            None => {
                nested.messages.insert(name.to_owned(), schema.clone());
                let mut text = String::new();
                self.message(&mut text, schema, name, depth + 1)?;
                nested.text.push(text);
                Ok(())
            }
        }
    }

    fn typed(
        &mut self,
        schema: &Arc<Schema>,
        field: &str,
        nested: &mut Nested,
        depth: usize,
    ) -> Result<Typed, DataError> {
        let mut meta = Vec::new();
        if let Some(logical) = Logical::of(schema) {
            let (import, name) = match logical {
                Logical::Decimal => ("confluent/type/decimal.proto", names::DECIMAL),
                Logical::Date => ("google/type/date.proto", names::DATE),
                Logical::Time => ("google/type/timeofday.proto", names::TIME_OF_DAY),
                Logical::Timestamp => ("google/protobuf/timestamp.proto", names::TIMESTAMP),
            };
            self.imports.insert(import);
            if logical == Logical::Decimal {
                for (parameter, key) in [(names::CONNECT_PRECISION, names::PRECISION), (names::SCALE, names::SCALE)] {
                    if let Some(value) = schema.parameters.get(parameter) {
                        meta.push((key, value.clone()));
                    }
                }
            }
            return Ok(Typed { name: name.to_owned(), meta, scalar: false });
        }
        let chosen = |allowed: &[&'static str]| {
            let wanted = schema.parameters.get(names::TYPE);
            allowed.iter().find(|one| wanted.is_some_and(|wanted| wanted == *one)).unwrap_or(&allowed[0]).to_string()
        };
        let name = match schema.ty {
            Type::String | Type::Int32 if names::enum_parameter(schema).is_some() => {
                self.enumeration(schema, field, nested, depth)
            }
            Type::Int8 | Type::Int16 => {
                meta.push((names::CONNECT_TYPE, schema.ty.as_str().to_ascii_lowercase()));
                chosen(&["int32", "sint32", "sfixed32"])
            }
            Type::Int32 => chosen(&["int32", "sint32", "sfixed32"]),
            Type::Int64 => chosen(&["int64", "sint64", "sfixed64", "uint64", "fixed64", "uint32", "fixed32"]),
            Type::Float32 => "float".to_owned(),
            Type::Float64 => "double".to_owned(),
            Type::Boolean => "bool".to_owned(),
            Type::String => "string".to_owned(),
            Type::Bytes => "bytes".to_owned(),
            Type::Struct => {
                let full = self.full_name(schema);
                let name = self.acceptable(full.rsplit('.').next().unwrap_or(&full));
                self.define(&name, schema, nested, depth)?;
                return Ok(Typed { name, meta, scalar: false });
            }
            Type::Array | Type::Map => {
                return Err(DataError::new(format!("Field {field} holds {} where Protobuf allows none", schema.ty)));
            }
        };
        Ok(Typed { name, meta, scalar: true })
    }

    /// Its name is its parameter's value; Protobuf wants the value 0 first.
    fn enumeration(&mut self, schema: &Schema, field: &str, nested: &mut Nested, depth: usize) -> String {
        let parameter = names::enum_parameter(schema).unwrap_or(names::ENUM);
        let named = schema.parameters.get(parameter).map(String::as_str).filter(|name| !name.is_empty());
        let name = match named {
            Some(name) => self.acceptable(name.rsplit('.').next().unwrap_or(name)),
            None => format!("{}Enum", names::camel(&self.acceptable(field))),
        };
        if nested.messages.contains_key(&name) {
            return name;
        }
        nested.messages.insert(name.clone(), Schema::new(Type::String).shared());
        let prefix = format!("{parameter}.");
        let mut values: Vec<(i32, &str)> = schema
            .parameters
            .iter()
            .filter_map(|(key, number)| Some((number.parse().ok()?, key.strip_prefix(&prefix)?)))
            .collect();
        values.sort_by_key(|(number, _)| (*number != 0, *number));
        let indent = "  ".repeat(depth + 1);
        let mut text = format!("{indent}enum {name} {{\n");
        for (number, value) in values {
            let _ = writeln!(text, "{indent}  {} = {number};", self.acceptable(value));
        }
        let _ = writeln!(text, "{indent}}}");
        nested.text.push(text);
        name
    }
}

fn part<'a>(schema: Option<&'a Arc<Schema>>, field: &str) -> Result<&'a Arc<Schema>, DataError> {
    schema.ok_or_else(|| DataError::new(format!("The schema of field {field} does not say what it holds")))
}

/// Whether two structs make the same message.
fn same_fields(one: &Schema, other: &Schema) -> bool {
    one.fields == other.fields
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::logical;
    use crate::schema::{BOOLEAN, INT32, OPTIONAL_STRING, STRING};

    fn written(schema: &Schema, settings: &[(&str, &str)]) -> Result<String, DataError> {
        let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let text = text(schema, &ProtobufSettings::parse(&settings).unwrap())?;
        super::super::compile::compile(&text, &[])?;
        Ok(text)
    }

    #[test]
    fn annotations_are_written_as_confluents_converter_writes_them() {
        let decimal = logical::decimal(20).with_parameter(names::CONNECT_PRECISION, "38");
        let schema = Schema::structure(vec![
            Field::new("small", Schema::new(Type::Int16).with_parameter(names::TAG, "5").shared()),
            Field::new("price", decimal.with_parameter(names::TAG, "6").shared()),
        ]);
        let schema = schema.unwrap().with_name("shop.db.Value");
        assert_eq!(
            written(&schema, &[]).unwrap(),
            r#"syntax = "proto3";
package shop.db;

import "confluent/type/decimal.proto";

message Value {
  int32 small = 5 [(confluent.field_meta) = {
    params: [
      {
        key: "connect.type",
        value: "int16"
      }
    ]
  }];
  confluent.type.Decimal price = 6 [(confluent.field_meta) = {
    params: [
      {
        value: "38",
        key: "precision"
      },
      {
        value: "20",
        key: "scale"
      }
    ]
  }];
}
"#
        );
    }

    #[test]
    fn structs_maps_and_oneofs_are_nested() {
        let inner = Schema::structure(vec![Field::new("x", STRING().clone())]).unwrap().shared();
        let union = Schema::structure(vec![
            Field::new("a", OPTIONAL_STRING().clone()),
            Field::new("b", Schema::optional(Type::Int32).shared()),
        ]);
        let union = union.unwrap().with_name(format!("{}.choice", names::UNION)).with_optional(true).shared();
        let schema = Schema::structure(vec![
            Field::new("s", inner),
            Field::new("m", Schema::map(STRING().clone(), INT32().clone()).shared()),
            Field::new("n", Schema::map(Schema::new(Type::Float32).shared(), BOOLEAN().clone()).shared()),
            Field::new("choice_0", union),
            Field::new("l", Schema::array(OPTIONAL_STRING().clone()).shared()),
        ]);
        assert_eq!(
            written(&schema.unwrap(), &[]).unwrap(),
            r#"syntax = "proto3";

message ConnectDefault1 {
  ConnectDefault2 s = 1;
  repeated ConnectDefault3Entry m = 2;
  repeated ConnectDefault4Entry n = 3;
  repeated string l = 4;
  oneof choice {
    string a = 5;
    int32 b = 6;
  }

  message ConnectDefault2 {
    string x = 1;
  }
  message ConnectDefault3Entry {
    string key = 1;
    int32 value = 2;
  }
  message ConnectDefault4Entry {
    float key = 1;
    bool value = 2;
  }
}
"#
        );
    }

    /// The layout is that of published texts which Confluent's converter made.
    #[test]
    fn maps_are_numbered_and_spaced_as_confluents_converter_does() {
        let int = Schema::map(STRING().clone(), INT32().clone()).shared();
        let inner = Schema::structure(vec![Field::new("x", STRING().clone())]).unwrap().shared();
        let complex = Schema::structure(vec![
            Field::new("nested", Schema::map(STRING().clone(), int).shared()),
            Field::new("structs", Schema::map(STRING().clone(), inner).shared()),
        ]);
        let schema = Schema::structure(vec![Field::new("outer", complex.unwrap().shared())]).unwrap();
        let text = written(&schema, &[]).unwrap();
        let wanted = [
            "message ConnectDefault1 {",
            "  ConnectDefault2 outer = 1;",
            "",
            "  message ConnectDefault2 {",
            "    repeated ConnectDefault3Entry nested = 1;",
            "    repeated ConnectDefault5Entry structs = 2;",
            "  ",
            "    message ConnectDefault3Entry {",
            "      string key = 1;",
            "      repeated ConnectDefault4Entry value = 2;",
            "    ",
            "      message ConnectDefault4Entry {",
            "        string key = 1;",
            "        int32 value = 2;",
            "      }",
            "    }",
            "    message ConnectDefault5Entry {",
            "      string key = 1;",
            "      ConnectDefault6 value = 2;",
            "    ",
            "      message ConnectDefault6 {",
            "        string x = 1;",
            "      }",
            "    }",
            "  }",
            "}",
        ];
        assert_eq!(text.lines().skip(2).collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn settings_say_how_null_is_marked() {
        let schema = Schema::structure(vec![Field::new("a", OPTIONAL_STRING().clone())]).unwrap().with_name("R");
        assert!(written(&schema, &[]).unwrap().contains("\n  string a = 1;"));
        let marked = written(&schema, &[("optional.for.nullables", "true")]).unwrap();
        assert!(marked.contains("\n  optional string a = 1;"));
        let wrapped = written(&schema, &[("wrapper.for.nullables", "true")]).unwrap();
        assert!(wrapped.contains("\n  google.protobuf.StringValue a = 1;"));
    }

    #[test]
    fn what_protobuf_cannot_say_is_refused() {
        assert_eq!(
            written(&Schema::new(Type::String), &[]).unwrap_err().message(),
            "Unsupported root schema of type STRING"
        );
        let nested = Schema::array(Schema::array(INT32().clone()).shared()).shared();
        let schema = Schema::structure(vec![Field::new("a", nested)]).unwrap();
        assert!(written(&schema, &[]).unwrap_err().message().starts_with("Array cannot be nested"));
        let schema = Schema::structure(vec![Field::new("a-b", INT32().clone())]).unwrap();
        assert!(written(&schema, &[]).is_err());
        assert!(written(&schema, &[("scrub.invalid.names", "true")]).unwrap().contains("a_b"));
    }
}
