//! What must be there before a build is worth starting. Each failure is one line: what is wrong, and which
//! package or flag mends it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use watertight_harness::{ports, signals};

const GIB: f64 = (1u64 << 30) as f64;

/// Compilers and tools that build scripts of our dependencies call.
pub fn tools() -> anyhow::Result<()> {
    let missing: Vec<&str> = ["gcc", "g++", "make", "perl"].into_iter().filter(|tool| !answers(tool)).collect();
    anyhow::ensure!(
        missing.is_empty(),
        "missing: {}; install them (Debian, Ubuntu: `apt install build-essential perl`; Fedora: `dnf install gcc \
         gcc-c++ make perl`; macOS: `xcode-select --install`)",
        missing.join(", ")
    );
    Ok(())
}

/// Whether a program is there.
pub fn answers(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Whether OpenSSL 3 can be linked: its headers, by pkg-config.
pub fn openssl() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let mut command = Command::new("pkg-config");
        command.args(["--exists", "openssl >= 3"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    })
}

/// Room on the disk that holds the target folder.
pub fn disk(target: &Path, need: u64) -> anyhow::Result<()> {
    let existing = target.ancestors().find(|p| p.exists()).unwrap_or(target);
    let free = signals::free_bytes(existing)?;
    anyhow::ensure!(
        free >= need,
        "the disk that holds {} has {:.1} GB free and this needs {:.1} GB; make room, or let CARGO_TARGET_DIR point to \
         another disk",
        existing.display(),
        free as f64 / GIB,
        need as f64 / GIB
    );
    Ok(())
}

/// A port to listen on.
pub fn port(port: u16, whose: &str, flag: &str) -> anyhow::Result<()> {
    anyhow::ensure!(
        ports::is_free(port),
        "port {port} on 127.0.0.1, meant for {whose}, is in use; choose another with {flag} PORT"
    );
    Ok(())
}
