//! A connection with what it remembers: prepared statements and types. Whoever works with it has it alone.

use std::sync::Arc;

use watertight_sandbox::sql::{Fault, SqlLimits, code};

use super::errors::Complaint;
use super::message::{Body, put_text, send, without_nul, write};
use super::statements::Statements;
use super::types::{Described, Type, Types};
use super::wire::Wire;
use bytes::BufMut as _;

/// What the catalog may answer at most: it is held as a whole.
const CATALOG: usize = 64 * 1024 * 1024;
/// Types that are made of types of types.
const DEPTH: usize = 8;

/// Rows of the catalog: text, or null.
pub(super) type Answers = Vec<Vec<Option<String>>>;

/// What one guest's connection is.
pub(super) struct Session {
    pub(super) wire: Wire,
    pub(super) types: Types,
    pub(super) statements: Statements,
    pub(super) limits: SqlLimits,
}

/// A failed request; whether to prepare the statement again is not for a guest to know.
pub(super) struct Failed {
    pub(super) fault: Fault,
    pub(super) stale: bool,
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self { fault, stale: false }
    }
}

impl From<Failed> for Fault {
    fn from(failed: Failed) -> Self {
        failed.fault
    }
}

impl Session {
    pub(super) fn new(wire: Wire, limits: SqlLimits) -> Self {
        Self { wire, types: Types::new(), statements: Statements::default(), limits }
    }

    /// Sends what was written and hears the answers to all of it. `on` gets the messages between; after a complaint
    /// there is nothing more to get.
    pub(super) async fn settle(&mut self, mut on: impl FnMut(u8, &[u8]) -> Result<(), Fault>) -> Result<(), Failed> {
        let mut failed = None;
        while self.wire.awaits() {
            let head = self.wire.head().await?;
            match head.tag {
                b'Z' => self.wire.consume(head),
                b'E' => {
                    let complaint = Complaint::read(self.wire.body(head));
                    let stale = complaint.stale();
                    let fault = complaint.fault();
                    self.wire.consume(head);
                    if fault.lost {
                        self.wire.lose(fault.message.clone());
                        return Err(fault.into());
                    }
                    failed.get_or_insert(Failed { fault, stale });
                }
                b'G' | b'H' | b'W' => return Err(self.copying().into()),
                tag => {
                    if failed.is_none()
                        && let Err(fault) = on(tag, self.wire.body(head))
                    {
                        failed = Some(fault.into());
                    }
                    self.wire.consume(head);
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// A statement of the guest turned the connection into a pipe, which nobody feeds.
    pub(super) fn copying(&mut self) -> Fault {
        self.wire.lose("COPY to or from the client was refused");
        Fault {
            lost: true,
            ..Fault::new(
                code::UNSUPPORTED,
                "COPY ... FROM STDIN or TO STDOUT is no statement for query or execute: load writes rows, query reads \
                 them. The connection was closed",
            )
        }
    }

    /// Statements of ours without parameters.
    pub(super) async fn command(&mut self, sql: &str) -> Result<(), Fault> {
        self.wire.simple(sql);
        Ok(self.settle(|_, _| Ok(())).await?)
    }

    /// A question of ours to the catalog; parameters and answers are text.
    pub(super) async fn ask(&mut self, sql: &str, parameters: &[Option<&str>]) -> Result<Answers, Fault> {
        for parameter in parameters.iter().flatten() {
            without_nul("a name", parameter)?;
        }
        let out = &mut self.wire.output;
        send::parse(out, "", sql);
        write(out, b'B', |out| {
            put_text(out, "");
            put_text(out, "");
            out.put_i16(0);
            out.put_i16(i16::try_from(parameters.len()).unwrap_or(i16::MAX));
            for parameter in parameters {
                match parameter {
                    None => out.put_i32(-1),
                    Some(text) => {
                        out.put_i32(i32::try_from(text.len()).unwrap_or(i32::MAX));
                        out.put_slice(text.as_bytes());
                    }
                }
            }
            out.put_i16(0);
        });
        send::execute(out, 0);
        self.wire.sync();
        let (mut rows, mut size) = (Answers::new(), 0);
        let answered = self.settle(|tag, body| {
            if tag == b'D' {
                size += body.len();
                if size > CATALOG {
                    return Err(Fault::new(code::LIMIT, "the catalog's answer is too long; ask for less of it"));
                }
                rows.push(texts(body).unwrap_or_default());
            }
            Ok(())
        });
        answered.await?;
        Ok(rows)
    }

    /// Finds out about types that were not met before.
    pub(super) async fn meet(&mut self, oids: impl IntoIterator<Item = u32>) -> Result<(), Fault> {
        let mut wanted = self.types.missing(oids);
        let mut found = Vec::new();
        for _ in 0..DEPTH {
            if wanted.is_empty() {
                break;
            }
            let list: Vec<String> = wanted.iter().map(u32::to_string).collect();
            let list = format!("{{{}}}", list.join(","));
            let rows = self.ask(DESCRIBE, &[Some(&list)]).await?;
            let made_of: Vec<u32> = rows.iter().filter_map(|row| described(row)?.made_of()).collect();
            found.push(rows);
            wanted = self.types.missing(made_of);
        }
        // What others are made of comes last and is learnt first.
        for row in found.iter().rev().flatten() {
            if let Some(described) = described(row) {
                let made_of = described.made_of().and_then(|oid| self.types.get(oid)).cloned();
                self.types.learn(described.into_type(made_of.as_ref()));
            }
        }
        Ok(())
    }

    pub(super) fn type_of(&self, oid: u32) -> Arc<Type> {
        self.types
            .get(oid)
            .cloned()
            .unwrap_or_else(|| Arc::new(Type { oid, name: format!("type {oid}"), kind: super::types::Kind::Other }))
    }
}

const DESCRIBE: &str = "SELECT t.oid, t.typname, t.typtype, t.typelem, t.typlen < 0, t.typbasetype \
    FROM pg_catalog.pg_type t WHERE t.oid = ANY($1::pg_catalog.oid[])";

fn described(row: &[Option<String>]) -> Option<Described<'_>> {
    let text = |index: usize| row.get(index)?.as_deref();
    Some(Described {
        oid: text(0)?.parse().ok()?,
        name: text(1)?,
        class: text(2)?,
        element: text(3)?.parse().ok()?,
        varies: text(4)? == "t",
        base: text(5)?.parse().ok()?,
    })
}

fn texts(body: &[u8]) -> Option<Vec<Option<String>>> {
    let mut body = Body(body);
    let count = body.u16()?;
    (0..count).map(|_| Some(body.value()?.map(|value| String::from_utf8_lossy(value).into_owned()))).collect()
}
