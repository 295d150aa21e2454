//! No password of a database is to be seen anywhere: not in what REST answers, but for the config as it was given; not
//! in a log line, a trace or a stored task config; not in the memory of the guest that uses it. However it was given: in
//! plain, by a config provider, or in the URL. While all is well, when the database says no, and after a crash.

use std::path::PathBuf;

use watertight_cases::{SOON, Scene, component, genuine, topics};
use watertight_harness::database::Database;
use watertight_harness::postgres::Postgres;
use watertight_harness::properties::Properties;
use watertight_harness::worker::Make;
use watertight_harness::{paths, skips, wait};

/// How a password is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Plain,
    Provider,
    Url,
}

const WAYS: [Way; 3] = [Way::Plain, Way::Provider, Way::Url];

impl Way {
    fn user(self) -> &'static str {
        match self {
            Way::Plain => "plain_user",
            Way::Provider => "file_user",
            Way::Url => "url_user",
        }
    }

    /// Never to be seen.
    fn password(self) -> &'static str {
        match self {
            Way::Plain => "CANARY-in-plain-71f0",
            Way::Provider => "CANARY-in-a-file-02ba",
            Way::Url => "CANARY&in/a url-9c3e",
        }
    }

    /// Nor this one, with which the database lets nobody in.
    fn wrong(self) -> &'static str {
        match self {
            Way::Plain => "WRONG-in-plain-5d10",
            Way::Provider => "WRONG-in-a-file-e881",
            Way::Url => "WRONG&in/a url-17aa",
        }
    }
}

fn encoded(text: &str) -> String {
    text.replace('&', "%26").replace('/', "%2F").replace(' ', "%20")
}

/// A worker and a database that it may reach.
struct Ground {
    scene: Scene,
    database: Postgres,
}

impl Ground {
    fn start(scene: Scene, case: &str) -> anyhow::Result<Option<Self>> {
        component(&paths::guests(), "hostile.wasm")?;
        component(&paths::plugins(), "jdbc.wasm")?;
        let Some(database) = skips::unless(case, Postgres::start(&scene.dir))? else { return Ok(None) };
        let secrets = scene.dir.join("secrets");
        std::fs::create_dir_all(&secrets)?;
        let given = Properties::new().with("right", Way::Provider.password()).with("wrong", Way::Provider.wrong());
        given.write(&secrets.join("a.properties"))?;
        for way in WAYS {
            let (user, password) = (way.user(), way.password());
            database.administer(&format!("CREATE ROLE {user} LOGIN PASSWORD '{password}';"))?;
        }
        database
            .administer("CREATE TABLE seen (a int); INSERT INTO seen VALUES (1); GRANT SELECT ON seen TO PUBLIC;")?;
        let mut scene = scene
            .with("sandbox.net.allow", database.address())
            .with("config.providers", "file")
            .with("config.providers.file.class", "org.apache.kafka.common.config.provider.FileConfigProvider")
            .with("config.providers.file.param.allowed.paths", secrets.display());
        scene.worker = scene.worker.with_test_guests();
        Ok(Some(Self { scene: scene.start()?, database }))
    }

    fn connector(&self, name: &str, attack: &str, way: Way, right: bool) -> Properties {
        let password = if right { way.password() } else { way.wrong() };
        let backwards: String = password.chars().rev().collect();
        let config = Properties::new()
            .with("name", name)
            .with("connector.class", "watertight.hostile.HostileSourceConnector")
            .with("tasks.max", 1)
            .with("attack", attack)
            .with("topic", "told")
            .with("text", backwards);
        let url = self.database.url();
        match way {
            Way::Url => {
                let (user, password) = (way.user(), encoded(password));
                config.with("connection.url", format!("{url}?user={user}&password={password}"))
            }
            Way::Plain => config
                .with("connection.url", url)
                .with("connection.user", way.user())
                .with("connection.password", password),
            Way::Provider => {
                let place: PathBuf = self.scene.dir.join("secrets").join("a.properties");
                let key = if right { "right" } else { "wrong" };
                config
                    .with("connection.url", url)
                    .with("connection.user", way.user())
                    .with("connection.password", format!("${{file:{}:{key}}}", place.display()))
            }
        }
    }

