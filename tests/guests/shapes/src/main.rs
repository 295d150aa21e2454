//! Writes components whose shape is the attack, so that no code of theirs need run: `shapes DIRECTORY`.
//!
//! Each starts as the empty implementation of a source plugin, every function of which traps. Its metadata section
//! stands at the level of the component (where the SDK's stands in a nested module), so that both places are tested.

use std::path::Path;
use std::process::ExitCode;

use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

type Failed = Box<dyn std::error::Error>;

/// Text of a core module, and the world that it will be a component of.
type Module = (String, Resolve, wit_parser::WorldId);

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

/// One function of that many statements, each of which needs what the one before computed.
const STATEMENTS: usize = 300_000;

fn long_function() -> String {
    const LOCALS: usize = 40;
    let mut text = String::from("(func (param i32) (result i32) (local");
    text.push_str(&" i32".repeat(LOCALS));
    text.push_str(")\n");
    for number in 0..STATEMENTS {
        let (a, b, into) = (number % LOCALS, number * 7 % LOCALS, number * 13 % LOCALS);
        // A branch each time: what takes a compiler long is many blocks with much alive in all of them.
        text.push_str(&format!(
            "(if (local.get {a}) (then (local.set {into} (i32.add (local.get {b}) (i32.const {number})))))\n"
        ));
    }
    text.push_str("(local.get 1))");
    text
}

/// With this in place of what `describe` did.
fn with_describe((text, resolve, world): Module, body: &str) -> Result<Module, Failed> {
    const EXPORT: &str = "(export \"watertight:plugin/catalogue@0.2.0#describe\" (func ";
    let export = text.find(EXPORT).ok_or("the empty module exports no describe")? + EXPORT.len();
    let number = text[export..].split(')').next().unwrap_or_default();
    let function = text.find(&format!("(func (;{number};)")).ok_or("describe has no function")?;
    let old = function + text[function..].find("unreachable").ok_or("describe does something")?;
    let text = format!("{}{body}{}", &text[..old], &text[old + "unreachable".len()..]);
    Ok((text, resolve, world))
}

/// The core module of an empty implementation of this world, with more text in it.
fn module(world: &str, more: &str) -> Result<Module, Failed> {
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

fn component((text, resolve, world): Module) -> Result<Vec<u8>, Failed> {
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

    let hangs = component(with_describe(module(SOURCE, "")?, "(loop $more br $more) unreachable")?)?;
    write("describe-hangs", &hangs)?;
    write("describe-hangs-although-listed", &listed(hangs, "DescribeHangs"))?;
    write("describe-traps", &plain)?;
    write("slow-to-compile", &listed(component(module(SOURCE, &long_function())?)?, "SlowToCompile"))?;

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
