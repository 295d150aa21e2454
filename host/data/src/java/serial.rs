//! The one Java-serialised object that matters: the `HashMap<byte[], byte[]>` in a standalone worker's
//! `offset.storage.file.filename`. Read and written in that form, a file can go from a JVM worker to ours and
//! back.
//!
//! Java's serialisation is a graph of objects with back references. Only what such a map can hold is
//! understood; all else is refused by name, so that a foreign file is never overwritten by mistake.

use std::fmt;

const MAGIC: [u8; 4] = [0xAC, 0xED, 0x00, 0x05];
const NULL: u8 = 0x70;
const REFERENCE: u8 = 0x71;
const CLASS_DESC: u8 = 0x72;
const OBJECT: u8 = 0x73;
const ARRAY: u8 = 0x75;
const BLOCK_DATA: u8 = 0x77;
const END_BLOCK_DATA: u8 = 0x78;
const FIRST_HANDLE: u32 = 0x7E_0000;

/// Class description of `java.util.HashMap`: name, serialVersionUID, flags (serialisable, writeObject method),
/// fields `float loadFactor` and `int threshold`, no annotations, no superclass.
const HASH_MAP: &[u8] = b"\x00\x11java.util.HashMap\x05\x07\xDA\xC1\xC3\x16\x60\xD1\x03\x00\x02\
      F\x00\x0AloadFactorI\x00\x09thresholdxp";
/// Class description of `byte[]`.
const BYTE_ARRAY: &[u8] = b"\x00\x02[B\xAC\xF3\x17\xF8\x06\x08\x54\xE0\x02\x00\x00xp";

/// Keys, and values that may be null.
pub type Entries = Vec<(Vec<u8>, Option<Vec<u8>>)>;

/// Why a file is not such a map.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SerialError {
    /// Some other kind of file.
    #[error("not a Java-serialised object: it begins with {0}")]
    NotJava(String),
    /// Some other kind of object.
    #[error("Expected HashMap but found {0}")]
    OtherObject(String),
    /// A map of something else.
    #[error("expected a map of byte arrays but found {0} at byte {1}")]
    OtherElement(String, usize),
    /// Cut short.
    #[error("the file ends at byte {0}, in the middle of the map")]
    CutShort(usize),
}

/// Writes a map as `ObjectOutputStream` does.
pub fn write<'a>(entries: impl ExactSizeIterator<Item = (&'a [u8], Option<&'a [u8]>)>) -> Vec<u8> {
    let count = entries.len() as u32;
    let mut buckets: u32 = 16;
    while count > buckets / 4 * 3 {
        buckets *= 2;
    }
    let threshold = if count == 0 { 0 } else { buckets / 4 * 3 };
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&[OBJECT, CLASS_DESC]);
    out.extend_from_slice(HASH_MAP);
    out.extend_from_slice(&0.75f32.to_be_bytes());
    out.extend_from_slice(&threshold.to_be_bytes());
    out.extend_from_slice(&[BLOCK_DATA, 8]);
    out.extend_from_slice(&buckets.to_be_bytes());
    out.extend_from_slice(&count.to_be_bytes());
    let mut described = false;
    let mut array = |out: &mut Vec<u8>, bytes: &[u8]| {
        out.push(ARRAY);
        if described {
            // the third handle, after the map's class and the map
            out.push(REFERENCE);
            out.extend_from_slice(&(FIRST_HANDLE + 2).to_be_bytes());
        } else {
            out.push(CLASS_DESC);
            out.extend_from_slice(BYTE_ARRAY);
            described = true;
        }
        out.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
        out.extend_from_slice(bytes);
    };
    for (key, value) in entries {
        array(&mut out, key);
        match value {
            Some(value) => array(&mut out, value),
            None => out.push(NULL),
        }
    }
    out.push(END_BLOCK_DATA);
    out
}

/// Reads such a map. An empty file is an empty map: a worker creates it before it has anything to write.
///
/// # Errors
/// When it holds anything else, naming what.
pub fn read(bytes: &[u8]) -> Result<Entries, SerialError> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    if !bytes.starts_with(&MAGIC) {
        return Err(SerialError::NotJava(opening(bytes)));
    }
    Reader { bytes, at: MAGIC.len(), handles: Vec::new() }.map()
}

/// A file's first bytes, as text where they are text.
fn opening(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(16)];
    if head.iter().all(|byte| (0x20..0x7F).contains(byte)) {
        return format!("'{}'", String::from_utf8_lossy(head));
    }
    struct Hex<'a>(&'a [u8]);
    impl fmt::Display for Hex<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
        }
    }
    format!("the bytes {}", Hex(head))
}

