//! From a connector's settings to a chain.

use watertight_data::{predicate, transform};

use super::Chain;
use super::link::{Condition, Link, Test, Transform};
use crate::config::under;
use crate::entities::ConfigMap;
use crate::instances::{Instances, Wanted};
use crate::versions;

/// Makes a task's chain.
pub struct ChainBuilder<'a> {
    /// The connector's settings, references resolved.
    pub settings: &'a ConfigMap,
    /// For transforms and predicates that are plugins.
    pub instances: &'a Instances<'a>,
}

impl ChainBuilder<'_> {
    /// The chain, in the order of `transforms`.
    ///
    /// # Errors
    /// Kafka's words where a class or setting is wrong, with the setting's full name.
    pub async fn build(&self) -> Result<Chain, String> {
        let mut links = Vec::new();
        for alias in aliases(self.settings, "transforms") {
            links.push(self.link(alias).await?);
        }
        Ok(Chain { links })
    }

    async fn link(&self, alias: &str) -> Result<Link, String> {
        let prefix = format!("transforms.{alias}.");
        let class = required(self.settings, &format!("{prefix}type"))?;
        let condition = match self.settings.get(&format!("{prefix}predicate")).map(|name| name.trim()) {
            Some(name) if !name.is_empty() => Some(self.condition(name, &prefix).await?),
            Some(_) | None => None,
        };
        let mut own = under(self.settings, &prefix);
        own.retain(|key, _| !matches!(key.as_str(), "type" | "predicate" | "negate" | "plugin.version"));
        let range = versions::wanted(self.settings, &format!("{prefix}plugin.version"))?;
        let (class, transform) = match transform::find(class) {
            Some(found) => {
                versions::check_built_in(found.class, range.as_ref()).map_err(|error| error.to_string())?;
                let made = transform::create(class, &own).map_err(|error| error.to_string())?;
                (found.class.into(), Transform::BuiltIn(made))
            }
            None => {
                let (class, made) =
                    self.instances.transformation(Wanted { name: class, range: range.as_ref() }, &own).await?;
                (class, Transform::Plugin(Box::new(made)))
            }
        };
        Ok(Link { class, condition, transform })
    }

    async fn condition(&self, name: &str, prefix: &str) -> Result<Condition, String> {
        let negate = self.settings.get(&format!("{prefix}negate"));
        let negate = negate.is_some_and(|value| value.trim().eq_ignore_ascii_case("true"));
        let prefix = format!("predicates.{name}.");
        let class = required(self.settings, &format!("{prefix}type"))?;
        let mut own = under(self.settings, &prefix);
        own.retain(|key, _| !matches!(key.as_str(), "type" | "plugin.version"));
        let range = versions::wanted(self.settings, &format!("{prefix}plugin.version"))?;
        let test = match predicate::find(class) {
            Some(found) => {
                versions::check_built_in(found.class, range.as_ref()).map_err(|error| error.to_string())?;
                Test::BuiltIn(predicate::create(class, &own).map_err(|error| error.to_string())?)
            }
            None => {
                let wanted = Wanted { name: class, range: range.as_ref() };
                Test::Plugin(Box::new(self.instances.predicate(wanted, &own).await?))
            }
        };
        Ok(Condition { negate, test })
    }
}

/// The names in a list setting.
fn aliases<'a>(settings: &'a ConfigMap, key: &str) -> Vec<&'a str> {
    let list = settings.get(key).map_or("", String::as_str);
    list.split(',').map(str::trim).filter(|alias| !alias.is_empty()).collect()
}

fn required<'a>(settings: &'a ConfigMap, key: &str) -> Result<&'a str, String> {
    match settings.get(key).map(|value| value.trim()) {
        Some(value) if !value.is_empty() => Ok(value),
        Some(_) | None => Err(format!("Missing required configuration \"{key}\" which has no default value.")),
    }
}
