//! Settings of the converters that keep their schemas in a Schema Registry: Confluent's keys, as far as they do
//! anything here.
//!
//! The converters parse these themselves. This is what tools are told of them, and what names a missing or
//! misspelt value before a connector starts; above all it says which values are secrets.

use super::{ConfigDef, ConfigKey, Importance, Kind, Validator, Width};
use crate::converter::registry::SubjectNameStrategy;

const REGISTRY: &str = "Schema Registry";
const CONNECTION: &str = "Connection";
const SCHEMAS: &str = "Schemas";

/// A group of a form, filled from its top.
struct Group {
    name: &'static str,
    keys: Vec<ConfigKey>,
}

impl Group {
    fn of(name: &'static str) -> Self {
        Self { name, keys: Vec::new() }
    }

    fn key(mut self, key: ConfigKey, documentation: &str) -> Self {
        let (order, called) = (i32::try_from(self.keys.len()).unwrap_or(i32::MAX), key.name.clone());
        self.keys.push(key.placed(self.name, order, Width::Medium, &called).documented(documentation));
        self
    }

    fn flag(self, name: &str, default: bool, documentation: &str) -> Self {
        self.key(ConfigKey::defaulted(name, Kind::Boolean, default.to_string(), Importance::Low), documentation)
    }

    fn number(self, name: &str, default: i32, documentation: &str) -> Self {
        let key = ConfigKey::defaulted(name, Kind::Int, default.to_string(), Importance::Low);
        self.key(key.checked(Validator::at_least(0)), documentation)
    }

    fn text(self, name: &str, documentation: &str) -> Self {
        self.key(ConfigKey::optional(name, Kind::String, Importance::Medium), documentation)
    }

    fn secret(self, name: &str, documentation: &str) -> Self {
        self.key(ConfigKey::optional(name, Kind::Password, Importance::Medium), documentation)
    }
}

/// Of one of Confluent's converters, by its class name without `io.confluent.connect.`.
pub(super) fn definition(simple: &str) -> Option<ConfigDef> {
    let own = match simple {
        "avro.AvroConverter" => avro(),
        "json.JsonSchemaConverter" => json_schema(),
        "protobuf.ProtobufConverter" => protobuf(),
        _ => return None,
    };
    Some(ConfigDef::new([schemas(), connection(), own].into_iter().flat_map(|group| group.keys)))
}

fn schemas() -> Group {
    let strategy =
        |name| ConfigKey::defaulted(name, Kind::Class, SubjectNameStrategy::default().class(), Importance::Medium);
    let id = ConfigKey::defaulted("use.schema.id", Kind::Int, "-1", Importance::Low);
    let auto = ConfigKey::defaulted("auto.register.schemas", Kind::Boolean, "true", Importance::Medium);
    let url = ConfigKey::required("schema.registry.url", Kind::List, Importance::High);
    Group::of(REGISTRY)
        .key(url.checked(Validator::NonEmpty), "Where the registry is; with several addresses, each is tried in turn.")
        .key(auto, "Whether a schema that the subject does not have yet is registered.")
        .flag("normalize.schemas", false, "Whether schemas are brought into one form before they are compared.")
        .key(id, "Without auto.register.schemas: write with the schema of this id. Negative: do not.")
        .flag("id.compatibility.strict", true, "Whether that schema must be able to hold what is written.")
        .flag(
            "use.latest.version",
            false,
            "Without auto.register.schemas and use.schema.id: write with the subject's newest schema.",
        )
        .flag("latest.compatibility.strict", true, "Whether the newest schema must be able to hold what is written.")
        .key(strategy("key.subject.name.strategy"), "How subjects of keys are named.")
        .key(strategy("value.subject.name.strategy"), "How subjects of values are named.")
        .number("max.schemas.per.subject", 1000, "How many schemas are remembered at most.")
}

fn connection() -> Group {
    let basic = ConfigKey::defaulted("basic.auth.credentials.source", Kind::String, "URL", Importance::Medium)
        .checked(Validator::one_of_ignoring_case(&["URL", "USER_INFO", "SASL_INHERIT"]));
    let group = Group::of(CONNECTION)
        .key(basic, "Where user and password are taken from.")
        .secret("basic.auth.user.info", "USER:PASSWORD, for USER_INFO.")
        .secret("schema.registry.basic.auth.user.info", "An older name of basic.auth.user.info.")
        .secret("sasl.jaas.config", "What user and password are taken from, for SASL_INHERIT.")
        .text("bearer.auth.credentials.source", "Where a bearer token comes from: STATIC_TOKEN or OAUTHBEARER.")
        .secret("bearer.auth.token", "The token, for STATIC_TOKEN.")
        .text("bearer.auth.issuer.endpoint.url", "Who issues tokens, for OAUTHBEARER.")
        .text("bearer.auth.client.id", "The client that asks for them.")
        .secret("bearer.auth.client.secret", "Its secret.")
        .text("bearer.auth.scope", "The scope it asks for.")
        .number(
            "bearer.auth.cache.expiry.buffer.seconds",
            300,
            "How long before its end a token is replaced, in seconds.",
        )
        .text("bearer.auth.logical.cluster", "The cluster of a cloud that the token is for.")
        .text("bearer.auth.identity.pool.id", "The identity pool of a cloud that the token is for.")
        .text("proxy.host", "A proxy between here and the registry.")
        .key(
            ConfigKey::optional("proxy.port", Kind::Int, Importance::Low).checked(Validator::between(1, 65535)),
            "The proxy's port.",
        )
        .number("http.connect.timeout.ms", 60_000, "How long connecting may take, in milliseconds.")
        .number("http.read.timeout.ms", 60_000, "How long an answer may take, in milliseconds.")
        .number("max.retries", 3, "How often a request that failed is made again.")
        .number("retries.wait.ms", 1000, "How long to wait before the first time, in milliseconds.")
        .number("retries.max.wait.ms", 20_000, "How long to wait at most, in milliseconds.");
    TLS.iter().fold(
        group,
        |group, (name, secret, documentation)| {
            if *secret { group.secret(name, documentation) } else { group.text(name, documentation) }
        },
    )
}