/// What a back reference can mean.
enum Handle {
    Class(String),
    Map,
    Bytes(Vec<u8>),
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    handles: Vec<Handle>,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], SerialError> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len());
        let Some(end) = end else {
            return Err(SerialError::CutShort(self.bytes.len()));
        };
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn number(&mut self, count: usize) -> Result<u64, SerialError> {
        Ok(self.take(count)?.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)))
    }

    fn tag(&mut self) -> Result<u8, SerialError> {
        Ok(self.take(1)?[0])
    }

    fn other<T>(&self, what: impl Into<String>) -> Result<T, SerialError> {
        Err(SerialError::OtherElement(what.into(), self.at.saturating_sub(1)))
    }

    fn text(&mut self) -> Result<String, SerialError> {
        let length = self.number(2)? as usize;
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn map(mut self) -> Result<Entries, SerialError> {
        match self.tag()? {
            OBJECT => {}
            tag => return Err(SerialError::OtherObject(self.named(tag)?)),
        }
        match self.tag()? {
            CLASS_DESC => {}
            _ => {
                return Err(SerialError::OtherObject("an object without a class".to_owned()));
            }
        }
        let class = self.class()?;
        if class != "java.util.HashMap" {
            return Err(SerialError::OtherObject(format!("class {class}")));
        }
        self.handles.push(Handle::Map);
        // load factor and threshold mean nothing without Java's table
        self.take(8)?;
        if self.tag()? != BLOCK_DATA || self.number(1)? != 8 {
            return self.other("a map of another layout");
        }
        self.take(4)?;
        let count = self.number(4)? as usize;
        // a count can claim anything; memory is taken only for entries that are there
        let mut entries = Vec::with_capacity(count.min(self.bytes.len() / 4));
        for _ in 0..count {
            let Some(key) = self.element()? else {
                return self.other("a null key");
            };
            let value = self.element()?;
            entries.push((key, value));
        }
        if self.tag()? != END_BLOCK_DATA {
            return self.other("more than the map's entries");
        }
        Ok(entries)
    }

    /// After the tag: name and fields; the class must be one of the two we know, or its name is all we use.
    fn class(&mut self) -> Result<String, SerialError> {
        let name = self.text()?;
        self.handles.push(Handle::Class(name.clone()));
        let known = match name.as_str() {
            "java.util.HashMap" => HASH_MAP,
            "[B" => BYTE_ARRAY,
            _ => return Ok(name),
        };
        let rest = &known[2 + name.len()..];
        if self.take(rest.len())? != rest {
            return self.other(format!("class {name} of another version"));
        }
        Ok(name)
    }

    fn handle(&mut self) -> Result<usize, SerialError> {
        let handle = self.number(4)? as u32;
        Ok(handle.checked_sub(FIRST_HANDLE).map_or(usize::MAX, |index| index as usize))
    }

    fn element(&mut self) -> Result<Option<Vec<u8>>, SerialError> {
        match self.tag()? {
            NULL => Ok(None),
            REFERENCE => {
                let index = self.handle()?;
                match self.handles.get(index) {
                    Some(Handle::Bytes(bytes)) => Ok(Some(bytes.clone())),
                    _ => self.other("a reference to something else"),
                }
            }
            ARRAY => {
                let class = match self.tag()? {
                    CLASS_DESC => self.class()?,
                    REFERENCE => {
                        let index = self.handle()?;
                        match self.handles.get(index) {
                            Some(Handle::Class(name)) => name.clone(),
                            _ => return self.other("a reference to something else"),
                        }
                    }
                    _ => return self.other("an array without a class"),
                };
                if class != "[B" {
                    return self.other(format!("class {class}"));
                }
                let length = self.number(4)? as usize;
                let bytes = self.take(length)?.to_vec();
                self.handles.push(Handle::Bytes(bytes.clone()));
                Ok(Some(bytes))
            }
            tag => {
                let what = self.named(tag)?;
                self.other(what)
            }
        }
    }

    /// What a tag begins, in words.
    fn named(&mut self, tag: u8) -> Result<String, SerialError> {
        Ok(match tag {
            NULL => "null".to_owned(),
            0x74 => "class java.lang.String".to_owned(),
            OBJECT | ARRAY if self.tag()? == CLASS_DESC => format!("class {}", self.text()?),
            tag => format!("something with tag 0x{tag:02x}"),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    /// What ObjectOutputStream of a JDK 17 wrote; everything up to the table's size is the same in all of them.
    const EMPTY: &str = "aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163746f724900097468726573686f6c6478703f400000000000007708000000100000000078";
    const ONE: &str = "aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163746f724900097468726573686f6c6478703f4000000000000c77080000001000000001757200025b42acf317f8060854e002000078700000001b5b2263222c7b2266696c656e616d65223a22696e2e747874227d5d7571007e0002000000107b22706f736974696f6e223a3132337d78";
    const NULL_VALUE: &str = "aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163746f724900097468726573686f6c6478703f4000000000000c77080000001000000001757200025b42acf317f8060854e00200007870000000016b7078";
    const SAME_TWICE: &str = "aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163746f724900097468726573686f6c6478703f4000000000000c77080000001000000001757200025b42acf317f8060854e00200007870000000017371007e000378";
    const THREE: &str = "aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163746f724900097468726573686f6c6478703f4000000000000c77080000001000000003757200025b42acf317f8060854e00200007870000000026b327571007e00020000000276327571007e0002000000026b317571007e00020000000276317571007e0002000000026b307571007e000200000002763078";
    const STRING_MAP: &str = "aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163746f724900097468726573686f6c6478703f4000000000000c77080000001000000001740001617400016278";
    const INTEGER_VALUE: &str = "aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163746f724900097468726573686f6c6478703f4000000000000c77080000001000000001757200025b42acf317f8060854e002000078700000000161737200116a6176612e6c616e672e496e746567657212e2a0a4f781873802000149000576616c7565787200106a6176612e6c616e672e4e756d62657286ac951d0b94e08b02000078700000000578";
    const OTHER_CAPACITY: &str = "aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163746f724900097468726573686f6c6478703f4000000000006077080000008000000001757200025b42acf317f8060854e0020000787000000001617571007e0002000000016278";
    const NULL_KEY: &str = "aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163746f724900097468726573686f6c6478703f4000000000000c7708000000100000000170757200025b42acf317f8060854e00200007870000000017678";
    const TREE_MAP: &str = "aced0005737200116a6176612e7574696c2e547265654d61700cc1f63e2d256ae60300014c000a636f6d70617261746f727400164c6a6176612f7574696c2f436f6d70617261746f723b78707077040000000078";

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    fn entry(key: &str, value: Option<&str>) -> (Vec<u8>, Option<Vec<u8>>) {
        (key.into(), value.map(Into::into))
    }

    fn written(entries: &Entries) -> Vec<u8> {
        write(entries.iter().map(|(key, value)| (key.as_slice(), value.as_deref())))
    }

    fn refusal(hex: &str) -> String {
        read(&unhex(hex)).unwrap_err().to_string()
    }

    #[test]
    fn what_java_writes_is_read_and_written_again_byte_for_byte() {
        for (hex, entries) in [
            (EMPTY, vec![]),
            (ONE, vec![entry("[\"c\",{\"filename\":\"in.txt\"}]", Some("{\"position\":123}"))]),
            (NULL_VALUE, vec![entry("k", None)]),
            (THREE, vec![entry("k2", Some("v2")), entry("k1", Some("v1")), entry("k0", Some("v0"))]),
        ] {
            assert_eq!(read(&unhex(hex)).unwrap(), entries);
            assert_eq!(written(&entries), unhex(hex));
        }
    }

    #[test]
    fn shared_arrays_and_other_table_sizes_are_read() {
        assert_eq!(read(&unhex(SAME_TWICE)).unwrap(), [entry("s", Some("s"))]);
        assert_eq!(read(&unhex(OTHER_CAPACITY)).unwrap(), [entry("a", Some("b"))]);
    }

    #[test]
    fn thirteen_entries_take_the_larger_table() {
        let entries: Entries = (0..13).map(|n| entry(&format!("k{n}"), Some("v"))).collect();
        let bytes = written(&entries);
        let head = "aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163746f724900097468726573686f6c6478703f400000000000187708000000200000000d";
        assert!(bytes.starts_with(&unhex(head)));
        assert_eq!(read(&bytes).unwrap(), entries);
    }

    #[test]
    fn an_empty_file_is_an_empty_map() {
        assert_eq!(read(b"").unwrap(), []);
    }

    #[test]
    fn anything_else_is_refused_by_name() {
        assert_eq!(refusal(TREE_MAP), "Expected HashMap but found class java.util.TreeMap");
        assert_eq!(refusal("aced000574000568656c6c6f"), "Expected HashMap but found class java.lang.String");
        assert_eq!(refusal("aced000570"), "Expected HashMap but found null");
        assert_eq!(
            refusal("aced0005757200025b42acf317f8060854e002000078700000000101"),
            "Expected HashMap but found class [B"
        );
        assert_eq!(refusal(STRING_MAP), "expected a map of byte arrays but found class java.lang.String at byte 81");
        assert!(refusal(INTEGER_VALUE).contains("found class java.lang.Integer at byte"));
        assert!(refusal(NULL_KEY).contains("found a null key"));
        assert_eq!(
            read(b"{\"a\":1}").unwrap_err().to_string(),
            "not a Java-serialised object: it begins with '{\"a\":1}'"
        );
        assert_eq!(
            read(&[0, 1, 255]).unwrap_err().to_string(),
            "not a Java-serialised object: it begins with the bytes 0001ff"
        );
    }

    #[test]
    fn a_file_cut_short_anywhere_is_refused() {
        let whole = unhex(ONE);
        for length in 1..whole.len() {
            assert!(read(&whole[..length]).is_err(), "{length}");
        }
    }
}
