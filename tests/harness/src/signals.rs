//! The few calls std lacks: sending a signal to a process, noticing Ctrl-C, free space of a disk, and
//! children that do not outlive us. All unsafe code of the tooling stands here.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

static ASKED_TO_STOP: AtomicBool = AtomicBool::new(false);

extern "C" fn note(_signal: libc::c_int) {
    ASKED_TO_STOP.store(true, Ordering::SeqCst);
}

/// From now on Ctrl-C, SIGTERM and a closed terminal no longer end this process: [`asked_to_stop`] tells.
pub fn catch_stop() {
    let handler: extern "C" fn(libc::c_int) = note;
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        // SAFETY: the handler does nothing but store to an atomic, which is allowed in a signal handler.
        unsafe { libc::signal(signal, handler as libc::sighandler_t) };
    }
}

/// Whether one of those signals came.
pub fn asked_to_stop() -> bool {
    ASKED_TO_STOP.load(Ordering::SeqCst)
}

/// Asks a process to end. A process that is already gone is no error.
pub fn terminate(pid: u32) {
    send(pid, libc::SIGTERM);
}

/// Ctrl-C.
pub fn interrupt(pid: u32) {
    send(pid, libc::SIGINT);
}

/// SIGQUIT
pub fn quit(pid: u32) {
    send(pid, libc::SIGQUIT);
}

/// Ends a process at once, as a crash would.
pub fn kill(pid: u32) {
    send(pid, libc::SIGKILL);
}

/// It does nothing any more until [`thaw`]; its connections stay open.
pub fn freeze(pid: u32) {
    send(pid, libc::SIGSTOP);
}

/// The end of [`freeze`].
pub fn thaw(pid: u32) {
    send(pid, libc::SIGCONT);
}

fn send(pid: u32, signal: libc::c_int) {
    let Ok(pid) = libc::pid_t::try_from(pid) else {
        return;
    };
    if pid > 1 {
        // SAFETY: a plain system call on one process, whose id is positive: never a group, never all.
        unsafe { libc::kill(pid, signal) };
    }
}

/// Lets this process, and the children it starts, have as many file descriptors as the system allows; how many.
pub fn raise_descriptors() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both calls take a pointer to a whole `rlimit`, which outlives them.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) == 0 {
            let raised = libc::rlimit { rlim_cur: limit.rlim_max, ..limit };
            if libc::setrlimit(libc::RLIMIT_NOFILE, &raised) == 0 {
                return raised.rlim_cur;
            }
        }
    }
    limit.rlim_cur
}

/// Makes a child a process group of its own, so that Ctrl-C reaches only us and we stop it in order; on
/// Linux the kernel also ends it when the *thread* that started it ends, whatever became of us.
pub fn tie_to_us(command: &mut Command) -> &mut Command {
    command.process_group(0);
    #[cfg(target_os = "linux")]
    // SAFETY: between fork and exec only one async-signal-safe system call is made.
    unsafe {
        command.pre_exec(|| {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            Ok(())
        });
    }
    command
}

/// Bytes an ordinary user may still write to the disk that holds `path`.
pub fn free_bytes(path: &Path) -> std::io::Result<u64> {
    use std::os::unix::ffi::OsStrExt as _;
    let path = std::ffi::CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: an all-zero statvfs is a valid value, the path ends with a nul, the call only fills the struct.
    let (result, stat) = unsafe {
        let mut stat: libc::statvfs = std::mem::zeroed();
        (libc::statvfs(path.as_ptr(), &mut stat), stat)
    };
    if result != 0 {
        return Err(std::io::Error::last_os_error());
    }
    #[allow(clippy::unnecessary_cast)] // the fields' widths differ between systems
    Ok(stat.f_bavail as u64 * stat.f_frsize as u64)
}

/// Who we are: 0 is root.
pub fn user() -> u32 {
    // SAFETY: a plain system call that cannot fail.
    unsafe { libc::geteuid() }
}

/// Clock ticks per second, the unit of CPU times in `/proc`.
pub fn clock_ticks() -> f64 {
    // SAFETY: reads a constant of the system.
    unsafe { libc::sysconf(libc::_SC_CLK_TCK) as f64 }
}
