//! What the plugin's own `alter-offsets` is told, and what becomes of its answer.

use serde_json::{Value, json};
use watertight_harness::properties::Properties;

use crate::ground::{ALTERED, Case, Ground, RESET, begins, framework, says};

pub const CASES: &[Case] = &[
    ("a source without an opinion is told to look after its own offsets", no_opinion),
    ("a source that vouches for it is believed", vouches),
    ("a source is told what is to change, as its tasks would read it", told),
    ("a source is asked about each partition of a reset, and about none where there are none", told_of_a_reset),
    ("a source that refuses keeps its offsets, and its words are passed on", refuses),
    ("a source that keeps none says so, and nothing changes", unsupported),
    ("a source that breaks down changes nothing", breaks_down),
    ("a sink is told what is to change", sink_told),
    ("a sink is asked about each partition of a reset", sink_told_of_a_reset),
    ("a sink that refuses, keeps none or breaks down keeps its offsets", sink_refuses),
    ("the settings of now are those that the plugin is asked with", settings_of_now),
];

fn stopped(ground: &Ground, opinion: &str) -> anyhow::Result<()> {
    ground.create_stopped(&ground.source())?;
    ground.alter(&ground.name, &ground.saved(5))?.expect(200)?;
    ground.configure(&ground.source().with("alter.offsets", opinion))
}

fn no_opinion(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground, "false")?;
    says(&ground.alter(&ground.name, &ground.saved(6))?, 200, &framework("altered"))?;
    ground.ensure_offsets(&ground.name, &ground.saved(6))?;
    says(&ground.reset(&ground.name)?, 200, &framework("reset"))?;
    ground.ensure_offsets(&ground.name, &[])
}

fn vouches(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground, "true")?;
    says(&ground.alter(&ground.name, &ground.saved(6))?, 200, ALTERED)?;
    ground.ensure_offsets(&ground.name, &ground.saved(6))?;
    says(&ground.reset(&ground.name)?, 200, RESET)?;
    ground.ensure_offsets(&ground.name, &[])
}

fn told(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground, "tell")?;
    let first = json!({"task.id": "a", "number": 1});
    let offset = json!({"saved": 6, "part": 1.0, "yes": true, "none": null, "below": -1, "text": "5"});
    let answer = ground.alter(&ground.name, &[(first, offset), (json!({"task.id": "b"}), Value::Null)])?;
    let message = "told {{number=Long:1, task.id=String:a}={below=Long:-1, none=null, part=Double:1.0, saved=Long:6, \
                   text=String:5, yes=Boolean:true}, {task.id=String:b}=null}";
    says(&answer, 500, message)?;
    ground.ensure_offsets(&ground.name, &ground.saved(5))
}

fn told_of_a_reset(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground, "tell")?;
    let name = &ground.name;
    let message = format!("told {{{{task.id=String:{name}-0}}=null, {{task.id=String:{name}-1}}=null}}");
    says(&ground.reset(name)?, 500, &message)?;
    ground.ensure_offsets(name, &ground.saved(5))?;
    ground.configure(&ground.source())?;
    ground.reset(name)?.expect(200)?;
    ground.configure(&ground.source().with("alter.offsets", "tell"))?;
    says(&ground.reset(name)?, 500, "told {}")
}

fn says_no(ground: &Ground, opinion: &str, message: &str) -> anyhow::Result<()> {
    stopped(ground, opinion)?;
    for answer in [ground.alter(&ground.name, &ground.saved(6))?, ground.reset(&ground.name)?] {
        if opinion == "trap" && ground.is_ours() {
            begins(&answer, 500, &format!("{message}: "))?;
        } else {
            says(&answer, 500, message)?;
        }
    }
    ground.ensure_offsets(&ground.name, &ground.saved(5))
}

fn refuses(ground: &Ground) -> anyhow::Result<()> {
    says_no(ground, "refuse", "These offsets are not to my liking")
}

const NO_SUPPORT: &str = "because it doesn't support external modification of offsets";

fn unsupported(ground: &Ground) -> anyhow::Result<()> {
    says_no(ground, "unsupported", &format!("Failed to modify offsets for connector {} {NO_SUPPORT}", ground.name))
}

fn breaks_down(ground: &Ground) -> anyhow::Result<()> {
    says_no(ground, "trap", &format!("Failed to modify offsets for source connector {}", ground.name))
}

/// A stopped sink whose group has committed 2.
fn stopped_sink(ground: &Ground, opinion: &str) -> anyhow::Result<Properties> {
    crate::sink::filled(ground, 1)?;
    ground.create_stopped(&ground.sink())?;
    ground.alter(&ground.name, &[(ground.place(0), json!({"kafka_offset": 2}))])?.expect(200)?;
    let config = ground.sink().with("alter.offsets", opinion);
    ground.configure(&config)?;
    Ok(config)
}

fn sink_told(ground: &Ground) -> anyhow::Result<()> {
    stopped_sink(ground, "tell")?;
    let list = [(ground.place(0), json!({"kafka_offset": "1"})), (ground.place(3), Value::Null)];
    let topic = ground.topic();
    says(&ground.alter(&ground.name, &list)?, 500, &format!("told {{{topic}-0=1, {topic}-3=null}}"))
}

fn sink_told_of_a_reset(ground: &Ground) -> anyhow::Result<()> {
    stopped_sink(ground, "tell")?;
    says(&ground.reset(&ground.name)?, 500, &format!("told {{{}-0=null}}", ground.topic()))?;
    ground.ensure_offsets(&ground.name, &[(ground.place(0), json!({"kafka_offset": 2}))])
}

fn sink_refuses(ground: &Ground) -> anyhow::Result<()> {
    let config = stopped_sink(ground, "refuse")?;
    let name = &ground.name;
    for (opinion, message) in [
        ("refuse", "These offsets are not to my liking".to_owned()),
        ("unsupported", format!("Failed to modify offsets for connector {name} {NO_SUPPORT}")),
        ("trap", format!("Failed to modify offsets for sink connector {name}")),
    ] {
        ground.configure(&config.clone().with("alter.offsets", opinion))?;
        let to = [(ground.place(0), json!({"kafka_offset": 1}))];
        for answer in [ground.alter(name, &to)?, ground.reset(name)?] {
            begins(&answer, 500, &message)?;
        }
        ground.ensure_offsets(name, &[(ground.place(0), json!({"kafka_offset": 2}))])?;
    }
    Ok(())
}

fn settings_of_now(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground, "refuse")?;
    ground.alter(&ground.name, &ground.saved(6))?.expect(500)?;
    ground.configure(&ground.source().with("alter.offsets", "true"))?;
    says(&ground.alter(&ground.name, &ground.saved(6))?, 200, ALTERED)?;
    ground.ensure_offsets(&ground.name, &ground.saved(6))
}
