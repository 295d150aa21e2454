//! Reaches for the network.

use std::net::{TcpListener, TcpStream, ToSocketAddrs};

use watertight_sdk::{Config, Result, sandbox};

use super::escaped;
use crate::ADDRESS;

pub fn connect_to_network(config: &Config) -> Result<()> {
    let address = config.string(&ADDRESS)?;
    match TcpStream::connect(address) {
        Ok(_) => Err(escaped(format!("connected to {address}"))),
        Err(error) => Err(sandbox::address_refused(address, &error)),
    }
}

pub fn resolve_a_name(_config: &Config) -> Result<()> {
    match ("localhost", 80).to_socket_addrs() {
        Ok(addresses) => Err(escaped(format!("localhost is {:?}", addresses.collect::<Vec<_>>()))),
        Err(error) => Err(sandbox::address_refused("localhost:80", &error)),
    }
}

pub fn listen_on_a_port(_config: &Config) -> Result<()> {
    match TcpListener::bind("127.0.0.1:0") {
        Ok(listener) => Err(escaped(format!("listens on {:?}", listener.local_addr()))),
        Err(error) => Err(sandbox::address_refused("127.0.0.1:0", &error)),
    }
}
