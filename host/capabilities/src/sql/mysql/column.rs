//! Columns of a result as the server describes them, and what they are to a guest.

use std::borrow::Cow;

use watertight_sandbox::sql::Column;

use super::bytes::Bytes;
use super::trouble::Trouble;

const BINARY: u16 = 63;
/// Of `utf8mb4`, in which text comes.
const BYTES_OF_A_CHARACTER: u32 = 4;
/// Digits after the point that are not fixed.
const FLOATING: u8 = 31;

mod flag {
    pub const NOT_NULL: u16 = 1;
    pub const UNSIGNED: u16 = 1 << 5;
    pub const ENUM: u16 = 1 << 8;
    pub const AUTO_INCREMENT: u16 = 1 << 9;
    pub const SET: u16 = 1 << 11;
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Always null.
    Null,
    /// So many bytes on the wire.
    Integer {
        /// 1, 2, 4 or 8.
        size: u8,
        /// Without a sign.
        unsigned: bool,
    },
    /// Single precision.
    Single,
    /// Double precision.
    Double,
    /// Exact, as text.
    Decimal,
    /// A year alone.
    Year,
    /// A day.
    Date,
    /// A clock without a zone.
    Datetime,
    /// An instant.
    Timestamp,
    /// A span, mostly within a day.
    Time,
    /// Bits.
    Bits,
    /// Text in UTF-8.
    Text,
    /// Bytes.
    Bytes,
}

/// How settings would like some types to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taste {
    /// `TINYINT(1)` is a boolean.
    pub tiny_is_bit: bool,
    /// A year is a date.
    pub year_is_date: bool,
}

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// As the statement calls it.
    pub name: String,
    /// Whose it is, by its own name; empty of an expression.
    pub table: String,
    /// What its values are.
    pub kind: Kind,
    kind_number: u8,
    binary: bool,
    length: u32,
    flags: u16,
    /// Digits after the point, or of a second.
    pub decimals: u8,
}

impl Field {
    /// Reads a description.
    pub fn read(packet: &[u8]) -> Result<Self, Trouble> {
        let mut bytes = Bytes(packet);
        bytes.counted()?;
        bytes.counted()?;
        bytes.counted()?;
        let table = bytes.name()?;
        let name = bytes.name()?;
        bytes.counted()?;
        bytes.number()?;
        let binary = bytes.u16()? == BINARY;
        let length = bytes.u32()?;
        let kind_number = bytes.byte()?;
        let flags = bytes.u16()?;
        let decimals = bytes.byte()?;
        let kind = kind(kind_number, binary, flags);
        Ok(Self { name, table, kind, kind_number, binary, length, flags, decimals })
    }

    fn is(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    /// The form in which values come unless asked otherwise.
    pub fn form(&self, taste: Taste) -> Cow<'static, str> {
        let boolean = match self.kind {
            Kind::Integer { size: 1, unsigned: false } => self.length == 1 && taste.tiny_is_bit,
            Kind::Bits => self.length == 1,
            _ => false,
        };
        if boolean { "boolean".into() } else { natural(self.kind, self.decimals, taste) }
    }

    /// For a guest.
    pub fn column(&self, taste: Taste) -> Column {
        let mut details = Vec::new();
        let mut detail = |name: &str, value: String| details.push((name.to_owned(), value));
        if !self.table.is_empty() {
            detail("table", self.table.clone());
        }
        if self.is(flag::AUTO_INCREMENT) {
            detail("auto-increment", "true".into());
        }
        for (name, value) in particulars(self.kind, self.decimals) {
            detail(name, value);
        }
        let precision = self.precision();
        if matches!(self.kind, Kind::Text | Kind::Bytes) {
            detail("length", precision.unwrap_or(0).to_string());
        }
        let scale = matches!(self.kind, Kind::Decimal).then(|| i32::from(self.decimals));
        Column {
            name: self.name.clone(),
            type_name: self.type_name(),
            form: self.form(taste).into_owned(),
            nullable: Some(!self.is(flag::NOT_NULL)),
            precision,
            scale,
            details,
        }
    }

    fn precision(&self) -> Option<u32> {
        match self.kind {
            Kind::Integer { size, unsigned } => Some(digits(size, self.kind_number == 9, unsigned)),
            Kind::Single => Some(12),
            Kind::Double => Some(22),
            Kind::Decimal => {
                let sign = u32::from(!self.is(flag::UNSIGNED));
                Some(self.length.saturating_sub(u32::from(self.decimals > 0) + sign))
            }
            Kind::Text => Some(self.length / BYTES_OF_A_CHARACTER),
            Kind::Bytes | Kind::Bits => Some(self.length),
            Kind::Null | Kind::Year | Kind::Date | Kind::Datetime | Kind::Timestamp | Kind::Time => None,
        }
    }

