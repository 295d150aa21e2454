//! Which classes a plugin directory holds, and under which names they are found.

use watertight_sandbox::compiler::Compiler;
use watertight_sandbox::engine::SandboxEngine;
use watertight_sandbox::loader::Loader;
use watertight_sandbox::registry::PluginRegistry;
use watertight_sandbox::role::Role;

use crate::support::*;

#[tokio::test]
async fn classes_are_found_by_name_and_by_kafkas_aliases() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["guests/test-transforms.wasm", "plugins/example-transforms.wasm"] {
        let from = target().join(file);
        std::fs::copy(&from, folder.path().join(from.file_name().unwrap())).unwrap();
    }
    let loader = Loader::new(SandboxEngine::new().unwrap(), limits(), None, Compiler::Inside).unwrap();
    let registry = PluginRegistry::open(&[folder.path().to_path_buf()], loader);
    let names = |role| registry.of_role(role).into_iter().map(|entry| entry.class.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(Role::Predicate), ["watertight.example.TopicNameMatches", "watertight.test.FaultyPredicate"]);
    assert_eq!(names(Role::HeaderConverter), ["watertight.example.UpperTextConverter", "watertight.test.TagConverter"]);
    assert!(names(Role::Source).is_empty());
    for (role, name, class) in [
        (Role::Transformation, "watertight.test.Upper$Value", "watertight.test.Upper$Value"),
        (Role::Transformation, "Identity", "watertight.test.Identity"),
        (Role::Predicate, "Faulty", "watertight.test.FaultyPredicate"),
        (Role::Converter, "UpperText", "watertight.example.UpperTextConverter"),
        (Role::HeaderConverter, "UpperTextConverter", "watertight.example.UpperTextConverter"),
    ] {
        let found = registry
            .find(role, name, None, None)
            .map(|entry| (entry.class.name.clone(), entry.class.role.clone()))
            .unwrap();
        assert_eq!(found, (class.to_owned(), role.as_str().to_owned()), "{name}");
    }
    // `Value` is the simple name of several, and a converter is no transform.
    for name in ["Value", "watertight.example.UpperTextConverter", "Nobody"] {
        let refused = registry.find(Role::Transformation, name, None, None).err().unwrap();
        assert_eq!(refused.to_string(), format!("Class {name} could not be found."));
    }
}
