//! Lines from one file to another.

use super::{Example, shown};
use std::path::{Path, PathBuf};
use watertight_harness::properties::Properties;
use watertight_harness::worker::{STRING_CONVERTER, file_sink, file_source};

const TOPIC: &str = "lines";

/// A file source and a file sink.
pub const EXAMPLE: Example = Example {
    name: "files",
    folder: "run",
    topics: &[TOPIC],
    build: || Ok(()),
    prepare,
    connectors,
    converter: STRING_CONVERTER,
    explain,
};

fn input(dir: &Path) -> PathBuf {
    dir.join("input.txt")
}

fn output(dir: &Path) -> PathBuf {
    dir.join("output.txt")
}

fn prepare(dir: &Path) -> anyhow::Result<()> {
    if !input(dir).exists() {
        std::fs::write(input(dir), "this line went through two Wasm plugins\n")?;
    }
    Ok(())
}

fn connectors(dir: &Path) -> Vec<Properties> {
    vec![file_source("file-source", &input(dir), TOPIC), file_sink("file-sink", &output(dir), TOPIC)]
}

fn explain(dir: &Path, rest: &str) -> String {
    let (input, output) = (shown(&input(dir)), shown(&output(dir)));
    format!(
        "  append to   {input}
  watch       {output}

  echo hello >> {input}
  tail -f {output}
  curl {rest}/connectors/file-source/status
  curl {rest}/connectors/file-sink/offsets
  curl {rest}/connector-plugins
  curl -X PUT {rest}/connectors/file-sink/pause
  curl -X PUT {rest}/connectors/file-sink/resume"
    )
}
