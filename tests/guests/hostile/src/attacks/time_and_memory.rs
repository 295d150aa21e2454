//! Uses up what it was not given.

use std::hint::black_box;
use std::time::Duration;

use watertight_sdk::{Config, Result};

pub fn loop_for_ever(_config: &Config) -> Result<()> {
    let mut count = 0_u64;
    loop {
        count = black_box(count.wrapping_add(1));
    }
}

/// Uses no CPU: only a limit on time ends it.
pub fn sleep_for_ever(_config: &Config) -> Result<()> {
    loop {
        std::thread::sleep(Duration::from_secs(3600));
    }
}

pub fn allocate_without_end(_config: &Config) -> Result<()> {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    loop {
        // Written to, so that no page stays a promise.
        hoard.push(black_box(vec![0xA5; 1 << 20]));
    }
}

pub fn trap(_config: &Config) -> Result<()> {
    core::arch::wasm32::unreachable()
}

pub fn panic(_config: &Config) -> Result<()> {
    panic!("this connector panics on purpose");
}

pub fn overflow_the_stack(_config: &Config) -> Result<()> {
    black_box(deeper(0));
    Ok(())
}

#[allow(unconditional_recursion)]
fn deeper(level: u64) -> u64 {
    let padding = black_box([level; 64]);
    deeper(level + 1) + padding[0]
}

pub fn exit_the_process(_config: &Config) -> Result<()> {
    std::process::exit(3);
}
