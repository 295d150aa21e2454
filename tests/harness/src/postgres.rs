//! A PostgreSQL server from Debian's packages.
//!
//! What was found by trying it (15): it refuses to be root, so that root starts it as `nobody`, in a folder which that
//! user owns and can reach. Nothing is synced to the disk unless a case asks for it: what tests kill is the worker, and a
//! killed server finds what the kernel still has.

use crate::database::{ADMINISTRATOR, Database, NAME, PASSWORD, USER};
use crate::debian::{self, Unpacked};
use crate::process::Service;
use crate::{ports, signals};
use anyhow::Context as _;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const READY: Duration = Duration::from_secs(60);
const GRACE: Duration = Duration::from_secs(60);
/// `nobody` and `nogroup` wherever there is Debian.
const NOBODY: u32 = 65534;

/// The programs.
#[derive(Debug, Clone)]
pub struct Programs {
    files: Unpacked,
    bin: PathBuf,
}

impl Programs {
    /// Fetches the newest version that this machine's Debian has, unless it is there.
    pub fn fetch() -> anyhow::Result<Self> {
        let server = debian::newest("postgresql")?;
        let version = server.trim_start_matches("postgresql-");
        let files = debian::fetch(&server, &[&server, &format!("postgresql-client-{version}")])?;
        let bin = files.path(&format!("usr/lib/postgresql/{version}/bin"));
        anyhow::ensure!(bin.join("initdb").exists(), "{server} has no initdb in {}", bin.display());
        Ok(Self { files, bin })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.files.command(&self.bin.join(program));
        for name in ["PGPASSWORD", "PGSERVICE", "PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGOPTIONS", "PGSSLMODE"] {
            command.env_remove(name);
        }
        command.env("LC_ALL", "C.UTF-8");
        command
    }

    /// A command of the server's side, which must not be root.
    fn as_server(&self, program: &str) -> Command {
        let mut command = self.command(program);
        if debian::is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command.current_dir("/");
        command
    }
}

/// Certificate and key of a server, PEM files.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// With those that lead to its authority.
    pub certificate: PathBuf,
    /// Not encrypted.
    pub key: PathBuf,
    /// Whoever connects must show one of this authority.
    pub clients: Option<PathBuf>,
}

/// A running server; ends when it is dropped, and its data with it.
#[derive(Debug)]
pub struct Postgres {
    programs: Programs,
    home: PathBuf,
    port: u16,
    service: Option<Service>,
    log: PathBuf,
}

impl Postgres {
    /// Fetched unless it is there, and started with a log in `dir`.
    pub fn start(dir: &Path) -> anyhow::Result<Self> {
        Self::start_with(dir, &[])
    }

    /// Likewise, with settings of `postgresql.conf`.
    pub fn start_with(dir: &Path, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let mut server = Self::prepare(dir, settings)?;
        server.restart()?;
        server.furnish()?;
        Ok(server)
    }

    /// Likewise, with TLS, which it demands of everyone who comes with a password over the network.
    pub fn start_with_tls(dir: &Path, certificate: &Certificate) -> anyhow::Result<Self> {
        let mut server = Self::prepare(dir, &[])?;
        server.restart()?;
        server.furnish()?;
        server.stop()?;
        let data = server.data();
        server.own_copy(&certificate.certificate, "server.crt")?;
        server.own_copy(&certificate.key, "server.key")?;
        let mut settings = "ssl = on\nssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\n".to_owned();
        let mut who = "hostssl all all 127.0.0.1/32 scram-sha-256".to_owned();
        if let Some(clients) = &certificate.clients {
            server.own_copy(clients, "clients.crt")?;
            settings.push_str("ssl_ca_file = 'clients.crt'\n");
            who.push_str(" clientcert=verify-ca");
        }
        append(&data.join("postgresql.conf"), &settings)?;
        std::fs::write(data.join("pg_hba.conf"), format!("local all all trust\n{who}\n"))?;
        server.restart()?;
        Ok(server)
    }

    fn prepare(dir: &Path, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let programs = Programs::fetch()?;
        std::fs::create_dir_all(dir)?;
        let port = ports::free()?;
        let home = if debian::is_root() && !debian::anybody_may_enter(dir) {
            debian::temporary(&format!("postgres-{}-{port}", std::process::id()))
        } else {
            dir.join("postgres")
        };
        std::fs::create_dir_all(&home)?;
        if debian::is_root() {
            std::os::unix::fs::chown(&home, Some(NOBODY), Some(NOBODY))?;
        }
        let server = Self { programs, home, port, service: None, log: dir.join("postgres.log") };
        server.initialise(settings)?;
        Ok(server)
    }

