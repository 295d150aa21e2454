//! `/connector-plugins`: what is listed, in which order, and what is asked of one plugin. What a definition or a
//! validation holds has cases of its own.

use super::case::{Case, case};
use super::words::*;
use serde_json::json;

const SOURCE: &str = "org.apache.kafka.connect.file.FileStreamSourceConnector";
const SINK: &str = "org.apache.kafka.connect.file.FileStreamSinkConnector";

pub fn cases() -> Vec<Case> {
    let mut cases = lists();
    cases.extend(definitions());
    cases.extend(validation());
    cases
}

fn lists() -> Vec<Case> {
    let connectors = format!(
        r#"[<*>{{"class":"{SINK}","type":"sink","version":"<*>"}},<*>{{"class":"{SOURCE}","type":"source","version":"<*>"}}<*>]"#
    );
    let of = |class: &str, kind: &str| json!({"class": format!("org.apache.kafka.connect.{class}"), "type": kind});
    let mut cases: Vec<Case> = [
        "",
        "/",
        "?connectorsOnly=true",
        "?connectorsOnly=True",
        "?connectorsOnly=",
        "?connectorsOnly",
        "?connectorsonly=false",
        "?x=y",
    ]
    .into_iter()
    .map(|query| {
        case(&format!("'{query}' lists connectors alone, sinks before sources"))
            .get(&format!("/connector-plugins{query}"))
            .text(200, &connectors)
            .get(&format!("/connector-plugins{query}"))
            .lacks(&["transformation", "predicate", "converter", "header_converter"])
    })
    .collect();
    cases.extend(
        ["?connectorsOnly=false", "?connectorsOnly=False", "?connectorsOnly=garbage", "?connectorsOnly=0"].map(
            |query| {
                case(&format!("{query} lists all plugins")).get(&format!("/connector-plugins{query}")).has(
                    200,
                    json!([
                        {"class": SINK, "type": "sink"}, {"class": SOURCE, "type": "source"},
                        of("transforms.InsertField$Value", "transformation"), of("transforms.Filter", "transformation"),
                        of("transforms.predicates.TopicNameMatches", "predicate"),
                        of("storage.StringConverter", "converter"), of("json.JsonConverter", "converter"),
                        of("storage.StringConverter", "header_converter"),
                        of("storage.SimpleHeaderConverter", "header_converter"),
                    ]),
                )
            },
        ),
    );
    for (kind, classes) in [
        (
            "transformation",
            &[
                "Cast$Key",
                "Cast$Value",
                "DropHeaders",
                "ExtractField$Key",
                "ExtractField$Value",
                "Filter",
                "Flatten$Key",
                "Flatten$Value",
                "HeaderFrom$Key",
                "HeaderFrom$Value",
                "HoistField$Key",
                "HoistField$Value",
                "InsertField$Key",
                "InsertField$Value",
                "InsertHeader",
                "MaskField$Key",
                "MaskField$Value",
                "RegexRouter",
                "ReplaceField$Key",
                "ReplaceField$Value",
                "SetSchemaMetadata$Key",
                "SetSchemaMetadata$Value",
                "TimestampConverter$Key",
                "TimestampConverter$Value",
                "TimestampRouter",
                "ValueToKey",
            ][..],
        ),
        ("predicate", &["predicates.HasHeaderKey", "predicates.RecordIsTombstone", "predicates.TopicNameMatches"][..]),
    ] {
        let all: Vec<_> = classes.iter().map(|class| of(&format!("transforms.{class}"), kind)).collect();
        cases.push(
            case(&format!("each {kind} of Kafka's is listed"))
                .get("/connector-plugins?connectorsOnly=false")
                .has(200, json!(all)),
        );
    }
    for kind in ["converter", "header_converter"] {
        let all: Vec<_> = ["Boolean", "ByteArray", "Double", "Float", "Integer", "Long", "Short"]
            .map(|class| of(&format!("converters.{class}Converter"), kind))
            .into();
        cases.push(
            case(&format!("each {kind} of Kafka's is listed"))
                .get("/connector-plugins?connectorsOnly=false")
                .has(200, json!(all)),
        );
    }
    let mark = |kind: &str| format!(r#""type":"{kind}"<*>"#);
    let order: String =
        ["sink", "source", "transformation", "predicate", "converter", "header_converter"].map(mark).concat();
    cases.push(
        case("kinds come in this order: sinks, sources, transforms, predicates, converters, header converters")
            .get("/connector-plugins?connectorsOnly=false")
            .text(200, &format!("[<*>{order}")),
    );
    cases
}

fn definitions() -> Vec<Case> {
    let file = r#"[{"name":"file","type":"STRING","required":<*>,"default_value":<*>,"importance":"HIGH","documentation":"<*>","group":null,"order_in_group":-1,"width":"NONE","display_name":"file","dependents":[]},{"name":"topic","type":"STRING","required":true,"default_value":null,"importance":"HIGH",<*>"#;
    let path = |plugin: &str| format!("/connector-plugins/{plugin}/config");
    let mut cases: Vec<Case> = ["FileStreamSource", "FileStreamSourceConnector", SOURCE]
        .into_iter()
        .map(|name| case(&format!("the settings of {name} begin with its own")).get(&path(name)).text(200, file))
        .collect();
    cases.extend([
        case("a slash behind the settings changes nothing")
            .get("/connector-plugins/FileStreamSource/config/")
            .text(200, file),
        case("a source's settings are its own, then those of all sources")
            .get(&path("FileStreamSource"))
            .names_are(&[OF_FILES, OF_FILE_SOURCES, OF_ALL, OF_SOURCES].concat()),
        case("a sink's settings are its own, then those of all sinks")
            .get(&path("FileStreamSink"))
            .names_are(&[OF_FILES, OF_ALL, OF_SINKS].concat()),
        case("a transform has settings")
            .get(&path("org.apache.kafka.connect.transforms.Cast$Value"))
            .has(200, json!([{"name": "spec", "type": "LIST", "required": true}])),
        case("a dollar in a class may be encoded")
            .get(&path("org.apache.kafka.connect.transforms.Cast%24Value"))
            .has(200, json!([{"name": "spec"}])),
        case("a converter has settings")
            .get(&path("StringConverter"))
            .has(200, json!([{"name": "converter.encoding"}, {"name": "converter.type"}])),
        case("a predicate has settings").get(&path("TopicNameMatches")).has(200, json!([{"name": "pattern"}])),
        case("a plugin without settings has none").get(&path("RecordIsTombstone")).text(200, "[]"),
        case("a config provider is none of these kinds")
            .get(&path("org.apache.kafka.common.config.provider.FileConfigProvider"))
            .error(400, &NO_KIND.replace("{}", "org.apache.kafka.common.config.provider.FileConfigProvider")),
        case("a version may be asked for")
            .get("/connector-plugins/FileStreamSource/config?version=latest")
            .text(200, file),
        case("a version that is not there is refused with those that are")
            .get("/connector-plugins/FileStreamSource/config?version=99.9")
            .error(
                400,
                &format!(
                    "Plugin {SOURCE} not found that matches the version range [99.9,99.9], available versions: [<*>]"
                ),
            ),
        case("a range without a version in it is refused too")
            .get("/connector-plugins/FileStreamSource/config?version=[99.0,)")
            .error(
                400,
                &format!("Plugin {SOURCE} not found that matches the version range [99.0,), available versions: [<*>]"),
            ),
        case("half a range is none")
            .get("/connector-plugins/FileStreamSource/config?version=(")
            .error(400, "Invalid version specification: ("),
    ]);
    cases.extend(["nope", "filestreamsource", "org.apache.kafka.connect.file.FileStreamSource", "Cast$Value"].map(
        |name| case(&format!("{name} is no plugin")).get(&path(name)).error(404, &format!("Unknown plugin {name}.")),
    ));
    cases
}

fn validation() -> Vec<Case> {
    let path = "/connector-plugins/FileStreamSource/config/validate";
    let good = format!(r#"{{"connector.class":"{SOURCE}","name":"x","file":"{{dir}}/x","topic":"t"}}"#);
    let shape = |class: &str, errors: &str| {
        format!(
            r#"{{"name":"{class}","error_count":{errors},"groups":["Common","Transforms","Predicates","Error Handling","Topic Creation","Exactly Once Support","offsets.topic"],"configs":[{{"definition":{{"name":"name","type":"STRING","required":true,"default_value":null,"importance":"HIGH","documentation":"<*>","group":"Common","order_in_group":1,"width":"MEDIUM","display_name":"Connector name","dependents":[]}},"value":{{"name":"name","value":<*>,"recommended_values":[],"errors":[<*>],"visible":true}}}},<*>"#
        )
    };
    let refused = |name: &str, body: &str, kafka: &str, ours: &str| {
        case(name).put(path, body).error(500, kafka).differs(CLIENTS_MISTAKE).error(400, ours)
    };
    vec![
        case("a good configuration has no errors").put(path, &good).text(200, &shape(SOURCE, "0")),
        case("a validated connector is not created").put(path, &good).status(200).get("/connectors/x").status(404),
        case("a slash behind validate changes nothing").put(&format!("{path}/"), &good).text(200, &shape(SOURCE, "0")),
        case("errors are counted, and answered with 200")
            .put(path, r#"{"connector.class":"FileStreamSource","file":"{dir}/x"}"#)
            .text(200, &shape("FileStreamSource", "2")),
        case("the class is echoed as it was given")
            .put(
                "/connector-plugins/FileStreamSourceConnector/config/validate",
                &good.replace(SOURCE, "FileStreamSource"),
            )
            .has(200, json!({"name": "FileStreamSource", "error_count": 0})),
        case("the end of a class name is enough in the path")
            .put("/connector-plugins/Source/config/validate", &good)
            .has(200, json!({"name": SOURCE})),
        case("another class in the path is refused")
            .put("/connector-plugins/FileStreamSink/config/validate", &good)
            .error(400, &format!("Included connector type {SOURCE} does not match request type FileStreamSink")),
        case("a class in other letters is another class")
            .put("/connector-plugins/filestreamsource/config/validate", &good)
            .error(400, &format!("Included connector type {SOURCE} does not match request type filestreamsource")),
        refused(
            "validation wants a class",
            "{}",
            "org.apache.kafka.connect.runtime.rest.errors.BadRequestException: Connector config {} contains no connector type",
            "Connector config {} contains no connector type",
        ),
        refused("null is no class", r#"{"connector.class":null}"#, "<*>contains no connector type", "<*>"),
        case("a class that nobody has is refused")
            .put("/connector-plugins/nope/config/validate", r#"{"connector.class":"nope"}"#)
            .error(500, &format!("<*>{}", NO_SUCH_CLASS.replace("{}", "nope")))
            .differs(CLIENTS_MISTAKE)
            .error(400, &NO_SUCH_CLASS.replace("{}", "nope")),
        refused("an empty body cannot be validated", "", NO_CONFIG, "<*>"),
        refused("null cannot be validated", "null", NO_CONFIG, "<*>"),
        refused("a list cannot be validated", "[]", MAP_FROM_LIST, "<*>"),
        refused("half an object cannot be validated", "{", ENDS_EARLY, "<*>"),
    ]
}
