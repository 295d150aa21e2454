//! A session: commands and their answers, one after the other, and the statements that were prepared in it.
//!
//! Every text of a guest is prepared, never sent as a query: a prepared statement is one statement, whatever is in it.

use std::time::Duration;

use super::answer::{self, Answer, Done};
use super::column::Field;
use super::ending::Ending;
use super::greeting::ability;
use super::sign_in::Welcome;
use super::statements::{Statement, Statements};
use super::trouble::Trouble;
use super::wire::Wire;

mod command {
    pub const QUERY: u8 = 0x03;
    pub const PING: u8 = 0x0e;
    pub const PREPARE: u8 = 0x16;
    pub const EXECUTE: u8 = 0x17;
    pub const CLOSE: u8 = 0x19;
}

/// One session of one connection.
#[derive(Debug)]
pub struct Session {
    /// Packets.
    pub wire: Wire,
    /// `mysql` or `mariadb`.
    pub mariadb: bool,
    /// As the server calls it.
    pub version: String,
    /// What both sides can do.
    pub abilities: u32,
    /// The database that names without one are of.
    pub catalog: Option<String>,
    ending: Ending,
    statements: Statements,
    manner: Manner,
}

/// How the server is to treat what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// Each statement is a transaction.
    pub autocommit: bool,
    /// How long it may take. Zero: as long as it wants.
    pub limit: Duration,
}

impl Session {
    /// A session that was signed in to.
    pub fn new(welcome: Welcome, ending: Ending) -> Self {
        let Welcome { wire, greeting, abilities } = welcome;
        Self {
            wire,
            mariadb: greeting.mariadb(),
            version: greeting.version().to_owned(),
            abilities,
            catalog: None,
            ending,
            statements: Statements::default(),
            manner: Manner { autocommit: true, limit: Duration::ZERO },
        }
    }

    /// What holds for every session. Instants are read and written in UTC; what a column cannot hold is an error and
    /// not cut to size; rows that nobody takes for ten minutes do not break the connection.
    pub async fn prepare_for_work(&mut self) -> Result<(), Trouble> {
        self.run(
            "SET SESSION time_zone = '+00:00', autocommit = 1, net_write_timeout = 600, \
             sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES')",
        )
        .await?;
        let rows = self.ask("SELECT @@max_allowed_packet, DATABASE()").await?;
        let mut values = rows.into_iter().next().unwrap_or_default().into_iter();
        if let Some(most) = values.next().flatten().and_then(|text| text.parse().ok()) {
            self.wire.most = most;
        }
        self.catalog = values.next().flatten();
        Ok(())
    }

    /// How the server is to end what this session is about.
    pub fn ending(&self) -> &Ending {
        &self.ending
    }

    /// A statement of ours that answers no rows.
    pub async fn run(&mut self, sql: &str) -> Result<(), Trouble> {
        self.query(sql).await?;
        let done = self.outcome().await;
        self.settled(&done);
        done.map(drop)
    }

