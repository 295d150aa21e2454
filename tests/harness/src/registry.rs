//! A Schema Registry of one page: subjects, versions and ids in memory, and faults on demand. Says what
//! Confluent's says, but judges no compatibility: a test that wants a refusal orders one.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use anyhow::Context as _;
use serde_json::{Value, json};

/// A running registry; ends when it is dropped.
pub struct Registry {
    port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    ended: AtomicBool,
}

#[derive(Default)]
struct State {
    /// What was registered: an id is a place here, counted from 1.
    schemas: Vec<Value>,
    /// Subject, and the ids of its versions.
    subjects: Vec<(String, Vec<usize>)>,
    requests: Vec<String>,
    faults: Vec<Fault>,
    wanted: Option<(String, String)>,
}

struct Fault {
    /// Part of `METHOD /path`.
    at: String,
    left: usize,
    answer: Answer,
}

#[derive(Clone)]
struct Answer {
    status: u16,
    body: Value,
}

fn answer(body: Value) -> Answer {
    Answer { status: 200, body }
}

fn refused(status: u16, code: i32, message: &str) -> Answer {
    Answer { status, body: json!({"error_code": code, "message": message}) }
}

impl Registry {
    /// On a free port.
    pub fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("the registry cannot listen")?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared::default());
        let served = shared.clone();
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if served.ended.load(Ordering::Relaxed) {
                    break;
                }
                let served = served.clone();
                // ends with its connection
                std::thread::spawn(move || {
                    let _ = serve(&stream, &served);
                    let _ = stream.shutdown(Shutdown::Both);
                });
            }
        });
        Ok(Self { port, shared, thread: Some(thread) })
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The next requests whose `METHOD /path` contains a text get this answer.
    pub fn fail(&self, at: &str, times: usize, status: u16, code: i32, message: &str) {
        let answer = refused(status, code, message);
        self.state().faults.push(Fault { at: at.to_owned(), left: times, answer });
    }

    /// From now on requests without this header get 401.
    pub fn require(&self, header: &str, value: &str) {
        self.state().wanted = Some((header.to_ascii_lowercase(), value.to_owned()));
    }

    /// Every request so far, as `METHOD /path`.
    pub fn requests(&self) -> Vec<String> {
        self.state().requests.clone()
    }

    /// The texts of a subject's versions.
    pub fn versions(&self, subject: &str) -> Vec<String> {
        let state = self.state();
        let ids = state.subjects.iter().find(|(name, _)| name == subject).map(|(_, ids)| ids.clone());
        let text = |id: &usize| state.schemas.get(id - 1)?.get("schema")?.as_str().map(str::to_owned);
        ids.unwrap_or_default().iter().filter_map(text).collect()
    }

    /// Registers a schema as a client would (`{"schema": ...}`) and gives its id.
    pub fn put(&self, subject: &str, schema: Value) -> usize {
        self.state().register(subject, schema)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.shared)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn lock(shared: &Shared) -> MutexGuard<'_, State> {
    shared.state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One connection, request after request.
fn serve(stream: &TcpStream, shared: &Shared) -> anyhow::Result<()> {
    let mut input = BufReader::new(stream);
    let mut output = stream;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let mut parts = line.split_whitespace();
        let method = parts.next().context("no method")?.to_owned();
        let path = parts.next().context("no path")?.to_owned();
        let mut headers = Vec::new();
        loop {
            let mut header = String::new();
            input.read_line(&mut header)?;
            match header.trim_end().split_once(':') {
                Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
                None => break,
            }
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length.map_or(Ok(0), |(_, value)| value.parse::<usize>())?;
        let mut body = vec![0; length];
        input.read_exact(&mut body)?;
        if shared.ended.load(Ordering::Relaxed) {
            return Ok(());
        }
        let body = serde_json::from_slice(&body).unwrap_or_default();
        let answer = lock(shared).answer(&method, &path, &headers, body);
        let text = answer.body.to_string();
        write!(
            output,
            "HTTP/1.1 {} Answer\r\nContent-Type: application/vnd.schemaregistry.v1+json\r\nContent-Length: {}\r\n\r\n{text}",
            answer.status,
            text.len()
        )?;
    }
}

