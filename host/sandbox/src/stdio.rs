//! A guest's standard output and error, as log lines: language runtimes print their panics and tracebacks
//! there, and that is often all that explains a trap. Nothing reaches the worker's own terminal.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use crate::guest_log::GuestLog;

/// Bytes of an unfinished line that are kept before it is cut.
const LINE: usize = 4096;
/// Lines kept for the trace of a trap.
const KEPT: usize = 40;

/// One stream of one guest. Clones write to the same place.
#[derive(Clone)]
pub struct LogStream {
    level: &'static str,
    log: GuestLog,
    text: Arc<Mutex<Text>>,
}

#[derive(Default)]
struct Text {
    line: Vec<u8>,
    last: VecDeque<String>,
}

impl LogStream {
    /// A stream whose lines are logged with this level.
    pub fn new(level: &'static str, log: GuestLog) -> Self {
        Self { level, log, text: Arc::default() }
    }

    /// The last lines written.
    pub fn last_lines(&self) -> Option<String> {
        let text = self.text.lock().ok()?;
        let mut lines: Vec<String> = text.last.iter().cloned().collect();
        if !text.line.is_empty() {
            lines.push(self.log.tidy(&String::from_utf8_lossy(&text.line)));
        }
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    fn push(&self, bytes: &[u8]) {
        let Ok(mut text) = self.text.lock() else { return };
        for &byte in bytes {
            if byte != b'\n' {
                text.line.push(byte);
            }
            if byte == b'\n' || text.line.len() >= LINE {
                let line = String::from_utf8_lossy(&std::mem::take(&mut text.line)).into_owned();
                self.log.write(self.level, &line);
                text.last.push_back(self.log.tidy(&line));
                if text.last.len() > KEPT {
                    text.last.pop_front();
                }
            }
        }
    }
}

impl IsTerminal for LogStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for LogStream {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl AsyncWrite for LogStream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.push(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[async_trait::async_trait]
impl Pollable for LogStream {
    async fn ready(&mut self) {}
}

impl OutputStream for LogStream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.push(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(LINE)
    }
}
