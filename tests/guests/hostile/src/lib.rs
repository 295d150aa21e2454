//! Connectors that attack the worker, each in one named way.
//!
//! Two classes, `watertight.hostile.HostileSourceConnector` and `watertight.hostile.HostileSinkConnector`. `attack`
//! says what is done ([`attacks`] lists them), `during` in which call: `validate`, `connector-start`, `task-configs`,
//! `check`, `connector-stop`, `start`, `poll`, `acknowledge`, `stop`, for sinks also `open`, `put`, `pre-commit` and
//! `close`. Most attacks are an action that may stand in any call; those that are an answer belong to one call and
//! ignore `during`.
//!
//! An attack that comes through says so: the task fails with the code `escaped`. One that the sandbox refuses fails
//! with what it was told. Where nothing happens, the source goes on with one record a second, so that a test sees
//! the difference between harmless and hanging.

mod attacks;
mod sink;
mod source;

use watertight_sdk::{ConfigKey, Importance, Kind};

watertight_sdk::export! {
    sources: [source::HostileSourceConnector],
    sinks: [sink::HostileSinkConnector],
}

const ATTACK: ConfigKey =
    ConfigKey::new("attack", Kind::String).importance(Importance::High).documentation("What to do");
const DURING: ConfigKey = ConfigKey::new("during", Kind::String).optional().documentation("In which call");
const TOPIC: ConfigKey =
    ConfigKey::new("topic", Kind::String).default_value("hostile").documentation("Where harmless records go");
const PATH: ConfigKey =
    ConfigKey::new("path", Kind::String).optional().documentation("A file or directory the attack needs");
const ADDRESS: ConfigKey =
    ConfigKey::new("address", Kind::String).default_value("127.0.0.1:8083").documentation("What to connect to");
const TEXT: ConfigKey = ConfigKey::new("text", Kind::String).optional().documentation("Something to be told");
const URL: ConfigKey = ConfigKey::new("connection.url", Kind::String)
    .optional()
    .attributes(&[("url", "")])
    .documentation("A database to attack");
const USER: ConfigKey = ConfigKey::new("connection.user", Kind::String).optional().documentation("Whom it knows");
const DATABASE_PASSWORD: ConfigKey =
    ConfigKey::new("connection.password", Kind::Password).optional().documentation("By what it knows him");
const OTHER_URL: ConfigKey = ConfigKey::new("other.url", Kind::String)
    .optional()
    .attributes(&[("url", "")])
    .documentation("A database for a task to be sent to");
const OTHER_PASSWORD: ConfigKey =
    ConfigKey::new("other.password", Kind::Password).optional().documentation("A password of its own");
const PASSWORD: ConfigKey = ConfigKey::new("password", Kind::Password).optional().documentation("Not to be told");
