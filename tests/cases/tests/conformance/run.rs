//! Asks a running worker all cases of a group, one after the other, and names those that fail.

use super::case::{Case, Step};
use std::time::{Duration, Instant};
use watertight_cases::Scene;
use watertight_harness::http::Http;
use watertight_harness::worker::{FILE_SINK, FILE_SOURCE};

/// How long an answer may take to become as wanted.
const PATIENCE: Duration = Duration::from_secs(20);

/// An answer that takes longer was held up by somebody: Kafka's own time-out is 90 s.
const HELD_UP: Duration = Duration::from_secs(45);

/// `WATERTIGHT_CASE` names a part of the sentences to ask; all of them otherwise.
fn chosen(case: &Case) -> bool {
    std::env::var("WATERTIGHT_CASE").map_or(true, |part| case.name.contains(&part))
}

/// A worker that is to be asked, and what stands for its listeners.
pub struct Asked {
    /// Not yet started, perhaps.
    pub scene: Scene,
    listeners: Vec<(&'static str, u16)>,
}

impl Asked {
    /// With its usual listener.
    pub fn of(scene: Scene) -> Self {
        Self { listeners: vec![("port", scene.worker.port())], scene }
    }

    /// With another listener.
    pub fn at(mut self, name: &'static str, port: u16) -> Self {
        self.listeners.push((name, port));
        self
    }

    fn port(&self, name: &str) -> u16 {
        self.listeners.iter().find(|(known, _)| *known == name).map_or(0, |(_, port)| *port)
    }
}

/// All of a group; an error that names each case that failed.
pub fn run(asked_of: &Asked, group: &str, cases: Vec<Case>) -> anyhow::Result<()> {
    let scene = &asked_of.scene;
    let mut failures = Vec::new();
    let (mut asked, mut differing) = (0, 0);
    let begun = Instant::now();
    for (number, case) in cases.iter().enumerate().filter(|(_, case)| chosen(case)) {
        asked += 1;
        if case.alone {
            clean(scene)?;
        }
        differing += usize::from(case.steps.iter().any(|step| step.ours.is_some()));
        if let Err(wrong) = one(asked_of, &format!("{group}-{number}"), case) {
            println!("FAILED {group}: {}\n    {wrong}", case.name);
            failures.push(format!("{group}: {}", case.name));
        }
    }
    let whose = if scene.worker.is_ours() { "ours" } else { "genuine" };
    let took = begun.elapsed().as_secs_f64();
    println!("conformance: {asked} cases ({group}, {whose}; {differing} differ on purpose; {took:.1} s)");
    anyhow::ensure!(failures.is_empty(), "{} of {asked} failed:\n{}", failures.len(), failures.join("\n"));
    Ok(())
}

fn one(asked: &Asked, own: &str, case: &Case) -> Result<(), String> {
    let fill = |text: &str| filled(asked, own, text);
    for step in &case.steps {
        let (want, why) = match &step.ours {
            Some((why, ours)) if asked.scene.worker.is_ours() => (ours, Some(why)),
            _ => (&step.want, None),
        };
        let want = want.filled(fill);
        if step.unanswered {
            let (port, request) = written(asked, step, fill);
            std::thread::spawn(move || Http::on(port).raw(request.as_bytes()));
            // Long enough that it is being worked on when the next one comes.
            std::thread::sleep(Duration::from_millis(500));
            continue;
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let begun = Instant::now();
            let (port, request) = written(asked, step, fill);
            let answer = Http::on(port).raw(request.as_bytes());
            let answer = answer.map_err(|error| format!("{} {}: {error:#}", step.method, step.path))?;
            if begun.elapsed() > HELD_UP {
                return Err(format!("{} {} took {} s", step.method, fill(&step.path), begun.elapsed().as_secs()));
            }
            let Err(wrong) = want.check(&answer) else { break };
            if !step.patient || Instant::now() > deadline {
                let because = why.map(|why| format!(" (differs: {why})")).unwrap_or_default();
                return Err(format!("{} {}{because}: {wrong}", step.method, fill(&step.path)));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    Ok(())
}

fn filled(asked: &Asked, own: &str, text: &str) -> String {
    if !text.contains('{') {
        return text.to_owned();
    }
    let source = format!(r#""connector.class":"{FILE_SOURCE}","file":"{{dir}}/{{c}}.in","topic":"{{c}}""#);
    let sink = format!(r#""connector.class":"{FILE_SINK}","file":"{{dir}}/{{c}}.out","topics":"{{c}}""#);
    let text = text
        .replace("{source}", &source)
        .replace("{sink}", &sink)
        .replace("{c}", own)
        .replace("{dir}", &asked.scene.dir.display().to_string());
    asked.listeners.iter().fold(text, |text, (name, port)| text.replace(&format!("{{{name}}}"), &port.to_string()))
}

/// Which port, and the request as it goes over the wire.
fn written(asked: &Asked, step: &Step, fill: impl Fn(&str) -> String) -> (u16, String) {
    let body = step.body.as_deref().map(&fill);
    let port = asked.port(step.at.unwrap_or("port"));
    let mut request =
        format!("{} {} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n", step.method, fill(&step.path),);
    let given = |name: &str| step.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
    let mut headers = step.headers.clone();
    if !given("Accept") {
        headers.push(("Accept".into(), "application/json".into()));
    }
    if body.is_some() && !given("Content-Type") {
        headers.push(("Content-Type".into(), "application/json".into()));
    }
    if !given("Content-Length") && (body.is_some() || !matches!(step.method.as_str(), "GET" | "HEAD" | "OPTIONS")) {
        headers.push(("Content-Length".into(), body.as_ref().map_or(0, String::len).to_string()));
    }
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
        request.push_str(&format!("{name}: {}\r\n", fill(value)));
    }
    request.push_str("\r\n");
    request.push_str(body.as_deref().unwrap_or_default());
    (port, request)
}

/// Deletes all connectors, but for those that Kafka cannot name in a path.
fn clean(scene: &Scene) -> anyhow::Result<()> {
    let connect = scene.worker.connect();
    for name in connect.connectors()? {
        let status = connect.http.delete(&format!("/connectors/{}", encoded(&name)))?.status;
        anyhow::ensure!(matches!(status, 204 | 400 | 404), "deleting {name}: {status}");
    }
    Ok(())
}

/// Percent-encoded, as a segment of a path.
pub fn encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    name.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
