//! The contract's types as views: what a guest is given points into the worker's records, so that texts and bytes
//! are copied once, straight into the guest's memory, and a record that comes back unchanged was never taken apart.
//! The generated types own what they hold and would cost a second copy of everything.

use wasmtime::component::{ComponentType, Lower};

#[derive(Clone, Copy, ComponentType, Lower)]
#[component(variant)]
pub(crate) enum Node<'a> {
    #[component(name = "null")]
    Null,
    #[component(name = "boolean")]
    Boolean(bool),
    #[component(name = "integer")]
    Integer(i64),
    #[component(name = "float")]
    Float(f64),
    #[component(name = "text")]
    Text(&'a str),
    #[component(name = "bytes")]
    Bytes(&'a [u8]),
    #[component(name = "elements")]
    Elements(u32),
    #[component(name = "entries")]
    Entries(u32),
    #[component(name = "fields")]
    Fields(u32),
}

#[derive(Clone, Copy, ComponentType, Lower)]
#[component(variant)]
pub(crate) enum Value<'a> {
    #[component(name = "null")]
    Null,
    #[component(name = "boolean")]
    Boolean(bool),
    #[component(name = "integer")]
    Integer(i64),
    #[component(name = "float")]
    Float(f64),
    #[component(name = "text")]
    Text(&'a str),
    #[component(name = "bytes")]
    Bytes(&'a [u8]),
    #[component(name = "json")]
    Json(&'a str),
    #[component(name = "tape")]
    Tape(&'a [Node<'a>]),
}

#[derive(Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub(crate) struct Datum<'a> {
    pub schema: u32,
    pub value: Value<'a>,
}

#[derive(Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub(crate) struct Header<'a> {
    pub name: &'a str,
    pub value: Datum<'a>,
}

#[derive(Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub(crate) struct Message<'a> {
    pub topic: u32,
    pub partition: Option<i32>,
    pub key: Datum<'a>,
    pub value: Datum<'a>,
    pub headers: &'a [Header<'a>],
    pub timestamp: Option<i64>,
}

#[derive(Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub(crate) struct MessageBatch<'a> {
    pub topics: &'a [&'a str],
    pub messages: &'a [Message<'a>],
    pub offsets: &'a [i64],
}

#[derive(Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub(crate) struct FromItem<'a> {
    pub topic: u32,
    #[component(name = "header-name")]
    pub header_name: &'a str,
    pub datum: Datum<'a>,
}

#[derive(Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub(crate) struct RawHeader<'a> {
    pub name: &'a str,
    pub value: Option<&'a [u8]>,
}

#[derive(Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub(crate) struct ToItem<'a> {
    pub topic: u32,
    #[component(name = "header-name")]
    pub header_name: &'a str,
    pub bytes: Option<&'a [u8]>,
    pub headers: &'a [RawHeader<'a>],
}