    /// All of them, in every way that a plugin may tell something; the names.
    fn connect_all(&self) -> anyhow::Result<Vec<String>> {
        let connect = self.scene.worker.connect();
        let mut names = Vec::new();
        for way in WAYS {
            for (attack, during, right) in [
                ("sql-search-memory-for-the-password", "poll", true),
                ("sql-search-memory-for-the-password", "poll", false),
                ("sql-open-what-is-not-granted", "poll", false),
                ("fail-with-the-settings", "poll", true),
                ("panic-with-the-settings", "start", true),
                ("sql-stay-connected", "poll", true),
            ] {
                let name = format!("{way:?}-{attack}-{right}").to_lowercase();
                let config = self.connector(&name, attack, way, right).with("during", during);
                connect.create(&config)?;
                names.push(name);
            }
        }
        self.connect_jdbc(&mut names)?;
        // What would be said if there were something to find.
        let control = "CONTROL-of-the-search";
        let config = self.connector("control", "sql-search-memory-for-the-password", Way::Plain, true);
        let config = config.with("text", control.chars().rev().collect::<String>()).with("address", control);
        connect.create(&config)?;
        let trace = connect.wait_failed("control", SOON)?;
        anyhow::ensure!(trace.contains("ESCAPED: found the password"), "the search is blind: {trace}");
        connect.http.delete("/connectors/control")?.expect(204)?;
        for way in WAYS {
            let named = |attack: &str, right: bool| format!("{way:?}-{attack}-{right}").to_lowercase();
            let trace = connect.wait_failed(&named("sql-search-memory-for-the-password", true), SOON)?;
            anyhow::ensure!(trace.contains("no password in memory after: 1 rows"), "{way:?}: {trace}");
            for attack in ["sql-search-memory-for-the-password", "sql-open-what-is-not-granted"] {
                let trace = connect.wait_failed(&named(attack, false), SOON)?;
                let said = trace.contains("password authentication failed for user");
                anyhow::ensure!(said && !trace.contains("ESCAPED"), "{way:?}: {trace}");
            }
            let trace = connect.wait_failed(&named("fail-with-the-settings", true), SOON)?;
            let reference =
                if way == Way::Url { "connection.url=secret:connection.url" } else { "connection.password=secret:" };
            anyhow::ensure!(trace.contains(reference), "{way:?}: the plugin was told more: {trace}");
            connect.wait_failed(&named("panic-with-the-settings", true), SOON)?;
            connect.wait_running(&named("sql-stay-connected", true), SOON)?;
        }
        wait::until("connections to the database", SOON, || {
            let asked = "SELECT count(DISTINCT usename) FROM pg_stat_activity WHERE usename LIKE '%\\_user';";
            match self.database.administer(asked).map_err(|error| error.to_string())?.trim() {
                "3" => Ok(()),
                other => Err(format!("{other} users")),
            }
        })?;
        Ok(names)
    }

    /// The connector that all this is for.
    fn connect_jdbc(&self, names: &mut Vec<String>) -> anyhow::Result<()> {
        let connect = self.scene.worker.connect();
        for (way, right) in WAYS.into_iter().flat_map(|way| [(way, true), (way, false)]) {
            let name = format!("jdbc-{way:?}-{right}").to_lowercase();
            let config = self
                .connector(&name, "", way, right)
                .without("attack")
                .without("topic")
                .without("text")
                .with("connector.class", "io.confluent.connect.jdbc.JdbcSourceConnector")
                .with("mode", "bulk")
                .with("table.whitelist", "seen")
                .with("topic.prefix", format!("{name}."))
                .with("connection.attempts", 1)
                .with("connection.backoff.ms", 100);
            let answer = connect.post(&config)?;
            none_in(&format!("the answer to {name}"), &if right { String::new() } else { answer.message() })?;
            if answer.status == 201 {
                names.push(name.clone());
            }
            if right {
                connect.wait_running(&name, SOON)?;
            } else if answer.status == 201 {
                let trace = connect.wait_failed(&name, SOON)?;
                anyhow::ensure!(trace.contains("password authentication failed"), "{name}: {trace}");
            }
        }
        Ok(())
    }

