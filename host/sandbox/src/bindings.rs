//! The contract in Rust, made from `wit/` at compile time. A module of its own because it is slow to compile
//! and changes rarely. Every import may await and every export is called asynchronously: a guest that waits
//! costs no thread.

#![allow(missing_docs, clippy::all)]

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "watertight:connect/everything",
    imports: { default: async | trappable },
    exports: { default: async },
    additional_derives: [PartialEq],
    with: {
        "watertight:sql/client.connection": crate::sql::OpenConnection,
        "watertight:sql/client.rows": crate::sql::OpenRows,
    },
});
