//! What `wit-bindgen` makes of the contract. Several worlds instead of one, because an exported interface stands in
//! the component whether or not anything is behind it: a plugin without sinks must not export the sink interfaces.
//! The types that all of them use are generated once, here in the first, so that they are the same types everywhere.
#![allow(missing_docs, clippy::all, unsafe_op_in_unsafe_fn)]

/// Exported by every plugin.
pub mod base {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package watertight:sdk-base;
            world base {
                import watertight:types/data@0.2.0;
                import watertight:types/common@0.2.0;
                import watertight:runtime/worker@0.2.0;
                import watertight:runtime/log@0.2.0;
                import watertight:runtime/metrics@0.2.0;
                import watertight:runtime/schemas@0.2.0;
                import watertight:runtime/offsets@0.2.0;
                import watertight:runtime/secrets@0.2.0;
                export watertight:plugin/catalogue@0.2.0;
            }
        ",
        world: "watertight:sdk-base/base",
        generate_all,
        generate_unused_types: true,
        additional_derives: [PartialEq],
        pub_export_macro: true,
        export_macro_name: "export_base",
        default_bindings_module: "watertight_sdk::bindings::base",
    });
}

/// Exported by plugins that have source connectors.
pub mod source {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package watertight:sdk-source;
            world source {
                export watertight:source/source-connector@0.2.0;
                export watertight:source/source-task@0.2.0;
            }
        ",
        world: "watertight:sdk-source/source",
        generate_all,
        generate_unused_types: true,
        additional_derives: [PartialEq],
        with: {
            "watertight:types/data@0.2.0": crate::bindings::base::watertight::types::data,
            "watertight:types/common@0.2.0": crate::bindings::base::watertight::types::common,
        },
        pub_export_macro: true,
        export_macro_name: "export_source",
        default_bindings_module: "watertight_sdk::bindings::source",
    });
}

/// Exported by plugins that have sink connectors.
pub mod sink {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package watertight:sdk-sink;
            world sink {
                import watertight:sink/sink-context@0.2.0;
                export watertight:sink/sink-connector@0.2.0;
                export watertight:sink/sink-task@0.2.0;
            }
        ",
        world: "watertight:sdk-sink/sink",
        generate_all,
        generate_unused_types: true,
        additional_derives: [PartialEq],
        with: {
            "watertight:types/data@0.2.0": crate::bindings::base::watertight::types::data,
            "watertight:types/common@0.2.0": crate::bindings::base::watertight::types::common,
        },
        pub_export_macro: true,
        export_macro_name: "export_sink",
        default_bindings_module: "watertight_sdk::bindings::sink",
    });
}

/// Exported by plugins that have transforms or predicates. One world for both: predicates take their batches from the
/// transforms' interface, and a component cannot have that as an export and, apart from it, as a type.
pub mod transform {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package watertight:sdk-transform;
            world transform {
                export watertight:transform/transformation@0.2.0;
                export watertight:transform/predicate@0.2.0;
            }
        ",
        world: "watertight:sdk-transform/transform",
        generate_all,
        generate_unused_types: true,
        additional_derives: [PartialEq],
        with: {
            "watertight:types/data@0.2.0": crate::bindings::base::watertight::types::data,
            "watertight:types/common@0.2.0": crate::bindings::base::watertight::types::common,
        },
        pub_export_macro: true,
        export_macro_name: "export_transform",
        default_bindings_module: "watertight_sdk::bindings::transform",
    });
}

/// Exported by plugins that have converters.
pub mod converter {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package watertight:sdk-converter;
            world converter {
                export watertight:converter/conversion@0.2.0;
            }
        ",
        world: "watertight:sdk-converter/converter",
        generate_all,
        generate_unused_types: true,
        additional_derives: [PartialEq],
        with: {
            "watertight:types/data@0.2.0": crate::bindings::base::watertight::types::data,
            "watertight:types/common@0.2.0": crate::bindings::base::watertight::types::common,
        },
        pub_export_macro: true,
        export_macro_name: "export_converter",
        default_bindings_module: "watertight_sdk::bindings::converter",
    });
}

/// Imported by plugins that use [`crate::sql`].
pub mod sql {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package watertight:sdk-sql;
            world sql {
                import watertight:sql/client@0.2.0;
            }
        ",
        world: "watertight:sdk-sql/sql",
        generate_all,
        generate_unused_types: true,
        additional_derives: [PartialEq],
        with: {
            "watertight:types/data@0.2.0": crate::bindings::base::watertight::types::data,
        },
    });
}