    fn initialise(&self, settings: &[(&str, &str)]) -> anyhow::Result<()> {
        let password = self.home.join("password");
        std::fs::write(&password, ADMINISTRATOR)?;
        let output = self
            .programs
            .as_server("initdb")
            .args(["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8", "--username=postgres"])
            .args(["--auth-local=trust", "--auth-host=scram-sha-256"])
            .arg(format!("--pwfile={}", password.display()))
            .arg("-D")
            .arg(self.data())
            .output()
            .context("cannot run initdb")?;
        std::fs::remove_file(password)?;
        anyhow::ensure!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
        let mut text = format!(
            "port = {}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nfsync = off\n\
             full_page_writes = off\njit = off\nmax_connections = 60\nshared_buffers = 64MB\n\
             max_wal_size = 256MB\ntimezone = 'UTC'\nlog_timezone = 'UTC'\n",
            self.port
        );
        for (key, value) in settings {
            text.push_str(&format!("{key} = '{}'\n", value.replace('\'', "''")));
        }
        append(&self.data().join("postgresql.conf"), &text)
    }

    fn furnish(&self) -> anyhow::Result<()> {
        let password = PASSWORD.replace('\'', "''");
        let user = format!("SET standard_conforming_strings = on; CREATE ROLE {USER} LOGIN PASSWORD '{password}';");
        self.run("postgres", ADMINISTRATOR, "postgres", &user)?;
        self.run("postgres", ADMINISTRATOR, "postgres", &format!("CREATE DATABASE {NAME} OWNER {USER};")).map(drop)
    }

    /// A file that only the server may read, as it demands of its key.
    fn own_copy(&self, file: &Path, name: &str) -> anyhow::Result<()> {
        let copy = self.data().join(name);
        std::fs::write(&copy, std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?)?;
        std::fs::set_permissions(&copy, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        if debian::is_root() {
            std::os::unix::fs::chown(&copy, Some(NOBODY), Some(NOBODY))?;
        }
        Ok(())
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Statements as anybody, in any database; answers as [`Database::sql`] gives them.
    pub fn run(&self, user: &str, password: &str, database: &str, statements: &str) -> anyhow::Result<String> {
        let mut psql = self.programs.command("psql");
        psql.args(["-X", "-A", "-t", "-q", "-F", "\t", "-P", "null=NULL", "-v", "ON_ERROR_STOP=1", "-f", "-"])
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", user, "-d", database])
            .env("PGPASSWORD", password);
        ask(psql, statements)
    }
}

impl Database for Postgres {
    fn product(&self) -> &'static str {
        "postgresql"
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn url(&self) -> String {
        format!("jdbc:postgresql://127.0.0.1:{}/{NAME}", self.port)
    }

    fn sql(&self, statements: &str) -> anyhow::Result<String> {
        self.run(USER, PASSWORD, NAME, statements)
    }

    fn administer(&self, statements: &str) -> anyhow::Result<String> {
        self.run("postgres", ADMINISTRATOR, NAME, statements)
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
        let Some(mut service) = self.service.take() else { return Ok(()) };
        // What it calls a fast shutdown: SIGTERM would wait for every client to go by itself.
        signals::interrupt(service.pid());
        let ended = service.wait(GRACE);
        anyhow::ensure!(ended.is_some(), "PostgreSQL did not end:\n{}", service.log_tail(20));
        Ok(())
    }

    fn restart(&mut self) -> anyhow::Result<()> {
        // The children of a killed server take a moment to notice, and until then their shared memory is in the way.
        let mut tries = 0;
        loop {
            let mut command = self.programs.as_server("postgres");
            command.arg("-D").arg(self.data());
            let mut service = Service::spawn("PostgreSQL", command, &self.log)?;
            let ready = service.wait_ready(READY, || {
                let asked = self.run("postgres", ADMINISTRATOR, "postgres", "SELECT 1;");
                asked.map(drop).map_err(|e| format!("{e:#}"))
            });
            match ready {
                Ok(_) => {
                    self.service = Some(service);
                    return Ok(());
                }
                Err(_) if tries < 20 && service.exited().is_some() => tries += 1,
                Err(error) => return Err(error),
            }
            std::thread::sleep(Duration::from_millis(250));
        }
    }

    fn log(&self) -> PathBuf {
        self.log.clone()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut service) = self.service.take() {
            // What it calls an immediate shutdown: it writes nothing, but gives its shared memory back, which a killed
            // one would leave to the machine.
            signals::quit(service.pid());
            let _ = service.wait(GRACE);
        }
        // Its children may still write what is gone a moment later: what they leave then is little.
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

fn append(file: &Path, text: &str) -> anyhow::Result<()> {
    let mut file = std::fs::OpenOptions::new().append(true).open(file)?;
    Ok(file.write_all(text.as_bytes())?)
}

/// Gives a database's own client its statements; what it answers, or its complaint.
pub(crate) fn ask(mut client: Command, statements: &str) -> anyhow::Result<String> {
    let mut child = client
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {}", client.get_program().display()))?;
    let (mut input, text) = (child.stdin.take().context("a client has an input")?, statements.to_owned());
    // Beside reading: a long script and a long answer would wait for each other.
    let writer = std::thread::spawn(move || {
        let _ = input.write_all(text.as_bytes());
    });
    let output = child.wait_with_output()?;
    let _ = writer.join();
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success() && !said.contains("ERROR"), "{}", said.trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
