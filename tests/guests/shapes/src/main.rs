//! Writes components whose shape is the attack, so that no code of theirs need run: `shapes DIRECTORY`.
//!
//! Each starts as the empty implementation of a source plugin, every function of which traps. Its metadata section
//! stands at the level of the component (where the SDK's stands in a nested module), so that both places are tested.

use std::path::Path;
use std::process::ExitCode;

use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

type Failed = Box<dyn std::error::Error>;

const WIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../wit");

const SOURCE: &str = "package test:shape;
    world shape {
        export watertight:plugin/catalogue@0.2.0;
        export watertight:source/source-connector@0.2.0;
        export watertight:source/source-task@0.2.0;
    }";

const INTRUDER: &str = "package intruder:shell@1.0.0;
    interface run { run: func(command: string) -> u32; }
    world shape {
        import run;
        export watertight:plugin/catalogue@0.2.0;
        export watertight:source/source-connector@0.2.0;
        export watertight:source/source-task@0.2.0;
    }";

const STRANGER: &str = "package test:stranger;
    interface greeting { greet: func(name: string) -> string; }
    world shape { export greeting; }";

/// Grows a table until that is refused. Memory is not the only thing that grows.
const GROW_TABLES: &str = "(table $hoard 0 funcref)
    (func $attack (loop $more
        (if (i32.eq (table.grow $hoard (ref.null func) (i32.const 1000000)) (i32.const -1)) (then unreachable))
        br $more))
    (start $attack)";

const LOOP: &str = "(func $attack (loop $more br $more)) (start $attack)";

/// The core module of an empty implementation of this world, with more text in it.
fn module(world: &str, more: &str) -> Result<(String, Resolve, wit_parser::WorldId), Failed> {
    let mut resolve = Resolve::default();
    resolve.push_dir(WIT)?;
    let package = resolve.push_str("shape.wit", world)?;
    let world = resolve.select_world(&[package], None)?;
    let empty = dummy_module(&resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
    let mut text = wasmprinter::print_bytes(&empty)?;
    let end = text.rfind(')').ok_or("not a module")?;
    text.insert_str(end, more);
    Ok((text, resolve, world))
}

fn component((text, resolve, world): (String, Resolve, wit_parser::WorldId)) -> Result<Vec<u8>, Failed> {
    let mut module = wat::parse_str(text)?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    Ok(ComponentEncoder::default().module(&module)?.encode()?)
}

/// Appends a custom section.
fn with_section(mut component: Vec<u8>, content: &[u8]) -> Vec<u8> {
    const NAME: &[u8] = b"watertight:plugin";
    let length = |mut number: usize| {
        let mut bytes = Vec::new();
        while number > 0x7f {
            bytes.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        bytes.push(number as u8);
        bytes
    };
    let name_length = length(NAME.len());
    component.push(0);
    component.extend(length(name_length.len() + NAME.len() + content.len()));
    component.extend(name_length);
    component.extend_from_slice(NAME);
    component.extend_from_slice(content);
    component
}

/// A section that lists one class, named after the shape.
fn listed(component: Vec<u8>, class: &str) -> Vec<u8> {
    let text = format!(
        "{{\"contract\":\"0.2.0\",\"classes\":[{{\"name\":\"watertight.shape.{class}\",\"aliases\":[],\
         \"role\":\"source\",\"version\":\"0.1.0\",\"task-class\":null,\"documentation\":\"\",\"config\":[],\
         \"features\":[]}}]}}"
    );
    with_section(component, text.as_bytes())
}

fn write_all(directory: &Path) -> Result<(), Failed> {
    std::fs::create_dir_all(directory)?;
    let write = |name: &str, bytes: &[u8]| std::fs::write(directory.join(format!("{name}.wasm")), bytes);
    let plain = component(module(SOURCE, "")?)?;

    write("grow-tables", &listed(component(module(SOURCE, GROW_TABLES)?)?, "GrowTables"))?;
    write("loop-at-start", &listed(component(module(SOURCE, LOOP)?)?, "LoopAtStart"))?;

    let (text, resolve, world) = module(SOURCE, "")?;
    let giant = text.replace("(memory (;0;) 0)", "(memory (;0;) 65536)");
    if giant == text {
        return Err("the empty module has no memory to enlarge".into());
    }
    write("giant-memory", &listed(component((giant, resolve, world))?, "GiantMemory"))?;

    write("unknown-import", &listed(component(module(INTRUDER, "")?)?, "UnknownImport"))?;
    write("no-plugin", &component(module(STRANGER, "")?)?)?;
    write("metadata-is-not-json", &with_section(plain.clone(), b"{\"contract\": \"0.2.0\", \"classes\": ["))?;
    write("metadata-is-deep", &with_section(plain.clone(), "[".repeat(1_000_000).as_bytes()))?;
    write("core-module", &wat::parse_str("(module (func (export \"poll\")))")?)?;
    write("not-wasm", b"PK\x03\x04 this is rather a jar than a component")?;
    write("empty", b"")?;
    let good = listed(plain, "Truncated");
    write("truncated", &good[..good.len() / 2])?;
    Ok(())
}

fn main() -> ExitCode {
    let Some(directory) = std::env::args_os().nth(1) else {
        eprintln!("usage: shapes DIRECTORY");
        return ExitCode::FAILURE;
    };
    match write_all(Path::new(&directory)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shapes: {error}");
            ExitCode::FAILURE
        }
    }
}
