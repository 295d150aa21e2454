//! Avro on both sides: one registry, ours with the converter of Confluent's name, the genuine worker with Apicurio's,
//! set so that both write the same bytes.

use watertight_harness::apicurio::{AVRO_CONVERTER, Apicurio};
use watertight_harness::properties::Properties;

use crate::sides::{Ground, Side};

/// The registry of both.
pub struct Avro {
    registry: Apicurio,
}

impl Avro {
    /// Starts it.
    pub fn start(ground: &Ground) -> anyhow::Result<Self> {
        eprintln!("Apicurio's registry starts; it is fetched before if it is not there (142 MB)");
        Ok(Self { registry: ground.registry()? })
    }

    /// A connector whose values are Avro.
    pub fn converter(&self, side: Side, config: Properties) -> Properties {
        match side {
            Side::Ours => config
                .with("value.converter", "io.confluent.connect.avro.AvroConverter")
                .with("value.converter.schema.registry.url", self.registry.confluent_url()),
            Side::Genuine => config
                .with("value.converter", AVRO_CONVERTER)
                .with("value.converter.apicurio.registry.url", self.registry.own_url())
                .with("value.converter.apicurio.registry.auto-register", true)
                .with("value.converter.apicurio.registry.as-confluent", true)
                .with("value.converter.apicurio.registry.use-id", "contentId")
                .with("value.converter.apicurio.registry.headers.enabled", false),
        }
    }

    /// Ends the registry.
    pub fn stop(self) -> anyhow::Result<()> {
        self.registry.stop()
    }
}
