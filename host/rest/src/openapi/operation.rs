//! One operation in the making.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What is known of an operation beside its path and method. By default nothing, which a test notices.
#[derive(Default)]
pub(super) struct Operation {
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
    query: Vec<Value>,
    body: Option<Value>,
    answers: BTreeMap<u16, Answer>,
    /// Nobody has to say who they are.
    is_open: bool,
}

struct Answer {
    description: &'static str,
    /// None: there is no body.
    schema: Option<Value>,
    /// It says where to find what it is about.
    has_location: bool,
}

impl Operation {
    pub(super) fn new(id: &'static str, tag: &'static str, summary: &'static str) -> Self {
        Self { id, tag, summary, query: Vec::new(), body: None, answers: BTreeMap::new(), is_open: false }
    }

    /// May have this in its URL's query.
    pub(super) fn query(mut self, name: &str, description: &str, schema: Value) -> Self {
        self.query.push(
            json!({"name": name, "in": "query", "required": false, "description": description, "schema": schema}),
        );
        self
    }

    /// Wants this body.
    pub(super) fn body(mut self, schema: Value) -> Self {
        self.body = Some(schema);
        self
    }

    /// May answer this, with a body.
    pub(super) fn answers(mut self, status: u16, description: &'static str, schema: Value) -> Self {
        self.answers.insert(status, Answer { description, schema: Some(schema), has_location: false });
        self
    }

    /// May answer this, without one.
    pub(super) fn answers_empty(mut self, status: u16, description: &'static str) -> Self {
        self.answers.insert(status, Answer { description, schema: None, has_location: false });
        self
    }

    /// May answer 201.
    pub(super) fn creates(mut self, description: &'static str, schema: Value) -> Self {
        self.answers.insert(201, Answer { description, schema: Some(schema), has_location: true });
        self
    }

    /// May fail so, beyond what every operation may.
    pub(super) fn fails(mut self, failures: &[(u16, &'static str)]) -> Self {
        for &(status, description) in failures {
            self.answers.insert(status, Answer { description, schema: None, has_location: false });
        }
        self
    }

    /// Signed by another worker, and so good without a user.
    pub(super) fn between_workers(mut self) -> Self {
        self.is_open = true;
        self
    }

    /// As the document has it, with the failures that come with the kind of route it is.
    pub(super) fn finish(mut self, path: &str, wants_json: bool, error: &Value, asks_who: bool) -> Value {
        let names: Vec<&str> = path.split(['{', '}']).skip(1).step_by(2).collect();
        let mut failures = vec![
            (406, "The client takes no JSON"),
            (414, "The URL is too long"),
            (500, "Something went wrong in the worker, or the time for an answer was up"),
            (503, "All connections are at work"),
        ];
        if !names.is_empty() || !self.query.is_empty() {
            failures.push((400, "The request cannot be understood, or asks for what is not allowed"));
        }
        if wants_json {
            failures.push((415, "The body says that it is no JSON"));
        }
        if self.body.is_some() {
            failures.extend([
                (400, "The request cannot be understood, or asks for what is not allowed"),
                (408, "The body did not arrive in time"),
                (413, "The body is larger than rest.max.body.bytes allows"),
            ]);
        }
        for (status, description) in failures {
            let own = self.answers.entry(status);
            own.or_insert(Answer { description, schema: None, has_location: false });
        }
        let mut responses: Map<String, Value> = self
            .answers
            .into_iter()
            .map(|(status, answer)| (status.to_string(), answer.finish(status, error)))
            .collect();
        if asks_who && !self.is_open {
            responses.insert("401".to_owned(), json!({"description": "Not the name and the password of a user"}));
        }
        let in_path = names.into_iter().map(|name| {
            let schema = match name {
                "task" => json!({"type": "integer", "format": "int32", "minimum": 0}),
                // Control characters are refused before anybody looks for the name.
                _ => json!({"type": "string", "pattern": r"^[^\u0000-\u001f\u007f]+$"}),
            };
            json!({"name": name, "in": "path", "required": true, "schema": schema})
        });
        let parameters: Vec<Value> = in_path.chain(self.query).collect();
        let mut operation = json!({
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "parameters": parameters,
            "responses": responses,
        });
        if asks_who && self.is_open {
            operation["security"] = json!([]);
        }
        if let Some(schema) = self.body {
            operation["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": schema}}});
        }
        operation
    }
}

impl Answer {
    fn finish(self, status: u16, error: &Value) -> Value {
        let mut answer = json!({"description": self.description});
        if let Some(schema) = self.schema.or_else(|| (status >= 400).then(|| error.clone())) {
            answer["content"] = json!({"application/json": {"schema": schema}});
        }
        if self.has_location {
            answer["headers"] = json!({"Location": {"description": "Where it is", "schema": {"type": "string"}}});
        }
        answer
    }
}
