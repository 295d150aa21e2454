//! A network between a worker and a broker that can be cut and healed: a proxy on std's threads.
//!
//! A cut is silence, not an end: nobody's connection is closed, bytes of either side vanish, and a new connection is
//! taken and never answered. That is what a worker meets when a cable or a switch dies, and what closing a socket would
//! not show it. What was lost is lost, so connections that lived through a cut are closed when it ends.

use crate::ports;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// How often a quiet connection looks whether the network is cut.
const STEP: Duration = Duration::from_millis(20);

/// Listens on a port of its own. Dropping it closes everything.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    cut: AtomicBool,
    ended: AtomicBool,
    /// How often it was cut: a connection that is older than the last cut is not to be used again.
    cuts: AtomicU64,
    swallowed: AtomicU64,
}

impl State {
    fn is_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }

    fn is_over(&self, born: u64) -> bool {
        self.ended.load(Ordering::SeqCst) || (!self.is_cut() && self.cuts.load(Ordering::SeqCst) != born)
    }
}

impl Proxy {
    /// To a port of this machine.
    pub fn to(target: u16) -> anyhow::Result<Self> {
        let port = ports::free()?;
        Self::listen(port, target)
    }

    /// On a port that somebody else was told before.
    pub fn listen(port: u16, target: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let state = Arc::new(State::default());
        let seen = state.clone();
        thread::spawn(move || accept(&listener, target, &seen));
        Ok(Self { port, state })
    }

    /// For `bootstrap.servers`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on nothing passes.
    pub fn cut(&self) {
        self.state.cuts.fetch_add(1, Ordering::SeqCst);
        self.state.cut.store(true, Ordering::SeqCst);
    }

    /// From now on everything passes, on new connections.
    pub fn heal(&self) {
        self.state.cut.store(false, Ordering::SeqCst);
    }

    /// How many bytes vanished so far: a cut that swallowed nothing shows nothing.
    pub fn swallowed(&self) -> u64 {
        self.state.swallowed.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::SeqCst);
    }
}

fn accept(listener: &TcpListener, target: u16, state: &Arc<State>) {
    while !state.ended.load(Ordering::SeqCst) {
        match listener.accept() {
            Ok((client, _)) => {
                let state = state.clone();
                thread::spawn(move || serve(client, target, &state));
            }
            Err(_) => thread::sleep(STEP),
        }
    }
}

fn serve(client: TcpStream, target: u16, state: &Arc<State>) {
    let born = state.cuts.load(Ordering::SeqCst);
    let server = if state.is_cut() { None } else { TcpStream::connect((Ipv4Addr::LOCALHOST, target)).ok() };
    let Some(server) = server else {
        // Taken and never answered, while it is cut; refused, where nobody listens behind it.
        pump(&client, None, state, born);
        return;
    };
    let (Ok(client_again), Ok(server_again)) = (client.try_clone(), server.try_clone()) else { return };
    let other = state.clone();
    let back = thread::spawn(move || pump(&server_again, Some(&client_again), &other, born));
    pump(&client, Some(&server), state, born);
    let _ = back.join();
}

/// Carries bytes one way, until either side ends or the network has been cut and is whole again.
fn pump(from: &TcpStream, to: Option<&TcpStream>, state: &State, born: u64) {
    let _ = from.set_nonblocking(false);
    let _ = from.set_read_timeout(Some(STEP));
    let mut bytes = vec![0; 1 << 16];
    while !state.is_over(born) {
        // Nobody behind it, and no cut that would explain it.
        if to.is_none() && !state.is_cut() {
            break;
        }
        let mut reader = from;
        match reader.read(&mut bytes) {
            // The end of a connection does not travel through a cut either.
            Ok(0) if state.is_cut() => thread::sleep(STEP),
            Ok(0) => break,
            Ok(count) if state.is_cut() => {
                state.swallowed.fetch_add(count as u64, Ordering::SeqCst);
            }
            Ok(count) => match to {
                Some(mut writer) => {
                    if writer.write_all(&bytes[..count]).is_err() {
                        break;
                    }
                }
                None => break,
            },
            Err(error) if is_quiet(&error) => {}
            Err(_) if state.is_cut() => thread::sleep(STEP),
            Err(_) => break,
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    if let Some(to) = to {
        let _ = to.shutdown(Shutdown::Both);
    }
}

fn is_quiet(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), WouldBlock | TimedOut | Interrupted)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn echo() -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || {
                    let (mut reader, mut writer) = (&stream, &stream);
                    let mut bytes = [0; 64];
                    while let Ok(count) = reader.read(&mut bytes) {
                        if count == 0 || writer.write_all(&bytes[..count]).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        port
    }

    fn say(stream: &TcpStream, text: &str, patience: Duration) -> std::io::Result<String> {
        let (mut reader, mut writer) = (stream, stream);
        writer.write_all(text.as_bytes())?;
        stream.set_read_timeout(Some(patience))?;
        let mut bytes = [0; 64];
        let count = reader.read(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes[..count]).into_owned())
    }

    #[test]
    fn what_is_said_during_a_cut_is_lost_and_the_connection_ends_when_the_cut_does() {
        let proxy = Proxy::to(echo()).unwrap();
        let connect = || TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port())).unwrap();
        let long = Duration::from_secs(20);
        let old = connect();
        assert_eq!(say(&old, "one", long).unwrap(), "one");
        proxy.cut();
        let silent = say(&old, "two", Duration::from_millis(300)).unwrap_err();
        assert!(is_quiet(&silent), "{silent}");
        let during = connect();
        assert!(is_quiet(&say(&during, "three", Duration::from_millis(300)).unwrap_err()));
        assert_eq!(proxy.swallowed(), 8);
        proxy.heal();
        assert!(!matches!(say(&old, "", long), Ok(text) if !text.is_empty()));
        assert_eq!(say(&connect(), "four", long).unwrap(), "four");
    }
}
