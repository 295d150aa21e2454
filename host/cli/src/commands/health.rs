//! `watertight health`

use ureq::http::Method;

use crate::args::Asked;
use crate::client::Client;
use crate::client::shapes::{Health, Server};
use crate::failure::Failure;
use crate::ui::look::{Look, Tint};
use crate::ui::{print, text};

/// The state decides the exit code, so that a supervisor can ask.
pub(super) fn health(asked: &Asked) -> Result<(), Failure> {
    let client = Client::new(&asked.worker)?;
    let answer = client.exchange(Method::GET, "/health", None)?;
    // 500 and 503 tell of the worker's state in the same shape.
    let found: Option<Health> = serde_json::from_str(&answer.text).ok();
    let Some(health) = found else {
        // Refused, with the words that other requests are refused with.
        let answer = client.ask(Method::GET, "/health", None)?;
        client.parse::<Health>(&answer)?;
        return Ok(());
    };
    let healthy = answer.status == 200;
    if asked.json {
        print(answer.text.trim_end())?;
    } else {
        let look = Look::of_stdout();
        let tint = if healthy { Tint::Good } else { Tint::Bad };
        let mut out = format!("{}: {}\n", look.paint(tint, &text::safe(&health.status)), text::safe(&health.message));
        if let Ok(server) = client.read::<Server>("/") {
            let cluster = server.kafka_cluster_id.unwrap_or_default();
            out.push_str(&text::safe(&format!(
                "{} runs Kafka Connect {} (commit {}) on cluster {cluster}",
                client.url(),
                server.version,
                server.commit
            )));
        }
        print(&out)?;
    }
    if healthy { Ok(()) } else { Err(Failure::Other(format!("the worker is {}", health.status))) }
}
