//! A MariaDB server from Debian's packages.
//!
//! What was found by trying it (10.11): its system tables are SQL files in its share folder, which `--bootstrap` takes; the
//! script that does so for an installed server wants Perl and a whole installation. Nothing is synced to the disk, but
//! each commit is written: a killed server finds what the kernel still has.

use crate::database::{ADMINISTRATOR, Database, NAME, PASSWORD, USER};
use crate::debian::{self, Unpacked};
use crate::ports;
use crate::postgres::{Certificate, ask};
use crate::process::Service;
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const READY: Duration = Duration::from_secs(90);
const GRACE: Duration = Duration::from_secs(90);
const PACKAGES: [&str; 2] = ["mariadb-server-core", "mariadb-client-core"];
/// What makes the database `mysql`, in order.
const SYSTEM: [&str; 3] = ["mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql"];

/// The programs.
#[derive(Debug, Clone)]
pub struct Programs {
    files: Unpacked,
}

impl Programs {
    /// Fetches what this machine's Debian has, unless it is there.
    pub fn fetch() -> anyhow::Result<Self> {
        let files = debian::fetch("mariadb", &PACKAGES)?;
        anyhow::ensure!(files.path("usr/sbin/mariadbd").exists(), "mariadb-server-core has no usr/sbin/mariadbd");
        Ok(Self { files })
    }

    fn server(&self, home: &Path) -> Command {
        let mut command = self.files.command(&self.files.path("usr/sbin/mariadbd"));
        let share = self.files.path("usr/share/mysql");
        command
            .arg("--no-defaults")
            .arg(format!("--basedir={}", self.files.path("usr").display()))
            .arg(format!("--lc-messages-dir={}", share.display()))
            .arg(format!("--character-sets-dir={}", share.join("charsets").display()))
            .arg(format!("--plugin-dir={}", self.files.path("usr/lib/mysql/plugin").display()))
            .arg(format!("--datadir={}", home.join("data").display()))
            // Servers that start side by side take each other's temporary tables away.
            .arg(format!("--tmpdir={}", home.join("tmp").display()))
            .args(["--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync", "--innodb-doublewrite=0"])
            .args(["--innodb-log-file-size=32M", "--innodb-buffer-pool-size=64M", "--performance-schema=0"])
            .args(["--character-set-server=utf8mb4", "--default-time-zone=+00:00", "--skip-name-resolve"]);
        if debian::is_root() {
            command.arg("--user=root");
        }
        command
    }
}

/// A running server; ends when it is dropped, and its data with it.
#[derive(Debug)]
pub struct MariaDb {
    programs: Programs,
    home: PathBuf,
    port: u16,
    options: Vec<String>,
    service: Option<Service>,
    log: PathBuf,
}

impl MariaDb {
    /// Fetched unless it is there, and started with a log in `dir`.
    pub fn start(dir: &Path) -> anyhow::Result<Self> {
        Self::start_with(dir, &[])
    }

    /// Likewise, with options of its command line: `--max-connections=5`.
    pub fn start_with(dir: &Path, options: &[&str]) -> anyhow::Result<Self> {
        let programs = Programs::fetch()?;
        std::fs::create_dir_all(dir)?;
        let home = dir.join("mariadb");
        for inner in ["data", "tmp"] {
            std::fs::create_dir_all(home.join(inner))?;
        }
        let options = options.iter().map(|&option| option.to_owned()).collect();
        let port = ports::free()?;
        let mut server = Self { programs, home, port, options, service: None, log: dir.join("mariadb.log") };
        server.initialise()?;
        server.launch(Some(&server.furnishing()?))?;
        Ok(server)
    }

    /// Likewise, with TLS, which it demands of everyone.
    pub fn start_with_tls(dir: &Path, certificate: &Certificate) -> anyhow::Result<Self> {
        let mut server = Self::start(dir)?;
        server.stop()?;
        server.options.push(format!("--ssl-cert={}", certificate.certificate.display()));
        server.options.push(format!("--ssl-key={}", certificate.key.display()));
        server.options.push("--require-secure-transport=1".into());
        if let Some(clients) = &certificate.clients {
            server.options.push(format!("--ssl-ca={}", clients.display()));
        }
        server.restart()?;
        Ok(server)
    }