impl State {
    fn answer(&mut self, method: &str, path: &str, headers: &[(String, String)], body: Value) -> Answer {
        let request = format!("{method} {path}");
        self.requests.push(request.clone());
        if let Some(wanted) = &self.wanted
            && !headers.contains(wanted)
        {
            return refused(401, 401, "Unauthorized");
        }
        if let Some(fault) = self.faults.iter_mut().find(|fault| fault.left > 0 && request.contains(&fault.at)) {
            fault.left -= 1;
            return fault.answer.clone();
        }
        let path = path.split('?').next().unwrap_or_default().trim_start_matches('/');
        let parts: Vec<String> = path.split('/').map(decoded).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match (method, parts.as_slice()) {
            ("GET", ["subjects"]) => {
                answer(self.subjects.iter().map(|(name, _)| Value::String(name.clone())).collect())
            }
            ("GET", ["schemas", "ids", id]) => {
                match id.parse::<usize>().ok().and_then(|id| self.schemas.get(id.checked_sub(1)?)) {
                    Some(schema) => answer(schema.clone()),
                    None => refused(404, 40403, &format!("Schema {id} not found")),
                }
            }
            ("GET", ["subjects", subject, "versions", version]) => self.version(subject, version),
            ("POST", ["subjects", subject]) => self.lookup(subject, &body),
            ("POST", ["subjects", subject, "versions"]) => {
                let id = self.register(subject, body);
                answer(json!({"id": id}))
            }
            _ => refused(404, 404, "HTTP 404 Not Found"),
        }
    }

    fn register(&mut self, subject: &str, schema: Value) -> usize {
        let place = self.schemas.iter().position(|known| *known == schema).unwrap_or_else(|| {
            self.schemas.push(schema);
            self.schemas.len() - 1
        });
        let at = self.subjects.iter().position(|(name, _)| name == subject).unwrap_or_else(|| {
            self.subjects.push((subject.to_owned(), Vec::new()));
            self.subjects.len() - 1
        });
        let versions = &mut self.subjects[at].1;
        if !versions.contains(&(place + 1)) {
            versions.push(place + 1);
        }
        place + 1
    }

    fn ids(&self, subject: &str) -> Result<&[usize], Answer> {
        let found = self.subjects.iter().find(|(name, _)| name == subject);
        found
            .map(|(_, ids)| ids.as_slice())
            .ok_or_else(|| refused(404, 40401, &format!("Subject '{subject}' not found.")))
    }

    fn at(&self, subject: &str, version: usize, id: usize) -> Answer {
        let mut body = self.schemas[id - 1].clone();
        body["subject"] = json!(subject);
        body["version"] = json!(version);
        body["id"] = json!(id);
        answer(body)
    }

    fn lookup(&self, subject: &str, schema: &Value) -> Answer {
        let ids = match self.ids(subject) {
            Ok(ids) => ids,
            Err(refused) => return refused,
        };
        match ids.iter().position(|id| self.schemas[id - 1] == *schema) {
            Some(place) => self.at(subject, place + 1, ids[place]),
            None => refused(404, 40403, "Schema not found"),
        }
    }

    fn version(&self, subject: &str, version: &str) -> Answer {
        let ids = match self.ids(subject) {
            Ok(ids) => ids,
            Err(refused) => return refused,
        };
        let number = if version == "latest" { ids.len() } else { version.parse().unwrap_or(0) };
        match number.checked_sub(1).and_then(|place| ids.get(place)) {
            Some(id) => self.at(subject, number, *id),
            None => refused(404, 40402, &format!("Version {version} not found.")),
        }
    }
}

fn decoded(part: &str) -> String {
    let mut out = Vec::with_capacity(part.len());
    let mut bytes = part.bytes();
    while let Some(byte) = bytes.next() {
        let hex = |digit: Option<u8>| digit.and_then(|digit| char::from(digit).to_digit(16));
        match byte {
            b'%' => {
                let (high, low) = (hex(bytes.next()), hex(bytes.next()));
                out.push((high.unwrap_or(0) * 16 + low.unwrap_or(0)) as u8);
            }
            other => out.push(other),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
