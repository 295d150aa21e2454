//! A guest's values as parameters of a statement: forms are taken in turn, and again from the front when they are
//! used up.

use std::sync::Arc;

use bytes::{BufMut as _, BytesMut};
use watertight_sandbox::sql::{Fault, ValueNode, code};

use super::encode::{self, Nodes};
use super::message::{put_text, write};
use super::types::Type;
use crate::sql::forms::{Form, faults};

/// Long numbers take their time, and others want theirs.
const TURN: usize = 256 * 1024;

/// Forms by their names.
pub(super) fn forms(names: &[String]) -> Result<Vec<Form>, Fault> {
    let read = |(index, name): (usize, &String)| name.parse().map_err(|error| faults::form(index + 1, &error));
    names.iter().enumerate().map(read).collect()
}

/// Values and the forms that they are in.
pub(super) struct Values<'a> {
    forms: &'a [Form],
    next: usize,
    nodes: Nodes<'a>,
    row: u32,
    /// Bytes written since others had a turn.
    busy: usize,
}

impl<'a> Values<'a> {
    pub(super) fn new(forms: &'a [Form], nodes: &'a [ValueNode]) -> Self {
        Self { forms, next: 0, nodes: nodes.iter(), row: 0, busy: 0 }
    }

    /// The next execution is the next row.
    pub(super) fn next_row(&mut self) {
        self.row += 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.nodes.len() == 0
    }

    fn form(&mut self) -> &'a Form {
        let form = self.forms.get(self.next).unwrap_or(&Form::Natural);
        self.next = if self.next + 1 < self.forms.len() { self.next + 1 } else { 0 };
        form
    }

    /// One value with its length, in binary where that can be; whether it was.
    pub(super) async fn write(
        &mut self,
        place: usize,
        kind: &Type,
        how: Option<bool>,
        out: &mut BytesMut,
    ) -> Result<bool, Fault> {
        let form = self.form();
        let Some(node) = self.nodes.next() else {
            let text = format!("row {}: there is no value for parameter {place}", self.row);
            return Err(Fault { row: Some(self.row), ..Fault::new(code::DATA, text) });
        };
        if let ValueNode::Null = node {
            out.put_i32(-1);
            return Ok(how.unwrap_or(false));
        }
        let natural;
        let form = if let Form::Natural = form {
            natural = encode::natural(node);
            &natural
        } else {
            form
        };
        let binary = how.unwrap_or_else(|| encode::is_binary(form, kind));
        let before = out.len();
        let written = encode::prefixed(out, |out| {
            let write = if binary { encode::binary } else { encode::text };
            write(form, node, &mut self.nodes, kind, out)
        });
        self.busy += out.len() - before;
        if self.busy > TURN {
            self.busy = 0;
            tokio::task::yield_now().await;
        }
        match written.and_then(|()| encode::room(out)) {
            Ok(()) => Ok(binary),
            Err(error) => Err(faults::bound(place, self.row, form, node, error.0)),
        }
    }

    /// The part of a Bind message that is about parameters.
    pub(super) async fn parameters(&mut self, types: &[Arc<Type>], out: &mut BytesMut) -> Result<(), Fault> {
        let count = u16::try_from(types.len()).unwrap_or(u16::MAX);
        out.put_u16(count);
        let mut format = out.len();
        out.put_bytes(0, types.len() * 2);
        out.put_u16(count);
        for (index, kind) in types.iter().enumerate() {
            if self.write(index + 1, kind, None, out).await? {
                out[format + 1] = 1;
            }
            format += 2;
        }
        Ok(())
    }
}

/// There are as many values as it takes.
pub(super) fn spent(values: &Values<'_>, parameters: usize) -> Result<(), Fault> {
    if values.is_empty() {
        return Ok(());
    }
    let text = format!("the statement has {parameters} parameters, and there are more values than that takes");
    Err(Fault::new(code::DATA, text))
}

/// Binds the nameless portal.
pub(super) fn bind(out: &mut BytesMut, statement: &str, parameters: &[u8], binary: &[bool]) {
    write(out, b'B', |out| {
        put_text(out, "");
        put_text(out, statement);
        out.put_slice(parameters);
        out.put_u16(u16::try_from(binary.len()).unwrap_or(u16::MAX));
        binary.iter().for_each(|binary| out.put_u16((*binary).into()));
    });
}