    /// A statement of ours that answers a few values as text.
    async fn ask(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>, Trouble> {
        self.query(sql).await?;
        let rows = self.texts().await;
        self.settled(&rows);
        rows
    }

    async fn texts(&mut self) -> Result<Vec<Vec<Option<String>>>, Trouble> {
        const NULL: u8 = 0xfb;
        const MOST: usize = 16;
        let Answer::Columns(count) = answer::first(self.wire.packet().await?)? else { return Ok(Vec::new()) };
        self.fields(count).await?;
        let mut rows = Vec::new();
        loop {
            let abilities = self.abilities;
            let packet = self.wire.packet().await?;
            if answer::end_of_rows(packet, abilities)?.is_some() {
                return Ok(rows);
            }
            let mut bytes = super::bytes::Bytes(packet);
            let mut row = Vec::new();
            for _ in 0..count {
                if bytes.0.first() == Some(&NULL) {
                    bytes.byte()?;
                    row.push(None);
                } else {
                    row.push(Some(bytes.name()?));
                }
            }
            rows.push(row);
            if rows.len() > MOST {
                return Err(Trouble::Protocol("more rows than were asked for"));
            }
        }
    }

    async fn query(&mut self, sql: &str) -> Result<(), Trouble> {
        self.wire.command(|out| {
            out.push(command::QUERY);
            out.extend_from_slice(sql.as_bytes());
        })?;
        self.wire.send().await
    }

    /// Makes the server treat what comes next in this way.
    pub async fn behave(&mut self, manner: Manner) -> Result<(), Trouble> {
        let mut wishes = Vec::new();
        if manner.autocommit != self.manner.autocommit {
            wishes.push(format!("autocommit = {}", u8::from(manner.autocommit)));
        }
        // MySQL has a limit for queries alone, which would count the time that a guest takes for their rows.
        if self.mariadb && manner.limit != self.manner.limit {
            wishes.push(format!("max_statement_time = {:.3}", manner.limit.as_secs_f64()));
        }
        if !wishes.is_empty() {
            self.run(&format!("SET SESSION {}", wishes.join(", "))).await?;
        }
        self.manner = manner;
        Ok(())
    }

    /// Does it answer?
    pub async fn ping(&mut self) -> Result<(), Trouble> {
        self.wire.command(|out| out.push(command::PING))?;
        self.wire.send().await?;
        let done = self.outcome().await;
        self.settled(&done);
        done.map(drop)
    }

    /// The statement of this text, prepared now or earlier.
    pub async fn prepare(&mut self, sql: &str) -> Result<Statement, Trouble> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement);
        }
        self.wire.command(|out| {
            out.push(command::PREPARE);
            out.extend_from_slice(sql.as_bytes());
        })?;
        self.wire.send().await?;
        let prepared = self.prepared().await;
        self.settled(&prepared);
        let prepared = prepared?;
        let statement = Statement { id: prepared.id, parameters: prepared.parameters };
        for old in self.statements.put(sql, statement) {
            self.close(old)?;
        }
        Ok(statement)
    }

    /// Forgets a statement that the server does not know any more, or wants anew.
    pub fn renew(&mut self, sql: &str, trouble: &Trouble) -> Result<(), Trouble> {
        const UNKNOWN: u16 = 1_243;
        const CHANGED: u16 = 1_615;
        if !matches!(trouble.number(), Some(UNKNOWN | CHANGED)) {
            return Ok(());
        }
        self.statements.remove(sql).map_or(Ok(()), |old| self.close(old))
    }

    /// The server does not answer to it, so that it goes with whatever is sent next.
    fn close(&mut self, statement: Statement) -> Result<(), Trouble> {
        self.wire.command(|out| {
            out.push(command::CLOSE);
            out.extend_from_slice(&statement.id.to_le_bytes());
        })
    }

    async fn prepared(&mut self) -> Result<answer::Prepared, Trouble> {
        let prepared = answer::prepared(self.wire.packet().await?)?;
        // Parameters are described without saying what they are, and columns once more with each result.
        for count in [prepared.parameters, prepared.columns] {
            for _ in 0..count {
                answer::no_refusal(self.wire.packet().await?)?;
            }
            if count > 0 {
                self.end_of_fields().await?;
            }
        }
        Ok(prepared)
    }

    /// Adds an execution to what is sent next. Its parameters are written after what says how many there are.
    pub fn execute<E: From<Trouble>>(
        &mut self,
        statement: Statement,
        parameters: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut written = Ok(());
        let before = self.wire.waiting();
        self.wire.command(|out| {
            out.push(command::EXECUTE);
            out.extend_from_slice(&statement.id.to_le_bytes());
            // No cursor; once.
            out.extend_from_slice(&[0, 1, 0, 0, 0]);
            written = parameters(out);
        })?;
        if written.is_err() {
            self.wire.discard(before);
        }
        written
    }

    /// Descriptions of so many columns.
    pub async fn fields(&mut self, count: usize) -> Result<Vec<Field>, Trouble> {
        let mut fields = Vec::with_capacity(count.min(256));
        for _ in 0..count {
            let packet = self.wire.packet().await?;
            answer::no_refusal(packet)?;
            fields.push(Field::read(packet)?);
        }
        self.end_of_fields().await?;
        Ok(fields)
    }

    async fn end_of_fields(&mut self) -> Result<(), Trouble> {
        if self.abilities & ability::NO_EOF == 0 {
            self.wire.packet().await?;
        }
        Ok(())
    }

    /// What a statement changed; rows that it answers are passed over.
    pub async fn outcome(&mut self) -> Result<u64, Trouble> {
        loop {
            let done = match answer::first(self.wire.packet().await?)? {
                Answer::Done(done) => done,
                Answer::Columns(count) => {
                    self.fields(count).await?;
                    self.pass_over().await?
                }
            };
            if !done.more {
                return Ok(done.changed);
            }
        }
    }

    /// Reads the rows of one result without looking at them.
    pub async fn pass_over(&mut self) -> Result<Done, Trouble> {
        let abilities = self.abilities;
        loop {
            if let Some(done) = answer::end_of_rows(self.wire.packet().await?, abilities)? {
                return Ok(done);
            }
        }
    }

    /// An answer was read to its end, or it was an error: the connection waits for the next command.
    pub fn settled<T>(&mut self, outcome: &Result<T, Trouble>) {
        self.wire.busy = outcome.as_ref().is_err_and(Trouble::ends);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        use futures::FutureExt as _;
        if self.wire.busy {
            self.ending.clone().connection();
        } else {
            // Five bytes into an idle socket: this does not wait.
            let _ = self.wire.quit().now_or_never();
        }
    }
}
