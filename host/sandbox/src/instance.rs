//! One guest instance and the discipline of calling it: a CPU account and a deadline for each call, and one
//! rule after anything that is not an orderly answer: the store is never entered again.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::{Instance, InstancePre};
use wasmtime::{Store, UpdateDeadline};

use crate::engine::{CallGuard, SandboxEngine, TICK};
use crate::error::{Call, GuestError};
use crate::limits::{Limits, key};
use crate::state::{GuestSetup, GuestState};

/// A store with one instance in it.
pub struct GuestInstance {
    pub(crate) store: Store<GuestState>,
    pub(crate) instance: Instance,
    engine: SandboxEngine,
    limits: Arc<Limits>,
    gone: bool,
}

/// Raised by the epoch callback; found again in the error of the interrupted call.
#[derive(Debug, thiserror::Error)]
#[error("CPU limit of the call")]
struct CpuExhausted;

impl GuestInstance {
    /// Makes an instance. Its start functions run under the limits of a call.
    pub async fn new(
        engine: &SandboxEngine,
        pre: &InstancePre<GuestState>,
        setup: GuestSetup,
        limits: &Arc<Limits>,
    ) -> Result<Self, GuestError> {
        let mut store = Store::new(engine.engine(), GuestState::new(setup, limits));
        store.limiter(|state| &mut state.meter);
        store.set_hostcall_fuel(limits.size(key::HOSTCALL));
        store.epoch_deadline_callback(|mut context| {
            let state = context.data_mut();
            state.cpu_ticks += 1;
            if state.cpu_ticks > state.cpu_limit {
                return Err(wasmtime::Error::from(CpuExhausted));
            }
            // Not the plain yield: that puts the guest at the front of the runtime's queue again.
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
        });
        arm(&mut store, limits);
        let guard = engine.call();
        let made =
            tokio::time::timeout(limits.time(Call::Instantiate.wall_key()), pre.instantiate_async(&mut store)).await;
        drop(guard);
        match made {
            Ok(Ok(instance)) => {
                Ok(Self { store, instance, engine: engine.clone(), limits: Arc::clone(limits), gone: false })
            }
            Ok(Err(error)) => Err(explain(Call::Instantiate, &error, &store, limits)),
            Err(_) => Err(overdue(Call::Instantiate, &store, limits)),
        }
    }

    /// The host's side of the instance.
    pub fn state(&self) -> &GuestState {
        self.store.data()
    }

    /// The host's side of the instance.
    pub fn state_mut(&mut self) -> &mut GuestState {
        self.store.data_mut()
    }

    /// Limits it lives under.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether it can be called no more.
    pub fn is_gone(&self) -> bool {
        self.gone
    }

    /// Not to be called again: it answered against the contract.
    pub fn condemn(&mut self, call: Call, what: impl Into<String>) -> GuestError {
        self.gone = true;
        GuestError::Contract { call: call.name(), what: what.into() }
    }

    /// Begins a call. `gone` is set until [`end`](Self::end), so that a caller whose future is dropped half-way
    /// leaves an instance that refuses further calls.
    pub(crate) fn begin(&mut self, call: Call) -> Result<Begun, GuestError> {
        if self.gone {
            return Err(GuestError::Gone { call: call.name() });
        }
        self.gone = true;
        arm(&mut self.store, &self.limits);
        Ok(Begun { call, wall: self.limits.time(call.wall_key()), _running: self.engine.call() })
    }

    /// Ends a call: with its answer, or with what went wrong.
    pub(crate) fn end<R>(&mut self, begun: Begun, answer: Answer<R>) -> Result<R, GuestError> {
        match answer {
            Ok(Ok(value)) => {
                self.gone = false;
                Ok(value)
            }
            Ok(Err(error)) => Err(explain(begun.call, &error, &self.store, &self.limits)),
            Err(_) => Err(overdue(begun.call, &self.store, &self.limits)),
        }
    }
}

/// A call under way.
pub(crate) struct Begun {
    call: Call,
    /// When to give it up.
    pub(crate) wall: Duration,
    _running: CallGuard,
}

/// What became of it: overdue, trapped, or answered.
pub(crate) type Answer<R> = Result<wasmtime::Result<R>, tokio::time::error::Elapsed>;

fn arm(store: &mut Store<GuestState>, limits: &Limits) {
    let ticks = limits.get(key::CPU_CALL) / TICK.as_millis() as u64;
    let state = store.data_mut();
    state.cpu_ticks = 0;
    state.cpu_limit = ticks.max(1);
    store.set_epoch_deadline(1);
}

fn overdue(call: Call, store: &Store<GuestState>, limits: &Limits) -> GuestError {
    limit(call, call.wall_key(), limits, "it did not return in time", store.data().stderr.last_lines())
}

fn limit(call: Call, key: &'static str, limits: &Limits, what: &str, trace: Option<String>) -> GuestError {
    GuestError::Limit { call: call.name(), key, limit: limits.get(key), what: what.to_owned(), trace }
}

/// Turns wasmtime's error into one that names the limit, or the trap and the guest's stack.
fn explain(call: Call, error: &wasmtime::Error, store: &Store<GuestState>, limits: &Limits) -> GuestError {
    let state = store.data();
    let mut parts = Vec::new();
    if let Some(lines) = state.log.last_errors() {
        parts.push(format!("last errors that the plugin logged:\n{lines}"));
    }
    if let Some(backtrace) = error.downcast_ref::<wasmtime::WasmBacktrace>() {
        parts.push(backtrace.to_string());
    }
    if let Some(lines) = state.stderr.last_lines() {
        parts.push(format!("standard error of the plugin:\n{lines}"));
    }
    let trace = (!parts.is_empty()).then(|| parts.join("\n"));
    if error.downcast_ref::<CpuExhausted>().is_some() {
        return limit(call, key::CPU_CALL, limits, "it computed too long without returning", trace);
    }
    let reason = root_cause(error);
    if reason.contains("fuel allocated for hostcalls") {
        return limit(call, key::HOSTCALL, limits, "it made the worker copy too much", trace);
    }
    if reason.starts_with("requested len") && reason.contains("exceeds limit") {
        return limit(call, key::RANDOM, limits, "it asked for too many random bytes at once", trace);
    }
    if reason.contains("table has no free keys") || reason.contains("resource table") {
        return limit(call, key::HANDLES, limits, "it opened too many handles", trace);
    }
    if state.meter.refused().is_some() {
        return limit(call, key::MEMORY, limits, "it wanted more memory than it may have", trace);
    }
    GuestError::Trap { call: call.name(), reason, trace }
}

fn root_cause(error: &wasmtime::Error) -> String {
    match error.downcast_ref::<wasmtime::Trap>() {
        Some(trap) => trap.to_string(),
        None => error.root_cause().to_string(),
    }
}
