//! Rows of a query, taken from the socket as the guest asks for them: a guest that does not ask stops the server, and
//! no more than a buffer of a result is ever here. Rows hold the session until their end. Rows that nobody wants to
//! the end are ended in the server; what it had sent by then is passed over, and the session is free again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::OwnedMutexGuard;
use tokio::time::timeout;
use watertight_sandbox::limits::key;
use watertight_sandbox::sql::{Column, Fault, Portion, RowBatch, SqlRows, code};

use super::answer::end_of_rows;
use super::column::{Field, Taste};
use super::decode::{Reading, row};
use super::moment::Zeros;
use super::session::Session;
use super::trouble::Trouble;
use crate::sql::forms::{Form, Zone, faults};

/// For what a server had sent before it was told to stop.
const REST: Duration = Duration::from_secs(5);
/// The interruption that was asked for.
const INTERRUPTED: u16 = 1_317;

/// The place of a session; empty when it is lost.
pub type Slot = OwnedMutexGuard<Option<Session>>;

/// What reading depends on beside forms.
#[derive(Debug, Clone)]
pub struct Manners {
    /// Natural forms.
    pub taste: Taste,
    /// Days that are none.
    pub zeros: Zeros,
    /// Where clocks stand whose form does not say so.
    pub zone: Zone,
    /// Bytes of a row.
    pub row: usize,
}

/// Rows of one query.
#[derive(Debug)]
pub struct Rows {
    slot: Option<Slot>,
    /// How many rows are being ended: the session will be free soon.
    ending: Arc<AtomicUsize>,
    fields: Vec<Field>,
    columns: Vec<Column>,
    readings: Vec<Reading>,
    manners: Manners,
    /// Rows that were read.
    count: u64,
    /// How long nothing came.
    silent: Duration,
    further: Further,
    /// What went wrong behind rows that were good.
    fault: Option<Fault>,
}

/// What follows the rows: a procedure may answer several results, of which only the first is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Further {
    None,
    Results,
    /// Reading them was begun, and perhaps given up.
    Begun,
}

impl Rows {
    /// Of a session that has sent a description and is about to send rows.
    pub fn new(slot: Slot, ending: Arc<AtomicUsize>, fields: Vec<Field>, manners: Manners) -> Result<Self, Fault> {
        let columns = fields.iter().map(|field| field.column(manners.taste)).collect();
        let mut rows = Self::none(ending, manners);
        rows.slot = Some(slot);
        rows.columns = columns;
        rows.fields = fields;
        rows.read_as(&vec![String::new(); rows.fields.len()])?;
        Ok(rows)
    }

    /// Of a statement that answers none.
    pub fn none(ending: Arc<AtomicUsize>, manners: Manners) -> Self {
        Self {
            slot: None,
            ending,
            fields: Vec::new(),
            columns: Vec::new(),
            readings: Vec::new(),
            manners,
            count: 0,
            silent: Duration::ZERO,
            further: Further::None,
            fault: None,
        }
    }

    fn reading(&self, place: usize, field: &Field, form: &str) -> Result<Reading, Fault> {
        let natural = form.is_empty();
        let wanted = if natural { field.form(self.manners.taste) } else { form.into() };
        let mut form: Form = wanted.parse().map_err(|error| faults::form(place + 1, &error))?;
        if let Form::Timestamp(_, zone) = &mut form
            && !wanted.contains('@')
        {
            *zone = self.manners.zone.clone();
        }
        if matches!(form, Form::Array(_)) {
            let text = format!("column {}: MySQL and MariaDB have no arrays", field.name);
            return Err(Fault::new(code::UNSUPPORTED, text));
        }
        Ok(Reading::new(field, form, self.manners.zeros))
    }

    /// Waits for bytes, and fails when there were none for too long.
    async fn wait(&mut self, limit: Duration) -> Result<bool, Trouble> {
        let Some(session) = self.slot.as_mut().and_then(|slot| slot.as_mut()) else { return Ok(false) };
        let patience = session.wire.silence();
        match timeout(limit, session.wire.fill()).await {
            Ok(filled) => {
                self.silent = Duration::ZERO;
                filled.map(|()| true)
            }
            Err(_) => {
                self.silent += limit;
                match patience {
                    Some(most) if self.silent >= most => Err(Trouble::Silent(most)),
                    _ => Ok(false),
                }
            }
        }
    }

    /// Rows that are here, or can be read without waiting.
    fn take(&mut self, most: Portion, batch: &mut RowBatch) -> Result<(), Fault> {
        let Some(session) = self.slot.as_mut().and_then(|slot| slot.as_mut()) else { return Ok(()) };
        let abilities = session.abilities;
        let mut bytes = 0;
        while batch.rows.len() < most.rows && bytes < most.bytes {
            let Some(packet) = session.wire.packet_at_hand()? else { return Ok(()) };
            if let Some(done) = end_of_rows(packet, abilities)? {
                batch.finished = !done.more;
                self.further = if done.more { Further::Results } else { Further::None };
                return Ok(());
            }
            self.count += 1;
            let row = row(packet, &self.readings, self.count)?;
            // What a form makes of a value may be far longer than what came.
            let weight: usize = row.iter().map(faults::weight).sum();
            if weight > self.manners.row.saturating_add(16 * row.len()) {
                return Err(large(self.count, self.manners.row));
            }
            bytes += weight;
            batch.rows.push(row);
        }
        Ok(())
    }

