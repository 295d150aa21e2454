//! The file source looks at its offsets itself, in Kafka's words.

use serde_json::{Value, json};
use watertight_cases::{SOON, topics};
use watertight_harness::properties::Properties;
use watertight_harness::worker::{file_sink, file_source};

use crate::ground::{ALTERED, Case, Ground, RESET, says};

pub const CASES: &[Case] = &[
    ("a file source looks at its offsets before it takes them", checks),
    ("a file source reads on from where it was set to", reads_on),
    ("whatever lies under a file source's name can be cleaned away", cleaned),
    ("a file sink vouches for its offsets", sink),
];

/// A source of a file with ten lines of five bytes each.
fn source(ground: &Ground) -> anyhow::Result<Properties> {
    let file = ground.scene.dir.join(format!("{}.txt", ground.name));
    std::fs::write(&file, (0..10).map(|n| format!("lin{n}\n")).collect::<String>())?;
    Ok(file_source(&ground.name, &file, &ground.topic()))
}

fn place(config: &Properties) -> Value {
    json!({"filename": config.get("file")})
}

fn checks(ground: &Ground) -> anyhow::Result<()> {
    let config = source(ground)?;
    ground.create_stopped(&config)?;
    let file = place(&config);
    for (partition, offset, message) in [
        (file.clone(), json!({"place": 5}), "Offset objects should either be null or contain the key 'position'"),
        (
            file.clone(),
            json!({"position": "5"}),
            "The value for the 'position' key in the offset is expected to be a Long value",
        ),
        (
            file.clone(),
            json!({"position": 5.0}),
            "The value for the 'position' key in the offset is expected to be a Long value",
        ),
        (
            file.clone(),
            json!({"position": null}),
            "The value for the 'position' key in the offset is expected to be a Long value",
        ),
        (
            file,
            json!({"position": -1}),
            "The value for the 'position' key in the offset should be a non-negative value",
        ),
        (json!({"path": "x"}), json!({"position": 5}), "Partition objects should contain the key 'filename'"),
    ] {
        says(&ground.alter(&ground.name, &[(partition, offset)])?, 500, message)?;
    }
    ground.ensure_offsets(&ground.name, &[])
}

fn reads_on(ground: &Ground) -> anyhow::Result<()> {
    let config = source(ground)?;
    let at = |position: i64| [(place(&config), json!({"position": position}))];
    ground.create_stopped(&config)?;
    says(&ground.alter(&ground.name, &at(35))?, 200, ALTERED)?;
    ground.resume(&ground.name, 1)?;
    ground.wait_offsets(&ground.name, &at(50))?;
    ground.stop(&ground.name)?;
    says(&ground.alter(&ground.name, &at(45))?, 200, ALTERED)?;
    ground.resume(&ground.name, 1)?;
    ground.wait_offsets(&ground.name, &at(50))?;
    let lines = topics::read(&ground.scene.broker.bootstrap(), &ground.topic(), 4, SOON)?;
    let lines: Vec<_> = lines.iter().filter_map(|line| line.value.as_deref()).collect();
    anyhow::ensure!(lines == ["lin7", "lin8", "lin9", "lin9"], "{lines:?}");
    Ok(())
}

fn cleaned(ground: &Ground) -> anyhow::Result<()> {
    let config = source(ground)?;
    ground.create_stopped(&config)?;
    ground.alter(&ground.name, &[(json!({"filename": "another"}), json!({"position": 1}))])?.expect(200)?;
    says(&ground.alter(&ground.name, &[(json!({"path": 1}), Value::Null)])?, 200, ALTERED)?;
    says(&ground.reset(&ground.name)?, 200, RESET)?;
    ground.ensure_offsets(&ground.name, &[])
}

fn sink(ground: &Ground) -> anyhow::Result<()> {
    crate::sink::filled(ground, 10)?;
    let output = ground.scene.dir.join(format!("{}.out", ground.name));
    ground.create_stopped(&file_sink(&ground.name, &output, &ground.topic()))?;
    let at = [(ground.place(0), json!({"kafka_offset": 8}))];
    says(&ground.alter(&ground.name, &at)?, 200, ALTERED)?;
    ground.resume(&ground.name, 1)?;
    ground.wait_offsets(&ground.name, &[(ground.place(0), json!({"kafka_offset": 10}))])?;
    watertight_cases::wait_for_text(&output, "8\n9\n", SOON)
}