    fn initialise(&self) -> anyhow::Result<()> {
        let share = self.programs.files.path("usr/share/mysql");
        let mut text = "CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n".to_owned();
        for file in SYSTEM {
            let path = share.join(file);
            text += &std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            text.push('\n');
        }
        // Who needs no password.
        text.push_str("DELETE FROM mysql.global_priv WHERE User IN ('root', '');\n");
        let mut command = self.programs.server(&self.home);
        command.arg("--bootstrap");
        ask(command, &text).map(drop).context("mariadbd --bootstrap")
    }

    /// Statements of the first start.
    fn furnishing(&self) -> anyhow::Result<PathBuf> {
        let file = self.home.join("first.sql");
        let password = PASSWORD.replace('\\', "\\\\").replace('\'', "\\'");
        let text = format!(
            "CREATE USER '{ADMINISTRATOR}'@'127.0.0.1' IDENTIFIED BY '{ADMINISTRATOR}';\n\
             GRANT ALL ON *.* TO '{ADMINISTRATOR}'@'127.0.0.1' WITH GRANT OPTION;\n\
             CREATE DATABASE {NAME};\n\
             CREATE USER '{USER}'@'127.0.0.1' IDENTIFIED BY '{password}';\n\
             GRANT ALL ON {NAME}.* TO '{USER}'@'127.0.0.1';\n"
        );
        std::fs::write(&file, text)?;
        Ok(file)
    }

    fn launch(&mut self, first: Option<&Path>) -> anyhow::Result<()> {
        let mut command = self.programs.server(&self.home);
        command.args(["--bind-address=127.0.0.1", "--socket=s", "--pid-file=pid"]);
        command.arg(format!("--port={}", self.port)).args(&self.options);
        if let Some(first) = first {
            command.arg(format!("--init-file={}", first.display()));
        }
        let mut service = Service::spawn("MariaDB", command, &self.log)?;
        service.wait_ready(READY, || self.administer("SELECT 1;").map(drop).map_err(|e| format!("{e:#}")))?;
        self.service = Some(service);
        Ok(())
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// For `jdbc:mysql:` instead of `jdbc:mariadb:`: the same server.
    pub fn mysql_url(&self) -> String {
        format!("jdbc:mysql://127.0.0.1:{}/{NAME}", self.port)
    }

    /// Statements as anybody, in any database; answers as [`Database::sql`] gives them.
    pub fn run(&self, user: &str, password: &str, database: &str, statements: &str) -> anyhow::Result<String> {
        let mut client = self.programs.files.command(&self.programs.files.path("usr/bin/mariadb"));
        client
            .args(["--no-defaults", "-N", "-B", "--protocol=tcp", "-h", "127.0.0.1", "-P", &self.port.to_string()])
            .args(["--default-character-set=utf8mb4", "-u", user, "-D", database])
            .env("MYSQL_PWD", password);
        ask(client, statements)
    }
}

impl Database for MariaDb {
    fn product(&self) -> &'static str {
        "mariadb"
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn url(&self) -> String {
        format!("jdbc:mariadb://127.0.0.1:{}/{NAME}", self.port)
    }

    fn sql(&self, statements: &str) -> anyhow::Result<String> {
        self.run(USER, PASSWORD, NAME, statements)
    }

    fn administer(&self, statements: &str) -> anyhow::Result<String> {
        self.run(ADMINISTRATOR, ADMINISTRATOR, NAME, statements)
    }

    fn pid(&self) -> Option<u32> {
        self.service.as_ref().map(Service::pid)
    }

    fn kill(&mut self) {
        if let Some(service) = self.service.take() {
            service.kill();
        }
    }

    fn stop(&mut self) -> anyhow::Result<()> {
        match self.service.take() {
            Some(service) => service.stop(GRACE).map(drop),
            None => Ok(()),
        }
    }

    fn restart(&mut self) -> anyhow::Result<()> {
        self.launch(None)
    }

    fn log(&self) -> PathBuf {
        self.log.clone()
    }
}

impl Drop for MariaDb {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.home);
    }
}
