//! The roles an instance can play, as typed calls. Each wrapper owns its instance: one instance is one
//! connector, one task, one transform, one predicate or one converter, so that a trap in one can never poison
//! another.

use tokio::time::timeout;
use wasmtime::component::{ComponentNamedList, Func, Lift, Lower};

use crate::bindings::exports::watertight::plugin::catalogue;
use crate::bindings::watertight::types::common::Failure;
use crate::catalogue::PluginClass;
use crate::contract::VERSION;
use crate::error::{Call, GuestError};
use crate::instance::GuestInstance;

/// Makes a call whose answer is a contract `result`.
macro_rules! fallible {
    ($self:ident, $call:expr, $function:ident ( $($argument:expr),* )) => {{
        let exports = &$self.exports;
        let begun = $self.guest.begin($call)?;
        let answer = timeout(begun.wall, exports.$function(&mut $self.guest.store $(, $argument)*)).await;
        $self.guest.end(begun, answer)?.map_err(GuestError::from)
    }};
}

/// Makes a call that can only trap.
macro_rules! infallible {
    ($self:ident, $call:expr, $function:ident ( $($argument:expr),* )) => {{
        let exports = &$self.exports;
        let begun = $self.guest.begin($call)?;
        let answer = timeout(begun.wall, exports.$function(&mut $self.guest.store $(, $argument)*)).await;
        $self.guest.end(begun, answer)
    }};
}

mod connector;
mod converter;
mod transform;

pub use connector::{SinkConnector, SinkTask, SourceConnector, SourceTask};
pub use converter::{Conversion, Usage};
pub use transform::{Predicate, Transformation};

/// Asks an instance what its file holds.
pub async fn describe(
    mut guest: GuestInstance,
    indices: &catalogue::GuestIndices,
) -> Result<Vec<PluginClass>, GuestError> {
    let exports = load(&mut guest, Call::Describe, |guest| indices.load(&mut guest.store, &guest.instance))?;
    let begun = guest.begin(Call::Describe)?;
    let answer = timeout(begun.wall, exports.call_describe(&mut guest.store)).await;
    let classes = guest.end(begun, answer)?;
    Ok(classes.into_iter().map(PluginClass::from).collect())
}

/// Looks the functions of a role up; they were compared by type when the file was loaded.
fn load<E>(
    guest: &mut GuestInstance,
    call: Call,
    get: impl FnOnce(&mut GuestInstance) -> wasmtime::Result<E>,
) -> Result<E, GuestError> {
    get(guest).map_err(|error| GuestError::Contract { call: call.name(), what: format!("{error:#}") })
}

/// A function of a role that is called with views instead of the generated types.
fn function(guest: &mut GuestInstance, interface: &str, name: &str) -> Result<Func, GuestError> {
    let interface = format!("watertight:{interface}@{VERSION}");
    let GuestInstance { store, instance, .. } = guest;
    let found = instance
        .get_export_index(&mut *store, None, &interface)
        .and_then(|index| instance.get_export_index(&mut *store, Some(&index), name))
        .and_then(|index| instance.get_func(&mut *store, index));
    found.ok_or_else(|| GuestError::Contract {
        call: Call::Instantiate.name(),
        what: format!("{interface} has no function {name}"),
    })
}

/// Calls such a function, whose answer is a contract `result`.
async fn call<P, R>(guest: &mut GuestInstance, call: Call, function: Func, params: P) -> Result<R, GuestError>
where
    P: ComponentNamedList + Lower + Send + Sync,
    R: Lift + Send + Sync + 'static,
{
    let function = function
        .typed::<P, (Result<R, Failure>,)>(&guest.store)
        .map_err(|error| GuestError::Contract { call: call.name(), what: format!("{error:#}") })?;
    let begun = guest.begin(call)?;
    let answer = timeout(begun.wall, function.call_async(&mut guest.store, params)).await;
    let (answer,) = guest.end(begun, answer)?;
    answer.map_err(GuestError::from)
}
