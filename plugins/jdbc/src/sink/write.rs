//! Rows into the database: quickly, and where that fails for the sake of a row, carefully.
//!
//! Quickly, all rows of a put are one transaction of few calls. When one of them fails because of a value, nobody
//! says reliably which row it was, so the transaction is undone and
//! - with somewhere to report bad records to, halves of halves of the rows are written, each part a transaction of its
//!   own and in order, until the bad ones are alone;
//! - without, rows are written one by one in one transaction, up to the first bad one, which is named. Nothing of it
//!   stays, so that the same records may come again.
//!
//! No savepoints: they cost a round trip each, and an open transaction may be lost as a whole at any time anyway.

use std::ops::Range;

use watertight_sdk::sql::{Connection, Fault, Result};

use super::segment::Segment;
use super::settings::Settings;
use super::shape::Call;
use super::trouble::{Nature, nature};
use crate::dialect::Dialect;

/// A statement that failed.
#[derive(Debug)]
pub struct Failed {
    /// Whose statement it was; none: it was about the transaction.
    pub segment: Option<usize>,
    /// The row, where it was one alone.
    pub row: Option<usize>,
    /// How many rows it had.
    pub rows: usize,
    /// The database's words.
    pub fault: Fault,
}

/// What a row by row attempt came to.
#[derive(Debug, Default)]
pub struct Singled {
    /// Rows that are in the table, by record.
    pub written: Vec<usize>,
    /// Rows that never will be, by segment and row.
    pub bad: Vec<(usize, usize, Fault)>,
    /// Why it ended early.
    pub stopped: Option<Failed>,
}

/// Writes by one connection.
pub struct Writer<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// How to speak to it.
    pub dialect: &'a Dialect,
    /// The configuration.
    pub settings: &'a Settings,
}

impl Writer<'_> {
    /// All segments in one transaction.
    pub fn quickly(&self, segments: &[Segment]) -> Result<(), Failed> {
        let calls: Vec<(usize, Range<usize>, Call)> =
            segments.iter().enumerate().flat_map(|(index, segment)| self.calls(index, segment)).collect();
        if calls.is_empty() {
            return Ok(());
        }
        // A single call is all or nothing by itself.
        let alone = calls.len() == 1;
        self.transaction(!alone, || {
            for (index, rows, call) in calls {
                let Some(segment) = segments.get(index) else { continue };
                let failed = |fault| Failed { segment: Some(index), row: None, rows: call.rows(), fault };
                self.call(segment, rows, call).map_err(failed)?;
            }
            Ok(())
        })
    }

    /// Row by row in one transaction, up to the first that fails.
    pub fn one_by_one(&self, segments: &[Segment]) -> Result<(), Failed> {
        self.transaction(true, || {
            for (index, segment) in segments.iter().enumerate() {
                for row in 0..segment.rows.len() {
                    let failed = |fault| Failed { segment: Some(index), row: Some(row), rows: 1, fault };
                    self.call(segment, row..row + 1, Call::Repeat(1)).map_err(failed)?;
                }
            }
            Ok(())
        })
    }

    /// Halves of halves, each a transaction of its own, until the bad rows are alone.
    pub fn halving(&self, segments: &[Segment]) -> Singled {
        let mut singled = Singled::default();
        for (index, segment) in segments.iter().enumerate() {
            let mut parts = vec![(0, segment.rows.len())];
            while let Some((from, to)) = parts.pop() {
                let rows = from..to;
                match self.part(index, segment, rows.clone()) {
                    Ok(()) => {
                        let done = segment.rows.get(rows).unwrap_or_default();
                        singled.written.extend(done.iter().map(|row| row.record));
                    }
                    Err(failed) if nature(&failed.fault) != Nature::Data => {
                        singled.stopped = Some(failed);
                        return singled;
                    }
                    Err(failed) if rows.len() <= 1 => singled.bad.push((index, rows.start, failed.fault)),
                    Err(_) => {
                        let middle = rows.start + rows.len() / 2;
                        parts.push((middle, rows.end));
                        parts.push((rows.start, middle));
                    }
                }
            }
        }
        singled
    }

    fn part(&self, index: usize, segment: &Segment, rows: Range<usize>) -> Result<(), Failed> {
        self.transaction(rows.len() > 1, || {
            let mut at = rows.start;
            while at < rows.end {
                let call = self.within_bytes(segment, at, Call::Repeat((rows.end - at).min(self.settings.batch_size)));
                let failed = |fault| Failed { segment: Some(index), row: Some(at), rows: call.rows(), fault };
                self.call(segment, at..at + call.rows(), call).map_err(failed)?;
                at += call.rows();
            }
            Ok(())
        })
    }

    /// What is left open by an error is undone; if that fails, the connection is lost, and so is what was open.
    fn transaction(&self, wanted: bool, work: impl FnOnce() -> Result<(), Failed>) -> Result<(), Failed> {
        let about = |fault| Failed { segment: None, row: None, rows: 0, fault };
        if !wanted {
            return work();
        }
        self.connection.begin(None, false).map_err(about)?;
        let done = work().and_then(|()| self.connection.commit().map_err(about));
        done.map_err(|mut failed| {
            if !failed.fault.lost && self.connection.rollback().is_err() {
                failed.fault.lost = true;
            }
            failed
        })
    }

    fn calls(&self, index: usize, segment: &Segment) -> Vec<(usize, Range<usize>, Call)> {
        let way = segment.shape.way(self.dialect.product());
        let mut calls = Vec::new();
        let mut at = 0;
        while at < segment.rows.len() {
            let left = segment.rows.len() - at;
            let call = segment.shape.call(self.dialect, way, left, self.settings.batch_size);
            let call = self.within_bytes(segment, at, call);
            calls.push((index, at..at + call.rows(), call));
            at += call.rows();
        }
        calls
    }

    /// Half as many rows, and half of those, until they fit into a call; a single row goes as it is.
    fn within_bytes(&self, segment: &Segment, at: usize, mut call: Call) -> Call {
        let budget = self.dialect.bytes / 4 * 3;
        while call.rows() > 1 && segment.weight(at..at + call.rows()) > budget {
            call = match call {
                Call::Repeat(rows) => Call::Repeat(rows / 2),
                Call::Rows(rows) => Call::Rows(rows / 2),
                Call::Load(rows) => Call::Load(rows / 2),
            };
        }
        call
    }

    fn call(&self, segment: &Segment, rows: Range<usize>, call: Call) -> Result<()> {
        let shape = &segment.shape;
        let forms: Vec<&str> = shape.forms.iter().map(String::as_str).collect();
        let values = segment.values_of(rows);
        match call {
            Call::Repeat(rows) => {
                let times = u32::try_from(rows).unwrap_or(u32::MAX);
                self.connection.execute_times(&shape.text(self.dialect, 1), &forms, times, values)?;
            }
            Call::Rows(rows) => {
                self.connection.execute(&shape.text(self.dialect, rows), &forms, values)?;
            }
            Call::Load(_) => {
                let table = self.dialect.stored_table(&shape.name);
                self.connection.load(&table, &shape.columns, &forms, values)?;
            }
        }
        Ok(())
    }
}
