//! From settings to converters.

use watertight_data::converter;
use watertight_sandbox::roles::Usage;

use super::{Code, Converters, Side};
use crate::config::under;
use crate::entities::ConfigMap;
use crate::errors::Stage;
use crate::instances::{Instances, Wanted};
use crate::registry::HttpRegistries;
use crate::versions;

const SIMPLE_HEADERS: &str = "org.apache.kafka.connect.storage.SimpleHeaderConverter";

/// Makes a task's converters.
pub struct ConverterBuilder<'a> {
    /// The worker's settings.
    pub worker: &'a ConfigMap,
    /// The connector's, references resolved.
    pub connector: &'a ConfigMap,
    /// For converters that are plugins.
    pub instances: &'a Instances<'a>,
}

impl ConverterBuilder<'_> {
    /// Makes them. A connector that names a converter brings its settings too; the worker's are not mixed in.
    ///
    /// # Errors
    /// Kafka's words where a class or setting is wrong.
    pub async fn build(&self) -> Result<Converters, String> {
        Ok(Converters {
            key: self.side("key.converter", Stage::KeyConverter).await?,
            value: self.side("value.converter", Stage::ValueConverter).await?,
            header: self.side("header.converter", Stage::HeaderConverter).await?,
        })
    }

    /// What is wrong with a converter's setting, without making anything of a plugin.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn check(worker: &ConfigMap, connector: &ConfigMap) -> Result<(), String> {
        for (role, is_key) in [("key.converter", true), ("value.converter", false), ("header.converter", false)] {
            let settings = if connector.contains_key(role) { connector } else { worker };
            if let Some(class) = settings.get(role)
                && converter::find(class).is_some()
            {
                let own = under(settings, &format!("{role}."));
                converter::create(class, &own, is_key, &HttpRegistries).map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }

    async fn side(&self, role: &str, stage: Stage) -> Result<Side, String> {
        let settings = if self.connector.contains_key(role) { self.connector } else { self.worker };
        let class = match settings.get(role) {
            Some(class) => class.trim(),
            None if stage == Stage::HeaderConverter => SIMPLE_HEADERS,
            None => return Err(format!("Missing required configuration \"{role}\" which has no default value.")),
        };
        let own = under(settings, &format!("{role}."));
        let range = versions::wanted(settings, &format!("{role}.plugin.version"))?;
        let (class, code) = match converter::find(class) {
            Some(found) => {
                versions::check_built_in(found.class, range.as_ref()).map_err(|error| error.to_string())?;
                let is_key = stage == Stage::KeyConverter;
                let made = converter::create(class, &own, is_key, &HttpRegistries);
                (found.class.into(), Code::BuiltIn(made.map_err(|error| error.to_string())?))
            }
            None => {
                let usage = match stage {
                    Stage::KeyConverter => Usage::Key,
                    Stage::HeaderConverter => Usage::Header,
                    Stage::ValueConverter | Stage::TaskPut | Stage::Transformation | Stage::KafkaProduce => {
                        Usage::Value
                    }
                };
                let (class, made) =
                    self.instances.conversion(Wanted { name: class, range: range.as_ref() }, &own, usage).await?;
                (class, Code::Plugin(Box::new(made)))
            }
        };
        Ok(Side { stage, class, code })
    }
}