    fn type_name(&self) -> String {
        let name = match (self.kind_number, self.binary) {
            (1, _) => "TINYINT",
            (2, _) => "SMALLINT",
            (9, _) => "MEDIUMINT",
            (3, _) => "INT",
            (8, _) => "BIGINT",
            (4, _) => "FLOAT",
            (5, _) => "DOUBLE",
            (0 | 246, _) => "DECIMAL",
            (6, _) => "NULL",
            (7 | 17, _) => "TIMESTAMP",
            (10 | 14, _) => "DATE",
            (11 | 19, _) => "TIME",
            (12 | 18, _) => "DATETIME",
            (13, _) => "YEAR",
            (16, _) => "BIT",
            (242, _) => "VECTOR",
            (245, _) => "JSON",
            (255, _) => "GEOMETRY",
            _ if self.is(flag::ENUM) => "ENUM",
            _ if self.is(flag::SET) => "SET",
            (247, _) => "ENUM",
            (248, _) => "SET",
            (249..=252, binary) => return large(self.length, binary).to_owned(),
            (254, false) => "CHAR",
            (254, true) => "BINARY",
            (_, false) => "VARCHAR",
            (_, true) => "VARBINARY",
        };
        let unsigned = self.is(flag::UNSIGNED)
            && matches!(self.kind, Kind::Integer { .. } | Kind::Single | Kind::Double | Kind::Decimal);
        if unsigned { format!("{name} UNSIGNED") } else { name.to_owned() }
    }
}

fn kind(number: u8, binary: bool, flags: u16) -> Kind {
    let unsigned = flags & flag::UNSIGNED != 0;
    let integer = |size| Kind::Integer { size, unsigned };
    match number {
        0 | 246 => Kind::Decimal,
        1 => integer(1),
        2 => integer(2),
        3 | 9 => integer(4),
        8 => integer(8),
        4 => Kind::Single,
        5 => Kind::Double,
        6 => Kind::Null,
        7 | 17 => Kind::Timestamp,
        10 | 14 => Kind::Date,
        11 | 19 => Kind::Time,
        12 | 18 => Kind::Datetime,
        13 => Kind::Year,
        16 => Kind::Bits,
        // JSON, enumerations and sets are text whatever their collation.
        245 | 247 | 248 => Kind::Text,
        255 | 242 => Kind::Bytes,
        _ if flags & (flag::ENUM | flag::SET) != 0 => Kind::Text,
        _ if binary => Kind::Bytes,
        _ => Kind::Text,
    }
}

/// The name of a text or blob of up to so many bytes.
fn large(length: u32, binary: bool) -> &'static str {
    match (length, binary) {
        (0..=0xff, true) => "TINYBLOB",
        (0x100..=0xffff, true) => "BLOB",
        (0x1_0000..=0xff_ffff, true) => "MEDIUMBLOB",
        (_, true) => "LONGBLOB",
        // A character may have four bytes, so that the number is four times that of the column.
        (0..=0x3fc, false) => "TINYTEXT",
        (0x3fd..=0x3_fffc, false) => "TEXT",
        (0x3_fffd..=0x3ff_fffc, false) => "MEDIUMTEXT",
        (_, false) => "LONGTEXT",
    }
}

/// The form of a kind, but for booleans.
pub fn natural(kind: Kind, decimals: u8, taste: Taste) -> Cow<'static, str> {
    let timed = |name: &'static str| match decimals {
        4..=6 => format!("{name}:micros").into(),
        _ => Cow::Borrowed(name),
    };
    match kind {
        // Above what 64 bits with a sign can say.
        Kind::Integer { size: 8, unsigned: true } => "decimal".into(),
        Kind::Integer { .. } => "integer".into(),
        Kind::Single | Kind::Double => "float".into(),
        Kind::Decimal => "decimal".into(),
        Kind::Year if taste.year_is_date => "date".into(),
        Kind::Year => "integer".into(),
        Kind::Date => "date".into(),
        Kind::Datetime | Kind::Timestamp => timed("timestamp"),
        Kind::Time => timed("time"),
        Kind::Text | Kind::Null => "text".into(),
        Kind::Bytes | Kind::Bits => "bytes".into(),
    }
}

