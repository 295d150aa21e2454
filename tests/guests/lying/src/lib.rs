//! A plugin whose metadata section lists one class more than `describe` answers, and gives the other one a version it
//! does not have. A worker that lists plugins from the section must compare both when the code first runs, and
//! withdraw what lies.

use watertight_sdk::__private::{Listed, Plugin as Listing, SourceClass, SourcePlugin};
use watertight_sdk::{Class, Config, Failure, PollLimits, Result, SourceBatch, SourceConnector, SourceTask, metadata};

const HONEST: Class = Class::new("watertight.test.LyingSourceConnector", "0.1.0");
const PRETENDED: Class = Class::new("watertight.test.LyingSourceConnector", "9.9.9");
const INVENTED: Class = Class::new("watertight.test.InventedSourceConnector", "1.0.0");

#[derive(Default)]
struct Connector;
#[derive(Default)]
struct Task;

impl SourceConnector for Connector {
    type Task = Task;
    const CLASS: Class = HONEST;
    fn start(&mut self, _config: &Config) -> Result<()> {
        Err(Failure::new("escaped", "ESCAPED: a class that lies was started"))
    }
    fn task_configs(&mut self, _max_tasks: usize) -> Result<Vec<Config>> {
        Ok(Vec::new())
    }
}

impl SourceTask for Task {
    fn start(&mut self, _config: &Config) -> Result<()> {
        Ok(())
    }
    fn poll(&mut self, _limits: &PollLimits) -> Result<SourceBatch> {
        Ok(SourceBatch::wait(1000))
    }
}

struct Plugin;

impl Listing for Plugin {
    const CLASSES: &'static [Listed] = &[Listed { role: "source", classes: &[&HONEST] }];
}

impl SourcePlugin for Plugin {
    const SOURCE_CLASSES: &'static [SourceClass] = &[SourceClass::of::<Connector>()];
}

#[cfg(target_arch = "wasm32")]
const LIES: &[Listed] = &[Listed { role: "source", classes: &[&PRETENDED, &INVENTED] }];

#[cfg(target_arch = "wasm32")]
#[used]
#[unsafe(link_section = "watertight:plugin")]
static METADATA: [u8; metadata::measure(LIES)] = metadata::encode(LIES);

#[cfg(target_arch = "wasm32")]
watertight_sdk::bindings::base::export_base!(Plugin with_types_in watertight_sdk::bindings::base);
#[cfg(target_arch = "wasm32")]
watertight_sdk::bindings::source::export_source!(Plugin with_types_in watertight_sdk::bindings::source);
