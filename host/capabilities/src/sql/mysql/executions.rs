//! Executions of one statement, sent ahead of the answers to those before: a batch does not take as many journeys as it
//! has rows.

use watertight_sandbox::sql::{Fault, ValueNode, code};

use super::bind;
use super::session::Session;
use super::statements::Statement;
use super::trouble::Trouble;
use crate::sql::forms::Form;

/// Bytes that are sent before their answers are read.
const AHEAD: usize = 256 * 1024;

/// Executions of one statement.
pub struct Work<'a> {
    /// Of the values of one, from the front again when they are used up.
    pub forms: &'a [Form],
    /// Of all of them.
    pub values: &'a [ValueNode],
    /// How many there are.
    pub times: usize,
}

/// Why executions did not succeed, and which.
pub struct Failure {
    /// With the server.
    pub trouble: Option<Trouble>,
    /// On this side.
    pub fault: Option<Fault>,
    /// Which execution it was.
    pub row: Option<u32>,
}

impl Failure {
    /// For a guest.
    pub fn into_fault(self, of_trouble: impl FnOnce(Trouble) -> Fault) -> Fault {
        let fault = match (self.trouble, self.fault) {
            (Some(trouble), _) => of_trouble(trouble),
            (None, Some(fault)) => fault,
            (None, None) => Fault::new(code::SQL, "the statement failed"),
        };
        Fault { row: self.row.or(fault.row), ..fault }
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self { trouble: Some(trouble), fault: None, row: None }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self { trouble: None, fault: Some(fault), row: None }
    }
}

impl Work<'_> {
    /// Rows changed by each.
    pub async fn run(&self, session: &mut Session, sql: &str) -> Result<Vec<u64>, Failure> {
        let done = self.execute(session, sql).await;
        if let Err(Failure { trouble: Some(trouble), .. }) = &done {
            session.renew(sql, trouble)?;
        }
        done
    }

    async fn execute(&self, session: &mut Session, sql: &str) -> Result<Vec<u64>, Failure> {
        let statement = session.prepare(sql).await?;
        let share = self.values.len() / self.times;
        fits(statement, share, self.times)?;
        let mut counts = Vec::with_capacity(self.times);
        let (mut sent, mut failure) = (0, None);
        while sent < self.times && failure.is_none() {
            while sent < self.times && session.wire.waiting() < AHEAD && failure.is_none() {
                let values = &self.values[sent * share..][..share];
                let row = u32::try_from(sent).unwrap_or(u32::MAX);
                let put =
                    session.execute(statement, |out| bind::push(out, self.forms, values, row).map_err(Failure::from));
                match put {
                    Ok(()) => sent += 1,
                    Err(failed) => failure = Some(Failure { row: Some(row), ..failed }),
                }
            }
            if sent == counts.len() {
                break;
            }
            session.wire.send_and_fill().await?;
            // All that was sent is answered, also behind one that failed.
            let (mut first, mut answered) = (None, counts.len());
            while answered < sent {
                match session.outcome().await {
                    Ok(changed) => counts.push(changed),
                    Err(trouble) if trouble.ends() => return Err(at(trouble, answered)),
                    Err(trouble) => {
                        counts.push(0);
                        first.get_or_insert_with(|| at(trouble, answered));
                    }
                }
                answered += 1;
            }
            session.wire.busy = false;
            failure = first.or(failure);
        }
        failure.map_or(Ok(counts), Err)
    }
}

fn at(trouble: Trouble, row: usize) -> Failure {
    Failure { row: u32::try_from(row).ok(), ..trouble.into() }
}

/// As many values as question marks.
pub fn fits(statement: Statement, share: usize, times: usize) -> Result<(), Fault> {
    if statement.parameters == share {
        return Ok(());
    }
    let each = if times > 1 { " for each execution" } else { "" };
    let text = format!("the statement has {} parameters, and got {share} values{each}", statement.parameters);
    Err(Fault::new(code::DATA, text))
}
