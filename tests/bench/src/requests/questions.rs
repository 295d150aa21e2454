//! What is asked of both workers.

use serde_json::Value;

/// One kind of request.
pub struct Ask {
    /// In the table.
    pub name: &'static str,
    /// GET, PUT
    pub method: &'static str,
    /// Of a connector's name.
    pub path: fn(&str) -> String,
    /// Of a connector's config.
    pub body: fn(&Value) -> Option<String>,
    /// What a good answer has.
    pub status: u16,
    /// Asked a few times only: its answer is as long as there are connectors, or it takes the genuine worker half a second.
    few: bool,
}

impl Ask {
    /// How many times in one pass, where there are so many sources.
    pub fn requests(&self, connectors: usize) -> usize {
        if self.few { 40.min(connectors) } else { 200.min(2 * connectors) }
    }
}

const fn get(name: &'static str, path: fn(&str) -> String) -> Ask {
    Ask { name, method: "GET", path, body: |_| None, status: 200, few: false }
}

const fn list(name: &'static str, path: fn(&str) -> String) -> Ask {
    Ask { few: true, ..get(name, path) }
}

/// In the order of the table.
pub const QUESTIONS: &[Ask] = &[
    get("GET /", |_| "/".into()),
    get("GET /health", |_| "/health".into()),
    list("GET /connectors", |_| "/connectors".into()),
    list("GET /connectors?expand=status", |_| "/connectors?expand=status".into()),
    list("GET /connectors?expand=info", |_| "/connectors?expand=info".into()),
    list("GET /connectors?expand=status&expand=info", |_| "/connectors?expand=status&expand=info".into()),
    get("GET /connectors/{c}", |name| format!("/connectors/{name}")),
    get("GET /connectors/{c}/config", |name| format!("/connectors/{name}/config")),
    get("GET /connectors/{c}/status", |name| format!("/connectors/{name}/status")),
    get("GET /connectors/{c}/tasks", |name| format!("/connectors/{name}/tasks")),
    get("GET /connectors/{c}/tasks/0/status", |name| format!("/connectors/{name}/tasks/0/status")),
    get("GET /connectors/{c}/topics", |name| format!("/connectors/{name}/topics")),
    get("GET /connectors/{c}/offsets", |name| format!("/connectors/{name}/offsets")),
    get("GET /connector-plugins", |_| "/connector-plugins".into()),
    get("GET /connector-plugins/{p}/config", |_| "/connector-plugins/FileStreamSink/config".into()),
    get("GET /admin/loggers", |_| "/admin/loggers".into()),
    Ask {
        name: "PUT /connector-plugins/{p}/config/validate",
        method: "PUT",
        path: |name| {
            let class = if name.contains("source") { "FileStreamSource" } else { "FileStreamSink" };
            format!("/connector-plugins/{class}/config/validate")
        },
        body: |config| Some(config.to_string()),
        status: 200,
        few: false,
    },
    Ask {
        name: "PUT /connectors/{c}/config",
        method: "PUT",
        path: |name| format!("/connectors/{name}/config"),
        body: |config| Some(config.to_string()),
        status: 200,
        few: false,
    },
    Ask {
        name: "POST /connectors/{c}/tasks/0/restart",
        method: "POST",
        path: |name| format!("/connectors/{name}/tasks/0/restart"),
        body: |_| None,
        status: 204,
        few: true,
    },
    Ask {
        name: "PUT /connectors/{c}/pause",
        method: "PUT",
        path: |name| format!("/connectors/{name}/pause"),
        body: |_| None,
        status: 202,
        few: false,
    },
    Ask {
        name: "PUT /connectors/{c}/resume",
        method: "PUT",
        path: |name| format!("/connectors/{name}/resume"),
        body: |_| None,
        status: 202,
        few: false,
    },
];
