//! `GET /connectors?expand=status&expand=info` (KIP-465): one answer about every connector, which dashboards ask for
//! again and again. So what the herder tells is written out as it stands, without a tree of JSON in between.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use watertight_worker::entities::{ConnectorInfo, StateInfo};
use watertight_worker::herder::{Herder, HerderError};

use crate::error::ApiResult;
use crate::shapes::{ConnectorShape, StateShape};

/// What is asked for; a word that nobody knows asks for nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) status: bool,
    pub(crate) info: bool,
}

impl Wanted {
    pub(crate) fn of<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let mut wanted = Wanted { status: false, info: false };
        for word in words {
            wanted.status |= word == "status";
            wanted.info |= word == "info";
        }
        wanted
    }
}

struct Entry {
    status: Option<StateInfo>,
    info: Option<ConnectorInfo>,
}

/// By name of the connector.
pub(crate) struct Expanded(Vec<(String, Entry)>);

impl Expanded {
    /// Deleted meanwhile, or too young to have a status: left out, as in Kafka.
    pub(crate) async fn ask(herder: &dyn Herder, wanted: Wanted) -> ApiResult<Self> {
        let names = herder.connectors().await?;
        let mut entries = Vec::with_capacity(names.len());
        for name in names {
            match entry(herder, &name, wanted).await {
                Ok(entry) => entries.push((name, entry)),
                Err(HerderError::NotFound(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Expanded(entries))
    }
}

async fn entry(herder: &dyn Herder, name: &str, wanted: Wanted) -> Result<Entry, HerderError> {
    let status = if wanted.status { Some(herder.status(name).await?) } else { None };
    let info = if wanted.info { Some(herder.connector(name).await?) } else { None };
    Ok(Entry { status, info })
}

impl Serialize for Expanded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, entry)| (name, entry)))
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Entry { status, info } = self;
        let shape = ExpandedShape {
            status: status.as_ref().map(StateShape::from),
            info: info.as_ref().map(ConnectorShape::from),
        };
        shape.serialize(serializer)
    }
}

/// What was asked for.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ExpandedConnector")]
pub(crate) struct ExpandedShape<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "StateShape<'a>")]
    status: Option<StateShape<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ConnectorShape<'a>")]
    info: Option<ConnectorShape<'a>>,
}
