//! What a declared type is. SQLite lets a column be declared with any words, and takes any value nevertheless; JDBC's
//! driver goes by the words, and so do we.

/// A declared type, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// As it was declared, without what stands in brackets.
    pub name: String,
    /// The form in which values come unless asked otherwise.
    pub form: String,
    /// The first number in brackets: digits, or a length.
    pub precision: Option<u32>,
    /// The second.
    pub scale: Option<i32>,
    /// Bytes of an integer, as the words have it.
    pub size: Option<u8>,
}

/// Reads a declared type; none or an empty one is that of a column or an expression without.
pub fn kind(declared: Option<&str>) -> Kind {
    let declared = declared.unwrap_or_default().trim();
    let (name, brackets) = match declared.split_once('(') {
        Some((before, rest)) => {
            let (inside, after) = rest.split_once(')').unwrap_or((rest, ""));
            ([before.trim(), after.trim()].join(" ").trim().to_owned(), Some(inside))
        }
        None => (declared.to_owned(), None),
    };
    let mut numbers = brackets.unwrap_or_default().split(',').map(str::trim);
    let precision = numbers.next().and_then(|number| number.parse().ok());
    let scale = numbers.next().and_then(|number| number.parse().ok());
    let upper = name.to_ascii_uppercase();
    let has = |part: &str| upper.contains(part);
    let decimal = matches!(upper.split(' ').next(), Some("DECIMAL" | "NUMERIC" | "DEC" | "NUMBER" | "FIXED"));
    let form = if upper == "BOOLEAN" || upper == "BOOL" {
        "boolean".to_owned()
    } else if upper == "DATE" {
        "date".to_owned()
    } else if upper == "TIME" {
        "time".to_owned()
    } else if upper.starts_with("DATETIME") || upper.starts_with("TIMESTAMP") {
        "timestamp".to_owned()
    } else if decimal {
        match (precision, scale) {
            (_, Some(scale)) => format!("decimal:{scale}"),
            (Some(_), None) => "decimal:0".to_owned(),
            (None, None) => "decimal".to_owned(),
        }
    } else if has("INT") {
        "integer".to_owned()
    } else if has("CHAR") || has("CLOB") || has("TEXT") {
        "text".to_owned()
    } else if has("BLOB") || has("BINARY") {
        "bytes".to_owned()
    } else if has("REAL") || has("FLOA") || has("DOUB") {
        "float".to_owned()
    } else {
        "text".to_owned()
    };
    let size = (form == "integer").then_some(match upper.as_str() {
        "TINYINT" | "INT1" => 1,
        "SMALLINT" | "INT2" => 2,
        "INT" | "INTEGER" | "MEDIUMINT" | "INT4" => 4,
        _ => 8,
    });
    Kind { name, form, precision, scale, size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_words_decide_the_form() {
        for (declared, form) in [
            ("INTEGER", "integer"),
            ("unsigned big int", "integer"),
            ("VARCHAR(255)", "text"),
            ("native character(70)", "text"),
            ("CLOB", "text"),
            ("BLOB", "bytes"),
            ("VARBINARY(16)", "bytes"),
            ("DOUBLE PRECISION", "float"),
            ("float", "float"),
            ("REAL", "float"),
            ("NUMERIC", "decimal"),
            ("DECIMAL(10,5)", "decimal:5"),
            ("decimal ( 10 , 2 )", "decimal:2"),
            ("NUMERIC(8)", "decimal:0"),
            ("BOOLEAN", "boolean"),
            ("DATE", "date"),
            ("DATETIME", "timestamp"),
            ("TIMESTAMP(3)", "timestamp"),
            ("TIME", "time"),
            ("JSON", "text"),
            ("UUID", "text"),
            ("", "text"),
        ] {
            assert_eq!(kind(Some(declared)).form, form, "{declared}");
        }
    }

    #[test]
    fn numbers_in_brackets_are_precision_and_scale() {
        let kind = kind(Some("DECIMAL(10,5) UNSIGNED"));
        assert_eq!((kind.name.as_str(), kind.precision, kind.scale), ("DECIMAL UNSIGNED", Some(10), Some(5)));
        assert_eq!(super::kind(Some("VARCHAR(20)")).precision, Some(20));
        assert_eq!(super::kind(Some("INT(")).size, Some(4));
        assert_eq!(super::kind(None).size, None);
    }
}
