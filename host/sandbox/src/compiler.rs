//! Compiling in a process of its own: the compiler cannot be interrupted and its memory not be bounded from
//! inside, and what it needs (hundreds of megabytes for a large guest) would stay with the worker for good.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use wasmtime::Engine;

/// First argument of the worker's binary when it is called as compiler: component on standard input,
/// native code on standard output.
pub const ARGUMENT: &str = "--compile-component";

/// How components are compiled.
#[derive(Debug, Clone)]
pub enum Compiler {
    /// By this program, called with [`ARGUMENT`].
    Process(PathBuf),
    /// In this process: for tests.
    Inside,
}

impl Compiler {
    /// Native code for `engine`, or why not.
    pub async fn compile(&self, engine: &Engine, bytes: Vec<u8>, limit: Duration) -> Result<Vec<u8>, String> {
        match self {
            Compiler::Inside => {
                let engine = engine.clone();
                let work = move || engine.precompile_component(&bytes).map_err(|error| format!("{error:#}"));
                tokio::task::spawn_blocking(work).await.map_err(|error| error.to_string())?
            }
            Compiler::Process(program) => {
                let run = in_process(program, bytes);
                match tokio::time::timeout(limit, run).await {
                    Ok(result) => result,
                    Err(_) => {
                        Err(format!("it took longer than {} = {} ms", crate::limits::key::COMPILE, limit.as_millis()))
                    }
                }
            }
        }
    }
}

async fn in_process(program: &PathBuf, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    let mut child = Command::new(program)
        .arg(ARGUMENT)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
    let (Some(mut input), Some(mut output), Some(mut errors)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err("the compiler has no pipes".into());
    };
    let feed = async move {
        // A compiler that has given up closes its end: its own words say why.
        let _ = input.write_all(&bytes).await;
    };
    let mut code = Vec::new();
    let mut words = String::new();
    let ((), read, _) = tokio::join!(feed, output.read_to_end(&mut code), errors.read_to_string(&mut words));
    let status = child.wait().await.map_err(|error| error.to_string())?;
    match (status.success(), read) {
        (true, Ok(_)) => Ok(code),
        (_, Err(error)) => Err(error.to_string()),
        (false, Ok(_)) => Err(if words.is_empty() { status.to_string() } else { words.trim().to_owned() }),
    }
}

/// The other side: what the program does when it is called with [`ARGUMENT`].
pub fn serve() -> Result<(), String> {
    use std::io::{Read, Write};
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    let engine = crate::engine::SandboxEngine::new().map_err(|error| format!("{error:#}"))?;
    let code = engine.engine().precompile_component(&bytes).map_err(|error| format!("{error:#}"))?;
    std::io::stdout().write_all(&code).map_err(|error| error.to_string())
}
