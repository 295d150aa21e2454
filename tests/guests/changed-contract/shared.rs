// Included by both crates, which differ in their contract only. Every function would trap: a worker that calls one
// has accepted what it should have refused.

use exports::watertight::plugin::catalogue::{self, PluginClass};
use watertight::types::common::{Checkup, Failure, KeyReport, Setting};
use watertight::types::data::Position;

const CLASS: &str = "watertight.test.ChangedContractSourceConnector";

const TEXT: &str = "{\"contract\":\"0.0.0\",\"classes\":[{\"name\":\"watertight.test.ChangedContractSourceConnector\",\
    \"aliases\":[],\"role\":\"source\",\"version\":\"0.1.0\",\"task-class\":null,\"documentation\":\"\",\"config\":[],\
    \"features\":[]}]}";

const fn section() -> [u8; TEXT.len()] {
    let mut bytes = [0; TEXT.len()];
    let mut at = 0;
    while at < bytes.len() {
        bytes[at] = TEXT.as_bytes()[at];
        at += 1;
    }
    // The version stands after `{"contract":"`.
    let mut at = 0;
    while at < CONTRACT.len() {
        bytes[13 + at] = CONTRACT.as_bytes()[at];
        at += 1;
    }
    bytes
}

#[cfg(target_arch = "wasm32")]
#[used]
#[unsafe(link_section = "watertight:plugin")]
static METADATA: [u8; TEXT.len()] = section();

struct Plugin;

impl catalogue::Guest for Plugin {
    fn describe() -> Vec<PluginClass> {
        vec![PluginClass {
            name: CLASS.to_owned(),
            aliases: Vec::new(),
            role: "source".to_owned(),
            version: "0.1.0".to_owned(),
            task_class: None,
            documentation: String::new(),
            config: Vec::new(),
            features: Vec::new(),
        }]
    }
}

impl source_connector::Guest for Plugin {
    fn validate(_: String, _: Vec<Setting>) -> Result<Vec<KeyReport>, Failure> {
        unreachable!()
    }
    fn exactly_once_support(_: String, _: Vec<Setting>) -> Result<Option<bool>, Failure> {
        unreachable!()
    }
    fn can_define_transaction_boundaries(_: String, _: Vec<Setting>) -> Result<bool, Failure> {
        unreachable!()
    }
    fn alter_offsets(_: String, _: Vec<Setting>, _: Vec<(Position, Option<Position>)>) -> Result<bool, Failure> {
        unreachable!()
    }
    fn start(_: String, _: Vec<Setting>) -> Result<(), Failure> {
        unreachable!()
    }
    fn task_configs(_: u32) -> Result<Vec<Vec<Setting>>, Failure> {
        unreachable!()
    }
    fn check() -> Result<Checkup, Failure> {
        unreachable!()
    }
    fn stop() {
        unreachable!()
    }
}

impl source_task::Guest for Plugin {
    fn start(_: String, _: Vec<Setting>) -> Result<(), Failure> {
        unreachable!()
    }
    fn poll(_: u32, _: u32, _: u32) -> Result<source_task::SourceBatch, Failure> {
        unreachable!()
    }
    fn acknowledge(_: source_task::Acknowledgements) -> Result<(), Failure> {
        unreachable!()
    }
    fn committed() -> Result<(), Failure> {
        unreachable!()
    }
    fn stop() {
        unreachable!()
    }
}

export!(Plugin);
