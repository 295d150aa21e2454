//! What tests and benchmarks fetch from Maven Central. Everything lies below the target folder: Maven's own
//! repository too.

use crate::paths;
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Something to fetch.
#[derive(Debug, Clone)]
pub(crate) struct Artifact {
    group: String,
    name: String,
    version: String,
    /// Beyond what every artifact has.
    more: &'static str,
}

/// What becomes of what was fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// Jars stay jars.
    Copy,
    /// Archives are unpacked.
    Unpack,
}

impl Then {
    fn goal(self) -> &'static str {
        match self {
            Self::Copy => "dependency:copy-dependencies",
            Self::Unpack => "dependency:unpack-dependencies",
        }
    }
}

impl Artifact {
    /// With all it depends on.
    pub(crate) fn new(group: &str, name: &str, version: &str) -> Self {
        Self { group: group.to_owned(), name: name.to_owned(), version: version.to_owned(), more: "" }
    }

    /// Without the Kafka that it brings: the worker that loads it has its own.
    pub(crate) fn without_kafka(self) -> Self {
        let more = "<exclusions><exclusion><groupId>org.apache.kafka</groupId><artifactId>*</artifactId></exclusion>\
                    </exclusions>";
        Self { more, ..self }
    }

    /// Nor the Jackson that Kafka brings too: modules of the worker's would not be modules for the connector's own.
    pub(crate) fn without_kafka_and_jackson(self) -> Self {
        let more = "<exclusions><exclusion><groupId>org.apache.kafka</groupId><artifactId>*</artifactId></exclusion>\
                    <exclusion><groupId>com.fasterxml.jackson.core</groupId><artifactId>*</artifactId></exclusion>\
                    </exclusions>";
        Self { more, ..self }
    }

    /// The archive of a whole program, which needs nothing else.
    pub(crate) fn whole_program(self) -> Self {
        let more = "<classifier>all</classifier><type>tar.gz</type><exclusions><exclusion><groupId>*</groupId>\
                    <artifactId>*</artifactId></exclusion></exclusions>";
        Self { more, ..self }
    }
}

/// Fetches into `dir`/libs, unless it is there. What an attempt before has left is no help: Maven would take an archive
/// that it has marked as unpacked for one that still is.
pub(crate) fn fetch_once(dir: &Path, wanted: &[Artifact], then: Then) -> anyhow::Result<PathBuf> {
    let (libs, stamp) = (dir.join("libs"), dir.join("complete"));
    if !stamp.exists() {
        if dir.exists() {
            std::fs::remove_dir_all(dir)?;
        }
        std::fs::create_dir_all(dir)?;
        fetch(dir, wanted, &libs, then)?;
        std::fs::write(&stamp, "")?;
    }
    Ok(libs)
}

/// Fetches artifacts into a folder.
pub(crate) fn fetch(dir: &Path, wanted: &[Artifact], libs: &Path, then: Then) -> anyhow::Result<()> {
    let pom = dir.join("pom.xml");
    std::fs::write(&pom, pom_text(wanted))?;
    let output = Command::new("mvn")
        .args(["-q", "-B", "-f"])
        .arg(&pom)
        .arg(format!("-Dmaven.repo.local={}", paths::target().join("m2").display()))
        .arg(then.goal())
        .arg(format!("-DoutputDirectory={}", libs.display()))
        .output()
        .context("cannot run `mvn`: the peer is fetched with Maven (package `maven`)")?;
    let names: Vec<String> = wanted.iter().map(|a| format!("{} {}", a.name, a.version)).collect();
    anyhow::ensure!(
        output.status.success(),
        "Maven could not fetch {}: {}",
        names.join(", "),
        String::from_utf8_lossy(&output.stdout).lines().find(|l| l.contains("ERROR")).unwrap_or("no reason given")
    );
    Ok(())
}

/// A repository that some artifacts name, and that has nothing we want: asking it first would make what is on Maven Central
/// depend on it.
const NOT_ASKED: &str = "  <repositories><repository><id>confluent</id><url>https://packages.confluent.io/maven/</url>\
                         <releases><enabled>false</enabled></releases><snapshots><enabled>false</enabled></snapshots>\
                         </repository></repositories>\n";

fn pom_text(wanted: &[Artifact]) -> String {
    let all: String = wanted
        .iter()
        .map(|Artifact { group, name, version, more }| {
            format!(
                "    <dependency><groupId>{group}</groupId><artifactId>{name}</artifactId>\
                 <version>{version}</version>{more}</dependency>\n"
            )
        })
        .collect();
    format!(
        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n  <modelVersion>4.0.0</modelVersion>\n  \
         <groupId>watertight.tests</groupId>\n  <artifactId>peer</artifactId>\n  <version>1</version>\n  \
         <packaging>pom</packaging>\n{NOT_ASKED}  <dependencies>\n{all}  </dependencies>\n</project>\n"
    )
}
