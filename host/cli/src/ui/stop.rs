//! Ctrl-C while something goes on that has no end: it ends in order, and that is no failure.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

/// Runs `then` on the first Ctrl-C or SIGTERM; one second later, or on the next, the process ends in any case.
pub(crate) fn on_stop(then: impl FnOnce() + Send + 'static) {
    let wait = async move {
        let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        then();
        tokio::select! {
            _ = interrupt.recv() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
        std::process::exit(0);
    };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    // Without the thread, the signal ends the process as it ends any other.
    let _ = std::thread::Builder::new().name("signals".to_owned()).spawn(move || runtime.block_on(wait));
}
