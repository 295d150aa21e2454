//! Free loopback ports. Chosen below the range that the kernel gives to outgoing connections: a broker
//! that is killed and started again must find its port free, and an outgoing connection of anybody could
//! have taken it otherwise.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

const LOWEST: u16 = 20_000;
const COUNT: u16 = 12_000;
static NEXT: AtomicU16 = AtomicU16::new(0);

/// A port nobody listens on; never the same one twice from one process.
pub fn free() -> std::io::Result<u16> {
    // Processes that run side by side start looking in different places.
    let base = (std::process::id().wrapping_mul(97) % u32::from(COUNT)) as u16;
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = LOWEST + (base + step % COUNT) % COUNT;
        if is_free(port) {
            return Ok(port);
        }
    }
    Err(std::io::Error::other("no free loopback port between 20000 and 32000"))
}

/// Whether a server could listen there.
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Whether a server answers there.
pub fn answers(port: u16) -> bool {
    let address = (Ipv4Addr::LOCALHOST, port).into();
    TcpStream::connect_timeout(&address, Duration::from_millis(500)).is_ok()
}
