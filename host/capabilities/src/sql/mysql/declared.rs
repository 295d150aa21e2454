//! Columns as a table declares them, in the words of `information_schema`.

use watertight_sandbox::sql::Column;

use super::column::{Kind, Taste, digits, natural, particulars};

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// `bigint`
    kind: String,
    /// `bigint(20) unsigned`
    whole: String,
    nullable: bool,
    length: Option<u64>,
    precision: Option<u32>,
    scale: Option<u32>,
    default: Option<String>,
    extra: String,
}

impl Declared {
    /// From a row of nine texts. None: there are not as many.
    pub fn read(row: Vec<Option<String>>, mariadb: bool) -> Option<Self> {
        let [name, kind, whole, nullable, length, precision, scale, default, extra] =
            <[Option<String>; 9]>::try_from(row).ok()?;
        let (kind, extra) = (kind?.to_ascii_lowercase(), extra.unwrap_or_default());
        let default = if mariadb {
            // Already an expression, and one of no default is `NULL`.
            default.filter(|text| !text.eq_ignore_ascii_case("NULL"))
        } else {
            default.map(|text| expression(&kind, text, extra.contains("DEFAULT_GENERATED")))
        };
        Some(Self {
            name: name?,
            kind,
            whole: whole?.to_ascii_lowercase(),
            nullable: nullable.as_deref() == Some("YES"),
            length: length.and_then(|text| text.parse().ok()),
            precision: precision.and_then(|text| text.parse().ok()),
            scale: scale.and_then(|text| text.parse().ok()),
            default,
            extra,
        })
    }

    fn unsigned(&self) -> bool {
        self.whole.contains(" unsigned") || self.whole.contains(" zerofill")
    }

    /// `4` of `bit(4)`, digits of a second of `datetime(6)`.
    fn width(&self) -> Option<u32> {
        let (_, rest) = self.whole.split_once('(')?;
        rest.split_once(')')?.0.parse().ok()
    }

    fn kind(&self) -> Kind {
        let unsigned = self.unsigned();
        let integer = |size| Kind::Integer { size, unsigned };
        match self.kind.as_str() {
            "tinyint" => integer(1),
            "smallint" => integer(2),
            "mediumint" | "int" | "integer" => integer(4),
            "bigint" => integer(8),
            "float" => Kind::Single,
            "double" | "real" => Kind::Double,
            "decimal" | "numeric" => Kind::Decimal,
            "year" => Kind::Year,
            "date" => Kind::Date,
            "datetime" => Kind::Datetime,
            "timestamp" => Kind::Timestamp,
            "time" => Kind::Time,
            "bit" => Kind::Bits,
            "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" | "geometry" | "point"
            | "linestring" | "polygon" | "multipoint" | "multilinestring" | "multipolygon" | "geometrycollection"
            | "geomcollection" | "vector" => Kind::Bytes,
            _ => Kind::Text,
        }
    }
}

/// What MySQL gives as a bare value.
fn expression(kind: &str, text: String, generated: bool) -> String {
    let number = matches!(
        kind,
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "float" | "double" | "decimal" | "bit" | "year"
    );
    let call = text.to_ascii_uppercase().starts_with("CURRENT_TIMESTAMP");
    if generated || number || call { text } else { format!("'{}'", text.replace('\'', "''")) }
}

