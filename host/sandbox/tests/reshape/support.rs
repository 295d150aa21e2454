//! Test plugins, loaded as a worker loads them.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;
use wasmtime_wasi::WasiCtxBuilder;
use watertight_data::record::{Origin, Record, TimestampType};
use watertight_data::value::{SchemaAndValue, Value};
use watertight_sandbox::bindings::watertight::types::common::{Config, Setting};
use watertight_sandbox::catalogue::PluginClass;
use watertight_sandbox::compiler::Compiler;
use watertight_sandbox::engine::SandboxEngine;
use watertight_sandbox::guest_log::GuestLog;
use watertight_sandbox::limits::Limits;
use watertight_sandbox::loader::{Loader, Plugin};
use watertight_sandbox::roles::{Conversion, Predicate, Transformation, Usage};
use watertight_sandbox::state::GuestSetup;
use watertight_sandbox::stdio::LogStream;

pub static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

/// `target`, wherever it is.
pub fn target() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(set) if !set.is_empty() => root.join(set),
        _ => root.join("target"),
    }
}

/// Limits that a test waits for without impatience.
pub fn limits() -> Arc<Limits> {
    let settings = [("sandbox.cpu.call.ms", "500"), ("sandbox.memory.bytes", "33554432")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()));
    Arc::new(Limits::from_properties(settings.iter().map(|(key, value)| (key, value))).unwrap())
}

fn load(file: &str) -> Plugin {
    let path = target().join(file);
    let bytes = std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{} is not there ({error}); `cargo xtask build` makes it", path.display()));
    let loader = Loader::new(SandboxEngine::new().unwrap(), limits(), None, Compiler::Inside).unwrap();
    let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    // On a thread of its own: who asks first may be on the runtime already.
    let load = || RUNTIME.block_on(loader.load(file, &hash, || Ok(bytes)));
    std::thread::scope(|scope| scope.spawn(load).join()).unwrap().unwrap()
}

pub static TESTS: LazyLock<Plugin> = LazyLock::new(|| load("guests/test-transforms.wasm"));
pub static EXAMPLES: LazyLock<Plugin> = LazyLock::new(|| load("plugins/example-transforms.wasm"));

pub fn setup() -> GuestSetup {
    let limits = limits();
    let log = GuestLog::new("test", &limits);
    let stderr = LogStream::new("warn", log.clone());
    GuestSetup::bare(WasiCtxBuilder::new().stderr(stderr.clone()).build(), log, stderr)
}

pub fn class<'a>(plugin: &'a Plugin, name: &str) -> &'a PluginClass {
    plugin.classes.iter().find(|class| class.name == name).unwrap()
}

pub fn config(settings: &[(&str, &str)]) -> Config {
    let setting =
        |(name, value): &(&str, &str)| Setting { name: (*name).to_owned(), value: (*value).to_owned(), secret: false };
    settings.iter().map(setting).collect()
}

pub async fn transform(plugin: &Plugin, name: &str, settings: &[(&str, &str)]) -> Transformation {
    let mut made = plugin.transformation(setup()).await.unwrap();
    made.configure(class(plugin, name), &config(settings)).await.unwrap();
    made
}

pub async fn predicate(plugin: &Plugin, name: &str, settings: &[(&str, &str)]) -> Predicate {
    let mut made = plugin.predicate(setup()).await.unwrap();
    made.configure(class(plugin, name), &config(settings)).await.unwrap();
    made
}

pub async fn converter(plugin: &Plugin, name: &str, settings: &[(&str, &str)], usage: Usage) -> Conversion {
    let mut made = plugin.conversion(setup()).await.unwrap();
    made.configure(class(plugin, name), &config(settings), usage).await.unwrap();
    made
}

pub fn record(value: SchemaAndValue) -> Record {
    Record {
        topic: "topic".into(),
        partition: Some(3),
        key: SchemaAndValue::NULL,
        value,
        headers: Vec::new(),
        timestamp: Some(1_700_000_000_000),
        origin: Origin::Sink { offset: 42, timestamp_type: TimestampType::CreateTime },
    }
}

pub fn text(value: &str) -> SchemaAndValue {
    SchemaAndValue::new(Some(watertight_data::schema::STRING().clone()), Value::from(value))
}

pub fn texts(values: &[&str]) -> Vec<Record> {
    values.iter().map(|value| record(text(value))).collect()
}
