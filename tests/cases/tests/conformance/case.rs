//! A case: a sentence, and requests with what each must be answered. Texts may hold
//!
//! - `{c}`: a connector name that belongs to this case alone,
//! - `{dir}`: the folder that both workers may read and write,
//! - `{port}`: the worker's port; further listeners have names of their own,
//! - `{source}`, `{sink}`: the settings of a file connector, as members of a JSON object.

use super::want::{Body, Want};
use serde_json::Value;

/// One request.
#[derive(Debug, Clone)]
pub struct Step {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
    /// Of Kafka; and of ours, unless that differs.
    pub want: Want,
    /// Ours, where it differs on purpose, and why.
    pub ours: Option<(String, Want)>,
    /// Ask again until it is answered so.
    pub patient: bool,
    /// Nobody waits for the answer, and nobody is told what it was.
    pub unanswered: bool,
    /// Which listener; none: the usual one.
    pub at: Option<&'static str>,
}

/// What is true, and how one sees it.
#[derive(Debug, Clone)]
pub struct Case {
    pub name: String,
    pub steps: Vec<Step>,
    /// Only where no connector of another case is there. The genuine worker takes a second to delete a source, so the
    /// others are left behind, and those that want to be alone come first in a group.
    pub alone: bool,
}

/// A case without requests.
pub fn case(name: &str) -> Case {
    Case { name: name.to_owned(), steps: Vec::new(), alone: false }
}

impl Case {
    /// Asked where no other connector is.
    pub fn alone(mut self) -> Self {
        self.alone = true;
        self
    }

    /// Any request. Until something else is said, 200 with anything is right.
    pub fn send(mut self, method: &str, path: &str, body: Option<&str>) -> Self {
        self.steps.push(Step {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: body.map(str::to_owned),
            want: Want::new(200, Body::Anything),
            ours: None,
            patient: false,
            unanswered: false,
            at: None,
        });
        self
    }

    pub fn get(self, path: &str) -> Self {
        self.send("GET", path, None)
    }

    pub fn delete(self, path: &str) -> Self {
        self.send("DELETE", path, None)
    }

    pub fn post(self, path: &str, body: &str) -> Self {
        self.send("POST", path, Some(body))
    }

    pub fn put(self, path: &str, body: &str) -> Self {
        self.send("PUT", path, Some(body))
    }

    pub fn patch(self, path: &str, body: &str) -> Self {
        self.send("PATCH", path, Some(body))
    }

    /// A file source of the case's own name, with more settings, each with a comma in front.
    pub fn source(self, more: &str) -> Self {
        self.post("/connectors", &format!(r#"{{"name":"{{c}}","config":{{{{source}}{more}}}}}"#)).status(201)
    }

    /// A file sink, likewise.
    pub fn sink(self, more: &str) -> Self {
        self.post("/connectors", &format!(r#"{{"name":"{{c}}","config":{{{{sink}}{more}}}}}"#)).status(201)
    }

    /// With a header more, or one instead: `Accept` and `Content-Type` are sent by themselves; an empty value
    /// leaves them out.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if let Some(step) = self.steps.last_mut() {
            step.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// The answer is not waited for.
    pub fn unanswered(mut self) -> Self {
        if let Some(step) = self.steps.last_mut() {
            step.unanswered = true;
        }
        self
    }

    /// Asked of another listener of this worker.
    pub fn at(mut self, listener: &'static str) -> Self {
        if let Some(step) = self.steps.last_mut() {
            step.at = Some(listener);
        }
        self
    }

    fn want(mut self, want: Want) -> Self {
        if let Some(step) = self.steps.last_mut() {
            match &mut step.ours {
                Some((_, ours)) => *ours = want,
                None => step.want = want,
            }
        }
        self
    }

    /// This status.
    pub fn status(self, status: u16) -> Self {
        self.want(Want::new(status, Body::Anything))
    }

    /// This status and no body.
    pub fn empty(self, status: u16) -> Self {
        self.want(Want::new(status, Body::Empty))
    }

    /// This status and exactly this text.
    pub fn text(self, status: u16, body: &str) -> Self {
        self.want(Want::new(status, Body::Text(body.to_owned())))
    }

    /// This status and this JSON, in any order of keys.
    pub fn json(self, status: u16, body: Value) -> Self {
        self.want(Want::new(status, Body::Json(body)))
    }

    /// This status and JSON with at least this.
    pub fn has(self, status: u16, body: Value) -> Self {
        self.want(Want::new(status, Body::Has(body)))
    }

    /// 200 and a list of plugins of none of these kinds.
    pub fn lacks(self, kinds: &[&str]) -> Self {
        let kinds = kinds.iter().map(|kind| format!(r#""type":"{kind}""#)).collect();
        self.want(Want::new(200, Body::Lacks(kinds)))
    }

    /// 200 and a list of objects with these names, in this order.
    pub fn names_are(self, names: &[&str]) -> Self {
        self.want(Want::new(200, Body::Names(names.iter().map(|name| (*name).to_owned()).collect())))
    }

    /// An error in Connect's shape.
    pub fn error(self, status: u16, message: &str) -> Self {
        self.want(Want::error(status, message))
    }

    /// An answer of the web server itself, which knows no JSON.
    pub fn html(self, status: u16, words: &str) -> Self {
        self.want(Want::new(status, Body::Text(format!("<html><*>{words}<*>"))))
    }

    /// With this header too.
    pub fn header(self, name: &str, pattern: &str) -> Self {
        self.and_header(name, Some(pattern))
    }

    /// Without this header.
    pub fn no_header(self, name: &str) -> Self {
        self.and_header(name, None)
    }

    fn and_header(mut self, name: &str, pattern: Option<&str>) -> Self {
        if let Some(step) = self.steps.last_mut() {
            let want = step.ours.as_mut().map_or(&mut step.want, |(_, ours)| ours);
            want.header(name, pattern);
        }
        self
    }

    /// What is said next is ours alone: we differ on purpose, and this is why.
    pub fn differs(mut self, why: &str) -> Self {
        if let Some(step) = self.steps.last_mut() {
            step.ours = Some((why.to_owned(), step.want.clone()));
        }
        self
    }

    /// Ask again until the answer is as wanted.
    pub fn soon(mut self) -> Self {
        if let Some(step) = self.steps.last_mut() {
            step.patient = true;
        }
        self
    }
}
