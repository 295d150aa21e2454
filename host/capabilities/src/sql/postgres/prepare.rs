//! Statements are prepared once, and described by the server: which types its parameters have is for it to find.

use std::sync::Arc;

use watertight_sandbox::sql::Fault;

use super::message::{Body, send, without_nul};
use super::session::Session;
use super::statements::{Field, Statement};

impl Session {
    /// A statement by its text, prepared unless it was before.
    pub(super) async fn prepare(&mut self, sql: &str) -> Result<Arc<Statement>, Fault> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement);
        }
        without_nul("the statement", sql)?;
        let name = self.statements.name();
        for old in self.statements.forgotten() {
            send::close(&mut self.wire.output, b'S', &old);
        }
        send::parse(&mut self.wire.output, &name, sql);
        send::describe(&mut self.wire.output, &name);
        self.wire.sync();
        let (mut parameters, mut fields) = (Some(Vec::new()), Some(Vec::new()));
        let prepared = self.settle(|tag, body| {
            match tag {
                b't' => parameters = numbers(body),
                b'T' => fields = described_fields(body),
                _ => {}
            }
            Ok(())
        });
        prepared.await?;
        let (Some(parameters), Some(fields)) = (parameters, fields) else { return Err(self.wire.nonsense()) };
        self.meet(parameters.iter().copied().chain(fields.iter().map(|field| field.oid))).await?;
        let statement = Arc::new(Statement {
            name,
            parameters: parameters.into_iter().map(|oid| self.type_of(oid)).collect(),
            fields: fields.into_iter().map(|field| field.into_field(self)).collect(),
        });
        self.statements.put(sql, Arc::clone(&statement));
        Ok(statement)
    }
}

fn numbers(body: &[u8]) -> Option<Vec<u32>> {
    let mut body = Body(body);
    let count = body.u16()?;
    (0..count).map(|_| body.u32()).collect()
}

/// A field as the server describes it, its type still a number.
struct RawField {
    name: String,
    table: u32,
    number: i16,
    oid: u32,
    modifier: i32,
}

impl RawField {
    fn into_field(self, session: &Session) -> Field {
        let kind = session.type_of(self.oid);
        Field { name: self.name, table: self.table, number: self.number, kind, modifier: self.modifier }
    }
}

fn described_fields(body: &[u8]) -> Option<Vec<RawField>> {
    let mut body = Body(body);
    let count = body.u16()?;
    (0..count)
        .map(|_| {
            let name = body.text()?;
            let (table, number, oid) = (body.u32()?, body.i16()?, body.u32()?);
            // Size and format are known from the type, and asked for.
            let (_, modifier, _) = (body.i16()?, body.i32()?, body.i16()?);
            Some(RawField { name, table, number, oid, modifier })
        })
        .collect()
}
