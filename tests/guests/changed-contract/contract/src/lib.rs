//! A plugin from the future: `watertight:source@0.3.0`. The worker must say which interface it wants and which it
//! has. The class list is honest, so nothing but the version is wrong.

wit_bindgen::generate!({
    path: ["../../../../wit/deps/types", "../../../../wit/deps/plugin", "wit"],
    world: "watertight:source/changed",
    generate_all,
});

use exports::watertight::source::{source_connector, source_task};

const CONTRACT: &str = "0.3.0";

include!("../../shared.rs");