/// Name, whether it is a secret, what it is.
const TLS: [(&str, bool, &str); 10] = [
    ("schema.registry.ssl.truststore.location", false, "The file with the certificates that are trusted."),
    ("schema.registry.ssl.truststore.type", false, "Its kind: JKS, PKCS12 or PEM."),
    ("schema.registry.ssl.truststore.password", true, "Its password."),
    ("schema.registry.ssl.truststore.certificates", true, "The certificates themselves, as PEM."),
    ("schema.registry.ssl.keystore.location", false, "The file with our own certificate and key."),
    ("schema.registry.ssl.keystore.type", false, "Its kind: JKS, PKCS12 or PEM."),
    ("schema.registry.ssl.keystore.password", true, "Its password."),
    ("schema.registry.ssl.keystore.key", true, "The key itself, as PEM."),
    ("schema.registry.ssl.keystore.certificate.chain", true, "The certificates themselves, as PEM."),
    ("schema.registry.ssl.key.password", true, "The key's password."),
];

fn cache(group: Group) -> Group {
    group.number("schemas.cache.config", 1000, "How many translated schemas are remembered at most.")
}

fn avro() -> Group {
    cache(Group::of(SCHEMAS))
        .flag("connect.meta.data", true, "Whether names, versions and parameters are kept in Avro's schema.")
        .flag("enhanced.avro.schema.support", false, "Whether enums and the names' packages are kept.")
        .flag("scrub.invalid.names", false, "Whether names that Avro does not accept are changed.")
        .flag("ignore.default.for.nullables", false, "Whether null stays null where a field has a default.")
        .flag("discard.type.doc.default", false, "Whether documentation and defaults of types are left out.")
        .flag("allow.optional.map.keys", false, "Whether maps with optional keys of text are written as maps.")
        .flag("generalized.sum.type.support", false, "Whether unions and enums have the names all formats share.")
}

fn protobuf() -> Group {
    cache(Group::of(SCHEMAS))
        .flag("enhanced.protobuf.schema.support", false, "Whether names carry their package.")
        .flag("generalized.sum.type.support", false, "Whether unions and enums have the names all formats share.")
        .flag("generate.index.for.unions", true, "Whether the struct field of a oneof ends in its number.")
        .flag("generate.struct.for.nulls", false, "Whether a message that is not there is one of defaults.")
        .flag("flatten.unions", false, "Whether the fields of a oneof are fields of the struct.")
        .flag("int.for.enums", false, "Whether enums are numbers.")
        .flag("optional.for.nullables", false, "Whether null is a field marked `optional` that is not there.")
        .flag("optional.for.proto2", true, "Whether `optional` of proto2 counts as well.")
        .flag("scrub.invalid.names", false, "Whether names that Protobuf does not accept are changed.")
        .flag("skip.known.types", true, "Whether Google's and Confluent's own types are not registered; only true.")
        .flag("wrapper.for.nullables", false, "Whether null is a wrapper that is not there.")
        .flag("wrapper.for.raw.primitives", true, "Whether a record that is a wrapper is the scalar in it.")
}

fn json_schema() -> Group {
    let decimals = ConfigKey::defaulted("decimal.format", Kind::String, "BASE64", Importance::Low)
        .checked(Validator::one_of_ignoring_case(&["BASE64", "NUMERIC"]));
    cache(Group::of(SCHEMAS))
        .flag("object.additional.properties", true, "Whether objects may have properties the schema does not name.")
        .flag("use.optional.for.nonrequired", false, "Whether a property that may be missing is an optional field.")
        .key(decimals, "How decimals are written: BASE64 or NUMERIC.")
        .flag("replace.null.with.default", true, "Whether a null field with a default is that default.")
        .flag("ignore.default.for.nullables", false, "Whether null stays null where a field has a default.")
        .flag("generalized.sum.type.support", false, "Whether unions and enums have the names all formats share.")
        .flag("flatten.singleton.unions", true, "Whether a choice of one is no choice.")
        .flag("json.fail.invalid.schema", false, "Whether records are validated by their schema; only false.")
        .flag("json.write.dates.iso8601", false, "Whether dates are written as text; only false.")
}
