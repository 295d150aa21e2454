//! Every knob of wasmtime that this project turns stands in this file, with the reason.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use wasmtime::{Config, Engine, OptLevel};

/// Length of one epoch: the longest a guest holds its thread before others may run, and the grain of its
/// CPU account.
pub const TICK: Duration = Duration::from_millis(10);

/// The engine, and the ticker that makes running guests yield.
#[derive(Clone)]
pub struct SandboxEngine {
    engine: Engine,
    running: Arc<Running>,
}

/// Counts guest calls under way. The ticker sleeps while there are none, so an idle worker stays idle.
#[derive(Default)]
struct Running {
    calls: AtomicUsize,
    asleep: Mutex<bool>,
    wake: Condvar,
}

/// A guest call under way; ends when dropped.
pub(crate) struct CallGuard(Arc<Running>);

impl Drop for CallGuard {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::AcqRel);
    }
}

impl SandboxEngine {
    /// Builds the engine and starts its ticker, a thread of its own: a ticker on the async runtime would
    /// be held up by the very guests it is there to interrupt.
    pub fn new() -> Result<Self, wasmtime::Error> {
        let engine = Engine::new(&config())?;
        let running = Arc::new(Running::default());
        let weak = engine.weak();
        let watched = Arc::downgrade(&running);
        std::thread::Builder::new()
            .name("epoch-ticker".into())
            .spawn(move || {
                loop {
                    std::thread::sleep(TICK);
                    let (Some(engine), Some(running)) = (weak.upgrade(), watched.upgrade()) else { return };
                    engine.increment_epoch();
                    running.wait_for_work();
                }
            })
            .map_err(wasmtime::Error::from)?;
        Ok(Self { engine, running })
    }

    /// wasmtime's own.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn call(&self) -> CallGuard {
        if self.running.calls.fetch_add(1, Ordering::AcqRel) == 0 {
            self.running.rouse();
        }
        CallGuard(Arc::clone(&self.running))
    }
}

impl Running {
    fn rouse(&self) {
        if let Ok(mut asleep) = self.asleep.lock()
            && *asleep
        {
            *asleep = false;
            self.wake.notify_one();
        }
    }

    /// Returns at once while calls are under way; otherwise when the next begins, or after a second, to
    /// notice that the engine is gone.
    fn wait_for_work(&self) {
        let Ok(mut asleep) = self.asleep.lock() else { return };
        if self.calls.load(Ordering::Acquire) > 0 {
            return;
        }
        *asleep = true;
        drop(self.wake.wait_timeout_while(asleep, Duration::from_secs(1), |asleep| *asleep));
    }
}

fn config() -> Config {
    let mut config = Config::new();
    // Cranelift, never Winch: Winch had several escapes. Speed: connectors run for hours.
    config.cranelift_opt_level(OptLevel::Speed);
    config.wasm_component_model(true);
    // Guests are synchronous (WASI 0.2); without this an empty call costs 0.57 instead of 0.93 us.
    config.concurrency_support(false);
    // A loop in a guest is interrupted by epochs: cheaper than fuel, and exact enough at 10 ms.
    config.epoch_interruption(true);
    // Features no connector needs are attack surface.
    config.wasm_memory64(false);
    // Half a megabyte of guest stack; the host's part of the fibre stack is the rest.
    config.max_wasm_stack(512 * 1024);
    config.async_stack_size(1024 * 1024);
    // Names of guest functions in traces; line tables would cost memory in every worker.
    config.generate_address_map(true);
    config
}
