//! Kafka's own quickstart: its three property files as they are shipped (the same keys and values, but for
//! the ports and the place of the offsets file, which a test must choose), and the same commands.

use std::path::Path;
use std::process::Command;
use watertight_cases::{SOON, Scene};
use watertight_harness::connect::Connect;
use watertight_harness::process::Service;
use watertight_harness::{paths, ports, wait};

fn shipped_files(dir: &Path, bootstrap: &str, rest: u16) -> std::io::Result<()> {
    std::fs::create_dir_all(dir.join("config"))?;
    let worker = format!(
        "# The worker of the quickstart.\n\
         bootstrap.servers={bootstrap}\n\
         \n\
         # How keys and values are written.\n\
         key.converter=org.apache.kafka.connect.json.JsonConverter\n\
         value.converter=org.apache.kafka.connect.json.JsonConverter\n\
         key.converter.schemas.enable=true\n\
         value.converter.schemas.enable=true\n\
         \n\
         offset.storage.file.filename={}\n\
         # Often, so that one sees something.\n\
         offset.flush.interval.ms=10000\n\
         #plugin.path=\n\
         listeners=http://127.0.0.1:{rest}\n",
        dir.join("connect.offsets").display()
    );
    std::fs::write(dir.join("config/connect-standalone.properties"), worker)?;
    std::fs::write(
        dir.join("config/connect-file-source.properties"),
        "name=local-file-source\nconnector.class=FileStreamSource\ntasks.max=1\nfile=test.txt\ntopic=connect-test\n",
    )?;
    std::fs::write(
        dir.join("config/connect-file-sink.properties"),
        "name=local-file-sink\nconnector.class=FileStreamSink\ntasks.max=1\nfile=test.sink.txt\ntopics=connect-test\n",
    )
}

fn quickstart(case: &str, binary: impl Fn(&Path) -> anyhow::Result<std::path::PathBuf>) -> anyhow::Result<()> {
    let scene = Scene::new(case)?;
    let rest = ports::free()?;
    shipped_files(&scene.dir, &scene.broker.bootstrap(), rest)?;
    std::fs::write(scene.dir.join("test.txt"), "foo\nbar\n")?;

    let mut command = Command::new(binary(&scene.dir)?);
    command.current_dir(&scene.dir).args([
        "standalone",
        "config/connect-standalone.properties",
        "config/connect-file-source.properties",
        "config/connect-file-sink.properties",
    ]);
    let mut worker = Service::spawn("the worker", command, &scene.dir.join("worker.log"))?;
    let connect = Connect::on(rest);
    worker.wait_ready(SOON, || connect.status("local-file-sink").map(drop).map_err(|e| e.to_string()))?;

    let sink = scene.dir.join("test.sink.txt");
    let holds = |text: &str| {
        wait::until(&format!("{text:?} in test.sink.txt"), SOON, || {
            let now = std::fs::read_to_string(&sink).unwrap_or_default();
            if now == text { Ok(()) } else { Err(format!("{now:?}")) }
        })
    };
    holds("foo\nbar\n")?;
    std::fs::write(scene.dir.join("test.txt"), "foo\nbar\nAnother line\n")?;
    holds("foo\nbar\nAnother line\n")?;

    let log = worker.log_text();
    let said = log.lines().any(|l| l.contains("plugin.path") && l.contains("plugins"));
    anyhow::ensure!(said, "the log does not say where plugins came from:\n{log}");
    anyhow::ensure!(worker.stop(SOON)?.success(), "SIGTERM is no failure");
    Ok(())
}

#[test]
fn kafkas_quickstart_works_unchanged_with_the_built_binary() -> anyhow::Result<()> {
    quickstart("quickstart", |_| Ok(paths::binary("watertight")))
}

#[test]
fn kafkas_quickstart_works_unchanged_with_plugins_beside_the_binary() -> anyhow::Result<()> {
    quickstart("quickstart-installed", |dir| {
        let home = dir.join("installed");
        std::fs::create_dir_all(home.join("plugins"))?;
        std::fs::copy(paths::plugins().join("file-stream.wasm"), home.join("plugins/file-stream.wasm"))?;
        std::fs::copy(paths::binary("watertight"), home.join("watertight"))?;
        Ok(home.join("watertight"))
    })
}