    /// Everything a worker says, searched for what it must not say.
    fn nothing_told(&self, names: &[String]) -> anyhow::Result<()> {
        let connect = self.scene.worker.connect();
        let mut said = vec![("the log".to_owned(), self.scene.worker.log())];
        let mut ask = |path: String| -> anyhow::Result<()> {
            let answer = connect.http.get(&path)?;
            said.push((path, answer.body));
            Ok(())
        };
        ask("/connectors?expand=status".to_owned())?;
        for name in names {
            for what in ["/status", "/tasks", "/tasks/0/status", "/topics", "/offsets"] {
                ask(format!("/connectors/{name}{what}"))?;
            }
        }
        for way in WAYS {
            let path = "/connector-plugins/HostileSourceConnector/config/validate";
            // The plugin tells all that it was told; the worker's own opinion is that of a number.
            for (attack, number, statuses) in
                [("fail-with-the-settings", "1", [500, 500]), ("none", "many", [200, 400])]
            {
                let config = self.connector("asked", attack, way, true).with("during", "validate");
                let config = config.with("tasks.max", number);
                let answers = [connect.http.put(path, &config.to_json())?, connect.post(&config)?];
                for (answer, status) in answers.into_iter().zip(statuses) {
                    anyhow::ensure!(answer.status == status, "{way:?}: {answer:?}");
                    said.push((format!("the answer {status} to a config of {way:?}"), answer.body));
                }
            }
        }
        for (place, text) in &said {
            anyhow::ensure!(!text.is_empty(), "{place} says nothing");
            none_in(place, text)?;
        }
        // What was put in plain is told to who asks for what was put, as Connect does.
        let given = connect.http.get("/connectors?expand=info")?.body;
        none_of(&["CANARY-in-a-file", "WRONG-in-a-file"], "configs", &given)
    }
}

fn none_in(place: &str, text: &str) -> anyhow::Result<()> {
    for way in WAYS {
        for secret in [way.password(), way.wrong()] {
            none_of(&[secret, &encoded(secret)], place, text)?;
        }
    }
    Ok(())
}

fn none_of(secrets: &[&str], place: &str, text: &str) -> anyhow::Result<()> {
    for secret in secrets {
        if let Some(at) = text.find(secret) {
            let around: String = text.chars().skip(text[..at].chars().count().saturating_sub(200)).take(400).collect();
            anyhow::bail!("{place} tells {secret}: {around}");
        }
    }
    Ok(())
}

#[test]
fn no_password_of_a_database_is_told_by_a_worker_or_found_in_a_guest() -> anyhow::Result<()> {
    let case = "jdbc-secrets";
    let Some(mut ground) = Ground::start(Scene::new(case)?, case)? else { return Ok(()) };
    let names = ground.connect_all()?;
    ground.nothing_told(&names)?;
    ground.scene.worker.kill();
    ground.nothing_left()
}

impl Ground {
    /// In the folder of the worker, but for what the case itself has put there.
    fn nothing_left(&self) -> anyhow::Result<()> {
        let mut folders = vec![self.scene.worker.dir().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if path.is_symlink() || ["secrets", "broker", "postgres"].contains(&name.as_str()) {
                    continue;
                }
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(bytes) = std::fs::read(&path) {
                    none_in(&path.display().to_string(), &String::from_utf8_lossy(&bytes))?;
                }
            }
        }
        Ok(())
    }
}

#[test]
fn no_password_of_a_database_is_stored_with_a_task_in_a_cluster() -> anyhow::Result<()> {
    let case = "jdbc-secrets-cluster";
    let Some(peer) = genuine(case)? else { return Ok(()) };
    let Some(mut ground) = Ground::start(Scene::distributed(peer, Make::Ours, case)?, case)? else { return Ok(()) };
    let names = ground.connect_all()?;
    ground.nothing_told(&names)?;
    let bootstrap = ground.scene.broker.bootstrap();
    let stored = topics::read(&bootstrap, &format!("{case}-configs"), 2 * names.len(), SOON)?;
    let mut of_tasks = 0;
    for letter in &stored {
        let (key, value) = (letter.key.as_deref().unwrap_or_default(), letter.value.as_deref().unwrap_or_default());
        match key.starts_with("connector-") {
            true => none_of(&["CANARY-in-a-file", "WRONG-in-a-file"], key, value)?,
            false => none_in(key, value)?,
        }
        of_tasks += usize::from(key.starts_with("task-") && value.contains("secret:connection."));
    }
    anyhow::ensure!(of_tasks >= 8, "only {of_tasks} settings of tasks hold a reference: {stored:?}");
    // With what is stored the connectors come back, and into the database.
    ground.scene.worker.kill();
    ground.scene.worker.start()?;
    for way in WAYS {
        let name = format!("{way:?}-sql-stay-connected-true").to_lowercase();
        ground.scene.worker.connect().wait_running(&name, 3 * SOON)?;
    }
    let connected = "SELECT count(DISTINCT usename) FROM pg_stat_activity WHERE usename LIKE '%\\_user';";
    wait::until("all of them to be connected again", 2 * SOON, || {
        match ground.database.administer(connected).map_err(|error| error.to_string())?.trim() {
            "3" => Ok(()),
            other => Err(format!("{other} users")),
        }
    })?;
    ground.nothing_told(&names)
}