/// Details that follow from a kind.
pub fn particulars(kind: Kind, decimals: u8) -> Vec<(&'static str, String)> {
    let fraction = || ("fraction", if decimals < FLOATING { decimals } else { 6 }.to_string());
    match kind {
        Kind::Integer { size, unsigned } => vec![("signed", (!unsigned).to_string()), ("size", size.to_string())],
        Kind::Single => vec![("size", "4".into())],
        Kind::Double => vec![("size", "8".into())],
        Kind::Datetime | Kind::Time => vec![fraction()],
        Kind::Timestamp => vec![fraction(), ("zone", "true".into())],
        Kind::Null | Kind::Decimal | Kind::Year | Kind::Date | Kind::Bits | Kind::Text | Kind::Bytes => Vec::new(),
    }
}

/// Decimal digits of an integer.
pub fn digits(size: u8, medium: bool, unsigned: bool) -> u32 {
    match (size, unsigned) {
        (1, _) => 3,
        (2, _) => 5,
        (4, false) if medium => 7,
        (4, true) if medium => 8,
        (4, _) => 10,
        (_, false) => 19,
        (_, true) => 20,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub mod tests {
    use super::super::bytes::push_counted;
    use super::*;

    pub const TASTE: Taste = Taste { tiny_is_bit: true, year_is_date: true };

    /// A description as a server sends it.
    pub fn described(number: u8, charset: u16, length: u32, flags: u16, decimals: u8) -> Vec<u8> {
        let mut out = Vec::new();
        for name in ["def", "shop", "alias", "orders", "column", "id"] {
            push_counted(&mut out, name.as_bytes());
        }
        out.push(12);
        out.extend_from_slice(&charset.to_le_bytes());
        out.extend_from_slice(&length.to_le_bytes());
        out.push(number);
        out.extend_from_slice(&flags.to_le_bytes());
        out.extend_from_slice(&[decimals, 0, 0]);
        out
    }

    #[test]
    fn types_have_the_names_and_forms_that_people_expect() {
        for (number, charset, length, flags, decimals, name, form) in [
            (1, 63, 1, 0, 0, "TINYINT", "boolean"),
            (1, 63, 4, 0, 0, "TINYINT", "integer"),
            (1, 63, 1, 32, 0, "TINYINT UNSIGNED", "integer"),
            (8, 63, 20, 32, 0, "BIGINT UNSIGNED", "decimal"),
            (8, 63, 20, 0, 0, "BIGINT", "integer"),
            (246, 63, 67, 0, 30, "DECIMAL", "decimal"),
            (12, 63, 26, 0, 6, "DATETIME", "timestamp:micros"),
            (7, 63, 19, 0, 0, "TIMESTAMP", "timestamp"),
            (11, 63, 10, 0, 0, "TIME", "time"),
            (13, 63, 4, 32, 0, "YEAR", "date"),
            (16, 63, 1, 32, 0, "BIT", "boolean"),
            (16, 63, 9, 32, 0, "BIT", "bytes"),
            (252, 63, 65_535, 0, 0, "BLOB", "bytes"),
            (252, 45, 262_140, 0, 0, "TEXT", "text"),
            (252, 45, u32::MAX, 0, 0, "LONGTEXT", "text"),
            (253, 45, 80, 0, 0, "VARCHAR", "text"),
            (254, 63, 16, 0, 0, "BINARY", "bytes"),
            (254, 45, 16, 256, 0, "ENUM", "text"),
            (245, 63, u32::MAX, 0, 0, "JSON", "text"),
            (255, 63, u32::MAX, 0, 0, "GEOMETRY", "bytes"),
        ] {
            let column = Field::read(&described(number, charset, length, flags, decimals)).unwrap().column(TASTE);
            assert_eq!((column.type_name.as_str(), column.form.as_str()), (name, form));
        }
    }

    #[test]
    fn a_column_says_what_is_known_of_it() {
        let column = Field::read(&described(246, 63, 12, 1, 2)).unwrap().column(TASTE);
        assert_eq!((column.precision, column.scale, column.nullable), (Some(10), Some(2), Some(false)));
        assert_eq!(column.details, [("table".to_owned(), "orders".to_owned())]);
        let column = Field::read(&described(3, 63, 11, 512, 0)).unwrap().column(TASTE);
        assert!(column.details.contains(&("auto-increment".to_owned(), "true".to_owned())));
    }

    #[test]
    fn half_a_description_is_an_error() {
        let whole = described(3, 63, 11, 0, 0);
        for length in 0..whole.len() - 2 {
            assert!(Field::read(&whole[..length]).is_err());
        }
    }
}
