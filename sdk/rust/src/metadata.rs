//! The text of the custom section `watertight:plugin`, written by the compiler.
//!
//! A worker lists what is in a file from this section, in microseconds and without running anything. It must be the
//! same as what `describe` answers (a worker compares them and withdraws a class that lies), so both come from the
//! same [`Class`] constants. Constant evaluation has no allocator: the text is measured first, then written.

use crate::class::{Class, ConfigKey};
use crate::dispatch::Listed;

/// The version of the contract this SDK speaks.
pub const CONTRACT: &str = "0.2.0";

/// How many bytes [`encode`] needs.
pub const fn measure(lists: &[Listed]) -> usize {
    let mut writer = Writer::<0>::new();
    writer.document(lists);
    writer.length
}

/// The section's text: UTF-8 JSON with the field names of the contract.
pub const fn encode<const N: usize>(lists: &[Listed]) -> [u8; N] {
    let mut writer = Writer::<N>::new();
    writer.document(lists);
    writer.text
}

/// Counts what does not fit: a writer of no bytes measures.
struct Writer<const N: usize> {
    text: [u8; N],
    length: usize,
}

impl<const N: usize> Writer<N> {
    const fn new() -> Self {
        Self { text: [0; N], length: 0 }
    }

    const fn byte(&mut self, byte: u8) {
        if self.length < N {
            self.text[self.length] = byte;
        }
        self.length += 1;
    }

    const fn raw(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            self.byte(bytes[at]);
            at += 1;
        }
    }

    const fn string(&mut self, text: &str) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        self.byte(b'"');
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            if byte == b'"' || byte == b'\\' {
                self.byte(b'\\');
                self.byte(byte);
            } else if byte < 0x20 {
                self.raw("\\u00");
                self.byte(HEX[(byte >> 4) as usize]);
                self.byte(HEX[(byte & 15) as usize]);
            } else {
                self.byte(byte);
            }
            at += 1;
        }
        self.byte(b'"');
    }

    const fn optional_string(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.string(text),
            None => self.raw("null"),
        }
    }

    const fn integer(&mut self, number: i32) {
        if number < 0 {
            self.byte(b'-');
        }
        let magnitude = number.unsigned_abs();
        let mut unit = 1;
        while magnitude / unit >= 10 {
            unit *= 10;
        }
        while unit > 0 {
            self.byte(b'0' + (magnitude / unit % 10) as u8);
            unit /= 10;
        }
    }

    const fn strings(&mut self, texts: &[&str]) {
        self.byte(b'[');
        let mut at = 0;
        while at < texts.len() {
            self.comma(at);
            self.string(texts[at]);
            at += 1;
        }
        self.byte(b']');
    }

    const fn comma(&mut self, at: usize) {
        if at > 0 {
            self.byte(b',');
        }
    }

    const fn document(&mut self, lists: &[Listed]) {
        self.raw("{\"contract\":");
        self.string(CONTRACT);
        self.raw(",\"classes\":[");
        let (mut list, mut written) = (0, 0);
        while list < lists.len() {
            let Listed { role, classes } = lists[list];
            let mut at = 0;
            while at < classes.len() {
                self.comma(written);
                self.class(classes[at], role);
                at += 1;
                written += 1;
            }
            list += 1;
        }
        self.raw("]}");
    }

    const fn class(&mut self, class: &Class, role: &str) {
        self.raw("{\"name\":");
        self.string(class.name);
        self.raw(",\"aliases\":");
        self.strings(class.aliases);
        self.raw(",\"role\":");
        self.string(role);
        self.raw(",\"version\":");
        self.string(class.version);
        self.raw(",\"task-class\":");
        self.optional_string(class.task_class);
        self.raw(",\"documentation\":");
        self.string(class.documentation);
        self.raw(",\"config\":[");
        let mut at = 0;
        while at < class.config.len() {
            self.comma(at);
            self.key(&class.config[at]);
            at += 1;
        }
        self.raw("],\"features\":");
        self.strings(class.features);
        self.byte(b'}');
    }

    const fn key(&mut self, key: &ConfigKey) {
        self.raw("{\"name\":");
        self.string(key.name);
        self.raw(",\"kind\":");
        self.string(key.kind.word());
        self.raw(",\"required\":");
        self.raw(if key.required { "true" } else { "false" });
        self.raw(",\"default-value\":");
        self.optional_string(key.default_value);
        self.raw(",\"importance\":");
        self.string(key.importance.word());
        self.raw(",\"documentation\":");
        self.string(key.documentation);
        self.raw(",\"group\":");
        self.optional_string(key.group);
        self.raw(",\"order-in-group\":");
        match key.order_in_group {
            Some(order) => self.integer(order),
            None => self.raw("null"),
        }
        self.raw(",\"width\":");
        self.string(key.width.word());
        self.raw(",\"display-name\":");
        self.optional_string(key.display_name);
        self.raw(",\"dependents\":");
        self.strings(key.dependents);
        self.raw(",\"attributes\":[");
        let mut at = 0;
        while at < key.attributes.len() {
            self.comma(at);
            self.strings(&[key.attributes[at].0, key.attributes[at].1]);
            at += 1;
        }
        self.raw("]}");
    }
}

#[cfg(test)]
mod tests;
