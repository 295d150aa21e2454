//! What the server says, message by message, in the buffer that it came into.

use std::future::poll_fn;

use tokio::time::Instant;
use watertight_sandbox::limits::key;
use watertight_sandbox::sql::{Fault, code};

use super::super::message::Body;
use super::{AROUND, Head, KEPT, SHORT, Wire};

impl Wire {
    /// The next message, if all of it is here.
    pub(in super::super) fn peek(&mut self) -> Result<Option<Head>, Fault> {
        loop {
            let Some((header, _)) = self.input[self.start..].split_first_chunk::<5>() else { return Ok(None) };
            let [tag, length @ ..] = *header;
            let Some(length) = usize::try_from(i32::from_be_bytes(length)).ok().filter(|length| *length >= 4) else {
                return Err(self.nonsense());
            };
            let most = if tag == b'D' { self.row.saturating_add(AROUND) } else { SHORT.max(self.row) };
            if length > most {
                return Err(self.too_long(tag, length));
            }
            let head = Head { tag, length: length + 1 };
            if self.input.len() - self.start < head.length {
                return Ok(None);
            }
            match tag {
                // Notices, and what others notify: nobody listens.
                b'N' | b'A' => self.start += head.length,
                b'S' => {
                    self.learn(head)?;
                    self.start += head.length;
                }
                _ => return Ok(Some(head)),
            }
        }
    }

    fn too_long(&mut self, tag: u8, length: usize) -> Fault {
        let what = if tag == b'D' { "a row" } else { "a message" };
        self.lose(format!("{what} was too long"));
        let text = format!(
            "{what} of {length} bytes is more than {} = {}; the connection was closed. Select less of it, or raise the \
             limit",
            key::SQL_ROW,
            self.row
        );
        Fault { lost: true, ..Fault::new(code::LIMIT, text) }
    }

    /// A setting of the session that the server reports.
    fn learn(&mut self, head: Head) -> Result<(), Fault> {
        let mut body = Body(self.body(head));
        let (Some(name), Some(value)) = (body.text(), body.text()) else { return Err(self.nonsense()) };
        match name.as_str() {
            "server_version" => self.version = value,
            "client_encoding" if value != "UTF8" => {
                let why = format!("client_encoding was set to {value}; only UTF8 can be read");
                return Err(Fault { retriable: false, ..self.broken(why) });
            }
            _ => {}
        }
        Ok(())
    }

    pub(in super::super) fn body(&self, head: Head) -> &[u8] {
        &self.input[self.start + 5..self.start + head.length]
    }

    /// Goes on to what follows.
    pub(in super::super) fn consume(&mut self, head: Head) {
        if head.tag == b'Z' {
            self.status = self.body(head).first().copied().unwrap_or(b'I');
            self.answers = self.answers.saturating_sub(1);
        }
        self.start += head.length;
        if self.start == self.input.len() {
            self.start = 0;
            self.input.clear();
            self.input.shrink_to(KEPT);
        }
    }

    /// An answer that ends all others is yet to come.
    pub(in super::super) fn awaits(&self) -> bool {
        self.answers > 0
    }

    /// The next message. Whoever stops waiting has lost nothing.
    pub(in super::super) async fn head(&mut self) -> Result<Head, Fault> {
        loop {
            if let Some(head) = self.peek()? {
                return Ok(head);
            }
            self.more().await?;
        }
    }

    /// Sends what is to be sent and reads what comes next.
    pub(in super::super) async fn more(&mut self) -> Result<(), Fault> {
        if self.lost.is_some() {
            return Err(self.gone());
        }
        if !self.send().await? {
            return Ok(());
        }
        let (silence, heard) = (self.silence, self.heard);
        let read = poll_fn(|context| self.poll_fill(context));
        let read = match silence {
            None => read.await,
            Some(silence) => match tokio::time::timeout_at(heard + silence, read).await {
                Ok(read) => read,
                Err(_) => {
                    let why = format!("it was silent for {} ms (socketTimeout)", silence.as_millis());
                    return Err(self.broken(why));
                }
            },
        };
        self.heard = Instant::now();
        match read {
            Ok(0) => Err(self.closed()),
            Ok(_) => Ok(()),
            Err(error) => Err(self.broken(error.to_string())),
        }
    }

    fn closed(&mut self) -> Fault {
        self.broken("the server closed it")
    }
}
