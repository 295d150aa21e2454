//! A blocking HTTP client of one page: one request per connection, as `curl` would. Tests must be able to
//! send what no well-behaved library sends.

use anyhow::Context as _;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

/// Above Connect's own request timeout of 90 s.
const TIMEOUT: Duration = Duration::from_secs(100);

/// A server on this machine.
#[derive(Debug, Clone)]
pub struct Http {
    port: u16,
}

/// What it answered.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
}

impl Response {
    /// The body as JSON.
    pub fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_str(&self.body)
            .with_context(|| format!("status {}, and the body is no JSON: {}", self.status, self.body))
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Connect's error message, or an empty string.
    pub fn message(&self) -> String {
        self.json().ok().and_then(|v| Some(v.get("message")?.as_str()?.to_owned())).unwrap_or_default()
    }

    /// The JSON body of an answer with this status; anything else is an error that shows the answer.
    pub fn expect(self, status: u16) -> anyhow::Result<Value> {
        anyhow::ensure!(self.status == status, "wanted {status}, got {}: {}", self.status, self.body);
        if self.body.is_empty() { Ok(Value::Null) } else { self.json() }
    }
}

impl Http {
    /// On 127.0.0.1.
    pub fn on(port: u16) -> Self {
        Self { port }
    }

    /// GET
    pub fn get(&self, path: &str) -> anyhow::Result<Response> {
        self.send("GET", path, None)
    }

    /// DELETE
    pub fn delete(&self, path: &str) -> anyhow::Result<Response> {
        self.send("DELETE", path, None)
    }

    /// POST of JSON
    pub fn post(&self, path: &str, body: &Value) -> anyhow::Result<Response> {
        self.send("POST", path, Some(&body.to_string()))
    }

    /// PUT of JSON; `Null` sends no body.
    pub fn put(&self, path: &str, body: &Value) -> anyhow::Result<Response> {
        let text = (!body.is_null()).then(|| body.to_string());
        self.send("PUT", path, text.as_deref())
    }

    /// Any method, any text as the body.
    pub fn send(&self, method: &str, path: &str, body: Option<&str>) -> anyhow::Result<Response> {
        self.exchange(method, path, body).with_context(|| format!("{method} http://127.0.0.1:{}{path}", self.port))
    }

    fn exchange(&self, method: &str, path: &str, body: Option<&str>) -> anyhow::Result<Response> {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAccept: application/json\r\nConnection: close\r\n",
            self.port
        );
        match body {
            Some(body) => request
                .push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())),
            None if method == "GET" => request.push_str("\r\n"),
            None => request.push_str("Content-Length: 0\r\n\r\n"),
        }
        self.raw(request.as_bytes())
    }

    /// Sends these bytes, which should ask for the connection to be closed, and reads to its end. A server may
    /// answer and close before it has read everything.
    pub fn raw(&self, request: &[u8]) -> anyhow::Result<Response> {
        let address = (Ipv4Addr::LOCALHOST, self.port).into();
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        let sent = stream.write_all(request);
        let mut answer = Vec::new();
        if let Err(error) = stream.read_to_end(&mut answer).and(sent)
            && answer.is_empty()
        {
            return Err(error.into());
        }
        parse(&answer)
    }
}

fn parse(answer: &[u8]) -> anyhow::Result<Response> {
    let split = answer.windows(4).position(|w| w == b"\r\n\r\n").context("no end of headers in the answer")?;
    let head = std::str::from_utf8(&answer[..split])?;
    let mut body = answer[split + 4..].to_vec();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|l| l.split(' ').nth(1)?.parse().ok()).context("no status line")?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|l| l.split_once(':'))
        .map(|(n, v)| (n.trim().to_ascii_lowercase(), v.trim().to_owned()))
        .collect();
    if headers.iter().any(|(n, v)| n == "transfer-encoding" && v.eq_ignore_ascii_case("chunked")) {
        body = unchunk(&body)?;
    }
    Ok(Response { status, headers, body: String::from_utf8(body)? })
}

fn unchunk(mut rest: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|w| w == b"\r\n").context("a chunk without a size")?;
        let size = std::str::from_utf8(&rest[..end])?;
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16)?;
        if size == 0 {
            return Ok(body);
        }
        let chunk = rest.get(end + 2..end + 2 + size).context("a chunk is cut short")?;
        body.extend_from_slice(chunk);
        rest = rest.get(end + 4 + size..).context("a chunk without an end")?;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::parse;

    #[test]
    fn a_chunked_answer_is_put_together() {
        let r = parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n1\r\n \r\n0\r\n\r\n").unwrap();
        assert_eq!((r.status, r.body.as_str()), (200, "{} "));
    }

    #[test]
    fn a_plain_answer_keeps_its_message() {
        let r = parse(b"HTTP/1.1 404 Not Found\r\nX: y\r\n\r\n{\"error_code\":404,\"message\":\"no\"}").unwrap();
        assert_eq!((r.status, r.message().as_str(), r.header("x")), (404, "no", Some("y")));
    }
}