/// For a guest.
pub fn column(declared: &Declared, taste: Taste) -> Column {
    let kind = declared.kind();
    let fraction = declared.width().and_then(|width| u8::try_from(width).ok()).unwrap_or(0);
    let boolean = match kind {
        Kind::Integer { size: 1, unsigned: false } => declared.width() == Some(1) && taste.tiny_is_bit,
        Kind::Bits => declared.width().unwrap_or(1) == 1,
        _ => false,
    };
    let form = if boolean { "boolean".into() } else { natural(kind, fraction, taste) };
    let precision = match kind {
        Kind::Integer { size, unsigned } => Some(digits(size, declared.kind == "mediumint", unsigned)),
        Kind::Decimal => declared.precision,
        Kind::Single => Some(12),
        Kind::Double => Some(22),
        Kind::Bits => Some(declared.width().unwrap_or(1)),
        Kind::Text | Kind::Bytes => declared.length.map(|length| u32::try_from(length).unwrap_or(u32::MAX)),
        Kind::Null | Kind::Year | Kind::Date | Kind::Datetime | Kind::Timestamp | Kind::Time => None,
    };
    let mut details: Vec<(String, String)> =
        particulars(kind, fraction).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let mut detail = |name: &str, value: String| details.push((name.to_owned(), value));
    let extra = declared.extra.to_ascii_uppercase();
    if extra.contains("AUTO_INCREMENT") {
        detail("auto-increment", "true".into());
    }
    if extra.contains("VIRTUAL") || extra.contains("STORED") || extra.contains("PERSISTENT") {
        detail("generated", "true".into());
    }
    if let Some(length) = declared.length {
        detail("length", length.to_string());
    }
    if let Some(default) = &declared.default {
        detail("default", default.clone());
    }
    let unsigned =
        declared.unsigned() && matches!(kind, Kind::Integer { .. } | Kind::Single | Kind::Double | Kind::Decimal);
    let name = declared.kind.to_ascii_uppercase();
    Column {
        name: declared.name.clone(),
        type_name: if unsigned { format!("{name} UNSIGNED") } else { name },
        form: form.into_owned(),
        nullable: Some(declared.nullable),
        precision,
        scale: matches!(kind, Kind::Decimal).then(|| i32::try_from(declared.scale.unwrap_or(0)).unwrap_or(0)),
        details,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::column::tests::TASTE;
    use super::*;

    fn declared(kind: &str, whole: &str, default: Option<&str>, extra: &str, mariadb: bool) -> Declared {
        let texts =
            [Some("c"), Some(kind), Some(whole), Some("YES"), None, Some("10"), Some("2"), default, Some(extra)];
        Declared::read(texts.iter().map(|text| text.map(str::to_owned)).collect(), mariadb).unwrap()
    }

    fn detail<'a>(column: &'a Column, name: &str) -> Option<&'a str> {
        column.details.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn declared_types_have_the_forms_of_their_values() {
        for (kind, whole, name, form) in [
            ("tinyint", "tinyint(1)", "TINYINT", "boolean"),
            ("tinyint", "tinyint(4)", "TINYINT", "integer"),
            ("bigint", "bigint(20) unsigned", "BIGINT UNSIGNED", "decimal"),
            ("int", "int(10) unsigned zerofill", "INT UNSIGNED", "integer"),
            ("decimal", "decimal(10,2)", "DECIMAL", "decimal"),
            ("bit", "bit(1)", "BIT", "boolean"),
            ("bit", "bit(9)", "BIT", "bytes"),
            ("timestamp", "timestamp(3)", "TIMESTAMP", "timestamp"),
            ("enum", "enum('unsigned','a')", "ENUM", "text"),
            ("uuid", "uuid", "UUID", "text"),
            ("point", "point", "POINT", "bytes"),
        ] {
            let column = column(&declared(kind, whole, None, "", true), TASTE);
            assert_eq!((column.type_name.as_str(), column.form.as_str()), (name, form));
        }
    }

    #[test]
    fn defaults_are_expressions_whichever_product_tells_them() {
        let default = |kind, text, extra, mariadb| declared(kind, kind, Some(text), extra, mariadb).default;
        assert_eq!(default("varchar", "'it''s'", "", true).as_deref(), Some("'it''s'"));
        assert_eq!(default("varchar", "NULL", "", true), None);
        assert_eq!(default("varchar", "it's", "", false).as_deref(), Some("'it''s'"));
        assert_eq!(default("int", "7", "", false).as_deref(), Some("7"));
        assert_eq!(
            default("timestamp", "CURRENT_TIMESTAMP(6)", "DEFAULT_GENERATED", false).as_deref(),
            Some("CURRENT_TIMESTAMP(6)")
        );
        assert_eq!(default("varchar", "uuid()", "DEFAULT_GENERATED", false).as_deref(), Some("uuid()"));
    }

    #[test]
    fn what_else_is_known_stands_in_the_details() {
        let counted = column(&declared("int", "int(11)", None, "auto_increment", true), TASTE);
        assert_eq!(detail(&counted, "auto-increment"), Some("true"));
        assert_eq!(detail(&counted, "size"), Some("4"));
        let made = column(&declared("timestamp", "timestamp(3)", None, "VIRTUAL GENERATED", true), TASTE);
        assert_eq!(
            (detail(&made, "generated"), detail(&made, "zone"), detail(&made, "fraction")),
            (Some("true"), Some("true"), Some("3"))
        );
    }
}
