//! From the worker's settings to who may ask.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use watertight_worker::entities::ConfigMap;

use super::credentials::CredentialFile;
use super::{BasicAuth, jaas};

const CLASSES: &str = "rest.extension.classes";
/// Path of the JAAS file, for workers that are started without the JVM's option.
const SETTING: &str = "rest.auth.login.config";
const OPTION: &str = "-Djava.security.auth.login.config=";

const CLASS: &str = "org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension";
/// By which Kafka knows it too.
const ALIAS: &str = "BasicAuthSecurityRestExtension";
const MODULE: &str = "org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule";
const ENTRY: &str = "KafkaConnect";
/// Java's entry for all who have none.
const ANY_ENTRY: &str = "other";

/// Why the worker cannot be protected as it should be.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// An extension that is not built in.
    #[error(
        "Invalid value {0} for configuration rest.extension.classes: Failed to find any class that implements interface \
         org.apache.kafka.connect.rest.ConnectRestExtension and which name matches {0}; this worker loads no jars, and \
         has only {CLASS}"
    )]
    UnknownExtension(String),
    /// Nothing says who the users are.
    #[error(
        "rest.extension.classes asks for basic authentication, but no JAAS file is named: set {SETTING}=FILE, or \
         KAFKA_OPTS={OPTION}FILE in the environment"
    )]
    NoFile,
    /// The setting has no use without the extension.
    #[error("{SETTING} is set, but rest.extension.classes does not ask for basic authentication: set it to {CLASS}")]
    NotAsked,
    /// The file cannot be read.
    #[error("the JAAS file {path}, which {origin} names, cannot be read: {error}")]
    Unreadable {
        /// Its path.
        path: String,
        /// Which setting names it.
        origin: &'static str,
        /// The system's reason.
        error: std::io::Error,
    },
    /// The file is no JAAS file, or asks for what this worker does not have.
    #[error("the JAAS file {path}, which {origin} names, cannot be used: {reason}")]
    Unusable {
        /// Its path.
        path: String,
        /// Which setting names it.
        origin: &'static str,
        /// What is wrong, and what would do.
        reason: String,
    },
}

impl BasicAuth {
    /// What `rest.extension.classes` asks for; none if it is empty. `kafka_opts` is the environment's KAFKA_OPTS; relative
    /// paths start at `directory`.
    ///
    /// # Errors
    /// Whatever would leave the worker unprotected or without users.
    pub fn from_properties(
        properties: &ConfigMap,
        kafka_opts: Option<&str>,
        directory: &Path,
    ) -> Result<Option<Self>, AuthError> {
        let get = |key: &str| properties.get(key).map(|value| value.trim()).filter(|value| !value.is_empty());
        let classes = get(CLASSES).unwrap_or_default().split(',').map(str::trim).filter(|class| !class.is_empty());
        let mut is_asked = false;
        for class in classes {
            if ![CLASS, ALIAS].contains(&class) {
                return Err(AuthError::UnknownExtension(class.to_owned()));
            }
            is_asked = true;
        }
        if !is_asked {
            return if get(SETTING).is_some() { Err(AuthError::NotAsked) } else { Ok(None) };
        }
        let (named, origin) = match (get(SETTING), kafka_opts.and_then(option)) {
            (Some(path), _) => (path, SETTING),
            (None, Some(path)) => (path, "KAFKA_OPTS"),
            (None, None) => return Err(AuthError::NoFile),
        };
        let path = directory.join(named);
        let bytes = std::fs::read(&path).map_err(|error| AuthError::Unreadable {
            path: path.display().to_string(),
            origin,
            error,
        })?;
        let unusable = |reason: String| AuthError::Unusable { path: path.display().to_string(), origin, reason };
        let credentials = credentials(&String::from_utf8_lossy(&bytes)).map_err(unusable)?;
        Ok(Some(BasicAuth(Arc::new(CredentialFile::new(directory.join(credentials))))))
    }
}

