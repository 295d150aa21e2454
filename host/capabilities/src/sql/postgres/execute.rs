//! Statements that answer no rows: one, or as many executions as a guest has, sent one after the other without waiting
//! and answered together. Between two Syncs the server does all of them or none.

use std::sync::Arc;

use bytes::BytesMut;
use watertight_sandbox::sql::{Fault, ValueNode, code};

use super::bind::{Values, bind, forms, spent};
use super::encode;
use super::errors::Complaint;
use super::message::send;
use super::session::{Failed, Session};
use super::statements::Statement;

/// Executes a statement so many times.
pub(super) async fn execute(
    session: &mut Session,
    sql: &str,
    names: &[String],
    times: u32,
    values: &[ValueNode],
) -> Result<Vec<u64>, Fault> {
    let forms = forms(names)?;
    let mut again = !session.wire.in_transaction();
    loop {
        let statement = session.prepare(sql).await?;
        // Everything is written before anything is sent, so that a value that does not fit leaves nothing half done.
        let mut values = Values::new(&forms, values);
        let mut parameters = BytesMut::new();
        let mut output = BytesMut::new();
        for _ in 0..times {
            parameters.clear();
            values.parameters(&statement.parameters, &mut parameters).await?;
            bind(&mut output, &statement.name, &parameters, &[]);
            send::execute(&mut output, 0);
            if output.len() > encode::MOST {
                return Err(Fault::new(code::LIMIT, "so many executions do not go into one call; make it several"));
            }
            values.next_row();
        }
        spent(&values, statement.parameters.len())?;
        session.wire.output = output;
        session.wire.sync();
        match answers(session, &statement, times).await {
            Ok(counts) => return Ok(counts),
            Err(failed) => {
                if failed.stale {
                    session.statements.forget(sql);
                }
                if !failed.stale || !again {
                    return Err(failed.fault);
                }
                again = false;
            }
        }
    }
}

async fn answers(session: &mut Session, statement: &Arc<Statement>, times: u32) -> Result<Vec<u64>, Failed> {
    let mut counts = Vec::with_capacity(times.min(1 << 16) as usize);
    let mut failed: Option<Failed> = None;
    while session.wire.awaits() {
        let head = session.wire.head().await?;
        match head.tag {
            b'C' => counts.push(changed(session.wire.body(head), statement)),
            b'I' => counts.push(0),
            b'E' if failed.is_none() => {
                let complaint = Complaint::read(session.wire.body(head));
                let stale = complaint.stale();
                let mut fault = complaint.fault();
                // What fails at the end of it all was no row of its own.
                fault.row = u32::try_from(counts.len()).ok().filter(|row| *row < times);
                if fault.lost {
                    session.wire.lose(fault.message.clone());
                    return Err(fault.into());
                }
                failed = Some(Failed { fault, stale });
            }
            b'G' | b'H' | b'W' => return Err(session.copying().into()),
            _ => {}
        }
        session.wire.consume(head);
    }
    failed.map_or(Ok(counts), Err)
}

/// The last word of what was done: `INSERT 0 5`. What was only selected did not change.
fn changed(body: &[u8], statement: &Statement) -> u64 {
    let text = std::str::from_utf8(body).unwrap_or_default().trim_end_matches('\0');
    if !statement.fields.is_empty() && ["SELECT", "FETCH", "SHOW"].iter().any(|word| text.starts_with(word)) {
        return 0;
    }
    text.rsplit(' ').next().and_then(|count| count.parse().ok()).unwrap_or(0)
}
