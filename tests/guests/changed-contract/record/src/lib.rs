//! A plugin that claims the worker's own version of the contract but was built against another text: `source-record`
//! has a field more. Linking it by name would read every record wrongly. The worker must compare types, and say
//! which interface differs and in what.

wit_bindgen::generate!({
    path: ["../../../../wit/deps/types", "../../../../wit/deps/plugin", "wit"],
    world: "watertight:source/changed",
    generate_all,
});

use exports::watertight::source::{source_connector, source_task};

const CONTRACT: &str = "0.2.0";

include!("../../shared.rs");