/// Words are separated as the shell that runs Kafka's scripts does it; the last one counts, a second `=` means
/// nothing here, and the file may be a URL.
fn option(kafka_opts: &str) -> Option<&str> {
    let path = kafka_opts.split_whitespace().filter_map(|word| word.strip_prefix(OPTION)).next_back()?;
    let path = path.strip_prefix('=').unwrap_or(path);
    let path = path.strip_prefix("file:").unwrap_or(path);
    // file:///path is the path behind an empty host.
    let path = if path.starts_with("///") { &path[2..] } else { path };
    (!path.is_empty()).then_some(path)
}

/// The file of users that the entry names.
fn credentials(text: &str) -> Result<PathBuf, String> {
    let sections = jaas::parse(text)?;
    let found = |name: &str| sections.iter().find(|section| section.name == name);
    let section = found(ENTRY)
        .or_else(|| found(ANY_ENTRY))
        .ok_or_else(|| format!("it has no entry {ENTRY} {{ {MODULE} required file=\"...\"; }};"))?;
    let [module] = section.modules.as_slice() else {
        return Err(format!("its entry {} must have exactly one login module: {MODULE}", section.name));
    };
    if module.class != MODULE {
        return Err(format!("the login module {} is not available; this worker has only {MODULE}", module.class));
    }
    let file = module.option("file").map(str::trim).filter(|file| !file.is_empty());
    let file = file.ok_or_else(|| "Property Credentials file must be specified: file=\"/path/of/users\"".to_owned())?;
    if file.contains("${") {
        return Err(format!("file=\"{file}\": a JVM's system properties cannot be looked up; write the path out"));
    }
    Ok(PathBuf::from(file))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn the_jvms_option_is_found_among_others() {
        assert_eq!(option("-Xmx1g -Djava.security.auth.login.config=/a/b -Dx=y"), Some("/a/b"));
        assert_eq!(option("-Djava.security.auth.login.config==/a"), Some("/a"));
        assert_eq!(option("-Djava.security.auth.login.config=file:///a"), Some("/a"));
        assert_eq!(option("-Djava.security.auth.login.config=/a -Djava.security.auth.login.config=/b"), Some("/b"));
        assert_eq!(option("-Djava.security.krb5.conf=/a"), None);
    }

    #[test]
    fn the_entry_names_the_file() {
        let text = format!("Other {{ a.B required; }}; KafkaConnect {{ {MODULE} required file=\"/users\"; }};");
        assert_eq!(credentials(&text).unwrap(), Path::new("/users"));
        let text = format!("other {{ {MODULE} required file=\"/users\"; }};");
        assert_eq!(credentials(&text).unwrap(), Path::new("/users"));
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        let told = |text: &str| credentials(text).unwrap_err();
        assert!(told("Client { a.B required; };").contains("no entry KafkaConnect"));
        assert!(told("KafkaConnect { com.example.Ldap required; };").contains("com.example.Ldap is not available"));
        assert!(told(&format!("KafkaConnect {{ {MODULE} required; }};")).contains("file must be specified"));
        let two = format!("KafkaConnect {{ {MODULE} required file=\"a\"; {MODULE} optional file=\"b\"; }};");
        assert!(told(&two).contains("exactly one"));
        assert!(told(&format!("KafkaConnect {{ {MODULE} required file=\"${{user.home}}/x\"; }};")).contains("system"));
    }

    #[test]
    fn an_unknown_extension_and_a_missing_file_stop_the_start() {
        let read = |settings: &[(&str, &str)]| {
            let settings = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            BasicAuth::from_properties(&settings, None, Path::new("/nowhere")).map(|auth| auth.is_some())
        };
        assert!(!read(&[]).unwrap() && !read(&[(CLASSES, " ")]).unwrap());
        let error = read(&[(CLASSES, "com.example.Mine")]).unwrap_err().to_string();
        assert!(error.contains("which name matches com.example.Mine"), "{error}");
        assert!(read(&[(CLASSES, ALIAS)]).unwrap_err().to_string().contains(SETTING));
        let error = read(&[(CLASSES, CLASS), (SETTING, "absent")]).unwrap_err().to_string();
        assert!(error.contains("/nowhere/absent"), "{error}");
        assert!(matches!(read(&[(SETTING, "absent")]), Err(AuthError::NotAsked)));
    }
}