    /// Reads the results behind the rows.
    async fn pass_over(&mut self) -> Result<(), Trouble> {
        let Some(session) = self.slot.as_mut().and_then(|slot| slot.as_mut()) else { return Ok(()) };
        match self.further {
            Further::None => return Ok(()),
            Further::Results => self.further = Further::Begun,
            Further::Begun => return Err(Trouble::Protocol("results that were given up half-way")),
        }
        session.outcome().await?;
        self.further = Further::None;
        Ok(())
    }

    /// After an error: the session goes, or is ready for the next command.
    fn failed(&mut self, fault: Fault) -> Fault {
        if let Some(mut slot) = self.slot.take() {
            let refused = fault.vendor_code.is_some();
            match slot.as_mut() {
                // The server ended the rows itself.
                Some(session) if refused && !fault.lost => session.wire.busy = false,
                // A value that its form cannot say: the rest of the rows is still to come.
                Some(_) if !fault.lost => self.slot = Some(slot),
                _ => *slot = None,
            }
        }
        fault
    }
}

#[async_trait::async_trait]
impl SqlRows for Rows {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn read_as(&mut self, forms: &[String]) -> Result<(), Fault> {
        if forms.len() != self.fields.len() {
            let text = format!("{} forms for {} columns", forms.len(), self.fields.len());
            return Err(Fault::new(code::DATA, text));
        }
        let readings =
            self.fields.iter().zip(forms).enumerate().map(|(place, (field, form))| self.reading(place, field, form));
        self.readings = readings.collect::<Result<_, _>>()?;
        Ok(())
    }

    async fn next(&mut self, most: Portion) -> Result<RowBatch, Fault> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        let mut batch = RowBatch { rows: Vec::new(), finished: self.slot.is_none() };
        let end = tokio::time::Instant::now() + most.wait;
        while !batch.finished {
            if self.further != Further::None {
                self.pass_over().await.map_err(|trouble| self.failed(trouble.into()))?;
                break;
            }
            if let Err(fault) = self.take(most, &mut batch) {
                let fault = self.failed(fault);
                if batch.rows.is_empty() {
                    return Err(fault);
                }
                self.fault = Some(fault);
                return Ok(batch);
            }
            if batch.finished {
                break;
            }
            if !batch.rows.is_empty() {
                return Ok(batch);
            }
            if self.further != Further::None {
                continue;
            }
            // Rows that are in the buffer were taken: nothing is lost when this is given up.
            let left = end.saturating_duration_since(tokio::time::Instant::now());
            let came = self.wait(left).await.map_err(|trouble| self.failed(trouble.into()))?;
            if !came {
                return Ok(batch);
            }
        }
        if let Some(session) = self.slot.take().as_mut().and_then(|slot| slot.as_mut()) {
            session.wire.busy = false;
        }
        batch.finished = true;
        Ok(batch)
    }

    async fn cancel(&mut self) {
        if let Some(slot) = self.slot.take() {
            end(slot).await;
        }
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        let Some(mut slot) = self.slot.take() else { return };
        match Handle::try_current() {
            Ok(runtime) => {
                let ending = Arc::clone(&self.ending);
                ending.fetch_add(1, Ordering::AcqRel);
                runtime.spawn(async move {
                    end(slot).await;
                    ending.fetch_sub(1, Ordering::AcqRel);
                });
            }
            Err(_) => *slot = None,
        }
    }
}

fn large(number: u64, limit: usize) -> Fault {
    Fault::new(code::LIMIT, format!("row {number} has more than {} = {limit} bytes", key::SQL_ROW))
}

/// Ends the statement, and passes over what was sent of it.
async fn end(mut slot: Slot) {
    let Some(session) = slot.as_mut() else { return };
    let ended = matches!(passed(session), Ok(true))
        || session.ending().clone().statement().await
            && matches!(timeout(REST, rest(session)).await, Ok(Ok(()) | Err(Trouble::Refused(_))));
    if ended {
        session.wire.busy = false;
    } else {
        *slot = None;
    }
}

/// Whether the end of the rows was here already.
fn passed(session: &mut Session) -> Result<bool, Trouble> {
    const LOOK_AT: usize = 1_000;
    let abilities = session.abilities;
    for _ in 0..LOOK_AT {
        let Some(packet) = session.wire.packet_at_hand()? else { return Ok(false) };
        if let Some(done) = end_of_rows(packet, abilities)? {
            return Ok(!done.more);
        }
    }
    Ok(false)
}

async fn rest(session: &mut Session) -> Result<(), Trouble> {
    let done = session.pass_over().await?;
    if done.more {
        match session.outcome().await {
            Ok(_) => {}
            Err(trouble) if trouble.number() == Some(INTERRUPTED) => {}
            Err(trouble) => return Err(trouble),
        }
    }
    Ok(())
}
