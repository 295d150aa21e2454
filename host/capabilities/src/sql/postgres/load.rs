//! Rows by COPY: in the binary format where every column has one for its form, else as text.

use bytes::{BufMut as _, BytesMut};
use watertight_sandbox::sql::{Fault, TableName, ValueNode, code};

use super::bind::{Values, forms};
use super::encode;
use super::errors::Complaint;
use super::message::{without_nul, write};
use super::session::Session;
use crate::sql::forms::Form;

/// Rows go in messages of about this size.
const PIECE: usize = 64 * 1024;

/// An identifier as a statement has it.
pub(super) fn quoted(name: &str) -> Result<String, Fault> {
    Ok(format!("\"{}\"", without_nul("a name", name)?.replace('"', "\"\"")))
}

fn table(name: &TableName) -> Result<String, Fault> {
    let table = quoted(&name.name)?;
    name.schema.as_ref().map_or(Ok(table.clone()), |schema| Ok(format!("{}.{table}", quoted(schema)?)))
}

/// Loads rows; how many.
pub(super) async fn load(
    session: &mut Session,
    name: &TableName,
    columns: &[String],
    names: &[String],
    values: &[ValueNode],
) -> Result<u64, Fault> {
    if columns.is_empty() {
        return Err(Fault::new(code::DATA, "no columns to load"));
    }
    let forms = forms(names)?;
    let table = table(name)?;
    let list = columns.iter().map(|name| quoted(name)).collect::<Result<Vec<_>, _>>()?.join(", ");
    let probe = format!("SELECT {list} FROM {table}");
    let rows = encoded(session, &probe, columns, &forms, values).await?;
    let format = if rows.binary { "binary" } else { "text" };
    session.wire.simple(&format!("COPY {table} ({list}) FROM STDIN (FORMAT {format})"));
    let loaded = send(session, rows.pieces).await;
    if let Err(fault) = &loaded
        && fault.sqlstate.as_deref().is_some_and(|state| state.starts_with("22") || state.starts_with("42"))
    {
        // A column may have another type by now.
        session.statements.forget(&probe);
    }
    loaded
}

/// Rows ready to be sent.
struct Encoded {
    binary: bool,
    pieces: BytesMut,
}

/// Everything is written before anything is sent, so that a value that does not fit ends nothing in the server.
async fn encoded(
    session: &mut Session,
    probe: &str,
    columns: &[String],
    forms: &[Form],
    nodes: &[ValueNode],
) -> Result<Encoded, Fault> {
    let statement = session.prepare(probe).await?;
    let mut values = Values::new(forms, nodes);
    let kinds = statement.fields.iter().map(|field| &field.kind);
    // Forms that are taken again from the front must be those of the columns, or else it is text.
    let fixed = forms.len() == columns.len();
    let binary = fixed && forms.iter().zip(kinds.clone()).all(|(form, kind)| encode::is_binary(form, kind));
    let mut pieces = BytesMut::new();
    let mut piece = BytesMut::new();
    if binary {
        piece.put_slice(b"PGCOPY\n\xff\r\n\0");
        piece.put_u64(0);
    }
    let mut cell = BytesMut::new();
    while !values.is_empty() {
        if binary {
            piece.put_u16(u16::try_from(columns.len()).unwrap_or(u16::MAX));
        }
        for (index, kind) in kinds.clone().enumerate() {
            if binary {
                values.write(index + 1, kind, Some(true), &mut piece).await?;
            } else {
                cell.clear();
                values.write(index + 1, kind, Some(false), &mut cell).await?;
                if index > 0 {
                    piece.put_u8(b'\t');
                }
                push_cell(&cell, &mut piece);
            }
        }
        if !binary {
            piece.put_u8(b'\n');
        }
        values.next_row();
        if piece.len() > PIECE {
            write(&mut pieces, b'd', |out| out.put_slice(&piece));
            piece.clear();
            if pieces.len() > encode::MOST {
                return Err(Fault::new(code::LIMIT, "so many rows do not go into one call; make it several"));
            }
        }
    }
    if binary {
        piece.put_i16(-1);
    }
    write(&mut pieces, b'd', |out| out.put_slice(&piece));
    write(&mut pieces, b'c', |_| {});
    Ok(Encoded { binary, pieces })
}

/// A value of COPY's text format, from one with its length.
fn push_cell(cell: &[u8], out: &mut BytesMut) {
    let Some(([0xff, 0xff, 0xff, 0xff], _)) = cell.split_first_chunk::<4>() else {
        for byte in cell.get(4..).unwrap_or_default() {
            match byte {
                b'\\' => out.put_slice(b"\\\\"),
                b'\n' => out.put_slice(b"\\n"),
                b'\r' => out.put_slice(b"\\r"),
                b'\t' => out.put_slice(b"\\t"),
                byte => out.put_u8(*byte),
            }
        }
        return;
    };
    out.put_slice(b"\\N");
}

async fn send(session: &mut Session, pieces: BytesMut) -> Result<u64, Fault> {
    let mut pieces = Some(pieces);
    let mut loaded = 0;
    let mut fault: Option<Fault> = None;
    while session.wire.awaits() {
        let head = session.wire.head().await?;
        match head.tag {
            b'G' => {
                let Some(pieces) = pieces.take() else { return Err(session.wire.nonsense()) };
                session.wire.output = pieces;
            }
            b'C' => {
                let tag = String::from_utf8_lossy(session.wire.body(head)).into_owned();
                loaded = tag.trim_end_matches('\0').rsplit(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0);
            }
            b'E' if fault.is_none() => {
                let found = Complaint::read(session.wire.body(head)).fault();
                if found.lost {
                    session.wire.lose(found.message.clone());
                    return Err(found);
                }
                fault = Some(found);
            }
            _ => {}
        }
        session.wire.consume(head);
    }
    fault.map_or(Ok(loaded), Err)
}
