//! A coordinator by script: what no broker does on demand.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub const FIND: i16 = 10;
pub const JOIN: i16 = 11;
pub const HEARTBEAT: i16 = 12;
pub const LEAVE: i16 = 13;
pub const SYNC: i16 = 14;
const VERSIONS: i16 = 18;

/// What comes back for a request.
#[derive(Debug, Clone)]
pub enum Answer {
    Body(Vec<u8>),
    /// Nothing, ever.
    Silence,
    /// The connection ends.
    End,
}

/// By kind of request.
type Scripts = Vec<(i16, VecDeque<Answer>)>;

/// Answers each kind of request from its own script; the last line of a script goes on for ever.
pub struct Fake {
    pub address: String,
    scripts: Arc<Mutex<Scripts>>,
    asked: Arc<Mutex<Vec<i16>>>,
}

impl Fake {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let fake = Self { address: address.to_string(), scripts: Arc::default(), asked: Arc::default() };
        let (scripts, asked) = (fake.scripts.clone(), fake.asked.clone());
        fake.says(FIND, [found(address.port())]);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, scripts.clone(), asked.clone()));
            }
        });
        fake
    }

    pub fn says(&self, key: i16, answers: impl IntoIterator<Item = Answer>) {
        let mut scripts = self.scripts.lock().unwrap();
        scripts.retain(|(other, _)| *other != key);
        scripts.push((key, answers.into_iter().collect()));
    }

    /// How often it was asked this.
    pub fn asked(&self, key: i16) -> usize {
        self.asked.lock().unwrap().iter().filter(|other| **other == key).count()
    }

    pub async fn until_asked(&self, key: i16, times: usize) {
        for _ in 0..3000 {
            if self.asked(key) >= times {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("asked {key} only {} times in half a minute", self.asked(key));
    }
}

async fn serve(mut stream: TcpStream, scripts: Arc<Mutex<Scripts>>, asked: Arc<Mutex<Vec<i16>>>) {
    while let Ok(size) = stream.read_i32().await {
        let mut frame = vec![0; usize::try_from(size).unwrap()];
        stream.read_exact(&mut frame).await.unwrap();
        let key = i16::from_be_bytes([frame[0], frame[1]]);
        let version = i16::from_be_bytes([frame[2], frame[3]]);
        let answer = if key == VERSIONS {
            Answer::Body(versions(version))
        } else {
            asked.lock().unwrap().push(key);
            next(&mut scripts.lock().unwrap(), key)
        };
        match answer {
            Answer::Body(body) => {
                let mut out = i32::try_from(4 + body.len()).unwrap().to_be_bytes().to_vec();
                out.extend_from_slice(&frame[4..8]);
                out.extend_from_slice(&body);
                stream.write_all(&out).await.unwrap();
            }
            Answer::Silence => std::future::pending().await,
            Answer::End => return,
        }
    }
}

fn next(scripts: &mut [(i16, VecDeque<Answer>)], key: i16) -> Answer {
    let (_, script) = scripts.iter_mut().find(|(other, _)| *other == key).unwrap_or_else(|| panic!("asked {key}"));
    if script.len() > 1 { script.pop_front().unwrap() } else { script[0].clone() }
}

/// Old versions of everything: they are easy to write by hand.
fn versions(asked: i16) -> Vec<u8> {
    if asked > 0 {
        return 35i16.to_be_bytes().to_vec();
    }
    let ranges = [(FIND, 1, 1), (JOIN, 4, 4), (HEARTBEAT, 3, 3), (LEAVE, 3, 3), (SYNC, 3, 3)];
    let mut out = 0i16.to_be_bytes().to_vec();
    out.extend_from_slice(&i32::try_from(ranges.len()).unwrap().to_be_bytes());
    for (key, least, most) in ranges {
        [key, least, most].iter().for_each(|number: &i16| out.extend_from_slice(&number.to_be_bytes()));
    }
    out
}

fn string(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&i16::try_from(text.len()).unwrap().to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

pub fn found(port: u16) -> Answer {
    let mut out = vec![0; 4 + 2];
    out.extend_from_slice(&(-1i16).to_be_bytes());
    out.extend_from_slice(&1i32.to_be_bytes());
    string(&mut out, "127.0.0.1");
    out.extend_from_slice(&i32::from(port).to_be_bytes());
    Answer::Body(out)
}

/// An answer to a JoinGroup: as leader, all members are this one.
pub fn joined(code: i16, generation: i32, member: &str, leader: &str) -> Answer {
    let mut out = vec![0; 4];
    out.extend_from_slice(&code.to_be_bytes());
    out.extend_from_slice(&generation.to_be_bytes());
    string(&mut out, "protocol");
    string(&mut out, leader);
    string(&mut out, member);
    let count = i32::from(member == leader && code == 0);
    out.extend_from_slice(&count.to_be_bytes());
    if count == 1 {
        string(&mut out, member);
        out.extend_from_slice(&2i32.to_be_bytes());
        out.extend_from_slice(b"me");
    }
    Answer::Body(out)
}

pub fn synced(code: i16, assignment: &[u8]) -> Answer {
    let mut out = vec![0; 4];
    out.extend_from_slice(&code.to_be_bytes());
    out.extend_from_slice(&i32::try_from(assignment.len()).unwrap().to_be_bytes());
    out.extend_from_slice(assignment);
    Answer::Body(out)
}

pub fn beaten(code: i16) -> Answer {
    let mut out = vec![0; 4];
    out.extend_from_slice(&code.to_be_bytes());
    Answer::Body(out)
}

pub fn left() -> Answer {
    Answer::Body(vec![0; 4 + 2 + 4])
}
