//! Kafka's primitive types and its record batch, format 2.

use std::time::UNIX_EPOCH;

/// A message being written.
#[derive(Default)]
pub struct Out(pub Vec<u8>);

impl Out {
    pub fn i8(&mut self, v: i8) -> &mut Self {
        self.bytes(&v.to_be_bytes())
    }

    pub fn i16(&mut self, v: i16) -> &mut Self {
        self.bytes(&v.to_be_bytes())
    }

    pub fn i32(&mut self, v: i32) -> &mut Self {
        self.bytes(&v.to_be_bytes())
    }

    pub fn i64(&mut self, v: i64) -> &mut Self {
        self.bytes(&v.to_be_bytes())
    }

    pub fn bytes(&mut self, v: &[u8]) -> &mut Self {
        self.0.extend_from_slice(v);
        self
    }

    pub fn string(&mut self, v: &str) -> &mut Self {
        self.i16(v.len().try_into().unwrap()).bytes(v.as_bytes())
    }

    pub fn null_string(&mut self) -> &mut Self {
        self.i16(-1)
    }

    pub fn varint(&mut self, v: i32) -> &mut Self {
        let mut v = ((v << 1) ^ (v >> 31)) as u32;
        while v >= 0x80 {
            self.0.push((v as u8 & 0x7f) | 0x80);
            v >>= 7;
        }
        self.0.push(v as u8);
        self
    }
}

/// A message being read.
pub struct In<'a>(pub &'a [u8]);

impl<'a> In<'a> {
    pub fn take(&mut self, n: usize) -> &'a [u8] {
        let (head, tail) = self.0.split_at(n);
        self.0 = tail;
        head
    }

    pub fn i8(&mut self) -> i8 {
        i8::from_be_bytes(self.take(1).try_into().unwrap())
    }

    pub fn i16(&mut self) -> i16 {
        i16::from_be_bytes(self.take(2).try_into().unwrap())
    }

    pub fn i32(&mut self) -> i32 {
        i32::from_be_bytes(self.take(4).try_into().unwrap())
    }

    pub fn i64(&mut self) -> i64 {
        i64::from_be_bytes(self.take(8).try_into().unwrap())
    }

    /// Also a string that may be null.
    pub fn string(&mut self) -> String {
        let len = usize::try_from(self.i16()).unwrap_or(0);
        String::from_utf8(self.take(len).to_vec()).unwrap()
    }

    pub fn varint(&mut self) -> i32 {
        let mut v: u32 = 0;
        for shift in (0..).step_by(7) {
            let byte = self.take(1)[0];
            v |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        (v >> 1) as i32 ^ -((v & 1) as i32)
    }

    /// An array, each element read by `f`.
    pub fn array<T>(&mut self, mut f: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let len = self.i32().max(0);
        (0..len).map(|_| f(self)).collect()
    }
}

/// A batch of records that have a value and nothing else.
pub fn batch(values: &[&[u8]]) -> Vec<u8> {
    let mut records = Out::default();
    for (delta, value) in values.iter().enumerate() {
        let mut record = Out::default();
        record
            .i8(0)
            .varint(0)
            .varint(delta.try_into().unwrap())
            .varint(-1)
            .varint(value.len().try_into().unwrap())
            .bytes(value)
            .varint(0);
        records.varint(record.0.len().try_into().unwrap()).bytes(&record.0);
    }

    let count: i32 = values.len().try_into().unwrap();
    let mut body = Out::default();
    let now = now();
    body.i16(0).i32(count - 1).i64(now).i64(now);
    body.i64(-1).i16(-1).i32(-1).i32(count).bytes(&records.0);

    let mut batch = Out::default();
    batch
        .i64(0)
        .i32((body.0.len() + 9).try_into().unwrap())
        .i32(-1)
        .i8(2)
        .bytes(&crc32c(&body.0).to_be_bytes())
        .bytes(&body.0);
    batch.0
}

/// Offset and value of every record in `bytes`, which holds whole batches.
pub fn records(bytes: &[u8]) -> Vec<(i64, Vec<u8>)> {
    let mut all = Vec::new();
    let mut input = In(bytes);
    while !input.0.is_empty() {
        let base = input.i64();
        let len = input.i32();
        let mut batch = In(input.take(len.try_into().unwrap()));
        batch.take(4 + 1 + 4 + 2 + 4 + 8 + 8 + 8 + 2 + 4);
        for _ in 0..batch.i32() {
            let len = batch.varint();
            let mut record = In(batch.take(len.try_into().unwrap()));
            record.i8();
            record.varint();
            let offset = base + i64::from(record.varint());
            if let Ok(key) = usize::try_from(record.varint()) {
                record.take(key);
            }
            let value = usize::try_from(record.varint()).unwrap_or(0);
            all.push((offset, record.take(value).to_vec()));
        }
    }
    all
}

/// Records from long ago would be past their retention.
fn now() -> i64 {
    let since = UNIX_EPOCH.elapsed().unwrap();
    since.as_millis().try_into().unwrap()
}

fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg()))
    })
}
